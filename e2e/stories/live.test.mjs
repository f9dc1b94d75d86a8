// What one does on one screen, another sees on theirs, without loading the page again and without being disturbed.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { accessible, launch, shot, signedIn as signIn } from "../lib/browser.mjs";
import { demo } from "../lib/leeway.mjs";
import { isSame, mark, openCase } from "../lib/steps.mjs";

// From the click on one screen to the words on the other, over so many changes.
const CHANGES = 20;
const SOON_MS = 5_000;

let program, browser;
before(async () => {
  program = await demo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

const signedIn = (name, options) => signIn(browser, program.url, name, options);

async function say(page, text) {
  const more = page.getByText("Write a note for colleagues");
  if (!(await page.getByLabel("Note for colleagues").isVisible())) await more.click();
  await page.getByLabel("Note for colleagues").fill(text);
  await page.getByRole("button", { name: "Add the note" }).click();
  await page.getByText(text).first().waitFor();
}

test("what a lead gives stands on the agent's open page, and half a note stays half a note", async () => {
  const ana = await signedIn("ana", { reducedMotion: "no-preference" });
  const at = await openCase(ana.page, "Four days late");
  await mark(ana.page);
  await ana.page.getByText("Write a note for colleagues").click();
  await ana.page.getByLabel("Note for colleagues").fill("She would rather");
  const lena = await signedIn("lena");
  await lena.page.goto(at);
  const sum = lena.page.getByRole("textbox", { name: "Refund" });
  await sum.fill("7.30");
  await lena.page.getByRole("button", { name: "Give €7.30" }).click();
  await lena.page.getByText("Refund of €7.30 given").first().waitFor();

  const given = ana.page.locator("#given");
  await given.getByText("Refund of €7.30").waitFor({ timeout: SOON_MS });
  await ana.page.locator(".timeline").getByText("Lena Vos gave: Refund of €7.30").waitFor();
  assert.ok(await ana.page.locator(".is-changed").first().isVisible(), "it is lit for a moment");
  await shot(ana.page, "live-given");
  assert.equal(await ana.page.getByLabel("Note for colleagues").inputValue(), "She would rather");
  assert.ok(await ana.page.getByLabel("Note for colleagues").evaluate((field) => field === document.activeElement), "she types on");
  assert.ok(await isSame(ana.page));
  assert.equal(await ana.page.locator("#live").textContent(), "", "nothing is said while all is well");
  // Until it is lit no more.
  await ana.page.waitForTimeout(1_700);
  await ana.page.evaluate(() => scrollTo(0, 0));
  await accessible(ana.page, "a case that has changed while it was open");

  await lena.page.getByRole("region", { name: "Just done" }).getByRole("button", { name: "Undo" }).click();
  await given.getByText("Taken back", { exact: true }).waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(ana.page));
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

test("a part in which somebody is at work waits until they are done, and nothing moves under the pointer", async () => {
  const ana = await signedIn("ana");
  const at = await openCase(ana.page, "Four days late");
  await mark(ana.page);
  // An amount begun in the card.
  const amount = ana.page.getByRole("textbox", { name: "Refund" });
  const usual = await amount.inputValue();
  await amount.fill("3.21");
  await ana.page.getByText("Tell the customer no").click();
  const lena = await signedIn("lena");
  await lena.page.goto(at);
  await lena.page.getByRole("textbox", { name: "Refund" }).fill("6.40");
  await lena.page.getByRole("button", { name: "Give €6.40" }).click();
  await ana.page.locator("#given").getByText("Refund of €6.40").waitFor({ timeout: SOON_MS });
  await ana.page.getByText("Changed meanwhile").waitFor();
  await shot(ana.page, "live-behind");
  await accessible(ana.page, "a case whose card waits");
  assert.equal(await amount.inputValue(), "3.21");
  await amount.fill(usual);
  await ana.page.getByRole("heading", { level: 1 }).click();
  assert.ok(await ana.page.getByLabel("How much did they ask for?").isVisible(), "what was opened stays open");
  await ana.page.getByText("Tell the customer no").click();
  await ana.page.getByRole("heading", { level: 1 }).click();
  await ana.page.waitForFunction(() => document.getElementById("live").textContent === "");

  // A small window, the pointer on what stands below the timeline.
  await ana.page.setViewportSize({ width: 700, height: 600 });
  const held = ana.page.locator("#given li").first();
  await held.scrollIntoViewIfNeeded();
  await held.hover();
  const before = (await held.boundingBox()).y;
  await say(lena.page, "A note that makes the timeline longer.");
  await ana.page.locator(".timeline").getByText("A note that makes the timeline longer.").waitFor({ timeout: SOON_MS });
  const moved = Math.abs((await held.boundingBox()).y - before);
  assert.ok(moved < 2, `it moved by ${moved} px`);
  assert.ok(await isSame(ana.page));
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

test("who signs out hears nothing more; a lost stream is told and made again", async () => {
  const ana = await signedIn("ana");
  const at = await openCase(ana.page, "Four days late");
  const state = ana.page.locator("#live");
  // Offline, and back.
  await ana.context.setOffline(true);
  await ana.page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
  const lena = await signedIn("lena");
  await lena.page.goto(at);
  await say(lena.page, "While nobody heard");
  await ana.context.setOffline(false);
  await ana.page.locator(".timeline").getByText("While nobody heard").waitFor({ timeout: 10_000 });
  // The same person, signed out in another window.
  const other = await ana.context.newPage();
  await mark(ana.page);
  await other.goto("/cases");
  await other.getByRole("button", { name: /menu/ }).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await ana.page.bringToFront();
  await state.getByText("Not live, reload").waitFor({ timeout: SOON_MS });
  await shot(ana.page, "live-over");
  assert.ok(await isSame(ana.page), "what was typed is still there");
});

test("a note of a debrief arrives while somebody writes, and hours that begin stand where somebody looks who is there", async () => {
  const [ana, lena] = [await signedIn("ana"), await signedIn("lena")];
  const put = async ({ page }, text) => {
    await page.getByText("Put something else on the list").click();
    await page.getByLabel("What is it about?").fill(text);
    await page.getByRole("button", { name: "Put it on the list" }).click();
    await page.getByText("It is on the list").waitFor();
  };
  await ana.page.goto("/debriefs");
  await put(ana, "The calls at night");
  await lena.page.goto("/debriefs");
  await lena.page.getByRole("link", { name: "Ana Marques" }).click();
  await lena.page.getByRole("heading", { level: 1, name: "To talk over with Ana Marques" }).waitFor();
  await mark(ana.page);
  await ana.page.getByText("Put something else on the list").click();
  const half = ana.page.getByLabel("What is it about?");
  await half.fill("And how we");
  const point = lena.page.locator("#points > li").filter({ hasText: "The calls at night" });
  await point.getByText("Write a note").click();
  await point.getByLabel("Note").fill("Nobody should be alone with them.");
  await point.getByRole("button", { name: "Add the note" }).click();
  await lena.page.getByText("Your note is there").waitFor();
  await ana.page.locator("#points").getByText("Nobody should be alone with them.").waitFor({ timeout: SOON_MS });
  assert.equal(await half.inputValue(), "And how we");
  assert.ok(await half.evaluate((field) => field === document.activeElement), "she types on");
  assert.ok(await isSame(ana.page));
  await shot(ana.page, "live-debriefs");
  await accessible(ana.page, "debriefs that have changed while they were open");

  // What the lead has begun to write holds her page back: no point comes to be ticked meanwhile.
  await mark(lena.page);
  const agreed = lena.page.getByLabel("What you agreed");
  await agreed.fill("We take turns.");
  await half.fill("And how we hand over");
  await ana.page.getByRole("button", { name: "Put it on the list" }).click();
  await ana.page.getByText("And how we hand over").first().waitFor();
  await lena.page.getByText("Changed meanwhile").waitFor({ timeout: SOON_MS });
  assert.equal(await lena.page.getByText("And how we hand over").count(), 0);
  await agreed.fill("");
  await lena.page.getByRole("heading", { level: 1 }).click();
  await lena.page.locator("#points").getByText("And how we hand over").waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(lena.page));

  // Who is there.
  await ana.page.goto("/groups");
  await ana.page.getByRole("link", { name: "Duty leads" }).click();
  await ana.page.getByRole("heading", { level: 1, name: "Duty leads" }).waitFor();
  await mark(ana.page);
  await lena.page.goto(new URL(ana.page.url()).pathname);
  await lena.page.getByText("Put somebody in").click();
  const rota = lena.page.locator('form[action$="/shifts"]');
  await rota.getByLabel("Who").selectOption({ label: "Olga Hart" });
  await rota.getByLabel("Hours").fill("21:15-22:45");
  await rota.getByRole("button", { name: "Put into the rota" }).click();
  await lena.page.getByText("The hours are in the rota").waitFor();
  await ana.page.getByText("21:15-22:45").waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(ana.page));
  await shot(ana.page, "live-groups");
  await accessible(ana.page, "a group that has changed while it was open");
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

test("how soon it stands on the other screen", async () => {
  const [ana, lena] = [await signedIn("ana"), await signedIn("lena")];
  const at = await openCase(ana.page, "Four days late");
  await ana.page.evaluate(() => {
    globalThis.seen = {};
    new MutationObserver(() => {
      for (const [n] of document.querySelector(".timeline").textContent.matchAll(/change \d+ of many/g)) globalThis.seen[n] ??= Date.now();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await lena.page.goto(at);
  const took = [];
  for (let n = 0; n < CHANGES; n += 1) {
    const text = `change ${n} of many`;
    const sent = await lena.page.evaluate(async ([at, text]) => {
      const body = new URLSearchParams({ note: text, _csrf: document.querySelector("[name=_csrf]").value });
      const sent = Date.now();
      await fetch(`${at}/notes`, { method: "POST", body, redirect: "manual" });
      return sent;
    }, [at, text]);
    await ana.page.waitForFunction((text) => globalThis.seen[text], text, { timeout: SOON_MS });
    took.push((await ana.page.evaluate((text) => globalThis.seen[text], text)) - sent);
    await ana.page.waitForTimeout(300);
  }
  took.sort((a, b) => a - b);
  console.log(`from the change to the other screen: p50 ${took[CHANGES / 2]} ms, longest ${took.at(-1)} ms`);
  assert.ok(took[CHANGES / 2] < 1_000);
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

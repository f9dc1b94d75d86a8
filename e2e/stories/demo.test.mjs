// The first minute: whoever opens the demo grants, asks, answers and changes a rule on one page, by nothing but what it says.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { accessible, launch, shot, someone } from "../lib/browser.mjs";
import { clockAt, tuesday } from "../lib/clock.mjs";
import { demo } from "../lib/leeway.mjs";

const ACTIONS_MAX = 12;
const MS_MAX = 60_000;
const SOON_MS = 5_000;
// Early in a quarter: a short past lies nearly all in the last one, and costs something there.
const AT = Date.UTC(2026, 9, 6, 9);
const DAYS = 30;

let program, browser, clock;
before(async () => {
  clock = clockAt(AT);
  program = await demo(clock, DAYS);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  clock?.end();
});

test("a newcomer grants, escalates and sees it come back in at most 12 actions", async () => {
  const { page, wrong } = await someone(browser, program.url);
  const began = Date.now();
  let actions = 0;
  const act = (done) => { actions += 1; return done; };
  await act(page.goto("/"));
  await page.getByRole("heading", { level: 1, name: "Room to act" }).waitFor();
  const agent = page.frameLocator("iframe[title='What Ana Marques sees']");
  const lead = page.frameLocator("iframe[title='What Lena Vos sees']");
  await agent.getByText("yours, to €15.00").waitFor();

  await act(agent.getByRole("button", { name: "Give €10.00" }).click());
  await agent.getByText("Refund of €10.00 given").first().waitFor();
  await act(agent.getByRole("textbox", { name: "Refund" }).fill("25.00"));
  await act(agent.getByRole("button", { name: /^Ask .*for €25.00$/ }).click());
  await act(agent.getByRole("radio", { name: "Nothing was promised" }).check());
  await act(agent.getByRole("button", { name: "Ask now" }).click());
  await agent.getByRole("heading", { name: "What you can say to the customer" }).waitFor();

  // It comes to the other side by itself.
  await act(lead.getByRole("link", { name: /Refund of €/ }).first().click({ timeout: SOON_MS }));
  await act(lead.getByRole("radio", { name: "Give less" }).check());
  await act(lead.getByRole("textbox", { name: "Refund" }).fill("12.00"));
  await act(lead.getByLabel("Why, and what else they can offer").fill("Twelve more is what we do for a birthday."));
  await act(lead.getByRole("button", { name: "Give less", exact: true }).click());
  await agent.getByText("Twelve more is what we do for a birthday.").first().waitFor({ timeout: SOON_MS });
  assert.ok(actions <= ACTIONS_MAX, `${actions} actions`);
  assert.ok(Date.now() - began < MS_MAX, `${Date.now() - began} ms`);
  await page.locator(".demo-steps .is-done").nth(1).waitFor({ timeout: SOON_MS });
  await page.getByRole("button", { name: "Once more, with another customer" }).click();
  await agent.getByText("Amina Diallo").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("a rule is pulled: what it would have cost is said first, and then the ruler grows by itself", async () => {
  const { page, wrong } = await someone(browser, program.url);
  await page.goto("/demo");
  const agent = page.frameLocator("iframe[title='What Ana Marques sees']");
  await agent.getByText("yours, to €15.00").waitFor();
  await accessible(page, "the demo");
  await shot(page, "demo");
  const pull = (percent) => page.getByLabel("What an agent may give back of a late order").fill(String(percent));
  // Pulled twice at once: what the button says is what was pulled last, and what it publishes.
  await pull(35);
  await page.waitForTimeout(200);
  await pull(30);
  await page.getByText(/^Last quarter, July to September, this would have cost €/).waitFor();
  await page.getByRole("button", { name: "Publish 30 %" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Publish/ }).count(), 1);
  await shot(page, "demo-pulled");
  await accessible(page, "a rule that is pulled");
  await page.getByRole("button", { name: "Publish 30 %" }).click();
  await page.getByText("In force now.").waitFor();
  await agent.getByText("yours, to €22.50").waitFor({ timeout: SOON_MS });
  assert.equal(await page.evaluate(() => document.activeElement.id), "percent", "the keyboard goes on where it was");
  assert.equal(await agent.getByText("Changed meanwhile").count(), 0, "nobody typed anything there");
  await pull(20);
  await page.getByText(/^Last quarter, .* that agents decided themselves would have had to be asked for/).waitFor();
  await page.getByRole("button", { name: "Publish 20 %" }).click();
  await agent.getByText("yours, to €15.00").waitFor({ timeout: SOON_MS });
  assert.deepEqual(wrong, []);
});

test("each role is a click away", async () => {
  for (const [name, full] of [["Ana", "Ana Marques"], ["Olga", "Olga Hart"]]) {
    const { page, wrong } = await someone(browser, program.url);
    await page.goto("/demo");
    await page.getByRole("button", { name, exact: true }).click();
    await page.getByRole("button", { name: `${full}: menu` }).waitFor();
    await page.getByRole("link", { name: "Back to the first look" }).click();
    await page.getByRole("heading", { level: 1, name: "Room to act" }).waitFor();
    assert.deepEqual(wrong, []);
  }
});

test("in a shop with one desk whoever is there gives, and the owner answers in the evening", async () => {
  const shop = await demo(clockAt(tuesday(10)), 0, ["--shop"]);
  try {
    const { page, wrong } = await someone(browser, shop.url);
    await page.goto("/");
    const desk = page.frameLocator("iframe[title='What Milo Serra sees']");
    const owner = page.frameLocator("iframe[title='What Wanda Pruss sees']");
    await desk.getByText("yours, to €15.00").waitFor();
    await shot(page, "demo-shop");
    await accessible(page, "the demo of a shop");
    await desk.getByRole("textbox", { name: "Refund" }).fill("37.00");
    await desk.getByRole("button", { name: /^Ask .*for €37.00$/ }).click();
    await desk.getByRole("radio", { name: "Nothing was promised" }).check();
    await desk.getByRole("button", { name: "Ask now" }).click();
    await desk.getByRole("heading", { name: "What you can say to the customer" }).waitFor();
    await owner.getByRole("link", { name: "Refund of €22.00" }).first().click({ timeout: SOON_MS });
    await owner.getByRole("radio", { name: "Give it" }).check();
    await owner.getByLabel("Why, and what else they can offer").fill("Of course.");
    await owner.getByRole("button", { name: /^Give €/ }).click();
    await desk.getByText("Of course.").first().waitFor({ timeout: SOON_MS });
    assert.deepEqual(wrong, []);
  } finally {
    await shop.stop();
  }
});

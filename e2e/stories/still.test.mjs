// What arrives live moves nothing that somebody looks at or is about to press: measured as browsers measure it, and by where things are.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { askForMore, askNow, isSame, mark, openCase } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

const SOON_MS = 5_000;
// What a browser's own measure calls good is 0.1. A timeline that has grown by an entry comes to about 0.005.
const SHIFT_MAX = 0.01;

const signedIn = company();

// Keeps every shift from here on, also those right after an input.
async function watch(page) {
  await mark(page);
  await page.evaluate(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        const moved = sources.map(({ node, previousRect, currentRect }) => `${node?.localName ?? node?.nodeName} ${node?.className ?? ""} ${previousRect.y} -> ${currentRect.y}`);
        globalThis.shifts.push({ value, moved });
      }
    }).observe({ type: "layout-shift" });
  });
}

// A frame later all of it is reported.
async function shifts(page) {
  assert.ok(await isSame(page), "it was not loaded again");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
  return page.evaluate(() => globalThis.shifts);
}

function still(shifts) {
  const sum = shifts.reduce((sum, { value }) => sum + value, 0);
  assert.ok(sum <= SHIFT_MAX, `${sum}: ${JSON.stringify(shifts)}`);
}

const top = async (locator) => (await locator.boundingBox()).y;

test("a case: the button under the pointer stays where it is while a colleague gives and writes", async () => {
  const [ana, lena] = [await signedIn("ana"), await signedIn("lena")];
  const at = await openCase(ana.page, "Four days late");
  const give = ana.page.getByRole("button", { name: /^Give €/ }).first();
  await give.hover();
  await watch(ana.page);
  const before = await top(give);
  await lena.page.goto(at);
  await lena.page.getByRole("textbox", { name: "Refund" }).fill("6.40");
  await lena.page.getByRole("button", { name: "Give €6.40" }).click();
  await ana.page.locator("#given").getByText("Refund of €6.40").waitFor({ timeout: SOON_MS });
  still(await shifts(ana.page));
  assert.equal(await top(give), before, "the button is where it was");
  // What is around it follows when the pointer leaves.
  await ana.page.getByText("Changed meanwhile").waitFor();
  still(await shifts(ana.page));
  assert.equal(await top(give), before);
  await ana.page.getByRole("heading", { level: 1 }).hover();
  await ana.page.waitForFunction(() => document.getElementById("live").textContent === "");
  await ana.page.getByText(/^Never over paid: /).first().waitFor();
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

test("an inbox: what comes in moves no row", async () => {
  const [ana, lena] = [await signedIn("ana"), await signedIn("lena")];
  await askForMore(ana.page, "Parcel nine days late", { total: "40.00" });
  await askNow(ana.page);
  await lena.page.goto("/escalations");
  const row = lena.page.getByRole("link", { name: /Refund of €/ }).first();
  await row.hover();
  await watch(lena.page);
  const before = await top(row);
  await askForMore(ana.page, "Four days late", { total: "15.00" });
  await askNow(ana.page);
  await lena.page.getByRole("cell", { name: /Four days late/ }).waitFor({ timeout: SOON_MS });
  still(await shifts(lena.page));
  assert.equal(await top(row), before, "the row is where it was");
  assert.deepEqual([...ana.wrong, ...lena.wrong], []);
});

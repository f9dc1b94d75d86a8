// What people do in more than one story.

import { strict as assert } from "node:assert";

const STEPS_MAX = 80;

// Opens a case of one's own; `query` says what is looked at. Gives its path.
export async function openCase(page, title, query = "") {
  await page.goto("/cases?of=me");
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  const { pathname } = new URL(page.url());
  if (query) await page.goto(`${pathname}?${query}`);
  return pathname;
}

// What came back before is not news any more.
export async function readNews(page) {
  const look = page.getByRole("button", { name: "Look at it" });
  for (await page.goto("/cases"); (await look.count()) > 0; await page.goto("/cases")) await look.first().click();
}

// Asks for so much more than one may give, as far as the form that passes it up.
export async function askForMore(page, title, { query, field = "Refund", total }) {
  await openCase(page, title, query);
  await page.getByRole("textbox", { name: field }).fill(total);
  await page.getByRole("button", { name: /^Ask .*for €/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Ask for more/ }).waitFor();
}

// Passes it up. Gives the path of its page.
export async function askNow(page) {
  await page.getByRole("button", { name: "Ask now" }).click();
  await page.getByRole("heading", { name: "What you can say to the customer" }).waitFor();
  return new URL(page.url()).pathname;
}

// Goes on with Tab until it is there; wherever that stops on the way can be seen.
export async function tabTo(page, locator) {
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    await page.keyboard.press("Tab");
    const unseen = await page.evaluate(() => {
      const at = document.activeElement;
      // The outline stands on the element, around its handle or its row, or around what stands for it.
      const drawn = [getComputedStyle(at), getComputedStyle(at, "::before"), getComputedStyle(at, "::after"), ...[at.nextElementSibling].filter(Boolean).map((next) => getComputedStyle(next))];
      const { top, bottom, width } = at.getBoundingClientRect();
      const isSeen = drawn.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) && width > 0 && top < innerHeight && bottom > 0;
      return at === document.body || isSeen ? null : at.outerHTML.slice(0, 200);
    });
    assert.equal(unseen, null, "one sees where one is");
    if (await locator.evaluateAll((found) => found.includes(document.activeElement))) return;
  }
  assert.fail(`Tab does not lead to ${locator}`);
}

// Loading a page again takes the mark away.
export const mark = (page) => page.evaluate(() => { globalThis.isSamePage = true; });
export const isSame = (page) => page.evaluate(() => globalThis.isSamePage === true);

// A program that is alone on its database sleeps until its next job by how long that takes. A new one wakes it, and then it goes by its clock.
export async function wake(page) {
  await openCase(page, "Saw it for less elsewhere", "reason=goodwill&remedy=voucher");
  await page.getByRole("textbox", { name: "Voucher" }).fill("5.00");
  await page.getByRole("button", { name: "Give €5.00" }).click();
  await page.getByRole("region", { name: "Just done" }).getByText("Voucher of €5.00 given").waitFor();
}

// Holds what each of `pages` sends to an address until all of them have sent it: so they are at once, and none hears of another's before.
export async function atOnce(pages, address) {
  let [sent, go] = [0, () => {}];
  const all = new Promise((done) => (go = done));
  for (const page of pages) {
    await page.route(address, async (route) => {
      if ((sent += 1) === pages.length) go();
      await all;
      await route.continue();
    });
  }
}

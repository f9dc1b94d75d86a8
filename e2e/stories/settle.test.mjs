// An agent settles cases: within the limit, with a reason, against a flat no; takes one back; a lead corrects an error.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { accessible, launch, shot, signedIn } from "../lib/browser.mjs";
import { demo } from "../lib/leeway.mjs";

let program, browser;
before(async () => {
  program = await demo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

async function openCase(page, title) {
  await page.goto("/cases?of=me");
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

const amount = (page) => page.getByRole("textbox", { name: "Refund" });

test("within the limit it is given, taken back, and given again", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "ana");
  await openCase(page, "Four days late");
  await accessible(page, "the case");
  await shot(page, "case");
  await amount(page).fill("9.30");
  await page.getByRole("button", { name: "Give €9.30 refund" }).click();
  const done = page.getByRole("region", { name: "Just done" });
  await done.getByText("Refund of €9.30 given").waitFor();
  await shot(page, "case-given");
  await accessible(page, "the case with something to undo");
  await done.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Withdrawn", { exact: true }).waitFor();
  await amount(page).fill("9.30");
  await page.getByRole("button", { name: "Give €9.30 refund" }).click();
  await page.getByText("Granted", { exact: true }).waitFor();
  assert.deepEqual(wrong, []);
});

test("the stretch asks why", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "ana");
  await openCase(page, "Parcel nine days late");
  await amount(page).fill("22.00");
  await page.getByLabel("Why is it worth more this time?").fill("He had nothing to unwrap on his birthday.");
  await shot(page, "case-say-why");
  await page.getByRole("button", { name: "Give €22.00 refund, saying why" }).click();
  await page.getByText("Refund of €22.00 given").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("a no says who can, and what can be given meanwhile", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "ana");
  await openCase(page, "The tracking has been silent");
  await page.getByText("Send another one").first().waitFor();
  await shot(page, "case-lost");
  await accessible(page, "a case with a lost parcel");
  assert.deepEqual(wrong, []);
});

test("a question answered opens what it was asked for", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "ana");
  await openCase(page, "Lid does not close");
  await page.getByText("Have you seen a photo of the damage").waitFor();
  await page.getByRole("button", { name: "Yes" }).first().click();
  await page.getByText("Case: photo seen").first().waitFor();
  await page.getByRole("button", { name: /^Give/ }).waitFor();
  assert.deepEqual(wrong, []);
});

test("a lead corrects an error, and the giver hears of it", async () => {
  const ben = await signedIn(browser, program.url, "ben");
  await openCase(ben.page, "A day late");
  await ben.page.getByRole("button", { name: /^Give/ }).click();
  await ben.page.getByText("Granted", { exact: true }).waitFor();
  const address = new URL(ben.page.url()).pathname;

  const lena = await signedIn(browser, program.url, "lena");
  await lena.page.goto(address);
  await lena.page.getByRole("link", { name: "Correct an error" }).first().click();
  await lena.page.getByLabel("Wrong customer or order").check();
  await lena.page.getByLabel("What exactly?").fill("It was for the order before this one.");
  await accessible(lena.page, "correcting");
  await shot(lena.page, "correct");
  await lena.page.getByRole("button", { name: "Correct it" }).click();
  await lena.page.getByText("Corrected", { exact: true }).waitFor();

  await ben.page.goto("/cases?of=me");
  await ben.page.getByText("An error in a grant of yours was corrected").waitFor();
  await shot(ben.page, "cases");
  await accessible(ben.page, "the list of cases");
  assert.deepEqual([...ben.wrong, ...lena.wrong], []);
});

test("with the keyboard alone", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "ana");
  await page.goto("/cases?of=me");
  const title = page.getByRole("link", { name: "Saw it for less elsewhere" });
  for (let i = 0; i < 60 && !(await title.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Saw it for less elsewhere" }).waitFor();
  assert.deepEqual(wrong, []);
});

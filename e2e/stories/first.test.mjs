// From an empty folder to the first grant, by somebody who has never written a rule: a link from the terminal, six questions, and what comes of them.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { accessible, launch, shot, someone } from "../lib/browser.mjs";
import { untouched } from "../lib/leeway.mjs";

const PASSWORD = "a bench in the sun";
// Where she is, by her browser.
const ZONE = "Europe/Lisbon";

let program, browser;
before(async () => {
  program = await untouched();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

async function narrow(page, what) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 780 });
  await accessible(page, `${what}, 360 px`);
  await page.setViewportSize(before);
}

test("a head of support begins, and gives the first refund", async () => {
  const { page, wrong } = await someone(browser, program.url, { timezoneId: ZONE });
  // Nobody is here, and no door is open.
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Nobody is here yet" }).waitFor();
  await page.getByText("stands in the terminal in which the server was started").waitFor();
  assert.equal(await page.locator("form").count(), 0);
  await accessible(page, "nobody is here");
  await shot(page, "first-nobody");

  // The link makes the owner.
  await page.goto(program.link);
  await page.getByRole("heading", { level: 1, name: "Welcome to Leeway" }).waitFor();
  assert.equal(await page.getByLabel("Where you are").inputValue(), ZONE, "the browser says where she is");
  await narrow(page, "the first owner");
  await shot(page, "first-owner");
  const second = await someone(browser, program.url);
  await second.page.goto(program.link);
  await page.getByLabel("Your name").fill("Olga Hart");
  await page.getByLabel("E-mail").fill("olga@hazelhart.example");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.locator(".field-error").waitFor();
  await accessible(page, "a password that is too short");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { level: 1, name: "Getting started" }).waitFor();
  await narrow(page, "getting started");
  await shot(page, "first-steps");
  // Another tab comes too late.
  await second.page.getByLabel("Your name").fill("Mallory");
  await second.page.getByLabel("E-mail").fill("mallory@evil.example");
  await second.page.getByLabel("Password").fill(PASSWORD);
  await second.page.getByRole("button", { name: "Begin" }).click();
  await second.page.getByRole("heading", { name: "This installation has its owner" }).waitFor();
  await shot(second.page, "first-late");
  await accessible(second.page, "too late");

  // Six questions, with answers filled in.
  await page.getByRole("link", { name: "Answer six questions" }).click();
  await page.getByRole("heading", { level: 1, name: "Six questions" }).waitFor();
  assert.equal(await page.getByLabel("Time zone").inputValue(), ZONE);
  assert.equal(await page.getByLabel("Currency").inputValue(), "EUR");
  await narrow(page, "the questions");
  await shot(page, "first-questions");
  await page.getByLabel("What they are called").fill("agent");
  await page.getByRole("button", { name: "Read what comes of it" }).click();
  await page.getByText("`agent` is there already").waitFor();
  await accessible(page, "an answer that does not fit");
  await shot(page, "first-wrong");
  await page.getByLabel("What they are called").fill("Shift leader");
  // By the keyboard alone.
  await page.getByLabel("What they are called").press("Enter");

  // What comes of them, in sentences.
  await page.getByRole("heading", { level: 1, name: "Read it before it holds" }).waitFor();
  await page.getByText("An agent or anybody above may give up to 10% of the price paid").first().waitFor();
  await page.getByText("We added this, because nobody should get back more than they paid.").first().waitFor();
  await page.getByText("What is passed up comes to the shift leaders, and beyond them to the managers.").waitFor();
  await narrow(page, "what comes of the answers");
  await shot(page, "first-read");
  await page.getByRole("link", { name: "Change the answers" }).click();
  await page.getByRole("heading", { level: 1, name: "Six questions" }).waitFor();
  assert.equal(await page.getByLabel("What they are called").inputValue(), "Shift leader", "answers are kept");
  await page.getByLabel("It never comes").uncheck();
  await page.getByRole("button", { name: "Read what comes of it" }).click();
  await page.getByRole("button", { name: "Publish it" }).waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the text" }).click()]);
  assert.equal(file.suggestedFilename(), "charter.toml");
  await page.getByRole("button", { name: "Publish it" }).click();

  await page.getByText("Your charter is in force").waitFor();
  await accessible(page, "after publishing");
  await shot(page, "first-begun");
  await page.getByRole("link", { name: "Read the charter" }).click();
  await page.getByText("Customer care: charter 1, published by Olga Hart").waitFor();
  assert.equal(await page.getByText("days without news").count(), 0, "what was not chosen is not in it");
  await page.goto("/groups");
  await page.getByText("Olga Hart").first().waitFor();

  // The first case: one field, the facts that are asked for, and the first refund.
  await page.goto("/");
  await page.getByRole("link", { name: "Open a case" }).click();
  await page.getByLabel("What is it about?").fill("A vase came in pieces");
  await page.getByRole("button", { name: "Open the case" }).click();
  await page.getByRole("heading", { level: 1, name: "A vase came in pieces" }).waitFor();
  await shot(page, "first-case");
  await accessible(page, "the first case");
  await page.getByLabel("What did the customer pay for it?").first().fill("75.00");
  await page.getByLabel("What did the customer pay for it?").first().press("Enter");
  await page.getByText("€75.00").first().waitFor();
  await page.getByRole("textbox", { name: "Refund" }).first().fill("20.00");
  await page.getByRole("button", { name: /^Give €20.00/ }).first().click();
  await page.getByText("Refund of €20.00 given").first().waitFor();
  await shot(page, "first-given");
  assert.deepEqual([wrong, second.wrong], [[], []]);
});

// Without a script, and with a calculator's eye: limits in money, on a database of its own.
test("nothing of it needs a script", async () => {
  const other = await untouched();
  try {
    const { page, wrong } = await someone(browser, other.url, { javaScriptEnabled: false });
    await page.goto(other.link);
    await page.getByLabel("Your name").fill("Otto Berg");
    await page.getByLabel("E-mail").fill("otto@hazelhart.example");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Where you are").fill("Asia/Tokyo");
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("link", { name: "Answer six questions" }).click();
    assert.equal(await page.getByLabel("Currency").inputValue(), "JPY");
    await page.getByRole("radio", { name: "An amount of money" }).check();
    await page.getByLabel("Anyone gives up to").fill("2.000");
    await page.getByLabel("Saying why, up to").fill("3000");
    await page.getByLabel("They give up to").fill("10,000");
    await page.getByRole("radio", { name: "Owner" }).check();
    await page.getByRole("button", { name: "Read what comes of it" }).click();
    await page.getByText("up to ¥2000, and up to ¥3000 saying why").first().waitFor();
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByText("You have the level owner, and what is passed up comes to you.").waitFor();
    // The answers open again as they were given, and change what holds.
    await page.goto("/charter");
    await page.getByRole("link", { name: "Change the answers" }).click();
    assert.equal(await page.getByLabel("Anyone gives up to").inputValue(), "2000");
    await page.getByLabel("They want to send it back").check();
    await page.getByLabel("Anyone gives up to").fill("2500");
    await page.getByLabel("Hours").fill("9-5");
    await page.getByRole("button", { name: "Read what comes of it" }).click();
    await page.getByRole("heading", { level: 2, name: "What would change" }).waitFor();
    await page.getByText("up to ¥2500, and up to ¥3000 saying why").first().waitFor();
    await page.getByText("New reason: return.").waitFor();
    await shot(page, "first-again");
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByText("The charter is published and in force").waitFor();
    await page.getByText("may give up to the price paid, for return").waitFor();
    assert.deepEqual(wrong, []);
  } finally {
    await other.stop();
  }
});

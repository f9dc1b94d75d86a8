// From an empty folder to the first grant, with the commands of the README.

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { accessible, launch, shot, someone } from "../lib/browser.mjs";
import { serve, untouched } from "../lib/leeway.mjs";

const PASSWORD = "a bench in the sun";
const CHARTER = new URL("../../charters/shop.toml", import.meta.url).pathname;

let program, browser, link;
before(async () => {
  program = await serve((leeway) => {
    link = leeway("admin", "create-owner", "--name", "Olga Hart", "--email", "olga@hazelhart.example").match(/http\S+/)[0];
    leeway("charter", "publish", CHARTER, "--note", "The first one");
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

test("an owner settles the first case", async () => {
  const { page, wrong } = await someone(browser, program.url);
  await page.goto(new URL(link).pathname);
  await accessible(page, "the invitation");
  await shot(page, "invitation");
  await page.getByLabel(/password/i).first().fill(PASSWORD);
  await page.getByRole("button").first().click();
  await page.waitForURL((at) => !at.pathname.startsWith("/invitations"));

  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Getting started" }).waitFor();
  await accessible(page, "getting started");
  await shot(page, "getting-started");
  await page.getByRole("link", { name: "Set your level" }).click();
  await page.getByLabel("Level").selectOption("manager");
  await accessible(page, "a person");
  await shot(page, "person");
  await page.getByRole("button", { name: /level/i }).click();

  await page.goto("/cases/new");
  await page.getByLabel("How did they reach us?").fill("phone");
  await page.getByLabel("What is it about?").fill("A vase came in pieces");
  await page.getByLabel("Kind of trouble").selectOption({ label: "Something came broken" });
  await page.getByLabel("Who is it, or which order?").pressSequentially("C-1");
  await page.getByLabel("Create a new customer").check();
  await page.getByLabel("Order number").fill("O-1");
  await accessible(page, "opening a case");
  await shot(page, "new-case");
  await page.getByRole("button", { name: "Open the case" }).click();
  await page.getByRole("heading", { level: 1, name: "A vase came in pieces" }).waitFor();
  await shot(page, "first-case");
  await accessible(page, "a case about which nothing is known");
  await page.getByText("Have you seen a photo of the damage").waitFor();
  await page.getByRole("button", { name: "Yes" }).first().click();
  await page.getByText("Case: photo seen").first().waitFor();
  await page.goto(`${new URL(page.url()).pathname}?reason=damaged&remedy=refund`);
  await page.getByLabel("What is the total of the order?").fill("75.00");
  await page.getByLabel("What is the total of the order?").press("Enter");
  await page.getByText("€75.00").first().waitFor();
  await page.getByRole("textbox", { name: "Refund" }).fill("20.00");
  await page.getByRole("button", { name: /^Give €20.00/ }).click();
  await page.getByText("Refund of €20.00 given").first().waitFor();
  assert.deepEqual(wrong, []);
});

// Back, forward, a reload and a wrong answer: what was answered last is there each time, until it is published. Then the steps stay until they are done.
test("nothing that was answered is lost, and no step goes before it is done", async () => {
  const other = await untouched();
  try {
    const { page, wrong } = await someone(browser, other.url);
    await page.goto(other.link);
    await page.getByLabel("Your name").fill("Olga Hart");
    await page.getByLabel("E-mail").fill("olga@hazelhart.example");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("link", { name: "Answer six questions" }).click();
    await page.getByLabel("Anyone gives up to").waitFor();
    const signs = () => page.locator(".of-share .affixed > span").filter({ visible: true }).allTextContents();
    assert.deepEqual(await signs(), ["%", "%", "%"]);
    await page.getByRole("radio", { name: "An amount of money" }).check();
    assert.deepEqual(await signs(), [], "an amount is no share");
    await page.getByRole("radio", { name: "Percent of what was paid" }).check();
    assert.equal(await page.getByRole("button", { name: "Start over" }).count(), 0, "nothing was answered yet");

    const name = page.getByLabel("What they are called");
    const read = page.getByRole("button", { name: "Read what comes of it" });
    const reading = page.getByRole("heading", { level: 1, name: "Read it before it holds" });
    const stays = async (named, how) => {
      await page.getByRole("heading", { level: 1, name: "Six questions" }).waitFor();
      assert.equal(await name.inputValue(), named, how);
      assert.equal(await page.getByLabel("It never comes").isChecked(), false, how);
    };
    await name.fill("Shift leader");
    await page.getByLabel("It never comes").uncheck();
    await read.click();
    await reading.waitFor();
    await page.reload();
    await reading.waitFor();
    await page.goBack();
    await stays("Shift leader", "back");
    await shot(page, "begin-kept");
    await accessible(page, "answers that were kept");
    await page.goForward();
    await reading.waitFor();
    await page.getByRole("link", { name: "Change the answers" }).click();
    await stays("Shift leader", "changed");
    await name.fill("agent");
    await read.click();
    await page.getByText("`agent` is there already").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name), "next", "one goes on where something is wrong");
    await page.reload();
    await page.getByText("`agent` is there already").waitFor();
    await stays("agent", "a wrong answer, loaded again");
    await page.goto("/");
    await page.goBack();
    await stays("agent", "a wrong answer, back from elsewhere");
    await page.getByText("`agent` is there already").waitFor();
    await page.getByRole("button", { name: "Start over" }).click();
    await page.getByLabel("It never comes").and(page.locator(":checked")).waitFor();
    assert.equal(await name.inputValue(), "lead");
    await read.click();
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByText("Your charter is in force").waitFor();

    // The first case, and somebody who is added and not invited: there is no mail server, so their link is made by hand.
    await page.goto("/cases/new");
    await page.getByLabel("What is it about?").fill("A vase came late");
    await page.getByRole("button", { name: "Open the case" }).click();
    await page.getByRole("heading", { level: 1, name: "A vase came late" }).waitFor();
    await page.goto("/people/new");
    await page.getByLabel("Name", { exact: true }).fill("Ana Marques");
    await page.getByLabel("E-mail").fill("ana@hazelhart.example");
    await page.getByRole("button", { name: /add/i }).last().click();
    await page.getByRole("heading", { level: 1, name: "Ana Marques" }).waitFor();
    await page.goto("/");
    await page.getByText("Ana Marques cannot sign in yet.").waitFor();
    await shot(page, "begin-invite");
    await accessible(page, "somebody to be invited");
    await page.getByRole("link", { name: "Invite them" }).click();
    await page.getByRole("button", { name: "Make a link for them" }).click();
    await page.getByText(/\/invitations\/[0-9a-f]+/).first().waitFor();
    await page.goto("/");
    await page.waitForURL((at) => at.pathname === "/cases");
    assert.deepEqual(wrong, []);
  } finally {
    await other.stop();
  }
});

// From an empty folder to the first grant, with the commands of the README.

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { accessible, launch, shot, someone } from "../lib/browser.mjs";
import { serve } from "../lib/leeway.mjs";

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

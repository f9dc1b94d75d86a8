// Who is there for what is passed on: a lead keeps the rota, an agent reads it.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { company } from "../lib/story.mjs";

const signedIn = company();

async function openGroup(page, name) {
  await page.getByRole("link", { name: "Who is there" }).first().click();
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

test("a lead puts somebody into the rota, enters an absence and calls it off", async () => {
  const { page, wrong } = await signedIn("lena");
  await page.goto("/groups");
  await accessible(page, "all groups");
  await shot(page, "groups");
  await openGroup(page, "Duty leads");
  await page.getByText("Put somebody in").click();
  await shot(page, "group-form");
  await accessible(page, "a group, with its forms");
  const rota = page.locator('form[action$="/shifts"]');
  await rota.getByLabel("Hours").fill("9 to 17");
  await rota.getByRole("button", { name: "Put into the rota" }).click();
  await page.getByText("Choose somebody.").waitFor();
  await page.getByText("`9 to 17` is not a span such as 09:00-17:00.").waitFor();
  assert.equal(await rota.getByLabel("Hours").inputValue(), "9 to 17", "what was typed is kept");
  await shot(page, "group-wrong");
  await rota.getByLabel("Who").selectOption({ label: "Olga Hart" });
  await rota.getByLabel("Hours").fill("20:00-21:00");
  await rota.getByText("As deputy").click();
  await rota.getByRole("button", { name: "Put into the rota" }).click();
  await page.getByText("The hours are in the rota").waitFor();

  await page.getByText("Enter an absence").click();
  const absence = page.locator('form[action$="/absences"]');
  await absence.getByLabel("Who", { exact: true }).selectOption({ label: "Lena Vos" });
  await absence.getByLabel("First day").fill("2031-01-02");
  await absence.getByLabel("Last day").fill("2031-01-01");
  await absence.getByRole("button", { name: "Enter the absence" }).click();
  await page.getByText("The last day is today or later, and not before the first.").waitFor();
  await absence.getByLabel("Last day").fill("2031-01-03");
  await absence.getByRole("button", { name: "Enter the absence" }).click();
  await page.getByText("The absence is entered").waitFor();
  await shot(page, "group");
  await accessible(page, "a group with an absence");
  await page.getByRole("button", { name: "Call off" }).click();
  await page.getByText("The absence is called off").waitFor();
  await page.getByText("Nobody of its rota is or will be.").waitFor();
  await page.getByRole("listitem").filter({ hasText: "20:00-21:00" }).getByRole("button", { name: "Take out" }).click();
  await page.getByText("The hours are taken out of the rota").waitFor();
  assert.deepEqual(wrong, []);
});

test("a lead enters the address of a chat, sees what came of a test, and takes it away", async () => {
  const { page, wrong } = await signedIn("lena");
  await page.goto("/groups");
  await openGroup(page, "Duty leads");
  await page.getByText("Enter the address of a chat").click();
  const chat = page.locator('form[action$="/chat"]');
  await chat.getByLabel("Address").fill("https://chat.invalid/hooks/of-a-chat-that-is-not-there");
  await chat.getByRole("button", { name: "Save the address" }).click();
  await page.getByText("The address does not say which chat it is").waitFor();
  await shot(page, "group-chat-wrong");
  await accessible(page, "a chat that is not known");
  await chat.getByLabel("Which chat").selectOption("teams");
  await chat.getByRole("button", { name: "Save the address" }).click();
  await page.getByText("chat.invalid/…here").waitFor();
  assert.ok(!(await page.content()).includes("of-a-chat"), "the address is a secret");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("The chat could not be reached").waitFor();
  await shot(page, "group-chat");
  await accessible(page, "a chat that cannot be reached");
  await page.getByRole("button", { name: "Remove it" }).click();
  await page.getByText("hears of nothing in a chat any more").waitFor();
  assert.deepEqual(wrong, []);
});

test("an agent reads who is there, and changes nothing", async () => {
  const { page, wrong } = await signedIn("ana");
  await openGroup(page, "Managers");
  assert.equal(await page.locator("main").getByRole("button").count(), 0);
  assert.equal(await page.getByText("Absent").count(), 0, "absences are told to leads, and to whom they are about");
  assert.deepEqual(wrong, []);
});

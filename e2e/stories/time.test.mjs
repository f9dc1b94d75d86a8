// Time passes over what was passed up: it is overdue, and what was approved lapses. The clock of the program is moved; nobody waits.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { clockAt, tuesday } from "../lib/clock.mjs";
import { askForMore, askNow, isSame, mark, wake } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

// By the clocks of the company it is late on Tuesday morning, or noon: everybody is there.
const clock = clockAt(tuesday(10));
const signedIn = company(clock);

// From what moves the clock to the words on an open page.
const SOON_MS = 10_000;

test("overdue: it goes one level up, arrives there, and the agent sees it", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: lead, wrong: alsoWrong } = await signedIn("lena");
  const { page: manager, wrong: wrongToo } = await signedIn("olga");
  await askForMore(agent, "The tracking has been silent", { query: "reason=goodwill&remedy=voucher", field: "Voucher", total: "40.00" });
  await askNow(agent);
  await agent.getByText(/it is with duty leads; by [\d:]+ today/).waitFor();
  await mark(agent);
  await lead.goto("/escalations");
  await lead.getByRole("link", { name: "Voucher of €15.00" }).waitFor();
  await mark(lead);

  clock.forward(31);
  const { page: other } = await signedIn("ana");
  await wake(other);
  await agent.getByText(/it is with the managers; by [\d:]+ today/).waitFor({ timeout: SOON_MS });
  await agent.getByText(/passed on/i).first().waitFor();
  assert.ok(await isSame(agent));
  await shot(agent, "overdue-agent");
  await accessible(agent, "what was passed on");
  await lead.getByRole("row", { name: /Voucher of €15.00 .*the managers/ }).waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(lead));
  await manager.goto("/escalations");
  await shot(manager, "overdue-inbox");
  await manager.getByRole("link", { name: "Voucher of €15.00" }).click();
  await manager.getByLabel("Why, and what else they can offer").fill("Nine days is long.");
  await shot(manager, "overdue-manager");
  await manager.getByRole("button", { name: /^Give €/ }).click();
  await agent.getByRole("heading", { name: /^Olga Hart gives all that was asked for/ }).waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(agent));
  assert.deepEqual([wrong, alsoWrong, wrongToo], [[], [], []]);
});

test("what was approved lapses: who comes too late is told so, and the page shows it", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: manager, wrong: alsoWrong } = await signedIn("olga");
  await askForMore(agent, "Saw it for less", { query: "reason=goodwill&remedy=refund", total: "35.00" });
  const here = await askNow(agent);
  await manager.goto(here);
  await manager.getByLabel("Why, and what else they can offer").fill("Today, while she is on the phone.");
  await manager.getByLabel("It can be given for").selectOption("a day");
  await manager.getByRole("button", { name: /^Give €/ }).click();
  await agent.getByRole("button", { name: "Give it now" }).waitFor({ timeout: SOON_MS });
  await shot(agent, "lapse-before");
  // Without script a page stays as it was opened.
  const { page: late } = await signedIn("ana", { javaScriptEnabled: false });
  // A day and a minute, and she is there twice in it: a sign-in ends after twelve hours in which nothing is done.
  for (const hours of [11, 11]) {
    clock.forward(hours * 60);
    for (const page of [agent, late]) {
      await page.goto(here);
      await page.getByRole("button", { name: "Give it now" }).waitFor();
    }
  }
  clock.forward(2 * 60 + 1);
  await late.getByRole("button", { name: "Give it now" }).click();
  // Where other programs may add jobs to the database, it may have lapsed by itself a moment before.
  await late.getByText(/The time in which this could be given is over. If it is still right, ask once more.|It was taken back./).first().waitFor();
  await shot(late, "lapse-refused");
  await agent.goto(here);
  assert.equal(await agent.getByRole("button", { name: "Give it now" }).count(), 0);
  await mark(agent);
  const { page: other } = await signedIn("ana");
  await wake(other);
  await agent.getByText("Not given in time", { exact: true }).waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(agent));
  assert.match(await agent.locator("#talking").innerText(), /cannot offer more than that/);
  await shot(agent, "lapse-after");
  await accessible(agent, "what was approved and has lapsed");
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

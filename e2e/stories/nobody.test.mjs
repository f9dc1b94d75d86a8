// Nobody is there for what is passed up: what the agent hears, and what the customer is told.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { clockAt, tuesday } from "../lib/clock.mjs";
import { askForMore, askNow, isSame, mark, wake } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

// By the clocks of the company it is late on Tuesday evening: the shop opens at eight on Wednesday.
const AT = tuesday(20);
const clock = clockAt(AT);
const signedIn = company(clock);

// From what moves the clock to the words on an open page.
const SOON_MS = 10_000;

// Enters that somebody is away from the day of the clock, for so many days.
async function away(page, group, name, days) {
  await page.goto(`/groups/${group}`);
  await page.getByText("Enter an absence").click();
  const form = page.locator('form[action$="/absences"]');
  await form.getByLabel("Who", { exact: true }).selectOption({ label: name });
  await form.getByLabel("First day").fill(day(0));
  await form.getByLabel("Last day").fill(day(days));
  await form.getByRole("button", { name: "Enter the absence" }).click();
  await page.getByText("The absence is entered").waitFor();
}

const day = (days) => new Date(AT + days * 24 * 3600 * 1000).toISOString().slice(0, 10);

async function ended(page, group, name, button) {
  await page.goto(`/groups/${group}`);
  const rows = page.getByRole("listitem").filter({ hasText: name });
  await rows.getByRole("button", { name: button }).first().click();
  await page.getByRole("status").filter({ hasText: /is called off|are taken out/ }).waitFor();
}

test("nobody is there: the customer is told the real time, the next group is asked, or one says that nobody is known to be there", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: owner, wrong: alsoWrong } = await signedIn("olga");
  // The shop is closed: its leads answer half an hour after it opens.
  await askForMore(agent, "Parcel nine days late", { total: "40.00" });
  await agent.getByText("It goes to duty leads, and is answered by 08:30 tomorrow.").waitFor();
  await askNow(agent);
  await agent.getByText("by 08:30 tomorrow").first().waitFor();
  assert.match(await agent.locator("#talking").innerText(), /will contact you by e-mail by 08:45 tomorrow\.$/);
  await shot(agent, "nobody-now");

  // Their lead is away: her deputy comes at nine.
  await away(owner, "duty-leads", "Lena Vos", 400);
  await askForMore(agent, "Four days late", { total: "20.00" });
  await agent.getByText("It goes to duty leads, and is answered by 09:30 tomorrow.").waitFor();
  await askNow(agent);
  assert.match(await agent.locator("#talking").innerText(), /by 09:45 tomorrow\.$/);

  // For key customers there is a group that answers sooner; while nobody of it is there, the next one that may is asked.
  const { page: senior, wrong: wrongToo } = await signedIn("ben");
  const key = { query: "reason=late&remedy=refund", total: "40.00" };
  await askForMore(senior, "A day late", key);
  await senior.getByText("It goes to key care, and is answered by 09:15 tomorrow.").waitFor();
  await ended(owner, "key-care", "Olga Hart", "Take out");
  await askForMore(senior, "A day late", key);
  await senior.getByText("It goes to duty leads, and is answered by 09:30 tomorrow.").waitFor();

  // Nobody at all.
  await away(owner, "managers", "Olga Hart", 400);
  await owner.goto("/groups");
  await shot(owner, "nobody-groups");
  await askForMore(agent, "The tracking has been silent", { query: "reason=goodwill&remedy=voucher", field: "Voucher", total: "40.00" });
  await agent.getByText("Nobody is known to be there: tell the customer a time you are sure of.").waitFor();
  assert.equal(await agent.getByLabel("By when").inputValue(), "", "no time is made up");
  await shot(agent, "nobody-form");
  await accessible(agent, "the form while nobody is known to be there");
  await agent.getByRole("radio", { name: "Nothing was promised" }).check();
  const here = await askNow(agent);
  await agent.getByText("nobody of them is known to be there").first().waitFor();
  assert.doesNotMatch(await agent.locator("#talking").innerText(), /contact/, "nothing is promised");
  await shot(agent, "nobody-known");
  await accessible(agent, "what nobody is known to be there for");

  // She comes back: then it has a time, on the open page too.
  await mark(agent);
  await ended(owner, "duty-leads", "Lena Vos", "Call off");
  clock.forward(16);
  const { page: other } = await signedIn("ana");
  await wake(other);
  await agent.getByText(/it is with duty leads; by 08:30 tomorrow/).waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(agent));
  assert.equal(new URL(agent.url()).pathname, here);
  assert.deepEqual([wrong, alsoWrong, wrongToo], [[], [], []]);
});

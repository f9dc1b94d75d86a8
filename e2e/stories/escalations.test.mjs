// The way up, on two screens: an agent asks, a lead answers less with a reason, it comes back, and is given.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { askForMore, askNow, atOnce, isSame, mark, openCase } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

const signedIn = company();

// From the answer on one screen to the words on the other.
const SOON_MS = 5_000;

test("an agent asks, a lead gives less and says why, and the agent gives it", async () => {
  const { page: agent, wrong } = await signedIn("ana", { permissions: ["clipboard-read", "clipboard-write"] });
  const { page: lead, wrong: alsoWrong } = await signedIn("lena");
  await openCase(agent, "Parcel nine days late");
  await agent.getByRole("textbox", { name: "Refund" }).fill("40.00");
  await shot(agent, "up-card");
  await agent.getByRole("button", { name: /^Ask .*for €40.00$/ }).click();
  await agent.getByRole("heading", { level: 1, name: "Ask for more: Refund, late" }).waitFor();
  await accessible(agent, "the form that passes something up");
  await shot(agent, "up-form");
  await agent.getByLabel("What would you do, and why?").fill("It was a birthday, and the second late parcel this year.");
  await agent.getByLabel("By when").fill("2031-01-02T12:00");
  await agent.getByRole("button", { name: "Ask now" }).click();
  await agent.getByText("A time that is still to come, at most 60 days ahead.").waitFor();
  assert.match(await agent.getByLabel("What would you do, and why?").inputValue(), /birthday/, "what was typed is kept");
  const soon = new Date(Date.now() + 20 * 24 * 3600 * 1000).toISOString().slice(0, 16);
  await agent.getByLabel("By when").fill(soon);
  await agent.getByRole("button", { name: "Ask now" }).click();
  await agent.getByRole("heading", { name: "What you can say to the customer" }).waitFor();
  await accessible(agent, "what was passed up, for the one who did");
  await shot(agent, "up-agent");
  const said = await agent.locator("#talking").innerText();
  assert.match(said, /I have asked a colleague/);
  assert.doesNotMatch(said, /lead|senior|manager|limit|cap/i, "nothing of how it is decided here");
  await agent.getByRole("button", { name: "Copy" }).click();
  await agent.waitForFunction(async (said) => (await navigator.clipboard.readText()).trim() === said, said.trim());
  await mark(agent);

  await lead.goto("/escalations");
  await accessible(lead, "what waits");
  await shot(lead, "up-inbox");
  await lead.getByRole("link", { name: /Refund of €/ }).first().click();
  await lead.getByRole("heading", { name: "Your answer" }).waitFor();
  await accessible(lead, "what was passed up, for whoever answers");
  await shot(lead, "up-lead");
  await lead.getByRole("button", { name: /^Give €\d/ }).waitFor();
  await lead.getByRole("radio", { name: "No, but …" }).check();
  await lead.getByRole("button", { name: "Say no" }).waitFor();
  await lead.getByRole("radio", { name: "Give less" }).check();
  assert.equal(await lead.getByRole("textbox", { name: "Refund" }).inputValue(), "", "how much less is theirs to say");
  await lead.getByRole("textbox", { name: "Refund" }).fill("20.00");
  await lead.getByLabel("Why, and what else they can offer").fill("Twenty on top is what we do for a second late parcel.");
  await accessible(lead, "less is given");
  await shot(lead, "up-less");
  await lead.getByRole("button", { name: "Give less", exact: true }).click();
  await lead.getByRole("heading", { name: /^Lena Vos gives some of it/ }).waitFor();
  await agent.getByText("Twenty on top is what we do").first().waitFor({ timeout: SOON_MS });
  assert.ok(await isSame(agent), "it comes to the open page");
  await shot(lead, "up-answered");

  await lead.goto("/answering");
  await lead.getByRole("rowheader", { name: "The group" }).first().waitFor();
  await accessible(lead, "how groups answer");
  await shot(lead, "answering");

  await agent.goto("/cases?of=me");
  await agent.getByText("What you passed up has come back").waitFor();
  await agent.goto("/escalations?of=mine");
  await agent.getByRole("link", { name: /Refund of €/ }).first().click();
  await agent.getByText("Twenty on top is what we do").first().waitFor();
  assert.match(await agent.locator("#talking").innerText(), /can offer you this: Refund of €20.00/);
  await agent.getByRole("radio", { name: "It helps" }).check();
  await agent.getByRole("button", { name: "Rate the feedback" }).click();
  await agent.getByText("Rated: it helps.").waitFor();
  await shot(agent, "up-back");
  await accessible(agent, "what came back");
  // On the case it stands before what else can be done.
  await agent.getByRole("link", { name: "Parcel nine days late" }).first().click();
  const [first, next] = [agent.locator("[data-live-part=approved] .card"), agent.locator("[data-live-part=options] .card").first()];
  await first.getByRole("button", { name: "Give it now" }).waitFor();
  assert.ok((await first.boundingBox()).y < (await next.boundingBox()).y, "what was approved stands above the options");
  await shot(agent, "up-approved");
  await accessible(agent, "the case with what was approved");
  await first.getByRole("button", { name: "Give it now" }).click();
  await agent.getByRole("region", { name: "Just done" }).getByText("Refund of €20.00 given").waitFor();
  await agent.getByRole("button", { name: "They were contacted" }).click();
  await agent.getByText("kept", { exact: true }).first().waitFor();
  await shot(agent, "up-case");
  await accessible(agent, "the case with what was passed up");
  await agent.getByRole("button", { name: "Solve" }).click();
  await agent.getByText("Solved", { exact: true }).first().waitFor();
  await agent.getByRole("button", { name: "Reopen" }).click();
  await agent.getByText("Open", { exact: true }).first().waitFor();
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

// Asks for an exception: more than any rule covers. Leads to the page of what was passed up.
async function askForException(page, title, total) {
  await openCase(page, title);
  await page.goto(`${new URL(page.url()).pathname}?reason=late&remedy=refund`);
  await page.getByRole("textbox", { name: "Refund" }).fill(total);
  await page.getByRole("button", { name: "Ask the managers for an exception" }).click();
  const now = page.getByLabel("Given at once");
  if (await now.count()) await now.fill("");
  await page.getByText("It cannot wait").click();
  await page.getByRole("radio", { name: "Nothing was promised" }).check();
  await page.getByRole("button", { name: "Ask now" }).click();
  await page.getByRole("heading", { name: "What you can say to the customer" }).waitFor();
  return new URL(page.url()).pathname;
}

test("asked back, answered as a precedent, and found again", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: owner, wrong: alsoWrong } = await signedIn("olga");
  const here = await askForException(agent, "Four days late", "45.00");
  await owner.goto(here);
  await owner.getByRole("button", { name: "I take it" }).click();
  await owner.getByText("Olga Hart works on it").waitFor();
  await owner.getByText("Ask back first").click();
  await owner.getByLabel("What do you need to know?").fill("Was anything promised before?");
  await owner.getByRole("button", { name: "Ask back" }).click();
  await owner.getByText("asked back").first().waitFor();
  await agent.goto("/cases?of=me");
  await agent.getByText("You are asked something about what you passed up").waitFor();
  await agent.goto(here);
  await agent.getByText("Was anything promised before?").first().waitFor();
  await accessible(agent, "what is asked back");
  await shot(agent, "up-asked-back");
  await agent.getByLabel("Your answer").fill("Yes: half of it, by phone.");
  await agent.getByRole("button", { name: "Answer" }).click();
  await owner.goto(here);
  await owner.getByText("Yes: half of it, by phone.").waitFor();
  await owner.getByRole("radio", { name: "a precedent" }).check();
  await owner.getByLabel("Why, and what else they can offer").fill("What was said on the phone counts.");
  await shot(owner, "up-exception");
  await accessible(owner, "an exception to be made");
  await owner.getByRole("button", { name: /^Give €/ }).click();
  await owner.getByText("An exception that others may go by").waitFor();
  await owner.goto("/precedents");
  await owner.getByLabel("Words of the reasoning").fill("phone counts");
  await owner.keyboard.press("Enter");
  await owner.getByText("What was said on the phone counts.").waitFor();
  await accessible(owner, "precedents");
  await shot(owner, "precedents");
  await owner.getByLabel("Words of the reasoning").fill("nothing like it");
  await owner.keyboard.press("Enter");
  await owner.getByText("No precedent of this").waitFor();
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

test("the customer gives up: the feedback is still owed, and two who answer at once are told", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: one } = await signedIn("olga");
  const { page: other } = await signedIn("olga");
  const here = await askForException(agent, "Parcel nine days late", "46.00");
  await agent.getByRole("button", { name: "The customer has given up" }).click();
  await agent.getByText("given up, feedback owed").waitFor();
  for (const page of [one, other]) {
    await page.goto(here);
    await page.getByLabel("Why, and what else they can offer").fill("I would have said yes.");
  }
  await one.getByRole("button", { name: "Answer" }).click();
  await one.getByRole("heading", { name: /^Olga Hart says what would have come of it/ }).waitFor();
  await other.getByRole("button", { name: "Answer" }).click();
  await other.getByText("Nothing was changed").waitFor();
  await agent.reload();
  await agent.getByText("I would have said yes.").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("an approval is taken back, and a customer is promised a call without anything passed up", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: owner, wrong: alsoWrong } = await signedIn("olga");
  const here = await askForException(agent, "Parcel nine days late", "47.00");
  await owner.goto(here);
  await owner.getByRole("radio", { name: "a one-off" }).check();
  await owner.getByLabel("Why, and what else they can offer").fill("This once.");
  await owner.getByRole("button", { name: /^Give €/ }).click();
  await owner.getByRole("button", { name: "Take the approval back" }).waitFor();
  await accessible(owner, "an approval that waits");
  await shot(owner, "up-approval");
  await owner.getByRole("button", { name: "Take the approval back" }).click();
  await owner.getByText("Taken back", { exact: true }).waitFor();
  assert.equal(await owner.getByRole("button", { name: "Take the approval back" }).count(), 0);

  await openCase(agent, "Parcel nine days late");
  await agent.getByText("I have promised to contact them").click();
  await agent.getByRole("radio", { name: "E-mail" }).check();
  await agent.getByLabel("By when").fill("2031-01-02T12:00");
  await agent.getByRole("button", { name: "Keep it as promised" }).click();
  await agent.getByText("A time that is still to come").waitFor();
  assert.ok(await agent.getByRole("radio", { name: "E-mail" }).isChecked(), "what was chosen is kept");
  await accessible(agent, "a promise that cannot be kept");
  await shot(agent, "promise-form");
  await agent.getByLabel("By when").fill(new Date(Date.now() + 3 * 24 * 3600 * 1000).toISOString().slice(0, 16));
  await agent.getByRole("button", { name: "Keep it as promised" }).click();
  await agent.getByText(/Ana .* by e-mail, by /).first().waitFor();
  await agent.getByRole("link", { name: "Put it off, or give it up" }).click();
  await agent.getByRole("heading", { name: "Put it off" }).waitFor();
  await accessible(agent, "a promise");
  await shot(agent, "promise");
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

test("what is known changed meanwhile: the lead sees what was otherwise, and approving decides anew", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: lead, wrong: alsoWrong } = await signedIn("lena");
  const query = "reason=damaged&remedy=refund";
  await openCase(agent, "Lid does not close", query);
  await agent.getByRole("button", { name: "No", exact: true }).first().click();
  await agent.getByText("Case: photo seen").first().waitFor();
  await askForMore(agent, "Lid does not close", { query, total: "14.20" });
  const here = await askNow(agent);

  // A photo comes after all. Now some of it is hers to give, and she does.
  await openCase(agent, "Lid does not close", query);
  await agent.getByRole("link", { name: /Change.*photo seen/ }).click();
  await agent.locator("#change").getByRole("button", { name: "Yes" }).click();
  await agent.goto(`${new URL(agent.url()).pathname}?${query}`);
  await agent.getByRole("textbox", { name: "Refund" }).fill("10.00");
  await agent.getByRole("button", { name: "Give €10.00" }).click();
  await agent.getByText("Refund of €10.00 given").first().waitFor();

  await lead.goto(here);
  await lead.getByRole("heading", { name: "Changed since it was asked" }).waitFor();
  await lead.getByText("Case: photo seen: no when it was asked, yes now").waitFor();
  await shot(lead, "up-changed");
  await accessible(lead, "what was known otherwise when it was asked");
  await lead.getByLabel("Why, and what else they can offer").fill("A new pot is not worth more than what was paid.");
  await lead.getByRole("button", { name: /^Give €/ }).click();
  await shot(lead, "up-changed-refused");
  await lead.getByRole("radio", { name: "Give less" }).check();
  await lead.getByRole("textbox", { name: "Refund" }).fill("4.20");
  await lead.getByRole("button", { name: "Give less", exact: true }).click();
  await lead.getByRole("heading", { name: /^Lena Vos gives some of it/ }).waitFor();
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

test("two leads take it at once: one has it, and the other is told who", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: lena, wrong: alsoWrong } = await signedIn("lena");
  const { page: olga, wrong: wrongToo } = await signedIn("olga");
  await askForMore(agent, "The tracking has been silent", { query: "reason=goodwill&remedy=voucher", field: "Voucher", total: "40.00" });
  const here = await askNow(agent);
  const two = [lena, olga];
  for (const page of two) await page.goto(here);
  await atOnce(two, "**/escalations/*/taking");
  await Promise.all(two.map((page) => page.getByRole("button", { name: "I take it" }).click()));
  await agent.getByText(/works on it/).first().waitFor();
  const takenBy = (await agent.locator(".context").innerText()).match(/(Lena Vos|Olga Hart) works on it/)[1];
  const [has, has_not] = takenBy === "Lena Vos" ? two : [olga, lena];
  await has_not.getByText("Nothing was changed").waitFor();
  await shot(has_not, "up-taken");
  await accessible(has_not, "what somebody else has taken");
  assert.equal(await has_not.getByRole("heading", { name: "Your answer" }).count(), 0);
  await has.getByRole("heading", { name: "Your answer" }).waitFor();
  assert.equal(await has.getByText("Nothing was changed").count(), 0);
  // By name it can be taken over.
  await has_not.getByRole("button", { name: `Take it over from ${takenBy}` }).click();
  await has_not.getByRole("heading", { name: "Your answer" }).waitFor();
  await has.getByText(/works on it/).first().waitFor();
  await has.getByRole("heading", { name: "Your answer" }).waitFor({ state: "detached" });
  assert.deepEqual([wrong, alsoWrong, wrongToo], [[], [], []]);
});

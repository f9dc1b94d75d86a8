// A debrief: an agent gives in the stretch and marks a hard case, both write on it, the lead holds the talk, and both read it later. Nobody else does.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { company } from "../lib/story.mjs";

const signedIn = company();

async function debriefs(page) {
  await page.getByRole("link", { name: "Debriefs" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Debriefs" }).waitFor();
}

const point = (page, title) => page.getByRole("listitem").filter({ hasText: title });

test("what was given in the stretch and a hard case are talked over", async () => {
  const [ana, lena] = [await signedIn("ana"), await signedIn("lena")];
  await debriefs(ana.page);
  await ana.page.getByText("Read by you and by who leads you now: Lena Vos.").waitFor();
  const before = await ana.page.locator("#points > li").count();
  await shot(ana.page, "debriefs-agent-begin");

  // A stretch comes by itself.
  await ana.page.goto("/cases?of=me");
  await ana.page.getByRole("link", { name: "Parcel nine days late" }).click();
  await ana.page.getByRole("textbox", { name: "Refund" }).fill("22.00");
  await ana.page.getByLabel("Why is it worth more this time?").fill("He had nothing to unwrap on his birthday.");
  await ana.page.getByRole("button", { name: "Give €22.00, saying why" }).click();
  await ana.page.getByText("Refund of €22.00 given").first().waitFor();

  // A hard case is put there from its page.
  await ana.page.goto("/cases?of=me");
  await ana.page.getByRole("link", { name: "Four days late" }).click();
  await ana.page.getByRole("link", { name: "Talk this over" }).click();
  await ana.page.getByText("to be talked over with Lena Vos").waitFor();
  await accessible(ana.page, "the form on a case");
  await shot(ana.page, "debriefs-mark");
  await ana.page.getByLabel("What was hard about it?").fill("She shouted, and I did not know what to say.");
  await ana.page.getByRole("button", { name: "Put it on the list" }).click();
  await ana.page.getByText("It is on the list").waitFor();
  assert.equal(await ana.page.locator("#points > li").count(), before + 2);
  await point(ana.page, "In the stretch: Refund of €22.00").getByText("“He had nothing to unwrap on his birthday.”").waitFor();
  await point(ana.page, "Four days late").getByText("She shouted, and I did not know what to say.").waitFor();
  await accessible(ana.page, "the list of an agent");
  await shot(ana.page, "debriefs-agent");

  // The lead sees who waits, and writes on a point.
  await debriefs(lena.page);
  await accessible(lena.page, "debriefs of a lead");
  await shot(lena.page, "debriefs-lead");
  await lena.page.getByRole("link", { name: "Ana Marques" }).click();
  await lena.page.getByRole("heading", { level: 1, name: "To talk over with Ana Marques" }).waitFor();
  const hard = point(lena.page, "Four days late");
  await hard.getByText("Write a note").click();
  await hard.getByRole("button", { name: "Add the note" }).evaluate((button) => (button.form.noValidate = true));
  await hard.getByRole("button", { name: "Add the note" }).click();
  await hard.getByText("Fill this in.").waitFor();
  await hard.getByLabel("Note").fill("I would have been lost as well.");
  await hard.getByRole("button", { name: "Add the note" }).click();
  await lena.page.getByText("Your note is there").waitFor();
  await lena.page.getByText("Put something else on the list").click();
  await lena.page.getByLabel("What is it about?").fill("How are the late shifts?");
  await lena.page.getByRole("button", { name: "Put it on the list" }).click();
  await point(lena.page, "Something else").waitFor();
  await accessible(lena.page, "the list for a lead");
  await shot(lena.page, "debriefs-with");

  // They talk, not about everything.
  await point(lena.page, "Something else").getByRole("checkbox").uncheck();
  await lena.page.getByLabel("What you agreed").fill("Ask me to listen in when somebody shouts.");
  await lena.page.getByRole("button", { name: "Talked it over" }).click();
  await lena.page.getByRole("heading", { level: 1, name: "Talk with Ana Marques" }).waitFor();
  await lena.page.getByText("Ask me to listen in when somebody shouts.").waitFor();
  await accessible(lena.page, "a talk that was held");

  // The agent reads it, and writes what came of it; what was not talked over still waits.
  await debriefs(ana.page);
  assert.equal(await ana.page.locator("#points > li").count(), 1);
  await ana.page.locator("section").filter({ hasText: "Talks you had" }).getByRole("link", { name: "Lena Vos" }).click();
  await ana.page.getByText("I would have been lost as well.").waitFor();
  await ana.page.getByText("Write a note on this talk").click();
  const since = ana.page.locator('form[action^="/debriefs/talks/"]');
  await since.getByLabel("Note").fill("It helped: she calmed down.");
  await since.getByRole("button", { name: "Add the note" }).click();
  await ana.page.getByText("It helped: she calmed down.").waitFor();
  await shot(ana.page, "debriefs-talk");
  const talk = new URL(ana.page.url()).pathname;

  // What was given stands as it stood.
  await ana.page.goto("/cases?of=me");
  await ana.page.getByRole("link", { name: "Parcel nine days late" }).click();
  await ana.page.getByText("Refund of €22.00").first().waitFor();
  assert.equal(await ana.page.getByText("Corrected", { exact: true }).count(), 0);

  // An owner who leads neither sees nothing of it.
  const olga = await signedIn("olga");
  assert.equal((await olga.page.goto(talk)).status(), 404);
  assert.deepEqual([...ana.wrong, ...lena.wrong, ...olga.wrong], []);
});

test("a form with nothing chosen comes back with what was typed, without script too", async () => {
  const { page, wrong } = await signedIn("lena", { javaScriptEnabled: false });
  await debriefs(page);
  await page.getByRole("link", { name: "Ana Marques" }).first().click();
  for (const box of await page.locator("#points").getByRole("checkbox").all()) await box.uncheck();
  await page.getByLabel("What you agreed").fill("Nothing yet.");
  await page.getByRole("button", { name: "Talked it over" }).click();
  await page.getByText("A talk is over 1 to 50 points. Choose what you talked over.").waitFor();
  assert.equal(await page.getByLabel("What you agreed").inputValue(), "Nothing yet.");
  assert.deepEqual(wrong, []);
});

// An agent settles cases: within the limit, with a reason, against a flat no; takes one back; a lead corrects an error.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { accessible, shot } from "../lib/browser.mjs";
import { openCase } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

const signedIn = company();

const amount = (page) => page.getByRole("textbox", { name: "Refund" });

test("within the limit it is given, taken back, and given again", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "Four days late");
  await accessible(page, "the case");
  await shot(page, "case");
  await amount(page).fill("9.30");
  await page.getByRole("button", { name: "Give €9.30" }).click();
  const done = page.getByRole("region", { name: "Just done" });
  await done.getByText("Refund of €9.30 given").waitFor();
  await shot(page, "case-given");
  await accessible(page, "the case with something to undo");
  await done.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Taken back", { exact: true }).waitFor();
  await amount(page).fill("9.30");
  await page.getByRole("button", { name: "Give €9.30" }).click();
  await page.getByText("Given", { exact: true }).waitFor();
  assert.deepEqual(wrong, []);
});

test("the stretch asks why", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "Parcel nine days late");
  const usual = await amount(page).inputValue();
  await page.getByRole("button", { name: "See who can give more" }).click();
  await page.getByText("Tell the customer no").click();
  assert.equal(await page.getByLabel("How much did they ask for?").inputValue(), await amount(page).inputValue(), "what is asked for stands there");
  await shot(page, "case-more");
  await page.getByRole("button", { name: /^Back to €/ }).click();
  assert.equal(await amount(page).inputValue(), usual);
  await amount(page).fill("22.00");
  await page.getByLabel("Why is it worth more this time?").fill("He had nothing to unwrap on his birthday.");
  await shot(page, "case-say-why");
  await page.getByRole("button", { name: "Give €22.00, saying why" }).click();
  await page.getByText("Refund of €22.00 given").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("a no says who can, and what can be given meanwhile", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "The tracking has been silent");
  await page.getByText("Send another one").first().waitFor();
  await shot(page, "case-lost");
  await accessible(page, "a case with a lost parcel");
  assert.deepEqual(wrong, []);
});

test("a question answered opens what it was asked for", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "Lid does not close");
  await page.getByText("Have you seen a photo of the damage").waitFor();
  await page.getByRole("button", { name: "Yes" }).first().click();
  await page.getByText("Case: photo seen").first().waitFor();
  await page.getByRole("button", { name: /^Give/ }).waitFor();
  assert.deepEqual(wrong, []);
});

test("a lead corrects an error, and the giver hears of it", async () => {
  const ben = await signedIn("ben");
  await openCase(ben.page, "A day late");
  await ben.page.getByRole("button", { name: /^Give/ }).click();
  await ben.page.getByText("Given", { exact: true }).waitFor();
  const address = new URL(ben.page.url()).pathname;

  const lena = await signedIn("lena");
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
  await ben.page.goto(address);
  await ben.page.getByText("An error in a grant of yours was corrected").waitFor();
  await ben.page.goto("/cases?of=me");
  assert.equal(await ben.page.getByText("An error in a grant of yours was corrected").count(), 0, "whoever has opened the case has read it");
  assert.deepEqual([...ben.wrong, ...lena.wrong], []);
});

test("an answer that cannot be read is kept with what to write, and one that was given can be changed", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "Saw it for less elsewhere");
  const paid = page.getByLabel("What did the customer pay us for it?");
  await paid.fill("a lot");
  await paid.press("Enter");
  await page.getByText("Write an amount, such as 75.00.").waitFor();
  assert.equal(await paid.inputValue(), "a lot");
  assert.ok(await paid.evaluate((field) => field === document.activeElement), "one goes on where something is wrong");
  await shot(page, "case-wrong-answer");
  await accessible(page, "a case with an answer that cannot be read");
  await paid.fill("72.40");
  await paid.press("Enter");
  await page.getByText("€72.40").first().waitFor();
  await page.getByRole("link", { name: "Change Case: paid price" }).click();
  await shot(page, "case-change");
  await accessible(page, "a case with an answer being changed");
  await page.getByLabel("What did the customer pay us for it?").fill("70");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("€70.00").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("a no is noted; whoever gives more sees it first, and the first one hears of it", async () => {
  const ben = await signedIn("ben");
  await openCase(ben.page, "A day late");
  const address = `${new URL(ben.page.url()).pathname}?reason=goodwill&remedy=voucher`;
  await ben.page.goto(address);
  await ben.page.getByText("Tell the customer no").click();
  await ben.page.getByLabel("How much did they ask for?").fill("10.00");
  await shot(ben.page, "case-no");
  await accessible(ben.page, "telling the customer no");
  await ben.page.getByRole("button", { name: "They were told no" }).click();
  await ben.page.getByText("Ben Okafor told the customer no: Voucher of €10.00").waitFor();

  const lena = await signedIn("lena");
  await lena.page.goto(address);
  await lena.page.getByRole("textbox", { name: "Voucher" }).fill("12.00");
  await lena.page.getByRole("button", { name: /^Give €12.00/ }).click();
  await lena.page.getByText("Ben Okafor said no to €10.00, today").waitFor();
  await shot(lena.page, "case-said-no");
  await accessible(lena.page, "a case in which somebody said no before");
  await lena.page.getByRole("button", { name: "Give it all the same" }).click();
  await lena.page.getByText("Voucher of €12.00 given").first().waitFor();

  await ben.page.goto("/cases?of=me");
  await ben.page.getByText("Somebody gave more where you had said no").waitFor();
  assert.deepEqual([...ben.wrong, ...lena.wrong], []);
});

test("after twenty seconds the list says by itself that it was sent, and who is late is told so", async () => {
  const { page, wrong } = await signedIn("ana");
  await openCase(page, "Saw it for less elsewhere");
  await page.goto(`${new URL(page.url()).pathname}?remedy=apology_card`);
  await page.getByRole("button", { name: "Give “Handwritten card”" }).click();
  const given = page.locator("#given");
  await given.getByText("Given", { exact: true }).waitFor();
  const late = await page.locator("#given form").first().getAttribute("action");
  await given.getByText("Sent", { exact: true }).waitFor({ timeout: 40_000 });
  assert.equal(await given.getByRole("button", { name: "Take it back" }).count(), 0);
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    form.append(document.querySelector("input[name=_csrf]").cloneNode());
    document.body.append(form);
    form.submit();
  }, late);
  await page.getByText("It could no longer be taken back").waitFor();
  assert.deepEqual(wrong, []);
});

test("one search finds a case by its number, a customer by the name, and an order", async () => {
  const { page, wrong } = await signedIn("ana");
  await page.goto("/cases?of=me");
  await page.keyboard.press("/");
  await page.keyboard.type("W-204");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Search" }).waitFor();
  await page.getByRole("link", { name: "Order W-20417" }).waitFor();
  await shot(page, "search");
  await accessible(page, "the search");
  await page.goto("/customers?q=mar");
  await page.getByRole("link", { name: "Marta Lind" }).waitFor();
  await shot(page, "customers");
  await page.getByRole("link", { name: "Marta Lind" }).click();
  await shot(page, "customer");
  await accessible(page, "a customer");
  assert.deepEqual(wrong, []);
});

test("a case is opened for somebody found while typing", async () => {
  const { page, wrong } = await signedIn("ana");
  await page.goto("/cases");
  await page.keyboard.press("n");
  await page.getByRole("heading", { level: 1, name: "Open a case" }).waitFor();
  await page.getByLabel("What is it about?").fill("She asks where it is");
  await page.getByLabel("Who is it, or which order?").pressSequentially("Marta");
  await page.getByLabel("Marta Lind").waitFor();
  await shot(page, "new-case-found");
  await accessible(page, "opening a case, with somebody found");
  await page.getByLabel("Marta Lind").check();
  await page.getByRole("button", { name: "Open the case" }).click();
  await page.getByRole("link", { name: "Marta Lind" }).waitFor();
  await page.getByRole("link", { name: "What it is about" }).click();
  await page.getByLabel("Which customer or order is meant?").pressSequentially("W-20417");
  await page.getByLabel("Order W-20417").check();
  await shot(page, "case-about");
  await accessible(page, "what a case is about");
  await page.getByRole("button", { name: "The case is about this" }).click();
  await page.getByText("Order W-20417").first().waitFor();
  assert.deepEqual(wrong, []);
});

test("what waits to be handed over says for whom, of which order and by whom", async () => {
  const { page, wrong } = await signedIn("lena");
  await page.goto("/grants/unsettled");
  await page.getByRole("cell", { name: "Adaeze Obi" }).waitFor();
  await shot(page, "hand-over");
  await accessible(page, "what waits to be handed over");
  await page.goto("/nowhere-at-all");
  await page.getByRole("navigation", { name: "Areas" }).getByText("Cases").waitFor();
  await shot(page, "not-found");
  await accessible(page, "a page that is not there");
  assert.deepEqual(wrong, []);
});

test("with the keyboard alone", async () => {
  const { page, wrong } = await signedIn("ana");
  await page.goto("/cases?of=me");
  const title = page.getByRole("link", { name: "Saw it for less elsewhere" });
  for (let i = 0; i < 60 && !(await title.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Saw it for less elsewhere" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("Undo what was just given").waitFor();
  await shot(page, "keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForURL((at) => at.pathname === "/cases");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = page.locator("tr.is-link th a").first();
  assert.ok(await first.evaluate((e) => e === document.activeElement));
  await openCase(page, "Four days late");
  await page.goto(`${new URL(page.url()).pathname}?reason=goodwill&remedy=voucher`);
  await page.keyboard.press("r");
  await page.keyboard.type("6.00");
  await page.keyboard.press("Enter");
  await page.getByText("Voucher of €6.00 given").first().waitFor();
  await page.keyboard.press("z");
  await page.getByText("Taken back", { exact: true }).first().waitFor();
  assert.deepEqual(wrong, []);
});

test("what is handed over is asked once; what failed says why, and is sent again", async () => {
  const { page, wrong } = await signedIn("olga");
  await page.goto("/grants/unsettled");
  await shot(page, "to-hand-over");
  await page.getByRole("link", { name: /^Failed ?: Refund of €50.00/ }).click();
  await page.getByRole("heading", { level: 1, name: "Did it fail?" }).waitFor();
  await page.getByLabel("What happened?").fill("The bank does not know the account.");
  await accessible(page, "saying that it failed");
  await shot(page, "settle-failed");
  await page.getByRole("button", { name: "It failed" }).click();
  await page.goto("/grants/unsettled?state=failed");
  await page.getByText("“The bank does not know the account.”").waitFor();
  await accessible(page, "what failed");
  await shot(page, "to-hand-over-failed");
  await page.getByRole("link", { name: /^Send again ?: Refund of €50.00/ }).click();
  await page.getByRole("button", { name: "Send it again" }).click();
  await page.goto("/grants/unsettled");
  await page.getByRole("link", { name: /^Fulfilled ?: Refund of €50.00/ }).click();
  await page.getByText("This is final").waitFor();
  await accessible(page, "saying that the customer has it");
  await shot(page, "settle-fulfilled");
  await page.getByRole("button", { name: "Yes, they have it" }).click();
  await page.getByText("Refund of €50.00").waitFor({ state: "detached" });
  assert.deepEqual(wrong, []);
});

test("a surname finds a customer, and whoever is not found is made with that name", async () => {
  const { page, wrong } = await signedIn("ana");
  await page.goto("/search?q=obi");
  await page.getByRole("link", { name: "Adaeze Obi" }).waitFor();
  await shot(page, "search");
  await page.goto("/cases/new");
  await page.getByLabel("Who is it, or which order?").pressSequentially("Wilma Bos", { delay: 40 });
  await page.getByText("Nobody is found by “Wilma Bos”").waitFor();
  await page.getByLabel("Create a new customer").check();
  assert.equal(await page.getByLabel(/^Name/).inputValue(), "Wilma Bos");
  assert.equal(await page.getByLabel("Customer number").inputValue(), "");
  await accessible(page, "somebody new");
  await shot(page, "new-customer");
  await page.getByLabel("How did they reach us?").fill("phone");
  await page.getByRole("button", { name: "Open the case" }).click();
  await page.getByRole("link", { name: "Wilma Bos" }).waitFor();
  await page.goto("/search?q=bos");
  await page.getByText(/^N-[0-9A-Z]{4}-[0-9A-Z]{4}/).waitFor();
  assert.deepEqual(wrong, []);
});

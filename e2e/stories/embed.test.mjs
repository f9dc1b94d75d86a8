// The card of a case inside the page of another program, on another origin.

import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { accessible, launch, shot, signedIn, someone } from "../lib/browser.mjs";
import { demo } from "../lib/leeway.mjs";

let desk, program, browser, token, card;
const at = (host) => `http://${host}:${desk.address().port}`;

before(async () => {
  desk = createServer((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="en"><title>Help desk</title><main><h1>A help desk</h1>
      <iframe title="What you can do now" width="420" height="900" src="${card}"></iframe></main></html>`);
  });
  await new Promise((listens) => desk.listen(0, "127.0.0.1", listens));
  process.env.LEEWAY_EMBED_ORIGINS = at("127.0.0.1");
  program = await demo();
  delete process.env.LEEWAY_EMBED_ORIGINS;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  desk?.close();
});

async function asked(path, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(program.url + path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

test("an owner makes a token for the help desk, and a webhook", async () => {
  const { page, wrong } = await signedIn(browser, program.url, "olga");
  await page.goto("/settings/tokens");
  await page.getByLabel("What it is for").fill("The help desk");
  await page.getByLabel("Name of the other system").fill("help-desk");
  await page.getByLabel("cases:read").check();
  await page.getByLabel("cards:show").check();
  await page.getByRole("button", { name: "Make the token" }).click();
  token = (await page.locator("code", { hasText: "leeway_" }).textContent()).trim();

  await page.goto("/settings/webhooks");
  await page.getByText("No other system is told of anything").waitFor();
  await page.getByLabel("Where to send messages").fill("https://shop.invalid/hooks");
  await page.getByLabel("grant_sent").check();
  await page.getByLabel("grant_corrected").check();
  await accessible(page, "webhooks");
  await shot(page, "webhooks");
  await page.getByRole("button", { name: "Add the webhook" }).click();
  await page.getByText("whsec_").waitFor();
  await accessible(page, "a webhook that was just made");
  await shot(page, "webhook-secret");
  await page.goto("/settings/webhooks");
  await page.getByRole("link", { name: "https://shop.invalid/hooks" }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("A test is on its way").waitFor();
  await page.waitForTimeout(1500);
  await page.reload();
  await accessible(page, "a webhook");
  await shot(page, "webhook");
  await page.getByRole("button", { name: "Remove the webhook" }).click();
  await page.getByRole("button", { name: "Remove it" }).click();
  await page.getByText("Removed: it is told of nothing any more").waitFor();
  assert.deepEqual(wrong, []);
});

test("a person gives inside the help desk, and takes it back", async () => {
  const { cases } = await asked("/api/v1/cases?of=all");
  const late = cases.find((one) => one.title?.startsWith("Four days late"));
  card = (await asked(`/api/v1/cases/${late.number}/cards`, { person: "ana@hazelhart.example" })).url;
  const { page, context, wrong } = await someone(browser, at("127.0.0.1"));
  await page.goto("/");
  const frame = page.frameLocator("iframe");
  await frame.getByText("What you can do now").first().waitFor();
  await shot(page, "embed");
  await frame.getByRole("textbox", { name: "Refund" }).fill("5.00");
  await frame.getByRole("button", { name: "Give €5.00" }).click();
  const done = frame.getByRole("region", { name: "Just done" });
  await done.getByText("Refund of €5.00 given").waitFor();
  await shot(page, "embed-given");
  await done.getByRole("button", { name: "Undo" }).click();
  await frame.getByText("Taken back", { exact: true }).waitFor();
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(wrong, []);
  await page.goto(card);
  await accessible(page, "the card");
  await shot(page, "embed-card");
  await page.goto(card.replace(/pass=./, "pass=x"));
  await page.getByRole("heading", { name: "This card does not open" }).last().waitFor();
  await accessible(page, "a card that does not open");
  await shot(page, "embed-not");
});

test("nobody else's page shows it", async () => {
  const { page } = await someone(browser, at("localhost"));
  await page.goto("/");
  await page.waitForTimeout(500);
  assert.equal(await page.frameLocator("iframe").getByText("What you can do now").count(), 0);
});

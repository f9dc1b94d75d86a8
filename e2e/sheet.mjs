// Every page a person can open, on contact sheets: `npm run sheet` in this folder, with LEEWAY_PROGRAM. Fails for a page that is on none, that scrolls sideways at
// 360 px, or that keeps somebody out. `npm run sheet -- desk` makes the pictures of one area alone.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { launch, signedIn, someone } from "./lib/browser.mjs";
import { clockAt, tuesday } from "./lib/clock.mjs";
import { demo, untouched } from "./lib/leeway.mjs";
import { sheet } from "./lib/sheet.mjs";
import { askForMore, askNow, openCase } from "./lib/steps.mjs";

const DAYS = 100;
const NOWHERE = "0".repeat(64);

const folder = process.env.LEEWAY_SHOTS ? resolve(process.env.LEEWAY_SHOTS) : mkdtempSync(join(tmpdir(), "leeway-sheet-"));
const { look, close } = sheet(folder, process.argv[2]);
const browser = await launch();
const heading = (page, name) => page.getByRole("heading", { name }).first().waitFor();
const button = (page, name) => page.getByRole("button", { name }).first();
const link = (page, name) => page.getByRole("link", { name }).first();
const went = async (page, path) => (await page.goto(path), page);

await begun();
process.env.LEEWAY_EMBED_ORIGINS = "https://help.example";
const program = await demo(clockAt(tuesday(10)), DAYS);
const of = async (name) => (await signedIn(browser, program.url, name)).page;
try {
  await stranger();
  const [ana, lena, olga] = [await of("ana"), await of("lena"), await of("olga")];
  await desk(ana, lena, olga);
  await growth(ana, lena);
  await steer(ana, olga);
  await settings(olga);
  await framed(olga);
  await errors(ana);
} finally {
  await program.stop();
}
const { wrong, pages } = await close(browser);
await browser.close();
console.log(`${pages} pages, wide and narrow, light and dark: ${folder}/sheet-*.png and .html`);
for (const one of wrong) console.error(one);
process.exitCode = wrong.length ? 1 : 0;

// An installation nobody has touched, up to its first case: what is empty says what comes next.
async function begun() {
  const program = await untouched();
  const { page } = await someone(browser, program.url);
  try {
    await look("first", "nobody is here", await went(page, "/"));
    await look("first", "the first owner", await went(page, program.link));
    await page.getByLabel("Your name").fill("Olga Hart");
    await page.getByLabel("E-mail").fill("olga@hazelhart.example");
    await page.getByLabel("Password").fill("a bench in the sun");
    await button(page, "Begin").click();
    await heading(page, "Getting started");
    await look("first", "getting started", page);
    const empty = ["/cases", "/customers", "/escalations", "/precedents", "/groups", "/charter", "/debriefs", "/offerings", "/promises", "/grants/unsettled", "/answering", "/settings/webhooks", "/settings/calendars"];
    for (const path of empty) await look("empty", path.slice(1).replaceAll("/", " "), await went(page, path));
    await look("first", "six questions", await went(page, "/charter/begin"));
    await button(page, "Read what comes of it").click();
    await heading(page, "Read it before it holds");
    await look("first", "read it", page);
    await button(page, "Publish it").click();
    await page.getByText("Your charter is in force").waitFor();
    await look("first", "in force", page);
    await page.goto("/cases/new");
    await page.getByLabel("What is it about?").fill("A vase came in pieces");
    await button(page, "Open the case").click();
    await heading(page, "A vase came in pieces");
    await look("first", "the first case", page);
    await look("empty", "escalations with a charter", await went(page, "/escalations"));
  } finally {
    await page.context().close();
    await program.stop();
  }
}

// Whoever is not signed in.
async function stranger() {
  const { page } = await someone(browser, program.url);
  await page.goto("/demo");
  await page.frameLocator("iframe").first().getByText("What you can do now").waitFor();
  await look("demo", "two seats", page);
  await page.getByLabel("What an agent may give back of a late order").fill("30");
  await page.getByText(/^Last quarter/).waitFor();
  await look("demo", "a rule that is pulled", page);
  for (const [name, path] of [["sign in", "/sign-in"], ["forgot", "/forgot"], ["public promises", "/promises"]]) await look("outside", name, await went(page, path));
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("ana@hazelhart.example");
  await page.getByLabel("Password").fill("not this one");
  await button(page, "Sign in").click();
  await page.locator(".notice, .field-error").first().waitFor();
  await look("outside", "a wrong password", page, 422);
  for (const path of ["begin", "invitations", "reset"]) await look("errors", `${path} used up`, await went(page, `/${path}/${NOWHERE}`), 410);
  await page.context().close();
}

async function desk(ana, lena, olga) {
  await look("desk", "inbox of an agent", await went(ana, "/cases"));
  await look("desk", "inbox of an owner", await went(olga, "/cases?of=all"));
  await look("desk", "opening a case", await went(ana, "/cases/new"));
  const at = await openCase(ana, "Parcel nine days late");
  await look("desk", "a case", ana);
  await ana.keyboard.press("?");
  await look("desk", "keys", ana);
  await ana.keyboard.press("Escape");
  await look("desk", "what it is about", await went(ana, `${at}/about`));
  await look("desk", "an offer", await went(ana, `${at}/offer`));
  await openCase(ana, "Saw it for less elsewhere");
  await look("desk", "a case that asks", ana);

  await askForMore(ana, "Parcel nine days late", { total: "40.00" });
  await look("desk", "asking for more", ana);
  const up = await askNow(ana);
  await look("desk", "passed up", ana);
  await look("desk", "a case with something passed up", await went(ana, at));
  const promised = await link(ana, "Put it off, or give it up").getAttribute("href");
  await look("desk", "a promise to a customer", await went(ana, promised));
  await look("desk", "escalations of an agent", await went(ana, "/escalations?of=mine"));
  await look("desk", "escalations of a lead", await went(lena, "/escalations"));
  await look("desk", "to be answered", await went(lena, up));
  await lena.getByRole("radio", { name: "Give less" }).check();
  await lena.getByRole("textbox", { name: "Refund" }).fill("20.00");
  await lena.getByLabel("Why, and what else they can offer").fill("Twenty on top is what we do for a second late parcel.");
  await button(lena, "Give less").click();
  await heading(lena, /^Lena Vos gives some of it/);
  await look("desk", "answered", await went(ana, up));
  await look("desk", "how we answer", await went(lena, "/answering"));
  await look("desk", "precedents", await went(lena, "/precedents"));
  await openCase(ana, "Four days late");
  await ana.getByRole("textbox", { name: "Refund" }).fill("5.00");
  await button(ana, "Give €5.00").click();
  await ana.getByText("Refund of €5.00 given").first().waitFor();
  await look("desk", "just given", ana);
  await look("desk", "to hand over", await went(lena, "/grants/unsettled?state=sent"));
  const settlement = await lena.locator('a[href*="/settlement"]').first().getAttribute("href");
  await look("desk", "handed over or not", await went(lena, settlement));
  await corrected(olga);
  await customers(lena, olga);
}

// Something that was given and not handed over yet can be mended by whoever may.
async function corrected(olga) {
  await olga.goto("/grants/unsettled?state=sent");
  for (const path of await olga.locator('main a[href^="/cases/"]').evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
    await olga.goto(path);
    const mend = olga.locator('a[href*="/correction"]').first();
    if (!(await mend.count())) continue;
    await look("desk", "an older case", olga);
    await look("desk", "a correction", await went(olga, await mend.getAttribute("href")));
    return;
  }
  throw new Error("nothing can be corrected");
}

async function customers(lena, olga) {
  await look("desk", "customers", await went(lena, "/customers"));
  const one = await link(lena, "Marta Lind").getAttribute("href");
  await look("desk", "a customer", await went(lena, one));
  for (const what of ["contact", "merge", "erasure"]) await look("desk", `a customer ${what}`, await went(olga, `${one}/${what}`));
  await look("desk", "search", await went(lena, "/search?q=mar"));
  await look("desk", "search for nothing", await went(lena, "/search?q=zzzz"));
  await look("desk", "groups", await went(lena, "/groups"));
  await look("desk", "a group", await went(lena, "/groups/duty-leads"));
}

async function growth(ana, lena) {
  await openCase(ana, "Four days late");
  await look("growth", "talk this over", await went(ana, `${new URL(ana.url()).pathname}/debrief`));
  await look("growth", "debriefs of an agent", await went(ana, "/debriefs"));
  await look("growth", "debriefs of a lead", await went(lena, "/debriefs"));
  await link(lena, "Ana Marques").click();
  await heading(lena, "To talk over with Ana Marques");
  await look("growth", "to talk over", lena);
  await lena.getByLabel("What you agreed").fill("Ask me to listen in when somebody shouts.");
  await button(lena, "Talked it over").click();
  await heading(lena, "Talk with Ana Marques");
  await look("growth", "a talk", lena);
}

async function steer(ana, olga) {
  await look("steer", "the charter", await went(ana, "/charter"));
  await look("steer", "its versions", await went(olga, "/charter/versions"));
  await look("steer", "a version", await went(olga, "/charter/versions/1"));
  await look("steer", "a new version", await went(olga, "/charter/new"));
  const text = olga.getByLabel("The charter", { exact: true });
  await text.fill((await text.inputValue()).replace("percent(20, order.total)", "percent(25, order.total)"));
  await button(olga, "Look at what changes").click();
  await heading(olga, "What would change");
  await look("steer", "what would change", olga);
  await look("steer", "a new promise", await went(olga, "/offerings/new"));
  await olga.getByLabel("What is it called?").fill("Three working days");
  await olga.getByLabel("Its name in the address").fill("three-days");
  await olga.getByLabel("The promise").fill("What is in stock leaves us today and is with you within three working days.");
  await button(olga, "Publish").click();
  await olga.waitForURL(/offerings\/(?!new)/);
  await look("steer", "what we promise in one", olga);
  await button(olga, "Show it to customers").click();
  await button(olga, "Show it to customers").waitFor({ state: "detached" });
  const slug = new URL(olga.url()).pathname.split("/").at(-1);
  await look("steer", "what we promise", await went(olga, "/offerings"));
  await look("outside", "a promise", await went(olga, `/promises/${slug}`));
}

async function settings(olga) {
  const paths = ["/people", "/people/new", "/teams", "/settings/jobs", "/settings/sessions", "/settings/profile", "/settings/tokens", "/settings/webhooks", "/settings/calendars", "/settings/calendars/shop"];
  for (const path of paths) await look("settings", path.slice(1).replace("settings/", "").replaceAll("/", " "), await went(olga, path));
  await olga.goto("/people");
  await link(olga, "Ana Marques").click();
  await heading(olga, "Ana Marques");
  await look("settings", "a person", olga);
  await button(olga, "Make a link for a new password").click();
  const reset = await linked(olga, "reset");
  await olga.goto("/people/new");
  await olga.getByLabel("Name").fill("Nora Lang");
  await olga.getByLabel("E-mail").fill("nora@hazelhart.example");
  await olga.locator("main form button").last().click();
  await button(olga, "Make a link for them").click();
  const invitation = await linked(olga, "invitations");
  await look("settings", "an invitation", olga);
  const { page } = await someone(browser, program.url);
  await look("outside", "invited", await went(page, invitation));
  await look("outside", "a new password", await went(page, reset));
  await page.context().close();
}

// The link that a page shows once.
async function linked(page, kind) {
  const way = new RegExp(`/${kind}/[0-9a-f]+`);
  await page.getByText(way).first().waitFor();
  return (await page.locator("main").textContent()).match(way)[0];
}

async function framed(olga) {
  await olga.goto("/settings/webhooks");
  await olga.getByLabel("Where to send messages").fill("https://shop.invalid/hooks");
  await olga.getByLabel("grant_sent").check();
  await button(olga, "Add the webhook").click();
  await olga.getByText("whsec_").waitFor();
  await look("settings", "a webhook that was just made", olga, 201);
  await olga.goto("/settings/webhooks");
  await link(olga, "https://shop.invalid/hooks").click();
  await button(olga, "Send a test").waitFor();
  await look("settings", "a webhook", olga);
  await olga.goto("/settings/tokens");
  await olga.getByLabel("What it is for").fill("The help desk");
  await olga.getByLabel("Name of the other system").fill("help-desk");
  await olga.getByLabel("cases:read").check();
  await olga.getByLabel("cards:show").check();
  await button(olga, "Make the token").click();
  const token = (await olga.locator("code", { hasText: "leeway_" }).textContent()).trim();
  await look("settings", "a token that was just made", olga, 201);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { cases } = await (await fetch(`${program.url}/api/v1/cases?of=all`, { headers })).json();
  const late = cases.find((one) => one.title?.startsWith("Four days late"));
  const body = JSON.stringify({ person: "ana@hazelhart.example" });
  const { url } = await (await fetch(`${program.url}/api/v1/cases/${late.number}/cards`, { method: "POST", headers, body })).json();
  const { page } = await someone(browser, program.url);
  await look("outside", "the card in a frame", await went(page, url));
  await look("errors", "a card that does not open", await went(page, url.replace(/pass=./, "pass=x")), 403);
  await page.context().close();
}

async function errors(ana) {
  await look("errors", "nothing here", await went(ana, "/nothing"), 404);
  await look("errors", "not yours", await went(ana, "/settings/tokens"), 403);
  await look("errors", "not yours to see", await went(ana, "/cases?of=all"), 404);
  const { page } = await someone(browser, program.url);
  await look("errors", "nothing here for strangers", await went(page, "/nothing"), 404);
  // The form is older than the sign-in.
  await ana.goto("/settings/profile");
  await ana.locator('main input[name="_csrf"]').first().evaluate((field) => (field.value = "old"));
  await ana.locator("main form button").first().click();
  await ana.waitForLoadState();
  await look("errors", "a form that has expired", ana, 403);
  await page.context().close();
}

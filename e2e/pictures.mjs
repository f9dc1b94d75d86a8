// The pictures of the guide, docs/pictures: parts of the program's own pages, in the demo company on a Tuesday at eleven. `npm run pictures` in this folder makes
// them anew, and those of the README with them. Look at them.

import { readFileSync } from "node:fs";

import { still } from "./lib/apng.mjs";
import { pictures } from "./lib/pictures.mjs";
import { askForMore, askNow, openCase, readNews } from "./lib/steps.mjs";

const SHOP = new URL("../charters/shop.toml", import.meta.url);
// As many as whoever starts the demo has.
const DAYS = 184;
// As wide as a page of the guide, twice as dense.
const OPTIONS = { viewport: { width: 1040, height: 1000 }, locale: "en-GB", colorScheme: "light", deviceScaleFactor: 2 };
const ROOM = 10;

const made = {};

const heading = (page, name) => page.getByRole("heading", { name });
const button = (page, name) => page.getByRole("button", { name });
const refund = (page) => page.getByRole("textbox", { name: "Refund" });
const head = (page) => page.locator("header.head");
const card = (page) => page.locator(".card", { has: heading(page, "What you can do now") });

// From the first of these to the last of them, as wide as the page's content, so that all are of one scale.
async function picture(name, page, ...shown) {
  await page.evaluate(() => document.activeElement.blur());
  await page.waitForTimeout(300);
  const content = await page.locator("#content").evaluate((element) => {
    const { left, right } = element.getBoundingClientRect();
    const { paddingLeft, paddingRight } = getComputedStyle(element);
    return { left: left + parseFloat(paddingLeft), right: right - parseFloat(paddingRight) };
  });
  const boxes = [];
  for (const one of shown) boxes.push(await one.evaluate((element) => {
    const { top, bottom, right } = element.getBoundingClientRect();
    return { top: top + scrollY, bottom: bottom + scrollY, right };
  }));
  const [x, y] = [content.left - ROOM, Math.max(0, Math.min(...boxes.map((box) => box.top)) - ROOM)];
  const right = Math.max(content.right, ...boxes.map((box) => box.right)) + ROOM;
  const bottom = Math.max(...boxes.map((box) => box.bottom)) + ROOM;
  const shot = await page.screenshot({ fullPage: true, clip: { x, y, width: right - x, height: bottom - y } });
  made[name] = () => still(shot);
}

async function ofAgents(ana) {
  await readNews(ana);
  await openCase(ana, "Parcel nine days late, was meant for a birthday");
  await picture("the-card.png", ana, head(ana), card(ana));
  await refund(ana).fill("20.00");
  await picture("say-why.png", ana, ana.locator("leeway-ruler"));
  await openCase(ana, "Lid does not close");
  await picture("a-question.png", ana, card(ana));
  await openCase(ana, "Four days late");
  await refund(ana).fill("9.00");
  await button(ana, "Give €9.00").click();
  await ana.getByRole("region", { name: "Just done" }).waitFor();
  // What was just done stands at the lower end of the window.
  const { bottom } = await ana.locator("leeway-ruler").evaluate((ruler) => ruler.getBoundingClientRect());
  await ana.setViewportSize({ width: OPTIONS.viewport.width, height: Math.round(bottom) + 100 });
  await picture("undo.png", ana, ana.locator("leeway-ruler"), ana.getByRole("region", { name: "Just done" }));
  await ana.setViewportSize(OPTIONS.viewport);
  await askForMore(ana, "Parcel nine days late, was meant for a birthday", { total: "40.00" });
  await ana.getByLabel("What would you do, and why?").fill("It was a birthday, and the second late parcel this year.");
  await picture("ask-for-more.png", ana, head(ana), button(ana, "Ask now"));
  await askNow(ana);
  await picture("talking-points.png", ana, ana.locator(".card", { has: heading(ana, "What you can say to the customer") }));
}

async function ofLeads(lena, ana) {
  await lena.goto("/escalations");
  await picture("what-waits.png", lena, head(lena), lena.getByText("The next due first"));
  await lena.getByRole("link", { name: /Refund of €/ }).first().click();
  await heading(lena, "Your answer").waitFor();
  await lena.getByRole("radio", { name: "Give less" }).check();
  await refund(lena).fill("20.00");
  await lena.getByLabel("Why, and what else they can offer").fill("Twenty on top is what we do for a second late parcel.");
  await picture("your-answer.png", lena, head(lena), lena.locator(".card", { has: heading(lena, "Your answer") }));
  await button(lena, "Give less").click();
  await heading(lena, /^Lena Vos gives some of it/).waitFor();
  await button(ana, "Give it now").waitFor();
  await ana.reload();
  await picture("it-came-back.png", ana, head(ana), button(ana, "Rate the feedback"));
  await lena.goto("/answering");
  await picture("how-we-answer.png", lena, head(lena), lena.getByText(/^Promised to customers/).first());
  await lena.goto("/groups/duty-leads");
  await picture("who-is-there.png", lena, head(lena), lena.getByText("Put somebody in"));
  await lena.goto("/debriefs");
  await picture("debriefs.png", lena, head(lena), lena.getByText("Put something else on the list"));
}

async function ofManagers(olga) {
  await olga.goto("/charter");
  await picture("the-charter.png", olga, head(olga), olga.getByRole("table").first());
  const text = readFileSync(SHOP, "utf8");
  const changed = text.replace("up_to = 'percent(20, order.total)'", "up_to = 'percent(25, order.total)'");
  if (changed === text) throw new Error("the rule for late parcels reads otherwise");
  await olga.goto("/charter/new");
  await olga.getByRole("textbox", { name: "The charter" }).fill(changed);
  await olga.getByLabel("What is new?").fill("A quarter back for late parcels");
  await button(olga, "Look at what changes").click();
  await heading(olga, "What would change").waitFor();
  await picture("what-would-change.png", olga, heading(olga, "What would change"), olga.getByRole("table").first());
  await olga.goto("/demo");
  await olga.getByLabel("What an agent may give back of a late order").fill("30");
  await olga.getByText(/^Last quarter, /).waitFor();
  await picture("pull-the-rule.png", olga, olga.locator(".demo-steps"));
}

await pictures(DAYS, async (signedIn) => {
  const { page: ana } = await signedIn("ana", OPTIONS);
  const { page: lena } = await signedIn("lena", OPTIONS);
  const { page: olga } = await signedIn("olga", OPTIONS);
  await ofAgents(ana);
  await ofLeads(lena, ana);
  await ofManagers(olga);
  return made;
});

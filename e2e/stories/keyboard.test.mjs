// The way up with the keyboard alone, and wherever that is one sees it.

import { strict as assert } from "node:assert";
import { test } from "node:test";

import { shot } from "../lib/browser.mjs";
import { tabTo } from "../lib/steps.mjs";
import { company } from "../lib/story.mjs";

const signedIn = company();

test("asked, answered and given with the keyboard alone", async () => {
  const { page: agent, wrong } = await signedIn("ana");
  const { page: lead, wrong: alsoWrong } = await signedIn("lena");
  const button = (page, name) => page.getByRole("button", { name });
  await agent.goto("/cases?of=me");
  await tabTo(agent, agent.getByRole("link", { name: "Parcel nine days late" }));
  await agent.keyboard.press("Enter");
  await agent.getByRole("heading", { level: 1, name: /^Parcel nine days late/ }).waitFor();
  await agent.keyboard.press("r");
  await agent.keyboard.type("40.00");
  await tabTo(agent, button(agent, /^Ask .*for €40.00$/));
  await agent.keyboard.press("Enter");
  await agent.getByRole("heading", { level: 1, name: /^Ask for more/ }).waitFor();
  await tabTo(agent, agent.getByLabel("What would you do, and why?"));
  await agent.keyboard.type("It was a birthday, and the second late parcel this year.");
  await tabTo(agent, agent.getByLabel("It cannot wait"));
  await agent.keyboard.press("Space");
  await tabTo(agent, agent.getByRole("radio", { name: "Whoever decides" }));
  await agent.keyboard.press("ArrowRight");
  await tabTo(agent, button(agent, "Ask now"));
  await agent.keyboard.press("Enter");
  await agent.getByText("I will contact you").waitFor();
  await tabTo(agent, button(agent, "Copy"));

  await lead.goto("/cases");
  await lead.keyboard.press("g");
  await lead.keyboard.press("e");
  await lead.getByRole("heading", { level: 1, name: "Escalations" }).waitFor();
  await tabTo(lead, lead.getByRole("link", { name: "Refund of €23.02" }));
  await lead.keyboard.press("Enter");
  await lead.getByRole("heading", { name: "Your answer" }).waitFor();
  await tabTo(lead, lead.getByRole("radio", { name: "Give it" }));
  await lead.keyboard.press("ArrowRight");
  await tabTo(lead, lead.getByRole("textbox", { name: "Refund" }));
  await lead.keyboard.type("15.00");
  await tabTo(lead, lead.getByLabel("Why, and what else they can offer"));
  await lead.keyboard.type("Fifteen on top is what we do for a second late parcel.");
  await tabTo(lead, lead.getByLabel("It can be given for"));
  await lead.keyboard.press("ArrowUp");
  await tabTo(lead, button(lead, "Give less"));
  await shot(lead, "up-keyboard");
  await lead.keyboard.press("Enter");
  await lead.getByRole("heading", { name: /^Lena Vos gives some of it/ }).waitFor();

  await button(agent, "Give it now").waitFor();
  await tabTo(agent, agent.getByRole("radio", { name: "It helps" }));
  await agent.keyboard.press("ArrowRight");
  await tabTo(agent, button(agent, "Rate the feedback"));
  await agent.keyboard.press("Enter");
  await agent.getByText("Rated: it helps in part.").waitFor();
  await tabTo(agent, button(agent, "Give it now"));
  await agent.keyboard.press("Enter");
  await agent.getByRole("region", { name: "Just done" }).getByText("Refund of €15.00 given").waitFor();
  assert.deepEqual([wrong, alsoWrong], [[], []]);
});

test("a letter after g leads to each page of the rail, and the list of keys names it", async () => {
  const { page, wrong } = await signedIn("olga");
  await page.goto("/cases");
  const links = await page.locator("#rail li a").evaluateAll((all) => all.map((one) => ({ name: one.firstChild.textContent, path: one.getAttribute("href"), keys: one.dataset.key })));
  assert.ok(links.length > 10);
  assert.equal(new Set(links.map(({ keys }) => keys)).size, links.length, "a letter leads to one page");
  await page.keyboard.press("?");
  const listed = await page.locator("#keys dl > div").evaluateAll((all) => all.map((one) => one.textContent.replace(/\s+/g, " ").trim()));
  await page.keyboard.press("Escape");
  for (const { name, path, keys } of links) {
    assert.ok(listed.some((line) => line === `${name} ${keys}` || line === `${name}${keys}`), `${name} is not among ${listed}`);
    const loaded = page.waitForEvent("load");
    for (const key of keys.split(" ")) await page.keyboard.press(key);
    await loaded;
    assert.equal(new URL(page.url()).pathname, path);
  }
  assert.deepEqual(wrong, []);
});

// A browser in which nothing may go wrong unseen: console errors, script errors and violations of the content security policy are kept, and fail the story.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

import { PASSWORD } from "./leeway.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

// Somebody with a window of their own. `options` are those of a browser context.
export async function someone(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 980 }, baseURL: url, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && !isAnswer(message) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  });
  return { context, page, wrong };
}

// A form that is sent back with what is wrong has a status that the browser notes as an error.
function isAnswer(message) {
  return /status of 4\d\d/.test(message.text());
}

export async function signedIn(browser, url, name, options) {
  const one = await someone(browser, url, options);
  await one.page.goto("/sign-in");
  await one.page.getByLabel("E-mail").fill(`${name}@hazelhart.example`);
  await one.page.getByLabel("Password").fill(PASSWORD);
  await one.page.getByRole("button", { name: "Sign in" }).click();
  await one.page.waitForURL((at) => !at.pathname.startsWith("/sign-in"));
  return one;
}

// Nothing that keeps somebody out, light and dark.
export async function accessible(page, what) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // Colours that are still turning from one scheme to the other are neither.
    await page.waitForTimeout(300);
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setBypassCSP", { enabled: true });
    await session.send("Runtime.evaluate", { expression: AXE });
    const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
    const said = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
    assert.deepEqual(said, [], `${what}, ${colorScheme}`);
    await session.detach();
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} px too wide`);
}

// A picture for those who look, where LEEWAY_SHOTS names a folder.
export async function shot(page, name) {
  const folder = process.env.LEEWAY_SHOTS;
  if (folder) await pictures(page, `${folder}/${name}`);
}

// Wide and narrow, light and dark. Gives the names of the files.
export async function pictures(page, path) {
  const before = page.viewportSize();
  const made = [];
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: width > 500 ? 980 : 844 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(150);
      made.push(`${path}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: made.at(-1), fullPage: true });
    }
  }
  await page.setViewportSize(before);
  return made;
}

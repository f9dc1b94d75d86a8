// The way up on two screens, as a short loop for the README: docs/pictures/the-way-up.png. `npm run pictures` in this folder makes it anew, with the others.

import { readFileSync, writeFileSync } from "node:fs";

import { animated } from "./lib/apng.mjs";
import { launch, signedIn } from "./lib/browser.mjs";
import { clockAt, tuesday } from "./lib/clock.mjs";
import { demo } from "./lib/leeway.mjs";
import { openCase, readNews } from "./lib/steps.mjs";

const OUT = new URL("../docs/pictures/the-way-up.png", import.meta.url);
const FONT = new URL("../crates/ui/assets/vendor/inter/inter-latin-wght-normal.woff2", import.meta.url);
const SCREEN = { width: 586, height: 600 };
const EACH_MS = 2000;

const program = await demo(clockAt(tuesday(10)));
const browser = await launch();
const options = { viewport: SCREEN, colorScheme: "light" };
const { page: agent } = await signedIn(browser, program.url, "ana", options);
const { page: lead } = await signedIn(browser, program.url, "lena", options);
const wall = await browser.newPage({ viewport: { width: 1200, height: 710 } });
const frames = [];

// Both screens, what is meant on each, and in one line what happens.
async function frame(line, { of: { agent: here, lead: there } = {}, doing = "" }) {
  for (const [page, locator] of [[agent, here], [lead, there]]) {
    if (locator) await locator.evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 80));
    else await page.evaluate(() => scrollTo(0, 0));
  }
  await agent.waitForTimeout(250);
  const screens = [];
  for (const page of [agent, lead]) screens.push((await page.screenshot()).toString("base64"));
  await wall.setContent(drawn(screens, line, doing));
  await wall.evaluate(() => Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode())]));
  const picture = await wall.screenshot();
  frames.push(picture);
  if (process.env.LEEWAY_SHOTS) writeFileSync(`${process.env.LEEWAY_SHOTS}/recording-${frames.length}.png`, picture);
}

const drawn = ([left, right], line, doing) => `<!doctype html><meta charset="utf-8"><style>
  @font-face { font-family: Inter; font-weight: 100 900; src: url(data:font/woff2;base64,${readFileSync(FONT).toString("base64")}) }
  body { margin: 0; padding: 14px 10px 0; background: #eeeeea; font: 500 15px/1.4 Inter; color: #23262d }
  div { display: grid; grid-template-columns: 586px 586px; gap: 8px }
  figure { margin: 0 } figcaption { padding: 0 4px 7px; color: #595d66 }
  figcaption b { color: #23262d; font-weight: 640 }
  img { display: block; border-radius: 8px; box-shadow: 0 0 0 1px #d5d6d8 }
  .is-doing img { box-shadow: 0 0 0 2px #00775a }
  p { margin: 0; padding: 13px 4px; font-size: 18px; font-weight: 560; letter-spacing: -.01em }
</style><div>
  <figure class="${doing === "agent" ? "is-doing" : ""}"><figcaption><b>Ana</b>, agent</figcaption><img src="data:image/png;base64,${left}"></figure>
  <figure class="${doing === "lead" ? "is-doing" : ""}"><figcaption><b>Lena</b>, duty lead</figcaption><img src="data:image/png;base64,${right}"></figure>
</div><p>${line}</p>`;

const heading = (page, name) => page.getByRole("heading", { name });
const button = (page, name) => page.getByRole("button", { name });

await lead.goto("/escalations");
await readNews(agent);
await openCase(agent, "Parcel nine days late");
const card = agent.getByRole("textbox", { name: "Refund" });
await frame("A parcel came nine days late, and it was a birthday. Ana sees what is hers to give.", { doing: "agent" });
await card.fill("40.00");
await agent.getByRole("heading", { level: 1 }).click();
await frame("The customer wants 40 euros. That is more than Ana may give: she asks.", { doing: "agent" });
await button(agent, /^Ask .*for €40.00$/).click();
await agent.getByLabel("What would you do, and why?").fill("It was a birthday, and the second late parcel this year.");
await frame("What is hers she gives at once. The rest goes up, with what she would do.", { doing: "agent" });
await frame("And with what the customer is told: who contacts them, how, and by when.", { doing: "agent", of: { agent: heading(agent, "What you tell the customer") } });
await button(agent, "Ask now").click();
await heading(agent, "What you can say to the customer").waitFor();
await lead.getByRole("link", { name: /Refund of €/ }).waitFor();
await frame("Ana has a sentence for the customer. Lena sees it come in, and by when it is due.", { doing: "agent", of: { agent: heading(agent, "What you can say to the customer") } });
await lead.getByRole("link", { name: /Refund of €/ }).click();
await heading(lead, "Your answer").waitFor();
await frame("Lena reads what is asked for, and why.", { doing: "lead", of: { agent: heading(agent, "What you can say to the customer") } });
await lead.getByRole("radio", { name: "Give less" }).check();
await lead.getByRole("textbox", { name: "Refund" }).fill("20.00");
await lead.getByLabel("Why, and what else they can offer").fill("Twenty on top is what we do for a second late parcel.");
await frame("She gives less, and says why. Without a reason nothing goes back.", {
  doing: "lead",
  of: { agent: heading(agent, "What you can say to the customer"), lead: heading(lead, "Your answer") },
});
await button(lead, "Give less").click();
await heading(lead, /^Lena Vos gives some of it/).waitFor();
await button(agent, "Give it now").waitFor();
await agent.waitForTimeout(1800);
const asked = { agent: heading(agent, "What is asked for"), lead: heading(lead, "What is asked for") };
await frame("It is on Ana’s page at once: what was decided, why, and what she can give now.", { doing: "lead", of: asked });
await agent.getByRole("radio", { name: "It helps" }).check();
await button(agent, "Rate the feedback").click();
await agent.getByText("Rated: it helps.").waitFor();
await frame("Ana says that the feedback helps.", { doing: "agent", of: asked });
await button(agent, "Give it now").click();
await agent.getByRole("region", { name: "Just done" }).getByText("Refund of €20.00 given").waitFor();
await button(lead, "Give it now").waitFor({ state: "detached" });
await frame("She gives it: exactly that, once.", { doing: "agent", of: { ...asked, agent: heading(agent, "What the customer was promised") } });
await button(agent, "They were contacted").click();
await agent.getByText("kept", { exact: true }).first().waitFor();
await frame("The customer hears of it in time: the promise is kept.", { doing: "agent", of: { ...asked, agent: heading(agent, "What the customer was promised") } });
await button(agent, "Solve").click();
await agent.getByText("Solved", { exact: true }).first().waitFor();
await frame("And the case is solved. What was said and why stays with it.", { doing: "agent", of: { lead: asked.lead } });

const picture = animated(frames, EACH_MS);
writeFileSync(OUT, picture);
console.log(`${frames.length} pictures, ${Math.round(picture.length / 1024)} KiB: ${OUT.pathname}`);
await browser.close();
await program.stop();

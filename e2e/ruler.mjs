// The authority ruler as a short loop for the README, for light pages and for dark ones: docs/pictures/ruler-light.png and ruler-dark.png. The handle goes from
// what is one's own through what wants a reason to what is asked for, and back. `npm run pictures` in this folder makes them anew.

import { animated } from "./lib/apng.mjs";
import { pictures } from "./lib/pictures.mjs";
import { openCase } from "./lib/steps.mjs";

// Where the handle stays, and for how long; on its way from the one before it stays so briefly at each euro.
const STAYS = [{ euros: 15, ms: 2600 }, { euros: 20, ms: 2000, way: 70 }, { euros: 30, ms: 2400, way: 55 }, { euros: 15, ms: 400, way: 40 }];
// Around the ruler, within the line of its card; what is chosen in the legend is marked a little beyond the ruler.
const ROOM = 18;
const BEYOND = 8;
// Of the sentence.
const LINE = 24;

// What the pages of forges are like.
const AROUND = { light: "#ffffff", dark: "#0d1117" };

await pictures(0, async (signedIn, browser) => {
  const shown = [];
  for (const colorScheme of ["light", "dark"]) {
    const { page } = await signedIn("ana", { viewport: { width: 1100, height: 1000 }, colorScheme, deviceScaleFactor: 2 });
    await openCase(page, "Nine days late, for a birthday");
    shown.push({ page, wall: await browser.newPage({ deviceScaleFactor: 2 }), around: AROUND[colorScheme], frames: [], times: [] });
  }
  for (const { euros, ms } of stops()) {
    for (const { page, wall, around, frames, times } of shown) {
      frames.push(await pictured(page, wall, euros, around));
      times.push(ms);
    }
  }
  const [light, dark] = shown.map(({ frames, times }) => () => animated(frames, times));
  return { "ruler-light.png": light, "ruler-dark.png": dark };
});

// Every euro that the handle comes by, and for how long it is there.
function stops() {
  return STAYS.flatMap(({ euros, ms, way }, n) => {
    const from = STAYS[n - 1]?.euros ?? euros;
    const between = Array.from({ length: Math.max(0, Math.abs(euros - from) - 1) }, (_, step) => ({ euros: from + Math.sign(euros - from) * (step + 1), ms: way }));
    return [...between, { euros, ms }];
  });
}

// The ruler with its handle at so many euros, dragged there: down to the sentence, which may take two lines, in the colours of its card.
async function pictured(page, wall, euros, around) {
  const ruler = page.locator("leeway-ruler");
  const scale = await ruler.locator("[data-scale]").boundingBox();
  const end = await ruler.evaluate((element) => element.end / 100);
  await page.mouse.move(scale.x + (scale.width * euros) / end, scale.y + scale.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(10, 900);
  await page.waitForTimeout(60);
  const box = await ruler.boundingBox();
  const [x, y, width] = [box.x - BEYOND, box.y, box.width + 2 * BEYOND];
  const say = await ruler.locator(".ruler-say").boundingBox();
  const height = Math.ceil(say.y - y) + 2 * LINE;
  const picture = await page.screenshot({ clip: { x, y, width, height } });
  const { backgroundColor, borderColor } = await page.locator(".card", { has: ruler }).evaluate((card) => {
    const { backgroundColor, borderColor } = getComputedStyle(card);
    return { backgroundColor, borderColor };
  });
  await wall.setViewportSize({ width: width + 2 * ROOM, height: height + 2 * ROOM });
  await wall.setContent(`<!doctype html><style>
    body { margin: 0; background: ${around} }
    div { padding: ${ROOM - 1}px; border: 1px solid ${borderColor}; border-radius: 10px; background: ${backgroundColor} }
    img { display: block; width: ${width}px }
  </style><div><img src="data:image/png;base64,${picture.toString("base64")}"></div>`);
  await wall.evaluate(() => document.images[0].decode());
  return wall.screenshot();
}

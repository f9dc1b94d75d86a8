// Contact sheets: every page that was looked at, wide and narrow, light and dark, side by side, an area on each sheet; and what is wrong with any.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

import { accessible, pictures } from "./browser.mjs";

const ROUTES = JSON.parse(readFileSync(new URL("../routes.json", import.meta.url)));
// What a browser opens, and no person looks at.
const NO_PAGES = [
  ["/healthz", "for machines"],
  ["/readyz", "for machines"],
  ["/metrics", "for machines"],
  ["/live", "a stream for a page that is open"],
  ["/api/", "for programs"],
  ["/assets/", "files of the program itself"],
  ["/_components", "for those who build it; see CONTRIBUTING.md"],
  ["/charter/versions/{number}/charter.toml", "a file, to be saved"],
  ["/charter/begin/charter.toml", "a file, to be saved"],
  ["/charter/begin/charter.scenarios.toml", "a file, to be saved"],
];
const NARROWEST = 360;

// { look, close }: `look` at the page that is open, as one of an area; `close` writes the sheets, and gives what is wrong. `only` is the one area that is wanted.
export function sheet(folder, only) {
  mkdirSync(folder, { recursive: true });
  const areas = new Map();
  const [wrong, seen] = [[], new Set()];
  const tried = (what, done) => done.catch((error) => wrong.push(`${what}: ${error.message}`));
  return {
    async look(area, name, page, status = 200) {
      const [at, now] = [page.url(), await page.evaluate(() => performance.getEntriesByType("navigation")[0].responseStatus)];
      const route = routeOf(new URL(at).pathname);
      if (now < 400 && route) seen.add(route);
      if (only && area !== only) return;
      if (now !== status) wrong.push(`${area}, ${name}: ${now}, not ${status}`);
      const before = page.viewportSize();
      for (const width of [before.width, NARROWEST]) {
        await page.setViewportSize({ ...before, width });
        await tried(`${area}, ${name}, ${width} px`, accessible(page, new URL(at).pathname));
      }
      await page.setViewportSize(before);
      const files = await pictures(page, `${folder}/${area}-${name}`.replaceAll(" ", "-"));
      areas.set(area, [...(areas.get(area) ?? []), { name, at: new URL(at).pathname, files }]);
    },
    async close(browser) {
      for (const [area, rows] of areas) await written(browser, `${folder}/sheet-${area}`, area, rows);
      const pages = ROUTES.filter(([method, path]) => method === "GET" && !NO_PAGES.some(([no]) => path.startsWith(no)));
      if (!only) wrong.push(...pages.filter(([, path]) => !seen.has(path)).map(([, path]) => `${path} is on no sheet`));
      return { wrong, pages: [...areas.values()].flat().length };
    },
  };
}

// The route of a path: of those that fit, the one that names most of it.
function routeOf(path) {
  const fits = (route) => new RegExp(`^${route.replace(/[.]/g, "\\.").replace(/\{\*\w+\}/g, ".+").replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  const open = (route) => route.split("{").length;
  return ROUTES.filter(([method, route]) => method === "GET" && fits(route)).map(([, route]) => route).sort((a, b) => open(a) - open(b))[0];
}

async function written(browser, path, area, rows) {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${area}</title><style>
    body { margin: 20px; font: 14px/1.4 system-ui; background: #8b8d92; color: #111 }
    section { display: grid; grid-template-columns: 590px 590px 226px 226px; gap: 6px 10px; margin-bottom: 24px }
    h2 { grid-column: 1 / -1; margin: 0; font-size: 14px } h2 span { font-weight: 400 }
    a { height: 402px; overflow: hidden } a.narrow { height: 490px; margin-bottom: -88px } img { width: 100%; display: block }
    section { padding-bottom: 88px }
  </style><h1>${area}</h1>${rows
    .map(({ name, at, files }) => `<section><h2>${name} <span>${at}</span></h2>${files.map((file, n) => `<a${n < 2 ? "" : ' class="narrow"'} href="${basename(file)}"><img alt="" src="${basename(file)}"></a>`).join("")}</section>`)
    .join("")}</html>`;
  writeFileSync(`${path}.html`, html);
  const page = await browser.newPage({ viewport: { width: 1702, height: 1000 } });
  await page.goto(`file://${path}.html`);
  await page.screenshot({ path: `${path}.png`, fullPage: true });
  await page.close();
}

// Every field of text of every route gets each of twelve texts that would do something; then every page there is is opened. No dialog, no report, and the text stands there as text.

import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, someone } from "../lib/browser.mjs";
import { serve } from "../lib/leeway.mjs";
import { PAYLOADS, charter, looked } from "../lib/scripts.mjs";

// Method, path and fields of text of each route; a test of the program keeps it.
const ROUTES = JSON.parse(readFileSync(new URL("../routes.json", import.meta.url)));
const PASSWORD = "a bench in the sun";
// Pages are the same on both databases: on the second one two texts are enough.
const TRIED = process.env.LEEWAY_E2E_POSTGRES ? PAYLOADS.slice(0, 2) : PAYLOADS;
// ONLY=/cases tries the routes with that in their path, for those who mend one.
const NOBODY = ["/sign-in", "/forgot"];

// What is sent to each route, besides the one field that is tried. `c` knows ids, `u` is a number nothing else has.
const FORMS = {
  "/sign-in": (c, u) => ["/sign-in", { email: `nobody${u}@b.example`, password: "x", next: "/cases" }],
  "/forgot": (c, u) => ["/forgot", { email: `nobody${u}@b.example` }],
  "/settings/profile": () => ["/settings/profile", { locale: "en", time_zone: "UTC" }],
  "/settings/tokens": (c, u) => ["/settings/tokens", { name: `Token ${u}`, source: "shop", bearer: "", "cases:read": "yes" }],
  "/people": (c, u) => ["/people", { kind: "person", name: `Person ${u}`, email: `p${u}@b.example`, level: "", locale: "en", time_zone: "UTC" }],
  "/people/{id}": (c, u) => [`/people/${c.person}`, { name: `Person ${u}`, email: `p${u}@b.example`, locale: "en", time_zone: "UTC" }],
  "/people/{id}/level": (c) => [`/people/${c.person}/level`, { level: "agent" }],
  "/people/{id}/memberships": (c) => [`/people/${c.person}/memberships`, { team: c.team, role: "member", from: "2031-01-01", until: "2031-01-02" }],
  "/teams": (c, u) => ["/teams", { name: `Team ${u}`, parent: "" }],
  "/teams/{id}/name": (c, u) => [`/teams/${c.team}/name`, { name: `Team ${u}` }],
  "/charter": () => ["/charter", { text: charter(), outer: "", note: "Once more", step: "look" }],
  "/cases": (c, u) => ["/cases", { channel: "mail", title: `Case ${u}`, customer: `C-${u}`, order: `O-${u}` }],
  "/cases/{number}/facts": (c) => [`/cases/${c.number}/facts`, { fact: "order.carrier", value: "The post" }],
  "/cases/{number}/notes": (c) => [`/cases/${c.number}/notes`, { note: "A note" }],
  "/cases/{number}/grants": (c, u) => [`/cases/${c.number}/grants`, { remedy: "refund", reason: "late", amount: `${11 + u}.00`, because: "So it is" }],
  "/grants/{id}/correction": async (c) => [`/grants/${await given(c)}/correction`, { cause: "double", note: "Twice" }],
  "/customers/{id}/contact": (c) => [`/customers/${c.customer}/contact`, { name: "Mo", email: "mo@b.example", phone: "1", locale: "en", contact: "mail" }],
  "/offerings": (c, u) => ["/offerings", { title: `Promise ${u}`, text: "We do.", slug: `promise-${u}` }],
  "/offerings/{slug}/versions": async (c) => [`/offerings/${c.slug}/versions`, { title: "Promise", text: "We do.", version: await latest(c) }],
  "/settings/calendars/{name}": () => ["/settings/calendars/shop", { zone: "UTC", mon: "09:00-17:00", exceptions: "" }],
};
const DOCUMENTS = {
  "/api/v1/charter": () => ["/api/v1/charter", { text: charter(), note: "Once more", despite_warnings: true }],
  "/api/v1/cases": (c, u) => ["/api/v1/cases", { channel: "mail", title: `Case ${u}`, customer: `C-${u}`, about: { order: `O-${u}` } }],
  "/api/v1/cases/{number}/facts": (c) => [`/api/v1/cases/${c.number}/facts`, { facts: [{ fact: "order.carrier", value: "The post" }] }],
  "/api/v1/cases/{number}/notes": (c) => [`/api/v1/cases/${c.number}/notes`, { text: "A note" }],
  "/api/v1/cases/{number}/moves": (c) => [`/api/v1/cases/${c.number}/moves`, { move: "wait" }],
  "/api/v1/cases/{number}/grants": (c) => [`/api/v1/cases/${c.number}/grants`, { items: [{ remedy: "card" }] }],
  "/api/v1/grants/{id}/settlement": (c) => [`/api/v1/grants/${c.sent.pop() ?? c.settled}/settlement`, { settled: "unclear" }],
  "/api/v1/grants/{id}/correction": async (c) => [`/api/v1/grants/${await given(c)}/correction`, { cause: "double", note: "Twice" }],
};
// Where each page about one thing leads.
const NAMED = {
  "{number}": (c, path) => (path.startsWith("/charter") ? c.versions : c.numbers),
  "{id}": (c, path) => (path.includes("people") ? c.people : path.includes("customers") ? c.customers : path.includes("grants") ? c.grants : [c.person]),
  "{slug}": (c) => c.slugs,
  "{name}": () => ["shop"],
  "{role}": () => ["owner"],
  "{secret}": () => [encodeURIComponent(PAYLOADS[0])],
  "{checksum}/{*name}": () => [],
};

let program, browser, link;
before(async () => {
  program = await serve((leeway) => {
    link = leeway("admin", "create-owner", "--name", PAYLOADS[0], "--email", "olga@b.example").match(/http\S+/)[0];
    const file = (name, text) => (writeFileSync(join(tmpdir(), `scripts-${process.pid}-${name}`), text), join(tmpdir(), `scripts-${process.pid}-${name}`));
    leeway("charter", "publish", file("charter.toml", charter()), "--note", PAYLOADS[1]);
    const rows = PAYLOADS.map((payload, n) => JSON.stringify({ id: `I-${n}`, name: payload, phone: payload }));
    const map = file("map.toml", `source = "shop"\ntime_zone = "UTC"\nreference = "id"\nname = "name"\nphone = "phone"\n`);
    leeway("import", "customers", file("customers.jsonl", rows.join("\n")), "--map", map);
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

async function csrf(page) {
  return page.locator('input[name="_csrf"]').first().getAttribute("value");
}

// Sends a form as a page would, and stays on what is answered.
async function post(page, path, fields) {
  const answered = page.waitForNavigation({ waitUntil: "load" });
  await page.evaluate(
    ([path, fields]) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: path });
      const token = document.querySelector('input[name="_csrf"]')?.value;
      for (const [name, value] of Object.entries({ ...(token && { _csrf: token }), ...fields })) {
        form.append(Object.assign(document.createElement("textarea"), { name, value }));
      }
      document.body.append(form);
      HTMLFormElement.prototype.submit.call(form);
    },
    [path, fields],
  );
  return (await answered).status();
}

// Sends a form, and gives the status: 0 when it was taken and leads on.
function tried(page, path, fields) {
  return page.evaluate(
    async ([path, fields]) => {
      const token = document.querySelector('input[name="_csrf"]')?.value;
      const body = new URLSearchParams({ ...(token && { _csrf: token }), ...fields });
      return (await fetch(path, { method: "POST", body, redirect: "manual" })).status;
    },
    [path, fields],
  );
}

// Sends a document from a page, as its owner; gives status, kind and what was answered.
function send(page, path, document) {
  return page.evaluate(
    async ([path, document, token]) => {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": token, "Idempotency-Key": crypto.randomUUID() };
      const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(document) });
      const text = await response.text();
      return { status: response.status, kind: response.headers.get("content-type"), guard: response.headers.get("x-content-type-options"), text };
    },
    [path, document, page.token],
  );
}

// A grant that the agent made, for the owner to mend.
async function given(c) {
  const response = await fetch(`${program.url}/api/v1/cases/${c.number}/grants`, {
    method: "POST",
    headers: { Authorization: `Bearer ${c.bot}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ items: [{ remedy: "card", why: PAYLOADS[c.grants.length % PAYLOADS.length] }] }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  const grant = (await response.json()).grants[0].id;
  c.grants.push(grant);
  return grant;
}

async function latest(c) {
  await c.page.goto(`/offerings/${c.slug}`);
  return c.page.locator('input[name="version"]').first().getAttribute("value");
}

// Puts a text where `place` says: `title`, `items[].why`, `about.*`.
function put(document, place, text) {
  const parts = place.replaceAll("[]", ".0").split(".");
  let inside = document;
  for (const part of parts.slice(0, -1)) inside = inside[part] ??= {};
  inside[parts.at(-1) === "*" ? Object.keys(inside)[0] : parts.at(-1)] = text;
  return document;
}

// Whose pages these are, and what has been seen on them.
async function begin(page, dialogs, seen) {
  page.on("dialog", (dialog) => (dialogs.push(dialog.message()), dialog.dismiss()));
  page.look = async (what) => {
    const found = await looked(page);
    assert.deepEqual(found.wrong, [], `${what} at ${page.url()}`);
    found.seen.forEach((n) => seen.set(n, (seen.get(n) ?? 0) + 1));
  };
}

// What there is to try things on.
async function things(page) {
  const c = { page, grants: [], sent: [], numbers: [], versions: [], people: [], customers: [], slugs: [] };
  await page.goto(new URL(link).pathname);
  await page.look("the invitation");
  await page.getByLabel(/password/i).first().fill(PASSWORD);
  await page.getByRole("button").first().click();
  await page.waitForURL((at) => !at.pathname.startsWith("/invitations"));
  await page.goto("/settings/profile");
  page.token = await csrf(page);
  const me = JSON.parse(await page.evaluate(async () => (await fetch("/api/v1/me")).text())).id;
  await post(page, "/teams", { name: "Care", parent: "" });
  await page.goto(`/people/${me}`);
  c.team = await page.locator('select[name="team"] option').first().getAttribute("value");
  await post(page, `/people/${me}/level`, { level: "manager" });
  await post(page, "/people", { kind: "ai_agent", name: PAYLOADS[5], email: "", level: "agent", locale: "en", time_zone: "UTC" });
  const bot = new URL(page.url()).pathname.split("/").at(-1);
  await post(page, `/people/${bot}/memberships`, { team: c.team, role: "member", from: "", until: "" });
  await post(page, "/settings/tokens", { name: "Bot", bearer: bot, source: "", "grants:write": "yes", "cases:write": "yes" });
  c.bot = (await page.content()).match(/leeway_[0-9a-zA-Z]{20,}/)[0];
  await post(page, "/people", { kind: "person", name: "Pat", email: "pat@b.example", level: "", locale: "en", time_zone: "UTC" });
  c.person = new URL(page.url()).pathname.split("/").at(-1);
  c.people = [me, bot, c.person];
  await post(page, "/cases", { channel: "mail", title: "A case", customer: "C-0", order: "O-0" });
  c.number = new URL(page.url()).pathname.split("/").at(-1);
  c.customer = JSON.parse(await page.evaluate(async () => (await fetch("/api/v1/customers?reference=C-0")).text())).customers[0].id;
  await post(page, "/offerings", { title: "Promise", text: "We do.", slug: "promise" });
  c.slug = "promise";
  for (let n = 0; n < PAYLOADS.length + 1; n++) c.sent.push(await given(c));
  c.settled = c.sent[0];
  return c;
}

test("what is typed or sent anywhere is shown as text everywhere", { timeout: 900_000 }, async (t) => {
  const known = new Set([...Object.keys(FORMS), ...Object.keys(DOCUMENTS)]);
  const taking = ROUTES.filter(([, , texts]) => texts.length > 0);
  assert.deepEqual(new Set(taking.map(([, path]) => path)), known, "routes that take texts, and what is sent to them above");

  const [dialogs, seen] = [[], new Map()];
  const { page, wrong } = await someone(browser, program.url, { userAgent: `Mozilla/5.0 ${PAYLOADS[0].replace(/[^ -~]/g, "")} Firefox/130 (X11; Linux)` });
  const stranger = await someone(browser, program.url);
  for (const one of [page, stranger.page]) await begin(one, dialogs, seen);
  const c = await things(page);

  let [u, sent] = [0, 0];
  for (const [method, path, texts] of taking.filter(([, path]) => path.includes(process.env.ONLY ?? ""))) {
    // What the table calls a text, and whatever else a form says: it can hold any text as well.
    const others = FORMS[path] ? Object.keys((await FORMS[path](c, 0))[1]).filter((field) => !texts.includes(field)) : [];
    for (const field of [...texts, ...others]) {
      for (const payload of texts.includes(field) ? TRIED : PAYLOADS.slice(0, 2)) {
        u += 1;
        sent += 1;
        const what = `${method} ${path}: ${field}: ${payload}`;
        if (FORMS[path]) {
          const where = NOBODY.includes(path) ? stranger.page : page;
          if (NOBODY.includes(path)) await where.goto("/sign-in");
          const [at, fields] = await FORMS[path](c, u);
          const status = await tried(where, at, { ...fields, [field]: payload });
          assert.ok(status < 500, `${what}: ${status}`);
          // What was taken is looked at below. What is shown again, with what is wrong, is looked at here.
          if (status >= 200) {
            await post(where, at, { ...fields, [field]: payload });
            await where.look(what);
            if (where === page && (await page.locator('input[name="_csrf"]').count()) === 0) await page.goto("/settings/profile");
          }
        } else {
          const [at, document] = await DOCUMENTS[path](c, u);
          const answer = await send(page, at, put(document, field, payload));
          assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
          assert.match(answer.kind, /^application\/(problem\+)?json/, what);
          assert.equal(answer.guard, "nosniff", what);
        }
      }
    }
  }

  // Everything that is there now.
  const list = async (path, of) => JSON.parse(await page.evaluate(async (path) => (await fetch(path)).text(), path))[of];
  c.numbers = (await list("/api/v1/cases?of=all", "cases")).map((one) => one.number).slice(0, 40).concat(c.number);
  c.versions = (await list("/api/v1/charter/versions", "versions")).map((one) => one.version).slice(0, 14);
  c.people = (await list("/api/v1/people", "people")).map((one) => one.id).slice(0, 14).concat(c.people);
  c.customers = (await list("/api/v1/customers", "customers")).map((one) => one.id).slice(-20).concat(c.customer);
  await page.goto("/offerings");
  c.slugs = await page.locator('a[href^="/offerings/"]').evaluateAll((links) => links.map((link) => link.getAttribute("href").split("/")[2]));
  c.slugs = [...new Set(c.slugs)].filter((slug) => slug !== "new").slice(0, 14);
  for (const slug of c.slugs) {
    await page.goto(`/offerings/${slug}`);
    await post(page, `/offerings/${slug}/shown`, { shown: "yes" });
  }
  const asked = PAYLOADS.slice(0, 4).map((payload) => encodeURIComponent(payload));
  const pages = [];
  for (const [, path] of ROUTES.filter(([method]) => method === "GET")) {
    const name = Object.keys(NAMED).find((name) => path.includes(name));
    const ways = name ? NAMED[name](c, path).slice(0, path.includes("correction") ? 2 : 60).map((value) => path.replace(name, value)) : [path];
    pages.push(...ways);
    for (const q of name ? asked.slice(0, 1) : asked) {
      pages.push(...ways.slice(0, 1).map((way) => `${way}?q=${q}&next=${q}&done=${q}&reason=${q}&remedy=${q}&into=${q}&state=${q}&of=${q}&case=1`));
    }
  }
  PAYLOADS.forEach((_, n) => pages.push(`/cases/${c.number}?reason=late&remedy=remedy${n}`));
  const before = [...seen.values()].reduce((sum, n) => sum + n, 0);
  for (const path of pages) {
    if (path.startsWith("/metrics") || path.includes("charter.toml")) continue;
    const response = await page.goto(path);
    assert.ok(response.status() < 500, `${path}: ${response.status()}`);
    await page.look("the page");
  }
  const times = [...seen.values()].reduce((sum, n) => sum + n, 0);
  t.diagnostic(`${sent} texts sent, ${pages.length} pages opened; seen as text ${before} times in answers, ${times - before} times on pages`);
  PAYLOADS.forEach((payload, n) => assert.ok(process.env.ONLY || seen.get(n + 1) > 5, `${payload} was seen ${seen.get(n + 1)} times`));
  assert.deepEqual(dialogs, []);
  assert.deepEqual([...wrong, ...stranger.wrong], []);
});

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
// ONLY=/cases tries the routes with that in their path, for those who mend one.
const ONLY = process.env.ONLY ?? "";
const NOBODY = ["/sign-in", "/forgot", "/begin/{secret}"];
// Each of these goes by what the one before it left.
const ONE_BY_ONE = ["/offerings/{slug}/versions", "/api/v1/charter"];
// What is answered to six questions.
const ANSWERS = { currency: "EUR", late: "yes", of: "share", free: "10", why: "20", next: "lead", more: "50", top: "owner", mon: "yes", hours: "09:00-17:00", zone: "UTC", step: "read" };
// Addresses that show no page.
const NO_PAGES = {
  "/live": "a stream for a page that is open",
  "/metrics": "figures for machines, kept from whoever is signed in",
  "/charter/versions/{number}/charter.toml": "a file, to be saved",
  "/charter/begin/charter.toml": "a file, to be saved",
  "/charter/begin/charter.scenarios.toml": "a file, to be saved",
  "/assets/{checksum}/{*name}": "files of the program itself",
};
// Every field at once: what is wrong with one shows the others again.
const ALL = "*";
// Pages that are opened side by side.
const WINDOWS = 3;

// What is sent to each route, besides the one field that is tried. `c` knows ids, `u` is a number nothing else has.
const FORMS = {
  "/sign-in": (c, u) => ["/sign-in", { email: `nobody${u}@b.example`, password: "x", next: "/cases" }],
  "/forgot": (c, u) => ["/forgot", { email: `nobody${u}@b.example` }],
  // There is an owner: whatever is sent, nothing is shown again. What is shown while there is none, a test of the program looks at.
  "/begin/{secret}": (c, u) => [`/begin/${"0".repeat(64)}`, { name: `Olga ${u}`, email: `o${u}@b.example`, password: "a bench in the sun", time_zone: "UTC" }],
  // A charter is in force, and what is wrong with the answers is told all the same.
  "/charter/begin": () => ["/charter/begin", { ...ANSWERS }],
  "/settings/profile": () => ["/settings/profile", { locale: "en", time_zone: "UTC" }],
  "/settings/tokens": (c, u) => ["/settings/tokens", { name: `Token ${u}`, source: "shop", bearer: "", "cases:read": "yes" }],
  "/settings/webhooks": (c, u) => ["/settings/webhooks", { url: `https://shop.invalid/${u}`, request_refused: "yes" }],
  "/people": (c, u) => ["/people", { kind: "person", name: `Person ${u}`, email: `p${u}@b.example`, level: "", team: "", role: "member", locale: "en", time_zone: "UTC" }],
  "/people/{id}": (c, u) => [`/people/${c.person}`, { name: `Person ${u}`, email: `p${u}@b.example`, locale: "en", time_zone: "UTC" }],
  "/people/{id}/level": (c) => [`/people/${c.person}/level`, { level: "agent" }],
  "/people/{id}/memberships": (c) => [`/people/${c.person}/memberships`, { team: c.team, role: "member", from: "2031-01-01", until: "2031-01-02" }],
  "/teams": (c, u) => ["/teams", { name: `Team ${u}`, parent: "" }],
  "/teams/{id}/name": (c, u) => [`/teams/${c.team}/name`, { name: `Team ${u}` }],
  "/charter": () => ["/charter", { text: charter(), outer: "", note: "Once more", step: "look" }],
  // A customer is new, or looked for: then the case is not opened, and the form is shown again.
  "/cases": (c, u, field) => {
    const pick = ["q", ALL].includes(field) ? "" : "new";
    return ["/cases", { channel: "mail", title: `Case ${u}`, q: "Nobody", pick, reference: `C-${u}`, name: `Mo ${u}`, order: `O-${u}`, issue: "", offering: "" }];
  },
  // An order is new, or a customer.
  "/cases/{number}/about": (c, u, field) => {
    const kind = field === "q" ? "order" : "customer";
    return [`/cases/${c.bare}/about`, { do: "new", kind, q: `O-${u}`, name: `Mo ${u}`, reference: `M-${u}` }];
  },
  "/cases/{number}/facts": (c) => [`/cases/${c.number}/facts`, { "is.order.carrier": "The post" }],
  "/cases/{number}/notes": (c) => [`/cases/${c.number}/notes`, { note: "A note" }],
  "/cases/{number}/grants": (c, u) => [`/cases/${c.number}/grants`, { remedy: "refund", reason: "late", amount: `${11 + u}.00`, because: "So it is" }],
  "/cases/{number}/offer": (c, u) => [`/cases/${c.number}/offer`, { reason: "late", "give-refund": `${11 + u}.00`, because: "So it is", sent: `offer-${u}` }],
  "/cases/{number}/refusals": (c, u) => [`/cases/${c.bare}/refusals`, { remedy: "refund", reason: "late", amount: `${11 + u}.00`, sent: `no-${u}` }],
  "/cases/{number}/promises": (c, u) => [`/cases/${c.number}/promises`, { how: "phone", due: "yesterday", sent: `promise-${u}` }],
  // The time is over already: it is not passed up, and all that was typed is shown again.
  "/cases/{number}/escalations": (c, u) => {
    const asked = { remedy: "gift", reason: "late", amount: "5.00", meanwhile: "", why_meanwhile: "So it is", want: "That", due: "yesterday" };
    return [`/cases/${c.number}/escalations`, { ...asked, who: "group", how: "phone", sent: `up-${u}` }];
  },
  "/escalations/{id}/question": (c) => [`/escalations/${c.raised}/question`, { form: "question", words: "Which?" }],
  "/escalations/{id}/reply": (c) => [`/escalations/${c.raised}/reply`, { form: "reply", words: "This" }],
  // Nothing of it is no less of it: it goes on waiting for an answer.
  "/escalations/{id}/answer": (c) => [`/escalations/${c.raised}/answer`, { verdict: "less", amount_0: "", words: "So", rule: "", until: "72" }],
  "/promised/{id}/renewal": (c) => [`/promised/${c.made}/renewal`, { form: "later", due: "yesterday", words: "Ill" }],
  "/promised/{id}/end": async (c) => [`/promised/${await promised(c)}/end`, { form: "not", words: "Moved" }],
  "/grants/{id}/settlement": (c) => [`/grants/${c.sent.pop() ?? c.settled}/settlement`, { settled: "unclear", note: "Who knows" }],
  "/grants/{id}/correction": async (c) => [`/grants/${await given(c)}/correction`, { cause: "double", note: "Twice" }],
  "/customers/{id}/contact": (c) => [`/customers/${c.customer}/contact`, { name: "Mo", email: "mo@b.example", phone: "1", locale: "en", contact: "mail" }],
  "/offerings": (c, u) => ["/offerings", { title: `Promise ${u}`, text: "We do.", slug: `promise-${u}` }],
  "/offerings/{slug}/versions": async (c) => [`/offerings/${c.slug}/versions`, { title: "Promise", text: "We do.", version: await latest(c) }],
  "/groups/{group}/team": (c) => ["/groups/leads/team", { team: c.team }],
  "/groups/{group}/shifts": (c) => ["/groups/leads/shifts", { staff: c.person, mon: "yes", hours: "09:00-17:00", zone: "UTC" }],
  "/groups/{group}/absences": (c) => ["/groups/leads/absences", { staff: c.person, from: "2031-01-01", until: "2031-01-02", substitute: "" }],
  "/cases/{number}/debrief": (c) => [`/cases/${c.number}/debrief`, { with: c.bot_id, note: "It was hard" }],
  "/debriefs/with/{id}/points": async (c) => [`/debriefs/with/${c.bot_id}/points`, { note: "Something else" }],
  "/debriefs/with/{id}/talks": async (c) => [`/debriefs/with/${c.bot_id}/talks`, { [`point-${await waiting(c)}`]: "yes", agreed: "So be it" }],
  "/debriefs/points/{id}/notes": async (c) => [`/debriefs/points/${await waiting(c)}/notes`, { note: "A note" }],
  "/debriefs/talks/{id}/notes": async (c) => [`/debriefs/talks/${await talked(c)}/notes`, { note: "A note" }],
  "/groups/{group}/chat": () => ["/groups/leads/chat", { address: "https://chat.invalid/a-hook", kind: "slack" }],
  "/settings/calendars/{name}": () => ["/settings/calendars/shop", { zone: "UTC", mon: "09:00-17:00", exceptions: "" }],
  // In place of what guards other forms, those of the card bring their pass.
  "/embed/card/facts": (c) => ["/embed/card/facts", { _csrf: c.pass, "is.order.carrier": "The post" }],
  "/embed/card/grants": (c, u) => ["/embed/card/grants", { _csrf: c.pass, remedy: "refund", reason: "late", amount: `${11 + u}.00`, because: "So it is", sent: `e-${u}` }],
};
const DOCUMENTS = {
  "/api/v1/charter": () => ["/api/v1/charter", { text: charter(), outer_text: undefined, note: "Once more", despite_warnings: true }],
  "/api/v1/cases": (c, u) => {
    const about = { order: `O-${u}` };
    return ["/api/v1/cases", { channel: "mail", title: `Case ${u}`, customer: `C-${u}`, issue: "issue0", reference: `R-${u}`, team: c.team, about }];
  },
  "/api/v1/cases/{number}/facts": (c) => [`/api/v1/cases/${c.number}/facts`, { facts: [{ fact: "order.carrier", value: "The post" }] }],
  "/api/v1/cases/{number}/notes": (c) => [`/api/v1/cases/${c.number}/notes`, { text: "A note" }],
  "/api/v1/cases/{number}/moves": (c) => [`/api/v1/cases/${c.number}/moves`, { move: "wait" }],
  "/api/v1/cases/{number}/owner": (c) => [`/api/v1/cases/${c.bare}/owner`, { owner: "me" }],
  "/api/v1/cases/{number}/about": (c, u) => [`/api/v1/cases/${c.bare}/about`, { kind: "order", reference: `O-${u}` }],
  "/api/v1/cases/{number}/issue": (c) => [`/api/v1/cases/${c.bare}/issue`, { issue: "issue0" }],
  "/api/v1/cases/{number}/offering": (c) => [`/api/v1/cases/${c.bare}/offering`, { offering: c.slug }],
  "/api/v1/cases/{number}/grants": (c) => [`/api/v1/cases/${c.number}/grants`, { items: [{ remedy: "refund", amount: "1.00", reason: "late", why: "So it is" }] }],
  // Something waits in this case already: it is read, and nothing more is passed up.
  "/api/v1/cases/{number}/escalations": (c) => {
    const one = { remedy: "gift", amount: "5.00", reason: "late", why: "So it is" };
    const promise = { who: "me", due: later(), how: "phone" };
    return [`/api/v1/cases/${c.bare}/escalations`, { meanwhile: [{ ...one }], items: [{ ...one }], cause: "beyond_limit", want: "That", promise }, c.bot];
  },
  "/api/v1/escalations/{id}/taking": (c) => [`/api/v1/escalations/${c.raised}/taking`, { from: `staff:${c.person}` }],
  "/api/v1/escalations/{id}/question": (c) => [`/api/v1/escalations/${c.raised}/question`, { words: "Which?" }],
  "/api/v1/escalations/{id}/reply": (c) => [`/api/v1/escalations/${c.raised}/reply`, { words: "This" }, c.bot],
  // Less than nothing is no answer: it goes on waiting for one.
  "/api/v1/escalations/{id}/answer": (c) => {
    return [`/api/v1/escalations/${c.raised}/answer`, { verdict: "less", amounts: ["0"], words: "So", rule: "cards", until: later(), kept: "one_off" }];
  },
  "/api/v1/escalations/{id}/rating": (c) => [`/api/v1/escalations/${c.raised}/rating`, { rating: "helpful" }, c.bot],
  "/api/v1/cases/{number}/promises": (c) => [`/api/v1/cases/${c.number}/promises`, { due: later(), how: "phone" }],
  "/api/v1/promised/{id}/renewal": (c) => [`/api/v1/promised/${c.made}/renewal`, { due: later(), words: "Ill" }],
  "/api/v1/promised/{id}/end": async (c) => [`/api/v1/promised/${await promised(c)}/end`, { words: "Moved" }],
  // Another program asks for a card, with a token of its own.
  "/api/v1/cases/{number}/cards": (c) => [`/api/v1/cases/${c.number}/cards`, { person: "olga@b.example" }, c.helpDesk],
  "/api/v1/grants/{id}/settlement": (c) => [`/api/v1/grants/${c.sent.pop() ?? c.settled}/settlement`, { settled: "unclear", note: "Who knows" }],
  "/api/v1/grants/{id}/correction": async (c) => [`/api/v1/grants/${await given(c)}/correction`, { cause: "double", note: "Twice" }],
  "/api/v1/groups/{group}/team": (c) => ["/api/v1/groups/leads/team", { team: c.team }],
  "/api/v1/groups/{group}/shifts": (c) => ["/api/v1/groups/leads/shifts", { staff: c.person, days: ["mon"], hours: "09:00-17:00", zone: "UTC" }],
  "/api/v1/groups/{group}/absences": (c) => {
    return ["/api/v1/groups/leads/absences", { staff: c.person, first_day: "2031-01-01", last_day: "2031-01-02", substitute: c.bot_id }];
  },
  "/api/v1/debriefs/points": (c) => ["/api/v1/debriefs/points", { agent: c.bot_id, text: "Something else" }],
  "/api/v1/debriefs/points/{id}/notes": async (c) => [`/api/v1/debriefs/points/${await waiting(c)}/notes`, { text: "A note" }],
  "/api/v1/debriefs/talks": async (c) => ["/api/v1/debriefs/talks", { agent: c.bot_id, points: [await waiting(c)], agreed: "So be it" }],
  "/api/v1/debriefs/talks/{id}/notes": async (c) => [`/api/v1/debriefs/talks/${await talked(c)}/notes`, { text: "A note" }],
  "/api/v1/webhooks": (c, u) => ["/api/v1/webhooks", { url: `https://shop.invalid/${u}`, events: ["request_refused"] }],
  "/api/v1/webhooks/{id}/events": (c) => [`/api/v1/webhooks/${c.hooks[0]}/events`, { events: ["request_refused"] }],
};
// Where each page about one thing leads.
const OF = { with: "led", talks: "talks", people: "people", customers: "customers", grants: "grants", webhooks: "hooks", escalations: "passed", promised: "promises" };
const NAMED = {
  "{number}": (c, path) => (path.startsWith("/charter") ? c.versions : c.numbers),
  "{id}": (c, path) => c[OF[Object.keys(OF).find((of) => path.includes(`/${of}/`))]],
  "{slug}": (c) => c.slugs,
  "{name}": () => ["shop"],
  "{group}": () => ["leads"],
  "{secret}": () => [encodeURIComponent(PAYLOADS[0])],
};

let program, browser, link;
before(async () => {
  process.env.LEEWAY_EMBED_ORIGINS = "https://help.example";
  program = await serve((leeway) => {
    link = leeway("admin", "create-owner", "--name", PAYLOADS[0], "--email", "olga@b.example").match(/http\S+/)[0];
    const file = (name, text) => (writeFileSync(join(tmpdir(), `scripts-${process.pid}-${name}`), text), join(tmpdir(), `scripts-${process.pid}-${name}`));
    leeway("charter", "publish", file("charter.toml", charter()), "--note", PAYLOADS[1]);
    const rows = PAYLOADS.map((payload, n) => JSON.stringify({ id: `I-${n}`, name: payload, phone: payload }));
    const map = file("map.toml", `source = "shop"\ntime_zone = "UTC"\nreference = "id"\nname = "name"\nphone = "phone"\n`);
    leeway("import", "customers", file("customers.jsonl", rows.join("\n")), "--map", map);
  });
  delete process.env.LEEWAY_EMBED_ORIGINS;
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
      for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("textarea"), { name, value }));
      }
      document.body.append(form);
      HTMLFormElement.prototype.submit.call(form);
    },
    [path, { ...(page.token && { _csrf: page.token }), ...fields }],
  );
  return (await answered).status();
}

// Sends a form from a page that stays where it is. Gives what is answered, or the page this leads to.
function tried(page, path, fields) {
  return page.evaluate(
    async ([path, fields]) => {
      const response = await fetch(path, { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "text/html" } });
      const { status, redirected, url } = response;
      return { status, kind: response.headers.get("content-type") ?? "", leads: redirected ? new URL(url).pathname : undefined, text: await response.text() };
    },
    [path, { ...(page.token && { _csrf: page.token }), ...fields }],
  );
}

// Sends a document as the owner of a page, or with a token; gives status, kind and what was answered.
async function send(page, path, document, bearer) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  const body = JSON.stringify(document);
  if (!bearer) {
    const response = await page.request.post(path, { headers: { ...headers, "X-CSRF-Token": page.token }, data: Buffer.from(body) });
    const said = response.headers();
    return { status: response.status(), kind: said["content-type"], guard: said["x-content-type-options"], text: await response.text() };
  }
  const response = await fetch(program.url + path, { method: "POST", headers: { ...headers, Authorization: `Bearer ${bearer}` }, body });
  const said = (name) => response.headers.get(name);
  return { status: response.status, kind: said("content-type"), guard: said("x-content-type-options"), text: await response.text() };
}

// A grant that the agent made, for the owner to mend.
async function given(c) {
  const why = PAYLOADS[c.grants.length % PAYLOADS.length];
  const { status, text } = await send(c.page, `/api/v1/cases/${c.number}/grants`, { items: [{ remedy: "card", why }] }, c.bot);
  assert.equal(status, 201, text);
  const grant = JSON.parse(text).grants[0].id;
  c.grants.push(grant);
  return grant;
}

// A point on the list of the agent, which the owner leads.
async function waiting(c) {
  const text = PAYLOADS[c.talks.length % PAYLOADS.length];
  const { status, text: answer } = await send(c.page, "/api/v1/debriefs/points", { agent: c.bot_id, text });
  assert.equal(status, 201, answer);
  return JSON.parse(answer).id;
}

// A talk that was held with it.
async function talked(c) {
  const talk = { agent: c.bot_id, points: [await waiting(c)], agreed: PAYLOADS[c.talks.length % PAYLOADS.length] };
  const { status, text } = await send(c.page, "/api/v1/debriefs/talks", talk);
  assert.equal(status, 201, text);
  c.talks.push(JSON.parse(text).id);
  return c.talks.at(-1);
}

// A time that a customer can be told: each is later than the one before.
const later = () => new Date(Date.now() + 86_400_000 + 1000 * (times += 1)).toISOString();
let times = 0;

// Something that a customer was promised.
async function promised(c) {
  const { status, text } = await send(c.page, `/api/v1/cases/${c.number}/promises`, { due: later(), how: "phone" });
  assert.equal(status, 201, text);
  return JSON.parse(text).id;
}

// The version of an offering that a form would come from.
async function latest(c) {
  const html = await (await c.page.request.get(`/offerings/${c.slug}`)).text();
  return html.match(/name="version"[^>]* value="([^"]*)"/)[1];
}

// Where `place` says: `title`, `items[].why`, `about.*`; the object, and the name in it.
function at(document, place) {
  const parts = place.replaceAll("[]", ".0").split(".");
  const inside = parts.slice(0, -1).reduce((inside, part) => inside?.[part], document);
  return [inside, parts.at(-1) === "*" ? Object.keys(inside ?? {})[0] : parts.at(-1)];
}

// What a field of a form is called: `value`, and for `is.*` the first that begins so.
function called(fields, text) {
  return text.length > 1 && text.endsWith("*") ? Object.keys(fields).find((name) => name.startsWith(text.slice(0, -1))) : text;
}

function put(document, place, text) {
  const [inside, name] = at(document, place);
  inside[name] = text;
  return document;
}

// What has been seen on a page: those texts count.
function watched({ page, wrong }, dialogs, seen) {
  page.on("dialog", (dialog) => (dialogs.push(dialog.message()), dialog.dismiss()));
  page.look = async (what, html) => {
    const found = await looked(page, html);
    assert.deepEqual(found.wrong, [], `${what} at ${page.url()}`);
    found.seen.forEach((n) => seen.set(n, (seen.get(n) ?? 0) + 1));
  };
  page.wrong = wrong;
  return page;
}

// Another window of the same person.
async function beside(page, dialogs, seen) {
  const other = { page: await page.context().newPage(), wrong: [] };
  other.page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && other.wrong.push(message.text()));
  other.page.on("pageerror", (error) => other.wrong.push(error.message));
  await other.page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  });
  other.page.token = page.token;
  return watched(other, dialogs, seen);
}

// What there is to try things on.
async function things(page) {
  const c = { page, grants: [], sent: [], numbers: [], versions: [], people: [], customers: [], slugs: [], hooks: [], talks: [], passed: [], promises: [] };
  const last = () => new URL(page.url()).pathname.split("/").at(-1);
  const read = async (path) => JSON.parse(await (await page.request.get(path)).text());
  const token = async (fields) => {
    await post(page, "/settings/tokens", fields);
    return (await page.content()).match(/leeway_[0-9a-zA-Z]{20,}/)[0];
  };
  await page.goto(new URL(link).pathname);
  await page.look("the invitation");
  await page.getByLabel(/password/i).first().fill(PASSWORD);
  await page.getByRole("button").first().click();
  await page.waitForURL((at) => !at.pathname.startsWith("/invitations"));
  await page.goto("/settings/profile");
  page.token = await csrf(page);
  const me = (await read("/api/v1/me")).id;
  await post(page, "/teams", { name: "Care", parent: "" });
  await page.goto(`/people/${me}`);
  c.team = await page.locator('select[name="team"] option').first().getAttribute("value");
  await post(page, `/people/${me}/level`, { level: "manager" });
  await post(page, "/people", { kind: "ai_agent", name: PAYLOADS[5], email: "", level: "agent", locale: "en", time_zone: "UTC" });
  const bot = last();
  await post(page, `/people/${bot}/memberships`, { team: c.team, role: "member", from: "", until: "" });
  c.bot = await token({ name: "Bot", bearer: bot, source: "", "grants:write": "yes", "cases:write": "yes" });
  c.helpDesk = await token({ name: "Help desk", bearer: "", source: "help-desk", "cases:read": "yes", "cards:show": "yes" });
  await post(page, "/people", { kind: "person", name: "Pat", email: "pat@b.example", level: "", locale: "en", time_zone: "UTC" });
  c.person = last();
  await post(page, `/people/${c.person}/memberships`, { team: c.team, role: "member", from: "", until: "2030-12-31" });
  c.people = [me, bot, c.person];
  [c.bot_id, c.led] = [bot, [bot]];
  await post(page, `/people/${me}/memberships`, { team: c.team, role: "lead", from: "", until: "" });
  await post(page, "/cases", { channel: "mail", title: "A case", pick: "new", reference: "C-0", order: "O-0" });
  c.number = last();
  await post(page, "/cases", { channel: "mail", title: "A case of nobody", pick: "none" });
  c.bare = last();
  c.customer = (await read("/api/v1/customers?reference=C-0")).customers[0].id;
  await post(page, "/offerings", { title: "Promise", text: "We do.", slug: "promise" });
  c.slug = "promise";
  // Addresses that are taken can hold texts too, as addresses write them.
  for (const payload of [PAYLOADS[0], PAYLOADS[10]]) {
    await post(page, "/settings/webhooks", { url: `https://shop.invalid/?${payload}`, request_refused: "yes" });
    await page.look("a webhook that was just made");
  }
  c.hooks = (await read("/api/v1/webhooks")).webhooks.map((one) => one.id);
  for (const hook of c.hooks) await post(page, `/settings/webhooks/${hook}/test`, {});
  const card = await send(page, `/api/v1/cases/${c.number}/cards`, { person: "olga@b.example" }, c.helpDesk);
  c.card = new URL(JSON.parse(card.text).url);
  c.card = c.card.pathname + c.card.search;
  c.pass = c.card.split("pass=")[1];
  const asked = { items: [{ remedy: "gift", amount: "5.00", reason: "late" }], want: PAYLOADS[2] };
  const raised = await send(page, `/api/v1/cases/${c.bare}/escalations`, asked, c.bot);
  assert.equal(raised.status, 201, raised.text);
  c.raised = JSON.parse(raised.text).escalation;
  c.made = await promised(c);
  c.passed.push(c.raised);
  c.promises.push(c.made);
  for (let n = 0; n < 2 * PAYLOADS.length + 2; n++) c.sent.push(await given(c));
  c.settled = c.sent[0];
  return c;
}

// Sends a text in a field of a form, and looks at what comes back. Gives the page it led to, if any.
async function typed(where, c, path, field, texts, payload, u) {
  const what = `POST ${path}: ${field}: ${payload}`;
  const [to, fields] = await FORMS[path](c, u, field);
  const all = Object.fromEntries((field === ALL ? texts : [field]).map((text) => [called(fields, text), payload]));
  const got = await tried(where, to, { ...fields, ...all });
  assert.ok(got.status < 500, `${what}: ${got.status}`);
  if (got.kind.startsWith("text/html")) await where.look(what, got.text);
  else assert.match(got.kind, /^application\/(problem\+)?json/, what);
  return { ...got, to, fields: { ...fields, ...all }, what };
}

async function told(page, c, path, field, payload, u) {
  const what = `POST ${path}: ${field}: ${payload}`;
  const [to, document, bearer] = await DOCUMENTS[path](c, u);
  const got = await send(page, to, put(document, field, payload), bearer);
  assert.ok(got.status < 500, `${what}: ${got.status} ${got.text}`);
  assert.match(got.kind, /^application\/(problem\+)?json/, what);
  assert.equal(got.guard, "nosniff", what);
}

// Every field of every route is known here, or this fails: whoever adds one says what is sent with it.
async function complete(c) {
  const taking = ROUTES.filter(([, , texts]) => texts.length > 0);
  const known = new Set([...Object.keys(FORMS), ...Object.keys(DOCUMENTS)]);
  assert.deepEqual(new Set(taking.map(([, path]) => path)), known, "routes that take texts, and what is sent to them above");
  for (const [, path, texts] of taking) {
    const [, one] = await (FORMS[path] ?? DOCUMENTS[path])(c, 0, texts[0]);
    for (const text of texts) {
      const [inside, name] = FORMS[path] ? [one, called(one, text)] : at(one, text);
      assert.ok(inside && name in inside, `${path} takes ${text}: it is not among what is sent to it above`);
    }
  }
  return taking;
}

// All pages there are now, with texts in their addresses as well.
function addresses(c) {
  const asked = PAYLOADS.slice(0, 2).map((payload) => encodeURIComponent(payload));
  const pages = [];
  for (const [, path] of ROUTES.filter(([method, path]) => method === "GET" && !(path in NO_PAGES))) {
    const name = Object.keys(NAMED).find((name) => path.includes(name));
    const values = name ? NAMED[name](c, path) : [];
    assert.ok(!name || values?.length > 0, `${path}: which?`);
    assert.ok(name || !path.includes("{"), `${path}: which?`);
    const ways = path === "/embed/card" ? [c.card] : name ? values.slice(0, path.includes("correction") ? 2 : 40).map((value) => path.replace(name, value)) : [path];
    // A document is not a page: what a browser makes of one is looked at once.
    pages.push(...(path.startsWith("/api/") ? ways.slice(0, 2) : ways));
    for (const q of name ? asked.slice(0, 1) : asked) {
      const first = ways[0] + (ways[0].includes("?") ? "&" : "?");
      pages.push(`${first}q=${q}&next=${q}&done=${q}&reason=${q}&remedy=${q}&into=${q}&state=${q}&of=${q}&case=1`);
    }
  }
  for (const payload of PAYLOADS) for (const path of ["/search", "/cases/new", `/cases/${c.bare}/about`, "/customers"]) pages.push(`${path}?q=${encodeURIComponent(payload)}`);
  PAYLOADS.forEach((_, n) => pages.push(`/cases/${c.number}?reason=late&remedy=remedy${n}`));
  return [...new Set(pages)];
}

// A part of `list`, from all over it.
function spread(list, most) {
  const step = Math.max(1, list.length / most);
  return [...new Set(Array.from({ length: Math.min(most, list.length) }, (_, n) => list[Math.floor(n * step)]))];
}

// Pages are made the same way whichever database their words come from: once is enough.
const skip = process.env.LEEWAY_E2E_POSTGRES ? "done on SQLite" : false;

test("what is typed or sent anywhere is shown as text everywhere", { timeout: 900_000, skip }, async (t) => {
  const [dialogs, seen, begun] = [[], new Map(), Date.now()];
  const sum = () => [...seen.values()].reduce((sum, n) => sum + n, 0);
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  const page = watched(await someone(browser, program.url, { userAgent: `Mozilla/5.0 ${PAYLOADS[0].replace(/[^ -~]/g, "")} Firefox/130 (X11; Linux)` }), dialogs, seen);
  const stranger = watched(await someone(browser, program.url), dialogs, seen);
  const c = await things(page);
  const taking = await complete(c);
  await stranger.goto("/sign-in");
  await page.goto("/settings/profile");
  // What is answered is shown in a window for some: all of it is read as a browser reads it.
  const shown = await beside(page, dialogs, seen);
  await shown.goto("/settings/profile");

  let [u, sent, led] = [0, 0, []];
  const slow = [];
  for (const [, path, texts] of taking.filter(([, path]) => path.includes(ONLY))) {
    const started = Date.now();
    const where = NOBODY.includes(path) ? stranger : page;
    // What the table calls a text, and whatever else a form says: it can hold any text as well.
    const others = FORMS[path] ? Object.keys((await FORMS[path](c, 0))[1]).filter((field) => !texts.includes(field)) : [];
    for (const field of [...texts, ...others, ...(FORMS[path] ? [ALL] : [])]) {
      const payloads = others.includes(field) ? PAYLOADS.slice(0, 2) : PAYLOADS;
      const one = (payload) => ((u += 1), FORMS[path] ? typed(where, c, path, field, texts, payload, u) : told(page, c, path, field, payload, u));
      const got = [];
      if (ONE_BY_ONE.includes(path)) for (const payload of payloads) got.push(await one(payload));
      else got.push(...(await Promise.all(payloads.map(one))));
      sent += payloads.length;
      if (!FORMS[path]) continue;
      led.push(...got.map((one) => one.leads).filter(Boolean));
      const again = got.find((one) => !one.leads && one.kind.startsWith("text/html"));
      if (again) {
        const window = where === page ? shown : await beside(stranger, dialogs, seen);
        if (window !== shown) await window.goto("/sign-in");
        await post(window, again.to, again.fields);
        await window.look(again.what);
        if (window !== shown) stranger.wrong.push(...window.wrong), await window.close();
        else if (!window.url().startsWith(program.url)) await window.goto("/settings/profile");
      }
    }
    slow.push([Date.now() - started, path]);
  }
  t.diagnostic(`${sent} texts sent after ${seconds()}; longest: ${slow.sort((a, b) => b[0] - a[0]).slice(0, 6).map(([ms, path]) => `${path} ${ms} ms`).join(", ")}`);

  // Everything that is there now.
  const list = async (path, of) => JSON.parse(await (await page.request.get(path)).text())[of];
  const ledTo = (before) => [...new Set(led.filter((path) => path.startsWith(before)).map((path) => path.slice(before.length).split("/")[0]))];
  const numbers = (await list("/api/v1/cases?of=all", "cases")).map((one) => one.number);
  c.numbers = [c.number, c.bare, ...spread(ledTo("/cases/").filter((number) => /^\d+$/.test(number)), 10), ...spread(numbers, 6)];
  c.versions = spread((await list("/api/v1/charter/versions", "versions")).map((one) => one.version), 4);
  c.people = [...c.people, ...spread((await list("/api/v1/people", "people")).map((one) => one.id), 12)];
  c.customers = [c.customer, ...spread((await list("/api/v1/customers", "customers")).map((one) => one.id), 14)];
  await page.goto("/offerings");
  const slugs = await page.locator('a[href^="/offerings/"]').evaluateAll((links) => links.map((link) => link.getAttribute("href").split("/")[2]));
  c.slugs = spread([...new Set(slugs)].filter((slug) => slug !== "new"), 10);
  for (const slug of c.slugs) await tried(page, `/offerings/${slug}/shown`, { shown: "yes" });

  const [before, pages] = [sum(), addresses(c)];
  const left = [...pages];
  const windows = [page, shown];
  while (windows.length < WINDOWS) windows.push(await beside(page, dialogs, seen));
  const open = async (window) => {
    for (let path = left.shift(); path; path = left.shift()) {
      const response = await window.goto(path);
      assert.ok(response.status() < 500, `${path}: ${response.status()}`);
      await window.look("the page");
    }
  };
  await Promise.all(windows.map(open));
  // What a page puts in place of a part of itself while somebody types.
  for (const path of ["/cases/new", `/cases/${c.bare}/about`]) {
    await page.goto(path);
    for (const payload of PAYLOADS.slice(0, 4)) {
      await page.locator(".finder input").fill(payload);
      await page.locator("#found", { hasText: payload.slice(0, 20) }).waitFor();
      await page.look(`${path} while one types`);
    }
  }
  t.diagnostic(`${pages.length} pages opened after ${seconds()}; seen as text ${before} times in answers, ${sum() - before} times on pages`);
  PAYLOADS.forEach((payload, n) => assert.ok(ONLY || seen.get(n + 1) > 5, `${payload} was seen ${seen.get(n + 1)} times`));
  assert.deepEqual(dialogs, []);
  assert.deepEqual([...stranger.wrong, ...windows.flatMap((window) => window.wrong)], []);
});

//! What each page and each list costs the database, with few cases and with many.
//!
//! `CASES=1000000 cargo test --release -p leeway --test scale pages -- --nocapture` is the long way; without it there are a few thousand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use leeway::app::App;
use leeway::routes;
use platform::clock::Clock;
use platform::db::{Db, Location};
use testkit::years::{self, Years};
use testkit::{Engine, TestDb};
use tower::ServiceExt;

use crate::AT;
use crate::company::company;
use crate::settings::settings;
use crate::work::{self, Way};

/// With how many cases the others are compared.
const FEW: i64 = 1_000;
/// How many are open, however many there were: enough to fill a page with what is unsettled in them.
const OPEN: i64 = 400;
/// By how many hundredths a page may cost more with many cases.
const PERCENT_MOST: u64 = 150;
/// How often each page is asked for before it is looked at: after five times PostgreSQL has a plan for any value.
const TIMES: u64 = 6;

const AGENT: i64 = 0;
const OWNER: i64 = 1;
const LEAD: i64 = 20;

/// Pages that nothing is listed on, each with what it asks of the database.
const UNASKED: &[(&str, &str)] = &[
    ("/healthz", "nothing"),
    ("/readyz", "whether it answers"),
    ("/metrics", "the jobs there are, as on their page"),
    ("/api/openapi.json", "nothing"),
    ("/live", "who asks, and of each topic what its page asks first: one row"),
    ("/assets/{checksum}/{*name}", "nothing"),
    ("/sign-in", "whether there is an owner"),
    ("/forgot", "nothing"),
    ("/begin/{secret}", "whether there is an owner, and one link"),
    ("/charter/begin", "whether a charter is in force, and what was answered"),
    ("/charter/begin/read", "the same"),
    ("/charter/begin/charter.toml", "nothing"),
    ("/charter/begin/charter.scenarios.toml", "nothing"),
    ("/invitations/{secret}", "one link"),
    ("/reset/{secret}", "one link"),
    ("/embed/card", "what the page of the case does"),
];

/// A request, and who sends it.
struct Page {
    who: i64,
    path: String,
}

/// Every page and list, with each of its filters.
fn pages(years: &Years<'_>) -> BTreeMap<String, Page> {
    let last = years.cases;
    // Cases of the first person that have a grant.
    let (open, settled) = (last - 4, last - years.open - 152);
    let (customer, team) = (years::customer(years, (open - 1) % years.customers()), years::team(years, 0));
    let (person, grant, webhook) = (years::person(years, 0), years::grant(years, open - 1), years::webhook(years, 0));
    let mut pages = BTreeMap::new();
    let mut add = |who: i64, name: &str, path: String| {
        pages.insert(name.to_owned(), Page { who, path });
    };
    for state in ["open", "waiting", "solved", "closed"] {
        add(AGENT, &format!("cases: mine, {state}"), format!("/cases?of=me&state={state}"));
        add(AGENT, &format!("cases: a team's, {state}"), format!("/cases?of={team}&state={state}"));
        add(LEAD, &format!("cases: a team one leads, {state}"), format!("/cases?of={team}&state={state}"));
        add(OWNER, &format!("cases: all, {state}"), format!("/cases?of=all&state={state}"));
        add(AGENT, &format!("API: cases, {state}"), format!("/api/v1/cases?state={state}"));
        add(OWNER, &format!("API: all cases, {state}"), format!("/api/v1/cases?of=all&state={state}"));
    }
    add(OWNER, "cases: all, closed, from the middle", format!("/cases?of=all&state=closed&before={}", last / 2));
    add(OWNER, "cases: all, closed, back from the middle", format!("/cases?of=all&state=closed&after={}", last / 10));
    add(AGENT, "API: cases of a customer", format!("/api/v1/cases?customer={customer}"));
    add(AGENT, "case: open", format!("/cases/{open}"));
    add(AGENT, "case: a remedy chosen", format!("/cases/{open}?reason=late&remedy=refund"));
    add(AGENT, "case: settled", format!("/cases/{settled}"));
    add(AGENT, "case: several remedies, one offer", format!("/cases/{open}/offer?reason=late"));
    add(AGENT, "case: what it is about", format!("/cases/{open}/about?q=O-00000"));
    let (up, promise) = years::passed_up(years, open - 1);
    add(AGENT, "passed up: the form", format!("/cases/{open}/escalations/new?remedy=refund&reason=late&amount=50"));
    for (who, of) in [(AGENT, "mine"), (LEAD, "waiting"), (LEAD, "answered")] {
        add(who, &format!("passed up: {of}"), format!("/escalations?of={of}"));
    }
    add(AGENT, "passed up", format!("/escalations/{up}"));
    for (what, before) in [("", ""), ("API: ", "/api/v1")] {
        add(AGENT, &format!("{what}precedents"), format!("{before}/precedents?remedy=refund&reason=late&q=heard"));
        add(LEAD, &format!("{what}how groups answer"), format!("{before}/answering"));
    }
    for (what, of) in [("rota", "shifts"), ("absences of a rota", "absences")] {
        add(LEAD, &format!("API: {what}"), format!("/api/v1/groups/duty-leads/{of}"));
    }
    add(AGENT, "promised", format!("/promised/{promise}"));
    add(AGENT, "case: to talk over", format!("/cases/{settled}/debrief"));
    add(LEAD, "debriefs: with somebody", format!("/debriefs/with/{person}"));
    add(LEAD, "API: points of somebody", format!("/api/v1/debriefs/points?agent={person}"));
    let talk = years::talk(years).unwrap();
    for (what, before) in [("debriefs: a talk", ""), ("API: a talk", "/api/v1")] {
        add(AGENT, what, format!("{before}/debriefs/talks/{talk}"));
        add(AGENT, &format!("{what}, of those before it"), format!("{before}/debriefs{}={talk}", if before.is_empty() { "?talks" } else { "/talks?after" }));
    }
    add(LEAD, "debriefs: whom one leads", "/debriefs".to_owned());
    add(LEAD, "API: debriefs of whom one leads", "/api/v1/debriefs".to_owned());
    add(AGENT, "case: new", "/cases/new".to_owned());
    add(AGENT, "case: new, for whom", "/cases/new?q=carla".to_owned());
    add(AGENT, "customers", "/customers".to_owned());
    // Neither the first nor the last of all names.
    add(AGENT, "customers: by name", "/customers?q=carla".to_owned());
    add(AGENT, "customers: by name, from the middle", "/customers?q=carla&after=carla+0000010".to_owned());
    add(AGENT, "customers: by name, back from the middle", "/customers?q=carla&before=carla+0000240".to_owned());
    for (what, words) in
        [("name", "carla"), ("e-mail", "anna-4%40mail.example"), ("order", "O-0000007"), ("orders", "O-00000"), ("words nothing has", "nothing+has+this")]
    {
        add(AGENT, &format!("search: by {what}"), format!("/search?q={words}"));
    }
    add(AGENT, "customer", format!("/customers/{customer}"));
    add(AGENT, "customer: contact", format!("/customers/{customer}/contact"));
    add(LEAD, "customer: merge", format!("/customers/{customer}/merge"));
    add(OWNER, "customer: erasure", format!("/customers/{customer}/erasure"));
    for state in ["sent", "failed", "unclear"] {
        add(AGENT, &format!("to hand over: {state}"), format!("/grants/unsettled?state={state}"));
        add(OWNER, &format!("to hand over: all, {state}"), format!("/grants/unsettled?state={state}"));
    }
    add(LEAD, "settlement", format!("/grants/{grant}/settlement"));
    add(LEAD, "correction", format!("/grants/{grant}/correction"));
    add(AGENT, "person", format!("/people/{person}"));
    add(OWNER, "webhook", format!("/settings/webhooks/{webhook}"));
    for (who, paths) in SIMPLE {
        for path in *paths {
            add(*who, path, (*path).to_owned());
        }
    }
    for (name, rest) in [("case", ""), ("timeline", "/timeline"), ("options", "/options"), ("grants of a case", "/grants")] {
        add(AGENT, &format!("API: {name}"), format!("/api/v1/cases/{open}{rest}"));
    }
    for (name, rest) in [("passed up in a case", "/escalations"), ("promised in a case", "/promises")] {
        add(AGENT, &format!("API: {name}"), format!("/api/v1/cases/{open}{rest}"));
    }
    for (who, of) in [(AGENT, "mine"), (LEAD, "waiting"), (LEAD, "answered")] {
        add(who, &format!("API: passed up, {of}"), format!("/api/v1/escalations?of={of}"));
    }
    add(AGENT, "API: one that was passed up", format!("/api/v1/escalations/{up}"));
    add(AGENT, "API: grant", format!("/api/v1/grants/{grant}"));
    add(AGENT, "API: customer", format!("/api/v1/customers/{customer}"));
    add(AGENT, "API: customers by name", "/api/v1/customers?q=carla".to_owned());
    add(AGENT, "API: person", format!("/api/v1/people/{person}"));
    add(OWNER, "API: webhook", format!("/api/v1/webhooks/{webhook}"));
    add(OWNER, "API: deliveries", format!("/api/v1/webhooks/{webhook}/deliveries"));
    add(AGENT, GIVE, format!("/api/v1/cases/{open}/grants"));
    pages
}

/// Pages that are called as they are.
const SIMPLE: &[(i64, &[&str])] = &[
    (AGENT, &["/", "/teams", "/people", "/people?q=person", "/settings/profile", "/settings/sessions", "/promises", "/promises/promise-01"]),
    (AGENT, &["/offerings", "/offerings/promise-01", "/charter", "/charter/versions", "/charter/versions/1", "/charter/versions/1/charter.toml"]),
    (AGENT, &["/groups", "/groups/duty-leads", "/debriefs", "/api/v1/debriefs", "/api/v1/debriefs/points", "/api/v1/debriefs/talks"]),
    (AGENT, &["/api/v1/charter", "/api/v1/charter/versions", "/api/v1/groups", "/api/v1/me", "/api/v1/people"]),
    (OWNER, &["/people/new", "/charter/new", "/offerings/new", "/settings/tokens", "/settings/jobs", "/settings/calendars", "/settings/calendars/shop"]),
    (OWNER, &["/settings/webhooks", "/api/v1/webhooks"]),
];

/// The one that changes something.
const GIVE: &str = "API: give a remedy";

/// What one page costs: statements, steps or buffers, and of what.
struct Work {
    statements: u64,
    units: u64,
    parts: BTreeMap<String, u64>,
}

fn app(location: &Location) -> App {
    App::new(Arc::new(Db::open(location, leeway::wiring::WIRES).unwrap()), Clock::standing_at(AT), "http://127.0.0.1".to_owned(), &settings(location)).unwrap()
}

async fn ask(app: &App, name: &str, page: &Page) {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let secret = years::secret(page.who);
    let request = Request::builder().uri(&page.path).header(header::HOST, "127.0.0.1");
    let request = if page.path.starts_with("/api/") {
        request.header(header::AUTHORIZATION, format!("Bearer leeway_{secret}"))
    } else {
        request.header(header::COOKIE, format!("leeway={secret}"))
    };
    let request = if name == GIVE {
        let body = r#"{"items":[{"remedy":"refund","reason":"late","amount":"0.05"}]}"#;
        let request = request
            .method("POST")
            .header("idempotency-key", format!("turn-{}", TURN.fetch_add(1, Ordering::Relaxed)))
            .header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(body)).unwrap()
    } else {
        request.body(Body::empty()).unwrap()
    };
    let response = routes::service(app).oneshot(request).await.unwrap();
    let (status, body) = (response.status(), to_bytes(response.into_body(), 1 << 22).await.unwrap());
    let expected = match name {
        GIVE => StatusCode::CREATED,
        "/" => StatusCode::SEE_OTHER,
        _ => StatusCode::OK,
    };
    assert_eq!(status, expected, "{name}, {}: {}", page.path, String::from_utf8_lossy(&body));
}

/// The ways an engine is told to go by, the last as it does by itself.
fn ways(location: &Location) -> &'static [Way] {
    match location {
        Location::File(_) => &[Way::Own],
        Location::Postgres(_) => &[Way::Indexes, Way::Own],
    }
}

/// What each page costs in a company with so many cases, each way.
async fn measured(engine: Engine, cases: i64) -> Vec<BTreeMap<String, Work>> {
    let test = TestDb::new(engine).await.unwrap();
    let years = company(&test.location, (cases, OPEN), AT).await.unwrap();
    let mut each = Vec::new();
    for way in ways(&test.location) {
        if let Location::Postgres(url) = &test.location {
            work::tell(url, *way).await;
        }
        let app = app(&test.location);
        let pages = pages(&years);
        every_page_is_there(&app, &pages);
        each.push(worked(&app, &pages).await);
    }
    if let Location::Postgres(url) = &test.location {
        work::remove(url).await;
    }
    each
}

async fn worked(app: &App, pages: &BTreeMap<String, Page>) -> BTreeMap<String, Work> {
    let mut all = BTreeMap::new();
    for (name, page) in pages {
        for _ in 0..TIMES {
            ask(app, name, page).await;
        }
        work::begin();
        ask(app, name, page).await;
        let seen = work::seen();
        let (statements, units) = seen.values().fold((0, 0), |(runs, units), (r, u)| (runs + r, units + u));
        all.insert(name.clone(), Work { statements, units, parts: seen.into_iter().map(|(statement, (_, units))| (statement, units)).collect() });
    }
    all
}

/// Whoever adds a page has to say here how it is asked for.
fn every_page_is_there(app: &App, pages: &BTreeMap<String, Page>) {
    let is_of = |path: &str, route: &str| {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<(&str, &str)> = path.split('/').zip(route.split('/')).collect();
        path.split('/').count() == route.split('/').count() && parts.iter().all(|(part, of)| part == of || of.starts_with('{'))
    };
    let mut wrong = Vec::new();
    for route in routes::all(app).iter().filter(|route| route.method == Method::GET) {
        let is_asked = pages.values().any(|page| is_of(&page.path, route.path));
        if is_asked == UNASKED.iter().any(|(path, _)| *path == route.path) {
            wrong.push(route.path);
        }
    }
    assert!(wrong.is_empty(), "not asked for here, or asked for and excused: {wrong:?}");
}

/// What a page costs the dearest way.
fn dearest<'a>(ways: &'a [BTreeMap<String, Work>], name: &str) -> &'a Work {
    ways.iter().map(|way| &way[name]).max_by_key(|work| work.units).unwrap()
}

fn costs(ways: &[BTreeMap<String, Work>], name: &str) -> String {
    ways.iter().map(|way| way[name].units.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_page_costs_the_same_however_many_cases_there_are() {
    let _turn = crate::TURN.lock();
    let many: i64 = std::env::var("CASES").map_or(4_000, |n| n.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut wrong = Vec::new();
    for engine in testkit::engines() {
        let (few, more) = runtime.block_on(async { (measured(engine, FEW).await, measured(engine, many).await) });
        println!("{engine:?}: statements and what they cost for a page, with {FEW} and {many} cases");
        for name in few[0].keys() {
            let (with_few, with_many) = (dearest(&few, name), dearest(&more, name));
            let percent = with_many.units * 100 / with_few.units.max(1);
            println!("| {name} | {} | {} | {} | {percent} % |", with_few.statements, costs(&few, name), costs(&more, name));
            if percent > PERCENT_MOST {
                let parts = with_many.parts.iter().filter(|(part, n)| **n > with_few.parts.get(*part).copied().unwrap_or(0));
                let parts: Vec<String> = parts.map(|(part, n)| format!("{part}: {} → {n}", with_few.parts.get(part).copied().unwrap_or(0))).collect();
                wrong.push(format!("{engine:?}, {name}: {} → {}; {}", with_few.units, with_many.units, parts.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "more than {PERCENT_MOST} %:\n{}", wrong.join("\n"));
}

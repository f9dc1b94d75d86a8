//! What each page and each list costs SQLite, with few cases and with many.
//!
//! `CASES=1000000 cargo test --release -p leeway --test scale pages -- --nocapture` is the long way; without it there are 10,000.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use leeway::app::App;
use leeway::routes;
use leeway::settings::Settings;
use platform::clock::Clock;
use platform::db::{Db, Location};
use testkit::years::{self, Years};
use testkit::{Engine, TestDb};
use tower::ServiceExt;

use crate::AT;
use crate::company::company;
use crate::work;

/// With how many cases the others are compared.
const FEW: i64 = 1_000;
/// By how many hundredths a page may cost more with many cases.
const PERCENT_MOST: u64 = 150;

const AGENT: i64 = 0;
const OWNER: i64 = 1;
const LEAD: i64 = 20;

/// Pages that nothing is listed on, each with what it asks of the database.
const UNASKED: &[(&str, &str)] = &[
    ("/healthz", "nothing"),
    ("/readyz", "whether it answers"),
    ("/metrics", "the jobs there are, as on their page"),
    ("/api/openapi.json", "nothing"),
    ("/assets/{checksum}/{*name}", "nothing"),
    ("/sign-in", "nothing"),
    ("/forgot", "nothing"),
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
    let (open, settled) = (last - 4, last - years.open - 302);
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
    add(AGENT, "case: new", "/cases/new".to_owned());
    add(AGENT, "case: new, for whom", "/cases/new?q=anna".to_owned());
    add(AGENT, "customers", "/customers".to_owned());
    add(AGENT, "customers: by name", "/customers?q=anna".to_owned());
    for (what, words) in
        [("name", "anna"), ("e-mail", "anna-4%40mail.example"), ("order", "O-0000007"), ("orders", "O-00000"), ("words nothing has", "nothing+has+this")]
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
    add(AGENT, "API: grant", format!("/api/v1/grants/{grant}"));
    add(AGENT, "API: customer", format!("/api/v1/customers/{customer}"));
    add(AGENT, "API: customers by name", "/api/v1/customers?q=anna".to_owned());
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
    (AGENT, &["/groups", "/groups/duty-leads"]),
    (AGENT, &["/api/v1/charter", "/api/v1/charter/versions", "/api/v1/me", "/api/v1/people"]),
    (OWNER, &["/people/new", "/charter/new", "/offerings/new", "/settings/tokens", "/settings/jobs", "/settings/calendars", "/settings/calendars/shop"]),
    (OWNER, &["/settings/webhooks", "/api/v1/webhooks"]),
];

/// The one that changes something.
const GIVE: &str = "API: give a remedy";

/// What one page costs: statements, steps, and of what.
struct Work {
    statements: u64,
    steps: u64,
    parts: BTreeMap<String, u64>,
}

fn app(location: &Location) -> App {
    let settings = Settings {
        database: location.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        origin: None,
        is_behind_proxy: false,
        log: String::new(),
        is_log_json: false,
        mail: None,
        are_webhooks_private: false,
        embed_origins: Vec::new(),
        is_development: false,
    };
    App::new(Arc::new(Db::open(location, leeway::wiring::WIRES).unwrap()), Clock::standing_at(AT), "http://127.0.0.1".to_owned(), &settings).unwrap()
}

async fn ask(app: &App, name: &str, page: &Page, turn: u64) {
    let secret = years::secret(page.who);
    let request = Request::builder().uri(&page.path).header(header::HOST, "127.0.0.1");
    let request = if page.path.starts_with("/api/") {
        request.header(header::AUTHORIZATION, format!("Bearer leeway_{secret}"))
    } else {
        request.header(header::COOKIE, format!("leeway={secret}"))
    };
    let request = if name == GIVE {
        let body = r#"{"items":[{"remedy":"refund","reason":"late","amount":"0.05"}]}"#;
        let request = request.method("POST").header("idempotency-key", format!("turn-{turn}")).header(header::CONTENT_TYPE, "application/json");
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

async fn measured(test: &TestDb, cases: i64) -> BTreeMap<String, Work> {
    let years = company(&test.location, (cases, (cases / 100).max(200)), AT).await.unwrap();
    let app = app(&test.location);
    let pages = pages(&years);
    every_page_is_there(&app, &pages);
    steps(app, pages).await
}

/// What SQLite does for each page, once it has seen it.
async fn steps(app: App, pages: BTreeMap<String, Page>) -> BTreeMap<String, Work> {
    let mut all = BTreeMap::new();
    for (name, page) in pages {
        ask(&app, &name, &page, 0).await;
        work::begin();
        ask(&app, &name, &page, 1).await;
        let seen = work::seen();
        let (statements, steps) = seen.values().fold((0, 0), |(runs, steps), (r, s)| (runs + r, steps + s));
        all.insert(name, Work { statements, steps, parts: seen.into_iter().map(|(statement, (_, steps))| (statement, steps)).collect() });
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

#[test]
fn a_page_costs_sqlite_the_same_however_many_cases_there_are() {
    let _turn = crate::TURN.lock();
    let many: i64 = std::env::var("CASES").map_or(10_000, |n| n.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut wrong = Vec::new();
    runtime.block_on(async {
        let few = measured(&TestDb::new(Engine::Sqlite).await.unwrap(), FEW).await;
        let more = measured(&TestDb::new(Engine::Sqlite).await.unwrap(), many).await;
        println!("steps of SQLite for a page, with {FEW} and {many} cases");
        for (name, with_few) in &few {
            let with_many = &more[name];
            let percent = with_many.steps * 100 / with_few.steps.max(1);
            println!("| {name} | {} | {} | {} | {percent} % |", with_few.statements, with_few.steps, with_many.steps);
            if percent > PERCENT_MOST {
                let parts = with_many.parts.iter().filter(|(part, n)| **n > with_few.parts.get(*part).copied().unwrap_or(0));
                let parts: Vec<String> = parts.map(|(part, n)| format!("{part}: {} → {n}", with_few.parts.get(part).copied().unwrap_or(0))).collect();
                wrong.push(format!("{name}: {} → {}; {}", with_few.steps, with_many.steps, parts.join(", ")));
            }
        }
    });
    assert!(wrong.is_empty(), "more than {PERCENT_MOST} %:\n{}", wrong.join("\n"));
}

//! Every limit of what comes from outside: exactly at it, it works; one past it, a problem says so, and nothing is half done. From the tables of limits: one without a
//! probe here fails.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body as HttpBody, Bytes};
use axum::http::{Method, Request, StatusCode};
use charter::limits as of_charters;
use platform::limits as of_requests;
use serde_json::{Value, json};
use testkit::on_each;

use crate::house::{Answer, GROUP, Holder, House, SHOP, Sent, Who, form};

const OWNER: Who = Who::Person("owner");
const PROGRAM: Who = Who::Program(Holder::Owner, None);

/// A field that takes a text of so many characters, with what else its request says.
struct Text {
    limit: &'static str,
    path: &'static str,
    sent: fn(String, usize) -> Sent,
}

/// Every kind of field that has a limit of characters.
const TEXTS: &[Text] = &[
    Text { limit: "NAME_CHARS", path: "/cases", sent: |text, _| form(&[("channel", "mail"), ("title", &text)]) },
    Text { limit: "NAME_CHARS", path: "/cases", sent: |text, _| form(&[("channel", &text)]) },
    Text { limit: "NAME_CHARS", path: "/cases", sent: |text, _| form(&[("channel", "mail"), ("pick", "new"), ("reference", &text)]) },
    Text {
        limit: "NAME_CHARS",
        path: "/cases",
        sent: |text, n| form(&[("channel", "mail"), ("pick", "new"), ("reference", &format!("C-of-{n}")), ("name", &text)]),
    },
    Text {
        limit: "NAME_CHARS",
        path: "/cases",
        sent: |text, n| form(&[("channel", "mail"), ("pick", "new"), ("reference", &format!("C-of-{n}")), ("order", &text)]),
    },
    Text { limit: "NAME_CHARS", path: "/customers/{customer}/contact", sent: |text, _| form(&[("name", &text)]) },
    Text { limit: "NAME_CHARS", path: "/customers/{customer}/contact", sent: |text, _| form(&[("phone", &text)]) },
    Text { limit: "NAME_CHARS", path: "/customers/{customer}/contact", sent: |text, _| form(&[("contact", &text)]) },
    Text { limit: "NAME_CHARS", path: "/teams", sent: |text, _| form(&[("name", &text)]) },
    Text {
        limit: "NAME_CHARS",
        path: "/people",
        sent: |text, n| form(&[("kind", "person"), ("name", &text), ("email", &format!("a{n}@b.example")), ("locale", "en"), ("time_zone", "UTC")]),
    },
    Text { limit: "NAME_CHARS", path: "/settings/tokens", sent: |text, _| form(&[("name", &text), ("source", "shop"), ("cases:read", "yes")]) },
    Text { limit: "NAME_CHARS", path: "/offerings", sent: |text, n| form(&[("title", &text), ("slug", &format!("of-{n}")), ("text", "We do.")]) },
    Text { limit: "NAME_CHARS", path: "/api/v1/cases", sent: |text, _| Sent::Json(json!({ "channel": text })) },
    Text { limit: "NAME_CHARS", path: "/api/v1/cases", sent: |text, _| Sent::Json(json!({ "channel": "mail", "title": text })) },
    Text { limit: "NAME_CHARS", path: "/api/v1/cases", sent: |text, _| Sent::Json(json!({ "channel": "mail", "customer": text })) },
    Text { limit: "NAME_CHARS", path: "/api/v1/cases", sent: |text, _| Sent::Json(json!({ "channel": "mail", "about": { "order": text } })) },
    Text { limit: "NAME_CHARS", path: "/api/v1/charter", sent: |text, _| Sent::Json(json!({ "text": SHOP, "note": text, "despite_warnings": true })) },
    Text { limit: "TEXT_CHARS", path: "/cases/{case}/notes", sent: |text, _| form(&[("note", &text)]) },
    Text {
        limit: "TEXT_CHARS",
        path: "/cases/{case}/grants",
        sent: |text, _| form(&[("remedy", "refund"), ("reason", "late"), ("amount", "1.00"), ("because", &text)]),
    },
    Text { limit: "TEXT_CHARS", path: "/grants/{grant}/correction", sent: |text, _| form(&[("cause", "double"), ("note", &text)]) },
    Text { limit: "TEXT_CHARS", path: "/offerings", sent: |text, n| form(&[("title", "It"), ("slug", &format!("of-{n}")), ("text", &text)]) },
    Text { limit: "TEXT_CHARS", path: "/cases/{case}/debrief", sent: |text, _| form(&[("note", &text)]) },
    Text { limit: "TEXT_CHARS", path: "/debriefs/points/{point}/notes", sent: |text, _| form(&[("note", &text)]) },
    Text { limit: "TEXT_CHARS", path: "/api/v1/debriefs/points", sent: |text, _| Sent::Json(json!({ "agent": "me", "text": text })) },
    Text { limit: "TEXT_CHARS", path: "/api/v1/debriefs/points/{point}/notes", sent: |text, _| Sent::Json(json!({ "text": text })) },
    Text { limit: "TEXT_CHARS", path: "/api/v1/cases/{case}/notes", sent: |text, _| Sent::Json(json!({ "text": text })) },
    Text {
        limit: "TEXT_CHARS",
        path: "/api/v1/cases/{case}/grants",
        sent: |text, _| Sent::Json(json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "1.00", "why": text }] })),
    },
    Text { limit: "TEXT_CHARS", path: "/api/v1/grants/{grant}/settlement", sent: |text, _| Sent::Json(json!({ "settled": "unclear", "note": text })) },
    Text { limit: "TEXT_CHARS", path: "/api/v1/grants/{grant}/correction", sent: |text, _| Sent::Json(json!({ "cause": "double", "note": text })) },
];

#[test]
fn every_limit_holds() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let tested = tested(&[
            "../platform/tests/work.rs",
            "../desk/tests/routes/embed.rs",
            "../connect/tests/import.rs",
            "../desk/tests/groups.rs",
            "../desk/tests/debriefs.rs",
            "../platform/tests/live.rs",
            "tests/proofs/live.rs",
        ]);
        for (name, value, _) in of_requests::ALL {
            let value = usize::try_from(*value).unwrap();
            match *name {
                "BODY_BYTES" => bodies(&house, value).await,
                // Both below, in one: it takes half a minute.
                "REQUESTS_AT_ONCE" | "REQUEST_SECONDS" => {}
                "PAGE_ENTRIES" => pages(&house, value).await,
                "NAME_CHARS" | "TEXT_CHARS" => texts(&house, name, value).await,
                "EMAIL_CHARS" => emails(&house, value).await,
                "PASSWORD_CHARS" => passwords(&house, value).await,
                "KEY_CHARS" => keys(&house, value).await,
                "URL_CHARS" => urls(&house, value).await,
                "WEBHOOKS" => webhooks(&house, value).await,
                "CASE_SUBJECTS" => subjects(&house, value).await,
                "FACTS_AT_ONCE" => {
                    let facts = |n| json!({ "facts": vec![json!({ "fact": "order.carrier", "value": "Post" }); n] });
                    items(&house, "facts", facts, value, &format!("Say 1 to {value} facts")).await;
                }
                "OFFER_ITEMS" => {
                    let offer = |n| json!({ "items": vec![json!({ "remedy": "refund", "reason": "late", "amount": "0.05" }); n] });
                    items(&house, "grants", offer, value, &format!("1 to {value} remedies")).await;
                }
                other => assert!(tested.contains(other), "{other} has no probe, and no test of its part names it"),
            }
        }
        house.is_whole().await;
    });
}

/// Names of limits in these files.
fn tested(files: &[&str]) -> BTreeSet<String> {
    let crate_of = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = files.iter().map(|file| std::fs::read_to_string(crate_of.join(file)).unwrap()).collect::<String>();
    texts.split(|c: char| !c.is_ascii_uppercase() && c != '_').map(str::to_owned).collect()
}

fn was_done(answer: &Answer) -> bool {
    (answer.status.is_success() || answer.status.is_redirection()) && !answer.is_refused()
}

async fn filled(house: &House, path: &str) -> String {
    if path.contains("{grant}") {
        return path.replace("{grant}", &house.sent().await.1);
    }
    if path.contains("{point}") {
        return path.replace("{point}", &house.point("owner").await);
    }
    let case = house.case().await;
    let customers = house.get(&PROGRAM, &format!("/api/v1/customers?reference=C-{}", house.made() - 1)).await.json();
    path.replace("{case}", &case.to_string()).replace("{customer}", customers["customers"][0]["id"].as_str().unwrap())
}

/// At the limit it is done; one past it, it is not, and it is said how long it may be.
async fn texts(house: &House, limit: &str, most: usize) {
    for (n, text) in TEXTS.iter().enumerate().filter(|(_, text)| text.limit == limit) {
        let who = if text.path.starts_with("/api/") { &PROGRAM } else { &OWNER };
        // Characters, not bytes; a name that nothing else has.
        let of = |length: usize| format!("{n}-{}", "ü".repeat(length - 1 - n.to_string().len()));
        let path = filled(house, text.path).await;
        let before = house.events().await;
        let past = house.send(who, Method::POST, &path, &(text.sent)(of(most + 1), n)).await;
        let what = format!("{limit}: {n} {path}: {}", past.status);
        assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {}", past.brief());
        let says = [format!("t most {most} characters"), format!("1 to {most} characters")];
        assert!(says.iter().any(|says| past.text.contains(says)), "{what} {}", past.brief());
        assert_eq!(house.events().await, before, "{what}: something was changed");
        let at = house.send(who, Method::POST, &path, &(text.sent)(of(most), n)).await;
        assert!(was_done(&at), "{what} {}", at.brief());
        assert!(house.events().await > before, "{what}: nothing was changed");
    }
}

async fn bodies(house: &House, most: usize) {
    let path = filled(house, "/api/v1/cases/{case}/notes").await;
    let json = |length: usize| Sent::Raw(format!("{{\"text\":\"a\"{}}}", " ".repeat(length - 12)).into_bytes());
    let page = filled(house, "/cases/{case}/notes").await;
    let csrf = house.csrf("owner").len();
    let fields = |length: usize| form(&[("note", "a"), ("more", &"x".repeat(length - "note=a&more=&_csrf=".len() - csrf))]);
    let before = house.events().await;
    for (who, path, sent) in
        [(&PROGRAM, &path, json(most + 1)), (&OWNER, &page, fields(most + 1)), (&Who::Nobody, &"/sign-in".to_owned(), fields(most + 1 + csrf))]
    {
        let past = house.send(who, Method::POST, path, &sent).await;
        assert_eq!(past.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", past.brief());
        assert!(past.text.contains(&format!("At most {most} bytes")), "{path}: {}", past.brief());
    }
    assert_eq!(house.events().await, before);
    for (who, path, sent) in [(&PROGRAM, &path, json(most)), (&OWNER, &page, fields(most))] {
        let at = house.send(who, Method::POST, path, &sent).await;
        assert!(was_done(&at), "{path}: {} {}", at.status, at.brief());
    }
}

async fn pages(house: &House, most: usize) {
    let listed = async |path: &str| {
        let page = house.get(&PROGRAM, path).await.json();
        (page["cases"].as_array().unwrap().len(), page["next"].as_str().map(str::to_owned))
    };
    let customer = filled(house, "{customer}").await;
    let path = format!("/api/v1/cases?customer={customer}");
    let reference = format!("C-{}", house.made() - 1);
    let open = json!({ "channel": "mail", "customer": reference });
    for _ in 1..most {
        assert_eq!(house.send(&PROGRAM, Method::POST, "/api/v1/cases", &Sent::Json(open.clone())).await.status, StatusCode::CREATED);
    }
    assert_eq!(listed(&path).await, (most, None));
    assert_eq!(house.send(&PROGRAM, Method::POST, "/api/v1/cases", &Sent::Json(open)).await.status, StatusCode::CREATED);
    let (first, next) = listed(&path).await;
    assert_eq!((first, listed(&format!("{path}&after={}", next.unwrap())).await), (most, (1, None)));
}

async fn emails(house: &House, most: usize) {
    let email = |length: usize| format!("{}@b.example", "a".repeat(length - "@b.example".len()));
    let customer = filled(house, "/customers/{customer}/contact").await;
    for (path, others) in [("/people", vec![("kind", "person"), ("name", "Long"), ("locale", "en"), ("time_zone", "UTC")]), (&customer, vec![])] {
        let sent = |length| form(&[others.as_slice(), &[("email", email(length).as_str())]].concat());
        let before = house.events().await;
        let past = house.send(&OWNER, Method::POST, path, &sent(most + 1)).await;
        assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{path}: {}", past.brief());
        let at = house.send(&OWNER, Method::POST, path, &sent(most)).await;
        assert!(was_done(&at), "{path}: {}", at.brief());
    }
}

async fn passwords(house: &House, most: usize) {
    let who = Who::Person("far operator");
    let sent = |length| form(&[("current", crate::house::PASSWORD), ("password", &"seven old lanterns and a key ".repeat(40)[..length])]);
    let before = house.events().await;
    let past = house.send(&who, Method::POST, "/settings/password", &sent(most + 1)).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.brief());
    assert!(past.text.contains(&format!("At most {most} characters")), "{}", past.brief());
    let at = house.send(&who, Method::POST, "/settings/password", &sent(most)).await;
    assert!(was_done(&at), "{}", at.brief());
}

fn webhook(url: &str) -> Sent {
    Sent::Json(json!({ "url": url, "events": ["grant_sent"] }))
}

async fn urls(house: &House, most: usize) {
    let url = |length: usize| format!("https://shop.example/{}", "a".repeat(length - "https://shop.example/".len()));
    let before = house.events().await;
    let past = house.send(&PROGRAM, Method::POST, "/api/v1/webhooks", &webhook(&url(most + 1))).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.brief());
    assert!(past.text.contains(&format!("at most {most} characters")), "{}", past.brief());
    let at = house.send(&PROGRAM, Method::POST, "/api/v1/webhooks", &webhook(&url(most))).await;
    assert_eq!(at.status, StatusCode::CREATED, "{}", at.brief());
    house.serve().await;
    let (path, before) = (format!("/groups/{GROUP}/chat"), house.events().await);
    let past = house.send(&OWNER, Method::POST, &path, &form(&[("address", &url(most + 1)), ("kind", "slack")])).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.brief());
    assert!(past.text.contains(&format!("at most {most} characters")), "{}", past.brief());
    let at = house.send(&OWNER, Method::POST, &path, &form(&[("address", &url(most)), ("kind", "slack")])).await;
    assert!(was_done(&at), "{}", at.brief());
}

async fn webhooks(house: &House, most: usize) {
    let there = house.get(&PROGRAM, "/api/v1/webhooks").await.json()["webhooks"].as_array().unwrap().len();
    for n in there..most {
        let at = house.send(&PROGRAM, Method::POST, "/api/v1/webhooks", &webhook(&format!("https://shop.example/{n}"))).await;
        assert_eq!(at.status, StatusCode::CREATED, "{}", at.brief());
    }
    let before = house.events().await;
    let past = house.send(&PROGRAM, Method::POST, "/api/v1/webhooks", &webhook("https://shop.example/more")).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.brief());
    assert!(past.text.contains(&format!("There can be {most} webhooks")), "{}", past.brief());
}

/// At the limit it is done; one past it, it is not.
async fn items(house: &House, of: &str, sent: impl Fn(usize) -> Value, most: usize, says: &str) {
    let path = filled(house, &format!("/api/v1/cases/{{case}}/{of}")).await;
    let before = house.events().await;
    let past = house.send(&PROGRAM, Method::POST, &path, &Sent::Json(sent(most + 1))).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{path}: {}", past.text);
    assert!(past.text.contains(says), "{path}: {}", past.text);
    let at = house.send(&PROGRAM, Method::POST, &path, &Sent::Json(sent(most))).await;
    assert!(was_done(&at), "{path}: {} {}", at.status, at.text);
}

/// What a case is about, when it is opened and said one by one.
async fn subjects(house: &House, most: usize) {
    let about = |n: usize| (0..n).map(|i| (format!("kind_{i}"), json!("one"))).collect::<serde_json::Map<_, _>>();
    let open = |n| Sent::Json(json!({ "channel": "mail", "about": about(n) }));
    let before = house.events().await;
    let past = house.send(&PROGRAM, Method::POST, "/api/v1/cases", &open(most + 1)).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.text);
    assert!(past.text.contains(&format!("at most {most} things")), "{}", past.text);
    let at = house.send(&PROGRAM, Method::POST, "/api/v1/cases", &open(most)).await;
    assert_eq!(at.status, StatusCode::CREATED, "{}", at.text);
    let path = format!("/api/v1/cases/{}/about", at.json()["number"]);
    let (link, before) = (|kind: &str| Sent::Json(json!({ "kind": kind, "reference": "two" })), house.events().await);
    let past = house.send(&PROGRAM, Method::POST, &path, &link("one_more")).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{}", past.text);
    let another = house.send(&PROGRAM, Method::POST, &path, &link("kind_0")).await;
    assert!(was_done(&another), "in place of the one before it: {}", another.text);
}

async fn keys(house: &House, most: usize) {
    let path = filled(house, "/api/v1/cases/{case}/notes").await;
    let keyed = |length: usize| {
        let request = Request::post(&path).header("cookie", house.cookie("owner")).header("x-csrf-token", house.csrf("owner"));
        let request = request.header("content-type", "application/json").header("idempotency-key", "k".repeat(length));
        request.body(HttpBody::from("{\"text\":\"a\"}")).unwrap()
    };
    let before = house.events().await;
    let past = house.ask(keyed(most + 1)).await;
    assert_eq!((past.status, past.json()["code"].as_str()), (StatusCode::BAD_REQUEST, Some("key-unfit")), "{}", past.text);
    assert_eq!(house.events().await, before);
    assert_eq!(house.ask(keyed(most)).await.status, StatusCode::CREATED);
}

/// As many requests as there may be wait for bodies that do not come: whatever else is asked for is told to come back. Then they are told that they took too long, and it goes on.
#[test]
fn requests_at_once_and_their_seconds_are_bounded() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let house = std::sync::Arc::new(House::new(std::sync::Arc::new(testkit::TestDb::new(testkit::Engine::Sqlite).await.unwrap())).await);
        let begin = || {
            let house = std::sync::Arc::clone(&house);
            let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
            let request = request.body(HttpBody::new(Waiting)).unwrap();
            tokio::spawn(async move { house.ask(request).await })
        };
        let began = tokio::time::Instant::now();
        let mut waiting: Vec<_> = (1..of_requests::REQUESTS_AT_ONCE).map(|_| begin()).collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(house.get(&Who::Nobody, "/sign-in").await.status, StatusCode::OK, "one more still fits");
        waiting.push(begin());
        tokio::time::sleep(Duration::from_millis(500)).await;
        for path in ["/sign-in", "/healthz", "/api/v1/me"] {
            let shed = house.get(&Who::Nobody, path).await;
            assert_eq!((shed.status, shed.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"), "{path}: {}", shed.brief());
        }
        for answer in waiting {
            let answer = answer.await.unwrap();
            assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT, "{}", answer.brief());
        }
        let (took, most) = (began.elapsed(), Duration::from_secs(of_requests::REQUEST_SECONDS));
        assert!(took >= most && took < most + Duration::from_secs(10), "{took:?}");
        assert_eq!(house.get(&Who::Nobody, "/healthz").await.status, StatusCode::OK);
    });
}

/// A body that does not come.
struct Waiting;

impl http_body::Body for Waiting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Limits of the language that a charter or a fact from outside can pass; the engine's own tests hold the rest: each stands in one of `hostile.rs`, `once_wrong.rs`, `said.rs`.
#[test]
fn limits_of_charters_hold_for_what_is_sent() {
    let tested = tested(&["../charter/tests/hostile.rs", "../charter/tests/once_wrong.rs", "../charter/tests/said.rs"]);
    on_each(|test| {
        let tested = tested.clone();
        async move {
            let house = House::new(test).await;
            for (name, value, _) in of_charters::ALL {
                match *name {
                    "LEVELS" => charters(&house, name, |n| levelled(&list("l", n), "'r0'", "Card"), *value).await,
                    "REASONS" => charters(&house, name, |n| levelled("'l0'", &list("r", n), "Card"), *value).await,
                    "TEXT_BYTES" => {
                        charters(&house, name, |n| levelled("'l0'", "'r0'", &"t".repeat(n)), *value).await;
                        facts(&house, "order.carrier", |n| json!("t".repeat(n)), *value).await;
                    }
                    "ID_BYTES" => charters(&house, name, |n| levelled("'l0'", &format!("'{}'", "r".repeat(n)), "Card"), *value).await,
                    "LIST_ENTRIES" => facts(&house, "order.contains", |n| json!(vec!["food"; n]), *value).await,
                    other => assert!(tested.contains(other), "{other} has no probe, and no test of the engine names it"),
                }
            }
            house.is_whole().await;
        }
    });
}

fn list(word: &str, count: usize) -> String {
    (0..count).map(|i| format!("'{word}{i}',")).collect()
}

fn levelled(levels: &str, reasons: &str, title: &str) -> String {
    format!(
        "leeway = 1\nname = 'A'\ncurrency = 'EUR'\ntimezone = 'UTC'\nlevels = [{levels}]\nreasons = [{reasons}]\n[[remedy]]\nid = 'card'\ntitle = '{title}'\n\
         [[allow]]\nid = 'kind'\nremedies = ['card']\nlevel = 'l0'\n"
    )
}

/// A charter at the limit is published, one past it is not, and what is in force stays.
async fn charters(house: &House, limit: &str, text: impl Fn(usize) -> String, most: usize) {
    let sent = |n| Sent::Json(json!({ "text": text(n), "note": limit, "despite_warnings": true }));
    let before = house.get(&PROGRAM, "/api/v1/charter").await.json();
    let past = house.send(&PROGRAM, Method::POST, "/api/v1/charter", &sent(most + 1)).await;
    assert_eq!((past.status, past.json()["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("charter-has-errors")), "{limit}: {}", past.text);
    assert!(past.text.contains(limit), "{limit}: {}", past.text);
    let shown = house.send(&OWNER, Method::POST, "/charter", &form(&[("text", &text(most + 1)), ("step", "look")])).await;
    assert_eq!((shown.status, shown.text.contains(limit)), (StatusCode::UNPROCESSABLE_ENTITY, true), "{limit}: {}", shown.brief());
    assert_eq!(house.get(&PROGRAM, "/api/v1/charter").await.json(), before);
    let at = house.send(&PROGRAM, Method::POST, "/api/v1/charter", &sent(most)).await;
    assert_eq!(at.status, StatusCode::CREATED, "{limit}: {}", at.text);
    let again = house.send(&PROGRAM, Method::POST, "/api/v1/charter", &Sent::Json(json!({ "text": SHOP, "note": "again", "despite_warnings": true }))).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
}

/// A value at the limit is kept, one past it is not.
async fn facts(house: &House, fact: &str, value: impl Fn(usize) -> Value, most: usize) {
    let path = filled(house, "/api/v1/cases/{case}/facts").await;
    let sent = |n| Sent::Json(json!({ "facts": [{ "fact": fact, "value": value(n) }] }));
    let before = house.events().await;
    let past = house.send(&PROGRAM, Method::POST, &path, &sent(most + 1)).await;
    assert_eq!((past.status, house.events().await), (StatusCode::UNPROCESSABLE_ENTITY, before), "{fact}: {}", past.text);
    let at = house.send(&PROGRAM, Method::POST, &path, &sent(most)).await;
    assert!(was_done(&at), "{fact}: {}", at.text);
}

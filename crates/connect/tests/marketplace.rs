//! A marketplace's own files: customers, orders and late parcels become customers, orders and cases, and what may be done about each is what the rule by hand says.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use charter::explain::options_json;
use charter::time::Instant;
use connect::import::{self, Bad, Done, Import, Kind, Map};
use desk::asker::{Asker, Kind as AskerKind};
use desk::cases::{self, List, State};
use desk::charters::{self, Charters};
use desk::deciding::{Held, NoSituation, situation};
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{DbError, schema};
use platform::id::Id;
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23T11:00 in Amsterdam
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/olist");

/// The folder with the files; without it nothing is run, which CI takes for a failure.
fn data() -> Option<PathBuf> {
    let folder = std::env::var("LEEWAY_DATA").ok().filter(|f| !f.is_empty()).map(|folder| Path::new(&folder).join("olist"));
    if folder.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "LEEWAY_DATA must be set where CI runs");
        eprintln!("not run: no data");
    }
    folder
}

/// The rows of a file, read as plainly as can be: by the name of the column.
fn rows(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join(format!("olist_{name}_dataset.csv"))).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// A late order, by hand.
#[derive(Debug)]
struct Late {
    days: i64,
    /// In cents.
    total: i64,
}

/// Days since the year 0, by counting: no library that the import uses.
fn days(date: &str) -> i64 {
    let parts: Vec<i64> = date[..10].split('-').map(|part| part.parse().unwrap()).collect();
    let (year, month, day) = if parts[1] > 2 { (parts[0], parts[1] - 3, parts[2]) } else { (parts[0] - 1, parts[1] + 9, parts[2]) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day
}

fn cents(amount: &str) -> i64 {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
}

fn late_by_hand(folder: &Path) -> BTreeMap<String, Late> {
    let mut totals: HashMap<String, i64> = HashMap::new();
    for payment in rows(folder, "order_payments") {
        *totals.entry(payment["order_id"].clone()).or_default() += cents(&payment["payment_value"]);
    }
    let late = |order: HashMap<String, String>| {
        let (came, promised) = (&order["order_delivered_customer_date"], &order["order_estimated_delivery_date"]);
        let delivered = order["order_status"] == "delivered" && !came.is_empty();
        let days = if delivered { days(came) - days(promised) } else { 0 };
        (days > 0).then(|| (order["order_id"].clone(), Late { days, total: totals[&order["order_id"]] }))
    };
    rows(folder, "orders").into_iter().filter_map(late).collect()
}

/// What a refund of an amount, and the freight back, come to for one level: the rule of the fixture, by hand.
fn by_hand(late: &Late, level: &str) -> Vec<(String, String)> {
    let percent = |n: i64| late.total * n / 100;
    let (free, say_why) = match level {
        "agent" if late.days > 3 => (percent(20).min(15_000), percent(30).min(15_000)),
        "agent" => (0, 0),
        _ => (percent(50), percent(50)),
    };
    let outcome = |amount: i64| match level {
        _ if amount <= free => "allowed",
        "agent" if amount <= say_why => "allowed_say_why",
        "agent" if amount <= percent(50) => "escalate",
        _ => "exception",
    };
    let mut all: Vec<(String, String)> =
        [500, 1_000, 3_000, 10_000].iter().map(|amount| (format!("{level} refund {amount}"), outcome(*amount).to_owned())).collect();
    all.push((format!("{level} freight"), if late.days >= 7 { "allowed" } else { "exception" }.to_owned()));
    all
}

async fn import(test: &TestDb, of: Kind, file: &Path, map: &str) -> Done {
    let map = Map::read(&std::fs::read_to_string(Path::new(FIXTURES).join(map)).unwrap()).unwrap();
    let clock = Clock::machine();
    let began = clock.now();
    let mut told: Vec<Bad> = Vec::new();
    let done = import::run(&test.db, &Import { of, file, map: &map, after: 0, at: AT }, &mut |bad| told.push(bad.clone()), &mut |_| {}).await.unwrap();
    assert_eq!(told, Vec::new());
    let rows = i64::try_from(done.rows).unwrap();
    eprintln!("{}: {rows} rows, {} rows/s", of.word(), rows * 1_000_000 / (clock.now() - began).max(1));
    done
}

/// Imports everything; every row is expected to be new the first time and known the second.
async fn import_all(test: &TestDb, folder: &Path, is_first: bool) {
    let expected = |rows, added, not_wanted| {
        let there: u64 = rows - not_wanted;
        let added = if is_first { added } else { 0 };
        (rows, added, there - added, not_wanted)
    };
    let seen = |done: Done| (done.rows, done.added, done.changed + done.unchanged, done.not_wanted);
    let customers = import(test, Kind::Customers, &folder.join("olist_customers_dataset.csv"), "customers.toml").await;
    assert_eq!(seen(customers), expected(8_135, 8_016, 0), "persons come back");
    let orders = import(test, Kind::Orders, &folder.join("olist_orders_dataset.csv"), "orders.toml").await;
    assert_eq!(seen(orders), expected(8_135, 8_135, 0));
    let cases = import(test, Kind::Cases, &folder.join("olist_orders_dataset.csv"), "cases.toml").await;
    assert_eq!(seen(cases), expected(8_135, 342, 8_135 - 342));
    if !is_first {
        assert_eq!((orders.changed, cases.changed), (0, 0), "nothing is new");
    }
}

/// How often each outcome came, over all cases and some levels and amounts.
type Counts = BTreeMap<(String, String), usize>;

/// What the desk says about every case.
async fn by_desk(test: &TestDb, late: &BTreeMap<String, Late>) -> Counts {
    let mut counts = Counts::new();
    for level in ["agent", "lead"] {
        let asker = Asker { staff: Id::new(AT), level: level.to_owned(), kind: AskerKind::Person };
        let known = Charters::default();
        let answers = test
            .db
            .read::<_, NoSituation, _>(move |tx| {
                Box::pin(async move {
                    let mut answers = Vec::new();
                    for case in cases::list(tx, List::All(State::Open), i64::MAX, 1_000).await? {
                        let about = cases::about(tx, case.id).await?;
                        let now = situation(tx, &known, &case, &asker, Held::Nothing, AT).await?;
                        answers.push((about[0].2.clone(), now));
                    }
                    Ok(answers)
                })
            })
            .await
            .unwrap();
        assert_eq!(answers.len(), late.len());
        for (order, mut now) in answers {
            let known = &now.request["facts"]["order.days_late"]["value"];
            assert_eq!(known, &serde_json::json!(late[&order].days.to_string()), "{order}");
            assert_eq!(options_json(&now.in_force.charter, &now.request).options.len(), 2);
            for amount in [500, 1_000, 3_000, 10_000] {
                let text = charter::decimal::units_to_text(amount, 2);
                let outcome = now.decide("refund", Some("late"), Some(&text)).answer.outcome;
                *counts.entry((format!("{level} refund {amount}"), word(&outcome))).or_default() += 1;
            }
            let outcome = now.decide("freight_back", Some("late"), None).answer.outcome;
            *counts.entry((format!("{level} freight"), word(&outcome))).or_default() += 1;
        }
    }
    counts
}

fn word(outcome: &impl serde::Serialize) -> String {
    serde_json::to_value(outcome).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn late_parcels_become_cases_and_the_charter_says_what_the_rule_by_hand_says() {
    let Some(folder) = data() else { return };
    let late = Arc::new(late_by_hand(&folder));
    let reviews = rows(&folder, "order_reviews");
    assert_eq!((reviews.len(), reviews.iter().filter(|r| late.contains_key(&r["order_id"])).count()), (8_225, 344));
    assert_eq!(late.len(), 342);
    let mut expected = Counts::new();
    for (late, level) in late.values().flat_map(|late| ["agent", "lead"].map(|level| (late, level))) {
        for answer in by_hand(late, level) {
            *expected.entry(answer).or_default() += 1;
        }
    }
    on_each(|test| {
        let (folder, late, expected) = (folder.clone(), Arc::clone(&late), expected.clone());
        async move {
            test.db.migrate(&schema().unwrap()).await.unwrap();
            let text = include_str!("olist.toml");
            let published = test
                .db
                .write::<_, charters::NotPublished, _>(move |tx| Box::pin(async move { charters::publish(tx, text, None, "first", &Actor::System, AT).await }));
            if let Err(e) = published.await {
                panic!("{e:?}");
            }
            import_all(&test, &folder, true).await;
            assert_eq!(by_desk(&test, &late).await, expected);
            import_all(&test, &folder, false).await;
            assert_eq!(by_desk(&test, &late).await, expected);
            let found = test.db.read::<_, DbError, _>(|tx| Box::pin(async move { platform::audit::verify(tx, 10).await })).await.unwrap();
            assert_eq!(found, Vec::<String>::new());
        }
    });
    eprintln!("{expected:#?}");
}

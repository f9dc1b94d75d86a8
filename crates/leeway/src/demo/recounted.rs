//! What the demo says a pulled rule would have cost, counted again: from the rows as they lie, by the second engine, which shares no code with the first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use charter::{Sources, load};
use desk::deciding::{Closed, Compared, Opened};
use jiff::Timestamp;
use oracle::Oracle;
use platform::db::{Db, DbError, Location, schema};
use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};

use super::company::make;
use super::hazel;
use super::rule;
use crate::wiring::WIRES;

/// A Monday morning in November 2026.
const NOW: i64 = 1_795_428_000_000_000;
const DAY: i64 = 86_400_000_000;
const DAYS: i64 = 45;

/// A request as it lies in its row.
struct Row {
    case: Vec<u8>,
    request: Json,
    upto: i64,
}

#[test]
fn what_a_rule_would_have_cost_is_what_the_second_engine_counts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leeway.db");
    let period = NOW - 40 * DAY..NOW - 3 * DAY;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (asked, text) = (period.clone(), hazel::COMPANY.charter);
    let drafts = [30, 10].map(|percent| rule::with_limit(text, percent).unwrap());
    let [wider, narrower] = drafts.clone();
    let (opened, closed) = runtime.block_on(async {
        let db = company(&file, DAYS, NOW).await;
        let both = db.read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let loaded = |text: &str| load(&Sources { text, outer: None, today: None }).charter.unwrap();
                let (now, wider, narrower) = (loaded(text), loaded(&wider), loaded(&narrower));
                let opened = Compared { now: &now, draft: &wider, about: &rule::ABOUT }.opened(tx, asked.clone()).await?;
                Ok((opened, Compared { now: &now, draft: &narrower, about: &rule::ABOUT }.closed(tx, asked).await?))
            })
        });
        both.await.unwrap()
    });
    let recount = Recount { database: Connection::open(&file).unwrap(), now: Oracle::new(text, None).unwrap(), period };
    assert_eq!(opened, recount.opened(&drafts[0]));
    assert_eq!(closed, recount.closed(&drafts[1]));
    assert!(opened.asked >= opened.opened && opened.opened > 10 && opened.more > 0, "{opened:?}");
    assert!(closed.own > closed.closed && closed.closed > 10, "{closed:?}");
}

// Without what is on the desk now, which is as old as the demo: its customers have lower numbers.
#[test]
fn the_same_day_makes_the_same_company() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let lived = [NOW, NOW + 3 * 3_600_000_000].map(|now| {
        let file = folder.path().join(format!("{now}.db"));
        drop(runtime.block_on(company(&file, 20, now)));
        let database = Connection::open(&file).unwrap();
        let all = |query: &str| {
            let mut found = database.prepare(query).unwrap();
            let rows = found.query_map([NOW - 2 * DAY], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
            rows.collect::<Vec<String>>()
        };
        let of = [
            "SELECT c.number || c.title || c.channel || c.issue || c.opened_at || c.state || s.ref FROM cases c JOIN subjects s ON s.id = c.customer
             WHERE c.opened_at < ?1 AND s.ref >= 'C-3000' ORDER BY c.number",
            "SELECT seq || remedy || COALESCE(reason, '') || COALESCE(units, '') || at || state FROM grants JOIN subjects s ON s.id = grants.customer
             WHERE at < ?1 AND s.ref >= 'C-3000' ORDER BY seq",
            "SELECT e.raised_at || e.group_id || e.state || COALESCE(e.answer, '') || COALESCE(e.rating, '') FROM escalations e
             JOIN cases c ON c.id = e.case_id JOIN subjects s ON s.id = c.customer WHERE e.raised_at < ?1 AND s.ref >= 'C-3000' ORDER BY e.raised_at",
        ];
        of.map(all)
    });
    assert!(lived[0] == lived[1], "the two differ");
    assert!(lived[0].iter().all(|rows| rows.len() > 20), "{:?}", lived[0].each_ref().map(Vec::len));
}

/// The company in a file of its own.
async fn company(file: &Path, days: i64, now: i64) -> Db {
    let db = Db::open(&Location::File(file.to_owned()), WIRES).unwrap();
    db.migrate(&schema().unwrap()).await.unwrap();
    make(&db, &hazel::COMPANY, "hash", days, now, |_| Ok(())).await.unwrap();
    db
}

/// Every request of a period, decided again by the second engine; of everything, not of what a rule is about alone.
struct Recount {
    database: Connection,
    now: Oracle,
    period: std::ops::Range<i64>,
}

impl Recount {
    fn opened(&self, draft: &str) -> Opened {
        let (draft, mut found, mut counted) = (Oracle::new(draft, None).unwrap(), Opened::default(), BTreeSet::new());
        for (row, request) in self.requests("'forbidden', 'escalate', 'exception'") {
            found.asked += usize::from(is_about(&request));
            if !is_own(&draft, &request) || is_own(&self.now, &request) {
                continue;
            }
            found.opened += 1;
            let remedy = request["remedy"].as_str().unwrap().to_owned();
            if counted.insert((row.case.clone(), remedy.clone())) {
                let wanted = request["amount"].as_str().map_or(0, cents);
                found.more += (wanted - given_after(&self.database, &row.case, &remedy, row.upto)).max(0);
            }
        }
        found
    }

    fn closed(&self, draft: &str) -> Closed {
        let draft = Oracle::new(draft, None).unwrap();
        let late = self.requests("'allowed', 'allowed_say_why'").into_iter().filter(|(_, request)| is_about(request));
        let own: Vec<Json> = late.map(|(_, request)| request).filter(|request| is_own(&self.now, request)).collect();
        Closed { own: own.len(), closed: own.iter().filter(|request| !is_own(&draft, request)).count(), erased: 0 }
    }

    /// With the ledger as it stood; without what groups decided.
    fn requests(&self, outcomes: &str) -> Vec<(Row, Json)> {
        let asked = rows(&self.database, outcomes, self.period.clone()).into_iter().filter(|row| row.request["asker"].get("group").is_none());
        let whole = asked.map(|row| {
            let mut request = row.request.clone();
            request["ledger"] = ledger(&self.database, row.upto);
            (row, request)
        });
        whole.collect()
    }
}

/// Whether a request is for what the rule is about.
fn is_about(request: &Json) -> bool {
    request["remedy"] == "refund" && request["reason"] == "late"
}

fn is_own(oracle: &Oracle, request: &Json) -> bool {
    ["allowed", "allowed_say_why"].contains(&oracle.decide(request)["outcome"].as_str().unwrap())
}

fn rows(database: &Connection, outcomes: &str, period: std::ops::Range<i64>) -> Vec<Row> {
    let mut found = database
        .prepare(&format!(
            "SELECT d.case_id, d.request, t.text, d.upto FROM decisions d LEFT JOIN texts t ON t.id = d.personal
             WHERE d.at >= ?1 AND d.at < ?2 AND d.outcome IN ({outcomes}) ORDER BY d.id"
        ))
        .unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?, row.get(3)?));
    let rows = found.query_map([period.start, period.end], row).unwrap().map(Result::unwrap);
    rows.map(|(case, request, personal, upto)| {
        let mut request: Json = serde_json::from_str(&request).unwrap();
        let personal: Map<String, Json> = personal.map_or_else(Map::new, |text| serde_json::from_str(&text).unwrap());
        request["facts"].as_object_mut().unwrap().extend(personal);
        Row { case, request, upto }
    })
    .collect()
}

/// Everything that had been given by then, and counted.
fn ledger(database: &Connection, upto: i64) -> Json {
    let mut found = database
        .prepare(
            "SELECT k.grant_id, k.name, k.key, g.remedy, g.reason, g.units, g.worth, g.at FROM grant_keys k JOIN grants g ON g.id = k.grant_id
             WHERE k.since <= ?1 AND (k.until IS NULL OR k.until > ?1)",
        )
        .unwrap();
    let mut grants: BTreeMap<Vec<u8>, Json> = BTreeMap::new();
    let mut rows = found.query([upto]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let grant = grants.entry(row.get(0).unwrap()).or_insert_with(|| {
            let at = Timestamp::from_microsecond(row.get(7).unwrap()).unwrap().to_string();
            let mut line = json!({ "at": at, "remedy": row.get::<_, String>(3).unwrap(), "keys": {} });
            for (name, text) in [
                ("reason", row.get::<_, Option<String>>(4).unwrap()),
                ("amount", row.get::<_, Option<i64>>(5).unwrap().map(euros)),
                ("worth", row.get::<_, Option<i64>>(6).unwrap().map(euros)),
            ] {
                if let Some(text) = text {
                    line[name] = json!(text);
                }
            }
            line
        });
        let name: String = row.get(1).unwrap();
        if !name.is_empty() {
            grant["keys"][name] = json!(row.get::<_, String>(2).unwrap());
        }
    }
    grants.into_values().collect()
}

fn given_after(database: &Connection, case: &[u8], remedy: &str, upto: i64) -> i64 {
    database
        .query_row(
            "SELECT COALESCE(SUM(worth), 0) FROM grants g WHERE case_id = ?1 AND remedy = ?2 AND state NOT IN ('offered', 'withdrawn', 'corrected')
             AND (SELECT MIN(seq) FROM grant_steps s WHERE s.grant_id = g.id) > ?3",
            rusqlite::params![case, remedy, upto],
            |row| row.get(0),
        )
        .unwrap()
}

fn cents(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

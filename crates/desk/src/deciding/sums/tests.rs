//! What a charter counts is the same, whether every grant is given singly or what is broad is added up.

use std::collections::BTreeMap;
use std::sync::Arc;

use charter::Charter;
use charter::explain::answer;
use charter::memory::{Line, Memory};
use charter::request::{Purpose, Request};
use charter::time::{Instant, instant_to_text};
use platform::actor::Actor;
use platform::db::{DbError, Tx, schema};
use platform::id::Id;
use platform::{params, statements};
use serde_json::{Value as Json, json};
use testkit::{TestDb, on_each};

use super::{Adding, Checked, HOUR, store as sums_store, taken_out};
use crate::deciding::{keep_keys, keep_sums, last_step, situation, store};

statements! {
    DECISION = "INSERT INTO decisions (id, case_id, at, actor, charter, request, upto, outcome, answer) VALUES (?1, ?1, 0, 'system', 1, '{}', 0, 'allowed', ?1)";
    GRANT = "INSERT INTO grants (id, offer, case_id, giver, remedy, reason, measure, unit, units, worth, decision, at, send_at, state, state_at)
             VALUES (?1, ?1, ?1, 'system', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 'granted', ?9)";
    STEP = "INSERT INTO grant_steps (grant_id, state, at, actor) VALUES (?1, ?2, ?3, 'system') RETURNING seq";
    TAKEN_OUT = "UPDATE grants SET state = 'withdrawn' WHERE id = ?1";
}

const CHARTER: &str = include_str!("tests.toml");
const DAY: i64 = 24 * HOUR;
const NOW: Instant = 1_795_428_123_456_789;

/// Numbers that look drawn by lot, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }

    fn line(&mut self) -> Line {
        let remedy = self.of(&["credit", "credit", "months", "card"]);
        let units = (remedy != "card").then(|| 1 + i64::try_from(self.below(9)).unwrap());
        let worth = match remedy {
            "credit" => units,
            "months" => (self.below(3) > 0).then_some(990),
            _ => None,
        };
        let mut keys = BTreeMap::from([("case".to_owned(), self.of(&["K-1", "K-2", "K-3"]).to_owned())]);
        for (name, values) in [
            ("customer", ["C-1", "C-2", "C-3"]),
            ("order", ["O-1", "O-2", "O-3"]),
            ("order.carrier", ["dhl", "ups", "post"]),
            ("order.region", ["n", "s", "w"]),
        ] {
            if self.below(6) > 0 {
                keys.insert(name.to_owned(), self.of(&values).to_owned());
            }
        }
        let reason = Some(self.of(&["late", "goodwill"]).to_owned()).filter(|_| remedy != "card");
        Line { remedy: remedy.to_owned(), reason, units, worth, keys }
    }
}

/// A grant as the test knows it.
struct Known {
    id: Id,
    line: Line,
    at: Instant,
    since: i64,
    until: Option<i64>,
}

async fn give(tx: &mut Tx, line: &Line, at: Instant) -> Result<(Id, i64), DbError> {
    let adding = Adding::begin(tx).await?;
    let (id, since) = keep(tx, line, at).await?;
    adding.given(tx, &[(line, since)], at).await?;
    Ok((id, since))
}

/// Keeps a grant, which is in no sum yet.
async fn keep(tx: &mut Tx, line: &Line, at: Instant) -> Result<(Id, i64), DbError> {
    let id = Id::new(at);
    let (measure, unit) = match line.remedy.as_str() {
        "credit" => ("money", Some("EUR")),
        "months" => ("count", Some("months")),
        _ => ("act", None),
    };
    tx.execute(&GRANT, params![&id, &line.remedy, &line.reason, measure, unit, &line.units, &line.worth, &Id::from_bytes([7; 16]), at]).await?;
    let (since,): (i64,) = tx.one(&STEP, params![&id, "granted", at]).await?;
    keep_keys(tx, id, line, since, at).await?;
    Ok((id, since))
}

async fn take_out(tx: &mut Tx, id: Id) -> Result<i64, DbError> {
    tx.execute(&TAKEN_OUT, params![&id]).await?;
    let (step,): (i64,) = tx.one(&STEP, params![&id, "withdrawn", NOW]).await?;
    taken_out(tx, id, step).await?;
    Ok(step)
}

/// What the charter answers to this request with this history, without what depends on how much of the history was looked at.
fn asked(charter: &Charter, mut request: Json, ledger: Json) -> Json {
    situation::set(&mut request, "ledger", ledger);
    let request = Request::from_value(charter, &request, Purpose::Decide).unwrap();
    let mut answer = serde_json::to_value(answer(charter, &request, &charter::decide(charter, &request))).unwrap();
    for cap in answer["caps"].as_array_mut().unwrap() {
        cap.as_object_mut().unwrap().remove("lacking");
    }
    answer
}

fn request(dice: &mut Dice, at: Instant) -> Json {
    let remedy = dice.of(&["credit", "months", "card"]);
    let mut request = json!({
        "at": instant_to_text(at), "asker": { "level": "agent" }, "remedy": remedy,
        "subjects": { "case": "K-1", "customer": "C-1", "order": "O-1" }, "facts": { "order.carrier": dice.of(&["dhl", "ups"]) },
    });
    if dice.below(5) > 0 {
        request["facts"]["order.region"] = json!(dice.of(&["n", "s"]));
    }
    if remedy != "card" {
        request["reason"] = json!(dice.of(&["late", "goodwill"]));
        request["amount"] = json!(if remedy == "credit" { "0.05" } else { "2" });
    }
    request
}

struct World {
    test: Arc<TestDb>,
    charter: Arc<Charter>,
    grants: Vec<Known>,
    dice: Dice,
}

impl World {
    async fn new(test: Arc<TestDb>, seed: u64) -> Self {
        test.db.migrate(&schema().unwrap()).await.unwrap();
        let write = test.db.write::<_, crate::charters::NotPublished, _>(|tx| {
            Box::pin(async move {
                crate::charters::publish(tx, CHARTER, None, "first", &Actor::System, 0).await?;
                tx.execute(&DECISION, params![&Id::from_bytes([7; 16])]).await?;
                Ok(())
            })
        });
        write.await.unwrap();
        let charter = Arc::new(charter::load(&charter::Sources { text: CHARTER, ..charter::Sources::default() }).charter.unwrap());
        Self { test, charter, grants: Vec::new(), dice: Dice(seed) }
    }

    /// Some are given, at any time of the last 100 days, and some taken out.
    async fn go_on(&mut self) {
        let mut new: Vec<(Line, Instant)> = Vec::new();
        for _ in 0..self.dice.below(40) {
            let ago = self.dice.below(100 * u64::try_from(DAY).unwrap());
            new.push((self.dice.line(), NOW - i64::try_from(ago).unwrap()));
        }
        let sent = new.clone();
        let given = self.test.db.write::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let mut given = Vec::new();
                for (line, at) in &sent {
                    given.push(give(tx, line, *at).await?);
                }
                Ok(given)
            })
        });
        let given = given.await.unwrap();
        self.grants.extend(new.into_iter().zip(given).map(|((line, at), (id, since))| Known { id, line, at, since, until: None }));
        for place in 0..self.grants.len() {
            if self.grants[place].until.is_none() && self.dice.below(12) == 0 {
                let id = self.grants[place].id;
                let until = self.test.db.write::<_, DbError, _>(move |tx| Box::pin(async move { take_out(tx, id).await })).await.unwrap();
                self.grants[place].until = Some(until);
            }
        }
    }

    /// The job goes some steps, as if it were some day.
    async fn add_up(&mut self, steps: u64) -> bool {
        let (mut left, now) = (true, NOW - i64::try_from(self.dice.below(60)).unwrap() * DAY);
        for _ in 0..steps {
            let charter = Arc::clone(&self.charter);
            left = self.test.db.write::<_, DbError, _>(move |tx| Box::pin(async move { keep_sums(tx, &charter, now).await })).await.unwrap();
        }
        left
    }

    fn singly(&self, step: i64) -> Json {
        let counts = |known: &&Known| known.since <= step && known.until.is_none_or(|until| until > step);
        let entries: Vec<store::Entry> = self.grants.iter().filter(counts).map(|known| entry(&known.line, known.at)).collect();
        situation::ledger(&self.charter, entries.iter())
    }

    /// Asks the same both ways.
    async fn compare(&mut self, step: Option<i64>) {
        let at = NOW - i64::try_from(self.dice.below(20)).unwrap() * DAY / 3;
        let request = request(&mut self.dice, at);
        let keys = Request::from_value(&self.charter, &request, Purpose::Decide).unwrap().keys(&self.charter);
        let charter = Arc::clone(&self.charter);
        let read = self.test.db.read::<_, DbError, _>(move |tx| Box::pin(async move { store::remembered(tx, &charter.memories(at, None), &keys, step).await }));
        let entries = read.await.unwrap();
        let added = asked(&self.charter, request.clone(), situation::ledger(&self.charter, entries.iter()));
        let singly = asked(&self.charter, request.clone(), self.singly(step.unwrap_or(i64::MAX)));
        assert_eq!(added, singly, "{request} at step {step:?}: {entries:?}");
    }

    async fn check(&self) -> Vec<String> {
        let read = self.test.db.read::<_, DbError, _>(|tx| {
            Box::pin(async move {
                let (mut checked, mut found) = (Checked::default(), Vec::new());
                while checked.page(tx, &mut found).await? > 0 {}
                Ok(found)
            })
        });
        read.await.unwrap()
    }
}

fn entry(line: &Line, at: Instant) -> store::Entry {
    let Line { remedy, reason, units, worth, keys } = line.clone();
    store::Entry { remedy, reason, times: 1, units, worth, at, keys }
}

/// How many ledgers there are: `ROUNDS=200` for the long run.
fn rounds() -> u64 {
    std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2)
}

#[test]
fn added_up_or_singly_the_answer_is_the_same() {
    for round in 1..=rounds() {
        on_each(move |test| async move {
            let mut world = World::new(test, round.wrapping_mul(0x9e37_79b9_7f4a_7c15)).await;
            let mut steps = Vec::new();
            for _ in 0..12 {
                world.go_on().await;
                let some = world.dice.below(8);
                world.add_up(some).await;
                steps.push(world.test.db.read::<_, DbError, _>(|tx| Box::pin(async move { last_step(tx).await })).await.unwrap());
                for _ in 0..4 {
                    world.compare(None).await;
                    let then = steps[usize::try_from(world.dice.below(steps.len() as u64)).unwrap()];
                    world.compare(Some(then)).await;
                }
            }
            while world.add_up(1).await {}
            assert_eq!(world.check().await, Vec::<String>::new());
        });
    }
}

/// What the job has still to add is no part of a sum: not when the grant that made the sum is taken out, and not when it is taken out itself.
#[test]
fn what_is_still_to_be_added_is_no_part_of_a_sum() {
    on_each(|test| async move {
        let mut world = World::new(test, 3).await;
        let line = Line { remedy: "card".to_owned(), reason: None, units: None, worth: None, keys: BTreeMap::new() };
        let step = world.test.db.write::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                // By a clock that is ahead: it stands between two that are in the sum.
                let (before, since) = give(tx, &line, NOW + 5).await?;
                sums_store::begin_set(tx, "", since).await?;
                let (after, _) = give(tx, &line, NOW + 1).await?;
                give(tx, &line, NOW + 9).await?;
                take_out(tx, after).await?;
                take_out(tx, before).await
            })
        });
        step.await.unwrap();
        while world.add_up(1).await {}
        assert_eq!(world.check().await, Vec::<String>::new());
    });
}

/// Many give and take out at once, several lines to a transaction, while the job begins: nothing is lost or counted twice.
#[test]
fn sums_are_whole_after_many_at_once() {
    on_each(|test| async move {
        let mut world = World::new(test, 11).await;
        world.go_on().await;
        let many: Vec<_> = (0..12).map(|seed| tokio::spawn(one_of_many(Arc::clone(&world.test), Dice(0x9e37_79b9 * (seed + 1))))).collect();
        for _ in 0..10 {
            world.add_up(1).await;
        }
        for one in many {
            world.grants.extend(one.await.unwrap());
        }
        while world.add_up(1).await {}
        assert_eq!(world.check().await, Vec::<String>::new());
        for _ in 0..20 {
            world.compare(None).await;
        }
    });
}

/// Gives some at a time, twenty times, and takes out some of them.
async fn one_of_many(test: Arc<TestDb>, mut dice: Dice) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for _ in 0..20 {
        let at = NOW - i64::try_from(dice.below(3 * u64::try_from(HOUR).unwrap())).unwrap();
        let lines: Vec<Line> = (0..1 + dice.below(3)).map(|_| dice.line()).collect();
        let sent = lines.clone();
        let given = test.db.write::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let (adding, mut kept) = (Adding::begin(tx).await?, Vec::new());
                for line in &sent {
                    kept.push(keep(tx, line, at).await?);
                }
                let steps: Vec<(&Line, i64)> = sent.iter().zip(&kept).map(|(line, (_, since))| (line, *since)).collect();
                adding.given(tx, &steps, at).await?;
                Ok(kept)
            })
        });
        known.extend(lines.into_iter().zip(given.await.unwrap()).map(|(line, (id, since))| Known { id, line, at, since, until: None }));
        let place = usize::try_from(dice.below(known.len() as u64)).unwrap();
        if known[place].until.is_none() && dice.below(3) == 0 {
            let id = known[place].id;
            known[place].until = Some(test.db.write::<_, DbError, _>(move |tx| Box::pin(async move { take_out(tx, id).await })).await.unwrap());
        }
    }
    known
}

/// How long it takes to read what is remembered when so many grants lie in a window of 90 days: `LEEWAY_MEASURE=100000`.
#[test]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn how_long_reading_takes() {
    let Some(number) = std::env::var("LEEWAY_MEASURE").ok().and_then(|n| n.parse::<i64>().ok()) else { return };
    on_each(move |test| async move {
        let mut world = World::new(test, 7).await;
        for begins in (0..number).step_by(5_000) {
            let lines: Vec<(Line, Instant)> = (begins..number.min(begins + 5_000))
                .map(|n| {
                    let mut line = world.dice.line();
                    line.keys.retain(|name, _| name.contains('.'));
                    (line, NOW - 90 * DAY + n * (90 * DAY / number))
                })
                .collect();
            let filled = world.test.db.write::<_, DbError, _>(move |tx| {
                Box::pin(async move {
                    for (line, at) in &lines {
                        give(tx, line, *at).await?;
                    }
                    Ok(())
                })
            });
            filled.await.unwrap();
        }
        let began = std::time::Instant::now();
        let charter = Arc::clone(&world.charter);
        let mut steps = 0;
        while world
            .test
            .db
            .write::<_, DbError, _>({
                let charter = Arc::clone(&charter);
                move |tx| Box::pin(async move { keep_sums(tx, &charter, NOW).await })
            })
            .await
            .unwrap()
        {
            steps += 1;
        }
        eprintln!("{number} grants in 90 days: {steps} steps to add them up, {:?} together", began.elapsed());
        measure(&mut world, number, "one cap per fact over 90 days", one_cap).await;
        measure(&mut world, number, "seven broad caps, two meters, four sets of facts", all_caps).await;
    });
}

fn one_cap(_: &Charter) -> Vec<Memory<'_>> {
    let since = NOW - 90 * DAY + 1;
    vec![Memory { keys: vec!["order.carrier"], since, begins: vec![since] }]
}

fn all_caps(charter: &Charter) -> Vec<Memory<'_>> {
    charter.memories(NOW, None)
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
async fn measure(world: &mut World, number: i64, what: &str, memories: fn(&Charter) -> Vec<Memory<'_>>) {
    let mut took = Vec::new();
    for _ in 0..50 {
        let request = request(&mut world.dice, NOW);
        let keys = Request::from_value(&world.charter, &request, Purpose::Decide).unwrap().keys(&world.charter);
        let charter = Arc::clone(&world.charter);
        let began = std::time::Instant::now();
        let read = world.test.db.read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let memories = memories(&charter);
                store::remembered(tx, &memories, &keys, None).await
            })
        });
        let entries = read.await.unwrap();
        took.push((began.elapsed(), entries.len()));
    }
    took.sort();
    eprintln!("{number} grants in 90 days, {what}: median {:?}, slowest {:?}, entries {}", took[25].0, took[49].0, took[25].1);
}

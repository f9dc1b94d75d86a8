use std::collections::{BTreeMap, HashMap};

use charter::memory::{Line, Memory};
use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx, Value, fifties};
use platform::id::Id;
use platform::{params, statements};
use serde_json::json;

use super::record::{DecisionId, Kept};
use super::sums::{self, Part, Sum};
use crate::cases::CaseId;

/// What counts at the step `?2` under a name and key, from an instant on: each grant with all its keys.
macro_rules! found_under {
    ($name:literal, $key:literal, $since:literal) => {
        concat!(
            "SELECT f.grant_id, f.remedy, f.reason, f.units, f.worth, f.at, k.name, k.key FROM grant_keys f JOIN grant_keys k ON k.grant_id = f.grant_id
             WHERE f.name = ",
            $name,
            " AND f.key = ",
            $key,
            " AND f.at >= ",
            $since,
            " AND f.since <= ?2 AND (f.until IS NULL OR f.until > ?2) AND k.since <= ?2 AND (k.until IS NULL OR k.until > ?2)"
        )
    };
}

statements! {
    LAST_STEP = "SELECT COALESCE(MAX(seq), 0) FROM grant_steps";
    REMEMBERED = concat!(
        found_under!("?3", "?4", "?5"), " UNION ALL ", found_under!("?6", "?7", "?8"), " UNION ALL ",
        found_under!("?9", "?10", "?11"), " UNION ALL ", found_under!("?12", "?13", "?14"), " LIMIT ?1"
    );
    KEYS_OF = "SELECT name, key FROM grant_keys WHERE grant_id = ?1";
    KEYS_IN = "SELECT k.name, k.key FROM grants g JOIN grant_keys k ON k.grant_id = g.id WHERE g.case_id = ?1";
    // Four at once: most grants count under no more.
    KEEP_KEYS = "INSERT INTO grant_keys (name, key, at, grant_id, since, remedy, reason, units, worth, facts)
                 SELECT k.name, k.key, ?9, ?10, ?11, ?12, ?13, ?14, ?15, CASE WHEN k.name = '' OR k.name LIKE '%.%' THEN CAST(?16 AS TEXT) END
                 FROM (SELECT CAST(?1 AS TEXT) AS name, CAST(?2 AS TEXT) AS key UNION ALL SELECT ?3, ?4 UNION ALL SELECT ?5, ?6 UNION ALL SELECT ?7, ?8) k
                 WHERE k.name IS NOT NULL";
    INSERT = "INSERT INTO decisions (id, case_id, at, actor, charter, request, personal, digest, upto, outcome, answer)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    READ = "SELECT case_id, at, actor, charter, request, personal, digest, upto, outcome, answer, erased_at FROM decisions WHERE id = ?1";
    VERSIONS = concat!("SELECT id, charter FROM decisions WHERE id IN (", platform::fifty!(), ")");
    REQUESTS = "SELECT id, request FROM decisions WHERE case_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    ERASE_FACTS = "UPDATE decisions SET request = ?2, erased_at = ?3 WHERE id = ?1";
    COUNTED_BY = "SELECT name FROM grant_keys WHERE name = ?1 LIMIT 1";
}

/// Names and keys that are looked under at once.
const LOOKED_UNDER: usize = 4;
/// More rows than this, and the charter remembers more than can be looked at for one decision.
const ROWS_MAX: i64 = 100_000;

/// The latest step of any grant: where the ledger stood.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn last_step(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&LAST_STEP, &[]).await?.0)
}

/// A grant that counts, or several alike.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) remedy: String,
    pub(super) reason: Option<String>,
    /// How many; what follows is theirs together, and `at` that of the first.
    pub(super) times: i64,
    pub(super) units: Option<i64>,
    pub(super) worth: Option<i64>,
    pub(super) at: Instant,
    pub(super) keys: BTreeMap<String, String>,
}

impl Entry {
    pub(super) fn part(&self) -> Part {
        Part { remedy: self.remedy.clone(), reason: self.reason.clone(), weighed: self.worth.is_some() }
    }

    pub(super) fn sum(&self) -> Sum {
        Sum { number: self.times, units: self.units, worth: self.worth.unwrap_or(0), first: Some(self.at), steps: (0, 0) }
    }

    /// Several alike; nothing if there are none.
    pub(super) fn of(part: &Part, sum: &Sum) -> Option<Self> {
        let (remedy, reason, worth) = (part.remedy.clone(), part.reason.clone(), part.weighed.then_some(sum.worth));
        Some(Self { remedy, reason, times: sum.number, units: sum.units, worth, at: sum.first?, keys: BTreeMap::new() })
    }
}

struct EntryRow {
    grant: Id,
    entry: Entry,
    name: String,
    key: String,
}

impl FromRow for EntryRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let grant = row.take()?;
        let (remedy, reason, units, worth, at) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
        let entry = Entry { remedy, reason, times: 1, units, worth, at, keys: BTreeMap::new() };
        Ok(Self { grant, entry, name: row.take()?, key: row.take()? })
    }
}

/// What a request may depend on of what was given: one by one what is found under a subject, added up what only facts or nothing narrow down. `upto` looks at
/// the ledger as it stood then.
pub(super) async fn remembered(tx: &mut Tx, memories: &[Memory<'_>], keys: &BTreeMap<String, String>, upto: Option<i64>) -> Result<Vec<Entry>, DbError> {
    // One that lacks a key of the request remembers nothing.
    let known = memories.iter().filter(|memory| memory.keys.iter().all(|name| keys.contains_key(*name)));
    let (mut broad, mut narrow): (Vec<&Memory<'_>>, Vec<&Memory<'_>>) = known.partition(|memory| sums::is_broad(memory));
    let sets = sums::sets(&broad).unwrap_or_else(|| {
        narrow.append(&mut broad);
        Vec::new()
    });
    let mut entries = one_by_one(tx, &narrow, keys, upto).await?;
    for (has, mut entry) in sums::of(tx, &broad, sets, keys, &entries, upto).await? {
        for name in memories.iter().flat_map(|memory| &memory.keys) {
            // What is not known to be the same is another one than the request's.
            let value = keys.get(*name).map(String::as_str).unwrap_or_default();
            let value = if has.iter().any(|known| known == name) { value.to_owned() } else { format!("not {value}") };
            entry.keys.insert((*name).to_owned(), value);
        }
        entries.push(entry);
    }
    Ok(entries)
}

async fn one_by_one(tx: &mut Tx, memories: &[&Memory<'_>], keys: &BTreeMap<String, String>, upto: Option<i64>) -> Result<Vec<Entry>, DbError> {
    let mut found = BTreeMap::new();
    let under: Vec<((&str, &str), Instant)> = looked_under(memories.iter().copied(), keys).into_iter().collect();
    for some in under.chunks(LOOKED_UNDER) {
        let mut values = vec![Value::Int(ROWS_MAX), Value::Int(upto.unwrap_or(i64::MAX))];
        values.extend(some.iter().flat_map(|((name, key), since)| [Value::from(*name), Value::from(*key), Value::from(*since)]));
        // Nothing has no name.
        values.resize(2 + 3 * LOOKED_UNDER, Value::Null);
        let rows: Vec<EntryRow> = tx.all(&REMEMBERED, &values).await?;
        if i64::try_from(rows.len()).is_ok_and(|n| n == ROWS_MAX) {
            let names: Vec<&str> = some.iter().map(|((name, _), _)| *name).collect();
            return Err(DbError::Defect(format!("the charter remembers more grants under `{}` than one decision can look at", names.join("`, `"))));
        }
        for row in rows {
            let entry: &mut Entry = found.entry(row.grant).or_insert(row.entry);
            if !row.name.is_empty() {
                entry.keys.insert(row.name, row.key);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// For each memory the one key its grants are found by: the case, else another subject, else a fact, else all grants. One that lacks a key of the request
/// remembers nothing.
fn looked_under<'a>(memories: impl Iterator<Item = &'a Memory<'a>>, keys: &'a BTreeMap<String, String>) -> BTreeMap<(&'a str, &'a str), Instant> {
    let mut under: BTreeMap<(&str, &str), Instant> = BTreeMap::new();
    for memory in memories {
        let narrowest = memory.keys.iter().min_by_key(|name| (**name != "case", name.contains('.')));
        let (name, key) = match narrowest {
            None => ("", ""),
            Some(name) => match keys.get(*name) {
                Some(key) => (*name, key.as_str()),
                None => continue,
            },
        };
        let since = under.entry((name, key)).or_insert(memory.since);
        *since = memory.since.min(*since);
    }
    under
}

/// What is held by one who gives: each key that grants are looked up by. Who takes a grant out of the sums holds all keys of that grant.
pub(super) fn held_by(memories: &[Memory<'_>], keys: &BTreeMap<String, String>) -> Vec<String> {
    looked_under(memories.iter(), keys).into_keys().map(|(name, key)| held(name, key)).collect()
}

fn held(name: &str, key: &str) -> String {
    format!("sum {name}={key}")
}

/// Holds everything a grant counts under.
pub(crate) async fn hold_keys(tx: &mut Tx, grant: Id) -> Result<(), DbError> {
    let keys: Vec<(String, String)> = tx.all(&KEYS_OF, params![&grant]).await?;
    hold_all(tx, &keys).await
}

/// Holds everything the grants of a case count under, and what they are to count under.
pub(crate) async fn hold_keys_in(tx: &mut Tx, case: CaseId, name: &str, key: &str) -> Result<(), DbError> {
    let mut keys: Vec<(String, String)> = tx.all(&KEYS_IN, params![&case]).await?;
    keys.push((name.to_owned(), key.to_owned()));
    hold_all(tx, &keys).await
}

/// Holds what is counted under these names and keys.
pub(crate) async fn hold_all(tx: &mut Tx, keys: &[(String, String)]) -> Result<(), DbError> {
    tx.hold(&keys.iter().map(|(name, key)| held(name, key)).collect::<Vec<_>>()).await.map(drop)
}

/// How many keys one statement keeps.
const KEPT_AT_ONCE: usize = 4;

/// Keeps what a grant counts under, from a step of the ledger on: each of its keys, and under no name that it is there.
pub(crate) async fn keep_keys(tx: &mut Tx, grant: Id, line: &Line, since: i64, at: Instant) -> Result<(), DbError> {
    let facts: BTreeMap<&String, &String> = line.keys.iter().filter(|(name, _)| name.contains('.')).collect();
    let facts = (!facts.is_empty()).then(|| json!(facts).to_string());
    let all: Vec<(&str, &str)> = std::iter::once(("", "")).chain(line.keys.iter().map(|(name, key)| (name.as_str(), key.as_str()))).collect();
    for some in all.chunks(KEPT_AT_ONCE) {
        let mut values: Vec<Value> = some.iter().flat_map(|(name, key)| [Value::from(*name), Value::from(*key)]).collect();
        values.resize(2 * KEPT_AT_ONCE, Value::from(None::<&str>));
        values.extend_from_slice(params![at, &grant, since, &line.remedy, &line.reason, &line.units, &line.worth, &facts]);
        tx.execute(&KEEP_KEYS, &values).await?;
    }
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, id: DecisionId, kept: &Kept) -> Result<(), DbError> {
    let values =
        params![&id, &kept.case, kept.at, &kept.actor, kept.charter, &kept.request, &kept.personal, &kept.digest, kept.upto, &kept.outcome, &kept.answer];
    tx.execute(&INSERT, values).await.map(drop)
}

pub(super) async fn read(tx: &mut Tx, id: DecisionId) -> Result<Option<Kept>, DbError> {
    tx.optional(&READ, params![&id]).await
}

impl FromRow for Kept {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            case: row.take()?,
            at: row.take()?,
            actor: row.take()?,
            charter: row.take()?,
            request: row.take()?,
            personal: row.take()?,
            digest: row.take()?,
            upto: row.take()?,
            outcome: row.take()?,
            answer: row.take()?,
            erased_at: row.take()?,
        })
    }
}

/// Whether any grant was counted by this fact.
pub(crate) async fn is_counted_by(tx: &mut Tx, fact: &str) -> Result<bool, DbError> {
    Ok(tx.optional::<(String,)>(&COUNTED_BY, params![fact]).await?.is_some())
}

/// Requests that are looked at at once.
pub(super) const REQUESTS_PAGE: i64 = 200;

/// The version of the charter that each was decided under.
pub(crate) async fn versions(tx: &mut Tx, of: &[DecisionId]) -> Result<HashMap<DecisionId, i64>, DbError> {
    let mut found = HashMap::new();
    for values in fifties(&of.iter().map(Value::from).collect::<Vec<_>>()) {
        found.extend(tx.all::<(DecisionId, i64)>(&VERSIONS, &values).await?);
    }
    Ok(found)
}

/// A page of the requests that were decided on in a case: those after `after`.
pub(super) async fn requests(tx: &mut Tx, case: CaseId, after: DecisionId) -> Result<Vec<(DecisionId, String)>, DbError> {
    tx.all(&REQUESTS, params![&case, &after, REQUESTS_PAGE]).await
}

/// Puts a request without its erased facts in the place of the one that was decided on.
pub(super) async fn erase_facts(tx: &mut Tx, id: DecisionId, request: &str, at: Instant) -> Result<(), DbError> {
    tx.execute(&ERASE_FACTS, params![&id, request, at]).await.map(drop)
}

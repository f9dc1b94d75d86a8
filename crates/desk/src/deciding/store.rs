use std::collections::BTreeMap;

use charter::memory::Memory;
use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::id::Id;
use platform::{params, statements};

use super::record::{DecisionId, Kept};

statements! {
    LAST_STEP = "SELECT COALESCE(MAX(seq), 0) FROM grant_steps";
    REMEMBERED = "SELECT g.seq, g.remedy, g.reason, g.units, g.worth, g.at, a.name, a.key
                  FROM grant_keys k JOIN grants g ON g.id = k.grant_id JOIN grant_keys a ON a.grant_id = g.id
                  WHERE k.name = ?1 AND k.key = ?2 AND k.at >= ?3 AND k.until IS NULL AND a.until IS NULL AND g.state NOT IN ('withdrawn', 'corrected')
                  ORDER BY g.seq LIMIT ?4";
    REMEMBERED_THEN = "SELECT g.seq, g.remedy, g.reason, g.units, g.worth, g.at, a.name, a.key
                       FROM grant_keys k JOIN grants g ON g.id = k.grant_id JOIN grant_keys a ON a.grant_id = g.id
                       WHERE k.name = ?1 AND k.key = ?2 AND k.at >= ?3
                         AND k.since <= ?5 AND (k.until IS NULL OR k.until > ?5) AND a.since <= ?5 AND (a.until IS NULL OR a.until > ?5)
                         AND (SELECT s.state FROM grant_steps s WHERE s.grant_id = g.id AND s.seq <= ?5 ORDER BY s.seq DESC LIMIT 1) NOT IN ('withdrawn', 'corrected')
                       ORDER BY g.seq LIMIT ?4";
    KEYS_OF = "SELECT name, key FROM grant_keys WHERE grant_id = ?1";
    KEEP_KEY = "INSERT INTO grant_keys (name, key, at, grant_id) VALUES (?1, ?2, ?3, ?4)";
    INSERT = "INSERT INTO decisions (id, case_id, at, actor, charter, request, personal, digest, upto, outcome, answer)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    READ = "SELECT case_id, at, actor, charter, request, personal, digest, upto, outcome, answer FROM decisions WHERE id = ?1";
}

/// More rows than this, and the charter remembers more than can be looked at for one decision.
const ROWS_MAX: i64 = 100_000;

/// The latest step of any grant: where the ledger stood.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn last_step(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&LAST_STEP, &[]).await?.0)
}

/// A grant that counts.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) remedy: String,
    pub(super) reason: Option<String>,
    pub(super) units: Option<i64>,
    pub(super) worth: Option<i64>,
    pub(super) at: Instant,
    pub(super) keys: BTreeMap<String, String>,
}

struct EntryRow {
    seq: i64,
    entry: Entry,
    name: String,
    key: String,
}

impl FromRow for EntryRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let seq = row.take()?;
        let entry = Entry { remedy: row.take()?, reason: row.take()?, units: row.take()?, worth: row.take()?, at: row.take()?, keys: BTreeMap::new() };
        Ok(Self { seq, entry, name: row.take()?, key: row.take()? })
    }
}

/// The grants that a request may depend on, by their place in the ledger: of each memory those under its narrowest key. `upto` looks at the ledger as it stood
/// then.
pub(super) async fn remembered(
    tx: &mut Tx,
    memories: &[Memory<'_>],
    keys: &BTreeMap<String, String>,
    upto: Option<i64>,
) -> Result<BTreeMap<i64, Entry>, DbError> {
    let mut found = BTreeMap::new();
    for ((name, key), since) in looked_under(memories, keys) {
        let rows: Vec<EntryRow> = match upto {
            None => tx.all(&REMEMBERED, params![name, key, since, ROWS_MAX]).await?,
            Some(upto) => tx.all(&REMEMBERED_THEN, params![name, key, since, ROWS_MAX, upto]).await?,
        };
        if i64::try_from(rows.len()).is_ok_and(|n| n == ROWS_MAX) {
            return Err(DbError::Defect(format!("the charter remembers more grants under `{name}` than one decision can look at")));
        }
        for row in rows {
            let entry: &mut Entry = found.entry(row.seq).or_insert(row.entry);
            if !row.name.is_empty() {
                entry.keys.insert(row.name, row.key);
            }
        }
    }
    Ok(found)
}

/// For each memory the one key its grants are found by: the case, else another subject, else a fact, else all grants. One that lacks a key of the request
/// remembers nothing.
fn looked_under<'a>(memories: &'a [Memory<'_>], keys: &'a BTreeMap<String, String>) -> BTreeMap<(&'a str, &'a str), Instant> {
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
    looked_under(memories, keys).into_keys().map(|(name, key)| held(name, key)).collect()
}

fn held(name: &str, key: &str) -> String {
    format!("sum {name}={key}")
}

/// Holds everything a grant counts under.
pub(crate) async fn hold_keys(tx: &mut Tx, grant: Id) -> Result<(), DbError> {
    let keys: Vec<(String, String)> = tx.all(&KEYS_OF, params![&grant]).await?;
    let names: Vec<String> = keys.iter().map(|(name, key)| held(name, key)).collect();
    tx.hold(&names).await
}

/// Keeps what a grant counts under.
pub(crate) async fn keep_keys(tx: &mut Tx, grant: Id, keys: &BTreeMap<String, String>, at: Instant) -> Result<(), DbError> {
    tx.execute(&KEEP_KEY, params!["", "", at, &grant]).await?;
    for (name, key) in keys {
        tx.execute(&KEEP_KEY, params![name, key, at, &grant]).await?;
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
        })
    }
}

//! Whether the log of events is what it was when it was written.
//!
//! The events of a subject are chained where they are made, so no row that everybody wants slows the desk. A job seals the events of all subjects into one
//! chain, in the order in which they were given their place. What is found: an event changed, taken out or put in between, on its own or at the end of a
//! chain once it is sealed. What is not: a rewrite of everything from some point on, seals included, unless the last seal is also kept outside.

use charter::time::Instant;
use sha2::{Digest, Sha256};

use crate::db::{DbError, FromRow, Row, Tx};
use crate::events::{self, Recorded};
use crate::{params, statements};

statements! {
    LAST_SEAL = "SELECT number, upto, digest FROM seals ORDER BY number DESC LIMIT 1";
    UNSEALED = "SELECT seq, digest FROM events WHERE seq > ?1 AND at < ?2 ORDER BY seq LIMIT ?3";
    SEAL = "INSERT INTO seals (number, at, upto, events, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
    SEALS = "SELECT number, upto, events, digest FROM seals WHERE number > ?1 ORDER BY number LIMIT ?2";
    CHAINED = "SELECT subject, number, at, actor, kind, data, digest FROM events WHERE (subject, number) > (?1, ?2) ORDER BY subject, number LIMIT ?3";
    BETWEEN = "SELECT seq, digest FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
}

/// How old an event is before it is sealed: longer than any transaction may last, so that none with a lower place is still under way.
pub const SEALED_AFTER_MICROS: i64 = 60_000_000;
/// How many events one seal covers at most.
const EVENTS_PER_SEAL: i64 = 10_000;
const PAGE: i64 = 1_000;

/// Seals the events that are old enough and says how many there were. Asked again until it says 0, it has sealed all.
///
/// # Errors
/// [`DbError`] when they cannot be read or the seal cannot be kept.
pub async fn seal(tx: &mut Tx, now: Instant) -> Result<usize, DbError> {
    tx.hold(&["seals".to_owned()]).await?;
    let last: Option<(i64, i64, Vec<u8>)> = tx.optional(&LAST_SEAL, &[]).await?;
    let (number, upto, before) = last.unwrap_or((0, 0, Vec::new()));
    let found: Vec<(i64, Vec<u8>)> = tx.all(&UNSEALED, params![upto, now - SEALED_AFTER_MICROS, EVENTS_PER_SEAL]).await?;
    let Some((last, _)) = found.last() else { return Ok(0) };
    let digest = over(&before, &found);
    tx.execute(&SEAL, params![number + 1, now, *last, i64::try_from(found.len()).unwrap_or(0), &digest]).await?;
    Ok(found.len())
}

fn over(before: &[u8], events: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut sum = Sha256::new();
    sum.update(before);
    for (seq, digest) in events {
        sum.update(seq.to_be_bytes());
        sum.update(digest);
    }
    sum.finalize().to_vec()
}

/// Everything in the log that is not as it was written, one sentence each (at most `most`).
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn verify(tx: &mut Tx, most: usize) -> Result<Vec<String>, DbError> {
    let mut found = chains(tx, most).await?;
    found.extend(seals(tx).await?);
    found.truncate(most);
    Ok(found)
}

async fn chains(tx: &mut Tx, most: usize) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    let (mut subject, mut number, mut before) = (String::new(), 0, Vec::new());
    while found.len() < most {
        let page: Vec<Recorded> = tx.all(&CHAINED, params![&subject, number, PAGE]).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            if event.subject != subject {
                (number, before) = (0, Vec::new());
            }
            if event.number != number + 1 {
                found.push(format!("events of {}: number {} is missing", event.subject, number + 1));
            } else if events::digest(&before, &event) != event.digest {
                found.push(format!("events of {}: number {} was changed after it was written", event.subject, event.number));
            }
            (subject, number, before) = (event.subject, event.number, event.digest);
        }
    }
    Ok(found)
}

#[derive(Debug)]
struct Seal {
    number: i64,
    upto: i64,
    events: i64,
    digest: Vec<u8>,
}

impl FromRow for Seal {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { number: row.take()?, upto: row.take()?, events: row.take()?, digest: row.take()? })
    }
}

async fn seals(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    let (mut number, mut upto, mut before) = (0, 0, Vec::new());
    loop {
        let page: Vec<Seal> = tx.all(&SEALS, params![number, PAGE]).await?;
        if page.is_empty() {
            return Ok(Vec::new());
        }
        for seal in page {
            if seal.number != number + 1 {
                return Ok(vec![format!("seal {} is missing", number + 1)]);
            }
            let sealed: Vec<(i64, Vec<u8>)> = tx.all(&BETWEEN, params![upto, seal.upto, EVENTS_PER_SEAL + 1]).await?;
            if i64::try_from(sealed.len()).ok() != Some(seal.events) {
                return Ok(vec![format!("seal {}: it was put over {} events, and there are {}", seal.number, seal.events, sealed.len())]);
            }
            if over(&before, &sealed) != seal.digest {
                return Ok(vec![format!("seal {}: what it was put over has changed", seal.number)]);
            }
            (number, upto, before) = (seal.number, seal.upto, seal.digest);
        }
    }
}

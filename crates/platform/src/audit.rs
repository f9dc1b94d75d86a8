//! Whether the log of events is what it was when it was written.
//!
//! The events of a subject are chained where they are made, so no row that everybody wants slows the desk. A job seals the events of all subjects into one
//! chain, in the order in which they were given their place. What is found: an event changed, taken out or put in between, on its own or at the end of a
//! chain once it is sealed. What is not: a rewrite of everything from some point on, seals included, unless the last seal is also kept outside.

use charter::time::Instant;
use sha2::{Digest, Sha256};

use crate::db::{DbError, FromRow, Perhaps, Row, Tx};
use crate::events::{self, Recorded};
use crate::{params, statements};

statements! {
    LAST_SEAL = "SELECT number, upto, digest FROM seals ORDER BY number DESC LIMIT 1";
    UNSEALED = "SELECT seq, digest, at FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    SEAL = "INSERT INTO seals (number, at, upto, events, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
    SEALS = "SELECT number, number, upto, events, digest FROM seals WHERE number > ?1 ORDER BY number LIMIT ?2";
    CHAINED = "SELECT subject, number, subject, number, at, actor, kind, data, digest FROM events WHERE (subject, number) > (?1, ?2) ORDER BY subject, number LIMIT ?3";
    EVENTS = "SELECT COUNT(*) FROM events";
    BETWEEN = "SELECT seq, digest FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
}

/// How old an event is before it is sealed: longer than any transaction may last, so that none with a lower place is still under way.
pub const SEALED_AFTER_MICROS: i64 = 60_000_000;
/// How many events one seal covers at most.
const EVENTS_PER_SEAL: i64 = 10_000;
const PAGE: i64 = 1_000;
/// Seals of one page: each is over many events.
const SEALS_PAGE: i64 = 10;

/// Seals the events that are old enough and says how many there were. Asked again until it says 0, it has sealed all.
///
/// # Errors
/// [`DbError`] when they cannot be read or the seal cannot be kept.
pub async fn seal(tx: &mut Tx, now: Instant) -> Result<usize, DbError> {
    tx.hold(&["seals".to_owned()]).await?;
    let last: Option<(i64, i64, Vec<u8>)> = tx.optional(&LAST_SEAL, &[]).await?;
    let (number, upto, before) = last.unwrap_or((0, 0, Vec::new()));
    let found: Vec<(i64, Vec<u8>, Instant)> = tx.all(&UNSEALED, params![upto, EVENTS_PER_SEAL]).await?;
    // Up to the first that is not old enough: a seal has no holes, whatever the clock did.
    let old = |(_, _, at): &(i64, Vec<u8>, Instant)| *at < now - SEALED_AFTER_MICROS;
    let found: Vec<(i64, Vec<u8>)> = found.into_iter().take_while(old).map(|(seq, digest, _)| (seq, digest)).collect();
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
    let (mut found, mut chains, mut seals) = (Vec::new(), Chains::default(), Seals::default());
    while found.len() < most && chains.page(tx, &mut found).await? > 0 {}
    while found.len() < most && seals.page(tx, &mut found).await? > 0 {}
    found.truncate(most);
    Ok(found)
}

/// How many events there are.
///
/// # Errors
/// [`DbError`] when they cannot be counted.
pub async fn events(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&EVENTS, &[]).await?.0)
}

/// The chains of all subjects, looked at page by page. Events are only added, so the pages need not be of one moment.
#[derive(Clone, Debug, Default)]
pub struct Chains {
    subject: String,
    number: i64,
    before: Vec<u8>,
}

impl Chains {
    /// Looks at the next page, adds what is wrong in it, and says how many events it had: none at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        let page: Vec<Perhaps<(String, i64), Recorded>> = tx.all(&CHAINED, params![&self.subject, self.number, PAGE]).await?;
        let length = page.len();
        for Perhaps { key: (subject, number), row } in page {
            let event = match row {
                Ok(event) => event,
                Err(e) => {
                    found.push(format!("events of {subject}: number {number} cannot be read: {e}"));
                    // The next one is found not to follow it.
                    (self.subject, self.number, self.before) = (subject, number, Vec::new());
                    continue;
                }
            };
            if event.subject != self.subject {
                (self.number, self.before) = (0, Vec::new());
            }
            if event.number != self.number + 1 {
                found.push(format!("events of {}: number {} is missing", event.subject, self.number + 1));
            } else if events::digest(&self.before, &event) != event.digest {
                found.push(format!("events of {}: number {} was changed after it was written", event.subject, event.number));
            }
            (self.subject, self.number, self.before) = (event.subject, event.number, event.digest);
        }
        Ok(length)
    }
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

/// The chain of seals, looked at page by page.
#[derive(Clone, Debug, Default)]
pub struct Seals {
    number: i64,
    upto: i64,
    before: Vec<u8>,
}

impl Seals {
    /// Looks at the next page, adds what is wrong in it, and says how many seals it had: none at the end, and none after the first that is wrong, because
    /// each rests on the one before it.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        let page: Vec<Perhaps<(i64,), Seal>> = tx.all(&SEALS, params![self.number, SEALS_PAGE]).await?;
        let length = page.len();
        for Perhaps { key: (number,), row } in page {
            let seal = match row {
                Ok(seal) => seal,
                Err(e) => {
                    found.push(format!("seal {number} cannot be read: {e}"));
                    return Ok(0);
                }
            };
            if let Some(wrong) = self.wrong(tx, &seal).await? {
                found.push(wrong);
                return Ok(0);
            }
            (self.number, self.upto, self.before) = (seal.number, seal.upto, seal.digest);
        }
        Ok(length)
    }

    async fn wrong(&self, tx: &mut Tx, seal: &Seal) -> Result<Option<String>, DbError> {
        if seal.number != self.number + 1 {
            return Ok(Some(format!("seal {} is missing", self.number + 1)));
        }
        let sealed: Vec<(i64, Vec<u8>)> = tx.all(&BETWEEN, params![self.upto, seal.upto, EVENTS_PER_SEAL + 1]).await?;
        if i64::try_from(sealed.len()).ok() != Some(seal.events) {
            return Ok(Some(format!("seal {}: it was put over {} events, and there are {}", seal.number, seal.events, sealed.len())));
        }
        Ok((over(&self.before, &sealed) != seal.digest).then(|| format!("seal {}: what it was put over has changed", seal.number)))
    }
}

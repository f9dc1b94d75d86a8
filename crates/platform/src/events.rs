//! What happened: typed events, appended in the transaction that made them happen, and never changed.
//!
//! The events of one subject are chained: each holds a digest over itself and the one before it. So this log is also the audit log, and [`crate::audit`]
//! can tell whether somebody rewrote it.
//!
//! Events hold ids, amounts and choices. Free text and what is personal lie in rows that can be erased ([`crate::texts`]); an event names them.

use charter::time::Instant;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::actor::{Actor, Subject};
use crate::db::{DbError, FromRow, Row, Tx};
use crate::{params, statements};

statements! {
    LAST = "SELECT number, digest FROM events WHERE subject = ?1 ORDER BY number DESC LIMIT 1";
    APPEND = "INSERT INTO events (subject, number, at, actor, kind, data, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    OF_SUBJECT = "SELECT subject, number, at, actor, kind, data, digest FROM events WHERE subject = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
}

/// A typed event. Each feature has an enum of its own.
pub trait Event: Serialize {
    /// Its name, in words separated by `_`: `case_opened`. One name for ever.
    fn kind(&self) -> &'static str;

    /// What it happened to.
    fn subject(&self) -> Subject;
}

/// An event as it is kept.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it happened to, written `case:1024`.
    pub subject: String,
    /// Its number among the events of the subject, from 1 without gaps.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// The name of the event.
    pub kind: String,
    /// The rest of it, as JSON.
    pub data: String,
    /// Over itself and the digest before it.
    pub digest: Vec<u8>,
}

impl FromRow for Recorded {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { subject: row.take()?, number: row.take()?, at: row.take()?, actor: row.take()?, kind: row.take()?, data: row.take()?, digest: row.take()? })
    }
}

/// Appends an event, and has done what the wiring says follows from it in the same transaction.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn append(tx: &mut Tx, event: &(impl Event + Sync), actor: &Actor, at: Instant) -> Result<(), DbError> {
    let subject = event.subject().to_string();
    let data = serde_json::to_string(event).map_err(|e| DbError::shape(format!("`{}` is not JSON: {e}", event.kind())))?;
    tx.hold(&[format!("events of {subject}")]).await?;
    let last: Option<(i64, Vec<u8>)> = tx.optional(&LAST, params![subject.as_str()]).await?;
    let (number, before) = last.map_or((1, Vec::new()), |(number, digest)| (number + 1, digest));
    let mut recorded = Recorded { subject, number, at, actor: actor.clone(), kind: event.kind().to_owned(), data, digest: Vec::new() };
    recorded.digest = digest(&before, &recorded);
    let r = &recorded;
    tx.execute(&APPEND, params![&r.subject, r.number, r.at, &r.actor, &r.kind, &r.data, &r.digest]).await?;
    tx.appended(recorded);
    Ok(())
}

/// The digest of an event: SHA-256 over the digest before it and its own columns, each with its length in front.
#[must_use]
pub fn digest(before: &[u8], event: &Recorded) -> Vec<u8> {
    let mut sum = Sha256::new();
    let (number, at, actor) = (event.number.to_string(), event.at.to_string(), event.actor.to_string());
    for part in [before, event.subject.as_bytes(), number.as_bytes(), at.as_bytes(), actor.as_bytes(), event.kind.as_bytes(), event.data.as_bytes()] {
        sum.update((part.len() as u64).to_be_bytes());
        sum.update(part);
    }
    sum.finalize().to_vec()
}

/// A page of the events of a subject, latest first: those before number `before` (`i64::MAX` for the first page).
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of(tx: &mut Tx, subject: &Subject, before: i64, most: i64) -> Result<Vec<Recorded>, DbError> {
    tx.all(&OF_SUBJECT, params![subject.to_string().as_str(), before, most]).await
}

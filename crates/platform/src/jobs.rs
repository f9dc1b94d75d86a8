//! Work that follows after a commit: kept in the transaction that wants it, leased to one worker at a time, done at least once.
//!
//! A job that fails is tried again, later each time, and after the last try it stays where people see it. What a job does must therefore be safe to do twice.

use charter::time::Instant;

use crate::db::{DbError, FromRow, Row, Tx};
use crate::{ids, params, statements};

pub mod runner;

statements! {
    ENQUEUE = "INSERT INTO jobs (id, kind, key, payload, run_at, tries, made_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6) ON CONFLICT DO NOTHING";
    DUE = "SELECT id FROM jobs WHERE run_at <= ?1 AND ended_at IS NULL ORDER BY run_at LIMIT ?2";
    LEASE = "UPDATE jobs SET run_at = ?2, tries = tries + 1, lease = ?3 WHERE id = ?1 AND run_at <= ?4 AND ended_at IS NULL RETURNING id, kind, payload, tries, lease";
    DONE = "DELETE FROM jobs WHERE id = ?1 AND lease = ?2";
    AGAIN = "UPDATE jobs SET run_at = ?3, error = ?4, lease = NULL WHERE id = ?1 AND lease = ?2";
    GIVE_UP = "UPDATE jobs SET ended_at = ?3, error = ?4, lease = NULL WHERE id = ?1 AND lease = ?2";
    LATER = "UPDATE jobs SET run_at = ?3, error = ?4, tries = tries - 1, lease = NULL WHERE id = ?1 AND lease = ?2";
    COUNTS = "SELECT COUNT(*), COUNT(ended_at) FROM jobs";
    CALL_OFF = "DELETE FROM jobs WHERE kind = ?1 AND key = ?2 AND ended_at IS NULL";
    CALL_OFF_ALL = "DELETE FROM jobs WHERE kind = ?1 AND ended_at IS NULL";
    HASTEN = "UPDATE jobs SET run_at = ?2 WHERE kind = ?1 AND run_at > ?2 AND ended_at IS NULL AND lease IS NULL";
    WAITING = "SELECT COUNT(*) FROM jobs WHERE kind = ?1 AND run_at > ?2 AND ended_at IS NULL AND lease IS NULL";
    NEXT = "SELECT MIN(run_at) FROM jobs WHERE ended_at IS NULL";
    LIST = "SELECT id, kind, run_at, tries, error, ended_at FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
    RETRY = "UPDATE jobs SET ended_at = NULL, tries = 0, run_at = ?2 WHERE id = ?1 AND ended_at IS NOT NULL";
}

ids! {
    /// A job.
    JobId
}

/// How long a worker may take before the job is given to another one.
pub const LEASE_MICROS: i64 = 120_000_000;
/// How often a job is tried: over about a day and a half.
pub const TRIES_MAX: i64 = 12;
const FIRST_WAIT_MICROS: i64 = 5_000_000;
const LONGEST_WAIT_MICROS: i64 = 6 * 3_600_000_000;

/// A job that is wanted.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Which worker function does it.
    pub kind: &'static str,
    /// There is one job of a kind and key at a time; asking for another one does nothing.
    pub key: &'a str,
    /// What the function is given, as JSON.
    pub payload: &'a str,
    /// Not before.
    pub run_at: Instant,
}

/// A job that was leased.
#[derive(Clone, Debug)]
pub struct Leased {
    /// Which.
    pub id: JobId,
    /// Which worker function does it.
    pub kind: String,
    /// What it is given.
    pub payload: String,
    /// The how-many-eth try this is, from 1.
    pub tries: i64,
    lease: JobId,
}

impl FromRow for Leased {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, kind: row.take()?, payload: row.take()?, tries: row.take()?, lease: row.take()? })
    }
}

/// Wants a job done. Says whether it was not there yet.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn enqueue(tx: &mut Tx, job: &NewJob<'_>, now: Instant) -> Result<bool, DbError> {
    let is_new = tx.execute(&ENQUEUE, params![&JobId::new(now), job.kind, job.key, job.payload, job.run_at, now]).await? == 1;
    if is_new {
        tx.wanted_work();
    }
    Ok(is_new)
}

/// Calls a job off that has not ended, whether or not a worker has begun it.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn call_off(tx: &mut Tx, kind: &str, key: &str) -> Result<bool, DbError> {
    Ok(tx.execute(&CALL_OFF, params![kind, key]).await? == 1)
}

/// Calls all jobs of a kind off that have not ended.
///
/// # Errors
/// [`DbError`] when they cannot be changed.
pub async fn call_off_all(tx: &mut Tx, kind: &str) -> Result<u64, DbError> {
    tx.execute(&CALL_OFF_ALL, params![kind]).await
}

/// Has all jobs of a kind done now that wait for their time and that no worker has begun.
///
/// # Errors
/// [`DbError`] when they cannot be changed.
pub async fn hasten(tx: &mut Tx, kind: &str, now: Instant) -> Result<(), DbError> {
    if tx.execute(&HASTEN, params![kind, now]).await? > 0 {
        tx.wanted_work();
    }
    Ok(())
}

/// How many jobs of a kind wait for their time, and no worker has begun them.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn waiting(tx: &mut Tx, kind: &str, now: Instant) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&WAITING, params![kind, now]).await?.0)
}

/// Leases jobs that are due, earliest first.
///
/// # Errors
/// [`DbError`] when they cannot be read or changed.
pub async fn lease(tx: &mut Tx, now: Instant, most: i64) -> Result<Vec<Leased>, DbError> {
    let due: Vec<(JobId,)> = tx.all(&DUE, params![now, most]).await?;
    let mut leased = Vec::with_capacity(due.len());
    for (id,) in due {
        // Two workers may have seen the same: the second finds it moved.
        leased.extend(tx.optional::<Leased>(&LEASE, params![&id, now + LEASE_MICROS, &JobId::new(now), now]).await?);
    }
    Ok(leased)
}

/// A leased job was done. Says whether the lease still held: `false` means that another worker does it again.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn done(tx: &mut Tx, job: &Leased) -> Result<bool, DbError> {
    Ok(tx.execute(&DONE, params![&job.id, &job.lease]).await? == 1)
}

/// A leased job failed: it is tried again later, or stays with its error after the last try.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn failed(tx: &mut Tx, job: &Leased, error: &str, now: Instant) -> Result<(), DbError> {
    let (statement, at) = if job.tries >= TRIES_MAX { (&GIVE_UP, now) } else { (&AGAIN, now + wait(job.tries)) };
    tx.execute(statement, params![&job.id, &job.lease, at, error]).await?;
    Ok(())
}

/// A leased job is to be tried again whatever came of it, and this try does not count: what it needs is not there yet, or it is done again and again.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn later(tx: &mut Tx, job: &Leased, error: Option<&str>, at: Instant) -> Result<(), DbError> {
    tx.execute(&LATER, params![&job.id, &job.lease, at, error]).await.map(drop)
}

/// A leased job can never be done: it stays with its error.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn give_up(tx: &mut Tx, job: &Leased, error: &str, now: Instant) -> Result<(), DbError> {
    tx.execute(&GIVE_UP, params![&job.id, &job.lease, now, error]).await.map(drop)
}

/// How many jobs there are, and how many of them were given up.
///
/// # Errors
/// [`DbError`] when they cannot be counted.
pub async fn counts(tx: &mut Tx) -> Result<(i64, i64), DbError> {
    tx.one(&COUNTS, &[]).await
}

/// How long a job waits after a try that failed, in microseconds; four times as long after each: 5 s, 20 s, 80 s, … 6 h.
pub(crate) fn wait(tries: i64) -> i64 {
    (1..tries).fold(FIRST_WAIT_MICROS, |wait, _| (wait * 4).min(LONGEST_WAIT_MICROS))
}

/// When the next job is due.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Instant>, DbError> {
    Ok(tx.one::<(Option<i64>,)>(&NEXT, &[]).await?.0)
}

/// A job as people see it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// When it is tried next; while it is leased, when the lease ends.
    pub run_at: Instant,
    /// How often it was tried.
    pub tries: i64,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// When it was given up.
    pub given_up_at: Option<Instant>,
}

impl FromRow for Listed {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, kind: row.take()?, run_at: row.take()?, tries: row.take()?, error: row.take()?, given_up_at: row.take()? })
    }
}

/// A page of the jobs there are, latest first: those before `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx, before: JobId, most: i64) -> Result<Vec<Listed>, DbError> {
    tx.all(&LIST, params![&before, most]).await
}

/// Tries a job again that was given up. Says whether there was one.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn retry(tx: &mut Tx, id: JobId, now: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&RETRY, params![&id, now]).await? == 1)
}

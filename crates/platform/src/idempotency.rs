//! One key, one effect. A client that does not know whether its request arrived sends it again under the same key, and gets the same answer.

use charter::time::Instant;
use sha2::{Digest, Sha256};

use crate::actor::{Actor, Subject};
use crate::db::{DbError, Tx};
use crate::{params, statements};

statements! {
    CLAIM = "INSERT INTO idempotency_keys (actor, key, fingerprint, made_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    FIND = "SELECT fingerprint, status, answer FROM idempotency_keys WHERE actor = ?1 AND key = ?2";
    ANSWER = "UPDATE idempotency_keys SET status = ?3, answer = ?4, about = ?5 WHERE actor = ?1 AND key = ?2";
    ERASE = "UPDATE idempotency_keys SET status = ?2, answer = ?3 WHERE about = ?1";
    FORGET = "DELETE FROM idempotency_keys WHERE made_at < ?1";
}

/// How long a key is remembered: a week.
pub const REMEMBERED_MICROS: i64 = 7 * 86_400_000_000;

/// What is known about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new: do it, and [`keep`] the answer in the same transaction.
    New,
    /// It was done; this was the answer.
    Done {
        /// The HTTP status.
        status: i64,
        /// The body.
        answer: String,
    },
    /// The key was used for another request.
    Another,
}

/// Claims a key for a request. In the transaction of the effect: whoever sends the same at once waits for its end.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn claim(tx: &mut Tx, actor: &Actor, key: &str, request: &[u8], now: Instant) -> Result<Claim, DbError> {
    let fingerprint = Sha256::digest(request).to_vec();
    if tx.execute(&CLAIM, params![actor, key, &fingerprint, now]).await? == 1 {
        return Ok(Claim::New);
    }
    let (known, status, answer): (Vec<u8>, Option<i64>, Option<String>) = tx.one(&FIND, params![actor, key]).await?;
    Ok(match (status, answer) {
        _ if known != fingerprint => Claim::Another,
        (Some(status), Some(answer)) => Claim::Done { status, answer },
        // Claimed in this very transaction.
        _ => Claim::New,
    })
}

/// Keeps the answer under the key, and what it speaks of, so that it can be erased.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep(tx: &mut Tx, actor: &Actor, key: &str, (status, answer): (i64, &str), about: Option<&Subject>) -> Result<(), DbError> {
    let about = about.map(ToString::to_string);
    tx.execute(&ANSWER, params![actor, key, status, answer, &about]).await.map(drop)
}

/// Puts this in the place of all answers that speak of a subject. The keys stay: what was done under them is not done again.
///
/// # Errors
/// [`DbError`] when they cannot be changed.
pub async fn erase(tx: &mut Tx, subject: &Subject, status: i64, answer: &str) -> Result<u64, DbError> {
    tx.execute(&ERASE, params![subject.to_string().as_str(), status, answer]).await
}

/// Forgets keys older than [`REMEMBERED_MICROS`].
///
/// # Errors
/// [`DbError`] when they cannot be deleted.
pub async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(&FORGET, params![now - REMEMBERED_MICROS]).await
}

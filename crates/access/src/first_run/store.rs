//! The SQL of the first run.

use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::{params, statements};

use crate::limits::{self, micros};

statements! {
    MAKE = "INSERT INTO first_links (digest, made_at, expires_at) VALUES (?1, ?2, ?3)";
    OPEN = "SELECT COUNT(*) FROM first_links WHERE digest = ?1 AND expires_at > ?2";
    USE = "DELETE FROM first_links WHERE digest = ?1 AND expires_at > ?2";
    CLOSE = "DELETE FROM first_links";
    FORGET = "DELETE FROM first_links WHERE expires_at <= ?1";
}

pub(super) async fn make(tx: &mut Tx, digest: &Vec<u8>, at: Instant) -> Result<(), DbError> {
    tx.execute(&MAKE, params![digest, at, at + micros(limits::FIRST_RUN_SECONDS)]).await.map(drop)
}

/// Whether a link works. Changes nothing.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn is_open(tx: &mut Tx, digest: &Vec<u8>, now: Instant) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&OPEN, params![digest, now]).await?.0 > 0)
}

/// Uses a link up. Of all who try, one is told that it worked.
pub(super) async fn use_up(tx: &mut Tx, digest: &Vec<u8>, now: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&USE, params![digest, now]).await? == 1)
}

/// Lets none of them work any more.
pub(super) async fn close(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute(&CLOSE, &[]).await.map(drop)
}

/// Forgets those that would no longer work.
pub(crate) async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(&FORGET, params![now]).await
}

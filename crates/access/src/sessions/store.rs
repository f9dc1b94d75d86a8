//! The SQL of sign-ins.

use charter::time::Instant;
use platform::db::{DbError, Tx, Value};
use platform::{params, statements};

use super::model::{Session, SessionId};
use crate::limits::{self, micros};
use crate::people::StaffId;

statements! {
    BEGIN = "INSERT INTO sessions (id, digest, staff, device, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    LIST = "SELECT id, device, created_at, seen_at FROM sessions WHERE staff = ?1 AND created_at > ?2 AND seen_at > ?3 ORDER BY seen_at DESC, id LIMIT ?4";
    END = "DELETE FROM sessions WHERE id = ?1 AND staff = ?2";
    END_ALL = "DELETE FROM sessions WHERE staff = ?1 AND id <> ?2";
    END_BY_DIGEST = "DELETE FROM sessions WHERE digest = ?1";
    NOTE_USE = "UPDATE sessions SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2";
    FORGET = "DELETE FROM sessions WHERE created_at <= ?1";
}

pub(super) async fn begin(tx: &mut Tx, id: SessionId, digest: &Vec<u8>, staff: StaffId, device: &str, at: Instant) -> Result<(), DbError> {
    tx.execute(&BEGIN, params![&id, digest, &staff, device, at]).await.map(drop)
}

/// Where somebody is signed in, last used first.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list(tx: &mut Tx, staff: StaffId, now: Instant) -> Result<Vec<Session>, DbError> {
    let (created, seen) = (now - micros(limits::SIGNED_IN_SECONDS), now - micros(limits::IDLE_SECONDS));
    tx.all(&LIST, params![&staff, created, seen, limits::LISTED]).await
}

pub(super) async fn end(tx: &mut Tx, id: SessionId, staff: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute(&END, params![&id, &staff]).await? == 1)
}

pub(super) async fn end_all(tx: &mut Tx, staff: StaffId, but: Option<SessionId>) -> Result<u64, DbError> {
    let but = but.as_ref().map_or_else(|| Value::Bytes(Vec::new()), Value::from);
    tx.execute(&END_ALL, params![&staff, but]).await
}

pub(crate) async fn end_by_digest(tx: &mut Tx, digest: &Vec<u8>) -> Result<(), DbError> {
    tx.execute(&END_BY_DIGEST, params![digest]).await.map(drop)
}

pub(crate) async fn note_use(tx: &mut Tx, id: SessionId, now: Instant) -> Result<(), DbError> {
    tx.execute(&NOTE_USE, params![&id, now]).await.map(drop)
}

/// Forgets what has long ended.
///
/// # Errors
/// [`DbError`] when it cannot be deleted.
pub async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(&FORGET, params![now - micros(limits::SIGNED_IN_SECONDS)]).await
}

//! The SQL of links.

use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::{params, statements};

use super::model::{LinkId, LinkKind, Open};
use crate::limits::{self, micros};
use crate::people::StaffId;

statements! {
    MAKE = "INSERT INTO links (id, digest, kind, staff, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    OPEN = "SELECT s.id, s.name, s.email, s.locale FROM links l JOIN staff s ON s.id = l.staff \
        WHERE l.digest = ?1 AND l.kind = ?2 AND l.used_at IS NULL AND l.expires_at > ?3 AND s.disabled_at IS NULL AND s.email IS NOT NULL";
    USE = "UPDATE links SET used_at = ?3 WHERE digest = ?1 AND kind = ?2 AND used_at IS NULL AND expires_at > ?3 RETURNING staff";
    VOID = "UPDATE links SET used_at = ?2 WHERE staff = ?1 AND used_at IS NULL";
    FORGET = "DELETE FROM links WHERE expires_at <= ?1";
}

/// A link that is made.
pub(super) struct Made {
    pub(super) id: LinkId,
    pub(super) digest: Vec<u8>,
    pub(super) kind: LinkKind,
    pub(super) staff: StaffId,
}

pub(super) async fn make(tx: &mut Tx, link: &Made, at: Instant) -> Result<(), DbError> {
    let seconds = match link.kind {
        LinkKind::Invitation => limits::INVITATION_SECONDS,
        LinkKind::Reset => limits::RESET_SECONDS,
    };
    tx.execute(&MAKE, params![&link.id, &link.digest, &link.kind, &link.staff, at, at + micros(seconds)]).await.map(drop)
}

/// Whose link this is, if it still works. Changes nothing.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn open(tx: &mut Tx, digest: &Vec<u8>, kind: LinkKind, now: Instant) -> Result<Option<Open>, DbError> {
    tx.optional(&OPEN, params![digest, &kind, now]).await
}

/// Uses a link up. Of all who try, one is told whose it was.
pub(super) async fn use_up(tx: &mut Tx, digest: &Vec<u8>, kind: LinkKind, now: Instant) -> Result<Option<StaffId>, DbError> {
    let staff: Option<(StaffId,)> = tx.optional(&USE, params![digest, &kind, now]).await?;
    Ok(staff.map(|(staff,)| staff))
}

/// Lets no link of somebody work any more.
pub(crate) async fn void(tx: &mut Tx, staff: StaffId, now: Instant) -> Result<(), DbError> {
    tx.execute(&VOID, params![&staff, now]).await.map(drop)
}

/// Forgets links that would no longer work.
///
/// # Errors
/// [`DbError`] when they cannot be deleted.
pub async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(&FORGET, params![now]).await
}

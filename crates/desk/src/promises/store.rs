use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::id::Id;
use platform::{params, statements};

use super::model::{Ended, PromiseId, PromiseRow};
use crate::cases::CaseId;

/// The columns of a [`PromiseRow`].
macro_rules! columns {
    () => {
        "id, case_id, escalation, group_id, staff, how, made_by, made_at, first_due_at, due_at, renewed, ended, ended_at"
    };
}

statements! {
    INSERT = "INSERT INTO promises (id, case_id, escalation, group_id, staff, how, made_by, made_at, first_due_at, due_at, renewed)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 0)";
    BY_ID = concat!("SELECT ", columns!(), " FROM promises WHERE id = ?1");
    OF_CASE = concat!("SELECT ", columns!(), " FROM promises WHERE case_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    OF_GROUP = concat!("SELECT ", columns!(), " FROM promises WHERE group_id >= ?1 AND group_id <= ?1 AND group_id IS NOT NULL AND id > ?2
                ORDER BY group_id DESC, id DESC LIMIT ?3");
    RENEW = "UPDATE promises SET due_at = ?3, renewed = renewed + 1 WHERE id = ?1 AND due_at = ?2 AND ended IS NULL";
    END = "UPDATE promises SET ended = ?2, ended_at = ?3, ended_by = ?4 WHERE id = ?1 AND ended IS NULL";
}

pub(super) async fn insert(tx: &mut Tx, row: &PromiseRow) -> Result<(), DbError> {
    let values = params![&row.id, &row.case, &row.escalation, &row.group, &row.staff, &row.how, &row.made_by, row.made_at, row.due_at];
    tx.execute(&INSERT, values).await.map(drop)
}

/// A promise.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_id(tx: &mut Tx, id: PromiseId) -> Result<Option<PromiseRow>, DbError> {
    tx.optional(&BY_ID, params![&id]).await
}

/// What was promised in a case, latest first, before one of them.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of_case(tx: &mut Tx, case: CaseId, before: Option<PromiseId>, most: i64) -> Result<Vec<PromiseRow>, DbError> {
    tx.all(&OF_CASE, params![&case, &before.unwrap_or(PromiseId(Id::from_bytes([0xff; 16]))), most]).await
}

/// What a group promised since an instant, the latest first.
pub(crate) async fn of_group(tx: &mut Tx, group: &str, since: Instant, most: i64) -> Result<Vec<PromiseRow>, DbError> {
    tx.all(&OF_GROUP, params![group, &PromiseId(Id::least_of(since)), most]).await
}

/// Says whether it was still open, and due then.
pub(super) async fn renew(tx: &mut Tx, id: PromiseId, from: Instant, to: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&RENEW, params![&id, from, to]).await? == 1)
}

/// Says whether it was still open.
pub(super) async fn end(tx: &mut Tx, id: PromiseId, ended: Ended, by: &Actor, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&END, params![&id, &ended, at, by]).await? == 1)
}

//! A promise, as one who wants to do something with it finds it; for the pages and the API alike.

use access::Caller;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::http::Problem;

use super::model::{PromiseId, PromiseRow};
use super::store;
use crate::cases::{self, CaseRow};
use crate::groups;
use crate::state::may_see;

/// A promise with its case, for those who may open the case or serve the group that made it.
pub(super) async fn known(tx: &mut Tx, caller: &Caller, id: PromiseId, now: Timestamp) -> Result<(PromiseRow, CaseRow), Problem> {
    found(tx, caller, id, now).await?.ok_or_else(Problem::not_found)
}

pub(super) async fn found(tx: &mut Tx, caller: &Caller, id: PromiseId, now: Timestamp) -> Result<Option<(PromiseRow, CaseRow)>, DbError> {
    let Some(row) = store::by_id(tx, id).await? else { return Ok(None) };
    let Some(case) = cases::by_id(tx, row.case).await? else { return Ok(None) };
    let serves = match &row.group {
        // People serve a group, and no programs.
        Some(group) if caller.is_person() => groups::served_by(tx, caller, now).await?.contains(group),
        _ => false,
    };
    Ok((serves || may_see(caller, &case)).then_some((row, case)))
}

/// The same for one who is about to change it: with its case held, so that nothing that is written escapes an erasure.
pub(super) async fn known_held(tx: &mut Tx, caller: &Caller, id: PromiseId, now: Timestamp) -> Result<(PromiseRow, CaseRow), Problem> {
    let (_, case) = known(tx, caller, id, now).await?;
    tx.hold(&[cases::held(case.number)]).await?;
    known(tx, caller, id, now).await
}

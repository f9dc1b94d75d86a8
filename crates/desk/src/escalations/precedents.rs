//! Exceptions that others may go by, with all that is told of them.

use std::collections::{HashMap, HashSet};

use access::Caller;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::limits::PAGE_ENTRIES;
use platform::texts;

use super::model::{Answer, EscalationId, EscalationRow, ItemRow};
use super::store::{self, Sought};
use crate::api::cut;
use crate::cases::{self, CaseId};
use crate::state::may_see;

/// An exception that others may go by, as anybody at the desk reads it.
pub(super) struct Precedent {
    pub(super) row: EscalationRow,
    /// The number of the case, for those who may open what was passed up.
    pub(super) opens: Option<i64>,
    /// What was given, in order. Of less than was asked for, only the reasoning says how much it was.
    pub(super) given: Vec<ItemRow>,
    /// The reasoning; nothing once it was erased.
    pub(super) words: Option<String>,
}

/// A page of what is looked for, the latest first, and where the next one begins.
pub(super) async fn page(
    tx: &mut Tx,
    sought: &Sought,
    before: Option<EscalationId>,
    caller: &Caller,
    now: Timestamp,
) -> Result<(Vec<Precedent>, Option<EscalationId>), DbError> {
    let mut rows = store::precedents(tx, sought, before, PAGE_ENTRIES + 1).await?;
    let has_more = cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(|last| last.id);
    Ok((told(tx, rows, caller, now).await?, next))
}

/// What was given in each of these, and why.
pub(super) async fn told(tx: &mut Tx, rows: Vec<EscalationRow>, caller: &Caller, now: Timestamp) -> Result<Vec<Precedent>, DbError> {
    let served = super::known::served_by(tx, caller, now).await?;
    let cases = cases::by_ids(tx, &rows.iter().map(|row| row.case).collect::<Vec<_>>()).await?;
    let seen: HashSet<CaseId> = cases.iter().filter(|case| may_see(caller, case)).map(|case| case.id).collect();
    let numbers: HashMap<CaseId, i64> = cases.into_iter().map(|case| (case.id, case.number)).collect();
    let mut items = store::items_of(tx, &rows).await?;
    let said: Vec<_> = rows.iter().filter_map(|row| row.outcome.as_ref()).map(|outcome| outcome.words).collect();
    let mut texts = texts::read_all(tx, &said).await?;
    let told = |row: EscalationRow| {
        let is_open = caller.is_owner() || served.contains(&row.group) || seen.contains(&row.case) || row.raiser == caller.actor();
        let is_all = row.outcome.as_ref().is_some_and(|outcome| outcome.answer == Answer::Given);
        let given = items.remove(&row.id).unwrap_or_default().into_iter().filter(|item| item.grant.is_some());
        Precedent {
            opens: numbers.get(&row.case).copied().filter(|_| is_open),
            given: given.map(|item| ItemRow { units: item.units.filter(|_| is_all), ..item }).collect(),
            words: row.outcome.as_ref().and_then(|outcome| texts.remove(&outcome.words)),
            row,
        }
    };
    Ok(rows.into_iter().map(told).collect())
}

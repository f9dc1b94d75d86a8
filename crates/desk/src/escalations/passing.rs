//! Time: what is not answered when it is due goes one level up, and whoever is there hears of it again before that.

use access::people::{self, StaffId};
use charter::decide::To;
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{DbError, Tx};
use platform::jobs::{self, NewJob};

use super::commands::{found, named, serving_all};
use super::follow::tell;
use super::model::{EscalationError, EscalationEvent, EscalationId, EscalationRow, State};
use super::store;
use crate::asker::{Asker, Kind};
use crate::cases;
use crate::charters::{self, Charters};
use crate::deciding::{Held, NoSituation, situation};

/// The job that passes on what was not answered in time. Its key is what was passed up.
pub const DUE_JOB: &str = "pass_on_overdue";
/// The job that tells the group once more, half-way to when it is due.
pub const REMIND_JOB: &str = "remind_of_escalation";

/// It waits for the group: until it is due, if that is known.
pub(super) async fn wait(tx: &mut Tx, id: EscalationId, due: Option<Instant>, at: Instant) -> Result<(), DbError> {
    stop_waiting(tx, id).await?;
    let Some(due) = due else { return Ok(()) };
    let key = id.to_string();
    let payload = format!("\"{key}\"");
    jobs::enqueue(tx, &NewJob { kind: DUE_JOB, key: &key, payload: &payload, run_at: due }, at).await?;
    let half = at + (due - at) / 2;
    jobs::enqueue(tx, &NewJob { kind: REMIND_JOB, key: &key, payload: &payload, run_at: half }, at).await.map(drop)
}

/// It does not wait for the group any more.
pub(super) async fn stop_waiting(tx: &mut Tx, id: EscalationId) -> Result<(), DbError> {
    let key = id.to_string();
    jobs::call_off(tx, DUE_JOB, &key).await?;
    jobs::call_off(tx, REMIND_JOB, &key).await.map(drop)
}

/// Tells the group once more, if nobody has answered.
///
/// # Errors
/// [`EscalationError::NotFound`].
pub async fn remind(tx: &mut Tx, id: EscalationId, at: Instant) -> Result<(), EscalationError> {
    let row = found(tx, id).await?;
    if row.state == State::Open {
        let reminded = EscalationEvent::EscalationReminded { case: row.case, escalation: id, is_overdue: false };
        tell(tx, &reminded, &Actor::System, at).await?;
    }
    Ok(())
}

/// Passes on what is overdue: to the group of the next higher level that may give it. Where there is none, the group it is with hears that it is overdue.
///
/// # Errors
/// [`EscalationError::NotFound`].
pub async fn pass_on_overdue(tx: &mut Tx, known: &Charters, id: EscalationId, clock: impl Into<Clock>) -> Result<(), EscalationError> {
    let clock = clock.into();
    let (row, at) = (found(tx, id).await?, clock.now());
    if row.state != State::Open || row.due_at.is_none_or(|due| due > at) {
        return Ok(());
    }
    let Some((group, to)) = above(tx, known, &row, clock).await? else {
        let reminded = EscalationEvent::EscalationReminded { case: row.case, escalation: id, is_overdue: true };
        return Ok(tell(tx, &reminded, &Actor::System, at).await?);
    };
    if store::pass_on(tx, id, &row.group, &group, to.due).await? {
        let passed = EscalationEvent::EscalationPassedOn { case: row.case, escalation: id, from: row.group, group, due: to.due };
        tell(tx, &passed, &Actor::System, at).await?;
        wait(tx, id, to.due, at).await?;
    }
    Ok(())
}

/// The best group of the lowest level above the one it is with.
async fn above(tx: &mut Tx, known: &Charters, row: &EscalationRow, clock: Clock) -> Result<Option<(String, To)>, EscalationError> {
    let Some(asker) = raiser(tx, row).await? else { return Ok(None) };
    let serving = match servers_now(tx, known, row, &asker, clock).await {
        // What is known does not fit the charter any more: it stays where it is, and is overdue there.
        Err(EscalationError::Grant(_)) => return Ok(None),
        other => other?,
    };
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(None) };
    let level = in_force.charter.groups.iter().find(|group| *group.id == *row.group).map(|group| group.level);
    Ok(serving.into_iter().filter(|(_, to)| level.is_none_or(|level| to.level > level)).min_by_key(|(_, to)| to.level))
}

/// The one who raised it, as they are now; nothing for one without a level any more.
async fn raiser(tx: &mut Tx, row: &EscalationRow) -> Result<Option<Asker>, DbError> {
    let Some(staff) = row.raiser.staff() else { return Ok(None) };
    let Some(found) = people::find(tx, StaffId(staff)).await? else { return Ok(None) };
    let kind = if found.kind == people::Kind::Person { Kind::Person } else { Kind::Ai };
    Ok(found.level.map(|level| Asker { staff, level, kind }))
}

/// The groups that may give all of it as things are now, the best first, each with its id.
pub(super) async fn servers_now(tx: &mut Tx, known: &Charters, row: &EscalationRow, asker: &Asker, clock: Clock) -> Result<Vec<(String, To)>, EscalationError> {
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    let items = store::items(tx, row.id).await?;
    let mut now = match situation(tx, known, &case, asker, Held::Nothing, clock).await {
        Err(NoSituation::NoCharter) => return Ok(Vec::new()),
        other => other?,
    };
    let charter = now.in_force.charter.clone();
    let asked: Vec<_> = items
        .iter()
        .map(|item| {
            let amount = item.units.map(|units| item.counted.amount(units).text().to_owned());
            now.decide(&item.remedy, item.reason.as_deref(), amount.as_deref())
        })
        .collect();
    Ok(serving_all(&charter, &asked).into_iter().map(|to| (named(&charter, &to).to_owned(), to)).collect())
}

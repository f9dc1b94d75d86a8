//! Time: what is not answered when it is due goes one level up, and whoever is there hears of it again before that.

use access::people::{self, StaffId};
use charter::decide::To;
use charter::request::{Purpose, Request};
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

/// One day, in microseconds.
pub(super) const DAY: i64 = 24 * 3_600_000_000;
/// How soon it is looked again whether somebody of a group will be there: 15 minutes.
const LOOK_AGAIN: i64 = DAY / 96;

/// It waits for the group: until it is due; while no time is known, it is looked again after a while whether one is.
pub(super) async fn wait(tx: &mut Tx, id: EscalationId, due: Option<Instant>, at: Instant) -> Result<(), DbError> {
    stop_waiting(tx, id).await?;
    let key = id.to_string();
    let payload = format!("\"{key}\"");
    jobs::enqueue(tx, &NewJob { kind: DUE_JOB, key: &key, payload: &payload, run_at: due.unwrap_or(at + LOOK_AGAIN) }, at).await?;
    let Some(due) = due else { return Ok(()) };
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
    if matches!(row.state, State::Open | State::Withdrawn) {
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
    let row = found(tx, id).await?;
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    tx.hold(&[cases::held(case.number)]).await?;
    let (row, at) = (found(tx, id).await?, clock.now());
    let overdue = EscalationEvent::EscalationReminded { case: row.case, escalation: id, is_overdue: true };
    match (row.state, row.due_at) {
        (State::Open, None) => return look_again(tx, known, &row, clock).await,
        (State::Open, Some(due)) if due <= at => {}
        // Nothing is given of it any more, and so it stays where it is.
        (State::Withdrawn, Some(due)) if due <= at => return Ok(tell(tx, &overdue, &Actor::System, at).await?),
        _ => return Ok(()),
    }
    let Some((group, to)) = above(tx, known, &row, clock).await? else { return Ok(tell(tx, &overdue, &Actor::System, at).await?) };
    if store::pass_on(tx, &row, &group, to.due).await? {
        let passed = EscalationEvent::EscalationPassedOn { case: row.case, escalation: id, from: row.group, group, due: to.due };
        tell(tx, &passed, &Actor::System, at).await?;
        wait(tx, id, to.due, at).await?;
    }
    Ok(())
}

/// Nobody was known to be there: whether somebody will be now. Then it is due, and they hear of it.
async fn look_again(tx: &mut Tx, known: &Charters, row: &EscalationRow, clock: Clock) -> Result<(), EscalationError> {
    let at = clock.now();
    let due = match raiser(tx, row).await? {
        Some(asker) => due_now(tx, known, row, &asker, clock).await?,
        None => None,
    };
    if let Some(due) = due
        && store::set_due(tx, row.id, due).await?
    {
        let reminded = EscalationEvent::EscalationReminded { case: row.case, escalation: row.id, is_overdue: false };
        tell(tx, &reminded, &Actor::System, at).await?;
    }
    Ok(wait(tx, row.id, due, at).await?)
}

/// When an answer of the group it is with is due, if it is asked now, whatever would be decided; nothing while nobody is known to be there.
pub(super) async fn due_now(tx: &mut Tx, known: &Charters, row: &EscalationRow, asker: &Asker, clock: Clock) -> Result<Option<Instant>, EscalationError> {
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    let now = match situation(tx, known, &case, asker, Held::Nothing, clock).await {
        Err(NoSituation::Db(e)) => return Err(e.into()),
        Err(_) => return Ok(None),
        Ok(now) => now,
    };
    let charter = &now.in_force.charter;
    let Some(place) = charter.groups.iter().position(|group| *group.id == *row.group) else { return Ok(None) };
    Ok(Request::from_value(charter, &now.request, Purpose::Options).ok().and_then(|request| request.due(place)))
}

/// The best group of the lowest level above the one it is with, of those that will be there.
async fn above(tx: &mut Tx, known: &Charters, row: &EscalationRow, clock: Clock) -> Result<Option<(String, To)>, EscalationError> {
    let Some(asker) = raiser(tx, row).await? else { return Ok(None) };
    let serving = match servers_now(tx, known, row, &asker, clock).await {
        // What is known does not fit the charter any more: it stays where it is, and is overdue there.
        Err(EscalationError::Grant(_)) => return Ok(None),
        other => other?,
    };
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(None) };
    let level = in_force.charter.groups.iter().find(|group| *group.id == *row.group).map(|group| group.level);
    Ok(serving.into_iter().filter(|(_, to)| to.due.is_some() && level.is_none_or(|level| to.level > level)).min_by_key(|(_, to)| to.level))
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

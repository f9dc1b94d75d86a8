//! Time: what is not answered when it is due goes one level up, and whoever is there hears of it again before that.

use access::people::{self, StaffId};
use charter::decide::To;
use charter::request::{Purpose, Request};
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{DbError, Tx};
use platform::jobs::{self, NewJob};

use super::commands::{held, named, serving_all};
use super::follow::tell;
use super::model::{EscalationError, EscalationEvent, EscalationId, EscalationRow, State};
use super::store;
use crate::asker::{Asker, Kind};
use crate::cases::{self, CaseRow};
use crate::charters::{self, Charters};
use crate::deciding::{Held, NoSituation, Situation, situation};

/// The job that passes on what was not answered in time. Its key is what was passed up.
pub const DUE_JOB: &str = "pass_on_overdue";
/// The job that tells the group once more, half-way to when it is due.
pub const REMIND_JOB: &str = "remind_of_escalation";

/// How soon it is looked again whether somebody of a group will be there: 15 minutes.
const LOOK_AGAIN: i64 = 15 * 60_000_000;

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
    let (row, _) = held(tx, id).await?;
    if matches!(row.state, State::Open | State::Withdrawn) {
        let reminded = EscalationEvent::EscalationReminded { case: row.case, escalation: id, is_overdue: false };
        tell(tx, &reminded, &Actor::System, at).await?;
    }
    Ok(())
}

/// Passes on what is overdue: to the group of the next higher level that may give it. Where there is none, the group it is with hears, once, that it is overdue;
/// where none of those above will be there, it hears the same, and it is looked again after a while whether one is.
///
/// # Errors
/// [`EscalationError::NotFound`].
pub async fn pass_on_overdue(tx: &mut Tx, known: &Charters, id: EscalationId, clock: impl Into<Clock>) -> Result<(), EscalationError> {
    let clock = clock.into();
    let ((row, case), at) = (held(tx, id).await?, clock.now());
    let due = match (row.state, row.due_at) {
        (State::Open | State::Withdrawn, None) => return look_again(tx, known, (&row, &case), clock).await,
        (State::Open | State::Withdrawn, Some(due)) if due <= at => due,
        _ => return Ok(()),
    };
    if row.state == State::Open {
        let above = above(tx, known, (&row, &case), clock).await?;
        let is_any = !above.is_empty();
        if let Some((group, to)) = above.into_iter().filter(|(_, to)| to.due.is_some()).min_by_key(|(_, to)| to.level) {
            return hand_on(tx, &row, group, to.due, at).await;
        }
        if is_any {
            wait(tx, id, None, at).await?;
        }
    }
    // Where nothing is given of it any more, it stays where it is.
    if store::miss(tx, id, due).await? {
        let overdue = EscalationEvent::EscalationReminded { case: row.case, escalation: id, is_overdue: true };
        tell(tx, &overdue, &Actor::System, at).await?;
    }
    Ok(())
}

/// Another group has it from now on, and hears of it.
async fn hand_on(tx: &mut Tx, row: &EscalationRow, group: String, due: Option<Instant>, at: Instant) -> Result<(), EscalationError> {
    if store::pass_on(tx, row, &group, due).await? {
        let was_due = row.due_at.is_some();
        let passed = EscalationEvent::EscalationPassedOn { case: row.case, escalation: row.id, from: row.group.clone(), group, due, was_due };
        tell(tx, &passed, &Actor::System, at).await?;
        wait(tx, row.id, due, at).await?;
    }
    Ok(())
}

/// Nobody was known to be there: whether somebody will be now. Then it is due, and they hear of it; and if others will be who may give it, it goes to them.
async fn look_again(tx: &mut Tx, known: &Charters, (row, case): (&EscalationRow, &CaseRow), clock: Clock) -> Result<(), EscalationError> {
    let at = clock.now();
    let due = due_for_raiser(tx, known, row, clock.clone()).await?;
    // Who works on it keeps it.
    if due.is_none()
        && row.state == State::Open
        && row.taken_by.is_none()
        && let Some((group, to)) = serving_now(tx, known, (row, case), clock).await?.into_iter().find(|(_, to)| to.due.is_some())
    {
        return hand_on(tx, row, group, to.due, at).await;
    }
    if let Some(due) = due
        && store::set_due(tx, row.id, due).await?
    {
        let reminded = EscalationEvent::EscalationReminded { case: row.case, escalation: row.id, is_overdue: false };
        tell(tx, &reminded, &Actor::System, at).await?;
    }
    Ok(wait(tx, row.id, due, at).await?)
}

/// What is so now for one who asks; nothing while there is no charter, or one that what is known does not fit.
async fn now(tx: &mut Tx, known: &Charters, case: &CaseRow, asker: &Asker, clock: Clock) -> Result<Option<Situation>, DbError> {
    match situation(tx, known, case, asker, Held::Nothing, clock).await {
        Err(NoSituation::Db(e)) => Err(e),
        Err(_) => Ok(None),
        Ok(now) => Ok(Some(now)),
    }
}

/// When an answer of the group it is with is due, if it is asked now, whatever would be decided; nothing while nobody is known to be there.
pub(super) async fn due_now(tx: &mut Tx, known: &Charters, row: &EscalationRow, asker: &Asker, clock: Clock) -> Result<Option<Instant>, EscalationError> {
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    let Some(now) = now(tx, known, &case, asker, clock).await? else { return Ok(None) };
    let charter = &now.in_force.charter;
    let Some(place) = charter.groups.iter().position(|group| *group.id == *row.group) else { return Ok(None) };
    Ok(Request::from_value(charter, &now.request, Purpose::Options).ok().and_then(|request| request.due(place)))
}

/// The same, if the one who raised it asks now.
pub(super) async fn due_for_raiser(tx: &mut Tx, known: &Charters, row: &EscalationRow, clock: Clock) -> Result<Option<Instant>, EscalationError> {
    match raiser(tx, row).await? {
        Some(asker) => due_now(tx, known, row, &asker, clock).await,
        None => Ok(None),
    }
}

/// The groups that may give all of it, if the one who raised it asks now, the best first, each with its id; none where what is known does not fit the charter any more.
async fn serving_now(tx: &mut Tx, known: &Charters, (row, case): (&EscalationRow, &CaseRow), clock: Clock) -> Result<Vec<(String, To)>, EscalationError> {
    let Some(asker) = raiser(tx, row).await? else { return Ok(Vec::new()) };
    let Some(mut now) = now(tx, known, case, &asker, clock).await? else { return Ok(Vec::new()) };
    let charter = now.in_force.charter.clone();
    let items = store::items(tx, row.id).await?;
    let asked: Vec<_> = items.iter().map(|item| now.decide(&item.remedy, item.reason.as_deref(), item.digits().as_deref())).collect();
    Ok(serving_all(&charter, &asked).into_iter().map(|to| (named(&charter, &to).to_owned(), to)).collect())
}

/// The groups of a level above the one it is with that may give it, the best first.
async fn above(tx: &mut Tx, known: &Charters, (row, case): (&EscalationRow, &CaseRow), clock: Clock) -> Result<Vec<(String, To)>, EscalationError> {
    let serving = serving_now(tx, known, (row, case), clock).await?;
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(Vec::new()) };
    let level = in_force.charter.groups.iter().find(|group| *group.id == *row.group).map(|group| group.level);
    Ok(serving.into_iter().filter(|(_, to)| level.is_none_or(|level| to.level > level)).collect())
}

/// The one who raised it, as they are now; nothing for one without a level any more.
async fn raiser(tx: &mut Tx, row: &EscalationRow) -> Result<Option<Asker>, DbError> {
    let Some(staff) = row.raiser.staff() else { return Ok(None) };
    let Some(found) = people::find(tx, StaffId(staff)).await? else { return Ok(None) };
    let kind = if found.kind == people::Kind::Person { Kind::Person } else { Kind::Ai };
    Ok(found.level.map(|level| Asker { staff, level, kind }))
}

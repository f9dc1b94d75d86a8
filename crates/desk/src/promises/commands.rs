use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::texts;

use super::hearing::touch;
use super::model::{Ended, NewPromise, PromiseEvent, PromiseId, PromiseRow, Who};
use super::store;
use crate::cases::{CaseRow, State};
use crate::escalations::EscalationId;

/// How far ahead a customer can be told to wait: 60 days.
pub(super) const AHEAD_MICROS: i64 = 60 * 24 * 3_600_000_000;

/// Why something could not be done with a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromiseError {
    /// There is no such promise.
    NotFound,
    /// It was kept or given up.
    Ended,
    /// The case is closed: nothing more comes of it.
    CaseClosed,
    /// The time is over already, is not later than what the customer was told, or too far away.
    Due,
    /// The group it is for is not known.
    NoGroup,
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for PromiseError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for PromiseError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// Keeps what a customer was told, as it was said; `escalation` is what was passed up to which group.
///
/// # Errors
/// [`PromiseError::Due`]; [`PromiseError::NoGroup`]; [`PromiseError::CaseClosed`].
pub async fn make(
    tx: &mut Tx,
    case: &CaseRow,
    escalation: Option<(EscalationId, &str)>,
    new: &NewPromise,
    by: &Actor,
    at: Instant,
) -> Result<PromiseId, PromiseError> {
    if case.state == State::Closed {
        return Err(PromiseError::CaseClosed);
    }
    if new.due <= at || new.due > at + AHEAD_MICROS {
        return Err(PromiseError::Due);
    }
    let (group, staff) = match new.who {
        Who::Group => (Some(escalation.ok_or(PromiseError::NoGroup)?.1.to_owned()), None),
        Who::Staff(staff) => (None, Some(staff)),
    };
    let id = PromiseId::new(at);
    let row = PromiseRow {
        id,
        case: case.id,
        escalation: escalation.map(|(id, _)| id),
        group: group.clone(),
        staff,
        how: new.how,
        made_by: by.clone(),
        made_at: at,
        first_due_at: new.due,
        due_at: new.due,
        renewed: 0,
        ended: None,
    };
    store::insert(tx, &row).await?;
    touch(tx, &row);
    events::append(tx, &PromiseEvent::PromiseMade { case: case.id, promise: id, group, staff, how: new.how, due: new.due }, by, at).await?;
    Ok(id)
}

async fn found(tx: &mut Tx, id: PromiseId) -> Result<PromiseRow, PromiseError> {
    store::by_id(tx, id).await?.ok_or(PromiseError::NotFound)
}

/// The customer was told a later time, and why.
///
/// # Errors
/// [`PromiseError::Due`]; [`PromiseError::Ended`], also when somebody else has just told them another time.
pub async fn renew(tx: &mut Tx, id: PromiseId, due: Instant, why: &str, by: &Actor, at: Instant) -> Result<(), PromiseError> {
    let row = found(tx, id).await?;
    if due <= at || due <= row.due_at || due > at + AHEAD_MICROS {
        return Err(PromiseError::Due);
    }
    if !store::renew(tx, id, row.due_at, due).await? {
        return Err(PromiseError::Ended);
    }
    let note = texts::keep(tx, why, at).await?;
    touch(tx, &row);
    Ok(events::append(tx, &PromiseEvent::PromiseRenewed { case: row.case, promise: id, due, note }, by, at).await?)
}

/// The customer was contacted.
///
/// # Errors
/// [`PromiseError::Ended`].
pub async fn keep(tx: &mut Tx, id: PromiseId, by: &Actor, at: Instant) -> Result<(), PromiseError> {
    let row = found(tx, id).await?;
    if !store::end(tx, id, Ended::Kept, by, at).await? {
        return Err(PromiseError::Ended);
    }
    touch(tx, &row);
    Ok(events::append(tx, &PromiseEvent::PromiseKept { case: row.case, promise: id, is_late: at > row.due_at }, by, at).await?)
}

/// The customer will not be contacted, and why.
///
/// # Errors
/// [`PromiseError::Ended`].
pub async fn give_up(tx: &mut Tx, id: PromiseId, why: &str, by: &Actor, at: Instant) -> Result<(), PromiseError> {
    let row = found(tx, id).await?;
    if !store::end(tx, id, Ended::GivenUp, by, at).await? {
        return Err(PromiseError::Ended);
    }
    let note = texts::keep(tx, why, at).await?;
    touch(tx, &row);
    Ok(events::append(tx, &PromiseEvent::PromiseGivenUp { case: row.case, promise: id, note }, by, at).await?)
}

//! What is done to sign-ins. Each is one transaction of the caller's.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events;

use super::model::{SessionError, SessionEvent, SessionId};
use super::store;
use crate::people::StaffId;
use crate::secret::Secret;

/// Begins a sign-in. The secret goes into a cookie, and nowhere else.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn begin(tx: &mut Tx, staff: StaffId, secret: &Secret, device: &str, at: Instant) -> Result<SessionId, DbError> {
    let id = SessionId::new(at);
    store::begin(tx, id, &secret.digest(), staff, device, at).await?;
    events::append(tx, &SessionEvent::SignedIn { staff, session: id }, &Actor::Staff(staff.0), at).await?;
    Ok(id)
}

/// Ends one of the sign-ins of a person.
///
/// # Errors
/// [`SessionError::Unknown`] when it has ended, or is somebody else's.
pub async fn end(tx: &mut Tx, staff: StaffId, id: SessionId, at: Instant) -> Result<(), SessionError> {
    if !store::end(tx, id, staff).await? {
        return Err(SessionError::Unknown);
    }
    Ok(events::append(tx, &SessionEvent::SessionEnded { staff, session: id }, &Actor::Staff(staff.0), at).await?)
}

/// Ends all sign-ins of a person but this one, and says how many there were.
///
/// # Errors
/// [`SessionError::Db`] when they cannot be ended.
pub async fn end_others(tx: &mut Tx, staff: StaffId, but: SessionId, at: Instant) -> Result<u64, SessionError> {
    let ended = end_all(tx, staff, Some(but)).await?;
    if ended > 0 {
        events::append(tx, &SessionEvent::OtherSessionsEnded { staff, ended }, &Actor::Staff(staff.0), at).await?;
    }
    Ok(ended)
}

/// Ends all sign-ins of somebody, as part of something else that is recorded.
pub(crate) async fn end_all(tx: &mut Tx, staff: StaffId, but: Option<SessionId>) -> Result<u64, DbError> {
    store::end_all(tx, staff, but).await
}

//! The SQL of who asks.

use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::{params, statements};

use super::model::{Caller, Known, Way, Who};
use crate::limits::{self, micros};
use crate::people::{Kind, StaffId};
use crate::secret::Secret;
use crate::sessions::SessionId;
use crate::teams;
use crate::tokens::{Scopes, TokenId};

statements! {
    BY_SESSION = "SELECT x.id, x.seen_at, s.id, s.kind, s.name, s.level, s.locale, s.time_zone, \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'owner'), \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'operator') \
        FROM sessions x JOIN staff s ON s.id = x.staff WHERE x.digest = ?1 AND x.created_at > ?2 AND x.seen_at > ?3 AND s.disabled_at IS NULL";
    TOKEN = "SELECT t.id, t.used_at, t.scopes, t.source FROM tokens t WHERE t.digest = ?1 AND t.revoked_at IS NULL";
    BY_TOKEN = "SELECT t.id, t.made_at, s.id, s.kind, s.name, s.level, s.locale, s.time_zone, \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'owner'), \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'operator') \
        FROM tokens t JOIN staff s ON s.id = t.staff WHERE t.digest = ?1 AND s.disabled_at IS NULL";
    OF_STAFF = "SELECT s.id, s.created_at, s.id, s.kind, s.name, s.level, s.locale, s.time_zone, \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'owner'), \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'operator') \
        FROM staff s WHERE s.id = ?1 AND s.disabled_at IS NULL";
}

/// Somebody, and when they were last seen.
pub(super) struct Found {
    pub(super) caller: Caller,
    pub(super) noted_at: Option<Instant>,
}

/// A row of who was found by a cookie or token; `K` is the id of that.
struct Holder<K> {
    key: K,
    at: Instant,
    id: StaffId,
    kind: Kind,
    name: String,
    level: Option<String>,
    locale: String,
    time_zone: String,
    is_owner: bool,
    is_operator: bool,
}

impl<K: platform::db::Column> FromRow for Holder<K> {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            key: row.take()?,
            at: row.take()?,
            id: row.take()?,
            kind: row.take()?,
            name: row.take()?,
            level: row.take()?,
            locale: row.take()?,
            time_zone: row.take()?,
            is_owner: row.take()?,
            is_operator: row.take()?,
        })
    }
}

impl<K> Holder<K> {
    async fn known(self, tx: &mut Tx, way: Way, now: Instant) -> Result<Caller, DbError> {
        let Self { id, kind, name, level, locale, time_zone, is_owner, is_operator, .. } = self;
        let reached = teams::reach(tx, id, now).await?;
        Ok(Caller::new(Known { who: Who::Staff(id, kind), way, name, level, locale, time_zone, is_owner, is_operator, reached }))
    }
}

/// Who is signed in with this secret.
pub(super) async fn by_session(tx: &mut Tx, secret: &Secret, now: Instant) -> Result<Option<Found>, DbError> {
    let (created, seen) = (now - micros(limits::SIGNED_IN_SECONDS), now - micros(limits::IDLE_SECONDS));
    let holder: Option<Holder<SessionId>> = tx.optional(&BY_SESSION, params![&secret.digest(), created, seen]).await?;
    let Some(holder) = holder else { return Ok(None) };
    let (noted_at, way) = (Some(holder.at), Way::Session { id: holder.key, csrf: secret.derived("csrf") });
    Ok(Some(Found { caller: holder.known(tx, way, now).await?, noted_at }))
}

/// A person or AI agent for whom somebody else vouches, as the caller of the one card they use; nothing if they are disabled.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of_staff(tx: &mut Tx, staff: StaffId, now: Instant) -> Result<Option<Caller>, DbError> {
    let holder: Option<Holder<StaffId>> = tx.optional(&OF_STAFF, params![&staff]).await?;
    match holder {
        Some(holder) => Ok(Some(holder.known(tx, Way::Card { none: Scopes::default() }, now).await?)),
        None => Ok(None),
    }
}

/// Whose token this is.
pub(super) async fn by_token(tx: &mut Tx, secret: &Secret, now: Instant) -> Result<Option<Found>, DbError> {
    let token: Option<(TokenId, Option<Instant>, Scopes, Option<String>)> = tx.optional(&TOKEN, params![&secret.digest()]).await?;
    let Some((id, noted_at, scopes, source)) = token else { return Ok(None) };
    let way = Way::Token { id, scopes };
    if let Some(name) = source {
        let (locale, time_zone) = ("en".to_owned(), "UTC".to_owned());
        let who = Who::Source(name.clone());
        let known = Known { who, way, name, level: None, locale, time_zone, is_owner: false, is_operator: false, reached: Vec::new() };
        return Ok(Some(Found { caller: Caller::new(known), noted_at }));
    }
    let holder: Option<Holder<TokenId>> = tx.optional(&BY_TOKEN, params![&secret.digest()]).await?;
    let Some(holder) = holder else { return Ok(None) };
    Ok(Some(Found { caller: holder.known(tx, way, now).await?, noted_at }))
}

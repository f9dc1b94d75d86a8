//! The SQL of tokens.

use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::{params, statements};

use super::model::{Bearer, NewToken, Token, TokenId};
use crate::limits;

statements! {
    MAKE = "INSERT INTO tokens (id, digest, name, staff, source, scopes, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    REVOKE = "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    EXISTS = "SELECT COUNT(*) FROM tokens WHERE id = ?1";
    IS_LIVE = "SELECT COUNT(*) FROM tokens WHERE id = ?1 AND revoked_at IS NULL";
    NOTE_USE = "UPDATE tokens SET used_at = ?2 WHERE id = ?1 AND (used_at IS NULL OR used_at < ?2)";
    LIST = "SELECT t.id, t.name, t.staff, COALESCE(t.source, s.name), t.scopes, t.made_at, t.used_at, t.revoked_at \
        FROM tokens t LEFT JOIN staff s ON s.id = t.staff ORDER BY t.id DESC LIMIT ?1";
}

pub(super) async fn make(tx: &mut Tx, id: TokenId, digest: &Vec<u8>, new: &NewToken, at: Instant) -> Result<(), DbError> {
    let (staff, source) = match &new.bearer {
        Bearer::Staff(id) => (Some(*id), None),
        Bearer::Source(name) => (None, Some(name.as_str())),
    };
    tx.execute(&MAKE, params![&id, digest, new.name.as_str(), &staff, source, &new.scopes, at]).await.map(drop)
}

pub(super) async fn revoke(tx: &mut Tx, id: TokenId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&REVOKE, params![&id, at]).await? == 1)
}

pub(super) async fn exists(tx: &mut Tx, id: TokenId) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&EXISTS, params![&id]).await?.0 > 0)
}

/// Whether a token still opens something.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn is_live(tx: &mut Tx, id: TokenId) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&IS_LIVE, params![&id]).await?.0 > 0)
}

pub(crate) async fn note_use(tx: &mut Tx, id: TokenId, now: Instant) -> Result<(), DbError> {
    tx.execute(&NOTE_USE, params![&id, now]).await.map(drop)
}

/// Tokens, latest first, revoked ones included.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<Token>, DbError> {
    tx.all(&LIST, params![limits::LISTED]).await
}

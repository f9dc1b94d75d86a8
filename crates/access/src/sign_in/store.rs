//! The SQL of signing in.

use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::{params, statements};

use crate::limits::{self, micros};
use crate::people::StaffId;

statements! {
    WITH_PASSWORD = "SELECT s.id, p.hash FROM staff s JOIN passwords p ON p.staff = s.id WHERE s.email_key = ?1 AND s.disabled_at IS NULL";
    PASSWORD_OF = "SELECT p.hash FROM passwords p WHERE p.staff = ?1";
    SET_PASSWORD = "INSERT INTO passwords (staff, hash, set_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (staff) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at";
    COUNT_TRY = "INSERT INTO tries (key, count, since) VALUES (?1, 1, ?2) ON CONFLICT (key) DO UPDATE SET \
        count = CASE WHEN tries.since <= ?3 THEN 1 ELSE tries.count + 1 END, since = CASE WHEN tries.since <= ?3 THEN ?2 ELSE tries.since END RETURNING count, since";
    GIVE_BACK = "UPDATE tries SET count = count - 1 WHERE key = ?1 AND count > 0";
    CLEAR = "DELETE FROM tries WHERE key = ?1";
    FORGET = "DELETE FROM tries WHERE since <= ?1";
}

/// Who has an e-mail address and may sign in, with the hash of their password.
pub(super) async fn with_password(tx: &mut Tx, email_key: &str) -> Result<Option<(StaffId, String)>, DbError> {
    tx.optional(&WITH_PASSWORD, params![email_key]).await
}

pub(super) async fn password_of(tx: &mut Tx, staff: StaffId) -> Result<Option<String>, DbError> {
    Ok(tx.optional::<(String,)>(&PASSWORD_OF, params![&staff]).await?.map(|(hash,)| hash))
}

/// Whether somebody has chosen a password.
pub(crate) async fn has_password(tx: &mut Tx, staff: StaffId) -> Result<bool, DbError> {
    password_of(tx, staff).await.map(|hash| hash.is_some())
}

pub(super) async fn set_password(tx: &mut Tx, staff: StaffId, hash: &str, at: Instant) -> Result<(), DbError> {
    tx.execute(&SET_PASSWORD, params![&staff, hash, at]).await.map(drop)
}

/// Counts a try, and says the how-many-eth it is and in how many seconds counting starts anew.
pub(crate) async fn count(tx: &mut Tx, key: &Vec<u8>, now: Instant) -> Result<(i64, i64), DbError> {
    let (count, since): (i64, Instant) = tx.one(&COUNT_TRY, params![key, now, now - micros(limits::TRIES_SECONDS)]).await?;
    Ok((count, ((since - now).div_euclid(micros(1)) + limits::TRIES_SECONDS).max(1)))
}

/// A counted try was none.
pub(crate) async fn give_back(tx: &mut Tx, key: &Vec<u8>) -> Result<(), DbError> {
    tx.execute(&GIVE_BACK, params![key]).await.map(drop)
}

/// Counts from the start again.
pub(crate) async fn clear(tx: &mut Tx, key: &Vec<u8>) -> Result<(), DbError> {
    tx.execute(&CLEAR, params![key]).await.map(drop)
}

/// Forgets counts that are too old to matter.
pub(crate) async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(&FORGET, params![now - micros(limits::TRIES_SECONDS)]).await
}

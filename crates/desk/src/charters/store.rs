use std::collections::BTreeMap;

use access::people::StaffId;
use charter::calendar::Calendar;
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::{params, statements};

use super::model::{CalendarName, Charters, InForce};

statements! {
    VERSION = "SELECT version FROM charter_in_force WHERE one = 1";
    TEXT = "SELECT text, outer_text FROM charters WHERE version = ?1";
    LATEST = "SELECT COALESCE(MAX(version), 0) FROM charters";
    INSERT = "INSERT INTO charters (version, name, text, outer_text, published_at, published_by, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    PUT = "INSERT INTO charter_in_force (one, version, since) VALUES (1, ?1, ?2) ON CONFLICT (one) DO UPDATE SET version = ?1, since = ?2";
    HISTORY = "SELECT c.version, c.name, c.published_at, c.published_by, c.note, f.since FROM charters c LEFT JOIN charter_in_force f ON f.version = c.version
               WHERE c.version < ?1 ORDER BY c.version DESC LIMIT ?2";
    SUMMARY = "SELECT c.version, c.name, c.published_at, c.published_by, c.note, f.since FROM charters c LEFT JOIN charter_in_force f ON f.version = c.version
               WHERE c.version = ?1";
    KEEP_ANSWERS = "INSERT INTO charter_answers (version, answers) VALUES (?1, ?2)";
    ANSWERS = "SELECT answers FROM charter_answers WHERE version = ?1";
    ANSWERED = "SELECT COALESCE(MAX(version), 0) FROM charter_answers";
    KEEP_DRAFT = "INSERT INTO draft_answers (staff, instead_of, answers) VALUES (?1, ?2, ?3) ON CONFLICT (staff) DO UPDATE SET instead_of = ?2, answers = ?3";
    DRAFT = "SELECT answers FROM draft_answers WHERE staff = ?1 AND instead_of = ?2";
    FORGET_DRAFT = "DELETE FROM draft_answers WHERE staff = ?1";
    FORGET_DRAFTS = "DELETE FROM draft_answers";
    CALENDARS = "SELECT name, definition FROM calendars ORDER BY name";
    KEEP_CALENDAR = "INSERT INTO calendars (name, definition, changed_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET definition = ?2, changed_at = ?3";
}

/// A published charter, as lists show it.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its number.
    pub version: i64,
    /// What people call it.
    pub name: String,
    /// When it was published.
    pub published_at: Instant,
    /// Who published it.
    pub published_by: Actor,
    /// What they wrote about it.
    pub note: String,
    /// Since when it has been in force, if it is.
    pub in_force_since: Option<Instant>,
}

impl FromRow for Summary {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            version: row.take()?,
            name: row.take()?,
            published_at: row.take()?,
            published_by: row.take()?,
            note: row.take()?,
            in_force_since: row.take()?,
        })
    }
}

/// The charter in force; nothing before the first was published.
///
/// # Errors
/// [`DbError`]; a defect if a published charter does not load any more.
pub async fn in_force(tx: &mut Tx, charters: &Charters) -> Result<Option<InForce>, DbError> {
    let Some((version,)) = tx.optional::<(i64,)>(&VERSION, &[]).await? else { return Ok(None) };
    version_of(tx, charters, version).await.map(Some)
}

/// A version that was published.
///
/// # Errors
/// As [`in_force`]; a defect too if there is no such version.
pub async fn version_of(tx: &mut Tx, charters: &Charters, version: i64) -> Result<InForce, DbError> {
    let published = (tx.database(), version);
    if let Some(charter) = charters.loaded(published) {
        return Ok(InForce { version, charter });
    }
    let found: Option<(String, Option<String>)> = tx.optional(&TEXT, params![version]).await?;
    let (text, outer) = found.ok_or_else(|| DbError::Defect(format!("charter {version} is not there")))?;
    let charter = charters.load(published, &text, outer.as_deref()).ok_or_else(|| DbError::Defect(format!("charter {version} does not load")))?;
    Ok(InForce { version, charter })
}

/// The number of the charter in force.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn version_in_force(tx: &mut Tx) -> Result<Option<i64>, DbError> {
    Ok(tx.optional::<(i64,)>(&VERSION, &[]).await?.map(|(version,)| version))
}

/// The text of a version.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn text_of(tx: &mut Tx, version: i64) -> Result<Option<String>, DbError> {
    Ok(texts_of(tx, version).await?.map(|(text, _)| text))
}

/// The text of a version, and that of the charter it stands inside.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn texts_of(tx: &mut Tx, version: i64) -> Result<Option<(String, Option<String>)>, DbError> {
    tx.optional(&TEXT, params![version]).await
}

/// A published charter.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn summary(tx: &mut Tx, version: i64) -> Result<Option<Summary>, DbError> {
    tx.optional(&SUMMARY, params![version]).await
}

pub(super) async fn latest(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&LATEST, &[]).await?.0)
}

pub(super) struct New<'a> {
    pub(super) version: i64,
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) outer: Option<&'a str>,
    pub(super) at: Instant,
    pub(super) by: &'a Actor,
    pub(super) note: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<(), DbError> {
    tx.execute(&INSERT, params![new.version, new.name, new.text, new.outer, new.at, new.by, new.note]).await.map(drop)
}

pub(super) async fn put(tx: &mut Tx, version: i64, at: Instant) -> Result<(), DbError> {
    tx.execute(&PUT, params![version, at]).await.map(drop)
}

/// Keeps what was answered, beside the charter that was written from it.
pub(super) async fn keep_answers(tx: &mut Tx, version: i64, answers: &str) -> Result<(), DbError> {
    tx.execute(&KEEP_ANSWERS, params![version, answers]).await.map(drop)
}

/// What was answered, if a charter was written from answers.
pub(super) async fn answers_of(tx: &mut Tx, version: i64) -> Result<Option<String>, DbError> {
    Ok(tx.optional::<(String,)>(&ANSWERS, params![version]).await?.map(|(answers,)| answers))
}

/// The latest charter that was written from answers.
pub(super) async fn answered(tx: &mut Tx) -> Result<Option<i64>, DbError> {
    Ok(Some(tx.one::<(i64,)>(&ANSWERED, &[]).await?.0).filter(|version| *version > 0))
}

/// Keeps what somebody answered and has not published, in the place of what they answered before.
pub(super) async fn keep_draft(tx: &mut Tx, staff: StaffId, instead_of: Option<i64>, answers: &str) -> Result<(), DbError> {
    tx.execute(&KEEP_DRAFT, params![&staff, instead_of.unwrap_or_default(), answers]).await.map(drop)
}

/// What somebody answered and has not published, if it was answered over the charter that is in force.
pub(super) async fn draft_of(tx: &mut Tx, staff: StaffId, instead_of: Option<i64>) -> Result<Option<String>, DbError> {
    Ok(tx.optional::<(String,)>(&DRAFT, params![&staff, instead_of.unwrap_or_default()]).await?.map(|(answers,)| answers))
}

pub(super) async fn forget_draft(tx: &mut Tx, staff: StaffId) -> Result<(), DbError> {
    tx.execute(&FORGET_DRAFT, params![&staff]).await.map(drop)
}

/// Forgets what was answered over a charter that is in force no more, whoever did.
pub(super) async fn forget_drafts(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute(&FORGET_DRAFTS, &[]).await.map(drop)
}

/// A page of what was published, latest first: versions below `before`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn history(tx: &mut Tx, before: i64, most: i64) -> Result<Vec<Summary>, DbError> {
    tx.all(&HISTORY, params![before, most]).await
}

/// When each calendar is open.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn calendars(tx: &mut Tx) -> Result<BTreeMap<CalendarName, Calendar>, DbError> {
    let rows: Vec<(String, String)> = tx.all(&CALENDARS, &[]).await?;
    let read = |(name, text): (String, String)| match serde_json::from_str(&text) {
        Ok(calendar) => Ok((name, calendar)),
        Err(e) => Err(DbError::Defect(format!("calendar `{name}`: {e}"))),
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a calendar under a name.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep_calendar(tx: &mut Tx, name: &str, calendar: &Calendar, at: Instant) -> Result<(), DbError> {
    let text = serde_json::to_string(calendar).map_err(|e| DbError::Defect(e.to_string()))?;
    tx.execute(&KEEP_CALENDAR, params![name, text.as_str(), at]).await.map(drop)
}

//! The SQL of people.

use charter::time::Instant;
use platform::db::{DbError, Tx, Value, fifties};
use platform::{limits, params, statements};

use super::model::{Changed, Kind, Role, Staff, StaffId, email_key};

/// A page of people from a place on, one way or the other, in the teams of the one who looks.
macro_rules! page_of_people {
    ($than:literal, $order:literal) => {
        concat!(
            "WITH RECURSIVE reach(team, role) AS ( \
              SELECT m.team, m.role FROM memberships m WHERE m.staff = ?4 AND m.from_at <= ?5 AND (m.until_at IS NULL OR m.until_at > ?5) \
              UNION SELECT t.id, r.role FROM teams t JOIN reach r ON t.parent = r.team WHERE r.role <> 'member') \
            SELECT id, kind, name, email, level, locale, time_zone, created_at, disabled_at, \
              EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'owner'), \
              EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'operator') \
            FROM staff s WHERE (name_key, id) ",
            $than,
            " (?1, ?2) AND (name_key LIKE ?3 ESCAPE '\\' OR email_key LIKE ?3 ESCAPE '\\') AND \
              (CAST(?6 AS BIGINT) = 1 OR s.id = ?4 OR EXISTS (SELECT 1 FROM memberships m JOIN reach r ON r.team = m.team \
              WHERE m.staff = s.id AND m.from_at <= ?5 AND (m.until_at IS NULL OR m.until_at > ?5))) \
            ORDER BY ",
            $order,
            " LIMIT ?7"
        )
    };
}

statements! {
    ADD = "INSERT INTO staff (id, kind, name, name_key, email, email_key, level, locale, time_zone, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FIND = "SELECT id, kind, name, email, level, locale, time_zone, created_at, disabled_at, \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'owner'), \
        EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id AND r.role = 'operator') FROM staff s WHERE id = ?1";
    NAMES = concat!("SELECT id, name FROM staff WHERE id IN (", platform::fifty!(), ")");
    FIND_BY_EMAIL = "SELECT id FROM staff WHERE email_key = ?1";
    CHANGE = "UPDATE staff SET name = ?2, name_key = ?3, email = ?4, email_key = ?5, locale = ?6, time_zone = ?7 WHERE id = ?1";
    SET_LEVEL = "UPDATE staff SET level = ?2 WHERE id = ?1";
    DISABLE = "UPDATE staff SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL AND \
        (NOT EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = ?1 AND r.role = 'owner') OR \
        EXISTS (SELECT 1 FROM staff_roles o JOIN staff s ON s.id = o.staff WHERE o.role = 'owner' AND o.staff <> ?1 AND s.disabled_at IS NULL))";
    ENABLE = "UPDATE staff SET disabled_at = NULL WHERE id = ?1 AND disabled_at IS NOT NULL";
    GRANT = "INSERT INTO staff_roles (staff, role, granted_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    WITHDRAW = "DELETE FROM staff_roles WHERE staff = ?1 AND role = ?2 AND (role <> 'owner' OR \
        EXISTS (SELECT 1 FROM staff_roles o JOIN staff s ON s.id = o.staff WHERE o.role = 'owner' AND o.staff <> ?1 AND s.disabled_at IS NULL))";
    AI_AGENTS = "SELECT id, name FROM staff WHERE kind = 'ai_agent' AND disabled_at IS NULL ORDER BY name_key, id LIMIT ?1";
    UNPLACED = "SELECT s.id, s.name FROM staff s WHERE s.disabled_at IS NULL AND NOT EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff = s.id) AND \
        (s.level IS NULL OR NOT EXISTS (SELECT 1 FROM memberships m WHERE m.staff = s.id AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))) \
        ORDER BY s.name_key, s.id LIMIT 1";
    UNINVITED = "SELECT s.id, s.name FROM staff s WHERE s.kind = 'person' AND s.disabled_at IS NULL AND \
        NOT EXISTS (SELECT 1 FROM passwords p WHERE p.staff = s.id) AND \
        NOT EXISTS (SELECT 1 FROM links l WHERE l.staff = s.id AND l.used_at IS NULL AND l.expires_at > ?1) AND \
        (SELECT COUNT(*) FROM passwords) < 2 ORDER BY s.name_key, s.id LIMIT 1";
    HAS_OWNER = "SELECT COUNT(*) FROM staff_roles r JOIN staff s ON s.id = r.staff WHERE r.role = 'owner' AND s.disabled_at IS NULL";
    LIST = page_of_people!(">", "name_key, id");
    LIST_BEFORE = page_of_people!("<", "name_key DESC, id DESC");
}

pub(super) struct Row<'a> {
    pub(super) id: StaffId,
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) level: Option<&'a str>,
    pub(super) locale: &'a str,
    pub(super) time_zone: &'a str,
}

pub(super) async fn add(tx: &mut Tx, row: &Row<'_>, at: Instant) -> Result<(), DbError> {
    let key = row.email.map(email_key);
    let values = params![&row.id, &row.kind, row.name, row.name.to_lowercase().as_str(), row.email, key.as_deref(), row.level, row.locale, row.time_zone, at];
    tx.execute(&ADD, values).await.map(drop)
}

/// A person or an AI agent.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn find(tx: &mut Tx, id: StaffId) -> Result<Option<Staff>, DbError> {
    tx.optional(&FIND, params![&id]).await
}

/// The names of people and AI agents.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn names(tx: &mut Tx, ids: &[StaffId]) -> Result<Vec<(StaffId, String)>, DbError> {
    let mut names = Vec::with_capacity(ids.len());
    for values in fifties(&ids.iter().map(Value::from).collect::<Vec<_>>()) {
        names.extend(tx.all::<(StaffId, String)>(&NAMES, &values).await?);
    }
    Ok(names)
}

/// Who has an e-mail address, in whatever case.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<StaffId>, DbError> {
    let found: Option<(StaffId,)> = tx.optional(&FIND_BY_EMAIL, params![email_key(email).as_str()]).await?;
    Ok(found.map(|(id,)| id))
}

pub(super) async fn change(tx: &mut Tx, id: StaffId, to: &Changed) -> Result<bool, DbError> {
    let key = to.email.as_deref().map(email_key);
    let values =
        params![&id, to.name.as_str(), to.name.to_lowercase().as_str(), to.email.as_deref(), key.as_deref(), to.locale.as_str(), to.time_zone.as_str()];
    Ok(tx.execute(&CHANGE, values).await? == 1)
}

pub(super) async fn set_level(tx: &mut Tx, id: StaffId, level: Option<&str>) -> Result<(), DbError> {
    tx.execute(&SET_LEVEL, params![&id, level]).await.map(drop)
}

/// Whoever takes an owner away or makes the first one does so alone.
pub(crate) async fn hold_owners(tx: &mut Tx) -> Result<(), DbError> {
    tx.hold(&["owners".to_owned()]).await.map(drop)
}

pub(super) async fn disable(tx: &mut Tx, id: StaffId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&DISABLE, params![&id, at]).await? == 1)
}

pub(super) async fn enable(tx: &mut Tx, id: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute(&ENABLE, params![&id]).await? == 1)
}

pub(super) async fn grant(tx: &mut Tx, id: StaffId, role: Role, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&GRANT, params![&id, &role, at]).await? == 1)
}

pub(super) async fn withdraw(tx: &mut Tx, id: StaffId, role: Role) -> Result<bool, DbError> {
    Ok(tx.execute(&WITHDRAW, params![&id, &role]).await? == 1)
}

/// Whether somebody is owner who is not disabled.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn has_owner(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&HAS_OWNER, &[]).await?.0 > 0)
}

/// The first by name who is to work at the desk and cannot yet: without a level or a team, and neither owner nor operator.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn unplaced(tx: &mut Tx, now: Instant) -> Result<Option<(StaffId, String)>, DbError> {
    tx.optional(&UNPLACED, params![now]).await
}

/// The first by name who cannot sign in, and has no invitation that works; nothing once two people have chosen a password: by then it is known how it is done.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn uninvited(tx: &mut Tx, now: Instant) -> Result<Option<(StaffId, String)>, DbError> {
    tx.optional(&UNINVITED, params![now]).await
}

/// The AI agents that are not disabled, by name.
pub(crate) async fn ai_agents(tx: &mut Tx) -> Result<Vec<(StaffId, String)>, DbError> {
    tx.all(&AI_AGENTS, params![crate::limits::LISTED]).await
}

/// What is asked of the list of people.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Part of a name or e-mail address; empty for all.
    pub words: String,
    /// The last one seen: name and id. Nothing for the first page.
    pub after: Option<(String, StaffId)>,
    /// Whose teams are looked into; nothing for all of them.
    pub seen_by: Option<StaffId>,
}

/// A page of people by name, one more than fits on it if there is another page.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx, asking: &Asking, now: Instant) -> Result<Vec<Staff>, DbError> {
    tx.all(&LIST, &values(asking, now)).await
}

/// The page before it: those before `after`, by name.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list_before(tx: &mut Tx, asking: &Asking, now: Instant) -> Result<Vec<Staff>, DbError> {
    let mut people: Vec<Staff> = tx.all(&LIST_BEFORE, &values(asking, now)).await?;
    people.reverse();
    Ok(people)
}

fn values(asking: &Asking, now: Instant) -> Vec<Value> {
    let pattern = format!("%{}%", literal(&asking.words.trim().to_lowercase()));
    // Before every id there is.
    let nobody = Value::Bytes(vec![0; 16]);
    let (name, id) = asking.after.as_ref().map_or((String::new(), nobody.clone()), |(name, id)| (name.to_lowercase(), Value::from(id)));
    let seer = asking.seen_by.as_ref().map_or(nobody, Value::from);
    params![name.as_str(), id, pattern.as_str(), seer, now, i64::from(asking.seen_by.is_none()), limits::PAGE_ENTRIES + 1].to_vec()
}

/// `%`, `_` and `\` as themselves.
fn literal(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).flat_map(|c| "%_\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

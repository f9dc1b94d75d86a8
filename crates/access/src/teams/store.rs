//! The SQL of teams.

use charter::time::Instant;
use platform::db::{DbError, Tx, Value, fifties};
use platform::{params, statements};

use super::model::{Membership, MembershipId, NewMembership, Reached, Team, TeamId, TeamRole};
use crate::limits;
use crate::people::StaffId;

statements! {
    COUNT = "SELECT COUNT(*) FROM teams";
    CREATE = "INSERT INTO teams (id, name, name_key, parent, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT id, name, parent FROM teams WHERE id = ?1";
    FIND_BY_NAME = "SELECT id, name, parent FROM teams WHERE name_key = ?1";
    RENAME = "UPDATE teams SET name = ?2, name_key = ?3 WHERE id = ?1";
    MOVE = "UPDATE teams SET parent = ?2 WHERE id = ?1 AND NOT EXISTS (WITH RECURSIVE above(id) AS ( \
          SELECT t.id FROM teams t WHERE t.id = ?2 UNION SELECT t.parent FROM teams t JOIN above a ON t.id = a.id WHERE t.parent IS NOT NULL) \
        SELECT 1 FROM above WHERE id = ?1)";
    ALL = "SELECT id, name, parent FROM teams ORDER BY name_key LIMIT ?1";
    SIZES = "SELECT team, COUNT(DISTINCT staff) FROM memberships WHERE from_at <= ?1 AND (until_at IS NULL OR until_at > ?1) GROUP BY team LIMIT ?2";
    BEGIN = "INSERT INTO memberships (id, staff, team, role, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    OVERLAPPING = "SELECT COUNT(*) FROM memberships WHERE staff = ?1 AND team = ?2 AND (until_at IS NULL OR until_at > ?3) \
        AND (CAST(?4 AS BIGINT) IS NULL OR from_at < ?4) AND (until_at IS NULL OR until_at > from_at)";
    END = "UPDATE memberships SET until_at = CASE WHEN from_at > ?2 THEN from_at ELSE ?2 END WHERE id = ?1 AND (until_at IS NULL OR until_at > ?2) RETURNING until_at";
    MEMBERSHIP = "SELECT m.id, m.staff, s.name, m.team, t.name, m.role, m.from_at, m.until_at FROM memberships m JOIN staff s ON s.id = m.staff JOIN teams t ON t.id = m.team WHERE m.id = ?1";
    OF_STAFF = "SELECT m.id, m.staff, s.name, m.team, t.name, m.role, m.from_at, m.until_at FROM memberships m JOIN staff s ON s.id = m.staff JOIN teams t ON t.id = m.team \
        WHERE m.staff = ?1 ORDER BY m.from_at DESC, m.id LIMIT ?2";
    OF_TEAM = "SELECT m.id, m.staff, s.name, m.team, t.name, m.role, m.from_at, m.until_at FROM memberships m JOIN staff s ON s.id = m.staff JOIN teams t ON t.id = m.team \
        WHERE m.team = ?1 AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) ORDER BY s.name_key, s.id LIMIT ?3";
    OF_PEOPLE = concat!("SELECT m.staff, t.id, t.name, t.parent FROM memberships m JOIN teams t ON t.id = m.team \
        WHERE m.from_at <= ?51 AND (m.until_at IS NULL OR m.until_at > ?51) AND m.staff IN (", platform::fifty!(), ") ORDER BY t.name_key");
    OF_NOW = "SELECT m.team, t.name, m.role, 1 FROM memberships m JOIN teams t ON t.id = m.team \
        WHERE m.staff = ?1 AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) ORDER BY t.name_key LIMIT ?3";
    REACH = "WITH RECURSIVE reach(team, role, is_own) AS ( \
          SELECT m.team, m.role, 1 FROM memberships m WHERE m.staff = ?1 AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) \
          UNION SELECT t.id, r.role, 0 FROM teams t JOIN reach r ON t.parent = r.team WHERE r.role <> 'member') \
        SELECT r.team, t.name, r.role, r.is_own FROM reach r JOIN teams t ON t.id = r.team ORDER BY t.name_key LIMIT ?3";
}

/// Whoever changes the tree does so alone.
pub(super) async fn hold(tx: &mut Tx) -> Result<(), DbError> {
    tx.hold(&["teams".to_owned()]).await.map(drop)
}

pub(super) async fn create(tx: &mut Tx, team: &Team, at: Instant) -> Result<bool, DbError> {
    if tx.one::<(i64,)>(&COUNT, &[]).await?.0 >= limits::TEAMS {
        return Ok(false);
    }
    tx.execute(&CREATE, params![&team.id, team.name.as_str(), team.name.to_lowercase().as_str(), &team.parent, at]).await?;
    Ok(true)
}

/// A team.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn find(tx: &mut Tx, id: TeamId) -> Result<Option<Team>, DbError> {
    tx.optional(&FIND, params![&id]).await
}

/// The teams that people are in, by name.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of_people(tx: &mut Tx, people: &[StaffId], now: Instant) -> Result<Vec<(StaffId, Team)>, DbError> {
    let mut teams = Vec::new();
    for mut values in fifties(&people.iter().map(Value::from).collect::<Vec<_>>()) {
        values.push(now.into());
        let rows: Vec<(StaffId, TeamId, String, Option<TeamId>)> = tx.all(&OF_PEOPLE, &values).await?;
        teams.extend(rows.into_iter().map(|(staff, id, name, parent)| (staff, Team { id, name, parent })));
    }
    Ok(teams)
}

/// The team of a name, in whatever case.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<Team>, DbError> {
    tx.optional(&FIND_BY_NAME, params![name.to_lowercase().as_str()]).await
}

pub(super) async fn rename(tx: &mut Tx, id: TeamId, name: &str) -> Result<(), DbError> {
    tx.execute(&RENAME, params![&id, name, name.to_lowercase().as_str()]).await.map(drop)
}

/// Puts a team below another one, unless that one stands below it.
pub(super) async fn put_below(tx: &mut Tx, id: TeamId, parent: Option<TeamId>) -> Result<bool, DbError> {
    Ok(tx.execute(&MOVE, params![&id, &parent]).await? == 1)
}

/// All teams, by name.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn all(tx: &mut Tx) -> Result<Vec<Team>, DbError> {
    tx.all(&ALL, params![limits::TEAMS]).await
}

/// How many people are in each team at an instant; teams without any are left out.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn sizes(tx: &mut Tx, at: Instant) -> Result<Vec<(TeamId, i64)>, DbError> {
    tx.all(&SIZES, params![at, limits::TEAMS]).await
}

/// Begins a membership, unless there is one in that team at that time.
pub(super) async fn begin(tx: &mut Tx, id: MembershipId, new: &NewMembership) -> Result<bool, DbError> {
    tx.hold(&[format!("memberships of {}", new.staff)]).await?;
    let (there,): (i64,) = tx.one(&OVERLAPPING, params![&new.staff, &new.team, new.from, &new.until]).await?;
    if there > 0 {
        return Ok(false);
    }
    tx.execute(&BEGIN, params![&id, &new.staff, &new.team, &new.role, new.from, &new.until]).await?;
    Ok(true)
}

/// Ends a membership that has not ended, and says when: at the earliest when it begins.
pub(super) async fn end(tx: &mut Tx, id: MembershipId, until: Instant) -> Result<Option<Instant>, DbError> {
    let ended: Option<(Instant,)> = tx.optional(&END, params![&id, until]).await?;
    Ok(ended.map(|(until,)| until))
}

/// A membership.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn membership(tx: &mut Tx, id: MembershipId) -> Result<Option<Membership>, DbError> {
    tx.optional(&MEMBERSHIP, params![&id]).await
}

/// The memberships of somebody, past and to come, latest first.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn memberships_of(tx: &mut Tx, staff: StaffId) -> Result<Vec<Membership>, DbError> {
    tx.all(&OF_STAFF, params![&staff, limits::LISTED]).await
}

/// Who is in a team at an instant, by name.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn memberships_of_team(tx: &mut Tx, team: TeamId, at: Instant) -> Result<Vec<Membership>, DbError> {
    tx.all(&OF_TEAM, params![&team, at, limits::LISTED]).await
}

/// The teams somebody is in at an instant, and those they reach as lead or manager of one above. A team may be there more than once, with different roles.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn reach(tx: &mut Tx, staff: StaffId, at: Instant) -> Result<Vec<Reached>, DbError> {
    // A team can be reached in three roles, and be an own one.
    let most = limits::TEAMS * (i64::try_from(TeamRole::ALL.len()).unwrap_or(3) + 1);
    let own: Vec<Reached> = tx.all(&OF_NOW, params![&staff, at, most]).await?;
    if own.iter().all(|own| own.role == TeamRole::Member) {
        return Ok(own);
    }
    tx.all(&REACH, params![&staff, at, most]).await
}

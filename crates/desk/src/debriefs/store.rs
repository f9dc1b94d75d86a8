use std::cmp::Reverse;
use std::collections::BTreeMap;

use access::people::StaffId;
use access::teams::TeamId;
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, FromRow, Row, Statement, Tx, Value, fifties};
use platform::events::Recorded;
use platform::{params, statements};

use super::leads::Placed;
use super::model::{Note, Point, PointId, PointKind, Talk, TalkId};
use crate::cases::CaseId;
use crate::grants::GrantId;

/// Places in teams that are looked at: more than any company has.
const PLACES_MAX: i64 = 50_000;

/// The columns of a [`Point`].
macro_rules! columns {
    () => {
        "id, agent, kind, case_id, grant_id, actor, at, talk"
    };
}

/// The columns of a [`Talk`].
macro_rules! of_talk {
    () => {
        "id, agent, lead, agreed, at"
    };
}

/// The columns of a [`Placed`], of memberships `m` that hold at an instant, of staff `s` who are not disabled.
macro_rules! placed {
    ($at:literal, $which:expr, $most:literal) => {
        concat!(
            "SELECT m.staff, s.name, m.team, m.role FROM memberships m JOIN staff s ON s.id = m.staff WHERE m.from_at <= ",
            $at,
            " AND (m.until_at IS NULL OR m.until_at > ",
            $at,
            ") AND s.disabled_at IS NULL AND ",
            $which,
            " LIMIT ",
            $most
        )
    };
}

statements! {
    LEADING = placed!("?1", "s.kind = 'person' AND m.role <> 'member'", "?2");
    LEADING_TEAM = placed!("?1", "s.kind = 'person' AND m.role <> 'member' AND m.team = ?3", "?2");
    PLACED = placed!("?51", concat!("m.team IN (", platform::fifty!(), ")"), "?52");
    PUT = "INSERT INTO debrief_points (id, agent, kind, case_id, grant_id, actor, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    TAKE_OUT = "DELETE FROM debrief_points WHERE grant_id = ?1 AND talk IS NULL AND NOT EXISTS (SELECT 1 FROM debrief_notes n WHERE n.point = debrief_points.id)";
    OF_GRANT = "SELECT agent, talk FROM debrief_points WHERE grant_id = ?1";
    POINT = concat!("SELECT ", columns!(), " FROM debrief_points WHERE id = ?1");
    MARKED = "SELECT id FROM debrief_points WHERE agent = ?1 AND case_id = ?2 AND kind = 'hard' AND talk IS NULL";
    OPEN = concat!("SELECT ", columns!(), " FROM debrief_points WHERE agent = ?1 AND talk IS NULL AND id > ?2 ORDER BY id LIMIT ?3");
    OPEN_BEFORE = concat!("SELECT ", columns!(), " FROM debrief_points WHERE agent = ?1 AND talk IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3");
    WAITING = concat!("SELECT agent, COUNT(*), MIN(at) FROM debrief_points WHERE agent IN (", platform::fifty!(), ") AND talk IS NULL GROUP BY agent");
    TALK_OVER = concat!("UPDATE debrief_points SET talk = ?51 WHERE id IN (", platform::fifty!(), ") AND agent = ?52 AND talk IS NULL");
    TALK_OVER_NOTES = concat!("UPDATE debrief_notes SET talk = ?51 WHERE point IN (", platform::fifty!(), ") AND agent = ?52 AND talk IS NULL");
    OF_TALK = concat!("SELECT ", columns!(), " FROM debrief_points WHERE talk = ?1 ORDER BY id");
    HOLD = "INSERT INTO debrief_talks (id, agent, lead, agreed, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    TALK = concat!("SELECT ", of_talk!(), " FROM debrief_talks WHERE id = ?1");
    TALKS = concat!(
        "SELECT * FROM (SELECT ", of_talk!(), " FROM debrief_talks WHERE agent = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3) a
         UNION ALL SELECT * FROM (SELECT ", of_talk!(), " FROM debrief_talks WHERE lead = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3) l"
    );
    TALKS_NEWER = concat!(
        "SELECT * FROM (SELECT ", of_talk!(), " FROM debrief_talks WHERE agent = ?1 AND id > ?2 ORDER BY id LIMIT ?3) a
         UNION ALL SELECT * FROM (SELECT ", of_talk!(), " FROM debrief_talks WHERE lead = ?1 AND id > ?2 ORDER BY id LIMIT ?3) l"
    );
    NOTE = "INSERT INTO debrief_notes (id, agent, point, talk, staff, text, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    NOTES_OF_POINT = "SELECT COUNT(*) FROM debrief_notes WHERE point = ?1";
    NOTES_OF_TALK = "SELECT COUNT(*) FROM debrief_notes WHERE talk = ?1 AND point IS NULL";
    ON_OPEN = "SELECT point, id, staff, text, at FROM debrief_notes WHERE agent = ?1 AND talk IS NULL AND point BETWEEN ?2 AND ?3";
    ON_TALK = "SELECT point, id, staff, text, at FROM debrief_notes WHERE talk = ?1";
}

impl FromRow for Placed {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { staff: row.take()?, name: row.take()?, team: row.take()?, role: row.take()? })
    }
}

/// Every person who leads or manages a team.
pub(super) async fn leading(tx: &mut Tx, at: Instant) -> Result<Vec<Placed>, DbError> {
    tx.all(&LEADING, params![at, PLACES_MAX]).await
}

/// Every person who leads or manages one team.
pub(super) async fn leading_team(tx: &mut Tx, team: TeamId, at: Instant) -> Result<Vec<Placed>, DbError> {
    tx.all(&LEADING_TEAM, params![at, PLACES_MAX, &team]).await
}

/// Everybody in these teams.
pub(super) async fn placed(tx: &mut Tx, teams: &[TeamId], at: Instant) -> Result<Vec<Placed>, DbError> {
    let mut placed = Vec::new();
    for mut values in fifties(&teams.iter().map(Value::from).collect::<Vec<_>>()) {
        values.extend([Value::from(at), Value::from(PLACES_MAX)]);
        placed.extend(tx.all::<Placed>(&PLACED, &values).await?);
    }
    Ok(placed)
}

/// Whoever changes what is on the list of an agent does so alone.
pub(super) async fn hold(tx: &mut Tx, agent: StaffId) -> Result<(), DbError> {
    tx.hold(&[format!("debriefs of {agent}")]).await.map(drop)
}

/// A point that follows from an event.
pub(super) struct Following {
    pub(super) agent: StaffId,
    pub(super) kind: PointKind,
    pub(super) case: CaseId,
    pub(super) grant: GrantId,
}

pub(super) async fn follow(tx: &mut Tx, new: &Following, event: &Recorded) -> Result<(), DbError> {
    let values = params![&PointId::new(event.at), &new.agent, &new.kind, &new.case, &new.grant, &event.actor, event.at];
    tx.execute(&PUT, values).await.map(drop)
}

/// Points of a grant that nobody wrote anything on.
pub(super) async fn take_out(tx: &mut Tx, grant: GrantId) -> Result<(), DbError> {
    tx.execute(&TAKE_OUT, params![&grant]).await.map(drop)
}

/// On whose lists a grant stands, and the talks in which it was talked over.
pub(super) async fn of_grant(tx: &mut Tx, grant: GrantId) -> Result<Vec<(StaffId, Option<TalkId>)>, DbError> {
    tx.all(&OF_GRANT, params![&grant]).await
}

/// A point that somebody puts there.
pub(super) async fn put(tx: &mut Tx, agent: StaffId, case: Option<CaseId>, by: &Actor, at: Instant) -> Result<PointId, DbError> {
    let (id, kind) = (PointId::new(at), if case.is_some() { PointKind::Hard } else { PointKind::Other });
    tx.execute(&PUT, params![&id, &agent, &kind, &case, &None::<GrantId>, by, at]).await?;
    Ok(id)
}

/// A point.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn point(tx: &mut Tx, id: PointId) -> Result<Option<Point>, DbError> {
    tx.optional(&POINT, params![&id]).await
}

/// The open point that says that a case was hard for an agent.
pub(super) async fn marked(tx: &mut Tx, agent: StaffId, case: CaseId) -> Result<Option<PointId>, DbError> {
    let found: Option<(PointId,)> = tx.optional(&MARKED, params![&agent, &case]).await?;
    Ok(found.map(|(id,)| id))
}

/// A page of what there is to talk over with an agent, oldest first: points after `after`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn open(tx: &mut Tx, agent: StaffId, after: PointId, most: i64) -> Result<Vec<Point>, DbError> {
    tx.all(&OPEN, params![&agent, &after, most]).await
}

/// The page before it: points before `before`, oldest first.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn open_before(tx: &mut Tx, agent: StaffId, before: PointId, most: i64) -> Result<Vec<Point>, DbError> {
    let mut rows: Vec<Point> = tx.all(&OPEN_BEFORE, params![&agent, &before, most]).await?;
    rows.reverse();
    Ok(rows)
}

/// How much there is to talk over with each of these, and since when; who has nothing is left out.
pub(super) async fn waiting(tx: &mut Tx, agents: &[StaffId]) -> Result<BTreeMap<StaffId, (i64, Instant)>, DbError> {
    let mut waiting = BTreeMap::new();
    for values in fifties(&agents.iter().map(Value::from).collect::<Vec<_>>()) {
        let rows: Vec<(StaffId, i64, Instant)> = tx.all(&WAITING, &values).await?;
        waiting.extend(rows.into_iter().map(|(agent, count, since)| (agent, (count, since))));
    }
    Ok(waiting)
}

/// These points were talked over, with what was written on them; says how many of them were open, and this agent's.
pub(super) async fn talk_over(tx: &mut Tx, talk: TalkId, agent: StaffId, points: &[PointId]) -> Result<usize, DbError> {
    let mut done = 0;
    for mut values in fifties(&points.iter().map(Value::from).collect::<Vec<_>>()) {
        values.extend([Value::from(&talk), Value::from(&agent)]);
        tx.execute(&TALK_OVER_NOTES, &values).await?;
        done += usize::try_from(tx.execute(&TALK_OVER, &values).await?).unwrap_or(0);
    }
    Ok(done)
}

/// What was talked over in a talk, oldest first.
pub(super) async fn of_talk(tx: &mut Tx, talk: TalkId) -> Result<Vec<Point>, DbError> {
    tx.all(&OF_TALK, params![&talk]).await
}

pub(super) async fn keep_talk(tx: &mut Tx, talk: &Talk) -> Result<(), DbError> {
    tx.execute(&HOLD, params![&talk.id, &talk.agent, &talk.lead, &talk.agreed, talk.at]).await.map(drop)
}

/// A talk.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn talk(tx: &mut Tx, id: TalkId) -> Result<Option<Talk>, DbError> {
    tx.optional(&TALK, params![&id]).await
}

/// A page of the talks that somebody took part in, latest first: those before `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn talks(tx: &mut Tx, who: StaffId, before: TalkId, most: i64) -> Result<Vec<Talk>, DbError> {
    let mut rows = both(tx, &TALKS, who, before, most).await?;
    rows.sort_by_key(|talk| Reverse(talk.id));
    rows.truncate(usize::try_from(most).unwrap_or(0));
    Ok(rows)
}

/// The page before it: talks after `after`, latest first.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn talks_newer(tx: &mut Tx, who: StaffId, after: TalkId, most: i64) -> Result<Vec<Talk>, DbError> {
    let mut rows = both(tx, &TALKS_NEWER, who, after, most).await?;
    rows.sort_by_key(|talk| talk.id);
    rows.truncate(usize::try_from(most).unwrap_or(0));
    rows.reverse();
    Ok(rows)
}

/// Talks as agent and as lead.
async fn both(tx: &mut Tx, statement: &'static Statement, who: StaffId, from: TalkId, most: i64) -> Result<Vec<Talk>, DbError> {
    tx.all(statement, params![&who, &from, most]).await
}

/// A note on a talk with an agent, or on a point of theirs, with the talk it was talked over in.
pub(super) async fn keep_note(tx: &mut Tx, agent: StaffId, talk: Option<TalkId>, note: &Note) -> Result<(), DbError> {
    tx.execute(&NOTE, params![&note.id, &agent, &note.point, &talk, &note.staff, &note.text, note.at]).await.map(drop)
}

pub(super) async fn notes_of_point(tx: &mut Tx, point: PointId) -> Result<usize, DbError> {
    let (count,): (i64,) = tx.one(&NOTES_OF_POINT, params![&point]).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

pub(super) async fn notes_of_talk(tx: &mut Tx, talk: TalkId) -> Result<usize, DbError> {
    let (count,): (i64,) = tx.one(&NOTES_OF_TALK, params![&talk]).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// What was written on open points of one list that follow each other there, oldest first.
pub(super) async fn on_open(tx: &mut Tx, points: &[Point]) -> Result<Vec<Note>, DbError> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(Vec::new()) };
    noted(tx, &ON_OPEN, params![&first.agent, &first.id, &last.id]).await
}

/// What was written on a talk, and on what was talked over in it, oldest first.
pub(super) async fn on_talk(tx: &mut Tx, talk: TalkId) -> Result<Vec<Note>, DbError> {
    noted(tx, &ON_TALK, params![&talk]).await
}

async fn noted(tx: &mut Tx, statement: &'static Statement, values: &[Value]) -> Result<Vec<Note>, DbError> {
    let mut notes: Vec<Note> = tx.all(statement, values).await?;
    notes.sort_by_key(|note| note.id);
    Ok(notes)
}

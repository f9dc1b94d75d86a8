use std::collections::HashMap;

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, FromRow, Row, Tx, Value, fifties};
use platform::id::Id;
use platform::texts::TextId;
use platform::{params, statements};

use super::NEVER;
use super::model::{Answer, Cause, EscalationId, EscalationRow, ItemRow, Rating, Standing, State};
use crate::cases::CaseId;
use crate::deciding::DecisionId;
use crate::grants::{Counted, GrantId};

/// The columns of an [`EscalationRow`], of escalations `e`.
macro_rules! columns {
    () => {
        "e.id, e.case_id, e.raiser, e.cause, e.is_urgent, e.want, e.group_id, e.raised_at, e.due_at, e.passed_on, e.state, e.state_at, e.looked_at, e.taken_by, \
         e.answer, e.answered_by, e.words, e.rule, e.kept, e.rating"
    };
}

/// The columns of a [`Measured`].
macro_rules! measured {
    () => {
        "raised_at, looked_at, due_at, missed_at, state, state_at, answer, answered_by, could_have, rating"
    };
}

statements! {
    INSERT = "INSERT INTO escalations (id, case_id, raiser, cause, is_urgent, want, raised_to, group_id, raised_at, due_at, passed_on, state, state_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, 0, 'open', ?8)";
    INSERT_ITEM = "INSERT INTO escalation_items (escalation, place, remedy, reason, measure, unit, units, decision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_ID = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.id = ?1");
    ITEMS = "SELECT place, remedy, reason, measure, unit, units, decision, grant_id FROM escalation_items WHERE escalation = ?1 ORDER BY place";
    ITEMS_OF = concat!("SELECT escalation, place, remedy, reason, measure, unit, units, decision, grant_id FROM escalation_items
                WHERE escalation IN (", platform::fifty!(), ")");
    OF_CASE = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.case_id = ?1 AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3");
    OF_GRANT = "SELECT escalation FROM escalation_items WHERE grant_id = ?1";
    WAITING = "SELECT id FROM escalations WHERE case_id = ?1 AND state IN ('open', 'asked_back')";
    LOOK = "UPDATE escalations SET looked_at = ?2 WHERE id = ?1 AND looked_at IS NULL AND state <> 'answered'";
    TAKE = "UPDATE escalations SET taken_by = ?2, looked_at = COALESCE(looked_at, ?4) WHERE id = ?1 AND state <> 'answered' AND COALESCE(taken_by, '') = ?3";
    // A due time that has passed is missed, also where another one takes its place.
    TURN = "UPDATE escalations SET state = ?3, state_at = ?4, missed_at = CASE WHEN due_at < ?4 AND due_at <> ?5 THEN due_at ELSE missed_at END, due_at = ?5
            WHERE id = ?1 AND state = ?2";
    PASS_ON = "UPDATE escalations SET group_id = ?3, due_at = ?4, taken_by = NULL, passed_on = passed_on + 1, missed_at = COALESCE(CAST(?6 AS BIGINT), missed_at)
               WHERE id = ?1 AND state = 'open' AND group_id = ?2 AND due_at = ?5";
    MISS = "UPDATE escalations SET missed_at = due_at WHERE id = ?1 AND due_at = ?2 AND COALESCE(missed_at, due_at - 1) <> due_at";
    SET_DUE = "UPDATE escalations SET due_at = ?2 WHERE id = ?1 AND state IN ('open', 'withdrawn')";
    ANSWER = "UPDATE escalations SET state = 'answered', state_at = ?3, looked_at = COALESCE(looked_at, ?3), taken_by = ?2, answer = ?4, answered_by = ?2,
              words = ?5, could_have = ?6, rule = ?7, kept = ?8 WHERE id = ?1 AND state = ?9 AND group_id = ?10 AND (taken_by IS NULL OR taken_by = ?2)";
    APPROVE = "UPDATE escalation_items SET grant_id = ?3 WHERE escalation = ?1 AND place = ?2 AND grant_id IS NULL";
    RATE = "UPDATE escalations SET rating = ?2, rated_at = ?3 WHERE id = ?1 AND state = 'answered' AND rating IS NULL";
    OWED = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.group_id = ?1 AND e.state = ?2 AND (e.due_at, e.id) > (?3, ?4)
            ORDER BY e.due_at, e.id LIMIT ?5");
    // One group, said as a range and sorted by too: so that PostgreSQL goes by the index of both and not backwards through all there are.
    ANSWERED = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.group_id >= ?1 AND e.group_id <= ?1 AND e.state = 'answered' AND e.id < ?2
                ORDER BY e.group_id DESC, e.id DESC LIMIT ?3");
    OF_RAISER = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.raiser = ?1 AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3");
    PRECEDENTS = concat!("SELECT ", columns!(), " FROM escalations e WHERE e.kept = 'precedent' AND e.id < ?1
                  AND EXISTS (SELECT 1 FROM escalation_items i WHERE i.escalation = e.id AND i.grant_id IS NOT NULL AND (CAST(?2 AS TEXT) = '' OR i.remedy = ?2) AND (CAST(?3 AS TEXT) = '' OR i.reason = ?3))
                  AND (CAST(?4 AS TEXT) = '' OR EXISTS (SELECT 1 FROM texts t WHERE t.id = e.words AND LOWER(t.text) LIKE ?4 ESCAPE '\\')) ORDER BY e.id DESC LIMIT ?5");
    RAISED_TO = concat!("SELECT ", measured!(), " FROM escalations WHERE raised_to >= ?1 AND raised_to <= ?1 AND id > ?2 ORDER BY raised_to DESC, id DESC LIMIT ?3");
    ANSWERED_BY = concat!("SELECT ", measured!(), " FROM escalations WHERE group_id >= ?1 AND group_id <= ?1 AND state = 'answered' AND id > ?2
                   ORDER BY group_id DESC, id DESC LIMIT ?3");
    RAISED_TO_FIRST = "SELECT raised_to FROM escalations WHERE id = ?1";
    COUNT = "SELECT COUNT(*) FROM (SELECT 1 FROM escalations WHERE group_id = ?1 AND state = ?2 LIMIT ?3) w";
    COUNT_OF_TEAM = "SELECT COUNT(*) FROM (SELECT 1 FROM group_teams g JOIN escalations e ON e.group_id = g.group_id AND e.state IN (?2, ?3) WHERE g.team = ?1 LIMIT ?4) w";
}

pub(super) struct New<'a> {
    pub(super) id: EscalationId,
    pub(super) case: CaseId,
    pub(super) raiser: &'a Actor,
    pub(super) cause: Cause,
    pub(super) is_urgent: bool,
    pub(super) want: Option<TextId>,
    pub(super) group: &'a str,
    pub(super) at: Instant,
    pub(super) due: Option<Instant>,
}

pub(super) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<(), DbError> {
    let (is_urgent, due) = (i64::from(new.is_urgent), new.due.unwrap_or(NEVER));
    tx.execute(&INSERT, params![&new.id, &new.case, new.raiser, &new.cause, is_urgent, &new.want, new.group, new.at, due]).await.map(drop)
}

pub(super) struct NewItem<'a> {
    pub(super) place: usize,
    pub(super) remedy: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) counted: &'a Counted,
    pub(super) units: Option<i64>,
    pub(super) decision: DecisionId,
}

pub(super) async fn insert_item(tx: &mut Tx, id: EscalationId, new: &NewItem<'_>) -> Result<(), DbError> {
    let (measure, unit) = new.counted.columns();
    let place = i64::try_from(new.place).unwrap_or(i64::MAX);
    tx.execute(&INSERT_ITEM, params![&id, place, new.remedy, new.reason, measure, unit, &new.units, &new.decision]).await.map(drop)
}

/// What was passed up.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_id(tx: &mut Tx, id: EscalationId) -> Result<Option<EscalationRow>, DbError> {
    tx.optional(&BY_ID, params![&id]).await
}

/// What was asked for, in order.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn items(tx: &mut Tx, id: EscalationId) -> Result<Vec<ItemRow>, DbError> {
    tx.all(&ITEMS, params![&id]).await
}

struct ItemOf(EscalationId, ItemRow);

impl FromRow for ItemOf {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self(row.take()?, ItemRow::from_row(row)?))
    }
}

/// What was asked for in each of these, in order.
pub(super) async fn items_of(tx: &mut Tx, of: &[EscalationRow]) -> Result<HashMap<EscalationId, Vec<ItemRow>>, DbError> {
    let mut found: HashMap<EscalationId, Vec<ItemRow>> = HashMap::new();
    for values in fifties(&of.iter().map(|row| Value::from(&row.id)).collect::<Vec<_>>()) {
        for ItemOf(id, item) in tx.all::<ItemOf>(&ITEMS_OF, &values).await? {
            found.entry(id).or_default().push(item);
        }
    }
    found.values_mut().for_each(|items| items.sort_by_key(|item| item.place));
    Ok(found)
}

/// The latest of a case, newest first, before one of them.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of_case(tx: &mut Tx, case: CaseId, before: Option<EscalationId>, most: i64) -> Result<Vec<EscalationRow>, DbError> {
    tx.all(&OF_CASE, params![&case, &before.unwrap_or(beyond(0xff)), most]).await
}

/// What an approval came of.
pub(crate) async fn of_grant(tx: &mut Tx, grant: GrantId) -> Result<Option<EscalationId>, DbError> {
    Ok(tx.optional::<(EscalationId,)>(&OF_GRANT, params![&grant]).await?.map(|(id,)| id))
}

/// What waits for an answer in a case.
pub(super) async fn waiting(tx: &mut Tx, case: CaseId) -> Result<Option<EscalationId>, DbError> {
    Ok(tx.optional::<(EscalationId,)>(&WAITING, params![&case]).await?.map(|(id,)| id))
}

/// Says whether it was the first look.
pub(super) async fn look(tx: &mut Tx, id: EscalationId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&LOOK, params![&id, at]).await? == 1)
}

/// Says whether it was still taken by the one it was taken by.
pub(super) async fn take(tx: &mut Tx, id: EscalationId, by: &Actor, from: Option<&Actor>, at: Instant) -> Result<bool, DbError> {
    let from = from.map(ToString::to_string).unwrap_or_default();
    Ok(tx.execute(&TAKE, params![&id, by, from.as_str(), at]).await? == 1)
}

/// Says whether it was still where it was.
pub(super) async fn turn(tx: &mut Tx, id: EscalationId, from: State, to: State, due: Option<Instant>, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&TURN, params![&id, &from, &to, at, due.unwrap_or(NEVER)]).await? == 1)
}

/// A time is known by which an answer is due. Says whether it still waited for one.
pub(super) async fn set_due(tx: &mut Tx, id: EscalationId, due: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&SET_DUE, params![&id, due]).await? == 1)
}

/// Where an answer was due by now, that was missed. Says whether it was still the group's.
pub(super) async fn pass_on(tx: &mut Tx, row: &EscalationRow, to: &str, due: Option<Instant>) -> Result<bool, DbError> {
    Ok(tx.execute(&PASS_ON, params![&row.id, &row.group, to, due.unwrap_or(NEVER), row.due_at.unwrap_or(NEVER), &row.due_at]).await? == 1)
}

/// The time by which an answer is due has passed. Says whether that was not known yet.
pub(super) async fn miss(tx: &mut Tx, id: EscalationId, due: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&MISS, params![&id, due]).await? == 1)
}

pub(super) struct Reply<'a> {
    pub(super) answer: Answer,
    pub(super) words: TextId,
    pub(super) rule: Option<&'a str>,
    pub(super) kept: Option<Standing>,
}

/// Says whether it was still where it was, and not taken by somebody else.
pub(super) async fn answer(tx: &mut Tx, row: &EscalationRow, by: &Actor, reply: &Reply<'_>, at: Instant) -> Result<bool, DbError> {
    let could_have = i64::from(reply.rule.is_some());
    Ok(tx.execute(&ANSWER, params![&row.id, by, at, &reply.answer, &reply.words, could_have, reply.rule, &reply.kept, &row.state, &row.group]).await? == 1)
}

pub(super) async fn approve(tx: &mut Tx, id: EscalationId, place: i64, grant: GrantId) -> Result<(), DbError> {
    tx.execute(&APPROVE, params![&id, place, &grant]).await.map(drop)
}

/// Says whether it was rated for the first time.
pub(super) async fn rate(tx: &mut Tx, id: EscalationId, rating: Rating, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&RATE, params![&id, &rating, at]).await? == 1)
}

/// Whose turn it is where a group owes something.
const OWING: [State; 2] = [State::Open, State::Withdrawn];

/// Below all ids with no bits, above them with all.
fn beyond(bits: u8) -> EscalationId {
    EscalationId(Id::from_bytes([bits; 16]))
}

/// What these groups owe, the next due first, behind one that was due then.
pub(super) async fn owed(
    tx: &mut Tx,
    groups: &[String],
    (due, after): (Option<Instant>, Option<EscalationId>),
    most: i64,
) -> Result<Vec<EscalationRow>, DbError> {
    let mut rows: Vec<EscalationRow> = Vec::new();
    for group in groups {
        for state in OWING {
            rows.extend(tx.all(&OWED, params![group, &state, due.unwrap_or(Instant::MIN), &after.unwrap_or(beyond(0)), most]).await?);
        }
    }
    rows.sort_by_key(|row| (row.due_at.unwrap_or(NEVER), row.id));
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows)
}

/// What these groups have answered, the latest raised first, before one of them.
pub(super) async fn answered(tx: &mut Tx, groups: &[String], before: Option<EscalationId>, most: i64) -> Result<Vec<EscalationRow>, DbError> {
    let mut rows: Vec<EscalationRow> = Vec::new();
    for group in groups {
        rows.extend(tx.all(&ANSWERED, params![group, &before.unwrap_or(beyond(0xff)), most]).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows)
}

/// What somebody raised, the latest first, before one of them.
pub(super) async fn of_raiser(tx: &mut Tx, raiser: &Actor, before: Option<EscalationId>, most: i64) -> Result<Vec<EscalationRow>, DbError> {
    tx.all(&OF_RAISER, params![raiser, &before.unwrap_or(beyond(0xff)), most]).await
}

/// More is not counted.
const COUNTED_MAX: i64 = 1_000;

/// How much these groups owe, as far as it is counted.
pub(super) async fn count(tx: &mut Tx, groups: &[String]) -> Result<u32, DbError> {
    let mut waiting = 0;
    for group in groups {
        for state in OWING {
            waiting += tx.one::<(i64,)>(&COUNT, params![group, &state, COUNTED_MAX]).await?.0;
        }
    }
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// How much waits for an answer of the groups that a team serves, as far as it is counted.
pub(super) async fn count_of_team(tx: &mut Tx, team: access::teams::TeamId) -> Result<u32, DbError> {
    let [open, withdrawn] = OWING;
    let waiting = tx.one::<(i64,)>(&COUNT_OF_TEAM, params![&team, &open, &withdrawn, COUNTED_MAX]).await?.0;
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// What is looked for among precedents; what is empty is any.
#[derive(Clone, Debug, Default)]
pub(super) struct Sought {
    pub(super) remedy: String,
    pub(super) reason: String,
    /// Words of the reasoning, together.
    pub(super) words: String,
}

/// Exceptions that others may go by, the latest first, before one of them.
pub(super) async fn precedents(tx: &mut Tx, sought: &Sought, before: Option<EscalationId>, most: i64) -> Result<Vec<EscalationRow>, DbError> {
    let words = sought.words.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let like = if words.is_empty() { String::new() } else { format!("%{words}%") };
    tx.all(&PRECEDENTS, params![&before.unwrap_or(beyond(0xff)), &sought.remedy, &sought.reason, &like, most]).await
}

/// Something that was raised to a group, as far as it is measured.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) raised_at: Instant,
    pub(super) looked_at: Option<Instant>,
    pub(super) due_at: Instant,
    pub(super) missed_at: Option<Instant>,
    pub(super) state: State,
    pub(super) state_at: Instant,
    pub(super) answer: Option<Answer>,
    pub(super) answered_by: Option<Actor>,
    pub(super) could_have: Option<i64>,
    pub(super) rating: Option<Rating>,
}

impl FromRow for Measured {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            raised_at: row.take()?,
            looked_at: row.take()?,
            due_at: row.take()?,
            missed_at: row.take()?,
            state: row.take()?,
            state_at: row.take()?,
            answer: row.take()?,
            answered_by: row.take()?,
            could_have: row.take()?,
            rating: row.take()?,
        })
    }
}

/// What was raised to a group since an instant, the latest first.
pub(super) async fn raised_to(tx: &mut Tx, group: &str, since: Instant, most: i64) -> Result<Vec<Measured>, DbError> {
    tx.all(&RAISED_TO, params![group, &EscalationId(Id::least_of(since)), most]).await
}

/// The group it was raised to, before it went to others.
pub(super) async fn raised_to_first(tx: &mut Tx, id: EscalationId) -> Result<String, DbError> {
    let (group,): (String,) = tx.one(&RAISED_TO_FIRST, params![&id]).await?;
    Ok(group)
}

/// What a group answered of what was raised since an instant, to it or to others first, the latest raised first.
pub(super) async fn answered_by(tx: &mut Tx, group: &str, since: Instant, most: i64) -> Result<Vec<Measured>, DbError> {
    tx.all(&ANSWERED_BY, params![group, &EscalationId(Id::least_of(since)), most]).await
}

use std::collections::HashMap;

use access::Caller;
use access::caller::Seen;
use charter::memory::Line;
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, FromRow, Row, Tx, Value, fifties};
use platform::id::Id;
use platform::texts::{self, TextId};
use platform::{params, statements};

use super::model::{Cause, Counted, GrantId, GrantRow, GrantState, OfferId};
use crate::cases::{CaseId, CaseRow};
use crate::deciding::{self, DecisionId};
use crate::subjects::SubjectId;

/// The columns of a [`GrantRow`], of grants `g`.
macro_rules! columns {
    () => {
        "g.seq, g.id, g.offer, g.case_id, g.customer, g.giver, g.remedy, g.reason, g.measure, g.unit, g.units, g.decision, g.why, g.at, g.send_at, g.state, g.state_at, g.cause"
    };
}

/// What is not settled from a place on, one way or the other, in the teams that the one who looks reaches: their own, and as lead or manager all below.
macro_rules! waiting {
    ($than:literal, $order:literal) => {
        concat!(
            "WITH RECURSIVE reach(team, role) AS (
               SELECT m.team, m.role FROM memberships m WHERE m.staff = ?4 AND m.from_at <= ?5 AND (m.until_at IS NULL OR m.until_at > ?5)
               UNION SELECT t.id, r.role FROM teams t JOIN reach r ON t.parent = r.team WHERE r.role <> 'member')
             SELECT ",
            columns!(),
            ", c.number, s.ref
             FROM grants g JOIN cases c ON c.id = g.case_id LEFT JOIN case_subjects a ON a.case_id = g.case_id AND a.kind = 'order'
             LEFT JOIN subjects s ON s.id = a.subject
             WHERE g.state = ?1 AND g.state IN ('granted', 'sent', 'failed', 'unclear') AND g.seq ",
            $than,
            " ?2 AND (CAST(?6 AS BIGINT) = 1 OR c.owner = ?4 OR c.team IS NULL OR c.team IN (SELECT team FROM reach)) ORDER BY ",
            $order,
            " LIMIT ?3"
        )
    };
}

/// What counts of a case and has no key of the name `?2`.
macro_rules! lacks_key {
    () => {
        "g.case_id = ?1 AND g.state NOT IN ('withdrawn', 'corrected') AND NOT EXISTS (SELECT 1 FROM grant_keys k WHERE k.grant_id = g.id AND k.name = ?2)"
    };
}

statements! {
    INSERT = "INSERT INTO grants (id, offer, case_id, customer, giver, remedy, reason, units, worth, decision, why, at, send_at, measure, unit, state, state_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?12)";
    // One remedy, said as a range and sorted by too: so that PostgreSQL goes by the index of both and not backwards through all grants.
    COUNTED = "SELECT measure, unit FROM grants WHERE remedy >= ?1 AND remedy <= ?1 ORDER BY remedy DESC, seq DESC LIMIT 1";
    STEP = "INSERT INTO grant_steps (grant_id, state, at, actor, note) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
    BY_ID = concat!("SELECT ", columns!(), " FROM grants g WHERE g.id = ?1");
    BY_IDS = concat!("SELECT ", columns!(), " FROM grants g WHERE g.id IN (", platform::fifty!(), ")");
    WORDS_OF_CASE = "SELECT g.id, g.why FROM grants g WHERE g.case_id = ?1 AND g.why IS NOT NULL
                     UNION ALL SELECT g.id, s.note FROM grants g JOIN grant_steps s ON s.grant_id = g.id WHERE g.case_id = ?1 AND s.note IS NOT NULL LIMIT ?2";
    NOTES = concat!("SELECT seq, grant_id, note FROM grant_steps WHERE grant_id IN (", platform::fifty!(), ") AND note IS NOT NULL");
    OF_CASE = concat!("SELECT ", columns!(), " FROM grants g
               WHERE case_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    OF_CUSTOMER = concat!("SELECT ", columns!(), " FROM grants g
                   WHERE customer = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    WAITING = waiting!(">", "g.seq");
    WAITING_BEFORE = waiting!("<", "g.seq DESC");
    NEWER_OF_CUSTOMER = concat!("SELECT ", columns!(), " FROM grants g
                          WHERE customer = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    WITHDRAW = "UPDATE grants SET state = 'withdrawn', state_at = ?3 WHERE id = ?1 AND giver = ?2 AND state = 'granted' AND send_at > ?3";
    SEND = "UPDATE grants SET state = 'sent', state_at = ?2 WHERE id = ?1 AND state = 'granted' AND send_at <= ?2";
    SETTLE = "UPDATE grants SET state = ?2, state_at = ?3 WHERE id = ?1 AND state IN ('sent', 'failed', 'unclear') AND state <> ?2";
    CORRECT = "UPDATE grants SET state = 'corrected', cause = ?2, state_at = ?3 WHERE id = ?1 AND state IN ('granted', 'sent', 'failed', 'unclear')";
    APPROVAL = concat!("SELECT ", columns!(), ", d.charter FROM grants g JOIN decisions d ON d.id = g.decision WHERE g.id = ?1");
    GIVE_APPROVED = "UPDATE grants SET state = 'granted', giver = ?2, state_at = ?3, send_at = ?4 WHERE id = ?1 AND state = 'offered' AND send_at > ?3";
    TAKE_BACK_APPROVED = "UPDATE grants SET state = 'withdrawn', state_at = ?2 WHERE id = ?1 AND state = 'offered'";
    RE_HOME = "UPDATE grants SET customer = ?2 WHERE customer = ?1";
    STEP_ALL = "INSERT INTO grant_steps (grant_id, state, at, actor)
                SELECT g.id, g.state, ?3, ?4 FROM grant_keys k JOIN grants g ON g.id = k.grant_id
                WHERE k.name = ?1 AND k.key = ?2 AND k.until IS NULL ORDER BY g.seq";
    RE_KEY = "INSERT INTO grant_keys (name, key, at, grant_id, since, remedy, reason, units, worth, facts)
              SELECT name, ?3, at, grant_id, ?4, remedy, reason, units, worth, facts FROM grant_keys WHERE name = ?1 AND key = ?2 AND until IS NULL";
    END_KEY = "UPDATE grant_keys SET until = ?3 WHERE name = ?1 AND key = ?2 AND until IS NULL";
    STEP_IN = concat!(
        "INSERT INTO grant_steps (grant_id, state, at, actor) SELECT g.id, g.state, ?3, ?4 FROM grants g WHERE ", lacks_key!(), " ORDER BY g.seq"
    );
    KEY_IN = concat!(
        "INSERT INTO grant_keys (name, key, at, grant_id, since, remedy, reason, units, worth)
         SELECT ?2, ?3, g.at, g.id, ?4, g.remedy, g.reason, g.units, g.worth FROM grants g WHERE ", lacks_key!()
    );
    // Said so that PostgreSQL goes by the case, and not through all that is nobody's.
    HOME = "UPDATE grants SET customer = COALESCE(customer, ?2) WHERE case_id = ?1";
    HOME_REFUSALS = "UPDATE refusals SET customer = COALESCE(customer, ?2) WHERE case_id = ?1";
    RE_HOME_REFUSALS = "UPDATE refusals SET customer = ?2 WHERE customer = ?1";
    REFUSE = "INSERT INTO refusals (id, case_id, customer, issue, staff, remedy, reason, units, decision, at, measure, unit)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    REFUSED = "SELECT * FROM (SELECT staff, measure, unit, units, at, 1 AS here FROM refusals WHERE case_id = ?1 AND remedy = ?4 ORDER BY id DESC LIMIT 1) c
               UNION ALL
               SELECT * FROM (SELECT staff, measure, unit, units, at, 0 AS here FROM refusals WHERE customer = ?2 AND issue = ?3 AND remedy = ?4
                              ORDER BY id DESC LIMIT 1) u";
}

pub(super) struct New<'a> {
    pub(super) id: GrantId,
    pub(super) offer: OfferId,
    pub(super) giver: &'a Actor,
    pub(super) line: &'a Line,
    pub(super) counted: &'a Counted,
    pub(super) decision: DecisionId,
    pub(super) why: Option<TextId>,
    pub(super) at: Instant,
    pub(super) send_at: Instant,
    pub(super) state: GrantState,
}

/// Keeps a grant with all that it counts under, and says its place in the ledger.
pub(super) async fn insert(tx: &mut Tx, case: &CaseRow, new: &New<'_>) -> Result<i64, DbError> {
    let line = new.line;
    let (measure, unit) = new.counted.columns();
    let values = params![
        &new.id,
        &new.offer,
        &case.id,
        &case.customer,
        new.giver,
        &line.remedy,
        &line.reason,
        &line.units,
        &line.worth,
        &new.decision,
        &new.why,
        new.at,
        new.send_at,
        measure,
        unit,
        &new.state
    ];
    tx.execute(&INSERT, values).await?;
    let since = step(tx, new.id, new.state, new.giver, None, new.at).await?;
    deciding::keep_keys(tx, new.id.0, line, since, new.at).await?;
    Ok(since)
}

/// A grant takes a step: its place in the ledger.
pub(super) async fn step(tx: &mut Tx, id: GrantId, state: GrantState, by: &Actor, note: Option<TextId>, at: Instant) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&STEP, params![&id, &state, at, by, &note]).await?.0)
}

/// A grant.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_id(tx: &mut Tx, id: GrantId) -> Result<Option<GrantRow>, DbError> {
    tx.optional(&BY_ID, params![&id]).await
}

/// What was approved, and the version of the charter it was approved under.
pub(super) async fn approval(tx: &mut Tx, id: GrantId) -> Result<Option<(GrantRow, i64)>, DbError> {
    Ok(tx.optional::<Approval>(&APPROVAL, params![&id]).await?.map(|Approval(grant, version)| (grant, version)))
}

struct Approval(GrantRow, i64);

impl FromRow for Approval {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self(GrantRow::from_row(row)?, row.take()?))
    }
}

pub(super) async fn give_approved(tx: &mut Tx, id: GrantId, giver: &Actor, at: Instant, send_at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&GIVE_APPROVED, params![&id, giver, at, send_at]).await? == 1)
}

pub(super) async fn take_back_approved(tx: &mut Tx, id: GrantId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&TAKE_BACK_APPROVED, params![&id, at]).await? == 1)
}

/// These grants.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn by_ids(tx: &mut Tx, ids: &[GrantId]) -> Result<Vec<GrantRow>, DbError> {
    let mut rows = Vec::with_capacity(ids.len());
    for values in fifties(&ids.iter().map(Value::from).collect::<Vec<_>>()) {
        rows.extend(tx.all::<GrantRow>(&BY_IDS, &values).await?);
    }
    Ok(rows)
}

/// What was given of a remedy is counted in this; nothing if it was never given.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub(crate) async fn counted(tx: &mut Tx, remedy: &str) -> Result<Option<Counted>, DbError> {
    tx.optional(&COUNTED, params![remedy]).await
}

/// A page of what was given in a case, latest first: places below `before`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list_of_case(tx: &mut Tx, case: CaseId, before: i64, most: i64) -> Result<Vec<GrantRow>, DbError> {
    tx.all(&OF_CASE, params![&case, before, most]).await
}

/// What was said of the grants of a case: why something was given, and what exactly was wrong with it. The words of at most `most` grants.
pub(crate) async fn words_of_case(tx: &mut Tx, case: CaseId, most: i64) -> Result<HashMap<GrantId, Vec<String>>, DbError> {
    let of: Vec<(GrantId, TextId)> = tx.all(&WORDS_OF_CASE, params![&case, most]).await?;
    let mut texts = texts::read_all(tx, &of.iter().map(|(_, text)| *text).collect::<Vec<_>>()).await?;
    let mut words: HashMap<GrantId, Vec<String>> = HashMap::new();
    for (grant, text) in of {
        words.entry(grant).or_default().extend(texts.remove(&text));
    }
    Ok(words)
}

/// The last that was said when each of these grants moved on.
pub(super) async fn notes(tx: &mut Tx, grants: &[GrantId]) -> Result<HashMap<GrantId, String>, DbError> {
    let mut said: Vec<(i64, GrantId, TextId)> = Vec::new();
    for values in fifties(&grants.iter().map(Value::from).collect::<Vec<_>>()) {
        said.extend(tx.all::<(i64, GrantId, TextId)>(&NOTES, &values).await?);
    }
    said.sort_unstable_by_key(|(step, ..)| *step);
    let last: HashMap<GrantId, TextId> = said.into_iter().map(|(_, grant, text)| (grant, text)).collect();
    let mut texts = texts::read_all(tx, &last.values().copied().collect::<Vec<_>>()).await?;
    Ok(last.into_iter().filter_map(|(grant, text)| Some((grant, texts.remove(&text)?))).collect())
}

/// A page of what a customer was given, latest first: places below `before`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list_of_customer(tx: &mut Tx, customer: SubjectId, before: i64, most: i64) -> Result<Vec<GrantRow>, DbError> {
    tx.all(&OF_CUSTOMER, params![&customer, before, most]).await
}

/// The page before it: places above `after`, latest first.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list_newer_of_customer(tx: &mut Tx, customer: SubjectId, after: i64, most: i64) -> Result<Vec<GrantRow>, DbError> {
    let mut rows: Vec<GrantRow> = tx.all(&NEWER_OF_CUSTOMER, params![&customer, after, most]).await?;
    rows.reverse();
    Ok(rows)
}

/// A grant that waits for somebody to settle it.
pub(super) struct Waiting {
    pub(super) grant: GrantRow,
    /// The number of its case.
    pub(super) case_number: i64,
    /// The order that the case is about.
    pub(super) order: Option<String>,
}

impl FromRow for Waiting {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { grant: GrantRow::from_row(row)?, case_number: row.take()?, order: row.take()? })
    }
}

/// A page of grants that are not settled, in cases that somebody may see, first given first: places above `after`.
pub(super) async fn waiting(tx: &mut Tx, who: &Caller, state: GrantState, after: i64, at: Instant, most: i64) -> Result<Vec<Waiting>, DbError> {
    tx.all(&WAITING, &seen_by(who, state, after, at, most)).await
}

/// The page before it: places below `before`, first given first.
pub(super) async fn waiting_before(tx: &mut Tx, who: &Caller, state: GrantState, before: i64, at: Instant, most: i64) -> Result<Vec<Waiting>, DbError> {
    let mut rows: Vec<Waiting> = tx.all(&WAITING_BEFORE, &seen_by(who, state, before, at, most)).await?;
    rows.reverse();
    Ok(rows)
}

fn seen_by(who: &Caller, state: GrantState, place: i64, at: Instant, most: i64) -> Vec<Value> {
    // Before every id there is.
    let me = who.staff().map_or_else(|| Value::Bytes(vec![0; 16]), |staff| Value::from(&staff));
    vec![Value::from(&state), Value::from(place), Value::from(most), me, Value::from(at), Value::from(i64::from(who.sees() == Seen::All))]
}

pub(super) async fn withdraw(tx: &mut Tx, id: GrantId, giver: &Actor, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&WITHDRAW, params![&id, giver, at]).await? == 1)
}

pub(super) async fn send(tx: &mut Tx, id: GrantId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&SEND, params![&id, at]).await? == 1)
}

pub(super) async fn settle(tx: &mut Tx, id: GrantId, state: GrantState, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&SETTLE, params![&id, &state, at]).await? == 1)
}

pub(super) async fn correct(tx: &mut Tx, id: GrantId, cause: Cause, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&CORRECT, params![&id, cause.word(), at]).await? == 1)
}

/// What was given to a customer who is another one now, and what it counts under. Each grant takes a step, though it stands where it stood: what was decided
/// before counts it under the old name, what is decided from now on under the new one.
pub(crate) async fn re_home(tx: &mut Tx, from: (SubjectId, &str), into: (SubjectId, &str), by: &Actor, at: Instant) -> Result<(), DbError> {
    const KEY: &str = "customer";
    deciding::hold_all(tx, &[from, into].map(|(_, name)| (KEY.to_owned(), name.to_owned()))).await?;
    let since = deciding::last_step(tx).await? + 1;
    tx.execute(&RE_HOME, params![&from.0, &into.0]).await?;
    tx.execute(&RE_HOME_REFUSALS, params![&from.0, &into.0]).await?;
    tx.execute(&STEP_ALL, params![KEY, from.1, at, by]).await?;
    tx.execute(&RE_KEY, params![KEY, from.1, into.1, since]).await?;
    tx.execute(&END_KEY, params![KEY, from.1, since]).await.map(drop)
}

/// What was given in a case before it was said which subject of this kind it is about counts under that subject too, from now on, as after a merge. What was given
/// when it was about another one stays that one's.
pub(crate) async fn count_under(tx: &mut Tx, case: CaseId, kind: &str, reference: &str, by: &Actor, at: Instant) -> Result<(), DbError> {
    deciding::hold_keys_in(tx, case, kind, reference).await?;
    let since = deciding::last_step(tx).await? + 1;
    tx.execute(&STEP_IN, params![&case, kind, at, by]).await?;
    tx.execute(&KEY_IN, params![&case, kind, reference, since]).await.map(drop)
}

/// What was given in a case, or refused, while it was nobody's is this customer's.
pub(crate) async fn home(tx: &mut Tx, case: CaseId, customer: SubjectId) -> Result<(), DbError> {
    tx.execute(&HOME, params![&case, &customer]).await?;
    tx.execute(&HOME_REFUSALS, params![&case, &customer]).await.map(drop)
}

pub(super) struct NewRefusal<'a> {
    pub(super) staff: &'a Actor,
    pub(super) remedy: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) counted: Option<&'a Counted>,
    pub(super) units: Option<i64>,
    pub(super) decision: DecisionId,
    pub(super) at: Instant,
}

pub(super) async fn keep_refusal(tx: &mut Tx, case: &CaseRow, new: &NewRefusal<'_>) -> Result<(), DbError> {
    let (measure, unit) = new.counted.map_or((None, None), |counted| (Some(counted.columns().0), counted.columns().1));
    let id = Id::new(new.at);
    let values = params![&id, &case.id, &case.customer, &case.issue, new.staff, new.remedy, new.reason, &new.units, &new.decision, new.at, measure, unit];
    tx.execute(&REFUSE, values).await.map(drop)
}

/// A *no* that was said before.
pub(super) struct Refused {
    pub(super) by: Actor,
    /// To how much, and what that is counted in.
    pub(super) amount: Option<(Counted, i64)>,
    pub(super) at: Instant,
    /// In this case.
    is_here: bool,
}

impl FromRow for Refused {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let by = row.take()?;
        let counted: (Option<String>, Option<String>) = (row.take()?, row.take()?);
        let counted = counted.0.map(|measure| Counted::of_columns(&measure, counted.1)).transpose()?;
        Ok(Self { by, amount: counted.zip(row.take()?), at: row.take()?, is_here: row.take()? })
    }
}

/// The latest *no* to this remedy: in this case, or to this customer for the same issue.
pub(super) async fn refused(tx: &mut Tx, case: &CaseRow, remedy: &str) -> Result<Option<Refused>, DbError> {
    let found: Vec<Refused> = tx.all(&REFUSED, params![&case.id, &case.customer, &case.issue, remedy]).await?;
    Ok(found.into_iter().max_by_key(|no| no.is_here))
}

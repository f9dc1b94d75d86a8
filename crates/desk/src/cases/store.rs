use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Statement, Tx, Value, fifties};
use platform::id::Id;
use platform::{params, statements};

use super::commands::NewCase;
use super::model::{CaseId, CaseRow, State};
use crate::offerings::OfferingId;
use crate::subjects::{Standing, SubjectId};

statements! {
    BY_NUMBER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases WHERE number = ?1";
    BY_ID = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases WHERE id = ?1";
    BY_REF = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases WHERE source = ?1 AND ref = ?2";
    LIST_ALL = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                WHERE state = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    LIST_OF_OWNER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                     WHERE owner = ?4 AND state = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    LIST_OF_TEAM = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                    WHERE team = ?4 AND state = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    LIST_OF_NO_TEAM = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                       WHERE team IS NULL AND state = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    LIST_OF_CUSTOMER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                        WHERE customer = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    NEWER_ALL = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                 WHERE state = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    NEWER_OF_OWNER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                      WHERE owner = ?4 AND state = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    NEWER_OF_TEAM = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                     WHERE team = ?4 AND state = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    NEWER_OF_NO_TEAM = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                        WHERE team IS NULL AND state = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    NEWER_OF_CUSTOMER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                         WHERE customer = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    EVER_OF_CUSTOMER = "SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at FROM cases
                        WHERE number < ?2 AND number IN (SELECT number FROM cases WHERE customer = ?1 UNION SELECT f.number FROM former_customers f
                          WHERE f.customer IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1))
                        ORDER BY number DESC LIMIT ?3";
    BY_NUMBERS = concat!("SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at
                  FROM cases WHERE number IN (", platform::fifty!(), ") ORDER BY number DESC");
    BY_IDS = concat!("SELECT number, id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, first_answer_at
              FROM cases WHERE id IN (", platform::fifty!(), ")");
    INSERT = "INSERT INTO cases (id, title, channel, issue, customer, offering, owner, team, state, opened_at, state_at, source, ref)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9, ?9, ?10, ?11) RETURNING number";
    LINK = "INSERT INTO case_subjects (case_id, kind, subject) VALUES (?1, ?2, ?3) ON CONFLICT (case_id, kind) DO UPDATE SET subject = ?3";
    ABOUT = "SELECT c.kind, s.id, s.ref FROM case_subjects c JOIN subjects s ON s.id = c.subject WHERE c.case_id = ?1 ORDER BY c.kind";
    // In one statement, so that it is of one moment.
    KNOWN = "SELECT s.kind, s.ref, f.name, f.value, f.standing, f.level, f.at FROM subjects s LEFT JOIN facts f ON f.subject = s.id WHERE s.id = ?2
             UNION ALL SELECT c.kind, s.ref, f.name, f.value, f.standing, f.level, f.at FROM case_subjects c JOIN subjects s ON s.id = c.subject
               LEFT JOIN facts f ON f.subject = s.id WHERE c.case_id = ?1
             UNION ALL SELECT 'case', CAST(NULL AS TEXT), f.name, f.value, f.standing, f.level, f.at FROM facts f WHERE f.subject = ?1 LIMIT ?3";
    MOVE = "UPDATE cases SET state = ?3, state_at = ?4 WHERE id = ?1 AND state = ?2";
    UNLINK = "DELETE FROM case_subjects WHERE case_id = ?1 AND kind = ?2";
    SET_CUSTOMER = "UPDATE cases SET customer = ?2 WHERE id = ?1";
    SET_ISSUE = "UPDATE cases SET issue = ?2 WHERE id = ?1";
    SET_OFFERING = "UPDATE cases SET offering = ?2 WHERE id = ?1";
    ANSWER = "UPDATE cases SET first_answer_at = ?2 WHERE id = ?1 AND first_answer_at IS NULL";
    ASSIGN = "UPDATE cases SET owner = ?2 WHERE id = ?1";
    RE_HOME = "UPDATE cases SET customer = ?2 WHERE customer = ?1";
    ERASE_TITLES = "UPDATE cases SET title = NULL
                    WHERE title IS NOT NULL AND number IN (SELECT number FROM cases WHERE customer = ?1 UNION SELECT f.number FROM former_customers f
                      WHERE f.customer IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1))";
}

/// Which cases a list shows.
#[derive(Clone, Copy, Debug)]
pub enum List {
    /// Everybody's.
    All(State),
    /// Those somebody works on.
    OfOwner(Id, State),
    /// A team's.
    OfTeam(Id, State),
    /// Those that no team has: whoever is at the desk may take them.
    OfNoTeam(State),
    /// A customer's, in any state.
    OfCustomer(SubjectId),
}

/// The case with a number.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<CaseRow>, DbError> {
    tx.optional(&BY_NUMBER, params![number]).await
}

/// A case.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_id(tx: &mut Tx, id: CaseId) -> Result<Option<CaseRow>, DbError> {
    tx.optional(&BY_ID, params![&id]).await
}

/// The case that another system knows by a name.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_reference(tx: &mut Tx, source: &str, reference: &str) -> Result<Option<CaseRow>, DbError> {
    tx.optional(&BY_REF, params![source, reference]).await
}

/// A page of a list, latest first: numbers below `before`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list(tx: &mut Tx, list: List, before: i64, most: i64) -> Result<Vec<CaseRow>, DbError> {
    match list {
        List::All(state) => tx.all(&LIST_ALL, params![&state, before, most]).await,
        List::OfOwner(owner, state) => tx.all(&LIST_OF_OWNER, params![&state, before, most, &owner]).await,
        List::OfTeam(team, state) => tx.all(&LIST_OF_TEAM, params![&state, before, most, &team]).await,
        List::OfNoTeam(state) => tx.all(&LIST_OF_NO_TEAM, params![&state, before, most]).await,
        List::OfCustomer(customer) => tx.all(&LIST_OF_CUSTOMER, params![&customer, before, most]).await,
    }
}

/// The page before it: the cases whose numbers come next above `after`, latest first.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn list_newer(tx: &mut Tx, list: List, after: i64, most: i64) -> Result<Vec<CaseRow>, DbError> {
    let mut rows: Vec<CaseRow> = match list {
        List::All(state) => tx.all(&NEWER_ALL, params![&state, after, most]).await,
        List::OfOwner(owner, state) => tx.all(&NEWER_OF_OWNER, params![&state, after, most, &owner]).await,
        List::OfTeam(team, state) => tx.all(&NEWER_OF_TEAM, params![&state, after, most, &team]).await,
        List::OfNoTeam(state) => tx.all(&NEWER_OF_NO_TEAM, params![&state, after, most]).await,
        List::OfCustomer(customer) => tx.all(&NEWER_OF_CUSTOMER, params![&customer, after, most]).await,
    }?;
    rows.reverse();
    Ok(rows)
}

/// The cases with these numbers, latest first.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn by_numbers(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<CaseRow>, DbError> {
    all_of(tx, &BY_NUMBERS, &numbers.iter().copied().map(Value::from).collect::<Vec<_>>()).await
}

/// These cases.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn by_ids(tx: &mut Tx, ids: &[CaseId]) -> Result<Vec<CaseRow>, DbError> {
    all_of(tx, &BY_IDS, &ids.iter().map(Value::from).collect::<Vec<_>>()).await
}

async fn all_of(tx: &mut Tx, statement: &'static Statement, values: &[Value]) -> Result<Vec<CaseRow>, DbError> {
    let mut rows = Vec::with_capacity(values.len());
    for part in fifties(values) {
        rows.extend(tx.all::<CaseRow>(statement, &part).await?);
    }
    Ok(rows)
}

pub(super) async fn insert(tx: &mut Tx, id: CaseId, new: &NewCase, at: Instant) -> Result<i64, DbError> {
    let values =
        params![&id, &new.title, new.channel.as_str(), &new.issue, &new.customer, &new.offering, &new.owner, &new.team, at, &new.source, &new.reference];
    let (number,) = tx.one(&INSERT, values).await?;
    Ok(number)
}

pub(super) async fn link(tx: &mut Tx, case: CaseId, kind: &str, subject: SubjectId) -> Result<(), DbError> {
    tx.execute(&LINK, params![&case, kind, &subject]).await.map(drop)
}

pub(super) async fn unlink(tx: &mut Tx, case: CaseId, kind: &str) -> Result<(), DbError> {
    tx.execute(&UNLINK, params![&case, kind]).await.map(drop)
}

pub(super) async fn set_customer(tx: &mut Tx, case: CaseId, customer: Option<SubjectId>) -> Result<(), DbError> {
    tx.execute(&SET_CUSTOMER, params![&case, &customer]).await.map(drop)
}

pub(super) async fn set_issue(tx: &mut Tx, case: CaseId, issue: Option<&str>) -> Result<(), DbError> {
    tx.execute(&SET_ISSUE, params![&case, issue]).await.map(drop)
}

pub(super) async fn set_offering(tx: &mut Tx, case: CaseId, offering: Option<OfferingId>) -> Result<(), DbError> {
    tx.execute(&SET_OFFERING, params![&case, &offering]).await.map(drop)
}

/// Says whether it was the first answer.
pub(super) async fn answer(tx: &mut Tx, case: CaseId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&ANSWER, params![&case, at]).await? == 1)
}

/// What else a case is about: kind, subject and its name.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn about(tx: &mut Tx, case: CaseId) -> Result<Vec<(String, SubjectId, String)>, DbError> {
    tx.all(&ABOUT, params![&case]).await
}

/// The most facts of a case, and of what it is about, that are read.
const KNOWN_MAX: i64 = 50_000;

/// A fact of a case or of something it is about; or that it is about something of which nothing is known.
pub(crate) struct Known {
    /// Of what: `case`, `customer`, `order`, …
    pub(crate) kind: String,
    /// The name of that, where it has one.
    pub(crate) reference: Option<String>,
    pub(crate) fact: Option<KnownFact>,
}

/// The latest word on a fact.
pub(crate) struct KnownFact {
    pub(crate) name: String,
    /// As a request writes it (JSON).
    pub(crate) value: String,
    pub(crate) standing: Standing,
    /// The level of the person who said so.
    pub(crate) level: Option<String>,
    pub(crate) at: Instant,
}

impl FromRow for Known {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (kind, reference, name) = (row.take()?, row.take()?, row.take::<Option<String>>()?);
        let fact = match name {
            Some(name) => Some(KnownFact { name, value: row.take()?, standing: row.take()?, level: row.take()?, at: row.take()? }),
            None => None,
        };
        Ok(Self { kind, reference, fact })
    }
}

/// What a case of a customer is about, and all that is known of it and of these.
pub(crate) async fn known(tx: &mut Tx, case: CaseId, customer: Option<SubjectId>) -> Result<Vec<Known>, DbError> {
    tx.all(&KNOWN, params![&case, &customer, KNOWN_MAX]).await
}

pub(super) async fn move_on(tx: &mut Tx, case: CaseId, from: State, to: State, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&MOVE, params![&case, &from, &to, at]).await? == 1)
}

pub(super) async fn assign(tx: &mut Tx, case: CaseId, owner: Option<Id>) -> Result<(), DbError> {
    tx.execute(&ASSIGN, params![&case, &owner]).await.map(drop)
}

/// Cases of a customer who is another one now.
pub(crate) async fn re_home(tx: &mut Tx, from: SubjectId, into: SubjectId) -> Result<(), DbError> {
    tx.execute(&RE_HOME, params![&from, &into]).await.map(drop)
}

/// A page of the cases that are a customer's or were once, or of one merged into them: latest first, numbers below `before`.
pub(crate) async fn list_ever(tx: &mut Tx, customer: SubjectId, before: i64, most: i64) -> Result<Vec<CaseRow>, DbError> {
    tx.all(&EVER_OF_CUSTOMER, params![&customer, before, most]).await
}

/// What was written above the cases that are a customer's or were once.
pub(crate) async fn erase_titles(tx: &mut Tx, customer: SubjectId) -> Result<(), DbError> {
    tx.execute(&ERASE_TITLES, params![&customer]).await.map(drop)
}

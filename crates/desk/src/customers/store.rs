use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::texts::TextId;
use platform::{params, statements};

use crate::cases::CaseId;
use crate::subjects::SubjectId;

statements! {
    ERASE = "UPDATE customers SET name = NULL, name_key = NULL, email = NULL, email_key = NULL, phone = NULL, locale = NULL, contact = NULL,
               changed_at = ?2, erased_at = ?2
             WHERE id IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1)";
    ERASE_WORDS = "DELETE FROM customer_words WHERE customer IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1)";
    MARK = "INSERT INTO customers (id, changed_at, erased_at) VALUES (?1, ?2, ?2) ON CONFLICT (id) DO NOTHING";
    FACT_NAMES = "SELECT DISTINCT name FROM facts
                  WHERE subject IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1
                                   UNION ALL SELECT id FROM subjects WHERE customer = ?1 UNION ALL SELECT id FROM cases WHERE customer = ?1
                                   UNION ALL SELECT s.id FROM cases c JOIN case_subjects a ON a.case_id = c.id JOIN subjects s ON s.id = a.subject
                                     WHERE c.customer = ?1 AND s.customer IS NULL
                                   UNION ALL SELECT f.case_id FROM former_customers f
                                     WHERE f.customer IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1)) ORDER BY name LIMIT ?2";
    ERASE_FACT = "DELETE FROM facts
                  WHERE subject IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1
                                   UNION ALL SELECT id FROM subjects WHERE customer = ?1 UNION ALL SELECT id FROM cases WHERE customer = ?1
                                   UNION ALL SELECT s.id FROM cases c JOIN case_subjects a ON a.case_id = c.id JOIN subjects s ON s.id = a.subject
                                     WHERE c.customer = ?1 AND s.customer IS NULL
                                   UNION ALL SELECT f.case_id FROM former_customers f
                                     WHERE f.customer IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1)) AND name = ?2";
    BEGIN = "INSERT INTO erasures (customer, begun_at, actor, charter, before, cases) VALUES (?1, ?2, ?3, ?4, ?5, 0)
             ON CONFLICT (customer) DO UPDATE SET begun_at = ?2, actor = ?3, charter = ?4, before = ?5, cases = 0, ended_at = NULL";
    GO_ON = "UPDATE erasures SET before = ?2, cases = cases + ?3, ended_at = ?4 WHERE customer = ?1";
    ERASURE = "SELECT customer, begun_at, actor, charter, before, cases, ended_at FROM erasures WHERE customer = ?1";
    UNDER_WAY = "SELECT customer, begun_at, actor, charter, before, cases, ended_at FROM erasures WHERE ended_at IS NULL ORDER BY begun_at LIMIT 1";
    BY_OLDER = "SELECT customer, begun_at, actor, charter, before, cases, ended_at FROM erasures WHERE charter < ?1 ORDER BY charter LIMIT 1";
    BY_LATER = "SELECT customer, begun_at, actor, charter, before, cases, ended_at FROM erasures WHERE charter > ?1 ORDER BY charter LIMIT 1";
    TEXTS_OF_CASE = "SELECT t.id FROM (SELECT personal AS id FROM decisions WHERE case_id = ?1 AND personal IS NOT NULL
                       UNION SELECT personal FROM case_options WHERE case_id = ?1 AND personal IS NOT NULL
                       UNION SELECT why FROM grants WHERE case_id = ?1 AND why IS NOT NULL
                       UNION SELECT s.note FROM grant_steps s JOIN grants g ON g.id = s.grant_id WHERE g.case_id = ?1 AND s.note IS NOT NULL
                       UNION SELECT n.text FROM debrief_notes n JOIN debrief_points p ON p.id = n.point WHERE p.case_id = ?1) t
                     WHERE t.id > ?2 ORDER BY t.id LIMIT ?3";
}

/// Names of facts that are read at once. A customer of more has them erased in the next round.
const NAMES_MAX: i64 = 1_000;

/// Empties who a customer is, and who they were before they were merged.
pub(super) async fn erase(tx: &mut Tx, id: SubjectId, at: Instant) -> Result<(), DbError> {
    tx.execute(&MARK, params![&id, at]).await?;
    tx.execute(&ERASE, params![&id, at]).await?;
    tx.execute(&ERASE_WORDS, params![&id]).await.map(drop)
}

/// The names of all facts of a customer, of what is theirs, of their cases and what is nobody's in them, and of the cases that were theirs once.
pub(super) async fn fact_names(tx: &mut Tx, id: SubjectId) -> Result<Vec<String>, DbError> {
    let names: Vec<(String,)> = tx.all(&FACT_NAMES, params![&id, NAMES_MAX]).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Takes away a fact of a customer, of what is theirs, of their cases and what is nobody's in them, and of the cases that were theirs once.
pub(super) async fn erase_fact(tx: &mut Tx, id: SubjectId, name: &str) -> Result<(), DbError> {
    tx.execute(&ERASE_FACT, params![&id, name]).await.map(drop)
}

/// A page of the texts that decisions, grants and points of debriefs of a case refer to: those after `after`.
pub(super) async fn texts_of_case(tx: &mut Tx, case: CaseId, after: TextId, most: i64) -> Result<Vec<TextId>, DbError> {
    let texts: Vec<(TextId,)> = tx.all(&TEXTS_OF_CASE, params![&case, &after, most]).await?;
    Ok(texts.into_iter().map(|(text,)| text).collect())
}

/// An erasure of a customer's personal data, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Whose.
    pub customer: SubjectId,
    /// When it began.
    pub begun_at: Instant,
    /// Who wanted it.
    pub by: Actor,
    /// The version of the charter by whose word facts are personal; 0 if there was none.
    pub charter: i64,
    /// The cases from this number on are done.
    pub before: i64,
    /// How many cases are done.
    pub cases: i64,
    /// When it ended; nothing while it is under way.
    pub ended_at: Option<Instant>,
}

impl FromRow for Erasure {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            customer: row.take()?,
            begun_at: row.take()?,
            by: row.take()?,
            charter: row.take()?,
            before: row.take()?,
            cases: row.take()?,
            ended_at: row.take()?,
        })
    }
}

/// The latest erasure of a customer's personal data: under way or ended.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn erasure(tx: &mut Tx, customer: SubjectId) -> Result<Option<Erasure>, DbError> {
    tx.optional(&ERASURE, params![&customer]).await
}

/// An erasure begins, or begins anew.
pub(super) async fn begin(tx: &mut Tx, customer: SubjectId, charter: i64, by: &Actor, at: Instant) -> Result<(), DbError> {
    tx.execute(&BEGIN, params![&customer, at, by, charter, i64::MAX]).await.map(drop)
}

/// An erasure got on: so many more cases, those from `before` on.
pub(super) async fn go_on(tx: &mut Tx, customer: SubjectId, before: i64, more: i64, ended_at: Option<Instant>) -> Result<(), DbError> {
    tx.execute(&GO_ON, params![&customer, before, more, &ended_at]).await.map(drop)
}

/// An erasure that is under way.
pub(super) async fn under_way(tx: &mut Tx) -> Result<Option<Erasure>, DbError> {
    tx.optional(&UNDER_WAY, &[]).await
}

/// One that went by another charter's word.
pub(super) async fn by_another(tx: &mut Tx, charter: i64) -> Result<Option<Erasure>, DbError> {
    match tx.optional(&BY_OLDER, params![charter]).await? {
        Some(older) => Ok(Some(older)),
        None => tx.optional(&BY_LATER, params![charter]).await,
    }
}

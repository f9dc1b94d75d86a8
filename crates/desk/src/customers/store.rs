use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::texts::TextId;
use platform::{params, statements};

use crate::cases::CaseId;
use crate::subjects::SubjectId;

statements! {
    ERASE = "UPDATE customers SET name = NULL, name_key = NULL, email = NULL, email_key = NULL, phone = NULL, locale = NULL, contact = NULL,
               changed_at = ?2, erased_at = ?2
             WHERE id IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1)";
    MARK = "INSERT INTO customers (id, changed_at, erased_at) VALUES (?1, ?2, ?2) ON CONFLICT (id) DO NOTHING";
    FACT_NAMES = "SELECT DISTINCT name FROM facts
                  WHERE subject IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1
                                   UNION ALL SELECT id FROM subjects WHERE customer = ?1 UNION ALL SELECT id FROM cases WHERE customer = ?1) ORDER BY name LIMIT ?2";
    ERASE_FACT = "DELETE FROM facts
                  WHERE subject IN (SELECT id FROM subjects WHERE id = ?1 UNION ALL SELECT id FROM subjects WHERE merged_into = ?1
                                   UNION ALL SELECT id FROM subjects WHERE customer = ?1 UNION ALL SELECT id FROM cases WHERE customer = ?1) AND name = ?2";
    TEXTS_OF_CASE = "SELECT t.id FROM (SELECT personal AS id FROM decisions WHERE case_id = ?1 AND personal IS NOT NULL
                       UNION SELECT why FROM grants WHERE case_id = ?1 AND why IS NOT NULL
                       UNION SELECT s.note FROM grant_steps s JOIN grants g ON g.id = s.grant_id WHERE g.case_id = ?1 AND s.note IS NOT NULL) t
                     WHERE t.id > ?2 ORDER BY t.id LIMIT ?3";
}

/// Names of facts that are read at once. A customer of more has them erased in the next round.
const NAMES_MAX: i64 = 1_000;

/// Empties who a customer is, and who they were before they were merged.
pub(super) async fn erase(tx: &mut Tx, id: SubjectId, at: Instant) -> Result<(), DbError> {
    tx.execute(&MARK, params![&id, at]).await?;
    tx.execute(&ERASE, params![&id, at]).await.map(drop)
}

/// The names of all facts of a customer, of what is theirs, and of their cases.
pub(super) async fn fact_names(tx: &mut Tx, id: SubjectId) -> Result<Vec<String>, DbError> {
    let names: Vec<(String,)> = tx.all(&FACT_NAMES, params![&id, NAMES_MAX]).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Takes away a fact of a customer, of all that is theirs, and of their cases.
pub(super) async fn erase_fact(tx: &mut Tx, id: SubjectId, name: &str) -> Result<(), DbError> {
    tx.execute(&ERASE_FACT, params![&id, name]).await.map(drop)
}

/// A page of the texts that decisions and grants of a case refer to: those after `after`.
pub(super) async fn texts_of_case(tx: &mut Tx, case: CaseId, after: TextId, most: i64) -> Result<Vec<TextId>, DbError> {
    let texts: Vec<(TextId,)> = tx.all(&TEXTS_OF_CASE, params![&case, &after, most]).await?;
    Ok(texts.into_iter().map(|(text,)| text).collect())
}

use platform::db::{DbError, FromRow, Row, Tx};
use platform::id::Id;
use platform::{params, statements};

use crate::subjects::{Called, SubjectId};

// One end of the range is where the list goes on, the other where the names no longer begin so: with two conditions for one end PostgreSQL may take the wider.
macro_rules! by_name {
    ($than:literal, $ends:literal, $order:literal) => {
        concat!(
            "SELECT s.id, s.kind, s.ref, k.name, k.email, s.id, c.name, c.id FROM customers c JOIN subjects o ON o.id = c.id
             JOIN subjects s ON s.id = COALESCE(o.merged_into, o.id) LEFT JOIN customers k ON k.id = s.id
             WHERE (c.name_key, c.id) ",
            $than,
            " (?1, ?2) AND c.name_key ",
            $ends,
            " ?3 ORDER BY ",
            $order,
            " LIMIT ?4"
        )
    };
}

statements! {
    BY_NAME = by_name!(">", "<", "c.name_key, c.id");
    BY_NAME_BEFORE = by_name!("<", ">=", "c.name_key DESC, c.id DESC");
    BY_EMAIL = "SELECT s.id, s.kind, s.ref, k.name, k.email, s.id FROM customers c JOIN subjects o ON o.id = c.id
                JOIN subjects s ON s.id = COALESCE(o.merged_into, o.id) LEFT JOIN customers k ON k.id = s.id
                WHERE c.email_key = ?1 ORDER BY c.id LIMIT ?2";
    BY_REFERENCE = "SELECT s.id, s.kind, s.ref, k.name, k.email, COALESCE(s.customer, CASE WHEN s.kind = 'customer' THEN s.id END)
                    FROM subjects o JOIN subjects s ON s.id = COALESCE(o.merged_into, o.id) LEFT JOIN customers k ON k.id = COALESCE(s.customer, s.id)
                    WHERE o.kind = ?1 AND o.ref >= ?2 AND o.ref < ?3 ORDER BY o.ref LIMIT ?4";
    CASES_ABOUT = "SELECT c.number FROM case_subjects a JOIN cases c ON c.id = a.case_id WHERE a.subject = ?1 ORDER BY a.case_id DESC LIMIT ?2";
}

/// Which way a page of a list lies from where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way<K> {
    /// Behind it.
    Behind(K),
    /// Before it.
    Before(K),
}

/// Somebody found by a name, with that name and its id: they may be called otherwise by now.
#[derive(Clone, Debug)]
pub(crate) struct ByName {
    pub(crate) who: Called,
    pub(crate) key: (String, SubjectId),
}

impl FromRow for ByName {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let who = Called::from_row(row)?;
        let name: Option<String> = row.take()?;
        Ok(Self { who, key: (name.unwrap_or_default(), row.take()?) })
    }
}

/// No text goes on with the last of all characters.
fn until(begins: &str) -> String {
    format!("{begins}\u{10ffff}")
}

/// A page of customers whose name begins so, by name: those behind, or before, a name and its id.
pub(crate) async fn by_name(tx: &mut Tx, begins: &str, way: &Way<(String, SubjectId)>, most: i64) -> Result<Vec<ByName>, DbError> {
    let (from, nobody) = (begins.to_lowercase(), SubjectId(Id::from_bytes([0; 16])));
    let until = until(&from);
    match way {
        Way::Behind((name, id)) => {
            let (name, id) = (name.to_lowercase(), *id).max((from, nobody));
            tx.all(&BY_NAME, params![name.as_str(), &id, until.as_str(), most]).await
        }
        Way::Before((name, id)) => {
            let (name, id) = (name.to_lowercase(), *id).min((until, nobody));
            let mut found: Vec<ByName> = tx.all(&BY_NAME_BEFORE, params![name.as_str(), &id, from.as_str(), most]).await?;
            found.reverse();
            Ok(found)
        }
    }
}

/// Customers with an e-mail address.
pub(super) async fn by_email(tx: &mut Tx, email: &str, most: i64) -> Result<Vec<Called>, DbError> {
    tx.all(&BY_EMAIL, params![email.to_lowercase().as_str(), most]).await
}

/// What of a kind has a reference that begins so.
pub(super) async fn by_reference(tx: &mut Tx, kind: &str, begins: &str, most: i64) -> Result<Vec<Called>, DbError> {
    tx.all(&BY_REFERENCE, params![kind, begins, until(begins).as_str(), most]).await
}

/// The numbers of the latest cases about an order or the like.
pub(super) async fn cases_about(tx: &mut Tx, subject: SubjectId, most: i64) -> Result<Vec<i64>, DbError> {
    let numbers: Vec<(i64,)> = tx.all(&CASES_ABOUT, params![&subject, most]).await?;
    Ok(numbers.into_iter().map(|(number,)| number).collect())
}

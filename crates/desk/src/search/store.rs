use platform::db::{DbError, FromRow, Row, Tx, Value};
use platform::id::Id;
use platform::{params, statements};

use crate::subjects::{self, Called, SubjectId};

// Counted and not asked for by `EXISTS`: that PostgreSQL makes a join of, which it then sorts.
macro_rules! has_word {
    ($from:literal, $until:literal) => {
        concat!(" AND (SELECT COUNT(*) FROM customer_words x WHERE x.customer = w.customer AND x.word >= ", $from, " AND x.word < ", $until, ") > 0")
    };
}

// Each customer once, by the first of the words that begin so. One end of the range is where the list goes on, the other where words no longer begin so: with two
// conditions for one end PostgreSQL may take the wider.
macro_rules! by_name {
    ($than:literal, $ends:literal, $order:literal) => {
        concat!(
            "SELECT s.id, s.kind, s.ref, k.name, k.email, s.id, w.word, w.customer FROM customer_words w JOIN subjects o ON o.id = w.customer
             JOIN subjects s ON s.id = COALESCE(o.merged_into, o.id) LEFT JOIN customers k ON k.id = s.id
             WHERE (w.word, w.customer) ",
            $than,
            " (?3, ?4) AND w.word ",
            $ends,
            " ?2 AND (SELECT COUNT(*) FROM customer_words x WHERE x.customer = w.customer AND x.word >= ?1 AND x.word < w.word) = 0",
            has_word!("?6", "?7"),
            has_word!("?8", "?9"),
            has_word!("?10", "?11"),
            " ORDER BY ",
            $order,
            " LIMIT ?5"
        )
    };
}

statements! {
    BY_NAME = by_name!(">", "<", "w.word, w.customer");
    BY_NAME_BEFORE = by_name!("<", ">=", "w.word DESC, w.customer DESC");
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

/// Somebody found by a name, with the word of it and the id they were found by: they may be called otherwise by now.
#[derive(Clone, Debug)]
pub(crate) struct ByName {
    pub(crate) who: Called,
    pub(crate) key: (String, SubjectId),
}

impl FromRow for ByName {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let who = Called::from_row(row)?;
        Ok(Self { who, key: (row.take()?, row.take()?) })
    }
}

/// No text goes on with the last of all characters.
fn until(begins: &str) -> String {
    format!("{begins}\u{10ffff}")
}

/// A page of customers in whose name a word begins with each of those typed, by the longest of these: those behind, or before, a word and an id. More than four
/// words are more than enough: of these the longest count.
pub(crate) async fn by_name(tx: &mut Tx, typed: &str, way: &Way<(String, SubjectId)>, most: i64) -> Result<Vec<ByName>, DbError> {
    let words = longest_first(typed);
    let Some(longest) = words.first() else { return Ok(Vec::new()) };
    let nobody = SubjectId(Id::from_bytes([0; 16]));
    let ((word, id), ends) = match way {
        Way::Behind(after) => (after.clone().max((longest.clone(), nobody)), until(longest)),
        Way::Before(before) => (before.clone().min((until(longest), nobody)), longest.clone()),
    };
    let mut values = params![longest.as_str(), ends.as_str(), word.as_str(), &id, most].to_vec();
    for word in words.iter().skip(1).chain(std::iter::repeat(longest)).take(3) {
        values.extend([Value::from(word.as_str()), Value::from(until(word).as_str())]);
    }
    if matches!(way, Way::Behind(_)) {
        return tx.all(&BY_NAME, &values).await;
    }
    let mut found: Vec<ByName> = tx.all(&BY_NAME_BEFORE, &values).await?;
    found.reverse();
    Ok(found)
}

/// Where a page goes on behind a customer who is found by these words.
pub(crate) fn behind(typed: &str, name: &str, id: SubjectId) -> Way<(String, SubjectId)> {
    let longest = longest_first(typed).into_iter().next().unwrap_or_default();
    let word = subjects::words_of(name).into_iter().filter(|word| word.starts_with(&longest)).min();
    Way::Behind((word.unwrap_or_default(), id))
}

fn longest_first(typed: &str) -> Vec<String> {
    let mut words = subjects::words_of(typed);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words
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

use std::collections::HashMap;

use charter::time::Instant;
use platform::db::{Column, DbError, FromRow, Row, Tx, Value, fifties};
use platform::id::Id;
use platform::{params, statements};

use super::model::{Called, Customer, FactRow, SubjectId, SubjectRow};

statements! {
    FIND = "SELECT id, kind, ref, customer, merged_into FROM subjects WHERE kind = ?1 AND ref = ?2";
    READ = "SELECT id, kind, ref, customer, merged_into FROM subjects WHERE id = ?1";
    OF_CUSTOMER = "SELECT id, kind, ref, customer, merged_into FROM subjects WHERE customer = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    KEEP = "INSERT INTO subjects (id, kind, ref, customer, made_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (kind, ref) DO UPDATE SET customer = COALESCE(excluded.customer, subjects.customer) RETURNING COALESCE(merged_into, id)";
    CUSTOMER = "SELECT name, email, phone, locale, contact FROM customers WHERE id = ?1";
    KEEP_CUSTOMER = "INSERT INTO customers (id, name, name_key, email, email_key, phone, locale, contact, changed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                     ON CONFLICT (id) DO UPDATE SET name = ?2, name_key = ?3, email = ?4, email_key = ?5, phone = ?6, locale = ?7, contact = ?8, changed_at = ?9";
    IS_ERASED = "SELECT COUNT(*) FROM customers WHERE id = ?1 AND erased_at IS NOT NULL";
    LIST = "SELECT id, kind, ref, customer, merged_into FROM subjects WHERE kind = ?1 AND ref > ?2 AND merged_into IS NULL ORDER BY ref LIMIT ?3";
    LIST_BEFORE = "SELECT id, kind, ref, customer, merged_into FROM subjects WHERE kind = ?1 AND ref < ?2 AND merged_into IS NULL ORDER BY ref DESC LIMIT ?3";
    CALLED = concat!("SELECT s.id, s.kind, s.ref, k.name, k.email, COALESCE(s.customer, CASE WHEN s.kind = 'customer' THEN s.id END) FROM subjects s \
             LEFT JOIN customers k ON k.id = COALESCE(s.customer, s.id) WHERE s.id IN (", platform::fifty!(), ")");
    BY_NAME = "SELECT id, name, email FROM customers WHERE (name_key, id) > (?1, ?2) AND name_key < ?3 ORDER BY name_key, id LIMIT ?4";
    BY_EMAIL = "SELECT id, name, email FROM customers WHERE email_key = ?1 ORDER BY id LIMIT ?2";
    FACTS = "SELECT name, value, standing, level, actor, at FROM facts WHERE subject = ?1 ORDER BY name LIMIT ?2";
    FACTS_OF_ALL = concat!("SELECT subject, name, value, standing, level, actor, at FROM facts WHERE subject IN (", platform::fifty!(),
                   ") ORDER BY subject, name LIMIT ?51");
    FACT = "SELECT name, value, standing, level, actor, at FROM facts WHERE subject = ?1 AND name = ?2";
    KEEP_FACT = "INSERT INTO facts (subject, name, value, standing, level, actor, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (subject, name) DO UPDATE SET value = ?3, standing = ?4, level = ?5, actor = ?6, at = ?7";
    MOVE_FACTS = "UPDATE facts SET subject = ?2 WHERE subject = ?1 AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.subject = ?2 AND f.name = facts.name)";
    MERGE = "UPDATE subjects SET merged_into = ?2 WHERE id = ?1 AND merged_into IS NULL AND ?1 <> ?2";
    TAKE_ALONG = "UPDATE subjects SET customer = ?2 WHERE customer = ?1";
    TAKE_MERGED = "UPDATE subjects SET merged_into = ?2 WHERE merged_into = ?1";
}

/// The most facts of one subject that are read.
const FACTS_MAX: i64 = 1_000;

/// The subject of a kind with a name.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn find(tx: &mut Tx, kind: &str, reference: &str) -> Result<Option<SubjectRow>, DbError> {
    tx.optional(&FIND, params![kind, reference]).await
}

/// A subject.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn read(tx: &mut Tx, id: SubjectId) -> Result<Option<SubjectRow>, DbError> {
    tx.optional(&READ, params![&id]).await
}

/// A page of what is a customer's, latest first: those before `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn of_customer(tx: &mut Tx, customer: SubjectId, before: SubjectId, most: i64) -> Result<Vec<SubjectRow>, DbError> {
    tx.all(&OF_CUSTOMER, params![&customer, &before, most]).await
}

/// A page of the subjects of a kind, by name: those after the name `after`. Those that became another one are left out.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx, kind: &str, after: &str, most: i64) -> Result<Vec<SubjectRow>, DbError> {
    tx.all(&LIST, params![kind, after, most]).await
}

/// The same: those before the name `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list_before(tx: &mut Tx, kind: &str, before: &str, most: i64) -> Result<Vec<SubjectRow>, DbError> {
    let mut rows: Vec<SubjectRow> = tx.all(&LIST_BEFORE, params![kind, before, most]).await?;
    rows.reverse();
    Ok(rows)
}

/// What subjects are called, and whose they are.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn called(tx: &mut Tx, ids: &[SubjectId]) -> Result<HashMap<SubjectId, Called>, DbError> {
    let mut found = HashMap::with_capacity(ids.len());
    for values in fifties(&ids.iter().map(Value::from).collect::<Vec<_>>()) {
        let rows: Vec<Called> = tx.all(&CALLED, &values).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Keeps a subject, or finds the one that has this kind and name; the one it became, if it was merged.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep_subject(tx: &mut Tx, kind: &str, reference: &str, customer: Option<SubjectId>, at: Instant) -> Result<SubjectId, DbError> {
    let (id,) = tx.one(&KEEP, params![&SubjectId::new(at), kind, reference, &customer, at]).await?;
    Ok(id)
}

/// Who a customer is.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn customer(tx: &mut Tx, id: SubjectId) -> Result<Option<Customer>, DbError> {
    tx.optional(&CUSTOMER, params![&id]).await
}

/// Whether a customer's personal data were erased.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn is_erased(tx: &mut Tx, id: SubjectId) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&IS_ERASED, params![&id]).await?.0 > 0)
}

/// Keeps who a customer is, as of now.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep_customer(tx: &mut Tx, id: SubjectId, c: &Customer, at: Instant) -> Result<(), DbError> {
    let key = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
    let values = params![&id, &c.name, &key(&c.name), &c.email, &key(&c.email), &c.phone, &c.locale, &c.contact, at];
    tx.execute(&KEEP_CUSTOMER, values).await.map(drop)
}

/// A customer found: which, name and e-mail address.
pub type Found = (SubjectId, Option<String>, Option<String>);

/// A page of customers whose name begins so, by name: those after the name and id of `after`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn customers_by_name(tx: &mut Tx, begins: &str, after: Option<(&str, SubjectId)>, most: i64) -> Result<Vec<Found>, DbError> {
    let from = begins.to_lowercase();
    // No name goes on with the last of all characters.
    let until = format!("{from}\u{10ffff}");
    // One beginning alone: of two PostgreSQL may take the wider.
    let first = (from, SubjectId(Id::from_bytes([0; 16])));
    let (name, id) = after.map_or_else(|| first.clone(), |(name, id)| (name.to_lowercase(), id).max(first.clone()));
    tx.all(&BY_NAME, params![name.as_str(), &id, until.as_str(), most]).await
}

/// Customers with an e-mail address.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn customers_by_email(tx: &mut Tx, email: &str, most: i64) -> Result<Vec<Found>, DbError> {
    tx.all(&BY_EMAIL, params![email.to_lowercase().as_str(), most]).await
}

/// What is known of a subject (by its id: a customer, an order, a case, one of the staff).
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn facts_of(tx: &mut Tx, subject: &(impl Column + Sync)) -> Result<Vec<FactRow>, DbError> {
    tx.all(&FACTS, params![subject, FACTS_MAX]).await
}

/// What is known of several subjects at once: which of them, and the fact.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn facts_of_all(tx: &mut Tx, subjects: &[Id]) -> Result<Vec<(Id, FactRow)>, DbError> {
    let mut found = Vec::new();
    for mut values in fifties(&subjects.iter().map(Value::from).collect::<Vec<_>>()) {
        values.push(Value::from(FACTS_MAX * 50));
        let rows: Vec<Known> = tx.all(&FACTS_OF_ALL, &values).await?;
        found.extend(rows.into_iter().map(|Known(subject, row)| (subject, row)));
    }
    Ok(found)
}

/// A fact with what it is of.
struct Known(Id, FactRow);

impl FromRow for Known {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self(row.take()?, FactRow::from_row(row)?))
    }
}

/// The latest word on one fact.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn fact(tx: &mut Tx, subject: &(impl Column + Sync), name: &str) -> Result<Option<FactRow>, DbError> {
    tx.optional(&FACT, params![subject, name]).await
}

/// Keeps the latest word on a fact.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep_fact(tx: &mut Tx, subject: &(impl Column + Sync), fact: &FactRow) -> Result<(), DbError> {
    let values = params![subject, &fact.name, &fact.value, &fact.standing, &fact.level, &fact.actor, fact.at];
    tx.execute(&KEEP_FACT, values).await.map(drop)
}

/// Two customers are one: what was the first's is the second's, with the facts that only the first has. Says whether it was not so already.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn merge(tx: &mut Tx, from: SubjectId, into: SubjectId) -> Result<bool, DbError> {
    let merged = tx.execute(&MERGE, params![&from, &into]).await? == 1;
    if merged {
        tx.execute(&TAKE_MERGED, params![&from, &into]).await?;
        tx.execute(&TAKE_ALONG, params![&from, &into]).await?;
        tx.execute(&MOVE_FACTS, params![&from, &into]).await?;
    }
    Ok(merged)
}

use platform::db::{DbError, Tx};
use platform::limits::NAME_CHARS;

use super::store::{self, Way};
use crate::charters::{self, Charters};
use crate::subjects::{Called, SubjectId};

/// What somebody typed to find something: without what no name has, and not longer than one.
pub(crate) fn words(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_control()).collect::<String>().trim().chars().take(NAME_CHARS).collect()
}

/// What was found by some words, at most so many of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Customers, those found by what is theirs alone first.
    pub(crate) customers: Vec<Called>,
    /// Orders and the like.
    pub(crate) others: Vec<Called>,
}

/// Finds customers by the words of their name, as they begin and in any order, by the beginning of a reference, or by their e-mail address; orders and the like by
/// the beginning of their number.
pub(crate) async fn find(tx: &mut Tx, known: &Charters, words: &str, most: i64) -> Result<Found, DbError> {
    if words.is_empty() {
        return Ok(Found::default());
    }
    let mut found = Found::default();
    if words.contains('@') {
        found.customers = store::by_email(tx, words, most).await?;
    }
    let in_force = charters::in_force(tx, known).await?;
    let declared = in_force.iter().flat_map(|c| &c.charter.subjects).map(ToString::to_string);
    let mut kinds: Vec<String> = ["customer", "order"].map(str::to_owned).into_iter().chain(declared).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds.iter().filter(|kind| !["case", "staff", "request"].contains(&kind.as_str())) {
        let rows = store::by_reference(tx, kind, words, most).await?;
        if kind == "customer" { found.customers.extend(rows) } else { found.others.extend(rows) }
    }
    if !words.contains('@') {
        let first = Way::Behind((String::new(), SubjectId(platform::id::Id::from_bytes([0; 16]))));
        found.customers.extend(store::by_name(tx, words, &first, most).await?.into_iter().map(|found| found.who));
    }
    found.customers = once(found.customers, most);
    found.others = once(found.others, most);
    Ok(found)
}

fn once(rows: Vec<Called>, most: i64) -> Vec<Called> {
    let mut kept: Vec<Called> = Vec::with_capacity(rows.len());
    for row in rows {
        if kept.iter().all(|k| k.id != row.id) {
            kept.push(row);
        }
    }
    kept.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    kept
}

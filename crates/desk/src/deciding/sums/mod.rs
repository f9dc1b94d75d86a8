//! What caps that count broadly (all grants, or all of one fact) have to add up, without reading every grant: sums over hours, days and spans of 32 days, and
//! single rows only at the edges of windows.
//!
//! Whoever gives adds to the sums, and whoever takes a grant out takes it out of them, in the same transaction. What was given before a set of facts was first
//! asked for is added by a job, hour by hour; what it has not reached is read row by row. So an answer never waits for the job, and never depends on how far
//! it is.

mod add;
mod change;
mod check;
mod cover;
mod keep;
mod read;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use change::{Adding, taken_out};
pub use check::Checked;
use keep::SETS_MAX;
pub use keep::keep;
pub(super) use read::of;
pub use store::STATEMENTS;

use std::collections::{BTreeMap, BTreeSet};

use charter::memory::Memory;
use charter::time::Instant;
use sha2::{Digest, Sha256};

/// One hour, in microseconds: the smallest span of a sum.
const HOUR: i64 = 3_600_000_000;
/// The spans that are summed, in microseconds, each a multiple of the one before it.
const SPANS: [i64; 3] = [HOUR, 24 * HOUR, 32 * 24 * HOUR];

/// What is alike in grants that are added up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) remedy: String,
    pub(super) reason: Option<String>,
    /// Whether it is known what they weigh in caps on an amount.
    pub(super) weighed: bool,
}

/// Grants added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) number: i64,
    pub(super) units: Option<i64>,
    pub(super) worth: i64,
    /// When the first of them was given.
    pub(super) first: Option<Instant>,
    /// From which step of the ledger on there is anything to add up, and from which on it is this.
    pub(super) steps: (i64, i64),
}

/// Facts that a cap counts by, in the order of their names; none for all grants together.
pub(super) type Set<'a> = Vec<&'a str>;

/// Whether a memory is of many grants: of no subject's.
pub(super) fn is_broad(memory: &Memory<'_>) -> bool {
    memory.keys.iter().all(|name| name.contains('.'))
}

/// All sets that grants must be told apart by to know what each of these memories counts: theirs, and what several of them have in common. Nothing if these
/// are too many.
pub(super) fn sets<'a>(memories: &[&Memory<'a>]) -> Option<Vec<Set<'a>>> {
    let mut sets: BTreeSet<BTreeSet<&'a str>> = BTreeSet::new();
    for memory in memories {
        let one: BTreeSet<&str> = memory.keys.iter().copied().collect();
        let with: Vec<BTreeSet<&str>> = sets.iter().map(|other| other | &one).collect();
        sets.extend(with);
        sets.insert(one);
        if sets.len() > SETS_MAX {
            return None;
        }
    }
    Some(sets.into_iter().map(|set| set.into_iter().collect()).collect())
}

/// A set as it is kept.
fn names(set: &[&str]) -> String {
    set.join(" ")
}

/// Longer values are kept as their digest: PostgreSQL has no room for them in an index.
const KEY_BYTES: usize = 500;

/// The values of a set, as they are kept; nothing if one of them is not there.
fn key(set: &[&str], of: &BTreeMap<String, String>) -> Option<String> {
    let values: Option<Vec<&str>> = set.iter().map(|name| of.get(*name).map(String::as_str)).collect();
    let values = serde_json::to_string(&values?).ok()?;
    Some(if values.len() > KEY_BYTES { platform::hex(&Sha256::digest(values)) } else { values })
}

//! What a grant changes in the sums, in the transaction that gives it or takes it out.

use std::collections::BTreeMap;

use charter::memory::Line;
use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::id::Id;

use super::add::add;
use super::store::{self, Hour, SumSet, hour};
use super::{Part, Sum};

/// What changes, in one order for all who change something, so that no two wait for each other.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<(Hour, Part), Sum>);

impl Changes {
    pub(super) fn of(names: &str, hours: super::keep::Hours) -> Self {
        let each = hours.into_iter().flat_map(|((key, hour), parts)| {
            let hour = Hour { names: names.to_owned(), key, hour };
            parts.into_iter().map(move |(part, sum)| ((hour.clone(), part), sum))
        });
        Self(each.collect())
    }

    pub(super) async fn keep(&self, tx: &mut Tx) -> Result<(), DbError> {
        for ((hour, part), sum) in &self.0 {
            store::add(tx, hour, part, sum).await?;
        }
        Ok(())
    }
}

/// What one who gives adds to.
pub(crate) struct Adding(Vec<SumSet>);

impl Adding {
    /// Before a grant takes its first step: until the end of the transaction no set is begun, which would take it for one that was there before.
    pub(crate) async fn begin(tx: &mut Tx) -> Result<Self, DbError> {
        store::sets_to_change(tx).await.map(Self)
    }

    /// Adds what is given together: of each its step in the ledger. After this a transaction waits for nothing that others hold who add to sums.
    pub(crate) async fn given(self, tx: &mut Tx, lines: &[(&Line, i64)], at: Instant) -> Result<(), DbError> {
        let mut changes = Changes::default();
        for set in self.0 {
            for (line, step) in lines {
                let part = Part { remedy: line.remedy.clone(), reason: line.reason.clone(), weighed: line.worth.is_some() };
                let sum = Sum { number: 1, units: line.units, worth: line.worth.unwrap_or(0), first: Some(at), steps: (*step, *step) };
                if let Some(key) = super::key(&set.facts(), &line.keys) {
                    add(&mut changes.0, (Hour { names: set.names.clone(), key, hour: hour(at) }, part), &sum)?;
                }
            }
        }
        changes.keep(tx).await
    }
}

/// Takes a grant out, at a step of the ledger.
pub(crate) async fn taken_out(tx: &mut Tx, grant: Id, step: i64) -> Result<(), DbError> {
    let sets = store::sets_to_change(tx).await?;
    let Some(row) = store::counted(tx, grant).await? else { return Ok(()) };
    // What the job has still to add is not added once it counts no more.
    for set in sets.iter().filter(|set| set.has(&row)) {
        store::take(tx, set, &row, step).await?;
    }
    Ok(())
}

//! Adding up, and taking away again.

use std::collections::BTreeMap;

use platform::db::DbError;

use super::store::Counted;
use super::{Part, Sum};

/// Sums by what is alike.
pub(super) type Parts = BTreeMap<Part, Sum>;

impl Sum {
    /// Both together.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), DbError> {
        let (number, worth) = (self.number.checked_add(other.number), self.worth.checked_add(other.worth));
        let units = match (self.units, other.units) {
            (Some(a), Some(b)) => a.checked_add(b).map(Some),
            (a, b) => Some(a.or(b)),
        };
        let (Some(number), Some(units), Some(worth)) = (number, units, worth) else {
            return Err(DbError::Defect("more was given than can be added up".to_owned()));
        };
        let first = [self.first, other.first].into_iter().flatten().min();
        let steps = (self.steps.0.min(other.steps.0), self.steps.1.max(other.steps.1));
        *self = Self { number, units, worth, first, steps };
        Ok(())
    }

    /// What is left without these. When the first was given stays: whoever counts what is left counts these beside it.
    pub(super) fn without(&mut self, other: &Self) {
        self.number -= other.number;
        self.units = self.units.map(|units| units - other.units.unwrap_or(0));
        self.worth -= other.worth;
    }
}

impl Counted {
    /// Its facts, by name.
    pub(super) fn facts(&self) -> BTreeMap<String, String> {
        self.facts.as_deref().and_then(|facts| serde_json::from_str(facts).ok()).unwrap_or_default()
    }

    /// What it adds: nothing once it counts no more.
    pub(super) fn sum(&self) -> Sum {
        let steps = (self.since, self.until.unwrap_or(self.since));
        match self.until {
            Some(_) => Sum { number: 0, units: None, worth: 0, first: None, steps },
            None => self.counting(),
        }
    }

    /// What it adds as long as it counts.
    pub(super) fn counting(&self) -> Sum {
        Sum { number: 1, units: self.units, worth: self.worth.unwrap_or(0), first: Some(self.at), steps: (self.since, self.since) }
    }
}

/// Adds to the part it belongs to.
pub(super) fn add<P: Ord>(parts: &mut BTreeMap<P, Sum>, part: P, sum: &Sum) -> Result<(), DbError> {
    match parts.entry(part) {
        std::collections::btree_map::Entry::Occupied(mut found) => found.get_mut().add(sum),
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(sum.clone());
            Ok(())
        }
    }
}

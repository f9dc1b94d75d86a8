//! What each set has had, between which starts of windows.

use std::collections::BTreeMap;

use charter::memory::Memory;
use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::add::add;
use super::cover::Cover;
use super::store::{self, Counted, Kept, Of, Pages, SumSet};
use super::{Part, Set, Sum};
use crate::deciding::store::Entry;

/// Sums by the last start of a window before them, and by what is alike.
type Segments = BTreeMap<(Instant, Part), Sum>;

/// What these memories count of the ledger as it stood at a step (nothing: as it stands), without what is given `singly`.
pub(in crate::deciding) async fn of(
    tx: &mut Tx,
    memories: &[&Memory<'_>],
    mut sets: Vec<Set<'_>>,
    keys: &BTreeMap<String, String>,
    singly: &[Entry],
    step: Option<i64>,
) -> Result<Vec<(Vec<String>, Entry)>, DbError> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    // Those of more facts first: what they have is taken out of what those of fewer have.
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    let known = store::sets(tx).await?;
    let (mut done, mut entries): (Vec<(Set<'_>, Segments)>, Vec<_>) = (Vec::new(), Vec::new());
    for set in sets {
        let Some(key) = super::key(&set, keys) else { continue };
        // What has these facts counts in all memories of some of them: in each of their windows, or in none.
        let mut cuts: Vec<Instant> = memories.iter().filter(|m| m.keys.iter().all(|name| set.contains(name))).flat_map(|m| m.begins.clone()).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let reader = Reader::new(&set, keys, key, &cuts, &known, step);
        let mut found = reader.read(tx).await?;
        for entry in singly.iter().filter(|e| set.iter().all(|name| e.keys.get(*name) == keys.get(*name))) {
            reader.take(&mut found, entry.at, entry.part(), &entry.sum());
        }
        for (_, more) in done.iter().filter(|(other, _)| set.iter().all(|name| other.contains(name))) {
            for ((begins, part), sum) in more {
                reader.take(&mut found, *begins, part.clone(), sum);
            }
        }
        let has: Vec<String> = set.iter().map(ToString::to_string).collect();
        entries.extend(found.iter().filter(|(_, sum)| sum.number > 0).filter_map(|((_, part), sum)| Some((has.clone(), Entry::of(part, sum)?))));
        if found.values().any(|sum| sum.number < 0 || sum.worth < 0 || sum.units.is_some_and(|units| units < 0)) {
            return Err(DbError::Defect(format!("the sums of grants by `{}` are less than the grants themselves", reader.names)));
        }
        done.push((set, found));
    }
    Ok(entries)
}

struct Reader<'a> {
    names: String,
    key: String,
    set: &'a [&'a str],
    keys: &'a BTreeMap<String, String>,
    cuts: &'a [Instant],
    /// What is not earlier is not summed.
    upto: Instant,
    step: Option<i64>,
}

impl<'a> Reader<'a> {
    fn new(set: &'a [&'a str], keys: &'a BTreeMap<String, String>, key: String, cuts: &'a [Instant], known: &[SumSet], step: Option<i64>) -> Self {
        let names = super::names(set);
        // Nothing is summed that nobody asked for yet.
        let upto = known.iter().find(|known| known.names == names).map_or(0, |known| known.upto);
        Self { names, key, set, keys, cuts, upto, step }
    }

    /// The start of a window that is the last before an instant; nothing before the first.
    fn segment(&self, at: Instant) -> Option<Instant> {
        self.cuts.partition_point(|cut| *cut <= at).checked_sub(1).and_then(|place| self.cuts.get(place)).copied()
    }

    /// Adds what was given at an instant, or in a span that lies between two starts of windows.
    fn add(&self, found: &mut Segments, at: Instant, part: Part, sum: &Sum) -> Result<(), DbError> {
        self.segment(at).map_or(Ok(()), |begins| add(found, (begins, part), sum))
    }

    /// Takes away what is counted elsewhere.
    fn take(&self, found: &mut Segments, at: Instant, part: Part, sum: &Sum) {
        if let Some(found) = self.segment(at).and_then(|begins| found.get_mut(&(begins, part))) {
            found.without(sum);
        }
    }

    async fn read(&self, tx: &mut Tx) -> Result<Segments, DbError> {
        let of = Of { names: &self.names, key: &self.key };
        let (mut found, mut cover) = (Segments::new(), Cover::of(self.cuts, self.upto));
        while let Some(mut kept) = of.some(tx, &mut cover.buckets).await? {
            kept.sort_unstable_by_key(|one| (one.span, one.bucket));
            for sums in kept.chunk_by(|a, b| (a.span, a.bucket) == (b.span, b.bucket)) {
                let Some(Kept { span, bucket, .. }) = sums.first() else { continue };
                if self.has_changed(sums) {
                    cover.closer(*span, *bucket);
                } else if !self.is_later(sums) {
                    sums.iter().try_for_each(|one| self.add(&mut found, bucket * span, one.part.clone(), &one.sum))?;
                }
            }
        }
        for (from, to) in cover.rows {
            self.rows(tx, from, to, &mut found).await?;
        }
        Ok(found)
    }

    /// Whether all of it was given later than the step that is asked for.
    fn is_later(&self, sums: &[Kept]) -> bool {
        self.step.is_some_and(|step| sums.iter().all(|one| one.sum.steps.0 > step))
    }

    /// Whether some of it was, and was something else, at the step that is asked for.
    fn has_changed(&self, sums: &[Kept]) -> bool {
        self.step.is_some_and(|step| !self.is_later(sums) && sums.iter().any(|one| one.sum.steps.1 > step))
    }

    /// Adds what was given between two instants, row by row.
    async fn rows(&self, tx: &mut Tx, from: Instant, to: Instant, found: &mut Segments) -> Result<(), DbError> {
        let mut pages = Pages::new(store::under(self.set, self.keys), from, to, Some(self.step.unwrap_or(i64::MAX)));
        loop {
            let page = pages.next(tx).await?;
            if page.is_empty() {
                return Ok(());
            }
            for row in page.iter().filter(|row| self.is_of(row)) {
                self.add(found, row.at, row.part(), &row.counting())?;
            }
        }
    }

    /// Whether a row that has the first fact of the set has the others too.
    fn is_of(&self, row: &Counted) -> bool {
        self.set.len() < 2 || super::key(self.set, &row.facts()).is_some_and(|key| key == self.key)
    }
}

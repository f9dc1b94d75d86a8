//! What each set has had, between which starts of windows.

use std::collections::BTreeMap;

use charter::memory::Memory;
use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::add::add;
use super::store::{self, Counted, Kept, Of, Pages};
use super::{HOUR, Part, SPANS, Set, Sum};
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
    // Those of more facts first: what they have is taken out of what those of fewer have.
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    let (mut done, mut entries): (Vec<(Set<'_>, Segments)>, Vec<_>) = (Vec::new(), Vec::new());
    for set in sets {
        let Some(key) = super::key(&set, keys) else { continue };
        // What has these facts counts in all memories of some of them: in each of their windows, or in none.
        let mut cuts: Vec<Instant> = memories.iter().filter(|m| m.keys.iter().all(|name| set.contains(name))).flat_map(|m| m.begins.clone()).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let reader = Reader::new(tx, &set, keys, key, &cuts, step).await?;
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
    /// What is earlier is not asked for.
    since: Instant,
    /// What is not earlier is not summed.
    upto: Instant,
    late: Vec<i64>,
    step: Option<i64>,
}

impl<'a> Reader<'a> {
    async fn new(
        tx: &mut Tx,
        set: &'a [&'a str],
        keys: &'a BTreeMap<String, String>,
        key: String,
        cuts: &'a [Instant],
        step: Option<i64>,
    ) -> Result<Self, DbError> {
        let names = super::names(set);
        let upto = store::upto(tx, &names).await?;
        let late = store::late_hours(tx, upto).await?;
        let since = cuts.first().copied().unwrap_or(Instant::MAX);
        Ok(Self { names, key, set, keys, cuts, since, upto, late, step })
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
        let mut found = Segments::new();
        let mut open = vec![(SPANS.len(), self.since, self.upto)];
        while let Some((level, from, to)) = open.pop() {
            // Below the smallest span there are only rows.
            let Some((level, span)) = level.checked_sub(1).and_then(|l| Some((l, *SPANS.get(l)?))) else {
                self.rows(tx, from, to, &mut found).await?;
                continue;
            };
            let of = Of { names: &self.names, key: &self.key };
            let kept = of.buckets(tx, span, from.div_euclid(span), to.saturating_add(span - 1).div_euclid(span)).await?;
            for sums in by_bucket(&kept) {
                let Some(first) = sums.first() else { continue };
                let (begins, ends) = (first.bucket * span, (first.bucket + 1) * span);
                let is_late = span == HOUR && self.is_late(begins, ends);
                if ends <= self.since || begins >= self.upto || is_late || self.is_later(sums) {
                    continue;
                }
                if self.is_mixed(begins, ends) || self.has_changed(sums) {
                    open.push((level, begins.max(self.since), ends.min(self.upto)));
                    continue;
                }
                for one in sums {
                    self.add(&mut found, begins, one.part.clone(), &one.sum)?;
                }
            }
        }
        // There may be no sum at all of an hour that has its first grant late.
        for begins in self.late.iter().map(|hour| hour * HOUR) {
            self.rows(tx, begins.max(self.since), (begins + HOUR).min(self.upto), &mut found).await?;
        }
        self.rows(tx, self.since.max(self.upto), Instant::MAX, &mut found).await?;
        Ok(found)
    }

    /// Whether all of it was given later than the step that is asked for.
    fn is_later(&self, sums: &[Kept]) -> bool {
        self.step.is_some_and(|step| sums.iter().all(|one| one.sum.steps.0 > step))
    }

    /// Whether it was something else at the step that is asked for.
    fn has_changed(&self, sums: &[Kept]) -> bool {
        self.step.is_some_and(|step| sums.iter().any(|one| one.sum.steps.1 > step))
    }

    /// Whether what lies between these instants does not count alike, or is not what was summed.
    fn is_mixed(&self, begins: Instant, ends: Instant) -> bool {
        let within = |at: Instant| begins < at && at < ends;
        within(self.since) || within(self.upto) || self.cuts.iter().any(|cut| within(*cut)) || self.is_late(begins, ends)
    }

    fn is_late(&self, begins: Instant, ends: Instant) -> bool {
        self.late.iter().any(|hour| (begins..ends).contains(&(hour * HOUR)))
    }

    /// Adds what was given between two instants, row by row.
    async fn rows(&self, tx: &mut Tx, from: Instant, to: Instant, found: &mut Segments) -> Result<(), DbError> {
        let under = match self.set.first() {
            None => ("", ""),
            Some(name) => (*name, self.keys.get(*name).map(String::as_str).unwrap_or_default()),
        };
        let mut pages = Pages::new(under, from, to, Some(self.step.unwrap_or(i64::MAX)));
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
        self.set.len() < 2 || row.key(self.set).is_some_and(|key| key == self.key)
    }
}

fn by_bucket(kept: &[Kept]) -> impl Iterator<Item = &[Kept]> {
    kept.chunk_by(|a, b| a.bucket == b.bucket)
}

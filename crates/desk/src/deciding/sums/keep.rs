//! The job that adds what was given before anybody asked for its sum.

use std::collections::{BTreeMap, BTreeSet};

use charter::Charter;
use charter::memory::Memory;
use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::add::{Parts, add};
use super::change::Changes;
use super::store::{self, Of, Pages, ROWS_WAITED_FOR, SumSet, hour};
use super::{HOUR, SPANS};
use crate::deciding::last_step;

/// How many sets of facts one charter may make it necessary to add up. One that needs more has its broad caps counted row by row.
pub(super) const SETS_MAX: usize = 32;

/// Goes one step further: begins with the sets the charter counts by, or adds some hours to the set that is furthest behind. Says whether there was anything to
/// do; asked again until there is not, all is done.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn keep(tx: &mut Tx, charter: &Charter, now: Instant) -> Result<bool, DbError> {
    let memories = charter.memories(now, None);
    let broad: Vec<&Memory<'_>> = memories.iter().filter(|memory| super::is_broad(memory)).collect();
    let wanted: Vec<String> = super::sets(&broad).unwrap_or_default().iter().map(|set| super::names(set)).collect();
    let is_new = |sets: &[SumSet], names: &String| sets.iter().all(|set| set.names != *names);
    let known = store::sets(tx).await?;
    if known.iter().all(SumSet::is_whole) && !wanted.iter().any(|names| is_new(&known, names)) {
        return Ok(false);
    }
    // Nobody gives or takes out meanwhile: what is later than this is added by whoever gives it.
    let sets = store::sets_to_begin(tx).await?;
    let since = last_step(tx).await?;
    for names in wanted.iter().filter(|names| is_new(&sets, names)) {
        store::begin_set(tx, names, since).await?;
    }
    if let Some(set) = sets.iter().filter(|set| !set.is_whole()).min_by_key(|set| set.upto) {
        let pages = Pages::new(("", ""), set.upto, Instant::MAX, None).of(ROWS_WAITED_FOR);
        let (hours, reached) = collect(tx, set, pages, |since| since <= set.since).await?;
        Changes::of(&set.names, hours).keep(tx).await?;
        store::set_upto(tx, &set.names, reached).await?;
    }
    Ok(true)
}

/// What was given in each hour, by the values of the set.
pub(super) type Hours = BTreeMap<(String, i64), Parts>;

/// What some of these pages have, which begin at a full hour, of what was given at steps that are wanted. Says up to which full hour that is: [`Instant::MAX`] at the end.
pub(super) async fn collect(tx: &mut Tx, set: &SumSet, mut pages: Pages<'_>, is_wanted: impl Fn(i64) -> bool) -> Result<(Hours, Instant), DbError> {
    let (facts, mut hours, from) = (set.facts(), Hours::new(), pages.from());
    loop {
        let page = pages.next(tx).await?;
        for row in page.iter().filter(|row| is_wanted(row.since)) {
            if let Some(key) = super::key(&facts, &row.facts()) {
                add(hours.entry((key, hour(row.at))).or_default(), row.part(), &row.sum())?;
            }
        }
        // An hour that may go on in the next page is left for the next time.
        let reached = page.last().map_or(Instant::MAX, |last| hour(last.at) * HOUR);
        if pages.has_ended() {
            return Ok((hours, Instant::MAX));
        }
        if reached > from {
            hours.retain(|(_, hour), _| hour * HOUR < reached);
            return Ok((hours, reached));
        }
    }
}

/// The longer spans that hours are in, shortest first: each with the one it is added up from.
pub(super) fn longer(hours: &Hours) -> BTreeSet<((i64, i64), &str, i64)> {
    let spans = SPANS.iter().zip(SPANS.iter().skip(1));
    spans.flat_map(|(less, more)| hours.keys().map(move |(key, hour)| ((*less, *more), key.as_str(), (hour * HOUR).div_euclid(*more)))).collect()
}

impl Of<'_> {
    /// What a bucket of a span has, by the next shorter one.
    pub(super) async fn added_up(self, tx: &mut Tx, (less, more): (i64, i64), bucket: i64) -> Result<Parts, DbError> {
        let mut parts = Parts::new();
        for kept in self.buckets(tx, less, bucket * (more / less), (bucket + 1) * (more / less)).await? {
            add(&mut parts, kept.part, &kept.sum)?;
        }
        Ok(parts)
    }
}

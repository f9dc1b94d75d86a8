//! The job that adds up: what is new, and what was changed after it was added up.

use std::collections::{BTreeMap, BTreeSet};

use charter::Charter;
use charter::memory::Memory;
use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::add::{Parts, add};
use super::store::{self, Of, Pages, hour};
use super::{HOUR, SPANS};

/// How many sets of facts one charter may make it necessary to add up. One that needs more has its broad caps counted row by row.
pub(super) const SETS_MAX: usize = 32;
/// How old what is added up is: older than any transaction that is still under way, and than any two clocks differ.
const SUMMED_AFTER: i64 = 600_000_000;
/// What is mended in one transaction.
const LATE_PAGE: i64 = 50;

/// Goes one step further: mends what was changed, or adds up what is new of the set that is furthest behind. Says how much there was to do; asked again until
/// it says 0, all is done.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn keep(tx: &mut Tx, charter: &Charter, now: Instant) -> Result<usize, DbError> {
    tx.hold(&["grant sums".to_owned()]).await?;
    let memories = charter.memories(now, None);
    let broad: Vec<&Memory<'_>> = memories.iter().filter(|memory| super::is_broad(memory)).collect();
    for set in super::sets(&broad).unwrap_or_default() {
        store::new_set(tx, &super::names(&set)).await?;
    }
    let sets = store::all_sets(tx).await?;
    let mended = mend(tx, &sets).await?;
    if mended > 0 {
        return Ok(mended);
    }
    let until = (now - SUMMED_AFTER).div_euclid(HOUR) * HOUR;
    match sets.first() {
        Some((names, upto)) if *upto < until => {
            let (hours, reached) = collect(tx, names, (*upto, until), true).await?;
            sum(tx, names, &hours).await?;
            store::set_upto(tx, names, reached).await?;
            Ok(1)
        }
        _ => Ok(0),
    }
}

async fn mend(tx: &mut Tx, sets: &[(String, Instant)]) -> Result<usize, DbError> {
    let late = store::late(tx, LATE_PAGE).await?;
    let hours: BTreeSet<i64> = late.iter().map(|(_, at)| hour(*at)).collect();
    for begins in hours.iter().map(|hour| hour * HOUR) {
        for (names, _) in sets.iter().filter(|(_, upto)| begins < *upto) {
            let (hours, _) = collect(tx, names, (begins, begins + HOUR), false).await?;
            sum(tx, names, &hours).await?;
        }
    }
    for (seq, _) in &late {
        store::not_late(tx, *seq).await?;
    }
    Ok(late.len())
}

/// What was given in each hour, by the values of the set.
pub(super) type Hours = BTreeMap<(String, i64), Parts>;

/// What was given between two full hours; with `some`, what some pages have of it. Says up to which full hour that is.
pub(super) async fn collect(tx: &mut Tx, names: &str, (from, to): (Instant, Instant), some: bool) -> Result<(Hours, Instant), DbError> {
    let set: Vec<&str> = names.split(' ').filter(|name| !name.is_empty()).collect();
    let (mut hours, mut pages) = (Hours::new(), Pages::new(("", ""), from, to, None));
    loop {
        let page = pages.next(tx).await?;
        for row in &page {
            if let Some(key) = row.key(&set) {
                add(hours.entry((key, hour(row.at))).or_default(), row.part(), &row.sum())?;
            }
        }
        // An hour that may go on in the next page is left for the next time.
        let reached = page.last().map_or(to, |last| hour(last.at) * HOUR);
        if pages.has_ended() {
            return Ok((hours, to));
        }
        if some && reached > from {
            hours.retain(|(_, hour), _| hour * HOUR < reached);
            return Ok((hours, reached));
        }
    }
}

/// Keeps the sums of hours, and adds up the longer spans they are in.
async fn sum(tx: &mut Tx, names: &str, hours: &Hours) -> Result<(), DbError> {
    for ((key, hour), parts) in hours {
        Of { names, key }.keep(tx, HOUR, *hour, parts).await?;
    }
    for (span, key, bucket) in longer(hours) {
        let of = Of { names, key };
        let parts = of.added_up(tx, span, bucket).await?;
        of.keep(tx, span.1, bucket, &parts).await?;
    }
    Ok(())
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

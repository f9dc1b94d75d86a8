use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::HOUR;
use super::add::Parts;
use super::keep::{collect, longer};
use super::store::{self, Of};

/// The sums, looked at page by page beside the grants they are of.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    set: usize,
    from: Instant,
}

impl Checked {
    /// Looks at the next page, adds what is wrong in it, and says how many sums it had, or 1 for none; 0 at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        let mut sets = store::all_sets(tx).await?;
        sets.sort();
        let Some((names, upto)) = sets.get(self.set) else { return Ok(0) };
        let (hours, reached) = collect(tx, names, (self.from, *upto), true).await?;
        // An hour that waits to be mended is not read from its sums.
        let late = store::late_hours(tx, *upto).await?;
        for ((key, hour), parts) in hours.iter().filter(|((_, hour), _)| !late.contains(hour)) {
            let of = Of { names, key };
            if of.kept(tx, HOUR, *hour).await? != *parts {
                found.push(format!("sums of grants by `{names}` {key}: those of hour {hour} are not what the grants add up to"));
            }
        }
        for (span, key, bucket) in longer(&hours) {
            let of = Of { names, key };
            if of.kept(tx, span.1, bucket).await? != of.added_up(tx, span, bucket).await? {
                found.push(format!("sums of grants by `{names}` {key}: those over {} hours from {} on do not add up", span.1 / HOUR, bucket * (span.1 / HOUR)));
            }
        }
        (self.set, self.from) = if reached < *upto { (self.set, reached) } else { (self.set + 1, 0) };
        Ok(hours.len().max(1))
    }
}

impl Of<'_> {
    async fn kept(self, tx: &mut Tx, span: i64, bucket: i64) -> Result<Parts, DbError> {
        let kept = self.buckets(tx, span, bucket, bucket + 1).await?;
        Ok(kept.into_iter().map(|kept| (kept.part, kept.sum)).collect())
    }
}

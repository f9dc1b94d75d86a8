use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::add::Parts;
use super::keep::{collect, longer};
use super::store::{self, Of, Pages};
use super::{HOUR, Sum};

/// The sums, looked at page by page beside the grants they are of.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The sets up to this name are done, and of the one behind it what is earlier than `from`.
    after: Option<String>,
    from: Instant,
}

impl Checked {
    /// Looks at the next page, adds what is wrong in it, and says how many sums it had, or 1 for none; 0 at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        let sets = store::sets(tx).await?;
        let Some(set) = sets.iter().find(|set| self.after.as_ref().is_none_or(|after| set.names > *after)) else { return Ok(0) };
        let names = &set.names;
        // Where the job has still to come, the hours have what was given since.
        let (hours, reached) = collect(tx, set, Pages::new(("", ""), self.from, Instant::MAX, None), |_| true).await?;
        for ((key, hour), parts) in hours.iter().filter(|((_, hour), _)| hour * HOUR < set.upto) {
            let of = Of { names, key };
            if !are_alike(&of.kept(tx, HOUR, *hour).await?, parts) {
                found.push(format!("sums of grants by `{names}` {key}: those of hour {hour} are not what the grants add up to"));
            }
        }
        for (span, key, bucket) in longer(&hours) {
            let of = Of { names, key };
            if !are_alike(&of.kept(tx, span.1, bucket).await?, &of.added_up(tx, span, bucket).await?) {
                found.push(format!("sums of grants by `{names}` {key}: those over {} hours from {} on do not add up", span.1 / HOUR, bucket * (span.1 / HOUR)));
            }
        }
        self.from = if reached < Instant::MAX { reached } else { 0 };
        if reached == Instant::MAX {
            self.after = Some(names.clone());
        }
        Ok(hours.len().max(1))
    }
}

/// Nothing is left in the same way, however it was counted.
fn are_alike(a: &Parts, b: &Parts) -> bool {
    let alike =
        |(a, b): (&Sum, &Sum)| (a.number, a.units.unwrap_or(0), a.worth, a.first, a.steps) == (b.number, b.units.unwrap_or(0), b.worth, b.first, b.steps);
    a.keys().eq(b.keys()) && a.values().zip(b.values()).all(alike)
}

impl Of<'_> {
    async fn kept(self, tx: &mut Tx, span: i64, bucket: i64) -> Result<Parts, DbError> {
        let kept = self.buckets(tx, span, bucket, bucket + 1).await?;
        Ok(kept.into_iter().map(|kept| (kept.part, kept.sum)).collect())
    }
}

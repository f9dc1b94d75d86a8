use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::id::Id;
use platform::{params, statements};

use super::{HOUR, Part, Sum};

statements! {
    SETS = "SELECT names, upto FROM grant_sum_sets ORDER BY upto, names LIMIT ?1";
    SUMMED_UPTO = "SELECT upto FROM grant_sum_sets WHERE names = ?1";
    NEW_SET = "INSERT INTO grant_sum_sets (names, upto) VALUES (?1, 0) ON CONFLICT (names) DO NOTHING";
    SET_UPTO = "UPDATE grant_sum_sets SET upto = ?2 WHERE names = ?1";
    BUCKETS = "SELECT bucket, remedy, reason, weighed, number, units, worth, first_at, first_step, last_step FROM grant_sums
               WHERE names = ?1 AND key = ?2 AND span = ?3 AND bucket >= ?4 AND bucket < ?5 ORDER BY bucket";
    CLEAR = "DELETE FROM grant_sums WHERE names = ?1 AND key = ?2 AND span = ?3 AND bucket = ?4";
    KEEP = "INSERT INTO grant_sums (names, key, span, bucket, remedy, reason, weighed, number, units, worth, first_at, first_step, last_step)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    LATE_HOURS = "SELECT DISTINCT at / 3600000000 FROM grant_sums_late WHERE at < ?1 LIMIT ?2";
    LATE = "SELECT seq, at FROM grant_sums_late ORDER BY seq LIMIT ?1";
    NOT_LATE = "DELETE FROM grant_sums_late WHERE seq = ?1";
    COUNTED = "SELECT grant_id, at, since, until, remedy, reason, units, worth, facts FROM grant_keys
               WHERE name = ?1 AND key = ?2 AND at < ?3 AND (at, grant_id) > (?4, ?5) ORDER BY at, grant_id LIMIT ?6";
    COUNTED_THEN = "SELECT grant_id, at, since, until, remedy, reason, units, worth, facts FROM grant_keys
                    WHERE name = ?1 AND key = ?2 AND at < ?3 AND (at, grant_id) > (?4, ?5) AND since <= ?7 AND (until IS NULL OR until > ?7)
                    ORDER BY at, grant_id LIMIT ?6";
}

/// Rows that are read at once.
pub(super) const ROWS: i64 = 5_000;
/// Hours that may be waiting to be mended.
const LATE_MAX: i64 = 10_000;

/// A grant under one of its keys.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) grant: Id,
    pub(super) at: Instant,
    pub(super) since: i64,
    pub(super) until: Option<i64>,
    pub(super) remedy: String,
    pub(super) reason: Option<String>,
    pub(super) units: Option<i64>,
    pub(super) worth: Option<i64>,
    /// All its facts, as JSON.
    pub(super) facts: Option<String>,
}

impl Counted {
    pub(super) fn part(&self) -> Part {
        Part { remedy: self.remedy.clone(), reason: self.reason.clone(), weighed: self.worth.is_some() }
    }
}

impl FromRow for Counted {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            grant: row.take()?,
            at: row.take()?,
            since: row.take()?,
            until: row.take()?,
            remedy: row.take()?,
            reason: row.take()?,
            units: row.take()?,
            worth: row.take()?,
            facts: row.take()?,
        })
    }
}

/// A sum as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) bucket: i64,
    pub(super) part: Part,
    pub(super) sum: Sum,
}

impl FromRow for Kept {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let bucket = row.take()?;
        let (remedy, reason): (String, String) = (row.take()?, row.take()?);
        let part = Part { remedy, reason: Some(reason).filter(|r| !r.is_empty()), weighed: row.take()? };
        let sum = Sum { number: row.take()?, units: row.take()?, worth: row.take()?, first: row.take()?, steps: (row.take()?, row.take()?) };
        Ok(Self { bucket, part, sum })
    }
}

/// Sums of one set under one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of<'a> {
    pub(super) names: &'a str,
    pub(super) key: &'a str,
}

impl Of<'_> {
    /// The sums over these buckets of a span.
    pub(super) async fn buckets(self, tx: &mut Tx, span: i64, from: i64, to: i64) -> Result<Vec<Kept>, DbError> {
        tx.all(&BUCKETS, params![self.names, self.key, span, from, to]).await
    }

    /// Puts these in the place of the sums of a bucket.
    pub(super) async fn keep(self, tx: &mut Tx, span: i64, bucket: i64, parts: &super::add::Parts) -> Result<(), DbError> {
        tx.execute(&CLEAR, params![self.names, self.key, span, bucket]).await?;
        for (part, sum) in parts {
            let reason = part.reason.as_deref().unwrap_or_default();
            let values = params![
                self.names,
                self.key,
                span,
                bucket,
                &part.remedy,
                reason,
                &part.weighed,
                sum.number,
                &sum.units,
                sum.worth,
                &sum.first,
                sum.steps.0,
                sum.steps.1
            ];
            tx.execute(&KEEP, values).await?;
        }
        Ok(())
    }
}

/// Up to when a set is summed: not at all, if nobody asked for it yet.
pub(super) async fn upto(tx: &mut Tx, names: &str) -> Result<Instant, DbError> {
    let found: Option<(Instant,)> = tx.optional(&SUMMED_UPTO, params![names]).await?;
    Ok(found.map_or(0, |(upto,)| upto))
}

/// All sets that are summed, and up to when; the one that is furthest behind first.
pub(super) async fn all_sets(tx: &mut Tx) -> Result<Vec<(String, Instant)>, DbError> {
    tx.all(&SETS, params![LATE_MAX]).await
}

pub(super) async fn new_set(tx: &mut Tx, names: &str) -> Result<bool, DbError> {
    Ok(tx.execute(&NEW_SET, params![names]).await? == 1)
}

pub(super) async fn set_upto(tx: &mut Tx, names: &str, upto: Instant) -> Result<(), DbError> {
    tx.execute(&SET_UPTO, params![names, upto]).await.map(drop)
}

/// Hours before `upto` whose sums are to be mended.
pub(super) async fn late_hours(tx: &mut Tx, upto: Instant) -> Result<Vec<i64>, DbError> {
    let found: Vec<(i64,)> = tx.all(&LATE_HOURS, params![upto, LATE_MAX]).await?;
    if i64::try_from(found.len()).is_ok_and(|n| n == LATE_MAX) {
        return Err(DbError::Defect("too many sums of grants wait to be mended: is `sum_grants` done?".to_owned()));
    }
    Ok(found.into_iter().map(|(hour,)| hour).collect())
}

/// What was given late or taken out, by its place and when it was given.
pub(super) async fn late(tx: &mut Tx, most: i64) -> Result<Vec<(i64, Instant)>, DbError> {
    tx.all(&LATE, params![most]).await
}

pub(super) async fn not_late(tx: &mut Tx, seq: i64) -> Result<(), DbError> {
    tx.execute(&NOT_LATE, params![seq]).await.map(drop)
}

/// Grants under a key, page by page, in the order in which they were given.
pub(super) struct Pages<'a> {
    under: (&'a str, &'a str),
    to: Instant,
    after: (Instant, Id),
    /// The step at which they count; nothing for all that ever did.
    at_step: Option<i64>,
    ended: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(under: (&'a str, &'a str), from: Instant, to: Instant, at_step: Option<i64>) -> Self {
        Self { under, to, after: (from.saturating_sub(1), Id::from_bytes([0xff; 16])), at_step, ended: from >= to }
    }

    /// Whether the last page was the last.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// The next page: nothing at the end.
    pub(super) async fn next(&mut self, tx: &mut Tx) -> Result<Vec<Counted>, DbError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let ((name, key), (at, grant)) = (self.under, &self.after);
        let page: Vec<Counted> = match self.at_step {
            None => tx.all(&COUNTED, params![name, key, self.to, *at, grant, ROWS]).await?,
            Some(step) => tx.all(&COUNTED_THEN, params![name, key, self.to, *at, grant, ROWS, step]).await?,
        };
        self.ended = i64::try_from(page.len()).is_ok_and(|n| n < ROWS);
        if let Some(last) = page.last() {
            self.after = (last.at, last.grant);
        }
        Ok(page)
    }
}

/// The hour of an instant.
pub(super) fn hour(at: Instant) -> i64 {
    at.div_euclid(HOUR)
}

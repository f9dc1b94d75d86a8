use std::collections::BTreeMap;

use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx, Value};
use platform::id::Id;
use platform::{params, statements};

use super::cover::Buckets;
use super::{HOUR, Part, SPANS, Set, Sum};

/// The sums over buckets of a span, of the set and key that are the first two values.
macro_rules! some_buckets {
    ($span:literal, $from:literal, $to:literal) => {
        concat!(
            "SELECT span, bucket, remedy, reason, weighed, number, units, worth, first_at, first_step, last_step FROM grant_sums WHERE names = ?1 AND key = ?2 AND span = ",
            $span,
            " AND bucket >= ",
            $from,
            " AND bucket < ",
            $to
        )
    };
}

statements! {
    SETS = "SELECT names, since, upto FROM grant_sum_sets ORDER BY names";
    BEGIN_SET = "INSERT INTO grant_sum_sets (names, since, upto) VALUES (?1, ?2, 0)";
    SET_UPTO = "UPDATE grant_sum_sets SET upto = ?2 WHERE names = ?1";
    BUCKETS = concat!(
        some_buckets!("?3", "?4", "?5"), " UNION ALL ", some_buckets!("?6", "?7", "?8"), " UNION ALL ", some_buckets!("?9", "?10", "?11"), " UNION ALL ",
        some_buckets!("?12", "?13", "?14"), " UNION ALL ", some_buckets!("?15", "?16", "?17"), " UNION ALL ", some_buckets!("?18", "?19", "?20")
    );
    ADD = "INSERT INTO grant_sums (names, key, span, bucket, remedy, reason, weighed, number, units, worth, first_at, first_step, last_step)
           VALUES (?1, ?2, ?15, ?3, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14), (?1, ?2, ?16, ?4, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14),
                  (?1, ?2, ?17, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
           ON CONFLICT (names, key, span, bucket, remedy, reason, weighed) DO UPDATE SET
             number = grant_sums.number + excluded.number,
             units = CASE WHEN excluded.units IS NULL THEN grant_sums.units ELSE COALESCE(grant_sums.units, 0) + excluded.units END,
             worth = grant_sums.worth + excluded.worth,
             first_at = CASE WHEN grant_sums.first_at IS NULL OR excluded.first_at < grant_sums.first_at THEN excluded.first_at ELSE grant_sums.first_at END,
             first_step = CASE WHEN excluded.first_step < grant_sums.first_step THEN excluded.first_step ELSE grant_sums.first_step END,
             last_step = CASE WHEN excluded.last_step > grant_sums.last_step THEN excluded.last_step ELSE grant_sums.last_step END";
    TAKE = "UPDATE grant_sums SET number = number - 1, units = units - ?8, worth = worth - ?9, last_step = CASE WHEN ?10 > last_step THEN ?10 ELSE last_step END
            WHERE names = ?1 AND key = ?2 AND span = ?3 AND bucket = ?4 AND remedy = ?5 AND reason = ?6 AND weighed = ?7 RETURNING number, first_at";
    FIRST_AT = "UPDATE grant_sums SET first_at = ?8 WHERE names = ?1 AND key = ?2 AND span = ?3 AND bucket = ?4 AND remedy = ?5 AND reason = ?6 AND weighed = ?7";
    OF_GRANT = "SELECT grant_id, at, since, until, remedy, reason, units, worth, facts FROM grant_keys WHERE grant_id = ?1 AND name = ''";
    COUNTED = "SELECT grant_id, at, since, until, remedy, reason, units, worth, facts FROM grant_keys
               WHERE name = ?1 AND key = ?2 AND at < ?3 AND (at, grant_id) > (?4, ?5) ORDER BY at, grant_id LIMIT ?6";
    COUNTED_THEN = "SELECT grant_id, at, since, until, remedy, reason, units, worth, facts FROM grant_keys
                    WHERE name = ?1 AND key = ?2 AND at < ?3 AND (at, grant_id) > (?4, ?5) AND since <= ?7 AND (until IS NULL OR until > ?7)
                    ORDER BY at, grant_id LIMIT ?6";
}

/// Ranges of buckets that are read at once.
const RANGES: usize = 6;
/// Rows that are read at once.
const ROWS: i64 = 5_000;
/// The same where others wait meanwhile, and where the first few are enough.
pub(super) const ROWS_WAITED_FOR: i64 = 500;
const ROWS_NEXT: i64 = 50;
/// Held together by all who change sums, and alone by the job that begins or goes on with one.
const CHANGED: &str = "grant sums";

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
    pub(super) span: i64,
    pub(super) bucket: i64,
    pub(super) part: Part,
    pub(super) sum: Sum,
}

impl FromRow for Kept {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (span, bucket) = (row.take()?, row.take()?);
        let (remedy, reason): (String, String) = (row.take()?, row.take()?);
        let part = Part { remedy, reason: Some(reason).filter(|r| !r.is_empty()), weighed: row.take()? };
        let sum = Sum { number: row.take()?, units: row.take()?, worth: row.take()?, first: row.take()?, steps: (row.take()?, row.take()?) };
        Ok(Self { span, bucket, part, sum })
    }
}

/// Sums of one set under one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of<'a> {
    pub(super) names: &'a str,
    pub(super) key: &'a str,
}

impl Of<'_> {
    /// The sums over some of these buckets, which are taken out of the list; nothing if it is empty.
    pub(super) async fn some(self, tx: &mut Tx, open: &mut Vec<Buckets>) -> Result<Option<Vec<Kept>>, DbError> {
        if open.is_empty() {
            return Ok(None);
        }
        let mut values = params![self.names, self.key].to_vec();
        for buckets in open.drain(open.len().saturating_sub(RANGES)..) {
            values.extend([buckets.span, buckets.from, buckets.to].map(Value::from));
        }
        // No span is 0.
        values.resize(2 + 3 * RANGES, Value::Int(0));
        tx.all(&BUCKETS, &values).await.map(Some)
    }

    /// The sums over these buckets of a span.
    pub(super) async fn buckets(self, tx: &mut Tx, span: i64, from: i64, to: i64) -> Result<Vec<Kept>, DbError> {
        Ok(self.some(tx, &mut vec![Buckets { span, from, to }]).await?.unwrap_or_default())
    }
}

/// An hour of a set under one key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hour {
    pub(super) names: String,
    pub(super) key: String,
    pub(super) hour: i64,
}

/// Adds to an hour, and to the longer spans it is in.
pub(super) async fn add(tx: &mut Tx, of: &Hour, part: &Part, sum: &Sum) -> Result<(), DbError> {
    let [hour, day, month] = SPANS;
    let [in_hour, in_day, in_month] = SPANS.map(|span| (of.hour * HOUR).div_euclid(span));
    let (reason, (first, last)) = (part.reason.as_deref().unwrap_or_default(), sum.steps);
    let values = params![
        &of.names,
        &of.key,
        in_hour,
        in_day,
        in_month,
        &part.remedy,
        reason,
        &part.weighed,
        sum.number,
        &sum.units,
        sum.worth,
        &sum.first,
        first,
        last,
        hour,
        day,
        month
    ];
    tx.execute(&ADD, values).await.map(drop)
}

/// Takes one grant out of its hour, and out of the longer spans that is in, at a step of the ledger.
pub(super) async fn take(tx: &mut Tx, set: &SumSet, row: &Counted, step: i64) -> Result<(), DbError> {
    let Some(key) = super::key(&set.facts(), &row.facts()) else { return Ok(()) };
    let (part, of) = (row.part(), Of { names: &set.names, key: &key });
    let reason = part.reason.as_deref().unwrap_or_default();
    // In the order in which it was added.
    for (place, span) in SPANS.into_iter().enumerate() {
        let bucket = row.at.div_euclid(span);
        let (units, worth) = (row.units.unwrap_or(0), row.worth.unwrap_or(0));
        let values = params![of.names, of.key, span, bucket, &part.remedy, reason, &part.weighed, units, worth, step];
        let found: Option<(i64, Option<Instant>)> = tx.optional(&TAKE, values).await?;
        let Some((left, first)) = found else { return Err(DbError::Defect(format!("a grant is not in the sums by `{}`", of.names))) };
        if first != Some(row.at) {
            continue;
        }
        let first = match place.checked_sub(1).and_then(|place| SPANS.get(place)) {
            _ if left == 0 => None,
            None => next_in_hour(tx, set, row).await?,
            Some(less) => {
                let shorter = of.buckets(tx, *less, bucket * (span / less), (bucket + 1) * (span / less)).await?;
                shorter.into_iter().filter(|kept| kept.part == part).filter_map(|kept| kept.sum.first).min()
            }
        };
        tx.execute(&FIRST_AT, params![of.names, of.key, span, bucket, &part.remedy, reason, &part.weighed, &first]).await?;
    }
    Ok(())
}

/// When the next of the same sum was given in the hour of the first.
async fn next_in_hour(tx: &mut Tx, set: &SumSet, first: &Counted) -> Result<Option<Instant>, DbError> {
    let (facts, of, part) = (set.facts(), first.facts(), first.part());
    let key = super::key(&facts, &of);
    let mut pages = Pages::new(under(&facts, &of), first.at, (hour(first.at) + 1) * HOUR, Some(i64::MAX)).of(ROWS_NEXT);
    while !pages.has_ended() {
        let page = pages.next(tx).await?;
        let is_of = |row: &&Counted| row.part() == part && set.has(row) && super::key(&facts, &row.facts()) == key;
        if let Some(next) = page.iter().find(is_of) {
            return Ok(Some(next.at));
        }
    }
    Ok(None)
}

/// The name and key under which the grants are found that have the values of a set: its first fact, or all.
pub(super) fn under<'a>(set: &[&'a str], of: &'a BTreeMap<String, String>) -> (&'a str, &'a str) {
    set.first().map_or(("", ""), |name| (*name, of.get(*name).map(String::as_str).unwrap_or_default()))
}

/// A set of facts that is summed.
#[derive(Clone, Debug)]
pub(super) struct SumSet {
    pub(super) names: String,
    /// What is given at a later step of the ledger is added by whoever gives it.
    pub(super) since: i64,
    /// The job has added what was given before this instant.
    pub(super) upto: Instant,
}

impl SumSet {
    /// Whether the job has added everything.
    pub(super) fn is_whole(&self) -> bool {
        self.upto == Instant::MAX
    }

    pub(super) fn facts(&self) -> Set<'_> {
        self.names.split(' ').filter(|name| !name.is_empty()).collect()
    }

    /// Whether a grant that has its facts is in it, as far as the job is.
    pub(super) fn has(&self, grant: &Counted) -> bool {
        grant.since > self.since || grant.at < self.upto
    }
}

impl FromRow for SumSet {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { names: row.take()?, since: row.take()?, upto: row.take()? })
    }
}

/// All sets that are summed, by name: as many as charters ever counted by, because what was decided under these is decided again with them.
pub(super) async fn sets(tx: &mut Tx) -> Result<Vec<SumSet>, DbError> {
    tx.all(&SETS, &[]).await
}

/// The same for one who changes sums: until the end of the transaction no set is begun or gone on with.
pub(super) async fn sets_to_change(tx: &mut Tx) -> Result<Vec<SumSet>, DbError> {
    tx.share(CHANGED).await?;
    sets(tx).await
}

/// The same for the one who begins sets or goes on with them: until the end of the transaction nobody changes sums.
pub(super) async fn sets_to_begin(tx: &mut Tx) -> Result<Vec<SumSet>, DbError> {
    tx.hold(&[CHANGED.to_owned()]).await?;
    sets(tx).await
}

pub(super) async fn begin_set(tx: &mut Tx, names: &str, since: i64) -> Result<(), DbError> {
    tx.execute(&BEGIN_SET, params![names, since]).await.map(drop)
}

pub(super) async fn set_upto(tx: &mut Tx, names: &str, upto: Instant) -> Result<(), DbError> {
    tx.execute(&SET_UPTO, params![names, upto]).await.map(drop)
}

/// A grant among all.
pub(super) async fn counted(tx: &mut Tx, grant: Id) -> Result<Option<Counted>, DbError> {
    tx.optional(&OF_GRANT, params![&grant]).await
}

/// Grants under a key, page by page, in the order in which they were given.
pub(super) struct Pages<'a> {
    under: (&'a str, &'a str),
    to: Instant,
    after: (Instant, Id),
    /// The step at which they count; nothing for all that ever did.
    at_step: Option<i64>,
    rows: i64,
    ended: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(under: (&'a str, &'a str), from: Instant, to: Instant, at_step: Option<i64>) -> Self {
        Self { under, to, after: (from.saturating_sub(1), Id::from_bytes([0xff; 16])), at_step, rows: ROWS, ended: from >= to }
    }

    /// The same, so many at once.
    pub(super) fn of(self, rows: i64) -> Self {
        Self { rows, ..self }
    }

    /// Nothing that comes is earlier.
    pub(super) fn from(&self) -> Instant {
        self.after.0.saturating_add(1)
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
            None => tx.all(&COUNTED, params![name, key, self.to, *at, grant, self.rows]).await?,
            Some(step) => tx.all(&COUNTED_THEN, params![name, key, self.to, *at, grant, self.rows, step]).await?,
        };
        self.ended = i64::try_from(page.len()).is_ok_and(|n| n < self.rows);
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

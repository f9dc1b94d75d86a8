//! What another charter would have decided about what was asked in a period: with the facts, the time and the ledger of each request as they were.

use std::collections::BTreeSet;
use std::ops::Range;

use charter::Charter;
use charter::decide::Outcome;
use charter::request::Purpose;
use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Tx};
use platform::id::Id;
use platform::{params, statements};

use super::record::{DecisionId, Then, decided, parsed};
use crate::cases::CaseId;

statements! {
    ASKED = "SELECT d.id, d.case_id, d.at, d.request, CASE WHEN d.personal IS NULL THEN '{}' ELSE t.text END, d.upto, d.erased_at
             FROM decisions d LEFT JOIN texts t ON t.id = d.personal
             WHERE d.id > ?1 AND d.id < ?2 AND d.outcome IN ('forbidden', 'escalate', 'exception') ORDER BY d.id LIMIT ?3";
    GIVEN_AFTER = "SELECT CAST(COALESCE(SUM(g.worth), 0) AS BIGINT) FROM grants g
                   WHERE g.case_id = ?1 AND g.remedy = ?2 AND g.state IN ('granted', 'sent', 'fulfilled', 'failed', 'unclear')
                   AND NOT EXISTS (SELECT 1 FROM grant_steps s WHERE s.grant_id = g.id AND s.seq <= ?3)";
}

/// Requests that are read at once.
const PAGE: i64 = 100;

/// What would have come of a period under another charter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Requests that were not the asker's to grant, and were decided again.
    pub asked: usize,
    /// Those that would have been, at once or with a reason.
    pub opened: usize,
    /// How much more those asked for than was given in their case afterwards, in minor units of the charter's currency: of each case and remedy the first request
    /// counts, and none less than nothing.
    pub more: i64,
    /// Those that cannot be decided again, because a fact they rest on was erased.
    pub erased: usize,
}

struct Asked {
    id: DecisionId,
    case: CaseId,
    at: Instant,
    request: String,
    /// Nothing when they were erased.
    personal: Option<String>,
    upto: i64,
    erased_at: Option<Instant>,
}

impl FromRow for Asked {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, case: row.take()?, at: row.take()?, request: row.take()?, personal: row.take()?, upto: row.take()?, erased_at: row.take()? })
    }
}

/// Decides again, by a charter, what was asked for in a period and was not the asker's to grant.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn tried(tx: &mut Tx, draft: &Charter, period: Range<Instant>) -> Result<Tried, DbError> {
    let (mut after, before) = (DecisionId(Id::least_of(period.start)), DecisionId(Id::least_of(period.end)));
    let (mut tried, mut counted) = (Tried::default(), BTreeSet::new());
    loop {
        let page: Vec<Asked> = tx.all(&ASKED, params![&after, &before, PAGE]).await?;
        let Some(last) = page.last() else { return Ok(tried) };
        after = last.id;
        for one in page {
            one.again(tx, draft, &mut tried, &mut counted).await?;
        }
    }
}

impl Asked {
    async fn again(self, tx: &mut Tx, draft: &Charter, tried: &mut Tried, counted: &mut BTreeSet<(Id, String)>) -> Result<(), DbError> {
        let request = parsed(&self.request)?;
        // What a group decided about a request that was passed to it: that request is counted already.
        if request.pointer("/asker/group").is_some() {
            return Ok(());
        }
        let Some(personal) = self.personal.filter(|_| self.erased_at.is_none()) else {
            tried.erased += 1;
            return Ok(());
        };
        let then = Then { request, personal: &personal, at: self.at, upto: self.upto, purpose: Purpose::Decide };
        let asked = then.asked(tx, draft).await?;
        tried.asked += 1;
        let (answer, request) = decided(draft, &asked);
        if !matches!(answer.outcome, Outcome::Allowed | Outcome::AllowedSayWhy) {
            return Ok(());
        }
        tried.opened += 1;
        let Some(line) = request.and_then(|request| request.line(draft)) else { return Ok(()) };
        if !counted.insert((self.case.0, line.remedy.clone())) {
            return Ok(());
        }
        let (given,): (i64,) = tx.one(&GIVEN_AFTER, params![&self.case, line.remedy.as_str(), self.upto]).await?;
        tried.more = tried.more.saturating_add(line.worth.unwrap_or(0).saturating_sub(given).max(0));
        Ok(())
    }
}

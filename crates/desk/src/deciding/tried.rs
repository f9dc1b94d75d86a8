//! What another charter would have decided about what was asked in a period: with the facts, the time and the ledger of each request as they were, and beside
//! what the one in force would decide about it.

use std::collections::BTreeSet;
use std::ops::Range;

use charter::Charter;
use charter::decide::Outcome;
use charter::memory::Line;
use charter::request::Purpose;
use charter::time::Instant;
use platform::db::{DbError, FromRow, Row, Statement, Tx};
use platform::id::Id;
use platform::{params, statements};
use serde_json::Value as Json;

use super::record::{DecisionId, Then, decided, parsed};
use crate::cases::CaseId;

/// Requests of a period that came out so.
macro_rules! asked_for {
    ($outcomes:literal) => {
        concat!(
            "SELECT d.id, d.case_id, d.at, d.request, CASE WHEN d.personal IS NULL THEN '{}' ELSE t.text END, d.upto, d.erased_at
             FROM decisions d LEFT JOIN texts t ON t.id = d.personal
             WHERE d.id > ?1 AND d.id < ?2 AND d.outcome IN (",
            $outcomes,
            ") ORDER BY d.id LIMIT ?3"
        )
    };
}

statements! {
    ASKED = asked_for!("'forbidden', 'escalate', 'exception'");
    OWN = asked_for!("'allowed', 'allowed_say_why'");
    GIVEN_AFTER = "SELECT CAST(COALESCE(SUM(g.worth), 0) AS BIGINT) FROM grants g
                   WHERE g.case_id = ?1 AND g.remedy = ?2 AND g.state IN ('granted', 'sent', 'fulfilled', 'failed', 'unclear')
                   AND NOT EXISTS (SELECT 1 FROM grant_steps s WHERE s.grant_id = g.id AND s.seq <= ?3)";
}

/// Requests that are read at once.
const PAGE: i64 = 100;

/// Two charters that differ in limits alone, so that they remember the same, and what they can decide differently.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The one to compare with.
    pub now: &'a Charter,
    /// The one that is tried.
    pub draft: &'a Charter,
    /// Remedies and reasons of the rules in which they differ: whatever else was asked for comes out alike.
    pub about: &'a [(&'a str, &'a str)],
}

/// What a wider charter would have come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Requests about what the two differ in that were not the asker's to grant.
    pub asked: usize,
    /// Those that would have been, at once or with a reason, and would not be as it is now.
    pub opened: usize,
    /// How much more those asked for than was given in their case afterwards, in minor units of the charter's currency: of each case and remedy the first request
    /// counts, and none less than nothing.
    pub more: i64,
    /// Those that cannot be decided again, because a fact they rest on was erased.
    pub erased: usize,
}

/// What a narrower charter would have come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Requests about what the two differ in that were the asker's own, and would be as it is now.
    pub own: usize,
    /// Those that would not have been.
    pub closed: usize,
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

/// A request, decided again by both.
enum Again {
    /// What a group decided about a request that was passed to it: that request is looked at already.
    Answer,
    /// About something else than the two differ in.
    Elsewhere,
    Erased,
    /// Whether it would have been the asker's own by each of them, and what it asked for.
    Decided {
        now: bool,
        draft: bool,
        line: Option<Line>,
    },
}

impl Compared<'_> {
    /// Decides again what was asked for in a period and was not the asker's to grant.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn opened(&self, tx: &mut Tx, period: Range<Instant>) -> Result<Opened, DbError> {
        let (mut found, mut counted, mut pages) = (Opened::default(), BTreeSet::new(), Pages::of(&ASKED, period));
        while let Some(page) = pages.next(tx).await? {
            for one in page {
                let (case, upto) = (one.case, one.upto);
                let again = self.again(tx, one).await?;
                found.asked += usize::from(matches!(again, Again::Erased | Again::Decided { .. }));
                found.erased += usize::from(matches!(again, Again::Erased));
                let Again::Decided { now: false, draft: true, line } = again else { continue };
                found.opened += 1;
                let Some(line) = line else { continue };
                if counted.insert((case.0, line.remedy.clone())) {
                    let (given,): (i64,) = tx.one(&GIVEN_AFTER, params![&case, line.remedy.as_str(), upto]).await?;
                    found.more = found.more.saturating_add(line.worth.unwrap_or(0).saturating_sub(given).max(0));
                }
            }
        }
        Ok(found)
    }

    /// Decides again what was the asker's own in a period.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn closed(&self, tx: &mut Tx, period: Range<Instant>) -> Result<Closed, DbError> {
        let (mut found, mut pages) = (Closed::default(), Pages::of(&OWN, period));
        while let Some(page) = pages.next(tx).await? {
            for one in page {
                match self.again(tx, one).await? {
                    Again::Decided { now: true, draft, .. } => {
                        found.own += 1;
                        found.closed += usize::from(!draft);
                    }
                    Again::Erased => found.erased += 1,
                    Again::Answer | Again::Elsewhere | Again::Decided { .. } => {}
                }
            }
        }
        Ok(found)
    }

    async fn again(&self, tx: &mut Tx, one: Asked) -> Result<Again, DbError> {
        let request = parsed(&one.request)?;
        if request.pointer("/asker/group").is_some() {
            return Ok(Again::Answer);
        }
        let named = |name| request.get(name).and_then(Json::as_str).unwrap_or_default();
        let about = (named("remedy"), named("reason"));
        if !self.about.contains(&about) {
            return Ok(Again::Elsewhere);
        }
        let Some(personal) = one.personal.filter(|_| one.erased_at.is_none()) else { return Ok(Again::Erased) };
        let then = Then { request, personal: &personal, at: one.at, upto: one.upto, purpose: Purpose::Decide };
        let asked = then.asked(tx, self.draft).await?;
        let (by_draft, request) = decided(self.draft, &asked);
        let (by_now, _) = decided(self.now, &asked);
        let is_own = |outcome| matches!(outcome, Outcome::Allowed | Outcome::AllowedSayWhy);
        let line = request.and_then(|request| request.line(self.draft));
        Ok(Again::Decided { now: is_own(by_now.outcome), draft: is_own(by_draft.outcome), line })
    }
}

/// The requests of a period, page by page.
struct Pages {
    statement: &'static Statement,
    after: DecisionId,
    before: DecisionId,
}

impl Pages {
    fn of(statement: &'static Statement, period: Range<Instant>) -> Self {
        Self { statement, after: DecisionId(Id::least_of(period.start)), before: DecisionId(Id::least_of(period.end)) }
    }

    async fn next(&mut self, tx: &mut Tx) -> Result<Option<Vec<Asked>>, DbError> {
        let page: Vec<Asked> = tx.all(self.statement, params![&self.after, &self.before, PAGE]).await?;
        self.after = page.last().map_or(self.after, |last| last.id);
        Ok((!page.is_empty()).then_some(page))
    }
}

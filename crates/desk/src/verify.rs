//! Whether the ledger is whole: every grant is the one the log tells of, stands where its steps say, counts under its keys, and rests on a decision that allowed it; sums are what the
//! grants add up to; and every decision comes out again as it was recorded.

use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{DbError, FromRow, Perhaps, Row, Tx};
use platform::id::Id;
use platform::{params, statements};
use serde::Deserialize;

use crate::cases::CaseId;
use crate::charters::Charters;
use crate::deciding::{self, DecisionId, Recorded};
pub use crate::deciding::{Checked as Sums, Openings};
use crate::grants::{GrantId, GrantState};

statements! {
    COUNTS = "SELECT (SELECT COUNT(*) FROM grants), (SELECT COUNT(*) FROM decisions)";
    GRANTS = "SELECT g.seq, g.id, g.state, g.case_id,
                (SELECT s.actor FROM grant_steps s WHERE s.grant_id = g.id ORDER BY s.seq LIMIT 1), g.giver,
                (SELECT COUNT(*) FROM grant_steps s WHERE s.grant_id = g.id AND s.state = 'granted' AND s.actor = g.giver), g.remedy, g.reason, g.units, g.at, d.outcome,
                (SELECT s.state FROM grant_steps s WHERE s.grant_id = g.id ORDER BY s.seq LIMIT 1),
                (SELECT s.state FROM grant_steps s WHERE s.grant_id = g.id ORDER BY s.seq DESC LIMIT 1),
                (SELECT COUNT(*) FROM grant_keys k WHERE k.grant_id = g.id AND k.name = '' AND k.key = '' AND k.at = g.at),
                (SELECT COUNT(*) FROM grant_keys k WHERE k.grant_id = g.id
                   AND (k.at <> g.at OR k.remedy <> g.remedy OR COALESCE(k.reason, '') <> COALESCE(g.reason, '')
                     OR COALESCE(k.units, -1) <> COALESCE(g.units, -1) OR COALESCE(k.worth, -1) <> COALESCE(g.worth, -1)
                     OR (k.until IS NULL AND g.state IN ('withdrawn', 'corrected'))
                     OR (k.name = '' AND k.until IS NOT NULL AND g.state NOT IN ('withdrawn', 'corrected'))))
              FROM grants g LEFT JOIN decisions d ON d.id = g.decision WHERE g.seq > ?1 ORDER BY g.seq LIMIT ?2";
    TOLD = "SELECT data FROM events WHERE subject = ?1 AND kind IN ('grant_made', 'grant_approved') AND actor = ?2 AND at = ?3 ORDER BY number LIMIT ?4";
    DECISIONS = "SELECT id FROM decisions WHERE id > ?1 ORDER BY id LIMIT ?2";
}

/// Grants of one page.
const GRANTS_PAGE: i64 = 1_000;
/// Events of one case that can tell of a grant made by one of the staff in one moment: as many as an offer has remedies, and then some.
const TOLD_MAX: i64 = 100;
/// Decisions of one page: each is decided again.
const DECISIONS_PAGE: i64 = 100;

/// How many grants and how many decisions there are.
///
/// # Errors
/// [`DbError`] when they cannot be counted.
pub async fn counts(tx: &mut Tx) -> Result<(i64, i64), DbError> {
    tx.one(&COUNTS, &[]).await
}

struct Looked {
    id: GrantId,
    state: GrantState,
    case: CaseId,
    /// Who took its first step: gave or approved it.
    by: Option<Actor>,
    giver: Actor,
    /// How often the one who is said to have given it did so.
    given: i64,
    remedy: String,
    reason: Option<String>,
    units: Option<i64>,
    at: Instant,
    outcome: Option<String>,
    first: Option<GrantState>,
    last: Option<GrantState>,
    keys: i64,
    strange_keys: i64,
}

impl FromRow for Looked {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            state: row.take()?,
            case: row.take()?,
            by: row.take()?,
            giver: row.take()?,
            given: row.take()?,
            remedy: row.take()?,
            reason: row.take()?,
            units: row.take()?,
            at: row.take()?,
            outcome: row.take()?,
            first: row.take()?,
            last: row.take()?,
            keys: row.take()?,
            strange_keys: row.take()?,
        })
    }
}

/// What the log tells of a grant.
#[derive(Deserialize)]
struct Told {
    grant: GrantId,
    remedy: String,
    reason: Option<String>,
    units: Option<i64>,
}

impl Looked {
    /// Whether the log tells of this grant, as it is: remedy, reason and amount.
    async fn is_told(&self, tx: &mut Tx) -> Result<bool, DbError> {
        let subject = Subject::new("case", &self.case).to_string();
        let told: Vec<(String,)> = tx.all(&TOLD, params![subject.as_str(), &self.by, self.at, TOLD_MAX]).await?;
        let same = |(data,): &(String,)| {
            serde_json::from_str::<Told>(data).is_ok_and(|t| t.grant == self.id && t.remedy == self.remedy && t.reason == self.reason && t.units == self.units)
        };
        Ok(told.iter().any(same))
    }

    /// Whether who is said to have given it did: its first step is theirs, or, of what was approved by somebody else, the one by which it was given.
    fn is_of_its_giver(&self) -> bool {
        let is_theirs = self.by.as_ref() == Some(&self.giver);
        is_theirs || self.first == Some(GrantState::Offered) && self.given > 0
    }

    /// Whether such a decision opened it: an exception is made by approving it.
    fn may_rest_on(&self, outcome: &str, first: GrantState) -> bool {
        matches!(outcome, "allowed" | "allowed_say_why") || (outcome == "exception" && first == GrantState::Offered)
    }

    fn wrong(&self) -> Option<String> {
        let what = match (&self.outcome, self.first, self.last) {
            (None, ..) => "the decision it rests on is not there".to_owned(),
            (_, None, _) | (_, _, None) => "it has no steps".to_owned(),
            (Some(outcome), Some(first), _) if !self.may_rest_on(outcome, first) => format!("the decision it rests on is `{outcome}`"),
            (_, Some(first), _) if !matches!(first, GrantState::Granted | GrantState::Offered) => format!("its first step is `{}`", first.word()),
            _ if !self.is_of_its_giver() => "who gave it is not who its steps say".to_owned(),
            (_, _, Some(last)) if last != self.state => format!("it stands at `{}`, and its last step says `{}`", self.state.word(), last.word()),
            _ if self.keys != 1 || self.strange_keys != 0 => "what it counts under is not what was kept when it was given".to_owned(),
            _ => return None,
        };
        Some(format!("grant {}: {what}", self.id))
    }
}

/// The grants, looked at page by page, first given first.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    after: i64,
}

impl Grants {
    /// Looks at the next page, adds what is wrong in it, and says how many grants it had: none at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        let page: Vec<Perhaps<(i64,), Looked>> = tx.all(&GRANTS, params![self.after, GRANTS_PAGE]).await?;
        for Perhaps { key: (seq,), row } in &page {
            let grant = match row {
                Ok(grant) => grant,
                Err(e) => {
                    found.push(format!("grant number {seq} cannot be read: {e}"));
                    continue;
                }
            };
            found.extend(grant.wrong());
            if !grant.is_told(tx).await? {
                found.push(format!("grant {}: the log does not tell of it as it is", grant.id));
            }
        }
        self.after = page.last().map_or(self.after, |last| last.key.0);
        Ok(page.len())
    }
}

/// The decisions, decided again page by page, and what came of it.
#[derive(Clone, Debug)]
pub struct Decisions {
    after: DecisionId,
    /// How many came out the same.
    pub same: u64,
    /// Of how many a personal fact was erased: they cannot be decided again.
    pub erased: u64,
    /// How many came out otherwise, or could not be decided again though nothing was erased.
    pub different: u64,
}

impl Default for Decisions {
    fn default() -> Self {
        Self { after: DecisionId(Id::from_bytes([0; 16])), same: 0, erased: 0, different: 0 }
    }
}

impl Decisions {
    /// Decides the next page again, adds what came out otherwise, and says how many decisions it had: none at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, charters: &Charters, found: &mut Vec<String>) -> Result<usize, DbError> {
        let page: Vec<(DecisionId,)> = tx.all(&DECISIONS, params![&self.after, DECISIONS_PAGE]).await?;
        for (id,) in &page {
            match deciding::again(tx, charters, *id).await {
                Ok(Recorded::Same) => self.same += 1,
                Ok(Recorded::Erased) => self.erased += 1,
                Ok(Recorded::Different { then, now }) => {
                    self.different += 1;
                    let otherwise = if then == now { format!("with other limits or rules (`{now}`)") } else { format!("as `{now}`, and was `{then}`") };
                    found.push(format!("decision {id}: it comes out {otherwise}"));
                }
                Err(DbError::Defect(what)) => {
                    self.different += 1;
                    found.push(format!("decision {id}: it cannot be decided again: {what}"));
                }
                Err(e) => return Err(e),
            }
            self.after = *id;
        }
        Ok(page.len())
    }
}

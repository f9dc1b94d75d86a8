//! A request: what is asked, by whom, about which subjects, with which facts and history. Read against a charter; all problems at once.

mod ledger;
mod names;
mod openings;
mod read;
mod values;

pub(crate) use ledger::{Entry, Had};
pub use read::Purpose;

use serde::Serialize;

use crate::expr::Range;
use crate::facts::{By, Fact, Value};
use crate::model::Charter;
use crate::time::Instant;

/// A request that makes sense under the charter it was read against.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it is asked.
    pub now: Instant,
    /// The place of the asker's level.
    pub level: usize,
    /// The group the asker decides for, by place.
    pub group: Option<usize>,
    /// The place of the issue.
    pub issue: Option<usize>,
    /// The place of the remedy asked for.
    pub remedy: Option<usize>,
    /// The place of the reason.
    pub reason: Option<usize>,
    /// The amount, in units of the remedy's measure.
    pub amount: Option<i64>,
    /// Names of facts that the charter does not declare.
    pub ignored: Vec<String>,
    /// What is meant by those of them that are keys of history.
    pub(crate) meant: std::collections::BTreeMap<String, String>,
    pub(crate) staff: Vec<Value>,
    /// By fact, as rules see it.
    pub(crate) facts: Vec<Value>,
    /// By fact, what was given, known or not.
    pub(crate) given: Vec<Option<Given>>,
    /// Facts whose assumption is used.
    pub(crate) assumed: Vec<bool>,
    /// Staff facts whose assumption is used.
    pub(crate) staff_assumed: Vec<bool>,
    /// By subject, its id.
    pub(crate) ids: Vec<Option<Box<str>>>,
    /// Subjects that are there, a bit each.
    pub(crate) present: u64,
    /// Keys whose fact is unknown, a bit each.
    pub(crate) unknown_keys: u64,
    /// Keys that every subject's id fills, and whether it is there, for `granted` without a scope.
    pub(crate) subject_keys: u64,
    pub(crate) absent_keys: u64,
    /// By remedy.
    pub(crate) entries: Vec<Entry>,
    /// By window that follows the calendar, the first instant at which a grant counts.
    pub(crate) begins: Vec<Instant>,
    /// By meter of `granted(…)`, how often, in millionths.
    pub(crate) granted: Vec<Range>,
    /// By group, the instant it is due.
    pub(crate) due: Vec<Option<Instant>>,
    /// By group, whether it has hours and none from now on are known.
    pub(crate) deserted: Vec<bool>,
}

/// A fact as the request gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) value: Value,
    pub(crate) by: By,
    pub(crate) at: Option<Instant>,
}

/// Why a fact does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nobody has said.
    Unknown,
    /// Somebody has said, but not who must.
    Unconfirmed,
    /// It was said longer ago than it holds.
    Stale,
    /// It holds for a while only, and when it was said is not known.
    Undated,
}

impl Given {
    /// Why it does not count, if so.
    fn refused(&self, fact: &Fact, now: Instant) -> Option<Missing> {
        if fact.confirm.is_some_and(|confirm| !confirm.is_given(self.by)) {
            return Some(Missing::Unconfirmed);
        }
        match (fact.fresh, self.at) {
            (Some(_), None) => Some(Missing::Undated),
            (Some(span), Some(at)) if now.saturating_sub(at) > span => Some(Missing::Stale),
            _ => None,
        }
    }
}

/// Something wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// Where: `facts.order.total`.
    pub at: String,
    /// What is wrong, with the input in backticks.
    pub message: String,
    /// What belongs there.
    pub expected: String,
}

impl Request {
    /// Whether a declared fact is unknown to every rule: not given, not confirmed or too old, and not assumed.
    #[must_use]
    pub fn is_unknown(&self, charter: &Charter, name: &str) -> bool {
        charter.fact(name).and_then(|place| self.facts.get(place)).is_some_and(|value| *value == Value::Unknown)
    }

    /// The subjects that are absent here and without which some rule of today that allows a remedy for a reason, by their places, says nothing. In the order of
    /// the charter.
    #[must_use]
    pub fn absent_for<'c>(&self, charter: &'c Charter, remedy: usize, reason: Option<usize>) -> Vec<&'c str> {
        let of_today = charter.allows().filter(|rule| (rule.from..rule.until).contains(&self.now));
        let needed = of_today.filter(|rule| rule.concerns_remedy(remedy) && rule.concerns_reason(reason)).fold(0, |needed, rule| needed | rule.subjects);
        let absent = needed & !self.present;
        charter.subjects.iter().enumerate().filter(|(place, _)| absent >> place & 1 == 1).map(|(_, name)| &**name).collect()
    }

    /// When an answer of a group by its place is due; nothing while nobody is known to be there.
    #[must_use]
    pub fn due(&self, group: usize) -> Option<Instant> {
        self.due.get(group).copied().flatten()
    }

    /// Why a fact by its place does not count, and what was said of it all the same.
    pub(crate) fn missing(&self, fact: &Fact, place: usize) -> (Missing, Option<&Given>) {
        let given = self.given.get(place).and_then(Option::as_ref);
        let refused = given.and_then(|given| Some((given.refused(fact, self.now)?, Some(given))));
        refused.unwrap_or((Missing::Unknown, None))
    }

    /// Reads a request from JSON text.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(charter: &Charter, text: &str, purpose: Purpose) -> Result<Self, Vec<Problem>> {
        read::from_text(charter, text, purpose)
    }

    /// Reads a request from a JSON value.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_value(charter: &Charter, value: &serde_json::Value, purpose: Purpose) -> Result<Self, Vec<Problem>> {
        read::from_value(charter, value, purpose)
    }
}

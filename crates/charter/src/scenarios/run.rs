//! Asking a charter what a case expects.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Case, Expectation};
use crate::decimal::Decimal;
use crate::diagnostics::nearest;
use crate::explain::{Answer, CapAnswer, decide_json};
use crate::model::{Charter, Closing};
use crate::money::Amount;
use crate::time::read_instant;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the answer is what was expected.
    pub passed: bool,
    /// Where it is not.
    pub differences: Vec<Difference>,
    /// What the charter answered.
    pub answer: Answer,
    /// Subjects of the case that the charter does not have, which play no part.
    pub undeclared: Vec<String>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its key: `outcome`, `left.never-over-paid`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Asks a charter, and compares.
#[must_use]
pub fn run(charter: &Charter, case: &Case) -> Outcome {
    let request = case.request();
    let answer = decide_json(charter, &request);
    let mut differences = unknown(charter, &case.expect);
    differences.extend(self::differences(charter, &case.expect, &answer));
    let subjects = request.get("subjects").and_then(|subjects| subjects.as_object()).into_iter().flatten();
    let undeclared = subjects.map(|(name, _)| name).filter(|name| !charter.subjects.iter().any(|s| **s == ***name)).cloned().collect();
    Outcome { passed: differences.is_empty(), differences, answer, undeclared }
}

const NONE: &str = "none";

/// Names that an expectation has and the charter has not: nothing the charter answers could meet it as it was meant.
fn unknown(charter: &Charter, expect: &Expectation) -> Vec<Difference> {
    let rules: Vec<&str> = charter.rules.iter().map(|rule| &*rule.id).collect();
    let facts: Vec<&str> = charter.facts.iter().map(|fact| &*fact.name).collect();
    let groups = charter.groups.iter().map(|group| &*group.id);
    let serving: Vec<&str> = groups.chain(charter.levels.iter().map(|level| &**level)).chain([NONE]).collect();
    let named = [("rules", &expect.rules, &rules), ("asks", &expect.asks, &facts)];
    let mut unknown = Vec::new();
    let mut look = |what: &str, name: &str, known: &[&str]| {
        if !known.contains(&name) {
            let near = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            unknown.push(Difference { what: what.to_owned(), expected: name.to_owned(), found: format!("not in the charter{near}") });
        }
    };
    for (what, names, known) in named {
        names.iter().flatten().for_each(|name| look(what, name, known));
    }
    expect.to.iter().for_each(|name| look("to", name, &serving));
    unknown
}

/// Whether a charter has a cap of this name.
fn has_cap(charter: &Charter, id: &str) -> bool {
    charter.rules.iter().any(|rule| *rule.id == *id && matches!(rule.kind, Closing::Cap(_)))
}

fn differences(charter: &Charter, expect: &Expectation, answer: &Answer) -> Vec<Difference> {
    let mut list = Vec::new();
    let mut held = |what: &str, expected: String, found: String, same: bool| {
        if !same {
            list.push(Difference { what: what.to_owned(), expected, found });
        }
    };
    if let Some(outcome) = expect.outcome {
        held("outcome", outcome.name().to_owned(), answer.outcome.name().to_owned(), outcome == answer.outcome);
    }
    let needs = answer.clear.iter().chain(&answer.any_of);
    let facts: Vec<String> = needs.flat_map(|need| need.facts.iter().cloned()).collect();
    for (what, expected, found) in [("rules", &expect.rules, &answer.rules), ("asks", &expect.asks, &facts)] {
        let Some(expected) = expected else { continue };
        let (expected, found) = (set(expected), set(found));
        held(what, listed(&expected), listed(&found), expected == found);
    }
    let amounts = [("free_up_to", &expect.free_up_to, &answer.free_up_to), ("say_why_up_to", &expect.say_why_up_to, &answer.say_why_up_to)];
    for (what, expected, found) in amounts {
        let Some(expected) = expected else { continue };
        let found = found.as_ref().map_or(NONE, digits);
        held(what, expected.clone(), found.to_owned(), same_amount(expected, found));
    }
    if let Some(expected) = &expect.to {
        let found = answer.to.as_ref().map_or(NONE, |to| to.group.as_deref().unwrap_or(&to.level));
        held("to", expected.clone(), found.to_owned(), expected == found);
    }
    if let Some(expected) = &expect.due {
        let found = answer.to.as_ref().and_then(|to| to.due.as_deref()).unwrap_or(NONE);
        held("due", expected.clone(), found.to_owned(), expected == found || read_instant(expected).is_some_and(|e| read_instant(found) == Some(e)));
    }
    for (cap, expected) in &expect.left {
        if !has_cap(charter, cap) {
            held(&format!("left.{cap}"), expected.clone(), "not a cap of the charter".to_owned(), false);
            continue;
        }
        let of_cap = |c: &&CapAnswer| c.rule == *cap;
        let found = answer.caps.iter().find(of_cap).and_then(|c| c.left.as_ref()).map_or(NONE, digits);
        held(&format!("left.{cap}"), expected.clone(), found.to_owned(), same_amount(expected, found));
    }
    list
}

fn set(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}

fn listed(names: &BTreeSet<&str>) -> String {
    if names.is_empty() { NONE.to_owned() } else { names.iter().copied().collect::<Vec<_>>().join(", ") }
}

fn digits(amount: &Amount) -> &str {
    match amount {
        Amount::Money { amount, .. } => amount,
        Amount::Text(text) => text,
    }
}

/// `20` is `20.00`.
fn same_amount(one: &str, other: &str) -> bool {
    one == other || Decimal::read(one).is_ok_and(|one| Decimal::read(other) == Ok(one))
}

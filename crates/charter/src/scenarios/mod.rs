//! Scenarios: what a charter must answer, written beside it (`NAME.scenarios.toml`) as cases or as a table, and run against it.
//!
//! A case is laid over what the file gives for all: subjects, staff, facts and openings key by key, the ledger as a whole.

mod cells;
mod expect;
mod read;
mod run;

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

pub use expect::Expectation;
pub use read::read;
pub use run::{Difference, Outcome, run};

use crate::diagnostics::Span;
use crate::document::At;

/// A scenario file that has been read.
#[derive(Clone, Debug)]
pub struct Scenarios {
    /// The file of the charter, beside this one.
    pub charter: At<String>,
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// One request, and what its answer must be.
#[derive(Clone, Debug)]
pub struct Case {
    /// What people call it.
    pub name: String,
    /// Where it stands in the file.
    pub span: Span,
    /// What its answer must be.
    pub expect: Expectation,
    given: Arc<Asked>,
    own: Asked,
}

/// What a file gives for all its cases, or what one case says itself. `null` is an absent subject or an unknown fact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// `at`, `issue`, `remedy`, `reason`, `amount` and `ledger`, as they stand in a request.
    plain: Map<String, Json>,
    /// `level` and `group`.
    asker: Map<String, Json>,
    staff: Map<String, Json>,
    subjects: Map<String, Json>,
    /// By `subject.fact`.
    facts: Map<String, Json>,
    openings: Map<String, Json>,
}

impl Case {
    /// The request, with what the file gives for all.
    #[must_use]
    pub fn request(&self) -> Json {
        let whole = Asked::clone(&self.given).with(&self.own);
        let mut asker = whole.asker;
        asker.insert("staff".to_owned(), Json::Object(whole.staff));
        let mut request = whole.plain;
        let parts = [("asker", asker), ("subjects", whole.subjects), ("facts", whole.facts), ("openings", whole.openings)];
        request.extend(parts.map(|(key, part)| (key.to_owned(), json!(part))));
        Json::Object(request)
    }
}

impl Asked {
    /// The same, where a case does not say otherwise. A subject that the case makes absent takes its given facts with it.
    fn with(mut self, own: &Self) -> Self {
        for (subject, _) in own.subjects.iter().filter(|(_, id)| id.is_null()) {
            self.facts.retain(|fact, _| fact.split_once('.').is_none_or(|(of, _)| of != subject));
        }
        let parts = [
            (&mut self.plain, &own.plain),
            (&mut self.asker, &own.asker),
            (&mut self.staff, &own.staff),
            (&mut self.subjects, &own.subjects),
            (&mut self.facts, &own.facts),
            (&mut self.openings, &own.openings),
        ];
        for (given, own) in parts {
            given.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self
    }
}

#[cfg(test)]
mod tests;

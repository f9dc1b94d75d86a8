//! What is legal but odd: the findings that need no proof over all requests. Only the charter's own rules are looked at, not those of the one it stands inside.

mod limits;
mod reach;
mod repeats;
mod unused;

use std::collections::HashMap;
use std::sync::Arc;

use super::Sources;
use super::guardrails::Compiled;
use crate::diagnostics::Findings;
use crate::document::{At, Document, Formula, Limit};
use crate::model::{Allow, Closing, Cover, Rule};

/// Warnings first: if there is too much to say, notes are what is left out.
pub(super) fn look(document: &Document, compiled: &Compiled<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    let look = Look::new(document, compiled);
    reach::look(&look, sources.today, findings);
    limits::look(&look, findings);
    repeats::look(&look, findings);
    unused::look(&look, findings);
}

/// The charter as written, beside what it was compiled to.
struct Look<'l, 'd> {
    document: &'l Document,
    compiled: &'l Compiled<'d>,
    guardrails: Vec<Guardrail<'l>>,
    /// The charter has remedies, facts and reasons of its own.
    declares: bool,
}

/// What all kinds of guardrails have.
struct Guardrail<'l> {
    id: &'l At<String>,
    reasons: Option<&'l [At<String>]>,
    when: Option<&'l Formula>,
    who: Option<&'l Formula>,
    until: Option<&'l At<jiff::civil::Date>>,
    below: Option<&'l At<String>>,
    because: Option<&'l At<String>>,
    rule: &'l Rule,
}

impl<'l, 'd> Look<'l, 'd> {
    fn new(document: &'l Document, compiled: &'l Compiled<'d>) -> Self {
        let rules: HashMap<&str, &Rule> = compiled.rules.iter().filter(|r| r.layer == 0).map(|r| (&*r.id, r)).collect();
        macro_rules! guardrail {
            ($of:ident, $below:expr) => {
                rules.get(&*$of.id.value).map(|rule| Guardrail {
                    id: &$of.id,
                    reasons: $of.reasons.as_deref(),
                    when: $of.when.as_ref(),
                    who: $of.who.as_ref(),
                    until: $of.until.as_ref(),
                    below: $below,
                    because: $of.because.as_ref(),
                    rule,
                })
            };
        }
        let allows = document.allow.iter().filter_map(|a| guardrail!(a, None));
        let forbids = document.forbid.iter().filter_map(|f| guardrail!(f, f.below.as_ref()));
        let caps = document.cap.iter().filter_map(|c| guardrail!(c, c.below.as_ref()));
        let guardrails = allows.chain(forbids).chain(caps).collect();
        Self { guardrails, document, compiled, declares: document.inside.is_none() }
    }

    /// The allows as written, each with what it was compiled to. They stand first among the guardrails.
    fn allows(&self) -> impl Iterator<Item = (&'l crate::document::Allow, &'l Rule, &'l Allow)> {
        self.document.allow.iter().zip(&self.guardrails).filter_map(|(written, guardrail)| match &guardrail.rule.kind {
            Closing::Allow(allow) => Some((written, guardrail.rule, allow)),
            _ => None,
        })
    }

    fn remedy_id(&self, place: usize) -> &'l str {
        self.compiled.remedies.get(place).map_or("", |r| &r.id)
    }

    fn subject(&self, place: usize) -> &'l str {
        self.compiled.declared.subjects.get(place).map_or("", |s| s)
    }

    /// Each expression of a limit, with what it covers.
    fn covers<'r>(&self, limit: &'r Limit, allow: &'r Allow) -> Vec<(&'r Formula, Vec<Covered<'r>>)> {
        let of = |id: &At<String>| {
            let remedy = self.compiled.remedies.binary_search_by(|r| (*r.id).cmp(&id.value)).ok()?;
            let place = allow.covers.binary_search_by_key(&remedy, |(remedy, _)| *remedy).ok()?;
            allow.covers.get(place)
        };
        match limit {
            Limit::One(formula) => vec![(formula, self.covered(allow.covers.iter()))],
            Limit::By(by) => by.iter().map(|(id, formula)| (formula, self.covered(of(id).into_iter()))).collect(),
        }
    }

    /// Remedies under one limit are looked at together.
    fn covered<'r>(&self, covers: impl Iterator<Item = &'r (usize, Cover)>) -> Vec<Covered<'r>> {
        let mut list: Vec<Covered<'r>> = Vec::new();
        for (place, cover) in covers.filter(|(_, cover)| !matches!(cover, Cover::Any)) {
            let least = self.compiled.remedies.get(*place).map_or(1, |r| r.minimum.saturating_mul(r.measure.scale()));
            match list.last_mut().filter(|last| shares(last.cover, cover)) {
                Some(last) => last.least = last.least.min(least),
                None => list.push(Covered { remedy: *place, least, cover }),
            }
        }
        list
    }
}

/// What a limit covers.
struct Covered<'r> {
    /// The first remedy.
    remedy: usize,
    /// The least amount that can be asked of them.
    least: i64,
    cover: &'r Cover,
}

fn shares(a: &Cover, b: &Cover) -> bool {
    match (a, b) {
        (Cover::Exactly(a), Cover::Exactly(b)) => Arc::ptr_eq(a, b),
        (Cover::UpTo { limit: a, stretch: None }, Cover::UpTo { limit: b, stretch: None }) => Arc::ptr_eq(a, b),
        (Cover::UpTo { limit: a, stretch: Some(c) }, Cover::UpTo { limit: b, stretch: Some(d) }) => Arc::ptr_eq(a, b) && Arc::ptr_eq(c, d),
        _ => false,
    }
}

/// The text of an expression, as a message shows it.
fn shown(formula: &Formula) -> String {
    const LONGEST: usize = 120;
    let text = formula.0.value.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

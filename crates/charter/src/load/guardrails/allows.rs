//! Allows: what they cover of each remedy.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostics::{Code, Findings};
use crate::document;
use crate::document::{At, Formula};
use crate::expr::{Bound, Num, Place, Reads};
use crate::load::formulas::Formulas;
use crate::model::{Allow, Closing, Cover, Scope};

use super::{Compiled, Head, is};

impl<'d> Compiled<'d> {
    pub(super) fn allow(&mut self, allow: &document::Allow, findings: &mut Findings) {
        let mut reads = Reads::default();
        let remedies = self.remedy_places(&allow.remedies, findings);
        if allow.remedies.is_empty() && !allow.is_unread(&["remedies"]) {
            findings.add(Code::MissingKey, allow.id.span.clone(), "this allow names no remedy", "`remedies = [\"…\"]`");
        }
        let when = self.when(allow.when.as_ref(), &mut reads, findings);
        let covers = self.covers(allow, &remedies, &mut reads, findings);
        let scope = match &allow.per {
            Some(per) => self.scope(per, findings),
            None => Some(Scope::CASE),
        };
        let level = self.level(&allow.level, findings);
        let second = is(allow.second.as_ref());
        let (Some(when), Some(level), Some(covers), Some(scope)) = (when, level, covers, scope) else { return };
        let allow_kind = Allow { when, scope, covers, say_why: is(allow.say_why.as_ref()), second };
        let head = Head {
            id: &allow.id,
            span: &allow.span,
            reasons: allow.reasons.as_deref(),
            who: allow.who.as_ref(),
            from: allow.from.as_ref(),
            until: allow.until.as_ref(),
            because: allow.because.as_ref(),
            when: allow.when.as_ref(),
            level,
            closes: false,
        };
        self.rule(&head, Closing::Allow(allow_kind), None, scope, reads, findings);
    }

    /// What an allow covers of each remedy; nothing if that cannot be said.
    pub(super) fn covers(&mut self, allow: &document::Allow, remedies: &[usize], reads: &mut Reads, findings: &mut Findings) -> Option<Vec<(usize, Cover)>> {
        if allow.is_unread(&["up_to", "exactly", "unlimited"]) {
            return None;
        }
        let given = [allow.up_to.is_some(), allow.exactly.is_some(), is(allow.unlimited.as_ref())];
        let given = given.iter().filter(|g| **g).count();
        let measured: Vec<usize> = remedies.iter().copied().filter(|r| self.kind_of(*r).is_some()).collect();
        if measured.is_empty() != (given == 0) && !remedies.is_empty() {
            let message = if measured.is_empty() { "acts have no limit" } else { "this allow has no limit" };
            let expected = if measured.is_empty() { "none of `up_to`, `exactly`, `unlimited`" } else { LIMITS };
            findings.add(Code::BadLimit, allow.id.span.clone(), message, expected);
            return None;
        }
        if given > 1 {
            findings.add(Code::ConflictingKeys, allow.id.span.clone(), "these limits exclude each other", LIMITS);
            return None;
        }
        if let Some(stretch) = allow.stretch.as_ref().filter(|_| allow.up_to.is_none()) {
            findings.add(Code::ConflictingKeys, stretch.span(), "a stretch goes beyond `up_to`", "`up_to` with `stretch`");
        }
        let bound = |num, formulas: &Formulas<'d>| Bound::of(num, &formulas.definitions);
        let mut up_to = self.limits(allow.up_to.as_ref(), &measured, bound, reads, findings)?;
        let mut exactly = self.limits(allow.exactly.as_ref(), &measured, |num, _| num, reads, findings)?;
        let mut stretch = self.limits(allow.stretch.as_ref(), &measured, bound, reads, findings)?;
        let cover = |remedy: usize| {
            let cover = match (up_to.remove(&remedy), exactly.remove(&remedy)) {
                (Some(limit), _) => Cover::UpTo { limit, stretch: stretch.remove(&remedy) },
                (None, Some(exact)) => Cover::Exactly(exact),
                (None, None) => Cover::Any,
            };
            (remedy, cover)
        };
        Some(remedies.iter().copied().map(cover).collect())
    }

    /// A limit for each remedy that has a measure; one that is written for all of them is read once.
    pub(super) fn limits<T>(
        &mut self,
        limit: Option<&document::Limit>,
        measured: &[usize],
        finish: impl Fn(Num, &Formulas<'d>) -> T,
        reads: &mut Reads,
        findings: &mut Findings,
    ) -> Option<HashMap<usize, Arc<T>>> {
        match limit {
            None => Some(HashMap::new()),
            Some(document::Limit::One(formula)) => {
                let kinds: HashSet<String> = measured.iter().map(|r| format!("{:?}", self.measure_of(*r))).collect();
                if kinds.len() > 1 {
                    let expected = "a table by remedy: `{ refund = \"25\", free_months = 1 }`";
                    findings.add(Code::BadLimit, formula.0.span.clone(), "one limit for remedies of different measures", expected);
                    return None;
                }
                let Some(first) = measured.first() else { return Some(HashMap::new()) };
                let num = self.limit(formula, *first, reads, findings)?;
                let shared = Arc::new(finish(num, &self.formulas));
                Some(measured.iter().map(|remedy| (*remedy, Arc::clone(&shared))).collect())
            }
            Some(document::Limit::By(by)) => {
                let found = self.limits_by(by, measured, reads, findings)?;
                Some(found.into_iter().map(|(remedy, num)| (remedy, Arc::new(finish(num, &self.formulas)))).collect())
            }
        }
    }

    fn limits_by(&mut self, by: &[(At<String>, Formula)], measured: &[usize], reads: &mut Reads, findings: &mut Findings) -> Option<HashMap<usize, Num>> {
        let mut found = HashMap::new();
        for (id, formula) in by {
            let Some(remedy) = self.remedy_places(std::slice::from_ref(id), findings).first().copied() else { continue };
            if !measured.contains(&remedy) {
                findings.add(Code::BadLimit, id.span.clone(), format!("`{}` has no limit here", id.value), "a remedy of this allow that has a measure");
                continue;
            }
            if let Some(num) = self.limit(formula, remedy, reads, findings) {
                found.insert(remedy, num);
            }
        }
        if measured.iter().all(|r| found.contains_key(r)) {
            return Some(found);
        }
        // One that is there and wrong has been reported.
        let missing = measured.iter().filter_map(|r| self.declared.remedies.get(*r)).filter(|r| by.iter().all(|(id, _)| id.value != r.id.value));
        let missing: Vec<_> = missing.map(|r| format!("`{}`", r.id.value)).collect();
        if missing.is_empty() {
            return None;
        }
        let at = document::Limit::By(by.to_vec()).span();
        findings.add(Code::BadLimit, at, format!("no limit for {}", missing.join(", ")), "a limit for each remedy that has a measure");
        None
    }

    fn limit(&mut self, formula: &Formula, remedy: usize, reads: &mut Reads, findings: &mut Findings) -> Option<Num> {
        let kind = self.kind_of(remedy)?;
        let (num, read) = self.formulas.compile(formula, Place::Case, findings, |c, e| c.expect_count(e, &kind))?;
        reads.absorb(&read);
        Some(num)
    }
}

const LIMITS: &str = "exactly one of `up_to`, `exactly` and `unlimited = true`";

//! Definitions, worth, guardrails and groups: compiled one by one, so that one error hides no other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::declare::{Declared, check_id, check_new, duration, edge, literal_value, past, reason_places, too_many};
use super::formulas::Formulas;
use crate::decimal::ONE;
use crate::diagnostics::{Code, Findings, Span};
use crate::document::{self, At, Document, Formula};
use crate::expr::{Bool, Bound, Definition, Env, GrantedMeter, Num, Place, Range, Reads, WINDOWS};
use crate::facts::{Type, Value};
use crate::limits::{self, MONEY_MAX};
use crate::model::{Allow, Cap, Charter, Closing, Cover, Group, Guard, Issue, KeyOf, Layer, Most, Remedy, Rule, Scope};
use crate::money::Measure;
use crate::syntax::{Binary, Expr, Kind};
use crate::time::{INSTANT_RANGE, Window};

/// What has been compiled so far.
pub(super) struct Compiled<'d> {
    pub(super) declared: &'d Declared,
    pub(super) formulas: Formulas<'d>,
    pub(super) remedies: Vec<Remedy>,
    pub(super) issues: Vec<Issue>,
    pub(super) rules: Vec<Rule>,
    pub(super) groups: Vec<Group>,
    /// What the conditions of groups read.
    pub(super) group_reads: Reads,
    /// Where each guardrail and group stands, by id.
    pub(super) spans: HashMap<Box<str>, Span>,
    prefix: String,
    layer: usize,
}

impl<'d> Compiled<'d> {
    pub(super) fn new(declared: &'d Declared, text: &'d str) -> Self {
        Self {
            declared,
            formulas: Formulas::new(declared, text),
            remedies: Vec::new(),
            issues: Vec::new(),
            rules: Vec::new(),
            groups: Vec::new(),
            group_reads: Reads::default(),
            spans: HashMap::new(),
            prefix: String::new(),
            layer: 0,
        }
    }

    /// Compiles the guardrails and groups of one charter.
    pub(super) fn layer(&mut self, document: &Document, layer: usize, prefix: &str, text: &'d str, findings: &mut Findings) {
        self.layer = layer;
        self.prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        self.formulas.text = text;
        self.formulas.names.clear();
        self.define(document, findings);
        if self.remedies.is_empty() {
            self.remedies(findings);
        }
        let guardrails = document.allow.len() + document.forbid.len() + document.cap.len();
        if guardrails > limits::GUARDRAILS {
            let ids = document.allow.iter().map(|a| &a.id).chain(document.forbid.iter().map(|f| &f.id)).chain(document.cap.iter().map(|c| &c.id));
            let mut ids: Vec<_> = ids.collect();
            ids.sort_by_key(|id| id.span.start);
            too_many(past(ids.get(limits::GUARDRAILS).copied()), "guardrails", guardrails, limits::GUARDRAILS, "GUARDRAILS", findings);
            return;
        }
        self.check_ids(document, findings);
        self.issues(document, findings);
        for allow in &document.allow {
            self.allow(allow, findings);
        }
        for forbid in &document.forbid {
            self.forbid(forbid, findings);
        }
        for cap in &document.cap {
            self.cap(cap, findings);
        }
        for group in &document.group {
            self.group(group, findings);
        }
    }

    fn check_ids(&mut self, document: &Document, findings: &mut Findings) {
        let ids = document.allow.iter().map(|a| &a.id).chain(document.forbid.iter().map(|f| &f.id)).chain(document.cap.iter().map(|c| &c.id));
        let mut seen = HashSet::new();
        for id in ids {
            check_id(id, true, findings);
            check_new(id, &mut seen, findings);
        }
        let mut seen = HashSet::new();
        for group in &document.group {
            check_id(&group.id, true, findings);
            check_new(&group.id, &mut seen, findings);
        }
    }

    /// Definitions are compiled in the order in which they need each other.
    fn define(&mut self, document: &Document, findings: &mut Findings) {
        if document.define.len() > limits::DEFINITIONS {
            too_many(
                past(document.define.get(limits::DEFINITIONS).map(|(name, _)| name)),
                "definitions",
                document.define.len(),
                limits::DEFINITIONS,
                "DEFINITIONS",
                findings,
            );
            return;
        }
        let names: HashSet<&str> = document.define.iter().map(|(n, _)| n.value.as_str()).collect();
        let mut waiting: Vec<(&At<String>, &Formula, HashSet<String>)> = Vec::new();
        for (name, formula) in &document.define {
            check_id(name, false, findings);
            if matches!(name.value.as_str(), "now" | "amount" | "true" | "false" | "in") {
                findings.add(Code::DuplicateId, name.span.clone(), format!("`{}` is built in", name.value), "another name");
            }
            self.formulas.names.insert(name.value.clone(), usize::MAX);
            if let Some(expr) = self.formulas.parse(formula, findings) {
                let needs = names_in(&expr).into_iter().filter(|n| names.contains(n.as_str())).collect();
                waiting.push((name, formula, needs));
            }
        }
        let mut done: HashSet<String> = HashSet::new();
        loop {
            let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, _, needs)| needs.iter().all(|n| done.contains(n)));
            waiting = later;
            if ready.is_empty() {
                break;
            }
            for (name, formula, _) in ready {
                self.define_one(name, formula, findings);
                done.insert(name.value.clone());
            }
        }
        let readable: HashSet<&str> = waiting.iter().map(|(n, ..)| n.value.as_str()).collect();
        for (name, _, needs) in &waiting {
            if needs.iter().any(|n| readable.contains(n.as_str())) {
                findings.add(Code::Cycle, name.span.clone(), format!("`{}` uses itself, by way of others", name.value), "definitions without a circle");
            }
        }
    }

    fn define_one(&mut self, name: &At<String>, formula: &Formula, findings: &mut Findings) {
        let compiled = self.formulas.compile(formula, Place::Definition, findings, |c, e| c.compile(e, None));
        let Some((body, reads)) = compiled else { return };
        let of_case = !reads.facts.is_empty() || reads.exists | reads.ids != 0 || !reads.granted.is_empty();
        if of_case && !reads.staff.is_empty() {
            let expected = "conditions on the person and on the case in definitions of their own";
            findings.add(Code::StaffInWhen, formula.0.span.clone(), "this definition reads facts of staff and of the case", expected);
        }
        let place = self.formulas.definitions.len();
        self.formulas.definitions.push(Definition { kind: body.kind(), body, reads });
        self.formulas.names.insert(name.value.clone(), place);
    }

    fn remedies(&mut self, findings: &mut Findings) {
        for declared in &self.declared.remedies {
            let kind = amount_kind(&declared.measure);
            let units = |formula: &Option<Formula>, formulas: &mut Formulas<'d>, findings: &mut Findings| {
                let formula = formula.as_ref()?;
                let Some(kind) = kind.clone() else {
                    findings.add(Code::BadLimit, formula.0.span.clone(), "an act has no amount", "a remedy with a measure");
                    return None;
                };
                let (num, _) = formulas.compile(formula, Place::Case, findings, |c, e| c.expect_count(e, &kind))?;
                let Num::Const(value) = num else {
                    findings.add(Code::BadLiteral, formula.0.span.clone(), "this must be written out", kind.expected());
                    return None;
                };
                let units = value.div_euclid(declared.measure.scale());
                let exact = units * declared.measure.scale() == value && units > 0;
                if !exact {
                    findings.add(Code::BadLiteral, formula.0.span.clone(), "this is not an amount of this remedy", "whole units above zero");
                }
                exact.then_some(units)
            };
            let minimum = units(&declared.minimum, &mut self.formulas, findings).unwrap_or(1);
            let usual = units(&declared.usual, &mut self.formulas, findings);
            let (worth, worth_reads) = self.worth(declared.worth.as_ref(), kind.clone(), findings).unzip();
            self.remedies.push(Remedy {
                id: declared.id.value.as_str().into(),
                title: declared.title.as_str().into(),
                measure: declared.measure.clone(),
                reasons: declared.reasons.clone(),
                minimum,
                usual,
                only_if_asked: declared.only_if_asked,
                was: declared.was.clone(),
                worth,
                worth_reads: worth_reads.unwrap_or_default(),
                order: declared.order,
            });
        }
    }

    fn worth(&mut self, formula: Option<&Formula>, kind: Option<Type>, findings: &mut Findings) -> Option<(Num, Reads)> {
        let formula = formula?;
        let compiled = self.formulas.compile(formula, Place::Worth(kind), findings, |c, e| c.expect_count(e, &Type::Money))?;
        let env = self.nothing_known();
        if !rises(&env, &compiled.0) {
            findings.add(
                Code::WorthMayFall,
                formula.0.span.clone(),
                "this may fall as the amount rises",
                "sums, products with what is never negative, `percent`, `min`, `max`",
            );
        }
        if env.number(&compiled.0).low < 0 {
            findings
                .add(Code::WorthMayBeNegative, formula.0.span.clone(), "this may be below zero", "an amount of zero or more")
                .help("wrap it: `max(…, money(\"0\"))`");
        }
        Some(compiled)
    }

    /// The view of an expression when nothing is known: every value is all it can be.
    pub(super) fn nothing_known(&self) -> Env<'_> {
        Env {
            declared: &self.declared.facts,
            declared_staff: &self.declared.staff,
            definitions: &self.formulas.definitions,
            zone: &self.declared.zone,
            facts: &[],
            staff: &[],
            ids: &[],
            present: u64::MAX,
            now: Range::between(INSTANT_RANGE),
            amount: Range::between((1, MONEY_MAX)),
            granted: &[],
            meter_facts: &[],
        }
    }

    fn issues(&mut self, document: &Document, findings: &mut Findings) {
        if document.issue.len() > limits::ISSUES {
            too_many(past(document.issue.get(limits::ISSUES).map(|i| &i.id)), "issues", document.issue.len(), limits::ISSUES, "ISSUES", findings);
            return;
        }
        let mut seen = HashSet::new();
        for issue in &document.issue {
            check_id(&issue.id, true, findings);
            check_new(&issue.id, &mut seen, findings);
            let mut suggests = Vec::new();
            for name in &issue.suggests {
                suggests.extend(reason_places(std::slice::from_ref(name), &self.declared.reasons, findings));
            }
            // The inner charter comes last, and its issues stand for the outer one's.
            self.issues.retain(|i| *i.id != *issue.id.value);
            let title = issue.title.as_ref().map_or_else(|| spoken_id(&issue.id.value), |t| t.value.clone());
            self.issues.push(Issue { id: issue.id.value.as_str().into(), title: title.into(), suggests });
        }
        self.issues.sort_by(|a, b| a.id.cmp(&b.id));
    }

    fn allow(&mut self, allow: &document::Allow, findings: &mut Findings) {
        let mut reads = Reads::default();
        let remedies = self.remedy_places(&allow.remedies, findings);
        if allow.remedies.is_empty() {
            findings.add(Code::MissingKey, allow.id.span.clone(), "this allow names no remedy", "`remedies = [\"…\"]`");
        }
        let when = self.when(allow.when.as_ref(), &mut reads, findings);
        let covers = self.covers(allow, &remedies, &mut reads, findings);
        let scope = match &allow.per {
            Some(per) => self.scope(per, findings),
            None => self.scope_of(&["case"]),
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
        self.rule(&head, Closing::Allow(allow_kind), scope, reads, findings);
    }

    /// What an allow covers of each remedy; nothing if that cannot be said.
    fn covers(&mut self, allow: &document::Allow, remedies: &[usize], reads: &mut Reads, findings: &mut Findings) -> Option<Vec<(usize, Cover)>> {
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
    fn limits<T>(
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
        let missing = measured.iter().filter(|r| !found.contains_key(r)).filter_map(|r| self.declared.remedies.get(*r));
        let missing: Vec<_> = missing.map(|r| format!("`{}`", r.id.value)).collect();
        if missing.is_empty() {
            return Some(found);
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

    fn forbid(&mut self, forbid: &document::Forbid, findings: &mut Findings) {
        let mut reads = Reads::default();
        let remedies = forbid.remedies.as_ref().map(|r| self.remedy_places(r, findings));
        let guard = match &forbid.when {
            None => Some(Guard::Plain(Bool::Const(true))),
            Some(when) => self.guard(when, remedies.as_deref(), &mut reads, findings),
        };
        let level = self.below(forbid.below.as_ref(), findings);
        let (Some(guard), Some(level)) = (guard, level) else { return };
        let head = Head {
            id: &forbid.id,
            span: &forbid.span,
            reasons: forbid.reasons.as_deref(),
            who: forbid.who.as_ref(),
            from: forbid.from.as_ref(),
            until: forbid.until.as_ref(),
            because: forbid.because.as_ref(),
            when: forbid.when.as_ref(),
            level,
            closes: true,
        };
        self.rule_over(&head, Closing::Forbid(guard), remedies, Scope::default(), reads, findings);
    }

    fn guard(&mut self, when: &Formula, remedies: Option<&[usize]>, reads: &mut Reads, findings: &mut Findings) -> Option<Guard> {
        let expr = self.formulas.parse(when, findings)?;
        let all: Vec<usize> = (0..self.declared.remedies.len()).collect();
        let measures: HashSet<_> = remedies.unwrap_or(&all).iter().map(|r| format!("{:?}", self.measure_of(*r))).collect();
        let kind = remedies.unwrap_or(&all).first().and_then(|r| self.kind_of(*r));
        let mut amount = AmountOf { kind, one_measure: measures.len() == 1 };
        self.guard_part(when, &expr, &mut amount, reads, findings)
    }

    fn guard_part(&mut self, when: &Formula, expr: &Expr, amount: &mut AmountOf, reads: &mut Reads, findings: &mut Findings) -> Option<Guard> {
        if !names_in(expr).contains("amount") {
            let (truth, read) = self.formulas.compile_part(when, expr, Place::Case, findings, |c, e| c.expect_truth(e))?;
            reads.absorb(&read);
            return Some(Guard::Plain(truth));
        }
        if let Kind::Binary(op @ (Binary::And | Binary::Or), left, right) = &expr.kind {
            let left = self.guard_part(when, left, amount, reads, findings);
            let right = self.guard_part(when, right, amount, reads, findings);
            let both = vec![left?, right?];
            return Some(if *op == Binary::And { Guard::All(both) } else { Guard::Any(both) });
        }
        self.guard_above(when, expr, amount, reads, findings)
    }

    /// `amount > e`, `amount >= e`, `e < amount`, `e <= amount`.
    fn guard_above(&mut self, when: &Formula, expr: &Expr, amount: &AmountOf, reads: &mut Reads, findings: &mut Findings) -> Option<Guard> {
        let sides = match &expr.kind {
            Kind::Binary(op @ (Binary::More | Binary::AtLeast), left, right) if is_amount(left) => Some((right, *op == Binary::AtLeast)),
            Kind::Binary(op @ (Binary::Less | Binary::AtMost), left, right) if is_amount(right) => Some((left, *op == Binary::AtMost)),
            _ => None,
        };
        let span = self.formulas.in_file(when, expr.span.clone());
        let Some((bound, or_equal)) = sides.filter(|(bound, _)| !names_in(bound).contains("amount")) else {
            let expected = "`amount > e` or `amount >= e`, joined by `&&` and `||`";
            findings.add(Code::MisplacedAmount, span, "`amount` does not stand here", expected);
            return None;
        };
        let Some(kind) = amount.kind.clone().filter(|_| amount.one_measure) else {
            let expected = "`remedies` that all have the same measure";
            findings.add(Code::AmountOfManyMeasures, span, "the amount of these remedies is not of one measure", expected);
            return None;
        };
        let (bound, read) = self.formulas.compile_part(when, bound, Place::Case, findings, |c, e| c.expect_count(e, &kind))?;
        reads.absorb(&read);
        reads.amount = true;
        Some(above(Bound::of(bound, &self.formulas.definitions), or_equal))
    }

    fn cap(&mut self, cap: &document::Cap, findings: &mut Findings) {
        let mut reads = Reads::default();
        let remedies = cap.remedies.as_ref().map(|r| self.remedy_places(r, findings));
        let when = self.when(cap.when.as_ref(), &mut reads, findings);
        let most = self.most(cap, remedies.as_deref(), &mut reads, findings);
        let scope = cap.per.as_ref().map_or(Some(Scope::default()), |per| self.scope(per, findings));
        let level = self.below(cap.below.as_ref(), findings);
        let window = self.window(cap, findings);
        let (Some(when), Some(most), Some(scope), Some(level), Some(window)) = (when, most, scope, level, window) else { return };
        let flags = remedies.as_ref().map(|r| (0..self.declared.remedies.len()).map(|i| r.binary_search(&i).is_ok()).collect());
        let head = Head {
            id: &cap.id,
            span: &cap.span,
            reasons: cap.reasons.as_deref(),
            who: cap.who.as_ref(),
            from: cap.from.as_ref(),
            until: cap.until.as_ref(),
            because: cap.because.as_ref(),
            when: cap.when.as_ref(),
            level,
            closes: true,
        };
        let kind = Cap { when, scope, window, remedies: flags, most };
        self.rule_over(&head, Closing::Cap(kind), remedies, scope, reads, findings);
    }

    fn window(&mut self, cap: &document::Cap, findings: &mut Findings) -> Option<Window> {
        let Some(text) = cap.cooldown.as_ref().or(cap.within.as_ref()) else { return Some(Window::Endless) };
        let window = Window::read(&text.value);
        if window.is_none() {
            findings.add(Code::BadLiteral, text.span.clone(), format!("`{}` is not a window", text.value), WINDOWS);
        }
        window
    }

    fn most(&mut self, cap: &document::Cap, remedies: Option<&[usize]>, reads: &mut Reads, findings: &mut Findings) -> Option<Most> {
        const ONE_OF: &str = "exactly one of `amount`, `count`, `cooldown`";
        let (formula, kind) = match (&cap.amount, &cap.count, &cap.cooldown) {
            (Some(amount), None, None) => (amount, Type::Money),
            (None, Some(count), None) => (count, Type::Number),
            (None, None, Some(_)) => {
                if let Some(within) = &cap.within {
                    findings.add(Code::ConflictingKeys, within.span.clone(), "a cooldown has its span already", "one of `cooldown` and `within`");
                }
                return Some(Most::Count(Bound::One(Num::Const(ONE))));
            }
            (None, None, None) => {
                findings.add(Code::MissingKey, cap.id.span.clone(), "this cap says not how much", ONE_OF);
                return None;
            }
            _ => {
                findings.add(Code::ConflictingKeys, cap.id.span.clone(), "these exclude each other", ONE_OF);
                return None;
            }
        };
        if kind == Type::Money {
            self.weighed(cap, formula, remedies, findings);
        }
        let (num, read) = self.formulas.compile(formula, Place::Case, findings, |c, e| c.expect_count(e, &kind))?;
        reads.absorb(&read);
        let bound = Bound::of(num, &self.formulas.definitions);
        Some(if kind == Type::Money { Most::Amount(bound) } else { Most::Count(bound) })
    }

    /// A cap on an amount needs the worth of every remedy it counts: of those named, or all, that take one of its reasons.
    fn weighed(&self, cap: &document::Cap, formula: &Formula, remedies: Option<&[usize]>, findings: &mut Findings) {
        let all: Vec<usize> = (0..self.declared.remedies.len()).collect();
        let weightless = remedies.unwrap_or(&all).iter().filter_map(|r| self.declared.remedies.get(*r));
        let named = |place: &usize| self.declared.reasons.get(*place).is_some_and(|r| cap.reasons.iter().flatten().any(|n| *n.value == **r));
        let weightless = weightless.filter(|r| cap.reasons.is_none() || r.reasons.iter().any(named));
        let weightless: Vec<_> = weightless.filter(|r| r.measure != Measure::Money && r.worth.is_none()).map(|r| format!("`{}`", r.id.value)).collect();
        if !weightless.is_empty() {
            let message = format!("{} has no worth to weigh here", weightless.join(", "));
            findings
                .add(Code::WorthNeeded, formula.0.span.clone(), message, "remedies that are money or state `worth`")
                .help("name the `remedies` of this cap, or give these a `worth`");
        }
    }

    fn group(&mut self, group: &document::Group, findings: &mut Findings) {
        let level = self.level(&group.level, findings);
        let mut staff = vec![Value::Unknown; self.declared.staff.len()];
        for (place, fact) in self.declared.staff.iter().enumerate() {
            if let (Some(slot), Some(assume)) = (staff.get_mut(place), &fact.assume) {
                *slot = assume.clone();
            }
        }
        for (name, literal) in &group.staff {
            let full = format!("staff.{}", name.value);
            let Some((place, fact)) = self.declared.staff.iter().enumerate().find(|(_, f)| *f.name == *full) else {
                let known: Vec<_> = self.declared.staff.iter().map(|f| f.name.trim_start_matches("staff.").to_owned()).collect();
                let message = format!("`{}` is not a fact of staff", name.value);
                findings
                    .add(Code::UnknownFact, name.span.clone(), message, "a fact declared under `[facts.staff]`")
                    .nearest(&name.value, known.iter().map(String::as_str));
                continue;
            };
            if let (Some(slot), Some(value)) = (staff.get_mut(place), literal_value(&fact.kind, literal, self.declared.currency.places, findings)) {
                *slot = value;
            }
        }
        let within = group.within.as_ref().and_then(|w| duration(w, "an open time such as `30m`, `8h`, `2d`", findings));
        let mut reads = Reads::default();
        let when = group.when.as_ref().and_then(|w| self.when(Some(w), &mut reads, findings)).map(|when| (when, reads.subjects));
        self.exists_and_fact(&group.id, &reads, findings);
        self.group_reads.absorb(&reads);
        let Some(level) = level else { return };
        let id: Box<str> = format!("{}{}", self.prefix, group.id.value).into();
        self.spans.insert(id.clone(), group.id.span.clone());
        self.groups.push(Group {
            id,
            title: group.title.as_ref().map_or_else(|| spoken_id(&group.id.value), |t| t.value.clone()).into(),
            level,
            priority: group.priority.as_ref().map_or(0, |p| p.value),
            within,
            hours: group.hours.as_ref().map(|h| h.value.as_str().into()),
            exceptions: is(group.exceptions.as_ref()),
            staff,
            when,
        });
    }

    fn when(&mut self, when: Option<&Formula>, reads: &mut Reads, findings: &mut Findings) -> Option<Bool> {
        let Some(when) = when else { return Some(Bool::Const(true)) };
        let (truth, read) = self.formulas.compile(when, Place::Case, findings, |c, e| c.expect_truth(e))?;
        reads.absorb(&read);
        Some(truth)
    }

    fn scope(&self, per: &document::Scope, findings: &mut Findings) -> Option<Scope> {
        let mut scope = Scope::default();
        for name in &per.0.value {
            let found = self.declared.keys.iter().enumerate().find(|(_, k)| *k.name == *name.value);
            let Some((place, key)) = found else {
                let message = format!("`{}` is not something to count by", name.value);
                let known = self.declared.keys.iter().map(|k| &*k.name);
                findings
                    .add(Code::UnknownSubject, name.span.clone(), message, "a subject, or a text or choice fact `\"subject.fact\"`")
                    .nearest(&name.value, known);
                return None;
            };
            if matches!(name.value.as_str(), "request" | "staff") || !name.value.contains('.') && name.value != *key.name {
                return None;
            }
            scope.keys |= 1 << place;
            scope.subjects |= key.subject;
        }
        Some(scope)
    }

    fn scope_of(&self, names: &[&str]) -> Option<Scope> {
        let mut scope = Scope::default();
        for name in names {
            let (place, key) = self.declared.keys.iter().enumerate().find(|(_, k)| *k.name == **name)?;
            scope.keys |= 1 << place;
            scope.subjects |= key.subject;
        }
        Some(scope)
    }

    fn rule(&mut self, head: &Head<'_>, kind: Closing, scope: Scope, reads: Reads, findings: &mut Findings) {
        self.rule_over(head, kind, None, scope, reads, findings);
    }

    fn rule_over(&mut self, head: &Head<'_>, kind: Closing, remedies: Option<Vec<usize>>, scope: Scope, reads: Reads, findings: &mut Findings) {
        let who = head.who.and_then(|who| self.formulas.compile(who, Place::Person, findings, |c, e| c.expect_truth(e)));
        let (who, who_reads) = who.unzip();
        self.exists_and_fact(head.id, &reads, findings);
        let reasons = head.reasons.map(|named| {
            let places = reason_places(named, &self.declared.reasons, findings);
            (0..self.declared.reasons.len()).map(|i| places.binary_search(&i).is_ok()).collect()
        });
        let from = head.from.and_then(|d| edge(d.value, false, &self.declared.zone)).unwrap_or(i64::MIN);
        let until = head.until.and_then(|d| edge(d.value, true, &self.declared.zone)).unwrap_or(i64::MAX);
        if let (Some(from), Some(until)) = (head.from, head.until)
            && from.value > until.value
        {
            findings.add(Code::DatesReversed, until.span.clone(), "this rule ends before it begins", "`from` at most `until`");
        }
        let in_granted = reads.granted.iter().filter_map(|m| self.formulas.meters.get(*m)).flat_map(|m| m.keys.iter().flatten());
        let in_scope = (0..self.declared.keys.len()).filter(|k| scope.keys >> k & 1 == 1);
        let key_facts = self.facts_among(in_scope.chain(in_granted.copied()));
        let mut all_reads = reads;
        all_reads.staff = who_reads.unwrap_or_default().staff;
        let id: Box<str> = format!("{}{}", self.prefix, head.id.value).into();
        self.spans.insert(id.clone(), head.id.span.clone());
        self.rules.push(Rule {
            id,
            layer: self.layer,
            because: head.because.map(|b| b.value.as_str().into()),
            when_text: head.when.map(|w| w.0.value.as_str().into()),
            reasons,
            everybody: head.closes && head.level == usize::MAX && who.is_none(),
            who,
            from,
            until,
            subjects: all_reads.subjects | scope.subjects,
            key_facts,
            level: head.level,
            deciders: 0,
            remedies: match (&kind, remedies) {
                (Closing::Allow(allow), _) => Some(allow.covers.iter().map(|(r, _)| *r).collect()),
                (_, remedies) => remedies,
            },
            kind,
            reads: all_reads,
            span: head.span.clone(),
        });
    }

    fn facts_among(&self, keys: impl Iterator<Item = usize>) -> Vec<usize> {
        let fact = |key: usize| match self.declared.keys.get(key)?.of {
            KeyOf::Fact(fact) => Some(fact),
            KeyOf::Subject(_) => None,
        };
        keys.filter_map(fact).collect()
    }

    fn exists_and_fact(&self, id: &At<String>, reads: &Reads, findings: &mut Findings) {
        let of_facts = reads.facts.iter().filter_map(|f| self.declared.facts.get(*f)).fold(0, |bits, f| bits | 1_u64 << f.subject);
        if reads.exists & (of_facts | reads.ids) != 0 {
            let message = "this asks whether a subject is there and reads its facts";
            findings.add(Code::ExistsAndFact, id.span.clone(), message, "two rules: a fact of a subject is read only where the subject is there");
        }
    }

    fn remedy_places(&self, named: &[At<String>], findings: &mut Findings) -> Vec<usize> {
        let mut places = Vec::new();
        for name in named {
            match self.formulas.remedy_ids.binary_search_by(|r| (**r).cmp(&name.value)) {
                Ok(place) => places.push(place),
                Err(_) => {
                    let known = self.formulas.remedy_ids.iter().map(|r| &**r);
                    let message = format!("`{}` is not a remedy of this charter", name.value);
                    findings.add(Code::UnknownRemedy, name.span.clone(), message, "the id of a remedy").nearest(&name.value, known);
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    fn level(&self, name: &At<String>, findings: &mut Findings) -> Option<usize> {
        let found = self.declared.levels.iter().position(|l| **l == *name.value);
        if found.is_none() {
            let known = self.declared.levels.iter().map(|l| &**l);
            let message = format!("`{}` is not a level of this charter", name.value);
            findings.add(Code::UnknownLevel, name.span.clone(), message, "one of `levels`").nearest(&name.value, known);
        }
        found
    }

    /// The lowest level not bound; without `below` no level is.
    fn below(&self, name: Option<&At<String>>, findings: &mut Findings) -> Option<usize> {
        name.map_or(Some(usize::MAX), |name| self.level(name, findings))
    }

    fn measure_of(&self, remedy: usize) -> Option<&Measure> {
        self.declared.remedies.get(remedy).map(|r| &r.measure)
    }

    fn kind_of(&self, remedy: usize) -> Option<Type> {
        self.measure_of(remedy).and_then(amount_kind)
    }

    /// Limits that hold over both charters together.
    pub(super) fn limits_together(&self, findings: &mut Findings) {
        if self.groups.len() > limits::GROUPS {
            too_many(0..0, "groups", self.groups.len(), limits::GROUPS, "GROUPS", findings);
        }
        for (place, remedy) in self.declared.remedies.iter().enumerate() {
            let concerning = self.rules.iter().filter(|r| r.concerns_remedy(place)).count();
            if concerning > limits::GUARDRAILS_PER_REMEDY {
                let span = remedy.id.span.clone();
                too_many(span, "guardrails of one remedy", concerning, limits::GUARDRAILS_PER_REMEDY, "GUARDRAILS_PER_REMEDY", findings);
            }
        }
    }

    /// The charter, with every list in the order of its ids.
    pub(super) fn finish(mut self, layers: Vec<Layer>) -> Charter {
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        self.groups.sort_by(|a, b| a.id.cmp(&b.id));
        let declared = self.declared;
        let concerning = |place: usize| {
            let rules = self.rules.iter().enumerate().filter(move |(_, r)| r.concerns_remedy(place));
            rules.filter_map(|(i, _)| u32::try_from(i).ok()).collect()
        };
        let meter_facts = self.formulas.meters.iter().map(|m| self.facts_among(m.keys.iter().flatten().copied())).collect();
        let mut charter = Charter {
            meter_facts,
            windows: calendar_windows(&self.rules, &self.formulas.meters),
            concerning: (0..self.remedies.len()).map(concerning).collect(),
            layers,
            currency: declared.currency.clone(),
            zone: declared.zone.clone(),
            levels: declared.levels.clone(),
            reasons: declared.reasons.clone(),
            subjects: declared.subjects.clone(),
            keys: declared.keys.clone(),
            facts: declared.facts.clone(),
            staff: declared.staff.clone(),
            fact_places: declared.fact_places.clone(),
            definitions: self.formulas.definitions,
            meters: self.formulas.meters,
            issues: self.issues,
            remedies: self.remedies,
            rules: self.rules,
            groups: self.groups,
        };
        charter.settle_deciders();
        charter
    }
}

fn calendar_windows(rules: &[Rule], meters: &[GrantedMeter]) -> Vec<Window> {
    let of_caps = rules.iter().filter_map(|r| if let Closing::Cap(cap) = &r.kind { Some(cap.window) } else { None });
    let mut windows: Vec<Window> = of_caps.chain(meters.iter().map(|m| m.window)).filter(|w| w.follows_calendar()).collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

struct AmountOf {
    kind: Option<Type>,
    one_measure: bool,
}

/// What all three kinds of guardrails have.
struct Head<'h> {
    id: &'h At<String>,
    span: &'h Span,
    reasons: Option<&'h [At<String>]>,
    who: Option<&'h Formula>,
    from: Option<&'h At<jiff::civil::Date>>,
    until: Option<&'h At<jiff::civil::Date>>,
    because: Option<&'h At<String>>,
    when: Option<&'h Formula>,
    level: usize,
    closes: bool,
}

const LIMITS: &str = "exactly one of `up_to`, `exactly` and `unlimited = true`";

fn is(flag: Option<&At<bool>>) -> bool {
    flag.is_some_and(|f| f.value)
}

fn is_amount(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Name(name) if name == "amount")
}

/// `min` and `max` beside `amount` are taken apart.
fn above(bound: Bound, or_equal: bool) -> Guard {
    match bound {
        Bound::One(bound) => Guard::Above { bound, or_equal },
        Bound::Least(list) => Guard::Any(list.into_iter().map(|b| above(b, or_equal)).collect()),
        Bound::Most(list) => Guard::All(list.into_iter().map(|b| above(b, or_equal)).collect()),
    }
}

/// The type of an amount of this measure; none for an act.
pub(crate) fn amount_kind(measure: &Measure) -> Option<Type> {
    match measure {
        Measure::Money => Some(Type::Money),
        Measure::Percent | Measure::Count(_) => Some(Type::Number),
        Measure::Act => None,
    }
}

/// An id as words: `duty-leads` is `duty leads`.
fn spoken_id(id: &str) -> String {
    id.replace(['-', '_'], " ")
}

/// Every plain name in an expression.
pub(super) fn names_in(expr: &Expr) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match &expr.kind {
            Kind::Name(name) => drop(names.insert(name.clone())),
            Kind::Number(_) | Kind::Text(_) | Kind::Truth(_) => {}
            Kind::Select(_, _) => {}
            Kind::Unary(_, a) => open.push(a),
            Kind::Index(a, b) | Kind::Binary(_, a, b) => open.extend([&**a, &**b]),
            Kind::Choose(a, b, c) => open.extend([&**a, &**b, &**c]),
            Kind::Call(name, _) if name == "exists" || name == "id" => {}
            Kind::Call(_, list) | Kind::List(list) => open.extend(list),
            Kind::Table(entries) => open.extend(entries.iter().flat_map(|(k, v)| [k, v])),
        }
    }
    names
}

/// Whether a value cannot fall as the amount rises.
fn rises(env: &Env<'_>, num: &Num) -> bool {
    let fixed = |num: &Num| !num.reads_amount();
    let not_negative = |num: &Num| env.number(num).low >= 0;
    match num {
        _ if fixed(num) => true,
        Num::Amount => true,
        Num::Add(sides, _) => rises(env, &sides.0) && rises(env, &sides.1),
        Num::Subtract(sides, _) => rises(env, &sides.0) && fixed(&sides.1),
        Num::Multiply(sides) | Num::Percent(sides) => rises(env, &sides.0) && rises(env, &sides.1) && not_negative(&sides.0) && not_negative(&sides.1),
        Num::Least(list) | Num::Most(list) => list.iter().all(|n| rises(env, n)),
        Num::Pick(pick) => match &**pick {
            crate::expr::Pick::Choose(condition, a, b) => !condition.reads_amount() && rises(env, a) && rises(env, b),
            crate::expr::Pick::Table(table) => table.entries.iter().all(|n| rises(env, n)),
        },
        _ => false,
    }
}

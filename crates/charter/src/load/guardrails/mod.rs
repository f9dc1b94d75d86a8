//! Definitions, worth, guardrails and groups: compiled one by one, so that one error hides no other.

mod alike;
mod allows;
mod closing;
mod definitions;
mod groups;
mod remedies;

use std::collections::{HashMap, HashSet};

use super::declare::{Declared, check_id, check_new, edge, past, reason_places, too_many};
use super::formulas::Formulas;
use crate::decide::Seen;
use crate::diagnostics::{Code, Findings, Span};
use crate::document::{self, At, Document, Formula};
use crate::expr::{Bool, Env, GrantedMeter, Place, Range, Reads};
use crate::facts::Type;
use crate::limits::{self, MONEY_MAX};
use crate::model::{Cap, Charter, Closing, Group, Issue, KeyOf, Layer, Remedy, Rule, Scope};
use crate::money::Measure;
use crate::syntax::{Expr, Kind};
use crate::time::{INSTANT_RANGE, Window};
use crate::words::spoken;

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
            let title = issue.title.as_ref().map_or_else(|| spoken(&issue.id.value), |t| t.value.clone());
            self.issues.push(Issue { id: issue.id.value.as_str().into(), title: title.into(), suggests });
        }
        self.issues.sort_by(|a, b| a.id.cmp(&b.id));
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
            if let KeyOf::Fact(fact) = key.of
                && self.declared.facts.get(fact).is_some_and(|f| f.personal)
            {
                let message = format!("`{}` is personal, and what grants are counted by is kept for ever", name.value);
                findings.add(Code::PersonalKey, name.span.clone(), message, "a subject, or a fact that is not personal");
            }
            scope.keys |= 1 << place;
            scope.subjects |= key.subject;
        }
        Some(scope)
    }

    fn rule(&mut self, head: &Head<'_>, kind: Closing, remedies: Option<Vec<usize>>, scope: Scope, reads: Reads, findings: &mut Findings) {
        let who = head.who.and_then(|who| self.formulas.compile(who, Place::Person, findings, |c, e| c.expect_truth(e)));
        let (who, who_reads) = who.unzip();
        self.exists_and_fact(head.id, &reads, findings);
        not_empty("reasons", head.reasons.map(<[_]>::len), head.id, findings);
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
            who_text: head.who.map(|w| w.0.value.as_str().into()),
            reasons,
            everybody: head.closes && head.level == usize::MAX && who.is_none(),
            who,
            from,
            until,
            subjects: all_reads.subjects | scope.subjects,
            key_facts,
            level: head.level,
            nothing: Seen::nothing(0, self.layer, false, false, 0),
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
        let windows = calendar_windows(&mut self.rules, &self.formulas.meters);
        let (concerning, unlike) = alike::concerning(&self.rules, &self.remedies);
        let meter_facts = self.formulas.meters.iter().map(|m| self.facts_among(m.keys.iter().flatten().copied())).collect();
        let mut charter = Charter {
            meter_facts,
            windows,
            concerning,
            unlike,
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

/// The windows that follow the calendar; caps remember the place of theirs.
fn calendar_windows(rules: &mut [Rule], meters: &[GrantedMeter]) -> Vec<Window> {
    let mut caps: Vec<&mut Cap> = rules.iter_mut().filter_map(|r| if let Closing::Cap(cap) = &mut r.kind { Some(cap) } else { None }).collect();
    let all = caps.iter().map(|cap| cap.window).chain(meters.iter().map(|m| m.window));
    let mut windows: Vec<Window> = all.filter(|w| w.follows_calendar()).collect();
    windows.sort_unstable();
    windows.dedup();
    for cap in &mut caps {
        cap.calendar = windows.binary_search(&cap.window).ok();
    }
    windows
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

/// A list that is there and empty would leave a guardrail without effect, where people read it as all.
fn not_empty(key: &str, entries: Option<usize>, id: &At<String>, findings: &mut Findings) {
    if entries == Some(0) {
        let message = format!("the `{key}` of this guardrail are an empty list");
        findings.add(Code::MissingKey, id.span.clone(), message, "at least one; leave the key out for all");
    }
}

fn is(flag: Option<&At<bool>>) -> bool {
    flag.is_some_and(|f| f.value)
}

/// The type of an amount of this measure; none for an act.
pub(crate) fn amount_kind(measure: &Measure) -> Option<Type> {
    match measure {
        Measure::Money => Some(Type::Money),
        Measure::Percent | Measure::Count(_) => Some(Type::Number),
        Measure::Act => None,
    }
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

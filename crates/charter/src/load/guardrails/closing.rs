//! Forbids and caps: the parts about the amount apart, what a cap remembers and how much it lets through.

use std::collections::HashSet;

use crate::decimal::ONE;
use crate::diagnostics::{Code, Findings};
use crate::document;
use crate::document::Formula;
use crate::expr::{Bool, Bound, Num, Place, Reads, WINDOWS};
use crate::facts::Type;
use crate::model::{Cap, Closing, Guard, Most, Scope};
use crate::money::Measure;
use crate::syntax::{Binary, Expr, Kind};
use crate::time::Window;

use super::{Compiled, Head, names_in, not_empty};

impl<'d> Compiled<'d> {
    pub(super) fn forbid(&mut self, forbid: &document::Forbid, findings: &mut Findings) {
        let mut reads = Reads::default();
        not_empty("remedies", forbid.remedies.as_ref().map(Vec::len), &forbid.id, findings);
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
        self.rule(&head, Closing::Forbid(guard), remedies, Scope::default(), reads, findings);
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

    pub(super) fn cap(&mut self, cap: &document::Cap, findings: &mut Findings) {
        let mut reads = Reads::default();
        not_empty("remedies", cap.remedies.as_ref().map(Vec::len), &cap.id, findings);
        not_empty("per", cap.per.as_ref().map(|per| per.0.value.len()), &cap.id, findings);
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
        let of_one = remedies.as_ref().is_some_and(|r| r.len() == 1);
        let kind = Cap { when, scope, window, calendar: None, remedies: flags, of_one, most };
        self.rule(&head, Closing::Cap(kind), remedies, scope, reads, findings);
    }

    pub(super) fn window(&mut self, cap: &document::Cap, findings: &mut Findings) -> Option<Window> {
        let Some(text) = cap.cooldown.as_ref().or(cap.within.as_ref()) else { return Some(Window::Endless) };
        let window = Window::read(&text.value);
        if window.is_none() {
            findings.add(Code::BadLiteral, text.span.clone(), format!("`{}` is not a window", text.value), WINDOWS);
        }
        window
    }

    pub(super) fn most(&mut self, cap: &document::Cap, remedies: Option<&[usize]>, reads: &mut Reads, findings: &mut Findings) -> Option<Most> {
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
            (None, None, None) if cap.is_unread(&["amount", "count", "cooldown"]) => return None,
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
}

struct AmountOf {
    kind: Option<Type>,
    one_measure: bool,
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

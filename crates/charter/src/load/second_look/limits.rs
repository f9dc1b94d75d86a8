//! Limits that let nothing through, stretches that add nothing, limits counted elsewhere, and allows that differ only in their limit.

use std::collections::{BTreeSet, HashMap};

use super::{Covered, Look, shown};
use crate::diagnostics::{Code, Findings};
use crate::document::{self, Formula, Limit};
use crate::expr::{Bound, Definition, Env, Num, Pick, Range, Typed};
use crate::facts::Type;
use crate::load::guardrails::amount_kind;
use crate::model::{CASE, Closing, Cover, Most, REQUEST, Rule};
use crate::syntax;

pub(super) fn look(look: &Look<'_, '_>, findings: &mut Findings) {
    usual_below_minimum(look, findings);
    for (written, rule, allow) in look.allows() {
        if let Some(stretch) = written.stretch.as_ref().filter(|_| allow.say_why) {
            let message = format!("all of `{}` is for those who say why, so its stretch is simply its limit", written.id.value);
            findings.add(Code::StretchSayingWhy, stretch.span(), message, "`say_why` or `stretch`").help("put the higher of the two into `up_to`");
        }
        for (formula, covers) in written.stretch.iter().flat_map(|s| look.covers(s, allow)) {
            stretch_not_above(look, written, formula, &covers, findings);
        }
        for (formula, covers) in written.up_to.iter().chain(&written.exactly).flat_map(|l| look.covers(l, allow)) {
            nothing_through(look, formula, &covers, findings);
            counted_elsewhere(look, rule, written, formula, &covers, findings);
        }
    }
    for (written, guardrail) in look.document.cap.iter().zip(look.guardrails.iter().skip(look.document.allow.len() + look.document.forbid.len())) {
        if let Closing::Cap(cap) = &guardrail.rule.kind {
            full_from_the_start(look, written, &cap.most, findings);
        }
    }
    differs_only_in_limit(look, findings);
}

fn usual_below_minimum(look: &Look<'_, '_>, findings: &mut Findings) {
    for written in look.document.remedy.iter().filter(|_| look.declares) {
        let remedy = look.compiled.remedies.iter().find(|r| *r.id == *written.id.value);
        if let (Some(formula), Some(remedy)) = (&written.usual, remedy)
            && remedy.usual.is_some_and(|usual| usual < remedy.minimum)
        {
            let message = format!("the usual amount `{}` is below the least", shown(formula));
            findings.add(Code::UsualBelowMinimum, formula.0.span.clone(), message, "`minimum` or more");
        }
    }
}

fn stretch_not_above(look: &Look<'_, '_>, written: &document::Allow, formula: &Formula, covers: &[Covered<'_>], findings: &mut Findings) {
    let compare = Compare { env: look.compiled.nothing_known(), definitions: &look.compiled.formulas.definitions };
    let not_above = |covered: &Covered<'_>| match covered.cover {
        Cover::UpTo { limit, stretch: Some(stretch) } => compare.never_above(stretch, limit),
        _ => false,
    };
    if !covers.is_empty() && covers.iter().all(not_above) {
        let limit = match &written.up_to {
            Some(Limit::One(limit)) => format!(" `{}`", shown(limit)),
            _ => String::new(),
        };
        let message = format!("`{}` is never above the limit{limit}", shown(formula));
        findings.add(Code::StretchNotAbove, formula.0.span.clone(), message, "more than `up_to`");
    }
}

fn nothing_through(look: &Look<'_, '_>, formula: &Formula, covers: &[Covered<'_>], findings: &mut Findings) {
    let env = look.compiled.nothing_known();
    let nothing = |covered: &Covered<'_>| match covered.cover {
        Cover::Any => false,
        Cover::Exactly(exact) => env.number(exact).high < covered.least,
        Cover::UpTo { limit, stretch } => greatest(&env, limit) < covered.least && stretch.as_ref().is_none_or(|s| greatest(&env, s) < covered.least),
    };
    if !covers.is_empty() && covers.iter().all(nothing) {
        let message = format!("`{}` lets nothing through", shown(formula));
        findings.add(Code::ZeroLimit, formula.0.span.clone(), message, "a limit that the least amount of the remedy does not pass");
    }
}

fn full_from_the_start(look: &Look<'_, '_>, written: &document::Cap, most: &Most, findings: &mut Findings) {
    let env = look.compiled.nothing_known();
    let (formula, nothing) = match most {
        Most::Amount(amount) => (&written.amount, greatest(&env, amount) <= 0),
        Most::Count(count) => (&written.count, greatest(&env, count) < crate::decimal::ONE),
    };
    let Some(formula) = formula.as_ref().filter(|_| nothing) else { return };
    let message = format!("a cap at `{}` lets nothing through", shown(formula));
    findings
        .add(Code::ZeroLimit, formula.0.span.clone(), message, "a cap that leaves room for something")
        .help("write a forbid instead: it says the same plainly");
}

fn counted_elsewhere(look: &Look<'_, '_>, rule: &Rule, written: &document::Allow, formula: &Formula, covers: &[Covered<'_>], findings: &mut Findings) {
    let Closing::Allow(allow) = &rule.kind else { return };
    let Some(Covered { remedy, cover, .. }) = covers.first() else { return };
    let Some(kind) = look.compiled.declared.remedies.get(*remedy).and_then(|r| amount_kind(&r.measure)) else { return };
    let mut taken = Taken { look, kind, subjects: BTreeSet::new() };
    match cover {
        Cover::UpTo { limit, .. } => taken.bound(limit),
        Cover::Exactly(exact) => taken.number(exact),
        Cover::Any => {}
    }
    let counted = |subject: &usize| allow.scope.subjects >> subject & 1 == 1;
    // Facts of the request belong to one request, those of the case to whatever the case is counted with.
    let Some(subject) = taken.subjects.iter().find(|s| !matches!(**s, CASE | REQUEST)) else { return };
    if taken.subjects.iter().any(counted) {
        return;
    }
    let subject = look.subject(*subject);
    let per =
        written.per.as_ref().map_or_else(|| "`case`".to_owned(), |per| per.0.value.iter().map(|n| format!("`{}`", n.value)).collect::<Vec<_>>().join(", "));
    let message = format!("`{}` is taken from `{subject}`, but what was given is counted per {per}", shown(formula));
    let finding = findings.add(Code::LimitElsewhere, formula.0.span.clone(), message, "a scope that includes what the limit is taken from");
    finding.help(format!("count it where the limit comes from: `per = \"{subject}\"`"));
}

/// The subjects whose facts a limit is taken from: those that flow into its value, not those in its conditions.
struct Taken<'t, 'l, 'd> {
    look: &'t Look<'l, 'd>,
    kind: Type,
    subjects: BTreeSet<usize>,
}

impl Taken<'_, '_, '_> {
    fn bound(&mut self, bound: &Bound) {
        match bound {
            Bound::One(num) => self.number(num),
            Bound::Least(list) | Bound::Most(list) => list.iter().for_each(|b| self.bound(b)),
        }
    }

    fn number(&mut self, num: &Num) {
        match num {
            Num::Fact(place) => {
                let fact = self.look.compiled.declared.facts.get(*place);
                self.subjects.extend(fact.filter(|f| f.kind == self.kind).map(|f| f.subject));
            }
            Num::Define(place) => {
                if let Some(Definition { body: Typed::Count(_, body), .. }) = self.look.compiled.formulas.definitions.get(*place) {
                    self.number(body);
                }
            }
            Num::Add(sides, _) | Num::Subtract(sides, _) | Num::Multiply(sides) => {
                self.number(&sides.0);
                self.number(&sides.1);
            }
            Num::Percent(sides) => self.number(&sides.1),
            Num::Negate(inner) => self.number(inner),
            Num::Least(list) | Num::Most(list) => list.iter().for_each(|n| self.number(n)),
            Num::Pick(pick) => match &**pick {
                Pick::Choose(_, yes, no) => [yes, no].into_iter().for_each(|n| self.number(n)),
                Pick::Table(table) => table.entries.iter().for_each(|n| self.number(n)),
            },
            _ => {}
        }
    }
}

/// The greatest a bound can be.
fn greatest(env: &Env<'_>, bound: &Bound) -> i64 {
    range(env, bound).map_or(i64::MIN, |r| r.high)
}

/// All a bound can be; nothing if it cannot be computed.
fn range(env: &Env<'_>, bound: &Bound) -> Option<Range> {
    let extreme = |list: &[Bound], pick: fn(i64, i64) -> i64| {
        let mut ranges = list.iter().map(|b| range(env, b));
        let first = ranges.next()??;
        ranges.try_fold(first, |a, b| b.map(|b| Range { low: pick(a.low, b.low), high: pick(a.high, b.high), fault: a.fault || b.fault }))
    };
    match bound {
        Bound::One(num) => Some(env.number(num)).filter(|r| !r.is_empty()),
        Bound::Least(list) => extreme(list, i64::min),
        Bound::Most(list) => extreme(list, i64::max),
    }
}

/// Compares two limits for every request at once; only what is certain is said.
struct Compare<'c> {
    env: Env<'c>,
    definitions: &'c [Definition],
}

impl<'c> Compare<'c> {
    fn never_above(&self, a: &'c Bound, b: &'c Bound) -> bool {
        if a == b {
            return true;
        }
        match (a, b) {
            (Bound::Most(list), _) => list.iter().all(|a| self.never_above(a, b)),
            (_, Bound::Least(list)) => list.iter().all(|b| self.never_above(a, b)),
            (Bound::Least(list), _) => list.iter().any(|a| self.never_above(a, b)),
            (_, Bound::Most(list)) => list.iter().any(|b| self.never_above(a, b)),
            (Bound::One(a), Bound::One(b)) => self.at_most(a, b),
        }
    }

    fn at_most(&self, a: &'c Num, b: &'c Num) -> bool {
        let (a, b) = (self.written_out(a), self.written_out(b));
        let (x, y) = (self.env.number(a), self.env.number(b));
        if a == b || (!x.is_empty() && !y.is_empty() && x.high <= y.low) {
            return true;
        }
        let not_negative = |num: &'c Num| self.env.number(num).low >= 0;
        match (a, b) {
            (Num::Percent(a), Num::Percent(b)) if a.1 == b.1 => not_negative(&a.1) && self.at_most(&a.0, &b.0),
            (Num::Multiply(a), Num::Multiply(b)) if a.1 == b.1 => not_negative(&a.1) && self.at_most(&a.0, &b.0),
            (Num::Multiply(a), Num::Multiply(b)) if a.0 == b.0 => not_negative(&a.0) && self.at_most(&a.1, &b.1),
            (Num::Add(a, _), Num::Add(b, _)) => self.at_most(&a.0, &b.0) && self.at_most(&a.1, &b.1),
            (Num::Subtract(a, _), Num::Subtract(b, _)) => self.at_most(&a.0, &b.0) && self.at_most(&b.1, &a.1),
            (Num::Pick(a), Num::Pick(b)) => match (&**a, &**b) {
                (Pick::Choose(c, yes, no), Pick::Choose(d, more, less)) if c == d => self.at_most(yes, more) && self.at_most(no, less),
                (Pick::Table(a), Pick::Table(b)) if a.key == b.key => {
                    let both = a.place.iter().zip(&b.place).map(|(a_at, b_at)| a.entries.get(*a_at).zip(b.entries.get(*b_at)));
                    both.into_iter().all(|pair| pair.is_some_and(|(a, b)| self.at_most(a, b)))
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn written_out(&self, num: &'c Num) -> &'c Num {
        let mut num = num;
        while let Num::Define(place) = num
            && let Some(Definition { body: Typed::Count(_, body), .. }) = self.definitions.get(*place)
        {
            num = body;
        }
        num
    }
}

/// Allows that say the same but for `up_to`, `stretch` and `unlimited`: the higher is enough. Fixed amounts (`exactly`) stand beside each other.
fn differs_only_in_limit(look: &Look<'_, '_>, findings: &mut Findings) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (written, rule, allow) in look.allows().filter(|(written, ..)| written.exactly.is_none()) {
        let condition =
            |formula: &Option<Formula>| formula.as_ref().map(|f| syntax::parse(&f.0.value).map_or_else(|_| f.0.value.clone(), |e| syntax::print(&e)));
        let reasons = rule.reasons.as_ref().map(|flags| flags.iter().map(|f| if *f { '1' } else { '0' }).collect::<String>());
        let key = (&rule.remedies, reasons, rule.level, condition(&written.when), condition(&written.who), allow.scope.keys);
        let key = format!("{key:?} {:?}", (allow.say_why, allow.second, rule.from, rule.until));
        let Some(other) = seen.insert(key, &written.id.value) else { continue };
        let limit = written.up_to.as_ref().map(Limit::span).or(written.unlimited.as_ref().map(|u| u.span.clone()));
        let message = match limit {
            Some(_) => format!("`{}` differs from `{other}` only in its limit", written.id.value),
            None => format!("`{}` says the same as `{other}`", written.id.value),
        };
        let span = limit.unwrap_or_else(|| written.id.span.clone());
        findings
            .add(Code::OnlyLimitDiffers, span, message, "another level, condition or scope")
            .help("keep the one that was meant: of two, the higher limit counts");
    }
}

//! Rules that have ended, conditions that decide nothing, and guardrails that reach nobody or nothing.

use super::{Guardrail, Look, shown};
use crate::diagnostics::{Code, Findings};
use crate::document::{At, Formula};
use crate::expr::{Env, Range, Truth};
use crate::model::{CASE, Closing, Guard, REQUEST, Rule};
use crate::time::{self, Day};

pub(super) fn look(look: &Look<'_, '_>, today: Option<Day>, findings: &mut Findings) {
    for guardrail in &look.guardrails {
        ended(guardrail, today, findings);
        conditions(look, guardrail, findings);
        binds_nobody(look, guardrail, findings);
        reasons_not_taken(look, guardrail, findings);
    }
    for group in &look.document.group {
        group_condition(look, &group.id.value, group.when.as_ref(), findings);
    }
    nothing_allows(look, findings);
    nobody_second(look, findings);
    look.document.issue.iter().for_each(|issue| taken_by_none(look, &issue.suggests, findings));
}

fn ended(guardrail: &Guardrail<'_>, today: Option<Day>, findings: &mut Findings) {
    let (Some(until), Some(today)) = (guardrail.until, today) else { return };
    if time::day(until.value).is_some_and(|last| last < today) {
        let message = format!("the last day of this rule, `{}`, has passed", until.value);
        findings.add(Code::RuleEnded, until.span.clone(), message, "a day to come").help("remove the rule, or move its last day");
    }
}

fn conditions(look: &Look<'_, '_>, guardrail: &Guardrail<'_>, findings: &mut Findings) {
    let rule = guardrail.rule;
    let always = match &rule.kind {
        Closing::Allow(allow) => decided(look, rule.reads.exists, |env| env.truth(&allow.when)),
        Closing::Cap(cap) => decided(look, rule.reads.exists, |env| env.truth(&cap.when)),
        Closing::Forbid(guard) => decided(look, rule.reads.exists, |env| guarded(env, guard)),
    };
    constant(guardrail.when, always, "when", matches!(rule.kind, Closing::Allow(_)), findings);
    let always = rule.who.as_ref().and_then(|who| decided(look, 0, |env| env.truth(who)));
    constant(guardrail.who, always, "who", matches!(rule.kind, Closing::Allow(_)), findings);
}

fn group_condition(look: &Look<'_, '_>, id: &str, when: Option<&Formula>, findings: &mut Findings) {
    let group = look.compiled.groups.iter().find(|g| *g.id == *id);
    let Some((condition, _)) = group.and_then(|g| g.when.as_ref()) else { return };
    constant(when, decided(look, look.compiled.group_reads.exists, |env| env.truth(condition)), "when", true, findings);
}

fn constant(written: Option<&Formula>, always: Option<Truth>, key: &str, opens: bool, findings: &mut Findings) {
    let (Some(written), Some(always)) = (written, always) else { return };
    let (what, help) = match (always, opens) {
        (Truth::TRUE, _) => ("is always true", format!("leave `{key}` out")),
        (Truth::FALSE, _) => ("is never true", "correct the condition, or remove the rule".to_owned()),
        (_, true) => ("cannot be computed, and so never opens", "correct the condition".to_owned()),
        (_, false) => ("cannot be computed, and so always closes", "correct the condition".to_owned()),
    };
    let message = format!("`{}` {what}", shown(written));
    findings.add(Code::ConstantCondition, written.0.span.clone(), message, "a condition that holds in some cases and not in others").help(help);
}

/// What a condition comes to if nothing is known, and any of the subjects it asks for may be absent; nothing if that is open.
fn decided<'l>(look: &'l Look<'_, '_>, exists: u64, truth: impl Fn(&Env<'l>) -> Truth) -> Option<Truth> {
    const MOST_ASKED: usize = 6;
    let asked: Vec<u64> = (0..u64::BITS).map(|bit| 1 << bit).filter(|bit| exists & bit & !(1 << CASE | 1 << REQUEST) != 0).collect();
    if asked.len() > MOST_ASKED {
        return None;
    }
    let mut found = None;
    for absent in 0..1_u64 << asked.len() {
        let gone = asked.iter().enumerate().filter(|(i, _)| absent >> i & 1 == 1).fold(0, |bits, (_, bit)| bits | bit);
        let env = Env { present: !gone, amount: Range::between((1, i64::MAX)), ..look.compiled.nothing_known() };
        let truth = truth(&env);
        if !truth.is_decided() || *found.get_or_insert(truth) != truth {
            return None;
        }
    }
    found
}

fn guarded<'l>(env: &Env<'l>, guard: &'l Guard) -> Truth {
    match guard {
        Guard::Plain(condition) => env.truth(condition),
        Guard::Above { bound, or_equal: true } => env.number(bound).at_most(env.amount),
        Guard::Above { bound, or_equal: false } => env.number(bound).less_than(env.amount),
        Guard::All(list) => list.iter().fold(Truth::TRUE, |all, part| all.and(guarded(env, part))),
        Guard::Any(list) => list.iter().fold(Truth::FALSE, |any, part| any.or(guarded(env, part))),
    }
}

fn binds_nobody(look: &Look<'_, '_>, guardrail: &Guardrail<'_>, findings: &mut Findings) {
    let lowest = look.compiled.declared.levels.first();
    let Some(below) = guardrail.below.filter(|b| lowest.is_some_and(|l| **l == *b.value)) else { return };
    let message = format!("nobody is below `{}`, the lowest level", below.value);
    findings.add(Code::BindsNobody, below.span.clone(), message, "a higher level, or no `below`");
}

fn reasons_not_taken(look: &Look<'_, '_>, guardrail: &Guardrail<'_>, findings: &mut Findings) {
    let takes = |remedy: &usize, reason: usize| look.compiled.remedies.get(*remedy).is_some_and(|r| r.reasons.binary_search(&reason).is_ok());
    match (guardrail.reasons, &guardrail.rule.remedies) {
        (None, _) => {}
        (Some(reasons), None) => taken_by_none(look, reasons, findings),
        (Some(reasons), Some(remedies)) => {
            let of = "none of the remedies named here takes";
            not_taken(look, reasons, |reason| remedies.iter().any(|remedy| takes(remedy, reason)), of, findings);
        }
    }
}

fn taken_by_none(look: &Look<'_, '_>, reasons: &[At<String>], findings: &mut Findings) {
    let taken = |reason| look.compiled.remedies.iter().any(|r| r.reasons.binary_search(&reason).is_ok());
    not_taken(look, reasons, taken, "no remedy takes", findings);
}

fn not_taken(look: &Look<'_, '_>, reasons: &[At<String>], taken: impl Fn(usize) -> bool, of: &str, findings: &mut Findings) {
    for reason in reasons {
        let place = look.compiled.declared.reasons.binary_search_by(|r| (**r).cmp(&reason.value));
        if place.is_ok_and(|place| !taken(place)) {
            let message = format!("{of} the reason `{}`", reason.value);
            let finding = findings.add(Code::ReasonNotTaken, reason.span.clone(), message, "a reason that a remedy takes");
            finding.help("add it to the `reasons` of the remedy, or leave it out here");
        }
    }
}

fn nothing_allows(look: &Look<'_, '_>, findings: &mut Findings) {
    let mut allowed = vec![false; look.compiled.remedies.len()];
    for place in look.allows().flat_map(|(_, rule, _)| rule.remedies.iter().flatten()) {
        allowed.iter_mut().skip(*place).take(1).for_each(|a| *a = true);
    }
    for (remedy, _) in look.compiled.declared.remedies.iter().zip(allowed).filter(|(_, allowed)| look.declares && !allowed) {
        let message = format!("no allow names the remedy `{}`: only as an exception can it be given", remedy.id.value);
        findings.add(Code::NothingAllows, remedy.id.span.clone(), message, "an allow that names it");
    }
}

fn nobody_second(look: &Look<'_, '_>, findings: &mut Findings) {
    for (written, rule, allow) in look.allows().filter(|(_, _, allow)| allow.second) {
        let Rule { level, .. } = rule;
        if allow.second && !look.compiled.groups.iter().any(|g| g.level >= *level) {
            let span = written.second.as_ref().map_or_else(|| written.id.span.clone(), |s| s.span.clone());
            let message = format!("only a group can use `{}`, and none has the level `{}`", written.id.value, written.level.value);
            findings.add(Code::NobodySecond, span, message, "a group of this level or above");
        }
    }
}

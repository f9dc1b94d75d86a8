//! What nothing uses, and closing rules that do not say why.

use std::collections::{HashMap, HashSet};

use super::Look;
use crate::diagnostics::{Code, Findings};
use crate::document::{Document, Formula};
use crate::load::guardrails::names_in;
use crate::model::Closing;
use crate::syntax;

pub(super) fn look(look: &Look<'_, '_>, findings: &mut Findings) {
    if look.declares {
        facts(look, findings);
        reasons(look, findings);
    }
    definitions(look.document, findings);
    groups(look, findings);
    let silent = look.guardrails.iter().filter(|g| g.because.is_none() && !matches!(g.rule.kind, Closing::Allow(_)));
    for guardrail in silent {
        let message = format!("`{}` does not say why", guardrail.id.value);
        findings.add(Code::NoBecause, guardrail.id.span.clone(), message, "`because = \"…\"`, for the one who has to explain it");
    }
}

fn facts(look: &Look<'_, '_>, findings: &mut Findings) {
    let compiled = look.compiled;
    let of_rules = compiled.rules.iter().flat_map(|r| r.reads.facts.iter().chain(&r.key_facts));
    let of_worth = compiled.remedies.iter().flat_map(|r| &r.worth_reads.facts);
    let of_definitions = compiled.formulas.definitions.iter().flat_map(|d| &d.reads.facts);
    let of_meters = compiled.formulas.meters.iter().flat_map(|m| m.keys.iter().flatten()).filter_map(|k| match compiled.declared.keys.get(*k)?.of {
        crate::model::KeyOf::Fact(fact) => Some(fact),
        crate::model::KeyOf::Subject(_) => None,
    });
    let read: HashSet<usize> = of_rules.chain(of_worth).chain(of_definitions).chain(&compiled.group_reads.facts).copied().chain(of_meters).collect();
    let of_staff = compiled.rules.iter().flat_map(|r| &r.reads.staff).chain(compiled.formulas.definitions.iter().flat_map(|d| &d.reads.staff));
    let staff: HashSet<usize> = of_staff.copied().collect();
    let unread = |(place, fact): (usize, &crate::facts::Fact), read: &HashSet<usize>| (!read.contains(&place)).then(|| fact.name.to_string());
    let case = compiled.declared.facts.iter().enumerate().filter_map(|f| unread(f, &read));
    let unread: HashSet<String> = case.chain(compiled.declared.staff.iter().enumerate().filter_map(|f| unread(f, &staff))).collect();
    for (subject, list) in &look.document.facts {
        for (name, _) in list {
            let full = format!("{}.{}", subject.value, name.value);
            if unread.contains(&full) {
                findings.add(Code::UnusedFact, name.span.clone(), format!("no rule reads the fact `{full}`"), "a rule that reads it, or no such fact");
            }
        }
    }
}

fn reasons(look: &Look<'_, '_>, findings: &mut Findings) {
    let mut taken = vec![false; look.compiled.declared.reasons.len()];
    let mut opened = taken.clone();
    let mark = |flags: &mut Vec<bool>, place: usize| flags.iter_mut().skip(place).take(1).for_each(|flag| *flag = true);
    look.compiled.remedies.iter().flat_map(|r| &r.reasons).for_each(|reason| mark(&mut taken, *reason));
    let mut wholly = vec![false; look.compiled.remedies.len()];
    for (_, rule, _) in look.allows() {
        match &rule.reasons {
            None => rule.remedies.iter().flatten().for_each(|remedy| mark(&mut wholly, *remedy)),
            Some(_) => {
                let remedies = rule.remedies.iter().flatten().filter_map(|r| look.compiled.remedies.get(*r));
                remedies.flat_map(|r| &r.reasons).filter(|reason| rule.concerns_reason(Some(**reason))).for_each(|reason| mark(&mut opened, *reason));
            }
        }
    }
    let wholly = look.compiled.remedies.iter().zip(wholly).filter(|(_, opened)| *opened);
    wholly.flat_map(|(remedy, _)| &remedy.reasons).for_each(|reason| mark(&mut opened, *reason));
    for reason in look.document.reasons.iter().flatten() {
        let Ok(place) = look.compiled.declared.reasons.binary_search_by(|r| (**r).cmp(&reason.value)) else { continue };
        let message = match (taken.get(place) == Some(&true), opened.get(place) == Some(&true)) {
            (true, true) => continue,
            (false, _) => format!("no remedy takes the reason `{}`", reason.value),
            (true, false) => format!("no allow opens anything for the reason `{}`", reason.value),
        };
        findings.add(Code::UnusedReason, reason.span.clone(), message, "a remedy that takes it and an allow that opens it, or no such reason");
    }
}

/// A definition counts as used if a rule uses it, by way of others too.
fn definitions(document: &Document, findings: &mut Findings) {
    if document.define.is_empty() {
        return;
    }
    let bodies: HashMap<&str, &Formula> = document.define.iter().map(|(name, body)| (name.value.as_str(), body)).collect();
    let mut used = HashSet::new();
    let mut read = HashSet::new();
    let mut open: Vec<&Formula> = document.formulas();
    while let Some(formula) = open.pop() {
        // Rules often repeat each other's conditions.
        if !read.insert(formula.0.value.as_str()) {
            continue;
        }
        let Ok(expr) = syntax::parse(&formula.0.value) else { continue };
        for name in names_in(&expr) {
            if let Some((name, body)) = bodies.get_key_value(name.as_str())
                && used.insert(*name)
            {
                open.push(body);
            }
        }
    }
    for (name, _) in document.define.iter().filter(|(name, _)| !used.contains(name.value.as_str())) {
        findings.add(Code::UnusedDefinition, name.span.clone(), format!("no rule uses `{}`", name.value), "a rule that uses it, or no such definition");
    }
}

/// A group of the lowest level adds nothing where no rule looks at the person, none is for groups alone, and it makes no exceptions.
fn groups(look: &Look<'_, '_>, findings: &mut Findings) {
    let looks_at_groups = |rule: &crate::model::Rule| rule.who.is_some() || matches!(&rule.kind, Closing::Allow(allow) if allow.second);
    if look.compiled.rules.iter().any(looks_at_groups) {
        return;
    }
    let lowest = look.compiled.declared.levels.first();
    for group in &look.document.group {
        if lowest.is_some_and(|l| **l == *group.level.value) && !group.exceptions.as_ref().is_some_and(|e| e.value) {
            let message = format!("`{}` can give no more than anyone: `{}` is the lowest level", group.id.value, group.level.value);
            findings.add(Code::GroupAddsNothing, group.level.span.clone(), message, "a higher level, or `exceptions = true`");
        }
    }
}

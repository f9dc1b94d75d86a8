//! Allows that every new case opens again, with no cap that bounds them.

use super::Look;
use crate::diagnostics::{Code, Findings};
use crate::model::{Allow, CASE, Cap, Closing, Cover, KeyOf, Rule};

pub(super) fn look(look: &Look<'_, '_>, findings: &mut Findings) {
    let caps: Vec<(&Rule, &Cap)> = look.compiled.rules.iter().filter_map(bounding(look)).collect();
    let by_remedy = |place: usize| caps.iter().copied().filter(|(rule, _)| rule.concerns_remedy(place)).map(|(rule, _)| rule).collect();
    let caps: Vec<Vec<&Rule>> = (0..look.compiled.remedies.len()).map(by_remedy).collect();
    for (written, rule, allow) in look.allows().filter(|(_, rule, allow)| is_per_case(look, allow) && rule.reads.granted.is_empty()) {
        let open = allow.covers.iter().map(|(remedy, cover)| (*remedy, cover));
        let open: Vec<_> = open.filter(|(remedy, cover)| costs(look, *remedy, cover) && !is_bounded(look, rule, *remedy, &caps)).collect();
        if open.is_empty() {
            continue;
        }
        let remedies: Vec<_> = open.iter().map(|(remedy, _)| format!("`{}`", look.remedy_id(*remedy))).collect();
        let message = format!("every new case opens `{}` again, and no cap bounds {}", written.id.value, remedies.join(", "));
        findings
            .add(Code::Repeats, written.id.span.clone(), message, "a cap, or a scope wider than the case")
            .help("add a `[[cap]]`, or count it `per` what it is given for");
    }
}

/// A cap that remembers beyond one case and holds whatever the case.
fn bounding<'l>(look: &Look<'l, '_>) -> impl Fn(&'l Rule) -> Option<(&'l Rule, &'l Cap)> {
    let case = case_key(look);
    move |rule| match &rule.kind {
        Closing::Cap(cap) if rule.when_text.is_none() && rule.who.is_none() && cap.scope.keys & case == 0 => Some((rule, cap)),
        _ => None,
    }
}

fn case_key(look: &Look<'_, '_>) -> u64 {
    let keys = look.compiled.declared.keys.iter().enumerate();
    keys.filter(|(_, key)| key.of == KeyOf::Subject(CASE)).fold(0, |bits, (place, _)| bits | 1 << place)
}

fn is_per_case(look: &Look<'_, '_>, allow: &Allow) -> bool {
    allow.scope.keys & case_key(look) != 0
}

/// An act that weighs nothing is not worth a warning.
fn costs(look: &Look<'_, '_>, remedy: usize, cover: &Cover) -> bool {
    let Some(remedy) = look.compiled.remedies.get(remedy) else { return false };
    amount_is_counted(cover) || crate::load::guardrails::amount_kind(&remedy.measure).is_some() || remedy.worth.is_some()
}

fn amount_is_counted(cover: &Cover) -> bool {
    matches!(cover, Cover::UpTo { .. } | Cover::Exactly(_))
}

/// Whether each reason for which the allow gives the remedy is bounded by a cap that binds its lowest level as long as it runs.
fn is_bounded(look: &Look<'_, '_>, rule: &Rule, remedy: usize, caps: &[Vec<&Rule>]) -> bool {
    let binds = |cap: &&&Rule| cap.level > rule.level && cap.from <= rule.from && rule.until <= cap.until;
    let caps = || caps.get(remedy).into_iter().flatten().filter(binds);
    let taken = look.compiled.remedies.get(remedy).map_or(&[][..], |r| &r.reasons);
    let covers = |reason: Option<usize>| caps().any(|cap| cap.concerns_reason(reason));
    if caps().any(|cap| cap.reasons.is_none()) {
        return true;
    }
    !taken.is_empty() && taken.iter().filter(|reason| rule.concerns_reason(Some(**reason))).all(|reason| covers(Some(*reason)))
}

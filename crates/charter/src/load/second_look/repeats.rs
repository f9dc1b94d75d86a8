//! Allows that every new case opens again, with no cap that bounds them.

use super::Look;
use crate::diagnostics::{Code, Findings};
use crate::model::{Allow, CASE, Closing, Cover, KeyOf, Remedy, Rule};
use crate::money::Measure;

/// How many remedies a message names.
const MOST_NAMED: usize = 5;

pub(super) fn look(look: &Look<'_, '_>, findings: &mut Findings) {
    let bounds = Bounds::of(look);
    for (written, rule, allow) in look.allows().filter(|(_, rule, allow)| is_per_case(look, allow) && rule.reads.granted.is_empty()) {
        let open = allow.covers.iter().map(|(remedy, cover)| (*remedy, cover));
        let open: Vec<_> = open.filter(|(remedy, cover)| costs(look, *remedy, cover) && !bounds.hold(look, rule, *remedy)).collect();
        if open.is_empty() {
            continue;
        }
        let named: Vec<_> = open.iter().take(MOST_NAMED).map(|(remedy, _)| format!("`{}`", look.remedy_id(*remedy))).collect();
        let further = open.len().checked_sub(MOST_NAMED + 1).map_or_else(String::new, |n| format!(" and {} more", n + 1));
        let message = format!("every new case opens `{}` again, and no cap bounds {}{further}", written.id.value, named.join(", "));
        findings
            .add(Code::Repeats, written.id.span.clone(), message, "a cap, or a scope wider than the case")
            .help("add a `[[cap]]`, or count it `per` what it is given for");
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
    !matches!(cover, Cover::Any) || remedy.measure != Measure::Act || remedy.worth.is_some()
}

/// How far up the ladder caps bind: for each remedy, the lowest level that no cap binds.
struct Bounds {
    /// Caps that do not look at the reason.
    whatever: Vec<usize>,
    by_reason: Vec<Vec<usize>>,
    /// Whichever of its reasons the remedy is given for.
    every_reason: Vec<usize>,
}

impl Bounds {
    /// Counts caps that remember beyond one case, hold whatever the case and the person, and do not end.
    fn of(look: &Look<'_, '_>) -> Self {
        let (remedies, reasons) = (look.compiled.remedies.len(), look.compiled.declared.reasons.len());
        let mut bounds = Self { whatever: vec![0; remedies], by_reason: vec![vec![0; reasons]; remedies], every_reason: Vec::new() };
        let case = case_key(look);
        for rule in &look.compiled.rules {
            let lasts = rule.from == i64::MIN && rule.until == i64::MAX;
            let bounding = matches!(&rule.kind, Closing::Cap(cap) if cap.scope.keys & case == 0) && rule.when_text.is_none() && rule.who.is_none() && lasts;
            if bounding {
                bounds.add(rule);
            }
        }
        let least = |(remedy, levels): (&Remedy, &Vec<usize>)| remedy.reasons.iter().filter_map(|r| levels.get(*r)).min().copied().unwrap_or(0);
        bounds.every_reason = look.compiled.remedies.iter().zip(&bounds.by_reason).map(least).collect();
        bounds
    }

    fn add(&mut self, cap: &Rule) {
        let each = self.whatever.iter_mut().zip(&mut self.by_reason).enumerate();
        for (_, (whatever, by_reason)) in each.filter(|(place, _)| cap.concerns_remedy(*place)) {
            match &cap.reasons {
                None => *whatever = cap.level.max(*whatever),
                Some(named) => by_reason.iter_mut().zip(named).filter(|(_, named)| **named).for_each(|(level, _)| *level = cap.level.max(*level)),
            }
        }
    }

    /// Whether each reason for which the allow gives the remedy is bounded by a cap that binds the lowest level it serves.
    fn hold(&self, look: &Look<'_, '_>, allow: &Rule, remedy: usize) -> bool {
        let binds = |level: Option<&usize>| level.is_some_and(|level| *level > allow.level);
        if binds(self.whatever.get(remedy)) || allow.reasons.is_none() {
            return binds(self.whatever.get(remedy)) || binds(self.every_reason.get(remedy));
        }
        let taken = look.compiled.remedies.get(remedy).map_or(&[][..], |r| &r.reasons);
        let by_reason = self.by_reason.get(remedy);
        let bounded = |reason: &usize| !allow.concerns_reason(Some(*reason)) || binds(by_reason.and_then(|b| b.get(*reason)));
        !taken.is_empty() && taken.iter().all(bounded)
    }
}

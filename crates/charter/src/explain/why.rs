use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Names;
use crate::decide::{Decision, Matter, Seen};
use crate::expr::GrantedMeter;
use crate::facts::Value;
use crate::model::{ASKER, Charter, Closing, Cover, Rule};
use crate::money::{Amount, Measure};
use crate::request::Request;
use crate::time::Window;

/// What a rule says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// An allow covers it.
    Covers,
    /// An allow covers it for those who say why.
    CoversSayingWhy,
    /// An allow may cover it.
    MayCover,
    /// An allow does not cover it.
    DoesNotCover,
    /// A forbid or cap is hit.
    Closes,
    /// A forbid or cap may be hit.
    MayClose,
    /// A cap that is not hit.
    LeavesRoom,
}

/// Why: one rule, and the values it saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Why {
    /// The rule.
    pub rule: String,
    /// What it says.
    pub says: Says,
    /// Whether it serves or binds the one who asks.
    pub asker: bool,
    /// Why the rule is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Its condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Its condition on the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What the facts it reads were, those of the one who asks too; `unknown` if they were not known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub saw: BTreeMap<String, String>,
    /// The limit of an allow, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Amount>,
    /// The limit for those who say why, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<Amount>,
    /// The total that the limit was held against, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Amount>,
}

/// What the rules that concerned a request said: those that serve or bind the asker, and those the answer names. Forbids that do not close are left out.
pub(super) fn why(charter: &Charter, request: &Request, decision: &Decision) -> Vec<Why> {
    let Some(matter) = request.remedy.and_then(|r| Matter::new(charter, request, r, request.reason)) else { return Vec::new() };
    let amount = request.amount.unwrap_or(1);
    let of_seen = |seen: &Seen| {
        let rule = usize::try_from(seen.rule).ok().and_then(|p| charter.rules.get(p))?;
        let says = says(seen, rule, amount)?;
        Some(one(&matter, seen, rule, says, amount))
    };
    let mut named: Vec<u32> = decision.core.rules.clone();
    named.extend(&decision.core.by);
    decision.seen.iter().filter(|s| s.who & ASKER != 0 || named.contains(&s.rule)).filter_map(of_seen).collect()
}

fn says(seen: &Seen, rule: &Rule, amount: i64) -> Option<Says> {
    let cap = matches!(rule.kind, Closing::Cap(_));
    Some(match seen.allows {
        true if seen.sure.has(amount) => Says::Covers,
        true if seen.wide_sure.has(amount) => Says::CoversSayingWhy,
        true if seen.wide_maybe.has(amount) => Says::MayCover,
        true => Says::DoesNotCover,
        false if seen.sure.has(amount) => Says::Closes,
        false if seen.maybe.has(amount) => Says::MayClose,
        false if cap => Says::LeavesRoom,
        false => return None,
    })
}

fn one<'a>(matter: &Matter<'a>, seen: &Seen, rule: &'a Rule, says: Says, amount: i64) -> Why {
    let names = Names { charter: matter.charter, request: matter.request, measure: &matter.remedy.measure };
    let (limit, stretch, total) = limits(matter, rule, amount);
    let shown = |units: i64| names.amount(units.min(matter.amounts.to));
    Why {
        rule: names.rule(seen.rule),
        says,
        asker: seen.who & ASKER != 0,
        because: rule.because.as_ref().map(ToString::to_string),
        condition: rule.when_text.as_ref().map(ToString::to_string),
        who: rule.who_text.as_ref().map(ToString::to_string),
        saw: saw(matter, rule),
        limit: limit.map(shown),
        stretch: stretch.map(shown),
        total: total.map(shown),
    }
}

fn saw(matter: &Matter<'_>, rule: &Rule) -> BTreeMap<String, String> {
    let fact = |place: &usize| {
        let fact = matter.charter.facts.get(*place)?;
        let value = matter.request.facts.get(*place).unwrap_or(&Value::Unknown);
        Some((fact.name.to_string(), fact.kind.write(value, matter.charter.currency.places)))
    };
    let mut saw: BTreeMap<String, String> = rule.reads.facts.iter().filter_map(fact).collect();
    let staff = |place: &usize| {
        let fact = matter.charter.staff.get(*place)?;
        let value = matter.request.staff.get(*place).unwrap_or(&Value::Unknown);
        Some((fact.name.to_string(), fact.kind.write(value, matter.charter.currency.places)))
    };
    saw.extend(rule.reads.staff.iter().filter_map(staff));
    for meter in &rule.reads.granted {
        if let (Some(of), Some(range)) = (matter.charter.meters.get(*meter), matter.request.granted.get(*meter))
            && let Some(remedy) = matter.charter.remedies.get(of.remedy)
        {
            let count = if range.is_point() { crate::decimal::number_to_text(range.low) } else { "unknown".to_owned() };
            saw.insert(format!("granted({}{})", remedy.id, scope(matter, of)), count);
        }
    }
    saw
}

/// The scope and window of a meter as they are written: `, order, 7d`; nothing for this case and the same subjects.
fn scope(matter: &Matter<'_>, of: &GrantedMeter) -> String {
    let keys = of.keys.iter().flatten().filter_map(|k| matter.charter.keys.get(*k)).map(|k| format!(", {}", k.name));
    let window = (of.window != Window::Endless).then(|| format!(", {}", of.window));
    keys.chain(window).collect()
}

/// Limit, stretch and total of an allow, in units, as far as they are known.
fn limits<'a>(matter: &Matter<'a>, rule: &'a Rule, amount: i64) -> (Option<i64>, Option<i64>, Option<i64>) {
    let units = |range: crate::expr::Range| range.is_decided().then(|| range.low.div_euclid(matter.scale));
    if matter.remedy.measure == Measure::Act {
        return (None, None, None);
    }
    match &rule.kind {
        Closing::Allow(allow) => {
            let prior = matter.total_of(allow.scope);
            let total = prior.is_point().then(|| prior.low.saturating_add(amount));
            match allow.covers.iter().find(|(r, _)| *r == matter.place).map(|(_, c)| c) {
                Some(Cover::UpTo { limit, stretch }) => (units(matter.bound(limit)), stretch.as_ref().and_then(|s| units(matter.bound(s))), total),
                Some(Cover::Exactly(exact)) => (units(matter.env.number(exact)), None, total),
                _ => (None, None, total),
            }
        }
        _ => (None, None, None),
    }
}

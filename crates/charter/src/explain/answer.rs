use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::why::{self, Why};
use super::{ignored, sentence};
use crate::decide::{CapState, Core, Decision, Need, Options, Outcome, RemedyOptions, To, Zone, caps};
use crate::facts::Confirm;
use crate::model::{Charter, Remedy};
use crate::money::{Amount, Measure};
use crate::request::{Missing, Problem, Request};
use crate::time::{duration_to_text, instant_to_text};

/// A charter an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Version {
    /// What people call it.
    pub name: String,
    /// The first half of the SHA-256 of its text, in hex.
    pub version: String,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answer {
    /// What comes of it.
    pub outcome: Outcome,
    /// The same for a person on the phone.
    pub sentence: String,
    /// Ids of the rules that matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What must be known of the rules that close: all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<NeedAnswer>,
    /// What must be known of the rules that open: one suffices, of each charter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<NeedAnswer>,
    /// The facts named above, with the question the desk asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// Who serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<ToAnswer>,
    /// The largest amount that would be allowed now, or `unlimited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_up_to: Option<Amount>,
    /// The largest amount that would be allowed now to one who says why, or `unlimited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say_why_up_to: Option<Amount>,
    /// The caps that concern it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapAnswer>,
    /// Facts that were assumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<String>,
    /// Facts that the charter does not declare.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// For those of them that look misspelt, the name that may be meant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub perhaps_meant: BTreeMap<String, String>,
    /// What each rule that concerned it said, with the values it saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Why>,
    /// What is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The charters it rests on.
    pub charters: Vec<Version>,
}

/// What an undecided rule asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NeedAnswer {
    /// The rule.
    pub rule: String,
    /// The facts.
    pub facts: Vec<String>,
    /// The most it might cover of this request's amount; left out if there is no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlocks: Option<Amount>,
}

/// A fact to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ask {
    /// The fact.
    pub fact: String,
    /// The question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// Who must say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// Why it is asked.
    pub why: Missing,
    /// What was stated, but does not count (any more).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_at: Option<String>,
    /// How long an answer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh: Option<String>,
}

/// Who serves a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToAnswer {
    /// The group, if one serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its level.
    pub level: String,
    /// When it will have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Whether it has hours, and the request tells of none from now on: nobody is known to be there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_openings: bool,
    /// The rules by which it may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The most it certainly could give, or `unlimited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Amount>,
}

/// The state of a cap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CapAnswer {
    /// The rule.
    pub rule: String,
    /// What it allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<Amount>,
    /// What is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<Amount>,
    /// What is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Amount>,
    /// When there will be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_at: Option<String>,
    /// Whether some grant did not count because it lacks a key or a worth.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lacking: bool,
}

/// Everything that may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OptionsAnswer {
    /// By remedy and reason.
    pub options: Vec<OptionAnswer>,
    /// How many remedies and reasons there were beyond the limit `OPTION_PARTS`: ask for one of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// Facts that the charter does not declare.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// For those of them that look misspelt, the name that may be meant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub perhaps_meant: BTreeMap<String, String>,
    /// What is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The charters it rests on.
    pub charters: Vec<Version>,
}

/// What may be done of one remedy for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OptionAnswer {
    /// The remedy.
    pub remedy: String,
    /// What people call it.
    pub title: String,
    /// The reason, if it takes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the issue suggests this reason.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suggested: bool,
    /// Whether it is not to be brought up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_if_asked: bool,
    /// The least amount, if it is more than one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Amount>,
    /// Where the ruler starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<Amount>,
    /// The largest amount that would be allowed now, or `unlimited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_up_to: Option<Amount>,
    /// The same for one who says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say_why_up_to: Option<Amount>,
    /// For a person on the phone, a sentence for each zone.
    pub sentences: Vec<String>,
    /// From the least amount up.
    pub zones: Vec<ZoneAnswer>,
    /// Whether there were more, beyond the limit `OPTION_PARTS`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The caps that concern it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapAnswer>,
    /// Facts that were assumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<String>,
    /// Subjects that are absent here, and without which some rule that allows it says nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

/// A run of amounts about which the answer is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ZoneAnswer {
    /// The least amount; an act has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Amount>,
    /// The greatest amount; left out if there is no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Amount>,
    /// What comes of it.
    pub outcome: Outcome,
    /// Ids of the rules that matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What must be known of the rules that close: all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<NeedAnswer>,
    /// What must be known of the rules that open: one suffices, of each charter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<NeedAnswer>,
    /// The facts named above, with the question the desk asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// Who serves it.
    #[serde(rename = "serves", skip_serializing_if = "Option::is_none")]
    pub serves: Option<ToAnswer>,
    /// What the rules in the way say of themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// Remedies that would have to be given first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub do_first: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The answer to a request that makes no sense.
#[must_use]
pub fn invalid(charter: &Charter, problems: Vec<Problem>) -> Answer {
    Answer {
        outcome: Outcome::Invalid,
        sentence: sentence::of_problems(&problems),
        rules: Vec::new(),
        clear: Vec::new(),
        any_of: Vec::new(),
        asks: Vec::new(),
        to: None,
        free_up_to: None,
        say_why_up_to: None,
        caps: Vec::new(),
        assumed: Vec::new(),
        ignored: Vec::new(),
        perhaps_meant: BTreeMap::new(),
        why: Vec::new(),
        problems,
        charters: versions(charter),
    }
}

/// The answer to a request for options that makes no sense.
#[must_use]
pub fn invalid_options(charter: &Charter, problems: Vec<Problem>) -> OptionsAnswer {
    OptionsAnswer { options: Vec::new(), left_out: 0, ignored: Vec::new(), perhaps_meant: BTreeMap::new(), problems, charters: versions(charter) }
}

/// A decision with names for places, and why.
#[must_use]
pub fn answer(charter: &Charter, request: &Request, decision: &Decision) -> Answer {
    let Some(remedy) = request.remedy.and_then(|r| charter.remedies.get(r)) else { return invalid(charter, Vec::new()) };
    let names = Names { charter, request, measure: &remedy.measure };
    let core = &decision.core;
    let measured = remedy.measure != Measure::Act;
    Answer {
        outcome: core.outcome,
        sentence: sentence::of_decision(charter, request, decision),
        rules: names.rules(&core.rules),
        clear: names.needs(&core.clear),
        any_of: names.needs(&core.any_of),
        asks: names.asks(core),
        to: core.to.as_ref().map(|to| names.to(to, &core.by)),
        free_up_to: decision.free_up_to.filter(|_| measured).map(|a| names.amount(a)),
        say_why_up_to: decision.say_why_up_to.filter(|_| measured).map(|a| names.amount(a)),
        caps: request.remedy.map_or_else(Vec::new, |r| names.caps(&caps(charter, request, r, request.reason))),
        assumed: names.assumed(remedy, decision.seen.iter().map(|s| s.rule)),
        ignored: request.ignored.clone(),
        perhaps_meant: ignored::meant(charter, request),
        why: why::why(charter, request, decision),
        problems: Vec::new(),
        charters: versions(charter),
    }
}

/// Options with names for places.
#[must_use]
pub fn options_answer(charter: &Charter, request: &Request, options: &Options) -> OptionsAnswer {
    OptionsAnswer {
        left_out: options.left_out,
        options: options.list.iter().filter_map(|one| option_answer(charter, request, one)).collect(),
        ignored: request.ignored.clone(),
        perhaps_meant: ignored::meant(charter, request),
        problems: Vec::new(),
        charters: versions(charter),
    }
}

fn option_answer(charter: &Charter, request: &Request, one: &RemedyOptions) -> Option<OptionAnswer> {
    let remedy = charter.remedies.get(one.remedy)?;
    let names = Names { charter, request, measure: &remedy.measure };
    let issue = request.issue.and_then(|i| charter.issues.get(i));
    let concerned = crate::decide::concerned(charter, request, one.remedy, one.reason);
    Some(OptionAnswer {
        remedy: remedy.id.to_string(),
        title: remedy.title.to_string(),
        reason: one.reason.and_then(|r| charter.reasons.get(r)).map(ToString::to_string),
        suggested: issue.is_some_and(|i| one.reason.is_some_and(|r| i.suggests.contains(&r))),
        only_if_asked: remedy.only_if_asked,
        minimum: (remedy.minimum > 1).then(|| names.amount(remedy.minimum)),
        usual: remedy.usual.map(|u| names.amount(u)),
        free_up_to: one.free_up_to.map(|a| names.amount(a)),
        say_why_up_to: one.say_why_up_to.map(|a| names.amount(a)),
        sentences: sentence::of_option(charter, request, one),
        cut: one.cut,
        zones: one.zones.iter().map(|z| names.zone(z)).collect(),
        caps: names.caps(&caps(charter, request, one.remedy, one.reason)),
        assumed: names.assumed(remedy, concerned.into_iter()),
        absent: request.absent_for(charter, one.remedy, one.reason).into_iter().map(str::to_owned).collect(),
    })
}

fn versions(charter: &Charter) -> Vec<Version> {
    charter.layers.iter().map(|l| Version { name: l.name.to_string(), version: l.version.to_string() }).collect()
}

/// Turns places into names.
pub(super) struct Names<'n> {
    pub(super) charter: &'n Charter,
    pub(super) request: &'n Request,
    pub(super) measure: &'n Measure,
}

impl Names<'_> {
    pub(super) fn rule(&self, place: u32) -> String {
        let rule = usize::try_from(place).ok().and_then(|p| self.charter.rules.get(p));
        rule.map_or_else(String::new, |r| r.id.to_string())
    }

    fn rules(&self, places: &[u32]) -> Vec<String> {
        places.iter().map(|p| self.rule(*p)).collect()
    }

    pub(super) fn fact(&self, place: usize) -> String {
        self.charter.facts.get(place).map_or_else(String::new, |f| f.name.to_string())
    }

    /// An amount, or `unlimited` at the end of what there can be.
    pub(super) fn amount(&self, units: i64) -> Amount {
        if units >= self.measure.most() {
            return Amount::Text("unlimited".to_owned());
        }
        self.measure.amount(units, &self.charter.currency)
    }

    fn needs(&self, needs: &[Need]) -> Vec<NeedAnswer> {
        let need = |need: &Need| NeedAnswer {
            rule: self.rule(need.rule),
            facts: need.facts.iter().map(|f| self.fact(*f)).collect(),
            unlocks: need.unlocks.map(|u| self.measure.amount(u, &self.charter.currency)),
        };
        needs.iter().map(need).collect()
    }

    fn asks(&self, core: &Core) -> Vec<Ask> {
        let mut places: Vec<usize> = core.clear.iter().chain(&core.any_of).flat_map(|n| n.facts.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.ask(place)).collect()
    }

    fn ask(&self, place: usize) -> Option<Ask> {
        let fact = self.charter.facts.get(place)?;
        let (why, given) = self.request.missing(fact, place);
        let level = |l: usize| self.charter.levels.get(l).map_or_else(String::new, ToString::to_string);
        Some(Ask {
            fact: fact.name.to_string(),
            ask: fact.ask.as_ref().map(ToString::to_string),
            confirm: fact.confirm.map(|c| match c {
                Confirm::Person => "person".to_owned(),
                Confirm::System => "system".to_owned(),
                Confirm::Level(l) => level(l),
            }),
            why,
            stated: given.map(|g| fact.kind.write(&g.value, self.charter.currency.places)),
            stated_at: given.and_then(|g| g.at).map(instant_to_text),
            fresh: fact.fresh.map(duration_to_text),
        })
    }

    fn to(&self, to: &To, by: &[u32]) -> ToAnswer {
        ToAnswer {
            group: to.group.and_then(|g| self.charter.groups.get(g)).map(|g| g.id.to_string()),
            level: self.charter.levels.get(to.level).map_or_else(String::new, ToString::to_string),
            due: to.due.map(instant_to_text),
            no_openings: to.group.is_some_and(|g| self.request.deserted.get(g) == Some(&true)),
            rules: self.rules(by),
            up_to: to.up_to.filter(|_| *self.measure != Measure::Act).map(|a| self.amount(a)),
        }
    }

    fn caps(&self, caps: &[CapState]) -> Vec<CapAnswer> {
        let cap = |cap: &CapState| {
            let measure = if cap.by_worth { Measure::Money } else { Measure::Count("grants".into()) };
            let amount = |units: Option<i64>| units.map(|u| measure.amount(u, &self.charter.currency));
            CapAnswer {
                rule: self.rule(cap.rule),
                of: amount(cap.of),
                used: amount(cap.used),
                left: amount(cap.left),
                room_at: cap.room_at.map(instant_to_text),
                lacking: cap.lacking,
            }
        };
        caps.iter().map(cap).collect()
    }

    /// The assumptions that these rules read: in their text, as a key, in the worth a cap weighs, about the asker.
    fn assumed(&self, remedy: &Remedy, rules: impl Iterator<Item = u32>) -> Vec<String> {
        let mut names = BTreeSet::new();
        let used = |flags: &[bool], place: usize| flags.get(place).copied().unwrap_or(false);
        for rule in rules.filter_map(|p| self.charter.rules.get(usize::try_from(p).ok()?)) {
            let worth = if rule.weighs() { Some(&remedy.worth_reads.facts) } else { None };
            let facts = rule.reads.facts.iter().chain(&rule.key_facts).chain(worth.into_iter().flatten());
            names.extend(facts.filter(|p| used(&self.request.assumed, **p)).map(|p| self.fact(*p)));
            let staff = rule.reads.staff.iter().filter(|p| used(&self.request.staff_assumed, **p));
            names.extend(staff.filter_map(|p| self.charter.staff.get(*p)).map(|f| f.name.to_string()));
        }
        names.into_iter().collect()
    }

    /// What the rules that close say of themselves.
    fn because(&self, core: &Core) -> Vec<String> {
        if !matches!(core.outcome, Outcome::Forbidden | Outcome::Escalate | Outcome::Exception) {
            return Vec::new();
        }
        let rules = core.rules.iter().filter_map(|p| self.charter.rules.get(usize::try_from(*p).ok()?));
        rules.filter_map(|r| r.because.as_deref()).map(str::to_owned).collect()
    }

    fn zone(&self, zone: &Zone) -> ZoneAnswer {
        let measured = *self.measure != Measure::Act;
        let bounded = zone.extent.to < self.measure.most();
        let remedy = |p: &usize| self.charter.remedies.get(*p).map(|r| r.id.to_string());
        ZoneAnswer {
            from: measured.then(|| self.measure.amount(zone.extent.from, &self.charter.currency)),
            to: (measured && bounded).then(|| self.measure.amount(zone.extent.to, &self.charter.currency)),
            outcome: zone.core.outcome,
            rules: self.rules(&zone.core.rules),
            clear: self.needs(&zone.core.clear),
            any_of: self.needs(&zone.core.any_of),
            asks: self.asks(&zone.core),
            serves: zone.core.to.as_ref().map(|to| self.to(to, &zone.core.by)),
            because: self.because(&zone.core),
            do_first: zone.do_first.iter().filter_map(remedy).collect(),
        }
    }
}

//! A loaded charter: every name resolved, every list in the order of its ids.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::decide::Seen;
use crate::expr::{Bool, Bound, Definition, Env, GrantedMeter, Num, Range, Reads, Truth};
use crate::facts::{Fact, Value};
use crate::money::{Currency, Measure};
use crate::time::{Instant, Window};

/// The place of the subject `case` in every charter.
pub(crate) const CASE: usize = 0;
/// The place of the subject `request` in every charter.
pub(crate) const REQUEST: usize = 1;

/// A charter that has been loaded and found without errors.
#[derive(Clone, Debug)]
pub struct Charter {
    /// This charter, and the one it stands inside, if any.
    pub layers: Vec<Layer>,
    /// Its currency.
    pub currency: Currency,
    /// Its time zone.
    pub zone: TimeZone,
    /// The authority ladder, lowest first.
    pub levels: Vec<Box<str>>,
    /// What a remedy can be given for, by id.
    pub reasons: Vec<Box<str>>,
    /// `case`, `request`, then the others by name; `staff` is not among them.
    pub subjects: Vec<Box<str>>,
    /// What scopes can name: subjects and facts, by name.
    pub(crate) keys: Vec<Key>,
    /// Facts of all subjects but staff, by name.
    pub facts: Vec<Fact>,
    /// Facts of staff, by name.
    pub staff: Vec<Fact>,
    pub(crate) fact_places: HashMap<Box<str>, usize>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) meters: Vec<GrantedMeter>,
    /// For each meter, the facts among its keys.
    pub(crate) meter_facts: Vec<Vec<usize>>,
    /// By id.
    pub issues: Vec<Issue>,
    /// By id.
    pub remedies: Vec<Remedy>,
    /// Guardrails of all layers, by id.
    pub rules: Vec<Rule>,
    /// Groups of all layers, by id.
    pub groups: Vec<Group>,
    /// For each remedy, the guardrails that concern it.
    pub(crate) concerning: Vec<Vec<Concern>>,
    /// How many of those are not alike.
    pub(crate) unlike: usize,
    /// The windows of caps and `granted` that follow the calendar.
    pub(crate) windows: Vec<Window>,
}

/// One of the charters that bind together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What people call it.
    pub name: Box<str>,
    /// The first half of the SHA-256 of its text, in hex.
    pub version: Box<str>,
    /// The name under which the inner charter refers to it; empty for the inner one.
    pub prefix: Box<str>,
}

/// Something a scope can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: Box<str>,
    pub(crate) of: KeyOf,
    /// Its subject, as a bit.
    pub(crate) subject: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOf {
    Subject(usize),
    Fact(usize),
}

/// A guardrail that concerns a remedy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concern {
    /// The place of the rule.
    pub(crate) rule: u32,
    /// Those that say the same of remedies of one kind, if as much was given before, have the same number.
    pub(crate) alike: u32,
}

/// A scope: the keys whose values must be the same, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) keys: u64,
    /// Their subjects, a bit each.
    pub(crate) subjects: u64,
}

impl Scope {
    /// The case: `case` is the first subject, and subjects are the first keys.
    pub(crate) const CASE: Self = Self { keys: 1, subjects: 1 };
}

/// A kind of trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its name in requests.
    pub id: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// Places of the reasons it suggests, in the order written.
    pub suggests: Vec<usize>,
}

/// A kind of thing that can be done.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// Its name.
    pub id: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// What its amount is.
    pub measure: Measure,
    /// The reasons it takes, by place.
    pub reasons: Vec<usize>,
    /// The least amount, in units of its measure.
    pub minimum: i64,
    /// Where the ruler starts, in units of its measure.
    pub usual: Option<i64>,
    /// Not to be brought up.
    pub only_if_asked: bool,
    /// Old ids.
    pub was: Vec<Box<str>>,
    pub(crate) worth: Option<Num>,
    pub(crate) worth_reads: Reads,
    /// Its place in the file.
    pub order: usize,
}

/// A guardrail.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name in answers.
    pub id: Box<str>,
    /// The place of its charter among the layers.
    pub layer: usize,
    /// Why, for people.
    pub because: Option<Box<str>>,
    /// The condition on the case, as written.
    pub when_text: Option<Box<str>>,
    /// The condition on the person, as written.
    pub who_text: Option<Box<str>>,
    /// Where it stands in its file.
    pub span: std::ops::Range<usize>,
    pub(crate) kind: Closing,
    /// Places of the remedies it concerns; nothing for all.
    pub(crate) remedies: Option<Vec<usize>>,
    pub(crate) reasons: Option<Vec<bool>>,
    pub(crate) who: Option<Bool>,
    /// The first instant of its first day and the first after its last.
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    /// Subjects that must be there, a bit each.
    pub(crate) subjects: u64,
    /// Facts among the keys of its scope and of the scopes of `granted`.
    pub(crate) key_facts: Vec<usize>,
    /// For allows the lowest level served, for the others the lowest not bound.
    pub(crate) level: usize,
    /// What it says where it holds nowhere, to the groups and levels it serves or binds.
    pub(crate) nothing: Seen,
    /// Whether it binds everybody.
    pub(crate) everybody: bool,
    pub(crate) reads: Reads,
}

/// What a guardrail does.
#[derive(Clone, Debug)]
pub(crate) enum Closing {
    Allow(Allow),
    Forbid(Guard),
    Cap(Cap),
}

#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub(crate) when: Bool,
    pub(crate) scope: Scope,
    /// By remedy.
    pub(crate) covers: Vec<(usize, Cover)>,
    pub(crate) say_why: bool,
    pub(crate) second: bool,
}

/// Remedies under one limit share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cover {
    Any,
    UpTo { limit: Arc<Bound>, stretch: Option<Arc<Bound>> },
    Exactly(Arc<Num>),
}

/// The condition of a forbid, its parts about the amount apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Guard {
    Plain(Bool),
    /// The total is above the bound, or at it too.
    Above {
        bound: Num,
        or_equal: bool,
    },
    All(Vec<Guard>),
    Any(Vec<Guard>),
}

#[derive(Clone, Debug)]
pub(crate) struct Cap {
    pub(crate) when: Bool,
    pub(crate) scope: Scope,
    pub(crate) window: Window,
    /// The place of its window among those that follow the calendar.
    pub(crate) calendar: Option<usize>,
    pub(crate) remedies: Option<Vec<bool>>,
    /// Whether it counts one remedy only.
    pub(crate) of_one: bool,
    pub(crate) most: Most,
}

impl Cap {
    /// Whether it is on an amount, not on how often.
    pub(crate) fn by_worth(&self) -> bool {
        matches!(self.most, Most::Amount(_))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Most {
    Amount(Bound),
    Count(Bound),
}

/// Who serves an escalation.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name in answers.
    pub id: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// The place of its level.
    pub level: usize,
    /// Least first.
    pub priority: i64,
    /// Open time until it answers, in microseconds.
    pub within: Option<i64>,
    /// The name of its calendar.
    pub hours: Option<Box<str>>,
    /// Whether it may give what no rule covers.
    pub exceptions: bool,
    pub(crate) staff: Vec<Value>,
    pub(crate) when: Option<(Bool, u64)>,
}

/// Of the deciders, the one who asks has bit 0, the groups follow, then the levels.
pub(crate) const ASKER: u64 = 1;

impl Rule {
    /// Whether it concerns a remedy.
    pub(crate) fn concerns_remedy(&self, place: usize) -> bool {
        self.remedies.as_ref().is_none_or(|r| r.binary_search(&place).is_ok())
    }

    /// Whether it is a cap on an amount.
    pub(crate) fn weighs(&self) -> bool {
        matches!(&self.kind, Closing::Cap(cap) if cap.by_worth())
    }

    /// Whether it concerns a reason, or a request without one.
    pub(crate) fn concerns_reason(&self, reason: Option<usize>) -> bool {
        match (&self.reasons, reason) {
            (None, _) => true,
            (Some(named), Some(reason)) => named.get(reason).copied().unwrap_or(false),
            (Some(_), None) => false,
        }
    }

    /// Whether a decider of this level is served or bound, its staff facts aside.
    pub(crate) fn reaches_level(&self, level: usize) -> bool {
        if matches!(self.kind, Closing::Allow(_)) { self.level <= level } else { level < self.level }
    }

    /// Whether what `who` comes to serves (an allow) or binds (the others).
    pub(crate) fn takes(&self, who: Truth) -> bool {
        match self.kind {
            Closing::Allow(_) => who == Truth::TRUE,
            _ => who != Truth::FALSE,
        }
    }
}

impl Charter {
    /// The rules that allow something, in the order of their ids.
    pub fn allows(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| matches!(rule.kind, Closing::Allow(_)))
    }

    /// For each rule, the groups and levels it serves or binds: their staff facts are known beforehand.
    pub(crate) fn settle_deciders(&mut self) {
        let unknown: Vec<Value> = self.staff.iter().map(|f| f.assume.clone().unwrap_or(Value::Unknown)).collect();
        let settled: Vec<u64> = self.rules.iter().map(|rule| self.deciders_of(rule, &unknown)).collect();
        for ((place, rule), deciders) in (0..).zip(&mut self.rules).zip(settled) {
            rule.nothing = Seen::nothing(place, rule.layer, matches!(rule.kind, Closing::Allow(_)), rule.everybody, deciders);
        }
    }

    fn deciders_of(&self, rule: &Rule, unknown: &[Value]) -> u64 {
        let takes = |staff: &[Value]| rule.who.as_ref().is_none_or(|who| rule.takes(self.env_of_person(staff).truth(who)));
        let second = matches!(&rule.kind, Closing::Allow(allow) if allow.second);
        let mut deciders = 0;
        for (place, group) in self.groups.iter().enumerate() {
            if rule.reaches_level(group.level) && takes(&group.staff) {
                deciders |= Self::group_bit(place);
            }
        }
        let takes_nobody_known = !second && takes(unknown);
        for place in (0..self.levels.len()).filter(|l| takes_nobody_known && rule.reaches_level(*l)) {
            deciders |= self.level_bit(place);
        }
        deciders
    }

    /// The view of a condition on the person.
    pub(crate) fn env_of_person<'a>(&'a self, staff: &'a [Value]) -> Env<'a> {
        Env {
            declared: &self.facts,
            declared_staff: &self.staff,
            definitions: &self.definitions,
            zone: &self.zone,
            facts: &[],
            staff,
            ids: &[],
            present: u64::MAX,
            now: Range::between(crate::time::INSTANT_RANGE),
            amount: Range::FAULT,
            granted: &[],
            meter_facts: &self.meter_facts,
        }
    }

    pub(crate) fn group_bit(place: usize) -> u64 {
        1 << (1 + place)
    }

    pub(crate) fn level_bit(&self, place: usize) -> u64 {
        1 << (1 + self.groups.len() + place)
    }

    /// The groups and the highest level: what no lower level can do better.
    pub(crate) fn decisive(&self) -> u64 {
        self.group_bits() | self.levels.len().checked_sub(1).map_or(0, |highest| self.level_bit(highest))
    }

    /// All groups, a bit each.
    pub(crate) fn group_bits(&self) -> u64 {
        ((1 << self.groups.len()) - 1) << 1
    }

    /// The place of the remedy with this id, or with it as an old one.
    #[must_use]
    pub fn remedy(&self, id: &str) -> Option<usize> {
        let by_id = self.remedies.binary_search_by(|r| (*r.id).cmp(id)).ok();
        by_id.or_else(|| self.remedies.iter().position(|r| r.was.iter().any(|w| **w == *id)))
    }

    /// The place of a reason.
    #[must_use]
    pub fn reason(&self, id: &str) -> Option<usize> {
        self.reasons.binary_search_by(|r| (**r).cmp(id)).ok()
    }

    /// The place of a level.
    #[must_use]
    pub fn level(&self, id: &str) -> Option<usize> {
        self.levels.iter().position(|l| **l == *id)
    }

    /// The place of a fact `subject.name`.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<usize> {
        self.fact_places.get(name).copied()
    }
}

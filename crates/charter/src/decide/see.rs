//! What one guardrail says of a remedy and a reason, for every amount.

use std::cell::Cell;

use crate::expr::{Bool, Bound, Env, Num, Range, Truth};
use crate::model::{ASKER, Allow, Cap, Charter, Closing, Cover, Guard, Most, Remedy, Rule, Scope};
use crate::money::Measure;
use crate::request::{Entry, Had, Request};

/// An interval of amounts, both ends in it; empty if `from > to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The least amount.
    pub from: i64,
    /// The greatest amount.
    pub to: i64,
}

impl Extent {
    /// No amount.
    pub const NONE: Self = Self { from: i64::MAX, to: i64::MIN };

    /// Whether an amount is in it.
    #[must_use]
    pub fn has(self, amount: i64) -> bool {
        self.from <= amount && amount <= self.to
    }

    /// Whether no amount is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from > self.to
    }
}

/// What a guardrail that applies says, for every amount of this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The place of the rule.
    pub rule: u32,
    pub(crate) layer: u32,
    pub(crate) allows: bool,
    pub(crate) everybody: bool,
    /// The deciders it serves or binds, a bit each.
    pub(crate) who: u64,
    /// Where it surely covers (without saying why) or is surely hit.
    pub sure: Extent,
    /// Where it may.
    pub maybe: Extent,
    /// Where an allow surely covers for those who say why.
    pub wide_sure: Extent,
    /// Where it may.
    pub wide_maybe: Extent,
}

impl Seen {
    /// What a rule that holds nowhere says to these deciders.
    pub(crate) fn nothing(place: u32, layer: usize, allows: bool, everybody: bool, who: u64) -> Self {
        Self {
            rule: place,
            layer: u32::from(layer > 0),
            allows,
            everybody,
            who,
            sure: Extent::NONE,
            maybe: Extent::NONE,
            wide_sure: Extent::NONE,
            wide_maybe: Extent::NONE,
        }
    }
}

/// The state of a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapState {
    /// The place of the rule.
    pub rule: u32,
    /// Whether it counts money rather than grants.
    pub by_worth: bool,
    /// What it allows, if known: minor units or grants.
    pub of: Option<i64>,
    /// What is used, if known.
    pub used: Option<i64>,
    /// What is left, if known.
    pub left: Option<i64>,
    /// When the first grant in it stops counting.
    pub room_at: Option<i64>,
    /// Whether an entry did not count because it lacks a key or a worth.
    pub lacking: bool,
}

/// One remedy and reason of a request.
pub(crate) struct Matter<'a> {
    pub(crate) charter: &'a Charter,
    pub(crate) request: &'a Request,
    pub(crate) env: Env<'a>,
    pub(crate) remedy: &'a Remedy,
    pub(crate) place: usize,
    pub(crate) reason: Option<usize>,
    /// The amounts there can be.
    pub(crate) amounts: Extent,
    pub(crate) scale: i64,
    /// The entries of the history that are of this remedy.
    had: &'a [Entry],
    /// What was given before that was asked for last, whether a total or what a cap has used.
    pub(super) asked: Cell<Option<Had>>,
}

impl<'a> Matter<'a> {
    #[inline(always)]
    pub(crate) fn new(charter: &'a Charter, request: &'a Request, place: usize, reason: Option<usize>) -> Option<Self> {
        let remedy = charter.remedies.get(place)?;
        let env = Env {
            facts: &request.facts,
            ids: &request.ids,
            present: request.present,
            now: Range::point(request.now),
            granted: &request.granted,
            ..charter.env_of_person(&request.staff)
        };
        let amounts = match remedy.measure {
            Measure::Act => Extent { from: 1, to: 1 },
            _ => Extent { from: remedy.minimum, to: remedy.measure.most() },
        };
        let (scale, had) = (remedy.measure.scale(), request.entries_of(place));
        Some(Self { charter, request, env, remedy, place, reason, amounts, scale, had, asked: Cell::new(None) })
    }

    /// The same with other counts of what was given.
    pub(crate) fn with_granted<'b>(&'b self, granted: &'b [Range]) -> Matter<'b> {
        Matter { env: Env { granted, ..self.env }, asked: Cell::new(None), ..*self }
    }

    /// The guardrails that concern this remedy and reason and apply.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'a Rule> + use<'a, '_> {
        self.concerns().map(|(rule, _)| rule)
    }

    /// The same, each with the number that those alike have.
    pub(super) fn concerns(&self) -> impl Iterator<Item = (&'a Rule, usize)> + use<'a, '_> {
        let concerns = self.charter.concerning.get(self.place).map_or(&[][..], Vec::as_slice);
        let rules = concerns.iter().filter_map(|c| Some((self.charter.rules.get(usize::try_from(c.rule).ok()?)?, usize::try_from(c.alike).ok()?)));
        rules.filter(|(rule, _)| self.applies(rule))
    }

    fn applies(&self, rule: &Rule) -> bool {
        let of_worth = self.remedy.worth_reads.subjects;
        let needed = rule.subjects | if of_worth != 0 && rule.weighs() { of_worth } else { 0 };
        let in_time = rule.from <= self.request.now && self.request.now < rule.until;
        in_time && needed & !self.request.present == 0 && rule.concerns_reason(self.reason)
    }

    /// Looks at every guardrail that concerns this and applies.
    pub(super) fn see_all(&self, all: &mut Vec<Seen>) {
        for rule in self.rules() {
            all.extend_from_slice(std::slice::from_ref(&rule.nothing));
            if let Some(seen) = all.last_mut() {
                self.see(rule, seen, None);
            }
        }
    }

    /// Looks at one guardrail. Amounts at which it asks for other facts, beside the ends of its extents, go to `edges`, if asked for.
    #[inline(always)]
    pub(super) fn see(&self, rule: &'a Rule, seen: &mut Seen, edges: Option<&mut Vec<i64>>) {
        seen.who |= u64::from(self.reaches_asker(rule));
        match &rule.kind {
            Closing::Allow(allow) => self.see_allow(allow, seen, edges),
            Closing::Forbid(Guard::Plain(truth)) => self.close(seen, self.plain(truth)),
            Closing::Forbid(Guard::Above { bound, or_equal }) => self.close(seen, self.past(bound, *or_equal, None)),
            Closing::Forbid(guard) => self.close(seen, self.guard(guard, edges)),
            Closing::Cap(cap) => self.close(seen, self.cap(rule, cap, edges)),
        }
    }

    fn reaches_asker(&self, rule: &'a Rule) -> bool {
        let second = matches!(&rule.kind, Closing::Allow(allow) if allow.second && self.request.group.is_none());
        !second && rule.reaches_level(self.request.level) && rule.who.as_ref().is_none_or(|who| rule.takes(self.env.truth(who)))
    }

    fn close(&self, seen: &mut Seen, from: From) {
        seen.sure = self.clip(from.sure, i64::MAX);
        seen.maybe = self.clip(from.maybe, i64::MAX);
        seen.wide_sure = seen.sure;
        seen.wide_maybe = seen.maybe;
    }

    fn clip(&self, from: i64, to: i64) -> Extent {
        Extent { from: from.max(self.amounts.from), to: to.min(self.amounts.to) }
    }

    /// What the case has had of this remedy for this reason.
    pub(crate) fn case_total(&self) -> Had {
        self.total_of(Scope::CASE)
    }

    /// What a scope has had of this remedy for this reason.
    pub(crate) fn total_of(&self, scope: Scope) -> Had {
        let total = self.request.total(scope, self.had, self.reason);
        self.asked.set(Some(total));
        total
    }

    /// What a cap that concerns this remedy has used, whoever gave it.
    pub(super) fn used(&self, rule: &'a Rule, cap: &'a Cap) -> Had {
        let entries = if cap.of_one { self.had } else { &self.request.entries };
        let used = self.request.used(entries, cap, rule.reasons.as_deref());
        self.asked.set(Some(used));
        used
    }

    /// What was given before that a guardrail looks at.
    pub(super) fn prior(&self, rule: &'a Rule) -> Had {
        match &rule.kind {
            Closing::Allow(allow) => self.total_of(allow.scope),
            Closing::Forbid(_) => self.case_total(),
            Closing::Cap(cap) => self.used(rule, cap),
        }
    }

    fn see_allow(&self, allow: &'a Allow, seen: &mut Seen, edges: Option<&mut Vec<i64>>) {
        let Some((_, cover)) = allow.covers.iter().find(|(r, _)| *r == self.place) else { return };
        let when = self.env.truth(&allow.when).for_allow();
        if when == Truth::FALSE {
            return;
        }
        let simple = matches!(cover, Cover::UpTo { limit, stretch: None } if matches!(**limit, Bound::One(_)));
        self.cover(allow, cover, seen, edges.filter(|_| !simple || when != Truth::TRUE));
        if when != Truth::TRUE {
            seen.sure = Extent::NONE;
            seen.wide_sure = Extent::NONE;
        }
    }

    /// The amounts within the limit, and within limit and stretch, whatever the condition says.
    fn cover(&self, allow: &'a Allow, cover: &'a Cover, seen: &mut Seen, mut edges: Option<&mut Vec<i64>>) {
        let (narrow, wide) = match cover {
            Cover::Any => (self.all(), self.all()),
            Cover::Exactly(exact) => {
                let exactly = self.exactly(self.env.number(exact), self.total_of(allow.scope));
                (exactly, exactly)
            }
            Cover::UpTo { limit, stretch } => {
                let prior = self.total_of(allow.scope);
                let limit = self.up_to(limit, prior, edges.as_deref_mut());
                let wide = stretch.as_ref().map_or(limit, |stretch| {
                    let stretch = self.up_to(stretch, prior, edges);
                    UpTo { sure: limit.sure.max(stretch.sure), maybe: limit.maybe.max(stretch.maybe) }
                });
                (self.within(limit), self.within(wide))
            }
        };
        if !allow.say_why {
            seen.sure = narrow.sure;
            seen.maybe = narrow.maybe;
        }
        seen.wide_sure = wide.sure;
        seen.wide_maybe = wide.maybe;
    }

    fn all(&self) -> Within {
        Within { sure: self.amounts, maybe: self.amounts }
    }

    fn within(&self, up_to: UpTo) -> Within {
        Within { sure: self.clip(i64::MIN, up_to.sure), maybe: self.clip(i64::MIN, up_to.maybe) }
    }

    fn exactly(&self, exact: Range, prior: Had) -> Within {
        if exact.is_empty() {
            return Within::NOWHERE;
        }
        let low = ceil(exact.low, self.scale).saturating_sub(prior.high);
        let high = floor(exact.high, self.scale).saturating_sub(prior.low);
        let maybe = self.clip(low, high);
        let decided = exact.is_decided() && prior.is_point();
        Within { sure: if decided { maybe } else { Extent::NONE }, maybe }
    }

    /// The greatest amounts for which the total is surely, and may be, within a limit.
    fn up_to(&self, bound: &'a Bound, prior: Had, edges: Option<&mut Vec<i64>>) -> UpTo {
        match bound {
            Bound::One(num) => self.up_to_one(num, prior, edges),
            Bound::Least(list) => self.up_to_many(list, prior, edges, i64::min),
            Bound::Most(list) => self.up_to_many(list, prior, edges, i64::max),
        }
    }

    fn up_to_one(&self, num: &'a Num, prior: Had, edges: Option<&mut Vec<i64>>) -> UpTo {
        let limit = self.env.number(num);
        if limit.is_empty() {
            return UpTo::NOTHING;
        }
        let maybe = floor(limit.high, self.scale).saturating_sub(prior.low);
        // Where a comparison with the ends of the interval turns, whatever a fault makes of it.
        let turn = if limit.is_point() && prior.is_point() { maybe } else { floor(limit.low, self.scale).saturating_sub(prior.high) };
        if let Some(edges) = edges {
            edges.extend([turn.saturating_add(1), maybe.saturating_add(1)]);
        }
        UpTo { sure: if limit.fault { i64::MIN } else { turn }, maybe }
    }

    fn up_to_many(&self, list: &'a [Bound], prior: Had, mut edges: Option<&mut Vec<i64>>, pick: fn(i64, i64) -> i64) -> UpTo {
        let parts = list.iter().map(|b| self.up_to(b, prior, edges.as_deref_mut()));
        parts.reduce(|a, b| UpTo { sure: pick(a.sure, b.sure), maybe: pick(a.maybe, b.maybe) }).unwrap_or(UpTo::NOTHING)
    }

    /// From which amount on a forbid is hit.
    fn guard(&self, guard: &'a Guard, edges: Option<&mut Vec<i64>>) -> From {
        match guard {
            Guard::Plain(truth) => self.plain(truth),
            Guard::Above { bound, or_equal } => self.past(bound, *or_equal, edges),
            Guard::All(list) => self.guards(list, edges, From::NEVER, From::and),
            Guard::Any(list) => self.guards(list, edges, From::ALWAYS, From::or),
        }
    }

    fn plain(&self, truth: &'a Bool) -> From {
        match self.env.truth(truth) {
            Truth::FALSE => From::NEVER,
            Truth::TRUE => From::ALWAYS,
            truth => From::of(truth.for_closing()),
        }
    }

    /// From which amount on the total of the case is above a bound, or at it too.
    fn past(&self, bound: &'a Num, or_equal: bool, edges: Option<&mut Vec<i64>>) -> From {
        let (bound, prior) = (self.env.number(bound), self.case_total());
        let turn = |end: i64| self.above(end, or_equal).saturating_sub(prior.low);
        if bound.is_empty() {
            return From::ALWAYS;
        }
        let (first, last) = (turn(bound.low), turn(bound.high));
        if let Some(edges) = edges {
            edges.extend([first, last]);
        }
        From { sure: last, maybe: if bound.fault { i64::MIN } else { first } }
    }

    /// Parts together; after one that settles the whole the others do not matter.
    fn guards(&self, list: &'a [Guard], mut edges: Option<&mut Vec<i64>>, settled: From, both: fn(From, From) -> From) -> From {
        let mut whole: Option<From> = None;
        for part in list {
            let part = self.guard(part, edges.as_deref_mut());
            if part == settled {
                return settled;
            }
            whole = Some(whole.map_or(part, |so_far| both(so_far, part)));
        }
        whole.unwrap_or(From::NEVER)
    }

    /// The least amount in units that is above a value, or at it too.
    fn above(&self, value: i64, or_equal: bool) -> i64 {
        match (or_equal, self.scale) {
            (true, 1) => value,
            (true, scale) => ceil(value, scale),
            (false, scale) => floor(value, scale).saturating_add(1),
        }
    }

    /// From which amount on a cap is hit.
    fn cap(&self, rule: &'a Rule, cap: &'a Cap, edges: Option<&mut Vec<i64>>) -> From {
        let when = self.env.truth(&cap.when).for_closing();
        if when == Truth::FALSE {
            return From::NEVER;
        }
        let used = self.used(rule, cap);
        let simple = matches!(&cap.most, Most::Amount(Bound::One(_)));
        let edges = edges.filter(|_| !simple || when != Truth::TRUE);
        let from = match &cap.most {
            Most::Amount(bound) => self.full(bound, used, edges),
            Most::Count(bound) => self.crowded(bound, used),
        };
        if when == Truth::TRUE { from } else { From { sure: i64::MAX, ..from } }
    }

    /// From which amount on used and worth are more than the cap.
    fn full(&self, bound: &'a Bound, used: Had, edges: Option<&mut Vec<i64>>) -> From {
        match bound {
            Bound::One(num) => self.full_of_one(num, used, edges),
            Bound::Least(list) => self.full_of_many(list, used, edges, From::or),
            Bound::Most(list) => self.full_of_many(list, used, edges, From::and),
        }
    }

    fn full_of_one(&self, num: &'a Num, used: Had, edges: Option<&mut Vec<i64>>) -> From {
        let most = self.env.number(num);
        if most.is_empty() {
            return From::ALWAYS;
        }
        let (maybe, sure) = match &self.remedy.worth {
            None => {
                let past = |most: i64, used: i64| most.saturating_sub(used).saturating_add(1);
                (past(most.low, used.high), past(most.high, used.low))
            }
            Some(worth) => {
                let may = |w: Range| w.is_empty() || w.fault || used.high.saturating_add(w.high) > most.low;
                let must = |w: Range| w.is_empty() || used.low.saturating_add(w.low) > most.high;
                (self.first_worth(worth, may), self.first_worth(worth, must))
            }
        };
        if let Some(edges) = edges {
            edges.extend([maybe, sure]);
        }
        From { sure, maybe: if most.fault { i64::MIN } else { maybe } }
    }

    fn full_of_many(&self, list: &'a [Bound], used: Had, mut edges: Option<&mut Vec<i64>>, both: fn(From, From) -> From) -> From {
        list.iter().map(|b| self.full(b, used, edges.as_deref_mut())).reduce(both).unwrap_or(From::NEVER)
    }

    /// The first amount whose worth passes a test that larger amounts pass too.
    fn first_worth(&self, worth: &'a Num, passes: impl Fn(Range) -> bool) -> i64 {
        let passes = |amount: i64| passes(self.worth(worth, amount));
        let (mut below, mut at) = (self.amounts.from, self.amounts.to);
        if passes(below) {
            return i64::MIN;
        }
        if !passes(at) {
            return i64::MAX;
        }
        while at - below > 1 {
            let middle = below + (at - below) / 2;
            if passes(middle) { at = middle } else { below = middle }
        }
        at
    }

    /// What this amount of the remedy weighs.
    pub(crate) fn worth(&self, worth: &'a Num, amount: i64) -> Range {
        let value = amount.saturating_mul(self.scale);
        Env { amount: Range::point(value), ..self.env }.number(worth)
    }

    /// Whether one grant more is too many.
    fn crowded(&self, bound: &'a Bound, used: Had) -> From {
        match bound {
            Bound::One(num) => From::of(self.one_more(self.env.number(num), used).for_closing()),
            Bound::Least(list) => list.iter().map(|b| self.crowded(b, used)).reduce(From::or).unwrap_or(From::NEVER),
            Bound::Most(list) => list.iter().map(|b| self.crowded(b, used)).reduce(From::and).unwrap_or(From::NEVER),
        }
    }

    /// `grants + 1 > count`.
    pub(crate) fn one_more(&self, count: Range, used: Had) -> Truth {
        let millionths = |n: i64| n.saturating_add(1).saturating_mul(crate::decimal::ONE);
        count.less_than(Range { low: millionths(used.low), high: millionths(used.high), fault: false })
    }

    /// The state of a cap whose `when` is not false.
    pub(crate) fn cap_state(&self, rule: &'a Rule) -> Option<CapState> {
        let Closing::Cap(cap) = &rule.kind else { return None };
        if self.env.truth(&cap.when).for_closing() == Truth::FALSE {
            return None;
        }
        let (by_worth, bound) = match &cap.most {
            Most::Amount(bound) => (true, bound),
            Most::Count(bound) => (false, bound),
        };
        let usage = self.request.usage(cap, rule.reasons.as_deref());
        let most = self.bound(bound);
        let unit = if by_worth { 1 } else { crate::decimal::ONE };
        let of = most.is_decided().then(|| most.low.div_euclid(unit));
        let used = usage.used.is_point().then_some(usage.used.low);
        let left = of.zip(used).map(|(of, used)| of.saturating_sub(used).max(0));
        Some(CapState { rule: rule.nothing.rule, by_worth, of, used, left, room_at: self.request.room_at(self.charter, cap, &usage), lacking: usage.lacking })
    }

    /// The value of a bound that was taken apart.
    pub(crate) fn bound(&self, bound: &'a Bound) -> Range {
        let fold = |list: &'a [Bound], pick: fn(i64, i64) -> i64| {
            let parts = list.iter().map(|b| self.bound(b));
            parts
                .reduce(|a, b| {
                    if a.is_empty() || b.is_empty() {
                        Range::FAULT
                    } else {
                        Range { low: pick(a.low, b.low), high: pick(a.high, b.high), fault: a.fault || b.fault }
                    }
                })
                .unwrap_or(Range::FAULT)
        };
        match bound {
            Bound::One(num) => self.env.number(num),
            Bound::Least(list) => fold(list, i64::min),
            Bound::Most(list) => fold(list, i64::max),
        }
    }

    /// Whether a condition on the case holds for sure where its subjects are there.
    pub(crate) fn holds(&self, when: Option<&'a (Bool, u64)>) -> bool {
        when.is_none_or(|(when, subjects)| subjects & !self.request.present == 0 && self.env.truth(when) == Truth::TRUE)
    }

    /// The asker's bit and those of all groups and levels.
    pub(crate) fn all_deciders(&self) -> u64 {
        ASKER | self.charter.group_bits() | (0..self.charter.levels.len()).fold(0, |bits, l| bits | self.charter.level_bit(l))
    }
}

/// Where something surely holds, and where it may.
#[derive(Clone, Copy)]
struct Within {
    sure: Extent,
    maybe: Extent,
}

impl Within {
    const NOWHERE: Self = Self { sure: Extent::NONE, maybe: Extent::NONE };
}

#[derive(Clone, Copy)]
struct UpTo {
    sure: i64,
    maybe: i64,
}

impl UpTo {
    const NOTHING: Self = Self { sure: i64::MIN, maybe: i64::MIN };
}

/// The least amounts at which something surely is hit, and may be.
#[derive(Clone, Copy, PartialEq, Eq)]
struct From {
    sure: i64,
    maybe: i64,
}

impl From {
    const NEVER: Self = Self { sure: i64::MAX, maybe: i64::MAX };
    const ALWAYS: Self = Self { sure: i64::MIN, maybe: i64::MIN };

    fn of(hit: Truth) -> Self {
        Self { sure: if hit == Truth::TRUE { i64::MIN } else { i64::MAX }, maybe: if hit == Truth::FALSE { i64::MAX } else { i64::MIN } }
    }

    fn or(self, other: Self) -> Self {
        Self { sure: self.sure.min(other.sure), maybe: self.maybe.min(other.maybe) }
    }

    fn and(self, other: Self) -> Self {
        Self { sure: self.sure.max(other.sure), maybe: self.maybe.max(other.maybe) }
    }
}

/// In whole units, rounded down. Money has a scale of one, and a division takes as long as the rest of a limit.
fn floor(value: i64, scale: i64) -> i64 {
    if scale == 1 { value } else { value.div_euclid(scale) }
}

fn ceil(value: i64, scale: i64) -> i64 {
    value.div_euclid(scale).saturating_add(i64::from(value.rem_euclid(scale) != 0))
}

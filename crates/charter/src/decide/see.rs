//! What one guardrail says of a remedy and a reason, for every amount.

use std::cell::Cell;

use crate::expr::{Bool, Bound, Env, Num, Range, Truth};
use crate::model::{ASKER, Allow, Cap, Charter, Closing, Cover, Guard, Most, Remedy, Rule, Scope};
use crate::money::Measure;
use crate::request::Request;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone)]
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
    /// What the scopes last asked about have had: the rules of a remedy share a few.
    had: Cell<[Option<(u64, Range)>; 2]>,
}

impl<'a> Matter<'a> {
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
        Some(Self { charter, request, env, remedy, place, reason, amounts, scale: remedy.measure.scale(), had: Cell::default() })
    }

    /// The same with other counts of what was given.
    pub(crate) fn with_granted<'b>(&'b self, granted: &'b [Range]) -> Matter<'b> {
        Matter { env: Env { granted, ..self.env }, ..self.clone() }
    }

    /// The guardrails that concern this remedy and reason and apply.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (u32, &'a Rule)> + use<'a, '_> {
        let places = self.charter.concerning.get(self.place).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|p| Some((*p, self.charter.rules.get(usize::try_from(*p).ok()?)?))).filter(|(_, r)| self.applies(r))
    }

    fn applies(&self, rule: &Rule) -> bool {
        let mut needed = rule.subjects;
        if rule.weighs() {
            needed |= self.remedy.worth_reads.subjects;
        }
        let in_time = rule.from <= self.request.now && self.request.now < rule.until;
        in_time && needed & !self.request.present == 0 && rule.concerns_reason(self.reason)
    }

    /// Looks at one guardrail. Amounts at which it asks for other facts, beside the ends of its extents, go to `edges`, if asked for.
    pub(crate) fn see(&self, place: u32, rule: &'a Rule, edges: Option<&mut Vec<i64>>) -> Seen {
        let mut seen = Seen {
            rule: place,
            layer: u32::from(rule.layer > 0),
            allows: false,
            everybody: rule.everybody,
            who: rule.deciders | u64::from(self.reaches_asker(rule)),
            sure: Extent::NONE,
            maybe: Extent::NONE,
            wide_sure: Extent::NONE,
            wide_maybe: Extent::NONE,
        };
        match &rule.kind {
            Closing::Allow(allow) => self.see_allow(allow, &mut seen, edges),
            Closing::Forbid(guard) => {
                let edges = edges.filter(|_| matches!(guard, Guard::All(_) | Guard::Any(_)));
                let from = self.guard(guard, edges);
                self.close(&mut seen, from);
            }
            Closing::Cap(cap) => {
                let from = self.cap(rule, cap, edges);
                self.close(&mut seen, from);
            }
        }
        seen
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
    pub(crate) fn case_total(&self) -> Range {
        self.total_of(Scope::CASE)
    }

    /// What a scope has had of this remedy for this reason.
    pub(crate) fn total_of(&self, scope: Scope) -> Range {
        let [last, before] = self.had.get();
        if let Some((_, had)) = [last, before].into_iter().flatten().find(|(keys, _)| *keys == scope.keys) {
            return had;
        }
        let had = self.request.total(scope, self.place, self.reason);
        self.had.set([Some((scope.keys, had)), last]);
        had
    }

    fn see_allow(&self, allow: &'a Allow, seen: &mut Seen, edges: Option<&mut Vec<i64>>) {
        seen.allows = true;
        let Some((_, cover)) = allow.covers.iter().find(|(r, _)| *r == self.place) else { return };
        let when = self.env.truth(&allow.when).for_allow();
        if when == Truth::FALSE {
            return;
        }
        let simple = matches!(cover, Cover::UpTo { limit, stretch: None } if matches!(**limit, Bound::One(_)));
        let (narrow, wide) = self.covers(allow, cover, edges.filter(|_| !simple || when != Truth::TRUE));
        let if_known = |extent: Extent| if when == Truth::TRUE { extent } else { Extent::NONE };
        if !allow.say_why {
            seen.sure = if_known(narrow.sure);
            seen.maybe = narrow.maybe;
        }
        seen.wide_sure = if_known(wide.sure);
        seen.wide_maybe = wide.maybe;
    }

    /// The amounts within the limit, and within limit and stretch, whatever the condition says.
    fn covers(&self, allow: &'a Allow, cover: &'a Cover, mut edges: Option<&mut Vec<i64>>) -> (Within, Within) {
        let same = |within: Within| (within, within);
        match cover {
            Cover::Any => same(Within { sure: self.amounts, maybe: self.amounts }),
            Cover::Exactly(exact) => same(self.exactly(self.env.number(exact), self.total_of(allow.scope))),
            Cover::UpTo { limit, stretch } => {
                let prior = self.total_of(allow.scope);
                let limit = self.up_to(limit, prior, edges.as_deref_mut());
                let wide = match stretch {
                    Some(stretch) => {
                        let stretch = self.up_to(stretch, prior, edges);
                        UpTo { sure: limit.sure.max(stretch.sure), maybe: limit.maybe.max(stretch.maybe) }
                    }
                    None => limit,
                };
                (self.within(limit), self.within(wide))
            }
        }
    }

    fn within(&self, up_to: UpTo) -> Within {
        Within { sure: self.clip(i64::MIN, up_to.sure), maybe: self.clip(i64::MIN, up_to.maybe) }
    }

    fn exactly(&self, exact: Range, prior: Range) -> Within {
        if exact.is_empty() {
            return Within { sure: Extent::NONE, maybe: Extent::NONE };
        }
        let low = ceil(exact.low, self.scale).saturating_sub(prior.high);
        let high = floor(exact.high, self.scale).saturating_sub(prior.low);
        let maybe = self.clip(low, high);
        let decided = exact.is_decided() && prior.is_point();
        Within { sure: if decided { maybe } else { Extent::NONE }, maybe }
    }

    /// The greatest amounts for which the total is surely, and may be, within a limit.
    fn up_to(&self, bound: &'a Bound, prior: Range, mut edges: Option<&mut Vec<i64>>) -> UpTo {
        let fold = |list: &'a [Bound], edges: &mut Option<&mut Vec<i64>>, pick: fn(i64, i64) -> i64| {
            let parts = list.iter().map(|b| self.up_to(b, prior, edges.as_deref_mut()));
            parts.reduce(|a, b| UpTo { sure: pick(a.sure, b.sure), maybe: pick(a.maybe, b.maybe) }).unwrap_or(UpTo::NOTHING)
        };
        match bound {
            Bound::One(num) => {
                let limit = self.env.number(num);
                if limit.is_empty() {
                    return UpTo::NOTHING;
                }
                let maybe = floor(limit.high, self.scale).saturating_sub(prior.low);
                let sure = if limit.fault { i64::MIN } else { floor(limit.low, self.scale).saturating_sub(prior.high) };
                if let Some(edges) = edges {
                    // Where a comparison with the ends of the interval turns, whatever a fault makes of it.
                    let turn = floor(limit.low, self.scale).saturating_sub(prior.high);
                    edges.extend([turn.saturating_add(1), maybe.saturating_add(1)]);
                }
                UpTo { sure, maybe }
            }
            Bound::Least(list) => fold(list, &mut edges, i64::min),
            Bound::Most(list) => fold(list, &mut edges, i64::max),
        }
    }

    /// From which amount on a forbid is hit.
    fn guard(&self, guard: &'a Guard, mut edges: Option<&mut Vec<i64>>) -> From {
        match guard {
            Guard::Plain(truth) => From::of(self.env.truth(truth).for_closing()),
            Guard::Above { bound, or_equal } => {
                let (bound, prior) = (self.env.number(bound), self.case_total());
                let turn = |end: i64| self.above(end, *or_equal).saturating_sub(prior.low);
                if bound.is_empty() {
                    return From::ALWAYS;
                }
                if let Some(edges) = edges {
                    edges.extend([turn(bound.low), turn(bound.high)]);
                }
                From { sure: turn(bound.high), maybe: if bound.fault { i64::MIN } else { turn(bound.low) } }
            }
            Guard::All(list) => self.guards(list, &mut edges, i64::max),
            Guard::Any(list) => self.guards(list, &mut edges, i64::min),
        }
    }

    fn guards(&self, list: &'a [Guard], edges: &mut Option<&mut Vec<i64>>, pick: fn(i64, i64) -> i64) -> From {
        let parts = list.iter().map(|g| self.guard(g, edges.as_deref_mut()));
        parts.reduce(|a, b| From { sure: pick(a.sure, b.sure), maybe: pick(a.maybe, b.maybe) }).unwrap_or(From::NEVER)
    }

    /// The least amount in units that is above a value, or at it too.
    fn above(&self, value: i64, or_equal: bool) -> i64 {
        if or_equal { ceil(value, self.scale) } else { floor(value, self.scale).saturating_add(1) }
    }

    /// From which amount on a cap is hit.
    fn cap(&self, rule: &'a Rule, cap: &'a Cap, edges: Option<&mut Vec<i64>>) -> From {
        let when = self.env.truth(&cap.when).for_closing();
        if when == Truth::FALSE {
            return From::NEVER;
        }
        let by_worth = matches!(cap.most, Most::Amount(_));
        let used = self.request.usage(self.charter, cap, rule.reasons.as_deref(), by_worth).used;
        let simple = matches!(&cap.most, Most::Amount(Bound::One(_)));
        let edges = edges.filter(|_| !simple || when != Truth::TRUE);
        let from = match &cap.most {
            Most::Amount(bound) => self.full(bound, used, edges),
            Most::Count(bound) => self.crowded(bound, used),
        };
        if when == Truth::TRUE { from } else { From { sure: i64::MAX, ..from } }
    }

    /// From which amount on used and worth are more than the cap.
    fn full(&self, bound: &'a Bound, used: Range, mut edges: Option<&mut Vec<i64>>) -> From {
        let fold = |list: &'a [Bound], edges: &mut Option<&mut Vec<i64>>, pick: fn(i64, i64) -> i64| {
            let parts = list.iter().map(|b| self.full(b, used, edges.as_deref_mut()));
            parts.reduce(|a, b| From { sure: pick(a.sure, b.sure), maybe: pick(a.maybe, b.maybe) }).unwrap_or(From::NEVER)
        };
        match bound {
            Bound::One(num) => {
                let most = self.env.number(num);
                if most.is_empty() {
                    return From::ALWAYS;
                }
                let may = |w: Range| w.is_empty() || w.fault || used.high.saturating_add(w.high) > most.low;
                let must = |w: Range| w.is_empty() || used.low.saturating_add(w.low) > most.high;
                let maybe = self.first_worth(may, most.low.saturating_sub(used.high));
                let sure = self.first_worth(must, most.high.saturating_sub(used.low));
                if let Some(edges) = edges {
                    edges.extend([maybe, sure]);
                }
                From { sure, maybe: if most.fault { i64::MIN } else { maybe } }
            }
            Bound::Least(list) => fold(list, &mut edges, i64::min),
            Bound::Most(list) => fold(list, &mut edges, i64::max),
        }
    }

    /// The first amount whose worth passes a test that larger amounts pass too; `room` is the largest worth that does not.
    fn first_worth(&self, passes: impl Fn(Range) -> bool, room: i64) -> i64 {
        let Some(worth) = &self.remedy.worth else { return room.saturating_add(1) };
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
    fn crowded(&self, bound: &'a Bound, used: Range) -> From {
        match bound {
            Bound::One(num) => From::of(self.one_more(self.env.number(num), used).for_closing()),
            Bound::Least(list) => list.iter().map(|b| self.crowded(b, used)).reduce(From::or).unwrap_or(From::NEVER),
            Bound::Most(list) => list.iter().map(|b| self.crowded(b, used)).reduce(From::and).unwrap_or(From::NEVER),
        }
    }

    /// `grants + 1 > count`.
    pub(crate) fn one_more(&self, count: Range, used: Range) -> Truth {
        let millionths = |n: i64| n.saturating_add(1).saturating_mul(crate::decimal::ONE);
        count.less_than(Range { low: millionths(used.low), high: millionths(used.high), fault: false })
    }

    /// The state of a cap whose `when` is not false.
    pub(crate) fn cap_state(&self, place: u32, rule: &'a Rule) -> Option<CapState> {
        let Closing::Cap(cap) = &rule.kind else { return None };
        if self.env.truth(&cap.when).for_closing() == Truth::FALSE {
            return None;
        }
        let (by_worth, bound) = match &cap.most {
            Most::Amount(bound) => (true, bound),
            Most::Count(bound) => (false, bound),
        };
        let usage = self.request.usage(self.charter, cap, rule.reasons.as_deref(), by_worth);
        let most = self.bound(bound);
        let unit = if by_worth { 1 } else { crate::decimal::ONE };
        let of = most.is_decided().then(|| most.low.div_euclid(unit));
        let used = usage.used.is_point().then_some(usage.used.low);
        let left = of.zip(used).map(|(of, used)| of.saturating_sub(used).max(0));
        Some(CapState { rule: place, by_worth, of, used, left, room_at: self.request.room_at(self.charter, cap, &usage), lacking: usage.lacking })
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

#[derive(Clone, Copy)]
struct Within {
    sure: Extent,
    maybe: Extent,
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
#[derive(Clone, Copy)]
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
    if scale == 1 { value } else { value.div_euclid(scale).saturating_add(i64::from(value.rem_euclid(scale) != 0)) }
}

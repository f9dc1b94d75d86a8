//! Everything that may be done: for each remedy and reason the zones of the amount.

use super::amounts::Largest;
use super::outcome::{Core, Groups, Outcome, View};
use super::see::{Extent, Matter, Seen};
use crate::expr::Range;
use crate::limits::{NUMBER_MAX, OPTION_PARTS};
use crate::model::{ASKER, Charter, Closing, Rule};
use crate::money::Measure;
use crate::request::{Had, Request};

/// What may be done here; a buffer that can be used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// By remedy and reason.
    pub list: Vec<RemedyOptions>,
    /// How many remedies and reasons were left out because the limit `OPTION_PARTS` was reached.
    pub left_out: usize,
}

/// What may be done of one remedy for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemedyOptions {
    /// The place of the remedy.
    pub remedy: usize,
    /// The place of the reason, if it takes one.
    pub reason: Option<usize>,
    /// The largest amount that would be allowed now.
    pub free_up_to: Option<i64>,
    /// The largest amount that would be allowed now to one who says why.
    pub say_why_up_to: Option<i64>,
    /// From the least amount up, without gaps; an act has one.
    pub zones: Vec<Zone>,
    /// Whether zones above these were left out because the limit `OPTION_PARTS` was reached.
    pub cut: bool,
}

/// A run of amounts about which the answer is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The amounts.
    pub extent: Extent,
    /// The answer.
    pub core: Core,
    /// Places of remedies that would have to be given first.
    pub do_first: Vec<usize>,
}

/// What `options_into` works with; kept from one request to the next, it allocates nothing anew.
#[derive(Debug, Default)]
pub struct Work {
    seen: Vec<Seen>,
    edges: Vec<i64>,
    groups: Groups,
    known: Known,
    /// Zones that are not needed now.
    spare: Vec<Zone>,
    /// The parts of the answer so far, and whether there would be more than the limit.
    parts: usize,
    full: bool,
}

/// All options of a request, narrowed by the remedy and reason it names.
#[must_use]
pub fn options(charter: &Charter, request: &Request) -> Options {
    let mut options = Options::default();
    options_into(charter, request, &mut Work::default(), &mut options);
    options
}

/// All options of a request into a buffer.
pub fn options_into(charter: &Charter, request: &Request, work: &mut Work, options: &mut Options) {
    work.begin(charter);
    let remedies = (0..charter.remedies.len()).filter(|r| request.remedy.is_none_or(|asked| asked == *r));
    let (mut filled, mut left_out) = (0, 0);
    let mut add = |place: usize, reason: Option<usize>| {
        if work.full {
            left_out += 1;
            return;
        }
        let Some(matter) = Matter::new(charter, request, place, reason) else { return };
        if filled == options.list.len() {
            options.list.push(RemedyOptions::default());
        }
        if let Some(one) = options.list.get_mut(filled) {
            work.one(&matter, one);
            filled += 1;
        }
    };
    for place in remedies {
        let reasons = charter.remedies.get(place).map_or(&[][..], |r| r.reasons.as_slice());
        if reasons.is_empty() && request.reason.is_none() {
            add(place, None);
        }
        reasons.iter().filter(|r| request.reason.is_none_or(|asked| asked == **r)).for_each(|reason| add(place, Some(*reason)));
    }
    options.list.truncate(filled);
    options.left_out = left_out;
}

impl Work {
    fn begin(&mut self, charter: &Charter) {
        self.groups = Groups::default();
        self.known.begin(charter);
        self.parts = 0;
        self.full = false;
    }

    fn one(&mut self, matter: &Matter<'_>, one: &mut RemedyOptions) {
        self.see(matter);
        let view = View::new(matter, &self.seen, &self.groups);
        let largest = if matter.remedy.measure == Measure::Act { Largest::default() } else { view.largest(ASKER) };
        one.remedy = matter.place;
        one.reason = matter.reason;
        one.free_up_to = largest.free;
        one.say_why_up_to = largest.say_why;
        let filled = zones(&view, &self.edges, &mut one.zones, &mut self.spare, (&mut self.parts, &mut self.full));
        self.spare.extend(one.zones.drain(filled..));
        one.cut = self.full;
    }

    /// Looks at every guardrail, and keeps those that matter at some amount, and all amounts from which on the answer may be another.
    fn see(&mut self, matter: &Matter<'_>) {
        self.seen.clear();
        self.edges.clear();
        self.parts = self.parts.saturating_add(1);
        let mut forbidden_from = i64::MAX;
        for (rule, alike) in matter.concerns() {
            self.parts = self.parts.saturating_add(usize::from(!rule.nothing.allows));
            let Some(said) = self.known.look(matter, rule, alike) else { continue };
            if said.seen.wide_maybe.is_empty() && rule.reads.granted.is_empty() {
                continue;
            }
            self.seen.push(rule.nothing.saying(&said.seen));
            if rule.everybody {
                forbidden_from = forbidden_from.min(said.seen.sure.from);
            }
            let edges = said.edges.clone();
            self.edges.extend_from_slice(self.known.edges.get(edges).unwrap_or_default());
        }
        self.leave_out_beyond(forbidden_from);
        self.edges.push(matter.amounts.from);
        self.edges.sort_unstable();
        self.edges.dedup();
    }

    /// From where everybody is surely bound, the answer names those that bind everybody, and no other closing rule matters.
    fn leave_out_beyond(&mut self, forbidden_from: i64) {
        if forbidden_from == i64::MAX {
            return;
        }
        self.seen.retain(|s| s.allows || s.everybody || s.maybe.from < forbidden_from);
        self.edges.retain(|edge| *edge <= forbidden_from);
        let further = self.seen.iter().filter(|s| s.everybody && s.sure.from > forbidden_from && !s.sure.is_empty());
        self.edges.extend(further.map(|s| s.sure.from));
    }
}

/// What guardrails have said in this request, for those that say the same of another remedy.
#[derive(Debug, Default)]
struct Known {
    /// By the number that those alike have, the place of what the last of them said; `NOT_YET` for those not looked at.
    places: Vec<u32>,
    said: Vec<Said>,
    edges: Vec<i64>,
    /// Where what the one that is looked at asks for turns.
    turns: Vec<i64>,
}

const NOT_YET: u32 = u32::MAX;

/// What one guardrail said.
#[derive(Debug)]
struct Said {
    /// What was given before, if it looked at that.
    prior: Option<Had>,
    seen: Seen,
    /// Its edges among all.
    edges: std::ops::Range<usize>,
}

impl Known {
    fn begin(&mut self, charter: &Charter) {
        self.places.clear();
        self.places.resize(charter.unlike, NOT_YET);
        self.said.clear();
        self.edges.clear();
    }

    /// What a guardrail says: as one that is alike has said, if as much was given before.
    fn look<'a>(&mut self, matter: &Matter<'a>, rule: &'a Rule, alike: usize) -> Option<&Said> {
        let last = self.places.get_mut(alike)?;
        let place = usize::try_from(*last).ok()?;
        let is_same = |said: &Said| said.prior.is_none_or(|prior| prior == matter.prior(rule));
        if self.said.get(place).is_some_and(is_same) {
            return self.said.get(place);
        }
        *last = u32::try_from(self.said.len()).unwrap_or(NOT_YET);
        let said = self.look_anew(matter, rule);
        self.said.push(said);
        self.said.last()
    }

    /// Looks at it. The answer may change where it begins or ends to hold or to be able to, and, as long as it is undecided, where it asks for other facts.
    fn look_anew<'a>(&mut self, matter: &Matter<'a>, rule: &'a Rule) -> Said {
        let (mut seen, before) = (rule.nothing, self.edges.len());
        self.turns.clear();
        matter.asked.set(None);
        matter.see(rule, &mut seen, Some(&mut self.turns));
        if seen.wide_sure != seen.wide_maybe || seen.sure != seen.maybe {
            self.edges.extend(self.turns.iter().filter(|turn| matter.amounts.from < **turn && **turn <= matter.amounts.to));
        }
        self.edges_of_extents(&seen, matter.amounts);
        Said { prior: matter.asked.get(), seen, edges: before..self.edges.len() }
    }

    /// Most of the four extents are the same, and most begin or end with the amounts: sorting those takes longer than leaving them out.
    fn edges_of_extents(&mut self, seen: &Seen, amounts: Extent) {
        self.edges_of(seen.wide_maybe, Extent::NONE, amounts);
        self.edges_of(seen.wide_sure, seen.wide_maybe, amounts);
        if seen.allows {
            self.edges_of(seen.maybe, seen.wide_maybe, amounts);
            self.edges_of(seen.sure, seen.wide_sure, amounts);
        }
    }

    /// The ends of an extent inside the amounts, if it is not the one before it.
    fn edges_of(&mut self, extent: Extent, before: Extent, amounts: Extent) {
        if extent == before || extent.is_empty() {
            return;
        }
        if extent.from > amounts.from {
            self.edges.push(extent.from);
        }
        if extent.to < amounts.to {
            self.edges.push(extent.to.saturating_add(1));
        }
    }
}

/// Fills the zones, in the place of those that are there, until the parts of the answer are more than the limit; returns how many.
fn zones(view: &View<'_, '_>, edges: &[i64], zones: &mut Vec<Zone>, spare: &mut Vec<Zone>, (parts, full): (&mut usize, &mut bool)) -> usize {
    let last = view.matter.amounts.to;
    let mut filled = 0;
    for (i, from) in edges.iter().enumerate() {
        let to = edges.get(i + 1).map_or(last, |next| next - 1);
        if filled == zones.len() {
            zones.push(spare.pop().unwrap_or_else(|| Zone { extent: Extent::NONE, core: Core::default(), do_first: Vec::new() }));
        }
        let Some((before, [zone, ..])) = zones.split_at_mut_checked(filled) else { break };
        view.core(*from, &mut zone.core);
        if let Some(before) = before.last_mut().filter(|before| before.core == zone.core) {
            before.extent.to = to;
            continue;
        }
        *parts = parts.saturating_add(1 + zone.core.names());
        if *parts > OPTION_PARTS {
            *full = true;
            break;
        }
        zone.extent = Extent { from: *from, to };
        do_first(view, *from, zone);
        filled += 1;
    }
    filled
}

/// The remedies that some allow waits for: it serves the asker, and only their being given too seldom keeps it from covering the amount.
fn do_first(view: &View<'_, '_>, amount: i64, zone: &mut Zone) {
    let found = &mut zone.do_first;
    found.clear();
    let charter = view.matter.charter;
    if charter.meters.is_empty() || matches!(zone.core.outcome, Outcome::Allowed | Outcome::AllowedSayWhy) {
        return;
    }
    for seen in view.seen().iter().filter(|s| s.allows && s.who & ASKER != 0 && !s.wide_maybe.has(amount)) {
        let Some(rule) = usize::try_from(seen.rule).ok().and_then(|r| charter.rules.get(r)) else { continue };
        if rule.reads.granted.is_empty() || !matches!(rule.kind, Closing::Allow(_)) {
            continue;
        }
        let all: Vec<usize> = rule.reads.granted.iter().copied().collect();
        let covers = |more: &[usize]| {
            let granted = with_more(&view.matter.request.granted, more);
            let matter = view.matter.with_granted(&granted);
            let mut seen = rule.nothing;
            matter.see(rule, &mut seen, None);
            seen.wide_maybe.has(amount)
        };
        if !covers(&all) {
            continue;
        }
        let without = |meter: usize| all.iter().copied().filter(|m| *m != meter).collect::<Vec<_>>();
        let waits = all.iter().filter(|m| covers(&[**m]) || !covers(&without(**m)));
        found.extend(waits.filter_map(|m| charter.meters.get(*m)).map(|m| m.remedy));
    }
    found.sort_unstable();
    found.dedup();
}

/// The meters as they could become.
fn with_more(granted: &[Range], more: &[usize]) -> Vec<Range> {
    let raised = |(place, range): (usize, &Range)| if more.contains(&place) { Range { high: NUMBER_MAX, ..*range } } else { *range };
    granted.iter().enumerate().map(raised).collect()
}

//! Everything that may be done: for each remedy and reason the zones of the amount.

use super::amounts::Largest;
use super::outcome::{Core, Groups, Outcome, View};
use super::see::{Extent, Matter, Seen};
use crate::expr::Range;
use crate::limits::{NUMBER_MAX, OPTION_PARTS};
use crate::model::{ASKER, Charter, Closing};
use crate::money::Measure;
use crate::request::Request;

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

/// All options of a request, narrowed by the remedy and reason it names.
#[must_use]
pub fn options(charter: &Charter, request: &Request) -> Options {
    let mut options = Options::default();
    options_into(charter, request, &mut options);
    options
}

/// All options of a request into a buffer.
pub fn options_into(charter: &Charter, request: &Request, options: &mut Options) {
    let remedies = (0..charter.remedies.len()).filter(|r| request.remedy.is_none_or(|asked| asked == *r));
    let mut work = Work::default();
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

/// What one remedy after the other uses.
#[derive(Default)]
struct Work {
    seen: Vec<Seen>,
    edges: Vec<i64>,
    groups: Groups,
    /// The parts of the answer so far, and whether there would be more than the limit.
    parts: usize,
    full: bool,
}

impl Work {
    fn one(&mut self, matter: &Matter<'_>, one: &mut RemedyOptions) {
        self.see(matter);
        self.edges.push(matter.amounts.from);
        self.edges.sort_unstable();
        self.edges.dedup();
        let view = View::new(matter, &self.seen, &self.groups);
        let largest = if matter.remedy.measure == Measure::Act { Largest::default() } else { view.largest(ASKER) };
        one.remedy = matter.place;
        one.reason = matter.reason;
        one.free_up_to = largest.free;
        one.say_why_up_to = largest.say_why;
        zones(&view, &self.edges, &mut one.zones, (&mut self.parts, &mut self.full));
        one.cut = self.full;
    }

    /// Looks at every guardrail, and keeps those that matter at some amount. The answer may change where one begins or ends to hold or to be able to, and,
    /// as long as it is undecided, where it asks for other facts.
    fn see(&mut self, matter: &Matter<'_>) {
        self.seen.clear();
        self.edges.clear();
        self.parts = self.parts.saturating_add(1);
        for rule in matter.rules() {
            self.parts = self.parts.saturating_add(usize::from(!rule.nothing.allows));
            let (mut seen, before) = (rule.nothing, self.edges.len());
            matter.see(rule, &mut seen, Some(&mut self.edges));
            if seen.wide_sure == seen.wide_maybe && seen.sure == seen.maybe {
                self.edges.truncate(before);
            }
            if seen.wide_maybe.is_empty() && rule.reads.granted.is_empty() {
                continue;
            }
            self.edges_of_extents(&seen, matter.amounts);
            self.seen.push(seen);
        }
        self.edges.retain(|edge| matter.amounts.from < *edge && *edge <= matter.amounts.to);
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

/// Fills the zones, in the place of those that are there, until the parts of the answer are more than the limit.
fn zones(view: &View<'_, '_>, edges: &[i64], zones: &mut Vec<Zone>, (parts, full): (&mut usize, &mut bool)) {
    let last = view.matter.amounts.to;
    let mut filled = 0;
    for (i, from) in edges.iter().enumerate() {
        let to = edges.get(i + 1).map_or(last, |next| next - 1);
        if filled == zones.len() {
            zones.push(Zone { extent: Extent::NONE, core: Core::default(), do_first: Vec::new() });
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
    zones.truncate(filled);
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

//! Everything that may be done: for each remedy and reason the zones of the amount.

use super::amounts::Largest;
use super::outcome::{Core, Outcome, View};
use super::see::{Extent, Matter, Seen};
use crate::expr::Range;
use crate::limits::NUMBER_MAX;
use crate::model::{ASKER, Charter, Closing};
use crate::money::Measure;
use crate::request::Request;

/// What may be done here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// By remedy and reason.
    pub list: Vec<RemedyOptions>,
}

/// What may be done of one remedy for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    let remedies = (0..charter.remedies.len()).filter(|r| request.remedy.is_none_or(|asked| asked == *r));
    let mut list = Vec::new();
    let mut work = Work::default();
    for place in remedies {
        let reasons = charter.remedies.get(place).map_or(&[][..], |r| r.reasons.as_slice());
        if reasons.is_empty() && request.reason.is_none() {
            list.extend(Matter::new(charter, request, place, None).map(|m| work.one(&m)));
        }
        for reason in reasons.iter().filter(|r| request.reason.is_none_or(|asked| asked == **r)) {
            list.extend(Matter::new(charter, request, place, Some(*reason)).map(|m| work.one(&m)));
        }
    }
    Options { list }
}

/// Buffers that one remedy after the other uses.
#[derive(Default)]
struct Work {
    seen: Vec<Seen>,
    edges: Vec<i64>,
    core: Core,
}

impl Work {
    fn one(&mut self, matter: &Matter<'_>) -> RemedyOptions {
        self.seen.clear();
        self.edges.clear();
        matter.see_all(&mut self.seen, Some(&mut self.edges));
        self.edges_of_extents(matter.amounts);
        let view = View::new(matter, &self.seen);
        let largest = if matter.remedy.measure == Measure::Act { Largest::default() } else { view.largest(ASKER) };
        RemedyOptions {
            remedy: matter.place,
            reason: matter.reason,
            free_up_to: largest.free,
            say_why_up_to: largest.say_why,
            zones: zones(&view, &self.edges, &mut self.core),
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

    /// Where the answer may change: at the least amount, and where some rule begins or ends to hold or to be able to.
    fn edges_of_extents(&mut self, amounts: Extent) {
        self.edges.retain(|edge| amounts.from < *edge && *edge <= amounts.to);
        self.edges.push(amounts.from);
        let seen = std::mem::take(&mut self.seen);
        for seen in &seen {
            // Most of the four are the same, and most begin or end with the amounts: sorting those takes longer than leaving them out.
            self.edges_of(seen.maybe, Extent::NONE, amounts);
            self.edges_of(seen.sure, seen.maybe, amounts);
            if seen.allows {
                self.edges_of(seen.wide_maybe, seen.maybe, amounts);
                self.edges_of(seen.wide_sure, seen.wide_maybe, amounts);
            }
        }
        self.seen = seen;
        self.edges.sort_unstable();
        self.edges.dedup();
    }
}

fn zones(view: &View<'_, '_>, edges: &[i64], core: &mut Core) -> Vec<Zone> {
    let last = view.matter.amounts.to;
    let mut zones: Vec<Zone> = Vec::new();
    for (i, from) in edges.iter().enumerate() {
        let to = edges.get(i + 1).map_or(last, |next| next - 1);
        view.core(*from, core);
        match zones.last_mut().filter(|zone| zone.core == *core) {
            Some(zone) => zone.extent.to = to,
            None => zones.push(Zone { extent: Extent { from: *from, to }, do_first: do_first(view, *from, core), core: core.clone() }),
        }
    }
    zones
}

/// The remedies that some allow waits for: it serves the asker, and only their being given too seldom keeps it from covering the amount.
fn do_first(view: &View<'_, '_>, amount: i64, core: &Core) -> Vec<usize> {
    if matches!(core.outcome, Outcome::Allowed | Outcome::AllowedSayWhy) {
        return Vec::new();
    }
    let charter = view.matter.charter;
    let mut found = Vec::new();
    for seen in view.seen().iter().filter(|s| s.allows && s.who & ASKER != 0 && !s.wide_maybe.has(amount)) {
        let Some(rule) = usize::try_from(seen.rule).ok().and_then(|r| charter.rules.get(r)) else { continue };
        if rule.reads.granted.is_empty() || !matches!(rule.kind, Closing::Allow(_)) {
            continue;
        }
        let all: Vec<usize> = rule.reads.granted.iter().copied().collect();
        let covers = |more: &[usize]| {
            let granted = with_more(&view.matter.request.granted, more);
            let matter = view.matter.with_granted(&granted);
            let mut seen = rule.nothing.clone();
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
    found
}

/// The meters as they could become.
fn with_more(granted: &[Range], more: &[usize]) -> Vec<Range> {
    let raised = |(place, range): (usize, &Range)| if more.contains(&place) { Range { high: NUMBER_MAX, ..*range } } else { *range };
    granted.iter().enumerate().map(raised).collect()
}

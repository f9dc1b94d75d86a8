//! Everything that may be done: for each remedy and reason the zones of the amount.

use std::ops::Range;

use super::amounts::Largest;
use super::known::Known;
use super::outcome::{Core, Groups, Outcome, View};
use super::see::{Extent, Matter, Seen};
use crate::expr;
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

impl Zone {
    fn empty() -> Self {
        Self { extent: Extent::NONE, core: Core::default(), do_first: Vec::new() }
    }
}

/// What `options_into` works with; kept from one request to the next, it allocates nothing anew.
#[derive(Debug, Default)]
pub struct Work {
    seen: Vec<Seen>,
    edges: Vec<i64>,
    groups: Groups,
    known: Known,
    /// Of the remedies so far, and the one that is looked at, what matters at some amount.
    heard: Vec<Heard>,
    answered: Vec<Answered>,
    /// Zones that are not needed now.
    spare: Vec<Zone>,
    /// The parts of the answer so far, and whether there would be more than the limit.
    parts: usize,
    full: bool,
}

/// What a guardrail says.
#[derive(Debug)]
struct Heard {
    /// The place of what it says.
    said: usize,
    rule: u32,
}

/// A remedy and reason whose answer can be told again, of the rules of another one that say the same.
#[derive(Debug)]
struct Answered {
    heard: Range<usize>,
    /// Its place among the options.
    place: usize,
}

/// How many of the last answers are compared: most remedies are like one of few.
const RECENT: usize = 8;
/// How much of what was said is kept, however many remedies and reasons there are.
const KEPT: usize = 10_000;

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
        work.one(&matter, &mut options.list, filled);
        filled += 1;
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
        self.forget(charter);
        self.parts = 0;
        self.full = false;
    }

    fn forget(&mut self, charter: &Charter) {
        self.known.begin(charter);
        self.heard.clear();
        self.answered.clear();
    }

    fn one(&mut self, matter: &Matter<'_>, list: &mut [RemedyOptions], place: usize) {
        let Some((before, [one, ..])) = list.split_at_mut_checked(place) else { return };
        if self.known.said.len().max(self.heard.len()) > KEPT {
            self.forget(matter.charter);
        }
        let begins = self.heard.len();
        self.hear(matter);
        one.remedy = matter.place;
        one.reason = matter.reason;
        if self.tell_again(begins, before, one) {
            self.heard.truncate(begins);
            return;
        }
        self.gather(begins, matter.amounts);
        let view = View::new(matter, &self.seen, &self.groups);
        let largest = if matter.remedy.measure == Measure::Act { Largest::default() } else { view.largest(ASKER) };
        one.free_up_to = largest.free;
        one.say_why_up_to = largest.say_why;
        let filled = zones(&view, &self.edges, &mut one.zones, &mut self.spare, (&mut self.parts, &mut self.full));
        self.spare.extend(one.zones.drain(filled..));
        one.cut = self.full;
        let hangs = one.zones.iter().any(|zone| zone.core.outcome == Outcome::NeedsFacts);
        if !hangs && !self.full && matter.charter.meters.is_empty() {
            self.answered.push(Answered { heard: begins..self.heard.len(), place });
        } else {
            self.heard.truncate(begins);
        }
    }

    /// Looks at every guardrail, and keeps those that matter at some amount.
    fn hear(&mut self, matter: &Matter<'_>) {
        self.parts = self.parts.saturating_add(1);
        for (rule, alike) in matter.concerns() {
            self.parts = self.parts.saturating_add(usize::from(!rule.nothing.allows));
            let Some(said) = self.known.look(matter, rule, alike) else { continue };
            if self.known.said.get(said).is_some_and(|s| !s.nowhere) {
                self.heard.push(Heard { said, rule: rule.nothing.rule });
            }
        }
    }

    /// Where the rules say what those of an earlier remedy and reason said, one by one, the answer is the same, of these rules.
    fn tell_again(&mut self, begins: usize, before: &[RemedyOptions], one: &mut RemedyOptions) -> bool {
        let now = self.heard.get(begins..).unwrap_or_default();
        let is_same = |(_, earlier): &(_, &[Heard])| earlier.len() == now.len() && earlier.iter().zip(now).all(|(a, b)| a.said == b.said);
        let recent = self.answered.iter().rev().take(RECENT);
        let mut recent = recent.filter_map(|a| Some((before.get(a.place)?, self.heard.get(a.heard.clone())?)));
        // Rules tell remedies of different measures apart; without any there is nothing to compare.
        let Some((like, earlier)) = recent.find(is_same).filter(|_| !now.is_empty()) else { return false };
        let parts = like.zones.iter().map(|zone| 1 + zone.core.names()).fold(self.parts, usize::saturating_add);
        if parts > OPTION_PARTS {
            return false;
        }
        self.parts = parts;
        let this = |rule: &u32| earlier.binary_search_by_key(rule, |h| h.rule).ok().and_then(|i| now.get(i)).map_or(*rule, |h| h.rule);
        one.free_up_to = like.free_up_to;
        one.say_why_up_to = like.say_why_up_to;
        one.cut = false;
        self.spare.extend(one.zones.drain(like.zones.len().min(one.zones.len())..));
        while one.zones.len() < like.zones.len() {
            one.zones.push(self.spare.pop().unwrap_or_else(Zone::empty));
        }
        for (zone, like) in one.zones.iter_mut().zip(&like.zones) {
            zone.extent = like.extent;
            zone.core.clear();
            zone.core.outcome = like.core.outcome;
            zone.core.to = like.core.to;
            zone.core.rules.extend(like.core.rules.iter().map(this));
            zone.core.by.extend(like.core.by.iter().map(this));
            zone.do_first.clear();
        }
        true
    }

    /// What matters at some amount, and all amounts from which on the answer may be another.
    fn gather(&mut self, begins: usize, amounts: Extent) {
        self.seen.clear();
        self.edges.clear();
        let mut forbidden_from = i64::MAX;
        for heard in self.heard.iter().skip(begins) {
            let Some(said) = self.known.said.get(heard.said) else { continue };
            self.seen.push(Seen { rule: heard.rule, ..said.seen });
            if said.seen.everybody {
                forbidden_from = forbidden_from.min(said.seen.sure.from);
            }
            self.edges.extend_from_slice(self.known.edges.get(said.edges.clone()).unwrap_or_default());
        }
        self.leave_out_beyond(forbidden_from);
        self.edges.push(amounts.from);
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

/// Fills the zones, in the place of those that are there, until the parts of the answer are more than the limit; returns how many.
fn zones(view: &View<'_, '_>, edges: &[i64], zones: &mut Vec<Zone>, spare: &mut Vec<Zone>, (parts, full): (&mut usize, &mut bool)) -> usize {
    let last = view.matter.amounts.to;
    let mut filled = 0;
    for (i, from) in edges.iter().enumerate() {
        let to = edges.get(i + 1).map_or(last, |next| next - 1);
        if filled == zones.len() {
            zones.push(spare.pop().unwrap_or_else(Zone::empty));
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
fn with_more(granted: &[expr::Range], more: &[usize]) -> Vec<expr::Range> {
    let raised = |(place, range): (usize, &expr::Range)| if more.contains(&place) { expr::Range { high: NUMBER_MAX, ..*range } } else { *range };
    granted.iter().enumerate().map(raised).collect()
}

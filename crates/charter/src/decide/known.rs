//! What guardrails have said in one request. Nothing is known longer than that.

use super::see::{Extent, Matter, Seen};
use crate::model::{Charter, Rule};
use crate::request::Had;

/// What guardrails have said in this request, for those that say the same of another remedy.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By the number that those alike have, the place of what the last of them said; `NOT_YET` for those not looked at.
    places: Vec<u32>,
    pub(super) said: Vec<Said>,
    pub(super) edges: Vec<i64>,
    /// Where what the one that is looked at asks for turns.
    turns: Vec<i64>,
}

const NOT_YET: u32 = u32::MAX;

/// What one guardrail said.
#[derive(Debug)]
pub(super) struct Said {
    /// What was given before, if it looked at that.
    prior: Option<Had>,
    pub(super) seen: Seen,
    /// Whether it holds at no amount, and no count of what was granted could change that.
    pub(super) nowhere: bool,
    /// Its edges among all.
    pub(super) edges: std::ops::Range<usize>,
}

impl Known {
    pub(super) fn begin(&mut self, charter: &Charter) {
        self.places.clear();
        self.places.resize(charter.unlike, NOT_YET);
        self.said.clear();
        self.edges.clear();
    }

    /// The place of what a guardrail says: as one that is alike has said, if as much was given before.
    pub(super) fn look<'a>(&mut self, matter: &Matter<'a>, rule: &'a Rule, alike: usize) -> Option<usize> {
        let last = self.places.get_mut(alike)?;
        let place = usize::try_from(*last).ok()?;
        let is_same = |said: &Said| said.prior.is_none_or(|prior| prior == matter.prior(rule));
        if self.said.get(place).is_some_and(is_same) {
            return Some(place);
        }
        let place = self.said.len();
        *last = u32::try_from(place).unwrap_or(NOT_YET);
        let said = self.look_anew(matter, rule);
        self.said.push(said);
        Some(place)
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
        let nowhere = seen.wide_maybe.is_empty() && rule.reads.granted.is_empty();
        Said { prior: matter.asked.get(), seen, nowhere, edges: before..self.edges.len() }
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

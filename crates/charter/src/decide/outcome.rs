//! One request, one answer.

use std::cell::Cell;

use serde::Serialize;

use super::amounts::Largest;
use super::see::{Extent, Matter, Seen};
use crate::model::{ASKER, Charter};
use crate::request::Request;
use crate::time::Instant;

/// What comes of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something is wrong with the request.
    #[default]
    Invalid,
    /// A rule that binds everybody is hit.
    Forbidden,
    /// The asker may.
    Allowed,
    /// The asker may, saying why.
    AllowedSayWhy,
    /// It hangs on facts.
    NeedsFacts,
    /// Somebody with more authority may.
    Escalate,
    /// Nobody is authorised, and nothing forbids it.
    Exception,
}

impl Outcome {
    /// As it stands in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Forbidden => "forbidden",
            Self::Allowed => "allowed",
            Self::AllowedSayWhy => "allowed_say_why",
            Self::NeedsFacts => "needs_facts",
            Self::Escalate => "escalate",
            Self::Exception => "exception",
        }
    }
}

/// What an undecided rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The place of the rule.
    pub rule: u32,
    /// Places of facts.
    pub facts: Vec<usize>,
    /// The most an allow might cover of this request's amount; nothing if there is no end.
    pub unlocks: Option<i64>,
}

/// Who serves what the asker may not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct To {
    /// The place of the group; nothing if no group serves.
    pub group: Option<usize>,
    /// The place of the level.
    pub level: usize,
    /// When the group is due.
    pub due: Option<Instant>,
    /// The most it certainly could give.
    pub up_to: Option<i64>,
}

/// The part of an answer that depends on the amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Core {
    /// What comes of it.
    pub outcome: Outcome,
    /// Places of the rules that matter.
    pub rules: Vec<u32>,
    /// All needed.
    pub clear: Vec<Need>,
    /// One suffices (one of each charter).
    pub any_of: Vec<Need>,
    /// Who serves it.
    pub to: Option<To>,
    /// Places of the rules by which the group that serves it may.
    pub by: Vec<u32>,
}

/// The answer to one request; a buffer that can be used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What depends on the amount.
    pub core: Core,
    /// The largest amount that would be allowed now.
    pub free_up_to: Option<i64>,
    /// The largest amount that would be allowed now to one who says why.
    pub say_why_up_to: Option<i64>,
    /// Every rule that concerned the request.
    pub seen: Vec<Seen>,
}

/// Decides one request.
#[must_use]
pub fn decide(charter: &Charter, request: &Request) -> Decision {
    let mut decision = Decision::default();
    decide_into(charter, request, &mut decision);
    decision
}

/// Every group that may give what a request asks for, the best first; where nobody may and nothing forbids it, every group that may make an exception of it. What
/// a decision is passed on to is the first of them, if there is one.
#[must_use]
pub fn servers(charter: &Charter, request: &Request) -> Vec<To> {
    let Some(matter) = request.remedy.and_then(|remedy| Matter::new(charter, request, remedy, request.reason)) else { return Vec::new() };
    let mut seen = Vec::new();
    matter.see_all(&mut seen);
    let groups = Groups::default();
    let view = View::new(&matter, &seen, &groups);
    view.servers(request.amount.unwrap_or(1))
}

/// Decides one request into a buffer.
pub fn decide_into(charter: &Charter, request: &Request, decision: &mut Decision) {
    decision.seen.clear();
    decision.core.clear();
    decision.free_up_to = None;
    decision.say_why_up_to = None;
    let Some(matter) = request.remedy.and_then(|remedy| Matter::new(charter, request, remedy, request.reason)) else { return };
    matter.see_all(&mut decision.seen);
    let groups = Groups::default();
    let view = View::new(&matter, &decision.seen, &groups);
    view.core(request.amount.unwrap_or(1), &mut decision.core);
    if request.amount.is_some() {
        let largest = view.largest(ASKER);
        decision.free_up_to = largest.free;
        decision.say_why_up_to = largest.say_why;
    }
}

impl Core {
    /// How many names of rules and facts it has.
    pub(super) fn names(&self) -> usize {
        let needs = self.clear.iter().chain(&self.any_of);
        needs.map(|need| 1 + need.facts.len()).sum::<usize>() + self.rules.len() + self.by.len()
    }

    pub(super) fn clear(&mut self) {
        self.outcome = Outcome::Invalid;
        self.rules.clear();
        self.clear.clear();
        self.any_of.clear();
        self.to = None;
        self.by.clear();
    }
}

/// All that the rules say, ready to be asked at any amount.
pub(super) struct View<'v, 'a> {
    pub(super) matter: &'v Matter<'a>,
    seen: &'v [Seen],
    /// The largest amounts of the one last asked about: zone after zone asks about the same group.
    largest: Cell<Option<(u64, Largest)>>,
    groups: &'v Groups,
    /// Whether the charter stands inside another one.
    inside: bool,
    deciders: u64,
}

/// What is found once for a request, whatever the remedy.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Those whose `when` holds, a bit each, once they have been asked.
    holding: Cell<Option<u64>>,
    /// The best of those last asked about, a bit each.
    best: Cell<Option<(u64, Option<usize>)>>,
}

/// The verdicts of all deciders at one amount, a bit each.
#[derive(Clone, Copy)]
struct Verdicts {
    yes: u64,
    say_why: u64,
    open: u64,
    /// Bound by a rule that is hit or may be.
    perhaps_blocked: u64,
    /// By charter, those whom some allow surely serves, widely.
    served: [u64; 2],
    /// Some rule that binds everybody is hit, or undecided.
    forbidden: bool,
    unclear: bool,
}

/// Those for whom the allows of one charter cover an amount, a bit each.
#[derive(Clone, Copy, Default)]
struct Opened {
    /// Surely, without saying why.
    freely: u64,
    /// Surely, for those who say why.
    widely: u64,
    /// Perhaps, for those who say why.
    perhaps: u64,
}

impl<'v, 'a> View<'v, 'a> {
    pub(super) fn new(matter: &'v Matter<'a>, seen: &'v [Seen], groups: &'v Groups) -> Self {
        Self { matter, seen, largest: Cell::new(None), groups, inside: matter.charter.layers.len() > 1, deciders: matter.all_deciders() }
    }

    pub(super) fn seen(&self) -> &'v [Seen] {
        self.seen
    }

    fn layers(&self) -> u32 {
        if self.inside { 2 } else { 1 }
    }

    pub(super) fn largest(&self, decider: u64) -> Largest {
        if let Some((_, found)) = self.largest.get().filter(|(of, _)| *of == decider) {
            return found;
        }
        let found = Largest::of(self.seen, decider, self.layers(), self.matter.amounts);
        self.largest.set(Some((decider, found)));
        found
    }

    /// The outcome at an amount.
    pub(super) fn core(&self, amount: i64, core: &mut Core) {
        core.clear();
        let verdicts = self.verdicts(amount);
        if verdicts.forbidden {
            core.outcome = Outcome::Forbidden;
            self.name(core, |s| s.everybody && s.sure.has(amount));
        } else if verdicts.yes & ASKER != 0 {
            core.outcome = Outcome::Allowed;
            self.name(core, |s| s.allows && s.who & ASKER != 0 && s.sure.has(amount));
        } else if verdicts.say_why & ASKER != 0 {
            core.outcome = Outcome::AllowedSayWhy;
            self.name(core, |s| s.allows && s.who & ASKER != 0 && s.wide_sure.has(amount));
        } else {
            self.beyond_asker(amount, &verdicts, core);
        }
    }

    fn beyond_asker(&self, amount: i64, verdicts: &Verdicts, core: &mut Core) {
        let others = !ASKER;
        if verdicts.open & ASKER != 0 {
            core.outcome = Outcome::NeedsFacts;
            self.needs(amount, ASKER, false, verdicts, core);
            self.serve(amount, verdicts, core);
        } else if (verdicts.yes | verdicts.say_why) & others != 0 {
            core.outcome = Outcome::Escalate;
            self.name(core, |s| !s.allows && s.who & ASKER != 0 && s.sure.has(amount));
            self.serve(amount, verdicts, core);
            core.to = core.to.or_else(|| self.lowest_level(verdicts));
        } else if verdicts.open & others != 0 || verdicts.unclear {
            core.outcome = Outcome::NeedsFacts;
            self.needs(amount, verdicts.open & self.matter.charter.decisive(), true, verdicts, core);
        } else {
            core.outcome = Outcome::Exception;
            self.name(core, |s| !s.allows && s.who & ASKER != 0 && s.sure.has(amount));
            core.to = self.exception_group(verdicts);
        }
    }

    fn verdicts(&self, amount: i64) -> Verdicts {
        let (mut blocked, mut perhaps_blocked) = (0, 0);
        let (mut own, mut outer) = (Opened::default(), Opened::default());
        let (mut forbidden, mut unclear) = (false, false);
        // The widest extent has all others in it.
        for seen in self.seen.iter().filter(|s| s.wide_maybe.has(amount)) {
            if seen.allows {
                let opened = if seen.layer == 0 { &mut own } else { &mut outer };
                opened.freely |= if seen.sure.has(amount) { seen.who } else { 0 };
                opened.widely |= if seen.wide_sure.has(amount) { seen.who } else { 0 };
                opened.perhaps |= seen.who;
            } else {
                perhaps_blocked |= seen.who;
                let sure = seen.sure.has(amount);
                blocked |= if sure { seen.who } else { 0 };
                forbidden |= sure && seen.everybody;
                unclear |= !sure && seen.everybody;
            }
        }
        let both = |own: u64, outer: u64| if self.inside { own & outer } else { own };
        let no = blocked | !both(own.perhaps, outer.perhaps);
        let yes = !perhaps_blocked & both(own.freely, outer.freely) & !no;
        let say_why = !perhaps_blocked & both(own.widely, outer.widely) & !yes & !no;
        let open = !no & !yes & !say_why & self.deciders;
        Verdicts { yes, say_why, open, perhaps_blocked, served: [own.widely, outer.widely], forbidden, unclear }
    }

    fn name(&self, core: &mut Core, matters: impl Fn(&Seen) -> bool) {
        core.rules.extend(self.seen.iter().filter(|s| matters(s)).map(|s| s.rule));
    }

    /// What the deciders whose verdict is open hang on; at step 6 also what the undecided rules that bind everybody do.
    fn needs(&self, amount: i64, deciders: u64, everybody: bool, verdicts: &Verdicts, core: &mut Core) {
        for seen in self.seen {
            let undecided = |sure: Extent, maybe: Extent| maybe.has(amount) && !sure.has(amount);
            let concerned = seen.who & deciders != 0 || (everybody && seen.everybody);
            if !seen.allows {
                if concerned && undecided(seen.sure, seen.maybe) {
                    core.clear.extend(self.need(seen, amount));
                }
                continue;
            }
            let layer = usize::from(seen.layer != 0);
            let unserved = deciders & !verdicts.served.get(layer).copied().unwrap_or(0);
            if seen.who & unserved != 0 && undecided(seen.wide_sure, seen.wide_maybe) {
                core.any_of.extend(self.need(seen, amount));
            }
        }
        core.rules.extend(core.clear.iter().chain(&core.any_of).map(|n| n.rule));
        core.rules.sort_unstable();
    }

    fn need(&self, seen: &Seen, amount: i64) -> Option<Need> {
        let rule = self.matter.charter.rules.get(usize::try_from(seen.rule).ok()?)?;
        let most = seen.wide_maybe.to;
        let measured = self.matter.request.amount.is_some() || self.matter.amounts.to > 1;
        let unlocks = (seen.allows && measured && most < self.matter.amounts.to).then_some(most);
        Some(Need { rule: seen.rule, facts: self.matter.hangs(rule, amount), unlocks })
    }

    /// Puts the best group that may give it, and the rules by which it may.
    fn serve(&self, amount: i64, verdicts: &Verdicts, core: &mut Core) {
        let charter = self.matter.charter;
        let Some(place) = self.best_group(verdicts.yes | verdicts.say_why) else { return };
        let Some(group) = charter.groups.get(place) else { return };
        let bit = Charter::group_bit(place);
        let freely = verdicts.yes & bit != 0;
        let covering = |s: &&Seen| s.allows && s.who & bit != 0 && if freely { s.sure.has(amount) } else { s.wide_sure.has(amount) };
        core.by.extend(self.seen.iter().filter(covering).map(|s| s.rule));
        let due = self.matter.request.due.get(place).copied().flatten();
        core.to = Some(To { group: Some(place), level: group.level, due, up_to: self.largest(bit).say_why });
    }

    /// Of these groups, a bit each, and whose `when` is true, the one with the least priority, due time (none last), level and id.
    fn best_group(&self, fitting: u64) -> Option<usize> {
        let fitting = fitting & self.holding();
        if let Some((_, best)) = self.groups.best.get().filter(|(of, _)| *of == fitting) {
            return best;
        }
        let best = (0..self.matter.charter.groups.len()).filter(|place| fitting & Charter::group_bit(*place) != 0).min_by_key(|place| self.rank(*place));
        self.groups.best.set(Some((fitting, best)));
        best
    }

    /// By what the best group is the least one.
    fn rank(&self, place: usize) -> (Option<i64>, bool, Option<Instant>, Option<usize>, usize) {
        let group = self.matter.charter.groups.get(place);
        let due = self.matter.request.due.get(place).copied().flatten();
        (group.map(|g| g.priority), due.is_none(), due, group.map(|g| g.level), place)
    }

    /// All groups that serve it, the best first.
    fn servers(&self, amount: i64) -> Vec<To> {
        let verdicts = self.verdicts(amount);
        if verdicts.forbidden {
            return Vec::new();
        }
        let charter = self.matter.charter;
        let (may, mut by_exception) = (verdicts.yes | verdicts.say_why, false);
        let mut fitting = may & self.holding();
        if may == 0 && verdicts.open == 0 && !verdicts.unclear {
            fitting = self.with_exceptions() & !verdicts.perhaps_blocked & self.holding();
            by_exception = true;
        }
        let mut places: Vec<usize> = (0..charter.groups.len()).filter(|place| fitting & Charter::group_bit(*place) != 0).collect();
        places.sort_by_key(|place| self.rank(*place));
        let to = |place: usize| {
            let due = self.matter.request.due.get(place).copied().flatten();
            let up_to = if by_exception { None } else { self.largest(Charter::group_bit(place)).say_why };
            Some(To { group: Some(place), level: charter.groups.get(place)?.level, due, up_to })
        };
        places.into_iter().filter_map(to).collect()
    }

    /// The groups that may make exceptions, a bit each.
    fn with_exceptions(&self) -> u64 {
        let groups = self.matter.charter.groups.iter().enumerate().filter(|(_, group)| group.exceptions);
        groups.fold(0, |bits, (place, _)| bits | Charter::group_bit(place))
    }

    fn holding(&self) -> u64 {
        self.groups.holding.get().unwrap_or_else(|| {
            let groups = self.matter.charter.groups.iter().enumerate();
            let holding = groups.filter(|(_, group)| self.matter.holds(group.when.as_ref()));
            let holding = holding.fold(0, |bits, (place, _)| bits | Charter::group_bit(place));
            self.groups.holding.set(Some(holding));
            holding
        })
    }

    /// No group serves it: the lowest level that could give it.
    fn lowest_level(&self, verdicts: &Verdicts) -> Option<To> {
        let charter = self.matter.charter;
        let may = verdicts.yes | verdicts.say_why;
        let of_groups = charter.groups.iter().enumerate().filter(|(place, _)| may & Charter::group_bit(*place) != 0).map(|(_, g)| g.level);
        let of_levels = (0..charter.levels.len()).filter(|level| may & charter.level_bit(*level) != 0);
        let level = of_groups.chain(of_levels).min()?;
        Some(To { group: None, level, due: None, up_to: None })
    }

    fn exception_group(&self, verdicts: &Verdicts) -> Option<To> {
        let charter = self.matter.charter;
        let group = self.best_group(self.with_exceptions() & !verdicts.perhaps_blocked)?;
        let due = self.matter.request.due.get(group).copied().flatten();
        Some(To { group: Some(group), level: charter.groups.get(group)?.level, due, up_to: None })
    }
}

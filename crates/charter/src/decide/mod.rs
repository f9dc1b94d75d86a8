//! Deciding: what may be done, by whom, up to how much.
//!
//! Every guardrail is looked at once for a remedy and a reason. What it says is, for every amount at the same time, two intervals: where it surely holds and
//! where it may hold. Verdicts of all deciders at one amount are then a few bit operations, and the ends of the intervals are the ends of the zones.

mod amounts;
mod hangs;
mod known;
mod options;
mod outcome;
mod see;

pub use options::{Options, RemedyOptions, Work, Zone, options, options_into};
pub use outcome::{Core, Decision, Need, Outcome, To, decide, decide_into, servers};
pub(crate) use see::Matter;
pub use see::{CapState, Extent, Seen};

use crate::expr::Truth;
use crate::model::{Charter, Closing, Rule};
use crate::request::Request;

/// The states of the caps that concern a remedy and reason of a request, whose `when` is not false.
#[must_use]
pub fn caps(charter: &Charter, request: &Request, remedy: usize, reason: Option<usize>) -> Vec<CapState> {
    let matter = Matter::new(charter, request, remedy, reason);
    matter.map_or_else(Vec::new, |m| m.rules().filter_map(|rule| m.cap_state(rule)).collect())
}

/// The rules that allow a remedy for a reason of a request to people below a level, all by place, in the order of their ids: those that are in time, and whose
/// condition on the case may hold.
#[must_use]
pub fn allows_below<'a>(charter: &'a Charter, request: &'a Request, remedy: usize, reason: Option<usize>, level: usize) -> Vec<&'a Rule> {
    let Some(matter) = Matter::new(charter, request, remedy, reason) else { return Vec::new() };
    let may_hold = |rule: &&Rule| matches!(&rule.kind, Closing::Allow(allow) if matter.env.truth(&allow.when).for_allow() != Truth::FALSE);
    matter.rules().filter(|rule| rule.level < level).filter(may_hold).collect()
}

/// The most that people of the lowest level may give who may give any of it, in units of the remedy: without a word, or where that is nothing, saying why. Only
/// of levels below the asker's, by rules whose condition on the case may hold; nothing where there are none. Caps, and what nobody may, do not count.
#[must_use]
pub fn lowest_up_to(charter: &Charter, request: &Request, remedy: usize, reason: Option<usize>) -> Option<i64> {
    let matter = Matter::new(charter, request, remedy, reason)?;
    let below = allows_below(charter, request, remedy, reason, request.level);
    let lowest = below.iter().map(|rule| rule.level).min()?;
    let seen = below.iter().filter(|rule| rule.level == lowest).map(|rule| {
        let mut seen = rule.nothing;
        matter.see(rule, &mut seen, None);
        seen
    });
    let (free, wide): (Vec<_>, Vec<_>) = seen.map(|seen| (seen.maybe, seen.wide_maybe)).unzip();
    let most = |extents: Vec<Extent>| extents.into_iter().filter(|extent| !extent.is_empty()).map(|extent| extent.to).max();
    most(free).or_else(|| most(wide))
}

/// The places of the rules that concern a remedy and reason of a request, and apply.
pub(crate) fn concerned(charter: &Charter, request: &Request, remedy: usize, reason: Option<usize>) -> Vec<u32> {
    Matter::new(charter, request, remedy, reason).map_or_else(Vec::new, |m| m.rules().map(|rule| rule.nothing.rule).collect())
}

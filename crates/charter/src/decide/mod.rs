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

/// The places of the rules that concern a remedy and reason of a request, and apply.
pub(crate) fn concerned(charter: &Charter, request: &Request, remedy: usize, reason: Option<usize>) -> Vec<u32> {
    Matter::new(charter, request, remedy, reason).map_or_else(Vec::new, |m| m.rules().map(|rule| rule.nothing.rule).collect())
}

//! When a group is due, from the spans in which it is open.

use crate::model::Group;
use crate::time::Instant;

/// The instant at which the group will have been open for its `within` since now; without one, at which it is next open.
pub(super) fn due(group: &Group, now: Instant, spans: &[(Instant, Instant)]) -> Option<Instant> {
    let within = group.within.unwrap_or(0);
    if group.hours.is_none() {
        return now.checked_add(within);
    }
    let mut left = within;
    for (from, to) in spans {
        let from = (*from).max(now);
        let length = to - from;
        if length <= 0 {
            continue;
        }
        if left <= length {
            return Some(from + left);
        }
        left -= length;
    }
    None
}

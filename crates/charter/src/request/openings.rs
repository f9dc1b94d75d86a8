//! When a group is due, from the spans in which it is open.

use jiff::{SignedDuration, Timestamp};

use crate::calendar::due_in;
use crate::model::Group;
use crate::time::Instant;

/// The instant at which the group will have been open for its `within` since now; without one, at which it is next open.
pub(super) fn due(group: &Group, now: Instant, spans: &[(Instant, Instant)]) -> Option<Instant> {
    let within = group.within.unwrap_or(0);
    if group.hours.is_none() {
        return now.checked_add(within);
    }
    let at = |instant: Instant| Timestamp::from_microsecond(instant).ok();
    let spans = spans.iter().filter_map(|(from, to)| Some((at(*from)?, at(*to)?)));
    due_in(spans, at(now)?, SignedDuration::from_micros(within)).map(|due| due.as_microsecond())
}

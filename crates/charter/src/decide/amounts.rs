//! The largest amounts that are certain.

use super::see::{Extent, Seen};

/// The largest amounts that a decider could certainly give now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Largest {
    /// Without saying why.
    pub(super) free: Option<i64>,
    /// Saying why or not.
    pub(super) say_why: Option<i64>,
}

impl Largest {
    pub(super) fn of(seen: &[Seen], decider: u64, layers: u32, amounts: Extent) -> Self {
        let mut closed_from = i64::MAX;
        // Nearly all covers begin with the amounts, and of those the greatest end counts.
        let (mut free, mut say_why, mut begins_later) = (i64::MIN, i64::MIN, false);
        for seen in seen.iter().filter(|s| s.who & decider != 0) {
            if !seen.allows {
                closed_from = closed_from.min(seen.maybe.from);
            } else if seen.wide_sure.from <= amounts.from {
                free = free.max(seen.sure.to);
                say_why = say_why.max(seen.wide_sure.to);
            } else {
                begins_later |= !seen.wide_sure.is_empty();
            }
        }
        let top = amounts.to.min(closed_from.saturating_sub(1));
        if top < amounts.from {
            return Self::default();
        }
        if layers == 1 && !begins_later {
            let end = |most: i64| (most >= amounts.from).then_some(most.min(top));
            return Self { free: end(free), say_why: end(say_why).max(end(free)) };
        }
        let free = largest(seen, decider, layers, top, |s| s.sure);
        Self { free, say_why: largest(seen, decider, layers, top, |s| s.wide_sure).max(free) }
    }
}

/// The largest amount up to `top` that some allow covers, in each charter.
fn largest(seen: &[Seen], decider: u64, layers: u32, top: i64, covers: impl Fn(&Seen) -> Extent + Copy) -> Option<i64> {
    let open = |layer: u32| seen.iter().filter(move |s| s.allows && s.layer == layer && s.who & decider != 0).map(covers);
    let candidates = (0..layers).flat_map(open).filter(|e| !e.is_empty() && e.from <= top).map(|e| e.to.min(top));
    candidates.filter(|amount| (0..layers).all(|layer| open(layer).any(|e| e.has(*amount)))).max()
}

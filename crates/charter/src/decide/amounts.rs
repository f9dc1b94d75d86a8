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
        let closed_from = seen.iter().filter(|s| !s.allows && s.who & decider != 0).map(|s| s.maybe.from).min().unwrap_or(i64::MAX);
        let top = amounts.to.min(closed_from.saturating_sub(1));
        if top < amounts.from {
            return Self::default();
        }
        if layers == 1 {
            return Self::of_one_charter(seen, decider, top);
        }
        let free = largest(seen, decider, layers, top, |s| s.sure);
        Self { free, say_why: largest(seen, decider, layers, top, |s| s.wide_sure).max(free) }
    }

    /// Without a second charter it is the greatest end; one pass finds both.
    fn of_one_charter(seen: &[Seen], decider: u64, top: i64) -> Self {
        let mut found = Self::default();
        for seen in seen.iter().filter(|s| s.allows && s.who & decider != 0) {
            let end = |extent: Extent| (extent.from <= extent.to.min(top)).then_some(extent.to.min(top));
            found.free = found.free.max(end(seen.sure));
            found.say_why = found.say_why.max(end(seen.wide_sure));
        }
        Self { say_why: found.say_why.max(found.free), ..found }
    }
}

/// The largest amount up to `top` that some allow covers, in each charter.
fn largest(seen: &[Seen], decider: u64, layers: u32, top: i64, covers: impl Fn(&Seen) -> Extent + Copy) -> Option<i64> {
    let open = |layer: u32| seen.iter().filter(move |s| s.allows && s.layer == layer && s.who & decider != 0).map(covers);
    let candidates = (0..layers).flat_map(open).filter(|e| !e.is_empty() && e.from <= top).map(|e| e.to.min(top));
    candidates.filter(|amount| (0..layers).all(|layer| open(layer).any(|e| e.has(*amount)))).max()
}

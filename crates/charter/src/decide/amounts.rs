//! The largest amounts that are certain.

use super::see::{Extent, Seen};

/// The largest amount that a decider could certainly give now, without saying why or (if `wide`) saying why.
pub(super) fn largest(seen: &[Seen], decider: u64, layers: u32, wide: bool, amounts: Extent) -> Option<i64> {
    let closed_from = seen.iter().filter(|s| !s.allows && s.who & decider != 0).map(|s| s.maybe.from).min().unwrap_or(i64::MAX);
    let top = amounts.to.min(closed_from.saturating_sub(1));
    let open = |layer: u32| {
        let serving = seen.iter().filter(move |s| s.allows && s.layer == layer && s.who & decider != 0);
        serving.map(move |s| if wide { s.wide_sure } else { s.sure })
    };
    let candidates = (0..layers).flat_map(&open).filter(|e| !e.is_empty() && e.from <= top).map(|e| e.to.min(top));
    if layers == 1 {
        return candidates.max();
    }
    candidates.filter(|amount| (0..layers).all(|layer| open(layer).any(|e| e.has(*amount)))).max()
}

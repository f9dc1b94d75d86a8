//! Places on the scale, in integers.

use super::{Cap, Measure, Ruler, Zone, ZoneKind};
use crate::share::Share;

/// Pixels above the track for the label of one cap.
const CAP_ROW: u32 = 20;
/// Pixels of the track, and the room around it for the handle.
const TRACK: u32 = 18;
const ROOM: u32 = 9;
/// With more steps than this, arrow keys would take for ever.
const STEPS_MAX: i64 = 300;

/// A zone as it is drawn.
pub(super) struct Span {
    pub(super) kind: ZoneKind,
    pub(super) from: Share,
    pub(super) width: Share,
}

/// A cap as it is drawn.
pub(super) struct Tick<'a> {
    pub(super) at: Share,
    pub(super) label: &'a str,
    /// Where the text stands beside its tick: `start`, `middle`, `end`.
    pub(super) anchor: &'static str,
    /// The base line of its text.
    pub(super) base: u32,
}

impl Ruler {
    /// The largest amount that means something: the last end of a zone, of a cap, or what was paid.
    #[must_use]
    pub fn largest(&self) -> i64 {
        let ends = self.zones.iter().map(|zone| zone.to.unwrap_or(zone.from.saturating_sub(1)));
        let caps = self.caps.iter().filter_map(|cap| cap.at);
        ends.chain(caps).chain(self.paid).max().unwrap_or(self.minimum).max(self.minimum).max(1)
    }

    /// Where the scale ends: a tenth above the largest amount that means something.
    #[must_use]
    pub fn scale_end(&self) -> i64 {
        let largest = self.largest();
        largest.saturating_add((largest / 10).max(1))
    }

    /// The amount at first, if there is one. What was typed beyond the scale is kept; the handle then stands at its end.
    #[must_use]
    pub fn suggested(&self) -> Option<i64> {
        self.start.filter(|start| *start >= self.minimum)
    }

    /// Where the handle stands at first: at the least where there is no amount.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.suggested().unwrap_or(self.minimum)
    }

    /// The zone of an amount; the last one if none has it.
    #[must_use]
    pub fn zone_at(&self, amount: i64) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.from <= amount && zone.to.is_none_or(|to| amount <= to)).or(self.zones.last())
    }

    /// How far one key press goes: a whole unit, or a round number of them on a long scale, or a part of one on a short scale.
    #[must_use]
    pub fn step(&self) -> i64 {
        let unit = 10_i64.saturating_pow(self.measure.places());
        let end = self.scale_end();
        if end < unit.saturating_mul(5) {
            return (unit / 10).max(1);
        }
        let rounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000].map(|round| unit.saturating_mul(round));
        rounds.into_iter().find(|step| end / step <= STEPS_MAX).unwrap_or(end / STEPS_MAX)
    }

    pub(super) fn is_scale(&self) -> bool {
        matches!(self.measure, Measure::Money(_) | Measure::Percent)
    }

    pub(super) fn is_act(&self) -> bool {
        self.measure == Measure::Act
    }

    fn share(&self, amount: i64) -> Share {
        Share::of(amount, self.scale_end())
    }

    pub(super) fn start_share(&self) -> Share {
        self.share(self.position())
    }

    /// Zones share their borders: one begins where the one before it ends.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut from = self.share(0);
        let mut spans = Vec::new();
        for zone in &self.zones {
            let to = self.share(zone.to.unwrap_or(i64::MAX));
            spans.push(Span { kind: zone.kind, from, width: from.until(to) });
            from = to;
        }
        spans.retain(|span| span.width.parts() > 0);
        spans
    }

    /// A text keeps inside the scale: it begins at a tick far left, ends at one far right, and is centred between.
    pub(super) fn ticks(&self) -> Vec<Tick<'_>> {
        let mut ticks = Vec::new();
        for (row, (at, cap)) in (0_u32..).zip(self.capped()) {
            let at = self.share(at);
            let anchor = match at.parts() {
                0..3000 => "start",
                3000..7000 => "middle",
                _ => "end",
            };
            ticks.push(Tick { at, label: &cap.label, anchor, base: row * CAP_ROW + 11 });
        }
        ticks
    }

    /// The caps that end at an amount, and where.
    fn capped(&self) -> impl Iterator<Item = (i64, &Cap)> {
        self.caps.iter().filter_map(|cap| Some((cap.at?, cap)))
    }

    pub(super) fn track_top(&self) -> u32 {
        let rows = u32::try_from(self.capped().count()).unwrap_or(u32::MAX);
        rows.saturating_mul(CAP_ROW).saturating_add(ROOM)
    }

    pub(super) fn track_height(&self) -> u32 {
        TRACK
    }

    pub(super) fn track_bottom(&self) -> u32 {
        self.track_top() + TRACK
    }

    pub(super) fn handle_top(&self) -> u32 {
        self.track_top() - ROOM
    }

    pub(super) fn height(&self) -> u32 {
        self.track_bottom() + ROOM
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::refund;

    #[test]
    fn the_scale_ends_a_tenth_above_what_means_something() {
        let ruler = refund(1500);
        assert_eq!(ruler.largest(), 8490);
        assert_eq!(ruler.scale_end(), 9339);
        let spans: Vec<String> = ruler.spans().iter().map(|span| format!("{} {} {}", span.kind.name(), span.from, span.width)).collect();
        assert_eq!(spans, ["yours 0.00% 18.18%", "say-why 18.18% 9.09%", "ask 27.27% 63.64%", "nobody 90.91% 9.09%"]);
        assert_eq!(ruler.share(ruler.position()).to_string(), "16.06%");
    }

    #[test]
    fn an_amount_has_one_zone() {
        let ruler = refund(1500);
        let cases = [(0, "yours"), (1698, "yours"), (1699, "say-why"), (2547, "say-why"), (2548, "ask"), (8490, "ask"), (8491, "nobody"), (i64::MAX, "nobody")];
        for (amount, kind) in cases {
            assert_eq!(ruler.zone_at(amount).unwrap().kind.name(), kind, "{amount}");
        }
    }

    #[test]
    fn steps_are_round() {
        let cases = [(300, 10), (400, 10), (8490, 100), (50_000, 200), (500_000, 2000), (100_000_000, 1_000_000)];
        for (paid, step) in cases {
            let mut ruler = refund(0);
            (ruler.zones, ruler.caps, ruler.paid) = (Vec::new(), Vec::new(), Some(paid));
            assert_eq!(ruler.step(), step, "{paid}");
        }
    }

    #[test]
    fn odd_rulers_are_drawn_too() {
        let mut ruler = refund(i64::MAX);
        assert_eq!(ruler.start_share().to_string(), "100.00%");
        ruler.paid = Some(i64::MAX);
        assert_eq!(ruler.scale_end(), i64::MAX);
        assert!(!ruler.to_string().is_empty());
        (ruler.zones, ruler.caps, ruler.paid, ruler.start) = (Vec::new(), Vec::new(), None, Some(-5));
        assert!(ruler.zone_at(0).is_none() && ruler.spans().is_empty());
        assert!(!ruler.to_string().is_empty());
    }
}

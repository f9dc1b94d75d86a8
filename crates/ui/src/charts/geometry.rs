//! Points to places. A drawing is a thousand units wide and stretched to its room; up and down it is in pixels.

use std::fmt::Write as _;

use super::{Line, Point, Sparkline, Target};
use crate::share::Share;

/// Units of the width of a drawing.
pub(super) const WIDTH: i64 = 1000;

/// The heights of values: from a lowest to a highest one, on so many pixels.
pub(super) struct Heights {
    lowest: i64,
    highest: i64,
    top: i64,
    pixels: i64,
}

impl Heights {
    fn over(points: &[Point], others: impl Iterator<Item = i64>, top: i64, pixels: i64) -> Self {
        let intervals = points.iter().filter_map(|point| point.interval).flat_map(|(from, to)| [from, to]);
        let values: Vec<i64> = points.iter().map(|point| point.value).chain(intervals).chain(others).collect();
        let lowest = values.iter().min().copied().unwrap_or_default();
        let highest = values.iter().max().copied().unwrap_or_default();
        Self { lowest, highest, top, pixels }
    }

    /// In tenths of a pixel from above, as an SVG length.
    pub(super) fn of(&self, value: i64) -> String {
        let range = i128::from(self.highest) - i128::from(self.lowest);
        let above = i128::from(self.highest) - i128::from(value);
        let tenths = i128::from(self.pixels) * 10;
        let down = (above * tenths).checked_div(range).unwrap_or(tenths / 2) + i128::from(self.top) * 10;
        format!("{}.{}", down / 10, down % 10)
    }
}

fn across(place: usize, count: usize) -> i64 {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or_default().max(1);
    i64::try_from(place).unwrap_or_default().saturating_mul(WIDTH) / last
}

/// Points of a `polyline`.
fn line(points: &[Point], heights: &Heights) -> String {
    let mut text = String::new();
    for (place, point) in points.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{},{} ", across(place, points.len()), heights.of(point.value));
    }
    text
}

/// Points of a `polygon` around all intervals: along the upper ends, and back along the lower ones.
fn band(points: &[Point], heights: &Heights) -> String {
    let with_interval = || points.iter().enumerate().filter_map(|(place, point)| point.interval.map(|interval| (place, interval)));
    let mut text = String::new();
    for (place, (_, upper)) in with_interval() {
        let _ = write!(text, "{},{} ", across(place, points.len()), heights.of(upper));
    }
    for (place, (lower, _)) in with_interval().collect::<Vec<_>>().into_iter().rev() {
        let _ = write!(text, "{},{} ", across(place, points.len()), heights.of(lower));
    }
    text
}

impl Sparkline {
    pub(super) const HEIGHT: i64 = 44;

    pub(super) fn heights(&self) -> Heights {
        Heights::over(&self.points, self.target.iter().map(|target| target.value), 5, Self::HEIGHT - 10)
    }

    pub(super) fn line(&self) -> String {
        line(&self.points, &self.heights())
    }

    pub(super) fn band(&self) -> String {
        band(&self.points, &self.heights())
    }

    pub(super) fn height_of(&self, value: &i64) -> String {
        self.heights().of(*value)
    }
}

impl Line {
    pub(super) const HEIGHT: i64 = 200;

    pub(super) fn heights(&self) -> Heights {
        let others = self.target.iter().chain(&self.grid).map(|target| target.value);
        Heights::over(&self.points, others, 12, Self::HEIGHT - 40)
    }

    pub(super) fn line(&self) -> String {
        line(&self.points, &self.heights())
    }

    pub(super) fn band(&self) -> String {
        band(&self.points, &self.heights())
    }

    pub(super) fn height_of(&self, value: &i64) -> String {
        self.heights().of(*value)
    }

    /// A few moments under the line: the first, the middle and the last, with where their text stands.
    pub(super) fn moments(&self) -> Vec<(Share, &'static str, &str)> {
        let count = self.points.len();
        let mut places = vec![(0, "start"), (count.saturating_sub(1), "end")];
        if count > 4 {
            places.insert(1, (count / 2, "middle"));
        }
        let at = |(place, anchor): (usize, &'static str)| {
            let point = self.points.get(place)?;
            Some((Share::of(across(place, count), WIDTH), anchor, point.label.as_str()))
        };
        places.into_iter().filter_map(at).collect()
    }

    pub(super) fn levels(&self) -> &[Target] {
        &self.grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[i64]) -> Vec<Point> {
        values.iter().map(|value| Point { value: *value, interval: Some((value - 10, value + 10)), ..Point::default() }).collect()
    }

    #[test]
    fn lines_keep_inside_their_room() {
        let spark = Sparkline { points: points(&[50, 60, 90]), ..Sparkline::default() };
        assert_eq!(spark.line(), "0,33.3 500,27.6 1000,10.6 ");
        assert_eq!(spark.band(), "0,27.6 500,22.0 1000,5.0 1000,16.3 500,33.3 0,39.0 ");
    }

    #[test]
    fn odd_lines_are_drawn_too() {
        for values in [&[][..], &[7], &[i64::MIN + 10, i64::MAX - 10], &[5, 5, 5]] {
            let chart = Line { points: points(values), ..Line::default() };
            assert!(chart.to_string().contains("<svg"), "{values:?}");
            let spark = Sparkline { points: chart.points, ..Sparkline::default() };
            assert!(spark.to_string().contains("<svg"), "{values:?}");
        }
    }
}

//! Charts as SVG, drawn by the server in integers: readable without script, printable, in the colours of the page. Each has a table behind it.
//!
//! Places along a chart are shares of its width, so that it fits any screen with its text at one size.

mod geometry;

use askama::Template;

use crate::components::prints_itself;
use crate::share::Share;

/// How a measure went, in one small line.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/sparkline.html")]
pub struct Sparkline {
    /// What it shows, in a sentence: `Satisfied customers, 12 weeks: from 84 % to 91 %`.
    pub caption: String,
    /// Values in their order, at equal distances.
    pub points: Vec<Point>,
    /// What is aimed at.
    pub target: Option<Target>,
}

/// How a measure went, with what was aimed at and how sure each value is.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/line.html")]
pub struct Line {
    /// What it shows.
    pub caption: String,
    /// Heads of the table behind it: of the moments, of the values, of the intervals.
    pub heads: [String; 3],
    /// Values in their order, at equal distances.
    pub points: Vec<Point>,
    /// What is aimed at.
    pub target: Option<Target>,
    /// Values at which there is a line across, each with its label.
    pub grid: Vec<Target>,
}

/// A value at a moment, in any integer unit that all points share.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The moment: `3 Nov`.
    pub label: String,
    /// How much.
    pub value: i64,
    /// How much, as it is read.
    pub text: String,
    /// Between which values it surely lies.
    pub interval: Option<(i64, i64)>,
    /// The interval as it is read: `81 to 96, n = 54`.
    pub interval_text: String,
}

/// A value with a word.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// How much.
    pub value: i64,
    /// What it is.
    pub label: String,
}

/// Amounts beside each other, from zero on.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/bars.html")]
pub struct Bars {
    /// What they show.
    pub caption: String,
    /// Heads of the columns: what is compared, and by what.
    pub heads: [String; 2],
    /// In their order.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How much; nothing below zero.
    pub value: i64,
    /// How much, as it is read.
    pub text: String,
    /// Where the cases behind it are.
    pub href: Option<String>,
    /// Whether it is the one that is talked about.
    pub is_marked: bool,
}

prints_itself!(Sparkline, Line, Bars);

impl Bars {
    fn share(&self, bar: &Bar) -> Share {
        Share::of(bar.value, self.bars.iter().map(|bar| bar.value).max().unwrap_or_default())
    }
}

//! A place on a scale as a share of its length, in integers: what an SVG attribute takes as a percentage.

use std::fmt;

/// Ten-thousandths of a whole, printed as an SVG length: `18.21%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// The whole.
    pub const WHOLE: u32 = 10_000;

    /// `part` of `whole`, rounded to the nearest, not below nothing and not above all.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Self {
        let (part, whole) = (i128::from(part), i128::from(whole.max(1)));
        let rounded = (part * 2 * i128::from(Self::WHOLE) + whole) / (2 * whole);
        Self(u32::try_from(rounded.clamp(0, i128::from(Self::WHOLE))).unwrap_or_default())
    }

    /// In ten-thousandths.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.0
    }

    /// What is left from here to a later place.
    #[must_use]
    pub fn until(self, later: Self) -> Self {
        Self(later.0.saturating_sub(self.0))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

impl askama::filters::HtmlSafe for Share {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_stay_inside() {
        let cases = [(0, 10, "0.00%"), (1, 3, "33.33%"), (2, 3, "66.67%"), (10, 10, "100.00%"), (11, 10, "100.00%"), (-1, 10, "0.00%"), (5, 0, "100.00%")];
        for (part, whole, text) in cases {
            assert_eq!(Share::of(part, whole).to_string(), text, "{part} of {whole}");
        }
        assert_eq!(Share::of(i64::MAX, i64::MAX).parts(), Share::WHOLE);
        assert_eq!(Share::of(1, 4).until(Share::of(1, 2)).to_string(), "25.00%");
    }
}

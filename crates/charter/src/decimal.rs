//! Exact decimals with at most six places, and the money written with them.

use std::fmt;

/// One, in the millionths that numbers are counted in.
pub const ONE: i64 = 1_000_000;

/// A decimal as it stands in a source text, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub i128);

/// Why a text is not a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDecimal {
    /// Something that is not digits with at most one point.
    Malformed,
    /// More than six places after the point.
    TooFine,
    /// More digits than any amount needs.
    TooLong,
}

impl fmt::Display for NotDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "digits and at most one point, such as `12` or `0.5`",
            Self::TooFine => "at most six places after the point",
            Self::TooLong => "at most eighteen digits before the point",
        })
    }
}

impl Decimal {
    /// Reads `12`, `-0.5` or `.5`; no exponent, no separators.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn read(text: &str) -> Result<Self, NotDecimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(part) || (whole.is_empty() && part.is_empty()) || digits.ends_with('.') {
            return Err(NotDecimal::Malformed);
        }
        let part = part.trim_end_matches('0');
        if part.len() > 6 {
            return Err(NotDecimal::TooFine);
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > 18 {
            return Err(NotDecimal::TooLong);
        }
        let digit = |sum: i128, b: u8| sum * 10 + i128::from(b - b'0');
        let whole = whole.bytes().fold(0, digit);
        let part = part.bytes().chain(std::iter::repeat(b'0')).take(6).fold(0, digit);
        let value = whole * i128::from(ONE) + part;
        Ok(Self(if negative { -value } else { value }))
    }

    /// The value counted in units of which one has `places` decimal places, or nothing if it is not a whole number of them.
    #[must_use]
    pub fn in_units(self, places: u32) -> Option<i128> {
        let unit = 10_i128.checked_pow(6_u32.checked_sub(places)?)?;
        (self.0 % unit == 0).then_some(self.0 / unit)
    }
}

/// An amount as people write it, `€20`, `15,00`, `1.500,00 EUR`, with digits and at most one point; nothing if it is so already, or is no amount.
#[must_use]
pub fn plainly(text: &str) -> Option<String> {
    let sign = |c: char| c.is_alphabetic() || c.is_whitespace() || (!c.is_ascii() && !c.is_numeric()) || c == '$';
    let digits = text.trim_matches(sign);
    let around = text.len() - digits.len();
    let groups: Vec<&str> = digits.split(['.', ',', '\'', ' ', '\u{a0}', '_']).collect();
    let are_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    if !are_digits || around > 16 || digits.len() > 32 {
        return None;
    }
    let (last, before) = groups.split_last()?;
    let separators: Vec<char> = digits.chars().filter(|c| !c.is_ascii_digit()).collect();
    let point = separators.last().filter(|c| matches!(c, '.' | ',') && separators.iter().filter(|s| s == c).count() == 1);
    // One comma before three digits is a point here and a mark of thousands there.
    let unclear = separators.len() == 1 && point == Some(&',') && last.len() == 3;
    let plain = if point.is_some() { format!("{}.{last}", before.concat()) } else { groups.concat() };
    (plain != text && !unclear && Decimal::read(&plain).is_ok()).then_some(plain)
}

/// Writes a count of units of `places` decimal places: `1500` with two places is `15.00`.
#[must_use]
pub fn units_to_text(units: i64, places: u32) -> String {
    if places == 0 {
        return units.to_string();
    }
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{whole}.{part}")
}

/// Writes a number counted in millionths without trailing zeros: `4`, `0.5`.
#[must_use]
pub fn number_to_text(millionths: i64) -> String {
    let text = units_to_text(millionths, 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_what_is_written() {
        let cases = [
            ("12", Ok(12_000_000)),
            ("-0.5", Ok(-500_000)),
            (".5", Ok(500_000)),
            ("0.000001", Ok(1)),
            ("1.1000000", Ok(1_100_000)),
            ("0.0000001", Err(NotDecimal::TooFine)),
            ("1e3", Err(NotDecimal::Malformed)),
            ("NaN", Err(NotDecimal::Malformed)),
            ("", Err(NotDecimal::Malformed)),
            ("1.", Err(NotDecimal::Malformed)),
            (".", Err(NotDecimal::Malformed)),
            ("--1", Err(NotDecimal::Malformed)),
            ("9999999999999999999", Err(NotDecimal::TooLong)),
        ];
        for (text, expected) in cases {
            assert_eq!(Decimal::read(text).map(|d| d.0), expected, "{text}");
        }
    }

    #[test]
    fn writes_units_and_numbers() {
        assert_eq!(units_to_text(1500, 2), "15.00");
        assert_eq!(units_to_text(-5, 2), "-0.05");
        assert_eq!(units_to_text(7, 3), "0.007");
        assert_eq!(units_to_text(7, 0), "7");
        assert_eq!(number_to_text(4_000_000), "4");
        assert_eq!(number_to_text(500_000), "0.5");
        assert_eq!(number_to_text(0), "0");
    }
}

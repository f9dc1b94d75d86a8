//! The currency of a charter, and what amounts of each measure look like.

use serde::Serialize;

use crate::decimal::{ONE, units_to_text};
use crate::limits::{MONEY_MAX, NUMBER_MAX};

/// A currency of ISO 4217.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    /// Three letters.
    pub code: Box<str>,
    /// The sign people write.
    pub symbol: Box<str>,
    /// Decimal places of the minor unit.
    pub places: u32,
}

impl Currency {
    /// The currency with this code.
    #[must_use]
    pub fn with_code(code: &str) -> Option<Self> {
        let found = iso_currency::Currency::from_code(code)?;
        let places = u32::from(found.exponent()?);
        Some(Self { code: code.into(), symbol: found.symbol().symbol.into(), places })
    }

    /// As a person writes it: `€15.00`.
    #[must_use]
    pub fn spoken(&self, units: i64) -> String {
        let sign = if units < 0 { "-" } else { "" };
        let gap = if self.symbol.chars().next_back().is_some_and(char::is_alphabetic) { " " } else { "" };
        let digits = units_to_text(units.saturating_abs(), self.places);
        format!("{sign}{}{gap}{digits}", self.symbol)
    }
}

/// What the amount of a remedy is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Minor units of the charter's currency.
    Money,
    /// Hundredths of a percent.
    Percent,
    /// Whole numbers of a unit.
    Count(Box<str>),
    /// Nothing: it is done or not.
    Act,
}

/// An amount as it stands in requests and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// Money in major units.
    Money {
        /// Digits and a point.
        amount: String,
        /// ISO 4217.
        currency: String,
    },
    /// A percentage, a whole number, or `unlimited`.
    Text(String),
}

impl Amount {
    /// The digits alone, as requests write them.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Money { amount, .. } => amount,
            Self::Text(text) => text,
        }
    }
}

impl Measure {
    /// Decimal places of an amount.
    #[must_use]
    pub fn places(&self, currency: &Currency) -> u32 {
        match self {
            Self::Money => currency.places,
            Self::Percent => 2,
            Self::Count(_) | Self::Act => 0,
        }
    }

    /// The largest amount, in units.
    #[must_use]
    pub fn most(&self) -> i64 {
        match self {
            Self::Money => MONEY_MAX,
            Self::Percent | Self::Count(_) => NUMBER_MAX / self.scale(),
            Self::Act => 1,
        }
    }

    /// How much of an expression's value (minor units, or millionths) one unit of an amount is.
    #[must_use]
    pub fn scale(&self) -> i64 {
        match self {
            Self::Money | Self::Act => 1,
            Self::Percent => ONE / 100,
            Self::Count(_) => ONE,
        }
    }

    /// As it stands in an answer.
    #[must_use]
    pub fn amount(&self, units: i64, currency: &Currency) -> Amount {
        let text = units_to_text(units, self.places(currency));
        match self {
            Self::Money => Amount::Money { amount: text, currency: currency.code.to_string() },
            _ => Amount::Text(text),
        }
    }

    /// As a person says it: `€15.00`, `10%`, `2 months`.
    #[must_use]
    pub fn spoken(&self, units: i64, currency: &Currency) -> String {
        match self {
            Self::Money => currency.spoken(units),
            Self::Percent => {
                let text = units_to_text(units, 2);
                format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
            }
            // Only the plainest plural is undone: `months`, but not `boxes` or `passes`.
            Self::Count(unit) if units == 1 && !unit.ends_with("es") => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
            Self::Count(unit) => format!("{units} {unit}"),
            Self::Act => String::new(),
        }
    }
}

//! Amounts, dates and times as the one who reads expects them: by locale and time zone, from one table, in integers.

mod locale;
mod numbers;
mod times;
mod zones;

use charter::money::Currency;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use locale::Locale;
pub(crate) use numbers::numbers_of;
pub use numbers::{Affixes, parse_decimal, read_decimal};
pub use zones::time_zone;
pub(crate) use zones::time_zones;

/// How one person reads figures and times.
#[derive(Clone, Debug)]
pub struct Formats {
    /// Words, separators and their order.
    pub locale: Locale,
    /// Where the clock on the wall is.
    pub time_zone: TimeZone,
}

impl Formats {
    /// An amount in minor units: `€1,234.50`, `1.234,50 €`.
    #[must_use]
    pub fn money(&self, minor_units: i64, currency: &Currency) -> String {
        numbers::money(minor_units, currency, self.locale)
    }

    /// A percentage in hundredths, without idle zeros: `12.5%`, `12,5 %`.
    #[must_use]
    pub fn percent(&self, hundredths: i64) -> String {
        numbers::percent(hundredths, self.locale)
    }

    /// A whole number: `12,500`.
    #[must_use]
    pub fn number(&self, number: i64) -> String {
        numbers::decimal(number, 0, self.locale)
    }

    /// A number in units of its last decimal place: 125 with one place is `12.5`.
    #[must_use]
    pub fn decimal(&self, units: i64, places: u32) -> String {
        numbers::decimal(units, places, self.locale)
    }

    /// A day: `12 Nov 2026`.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        times::date(date, self.locale)
    }

    /// The time of day: `10:42`.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        times::time(&at.to_zoned(self.time_zone.clone()), self.locale)
    }

    /// Day and time, the day in a word where there is one: `today 10:42`, `12 Nov 10:42`, `12 Nov 2025 10:42`.
    #[must_use]
    pub fn moment(&self, at: Timestamp, now: Timestamp) -> String {
        times::moment(&at.to_zoned(self.time_zone.clone()), &now.to_zoned(self.time_zone.clone()), self.locale)
    }

    /// The same in a sentence, after *by* or *until*: `10:42 today`, `08:30 tomorrow`, `10:42 on 12 Nov`.
    #[must_use]
    pub fn deadline(&self, at: Timestamp, now: Timestamp) -> String {
        times::deadline(&at.to_zoned(self.time_zone.clone()), &now.to_zoned(self.time_zone.clone()), self.locale)
    }

    /// How long ago or ahead something is: `2 min ago`, `in 3 h`.
    #[must_use]
    pub fn age(&self, at: Timestamp, now: Timestamp) -> String {
        times::age(now.duration_since(at), self.locale)
    }

    /// How long something takes: `12 min`, `3 h 10 min`.
    #[must_use]
    pub fn duration(&self, duration: SignedDuration) -> String {
        times::duration(duration, self.locale)
    }
}

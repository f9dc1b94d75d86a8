//! Instants, local dates and the windows of the ledger. Instants are microseconds since 1970, dates are days since then.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;

/// A local date, in days since 1970-01-01.
pub type Day = i64;

const EPOCH: Date = Date::constant(1970, 1, 1);
/// 0001-01-01 and 9999-12-31.
pub(crate) const DAY_RANGE: (Day, Day) = (-719_162, 2_932_896);
/// 0001-01-02T00:00:00Z and 9999-12-30T00:00:00Z: within the years 1 to 9999 in every time zone.
pub(crate) const INSTANT_RANGE: (Instant, Instant) = (-62_135_510_400_000_000, 253_402_128_000_000_000);

/// The instant of a timestamp, fractions of a microsecond dropped; nothing outside the range in use.
#[must_use]
pub fn instant(at: Timestamp) -> Option<Instant> {
    let micros = at.as_microsecond();
    (INSTANT_RANGE.0..=INSTANT_RANGE.1).contains(&micros).then_some(micros)
}

/// Reads an RFC 3339 instant, offset included.
#[must_use]
pub fn read_instant(text: &str) -> Option<Instant> {
    instant(text.parse().ok()?)
}

/// Writes an instant in UTC.
#[must_use]
pub fn instant_to_text(at: Instant) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| at.to_string(), |t| t.to_string())
}

/// Reads `2026-01-31`.
#[must_use]
pub fn read_day(text: &str) -> Option<Day> {
    if text.len() != 10 {
        return None;
    }
    day(text.parse().ok()?)
}

/// The day of a date; nothing outside the years 1 to 9999.
#[must_use]
pub fn day(date: Date) -> Option<Day> {
    let days = i64::from(EPOCH.until(date).ok()?.get_days());
    (DAY_RANGE.0..=DAY_RANGE.1).contains(&days).then_some(days)
}

/// The date of a day.
#[must_use]
pub fn date(day: Day) -> Option<Date> {
    if !(DAY_RANGE.0..=DAY_RANGE.1).contains(&day) {
        return None;
    }
    EPOCH.checked_add(Span::new().try_days(day).ok()?).ok()
}

/// Writes a day as `2026-01-31`.
#[must_use]
pub fn day_to_text(day: Day) -> String {
    date(day).map_or_else(|| day.to_string(), |d| d.to_string())
}

/// Reads a duration: a whole number and `s`, `m`, `h`, `d` (24 hours) or `w`, in microseconds.
#[must_use]
pub fn read_duration(text: &str) -> Option<i64> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.checked_mul(seconds)?.checked_mul(1_000_000).filter(|d| *d <= crate::limits::DURATION_MAX)
}

/// Writes a duration in the largest unit that is exact.
#[must_use]
pub fn duration_to_text(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let units = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")];
    match units.iter().find(|(size, _)| seconds != 0 && seconds % size == 0) {
        Some((size, unit)) => format!("{}{unit}", seconds / size),
        None => format!("{seconds}s"),
    }
}

fn split_unit(text: &str) -> Option<(i64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(at)?;
    Some((number.parse().ok()?, unit))
}

/// Local calendar units that can be added to dates and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// Days.
    Days,
    /// Months, month ends clamped.
    Months,
    /// Years, 29 February clamped.
    Years,
}

impl CalendarUnit {
    fn span(self, n: i64) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Days => span.try_days(n),
            Self::Months => span.try_months(n),
            Self::Years => span.try_years(n),
        }
        .ok()
    }

    /// A day moved by `n` of these.
    #[must_use]
    pub fn add_to_day(self, to: Day, n: i64) -> Option<Day> {
        match self {
            Self::Days => to.checked_add(n).filter(|d| (DAY_RANGE.0..=DAY_RANGE.1).contains(d)),
            _ => day(date(to)?.checked_add(self.span(n)?).ok()?),
        }
    }

    /// An instant moved by `n` of these in local time: a time that a clock change skips moves to after the gap, one that occurs twice is the first.
    #[must_use]
    pub fn add_to_instant(self, to: Instant, n: i64, zone: &TimeZone) -> Option<Instant> {
        let local = local(to, zone)?.checked_add(self.span(n)?).ok()?;
        instant(zone.to_timestamp(local).ok()?)
    }
}

fn local(at: Instant, zone: &TimeZone) -> Option<DateTime> {
    Some(zone.to_datetime(Timestamp::from_microsecond(at).ok()?))
}

/// The local date of an instant.
#[must_use]
pub fn local_day(at: Instant, zone: &TimeZone) -> Option<Day> {
    day(local(at, zone)?.date())
}

/// The first instant of a local day.
#[must_use]
pub fn day_begins(date: Date, zone: &TimeZone) -> Option<Instant> {
    instant(date.to_zoned(zone.clone()).ok()?.start_of_day().ok()?.timestamp())
}

/// How far back a memory reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Window {
    /// For ever.
    Endless,
    /// An exact span before now, in microseconds.
    Rolling(i64),
    /// Months before now, by local date.
    Months(i64),
    /// The local day, week (from Monday), month, quarter or year that now is in.
    Calendar(Period),
}

/// A calendar window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A local day.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
    /// From the first of January, April, July, October.
    Quarter,
    /// From the first of January.
    Year,
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Endless => f.write_str("for ever"),
            Self::Rolling(span) => f.write_str(&duration_to_text(*span)),
            Self::Months(months) => write!(f, "{months}mo"),
            Self::Calendar(period) => f.write_str(match period {
                Period::Day => "day",
                Period::Week => "week",
                Period::Month => "month",
                Period::Quarter => "quarter",
                Period::Year => "year",
            }),
        }
    }
}

impl Window {
    /// Reads `90d`, `3mo`, `1y`, `month` and the like.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let period = match text {
            "day" => Period::Day,
            "week" => Period::Week,
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "year" => Period::Year,
            _ => return Self::read_rolling(text),
        };
        Some(Self::Calendar(period))
    }

    fn read_rolling(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        match unit {
            "mo" | "y" => {
                let months = number.checked_mul(if unit == "y" { 12 } else { 1 })?;
                (1..=1_200).contains(&months).then_some(Self::Months(months))
            }
            "m" | "h" | "d" | "w" if number > 0 => read_duration(text).map(Self::Rolling),
            _ => None,
        }
    }

    /// Whether a grant at `at` counts now.
    #[must_use]
    pub fn counts(self, at: Instant, now: Instant, zone: &TimeZone) -> bool {
        at >= self.begins(now, zone)
    }

    /// The first instant at which a grant counts now, of a window that does not follow the calendar.
    pub(crate) fn span_begins(self, now: Instant) -> Instant {
        if let Self::Rolling(span) = self { now.saturating_sub(span).saturating_add(1) } else { Instant::MIN }
    }

    /// The first instant at which a grant counts now.
    pub(crate) fn begins(self, now: Instant, zone: &TimeZone) -> Instant {
        let after = |edge: Instant| edge.saturating_add(1);
        let begins = match self {
            Self::Endless | Self::Rolling(_) => Some(self.span_begins(now)),
            Self::Months(n) => CalendarUnit::Months.add_to_instant(now, -n, zone).map(after),
            Self::Calendar(period) => local(now, zone).and_then(|now| day_begins(period.first_day(now.date())?, zone)),
        };
        begins.unwrap_or(Instant::MIN)
    }

    /// Whether finding where it begins takes a calendar.
    pub(crate) fn follows_calendar(self) -> bool {
        matches!(self, Self::Months(_) | Self::Calendar(_))
    }

    /// The first instant after now at which a grant at `at`, which counts now, does so no more.
    #[must_use]
    pub fn ends(self, at: Instant, now: Instant, zone: &TimeZone) -> Option<Instant> {
        match self {
            Self::Endless => None,
            Self::Rolling(span) => at.checked_add(span),
            Self::Months(n) => self.first_after(at, now, n, zone),
            Self::Calendar(period) => {
                let next = period.next_first_day(local(at, zone)?.date())?;
                day_begins(next, zone)
            }
        }
    }

    /// Stepping back from several month ends leads to the same day, so a grant can stop counting and count again: the first day, from now on,
    /// by whose end it has stopped is looked for, and in it the instant.
    fn first_after(self, at: Instant, now: Instant, months: i64, zone: &TimeZone) -> Option<Instant> {
        let about = CalendarUnit::Months.add_to_instant(at, months, zone)?;
        let first = local_day(about, zone)?.saturating_sub(4).max(local_day(now, zone)?);
        for day in first..first.saturating_add(10) {
            let begins = day_begins(date(day)?, zone)?.max(now.saturating_add(1));
            let last = day_begins(date(day.checked_add(1)?)?, zone)?.saturating_sub(1);
            if begins <= last && !self.counts(at, last, zone) {
                return Some(self.first_of_day(at, begins, last, months, zone));
            }
        }
        None
    }

    /// Where a clock is changed, that day or on the day stepped back to, a grant can stop counting and count again as well; clocks are
    /// changed on quarters of an hour, so each quarter is looked at on its own.
    fn first_of_day(self, at: Instant, begins: Instant, last: Instant, months: i64, zone: &TimeZone) -> Instant {
        const QUARTER: i64 = 900_000_000;
        const DAY: i64 = 86_400_000_000;
        let back = CalendarUnit::Months.add_to_instant(begins, -months, zone).unwrap_or(begins);
        let mut from = begins;
        if !is_steady(zone, begins, last) || !is_steady(zone, back.saturating_sub(DAY), back.saturating_add(2 * DAY)) {
            while from < last {
                let to = from.div_euclid(QUARTER).saturating_add(1).saturating_mul(QUARTER).saturating_sub(1).min(last);
                if !self.counts(at, to, zone) {
                    return self.first_within(at, from, to, zone);
                }
                from = to.saturating_add(1);
            }
        }
        self.first_within(at, begins, last, zone)
    }

    /// The first instant between two, at the later of which a grant does not count, at which it does not.
    fn first_within(self, at: Instant, begins: Instant, last: Instant, zone: &TimeZone) -> Instant {
        let (mut counting, mut stopped) = (begins.saturating_sub(1), last);
        while stopped - counting > 1 {
            let middle = counting + (stopped - counting) / 2;
            if self.counts(at, middle, zone) {
                counting = middle;
            } else {
                stopped = middle;
            }
        }
        stopped
    }
}

/// Whether no clock is changed between two instants.
fn is_steady(zone: &TimeZone, from: Instant, to: Instant) -> bool {
    let Ok(from) = Timestamp::from_microsecond(from) else { return false };
    let next = zone.following(from).next();
    next.is_none_or(|change| change.timestamp().as_microsecond() > to)
}

impl Period {
    fn first_day(self, date: Date) -> Option<Date> {
        match self {
            Self::Day => Some(date),
            Self::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok(),
            Self::Month => Some(date.first_of_month()),
            Self::Quarter => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok(),
            Self::Year => Some(date.first_of_year()),
        }
    }

    fn next_first_day(self, date: Date) -> Option<Date> {
        let first = self.first_day(date)?;
        let length = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        };
        first.checked_add(length).ok()
    }
}

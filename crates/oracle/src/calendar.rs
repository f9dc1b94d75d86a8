//! Dates, instants, local time and windows.

use crate::values::{ENDLESS, Step};
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) const SECOND: i128 = 1_000_000;
pub(crate) const DAY: i128 = 86_400 * SECOND;

/// Days since 1970-01-01, by the usual arithmetic of the Gregorian calendar.
pub(crate) fn days_of(year: i128, month: i128, day: i128) -> i128 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a count of days.
pub(crate) fn civil_of(days: i128) -> (i128, i128, i128) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year + era * 400 + i128::from(month <= 2), month, day)
}

/// The first and last date of the years 1 to 9999.
pub(crate) fn date_bounds() -> (i128, i128) {
    (days_of(1, 1, 1), days_of(9999, 12, 31))
}

/// The first and last instant: 0001-01-02 and 9999-12-30, UTC.
pub(crate) fn time_bounds() -> (i128, i128) {
    (days_of(1, 1, 2) * DAY, days_of(9999, 12, 30) * DAY)
}

fn month_length(year: i128, month: i128) -> i128 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_of(next_year, next, 1) - days_of(year, month, 1)
}

/// A date some calendar steps later; beyond the years 1 to 9999 it is endlessly far.
pub(crate) fn shift_date(date: i128, step: Step, count: i128) -> i128 {
    let far = if count < 0 { -ENDLESS } else { ENDLESS };
    if count.abs() > 10_000_000 {
        return far;
    }
    let months = match step {
        Step::Days => {
            let shifted = date + count;
            return if within(shifted, date_bounds()) { shifted } else { far };
        }
        Step::Months => count,
        Step::Years => count * 12,
    };
    let (year, month, day) = civil_of(date);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    if !(1..=9999).contains(&year) {
        return far;
    }
    days_of(year, month, day.min(month_length(year, month)))
}

fn within(value: i128, bounds: (i128, i128)) -> bool {
    bounds.0 <= value && value <= bounds.1
}

fn stamp(micros: i128) -> Timestamp {
    let least = Timestamp::MIN.as_microsecond();
    let greatest = Timestamp::MAX.as_microsecond();
    let clamped = micros.clamp(i128::from(least), i128::from(greatest));
    i64::try_from(clamped).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok()).unwrap_or_default()
}

/// Local date and time of day of an instant.
pub(crate) fn local(zone: &TimeZone, micros: i128) -> (i128, i128) {
    let offset = i128::from(zone.to_offset(stamp(micros)).seconds()) * SECOND;
    let local = micros + offset;
    (local.div_euclid(DAY), local.rem_euclid(DAY))
}

/// The instant of a local date and time of day: after a gap when skipped, the first when it occurs twice.
pub(crate) fn instant(zone: &TimeZone, date: i128, of_day: i128) -> i128 {
    let plain = date * DAY + of_day;
    let resolved =
        civil_datetime(date, of_day).and_then(|local| zone.to_ambiguous_timestamp(local).compatible().ok()).map(|stamp| i128::from(stamp.as_microsecond()));
    resolved.unwrap_or_else(|| plain - i128::from(zone.to_offset(stamp(plain)).seconds()) * SECOND)
}

fn civil_datetime(date: i128, of_day: i128) -> Option<civil::DateTime> {
    let (year, month, day) = civil_of(date);
    let year = i16::try_from(year).ok()?;
    let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let midnight = date.to_datetime(civil::Time::midnight());
    midnight.checked_add(SignedDuration::from_micros(i64::try_from(of_day).ok()?)).ok()
}

/// An instant some calendar steps later in local time; endlessly far beyond the years 1 to 9999.
pub(crate) fn shift_time(zone: &TimeZone, micros: i128, step: Step, count: i128) -> i128 {
    let (date, of_day) = local(zone, micros);
    let shifted = shift_date(date, step, count);
    if shifted.abs() >= ENDLESS { shifted } else { instant(zone, shifted, of_day) }
}

/// The first instant of a local day.
pub(crate) fn first_instant(zone: &TimeZone, date: i128) -> i128 {
    instant(zone, date, 0)
}

/// A window of a cap or of `granted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Exact(i128),
    Months(i128),
    Calendar(Page),
}

/// The calendar windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Page {
    /// The first local day of the window a date is in, and the first after it.
    pub(crate) fn around(self, date: i128) -> (i128, i128) {
        let (year, month, _) = civil_of(date);
        let from_month = |first: i128, months: i128| {
            let start = days_of(year, first, 1);
            let end = year * 12 + first - 1 + months;
            (start, days_of(end.div_euclid(12), end.rem_euclid(12) + 1, 1))
        };
        match self {
            Page::Day => (date, date + 1),
            Page::Week => {
                // The first day of 1970 was a Thursday, three days after a Monday.
                let monday = date - (date + 3).rem_euclid(7);
                (monday, monday + 7)
            }
            Page::Month => from_month(month, 1),
            Page::Quarter => from_month((month - 1) / 3 * 3 + 1, 3),
            Page::Year => from_month(1, 12),
        }
    }
}

impl Window {
    /// Whether an entry of instant `at` counts at `now`.
    pub(crate) fn counts(self, zone: &TimeZone, at: i128, now: i128) -> bool {
        match self {
            Window::Exact(span) => at > now - span,
            Window::Months(months) => at > shift_time(zone, now, Step::Months, -months),
            Window::Calendar(page) => at >= first_instant(zone, page.around(local(zone, now).0).0),
        }
    }

    /// The first instant after `now` at which an entry that counts now stops counting.
    pub(crate) fn stops(self, zone: &TimeZone, at: i128, now: i128) -> Option<i128> {
        match self {
            Window::Exact(span) => Some(at + span),
            Window::Calendar(page) => Some(first_instant(zone, page.around(local(zone, at).0).1)),
            Window::Months(months) => {
                // Within a quarter of an hour no clock changes, so stepping back moves as time does.
                let quarter = 900 * SECOND;
                let about = shift_time(zone, at, Step::Months, months);
                let mut from = (about - 5 * DAY).max(now + 1);
                while from < about.max(now) + 5 * DAY {
                    let to = (from.div_euclid(quarter) + 1) * quarter;
                    let back = shift_time(zone, from, Step::Months, -months);
                    if back >= at {
                        return Some(from);
                    }
                    if from + (at - back) < to {
                        return Some(from + (at - back));
                    }
                    from = to;
                }
                None
            }
        }
    }
}

/// A span such as `"90d"`, `"3mo"` or `"week"`.
pub(crate) fn window(text: &str) -> Option<Window> {
    let page = match text {
        "day" => Page::Day,
        "week" => Page::Week,
        "month" => Page::Month,
        "quarter" => Page::Quarter,
        "year" => Page::Year,
        _ => {
            if let Some(count) = text.strip_suffix("mo") {
                return count.parse().ok().map(Window::Months);
            }
            if let Some(count) = text.strip_suffix('y') {
                return count.parse::<i128>().ok().map(|years| Window::Months(years * 12));
            }
            return duration(text).map(Window::Exact);
        }
    };
    Some(Window::Calendar(page))
}

/// A duration such as `"36h"`, in microseconds.
pub(crate) fn duration(text: &str) -> Option<i128> {
    let unit = match text.chars().last()? {
        's' => SECOND,
        'm' => 60 * SECOND,
        'h' => 3600 * SECOND,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let count = text.get(..text.len() - 1)?;
    crate::decimal::parse(count, 0).map(|count| count * unit)
}

/// A date such as `"2026-01-31"`, in days.
pub(crate) fn date(text: &str) -> Option<i128> {
    let date: civil::Date = text.parse().ok()?;
    if text.len() != 10 {
        return None;
    }
    let days = days_of(i128::from(date.year()), i128::from(date.month()), i128::from(date.day()));
    within(days, date_bounds()).then_some(days)
}

/// An instant such as `"2026-01-31T10:00:00Z"`, in microseconds.
pub(crate) fn time(text: &str) -> Option<i128> {
    let stamp: Timestamp = text.parse().ok()?;
    let micros = stamp.as_nanosecond().div_euclid(1000);
    within(micros, time_bounds()).then_some(micros)
}

/// Writes an instant, if the calendar library can hold it.
pub(crate) fn write_time(micros: i128) -> Option<String> {
    let micros = i64::try_from(micros).ok()?;
    Timestamp::from_microsecond(micros).ok().map(|stamp| stamp.to_string())
}

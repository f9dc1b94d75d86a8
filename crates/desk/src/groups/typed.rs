//! What is said of a rota, in a form or by a program, and what it means.

use charter::calendar::Hours;
use charter::time::Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::calendars::written;

/// The days of a week: the name that is sent, and what people read.
pub(super) const DAYS: [(&str, &str); 7] = [("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")];

/// Nothing is whenever the group is open; a day on which somebody is not there is not chosen.
pub(super) fn hours(text: &str) -> Result<Vec<Hours>, String> {
    match written::hours(text)? {
        hours if hours.is_empty() && !text.is_empty() => Err("Hours such as 09:00-17:00, or nothing.".to_owned()),
        hours => Ok(hours),
    }
}

/// The one name of a time zone.
pub(super) fn zone(name: &str) -> Result<String, String> {
    ui::format::time_zone(name)
}

/// When a day begins somewhere.
pub(super) fn first_day(text: &str, zone: &TimeZone) -> Result<Instant, String> {
    begins(day(text)?, zone)
}

/// When a day is over somewhere.
pub(super) fn last_day(text: &str, zone: &TimeZone) -> Result<Instant, String> {
    begins(day(text)?.tomorrow().map_err(|_| too_far())?, zone)
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "A day such as 2026-12-24.".to_owned())
}

fn begins(day: Date, zone: &TimeZone) -> Result<Instant, String> {
    day.to_zoned(zone.clone()).map(|at| at.timestamp().as_microsecond()).map_err(|_| too_far())
}

fn too_far() -> String {
    "This day is too far away.".to_owned()
}

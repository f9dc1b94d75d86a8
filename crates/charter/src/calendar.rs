//! When a group is open: weekly hours, days that differ, and the clock changes of a time zone.
//!
//! A charter only names a calendar (`hours = "shop"`). The calendar itself is operating data kept beside the charter;
//! this module turns one into the openings a request carries, and openings into the instant an escalation is due.
//! It reads no clock and no files: the time zone data is part of the program.
//!
//! # Clock changes
//!
//! A local time stands for **the first instant at which the wall clock shows that time or a later one**. A person who
//! never turns a watch back sees the same:
//!
//! - a local time that a clock change skips moves to the moment after the gap, so `02:15`–`02:45` inside a gap is empty,
//!   and `01:00`–`02:30` closes when the clock jumps;
//! - a local time that occurs twice is the first of the two, for opening and for closing: who closes at `02:30` closes
//!   when the clock first shows it, and does not open again when it shows `02:00` once more;
//! - a span that begins before and ends after a repeated hour has that hour twice, for it was open all along.
//!
//! Later local times never stand for earlier instants, so a closing never comes before its opening.
//!
//! # Limits
//!
//! A day has at most [`MAX_SPANS`] spans as written, a calendar at most [`MAX_EXCEPTIONS`] exceptions, and one call of
//! [`Calendar::openings`] looks at no more than [`MAX_WINDOW`]: what lies behind is left out.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most spans one day may be written with.
pub const MAX_SPANS: usize = 48;

/// The most days a calendar may list as exceptions.
pub const MAX_EXCEPTIONS: usize = 5_000;

/// The longest window one call of [`Calendar::openings`] looks at: 366 days of 24 hours.
pub const MAX_WINDOW: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Minutes from the start of a day to its end on the wall clock.
const DAY: u16 = 24 * 60;

/// One span of a local day on the wall clock: open from `from`, closed again at `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours {
    from: u16,
    to: u16,
}

impl Hours {
    /// A span from `from` to `to`, both in minutes after local midnight, `to` at most 1440 (24:00).
    ///
    /// # Errors
    ///
    /// The two as given when `to` is beyond 1440 or not after `from`. A span over midnight is written as two.
    pub fn new(from: u16, to: u16) -> Result<Self, HoursProblem> {
        if to > DAY {
            return Err(HoursProblem::BeyondTheDay { to });
        }
        if from >= to {
            return Err(HoursProblem::NotAfter { from, to });
        }
        Ok(Self { from, to })
    }

    /// When it opens, in minutes after local midnight.
    #[must_use]
    pub fn from(self) -> u16 {
        self.from
    }

    /// When it closes, in minutes after local midnight; 1440 is the end of the day.
    #[must_use]
    pub fn to(self) -> u16 {
        self.to
    }
}

/// What is wrong with a span, in minutes after local midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursProblem {
    /// It would close after 24:00.
    BeyondTheDay {
        /// When it would close.
        to: u16,
    },
    /// It would close before it opens, or at once.
    NotAfter {
        /// When it would open.
        from: u16,
        /// When it would close.
        to: u16,
    },
}

impl fmt::Display for HoursProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BeyondTheDay { to } => write!(f, "{} is after 24:00", Clock(to)),
            Self::NotAfter { from, to } => {
                write!(f, "{} is not after {}; write a span over midnight as two, one to 24:00 and one from 00:00 of the next day", Clock(to), Clock(from))
            }
        }
    }
}

impl std::error::Error for HoursProblem {}

/// The day a problem is about, as people write it: `mon` to `sun`, or a date.
pub type Day = String;

/// What is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The time zone is not one of the IANA names.
    UnknownZone {
        /// What was written.
        name: String,
    },
    /// The time zone has no IANA name, so the calendar could not be written down.
    NamelessZone,
    /// An exception stands under something that is not a date such as `2026-12-25`.
    NotADate {
        /// What was written.
        text: String,
    },
    /// A time is not written like `09:00`, from `00:00` to `24:00`.
    NotATime {
        /// The day it stands under.
        day: Day,
        /// What was written.
        text: String,
    },
    /// A span that cannot be.
    Span {
        /// The day it stands under.
        day: Day,
        /// What is wrong with it.
        problem: HoursProblem,
    },
    /// More than [`MAX_SPANS`] spans on one day.
    TooManySpans {
        /// The day.
        day: Day,
        /// How many there are.
        count: usize,
    },
    /// More than [`MAX_EXCEPTIONS`] exceptions.
    TooManyExceptions {
        /// How many there are.
        count: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownZone { name } => write!(f, "there is no time zone {name:?}; write an IANA name such as \"Europe/Amsterdam\""),
            Self::NamelessZone => f.write_str("the time zone has no IANA name"),
            Self::NotADate { text } => write!(f, "{text:?} is not a date; write one such as \"2026-12-25\""),
            Self::NotATime { day, text } => {
                write!(f, "{day}: {text:?} is not a time; write one such as \"09:00\", up to \"24:00\"")
            }
            Self::Span { day, problem } => write!(f, "{day}: {problem}"),
            Self::TooManySpans { day, count } => {
                write!(f, "{day}: {count} spans; a day has at most {MAX_SPANS}")
            }
            Self::TooManyExceptions { count } => {
                write!(f, "{count} exceptions; a calendar has at most {MAX_EXCEPTIONS}")
            }
        }
    }
}

/// All that is wrong with a calendar, in the order in which it is written. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// When a group is open.
///
/// In JSON:
///
/// ```json
/// {
///   "timezone": "Europe/Amsterdam",
///   "weekly": { "mon": [["09:00", "12:30"], ["13:00", "17:00"]], "fri": [["20:00", "24:00"]] },
///   "exceptions": { "2026-12-25": [], "2026-12-31": [["09:00", "12:00"]] }
/// }
/// ```
///
/// A day that `weekly` leaves out is closed. An exception replaces the hours of its date; without spans it is a holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Calendar {
    zone: TimeZone,
    /// The name of `zone`; kept so that writing the calendar down cannot fail.
    name: String,
    /// Monday first; each day in order, spans that overlap or touch merged.
    weekly: [Vec<Hours>; 7],
    /// In order and merged as well.
    exceptions: BTreeMap<Date, Vec<Hours>>,
}

impl Calendar {
    /// A calendar of a time zone, the hours of each weekday (Monday first), and the dates with other hours or none.
    /// Spans of a day may come in any order; those that overlap or touch become one.
    ///
    /// # Errors
    ///
    /// All that is wrong: a zone without an IANA name, too many spans or exceptions.
    pub fn new(zone: TimeZone, weekly: [Vec<Hours>; 7], exceptions: BTreeMap<Date, Vec<Hours>>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let name = match zone.iana_name() {
            Some(name) => name.to_owned(),
            None => {
                problems.push(Problem::NamelessZone);
                String::new()
            }
        };
        for (day, hours) in DAYS.iter().zip(&weekly) {
            too_many_spans(day, hours.len(), &mut problems);
        }
        if exceptions.len() > MAX_EXCEPTIONS {
            problems.push(Problem::TooManyExceptions { count: exceptions.len() });
        }
        for (date, hours) in &exceptions {
            too_many_spans(&date.to_string(), hours.len(), &mut problems);
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Self { zone, name, weekly: weekly.map(merged), exceptions: exceptions.into_iter().map(|(date, hours)| (date, merged(hours))).collect() })
    }

    /// The time zone its wall clock follows.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The hours of each weekday, Monday first, in order and merged.
    #[must_use]
    pub fn weekly(&self) -> &[Vec<Hours>; 7] {
        &self.weekly
    }

    /// The dates with other hours; those without any are closed all day.
    #[must_use]
    pub fn exceptions(&self) -> &BTreeMap<Date, Vec<Hours>> {
        &self.exceptions
    }

    /// The hours of a local date, in order and merged; none when it is closed all day.
    #[must_use]
    pub fn hours_on(&self, date: Date) -> &[Hours] {
        if let Some(hours) = self.exceptions.get(&date) {
            return hours;
        }
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.weekly.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// When it is open between `from` (inclusive) and `until` (exclusive): in order, without overlap, merged where two
    /// openings touch (across midnight too), and clipped to the window. Each is open at its first instant and closed
    /// again at its second. Of a window beyond [`MAX_WINDOW`] only the part up to it is looked at.
    #[must_use]
    pub fn openings(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let until = match from.checked_add(MAX_WINDOW) {
            Ok(furthest) => until.min(furthest),
            Err(_) => until,
        };
        let mut openings: Vec<(Timestamp, Timestamp)> = Vec::new();
        if from >= until {
            return openings;
        }
        // After a clock was put back over midnight, spans of the day that had begun are still running, so begin earlier;
        // a few days reach over every change of the date line as well.
        let mut date = self.zone.to_datetime(from).date();
        for _ in 0..3 {
            date = date.yesterday().unwrap_or(date);
        }
        while self.instant(date, 0) < until {
            for hours in self.hours_on(date) {
                let opens = self.instant(date, hours.from).max(from);
                let closes = self.instant(date, hours.to).min(until);
                if opens >= closes {
                    continue;
                }
                match openings.last_mut() {
                    Some(last) if last.1 >= opens => last.1 = last.1.max(closes),
                    _ => openings.push((opens, closes)),
                }
            }
            match date.tomorrow() {
                Ok(tomorrow) => date = tomorrow,
                Err(_) => break,
            }
        }
        openings
    }

    /// Whether it is open at an instant. It is at the one it opens, and no longer at the one it closes.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        at.checked_add(SignedDuration::from_nanos(1)).is_ok_and(|next| !self.openings(at, next).is_empty())
    }

    /// The first instant at which the wall clock shows `minute` (minutes after midnight of `date`) or later.
    /// Beyond the range of instants, the end of that range.
    fn instant(&self, date: Date, minute: u16) -> Timestamp {
        let Ok(local) = date.to_datetime(Time::midnight()).checked_add(SignedDuration::from_mins(i64::from(minute))) else {
            return Timestamp::MAX;
        };
        let found = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local),
            // The earlier of the two is read with the offset that was in force before.
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local),
            AmbiguousOffset::Gap { before, after } => match (after.to_timestamp(local), before.to_timestamp(local)) {
                (Ok(earliest), Ok(latest)) => Ok(self.end_of_gap(local, earliest, latest)),
                (_, latest) => latest,
            },
        };
        found.unwrap_or(if local.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
    }

    /// The change of the clock that skips `local`: after `earliest`, at the latest at `latest`.
    fn end_of_gap(&self, local: DateTime, earliest: Timestamp, latest: Timestamp) -> Timestamp {
        self.zone
            .following(earliest)
            .map(|change| change.timestamp())
            .take_while(|&change| change < latest)
            .find(|&change| self.zone.to_datetime(change) >= local)
            .unwrap_or(latest)
    }
}

/// The instant at which a group with these openings will have been open for `within` since `now`; with `within` zero (or
/// less) the next instant it is open, which is `now` when it is open now. None if the openings end before that.
///
/// `openings` are in order and without overlap, as [`Calendar::openings`] gives them; what overlaps an earlier one is
/// counted once.
#[must_use]
pub fn due(openings: &[(Timestamp, Timestamp)], now: Timestamp, within: SignedDuration) -> Option<Timestamp> {
    due_in(openings.iter().copied(), now, within)
}

/// The same of openings that are found one by one.
pub(crate) fn due_in(openings: impl Iterator<Item = (Timestamp, Timestamp)>, now: Timestamp, within: SignedDuration) -> Option<Timestamp> {
    let mut counted_to = now;
    let mut missing = within.max(SignedDuration::ZERO);
    for (opens, closes) in openings {
        let begin = opens.max(counted_to);
        if begin >= closes {
            continue;
        }
        let open = closes.duration_since(begin);
        if missing <= open {
            return begin.checked_add(missing).ok();
        }
        missing = missing.saturating_sub(open);
        counted_to = closes;
    }
    None
}

/// The names of the weekdays in a written calendar, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Adds the problem of a day with too many spans.
fn too_many_spans(day: &str, count: usize, problems: &mut Vec<Problem>) {
    if count > MAX_SPANS {
        problems.push(Problem::TooManySpans { day: day.to_owned(), count });
    }
}

/// The spans in order, those that overlap or touch made one.
fn merged(mut spans: Vec<Hours>) -> Vec<Hours> {
    spans.sort_unstable();
    let mut kept: Vec<Hours> = Vec::with_capacity(spans.len());
    for span in spans {
        match kept.last_mut() {
            Some(last) if last.to >= span.from => last.to = last.to.max(span.to),
            _ => kept.push(span),
        }
    }
    kept
}

/// Minutes after midnight, shown as on a clock.
struct Clock(u16);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Minutes after midnight from `09:00`, up to `24:00`.
fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| -> Option<u16> { (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())? };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

/// Spans as written.
type Spans = Vec<(String, String)>;

/// A calendar as it is written in JSON, before anything of it is checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    timezone: String,
    weekly: Week,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    exceptions: BTreeMap<String, Spans>,
}

/// The weekdays as written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Week {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mon: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tue: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wed: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thu: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fri: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sat: Spans,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sun: Spans,
}

impl TryFrom<Written> for Calendar {
    type Error = Problems;

    fn try_from(written: Written) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let zone = TimeZone::get(&written.timezone).ok().filter(|zone| zone.iana_name().is_some());
        if zone.is_none() {
            problems.push(Problem::UnknownZone { name: written.timezone });
        }
        let Week { mon, tue, wed, thu, fri, sat, sun } = written.weekly;
        let mut names = DAYS.into_iter();
        let weekly = [mon, tue, wed, thu, fri, sat, sun].map(|spans| read(names.next().unwrap_or_default(), &spans, &mut problems));
        let mut exceptions = BTreeMap::new();
        for (text, spans) in written.exceptions {
            let hours = read(&text, &spans, &mut problems);
            match text.parse::<Date>() {
                // One way to write a date, so that no two keys mean the same.
                Ok(date) if date.to_string() == text => {
                    exceptions.insert(date, hours);
                }
                _ => problems.push(Problem::NotADate { text }),
            }
        }
        match zone {
            Some(zone) => match Self::new(zone, weekly, exceptions) {
                Ok(calendar) if problems.is_empty() => Ok(calendar),
                Ok(_) => Err(Problems(problems)),
                Err(Problems(more)) => {
                    problems.extend(more);
                    Err(Problems(problems))
                }
            },
            None => Err(Problems(problems)),
        }
    }
}

/// The spans of one day; what cannot be read becomes a problem.
fn read(day: &str, spans: &Spans, problems: &mut Vec<Problem>) -> Vec<Hours> {
    let mut hours = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        let (opens, closes) = (clock(from), clock(to));
        for (text, minutes) in [(from, opens), (to, closes)] {
            if minutes.is_none() {
                problems.push(Problem::NotATime { day: day.to_owned(), text: text.clone() });
            }
        }
        let (Some(opens), Some(closes)) = (opens, closes) else {
            continue;
        };
        match Hours::new(opens, closes) {
            Ok(span) => hours.push(span),
            Err(problem) => problems.push(Problem::Span { day: day.to_owned(), problem }),
        }
    }
    hours
}

impl From<Calendar> for Written {
    fn from(calendar: Calendar) -> Self {
        let spans = |hours: Vec<Hours>| -> Spans { hours.into_iter().map(|span| (Clock(span.from).to_string(), Clock(span.to).to_string())).collect() };
        let [mon, tue, wed, thu, fri, sat, sun] = calendar.weekly.map(spans);
        Self {
            timezone: calendar.name,
            weekly: Week { mon, tue, wed, thu, fri, sat, sun },
            exceptions: calendar.exceptions.into_iter().map(|(date, hours)| (date.to_string(), spans(hours))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ts(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calendar(json: &str) -> Calendar {
        serde_json::from_str(json).unwrap()
    }

    fn error(json: &str) -> String {
        serde_json::from_str::<Calendar>(json).unwrap_err().to_string()
    }

    /// `spans` every day of the week.
    fn daily(zone: &str, spans: &str) -> Calendar {
        let days: Vec<String> = DAYS.iter().map(|day| format!("\"{day}\":{spans}")).collect();
        calendar(&format!("{{\"timezone\":\"{zone}\",\"weekly\":{{{}}}}}", days.join(",")))
    }

    fn shop() -> Calendar {
        calendar(
            r#"{"timezone":"Europe/Amsterdam",
                "weekly":{"mon":[["09:00","12:30"],["13:00","17:00"]],"tue":[["09:00","17:00"]],"wed":[["09:00","17:00"]],
                          "thu":[["09:00","17:00"]],"fri":[["09:00","17:00"],["20:00","24:00"]],"sat":[["00:00","02:00"]]},
                "exceptions":{"2026-12-25":[],"2026-12-31":[["09:00","12:00"]],"2026-11-29":[["12:00","16:00"]]}}"#,
        )
    }

    type Row = (&'static str, &'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

    #[test]
    fn openings_by_hand() {
        let gap = r#"[["01:00","02:30"],["02:40","02:50"],["02:45","05:00"]]"#;
        let fold = r#"[["01:00","02:15"],["02:45","04:00"]]"#;
        // zone or shop, spans of every day, from, until, openings (all in UTC)
        #[rustfmt::skip]
        let table: &[Row] = &[
            // A Monday with a lunch break; Amsterdam is an hour ahead in winter.
            ("shop", "", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", &[("2026-11-23T08:00:00Z", "2026-11-23T11:30:00Z"), ("2026-11-23T12:00:00Z", "2026-11-23T16:00:00Z")]),
            // Clipped on both sides, in the middle of a span and inside the break.
            ("shop", "", "2026-11-23T09:17:03Z", "2026-11-23T11:45:00Z", &[("2026-11-23T09:17:03Z", "2026-11-23T11:30:00Z")]),
            ("shop", "", "2026-11-23T11:30:00Z", "2026-11-23T12:00:00Z", &[]),
            ("shop", "", "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", &[]),
            ("shop", "", "2026-11-23T13:00:00Z", "2026-11-23T12:00:00Z", &[]),
            // Friday night into Saturday is one opening.
            ("shop", "", "2026-11-27T16:00:00Z", "2026-11-28T12:00:00Z", &[("2026-11-27T19:00:00Z", "2026-11-28T01:00:00Z")]),
            // A Sunday that is open for once; Christmas, a Friday, that is not, though the Saturday after begins at midnight.
            ("shop", "", "2026-11-28T12:00:00Z", "2026-11-30T06:00:00Z", &[("2026-11-29T11:00:00Z", "2026-11-29T15:00:00Z")]),
            ("shop", "", "2026-12-25T00:00:00Z", "2026-12-28T00:00:00Z", &[("2026-12-25T23:00:00Z", "2026-12-26T01:00:00Z")]),
            ("shop", "", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z", &[("2026-12-31T08:00:00Z", "2026-12-31T11:00:00Z")]),
            // Always open is one opening, however long.
            ("Europe/Amsterdam", r#"[["00:00","24:00"]]"#, "2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z", &[("2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z")]),
            ("Europe/Amsterdam", r#"[["12:00","24:00"],["00:00","12:00"]]"#, "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z", &[("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z")]),
            // Spring in Amsterdam: 02:00 to 03:00 is skipped at 01:00Z. Opening and closing in the gap move to 03:00; 02:40 to 02:50 is nothing.
            ("Europe/Amsterdam", gap, "2026-03-28T23:00:00Z", "2026-03-29T12:00:00Z", &[("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z")]),
            ("Europe/Amsterdam", r#"[["02:40","02:50"]]"#, "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z", &[]),
            ("Europe/Amsterdam", r#"[["02:40","03:10"]]"#, "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z", &[("2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z")]),
            ("Europe/Amsterdam", r#"[["01:30","02:00"]]"#, "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z", &[("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")]),
            // Autumn in Amsterdam: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z.
            ("Europe/Amsterdam", fold, "2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z", &[("2026-10-24T23:00:00Z", "2026-10-25T00:15:00Z"), ("2026-10-25T00:45:00Z", "2026-10-25T03:00:00Z")]),
            ("Europe/Amsterdam", r#"[["02:15","02:30"]]"#, "2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z", &[("2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z")]),
            ("Europe/Amsterdam", r#"[["01:30","03:00"]]"#, "2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z", &[("2026-10-24T23:30:00Z", "2026-10-25T02:00:00Z")]),
            // The second 02:15, when it has closed for good.
            ("Europe/Amsterdam", r#"[["01:00","02:30"]]"#, "2026-10-25T01:15:00Z", "2026-10-25T12:00:00Z", &[]),
            // New York: 02:00 to 03:00 skipped at 07:00Z; 01:00 to 02:00 twice from 05:00Z.
            ("America/New_York", r#"[["01:30","02:30"]]"#, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z", &[("2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z")]),
            ("America/New_York", r#"[["01:30","02:30"]]"#, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", &[("2026-11-01T05:30:00Z", "2026-11-01T07:30:00Z")]),
            // Lord Howe moves by half an hour: 02:00 to 02:30 skipped at 15:30Z; 01:30 to 02:00 twice, from 14:30Z.
            ("Australia/Lord_Howe", r#"[["02:10","03:00"]]"#, "2026-10-03T12:00:00Z", "2026-10-04T00:00:00Z", &[("2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z")]),
            ("Australia/Lord_Howe", r#"[["01:00","01:45"],["01:50","02:10"]]"#, "2026-04-04T12:00:00Z", "2026-04-05T00:00:00Z", &[("2026-04-04T14:00:00Z", "2026-04-04T14:45:00Z"), ("2026-04-04T14:50:00Z", "2026-04-04T15:40:00Z")]),
            // St John's once put the clock back at 00:01 to 23:01 of the day before: Monday morning begins at the first midnight, 02:30Z.
            ("America/St_Johns", r#"[["00:00","06:00"]]"#, "2010-11-07T02:35:00Z", "2010-11-07T12:00:00Z", &[("2010-11-07T02:35:00Z", "2010-11-07T09:30:00Z")]),
            ("America/St_Johns", r#"[["23:30","24:00"]]"#, "2010-11-07T01:00:00Z", "2010-11-07T12:00:00Z", &[("2010-11-07T02:00:00Z", "2010-11-07T02:30:00Z")]),
            // São Paulo once skipped the first hour of a day: 15 October 2017 began at 01:00, 03:00Z.
            ("America/Sao_Paulo", r#"[["00:00","01:30"],["23:00","24:00"]]"#, "2017-10-14T12:00:00Z", "2017-10-15T12:00:00Z", &[("2017-10-15T02:00:00Z", "2017-10-15T03:30:00Z")]),
            // Samoa had no 30 December 2011: from the 29th to the 31st at 10:00Z.
            ("Pacific/Apia", r#"[["08:00","20:00"]]"#, "2011-12-29T18:00:00Z", "2011-12-31T12:00:00Z", &[("2011-12-29T18:00:00Z", "2011-12-30T06:00:00Z"), ("2011-12-30T18:00:00Z", "2011-12-31T06:00:00Z")]),
        ];
        for &(zone, spans, from, until, expected) in table {
            let calendar = if zone == "shop" { shop() } else { daily(zone, spans) };
            let expected: Vec<_> = expected.iter().map(|&(a, b)| (ts(a), ts(b))).collect();
            assert_eq!(calendar.openings(ts(from), ts(until)), expected, "{zone} {spans} {from} {until}");
        }
    }

    #[test]
    fn open_at_the_first_instant_and_closed_at_the_last() {
        let shop = shop();
        for (at, open) in [
            ("2026-11-23T07:59:59.999999999Z", false),
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T11:29:59.999999999Z", true),
            ("2026-11-23T11:30:00Z", false),
            ("2026-11-27T23:00:00Z", true),
            ("2026-12-25T10:00:00Z", false),
        ] {
            assert_eq!(shop.is_open(ts(at)), open, "{at}");
        }
    }

    #[test]
    fn due_by_hand() {
        let day = [(ts("2026-11-23T08:00:00Z"), ts("2026-11-23T11:30:00Z")), (ts("2026-11-23T12:00:00Z"), ts("2026-11-23T16:00:00Z"))];
        #[rustfmt::skip]
        let table: &[(&str, i64, Option<&str>)] = &[
            ("2026-11-23T06:00:00Z", 0, Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T08:00:00Z", 0, Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T09:12:30Z", 0, Some("2026-11-23T09:12:30Z")),
            ("2026-11-23T11:30:00Z", 0, Some("2026-11-23T12:00:00Z")),
            ("2026-11-23T16:00:00Z", 0, None),
            ("2026-11-23T09:00:00Z", -5, Some("2026-11-23T09:00:00Z")),
            ("2026-11-23T06:00:00Z", 30, Some("2026-11-23T08:30:00Z")),
            ("2026-11-23T09:12:30Z", 30, Some("2026-11-23T09:42:30Z")),
            ("2026-11-23T11:00:00Z", 30, Some("2026-11-23T11:30:00Z")),
            ("2026-11-23T11:00:00Z", 31, Some("2026-11-23T12:01:00Z")),
            ("2026-11-23T08:00:00Z", 450, Some("2026-11-23T16:00:00Z")),
            ("2026-11-23T08:00:00Z", 451, None),
            ("2026-11-23T16:00:00Z", 1, None),
        ];
        for &(now, minutes, expected) in table {
            assert_eq!(due(&day, ts(now), SignedDuration::from_mins(minutes)), expected.map(ts), "{now} {minutes}");
        }
        assert_eq!(due(&[], day[0].0, SignedDuration::ZERO), None);
        assert_eq!(due(&day, day[0].0, SignedDuration::MAX), None);
        // Openings that are not what they should be are still counted once.
        let odd = [day[0], day[0], (day[0].1, day[0].0), day[1]];
        assert_eq!(due(&odd, day[0].0, SignedDuration::from_mins(211)), Some(ts("2026-11-23T12:01:00Z")));
    }

    #[test]
    fn json_there_and_back() {
        let shop = shop();
        let text = serde_json::to_string(&shop).unwrap();
        assert_eq!(calendar(&text), shop);
        let merged = calendar(r#"{"timezone":"europe/amsterdam","weekly":{"mon":[["13:00","17:00"],["09:00","12:00"],["11:00","13:00"]]}}"#);
        assert_eq!(serde_json::to_string(&merged).unwrap(), r#"{"timezone":"Europe/Amsterdam","weekly":{"mon":[["09:00","17:00"]]}}"#);
        assert!(calendar(r#"{"timezone":"UTC","weekly":{}}"#).openings(Timestamp::MIN, Timestamp::MAX).is_empty());
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        assert_eq!(
            error(
                r#"{"timezone":"Europe/Amsterdm",
                    "weekly":{"mon":[["9:00","17:00"]],"tue":[["22:00","02:00"]],"wed":[["09:60","24:01"]],"thu":[["24:00","24:00"]]},
                    "exceptions":{"2026-02-30":[],"20261225":[],"2026-12-26":[["+9:00","1é00"]]}}"#
            ),
            "there is no time zone \"Europe/Amsterdm\"; write an IANA name such as \"Europe/Amsterdam\"; \
             mon: \"9:00\" is not a time; write one such as \"09:00\", up to \"24:00\"; \
             tue: 02:00 is not after 22:00; write a span over midnight as two, one to 24:00 and one from 00:00 of the next day; \
             wed: \"09:60\" is not a time; write one such as \"09:00\", up to \"24:00\"; \
             wed: \"24:01\" is not a time; write one such as \"09:00\", up to \"24:00\"; \
             thu: 24:00 is not after 24:00; write a span over midnight as two, one to 24:00 and one from 00:00 of the next day; \
             \"2026-02-30\" is not a date; write one such as \"2026-12-25\"; \
             2026-12-26: \"+9:00\" is not a time; write one such as \"09:00\", up to \"24:00\"; \
             2026-12-26: \"1é00\" is not a time; write one such as \"09:00\", up to \"24:00\"; \
             \"20261225\" is not a date; write one such as \"2026-12-25\""
        );
        assert!(error(r#"{"timezone":"UTC","weekly":{"monday":[]}}"#).contains("unknown field `monday`"));
        assert!(error(r#"{"timezone":"UTC","weekly":{},"holidays":{}}"#).contains("unknown field `holidays`"));
        assert!(error(r#"{"timezone":"Etc/Unknown","weekly":{}}"#).contains("there is no time zone"));

        let hour = Hours::new(0, 60).unwrap();
        assert_eq!(Hours::new(0, 1441), Err(HoursProblem::BeyondTheDay { to: 1441 }));
        assert_eq!(Hours::new(60, 60), Err(HoursProblem::NotAfter { from: 60, to: 60 }));
        let mut weekly: [Vec<Hours>; 7] = Default::default();
        weekly[6] = vec![hour; MAX_SPANS + 1];
        let date = jiff::civil::date(2000, 1, 1);
        let many: BTreeMap<Date, Vec<Hours>> = (0..5_001).map(|n| (date.checked_add(SignedDuration::from_hours(24 * n)).unwrap(), Vec::new())).collect();
        assert_eq!(
            Calendar::new(TimeZone::fixed(jiff::tz::offset(1)), weekly, many),
            Err(Problems(vec![Problem::NamelessZone, Problem::TooManySpans { day: "sun".into(), count: 49 }, Problem::TooManyExceptions { count: 5_001 },]))
        );
    }

    #[test]
    fn ends_of_time_and_of_the_window() {
        for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let always = daily(zone, r#"[["00:00","24:00"]]"#);
            let end = Timestamp::MIN.checked_add(MAX_WINDOW).unwrap();
            assert_eq!(always.openings(Timestamp::MIN, Timestamp::MAX), [(Timestamp::MIN, end)], "{zone}");
            assert_eq!(always.openings(Timestamp::MAX, Timestamp::MAX), [], "{zone}");
            let before = Timestamp::MAX.checked_sub(SignedDuration::from_hours(1)).unwrap();
            assert_eq!(always.openings(before, Timestamp::MAX), [(before, Timestamp::MAX)], "{zone}");
            assert!(!always.is_open(Timestamp::MAX) && always.is_open(before) && always.is_open(Timestamp::MIN), "{zone}");
        }
        let from = ts("2026-01-01T00:00:00Z");
        let openings = daily("UTC", r#"[["12:00","13:00"]]"#).openings(from, ts("2036-01-01T00:00:00Z"));
        assert_eq!(openings.len(), 366);
        assert_eq!(openings.last(), Some(&(ts("2027-01-01T12:00:00Z"), ts("2027-01-01T13:00:00Z"))));
    }

    /// A small generator (splitmix64), so that every run sees the same calendars.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)) % n
        }

        /// Spans of a day; often around the small hours, where clocks change.
        fn spans(&mut self) -> Vec<Hours> {
            let mut spans = Vec::new();
            for _ in 0..self.below(5) {
                let (latest, step) = [(300, 1), (300, 15), (1440, 1), (1440, 30)][self.below(4) as usize];
                let mut minute = || (self.below(latest / step + 1) * step) as u16;
                let (a, b) = (minute(), minute());
                if let Ok(span) = Hours::new(a.min(b), a.max(b)) {
                    spans.push(span);
                }
            }
            spans
        }
    }

    /// The second way: minute by minute, with a watch that is never turned back.
    fn minutes_open(zone: &TimeZone, weekly: &[Vec<Hours>; 7], exceptions: &BTreeMap<Date, Vec<Hours>>, from: Timestamp, minutes: i64) -> Vec<bool> {
        let mut watch = DateTime::MIN;
        let mut open = Vec::new();
        for m in -180..minutes {
            let local = zone.to_datetime(from + SignedDuration::from_mins(m));
            watch = watch.max(local);
            let hours = match exceptions.get(&watch.date()) {
                Some(hours) => hours,
                None => &weekly[watch.date().weekday().to_monday_zero_offset() as usize],
            };
            let minute = watch.hour() as u16 * 60 + watch.minute() as u16;
            if m >= 0 {
                open.push(hours.iter().any(|h| h.from <= minute && minute < h.to));
            }
        }
        open
    }

    #[test]
    fn as_a_watch_minute_by_minute() {
        let nights = [
            ("Europe/Amsterdam", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
            ("America/New_York", ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
            ("Australia/Lord_Howe", ["2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z"]),
        ];
        let mut random = Random(20_261_121);
        let (mut spans_seen, mut dues_seen) = (0, 0);
        for case in 0..4_000 {
            let (name, changes) = nights[random.below(3) as usize];
            let zone = TimeZone::get(name).unwrap();
            let change = ts(changes[random.below(2) as usize]);
            let mut weekly: [Vec<Hours>; 7] = Default::default();
            for day in &mut weekly {
                *day = random.spans();
            }
            let mut exceptions = BTreeMap::new();
            if random.below(2) == 0 {
                let day = zone.to_datetime(change).date();
                let day = [day.yesterday(), Ok(day), day.tomorrow()][random.below(3) as usize].clone().unwrap();
                exceptions.insert(day, random.spans());
            }
            let calendar = Calendar::new(zone.clone(), weekly.clone(), exceptions.clone()).unwrap();

            let from = change - SignedDuration::from_mins(random.below(24 * 60) as i64 - 60);
            let minutes = random.below(30 * 60) as i64;
            let at = |minute: usize| from + SignedDuration::from_mins(minute as i64);
            let open = minutes_open(&zone, &weekly, &exceptions, from, minutes);
            let mut expected: Vec<(Timestamp, Timestamp)> = Vec::new();
            for (minute, _) in open.iter().enumerate().filter(|(_, open)| **open) {
                match expected.last_mut() {
                    Some(last) if last.1 == at(minute) => last.1 = at(minute + 1),
                    _ => expected.push((at(minute), at(minute + 1))),
                }
            }
            let until = from + SignedDuration::from_mins(minutes);
            let openings = calendar.openings(from, until);
            assert_eq!(openings, expected, "case {case}: {calendar:?} {from} {until}");
            spans_seen += openings.len();
            if minutes > 0 {
                let minute = random.below(minutes as u64) as usize;
                assert_eq!(calendar.is_open(at(minute)), open[minute], "case {case}: {calendar:?} {}", at(minute));
            }

            for _ in 0..4 {
                let now = random.below(minutes as u64 + 1) as usize;
                let longest = [2, 60, 600, 1_500][random.below(4) as usize];
                let within = random.below(longest) as usize;
                let mut rest = (now..open.len()).filter(|&minute| open[minute]);
                let expected = match within {
                    0 => rest.next().map(at),
                    n => rest.nth(n - 1).map(|minute| at(minute + 1)),
                };
                let found = due(&openings, at(now), SignedDuration::from_mins(within as i64));
                assert_eq!(found, expected, "case {case}: {openings:?} {} {within}", at(now));
                dues_seen += usize::from(found.is_some());
            }
        }
        assert!(spans_seen > 4_000 && dues_seen > 4_000, "{spans_seen} openings and {dues_seen} due times are too few to tell");
    }
}

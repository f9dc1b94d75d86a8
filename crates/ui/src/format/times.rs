//! Dates, times of day, ages and durations.

use jiff::civil::Date;
use jiff::{SignedDuration, Zoned};

use super::locale::{Habits, Locale, Unit};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Seconds of each unit in the table of locales. A month counts as 30 days and a year as 365: an age is a word, not a sum.
const LENGTHS: [i64; 7] = [1, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY];

pub(super) fn date(date: Date, locale: Locale) -> String {
    fill(locale.habits().date, date, locale.habits())
}

pub(super) fn time(at: &Zoned, locale: Locale) -> String {
    match locale.habits().half_days {
        None => format!("{:02}:{:02}", at.hour(), at.minute()),
        Some([morning, afternoon]) => {
            let hour = match at.hour() % 12 {
                0 => 12,
                hour => hour,
            };
            format!("{hour}:{:02}\u{a0}{}", at.minute(), if at.hour() < 12 { morning } else { afternoon })
        }
    }
}

pub(super) fn moment(at: &Zoned, now: &Zoned, locale: Locale) -> String {
    format!("{} {}", day(at, now, locale).0, time(at, locale))
}

pub(super) fn deadline(at: &Zoned, now: &Zoned, locale: Locale) -> String {
    match (day(at, now, locale), locale) {
        ((word, true), Locale::En | Locale::EnUs) => format!("{} {word}", time(at, locale)),
        ((date, false), Locale::En | Locale::EnUs) => format!("{} on {date}", time(at, locale)),
        ((day, _), _) => format!("{day} {}", time(at, locale)),
    }
}

/// The day, and whether it is one with a word of its own.
fn day(at: &Zoned, now: &Zoned, locale: Locale) -> (String, bool) {
    let habits = locale.habits();
    let (day, today) = (at.date(), now.date());
    match day {
        day if day == today => (habits.today.to_owned(), true),
        day if today.yesterday().is_ok_and(|yesterday| day == yesterday) => (habits.yesterday.to_owned(), true),
        day if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) => (habits.tomorrow.to_owned(), true),
        day if day.year() == today.year() => (fill(habits.day, day, habits), false),
        day => (fill(habits.date, day, habits), false),
    }
}

fn fill(pattern: &str, date: Date, habits: &Habits) -> String {
    let month = usize::try_from(date.month() - 1).ok().and_then(|place| habits.months.get(place)).copied().unwrap_or_default();
    pattern.replace("{day}", &date.day().to_string()).replace("{month}", month).replace("{year}", &date.year().to_string())
}

/// `since` is how long ago it was; what is still to come is below zero.
pub(super) fn age(since: SignedDuration, locale: Locale) -> String {
    let habits = locale.habits();
    let seconds = since.as_secs();
    let length = seconds.unsigned_abs().try_into().unwrap_or(i64::MAX);
    if length < MINUTE {
        return habits.now.to_owned();
    }
    let place = LENGTHS.iter().rposition(|unit| length >= *unit).unwrap_or_default();
    let (Some(unit), Some(each)) = (habits.units.get(place), LENGTHS.get(place)) else { return String::new() };
    let count = length / each;
    let (one, _, many) = unit;
    let text = format!("{count}\u{a0}{}", if count == 1 { one } else { many });
    let pattern = if seconds >= 0 { habits.ago } else { habits.ahead };
    pattern.replace("{}", &text)
}

/// The two largest units that say something: hours with minutes, days with hours.
pub(super) fn duration(duration: SignedDuration, locale: Locale) -> String {
    let habits = locale.habits();
    let seconds = duration.as_secs().max(0);
    let [second, minute, hour, day, ..] = &habits.units;
    let said = |count: i64, unit: &Unit| format!("{count}\u{a0}{}", if count == 1 { unit.0 } else { unit.1 });
    let pair = |large: i64, of: &Unit, small: i64, rest: &Unit| match small {
        0 => said(large, of),
        small => format!("{} {}", said(large, of), said(small, rest)),
    };
    match seconds {
        0..MINUTE => said(seconds, second),
        MINUTE..HOUR => said(seconds / MINUTE, minute),
        HOUR..DAY => pair(seconds / HOUR, hour, seconds % HOUR / MINUTE, minute),
        _ => pair(seconds / DAY, day, seconds % DAY / HOUR, hour),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::format::Formats;

    fn seen(text: &str) -> String {
        text.replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn ages_by_locale() {
        #[rustfmt::skip]
        let cases = [
            (30, ["just now", "just now", "gerade eben", "à l’instant", "zojuist", "ahora mismo"]),
            (120, ["2 min ago", "2 min ago", "vor 2 Min.", "il y a 2 min", "2 min geleden", "hace 2 min"]),
            (-3 * HOUR, ["in 3 h", "in 3 h", "in 3 Std.", "dans 3 h", "over 3 uur", "dentro de 3 h"]),
            (DAY, ["1 day ago", "1 day ago", "vor 1 Tag", "il y a 1 jour", "1 dag geleden", "hace 1 día"]),
            (5 * DAY, ["5 days ago", "5 days ago", "vor 5 Tagen", "il y a 5 jours", "5 dagen geleden", "hace 5 días"]),
            (15 * DAY, ["2 weeks ago", "2 weeks ago", "vor 2 Wochen", "il y a 2 semaines", "2 weken geleden", "hace 2 semanas"]),
            (800 * DAY, ["2 years ago", "2 years ago", "vor 2 Jahren", "il y a 2 ans", "2 jaar geleden", "hace 2 años"]),
        ];
        for (seconds, texts) in cases {
            for (locale, text) in Locale::ALL.into_iter().zip(texts) {
                assert_eq!(seen(&age(SignedDuration::from_secs(seconds), locale)), text, "{seconds} {}", locale.tag());
            }
        }
    }

    #[test]
    fn durations() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (12 * MINUTE + 30, "12 min"),
            (HOUR, "1 h"),
            (3 * HOUR + 10 * MINUTE, "3 h 10 min"),
            (DAY, "1 day"),
            (2 * DAY + 5 * HOUR, "2 days 5 h"),
            (-5, "0 s"),
        ];
        for (seconds, text) in cases {
            assert_eq!(seen(&duration(SignedDuration::from_secs(seconds), Locale::En)), text, "{seconds}");
        }
        assert_eq!(seen(&duration(SignedDuration::from_secs(2 * DAY), Locale::De)), "2 Tage");
    }

    #[test]
    fn moments_by_locale_and_zone() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2026-11-12T09:56:00Z");
        let lisbon = TimeZone::get("Europe/Lisbon").unwrap();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let cases = [
            ("2026-11-12T09:42:00Z", &lisbon, Locale::En, "today 09:42"),
            ("2026-11-12T09:42:00Z", &tokyo, Locale::En, "today 18:42"),
            ("2026-11-11T23:30:00Z", &lisbon, Locale::En, "yesterday 23:30"),
            ("2026-11-11T23:30:00Z", &tokyo, Locale::EnUs, "today 8:30 am"),
            ("2026-11-13T12:05:00Z", &lisbon, Locale::EnUs, "tomorrow 12:05 pm"),
            ("2026-10-03T08:00:00Z", &lisbon, Locale::De, "3. Okt. 09:00"),
            ("2025-03-03T08:00:00Z", &lisbon, Locale::Fr, "3 mars 2025 08:00"),
            ("2025-03-03T00:00:00Z", &lisbon, Locale::EnUs, "Mar 3, 2025 12:00 am"),
            ("2026-11-01T08:00:00Z", &lisbon, Locale::Nl, "1 nov 08:00"),
            ("2026-11-11T08:00:00Z", &lisbon, Locale::Es, "ayer 08:00"),
        ];
        for (text, zone, locale, expected) in cases {
            let formats = Formats { locale, time_zone: zone.clone() };
            assert_eq!(seen(&formats.moment(at(text), now)), expected, "{text} {}", locale.tag());
        }
        let deadlines = [
            ("2026-11-12T11:50:00Z", Locale::En, "11:50 today"),
            ("2026-11-13T12:05:00Z", Locale::EnUs, "12:05 pm tomorrow"),
            ("2026-11-16T08:30:00Z", Locale::En, "08:30 on 16 Nov"),
            ("2026-11-13T12:05:00Z", Locale::De, "morgen 12:05"),
        ];
        for (text, locale, expected) in deadlines {
            let formats = Formats { locale, time_zone: lisbon.clone() };
            assert_eq!(seen(&formats.deadline(at(text), now)), expected, "{text} {}", locale.tag());
        }
    }
}

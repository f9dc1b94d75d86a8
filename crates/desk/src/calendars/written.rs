//! Hours as people write them: `09:00-12:30, 13:00-17:00`, or `9-5`; and days that differ, a line each.

use std::collections::BTreeMap;

use charter::calendar::{Hours, MAX_SPANS};
use jiff::civil::Date;

/// Reads the hours of a day; nothing for a day that is closed.
pub(crate) fn hours(written: &str) -> Result<Vec<Hours>, String> {
    let written = written.trim();
    if written.is_empty() || written.eq_ignore_ascii_case("closed") {
        return Ok(Vec::new());
    }
    let spans: Vec<Hours> = written.split(',').map(str::trim).filter(|s| !s.is_empty()).map(span).collect::<Result<_, _>>()?;
    if spans.len() > MAX_SPANS {
        return Err(format!("A day has at most {MAX_SPANS} spans; these are {}.", spans.len()));
    }
    Ok(spans)
}

fn span(written: &str) -> Result<Hours, String> {
    let like = || format!("`{written}` is not a span such as 09:00-17:00. Write when it begins and when it ends, of 24 hours.");
    let (from, to) = written.split_once(['-', '–', '—']).ok_or_else(like)?;
    let (from, to) = (from.trim(), to.trim());
    let (opens, closes) = clock(from).zip(clock(to)).ok_or_else(like)?;
    // From nine to five: the five of the afternoon.
    let is_afternoon = ![from, to].iter().any(|text| text.contains(':')) && opens <= NOON && closes <= opens.min(NOON - 60);
    let closes = if is_afternoon { closes + NOON } else { closes };
    let over_midnight = || format!("`{written}` ends before it begins. What goes over midnight is two spans: 22:00-24:00, and 00:00-06:00 on the day after.");
    Hours::new(opens, closes).map_err(|_| over_midnight())
}

/// Twelve o'clock, in minutes after midnight.
const NOON: u16 = 720;

/// Minutes after midnight, from `9`, `9:00` or `09:00`, up to `24:00`.
fn clock(written: &str) -> Option<u16> {
    let (hour, minute) = written.split_once(':').unwrap_or((written, "00"));
    let digits = |text: &str, most: usize| ((1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u16>().ok())?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    Some(hour * 60 + minute).filter(|at| minute < 60 && *at <= 2 * NOON)
}

/// Reads days that differ, a line each: `2026-12-25 closed`.
pub(crate) fn exceptions(written: &str) -> Result<BTreeMap<Date, Vec<Hours>>, String> {
    let mut days = BTreeMap::new();
    for line in written.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (day, rest) = line.split_once(char::is_whitespace).ok_or_else(|| format!("`{line}` is not a day and its hours, such as `2026-12-25 closed`."))?;
        let date: Date = day.parse().map_err(|_| format!("`{day}` is not a day such as 2026-12-25."))?;
        let open = hours(rest).map_err(|problem| format!("{day}: {problem}"))?;
        if days.insert(date, open).is_some() {
            return Err(format!("{day} stands there twice."));
        }
    }
    Ok(days)
}

/// Writes hours as they are read.
pub(crate) fn shown(hours: &[Hours]) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    hours.iter().map(|h| format!("{}-{}", clock(h.from()), clock(h.to()))).collect::<Vec<_>>().join(", ")
}

/// Writes days that differ as they are read.
pub(crate) fn shown_exceptions(days: &BTreeMap<Date, Vec<Hours>>) -> String {
    let line = |(date, hours): (&Date, &Vec<Hours>)| format!("{date} {}", if hours.is_empty() { "closed".to_owned() } else { shown(hours) });
    days.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_written() {
        let cases = [
            ("", Ok("")),
            ("closed", Ok("")),
            ("9:00-17:00", Ok("09:00-17:00")),
            ("09:00–12:30, 13:00-24:00", Ok("09:00-12:30, 13:00-24:00")),
            ("9-17", Ok("09:00-17:00")),
            ("9-5", Ok("09:00-17:00")),
            ("9:00–17:00", Ok("09:00-17:00")),
            ("8-12, 13-17", Ok("08:00-12:00, 13:00-17:00")),
            ("12-6", Ok("12:00-18:00")),
            ("0-24", Ok("00:00-24:00")),
        ];
        let wrong = [("09:00", "such as 09:00-17:00"), ("25:00-26:00", "such as 09:00-17:00"), ("nine to five", "such as 09:00-17:00")];
        let backwards = ["17:00-09:00", "22-6", "9-9:00", "09:00-05:00", "22:00-06:00"].map(|written| (written, "ends before it begins"));
        for (written, said) in wrong.into_iter().chain(backwards) {
            assert!(hours(written).is_err_and(|e| e.contains(written) && e.contains(said)), "{written}: {:?}", hours(written));
        }
        for (written, expected) in cases {
            assert_eq!(hours(written).map(|h| shown(&h)), expected.map(str::to_owned).map_err(str::to_owned), "{written}");
        }
        let days = "2026-12-25 closed\n2026-12-31 09:00-12:00";
        assert_eq!(exceptions(days).map(|d| shown_exceptions(&d)), Ok(days.to_owned()));
        for wrong in ["2026-12-25", "christmas closed", "2026-02-30 closed", "2026-12-25 closed\n2026-12-25 closed"] {
            assert!(exceptions(wrong).is_err(), "{wrong}");
        }
    }
}

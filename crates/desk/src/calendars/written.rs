//! Hours as people write them: `09:00-12:30, 13:00-17:00`; and days that differ, a line each.

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
    let like = || format!("`{written}` is not a span such as 09:00-17:00.");
    let (from, to) = written.split_once(['-', '–']).ok_or_else(like)?;
    let (from, to) = clock(from.trim()).zip(clock(to.trim())).ok_or_else(like)?;
    Hours::new(from, to).map_err(|problem| format!("{problem}."))
}

/// Minutes after midnight, from `9:00` or `09:00`, up to `24:00`.
fn clock(written: &str) -> Option<u16> {
    let (hour, minute) = written.split_once(':')?;
    let digits = |text: &str, most: usize| ((1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u16>().ok())?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
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
            ("9-17", Err("`9-17` is not a span such as 09:00-17:00.")),
            ("09:00", Err("`09:00` is not a span such as 09:00-17:00.")),
            ("25:00-26:00", Err("`25:00-26:00` is not a span such as 09:00-17:00.")),
        ];
        for (written, expected) in cases {
            assert_eq!(hours(written).map(|h| shown(&h)), expected.map(str::to_owned).map_err(str::to_owned), "{written}");
        }
        assert!(hours("17:00-09:00").is_err());
        let days = "2026-12-25 closed\n2026-12-31 09:00-12:00";
        assert_eq!(exceptions(days).map(|d| shown_exceptions(&d)), Ok(days.to_owned()));
        for wrong in ["2026-12-25", "christmas closed", "2026-02-30 closed", "2026-12-25 closed\n2026-12-25 closed"] {
            assert!(exceptions(wrong).is_err(), "{wrong}");
        }
    }
}

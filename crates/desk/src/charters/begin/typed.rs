//! The six questions as a form: what is filled in before anybody types, and what was typed as answers.

use charter::calendar::Hours;
use charter::money::Currency;
use jiff::tz::TimeZone;
use platform::http::Form;
use ui::format::parse_decimal;

use super::answers::{Answers, EVERYBODY, Top, Unit};
use super::troubles::{TROUBLES, Trouble};
use crate::calendars::written;
use crate::groups::Days;

/// The days of a week: the name that is sent, and what people read.
pub(super) const DAYS: [(&str, &str); 7] = [("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")];
/// Fields of text, in the order of the page.
pub(super) const TEXTS: [&str; 7] = ["currency", "free", "why", "next", "more", "hours", "zone"];
/// Fields of which one of a few is chosen.
const CHOSEN: [&str; 2] = ["of", "top"];
/// No limit is above so many minor units.
const MONEY_MOST: i64 = 1_000_000_000_000;
/// All of what was paid, in hundredths of a percent.
const WHOLE: i64 = 10_000;
/// Letters of a level that somebody names.
const LEVEL_CHARS: usize = 30;

/// All fields there are.
pub(super) fn fields() -> impl Iterator<Item = &'static str> {
    let ticked = TROUBLES.iter().map(|trouble| trouble.field).chain(DAYS.iter().map(|(day, _)| *day));
    TEXTS.into_iter().chain(CHOSEN).chain(ticked)
}

/// What is filled in before anybody types, for somebody who is in this time zone.
pub(super) fn usual(zone: &str) -> Form {
    let ticked = ["late", "damaged", "lost", "wrong_item", "mon", "tue", "wed", "thu", "fri"].map(|field| (field, "yes"));
    let texts = [("currency", usual_currency(zone)), ("of", "share"), ("free", "10"), ("why", "20"), ("next", "lead"), ("more", "50"), ("top", "manager")];
    Form::filled(ticked.into_iter().chain(texts).chain([("hours", "09:00-17:00"), ("zone", zone)]))
}

/// What people most likely pay with there: a guess, to be looked at.
fn usual_currency(zone: &str) -> &'static str {
    const BY_PLACE: [(&str, &str); 22] = [
        ("Europe/London", "GBP"),
        ("Europe/Belfast", "GBP"),
        ("Europe/Zurich", "CHF"),
        ("Europe/Oslo", "NOK"),
        ("Europe/Stockholm", "SEK"),
        ("Europe/Copenhagen", "DKK"),
        ("Europe/Warsaw", "PLN"),
        ("Europe/Prague", "CZK"),
        ("Europe/Budapest", "HUF"),
        ("Europe/Istanbul", "TRY"),
        ("America/Toronto", "CAD"),
        ("America/Vancouver", "CAD"),
        ("America/Sao_Paulo", "BRL"),
        ("America/Mexico_City", "MXN"),
        ("America/", "USD"),
        ("Asia/Tokyo", "JPY"),
        ("Asia/Kolkata", "INR"),
        ("Asia/Calcutta", "INR"),
        ("Asia/Singapore", "SGD"),
        ("Asia/Dubai", "AED"),
        ("Australia/", "AUD"),
        ("Pacific/Auckland", "NZD"),
    ];
    BY_PLACE.iter().find(|(place, _)| zone.starts_with(place)).map_or("EUR", |(_, code)| code)
}

/// What was typed, if it can be an answer to each question; what is wrong stands at its field.
pub(super) fn read(form: &mut Form) -> Option<Answers> {
    let currency = form.parsed("currency", currency);
    let troubles: Vec<&'static Trouble> = TROUBLES.iter().filter(|trouble| form.typed(trouble.field) == "yes").collect();
    if troubles.is_empty() {
        form.wrong("troubles", "Choose at least one.");
    }
    let unit = if form.typed("of") == "money" { Unit::Money } else { Unit::Share };
    let limits = limits(form, unit, currency.as_ref().map_or(2, |currency| currency.places));
    let top = if form.typed("top") == "owner" { Top::Owner } else { Top::Manager };
    let next = form.parsed("next", |name| level(name, top));
    let days = DAYS.iter().enumerate().filter(|(_, (day, _))| form.typed(day) == "yes").fold(0, |days, (place, _)| days | 1 << place);
    if days == 0 {
        form.wrong("days", "Choose at least one day.");
    }
    let hours = form.parsed("hours", hours);
    let zone = form.parsed("zone", zone);
    let (free, why, more) = limits?;
    let answers = Answers { currency: currency?, troubles, unit, free, why, more, next: next?, top, days: Days(days), hours: hours?, zone: zone? };
    form.is_fine().then_some(answers)
}

fn currency(code: &str) -> Result<Currency, String> {
    Currency::with_code(&code.to_ascii_uppercase()).ok_or_else(|| format!("`{code}` is not a currency such as EUR, GBP, USD or JPY."))
}

/// The three limits, which rise.
fn limits(form: &mut Form, unit: Unit, places: u32) -> Option<(i64, i64, i64)> {
    let read = |text: &str| match unit {
        Unit::Share => {
            parse_decimal(text, 2).filter(|share| (0..=WHOLE).contains(share)).ok_or_else(|| "A share such as 10, of at most 100 percent.".to_owned())
        }
        Unit::Money => parse_decimal(text, places).filter(|units| (0..=MONEY_MOST).contains(units)).ok_or_else(|| "An amount such as 25.".to_owned()),
    };
    let (free, why, more) = (form.parsed("free", read), form.parsed("why", read), form.parsed("more", read));
    let (free, why, more) = (free?, why?, more?);
    if why < free {
        form.wrong("why", "This is less than without a word: at least as much, please.");
    } else if why == 0 {
        form.wrong("why", "More than nothing: nobody could put anything right.");
    }
    if more < why || more <= free {
        form.wrong("more", "More than anyone may give, so that there is somebody to ask.");
    }
    Some((free, why, more))
}

/// The id of a level that somebody named.
fn level(name: &str, top: Top) -> Result<String, String> {
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).filter(|word| !word.is_empty());
    let id = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    let is_id = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_id || id.len() > LEVEL_CHARS {
        return Err(format!("A word such as lead or senior, of at most {LEVEL_CHARS} of the letters a to z."));
    }
    match [EVERYBODY, top.level()].contains(&id.as_str()) {
        true => Err(format!("`{id}` is there already: another word, such as lead.")),
        false => Ok(id),
    }
}

fn hours(text: &str) -> Result<Vec<Hours>, String> {
    let mut hours = written::hours(text)?;
    hours.sort_by_key(|span| span.from());
    if hours.is_empty() {
        return Err("Hours such as 09:00-17:00, or 09:00-12:30, 13:00-17:00.".to_owned());
    }
    if hours.iter().zip(hours.iter().skip(1)).any(|(one, next)| next.from() < one.to()) {
        return Err("These hours overlap: 09:00-12:00, 11:00-13:00 is 09:00-13:00.".to_owned());
    }
    Ok(hours)
}

fn zone(name: &str) -> Result<String, String> {
    let zone = TimeZone::get(name).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    zone.ok_or_else(|| format!("`{name}` is not a time zone such as Europe/Amsterdam."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(changed: &[(&str, &str)]) -> Form {
        let usual = usual("Europe/Amsterdam");
        let entries: Vec<(String, String)> = usual.entries().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let kept = entries.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        Form::filled(kept.chain(changed.iter().copied()))
    }

    #[test]
    fn what_is_filled_in_is_an_answer_everywhere() {
        for zone in ["Europe/Amsterdam", "Asia/Tokyo", "America/New_York", "UTC", "Asia/Calcutta", "Pacific/Auckland"] {
            let mut form = usual(zone);
            let answers = read(&mut form).unwrap_or_else(|| panic!("{zone}: {:?}", form.problems()));
            assert_eq!((answers.free, answers.why, answers.more), (1_000, 2_000, 5_000));
            assert_eq!(answers.days, Days(0b1_1111));
        }
        assert_eq!(usual("Asia/Tokyo").typed("currency"), "JPY");
        assert_eq!(usual("Europe/Lisbon").typed("currency"), "EUR");
    }

    #[test]
    fn every_wrong_answer_is_told_at_its_field() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("", &[("currency", "jpy"), ("of", "money"), ("free", "1.000"), ("why", "2000"), ("more", "5,000")]),
            ("", &[("next", "Shift leader"), ("top", "owner")]),
            ("", &[("free", "0"), ("why", "0.01"), ("more", "100")]),
            ("currency", &[("currency", "EURO")]),
            ("currency", &[("currency", "XXX")]),
            ("troubles", &[("late", ""), ("damaged", ""), ("lost", ""), ("wrong_item", "")]),
            ("free", &[("free", "-1")]),
            ("free", &[("free", "a tenth")]),
            ("more", &[("more", "100.01")]),
            ("free", &[("of", "money"), ("free", "10000000000.01"), ("why", "20000000000"), ("more", "30000000000")]),
            ("why", &[("why", "9")]),
            ("why", &[("free", "0"), ("why", "0")]),
            ("more", &[("more", "19.99")]),
            ("more", &[("free", "20"), ("why", "20"), ("more", "20")]),
            ("next", &[("next", "")]),
            ("next", &[("next", "Agent")]),
            ("next", &[("next", "manager")]),
            ("next", &[("next", "chef d’équipe")]),
            ("next", &[("next", "\"]\nlevels = [\"x")]),
            ("days", &[("mon", ""), ("tue", ""), ("wed", ""), ("thu", ""), ("fri", "")]),
            ("hours", &[("hours", "")]),
            ("hours", &[("hours", "17:00-09:00")]),
            ("hours", &[("hours", "09:00-12:00,11:00-13:00")]),
            ("zone", &[("zone", "Mars/Olympus")]),
        ];
        for (field, changed) in cases {
            let mut form = typed(changed);
            let answers = read(&mut form);
            assert_eq!(answers.is_some(), field.is_empty(), "{changed:?}");
            assert_eq!(form.problems().first().map_or("", |p| p.field.as_str()), *field, "{changed:?}");
        }
    }
}

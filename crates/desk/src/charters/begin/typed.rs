//! The six questions as a form: what is filled in before anybody types, and what was typed as answers.

use std::collections::BTreeMap;

use charter::calendar::Hours;
use charter::decimal::units_to_text;
use charter::money::Currency;
use platform::http::Form;
use platform::limits;
use ui::format::{parse_decimal, time_zone};

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
    let zone = form.parsed("zone", time_zone);
    let (free, why, more) = limits?;
    let answers = Answers { currency: currency?, troubles, unit, free, why, more, next: next?, top, days: Days(days), hours: hours?, zone: zone? };
    form.is_fine().then_some(answers)
}

fn currency(code: &str) -> Result<Currency, String> {
    Currency::with_code(&code.to_ascii_uppercase()).ok_or_else(|| format!("`{code}` is not a currency such as EUR, GBP, USD or JPY."))
}

/// The three limits, which rise.
fn limits(form: &mut Form, unit: Unit, places: u32) -> Option<(i64, i64, i64)> {
    let (places, most) = match unit {
        Unit::Share => (2, WHOLE),
        Unit::Money => (places, MONEY_MOST),
    };
    let read = |text: &str| parse_decimal(text, places).filter(|limit| (0..=most).contains(limit)).ok_or_else(|| not_a_limit(text, unit));
    let say = |limit: i64| shown(limit, places);
    let twice = |limit: i64| say(limit.saturating_mul(2).min(most));
    let (free, why, more) = (form.parsed("free", read), form.parsed("why", read), form.parsed("more", read));
    let (free, why, more) = (free?, why?, more?);
    if why < free {
        form.wrong("why", format!("{} is less than without a word. Write {} or more, such as {}.", say(why), say(free), twice(free)));
    } else if why == 0 {
        form.wrong("why", "With 0 nobody could put anything right. Write more than nothing, such as 20.");
    }
    let anyone = why.max(free);
    if free == most {
        form.wrong("more", "Anyone may give all of it already. Write less at question 3, such as 10, so that there is something to ask for.");
    } else if more < why || more <= free {
        let example = if anyone == 0 { "50".to_owned() } else { twice(anyone) };
        form.wrong("more", format!("Anyone may give {} already. Write more than that, such as {example}, so that there is somebody to ask.", say(anyone)));
    }
    Some((free, why, more))
}

fn not_a_limit(typed: &str, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("`{typed}` is not a share. Write a number from 0 to 100 without a sign, such as 10 or 12.5; 0 is nothing."),
        Unit::Money => format!("`{typed}` is not an amount. Write a number without a sign, such as 25 or 25.00; 0 is nothing."),
    }
}

/// A limit as somebody would type it.
fn shown(limit: i64, places: u32) -> String {
    let text = units_to_text(limit, places);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Answers as the form that they are read from, to be kept and asked again.
pub(super) fn fields_of(answers: &Answers) -> BTreeMap<&'static str, String> {
    let Answers { currency, troubles, unit, free, why, more, next, top, days, hours, zone } = answers;
    let (of, places) = match unit {
        Unit::Share => ("share", 2),
        Unit::Money => ("money", currency.places),
    };
    let limits = [("free", free), ("why", why), ("more", more)].map(|(field, limit)| (field, shown(*limit, places)));
    let texts = [
        ("currency", currency.code.to_string()),
        ("of", of.to_owned()),
        ("next", next.clone()),
        ("top", top.level().to_owned()),
        ("hours", written::shown(hours)),
        ("zone", zone.clone()),
    ];
    let days = DAYS.iter().enumerate().filter(|(place, _)| days.has(*place)).map(|(_, (day, _))| *day);
    let ticked = troubles.iter().map(|trouble| trouble.field).chain(days).map(|field| (field, "yes".to_owned()));
    limits.into_iter().chain(texts).chain(ticked).collect()
}

/// What was typed as it is kept, right or wrong. What is longer is no answer, and is cut.
pub(super) fn draft_of(form: &Form) -> BTreeMap<&'static str, String> {
    let typed = fields().map(|name| (name, form.typed(name).chars().take(limits::NAME_CHARS).collect::<String>()));
    typed.filter(|(_, value)| !value.is_empty()).collect()
}

/// The form of answers that were kept; nothing if it is none.
pub(super) fn kept(answers: &str) -> Option<Form> {
    let fields: BTreeMap<String, String> = serde_json::from_str(answers).ok()?;
    Some(Form::filled(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

/// The id of a level that somebody named.
fn level(name: &str, top: Top) -> Result<String, String> {
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).filter(|word| !word.is_empty());
    let id = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    let is_id = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_id || id.len() > LEVEL_CHARS {
        return Err(format!("`{name}` cannot be a name here. Write a word such as lead or senior, of at most {LEVEL_CHARS} of the letters a to z."));
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
        return Err("Write hours such as 09:00-17:00, or 09:00-12:30, 13:00-17:00.".to_owned());
    }
    if hours.iter().zip(hours.iter().skip(1)).any(|(one, next)| next.from() < one.to()) {
        return Err("These hours overlap: 09:00-12:00, 11:00-13:00 is 09:00-13:00.".to_owned());
    }
    Ok(hours)
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

    /// What is wrong is told with what to do, and a right answer to do it with; that answer is right.
    #[test]
    fn a_wrong_answer_is_told_what_to_write() {
        type Wrong<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
        let cases: &[Wrong<'_>] = &[
            ("free", "a number from 0 to 100 without a sign, such as 10", &[("free", "-1")]),
            ("free", "without a sign, such as 25", &[("of", "money"), ("free", "-5")]),
            ("why", "9 is less than without a word. Write 10 or more, such as 20.", &[("why", "9")]),
            ("more", "Anyone may give 20 already. Write more than that, such as 40,", &[("more", "20"), ("free", "20")]),
            ("more", "Anyone may give 60 already. Write more than that, such as 100,", &[("why", "60"), ("more", "50")]),
            ("more", "Write less at question 3, such as 10,", &[("free", "100"), ("why", "100"), ("more", "100")]),
            ("hours", "such as 09:00-17:00", &[("hours", "office hours")]),
            ("hours", "ends before it begins", &[("hours", "22:00-06:00")]),
        ];
        for (field, said, changed) in cases {
            let mut form = typed(changed);
            assert!(read(&mut form).is_none(), "{changed:?}");
            assert!(form.problem(field).contains(said), "{changed:?}: {:?}", form.problems());
        }
        for hours in ["9-5", "9:00–17:00", "9-17"] {
            assert_eq!(read(&mut typed(&[("hours", hours)])).map(|answers| written::shown(&answers.hours)).as_deref(), Some("09:00-17:00"), "{hours}");
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_answered() {
        let all: &[&[(&str, &str)]] = &[
            &[],
            &[("of", "money"), ("free", "1,000.50"), ("why", "2000"), ("more", "5000")],
            &[("currency", "JPY"), ("of", "money"), ("free", "0"), ("why", "2000"), ("more", "5000"), ("next", "Shift leader"), ("top", "owner")],
            &[("free", "0.25"), ("return", "yes"), ("sun", "yes"), ("hours", "8-12, 13-17"), ("zone", "Asia/Kathmandu")],
        ];
        for changed in all {
            let answers = read(&mut typed(changed)).unwrap();
            let text = serde_json::to_string(&fields_of(&answers)).unwrap();
            assert_eq!(read(&mut kept(&text).unwrap()), Some(answers), "{text}");
        }
        assert!(kept("[]").is_none());
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

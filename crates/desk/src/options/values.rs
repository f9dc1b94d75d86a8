//! Values of facts as people of one locale write them, out and in again.

use charter::Charter;
use charter::facts::{Fact, NotValue, Type, Value};
use charter::money::Measure;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use ui::format::{Formats, read_decimal};

use super::words::spoken;

/// A value as people of this locale write it; `json` is as a request writes it.
pub(crate) fn in_words(charter: Option<&Charter>, fact: &str, json: &str, formats: &Formats, now: Timestamp) -> String {
    let text = plain(json);
    let declared = charter.and_then(|c| c.facts.get(c.fact(fact)?).zip(Some(c)));
    // A day is one, also where the charter in force says nothing of it.
    let Some((fact, charter)) = declared else { return text.parse().map_or(text, |day| formats.date(day)) };
    let said = match (&fact.kind, fact.kind.read(&text, charter.currency.places)) {
        (Type::Money, Ok(Value::Count(units))) => Some(formats.money(units, &charter.currency)),
        (Type::Date, Ok(Value::Count(day))) => charter::time::date(day).map(|date| formats.date(date)),
        (Type::Time, Ok(Value::Count(at))) => Timestamp::from_microsecond(at).ok().map(|at| formats.moment(at, now)),
        (Type::Duration, Ok(Value::Count(micros))) => Some(formats.duration(SignedDuration::from_micros(micros))),
        (Type::Choice(_) | Type::List, _) => Some(spoken(&text)),
        _ => None,
    };
    said.unwrap_or(text)
}

/// A value without the quotes of a text.
fn plain(json: &str) -> String {
    match serde_json::from_str::<Json>(json) {
        Ok(Json::String(text)) => text,
        Ok(Json::Bool(true)) => "yes".to_owned(),
        Ok(Json::Bool(false)) => "no".to_owned(),
        Ok(Json::Array(list)) => list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join(", "),
        _ if json.is_empty() => "(not shown)".to_owned(),
        _ => json.to_owned(),
    }
}

/// A value as it stands in the field that asks for it.
pub(super) fn to_type(charter: &Charter, fact: &Fact, json: &str, formats: &Formats) -> String {
    let text = plain(json);
    let places = charter.currency.places;
    match (&fact.kind, fact.kind.read(&text, places)) {
        (Type::Money, Ok(Value::Count(units))) => formats.decimal(units, places),
        (Type::Time, Ok(Value::Count(at))) => {
            let at = Timestamp::from_microsecond(at).map(|at| at.to_zoned(formats.time_zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string());
            at.unwrap_or_default()
        }
        _ => text,
    }
}

/// What was typed as an answer, as requests write it.
///
/// # Errors
/// What to write instead, in a sentence.
pub fn read_answer(charter: &Charter, fact: &str, typed: &str, formats: &Formats) -> Result<Json, String> {
    let fact = charter.fact(fact).and_then(|place| charter.facts.get(place)).ok_or("The charter in force does not ask for this any more.")?;
    let typed = typed.trim();
    match &fact.kind {
        Type::YesNo => match typed {
            "true" | "yes" => Ok(json!(true)),
            "false" | "no" => Ok(json!(false)),
            _ => Err("Answer yes or no.".to_owned()),
        },
        Type::List => {
            let entries: Vec<String> = typed.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
            fact.kind.read_list(entries.clone()).map(|_| json!(entries)).map_err(|_| "This is more than can be kept: write fewer, or shorter.".to_owned())
        }
        kind => {
            let text = plainly(charter, kind, typed, formats).ok_or_else(|| wanted(kind))?;
            let value = kind.read(&text, charter.currency.places).map_err(|wrong| match wrong {
                NotValue::Expected(_) => wanted(kind),
                NotValue::OutOfRange => "This is more than can be.".to_owned(),
                NotValue::TooLong(_) => "This is too long: write less.".to_owned(),
            })?;
            within(charter, fact, &value, formats)?;
            Ok(json!(text))
        }
    }
}

/// What was typed in the habit of a locale, as requests have it.
fn plainly(charter: &Charter, kind: &Type, typed: &str, formats: &Formats) -> Option<String> {
    match kind {
        Type::Money => {
            let units = read_decimal(typed, charter.currency.places, formats.locale)?;
            Some(Measure::Money.amount(units, &charter.currency).text().to_owned())
        }
        Type::Number => Some(if typed.contains('.') { typed.to_owned() } else { typed.replacen(',', ".", 1) }),
        Type::Duration => Some(short(typed)),
        Type::Time => Some(match typed.parse::<DateTime>() {
            Ok(local) if !typed.ends_with('Z') => local.to_zoned(formats.time_zone.clone()).ok()?.timestamp().to_string(),
            _ => typed.to_owned(),
        }),
        Type::Text if typed.is_empty() => None,
        _ => Some(typed.to_owned()),
    }
}

/// `2 days` as `2d`.
fn short(typed: &str) -> String {
    let text: String = typed.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at).unwrap_or((&text, ""));
    let unit = match unit {
        "second" | "seconds" | "sec" => "s",
        "minute" | "minutes" | "min" => "m",
        "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        other => other,
    };
    format!("{number}{unit}")
}

/// What to write, with an example.
fn wanted(kind: &Type) -> String {
    match kind {
        Type::YesNo => "Answer yes or no.".to_owned(),
        Type::Number => "Write a number, such as 3 or 2.5.".to_owned(),
        Type::Money => "Write an amount, such as 75.00.".to_owned(),
        Type::Duration => "Write how long, such as 36h or 2 days.".to_owned(),
        Type::Date => "Choose a day, such as 2026-11-30.".to_owned(),
        Type::Time => "Choose a day and a time, such as 2026-11-30T14:05.".to_owned(),
        Type::Text => "Write it in a few words.".to_owned(),
        Type::Choice(values) => format!("Choose one of these: {}.", values.iter().map(|v| spoken(v)).collect::<Vec<_>>().join(", ")),
        Type::List => "Write what it is, separated by commas.".to_owned(),
    }
}

/// The charter says how small and how large a fact can be.
fn within(charter: &Charter, fact: &Fact, value: &Value, formats: &Formats) -> Result<(), String> {
    let Value::Count(count) = value else { return Ok(()) };
    let said = |bound: i64| {
        let json = json!(fact.kind.write(&Value::Count(bound), charter.currency.places)).to_string();
        in_words(Some(charter), &fact.name, &json, formats, Timestamp::UNIX_EPOCH)
    };
    let (least, most) = fact.range;
    match *count {
        count if count < least => Err(format!("This is at least {}.", said(least))),
        count if count > most => Err(format!("This is at most {}.", said(most))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_one_whether_or_not_it_is_declared() {
        let formats = Formats { locale: ui::format::Locale::default(), time_zone: jiff::tz::TimeZone::UTC };
        let said = |json: &str| in_words(None, "order.placed", json, &formats, Timestamp::UNIX_EPOCH);
        assert_eq!(said("\"2026-11-30\""), formats.date(jiff::civil::date(2026, 11, 30)));
        assert_ne!(said("\"2026-11-30\""), "2026-11-30");
        for kept in ["W-20261130", "2026-11-31", "20 days", "tea"] {
            assert_eq!(said(&format!("\"{kept}\"")), kept);
        }
    }
}

//! What stands in a file as what a fact can be.

use charter::facts::{NotValue, Type};
use charter::time::{self, Instant};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::map::Spec;
use super::source::Cell;

/// How dates and times of one file are to be understood.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Where the clocks were that wrote them without an offset.
    pub zone: TimeZone,
}

impl Moments {
    /// The instant that is written: with an offset, or as a clock showed it; a date alone is its midnight.
    ///
    /// # Errors
    /// What belongs there.
    pub fn instant(&self, text: &str, format: Option<&str>) -> Result<Instant, String> {
        let stamp = match format {
            None => text.parse::<Timestamp>().ok(),
            Some(format) => Timestamp::strptime(format, text).ok(),
        };
        let stamp = stamp.or_else(|| self.zone.to_ambiguous_timestamp(civil(text, format)?).compatible().ok());
        stamp.and_then(time::instant).ok_or_else(|| wrong(text, "a time", "2026-01-31 10:00:00", format))
    }

    /// The day that is written, or the day of the time that is.
    ///
    /// # Errors
    /// What belongs there.
    pub fn date(&self, text: &str, format: Option<&str>) -> Result<Date, String> {
        let stamp = if format.is_none() { text.parse::<Timestamp>().ok() } else { None };
        let date = match stamp {
            Some(stamp) => Some(stamp.to_zoned(self.zone.clone()).date()),
            None => civil(text, format).map(DateTime::date),
        };
        date.filter(|date| time::day(*date).is_some()).ok_or_else(|| wrong(text, "a date", "2026-01-31", format))
    }
}

/// Date and time without an offset.
fn civil(text: &str, format: Option<&str>) -> Option<DateTime> {
    match format {
        None => text.parse().ok(),
        Some(format) => DateTime::strptime(format, text).ok().or_else(|| Some(Date::strptime(format, text).ok()?.to_datetime(jiff::civil::Time::midnight()))),
    }
}

fn wrong(text: &str, what: &str, example: &str, format: Option<&str>) -> String {
    match format {
        None => format!("`{text}` is not {what} such as `{example}`; another way to write it is said by `format`"),
        Some(format) => format!("`{text}` is not {what} written as `{format}`"),
    }
}

/// A fact as requests write it; nothing for an empty cell.
pub(super) fn fact(cell: Cell, kind: &Type, spec: &Spec, places: u32, moments: &Moments) -> Result<Option<Json>, String> {
    let text = match (cell, kind) {
        (Cell::Empty, _) => return Ok(None),
        (Cell::List(entries), Type::List) => return list(entries).map(Some),
        (Cell::List(_), _) => return Err(format!("a list stands where {} belongs", kind.one())),
        (Cell::Text(text), _) => text,
    };
    let format = spec.format.as_deref();
    let value = match kind {
        Type::YesNo => truth(&text)?,
        Type::List => {
            let separator = spec.separator.as_deref().unwrap_or(",");
            list(text.split(separator).map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())?
        }
        Type::Date => json!(moments.date(&text, format)?.to_string()),
        Type::Time => json!(time::instant_to_text(moments.instant(&text, format)?)),
        Type::Number | Type::Money | Type::Duration | Type::Text | Type::Choice(_) => {
            kind.read(&text, places).map_err(|why| said(&text, kind, &why))?;
            json!(text)
        }
    };
    Ok(Some(value))
}

fn truth(text: &str) -> Result<Json, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(json!(true)),
        "false" | "no" | "n" | "f" | "0" => Ok(json!(false)),
        _ => Err(format!("`{text}` is neither `yes` nor `no`; say what it is with `values`")),
    }
}

fn list(entries: Vec<String>) -> Result<Json, String> {
    let value = json!(entries);
    Type::List.read_list(entries).map(|_| value).map_err(|why| said("the list", &Type::List, &why))
}

fn said(text: &str, kind: &Type, why: &NotValue) -> String {
    match why {
        NotValue::Expected(what) => format!("`{text}` is not {}: expected {what}", kind.one()),
        NotValue::OutOfRange => format!("`{text}` is more than {} can be", kind.one()),
        NotValue::TooLong(limit) => format!("it is too long (limit {limit})"),
    }
}

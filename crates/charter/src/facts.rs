//! Facts: their types, the values they can take, and what a rule sees of them.

use crate::decimal::{Decimal, NotDecimal, number_to_text, plainly, units_to_text};
use crate::limits::{DURATION_MAX, LIST_ENTRIES, MONEY_MAX, NUMBER_MAX, TEXT_BYTES};
use crate::time;

/// The types a fact can be declared with by name.
pub const KINDS: &[&str] = &["yes_no", "number", "money", "text", "date", "time", "duration", "list"];

/// The type of a fact or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    YesNo,
    /// A decimal, in millionths.
    Number,
    /// Money, in minor units.
    Money,
    /// A duration, in microseconds.
    Duration,
    /// A local date, in days.
    Date,
    /// An instant, in microseconds.
    Time,
    /// A text.
    Text,
    /// One of these values.
    Choice(std::sync::Arc<[Box<str>]>),
    /// Up to a hundred texts.
    List,
}

impl Type {
    /// As a person calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::YesNo => "yes_no",
            Self::Number => "number",
            Self::Money => "money",
            Self::Duration => "duration",
            Self::Date => "date",
            Self::Time => "time",
            Self::Text => "text",
            Self::Choice(_) => "choice",
            Self::List => "list",
        }
    }

    /// One value of it, as a person calls it: `a number`, `money`.
    #[must_use]
    pub fn one(&self) -> &'static str {
        match self {
            Self::YesNo => "a yes_no",
            Self::Number => "a number",
            Self::Money => "money",
            Self::Duration => "a duration",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Text => "a text",
            Self::Choice(_) => "a choice",
            Self::List => "a list",
        }
    }

    /// The type with this name, choices aside.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "yes_no" => Self::YesNo,
            "number" => Self::Number,
            "money" => Self::Money,
            "duration" => Self::Duration,
            "date" => Self::Date,
            "time" => Self::Time,
            "text" => Self::Text,
            "list" => Self::List,
            _ => return None,
        })
    }

    /// The least and greatest value that a fact of a counted type can have.
    #[must_use]
    pub fn range(&self) -> (i64, i64) {
        match self {
            Self::Number => (-NUMBER_MAX, NUMBER_MAX),
            Self::Money => (-MONEY_MAX, MONEY_MAX),
            Self::Duration => (-DURATION_MAX, DURATION_MAX),
            Self::Date => time::DAY_RANGE,
            Self::Time => time::INSTANT_RANGE,
            Self::YesNo | Self::Text | Self::Choice(_) | Self::List => (0, 0),
        }
    }
}

/// The value of a fact, as a rule sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Not known, not confirmed, or too old.
    Unknown,
    /// A yes_no.
    Truth(bool),
    /// A counted value, in the units of its type.
    Count(i64),
    /// A choice, by the place of its value.
    Choice(usize),
    /// A text.
    Text(Box<str>),
    /// A list of texts.
    List(Box<[Box<str>]>),
}

/// Why a written value is not one of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotValue {
    /// Something else belongs there.
    Expected(String),
    /// It is beyond what the type can hold.
    OutOfRange,
    /// A text or list that is too long, with the limit's name.
    TooLong(&'static str),
}

impl Type {
    /// Reads a value written as a text (numbers and money as decimals).
    ///
    /// # Errors
    /// What belongs there instead.
    pub fn read(&self, text: &str, places: u32) -> Result<Value, NotValue> {
        let expected = |what: &str| NotValue::Expected(what.to_owned());
        let count = |found: Option<i64>, what: &str| found.map(Value::Count).ok_or_else(|| expected(what));
        match self {
            Self::YesNo => Err(expected("`true` or `false`")),
            Self::Number => self.within(decimal(text)?.0),
            Self::Money => {
                let units = decimal(text)?.in_units(places);
                self.within(units.ok_or_else(|| NotValue::Expected(format!("at most {places} decimal places")))?)
            }
            Self::Duration => count(time::read_duration(text), "a duration such as `36h`"),
            Self::Date => count(time::read_day(text), "a date such as `2026-01-31`"),
            Self::Time => count(time::read_instant(text), "an instant such as `2026-01-31T10:00:00Z` or `2026-01-31T11:00:00+01:00`"),
            Self::Text if text.len() > TEXT_BYTES => Err(NotValue::TooLong("TEXT_BYTES")),
            Self::Text => Ok(Value::Text(text.into())),
            Self::Choice(values) => {
                let place = values.iter().position(|v| **v == *text);
                place.map(Value::Choice).ok_or_else(|| NotValue::Expected(one_of(values)))
            }
            Self::List => Err(expected("a list of texts")),
        }
    }

    /// Reads a list of texts.
    ///
    /// # Errors
    /// If this is not a list type, or there are too many or too long entries.
    pub fn read_list(&self, entries: Vec<String>) -> Result<Value, NotValue> {
        if *self != Self::List {
            return Err(NotValue::Expected(self.expected()));
        }
        if entries.len() > LIST_ENTRIES {
            return Err(NotValue::TooLong("LIST_ENTRIES"));
        }
        if entries.iter().any(|e| e.len() > TEXT_BYTES) {
            return Err(NotValue::TooLong("TEXT_BYTES"));
        }
        Ok(Value::List(entries.into_iter().map(Into::into).collect()))
    }

    /// What a value of this type looks like.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::YesNo => "`true` or `false`".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Money => "an amount of money".to_owned(),
            Self::Duration => "a duration such as `36h`".to_owned(),
            Self::Date => "a date such as `2026-01-31`".to_owned(),
            Self::Time => "an instant such as `2026-01-31T10:00:00Z` or `2026-01-31T11:00:00+01:00`".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Choice(values) => one_of(values),
            Self::List => "a list of texts".to_owned(),
        }
    }

    fn within(&self, value: i128) -> Result<Value, NotValue> {
        let (least, most) = self.range();
        i64::try_from(value).ok().filter(|v| (least..=most).contains(v)).map(Value::Count).ok_or(NotValue::OutOfRange)
    }

    /// Writes a value as it would be written in a request.
    #[must_use]
    pub fn write(&self, value: &Value, places: u32) -> String {
        match (self, value) {
            (_, Value::Unknown) => "unknown".to_owned(),
            (_, Value::Truth(truth)) => truth.to_string(),
            (Self::Money, Value::Count(n)) => units_to_text(*n, places),
            (Self::Duration, Value::Count(n)) => time::duration_to_text(*n),
            (Self::Date, Value::Count(n)) => time::day_to_text(*n),
            (Self::Time, Value::Count(n)) => time::instant_to_text(*n),
            (_, Value::Count(n)) => number_to_text(*n),
            (Self::Choice(values), Value::Choice(place)) => values.get(*place).map_or_else(String::new, |v| v.to_string()),
            (_, Value::Choice(place)) => place.to_string(),
            (_, Value::Text(text)) => text.to_string(),
            (_, Value::List(entries)) => format!("[{}]", entries.join(", ")),
        }
    }
}

fn decimal(text: &str) -> Result<Decimal, NotValue> {
    Decimal::read(text).map_err(|why| NotValue::Expected(not_decimal(text, why)))
}

/// What belongs where a text is not a decimal; the same amount as the language has it, if that can be told.
pub(crate) fn not_decimal(text: &str, why: NotDecimal) -> String {
    match plainly(text) {
        Some(plain) if why == NotDecimal::Malformed => format!("digits and at most one point: write `{plain}`"),
        _ => why.to_string(),
    }
}

fn one_of(values: &[Box<str>]) -> String {
    let names: Vec<_> = values.iter().map(|v| format!("`{v}`")).collect();
    format!("one of {}", names.join(", "))
}

/// Who has said that a fact is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Stated, by anybody.
    Nobody,
    /// A named source.
    System,
    /// A person whose level is not told.
    Person,
    /// A person of this level.
    Level(usize),
}

/// Who must have said so before a fact counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// A named source.
    System,
    /// A person.
    Person,
    /// A person of this level or above.
    Level(usize),
}

impl Confirm {
    /// Whether that word is enough.
    #[must_use]
    pub fn is_given(self, by: By) -> bool {
        match (self, by) {
            (Self::System, By::System) | (Self::Person, By::Person | By::Level(_)) => true,
            (Self::Level(needed), By::Level(level)) => level >= needed,
            _ => false,
        }
    }
}

/// A declared fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `subject.name`
    pub name: Box<str>,
    /// The place of its subject among the charter's subjects.
    pub subject: usize,
    /// Its type.
    pub kind: Type,
    /// The least and greatest value, for a counted type.
    pub range: (i64, i64),
    /// Who must have said so.
    pub confirm: Option<Confirm>,
    /// The age past which it is unknown again, in microseconds.
    pub fresh: Option<i64>,
    /// The value used while it is unknown.
    pub assume: Option<Value>,
    /// The question the desk asks.
    pub ask: Option<Box<str>>,
    /// Whether it is erasable.
    pub personal: bool,
}

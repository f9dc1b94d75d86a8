//! From a row of a file to what is to be kept of it. Nothing is looked up in the database here.

use std::collections::BTreeMap;

use charter::decimal::Decimal;
use charter::time::Instant;
use desk::cases::State;
use desk::subjects::Customer;
use platform::limits::NAME_CHARS;

use super::beside::Besides;
use super::map::{Only, Spec, Take};
use super::plan::{Plan, key_column};
use super::source::{Cell, Row};
use super::typed;
use super::{Bad, Kind};

/// What is to be kept of a row.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub(super) line: u64,
    pub(super) reference: String,
    pub(super) as_of: Option<Instant>,
    /// Of a customer: what the row says about who they are.
    pub(super) who: Customer,
    /// Whose it is.
    pub(super) customer: Option<String>,
    /// What a case is about.
    pub(super) about: BTreeMap<String, String>,
    /// Facts by their place in the plan, as requests write them.
    pub(super) facts: Vec<(usize, String)>,
    pub(super) case: Option<ParsedCase>,
}

#[derive(Clone, Debug)]
pub(super) struct ParsedCase {
    pub(super) channel: String,
    pub(super) title: Option<String>,
    pub(super) issue: Option<String>,
    pub(super) opened: Option<Instant>,
    pub(super) state: State,
}

/// What a row is.
pub(super) enum Read {
    /// To be kept.
    Fine(Box<Parsed>),
    /// None of those that are wanted.
    NotWanted,
    /// It makes no sense.
    Bad(Vec<Bad>),
}

/// Reads rows by a plan.
pub(super) struct Reader<'p> {
    pub(super) plan: &'p Plan,
    pub(super) besides: &'p Besides,
}

/// One row, and what was found to be wrong with it.
struct Reading<'r> {
    reader: &'r Reader<'r>,
    row: &'r Row,
    line: u64,
    bad: Vec<Bad>,
}

impl Reader<'_> {
    pub(super) fn read(&self, line: u64, row: &Row) -> Read {
        let mut reading = Reading { reader: self, row, line, bad: Vec::new() };
        if !reading.is_wanted() && reading.bad.is_empty() {
            return Read::NotWanted;
        }
        if !reading.bad.is_empty() {
            return Read::Bad(reading.bad);
        }
        let parsed = reading.parsed();
        match parsed {
            Some(parsed) if reading.bad.is_empty() => Read::Fine(Box::new(parsed)),
            _ => Read::Bad(reading.bad),
        }
    }

    fn value(&self, spec: &Spec, row: &Row) -> Result<Cell, String> {
        let cell = match (&spec.constant, &spec.days_between, &spec.file) {
            (Some(constant), ..) => Cell::text(constant),
            (_, Some([from, to]), _) => self.days_between(row, from, to, spec.format.as_deref())?,
            (_, _, Some(file)) => {
                let key = key_column(&self.plan.map, spec).map_or(Cell::Empty, |column| row.cell(&column));
                let Cell::Text(key) = key else { return Ok(Cell::Empty) };
                let wanted = (file.clone(), spec.column.clone().unwrap_or_default(), spec.take.unwrap_or(Take::First));
                self.besides.cell(&wanted, &key)?
            }
            _ => spec.column.as_deref().map_or(Cell::Empty, |column| row.cell(column)),
        };
        let ours = |text: String| spec.values.get(&text).cloned().unwrap_or(text);
        Ok(match cell {
            Cell::Text(text) => Cell::text(&ours(text)),
            Cell::List(entries) => Cell::List(entries.into_iter().map(ours).collect()),
            Cell::Empty => Cell::Empty,
        })
    }

    fn days_between(&self, row: &Row, from: &str, to: &str, format: Option<&str>) -> Result<Cell, String> {
        let (Cell::Text(from), Cell::Text(to)) = (row.cell(from), row.cell(to)) else { return Ok(Cell::Empty) };
        let day = |text: &str| {
            let date = self.plan.moments.date(text, format)?;
            charter::time::day(date).ok_or_else(|| format!("`{text}` is out of reach"))
        };
        Ok(Cell::Text((day(&to)? - day(&from)?).to_string()))
    }
}

impl Reading<'_> {
    fn wrong(&mut self, field: &str, reason: impl Into<String>) {
        self.bad.push(Bad { line: self.line, field: field.to_owned(), reason: reason.into() });
    }

    /// Whether all conditions of the map hold, in their order: what comes behind one that does not is not looked at.
    fn is_wanted(&mut self) -> bool {
        let reader = self.reader;
        for only in &reader.plan.map.only {
            match reader.value(&only.value, self.row).and_then(|cell| holds(only, &cell)) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(reason) => {
                    self.wrong("only", reason);
                    return false;
                }
            }
        }
        true
    }

    fn parsed(&mut self) -> Option<Parsed> {
        let map = &self.reader.plan.map;
        let reference = self.text("reference", map.reference.as_ref());
        if reference.is_none() && self.bad.is_empty() {
            self.wrong("reference", "it is empty");
        }
        let as_of = self.instant("as_of", map.as_of.as_ref());
        let who = Customer {
            name: self.text("name", map.name.as_ref()),
            email: self.text("email", map.email.as_ref()),
            phone: self.text("phone", map.phone.as_ref()),
            locale: self.text("locale", map.locale.as_ref()),
            contact: self.text("contact", map.contact.as_ref()),
        };
        let customer = self.text("customer", map.customer.as_ref());
        let about = map.about.iter().filter_map(|(kind, spec)| Some((kind.clone(), self.text(&format!("about.{kind}"), Some(spec))?))).collect();
        let facts = self.facts();
        let case = if self.reader.plan.of == Kind::Cases { self.case() } else { None };
        Some(Parsed { line: self.line, reference: reference?, as_of, who, customer, about, facts, case })
    }

    fn facts(&mut self) -> Vec<(usize, String)> {
        let (reader, mut facts) = (self.reader, Vec::new());
        for (place, fact) in reader.plan.facts.iter().enumerate() {
            let cell = reader.value(&fact.spec, self.row);
            match cell.and_then(|cell| typed::fact(cell, &fact.kind, &fact.spec, reader.plan.places, &reader.plan.moments)) {
                Ok(Some(value)) => facts.push((place, value.to_string())),
                Ok(None) => {}
                Err(reason) => self.wrong(&fact.name, reason),
            }
        }
        facts
    }

    fn case(&mut self) -> Option<ParsedCase> {
        let plan = self.reader.plan;
        let channel = self.text("channel", plan.map.channel.as_ref());
        if channel.is_none() {
            self.wrong("channel", "it is empty");
        }
        let issue = self.text("issue", plan.map.issue.as_ref());
        if let (Some(issue), Some(known)) = (&issue, &plan.issues)
            && !known.contains(issue)
        {
            self.wrong("issue", format!("`{issue}` is no kind of trouble of the charter in force; it has {}", known.join(", ")));
        }
        let state = self.text("state", plan.map.state.as_ref());
        let known = state.as_deref().map_or(Some(State::Open), State::with_word);
        if known.is_none() {
            self.wrong("state", format!("`{}` is none of open, waiting, solved, closed; say what it is with `values`", state.unwrap_or_default()));
        }
        let (title, opened) = (self.text("title", plan.map.title.as_ref()), self.instant("opened", plan.map.opened.as_ref()));
        Some(ParsedCase { channel: channel?, title, issue, opened, state: known? })
    }

    /// A short text; nothing for an empty cell.
    fn text(&mut self, field: &str, spec: Option<&Spec>) -> Option<String> {
        let text = match self.reader.value(spec?, self.row) {
            Ok(Cell::Text(text)) => text,
            Ok(Cell::Empty) => return None,
            Ok(Cell::List(_)) => {
                self.wrong(field, "a list stands where a text belongs");
                return None;
            }
            Err(reason) => {
                self.wrong(field, reason);
                return None;
            }
        };
        let length = text.chars().count();
        if length > NAME_CHARS {
            self.wrong(field, format!("it has {length} characters; at most {NAME_CHARS} are kept"));
            return None;
        }
        if text.contains('\0') {
            self.wrong(field, "it contains a zero character, which no text has");
            return None;
        }
        Some(text)
    }

    fn instant(&mut self, field: &str, spec: Option<&Spec>) -> Option<Instant> {
        let text = self.text(field, spec)?;
        match self.reader.plan.moments.instant(&text, spec?.format.as_deref()) {
            Ok(at) => Some(at),
            Err(reason) => {
                self.wrong(field, reason);
                None
            }
        }
    }
}

fn holds(only: &Only, cell: &Cell) -> Result<bool, String> {
    let Cell::Text(text) = cell else { return Ok(matches!(cell, Cell::List(_)) && only.is.is_none() && only.at_least.is_none()) };
    if only.is.as_ref().is_some_and(|these| !these.contains(text)) {
        return Ok(false);
    }
    let Some(least) = only.at_least.as_deref().and_then(|least| Decimal::read(least).ok()) else { return Ok(true) };
    Decimal::read(text).map(|value| value >= least).map_err(|why| format!("`{text}` is not a number: expected {why}"))
}

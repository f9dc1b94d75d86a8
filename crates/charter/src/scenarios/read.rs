//! From the text of a scenario file to its cases: every problem is collected, none stops the reading.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::cells::{self, Node};
use super::expect::{self, Expectation};
use super::{Asked, Case, Scenarios};
use crate::diagnostics::{Code, Finding, Findings, Span};
use crate::document::{self, At};

const TOP: &[&str] = &["charter", "given", "case", "table"];
const GIVEN: &[&str] = &["at", "level", "group", "staff", "subjects", "facts", "openings", "ledger"];
const CASE: &[&str] = &["name", "expect", "at", "level", "group", "staff", "subjects", "facts", "openings", "ledger", "issue", "remedy", "reason", "amount"];
const TABLE: &[&str] = &["columns", "rows"];
/// What a column may be, besides `staff.…`, `subjects.…`, `left.…` and facts.
const COLUMNS: &[&str] =
    &["name", "at", "level", "group", "issue", "remedy", "reason", "amount", "outcome", "free_up_to", "say_why_up_to", "to", "due", "rules", "asks"];
const ENTRY: &[&str] = &["at", "remedy", "reason", "amount", "worth", "keys", "state", "times"];

/// Reads a scenario file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str) -> Result<Scenarios, Vec<Finding>> {
    let mut findings = Findings::default();
    let scenarios = scenarios(text, &mut findings);
    match scenarios {
        Some(scenarios) if !findings.has_errors() => Ok(scenarios),
        _ => Err(findings.finish().0),
    }
}

fn scenarios(text: &str, findings: &mut Findings) -> Option<Scenarios> {
    let node = document::parse(text, findings)?;
    if findings.has_errors() {
        return None;
    }
    let entries = cells::entries(&node, TOP, findings);
    let at = |key: &str| entries.iter().find(|(k, ..)| *k == key).map(|(.., node)| *node);
    let charter = at("charter").map(|node| charter(node, findings));
    if charter.is_none() {
        findings.add(Code::MissingKey, 0..0, "`charter` is missing", "the file of the charter beside this one, such as `charter = \"shop.toml\"`");
    }
    let mut given = Asked::default();
    if let Some(node) = at("given") {
        cells::entries(node, GIVEN, findings).into_iter().for_each(|(key, _, value)| given.set(key, value, findings));
    }
    let mut reader = Cases { given: Arc::new(given), cases: Vec::new(), findings };
    at("case").into_iter().for_each(|node| reader.cases(node));
    at("table").into_iter().for_each(|node| reader.tables(node));
    let mut cases = reader.cases;
    cases.sort_by_key(|case| case.span.start);
    Some(Scenarios { charter: charter??, cases })
}

/// The name of a file beside this one: nothing that leads elsewhere.
fn charter(node: &Node<'_>, findings: &mut Findings) -> Option<At<String>> {
    let expected = "the name of a file beside this one, such as `\"shop.toml\"`";
    let value = cells::text(node, expected, findings)?;
    let plain = value.ends_with(".toml") && !value.starts_with('.') && !value.contains(['/', '\\', ':']) && !value.contains(char::is_control);
    if !plain {
        findings.add(Code::BadId, node.span(), format!("`{value}` is not the name of a charter beside this file"), expected);
        return None;
    }
    Some(At { value, span: node.span() })
}

impl Asked {
    /// Sets what one key of `[given]` or of a case says.
    fn set(&mut self, key: &str, node: &Node<'_>, findings: &mut Findings) {
        match key {
            "level" | "group" => put(&mut self.asker, key, cells::text(node, "a text", findings)),
            "staff" => self.staff.extend(cells::free_entries(node, findings).into_iter().map(|(name, _, value)| (name.to_owned(), cells::fact(value)))),
            "subjects" => {
                for (name, _, value) in cells::free_entries(node, findings) {
                    self.subject(name, value, findings);
                }
            }
            "facts" => {
                for (subject, _, facts) in cells::free_entries(node, findings) {
                    let facts = cells::free_entries(facts, findings).into_iter();
                    self.facts.extend(facts.map(|(name, _, value)| (format!("{subject}.{name}"), cells::fact(value))));
                }
            }
            "openings" => self.openings.extend(cells::free_entries(node, findings).into_iter().map(|(name, _, value)| (name.to_owned(), cells::json(value)))),
            "ledger" => {
                let entries = cells::list(node, "a list of entries", findings);
                let entries: Vec<Json> = entries.into_iter().map(|entry| ledger_entry(entry, findings)).collect();
                self.plain.insert(key.to_owned(), Json::Array(entries));
            }
            "amount" => put(&mut self.plain, key, Some(cells::json(node))),
            _ => put(&mut self.plain, key, cells::text(node, "a text", findings)),
        }
    }

    fn subject(&mut self, name: &str, node: &Node<'_>, findings: &mut Findings) {
        put(&mut self.subjects, name, cells::subject(node, findings));
    }
}

fn put(map: &mut Map<String, Json>, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn ledger_entry(node: &Node<'_>, findings: &mut Findings) -> Json {
    let mut entry = Map::new();
    for (key, _, value) in cells::entries(node, ENTRY, findings) {
        let value = if key == "keys" { Json::Object(cells::keys(value, findings)) } else { cells::json(value) };
        entry.insert(key.to_owned(), value);
    }
    Json::Object(entry)
}

struct Cases<'f> {
    given: Arc<Asked>,
    cases: Vec<Case>,
    findings: &'f mut Findings,
}

impl Cases<'_> {
    fn cases(&mut self, node: &Node<'_>) {
        for case in cells::list(node, "`[[case]]`", self.findings) {
            self.case(case);
        }
    }

    fn case(&mut self, node: &Node<'_>) {
        let (mut own, mut name, mut expect) = (Asked::default(), None, None);
        for (key, _, value) in cells::entries(node, CASE, self.findings) {
            match key {
                "name" => name = cells::text(value, "a text", self.findings).or(Some(String::new())),
                "expect" => expect = Some(Expectation::read(value, self.findings)),
                _ => own.set(key, value, self.findings),
            }
        }
        for (key, missing) in [("name", name.is_none()), ("expect", expect.is_none())] {
            if missing {
                self.findings.add(Code::MissingKey, node.span(), format!("`{key}` is missing"), format!("`{key}`"));
            }
        }
        self.add(name.unwrap_or_default(), node.span(), expect.unwrap_or_default(), own);
    }

    fn add(&mut self, name: String, span: Span, expect: Expectation, own: Asked) {
        self.cases.push(Case { name, span, expect, given: Arc::clone(&self.given), own });
    }

    fn tables(&mut self, node: &Node<'_>) {
        for table in cells::list(node, "`[[table]]`", self.findings) {
            self.table(table);
        }
    }

    fn table(&mut self, node: &Node<'_>) {
        let entries = cells::entries(node, TABLE, self.findings);
        let at = |key: &str| entries.iter().find(|(k, ..)| *k == key).map(|(.., node)| *node);
        let (Some(columns), Some(rows)) = (at("columns"), at("rows")) else {
            self.findings.add(Code::MissingKey, node.span(), "a table has columns and rows", "`columns` and `rows`");
            return;
        };
        let columns: Vec<Column> = cells::list(columns, "a list of columns", self.findings).into_iter().map(|c| Column::read(c, self.findings)).collect();
        if !columns.iter().any(Column::expects) {
            self.findings.add(Code::MissingKey, node.span(), "nothing is expected in this table", "a column `outcome`, or any other expectation");
        }
        for (place, row) in cells::list(rows, "a list of rows", self.findings).into_iter().enumerate() {
            self.row(&columns, row, place);
        }
    }

    fn row(&mut self, columns: &[Column], row: &Node<'_>, place: usize) {
        let cells = cells::list(row, "a list with a value for each column", self.findings);
        if cells.len() != columns.len() {
            let message = format!("this row has {} values, but the table has {} columns", cells.len(), columns.len());
            self.findings.add(Code::WrongType, row.span(), message, "a value for each column; `\"\"` leaves it out");
            return;
        }
        let (mut name, mut expect, mut own) = (format!("row {}", place + 1), Expectation::default(), Asked::default());
        for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| cell.get_ref().as_str() != Some("")) {
            match column {
                Column::Unknown => {}
                Column::Name => name = cells::text(cell, "a text", self.findings).unwrap_or_default(),
                Column::Plain(key) => own.set(key, cell, self.findings),
                Column::Staff(fact) => put(&mut own.staff, fact, Some(cells::fact(cell))),
                Column::Subject(subject) => own.subject(subject, cell, self.findings),
                Column::Fact(fact) => put(&mut own.facts, fact, Some(cells::fact(cell))),
                Column::Expect(key) => expect.set(key, cell, self.findings),
                Column::Left(cap) => expect.set_left(cap, cell, self.findings),
            }
        }
        if expect == Expectation::default() {
            self.findings.add(Code::MissingKey, row.span(), "nothing is expected in this row", "a value in a column `outcome`, or any other expectation");
        }
        self.add(name, row.span(), expect, own);
    }
}

/// What the values of a column are.
enum Column {
    Name,
    /// A key of a case.
    Plain(String),
    Staff(String),
    Subject(String),
    /// `subject.fact`.
    Fact(String),
    Expect(String),
    Left(String),
    /// Reported already.
    Unknown,
}

impl Column {
    fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        let Some(text) = cells::text(node, "the name of a column", findings) else { return Self::Unknown };
        match text.split_once('.') {
            _ if text == "name" => Self::Name,
            Some(("staff", fact)) => Self::Staff(fact.to_owned()),
            Some(("subjects", subject)) => Self::Subject(subject.to_owned()),
            Some(("left", cap)) => Self::Left(cap.to_owned()),
            Some(_) => Self::Fact(text),
            None if COLUMNS.contains(&text.as_str()) && expect::KEYS.contains(&text.as_str()) => Self::Expect(text),
            None if COLUMNS.contains(&text.as_str()) => Self::Plain(text),
            None => {
                let expected = format!("`subject.fact`, `staff.…`, `subjects.…`, `left.…` or one of {}", COLUMNS.join(", "));
                findings.add(Code::UnknownKey, node.span(), format!("`{text}` is not a column"), expected).nearest(&text, COLUMNS.iter().copied());
                Self::Unknown
            }
        }
    }

    fn expects(&self) -> bool {
        matches!(self, Self::Expect(_) | Self::Left(_) | Self::Unknown)
    }
}

//! Rows of a file, one after the other: CSV with a head, or JSON lines.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{ErrorKind, StringRecord};
use platform::limits::LINE_BYTES;
use serde_json::{Map as Object, Value as Json};

/// What stands in one place of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// A text without blanks around it.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

/// One row.
pub(super) enum Row {
    Csv(StringRecord, Arc<HashMap<String, usize>>),
    Json(Object<String, Json>),
}

impl Row {
    /// What stands in a column; in JSON, `customer.id` is also the `id` within `customer`.
    pub(super) fn cell(&self, column: &str) -> Cell {
        match self {
            Self::Csv(record, places) => places.get(column).and_then(|place| record.get(*place)).map_or(Cell::Empty, Cell::text),
            Self::Json(object) => object.get(column).or_else(|| within(object, column)).map_or(Cell::Empty, json_cell),
        }
    }
}

fn within<'a>(object: &'a Object<String, Json>, column: &str) -> Option<&'a Json> {
    let (first, rest) = column.split_once('.')?;
    match object.get(first)? {
        Json::Object(inner) => inner.get(rest).or_else(|| within(inner, rest)),
        _ => None,
    }
}

fn json_cell(value: &Json) -> Cell {
    match value {
        Json::Null | Json::Object(_) => Cell::Empty,
        Json::String(text) => Cell::text(text),
        Json::Array(entries) => {
            Cell::List(entries.iter().filter_map(|e| e.as_str().map(str::to_owned).or_else(|| (!e.is_null()).then(|| e.to_string()))).collect())
        }
        other => Cell::Text(other.to_string()),
    }
}

/// A file of rows.
pub(super) enum Rows {
    Csv { reader: csv::Reader<File>, places: Arc<HashMap<String, usize>>, columns: Vec<String> },
    Lines { reader: BufReader<File>, line: u64, bytes: u64 },
}

/// The next row, or what is wrong with it, with the line it begins on.
pub(super) type Next = (u64, Result<Row, String>);

impl Rows {
    /// Opens a file: `.csv`, `.tsv`, or JSON lines (`.jsonl`, `.ndjson`).
    pub(super) fn open(path: &Path, delimiter: Option<char>) -> Result<Self, String> {
        let shown = path.display();
        let file = File::open(path).map_err(|e| format!("cannot read {shown}: {e}"))?;
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let usual = match extension.as_str() {
            "csv" => ',',
            "tsv" => '\t',
            "jsonl" | "ndjson" => return Ok(Self::Lines { reader: BufReader::new(file), line: 0, bytes: 0 }),
            _ => return Err(format!("{shown}: a file is imported whose name ends in `.csv`, `.tsv`, `.jsonl` or `.ndjson`")),
        };
        let delimiter = u8::try_from(delimiter.unwrap_or(usual)).map_err(|_| "`delimiter` is one ASCII character, such as `;`".to_owned())?;
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file);
        let columns: Vec<String> = reader.headers().map_err(|e| format!("{shown}: {e}"))?.iter().map(|name| name.trim().to_owned()).collect();
        let places = Arc::new(columns.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect());
        Ok(Self::Csv { reader, places, columns })
    }

    /// The columns, if the file says which it has before its first row.
    pub(super) fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Csv { columns, .. } => Some(columns),
            Self::Lines { .. } => None,
        }
    }

    /// How many bytes have been read.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Csv { reader, .. } => reader.position().byte(),
            Self::Lines { bytes, .. } => *bytes,
        }
    }

    /// The next row; nothing at the end.
    ///
    /// # Errors
    /// When the file itself cannot be read on.
    pub(super) fn next(&mut self) -> Result<Option<Next>, String> {
        match self {
            Self::Csv { reader, places, .. } => next_record(reader, places),
            Self::Lines { reader, line, bytes } => next_line(reader, line, bytes),
        }
    }
}

fn next_record(reader: &mut csv::Reader<File>, places: &Arc<HashMap<String, usize>>) -> Result<Option<Next>, String> {
    let mut record = StringRecord::new();
    let began = reader.position().line();
    match reader.read_record(&mut record) {
        Ok(false) => Ok(None),
        Ok(true) => {
            let line = record.position().map_or(began, csv::Position::line);
            Ok(Some((line, Ok(Row::Csv(record, Arc::clone(places))))))
        }
        Err(e) => {
            let line = e.position().map_or(began, csv::Position::line);
            let reason = match e.kind() {
                ErrorKind::Io(io) => return Err(format!("cannot read on at line {line}: {io}")),
                ErrorKind::UnequalLengths { expected_len, len, .. } => format!("it has {len} fields, and the head has {expected_len}"),
                ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
                _ => e.to_string(),
            };
            Ok(Some((line, Err(reason))))
        }
    }
}

fn next_line(reader: &mut BufReader<File>, line: &mut u64, bytes: &mut u64) -> Result<Option<Next>, String> {
    loop {
        let mut read = Vec::new();
        let n = reader.by_ref().take(LINE_BYTES as u64).read_until(b'\n', &mut read).map_err(|e| format!("cannot read on behind line {line}: {e}"))?;
        if n == 0 {
            return Ok(None);
        }
        *line += 1;
        *bytes += n as u64;
        if n == LINE_BYTES && read.last() != Some(&b'\n') {
            *bytes += skip_line(reader).map_err(|e| format!("cannot read on at line {line}: {e}"))?;
            return Ok(Some((*line, Err(format!("it is longer than {LINE_BYTES} bytes")))));
        }
        if read.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = serde_json::from_slice(&read).map(Row::Json).map_err(|e| format!("it is not a JSON object: {e}"));
        return Ok(Some((*line, row)));
    }
}

/// Passes over the rest of a line, without keeping it.
fn skip_line(reader: &mut BufReader<File>) -> std::io::Result<u64> {
    let mut passed = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|b| *b == b'\n');
        let used = end.map_or(buffer.len(), |place| place + 1);
        reader.consume(used);
        passed += used as u64;
        if end.is_some() || used == 0 {
            return Ok(passed);
        }
    }
}

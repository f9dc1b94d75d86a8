//! Import: a file of customers, orders or cases becomes rows of the desk. A map says which column is what. A row that makes no sense is told with its line and
//! passed over; the rest is kept, some hundred rows to a transaction. What was imported before is brought up to date and never doubled.

mod beside;
mod event;
mod keep;
mod map;
mod plan;
mod rows;
mod run;
mod source;
mod typed;

use std::fmt;

use platform::db::DbError;

pub use event::Imported;
pub use map::{Map, Only, Spec, Take};
pub use run::{Done, Import, Progress, run};
pub use typed::Moments;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Customers.
    Customers,
    /// Orders, or whatever else a charter calls what customers have.
    Orders,
    /// Cases.
    Cases,
}

impl Kind {
    /// As people call them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Orders => "orders",
            Self::Cases => "cases",
        }
    }
}

/// A row that was passed over, or a field of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line of the file on which the row begins.
    pub line: u64,
    /// What was to be filled in: `reference`, `order.total`; empty when the whole row cannot be read.
    pub field: String,
    /// What is wrong, with the input in backticks.
    pub reason: String,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { "row" } else { &self.field };
        write!(f, "line {}: {field}: {}", self.line, self.reason)
    }
}

/// Why an import did not begin, or did not end.
#[derive(Clone, Debug)]
pub enum ImportError {
    /// The map does not fit: all that is wrong with it.
    Map(Vec<String>),
    /// A file cannot be read.
    File(String),
    /// The database says no.
    Db {
        /// What it said.
        error: DbError,
        /// Everything up to this line is kept; 0 if nothing is.
        kept_to: u64,
    },
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(problems) => write!(f, "the map does not fit:\n  {}", problems.join("\n  ")),
            Self::File(message) => f.write_str(message),
            Self::Db { error, kept_to: 0 } => write!(f, "{error}; nothing was kept"),
            Self::Db { error, kept_to } => write!(f, "{error}; everything up to line {kept_to} is kept: go on with `--after {kept_to}`"),
        }
    }
}

impl std::error::Error for ImportError {}

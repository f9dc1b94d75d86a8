//! What can go wrong between a statement and the disk.

use std::fmt;

/// An error of the database. `Display` says what happened in words for a log; what people see is made at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DbError {
    /// A UNIQUE, CHECK, NOT NULL or foreign key rule, or a trigger, said no. The text names it.
    Refused(String),
    /// The database cannot be reached, is full, or could not write. What was asked for did not happen.
    Unavailable(String),
    /// The connection broke while the commit was on its way: it may have happened or not. The same idempotency key will tell.
    Uncertain(String),
    /// More work waits than is allowed to.
    Overloaded,
    /// Others were changing the same rows, and went first every time it was tried.
    Contended,
    /// A statement and the code around it do not fit: a defect of this program.
    Defect(String),
}

impl DbError {
    pub(crate) fn shape(what: impl Into<String>) -> Self {
        Self::Defect(what.into())
    }

    /// Whether a rule of the schema said no.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether trying again later may help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Uncertain(_) | Self::Overloaded | Self::Contended)
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(rule) => write!(f, "the schema refused it: {rule}"),
            Self::Unavailable(why) => write!(f, "the database is not available: {why}"),
            Self::Uncertain(why) => write!(f, "it is not known whether the commit happened: {why}"),
            Self::Overloaded => f.write_str("too much work waits for the database"),
            Self::Contended => f.write_str("others kept changing the same rows"),
            Self::Defect(what) => write!(f, "statement and code do not fit: {what}"),
        }
    }
}

impl std::error::Error for DbError {}

//! Who did it, and to what.

use std::fmt;
use std::str::FromStr;

use crate::db::{Column, DbError, Value};
use crate::id::Id;

/// Who did something. Written `staff:ID`, `source:NAME` or `system`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person or an AI agent.
    Staff(Id),
    /// Another system, by the name it is known under.
    Source(String),
    /// This program, by itself.
    System,
}

impl Actor {
    /// The id of a person or AI agent.
    #[must_use]
    pub fn staff(&self) -> Option<Id> {
        match self {
            Self::Staff(id) => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::Source(name) => write!(f, "source:{name}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = DbError;

    fn from_str(text: &str) -> Result<Self, DbError> {
        let unknown = || DbError::shape(format!("`{text}` is not an actor"));
        match text.split_once(':') {
            Some(("staff", id)) => id.parse().map(Self::Staff).map_err(|_| unknown()),
            Some(("source", name)) => Ok(Self::Source(name.to_owned())),
            None if text == "system" => Ok(Self::System),
            _ => Err(unknown()),
        }
    }
}

impl Column for Actor {
    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        String::from_value(value)?.parse()
    }
}

/// What something happened to: a kind and an id, written `case:1024`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// `case`, `staff`, `charter` …
    pub kind: &'static str,
    /// Its id, as text.
    pub id: String,
}

impl Subject {
    /// A subject.
    #[must_use]
    pub fn new(kind: &'static str, id: &impl ToString) -> Self {
        Self { kind, id: id.to_string() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

use platform::actor::Subject;
use platform::events::Event;
use serde::Serialize;

use super::Kind;

/// A file was imported.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// Where its rows come from.
    pub source: String,
    /// What they are.
    pub of: Kind,
    /// How many rows were read.
    pub rows: u64,
    /// How many are new.
    pub added: u64,
    /// How many brought something new about what was there.
    pub changed: u64,
    /// How many were passed over.
    pub bad: u64,
}

impl Event for Imported {
    fn kind(&self) -> &'static str {
        "imported"
    }

    fn subject(&self) -> Subject {
        Subject::new("import", &self.source)
    }
}

use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{DbError, FromRow, Row};
use platform::events::Event;
use platform::ids;
use serde::Serialize;

ids! {
    /// Something we promise.
    OfferingId
}

/// What we promise, as it reads now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    /// Which.
    pub id: OfferingId,
    /// Its name in addresses.
    pub slug: String,
    /// How often it was published.
    pub version: i64,
    /// Whether customers can read it.
    pub is_shown: bool,
    /// What it is called.
    pub title: String,
    /// The promise.
    pub text: String,
    /// Since when it reads so.
    pub at: Instant,
}

impl FromRow for Offering {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, slug: row.take()?, version: row.take()?, is_shown: row.take()?, title: row.take()?, text: row.take()?, at: row.take()? })
    }
}

/// What we promised from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferingVersion {
    /// Its number, from 1.
    pub version: i64,
    /// What it was called.
    pub title: String,
    /// The promise.
    pub text: String,
    /// Since when.
    pub at: Instant,
    /// Who published it.
    pub actor: Actor,
}

impl FromRow for OfferingVersion {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { version: row.take()?, title: row.take()?, text: row.take()?, at: row.take()?, actor: row.take()? })
    }
}

/// A text to be published.
#[derive(Clone, Debug)]
pub struct NewText {
    /// Its name in addresses: small letters, digits and `-`.
    pub slug: String,
    /// The version that was read before this one was written; 0 for a new offering.
    pub after: i64,
    /// What it is called.
    pub title: String,
    /// The promise.
    pub text: String,
}

/// What happens to an offering.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum OfferingEvent {
    /// A version was published.
    OfferingPublished {
        /// Which.
        offering: OfferingId,
        /// Its number.
        version: i64,
    },
    /// Customers can read it from now on, or cannot any more.
    OfferingShown {
        /// Which.
        offering: OfferingId,
        /// Whether they can.
        is_shown: bool,
    },
}

impl Event for OfferingEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::OfferingPublished { .. } => "offering_published",
            Self::OfferingShown { .. } => "offering_shown",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::OfferingPublished { offering, .. } | Self::OfferingShown { offering, .. } => Subject::new("offering", offering),
        }
    }
}

//! The one who acts at the desk, as the charter sees them.

use platform::actor::Actor;
use platform::id::Id;

/// A person or an AI agent at the desk.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Their id.
    pub staff: Id,
    /// Their level of authority.
    pub level: String,
    /// Whether a person, or an AI agent.
    pub kind: Kind,
}

/// What kind of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person, who may confirm facts.
    Person,
    /// An AI agent, which states facts and never confirms them.
    Ai,
}

impl Kind {
    /// As the fact `staff.kind` says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Ai => "ai",
        }
    }
}

impl Asker {
    /// As the one who did something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff(self.staff)
    }
}

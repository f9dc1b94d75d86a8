use access::people::StaffId;
use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{Column, DbError, FromRow, Row, Value};
use platform::events::Event;
use platform::ids;
use platform::texts::{Kept, TextId};
use serde::Serialize;

use crate::cases::CaseId;
use crate::grants::GrantId;

ids! {
    /// Something to talk over.
    PointId,
    /// A talk that was held.
    TalkId,
    /// What one of the two wrote.
    NoteId
}

/// Why something stands on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// The agent gave in the stretch, and said why.
    Stretch,
    /// Somebody gave more where the agent had said no.
    Exceeded,
    /// One of the two thinks that a case was hard.
    Hard,
    /// One of the two wants to talk about something else.
    Other,
}

impl PointKind {
    const ALL: [Self; 4] = [Self::Stretch, Self::Exceeded, Self::Hard, Self::Other];

    /// As it is kept.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stretch => "stretch",
            Self::Exceeded => "exceeded",
            Self::Hard => "hard",
            Self::Other => "other",
        }
    }
}

impl Column for PointKind {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        Self::ALL.into_iter().find(|k| k.word() == word).ok_or_else(|| DbError::Defect(format!("`{word}` is not a kind of point")))
    }
}

/// Something to talk over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Which.
    pub id: PointId,
    /// On whose list.
    pub agent: StaffId,
    /// Why it stands there.
    pub kind: PointKind,
    /// The case it happened in; nothing of something else.
    pub case: Option<CaseId>,
    /// The grant in the stretch, or the one beyond the no.
    pub grant: Option<GrantId>,
    /// Who gave, or put it there.
    pub by: Actor,
    /// Since when.
    pub at: Instant,
    /// The talk it was talked over in; nothing while it is open.
    pub talk: Option<TalkId>,
}

impl FromRow for Point {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            agent: row.take()?,
            kind: row.take()?,
            case: row.take()?,
            grant: row.take()?,
            by: row.take()?,
            at: row.take()?,
            talk: row.take()?,
        })
    }
}

/// A talk that was held. Only the two read it, whoever leads the agent later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Which.
    pub id: TalkId,
    /// With whom.
    pub agent: StaffId,
    /// Who led them then.
    pub lead: StaffId,
    /// What was agreed.
    pub agreed: Option<TextId>,
    /// When.
    pub at: Instant,
}

impl Talk {
    /// Whether somebody is one of the two.
    #[must_use]
    pub fn is_of(&self, who: StaffId) -> bool {
        who == self.agent || who == self.lead
    }
}

impl FromRow for Talk {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, agent: row.take()?, lead: row.take()?, agreed: row.take()?, at: row.take()? })
    }
}

/// What one of the two wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// On which point; nothing on a talk.
    pub point: Option<PointId>,
    /// Which.
    pub id: NoteId,
    /// Who.
    pub staff: StaffId,
    /// What.
    pub text: TextId,
    /// When.
    pub at: Instant,
}

impl FromRow for Note {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { point: row.take()?, id: row.take()?, staff: row.take()?, text: row.take()?, at: row.take()? })
    }
}

/// What happens between the two, told to nobody else. What follows from a grant is told by the events of its case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum DebriefEvent {
    /// One of them put something on the list.
    DebriefPointPut {
        /// On whose list.
        agent: StaffId,
        /// Which point.
        point: PointId,
        /// The case that was hard; nothing of something else.
        case: Option<CaseId>,
    },
    /// One of them wrote something.
    DebriefNoted {
        /// On whose list.
        agent: StaffId,
        /// On which point.
        #[serde(skip_serializing_if = "Option::is_none")]
        point: Option<PointId>,
        /// On which talk.
        #[serde(skip_serializing_if = "Option::is_none")]
        talk: Option<TalkId>,
        /// What they wrote.
        note: Kept,
    },
    /// They talked.
    DebriefHeld {
        /// With whom.
        agent: StaffId,
        /// Which talk.
        talk: TalkId,
        /// Over what.
        points: Vec<PointId>,
        /// What was agreed.
        agreed: Option<Kept>,
    },
}

impl Event for DebriefEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::DebriefPointPut { .. } => "debrief_point_put",
            Self::DebriefNoted { .. } => "debrief_noted",
            Self::DebriefHeld { .. } => "debrief_held",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::DebriefPointPut { agent, .. } | Self::DebriefNoted { agent, .. } | Self::DebriefHeld { agent, .. } => Subject::new("debriefs", agent),
        }
    }
}

use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{Column, DbError, FromRow, Row, Value};
use platform::events::Event;
use platform::id::Id;
use platform::ids;
use platform::texts::Kept;
use serde::Serialize;

use crate::offerings::OfferingId;
use crate::subjects::SubjectId;

ids! {
    /// A case. People know it by its number.
    CaseId
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Somebody here has to do something.
    Open,
    /// It waits for the customer, or for somebody else.
    Waiting,
    /// What the customer came with is settled.
    Solved,
    /// Nothing more will come of it.
    Closed,
}

/// What can happen to where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// It waits for somebody.
    Wait,
    /// It goes on.
    Resume,
    /// It is settled.
    Solve,
    /// It was not settled after all.
    Reopen,
    /// It ends.
    Close,
}

impl Move {
    /// All moves.
    pub const ALL: [Self; 5] = [Self::Wait, Self::Resume, Self::Solve, Self::Reopen, Self::Close];

    /// As forms and programs write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Resume => "resume",
            Self::Solve => "solve",
            Self::Reopen => "reopen",
            Self::Close => "close",
        }
    }

    /// The move with this word.
    #[must_use]
    pub fn with_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }
}

impl State {
    /// All states, in the order of a case's life.
    pub const ALL: [Self; 4] = [Self::Open, Self::Waiting, Self::Solved, Self::Closed];

    /// As it is kept and written in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn with_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Where a move leads from here; nothing if it cannot be made.
    #[must_use]
    pub fn after(self, by: Move) -> Option<Self> {
        match (self, by) {
            (Self::Open, Move::Wait) => Some(Self::Waiting),
            (Self::Waiting, Move::Resume) | (Self::Solved, Move::Reopen) => Some(Self::Open),
            (Self::Open | Self::Waiting, Move::Solve) => Some(Self::Solved),
            (Self::Solved, Move::Close) => Some(Self::Closed),
            _ => None,
        }
    }

    /// Whether remedies can be given now.
    #[must_use]
    pub fn takes_grants(self) -> bool {
        matches!(self, Self::Open | Self::Waiting)
    }
}

impl Column for State {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        Self::with_word(&word).ok_or_else(|| DbError::Defect(format!("`{word}` is not a state of a case")))
    }
}

/// A case as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// The number people use.
    pub number: i64,
    /// Which.
    pub id: CaseId,
    /// What it is about, in somebody's words. Can be erased.
    pub title: Option<String>,
    /// How the customer reached us.
    pub channel: String,
    /// The kind of trouble, as the charter names it.
    pub issue: Option<String>,
    /// Whose it is.
    pub customer: Option<SubjectId>,
    /// What we promised.
    pub offering: Option<OfferingId>,
    /// Who works on it.
    pub owner: Option<Id>,
    /// Which team it belongs to.
    pub team: Option<Id>,
    /// Where it stands.
    pub state: State,
    /// When it was opened.
    pub opened_at: Instant,
    /// Since when it stands there.
    pub state_at: Instant,
    /// When the customer first heard from somebody here.
    pub first_answer_at: Option<Instant>,
}

impl FromRow for CaseRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            number: row.take()?,
            id: row.take()?,
            title: row.take()?,
            channel: row.take()?,
            issue: row.take()?,
            customer: row.take()?,
            offering: row.take()?,
            owner: row.take()?,
            team: row.take()?,
            state: row.take()?,
            opened_at: row.take()?,
            state_at: row.take()?,
            first_answer_at: row.take()?,
        })
    }
}

/// What happens to a case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CaseEvent {
    /// It was opened.
    CaseOpened {
        /// Which.
        case: CaseId,
        /// How the customer reached us.
        channel: String,
        /// The kind of trouble.
        issue: Option<String>,
    },
    /// Somebody works on it now.
    CaseAssigned {
        /// Which.
        case: CaseId,
        /// Who; nobody if it was put back.
        owner: Option<String>,
    },
    /// It stands elsewhere.
    CaseMoved {
        /// Which.
        case: CaseId,
        /// What was done.
        by: Move,
        /// Where it stands now.
        state: State,
        /// Who worked on it then.
        owner: Option<String>,
    },
    /// The customer heard from somebody here for the first time.
    CaseAnswered {
        /// Which.
        case: CaseId,
        /// Who worked on it then.
        owner: Option<String>,
    },
    /// It is about something now: a customer, an order, whatever else the charter names.
    CaseLinked {
        /// Which.
        case: CaseId,
        /// `customer`, `order`, …
        kind: String,
        /// What it is about.
        subject: SubjectId,
    },
    /// It is not about something any more.
    CaseUnlinked {
        /// Which.
        case: CaseId,
        /// `customer`, `order`, …
        kind: String,
        /// What it was about.
        subject: SubjectId,
    },
    /// Somebody said what kind of trouble it is.
    IssueChosen {
        /// Which case.
        case: CaseId,
        /// The kind of trouble; nothing if it is not known after all.
        issue: Option<String>,
    },
    /// Somebody said what we promised.
    OfferingChosen {
        /// Which case.
        case: CaseId,
        /// The offering; nothing if it was none.
        offering: Option<String>,
    },
    /// Somebody wrote a note.
    CaseNoted {
        /// Which.
        case: CaseId,
        /// What they wrote.
        note: Kept,
    },
    /// Somebody said something about a fact.
    FactStated {
        /// Which case it was said in.
        case: CaseId,
        /// The fact.
        fact: String,
        /// The value; left out for facts that are personal.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Whether the word counts as a confirmation.
        confirmed: bool,
    },
}

impl CaseEvent {
    fn case(&self) -> CaseId {
        match self {
            Self::CaseOpened { case, .. }
            | Self::CaseAssigned { case, .. }
            | Self::CaseMoved { case, .. }
            | Self::CaseAnswered { case, .. }
            | Self::CaseLinked { case, .. }
            | Self::CaseUnlinked { case, .. }
            | Self::IssueChosen { case, .. }
            | Self::OfferingChosen { case, .. }
            | Self::CaseNoted { case, .. }
            | Self::FactStated { case, .. } => *case,
        }
    }
}

impl Event for CaseEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::CaseOpened { .. } => "case_opened",
            Self::CaseAssigned { .. } => "case_assigned",
            Self::CaseMoved { .. } => "case_moved",
            Self::CaseAnswered { .. } => "case_answered",
            Self::CaseLinked { .. } => "case_linked",
            Self::CaseUnlinked { .. } => "case_unlinked",
            Self::IssueChosen { .. } => "issue_chosen",
            Self::OfferingChosen { .. } => "offering_chosen",
            Self::CaseNoted { .. } => "case_noted",
            Self::FactStated { .. } => "fact_stated",
        }
    }

    fn subject(&self) -> Subject {
        Subject::new("case", &self.case())
    }
}

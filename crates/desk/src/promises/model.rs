use access::people::StaffId;
use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{Column, DbError, FromRow, Row, Value};
use platform::events::Event;
use platform::ids;
use platform::texts::Kept;
use serde::{Deserialize, Serialize};

use crate::cases::CaseId;
use crate::escalations::{EscalationId, words};

ids! {
    /// Something a customer was promised.
    PromiseId
}

words! {
    /// How a customer is contacted.
    How, "a way to contact a customer" {
        /// By phone.
        Phone = "phone",
        /// By e-mail.
        Email = "email",
        /// In a chat or by a message.
        Chat = "chat",
        /// By letter.
        Letter = "letter",
        /// In person.
        Visit = "visit",
    }
}

impl How {
    /// As a form names it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Email => "E-mail",
            Self::Chat => "Chat",
            Self::Letter => "Letter",
            Self::Visit => "In person",
        }
    }
}

/// Who contacts the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody of the group it was passed to.
    Group,
    /// One of the staff.
    Staff(StaffId),
}

/// What a customer is told.
#[derive(Clone, Copy, Debug)]
pub struct NewPromise {
    /// Who contacts them.
    pub who: Who,
    /// By when.
    pub due: Instant,
    /// How.
    pub how: How,
}

words! {
    /// How it stands with a promise.
    Fate, "how it stands with a promise" {
        /// There is time left.
        Open = "open",
        /// The customer was contacted in time.
        Kept = "kept",
        /// The customer was contacted, but later than they were told.
        Late = "late",
        /// It was given up, or the time is over and nobody has contacted them.
        Broken = "broken",
    }
}

/// A promise as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseRow {
    /// Which.
    pub id: PromiseId,
    /// In which case.
    pub case: CaseId,
    /// With what it was passed up.
    pub escalation: Option<EscalationId>,
    /// The group that contacts the customer, by its id in the charter.
    pub group: Option<String>,
    /// Or who does.
    pub staff: Option<StaffId>,
    /// How.
    pub how: How,
    /// Who said so.
    pub made_by: Actor,
    /// When.
    pub made_at: Instant,
    /// By when, as the customer was first told.
    pub first_due_at: Instant,
    /// By when, as they were told last.
    pub due_at: Instant,
    /// How often they were told a later time.
    pub renewed: i64,
    /// How and when it ended.
    pub ended: Option<(Ended, Instant)>,
}

words! {
    /// How a promise ended.
    Ended, "an end of a promise" {
        /// The customer was contacted.
        Kept = "kept",
        /// It was given up.
        GivenUp = "given_up",
    }
}

impl PromiseRow {
    /// How it stands at an instant.
    #[must_use]
    pub fn fate(&self, at: Instant) -> Fate {
        match self.ended {
            Some((Ended::Kept, ended)) if ended <= self.due_at => Fate::Kept,
            Some((Ended::Kept, _)) => Fate::Late,
            Some((Ended::GivenUp, _)) => Fate::Broken,
            None if at > self.due_at => Fate::Broken,
            None => Fate::Open,
        }
    }
}

impl FromRow for PromiseRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (id, case, escalation, group, staff, how) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
        let (made_by, made_at, first_due_at, due_at, renewed) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
        let ended: (Option<Ended>, Option<Instant>) = (row.take()?, row.take()?);
        Ok(Self { id, case, escalation, group, staff, how, made_by, made_at, first_due_at, due_at, renewed, ended: ended.0.zip(ended.1) })
    }
}

/// What happens to promises, told in the timeline of their case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum PromiseEvent {
    /// A customer was promised something.
    PromiseMade {
        /// The case.
        case: CaseId,
        /// Which.
        promise: PromiseId,
        /// The group that contacts them.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Or who does.
        #[serde(skip_serializing_if = "Option::is_none")]
        staff: Option<StaffId>,
        /// How.
        how: How,
        /// By when, in microseconds.
        due: Instant,
    },
    /// They were told a later time.
    PromiseRenewed {
        /// The case.
        case: CaseId,
        /// Which.
        promise: PromiseId,
        /// By when now.
        due: Instant,
        /// Why.
        note: Kept,
    },
    /// They were contacted.
    PromiseKept {
        /// The case.
        case: CaseId,
        /// Which.
        promise: PromiseId,
        /// Whether it was later than they were told.
        is_late: bool,
    },
    /// They will not be contacted.
    PromiseGivenUp {
        /// The case.
        case: CaseId,
        /// Which.
        promise: PromiseId,
        /// Why.
        note: Kept,
    },
}

impl Event for PromiseEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::PromiseMade { .. } => "promise_made",
            Self::PromiseRenewed { .. } => "promise_renewed",
            Self::PromiseKept { .. } => "promise_kept",
            Self::PromiseGivenUp { .. } => "promise_given_up",
        }
    }

    fn subject(&self) -> Subject {
        let (Self::PromiseMade { case, .. } | Self::PromiseRenewed { case, .. } | Self::PromiseKept { case, .. } | Self::PromiseGivenUp { case, .. }) = self;
        Subject::new("case", case)
    }
}

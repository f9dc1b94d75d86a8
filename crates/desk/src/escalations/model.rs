use access::people::StaffId;
use charter::Charter;
use charter::explain::Answer as Decision;
use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{Column, Contended, DbError, FromRow, Row, Value};
use platform::events::Event;
use platform::ids;
use platform::texts::{Kept, TextId};
use serde::{Deserialize, Serialize};

use crate::cases::{self, CaseId};
use crate::deciding::{DecisionId, NoSituation};
use crate::grants::{Counted, GrantError, GrantId, Offered};
use crate::options::{of_amount, spoken};
use crate::promises::PromiseError;

ids! {
    /// Something that was passed up.
    EscalationId
}

/// An enum that is kept as a word.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is kept.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            #[must_use]
            pub fn with_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }

        impl Column for $name {
            fn to_value(&self) -> Value {
                Value::from(self.word())
            }

            fn from_value(value: Value) -> Result<Self, DbError> {
                let word = String::from_value(value)?;
                Self::with_word(&word).ok_or_else(|| DbError::Defect(format!("`{word}` is not {}", $what)))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Why something is passed up.
    Cause, "a cause of an escalation" {
        /// It is beyond what the one who asks may give.
        BeyondLimit = "beyond_limit",
        /// The customer did not accept what they could give.
        NotAccepted = "not_accepted",
    }
}

words! {
    /// Whose turn it is.
    State, "a state of an escalation" {
        /// The group's.
        Open = "open",
        /// The turn of the one who raised it: they were asked something.
        AskedBack = "asked_back",
        /// The customer has given up; the group still owes its feedback.
        Withdrawn = "withdrawn",
        /// Nobody's: it is decided, and the one who raised it has heard why.
        Answered = "answered",
    }
}

impl State {
    /// Whether the group still owes something.
    #[must_use]
    pub fn is_owed(self) -> bool {
        self != Self::Answered
    }
}

words! {
    /// What came of it.
    Answer, "an answer to an escalation" {
        /// All that was asked for.
        Given = "given",
        /// Some of it.
        Less = "less",
        /// Nothing.
        No = "no",
        /// Nothing any more: the customer had given up.
        None = "none",
    }
}

words! {
    /// Whether an exception is one that others may go by.
    Standing, "what an exception is" {
        /// It was right once, and says nothing about others.
        OneOff = "one_off",
        /// Others may go by it.
        Precedent = "precedent",
    }
}

words! {
    /// What the one who raised it thinks of the feedback.
    Rating, "a rating of feedback" {
        /// It helps.
        Helpful = "helpful",
        /// It helps in part.
        Partly = "partly",
        /// It does not.
        Not = "not",
    }
}

/// Something that was passed up, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRow {
    /// Which.
    pub id: EscalationId,
    /// In which case.
    pub case: CaseId,
    /// Who raised it.
    pub raiser: Actor,
    /// Why.
    pub cause: Cause,
    /// Whether it cannot wait.
    pub is_urgent: bool,
    /// What they would do.
    pub want: Option<TextId>,
    /// The group that serves it, by its id in the charter.
    pub group: String,
    /// When it was raised.
    pub raised_at: Instant,
    /// When an answer is due; nothing while nobody is known to be there, or while the one who raised it is asked something.
    pub due_at: Option<Instant>,
    /// How often it went to another group: nobody had answered in time, or nobody was known to be there.
    pub passed_on: i64,
    /// Whose turn it is.
    pub state: State,
    /// Since when.
    pub state_at: Instant,
    /// When somebody of the group first looked at it.
    pub looked_at: Option<Instant>,
    /// Who has taken it.
    pub taken_by: Option<Actor>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// What the one who raised it thinks of that.
    pub rating: Option<Rating>,
}

/// What came of it, with the feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was decided.
    pub answer: Answer,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Why.
    pub words: TextId,
    /// The rule by which the one who raised it could have decided it; nothing if they could not.
    pub rule: Option<String>,
    /// Of an exception: whether others may go by it.
    pub kept: Option<Standing>,
}

impl FromRow for EscalationRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (id, case, raiser, cause, is_urgent, want) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take::<i64>()? == 1, row.take()?);
        let (group, raised_at, due_at, passed_on): (_, _, Instant, _) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let (state, state_at, looked_at, taken_by): (State, Instant, _, _) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let (answer, by, words, rule): (Option<Answer>, Option<Actor>, Option<TextId>, Option<String>) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let kept = row.take()?;
        let outcome = answer.zip(by).zip(words).map(|((answer, by), words)| Outcome { answer, by, at: state_at, words, rule, kept });
        let due_at = (due_at != super::NEVER).then_some(due_at);
        let rating = row.take()?;
        Ok(Self { id, case, raiser, cause, is_urgent, want, group, raised_at, due_at, passed_on, state, state_at, looked_at, taken_by, outcome, rating })
    }
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// Its place, from 0.
    pub place: i64,
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// What it is counted in.
    pub counted: Counted,
    /// How much; nothing of an act.
    pub units: Option<i64>,
    /// What was decided when it was raised.
    pub decision: DecisionId,
    /// The approval that came of it.
    pub grant: Option<GrantId>,
}

impl ItemRow {
    /// How much, as a person says it; nothing of an act.
    #[must_use]
    pub fn amount(&self) -> String {
        self.units.map_or_else(String::new, |units| self.counted.spoken(units))
    }

    /// How much, as it stands in requests; nothing of an act.
    pub(super) fn digits(&self) -> Option<String> {
        self.units.map(|units| self.counted.amount(units).text().to_owned())
    }

    /// What is asked for, and how much: `Refund of €60.00`.
    pub(super) fn in_words(&self, charter: Option<&Charter>) -> String {
        of_amount(charter, &self.remedy, &self.amount())
    }

    /// The same, and for what: `Refund of €60.00 (late)`.
    pub(super) fn in_words_with_reason(&self, charter: Option<&Charter>) -> String {
        let what = self.in_words(charter);
        self.reason.as_deref().map_or(what.clone(), |reason| format!("{what} ({})", spoken(reason)))
    }
}

impl FromRow for ItemRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (place, remedy, reason, counted) = (row.take()?, row.take()?, row.take()?, Counted::from_row(row)?);
        Ok(Self { place, remedy, reason, counted, units: row.take()?, decision: row.take()?, grant: row.take()? })
    }
}

/// Why something could not be done with what was passed up.
#[derive(Clone, Debug)]
pub enum EscalationError {
    /// There is no such case, or nothing such that was passed up.
    NotFound,
    /// Something of this case waits for an answer already.
    Waits(EscalationId),
    /// It is somebody else's turn, or it is answered.
    CannotMove(State),
    /// Somebody else has taken it.
    Taken(Actor),
    /// Nobody answers what they raised.
    Own,
    /// Only who raised it can.
    NotTheRaiser,
    /// It is for people.
    NotForPrograms,
    /// The charter has no such rule that allows anything.
    NoRule(String),
    /// There is nothing in the answer, or more than was asked for.
    Amounts(usize),
    /// What is called less is all that was asked for.
    NotLess,
    /// An exception is a one-off or a precedent.
    Kept,
    /// What a rule covers is no exception.
    NoException,
    /// There is no time at which the customer is contacted, or none that can be told.
    PromiseDue,
    /// What was to be given meanwhile cannot be: nothing was passed up, and nothing given.
    NotGiven(Box<Offered>),
    /// This item is not for anybody above, or not for the one who answers, as things are.
    NotRaised {
        /// The place of the item.
        item: usize,
        /// Why, and what can be done about it.
        answer: Box<Decision>,
    },
    /// No single group may give all of it.
    Apart,
    /// It could not be given.
    Grant(GrantError),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for EscalationError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<GrantError> for EscalationError {
    fn from(e: GrantError) -> Self {
        match e {
            GrantError::Db(e) => Self::Db(e),
            GrantError::NotFound => Self::NotFound,
            other => Self::Grant(other),
        }
    }
}

impl From<NoSituation> for EscalationError {
    fn from(e: NoSituation) -> Self {
        GrantError::from(e).into()
    }
}

impl From<cases::State> for EscalationError {
    fn from(state: cases::State) -> Self {
        Self::Grant(GrantError::CaseSettled(state))
    }
}

impl Contended for EscalationError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// What happens to what was passed up, told in the timeline of its case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum EscalationEvent {
    /// It was passed up.
    EscalationRaised {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// To which group.
        group: String,
        /// Why.
        cause: Cause,
        /// Whether it cannot wait.
        is_urgent: bool,
        /// When an answer is due, in microseconds.
        due: Option<Instant>,
        /// What the one who raised it would do.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<Kept>,
    },
    /// Somebody of the group looked at it.
    EscalationLookedAt {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
    },
    /// Somebody of the group took it.
    EscalationTaken {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// From whom.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<StaffId>,
    },
    /// The group asks something.
    EscalationAskedBack {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// What.
        note: Kept,
    },
    /// That was answered: it is the group's turn again.
    EscalationRepliedTo {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// The group.
        group: String,
        /// When an answer is due now.
        due: Option<Instant>,
        /// With what.
        note: Kept,
    },
    /// It is not answered long after it was raised: whoever is there hears of it again.
    EscalationReminded {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// Whether it is overdue, and stays with its group: nobody is above who is there.
        is_overdue: bool,
    },
    /// It went to another group.
    EscalationPassedOn {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// From which group.
        from: String,
        /// To which.
        group: String,
        /// When an answer is due now.
        due: Option<Instant>,
        /// Whether it was not answered in time; else nobody was known to be there. Where a stored one does not say, it was.
        was_due: bool,
    },
    /// The customer has given up.
    EscalationWithdrawn {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
    },
    /// It came back.
    EscalationAnswered {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// The group.
        group: String,
        /// What was decided.
        answer: Answer,
        /// Why.
        note: Kept,
        /// The rule by which the one who raised it could have decided it.
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// Of an exception: whether others may go by it.
        #[serde(skip_serializing_if = "Option::is_none")]
        kept: Option<Standing>,
    },
    /// The one who raised it says what they think of the feedback.
    FeedbackRated {
        /// The case.
        case: CaseId,
        /// Which.
        escalation: EscalationId,
        /// What they think.
        rating: Rating,
    },
}

impl EscalationEvent {
    /// What it happened to.
    #[must_use]
    pub fn escalation(&self) -> EscalationId {
        let (Self::EscalationRaised { escalation, .. }
        | Self::EscalationLookedAt { escalation, .. }
        | Self::EscalationTaken { escalation, .. }
        | Self::EscalationAskedBack { escalation, .. }
        | Self::EscalationRepliedTo { escalation, .. }
        | Self::EscalationReminded { escalation, .. }
        | Self::EscalationPassedOn { escalation, .. }
        | Self::EscalationWithdrawn { escalation, .. }
        | Self::EscalationAnswered { escalation, .. }
        | Self::FeedbackRated { escalation, .. }) = self;
        *escalation
    }

    /// The group it is not with any more, where it went to another one.
    pub(super) fn left(&self) -> Option<&str> {
        match self {
            Self::EscalationPassedOn { from, .. } => Some(from),
            _ => None,
        }
    }

    /// Whether an exception was made that others may go by.
    pub(super) fn is_of_precedent(&self) -> bool {
        matches!(self, Self::EscalationAnswered { kept: Some(Standing::Precedent), .. })
    }
}

impl Event for EscalationEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::EscalationRaised { .. } => "escalation_raised",
            Self::EscalationLookedAt { .. } => "escalation_looked_at",
            Self::EscalationTaken { .. } => "escalation_taken",
            Self::EscalationAskedBack { .. } => "escalation_asked_back",
            Self::EscalationRepliedTo { .. } => "escalation_replied_to",
            Self::EscalationReminded { .. } => "escalation_reminded",
            Self::EscalationPassedOn { .. } => "escalation_passed_on",
            Self::EscalationWithdrawn { .. } => "escalation_withdrawn",
            Self::EscalationAnswered { .. } => "escalation_answered",
            Self::FeedbackRated { .. } => "feedback_rated",
        }
    }

    fn subject(&self) -> Subject {
        let (Self::EscalationRaised { case, .. }
        | Self::EscalationLookedAt { case, .. }
        | Self::EscalationTaken { case, .. }
        | Self::EscalationAskedBack { case, .. }
        | Self::EscalationRepliedTo { case, .. }
        | Self::EscalationReminded { case, .. }
        | Self::EscalationPassedOn { case, .. }
        | Self::EscalationWithdrawn { case, .. }
        | Self::EscalationAnswered { case, .. }
        | Self::FeedbackRated { case, .. }) = self;
        Subject::new("case", case)
    }
}

impl From<PromiseError> for EscalationError {
    fn from(e: PromiseError) -> Self {
        match e {
            PromiseError::Db(e) => Self::Db(e),
            PromiseError::NotFound | PromiseError::Ended => Self::NotFound,
            PromiseError::CaseClosed => cases::State::Closed.into(),
            PromiseError::Due | PromiseError::NoGroup => Self::PromiseDue,
        }
    }
}

use access::people::StaffId;
use charter::Charter;
use charter::model::Remedy;
use charter::money::{Amount, Currency, Measure};
use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{Column, DbError, FromRow, Row, Value};
use platform::events::Event;

use platform::ids;
use platform::texts::TextId;
use serde::{Deserialize, Serialize};

use crate::cases::CaseId;
use crate::deciding::DecisionId;
use crate::options::of_amount;
use crate::subjects::SubjectId;

ids! {
    /// A remedy given.
    GrantId,
    /// Remedies given together.
    OfferId
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Approved by somebody with more authority, to be given; its room is reserved.
    Offered,
    /// Given; the giver can still take it back.
    Granted,
    /// Taken back by the giver before it was sent.
    Withdrawn,
    /// Handed to whoever pays, ships or books it.
    Sent,
    /// The customer has it.
    Fulfilled,
    /// It could not be done; it keeps its room until somebody settles it.
    Failed,
    /// Nobody knows whether it was done; it keeps its room until somebody settles it.
    Unclear,
    /// An error, mended before it was fulfilled.
    Corrected,
}

impl GrantState {
    const ALL: [Self; 8] = [Self::Offered, Self::Granted, Self::Withdrawn, Self::Sent, Self::Fulfilled, Self::Failed, Self::Unclear, Self::Corrected];

    /// As it is kept.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::Sent => "sent",
            Self::Fulfilled => "fulfilled",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
            Self::Corrected => "corrected",
        }
    }

    /// Whether the customer was given it: not while it is only approved, nor once it was taken back or corrected.
    #[must_use]
    pub fn is_given(self) -> bool {
        !matches!(self, Self::Offered | Self::Withdrawn | Self::Corrected)
    }

    /// Whether an error can still be mended.
    #[must_use]
    pub fn is_correctable(self) -> bool {
        matches!(self, Self::Granted | Self::Sent | Self::Failed | Self::Unclear)
    }
}

impl Column for GrantState {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or_else(|| DbError::Defect(format!("`{word}` is not a state of a grant")))
    }
}

/// What came of handing a grant over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// The customer has it.
    Fulfilled,
    /// It could not be done.
    Failed,
    /// Nobody knows.
    Unclear,
    /// It is tried again.
    #[serde(rename = "sent")]
    Again,
}

impl Settled {
    /// What can come of a grant, with this word: that of the state it leads to.
    #[must_use]
    pub fn with_word(word: &str) -> Option<Self> {
        [Self::Fulfilled, Self::Failed, Self::Unclear, Self::Again].into_iter().find(|s| s.state().word() == word)
    }

    pub(super) fn state(self) -> GrantState {
        match self {
            Self::Fulfilled => GrantState::Fulfilled,
            Self::Failed => GrantState::Failed,
            Self::Unclear => GrantState::Unclear,
            Self::Again => GrantState::Sent,
        }
    }
}

/// The errors that can be mended. Judgement and amount are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It went to the wrong customer or order.
    WrongCustomerOrOrder,
    /// It was given twice.
    Double,
    /// A fact it rests on was not so.
    FalseFact,
    /// There is reason to think that somebody cheats.
    SuspectedFraud,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 4] = [Self::WrongCustomerOrOrder, Self::Double, Self::FalseFact, Self::SuspectedFraud];

    /// As it is kept.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WrongCustomerOrOrder => "wrong_customer_or_order",
            Self::Double => "double",
            Self::FalseFact => "false_fact",
            Self::SuspectedFraud => "suspected_fraud",
        }
    }

    /// The cause with this word.
    #[must_use]
    pub fn with_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// What amounts of a remedy are counted in. A grant keeps its own: the charter in force may not have the remedy any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    measure: Measure,
    /// Of money; of all else one without a name.
    currency: Currency,
}

impl Counted {
    /// What the charter counts a remedy in.
    #[must_use]
    pub fn of(charter: &Charter, remedy: &Remedy) -> Self {
        let is_money = remedy.measure == Measure::Money;
        Self { measure: remedy.measure.clone(), currency: if is_money { charter.currency.clone() } else { nameless() } }
    }

    /// An amount as a person says it: `€15.00`, `10%`, `2 months`; nothing of an act.
    #[must_use]
    pub fn spoken(&self, units: i64) -> String {
        self.measure.spoken(units, &self.currency)
    }

    /// An amount as it stands in requests and answers.
    #[must_use]
    pub fn amount(&self, units: i64) -> Amount {
        self.measure.amount(units, &self.currency)
    }

    /// An amount as people write it, in units; nothing if it is none.
    #[must_use]
    pub fn units(&self, typed: &str) -> Option<i64> {
        ui::format::parse_decimal(typed, self.measure.places(&self.currency))
    }

    /// In one word: `EUR`, `percent`, `months`, `act`.
    #[must_use]
    pub fn word(&self) -> &str {
        let (measure, unit) = self.columns();
        unit.unwrap_or(measure)
    }

    /// As it is kept: the measure, and the currency or the unit.
    pub(crate) fn columns(&self) -> (&'static str, Option<&str>) {
        match &self.measure {
            Measure::Money => ("money", Some(&self.currency.code)),
            Measure::Percent => ("percent", None),
            Measure::Count(unit) => ("count", Some(unit)),
            Measure::Act => ("act", None),
        }
    }

    pub(super) fn of_columns(measure: &str, unit: Option<String>) -> Result<Self, DbError> {
        let unknown = || DbError::Defect(format!("`{measure}` of {unit:?} is not a measure"));
        Ok(match (measure, unit.as_deref()) {
            ("money", Some(code)) => Self { measure: Measure::Money, currency: Currency::with_code(code).ok_or_else(unknown)? },
            ("percent", None) => Self { measure: Measure::Percent, currency: nameless() },
            ("count", Some(unit)) => Self { measure: Measure::Count(unit.into()), currency: nameless() },
            ("act", None) => Self { measure: Measure::Act, currency: nameless() },
            _ => return Err(unknown()),
        })
    }
}

fn nameless() -> Currency {
    Currency { code: Box::default(), symbol: Box::default(), places: 0 }
}

impl FromRow for Counted {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let measure: String = row.take()?;
        Self::of_columns(&measure, row.take()?)
    }
}

/// A grant as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Its place in the ledger.
    pub seq: i64,
    /// Which.
    pub id: GrantId,
    /// What it was given together with.
    pub offer: OfferId,
    /// In which case.
    pub case: CaseId,
    /// To whom.
    pub customer: Option<SubjectId>,
    /// By whom; while it is only offered, who approved it.
    pub giver: Actor,
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// What it is counted in.
    pub counted: Counted,
    /// How much, in units of that; nothing for an act.
    pub units: Option<i64>,
    /// The decision it rests on.
    pub decision: DecisionId,
    /// Why, where the charter wants it said.
    pub why: Option<TextId>,
    /// When.
    pub at: Instant,
    /// When it is sent, if nobody takes it back; while it is only offered, until when that holds.
    pub send_at: Instant,
    /// Where it stands.
    pub state: GrantState,
    /// Since when.
    pub state_at: Instant,
    /// The error that was mended.
    pub cause: Option<String>,
}

impl GrantRow {
    /// How much, as a person says it; nothing of an act.
    #[must_use]
    pub fn amount(&self) -> String {
        self.units.map_or_else(String::new, |units| self.counted.spoken(units))
    }

    /// Whether it was an approval that nobody gave in time. What was given is taken back only before it is sent, and an approval before it lapses.
    #[must_use]
    pub fn has_lapsed(&self) -> bool {
        self.state == GrantState::Withdrawn && self.state_at >= self.send_at
    }

    /// What was given, and how much: `Refund of €60.00`.
    pub(crate) fn in_words(&self, charter: Option<&Charter>) -> String {
        of_amount(charter, &self.remedy, &self.amount())
    }
}

/// What was given, latest first, in one line: `Refund of €60.00, Replacement (2 times)`; empty if nothing was.
pub(crate) fn so_far(rows: &[GrantRow], charter: Option<&Charter>) -> String {
    let mut sums: Vec<(GrantRow, usize)> = Vec::new();
    for row in rows.iter().rev().filter(|row| row.state.is_given()) {
        match sums.iter_mut().find(|(sum, _)| (&sum.remedy, &sum.counted) == (&row.remedy, &row.counted)) {
            Some((sum, times)) => {
                sum.units = sum.units.zip(row.units).map(|(sum, more)| sum.saturating_add(more));
                *times += 1;
            }
            None => sums.push((row.clone(), 1)),
        }
    }
    let said = sums.iter().map(|(sum, times)| match sum.units {
        None if *times > 1 => format!("{} ({times} times)", sum.in_words(charter)),
        _ => sum.in_words(charter),
    });
    said.collect::<Vec<_>>().join(", ")
}

impl FromRow for GrantRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.take()?,
            id: row.take()?,
            offer: row.take()?,
            case: row.take()?,
            customer: row.take()?,
            giver: row.take()?,
            remedy: row.take()?,
            reason: row.take()?,
            counted: Counted::from_row(row)?,
            units: row.take()?,
            decision: row.take()?,
            why: row.take()?,
            at: row.take()?,
            send_at: row.take()?,
            state: row.take()?,
            state_at: row.take()?,
            cause: row.take()?,
        })
    }
}

/// Why an approval cannot be given any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Its time was over.
    Lapsed,
    /// Another charter came into force.
    Outdated,
    /// Whoever approved it, or leads them, took it back.
    TakenBack,
}

impl Ended {
    const ALL: [Self; 3] = [Self::Lapsed, Self::Outdated, Self::TakenBack];

    /// As it is kept, and told.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lapsed => "lapsed",
            Self::Outdated => "outdated",
            Self::TakenBack => "taken_back",
        }
    }

    /// The one with a word.
    #[must_use]
    pub fn with_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.word() == word)
    }
}

impl Column for Ended {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        Self::with_word(&word).ok_or_else(|| DbError::Defect(format!("`{word}` is not how an approval ends")))
    }
}

/// What happens to grants, told in the timeline of their case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum GrantEvent {
    /// It was given.
    GrantMade {
        /// The case.
        case: CaseId,
        /// The grant.
        grant: GrantId,
        /// What.
        remedy: String,
        /// For what.
        reason: Option<String>,
        /// How much.
        units: Option<i64>,
        /// Whether it went into the stretch.
        said_why: bool,
        /// Who had approved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        approved_by: Option<StaffId>,
    },
    /// Somebody with more authority approved it; it is there to be given.
    GrantApproved {
        /// The case.
        case: CaseId,
        /// The grant it will be.
        grant: GrantId,
        /// What.
        remedy: String,
        /// For what.
        reason: Option<String>,
        /// How much.
        units: Option<i64>,
        /// Until when it can be given, in microseconds.
        until: Instant,
    },
    /// What was approved cannot be given any more; its room is free again.
    ApprovalEnded {
        /// The case.
        case: CaseId,
        /// The grant it would have been.
        grant: GrantId,
        /// Why.
        how: Ended,
    },
    /// It stands elsewhere.
    GrantMoved {
        /// The case.
        case: CaseId,
        /// The grant.
        grant: GrantId,
        /// Where it stands now.
        state: GrantState,
        /// The error that was mended.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
    },
    /// Somebody gave more where another had said no.
    NoExceeded {
        /// The case.
        case: CaseId,
        /// The grant.
        grant: GrantId,
        /// Who had said no.
        first: String,
    },
    /// The customer was told no.
    Refused {
        /// The case.
        case: CaseId,
        /// What they asked for.
        remedy: String,
        /// For what.
        reason: Option<String>,
        /// How much.
        units: Option<i64>,
    },
}

impl Event for GrantEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::GrantMade { .. } => "grant_made",
            Self::GrantApproved { .. } => "grant_approved",
            Self::ApprovalEnded { .. } => "approval_ended",
            Self::GrantMoved { state: GrantState::Corrected, .. } => "grant_corrected",
            Self::GrantMoved { .. } => "grant_moved",
            Self::NoExceeded { .. } => "no_exceeded",
            Self::Refused { .. } => "request_refused",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::GrantMade { case, .. }
            | Self::GrantApproved { case, .. }
            | Self::ApprovalEnded { case, .. }
            | Self::GrantMoved { case, .. }
            | Self::NoExceeded { case, .. }
            | Self::Refused { case, .. } => Subject::new("case", case),
        }
    }
}

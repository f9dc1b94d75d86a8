use charter::time::Instant;
use platform::db::{Column, DbError, FromRow, Row, Tx, Value};
use platform::id::Id;
use platform::{ids, params, statements};

use crate::escalations::EscalationId;
use crate::grants::Ended;

statements! {
    INSERT = "INSERT INTO news (id, staff, kind, case_number, escalation, at, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UNSEEN = "SELECT id, kind, case_number, escalation, at, ended FROM news WHERE staff = ?1 AND seen_at IS NULL ORDER BY id DESC LIMIT ?2";
    UNSEEN_OF = "SELECT id FROM news WHERE staff = ?1 AND kind = ?2 AND escalation = ?3 AND seen_at IS NULL LIMIT 1";
    SEEN_IN_CASE = "UPDATE news SET seen_at = ?3 WHERE staff = ?1 AND case_number = ?2 AND seen_at IS NULL AND id <= ?4";
    SEEN_OF_ESCALATION = "UPDATE news SET seen_at = ?3 WHERE staff = ?1 AND escalation = ?2 AND seen_at IS NULL AND id <= ?4";
    SEE_ALL = "UPDATE news SET seen_at = ?2 WHERE staff = ?1 AND seen_at IS NULL";
    SEEN = "UPDATE news SET seen_at = COALESCE(seen_at, ?3) WHERE id = ?1 AND staff = ?2 RETURNING case_number, escalation";
}

ids! {
    /// A piece of news for one of the staff.
    NewsId
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsKind {
    /// A grant of theirs was an error, and was corrected.
    GrantCorrected,
    /// Somebody gave more where they had said no.
    NoExceeded,
    /// What they passed up came back.
    EscalationAnswered,
    /// They are asked something about what they passed up.
    EscalationAskedBack,
    /// What was approved of it cannot be given any more.
    ApprovalEnded,
}

impl NewsKind {
    const ALL: [Self; 5] = [Self::GrantCorrected, Self::NoExceeded, Self::EscalationAnswered, Self::EscalationAskedBack, Self::ApprovalEnded];

    /// As it is kept; the mail about it is called so too.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::GrantCorrected => "grant_corrected",
            Self::NoExceeded => "no_exceeded",
            Self::EscalationAnswered => "escalation_answered",
            Self::EscalationAskedBack => "escalation_asked_back",
            Self::ApprovalEnded => "approval_ended",
        }
    }
}

impl Column for NewsKind {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        Self::ALL.into_iter().find(|k| k.word() == word).ok_or_else(|| DbError::Defect(format!("`{word}` is not a kind of news")))
    }
}

/// Where something is to be looked at: its page says it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// A case, by its number.
    Case(i64),
    /// Something that was passed up.
    Escalation(EscalationId),
}

impl Here {
    /// Its page.
    pub(super) fn path(self) -> String {
        match self {
            Self::Case(number) => format!("/cases/{number}"),
            Self::Escalation(id) => format!("/escalations/{id}"),
        }
    }

    pub(super) fn of(case: i64, escalation: Option<EscalationId>) -> Self {
        escalation.map_or(Self::Case(case), Self::Escalation)
    }
}

/// Something to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Which.
    pub id: NewsId,
    /// What it is about.
    pub kind: NewsKind,
    /// The number of the case it happened in.
    pub case: i64,
    /// Where to look.
    pub place: Here,
    /// When.
    pub at: Instant,
    /// Why an approval ended, if it is about that.
    pub ended: Option<Ended>,
}

impl News {
    /// Whether a page says it: that of its case, and that of what was passed up.
    pub(super) fn is_of(&self, page: Here) -> bool {
        self.place == page || page == Here::Case(self.case)
    }
}

impl FromRow for News {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (id, kind, case, escalation) = (row.take()?, row.take()?, row.take()?, row.take()?);
        Ok(Self { id, kind, case, place: Here::of(case, escalation), at: row.take()?, ended: row.take()? })
    }
}

/// Something new to hear, for one of the staff.
pub(super) struct New {
    pub(super) staff: Id,
    pub(super) kind: NewsKind,
    pub(super) case: i64,
    pub(super) escalation: Option<EscalationId>,
    pub(super) ended: Option<Ended>,
}

pub(super) async fn keep(tx: &mut Tx, new: &New, at: Instant) -> Result<(), DbError> {
    tx.execute(&INSERT, params![&NewsId::new(at), &new.staff, &new.kind, new.case, &new.escalation, at, &new.ended]).await.map(drop)
}

pub(super) async fn unseen(tx: &mut Tx, staff: Id, most: i64) -> Result<Vec<News>, DbError> {
    tx.all(&UNSEEN, params![&staff, most]).await
}

/// Whether somebody has not yet seen such news of something that was passed up.
pub(super) async fn is_unseen(tx: &mut Tx, staff: Id, kind: NewsKind, escalation: EscalationId) -> Result<bool, DbError> {
    Ok(tx.optional::<(NewsId,)>(&UNSEEN_OF, params![&staff, &kind, &escalation]).await?.is_some())
}

/// Where to look, if the news is theirs.
pub(super) async fn seen(tx: &mut Tx, id: NewsId, staff: Id, at: Instant) -> Result<Option<Here>, DbError> {
    let found: Option<(i64, Option<EscalationId>)> = tx.optional(&SEEN, params![&id, &staff, at]).await?;
    Ok(found.map(|(case, escalation)| Here::of(case, escalation)))
}

/// Somebody has seen all there was to hear.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn see_all(tx: &mut Tx, staff: Id, at: Instant) -> Result<(), DbError> {
    tx.execute(&SEE_ALL, params![&staff, at]).await.map(drop)
}

/// What somebody had not yet seen of the news that a page says is seen, up to the newest that they were shown: what came later is still to be heard.
pub(super) async fn seen_on(tx: &mut Tx, staff: Id, page: Here, newest: NewsId, at: Instant) -> Result<(), DbError> {
    let done = match page {
        Here::Case(number) => tx.execute(&SEEN_IN_CASE, params![&staff, number, at, &newest]).await,
        Here::Escalation(id) => tx.execute(&SEEN_OF_ESCALATION, params![&staff, &id, at, &newest]).await,
    };
    done.map(drop)
}

use charter::time::Instant;
use platform::db::{Column, DbError, FromRow, Row, Tx, Value};
use platform::id::Id;
use platform::{ids, params, statements};

statements! {
    INSERT = "INSERT INTO news (id, staff, kind, case_number, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    UNSEEN = "SELECT id, kind, case_number, at FROM news WHERE staff = ?1 AND seen_at IS NULL ORDER BY id DESC LIMIT ?2";
    SEEN_IN_CASE = "UPDATE news SET seen_at = ?3 WHERE staff = ?1 AND case_number = ?2 AND seen_at IS NULL AND id <= ?4";
    SEEN = "UPDATE news SET seen_at = COALESCE(seen_at, ?3) WHERE id = ?1 AND staff = ?2 RETURNING case_number";
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
}

impl NewsKind {
    const ALL: [Self; 4] = [Self::GrantCorrected, Self::NoExceeded, Self::EscalationAnswered, Self::EscalationAskedBack];

    /// As it is kept; the mail about it is called so too.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::GrantCorrected => "grant_corrected",
            Self::NoExceeded => "no_exceeded",
            Self::EscalationAnswered => "escalation_answered",
            Self::EscalationAskedBack => "escalation_asked_back",
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

/// Something to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Which.
    pub id: NewsId,
    /// What it is about.
    pub kind: NewsKind,
    /// The number of the case it happened in.
    pub case: i64,
    /// When.
    pub at: Instant,
}

impl FromRow for News {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, kind: row.take()?, case: row.take()?, at: row.take()? })
    }
}

pub(super) async fn keep(tx: &mut Tx, staff: Id, kind: NewsKind, case: i64, at: Instant) -> Result<(), DbError> {
    tx.execute(&INSERT, params![&NewsId::new(at), &staff, &kind, case, at]).await.map(drop)
}

pub(super) async fn unseen(tx: &mut Tx, staff: Id, most: i64) -> Result<Vec<News>, DbError> {
    tx.all(&UNSEEN, params![&staff, most]).await
}

/// The number of the case, if the news is theirs.
pub(super) async fn seen(tx: &mut Tx, id: NewsId, staff: Id, at: Instant) -> Result<Option<i64>, DbError> {
    let found: Option<(i64,)> = tx.optional(&SEEN, params![&id, &staff, at]).await?;
    Ok(found.map(|(number,)| number))
}

/// What somebody had not yet seen of a case's news is seen, up to the newest that they were shown: what came later is still to be heard.
pub(super) async fn seen_in_case(tx: &mut Tx, staff: Id, case: i64, newest: NewsId, at: Instant) -> Result<(), DbError> {
    tx.execute(&SEEN_IN_CASE, params![&staff, case, at, &newest]).await.map(drop)
}

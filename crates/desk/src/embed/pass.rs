use access::caller::{self, Caller};
use access::people::StaffId;
use access::tokens::{self, TokenId};
use axum::http::StatusCode;
use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{DbError, Tx};
use platform::events::Event;
use platform::http::Problem;
use platform::limits::{CARD_PASS_SECONDS, CARD_SECONDS};
use platform::passes;
use serde::{Deserialize, Serialize};

use crate::cases::CaseRow;
use crate::state::seen;

/// The kind of these passes.
const KIND: &str = "card";

/// What a pass says: who may see and do what the card of one case offers, until when, and by which token it was asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Pass {
    pub(super) staff: StaffId,
    pub(super) case: i64,
    pub(super) token: TokenId,
    pub(super) until: Instant,
    /// When the first of a row of passes was made.
    pub(super) begun: Instant,
}

impl Pass {
    /// The first pass for somebody.
    pub(super) fn new(staff: StaffId, case: i64, token: TokenId, now: Instant) -> Self {
        Self { staff, case, token, until: now + CARD_PASS_SECONDS * 1_000_000, begun: now }
    }

    /// The one that takes its place when the card is used.
    fn renewed(&self, now: Instant) -> Self {
        let end = self.begun + CARD_SECONDS * 1_000_000;
        Self { until: (now + CARD_PASS_SECONDS * 1_000_000).min(end).max(self.until), ..self.clone() }
    }

    pub(super) async fn signed(&self, tx: &mut Tx) -> Result<String, DbError> {
        let words = serde_json::to_string(self).map_err(|e| DbError::Defect(format!("a pass cannot be written: {e}")))?;
        passes::sign(tx, KIND, &words).await
    }
}

pub(super) async fn prepare(tx: &mut Tx, now: Instant) -> Result<(), DbError> {
    passes::prepare(tx, KIND, now).await
}

/// Who uses the card of which case, with the pass for what they do next.
pub(super) struct Admitted {
    pub(super) caller: Caller,
    pub(super) case: CaseRow,
    pub(super) next: String,
}

/// Lets somebody in who brings a pass: it is ours and has not ended, the token it was asked for with still holds, and the person still may see the case.
pub(super) async fn admitted(tx: &mut Tx, brought: &str, now: Instant) -> Result<Admitted, Problem> {
    let words = passes::open(tx, KIND, brought).await?.ok_or_else(unknown)?;
    let pass: Pass = serde_json::from_str(&words).map_err(|_| unknown())?;
    if now >= pass.until {
        return Err(ended());
    }
    if !tokens::is_live(tx, pass.token).await? {
        return Err(unknown());
    }
    let caller = caller::of_staff(tx, pass.staff, now).await?.filter(Caller::is_at_the_desk).ok_or_else(unknown)?;
    let case = seen(tx, &caller, pass.case).await?;
    Ok(Admitted { caller, case, next: pass.renewed(now).signed(tx).await? })
}

fn ended() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "card-ended", "This has been open for too long")
        .detail("Nothing was changed. Load the page around it again: it asks for a new card.")
}

fn unknown() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "card-unknown", "This card does not open")
        .detail("Nothing was changed. Load the page around it again: it asks for a new card.")
}

/// What happens to cards.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum CardEvent {
    CardShown { staff: StaffId, case: String, token: TokenId },
}

impl Event for CardEvent {
    fn kind(&self) -> &'static str {
        "card_shown"
    }

    fn subject(&self) -> Subject {
        let Self::CardShown { staff, .. } = self;
        Subject::new("staff", staff)
    }
}

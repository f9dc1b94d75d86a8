//! What is applied in the transaction of an event: see the table of wires of the program.

use access::people::{self, StaffId};
use charter::time::Instant;
use platform::db::{Body, DbError, Tx};
use platform::events::Recorded;
use platform::id::Id;
use platform::jobs::{self, NewJob};
use serde_json::{Value as Json, json};

use super::store::{self, NewsKind};
use crate::cases;
use crate::grants;

/// The job that sends a mail.
const MAIL_JOB: &str = "mail";

/// A grant was corrected: the one who gave it hears of it.
pub fn corrected<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let Some(grant) = field(event, "grant") else { return Ok(()) };
        let Some(grant) = grants::by_id(tx, grants::GrantId(grant)).await? else { return Ok(()) };
        match grant.giver.staff() {
            Some(giver) => tell(tx, giver, NewsKind::GrantCorrected, event).await,
            None => Ok(()),
        }
    })
}

/// Somebody gave more where another had said no: the other hears of it.
pub fn exceeded<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        match field(event, "first") {
            Some(first) => tell(tx, first, NewsKind::NoExceeded, event).await,
            None => Ok(()),
        }
    })
}

/// Something that was passed up came back, or something is asked: the one who raised it hears of it.
pub(crate) async fn told(tx: &mut Tx, raiser: Id, event: &Recorded) -> Result<(), DbError> {
    let kind = if event.kind == "escalation_answered" { NewsKind::EscalationAnswered } else { NewsKind::EscalationAskedBack };
    tell(tx, raiser, kind, event).await
}

fn field(event: &Recorded, name: &str) -> Option<Id> {
    let data: Json = serde_json::from_str(&event.data).ok()?;
    data.get(name)?.as_str()?.parse().ok()
}

async fn tell(tx: &mut Tx, staff: Id, kind: NewsKind, event: &Recorded) -> Result<(), DbError> {
    let Some(case) = field(event, "case") else { return Ok(()) };
    let Some(case) = cases::by_id(tx, cases::CaseId(case)).await? else { return Ok(()) };
    store::keep(tx, staff, kind, case.number, event.at).await?;
    mail(tx, staff, kind, case.number, event, event.at).await
}

/// The mail says where to look, and nothing of what stands there.
async fn mail(tx: &mut Tx, staff: Id, kind: NewsKind, case: i64, event: &Recorded, at: Instant) -> Result<(), DbError> {
    let Some(email) = people::find(tx, StaffId(staff)).await?.and_then(|s| s.email) else { return Ok(()) };
    let template = kind.word();
    let payload = json!({ "to": email, "template": template, "path": format!("/cases/{case}") }).to_string();
    let key = format!("{}#{}", event.subject, event.number);
    jobs::enqueue(tx, &NewJob { kind: MAIL_JOB, key: &key, payload: &payload, run_at: at }, at).await.map(drop)
}

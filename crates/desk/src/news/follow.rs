//! What is applied in the transaction of an event: see the table of wires of the program.

use access::caller;
use access::people::{self, StaffId};
use platform::db::{Body, DbError, Tx};
use platform::events::Recorded;
use platform::id::Id;
use platform::jobs::{self, NewJob};
use serde_json::{Value as Json, json};

use super::store::{self, Here, New, NewsKind};
use crate::cases;
use crate::escalations::EscalationId;
use crate::grants::{self, Ended};
use crate::state::may_see;

/// The job that sends a mail.
pub const MAIL_JOB: &str = "mail";

/// A grant was corrected: the one who gave it hears of it.
pub fn corrected<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let Some(grant) = field(event, "grant") else { return Ok(()) };
        let Some(grant) = grants::by_id(tx, grants::GrantId(grant)).await? else { return Ok(()) };
        match grant.giver.staff() {
            Some(giver) => tell(tx, giver, NewsKind::GrantCorrected, None, event).await,
            None => Ok(()),
        }
    })
}

/// Somebody gave more where another had said no: the other hears of it.
pub fn exceeded<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        match field(event, "first") {
            Some(first) => tell(tx, first, NewsKind::NoExceeded, None, event).await,
            None => Ok(()),
        }
    })
}

/// Something that was passed up came back, something is asked, or what was approved cannot be given any more: the one who raised it hears of it.
pub(crate) async fn told(tx: &mut Tx, raiser: Id, escalation: EscalationId, event: &Recorded) -> Result<(), DbError> {
    let kind = match event.kind.as_str() {
        "escalation_answered" => NewsKind::EscalationAnswered,
        "approval_ended" => NewsKind::ApprovalEnded,
        _ => NewsKind::EscalationAskedBack,
    };
    // All that was approved together ends together: that is one thing to hear.
    if kind == NewsKind::ApprovalEnded && store::is_unseen(tx, raiser, kind, escalation).await? {
        return Ok(());
    }
    tell(tx, raiser, kind, Some(escalation), event).await
}

fn data(event: &Recorded) -> Json {
    serde_json::from_str(&event.data).unwrap_or_default()
}

/// Why an approval ended, as the event of it says.
fn ended(event: &Recorded) -> Option<Ended> {
    Ended::with_word(data(event).get("how")?.as_str()?)
}

/// The id in a field of an event.
pub(crate) fn field(event: &Recorded, name: &str) -> Option<Id> {
    data(event).get(name)?.as_str()?.parse().ok()
}

async fn tell(tx: &mut Tx, staff: Id, kind: NewsKind, escalation: Option<EscalationId>, event: &Recorded) -> Result<(), DbError> {
    let Some(case) = field(event, "case") else { return Ok(()) };
    let Some(case) = cases::by_id(tx, cases::CaseId(case)).await? else { return Ok(()) };
    let ended = ended(event).filter(|_| kind == NewsKind::ApprovalEnded);
    store::keep(tx, &New { staff, kind, case: case.number, escalation, ended }, event.at).await?;
    // Who raised it may open what was passed up; a case may be another team's by now.
    let leads = escalation.is_some() || caller::of_staff(tx, StaffId(staff), event.at).await?.is_some_and(|caller| may_see(&caller, &case));
    let path = if leads { Here::of(case.number, escalation).path() } else { String::new() };
    let template = ended.map_or_else(|| kind.word().to_owned(), |how| format!("approval_{}", how.word()));
    mail(tx, StaffId(staff), &template, &path, event).await
}

/// A mail about an event, once for each person. It says where to look, unless there is nowhere (then `path` is empty), and nothing of what stands there.
pub(crate) async fn mail(tx: &mut Tx, staff: StaffId, template: &str, path: &str, event: &Recorded) -> Result<(), DbError> {
    let Some(email) = people::find(tx, staff).await?.and_then(|s| s.email) else { return Ok(()) };
    let path = Some(path).filter(|path| !path.is_empty());
    let payload = json!({ "to": email, "template": template, "path": path }).to_string();
    let key = format!("{}#{} {staff}", event.subject, event.number);
    jobs::enqueue(tx, &NewJob { kind: MAIL_JOB, key: &key, payload: &payload, run_at: event.at }, event.at).await.map(drop)
}

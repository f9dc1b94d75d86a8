//! Who hears of what happens to what was passed up: the people of the group, and the one who raised it.

use access::people::{self, StaffId};
use charter::time::Instant;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events::{self, Recorded};
use platform::id::Id;
use platform::jobs::{self, NewJob};
use platform::live::{self, Topic};
use serde_json::{Value as Json, json};

use super::chat::{self, Told};
use super::model::{EscalationEvent, EscalationId};
use super::store;
use crate::charters::{self, Charters};
use crate::groups;

/// The job that sends a mail.
const MAIL_JOB: &str = "mail";

/// Something happened to what was passed up: it is kept, and open pages hear of it, its own and those that list it.
pub(super) async fn tell(tx: &mut Tx, event: &EscalationEvent, by: &Actor, at: Instant) -> Result<(), DbError> {
    events::append(tx, event, by, at).await?;
    live::touch(tx, Topic::new("escalation", &event.escalation()));
    if let Some(row) = store::by_id(tx, event.escalation()).await? {
        live::touch(tx, Topic::new("group", &row.group));
    }
    if let Some(group) = event.left() {
        live::touch(tx, Topic::new("group", &group));
    }
    Ok(())
}

fn field(event: &Recorded, name: &str) -> Option<String> {
    let data: Json = serde_json::from_str(&event.data).ok()?;
    data.get(name)?.as_str().map(str::to_owned)
}

fn is_overdue(event: &Recorded) -> bool {
    let data: Json = serde_json::from_str(&event.data).unwrap_or_default();
    data.get("is_overdue").and_then(Json::as_bool).unwrap_or_default()
}

/// Something is the group's turn, or is so again or still: whoever is there now, or is there next, hears of it by mail, and the group in its chat.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn told_group(tx: &mut Tx, known: &Charters, event: &Recorded) -> Result<(), DbError> {
    let Some(id) = field(event, "escalation").and_then(|id| id.parse::<Id>().ok()).map(EscalationId) else { return Ok(()) };
    let (Some(row), Some(in_force)) = (store::by_id(tx, id).await?, charters::in_force(tx, known).await?) else { return Ok(()) };
    let now = Timestamp::from_microsecond(event.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let told = match event.kind.as_str() {
        "escalation_reminded" if is_overdue(event) => Told::Overdue,
        "escalation_reminded" => Told::Reminded,
        "escalation_replied_to" => Told::RepliedTo,
        "escalation_passed_on" => Told::PassedOn,
        _ => Told::Raised,
    };
    chat::tell(tx, &row, told, event).await?;
    let template = match told {
        Told::Raised if row.is_urgent => "escalation_urgent",
        Told::Raised => "escalation_raised",
        Told::Reminded | Told::Overdue => "escalation_waits",
        Told::RepliedTo => "escalation_replied_to",
        Told::PassedOn => "escalation_passed_on",
    };
    for staff in groups::reached(tx, &in_force.charter, &row.group, now).await? {
        if row.raiser.staff() != Some(staff.0) {
            mail(tx, staff, template, &format!("/escalations/{id}"), event).await?;
        }
    }
    Ok(())
}

/// It came back, or something is asked: the one who raised it hears of it, by mail and above their pages.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn told_raiser(tx: &mut Tx, event: &Recorded) -> Result<(), DbError> {
    let Some(id) = field(event, "escalation").and_then(|id| id.parse::<Id>().ok()).map(EscalationId) else { return Ok(()) };
    let Some(row) = store::by_id(tx, id).await? else { return Ok(()) };
    match row.raiser.staff() {
        Some(raiser) => crate::news::told(tx, raiser, event).await,
        None => Ok(()),
    }
}

/// The mail says where to look, and nothing of what stands there.
async fn mail(tx: &mut Tx, staff: StaffId, template: &str, path: &str, event: &Recorded) -> Result<(), DbError> {
    let Some(email) = people::find(tx, staff).await?.and_then(|s| s.email) else { return Ok(()) };
    let payload = json!({ "to": email, "template": template, "path": path }).to_string();
    let key = format!("{}#{} {staff}", event.subject, event.number);
    jobs::enqueue(tx, &NewJob { kind: MAIL_JOB, key: &key, payload: &payload, run_at: event.at }, event.at).await.map(drop)
}

//! Who hears of what happens to what was passed up: the people of the group, and the one who raised it.

use charter::time::Instant;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events::{self, Recorded};
use platform::live::{self, Topic};
use serde_json::Value as Json;

use super::chat::{self, Told};
use super::model::{EscalationEvent, EscalationId};
use super::store;
use crate::charters::{self, Charters};
use crate::grants::GrantId;
use crate::groups;
use crate::news;

/// The name of the place where precedents are looked at: everybody at the desk reads them.
pub const PRECEDENTS: &str = "precedents";

/// Something happened to what was passed up: it is kept, and open pages hear of it, its own and those that list it.
pub(super) async fn tell(tx: &mut Tx, event: &EscalationEvent, by: &Actor, at: Instant) -> Result<(), DbError> {
    events::append(tx, event, by, at).await?;
    live::touch(tx, Topic::new("escalation", &event.escalation()));
    if let Some(row) = store::by_id(tx, event.escalation()).await? {
        live::touch(tx, Topic::new("group", &row.group));
        // What came of it counts in the figures of the group it was raised to first, too.
        if row.passed_on > 0 {
            let first = store::raised_to_first(tx, row.id).await?;
            live::touch(tx, Topic::new("group", &first));
        }
    }
    if event.is_of_precedent() {
        live::touch(tx, Topic::place(PRECEDENTS));
    }
    if let Some(group) = event.left() {
        live::touch(tx, Topic::new("group", &group));
    }
    Ok(())
}

fn data(event: &Recorded) -> Json {
    serde_json::from_str(&event.data).unwrap_or_default()
}

fn is_overdue(event: &Recorded) -> bool {
    data(event).get("is_overdue").and_then(Json::as_bool).unwrap_or_default()
}

/// Whether something that was passed on had not been answered in time. What was passed on before the log said it was so.
pub(crate) fn was_due(data: &Json) -> bool {
    data.get("was_due").and_then(Json::as_bool).unwrap_or(true)
}

/// Something is the group's turn, or is so again or still: whoever is there now, or is there next, hears of it by mail, and the group in its chat.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn told_group(tx: &mut Tx, known: &Charters, event: &Recorded) -> Result<(), DbError> {
    let Some(id) = news::field(event, "escalation").map(EscalationId) else { return Ok(()) };
    let (Some(row), Some(in_force)) = (store::by_id(tx, id).await?, charters::in_force(tx, known).await?) else { return Ok(()) };
    let now = Timestamp::from_microsecond(event.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let told = match event.kind.as_str() {
        "escalation_reminded" if is_overdue(event) => Told::Overdue,
        "escalation_reminded" => Told::Reminded,
        "escalation_replied_to" => Told::RepliedTo,
        "escalation_passed_on" if was_due(&data(event)) => Told::PassedOn,
        "escalation_passed_on" => Told::HandedOn,
        _ => Told::Raised,
    };
    chat::tell(tx, &row, told, event).await?;
    let template = match told {
        Told::Raised if row.is_urgent => "escalation_urgent",
        Told::Raised => "escalation_raised",
        Told::Reminded | Told::Overdue => "escalation_waits",
        Told::RepliedTo => "escalation_replied_to",
        Told::PassedOn => "escalation_passed_on",
        Told::HandedOn => "escalation_handed_on",
    };
    for staff in groups::reached(tx, &in_force.charter, &row.group, now).await? {
        if row.raiser.staff() != Some(staff.0) {
            news::mail(tx, staff, template, &format!("/escalations/{id}"), event).await?;
        }
    }
    Ok(())
}

/// It came back, something is asked, or what was approved cannot be given any more: the one who raised it hears of it, by mail and above their pages.
///
/// # Errors
/// [`DbError`] when it cannot be read or kept.
pub async fn told_raiser(tx: &mut Tx, event: &Recorded) -> Result<(), DbError> {
    let id = match (news::field(event, "escalation"), news::field(event, "grant")) {
        (Some(id), _) => Some(EscalationId(id)),
        (None, Some(grant)) => store::of_grant(tx, GrantId(grant)).await?,
        (None, None) => None,
    };
    let Some(id) = id else { return Ok(()) };
    let Some(row) = store::by_id(tx, id).await? else { return Ok(()) };
    match row.raiser.staff() {
        Some(raiser) => news::told(tx, raiser, id, event).await,
        None => Ok(()),
    }
}

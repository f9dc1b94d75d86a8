//! The message that hands a grant over. Its id and its idempotency key are the grant's, so that whoever pays twice for one message pays once for one grant.

use charter::time::instant_to_text;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events::Recorded;
use platform::webhooks::{self, Told};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value as Json, json};

use crate::cases;
use crate::charters::{self, Charters};
use crate::grants::{self, GrantId, GrantRow};
use crate::subjects;

/// The event of that message.
pub const SENT_EVENT: &str = "grant_sent";

/// A grant moved: if it was sent, those who hand it over are told of it. For the wiring of `grant_moved`.
///
/// # Errors
/// [`DbError`] when it cannot be read, or the message not kept.
pub async fn sent(tx: &mut Tx, known: &Charters, event: &Recorded) -> Result<(), DbError> {
    let moved: Json = serde_json::from_str(&event.data).unwrap_or_default();
    let id: Option<GrantId> = moved.get("grant").and_then(Json::as_str).and_then(|id| id.parse().ok());
    let (Some(id), Some("sent")) = (id, moved.get("state").and_then(Json::as_str)) else { return Ok(()) };
    if !webhooks::wants(tx, SENT_EVENT).await? {
        return Ok(());
    }
    let Some(grant) = grants::by_id(tx, id).await? else { return Ok(()) };
    let data = to_raw_value(&document(tx, known, &grant).await?).map_err(|e| DbError::Defect(format!("`{SENT_EVENT}` cannot be told: {e}")))?;
    // What is sent again comes as a message of its own, still about the one grant: whoever has done it for that does not do it again.
    let message = if event.actor == Actor::System { format!("{SENT_EVENT}:{id}") } else { format!("{SENT_EVENT}:{id}:{}", event.number) };
    let told = Told { id: message, key: id.to_string(), event: SENT_EVENT.to_owned(), at: instant_to_text(event.at), data };
    webhooks::tell(tx, &told, event.at).await
}

/// What is needed to hand it over: what, how much, for whom. Names under which the shop knows them, and nothing else about a person.
async fn document(tx: &mut Tx, known: &Charters, grant: &GrantRow) -> Result<Json, DbError> {
    let in_force = charters::in_force(tx, known).await?;
    let remedy = in_force.as_ref().and_then(|c| c.charter.remedy(&grant.remedy).and_then(|place| c.charter.remedies.get(place)).map(|r| (&c.charter, r)));
    let amount = remedy.zip(grant.units).map(|((charter, remedy), units)| json!(remedy.measure.amount(units, &charter.currency)));
    let customer = match grant.customer {
        Some(id) => subjects::read(tx, id).await?.map(|row| row.reference),
        None => None,
    };
    let about: Map<String, Json> = cases::about(tx, grant.case).await?.into_iter().map(|(kind, _, reference)| (kind, json!(reference))).collect();
    let case = cases::by_id(tx, grant.case).await?.map(|case| case.number);
    Ok(json!({
        "grant": grant.id.to_string(),
        "offer": grant.offer.to_string(),
        "case": case,
        "remedy": grant.remedy,
        "reason": grant.reason,
        "amount": amount,
        "units": grant.units,
        "customer": customer,
        "about": about,
        "settle": format!("/api/v1/grants/{}/settlement", grant.id),
    }))
}

use charter::time::{Instant, instant_to_text};
use serde_json::value::RawValue;

use super::delivery::{DELIVER_JOB, Delivery, Message};
use super::model::{NewWebhook, Secret, WebhookEvent, WebhookId};
use super::store;
use crate::actor::Actor;
use crate::db::{Body, DbError, Tx};
use crate::events::{self, Recorded};
use crate::jobs::{self, NewJob};

/// Adds a webhook. The secret is shown to whoever added it, and to nobody after.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn add(tx: &mut Tx, new: &NewWebhook, secret: &Secret, by: &Actor, at: Instant) -> Result<WebhookId, DbError> {
    let id = WebhookId::new(at);
    store::insert(tx, id, &new.url, secret, at).await?;
    for event in &new.events {
        store::insert_event(tx, id, event).await?;
    }
    events::append(tx, &WebhookEvent::WebhookAdded { webhook: id, events: new.events.clone() }, by, at).await?;
    Ok(id)
}

/// Tells a webhook of nothing any more, not even of what waits for it. Says whether it was told until now.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn disable(tx: &mut Tx, id: WebhookId, by: &Actor, at: Instant) -> Result<bool, DbError> {
    let was_open = store::disable(tx, id, at).await?;
    if was_open {
        events::append(tx, &WebhookEvent::WebhookDisabled { webhook: id }, by, at).await?;
    }
    Ok(was_open)
}

/// What follows from an event, in its transaction: a job for each webhook that is told of it. For the wiring.
pub fn follow<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        for (webhook,) in store::told_of(tx, &event.kind).await? {
            let id = format!("{}#{}", event.subject, event.number);
            let key = format!("{webhook} {id}");
            let not_json = |e: serde_json::Error| DbError::Defect(format!("`{}` cannot be told: {e}", event.kind));
            let data = RawValue::from_string(event.data.clone()).map_err(not_json)?;
            let message = Message { id, event: event.kind.clone(), at: instant_to_text(event.at), data };
            let payload = serde_json::to_string(&Delivery { webhook, message }).map_err(not_json)?;
            jobs::enqueue(tx, &NewJob { kind: DELIVER_JOB, key: &key, payload: &payload, run_at: event.at }, event.at).await?;
        }
        Ok(())
    })
}

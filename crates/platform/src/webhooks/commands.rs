use charter::time::{Instant, instant_to_text};
use serde_json::value::RawValue;

use super::deliveries::{self, Told};
use super::model::{NewWebhook, Secret, TEST_EVENT, WAKE_JOB, WebhookError, WebhookEvent, WebhookId};
use super::store;
use crate::actor::Actor;
use crate::db::{DbError, Tx};
use crate::events;
use crate::jobs::{self, NewJob};
use crate::limits;

/// Adds a webhook. The secret is shown to whoever added it, and to nobody after.
///
/// # Errors
/// [`WebhookError::TooMany`]; [`WebhookError::Field`] when no event was chosen.
pub async fn add(tx: &mut Tx, new: &NewWebhook, secret: &Secret, by: &Actor, at: Instant) -> Result<WebhookId, WebhookError> {
    let events = chosen(&new.events)?;
    tx.hold(&["webhooks".to_owned()]).await?;
    if store::count(tx).await? >= limits::WEBHOOKS {
        return Err(WebhookError::TooMany);
    }
    let id = WebhookId::new(at);
    store::insert(tx, id, &new.url, secret, at).await?;
    store::insert_events(tx, id, &events).await?;
    events::append(tx, &WebhookEvent::WebhookAdded { webhook: id, events }, by, at).await?;
    Ok(id)
}

fn chosen(events: &[String]) -> Result<Vec<String>, WebhookError> {
    let mut events = events.to_vec();
    events.sort_unstable();
    events.dedup();
    if events.is_empty() { Err(WebhookError::Field("events", "Choose at least one event.".to_owned())) } else { Ok(events) }
}

/// Tells a webhook of these events from now on.
///
/// # Errors
/// [`WebhookError::NotFound`]; [`WebhookError::Field`] when no event was chosen.
pub async fn choose_events(tx: &mut Tx, id: WebhookId, chosen_events: &[String], by: &Actor, at: Instant) -> Result<(), WebhookError> {
    let events = chosen(chosen_events)?;
    open(tx, id).await?;
    store::clear_events(tx, id).await?;
    store::insert_events(tx, id, &events).await?;
    Ok(events::append(tx, &WebhookEvent::WebhookEventsChosen { webhook: id, events }, by, at).await?)
}

async fn open(tx: &mut Tx, id: WebhookId) -> Result<bool, WebhookError> {
    tx.hold(&[format!("webhook {id}")]).await?;
    let found = store::find(tx, id).await?.filter(|webhook| webhook.disabled_at.is_none()).ok_or(WebhookError::NotFound)?;
    Ok(found.paused_at.is_some())
}

/// What a webhook is told of waits from now on. Says whether it did not already.
///
/// # Errors
/// [`WebhookError::NotFound`].
pub async fn pause(tx: &mut Tx, id: WebhookId, by: &Actor, at: Instant) -> Result<bool, WebhookError> {
    let is_paused = open(tx, id).await?;
    if !is_paused {
        store::set_paused(tx, id, Some(at)).await?;
        events::append(tx, &WebhookEvent::WebhookPaused { webhook: id }, by, at).await?;
    }
    Ok(!is_paused)
}

/// What waited is sent, and what follows. Says whether it was paused.
///
/// # Errors
/// [`WebhookError::NotFound`].
pub async fn resume(tx: &mut Tx, id: WebhookId, by: &Actor, at: Instant) -> Result<bool, WebhookError> {
    let is_paused = open(tx, id).await?;
    if is_paused {
        store::set_paused(tx, id, None).await?;
        // A job of its own each time: one before it may have woken some, which then waited again.
        let (key, payload) = (format!("{id} {at}"), format!("\"{id}\""));
        jobs::enqueue(tx, &NewJob { kind: WAKE_JOB, key: &key, payload: &payload, run_at: at }, at).await?;
        events::append(tx, &WebhookEvent::WebhookResumed { webhook: id }, by, at).await?;
    }
    Ok(is_paused)
}

/// Signs with another secret. For a day the one before it signs too, so that the other system can change without missing anything.
///
/// # Errors
/// [`WebhookError::NotFound`].
pub async fn rotate(tx: &mut Tx, id: WebhookId, secret: &Secret, by: &Actor, at: Instant) -> Result<(), WebhookError> {
    open(tx, id).await?;
    store::rotate(tx, id, secret, at + limits::WEBHOOK_OVERLAP_SECONDS * 1_000_000).await?;
    Ok(events::append(tx, &WebhookEvent::WebhookSecretRotated { webhook: id }, by, at).await?)
}

/// Sends one webhook a message that says nothing, whatever else it is told of.
///
/// # Errors
/// [`WebhookError::NotFound`].
pub async fn test(tx: &mut Tx, id: WebhookId, at: Instant) -> Result<(), WebhookError> {
    open(tx, id).await?;
    let message = format!("test:{}", WebhookId::new(at));
    let data = RawValue::from_string("{}".to_owned()).map_err(|e| DbError::Defect(e.to_string()))?;
    let told = Told { id: message.clone(), key: message, event: TEST_EVENT.to_owned(), at: instant_to_text(at), data };
    Ok(deliveries::to_one(tx, id, &told, at).await?)
}

/// Sends a message again that was delivered or given up: the same one, under the same id.
///
/// # Errors
/// [`WebhookError::NotFound`]; [`WebhookError::StillWaits`].
pub async fn send_again(tx: &mut Tx, id: WebhookId, delivery: i64, at: Instant) -> Result<(), WebhookError> {
    open(tx, id).await?;
    if !store::again(tx, id, delivery, at).await? {
        return Err(if store::has(tx, id, delivery).await? { WebhookError::StillWaits } else { WebhookError::NotFound });
    }
    Ok(deliveries::want(tx, delivery, at).await?)
}

/// Tells a webhook of nothing any more, not even of what waits for it. Says whether it was told until now.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn disable(tx: &mut Tx, id: WebhookId, by: &Actor, at: Instant) -> Result<bool, DbError> {
    let was_open = store::disable(tx, id, at).await?;
    if was_open {
        store::give_up_all(tx, id).await?;
        events::append(tx, &WebhookEvent::WebhookDisabled { webhook: id }, by, at).await?;
    }
    Ok(was_open)
}

use charter::time::Instant;

use super::deliveries::Told;
use super::model::{Delivery, DeliveryState, Secret, Webhook, WebhookId};
use crate::db::{DbError, FromRow, Row, Tx};
use crate::{limits, params, statements};

statements! {
    COUNT = "SELECT COUNT(*) FROM webhooks WHERE disabled_at IS NULL";
    INSERT = "INSERT INTO webhooks (id, url, secret, made_at) VALUES (?1, ?2, ?3, ?4)";
    INSERT_EVENT = "INSERT INTO webhook_events (event, webhook) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    CLEAR_EVENTS = "DELETE FROM webhook_events WHERE webhook = ?1";
    SET_PAUSED = "UPDATE webhooks SET paused_at = ?2 WHERE id = ?1";
    ROTATE = "UPDATE webhooks SET old_secret = secret, old_until = ?3, secret = ?2 WHERE id = ?1";
    DISABLE = "UPDATE webhooks SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL";
    // One webhook, said as a range and sorted by too: so that PostgreSQL goes by the index of both and not backwards through all deliveries.
    FIND = "SELECT id, url, made_at, paused_at, disabled_at, old_until,
              (SELECT d.state FROM webhook_deliveries d WHERE d.webhook >= w.id AND d.webhook <= w.id ORDER BY d.webhook DESC, d.seq DESC LIMIT 1),
              EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = w.id AND d.state = 'failed' AND d.state IN ('waiting', 'failed'))
            FROM webhooks w WHERE id = ?1";
    LIST = "SELECT id, url, made_at, paused_at, disabled_at, old_until,
              (SELECT d.state FROM webhook_deliveries d WHERE d.webhook >= w.id AND d.webhook <= w.id ORDER BY d.webhook DESC, d.seq DESC LIMIT 1),
              EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = w.id AND d.state = 'failed' AND d.state IN ('waiting', 'failed'))
            FROM webhooks w WHERE disabled_at IS NULL ORDER BY id DESC LIMIT ?1";
    EVENTS_OF = "SELECT event FROM webhook_events WHERE webhook = ?1 ORDER BY event";
    EVENTS = "SELECT w.id, e.event FROM webhooks w JOIN webhook_events e ON e.webhook = w.id WHERE w.disabled_at IS NULL ORDER BY e.event";
    TOLD_OF = "SELECT w.id FROM webhook_events e JOIN webhooks w ON w.id = e.webhook
               WHERE e.event = ?1 AND w.disabled_at IS NULL ORDER BY w.id LIMIT ?2";
    INSERT_DELIVERY = "INSERT INTO webhook_deliveries (webhook, message, key, event, body, state, tries, made_at, next_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0, ?6, ?6) ON CONFLICT (webhook, message) DO NOTHING RETURNING seq";
    DUE = "SELECT w.url, w.secret, w.old_secret, w.old_until, w.paused_at, d.message, d.key, d.body
           FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook WHERE d.seq = ?1 AND d.state = 'waiting' AND w.disabled_at IS NULL";
    TRIED = "UPDATE webhook_deliveries SET state = ?2, tries = tries + 1, status = ?3, error = ?4, tried_at = ?5, next_at = ?6
             WHERE seq = ?1 AND state = 'waiting'";
    DELIVERIES = "SELECT seq, message, event, state, tries, status, error, made_at, tried_at, next_at FROM webhook_deliveries
                  WHERE webhook = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
    HAS = "SELECT COUNT(*) FROM webhook_deliveries WHERE seq = ?1 AND webhook = ?2";
    AGAIN = "UPDATE webhook_deliveries SET state = 'waiting', tries = 0, next_at = ?3 WHERE seq = ?2 AND webhook = ?1 AND state <> 'waiting'";
    WAITING = "SELECT seq FROM webhook_deliveries WHERE webhook = ?1 AND state = 'waiting' AND state IN ('waiting', 'failed') AND seq > ?2 ORDER BY seq LIMIT ?3";
    GIVE_UP_ALL = "UPDATE webhook_deliveries SET state = 'failed', error = 'the webhook was removed', next_at = NULL
                   WHERE webhook = ?1 AND state = 'waiting' AND state IN ('waiting', 'failed')";
    FORGET = "DELETE FROM webhook_deliveries WHERE made_at < ?1 AND state <> 'waiting'";
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(tx.one::<(i64,)>(&COUNT, &[]).await?.0)
}

pub(super) async fn insert(tx: &mut Tx, id: WebhookId, url: &str, secret: &Secret, at: Instant) -> Result<(), DbError> {
    tx.execute(&INSERT, params![&id, url, secret.show(), at]).await.map(drop)
}

pub(super) async fn insert_events(tx: &mut Tx, id: WebhookId, events: &[String]) -> Result<(), DbError> {
    for event in events {
        tx.execute(&INSERT_EVENT, params![event.as_str(), &id]).await?;
    }
    Ok(())
}

pub(super) async fn clear_events(tx: &mut Tx, id: WebhookId) -> Result<(), DbError> {
    tx.execute(&CLEAR_EVENTS, params![&id]).await.map(drop)
}

pub(super) async fn set_paused(tx: &mut Tx, id: WebhookId, at: Option<Instant>) -> Result<(), DbError> {
    tx.execute(&SET_PAUSED, params![&id, &at]).await.map(drop)
}

pub(super) async fn rotate(tx: &mut Tx, id: WebhookId, secret: &Secret, until: Instant) -> Result<(), DbError> {
    tx.execute(&ROTATE, params![&id, secret.show(), until]).await.map(drop)
}

pub(super) async fn disable(tx: &mut Tx, id: WebhookId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&DISABLE, params![&id, at]).await? == 1)
}

/// A webhook.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn find(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    let Some(mut found) = tx.optional::<Webhook>(&FIND, params![&id]).await? else { return Ok(None) };
    let events: Vec<(String,)> = tx.all(&EVENTS_OF, params![&id]).await?;
    found.events = events.into_iter().map(|(event,)| event).collect();
    Ok(Some(found))
}

/// The webhooks that are told of something, latest first: [`limits::WEBHOOKS`] at most.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<Webhook>, DbError> {
    let mut webhooks: Vec<Webhook> = tx.all(&LIST, params![limits::WEBHOOKS]).await?;
    let events: Vec<(WebhookId, String)> = tx.all(&EVENTS, &[]).await?;
    for webhook in &mut webhooks {
        webhook.events = events.iter().filter(|(id, _)| *id == webhook.id).map(|(_, event)| event.clone()).collect();
    }
    Ok(webhooks)
}

pub(super) async fn told_of(tx: &mut Tx, event: &str) -> Result<Vec<WebhookId>, DbError> {
    let told: Vec<(WebhookId,)> = tx.all(&TOLD_OF, params![event, limits::WEBHOOKS]).await?;
    Ok(told.into_iter().map(|(id,)| id).collect())
}

/// The number of the delivery, unless the webhook has this message already.
pub(super) async fn insert_delivery(tx: &mut Tx, id: WebhookId, told: &Told, body: &str, at: Instant) -> Result<Option<i64>, DbError> {
    let values = params![&id, told.id.as_str(), told.key.as_str(), told.event.as_str(), body, at];
    Ok(tx.optional::<(i64,)>(&INSERT_DELIVERY, values).await?.map(|(number,)| number))
}

/// A delivery that waits, with what is needed to try it.
pub(super) struct Due {
    pub(super) url: String,
    pub(super) secret: Secret,
    /// The secret before it, and until when it signs too.
    pub(super) old: Option<(Secret, Instant)>,
    pub(super) paused_at: Option<Instant>,
    pub(super) message: String,
    pub(super) key: String,
    pub(super) body: String,
}

impl FromRow for Due {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (url, secret): (String, String) = (row.take()?, row.take()?);
        let (old, until): (Option<String>, Option<Instant>) = (row.take()?, row.take()?);
        Ok(Self {
            url,
            secret: Secret::kept(secret),
            old: old.map(Secret::kept).zip(until),
            paused_at: row.take()?,
            message: row.take()?,
            key: row.take()?,
            body: row.take()?,
        })
    }
}

pub(super) async fn due(tx: &mut Tx, delivery: i64) -> Result<Option<Due>, DbError> {
    tx.optional(&DUE, params![delivery]).await
}

/// What came of a try.
#[derive(Clone)]
pub(super) struct Tried {
    pub(super) state: DeliveryState,
    pub(super) status: Option<i64>,
    pub(super) error: Option<String>,
    pub(super) at: Instant,
    pub(super) next_at: Option<Instant>,
}

pub(super) async fn tried(tx: &mut Tx, delivery: i64, tried: &Tried) -> Result<(), DbError> {
    let values = params![delivery, &tried.state, &tried.status, &tried.error, tried.at, &tried.next_at];
    tx.execute(&TRIED, values).await.map(drop)
}

/// A page of what a webhook was sent, latest first: numbers below `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn deliveries(tx: &mut Tx, id: WebhookId, before: i64, most: i64) -> Result<Vec<Delivery>, DbError> {
    tx.all(&DELIVERIES, params![&id, before, most]).await
}

pub(super) async fn has(tx: &mut Tx, id: WebhookId, delivery: i64) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&HAS, params![delivery, &id]).await?.0 > 0)
}

pub(super) async fn again(tx: &mut Tx, id: WebhookId, delivery: i64, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&AGAIN, params![&id, delivery, at]).await? == 1)
}

pub(super) async fn waiting(tx: &mut Tx, id: WebhookId, after: i64, most: i64) -> Result<Vec<(i64,)>, DbError> {
    tx.all(&WAITING, params![&id, after, most]).await
}

pub(super) async fn give_up_all(tx: &mut Tx, id: WebhookId) -> Result<(), DbError> {
    tx.execute(&GIVE_UP_ALL, params![&id]).await.map(drop)
}

pub(super) async fn forget(tx: &mut Tx, before: Instant) -> Result<(), DbError> {
    tx.execute(&FORGET, params![before]).await.map(drop)
}

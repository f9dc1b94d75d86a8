use charter::time::Instant;

use super::model::{Secret, Webhook, WebhookId};
use crate::db::{DbError, Tx};
use crate::{limits, params, statements};

statements! {
    INSERT = "INSERT INTO webhooks (id, url, secret, made_at) VALUES (?1, ?2, ?3, ?4)";
    INSERT_EVENT = "INSERT INTO webhook_events (event, webhook) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    DISABLE = "UPDATE webhooks SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL";
    LIST = "SELECT id, url, made_at, disabled_at FROM webhooks WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
    TOLD_OF = "SELECT w.id FROM webhook_events e JOIN webhooks w ON w.id = e.webhook WHERE e.event = ?1 AND w.disabled_at IS NULL ORDER BY w.id LIMIT ?2";
    OPEN = "SELECT url, secret FROM webhooks WHERE id = ?1 AND disabled_at IS NULL";
}

pub(super) async fn insert(tx: &mut Tx, id: WebhookId, url: &str, secret: &Secret, at: Instant) -> Result<(), DbError> {
    tx.execute(&INSERT, params![&id, url, secret.show(), at]).await.map(drop)
}

pub(super) async fn insert_event(tx: &mut Tx, id: WebhookId, event: &str) -> Result<(), DbError> {
    tx.execute(&INSERT_EVENT, params![event, &id]).await.map(drop)
}

pub(super) async fn disable(tx: &mut Tx, id: WebhookId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&DISABLE, params![&id, at]).await? == 1)
}

/// A page of the webhooks there are, latest first: those before `before`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx, before: WebhookId, most: i64) -> Result<Vec<Webhook>, DbError> {
    tx.all(&LIST, params![&before, most]).await
}

pub(super) async fn told_of(tx: &mut Tx, event: &str) -> Result<Vec<(WebhookId,)>, DbError> {
    tx.all(&TOLD_OF, params![event, limits::WEBHOOKS]).await
}

pub(super) async fn open(tx: &mut Tx, id: WebhookId) -> Result<Option<(String, Secret)>, DbError> {
    let found: Option<(String, String)> = tx.optional(&OPEN, params![&id]).await?;
    Ok(found.map(|(url, secret)| (url, Secret::kept(secret))))
}

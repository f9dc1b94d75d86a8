use charter::time::{Instant, instant_to_text};
use serde::Serialize;
use serde_json::value::RawValue;

use super::delivery::{DELIVER_JOB, payload};
use super::model::WebhookId;
use super::store;
use crate::db::{Body, Db, DbError, Tx};
use crate::events::Recorded;
use crate::jobs::runner::NotDone;
use crate::jobs::{self, Leased, NewJob};
use crate::limits;

/// A message, as it is posted.
#[derive(Serialize)]
pub struct Told {
    /// Its id, the same at every try and at every webhook: `case:0199…#3`, the third event of this case.
    pub id: String,
    /// What stands in the header `idempotency-key`: what the message is about happens once under it.
    #[serde(skip)]
    pub key: String,
    /// The name of the event.
    pub event: String,
    /// When it happened.
    pub at: String,
    /// The rest of it.
    pub data: Box<RawValue>,
}

/// What follows from an event, in its transaction: a delivery for each webhook that is told of it. For the wiring.
pub fn follow<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let told_of = store::told_of(tx, &event.kind).await?;
        if told_of.is_empty() {
            return Ok(());
        }
        let id = format!("{}#{}", event.subject, event.number);
        let data = RawValue::from_string(event.data.clone()).map_err(|e| DbError::Defect(format!("`{}` cannot be told: {e}", event.kind)))?;
        let told = Told { key: id.clone(), id, event: event.kind.clone(), at: instant_to_text(event.at), data };
        to_all(tx, told_of, &told, event.at).await
    })
}

/// Whether any webhook wants to hear of such an event.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn wants(tx: &mut Tx, event: &str) -> Result<bool, DbError> {
    Ok(!store::told_of(tx, event).await?.is_empty())
}

/// Tells every webhook that wants to hear of such an event.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn tell(tx: &mut Tx, told: &Told, at: Instant) -> Result<(), DbError> {
    let told_of = store::told_of(tx, &told.event).await?;
    to_all(tx, told_of, told, at).await
}

async fn to_all(tx: &mut Tx, webhooks: Vec<WebhookId>, told: &Told, at: Instant) -> Result<(), DbError> {
    for webhook in webhooks {
        to_one(tx, webhook, told, at).await?;
    }
    Ok(())
}

/// Tells one webhook. It is wanted even while that is paused, and then waits: whether it goes on meanwhile is not known here.
pub(super) async fn to_one(tx: &mut Tx, webhook: WebhookId, told: &Told, at: Instant) -> Result<(), DbError> {
    let body = serde_json::to_string(told).map_err(|e| DbError::Defect(format!("`{}` cannot be told: {e}", told.event)))?;
    match store::insert_delivery(tx, webhook, told, &body, at).await? {
        Some(number) => want(tx, number, at).await,
        None => Ok(()),
    }
}

/// Wants a delivery tried. By a job of its own each time: one that is just ending would take the wish along. Two find out that one of them was enough.
pub(super) async fn want(tx: &mut Tx, number: i64, at: Instant) -> Result<(), DbError> {
    let (key, payload) = (format!("{number} {at}"), payload(number));
    jobs::enqueue(tx, &NewJob { kind: DELIVER_JOB, key: &key, payload: &payload, run_at: at }, at).await.map(drop)
}

/// How many deliveries are woken in one transaction.
const WOKEN_AT_ONCE: i64 = 200;

/// Wants everything tried that waited while a webhook was paused: the worker function of [`super::WAKE_JOB`].
///
/// # Errors
/// [`NotDone`] when the database does not answer.
pub async fn wake(db: &Db, at: Instant, job: &Leased) -> Result<(), NotDone> {
    let webhook: WebhookId = serde_json::from_str(&job.payload).map_err(|e| NotDone::Never(format!("the payload cannot be read: {e}")))?;
    let mut after = 0;
    loop {
        let woken: Result<Option<i64>, DbError> = db
            .write(move |tx| {
                Box::pin(async move {
                    let waiting = store::waiting(tx, webhook, after, WOKEN_AT_ONCE).await?;
                    for (number,) in &waiting {
                        want(tx, *number, at).await?;
                    }
                    Ok(waiting.last().map(|(number,)| *number))
                })
            })
            .await;
        match woken? {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Takes out what was sent long ago, or given up.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn forget(tx: &mut Tx, now: Instant) -> Result<(), DbError> {
    store::forget(tx, now - limits::WEBHOOK_DELIVERY_DAYS * 86_400_000_000).await
}

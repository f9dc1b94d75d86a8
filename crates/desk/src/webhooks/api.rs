//! Webhooks for programs that set an installation up.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::db::DbError;
use platform::http::{Problem, Route};
use platform::limits::PAGE_ENTRIES;
use platform::webhooks::{self, Delivery, NewWebhook, Secret, Webhook, WebhookError, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Hooks, address, events};
use crate::api::{self, Asked, Document, Reply, Sent};

const ADMIN: Permission = Permission::Api(Scope::Admin);

/// The routes of the API for webhooks.
pub(super) fn routes(hooks: &Hooks) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/webhooks", ADMIN, list, hooks),
        Route::post("/api/v1/webhooks", ADMIN, add, hooks),
        Route::get("/api/v1/webhooks/{id}", ADMIN, read, hooks),
        Route::delete("/api/v1/webhooks/{id}", ADMIN, remove, hooks),
        Route::post("/api/v1/webhooks/{id}/events", ADMIN, choose, hooks),
        Route::post("/api/v1/webhooks/{id}/secret", ADMIN, rotate, hooks),
        Route::post("/api/v1/webhooks/{id}/pause", ADMIN, pause, hooks),
        Route::post("/api/v1/webhooks/{id}/resumption", ADMIN, resume, hooks),
        Route::post("/api/v1/webhooks/{id}/test", ADMIN, test, hooks),
        Route::get("/api/v1/webhooks/{id}/deliveries", ADMIN, deliveries, hooks),
        Route::post("/api/v1/webhooks/{id}/deliveries/{number}/again", ADMIN, again, hooks),
    ]
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDocument {
    /// Which.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<String>,
    /// Since when.
    pub made_at: String,
    /// Since when what it is told of waits.
    pub paused_at: Option<String>,
    /// Until when messages are signed with the secret before this one too.
    pub old_secret_until: Option<String>,
    /// Whether there are messages that were given up.
    pub has_failed: bool,
    /// The secret that signs messages. Said once: when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// The webhooks there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhooksDocument {
    /// Latest first.
    pub webhooks: Vec<WebhookDocument>,
}

/// A webhook to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhookDocument {
    /// Where to send messages: it begins with `https://` and leads to a public host.
    pub url: String,
    /// What it is told of.
    pub events: Vec<String>,
}

/// What a webhook is told of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEventsDocument {
    /// In place of those before.
    pub events: Vec<String>,
}

/// A page of what a webhook was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveriesDocument {
    /// Latest first.
    pub deliveries: Vec<DeliveryDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// A message, with what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDocument {
    /// Its number.
    pub number: i64,
    /// The id of the message, the same at every try.
    pub message: String,
    /// The event.
    pub event: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: &'static str,
    /// How often it was tried since it was last wanted.
    pub tries: i64,
    /// The status that was answered last.
    pub status: Option<i64>,
    /// What went wrong last.
    pub error: Option<String>,
    /// Since when it is wanted.
    pub made_at: String,
    /// When it was last tried.
    pub tried_at: Option<String>,
    /// When it is tried next.
    pub next_at: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

fn document(webhook: Webhook, secret: Option<&Secret>) -> WebhookDocument {
    WebhookDocument {
        id: webhook.id.to_string(),
        url: webhook.url,
        events: webhook.events,
        made_at: api::at(webhook.made_at),
        paused_at: webhook.paused_at.map(api::at),
        old_secret_until: webhook.old_until.map(api::at),
        has_failed: webhook.has_failed,
        secret: secret.map(|secret| secret.show().to_owned()),
    }
}

fn sent(delivery: Delivery) -> DeliveryDocument {
    DeliveryDocument {
        number: delivery.number,
        message: delivery.message,
        event: delivery.event,
        state: delivery.state.word(),
        tries: delivery.tries,
        status: delivery.status,
        error: delivery.error,
        made_at: api::at(delivery.made_at),
        tried_at: delivery.tried_at.map(api::at),
        next_at: delivery.next_at.map(api::at),
    }
}

async fn found(tx: &mut platform::db::Tx, id: WebhookId) -> Result<Webhook, Problem> {
    webhooks::find(tx, id).await?.filter(|webhook| webhook.disabled_at.is_none()).ok_or_else(Problem::not_found)
}

/// The webhooks there are.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks",
    responses((status = 200, body = WebhooksDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this")))]
async fn list(State(hooks): State<Hooks>) -> Result<Json<WebhooksDocument>, Problem> {
    let found = hooks.desk.read::<_, DbError, _>(|tx| Box::pin(async move { webhooks::list(tx).await })).await?;
    Ok(Json(WebhooksDocument { webhooks: found.into_iter().map(|webhook| document(webhook, None)).collect() }))
}

/// Adds a webhook. Its secret is in this answer and in no other; the same key gives the same answer for a day.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "webhooks", request_body = NewWebhookDocument,
    params(("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"),
        (status = 422, description = "The address or an event does not fit, there are too many, or the key was used for another request")))]
async fn add(State(hooks): State<Hooks>, caller: Caller, sent: Sent<NewWebhookDocument>) -> Result<Reply, Problem> {
    let NewWebhookDocument { url, events: named } = sent.value;
    let new = NewWebhook { url: address(&hooks, &url)?, events: events(named.iter().map(String::as_str))? };
    let (secret, at) = (Secret::fresh()?, hooks.desk.clock.now());
    sent.once
        .done(&hooks.desk, move |tx| {
            Box::pin(async move {
                let id = webhooks::add(tx, &new, &secret, &caller.actor(), at).await?;
                Reply::new(StatusCode::CREATED, &document(found(tx, id).await?, Some(&secret)))
            })
        })
        .await
}

/// One webhook.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn read(State(hooks): State<Hooks>, Path(id): Path<String>) -> Result<Json<WebhookDocument>, Problem> {
    let id = api::in_path(&id)?;
    let read = hooks.desk.read::<_, Problem, _>(move |tx| Box::pin(async move { found(tx, id).await }));
    Ok(Json(document(read.await?, None)))
}

/// Takes a webhook away. What waits for it is not sent any more.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 204, description = "It is gone"), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn remove(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (id, at) = (api::in_path(&id)?, hooks.desk.clock.now());
    let was_there = hooks.desk.write::<_, DbError, _>(move |tx| Box::pin(async move { webhooks::disable(tx, id, &caller.actor(), at).await })).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Tells a webhook of other events from now on.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/events", tag = "webhooks", request_body = NewEventsDocument, params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none"),
        (status = 422, description = "There is no such event, or none was chosen")))]
async fn choose(
    State(hooks): State<Hooks>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Document<NewEventsDocument>,
) -> Result<Json<WebhookDocument>, Problem> {
    let id = api::in_path(&id)?;
    let (events, at) = (events(sent.value.events.iter().map(String::as_str))?, hooks.desk.clock.now());
    let written = hooks.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            webhooks::choose_events(tx, id, &events, &caller.actor(), at).await?;
            found(tx, id).await
        })
    });
    Ok(Json(document(written.await?, None)))
}

/// Makes another secret, said in this answer and in no other. For a day messages are signed with both.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn rotate(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<String>) -> Result<Json<WebhookDocument>, Problem> {
    let (id, secret, at) = (api::in_path(&id)?, Secret::fresh()?, hooks.desk.clock.now());
    let kept = secret.clone();
    let written = hooks.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            webhooks::rotate(tx, id, &kept, &caller.actor(), at).await?;
            found(tx, id).await
        })
    });
    Ok(Json(document(written.await?, Some(&secret))))
}

/// What a webhook is told of waits from now on.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/pause", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn pause(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<String>) -> Result<Json<WebhookDocument>, Problem> {
    let (id, at) = (api::in_path(&id)?, hooks.desk.clock.now());
    let written = hooks.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            webhooks::pause(tx, id, &caller.actor(), at).await?;
            found(tx, id).await
        })
    });
    Ok(Json(document(written.await?, None)))
}

/// What waited is sent, and what follows.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/resumption", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = WebhookDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn resume(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<String>) -> Result<Json<WebhookDocument>, Problem> {
    let (id, at) = (api::in_path(&id)?, hooks.desk.clock.now());
    let written = hooks.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            webhooks::resume(tx, id, &caller.actor(), at).await?;
            found(tx, id).await
        })
    });
    Ok(Json(document(written.await?, None)))
}

/// Sends a message of the event `test`, which says nothing.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks", params(("id" = String, Path, description = "Which")),
    responses((status = 202, description = "It is on its way"), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none")))]
async fn test(State(hooks): State<Hooks>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (id, at) = (api::in_path(&id)?, hooks.desk.clock.now());
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::test(tx, id, at).await })).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What a webhook was sent in the last thirty days, latest first.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "Which"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = DeliveriesDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none"),
        (status = 422, description = "Something in the query is wrong")))]
async fn deliveries(State(hooks): State<Hooks>, Path(id): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<DeliveriesDocument>, Problem> {
    let (id, before) = (api::in_path(&id)?, api::after(asked.after.as_deref())?.unwrap_or(i64::MAX));
    let read = hooks.desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            found(tx, id).await?;
            Ok(webhooks::deliveries(tx, id, before, PAGE_ENTRIES + 1).await?)
        })
    });
    let mut rows = read.await?;
    let has_more = api::cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(|last| last.number.to_string());
    Ok(Json(DeliveriesDocument { deliveries: rows.into_iter().map(sent).collect(), next }))
}

/// Sends a message again that was delivered or given up: the same one, under the same id.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/deliveries/{number}/again", tag = "webhooks",
    params(("id" = String, Path, description = "Which"), ("number" = String, Path, description = "The number of the delivery")),
    responses((status = 202, description = "It is on its way"), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is none"),
        (status = 409, description = "It still waits to be sent")))]
async fn again(State(hooks): State<Hooks>, Path((id, number)): Path<(String, String)>) -> Result<StatusCode, Problem> {
    let (id, number, at) = (api::in_path(&id)?, api::in_path(&number)?, hooks.desk.clock.now());
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::send_again(tx, id, number, at).await })).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, add, read, remove, choose, rotate, pause, resume, test, deliveries, again),
    components(schemas(WebhookDocument, WebhooksDocument, NewWebhookDocument, NewEventsDocument, DeliveriesDocument, DeliveryDocument))
)]
pub struct Description;

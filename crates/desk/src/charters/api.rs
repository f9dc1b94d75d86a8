//! The charter for programs: reading and publishing it.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::diagnostics::Severity;
use platform::http::{Problem, Route};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::commands::{self, NotPublished};
use super::findings::{FindingDocument, has, placed};
use super::store::{self, Summary};
use crate::api::{self, Asked, Reply, Sent};
use crate::state::Desk;

const READ: Permission = Permission::Api(Scope::OptionsRead);
const ADMIN: Permission = Permission::Api(Scope::Admin);

/// The routes of the API for charters.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/charter", READ, in_force, desk),
        Route::post("/api/v1/charter", ADMIN, publish, desk),
        Route::get("/api/v1/charter/versions", READ, versions, desk),
        Route::post("/api/v1/charter/versions/{number}/in-force", ADMIN, put_in_force, desk),
    ]
}

/// A charter that was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct CharterDocument {
    /// Its number, from 1.
    pub version: i64,
    /// What people call it.
    pub name: String,
    /// When it was published.
    pub published_at: String,
    /// By whom: `staff:ID`, `source:NAME` or `system`.
    pub published_by: String,
    /// What they wrote about it.
    pub note: String,
    /// Since when it has been in force, if it is.
    pub in_force_since: Option<String>,
    /// The text. Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A page of charters that were published.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsDocument {
    /// Latest first.
    pub versions: Vec<CharterDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// A charter to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCharterDocument {
    /// The charter, in TOML.
    pub text: String,
    /// The charter it stands inside, if it does.
    pub outer_text: Option<String>,
    /// What is new, for those who look at the history.
    pub note: String,
    /// Whether to publish it although there are warnings.
    #[serde(default)]
    pub despite_warnings: bool,
}

/// What was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedDocument {
    /// Its number. It is in force.
    pub version: i64,
    /// What is odd about it, though legal.
    pub findings: Vec<FindingDocument>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

fn document(summary: Summary, text: Option<String>) -> CharterDocument {
    CharterDocument {
        version: summary.version,
        name: summary.name,
        published_at: api::at(summary.published_at),
        published_by: summary.published_by.to_string(),
        note: summary.note,
        in_force_since: summary.in_force_since.map(api::at),
        text,
    }
}

/// The charter in force.
#[utoipa::path(get, path = "/api/v1/charter", tag = "charter",
    responses((status = 200, body = CharterDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No charter is in force yet")))]
async fn in_force(State(desk): State<Desk>) -> Result<Json<CharterDocument>, Problem> {
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let none = || Problem::not_found().detail("No charter is in force yet.");
            let version = store::version_in_force(tx).await?.ok_or_else(none)?;
            let summary = store::summary(tx, version).await?.ok_or_else(none)?;
            let text = store::text_of(tx, version).await?;
            Ok(document(summary, text))
        })
    });
    Ok(Json(read.await?))
}

/// Every charter that was published, latest first.
#[utoipa::path(get, path = "/api/v1/charter/versions", tag = "charter", params(("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = VersionsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn versions(State(desk): State<Desk>, Asked(asked): Asked<Page>) -> Result<Json<VersionsDocument>, Problem> {
    let before = api::after(asked.after.as_deref())?.unwrap_or(i64::MAX);
    let mut rows = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::history(tx, before, PAGE_ENTRIES + 1).await?) })).await?;
    let has_more = api::cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(|last| last.version.to_string());
    Ok(Json(VersionsDocument { versions: rows.into_iter().map(|row| document(row, None)).collect(), next }))
}

/// Publishes a charter and puts it in force.
#[utoipa::path(post, path = "/api/v1/charter", tag = "charter", request_body = NewCharterDocument,
    params(("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = PublishedDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"),
        (status = 422, description = "`charter-has-errors` or `charter-has-warnings`, the findings stand under `more`; `charter-counts-otherwise`; `invalid`; `key-reused`")))]
async fn publish(State(desk): State<Desk>, caller: Caller, sent: Sent<NewCharterDocument>) -> Result<Reply, Problem> {
    let NewCharterDocument { text, outer_text, note, despite_warnings } = sent.value;
    let note = api::text("note", &note, NAME_CHARS)?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let published = commands::publish(tx, &text, outer_text.as_deref(), &note, &caller.actor(), at).await;
                let published = published.map_err(|e| match e {
                    NotPublished::Findings(findings) => {
                        let more = json!(placed(&text, &findings));
                        Problem::from(NotPublished::Findings(findings)).more(more)
                    }
                    other => other.into(),
                })?;
                let findings = placed(&text, &published.findings);
                if has(&published.findings, Severity::Warning) && !despite_warnings {
                    return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "charter-has-warnings", "The charter was not published yet")
                        .detail("There are warnings. Look at them, and send `despite_warnings` to publish it all the same.")
                        .more(json!(findings)));
                }
                Reply::new(StatusCode::CREATED, &PublishedDocument { version: published.version, findings })
            })
        })
        .await
}

/// Puts a version in force that was published before.
#[utoipa::path(post, path = "/api/v1/charter/versions/{number}/in-force", tag = "charter", params(("number" = String, Path, description = "Its number")),
    responses((status = 200, body = CharterDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is no such version"),
        (status = 422, description = "`charter-counts-otherwise`: grants given since are counted in something else")))]
async fn put_in_force(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>) -> Result<Json<CharterDocument>, Problem> {
    let (number, at) = (api::in_path(&number)?, desk.clock.now());
    let written = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            commands::put_in_force(tx, number, &caller.actor(), at).await?;
            let summary = store::summary(tx, number).await?.ok_or_else(Problem::not_found)?;
            Ok(document(summary, None))
        })
    });
    Ok(Json(written.await?))
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(in_force, publish, versions, put_in_force),
    components(schemas(CharterDocument, VersionsDocument, NewCharterDocument, PublishedDocument, FindingDocument))
)]
pub struct Description;

//! What is set on a case: who works on it, what it is about, the kind of trouble, what was promised, the first answer; and its timeline.

use access::caller::Who;
use access::people::StaffId;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::actor::Subject;
use platform::db::{Body, Tx};
use platform::events::{self, Recorded};
use platform::http::{Problem, Route};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use platform::texts;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CaseDocument, READ, WRITE, whole};
use crate::api::{self, Asked, Once, Reply, Sent};
use crate::cases::{CaseRow, commands};
use crate::charters;
use crate::state::{Desk, seen};

/// The routes of what is set on a case.
pub(super) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/api/v1/cases/{number}/owner", WRITE, own, desk),
        Route::post("/api/v1/cases/{number}/about", WRITE, about, desk),
        Route::post("/api/v1/cases/{number}/issue", WRITE, issue, desk),
        Route::post("/api/v1/cases/{number}/offering", WRITE, offering, desk),
        Route::post("/api/v1/cases/{number}/first-answer", WRITE, first_answer, desk),
        Route::get("/api/v1/cases/{number}/timeline", READ, timeline, desk),
    ]
}

/// Who works on a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwnerDocument {
    /// The id of a person or AI agent; `me` for who asks; nothing to put the case back.
    #[serde(default)]
    pub owner: Option<String>,
}

/// What a case is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAboutDocument {
    /// `customer`, `order`, or whatever else the charter names.
    pub kind: String,
    /// Its name where it comes from, in place of the one before it; nothing to take that away.
    #[serde(default)]
    pub reference: Option<String>,
}

/// The kind of trouble.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIssueDocument {
    /// As the charter in force names it; nothing if it is not known after all.
    #[serde(default)]
    pub issue: Option<String>,
}

/// What we promised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseOfferingDocument {
    /// The name of the offering in addresses; nothing if it is none.
    #[serde(default)]
    pub offering: Option<String>,
}

/// Nothing more needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingDocument {}

/// What happened in a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineDocument {
    /// Latest first.
    pub events: Vec<EventDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventDocument {
    /// Its number among those of the case, from 1.
    pub number: i64,
    /// When.
    pub at: String,
    /// Who: `staff:ID`, `source:NAME` or `system`.
    pub by: String,
    /// What: `case_opened`, `grant_made` …
    pub event: String,
    /// The rest of it.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The words of a note, unless they were erased.
    pub text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

/// Changes a case and answers with the whole of it.
async fn changed<F>(desk: &Desk, caller: Caller, number: &str, once: Once, change: F) -> Result<Reply, Problem>
where
    F: for<'t> FnOnce(&'t mut Tx, &'t CaseRow) -> Body<'t, (), Problem> + Clone + Send + 'static,
{
    let number: i64 = api::in_path(number)?;
    once.done(desk, move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            change(tx, &case).await?;
            let case = crate::cases::by_id(tx, case.id).await?.ok_or_else(Problem::not_found)?;
            Reply::new(StatusCode::OK, &whole(tx, case).await?)
        })
    })
    .await
}

/// Gives a case to somebody, or puts it back.
#[utoipa::path(post, path = "/api/v1/cases/{number}/owner", tag = "cases", request_body = NewOwnerDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "There is nobody of this id, or the key was used for another request")))]
async fn own(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewOwnerDocument>) -> Result<Reply, Problem> {
    let owner = match (sent.value.owner.as_deref(), caller.who()) {
        (None, _) => None,
        (Some("me"), Who::Staff(me, _)) => Some(me.0),
        (Some("me"), Who::Source(_)) => return Err(api::wrong("owner", "Another system works on no case. Name somebody.")),
        (Some(id), _) => Some(id.parse::<StaffId>().map_err(|_| api::wrong("owner", format!("`{id}` is not the id of a person or AI agent.")))?.0),
    };
    let (at, actor) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &number, sent.once, move |tx, case| Box::pin(async move { Ok(commands::assign(tx, case, owner, &actor, at).await?) })).await
}

/// Says what a case is about, or not any more.
#[utoipa::path(post, path = "/api/v1/cases/{number}/about", tag = "cases", request_body = NewAboutDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 409, description = "`of-another-customer`: customer and order would not fit each other"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn about(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewAboutDocument>) -> Result<Reply, Problem> {
    let kind = api::text("kind", &sent.value.kind, NAME_CHARS)?;
    let reference = sent.value.reference.as_deref().map(|reference| api::text("reference", reference, NAME_CHARS)).transpose()?;
    let (at, actor) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &number, sent.once, move |tx, case| {
        Box::pin(async move {
            match &reference {
                Some(reference) => commands::link(tx, case, &kind, reference, &actor, at).await.map(drop)?,
                None => commands::unlink(tx, case, &kind, &actor, at).await.map(drop)?,
            }
            Ok(())
        })
    })
    .await
}

/// Says what kind of trouble a case is about.
#[utoipa::path(post, path = "/api/v1/cases/{number}/issue", tag = "cases", request_body = NewIssueDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "The charter in force has no such issue, or the key was used for another request")))]
async fn issue(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewIssueDocument>) -> Result<Reply, Problem> {
    let issue = api::optional("issue", sent.value.issue.as_deref(), NAME_CHARS)?;
    let (at, actor, known) = (desk.clock.now(), caller.actor(), desk.charters.clone());
    changed(&desk, caller, &number, sent.once, move |tx, case| {
        Box::pin(async move {
            if let Some(issue) = &issue
                && let Some(in_force) = charters::in_force(tx, &known).await?
                && !in_force.charter.issues.iter().any(|known| *known.id == **issue)
            {
                return Err(api::wrong("issue", format!("`{issue}` is not an issue of the charter in force.")));
            }
            Ok(commands::choose_issue(tx, case, issue.as_deref(), &actor, at).await?)
        })
    })
    .await
}

/// Says what we promised in a case.
#[utoipa::path(post, path = "/api/v1/cases/{number}/offering", tag = "cases", request_body = NewCaseOfferingDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "There is no such offering, or the key was used for another request")))]
async fn offering(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewCaseOfferingDocument>) -> Result<Reply, Problem> {
    let slug = api::optional("offering", sent.value.offering.as_deref(), NAME_CHARS)?;
    let (at, actor) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &number, sent.once, move |tx, case| {
        Box::pin(async move { Ok(commands::choose_offering(tx, case, slug.as_deref(), &actor, at).await?) })
    })
    .await
}

/// Notes that the customer heard from somebody here. Only the first time counts; after that nothing changes.
#[utoipa::path(post, path = "/api/v1/cases/{number}/first-answer", tag = "cases", request_body = NothingDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "The key was used for another request")))]
async fn first_answer(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (at, actor) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &number, sent.once, move |tx, case| Box::pin(async move { Ok(commands::answer(tx, case, &actor, at).await.map(drop)?) })).await
}

/// What happened in a case, latest first.
#[utoipa::path(get, path = "/api/v1/cases/{number}/timeline", tag = "cases",
    params(("number" = String, Path, description = "The number of the case"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = TimelineDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "Something in the query is wrong")))]
async fn timeline(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<TimelineDocument>, Problem> {
    let number = api::in_path(&number)?;
    let before = api::after(asked.after.as_deref())?.unwrap_or(i64::MAX);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let mut recorded = events::of(tx, &Subject::new("case", &case.id), before, PAGE_ENTRIES + 1).await?;
            let has_more = api::cut(&mut recorded);
            let next = recorded.last().filter(|_| has_more).map(|last| last.number.to_string());
            let mut events = Vec::with_capacity(recorded.len());
            for event in recorded {
                events.push(shown(tx, event).await?);
            }
            Ok(TimelineDocument { events, next })
        })
    });
    Ok(Json(read.await?))
}

async fn shown(tx: &mut Tx, event: Recorded) -> Result<EventDocument, Problem> {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let text = match data.pointer("/note/text").and_then(Value::as_str).and_then(|id| id.parse().ok()) {
        Some(id) => texts::read(tx, id).await?,
        None => None,
    };
    Ok(EventDocument { number: event.number, at: api::at(event.at), by: event.actor.to_string(), event: event.kind, data, text })
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(own, about, issue, offering, first_answer, timeline),
    components(schemas(NewOwnerDocument, NewAboutDocument, NewIssueDocument, NewCaseOfferingDocument, NothingDocument, TimelineDocument, EventDocument))
)]
pub struct Description;

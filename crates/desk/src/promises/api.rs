//! What customers were promised, for programs.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::time::{Instant, read_instant};
use platform::db::{Body, Tx};
use platform::http::{Problem, Route};
use platform::id::Id;
use platform::limits::{PAGE_ENTRIES, TEXT_CHARS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::known::known_held;
use super::model::{Ended, How, NewPromise, PromiseId, PromiseRow, Who};
use super::{commands, store};
use crate::api::{self, Asked, Once, Reply, Sent};
use crate::cases;
use crate::cases::api::changes::NothingDocument;
use crate::state::{Desk, seen};

const READ: Permission = Permission::Api(Scope::CasesRead);
const WRITE: Permission = Permission::Api(Scope::CasesWrite);

/// The routes of the API for promises.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/cases/{number}/promises", READ, list, desk),
        Route::post("/api/v1/cases/{number}/promises", WRITE, make, desk),
        Route::post("/api/v1/promised/{id}/keeping", WRITE, keep, desk),
        Route::post("/api/v1/promised/{id}/renewal", WRITE, renew, desk),
        Route::post("/api/v1/promised/{id}/end", WRITE, give_up, desk),
    ]
}

/// Something a customer was promised.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromiseDocument {
    /// Which.
    pub id: String,
    /// The number of the case.
    pub case: i64,
    /// What it was promised with, if something was passed up.
    pub escalation: Option<String>,
    /// The group that contacts the customer, by its id in the charter.
    pub group: Option<String>,
    /// Or who does.
    pub staff: Option<String>,
    /// `phone`, `email`, `chat`, `letter` or `visit`.
    pub how: &'static str,
    /// Who promised it.
    pub made_by: String,
    /// When.
    pub made_at: String,
    /// By when, as the customer was first told.
    pub first_due: String,
    /// By when, as they were told last.
    pub due: String,
    /// How often they were told a later time.
    pub renewed: i64,
    /// How it stands now: `open`, `kept`, `late` (kept, but later than told) or `broken`.
    pub fate: &'static str,
    /// `kept` or `given_up`, once it ended.
    pub ended: Option<&'static str>,
    /// When it ended.
    pub ended_at: Option<String>,
}

/// A page of promises.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromisesDocument {
    /// Latest first.
    pub promises: Vec<PromiseDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// A promise: whoever sends it contacts the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromiseDocument {
    /// By when, at most 60 days ahead.
    pub due: String,
    /// `phone`, `email`, `chat`, `letter` or `visit`.
    pub how: String,
}

/// A later time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRenewalDocument {
    /// By when now: later than before, at most 60 days ahead.
    pub due: String,
    /// Why.
    pub words: String,
}

/// Why a customer will not be contacted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEndDocument {
    /// Why.
    pub words: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

impl PromiseDocument {
    /// As it stands at an instant, in the case of this number.
    pub(crate) fn of(case: i64, row: PromiseRow, at: Instant) -> Self {
        Self {
            id: row.id.to_string(),
            case,
            fate: row.fate(at).word(),
            escalation: row.escalation.map(|id| id.to_string()),
            group: row.group,
            staff: row.staff.map(|staff| staff.to_string()),
            how: row.how.word(),
            made_by: row.made_by.to_string(),
            made_at: api::at(row.made_at),
            first_due: api::at(row.first_due_at),
            due: api::at(row.due_at),
            renewed: row.renewed,
            ended: row.ended.map(|(ended, _): (Ended, Instant)| ended.word()),
            ended_at: row.ended.map(|(_, at)| api::at(at)),
        }
    }
}

/// What a customer is told, by whom.
pub(crate) fn of_case(sent: &NewPromiseDocument, who: Who) -> Result<NewPromise, Problem> {
    let ways = || format!("`{}` is not a way to contact a customer: `phone`, `email`, `chat`, `letter` or `visit`.", sent.how);
    Ok(NewPromise { who, due: due(&sent.due)?, how: How::with_word(&sent.how).ok_or_else(|| api::wrong("how", ways()))? })
}

fn due(sent: &str) -> Result<Instant, Problem> {
    read_instant(sent).ok_or_else(|| api::wrong("due", format!("`{sent}` is not a time, such as 2027-01-15T16:00:00Z.")))
}

/// What was promised in a case, latest first.
#[utoipa::path(get, path = "/api/v1/cases/{number}/promises", tag = "promises",
    params(("number" = String, Path, description = "The number of the case"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = PromisesDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<PromisesDocument>, Problem> {
    let (number, at) = (api::in_path(&number)?, desk.clock.now());
    let unknown = |sent: &str| api::wrong("after", format!("`{sent}` is not what a page before gave as `next`."));
    let before = asked.after.as_deref().map(|sent| sent.parse::<Id>().map(PromiseId).map_err(|_| unknown(sent))).transpose()?;
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let mut rows = store::of_case(tx, case.id, before, PAGE_ENTRIES + 1).await?;
            let has_more = api::cut(&mut rows);
            let next = rows.last().filter(|_| has_more).map(|last| last.id.to_string());
            Ok(PromisesDocument { promises: rows.into_iter().map(|row| PromiseDocument::of(number, row, at)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// Whoever sends it has told the customer by when and how they are contacted.
#[utoipa::path(post, path = "/api/v1/cases/{number}/promises", tag = "promises", request_body = NewPromiseDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = PromiseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or is another system's"), (status = 404, description = "No case the caller may see"),
        (status = 409, description = "`case-settled`: the case is closed"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn make(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewPromiseDocument>) -> Result<Reply, Problem> {
    let (number, at): (i64, _) = (api::in_path(&number)?, desk.clock.now());
    let staff = caller.staff().ok_or_else(|| Problem::not_permitted().detail("Another system promises nothing: somebody who contacts the customer does."))?;
    let new = of_case(&sent.value, Who::Staff(staff))?;
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                tx.hold(&[cases::held(number)]).await?;
                let case = seen(tx, &caller, number).await?;
                let id = commands::make(tx, &case, None, &new, &caller.actor(), at).await?;
                let row = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
                Reply::new(StatusCode::CREATED, &PromiseDocument::of(number, row, at))
            })
        })
        .await
}

/// Does something with a promise, and answers with the whole of it.
async fn changed<F>(desk: &Desk, caller: Caller, id: &str, once: Once, change: F) -> Result<Reply, Problem>
where
    F: for<'t> FnOnce(&'t mut Tx, PromiseId) -> Body<'t, (), Problem> + Clone + Send + 'static,
{
    let (id, now, at): (PromiseId, _, _) = (api::in_path(id)?, desk.now(), desk.clock.now());
    once.done(desk, move |tx| {
        Box::pin(async move {
            let (_, case) = known_held(tx, &caller, id, now).await?;
            change(tx, id).await?;
            let row = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
            Reply::new(StatusCode::OK, &PromiseDocument::of(case.number, row, at))
        })
    })
    .await
}

/// The customer was contacted.
#[utoipa::path(post, path = "/api/v1/promised/{id}/keeping", tag = "promises", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = PromiseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No promise that the caller may see"),
        (status = 409, description = "`promise-ended`: it was kept or given up"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn keep(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, id| Box::pin(async move { Ok(commands::keep(tx, id, &by, at).await?) })).await
}

/// The customer was told a later time.
#[utoipa::path(post, path = "/api/v1/promised/{id}/renewal", tag = "promises", request_body = NewRenewalDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = PromiseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No promise that the caller may see"),
        (status = 409, description = "`promise-ended`: it was kept or given up"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn renew(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewRenewalDocument>) -> Result<Reply, Problem> {
    of_staff(&caller)?;
    let (due, words) = (due(&sent.value.due)?, api::text("words", &sent.value.words, TEXT_CHARS)?);
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, id| Box::pin(async move { Ok(commands::renew(tx, id, due, &words, &by, at).await?) })).await
}

/// The customer will not be contacted. It counts as broken.
#[utoipa::path(post, path = "/api/v1/promised/{id}/end", tag = "promises", request_body = NewEndDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = PromiseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No promise that the caller may see"),
        (status = 409, description = "`promise-ended`: it was kept or given up"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn give_up(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewEndDocument>) -> Result<Reply, Problem> {
    of_staff(&caller)?;
    let words = api::text("words", &sent.value.words, TEXT_CHARS)?;
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, id| Box::pin(async move { Ok(commands::give_up(tx, id, &words, &by, at).await?) })).await
}

/// Another system can say that a customer was contacted; what they are told instead, people say.
fn of_staff(caller: &Caller) -> Result<(), Problem> {
    if caller.staff().is_some() { Ok(()) } else { Err(Problem::not_permitted().detail("Another system takes back nothing that was promised.")) }
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, make, keep, renew, give_up),
    components(schemas(PromiseDocument, PromisesDocument, NewPromiseDocument, NewRenewalDocument, NewEndDocument))
)]
pub struct Description;

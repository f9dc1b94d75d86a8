//! Grants for programs: giving, reading, taking back, settling and correcting.

use access::caller::Who;
use access::people::Kind;
use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::db::Tx;
use platform::http::{Problem, Route};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES, TEXT_CHARS};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::commands::{self, Item, Offer, Offered};
use super::model::{Cause, GrantId, GrantRow, Settled};
use super::pages::{case_of, take_back_approved};
use super::unsettled::may_settle;
use super::{approvals, store};
use crate::api::{self, Asked, Reply, Sent};
use crate::cases::CaseRow;
use crate::cases::api::changes::NothingDocument;
use crate::state::{Desk, asker, seen};

const READ: Permission = Permission::Api(Scope::CasesRead);
const GIVE: Permission = Permission::Api(Scope::GrantsWrite);

/// The routes of the API for grants.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/cases/{number}/grants", READ, list, desk),
        Route::post("/api/v1/cases/{number}/grants", GIVE, give, desk),
        Route::get("/api/v1/grants/{id}", READ, read, desk),
        Route::post("/api/v1/grants/{id}/withdrawal", GIVE, withdraw, desk),
        Route::post("/api/v1/grants/{id}/settlement", Permission::Api(Scope::GrantsSettle), settle, desk),
        Route::post("/api/v1/grants/{id}/correction", GIVE, correct, desk),
        Route::post("/api/v1/grants/{id}/giving", GIVE, give_approved, desk),
        Route::post("/api/v1/grants/{id}/taking-back", GIVE, take_back, desk),
    ]
}

/// A remedy that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantDocument {
    /// Which.
    pub id: String,
    /// What it was given together with.
    pub offer: String,
    /// The number of the case.
    pub case: i64,
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// How much: money as `{ "amount": "15.00", "currency": "EUR" }`, all else as a text; nothing for an act.
    #[schema(value_type = Option<Object>)]
    pub amount: Option<Value>,
    /// How much, in units of its measure: cents, hundredths of a percent, whole numbers.
    pub units: Option<i64>,
    /// Who gave it, or approved it while it waits to be given: `staff:ID`.
    pub giver: String,
    /// When.
    pub at: String,
    /// Until when the giver can take it back; while it is only approved: until when it can be given.
    pub undo_until: String,
    /// `offered` (approved, and not given yet), `granted`, `withdrawn`, `sent`, `fulfilled`, `failed`, `unclear` or `corrected`.
    pub state: &'static str,
    /// The error that was mended.
    pub cause: Option<String>,
}

/// A page of grants.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantsDocument {
    /// Latest first.
    pub grants: Vec<GrantDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Remedies to be given together, or not at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOfferDocument {
    /// 1 to 20, decided one after the other: each counts those before it.
    pub items: Vec<NewItemDocument>,
    /// Whether to go beyond a *no* that somebody said before.
    #[serde(default)]
    pub beyond_no: bool,
}

/// One remedy to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItemDocument {
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// How much, in digits: `"15.00"`; left out for an act.
    pub amount: Option<String>,
    /// Why, where the charter wants it said.
    pub why: Option<String>,
}

/// Remedies that were given together.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferDocument {
    /// Which offer.
    pub offer: String,
    /// In the order asked for.
    pub grants: Vec<GivenDocument>,
    /// Until when the giver can take it back; then it is sent.
    pub undo_until: String,
}

/// An item that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenDocument {
    /// The grant.
    pub id: String,
    /// What was decided, in a sentence.
    pub sentence: String,
    /// Ids of the rules it rests on.
    pub rules: Vec<String>,
}

/// What came of a grant that was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettlementDocument {
    /// `fulfilled`, `failed` or `unclear`; `sent`, if what failed or is unclear is tried again.
    pub settled: String,
    /// What there is to say about it.
    pub note: Option<String>,
}

/// An error to be mended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrectionDocument {
    /// `wrong_customer_or_order`, `double`, `false_fact` or `suspected_fraud`.
    pub cause: String,
    /// What exactly. The giver reads this.
    pub note: String,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

fn document(case: i64, grant: GrantRow) -> GrantDocument {
    let amount = grant.units.map(|units| json!(grant.counted.amount(units)));
    GrantDocument {
        id: grant.id.to_string(),
        offer: grant.offer.to_string(),
        case,
        remedy: grant.remedy,
        reason: grant.reason,
        amount,
        units: grant.units,
        giver: grant.giver.to_string(),
        at: api::at(grant.at),
        undo_until: api::at(grant.send_at),
        state: grant.state.word(),
        cause: grant.cause,
    }
}

/// What was given in a case, latest first.
#[utoipa::path(get, path = "/api/v1/cases/{number}/grants", tag = "grants",
    params(("number" = String, Path, description = "The number of the case"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = GrantsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<GrantsDocument>, Problem> {
    let number = api::in_path(&number)?;
    let before = api::after(asked.after.as_deref())?.unwrap_or(i64::MAX);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let mut rows = store::list_of_case(tx, case.id, before, PAGE_ENTRIES + 1).await?;
            let has_more = api::cut(&mut rows);
            let next = rows.last().filter(|_| has_more).map(|last| last.seq.to_string());
            Ok(GrantsDocument { grants: rows.into_iter().map(|row| document(number, row)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

async fn one(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<GrantDocument, Problem> {
    let (grant, case) = case_of(tx, caller, id).await?;
    Ok(document(case.number, grant))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "grants", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = GrantDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No grant the caller may see")))]
async fn read(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>) -> Result<Json<GrantDocument>, Problem> {
    let id = api::in_path(&id)?;
    Ok(Json(desk.read::<_, Problem, _>(move |tx| Box::pin(async move { one(tx, &caller, id).await })).await?))
}

/// Gives remedies, all of them or none. The same key and body give the same answer again, and nothing twice.
#[utoipa::path(post, path = "/api/v1/cases/{number}/grants", tag = "grants", request_body = NewOfferDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = String, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = OfferDocument), (status = 400, description = "The key is missing or does not fit"),
        (status = 401, description = "No token, or an unknown one"), (status = 403, description = "The token does not open this, or its bearer has no level"),
        (status = 404, description = "No case the caller may see"),
        (status = 409, description = "`not-given`: an item may not be given, the answer stands under `more`; `said-no-before`; `case-settled`; `no-charter`"),
        (status = 422, description = "`say-why-needed`; `key-reused`; `invalid`")))]
async fn give(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewOfferDocument>) -> Result<Reply, Problem> {
    let once = sent.once.with_key()?;
    let asker = asker(&caller)?;
    let items = sent.value.items.iter().map(item).collect::<Result<Vec<Item>, Problem>>()?;
    let offer = Offer { case: api::in_path(&number)?, items, beyond_no: sent.value.beyond_no };
    let (clock, known) = (desk.clock.clone(), desk.charters.clone());
    once.done(&desk, move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, offer.case).await?;
            let offered = commands::give_in(tx, &known, &case, &offer, &asker, clock).await?;
            answered(&case, offered)
        })
    })
    .await
}

pub(crate) fn item(sent: &NewItemDocument) -> Result<Item, Problem> {
    Ok(Item {
        remedy: api::text("remedy", &sent.remedy, NAME_CHARS)?,
        reason: api::optional("reason", sent.reason.as_deref(), NAME_CHARS)?,
        amount: api::optional("amount", sent.amount.as_deref(), NAME_CHARS)?,
        why: api::optional("why", sent.why.as_deref(), TEXT_CHARS)?,
    })
}

/// What came of an offer, as it is answered. A refusal is kept under the key like any other answer.
fn answered(case: &CaseRow, offered: Offered) -> Result<Reply, Problem> {
    match offered {
        Offered::Given { offer, grants, undo_until } => {
            let given = |g: commands::Given| GivenDocument { id: g.grant.to_string(), sentence: g.answer.sentence, rules: g.answer.rules };
            let document = OfferDocument { offer: offer.to_string(), grants: grants.into_iter().map(given).collect(), undo_until: api::at(undo_until) };
            Reply::new(StatusCode::CREATED, &document)
        }
        other => Reply::refused(&not_given(other, Some(case.number))),
    }
}

/// Why nothing was given, and what can be done about it.
pub(crate) fn not_given(offered: Offered, case: Option<i64>) -> Problem {
    match offered {
        Offered::Given { .. } => Problem::conflict("not-given", "Nothing was given after all. Load the case again to see it."),
        Offered::NotGiven { item, answer } => {
            let problem = Problem::new(StatusCode::CONFLICT, "not-given", "Nothing was given").detail(answer.sentence.clone());
            problem.more(json!({ "item": item, "answer": answer }))
        }
        Offered::SayWhy { item, answer } => {
            let told = format!("Item {} may be given if you say why: send `why` with it, under a new key.", item + 1);
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "say-why-needed", "Nothing was given yet").detail(told);
            problem.more(json!({ "item": item, "answer": answer }))
        }
        Offered::SaidNoBefore { item, by, amount, at } => {
            let units = amount.as_ref().map(|(_, units)| *units);
            let amount = amount.map_or_else(String::new, |(counted, units)| counted.spoken(units));
            let told =
                "Somebody told this customer no before. Send `beyond_no`, under a new key, if there is a reason to give it all the same: they hear of it.";
            let problem = Problem::new(StatusCode::CONFLICT, "said-no-before", "Nothing was given yet").detail(told);
            problem.more(json!({ "case": case, "item": item, "by": by.to_string(), "amount": amount, "units": units, "at": api::at(at) }))
        }
    }
}

/// The giver takes a grant back before it is sent.
#[utoipa::path(post, path = "/api/v1/grants/{id}/withdrawal", tag = "grants", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = GrantDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or somebody else gave it"), (status = 404, description = "No grant the caller may see"),
        (status = 409, description = "It was sent, or taken back already")))]
async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>) -> Result<Json<GrantDocument>, Problem> {
    let (id, at) = (api::in_path(&id)?, desk.clock.now());
    let written = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            case_of(tx, &caller, id).await?;
            commands::withdraw(tx, id, &caller.actor(), at).await?;
            one(tx, &caller, id).await
        })
    });
    Ok(Json(written.await?))
}

/// Says what came of a grant that was sent.
#[utoipa::path(post, path = "/api/v1/grants/{id}/settlement", tag = "grants", request_body = NewSettlementDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = GrantDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or is an AI agent's"), (status = 404, description = "No grant the caller may see"),
        (status = 409, description = "It was not sent, or is settled"), (status = 422, description = "Something in the body is wrong, or the key was used for another request")))]
async fn settle(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewSettlementDocument>) -> Result<Reply, Problem> {
    if matches!(caller.who(), Who::Staff(_, Kind::AiAgent)) {
        return Err(Problem::not_permitted().detail("What came of a grant is said by a person, or by the system that pays, ships or books it."));
    }
    let id: GrantId = api::in_path(&id)?;
    let word = sent.value.settled.as_str();
    let unknown = || api::wrong("settled", format!("`{word}` is not what can come of a grant: `fulfilled`, `failed`, `unclear`, or `sent` once more."));
    let settled = Settled::with_word(word).ok_or_else(unknown)?;
    let note = api::optional("note", sent.value.note.as_deref(), TEXT_CHARS)?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let (grant, _) = case_of(tx, &caller, id).await?;
                may_settle(&caller, &grant)?;
                commands::settle(tx, id, settled, note.as_deref(), &caller.actor(), at).await?;
                Reply::new(StatusCode::OK, &one(tx, &caller, id).await?)
            })
        })
        .await
}

/// Mends an error in a grant before it is fulfilled. For a person who leads the team of the case, and did not give it.
#[utoipa::path(post, path = "/api/v1/grants/{id}/correction", tag = "grants", request_body = NewCorrectionDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = GrantDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer does not lead the team"), (status = 404, description = "No grant the caller may see"),
        (status = 409, description = "It is too late"), (status = 422, description = "Something in the body is wrong, or the key was used for another request")))]
async fn correct(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewCorrectionDocument>) -> Result<Reply, Problem> {
    if !caller.is_person() {
        return Err(Problem::not_permitted().detail("Errors are mended by a person who leads the team of the case."));
    }
    let id: GrantId = api::in_path(&id)?;
    let word = &sent.value.cause;
    let cause = Cause::with_word(word).ok_or_else(|| {
        let all = Cause::ALL.map(|c| format!("`{}`", c.word())).join(", ");
        api::wrong("cause", format!("`{word}` is not an error that can be mended: {all}."))
    })?;
    let note = api::text("note", &sent.value.note, TEXT_CHARS)?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                super::pages::led(tx, &caller, id).await?;
                commands::correct(tx, id, cause, &note, &caller.actor(), at).await?;
                Reply::new(StatusCode::OK, &one(tx, &caller, id).await?)
            })
        })
        .await
}

/// Gives what was approved: exactly that, once, until it lapses, and under the charter it was approved under.
#[utoipa::path(post, path = "/api/v1/grants/{id}/giving", tag = "grants", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = String, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = GrantDocument), (status = 400, description = "The key is missing or does not fit"),
        (status = 401, description = "No token, or an unknown one"), (status = 403, description = "The token does not open this, or is another system's"),
        (status = 404, description = "No grant the caller may see"),
        (status = 409, description = "`grant-moved`: it was given or taken back; `approval-lapsed`; `approval-outdated`: another charter is in force; `case-settled`"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn give_approved(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (id, once) = (api::in_path(&id)?, sent.once.with_key()?);
    let (clock, known) = (desk.clock.clone(), desk.charters.clone());
    once.done(&desk, move |tx| {
        Box::pin(async move {
            case_of(tx, &caller, id).await?;
            if caller.staff().is_none() {
                return Err(Problem::not_permitted().detail("Another system states facts; it gives nothing."));
            }
            approvals::give_approved(tx, &known, id, &caller.actor(), clock).await?;
            Reply::new(StatusCode::OK, &one(tx, &caller, id).await?)
        })
    })
    .await
}

/// Who approved something takes it back before it is given, or who leads them: its room is free again.
#[utoipa::path(post, path = "/api/v1/grants/{id}/taking-back", tag = "grants", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = GrantDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or somebody else approved it"), (status = 404, description = "No grant the caller may see"),
        (status = 409, description = "`grant-moved`: it was given or taken back"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn take_back(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (id, at) = (api::in_path(&id)?, desk.clock.now());
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let case = take_back_approved(tx, &caller, id, at).await?;
                let grant = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
                Reply::new(StatusCode::OK, &document(case.number, grant))
            })
        })
        .await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, give, read, withdraw, settle, correct, give_approved, take_back),
    components(schemas(
        GrantDocument,
        GrantsDocument,
        NewOfferDocument,
        NewItemDocument,
        OfferDocument,
        GivenDocument,
        NewSettlementDocument,
        NewCorrectionDocument
    ))
)]
pub struct Description;

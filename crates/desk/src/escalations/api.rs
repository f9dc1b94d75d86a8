//! What is passed up, for programs: raising, reading, listing. What is done with it stands in `changes`.

pub mod changes;
pub mod figures;

use std::collections::HashMap;

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::db::Tx;
use platform::http::{Problem, Route};
use platform::id::Id;
use platform::limits::{OFFER_ITEMS, PAGE_ENTRIES, TEXT_CHARS};
use platform::texts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::commands::{self, Ask};
use super::known::{Known, known, served_by};
use super::model::{Cause, EscalationError, EscalationId, EscalationRow, ItemRow, Outcome};
use super::store;
use super::talking::{About, filled_in, language};
use crate::api::{self, Asked, Reply, Sent};
use crate::cases;
use crate::charters;
use crate::grants::api::{NewItemDocument, item, not_given};
use crate::grants::{self, GrantRow, Usable};
use crate::promises::api::{NewPromiseDocument, PromiseDocument, of_case};
use crate::promises::{self, NewPromise, Who};
use crate::state::{Desk, asker, seen};

const READ: Permission = Permission::Api(Scope::CasesRead);
const GIVE: Permission = Permission::Api(Scope::GrantsWrite);

/// The routes of the API for what is passed up.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = vec![
        Route::post("/api/v1/cases/{number}/escalations", GIVE, raise, desk),
        Route::get("/api/v1/cases/{number}/escalations", READ, list_of_case, desk),
        Route::get("/api/v1/escalations", READ, list, desk),
        Route::get("/api/v1/escalations/{id}", READ, read, desk),
    ];
    routes.extend(changes::routes(desk));
    routes.extend(figures::routes(desk));
    routes
}

/// What is passed up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEscalationDocument {
    /// What is given at once, within one's own authority: it stands, whatever comes of the rest. At most 20.
    #[serde(default)]
    pub meanwhile: Vec<NewItemDocument>,
    /// 1 to 20, what is asked for beyond that.
    pub items: Vec<NewItemDocument>,
    /// `beyond_limit`, or `not_accepted`: the customer did not accept what was offered. Left out: `beyond_limit`.
    pub cause: Option<String>,
    /// Whether it cannot wait.
    #[serde(default)]
    pub urgent: bool,
    /// What the one who asks would do, and why.
    pub want: Option<String>,
    /// What the customer was told; left out: nothing.
    pub promise: Option<NewRaisedPromiseDocument>,
    /// Whether what is given at once goes beyond a *no* that somebody said before.
    #[serde(default)]
    pub beyond_no: bool,
}

/// What the customer was told when it was passed up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRaisedPromiseDocument {
    /// `group`: whoever decides contacts them; `me`: the one who asks does. Left out: `group`.
    pub who: Option<String>,
    /// By when, at most 60 days ahead.
    pub due: String,
    /// `phone`, `email`, `chat`, `letter` or `visit`.
    pub how: String,
}

/// Something that is with a group now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RaisedDocument {
    /// Which.
    pub escalation: String,
    /// The number of the case.
    pub case: i64,
    /// The group, by its id in the charter.
    pub group: String,
    /// When an answer is due; nothing while nobody is known to be there.
    pub due: Option<String>,
    /// What the customer was promised.
    pub promise: Option<String>,
}

/// Something that was passed up.
#[derive(Debug, Serialize, ToSchema)]
pub struct EscalationDocument {
    /// Which.
    pub id: String,
    /// The number of the case.
    pub case: i64,
    /// Who raised it: `staff:ID`.
    pub raiser: String,
    /// `beyond_limit` or `not_accepted`.
    pub cause: &'static str,
    /// Whether it cannot wait.
    pub urgent: bool,
    /// What they would do. Left out in lists.
    pub want: Option<String>,
    /// The group it is with, by its id in the charter.
    pub group: String,
    /// When it was raised.
    pub raised_at: String,
    /// When an answer is due; nothing while nobody is known to be there, and while something is asked back.
    pub due: Option<String>,
    /// How often it went to another group: nobody had answered in time, or nobody was known to be there.
    pub passed_on: i64,
    /// `open`, `asked_back`, `withdrawn` or `answered`.
    pub state: &'static str,
    /// Since when.
    pub state_since: String,
    /// When somebody of the group first looked at it in the browser, or took it.
    pub looked_at: Option<String>,
    /// Who has taken it: `staff:ID`.
    pub taken_by: Option<String>,
    /// What was asked for, in order.
    pub items: Vec<AskedDocument>,
    /// What came of it.
    pub outcome: Option<OutcomeDocument>,
    /// What the one who raised it thinks of the feedback: `helpful`, `partly` or `not`.
    pub rating: Option<&'static str>,
    /// What can be said to the customer, in their language, for those who may open the case. Left out in lists.
    pub talking_points: Option<String>,
    /// What the customer was promised with it, latest first. Empty in lists.
    pub promises: Vec<PromiseDocument>,
}

/// Something that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedDocument {
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// How much: money as `{ "amount": "15.00", "currency": "EUR" }`, all else as a text; nothing for an act.
    #[schema(value_type = Option<Object>)]
    pub amount: Option<Value>,
    /// How much, in units of its measure.
    pub units: Option<i64>,
    /// What was approved of it. Left out in lists.
    pub approval: Option<ApprovalDocument>,
}

/// What was approved, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalDocument {
    /// The grant: `POST /api/v1/grants/{id}/giving` gives it.
    pub grant: String,
    /// `offered` while it waits to be given; then as for any grant.
    pub state: &'static str,
    /// Until when it can be given, while it waits; nothing once its time is over or another charter is in force.
    pub until: Option<String>,
    /// How much, as of what was asked for.
    #[schema(value_type = Option<Object>)]
    pub amount: Option<Value>,
    /// How much, in units of its measure.
    pub units: Option<i64>,
}

/// What came of it, with the feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeDocument {
    /// `given`, `less`, `no`, or `none`: the customer had given up.
    pub answer: &'static str,
    /// Who decided: `staff:ID`.
    pub by: String,
    /// When.
    pub at: String,
    /// Why. Left out in lists, and once it was erased.
    pub words: Option<String>,
    /// The rule by which the one who raised it could have decided it; nothing if they could not.
    pub rule: Option<String>,
    /// Of an exception: `one_off` or `precedent`.
    pub kept: Option<&'static str>,
}

/// A page of what was passed up.
#[derive(Debug, Serialize, ToSchema)]
pub struct EscalationsDocument {
    /// In the order that the list has.
    pub escalations: Vec<EscalationDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

/// Which are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    of: Option<String>,
    after: Option<String>,
}

fn document(case: i64, row: EscalationRow, items: Vec<ItemRow>) -> EscalationDocument {
    let outcome = |outcome: Outcome| OutcomeDocument {
        answer: outcome.answer.word(),
        by: outcome.by.to_string(),
        at: api::at(outcome.at),
        words: None,
        rule: outcome.rule,
        kept: outcome.kept.map(|kept| kept.word()),
    };
    EscalationDocument {
        id: row.id.to_string(),
        case,
        raiser: row.raiser.to_string(),
        cause: row.cause.word(),
        urgent: row.is_urgent,
        want: None,
        group: row.group,
        raised_at: api::at(row.raised_at),
        due: row.due_at.map(api::at),
        passed_on: row.passed_on,
        state: row.state.word(),
        state_since: api::at(row.state_at),
        looked_at: row.looked_at.map(api::at),
        taken_by: row.taken_by.map(|by| by.to_string()),
        items: items.into_iter().map(|item| asked(item, (&[], &Usable::default()))).collect(),
        outcome: row.outcome.map(outcome),
        rating: row.rating.map(|rating| rating.word()),
        talking_points: None,
        promises: Vec::new(),
    }
}

fn asked(item: ItemRow, (given, usable): (&[GrantRow], &Usable)) -> AskedDocument {
    let amount = |units: i64| json!(item.counted.amount(units));
    let approval = |grant: &GrantRow| ApprovalDocument {
        grant: grant.id.to_string(),
        state: grant.state.word(),
        until: usable.contains(&grant.id).then(|| api::at(grant.send_at)),
        amount: grant.units.map(amount),
        units: grant.units,
    };
    AskedDocument {
        approval: given.iter().find(|grant| item.grant == Some(grant.id)).map(approval),
        amount: item.units.map(amount),
        units: item.units,
        remedy: item.remedy,
        reason: item.reason,
    }
}

/// All there is to it, for one who may see it.
async fn whole(tx: &mut Tx, desk: &Desk, caller: &Caller, known: Known) -> Result<EscalationDocument, Problem> {
    let Known { row, case, sees_case, .. } = known;
    let items = store::items(tx, row.id).await?;
    let given = grants::list_of_case(tx, case.id, i64::MAX, PAGE_ENTRIES).await?;
    let promises = promises::of_case(tx, case.id, None, PAGE_ENTRIES).await?;
    let words: Vec<_> = row.want.into_iter().chain(row.outcome.as_ref().map(|outcome| outcome.words)).collect();
    let mut words = texts::read_all(tx, &words).await?;
    let in_force = charters::in_force(tx, &desk.charters).await?;
    let (reader, charter) = (caller.formats(), in_force.as_ref().map(|in_force| &*in_force.charter));
    let locale = language(tx, &case, reader.locale).await?;
    let usable = grants::usable(tx, &given, std::slice::from_ref(&case), in_force.as_ref().map(|in_force| in_force.version), desk.clock.now()).await?;
    let about = About { row: &row, items: &items, given: &given, usable: &usable, promises: &promises, charter, staff: caller.staff() };
    let talking_points = sees_case.then(|| filled_in(&about, locale, &reader, desk.now()));
    let want = row.want.and_then(|id| words.remove(&id));
    let why = row.outcome.as_ref().and_then(|outcome| words.remove(&outcome.words));
    let (id, at) = (row.id, desk.clock.now());
    let items_whole = items.iter().map(|item| asked(item.clone(), (&given, &usable))).collect();
    let document = document(case.number, row, items);
    Ok(EscalationDocument {
        want,
        talking_points,
        items: items_whole,
        outcome: document.outcome.map(|outcome| OutcomeDocument { words: why, ..outcome }),
        promises: promises.into_iter().filter(|row| row.escalation == Some(id)).map(|row| PromiseDocument::of(case.number, row, at)).collect(),
        ..document
    })
}

/// A page of a list: what was read, and where it goes on.
async fn page(tx: &mut Tx, mut rows: Vec<EscalationRow>, go_on: impl Fn(&EscalationRow) -> String) -> Result<EscalationsDocument, Problem> {
    let has_more = api::cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(go_on);
    let cases = cases::by_ids(tx, &rows.iter().map(|row| row.case).collect::<Vec<_>>()).await?;
    let numbers: HashMap<_, _> = cases.into_iter().map(|case| (case.id, case.number)).collect();
    let mut items = store::items_of(tx, &rows).await?;
    let documents = rows.into_iter().filter_map(|row| Some(document(*numbers.get(&row.case)?, row.clone(), items.remove(&row.id).unwrap_or_default())));
    Ok(EscalationsDocument { escalations: documents.collect(), next })
}

fn unknown_after(sent: &str) -> Problem {
    api::wrong("after", format!("`{sent}` is not what a page before gave as `next`."))
}

fn after(sent: Option<&str>) -> Result<Option<EscalationId>, Problem> {
    sent.map(|sent| sent.parse::<Id>().map(EscalationId).map_err(|_| unknown_after(sent))).transpose()
}

/// What was passed up in a case, latest first.
#[utoipa::path(get, path = "/api/v1/cases/{number}/escalations", tag = "escalations",
    params(("number" = String, Path, description = "The number of the case"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = EscalationsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "Something in the query is wrong")))]
async fn list_of_case(
    State(desk): State<Desk>,
    caller: Caller,
    Path(number): Path<String>,
    Asked(asked): Asked<Page>,
) -> Result<Json<EscalationsDocument>, Problem> {
    let (number, before) = (api::in_path(&number)?, after(asked.after.as_deref())?);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let rows = store::of_case(tx, case.id, before, PAGE_ENTRIES + 1).await?;
            page(tx, rows, |last| last.id.to_string()).await
        })
    });
    Ok(Json(read.await?))
}

/// What waits for the groups that the caller serves, the next due first; what they raised, latest first; or what their groups have answered, latest first.
#[utoipa::path(get, path = "/api/v1/escalations", tag = "escalations",
    params(("of" = Option<String>, Query, description = "`waiting`, `mine` or `answered`; left out: `waiting`"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = EscalationsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, caller: Caller, Asked(sent): Asked<Which>) -> Result<Json<EscalationsDocument>, Problem> {
    let of = sent.of.unwrap_or_else(|| "waiting".to_owned());
    if !["waiting", "mine", "answered"].contains(&of.as_str()) {
        return Err(api::wrong("of", format!("`{of}` is none of `waiting`, `mine` and `answered`.")));
    }
    let behind = match sent.after.as_deref() {
        Some(sent) if of == "waiting" => {
            let (due, id) = sent.split_once('.').ok_or_else(|| unknown_after(sent))?;
            (Some(due.parse::<i64>().map_err(|_| unknown_after(sent))?), after(Some(id))?)
        }
        other => (None, after(other)?),
    };
    let now = desk.now();
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let id = |last: &EscalationRow| last.id.to_string();
            if of == "mine" {
                let rows = store::of_raiser(tx, &caller.actor(), behind.1, PAGE_ENTRIES + 1).await?;
                return page(tx, rows, id).await;
            }
            let groups = served_by(tx, &caller, now).await?;
            if of == "answered" {
                let rows = store::answered(tx, &groups, behind.1, PAGE_ENTRIES + 1).await?;
                return page(tx, rows, id).await;
            }
            let rows = store::owed(tx, &groups, behind, PAGE_ENTRIES + 1).await?;
            page(tx, rows, |last| format!("{}.{}", last.due_at.unwrap_or(super::NEVER), last.id)).await
        })
    });
    Ok(Json(read.await?))
}

/// Something that was passed up, with what came of it and what can be said to the customer.
#[utoipa::path(get, path = "/api/v1/escalations/{id}", tag = "escalations", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "Nothing that the caller may see")))]
async fn read(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>) -> Result<Json<EscalationDocument>, Problem> {
    let (id, now, whose) = (api::in_path(&id)?, desk.now(), desk.clone());
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let known = known(tx, &caller, id, now).await?;
            whole(tx, &whose, &caller, known).await
        })
    });
    Ok(Json(read.await?))
}

/// Passes something up: to the best group that may give all of it. What is given meanwhile is given with it, or nothing happens. A refusal is not kept under the key.
#[utoipa::path(post, path = "/api/v1/cases/{number}/escalations", tag = "escalations", request_body = NewEscalationDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = String, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = RaisedDocument), (status = 400, description = "The key is missing or does not fit"),
        (status = 401, description = "No token, or an unknown one"), (status = 403, description = "The token does not open this, or its bearer has no level"),
        (status = 404, description = "No case the caller may see"),
        (status = 409, description = "`not-allowed`: an item is not for anybody above, the answer stands under `more`; `not-given`, `said-no-before`: what was to be given \
            at once; `waits`: something of this case waits already, which one stands under `more`; `apart`; `case-settled`; `no-charter`"),
        (status = 422, description = "`say-why-needed` for what was to be given at once; `key-reused`; `invalid`")))]
async fn raise(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewEscalationDocument>) -> Result<Reply, Problem> {
    let once = sent.once.with_key()?;
    let (asker, number) = (asker(&caller)?, api::in_path(&number)?);
    let ask = wanted(&caller, number, &sent.value)?;
    let (clock, known) = (desk.clock.clone(), desk.charters.clone());
    once.done(&desk, move |tx| {
        Box::pin(async move {
            seen(tx, &caller, number).await?;
            let raised = commands::raise(tx, &known, &ask, &asker, clock).await.map_err(|e| match e {
                EscalationError::NotGiven(offered) => not_given(*offered, Some(number)),
                other => other.into(),
            })?;
            let document = RaisedDocument {
                escalation: raised.escalation.to_string(),
                case: number,
                group: raised.group,
                due: raised.due.map(api::at),
                promise: raised.promise.map(|id| id.to_string()),
            };
            Reply::new(StatusCode::CREATED, &document)
        })
    })
    .await
}

fn wanted(caller: &Caller, case: i64, sent: &NewEscalationDocument) -> Result<Ask, Problem> {
    let all = |items: &[NewItemDocument]| items.iter().map(item).collect::<Result<Vec<_>, Problem>>();
    if sent.items.is_empty() || sent.items.len() > OFFER_ITEMS {
        return Err(api::wrong("items", format!("Ask for 1 to {OFFER_ITEMS} remedies at once; these are {}.", sent.items.len())));
    }
    let cause = sent.cause.as_deref().unwrap_or(Cause::BeyondLimit.word());
    let cause = Cause::with_word(cause).ok_or_else(|| api::wrong("cause", format!("`{cause}` is not a cause: `beyond_limit` or `not_accepted`.")))?;
    let promise = sent.promise.as_ref().map(|promise| promised(caller, promise)).transpose()?;
    Ok(Ask {
        case,
        meanwhile: all(&sent.meanwhile)?,
        items: all(&sent.items)?,
        cause,
        is_urgent: sent.urgent,
        want: api::optional("want", sent.want.as_deref(), TEXT_CHARS)?,
        promise,
        beyond_no: sent.beyond_no,
    })
}

fn promised(caller: &Caller, sent: &NewRaisedPromiseDocument) -> Result<NewPromise, Problem> {
    let who = match (sent.who.as_deref().unwrap_or("group"), caller.staff()) {
        ("group", _) => Who::Group,
        ("me", Some(me)) => Who::Staff(me),
        (who, _) => return Err(api::wrong("who", format!("`{who}` is neither `group` nor `me`."))),
    };
    of_case(&NewPromiseDocument { due: sent.due.clone(), how: sent.how.clone() }, who)
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(raise, list_of_case, list, read),
    components(schemas(
        NewEscalationDocument,
        NewRaisedPromiseDocument,
        RaisedDocument,
        EscalationDocument,
        AskedDocument,
        ApprovalDocument,
        OutcomeDocument,
        EscalationsDocument
    ))
)]
pub struct Description;

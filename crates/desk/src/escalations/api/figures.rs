//! What is learnt from what was passed up: precedents, and how groups answer.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::State;
use charter::Charter;
use charter::time::Instant;
use platform::db::DbError;
use platform::http::{Problem, Route};
use platform::limits::NAME_CHARS;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::answering::{self, Answering};
use super::super::measures::Measures;
use super::super::model::ItemRow;
use super::super::precedents::{self, Precedent};
use super::super::store::Sought;
use super::after;
use crate::api::{self, Asked};
use crate::charters;
use crate::promises::Fate;
use crate::state::Desk;

const READ: Permission = Permission::Api(Scope::CasesRead);

/// The routes of what is learnt.
pub(super) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![Route::get("/api/v1/precedents", READ, list, desk), Route::get("/api/v1/answering", READ, figures, desk)]
}

/// A page of exceptions that others may go by.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrecedentsDocument {
    /// Latest first.
    pub precedents: Vec<PrecedentDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// An exception that others may go by.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrecedentDocument {
    /// What was passed up, for those who may open it.
    pub escalation: Option<String>,
    /// The number of its case, for the same.
    pub case: Option<i64>,
    /// When it was answered.
    pub at: String,
    /// `given`, or `less` than was asked for.
    pub answer: Option<&'static str>,
    /// What was given.
    pub items: Vec<PrecedentItemDocument>,
    /// The reasoning; nothing once it was erased.
    pub words: Option<String>,
}

/// Something that was given as an exception.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrecedentItemDocument {
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// How much: money as `{ "amount": "15.00", "currency": "EUR" }`, all else as a text. Nothing for an act, and where less was given than was asked for: then the
    /// reasoning says it.
    #[schema(value_type = Option<Object>)]
    pub amount: Option<Value>,
    /// How much, in units of its measure.
    pub units: Option<i64>,
}

/// How groups answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweringDocument {
    /// Since when: 90 days ago.
    pub since: String,
    /// The groups whose team the caller leads.
    pub groups: Vec<AnsweringGroupDocument>,
}

/// How a group answers: of the latest 500 questions that were first raised to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweringGroupDocument {
    /// Its id in the charter.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Of all that was raised to it.
    pub figures: FiguresDocument,
    /// Those who answered, the one who answered most first: all of them for who manages its team, otherwise the caller alone.
    pub people: Vec<AnsweringPersonDocument>,
    /// What it promised to customers.
    pub promises: PromisedFiguresDocument,
}

/// How somebody answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweringPersonDocument {
    /// Who: `staff:ID`.
    pub by: String,
    /// What they are called.
    pub name: String,
    /// Of what they answered.
    pub figures: FiguresDocument,
}

/// Figures, each with of how many it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiguresDocument {
    /// What was answered, of what was raised.
    pub answered: ShareDocument,
    /// How long it took until somebody looked at it.
    pub first_look: Option<MedianDocument>,
    /// How long it took until the answer.
    pub answer: Option<MedianDocument>,
    /// What was not answered when first due, passed on, or is overdue now; of what was raised.
    pub late: ShareDocument,
    /// What was answered with a no, of what was answered.
    pub said_no: ShareDocument,
    /// What the one who asked could have decided alone, of what was answered.
    pub could_have: ShareDocument,
    /// Answers that helped, of those that were rated.
    pub helped: ShareDocument,
}

/// How many, of how many.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareDocument {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub n: usize,
}

/// The middle of some spans of time, by the clock, day and night.
#[derive(Debug, Serialize, ToSchema)]
pub struct MedianDocument {
    /// The middle one.
    pub seconds: i64,
    /// Of how many.
    pub n: usize,
}

/// How the promises of a group stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromisedFiguresDocument {
    /// How many there are.
    pub n: usize,
    /// Kept in time.
    pub kept: usize,
    /// Kept later than told.
    pub late: usize,
    /// Broken.
    pub broken: usize,
    /// There is time left.
    pub open: usize,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    remedy: Option<String>,
    reason: Option<String>,
    q: Option<String>,
    after: Option<String>,
}

fn precedent(found: Precedent) -> PrecedentDocument {
    let item = |item: ItemRow| PrecedentItemDocument {
        amount: item.units.map(|units| json!(item.counted.amount(units))),
        units: item.units,
        remedy: item.remedy,
        reason: item.reason,
    };
    PrecedentDocument {
        escalation: found.opens.map(|_| found.row.id.to_string()),
        case: found.opens,
        at: api::at(found.row.state_at),
        answer: found.row.outcome.as_ref().map(|outcome| outcome.answer.word()),
        items: found.given.into_iter().map(item).collect(),
        words: found.words,
    }
}

/// Exceptions that others may go by, the latest first: anybody at the desk reads them, with the reasoning and without whose case it was.
#[utoipa::path(get, path = "/api/v1/precedents", tag = "escalations",
    params(("remedy" = Option<String>, Query, description = "Of this remedy"), ("reason" = Option<String>, Query, description = "For this reason"),
        ("q" = Option<String>, Query, description = "Words of the reasoning, as they stand there together"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = PrecedentsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, caller: Caller, Asked(asked): Asked<Which>) -> Result<Json<PrecedentsDocument>, Problem> {
    let before = after(asked.after.as_deref())?;
    let text = |field: &str, sent: Option<String>| Ok::<String, Problem>(api::optional(field, sent.as_deref(), NAME_CHARS)?.unwrap_or_default());
    let sought = Sought { remedy: text("remedy", asked.remedy)?, reason: text("reason", asked.reason)?, words: text("q", asked.q)? };
    let now = desk.now();
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let (found, next) = precedents::page(tx, &sought, before, &caller, now).await?;
            Ok(PrecedentsDocument { precedents: found.into_iter().map(precedent).collect(), next: next.map(|next| next.to_string()) })
        })
    });
    Ok(Json(read.await?))
}

impl From<&Measures> for FiguresDocument {
    fn from(of: &Measures) -> Self {
        let median = |(micros, n): (i64, usize)| MedianDocument { seconds: micros / 1_000_000, n };
        let share = |count: usize, n: usize| ShareDocument { count, n };
        Self {
            answered: share(of.answered, of.raised),
            first_look: of.looked.map(median),
            answer: of.took.map(median),
            late: share(of.late, of.raised),
            said_no: share(of.declined, of.answered),
            could_have: share(of.could_have, of.answered),
            helped: share(of.helped, of.rated),
        }
    }
}

fn group(of: &Answering, charter: Option<&Charter>) -> AnsweringGroupDocument {
    let person = |(actor, name, of): &(_, String, Measures)| AnsweringPersonDocument { by: ToString::to_string(actor), name: name.clone(), figures: of.into() };
    AnsweringGroupDocument {
        id: of.group.clone(),
        title: of.title(charter),
        figures: (&of.whole).into(),
        people: of.people.iter().map(person).collect(),
        promises: PromisedFiguresDocument {
            n: of.fates.len(),
            kept: of.count(Fate::Kept),
            late: of.count(Fate::Late),
            broken: of.count(Fate::Broken),
            open: of.count(Fate::Open),
        },
    }
}

/// How the groups have answered whose team the caller leads, in the last 90 days, and what they promised. For nobody else there is any.
#[utoipa::path(get, path = "/api/v1/answering", tag = "escalations",
    responses((status = 200, body = AnsweringDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this")))]
async fn figures(State(desk): State<Desk>, caller: Caller) -> Result<Json<AnsweringDocument>, Problem> {
    let (now, known): (Instant, _) = (desk.clock.now(), desk.charters.clone());
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let in_force = charters::in_force(tx, &known).await?;
            let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
            let groups = answering::of_led(tx, &caller, now).await?.iter().map(|of| group(of, charter)).collect();
            Ok(AnsweringDocument { since: api::at(now - answering::BACK), groups })
        })
    });
    Ok(Json(read.await?))
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, figures),
    components(schemas(
        PrecedentsDocument,
        PrecedentDocument,
        PrecedentItemDocument,
        AnsweringDocument,
        AnsweringGroupDocument,
        AnsweringPersonDocument,
        FiguresDocument,
        ShareDocument,
        MedianDocument,
        PromisedFiguresDocument
    ))
)]
pub struct Description;

//! Debriefs for the programs of one person: a token opens what the person behind it reads and writes, and nobody else's.

use std::collections::HashMap;

use access::people::StaffId;
use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::http::{Problem, Route};
use platform::id::Id;
use platform::limits::{PAGE_ENTRIES, TEXT_CHARS};
use platform::texts::{self, TextId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::commands::{self, NewPoint};
use super::leads::{self, Lead};
use super::model::{Note, Point, PointId, Talk, TalkId};
use super::pages::one;
use super::store;
use crate::api::{self, Asked, Reply, Sent};
use crate::cases;
use crate::state::{Desk, seen};

const DEBRIEFS: Permission = Permission::Api(Scope::Debriefs);

/// The routes of the API for debriefs.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/debriefs", DEBRIEFS, overview, desk),
        Route::get("/api/v1/debriefs/points", DEBRIEFS, points, desk),
        Route::post("/api/v1/debriefs/points", DEBRIEFS, put, desk),
        Route::post("/api/v1/debriefs/points/{id}/notes", DEBRIEFS, note_point, desk),
        Route::get("/api/v1/debriefs/talks", DEBRIEFS, talks, desk),
        Route::post("/api/v1/debriefs/talks", DEBRIEFS, hold, desk),
        Route::get("/api/v1/debriefs/talks/{id}", DEBRIEFS, talk, desk),
        Route::post("/api/v1/debriefs/talks/{id}/notes", DEBRIEFS, note_talk, desk),
    ]
}

/// Who leads the caller, and whom they lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefsDocument {
    /// Who leads the caller now: they read the caller's open points, and hold the talk.
    pub led_by: Vec<DebriefPersonDocument>,
    /// Whom the caller leads now, and how much there is to talk over with each.
    pub leads: Vec<DebriefLedDocument>,
}

/// Somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefPersonDocument {
    /// Who.
    pub id: String,
    /// What they are called.
    pub name: String,
}

/// Somebody whom the caller leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefLedDocument {
    /// Who.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// How many points wait.
    pub points: i64,
    /// Since when the first of them does.
    pub since: Option<String>,
}

/// What there is to talk over with somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefPointsDocument {
    /// Oldest first.
    pub points: Vec<DebriefPointDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Something to talk over.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefPointDocument {
    /// Which.
    pub id: String,
    /// On whose list.
    pub agent: String,
    /// `stretch`, `exceeded` (somebody gave more after the agent's no), `hard` (a case one of the two put there), `other`.
    pub kind: &'static str,
    /// The number of the case it happened in.
    pub case: Option<i64>,
    /// The grant in the stretch, or the one after the no.
    pub grant: Option<String>,
    /// Who gave, or put it there: `staff:ID`.
    pub by: String,
    /// Since when.
    pub at: String,
    /// What the two wrote on it, oldest first.
    pub notes: Vec<DebriefNoteDocument>,
}

/// What one of the two wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefNoteDocument {
    /// Which.
    pub id: String,
    /// Who: the id of a person.
    pub by: String,
    /// When.
    pub at: String,
    /// What; nothing if it was erased.
    pub text: Option<String>,
}

/// Talks the caller took part in.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefTalksDocument {
    /// Latest first.
    pub talks: Vec<DebriefTalkDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// A talk that was held.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefTalkDocument {
    /// Which.
    pub id: String,
    /// With whom.
    pub agent: String,
    /// Who led them then.
    pub lead: String,
    /// When.
    pub at: String,
    /// What was agreed; nothing if nothing was written down, or it was erased.
    pub agreed: Option<String>,
}

/// A talk with all of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefTalkWholeDocument {
    /// The talk.
    #[serde(flatten)]
    pub talk: DebriefTalkDocument,
    /// What was talked over, oldest first.
    pub points: Vec<DebriefPointDocument>,
    /// What the two wrote since, oldest first.
    pub notes: Vec<DebriefNoteDocument>,
}

/// Something to put on a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDebriefPointDocument {
    /// On whose: the id of somebody the caller leads; `me` for their own.
    pub agent: String,
    /// The number of the case that was hard; nothing for something else.
    #[serde(default)]
    pub case: Option<i64>,
    /// A note on it; needed without a case.
    #[serde(default)]
    pub text: Option<String>,
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDebriefNoteDocument {
    /// What to write.
    pub text: String,
}

/// A talk that was held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDebriefTalkDocument {
    /// With whom: the id of somebody the caller leads.
    pub agent: String,
    /// Which open points were talked over.
    pub points: Vec<String>,
    /// What was agreed.
    #[serde(default)]
    pub agreed: Option<String>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebriefMadeDocument {
    /// Which.
    pub id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    agent: Option<String>,
    after: Option<String>,
}

/// Texts and numbers of cases that points, notes and talks name, asked for at once.
struct Named {
    numbers: HashMap<cases::CaseId, i64>,
    texts: HashMap<TextId, String>,
}

impl Named {
    async fn read(tx: &mut Tx, points: &[Point], notes: &[Note], agreed: impl Iterator<Item = TextId>) -> Result<Self, DbError> {
        let texts: Vec<TextId> = notes.iter().map(|note| note.text).chain(agreed).collect();
        let of: Vec<cases::CaseId> = points.iter().filter_map(|point| point.case).collect();
        let numbers = cases::by_ids(tx, &of).await?.into_iter().map(|case| (case.id, case.number)).collect();
        Ok(Self { numbers, texts: texts::read_all(tx, &texts).await? })
    }

    fn point(&self, point: &Point, notes: &[Note]) -> DebriefPointDocument {
        DebriefPointDocument {
            id: point.id.to_string(),
            agent: point.agent.to_string(),
            kind: point.kind.word(),
            case: point.case.and_then(|case| self.numbers.get(&case)).copied(),
            grant: point.grant.map(|grant| grant.to_string()),
            by: point.by.to_string(),
            at: api::at(point.at),
            notes: notes.iter().filter(|note| note.point == Some(point.id)).map(|note| self.note(note)).collect(),
        }
    }

    fn note(&self, note: &Note) -> DebriefNoteDocument {
        DebriefNoteDocument { id: note.id.to_string(), by: note.staff.to_string(), at: api::at(note.at), text: self.texts.get(&note.text).cloned() }
    }

    fn talk(&self, talk: &Talk) -> DebriefTalkDocument {
        DebriefTalkDocument {
            id: talk.id.to_string(),
            agent: talk.agent.to_string(),
            lead: talk.lead.to_string(),
            at: api::at(talk.at),
            agreed: talk.agreed.and_then(|text| self.texts.get(&text)).cloned(),
        }
    }
}

/// Whom a document names: `me`, or an id.
fn agent(field: &str, sent: &str, me: StaffId) -> Result<StaffId, Problem> {
    match sent {
        "me" => Ok(me),
        id => id.parse().map_err(|_| api::wrong(field, format!("`{id}` is neither `me` nor the id of a person or AI agent."))),
    }
}

/// Where a page of a list of ids begins.
fn after<T: std::str::FromStr>(sent: Option<&str>) -> Result<Option<T>, Problem> {
    sent.map(|sent| sent.parse().map_err(|_| api::wrong("after", format!("`{sent}` is not what a page before gave as `next`.")))).transpose()
}

fn made(id: impl ToString) -> Result<Reply, Problem> {
    Reply::new(StatusCode::CREATED, &DebriefMadeDocument { id: id.to_string() })
}

/// Who leads the caller, and whom they lead, with how much there is to talk over.
#[utoipa::path(get, path = "/api/v1/debriefs", tag = "debriefs",
    responses((status = 200, body = DebriefsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this")))]
async fn overview(State(desk): State<Desk>, caller: Caller) -> Result<Json<DebriefsDocument>, Problem> {
    let (me, at) = (one(&caller)?, desk.clock.now());
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let led = leads::people_of(tx, &caller, at).await?;
            let waiting = store::waiting(tx, &led.keys().copied().collect::<Vec<_>>()).await?;
            Ok((leads::leads_of(tx, me, at).await?, led, waiting))
        })
    });
    let (led_by, led, waiting) = read.await?;
    let of = |(id, name): (StaffId, String)| {
        let waits: Option<&(i64, Instant)> = waiting.get(&id);
        DebriefLedDocument { id: id.to_string(), name, points: waits.map_or(0, |(count, _)| *count), since: waits.map(|(_, since)| api::at(*since)) }
    };
    let led_by = led_by.into_iter().map(|Lead { id, name }| DebriefPersonDocument { id: id.to_string(), name }).collect();
    Ok(Json(DebriefsDocument { led_by, leads: led.into_iter().map(of).collect() }))
}

/// What there is to talk over with the caller, or with somebody they lead now.
#[utoipa::path(get, path = "/api/v1/debriefs/points", tag = "debriefs",
    params(("agent" = Option<String>, Query, description = "The id of somebody the caller leads; left out or `me`: the caller"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = DebriefPointsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "Nobody the caller leads"),
        (status = 422, description = "Something in the query is wrong")))]
async fn points(State(desk): State<Desk>, caller: Caller, Asked(asked): Asked<Which>) -> Result<Json<DebriefPointsDocument>, Problem> {
    let (me, at) = (one(&caller)?, desk.clock.now());
    let agent = agent("agent", asked.agent.as_deref().unwrap_or("me"), me)?;
    let after = after(asked.after.as_deref())?.unwrap_or(PointId(Id::from_bytes([0; 16])));
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            leads::side(tx, me, agent, at).await?.ok_or_else(Problem::not_found)?;
            let mut points = store::open(tx, agent, after, PAGE_ENTRIES + 1).await?;
            let has_more = api::cut(&mut points);
            let next = points.last().filter(|_| has_more).map(|point| point.id.to_string());
            let notes = store::on_open(tx, &points).await?;
            let named = Named::read(tx, &points, &notes, None.into_iter()).await?;
            Ok(DebriefPointsDocument { points: points.iter().map(|point| named.point(point, &notes)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// Puts something on the list of the caller, or of somebody they lead now. A case that stands there already as hard gets the text as a further note.
#[utoipa::path(post, path = "/api/v1/debriefs/points", tag = "debriefs", request_body = NewDebriefPointDocument,
    params(("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = DebriefMadeDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "Nobody the caller leads, or no case the caller may see"),
        (status = 422, description = "Something is missing or too long, or the key was used for another request")))]
async fn put(State(desk): State<Desk>, caller: Caller, sent: Sent<NewDebriefPointDocument>) -> Result<Reply, Problem> {
    let (me, at, number) = (one(&caller)?, desk.clock.now(), sent.value.case);
    let (agent, text) = (agent("agent", &sent.value.agent, me)?, api::optional("text", sent.value.text.as_deref(), TEXT_CHARS)?);
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let case = match number {
                    Some(number) => Some(seen(tx, &caller, number).await?.id),
                    None => None,
                };
                made(commands::put(tx, &NewPoint { agent, case, text }, me, at).await?)
            })
        })
        .await
}

/// Writes a note on a point: before the talk the agent or who leads them now, after it the two who held it.
#[utoipa::path(post, path = "/api/v1/debriefs/points/{id}/notes", tag = "debriefs", request_body = NewDebriefNoteDocument,
    params(("id" = String, Path, description = "Which point"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = DebriefMadeDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No point the caller reads"),
        (status = 422, description = "The text is missing or too long, there are too many notes, or the key was used for another request")))]
async fn note_point(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewDebriefNoteDocument>) -> Result<Reply, Problem> {
    let (me, at, id) = (one(&caller)?, desk.clock.now(), api::in_path::<PointId>(&id)?);
    let text = api::text("text", &sent.value.text, TEXT_CHARS)?;
    sent.once.done(&desk, move |tx| Box::pin(async move { made(commands::note_point(tx, id, &text, me, at).await?) })).await
}

/// The talks the caller took part in, as agent or as lead.
#[utoipa::path(get, path = "/api/v1/debriefs/talks", tag = "debriefs",
    params(("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = DebriefTalksDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn talks(State(desk): State<Desk>, caller: Caller, Asked(asked): Asked<Which>) -> Result<Json<DebriefTalksDocument>, Problem> {
    let me = one(&caller)?;
    let before = after(asked.after.as_deref())?.unwrap_or_else(TalkId::last);
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let mut talks = store::talks(tx, me, before, PAGE_ENTRIES + 1).await?;
            let has_more = api::cut(&mut talks);
            let next = talks.last().filter(|_| has_more).map(|talk| talk.id.to_string());
            let named = Named::read(tx, &[], &[], talks.iter().filter_map(|talk| talk.agreed)).await?;
            Ok(DebriefTalksDocument { talks: talks.iter().map(|talk| named.talk(talk)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// Says that the caller talked these points over with somebody they lead now. What was decided stays as it is.
#[utoipa::path(post, path = "/api/v1/debriefs/talks", tag = "debriefs", request_body = NewDebriefTalkDocument,
    params(("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = DebriefMadeDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or it is the caller's own list"), (status = 404, description = "Nobody the caller leads"),
        (status = 409, description = "`talked-over`: one of the points is not open any more"),
        (status = 422, description = "Something is missing or too long, or the key was used for another request")))]
async fn hold(State(desk): State<Desk>, caller: Caller, sent: Sent<NewDebriefTalkDocument>) -> Result<Reply, Problem> {
    let (me, at) = (one(&caller)?, desk.clock.now());
    let agent = agent("agent", &sent.value.agent, me)?;
    let point = |id: &String| id.parse::<PointId>().map_err(|_| api::wrong("points", format!("`{id}` is not the id of a point.")));
    let points = sent.value.points.iter().map(point).collect::<Result<Vec<_>, Problem>>()?;
    let agreed = api::optional("agreed", sent.value.agreed.as_deref(), TEXT_CHARS)?;
    sent.once.done(&desk, move |tx| Box::pin(async move { made(commands::hold_talk(tx, agent, &points, agreed.as_deref(), me, at).await?) })).await
}

/// A talk that the caller took part in, with all of it.
#[utoipa::path(get, path = "/api/v1/debriefs/talks/{id}", tag = "debriefs", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = DebriefTalkWholeDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No talk of the caller's")))]
async fn talk(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>) -> Result<Json<DebriefTalkWholeDocument>, Problem> {
    let (me, id) = (one(&caller)?, api::in_path::<TalkId>(&id)?);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let talk = store::talk(tx, id).await?.filter(|talk| talk.is_of(me)).ok_or_else(Problem::not_found)?;
            let (points, notes) = (store::of_talk(tx, id).await?, store::on_talk(tx, id).await?);
            let named = Named::read(tx, &points, &notes, talk.agreed.into_iter()).await?;
            let points = points.iter().map(|point| named.point(point, &notes)).collect();
            let notes = notes.iter().filter(|note| note.point.is_none()).map(|note| named.note(note)).collect();
            Ok(DebriefTalkWholeDocument { talk: named.talk(&talk), points, notes })
        })
    });
    Ok(Json(read.await?))
}

/// Writes a note on a talk that the caller took part in.
#[utoipa::path(post, path = "/api/v1/debriefs/talks/{id}/notes", tag = "debriefs", request_body = NewDebriefNoteDocument,
    params(("id" = String, Path, description = "Which talk"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = DebriefMadeDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No talk of the caller's"),
        (status = 422, description = "The text is missing or too long, there are too many notes, or the key was used for another request")))]
async fn note_talk(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewDebriefNoteDocument>) -> Result<Reply, Problem> {
    let (me, at, id) = (one(&caller)?, desk.clock.now(), api::in_path::<TalkId>(&id)?);
    let text = api::text("text", &sent.value.text, TEXT_CHARS)?;
    sent.once.done(&desk, move |tx| Box::pin(async move { made(commands::note_talk(tx, id, &text, me, at).await?) })).await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(overview, points, put, note_point, talks, hold, talk, note_talk),
    components(schemas(
        DebriefsDocument,
        DebriefPersonDocument,
        DebriefLedDocument,
        DebriefPointsDocument,
        DebriefPointDocument,
        DebriefNoteDocument,
        DebriefTalksDocument,
        DebriefTalkDocument,
        DebriefTalkWholeDocument,
        NewDebriefPointDocument,
        NewDebriefNoteDocument,
        NewDebriefTalkDocument,
        DebriefMadeDocument
    ))
)]
pub struct Description;

//! Cases for programs: reading and opening them, saying what is so, and moving them on. What is set on them stands in `changes`.

pub mod changes;

use access::caller::Who;
use access::people::Kind;
use access::tokens::Scope;
use access::{Caller, Permission, teams};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::request::{Purpose, Request};
use charter::{Charter, time};
use platform::db::Tx;
use platform::http::{Problem, Route};
use platform::limits::{CASE_SUBJECTS, FACTS_AT_ONCE, NAME_CHARS, PAGE_ENTRIES, TEXT_CHARS};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::commands::{self, CaseError, Declared, NewCase, Saying};
use super::model::{CaseRow, Move, State as CaseState};
use super::store::{self, List};
use crate::api::{self, Asked, Reply, Sent};
use crate::charters;
use crate::deciding::NoSituation;
use crate::offerings;
use crate::state::{Desk, may_see, seen};
use crate::subjects::api::{FactDocument, facts};
use crate::subjects::{self, Standing};

const READ: Permission = Permission::Api(Scope::CasesRead);
const WRITE: Permission = Permission::Api(Scope::CasesWrite);

/// The routes of the API for cases.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = vec![
        Route::get("/api/v1/cases", READ, list, desk),
        Route::post("/api/v1/cases", WRITE, open, desk),
        Route::get("/api/v1/cases/{number}", READ, read, desk),
        Route::post("/api/v1/cases/{number}/facts", WRITE, say, desk),
        Route::post("/api/v1/cases/{number}/notes", WRITE, note, desk),
        Route::post("/api/v1/cases/{number}/moves", WRITE, move_on, desk),
    ];
    routes.extend(changes::routes(desk));
    routes
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseDocument {
    /// The number people use.
    pub number: i64,
    /// What it is about, in somebody's words.
    pub title: Option<String>,
    /// How the customer reached us.
    pub channel: String,
    /// The kind of trouble, as the charter names it.
    pub issue: Option<String>,
    /// What we promised: the name of the offering in addresses. Left out in lists.
    pub offering: Option<String>,
    /// The id of the customer.
    pub customer: Option<String>,
    /// Who works on it.
    pub owner: Option<String>,
    /// The team it belongs to.
    pub team: Option<String>,
    /// `open`, `waiting`, `solved` or `closed`.
    pub state: &'static str,
    /// When it was opened.
    pub opened_at: String,
    /// Since when it stands where it stands.
    pub state_since: String,
    /// When the customer first heard from somebody here.
    pub first_answer_at: Option<String>,
    /// What else it is about. Empty in lists.
    pub about: Vec<AboutDocument>,
    /// What is known of the case and of what it is about. Empty in lists.
    pub facts: Vec<FactDocument>,
}

/// Something a case is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct AboutDocument {
    /// `order`, or whatever else the charter names.
    pub kind: String,
    /// Its name where it comes from.
    pub reference: String,
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasesDocument {
    /// Latest first.
    pub cases: Vec<CaseDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// A case to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseDocument {
    /// How the customer reached us.
    pub channel: String,
    /// What it is about, in a few words.
    pub title: Option<String>,
    /// The kind of trouble, as the charter names it.
    pub issue: Option<String>,
    /// The name the customer has where they come from.
    pub customer: Option<String>,
    /// What else it is about: `{ "order": "O-1" }`.
    #[serde(default)]
    pub about: std::collections::BTreeMap<String, String>,
    /// The team it belongs to; left out: the first one of who opens it.
    pub team: Option<String>,
    /// The name it has in the other system whose token this is. A second one of the same name is not opened.
    pub reference: Option<String>,
}

/// What is so.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFactsDocument {
    /// Each fact at most once.
    pub facts: Vec<NewFactDocument>,
}

/// One fact.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFactDocument {
    /// `subject.fact`, as the charter names it.
    pub fact: String,
    /// Its value, as a request to the charter writes it.
    #[schema(value_type = Object)]
    pub value: Value,
    /// Whether it is confirmed: with the word of the person, or as the named system, whose token this is. Never by an AI agent.
    #[serde(default)]
    pub confirm: bool,
}

/// A note for colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoteDocument {
    /// The words.
    pub text: String,
}

/// A move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMoveDocument {
    /// `wait`, `resume`, `solve`, `reopen` or `close`.
    #[serde(rename = "move")]
    pub by: String,
}

/// Which cases are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    of: Option<String>,
    state: Option<String>,
    customer: Option<String>,
    after: Option<String>,
}

fn document(case: CaseRow) -> CaseDocument {
    CaseDocument {
        number: case.number,
        title: case.title,
        channel: case.channel,
        issue: case.issue,
        offering: None,
        customer: case.customer.map(|id| id.to_string()),
        owner: case.owner.map(|id| id.to_string()),
        team: case.team.map(|id| id.to_string()),
        state: case.state.word(),
        opened_at: api::at(case.opened_at),
        state_since: api::at(case.state_at),
        first_answer_at: case.first_answer_at.map(api::at),
        about: Vec::new(),
        facts: Vec::new(),
    }
}

/// A case with what it is about, and what is known of that.
async fn whole(tx: &mut Tx, case: CaseRow) -> Result<CaseDocument, Problem> {
    let mut known = facts(subjects::facts_of(tx, &case.id).await?);
    let mut about = Vec::new();
    for (kind, subject, reference) in store::about(tx, case.id).await? {
        known.extend(facts(subjects::facts_of(tx, &subject).await?));
        about.push(AboutDocument { kind, reference });
    }
    if let Some(customer) = case.customer {
        known.extend(facts(subjects::facts_of(tx, &customer).await?));
    }
    let offering = match case.offering {
        Some(id) => offerings::slug(tx, id).await?,
        None => None,
    };
    Ok(CaseDocument { about, offering, facts: known, ..document(case) })
}

/// Cases, latest first: those somebody works on, a team's, those no team has, a customer's, or all.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases",
    params(("of" = Option<String>, Query, description = "`me`, the id of a team, `none` (no team has them), or `all`; left out: `me`, for another system `all`"),
        ("state" = Option<String>, Query, description = "`open`, `waiting`, `solved` or `closed`; left out: `open`"),
        ("customer" = Option<String>, Query, description = "The id of a customer: their cases in any state"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = CasesDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, caller: Caller, Asked(asked): Asked<Which>) -> Result<Json<CasesDocument>, Problem> {
    let which = which(&caller, &asked)?;
    let before = api::after(asked.after.as_deref())?.unwrap_or(i64::MAX);
    let mut rows = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::list(tx, which, before, PAGE_ENTRIES + 1).await?) })).await?;
    let has_more = api::cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(|last| last.number.to_string());
    // Cases of one customer may belong to teams that are not the caller's.
    let cases = rows.into_iter().filter(|case| may_see(&caller, case)).map(document).collect();
    Ok(Json(CasesDocument { cases, next }))
}

fn which(caller: &Caller, asked: &Which) -> Result<List, Problem> {
    let word = asked.state.as_deref().unwrap_or("open");
    let state = CaseState::with_word(word).ok_or_else(|| api::wrong("state", format!("`{word}` is not a state: `open`, `waiting`, `solved` or `closed`.")))?;
    if let Some(customer) = &asked.customer {
        let id = customer.parse().map_err(|_| api::wrong("customer", format!("`{customer}` is not the id of a customer.")))?;
        return Ok(List::OfCustomer(id));
    }
    match (asked.of.as_deref(), caller.staff()) {
        (None | Some("me"), Some(staff)) => Ok(List::OfOwner(staff.0, state)),
        (None | Some("all"), _) if caller.sees() == access::caller::Seen::All => Ok(List::All(state)),
        (Some("all"), _) => Err(Problem::not_permitted().detail("All cases are for owners and other systems. Ask for `me`, or for a team of yours.")),
        (Some("none"), _) => Ok(List::OfNoTeam(state)),
        (of, _) => {
            let of = of.unwrap_or_default();
            let team: teams::TeamId = of.parse().map_err(|_| api::wrong("of", format!("`{of}` is neither `me`, `none`, `all` nor the id of a team.")))?;
            if caller.may_see_team(team) { Ok(List::OfTeam(team.0, state)) } else { Err(Problem::not_found()) }
        }
    }
}

/// One case, with what it is about and what is known.
#[utoipa::path(get, path = "/api/v1/cases/{number}", tag = "cases", params(("number" = String, Path, description = "Its number")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see")))]
async fn read(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>) -> Result<Json<CaseDocument>, Problem> {
    let number = api::in_path(&number)?;
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            whole(tx, case).await
        })
    });
    Ok(Json(read.await?))
}

/// Opens a case.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = NewCaseDocument,
    params(("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 409, description = "There is one of this name"),
        (status = 422, description = "Something in the body is wrong, or the key was used for another request")))]
async fn open(State(desk): State<Desk>, caller: Caller, sent: Sent<NewCaseDocument>) -> Result<Reply, Problem> {
    let wanted = wanted(&caller, &sent.value)?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let Wanted { mut new, customer, about } = wanted;
                if let Some(team) = new.team
                    && teams::find(tx, teams::TeamId(team)).await?.is_none()
                {
                    return Err(api::wrong("team", "There is no such team."));
                }
                if let (Some(source), Some(reference)) = (&new.source, &new.reference)
                    && let Some(known) = store::by_reference(tx, source, reference).await?
                {
                    return Err(exists(known.number));
                }
                if let Some(reference) = &customer {
                    new.customer = Some(subjects::keep_subject(tx, "customer", reference, None, at).await?);
                }
                for (kind, reference) in about {
                    let known = subjects::find(tx, &kind, &reference).await?;
                    let theirs = known.as_ref().and_then(|row| row.customer);
                    if theirs.is_some() && new.customer.is_some() && theirs != new.customer {
                        return Err(CaseError::OfAnotherCustomer(kind).into());
                    }
                    new.customer = new.customer.or(theirs);
                    let subject = match known {
                        Some(row) => row.id,
                        None => subjects::keep_subject(tx, &kind, &reference, new.customer, at).await?,
                    };
                    new.about.push((kind, subject));
                }
                let number = commands::open(tx, &new, &caller.actor(), at).await.map_err(|e| match e {
                    // Somebody else opened it in this very moment.
                    CaseError::Db(e) if e.is_refused() => Problem::conflict("case-exists", "There is a case of this name already."),
                    other => other.into(),
                })?;
                let case = seen(tx, &caller, number).await?;
                Reply::new(StatusCode::CREATED, &whole(tx, case).await?)
            })
        })
        .await
}

fn exists(number: i64) -> Problem {
    Problem::conflict("case-exists", format!("There is a case of this name already: {number}.")).more(json!({ "number": number }))
}

#[derive(Clone)]
struct Wanted {
    new: NewCase,
    customer: Option<String>,
    about: Vec<(String, String)>,
}

fn wanted(caller: &Caller, sent: &NewCaseDocument) -> Result<Wanted, Problem> {
    let team = match &sent.team {
        Some(id) => {
            let team: teams::TeamId = id.parse().map_err(|_| api::wrong("team", format!("`{id}` is not the id of a team.")))?;
            if !caller.may_see_team(team) {
                return Err(api::wrong("team", "There is no such team."));
            }
            Some(team.0)
        }
        None => caller.memberships().next().map(|m| m.team.0),
    };
    let reference = api::optional("reference", sent.reference.as_deref(), NAME_CHARS)?;
    let source = match (caller.who(), &reference) {
        (Who::Source(name), Some(_)) => Some(name.clone()),
        (_, None) => None,
        (_, Some(_)) => return Err(api::wrong("reference", "Only another system has names of its own for cases. Leave it out.")),
    };
    if sent.about.len() > CASE_SUBJECTS {
        return Err(api::wrong("about", format!("A case is about at most {CASE_SUBJECTS} things.")));
    }
    let about = sent.about.iter().map(|(kind, name)| {
        if !commands::is_kind(kind) || kind == "customer" {
            return Err(api::wrong("about", format!("`{kind}` is not what else a case can be about, such as `order`.")));
        }
        Ok((kind.clone(), api::text("about", name, NAME_CHARS)?))
    });
    let new = NewCase {
        channel: api::text("channel", &sent.channel, NAME_CHARS)?,
        title: api::optional("title", sent.title.as_deref(), NAME_CHARS)?,
        issue: api::optional("issue", sent.issue.as_deref(), NAME_CHARS)?,
        owner: caller.staff().map(|s| s.0),
        team,
        source,
        reference,
        ..NewCase::default()
    };
    Ok(Wanted { new, customer: api::optional("customer", sent.customer.as_deref(), NAME_CHARS)?, about: about.collect::<Result<_, _>>()? })
}

/// Says what is so. What is not confirmed is stated: it counts where the charter asks for no confirmation.
#[utoipa::path(post, path = "/api/v1/cases/{number}/facts", tag = "cases", request_body = NewFactsDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or may not confirm"), (status = 404, description = "No case the caller may see"),
        (status = 409, description = "No charter is in force"), (status = 422, description = "A fact does not fit, or the key was used for another request")))]
async fn say(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewFactsDocument>) -> Result<Reply, Problem> {
    let number: i64 = api::in_path(&number)?;
    let facts = sent.value.facts;
    if facts.is_empty() || facts.len() > FACTS_AT_ONCE {
        return Err(api::wrong("facts", format!("Say 1 to {FACTS_AT_ONCE} facts at once; these are {}.", facts.len())));
    }
    let (at, known) = (desk.clock.now(), desk.charters.clone());
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let case = seen(tx, &caller, number).await?;
                let in_force = charters::in_force(tx, &known).await?.ok_or(NoSituation::NoCharter)?;
                for new in &facts {
                    let saying = saying(&caller, new.confirm)?;
                    let declared = fits(&in_force.charter, new)?;
                    commands::say(tx, &case, &new.fact, &new.value, &declared, &saying, at).await?;
                }
                Reply::new(StatusCode::OK, &whole(tx, case).await?)
            })
        })
        .await
}

/// What the caller's word is worth.
fn saying(caller: &Caller, confirms: bool) -> Result<Saying, Problem> {
    let actor = caller.actor();
    if !confirms {
        return Ok(Saying { actor, standing: Standing::Stated, level: None });
    }
    if matches!(caller.who(), Who::Staff(_, Kind::AiAgent)) {
        return Err(Problem::not_permitted().detail("An AI agent states facts and never confirms them. Leave out `confirm`."));
    }
    if !caller.may(Scope::FactsConfirm) {
        return Err(Problem::not_permitted().detail("This token does not open `facts:confirm`. Leave out `confirm`, or use a token that does."));
    }
    Ok(match caller.who() {
        Who::Source(_) => Saying { actor, standing: Standing::System, level: None },
        Who::Staff(..) => Saying { actor, standing: Standing::Person, level: caller.level().map(str::to_owned) },
    })
}

/// Whether the charter takes a value for a fact, and whether that fact is personal. What it would not take is not kept: nothing could be decided on it.
fn fits(charter: &Charter, new: &NewFactDocument) -> Result<Declared, Problem> {
    let fact = charter.fact(&new.fact).and_then(|place| charter.facts.get(place));
    let fact = fact.ok_or_else(|| api::wrong("facts", format!("`{}` is not a fact of the charter in force.", new.fact)))?;
    if new.fact.starts_with("request.") {
        return Err(api::wrong("facts", format!("`{}` belongs to one request and is not kept.", new.fact)));
    }
    let subjects: serde_json::Map<String, Value> = charter.subjects.iter().filter(|s| ***s != *"request").map(|s| (s.to_string(), json!("any"))).collect();
    let probe = json!({
        "at": time::instant_to_text(0),
        "asker": { "level": charter.levels.first(), "staff": {} },
        "subjects": subjects,
        "facts": { (new.fact.as_str()): { "value": new.value } },
    });
    match Request::from_value(charter, &probe, Purpose::Options) {
        Ok(_) => Ok(Declared::of(fact)),
        Err(problems) => {
            let said = problems.first().map_or_else(String::new, |p| format!("{}; expected {}.", p.message, p.expected));
            Err(api::wrong("facts", format!("`{}`: {said}", new.fact)))
        }
    }
}

/// Writes a note into the timeline.
#[utoipa::path(post, path = "/api/v1/cases/{number}/notes", tag = "cases", request_body = NewNoteDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 422, description = "The text does not fit, or the key was used for another request")))]
async fn note(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewNoteDocument>) -> Result<Reply, Problem> {
    let number: i64 = api::in_path(&number)?;
    let text = api::text("text", &sent.value.text, TEXT_CHARS)?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let case = seen(tx, &caller, number).await?;
                commands::note(tx, &case, &text, &caller.actor(), at).await?;
                Reply::new(StatusCode::CREATED, &whole(tx, case).await?)
            })
        })
        .await
}

/// Moves a case on.
#[utoipa::path(post, path = "/api/v1/cases/{number}/moves", tag = "cases", request_body = NewMoveDocument,
    params(("number" = String, Path, description = "The number of the case"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = CaseDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No case the caller may see"),
        (status = 409, description = "It stands where this cannot be done"),
        (status = 422, description = "There is no such move, or the key was used for another request")))]
async fn move_on(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, sent: Sent<NewMoveDocument>) -> Result<Reply, Problem> {
    let number: i64 = api::in_path(&number)?;
    let word = sent.value.by.as_str();
    let by = Move::with_word(word).ok_or_else(|| api::wrong("move", format!("`{word}` is not a move: `wait`, `resume`, `solve`, `reopen` or `close`.")))?;
    let at = desk.clock.now();
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let case = seen(tx, &caller, number).await?;
                commands::move_on(tx, &case, by, &caller.actor(), at).await?;
                let case = seen(tx, &caller, number).await?;
                Reply::new(StatusCode::OK, &whole(tx, case).await?)
            })
        })
        .await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, read, open, say, note, move_on),
    components(schemas(
        CaseDocument,
        AboutDocument,
        CasesDocument,
        NewCaseDocument,
        NewFactsDocument,
        NewFactDocument,
        NewNoteDocument,
        NewMoveDocument,
        FactDocument
    ))
)]
pub struct Description;

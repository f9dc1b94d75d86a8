//! People for programs: reading them.

use axum::Json;
use axum::extract::{Path, Query, State};
use platform::http::{Problem, Route};
use serde::Serialize;
use utoipa::ToSchema;

use super::pages::{page_of, seen};
use super::{PeopleError, Staff, StaffId};
use crate::pages::{self, Asked};
use crate::teams::{self, Membership};
use crate::tokens::Scope;
use crate::{Access, Caller, Permission};

const READ: Permission = Permission::Api(Scope::PeopleRead);

/// The routes of the API for people.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![Route::get("/api/v1/me", READ, me, state), Route::get("/api/v1/people", READ, index, state), Route::get("/api/v1/people/{id}", READ, show, state)]
}

/// A person or an AI agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonDocument {
    /// Who.
    pub id: String,
    /// `person` or `ai_agent`.
    pub kind: &'static str,
    /// Full name.
    pub name: String,
    /// Of persons.
    pub email: Option<String>,
    /// The step on the authority ladder of the charter.
    pub level: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
    /// Whether they may do nothing any more.
    pub is_disabled: bool,
    /// Teams they are in now. Empty in lists.
    pub teams: Vec<TeamDocument>,
}

/// A team somebody is in now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamDocument {
    /// Which.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `member`, `lead` or `manager`.
    pub role: &'static str,
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleDocument {
    /// By name.
    pub people: Vec<PersonDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Who asks, as this program sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeDocument {
    /// The id of a person or AI agent.
    pub id: Option<String>,
    /// Full name; of another system, the name it is known under.
    pub name: String,
    /// The step on the authority ladder of the charter.
    pub level: Option<String>,
    /// What the token opens.
    pub scopes: Vec<&'static str>,
}

fn document(staff: Staff, teams: Vec<TeamDocument>) -> PersonDocument {
    let Staff { id, kind, name, email, level, locale, time_zone, disabled_at, .. } = staff;
    PersonDocument { id: id.to_string(), kind: kind.word(), name, email, level, locale, time_zone, is_disabled: disabled_at.is_some(), teams }
}

fn team(m: &Membership) -> TeamDocument {
    TeamDocument { id: m.team.to_string(), name: m.team_name.clone(), role: m.role.word() }
}

/// Who the token belongs to.
#[utoipa::path(get, path = "/api/v1/me", tag = "people", responses((status = 200, body = MeDocument), (status = 401, description = "No token, or an unknown one")))]
pub(crate) async fn me(caller: Caller) -> Json<MeDocument> {
    let scopes = caller.scopes().map(|scopes| scopes.iter().map(Scope::word).collect()).unwrap_or_default();
    Json(MeDocument { id: caller.staff().map(|id| id.to_string()), name: caller.name().to_owned(), level: caller.level().map(str::to_owned), scopes })
}

/// People by name, those in teams the caller may see.
///
/// # Errors
/// [`Problem`] when they cannot be read.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    params(("q" = Option<String>, Query, description = "Part of a name or e-mail address"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = PeopleDocument), (status = 401, description = "No token, or an unknown one"), (status = 403, description = "The token does not open this")))]
pub(crate) async fn index(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Json<PeopleDocument>, Problem> {
    let now = access.clock.now();
    // The documents lead one way.
    let asked = Asked { before: String::new(), ..asked };
    let (people, _, has_more) = access.db.read(move |tx| Box::pin(async move { page_of(tx, &caller, &asked, now).await })).await?;
    let next = people.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Json(PeopleDocument { people: people.into_iter().map(|staff| document(staff, Vec::new())).collect(), next }))
}

/// One person or AI agent, with the teams they are in now.
///
/// # Errors
/// [`Problem`] when there is nobody the caller may see.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", params(("id" = String, Path, description = "Who")),
    responses((status = 200, body = PersonDocument), (status = 401, description = "No token, or an unknown one"), (status = 403, description = "The token does not open this"),
    (status = 404, description = "Nobody the caller may see")))]
pub(crate) async fn show(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Json<PersonDocument>, Problem> {
    let (id, now): (StaffId, _) = (pages::id(&id)?, access.clock.now());
    let read = access.db.read(move |tx| {
        Box::pin(async move {
            let staff = seen(tx, &caller, id, now).await?;
            let teams = teams::memberships_of(tx, id).await?;
            let seen = teams.iter().filter(|m| m.holds(now) && caller.may_see_team(m.team)).map(team).collect();
            Ok::<_, PeopleError>(document(staff, seen))
        })
    });
    Ok(Json(read.await?))
}

/// The description of this part of the API, to be merged into that of the whole program.
#[derive(utoipa::OpenApi)]
#[openapi(paths(me, index, show), components(schemas(PersonDocument, TeamDocument, PeopleDocument, MeDocument)))]
pub struct Description;

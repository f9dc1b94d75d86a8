//! Who is there, for programs: what a help desk or a chat needs to say who can be asked, and until when. Who is put into a rota or is absent stands in `rota`.

pub mod rota;

use access::teams::TeamId;
use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::model::Group;
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::{Problem, Route};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing;
use super::coverage::Covered;
use super::known::Known;
use crate::api::{self, Reply, Sent};
use crate::state::Desk;

const READ: Permission = Permission::Api(Scope::OptionsRead);
const WRITE: Permission = Permission::Api(Scope::GroupsWrite);

/// The routes of the API for groups.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = vec![Route::get("/api/v1/groups", READ, list, desk), Route::post("/api/v1/groups/{group}/team", WRITE, set_team, desk)];
    routes.extend(rota::routes(desk));
    routes
}

/// All groups of the charter in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupsDocument {
    /// In the order in which they are asked.
    pub groups: Vec<GroupDocument>,
}

/// Who serves what an agent may not decide alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupDocument {
    /// Its id in the charter.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The level it decides with.
    pub level: String,
    /// The calendar it follows, if the charter names one.
    pub hours: Option<String>,
    /// The team that serves it, if one does.
    pub team: Option<ServingTeamDocument>,
    /// Whether anybody is in its rota. Without one, its calendar alone says when an answer is due.
    pub has_rota: bool,
    /// When somebody is there in the next seven days, in order, by its rota. The first part has begun if somebody is there now.
    pub there: Vec<ThereDocument>,
    /// What is missing for it to be reached, in sentences for people.
    pub missing: Vec<String>,
}

/// A team that serves a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServingTeamDocument {
    /// Which.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// A span in which the same people are there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThereDocument {
    /// From when on.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Who, at least one.
    pub people: Vec<PersonThereDocument>,
    /// Whether they are deputies: nobody else is there.
    pub deputies: bool,
}

/// Somebody who is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonThereDocument {
    /// Who.
    pub id: String,
    /// What they are called.
    pub name: String,
}

/// The team that is to serve a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServingTeamDocument {
    /// Which.
    pub team: String,
}

fn document(known: &Known, group: &Group) -> GroupDocument {
    let covered = known.covered(group);
    let team = known.teams.get(&*group.id).map(|(id, name)| ServingTeamDocument { id: id.to_string(), name: name.clone() });
    GroupDocument {
        id: group.id.to_string(),
        title: group.title.to_string(),
        level: known.level(group).to_owned(),
        hours: group.hours.as_deref().map(str::to_owned),
        team,
        has_rota: known.rotas.contains_key(&*group.id),
        missing: known.missing(group, &covered, false).into_iter().map(|missing| format!("{}. {}", missing.title, missing.text)).collect(),
        there: covered.into_iter().map(|part| there(known, part)).collect(),
    }
}

fn there(known: &Known, part: Covered) -> ThereDocument {
    let at = |at: Timestamp| at.to_string();
    let people = part.on.iter().map(|staff| PersonThereDocument { id: staff.to_string(), name: known.name(*staff).to_owned() }).collect();
    ThereDocument { from: at(part.span.0), until: at(part.span.1), people, deputies: part.by_deputies }
}

/// Who is there for each group of the charter in force, now and in the next seven days, and what is missing. Without a charter there are none.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups",
    responses((status = 200, body = GroupsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this")))]
async fn list(State(desk): State<Desk>) -> Result<Json<GroupsDocument>, Problem> {
    let (charters, now) = (desk.charters.clone(), desk.now());
    let known = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Known::read(tx, &charters, now).await })).await?;
    Ok(Json(GroupsDocument { groups: known.in_order().into_iter().map(|group| document(&known, group)).collect() }))
}

/// Says which team serves a group. Who manages the team that does and the one that is to can; where none does yet, who manages the one that is to.
#[utoipa::path(post, path = "/api/v1/groups/{group}/team", tag = "groups", request_body = NewServingTeamDocument,
    params(("group" = String, Path, description = "The group, by its id in the charter"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = GroupDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer does not manage both teams"),
        (status = 404, description = "No group of the charter in force"),
        (status = 422, description = "There is no such team, or the key was used for another request")))]
async fn set_team(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, sent: Sent<NewServingTeamDocument>) -> Result<Reply, Problem> {
    let team: TeamId = sent.value.team.parse().map_err(|_| api::wrong("team", format!("`{}` is not the id of a team.", sent.value.team)))?;
    let (now, charters) = (desk.now(), desk.charters.clone());
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                changing::set_team(tx, &charters, &caller, (&group, team), now.as_microsecond()).await?;
                let known = Known::read(tx, &charters, now).await?;
                let of_charter = known.group(&group).ok_or_else(Problem::not_found)?;
                Reply::new(StatusCode::OK, &document(&known, of_charter))
            })
        })
        .await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, set_team),
    components(schemas(GroupsDocument, GroupDocument, ServingTeamDocument, ThereDocument, PersonThereDocument, NewServingTeamDocument))
)]
pub struct Description;

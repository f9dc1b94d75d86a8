//! The tree of teams.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use ui::components::{Empty, Field, Select};
use ui::shell::Shell;

use super::{MembershipId, Team, TeamError, TeamId, create_team, end_membership, move_team, rename_team, store};
use crate::pages::{self, Asked, Sent};
use crate::{Access, Caller, Permission};

/// The routes of teams.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/teams", Permission::Desk, show, state),
        Route::post("/teams", Permission::Owner, create, state).taking(&["name", "parent"]),
        Route::post("/teams/{id}/name", Permission::Owner, rename, state).taking(&["name"]),
        Route::post("/teams/{id}/parent", Permission::Owner, put_below, state),
        Route::post("/memberships/{id}/end", Permission::Manager, end, state),
    ]
}

#[derive(Template)]
#[template(path = "teams/templates/teams.html")]
struct TeamsPage {
    shell: Shell,
    lines: Vec<Line>,
    empty: Empty,
    new: Option<(Field, Select)>,
}

struct Line {
    team: Team,
    /// How many teams stand above it, of those that are shown.
    depth: usize,
    people: i64,
    forms: Option<(Field, Select)>,
}

async fn show(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let mut page = filled(&access, &caller, None).await?;
    page.shell.notices = asked.notices();
    pages::page(&page)
}

/// A form that was sent and is to be mended: that of a team, or of a new one.
type Typed<'a> = Option<(Option<TeamId>, &'a Form)>;

async fn filled(access: &Access, caller: &Caller, typed: Typed<'_>) -> Result<TeamsPage, Problem> {
    let now = access.clock.now();
    let read = access.db.read(move |tx| Box::pin(async move { Ok::<_, DbError>((store::all(tx).await?, store::sizes(tx, now).await?)) }));
    let (teams, sizes) = read.await?;
    let sizes: BTreeMap<TeamId, i64> = sizes.into_iter().collect();
    let seen: Vec<Team> = teams.into_iter().filter(|team| caller.may_see_team(team.id)).collect();
    let is_owner = caller.is_owner();
    let new = is_owner.then(|| forms(typed.filter(|(of, _)| of.is_none()).map(|(_, form)| form), None, &seen));
    let line = |(depth, team): (usize, &Team)| Line {
        depth,
        people: sizes.get(&team.id).copied().unwrap_or(0),
        forms: is_owner.then(|| forms(typed.filter(|(of, _)| *of == Some(team.id)).map(|(_, form)| form), Some(team), &seen)),
        team: team.clone(),
    };
    let lines = in_tree(&seen).into_iter().map(line).collect();
    let empty = Empty { title: "No team yet".to_owned(), text: "People, cases and scorecards belong to teams.".to_owned(), action: None };
    Ok(TeamsPage { shell: (access.frame)(caller, "Teams"), lines, empty, new })
}

/// Name and place of a team, to be changed; of a new one, to be filled in.
fn forms(typed: Option<&Form>, team: Option<&Team>, teams: &[Team]) -> (Field, Select) {
    let parent = team.and_then(|team| team.parent).map(|id| id.to_string()).unwrap_or_default();
    let held = Form::filled([("name", team.map_or("", |team| team.name.as_str())), ("parent", parent.as_str())]);
    let of = |field: &str| typed.filter(|form| form.entries().any(|(name, _)| name == field)).unwrap_or(&held);
    let prefix = team.map_or_else(|| "new-".to_owned(), |team| format!("{}-", team.id));
    let others = teams.iter().filter(|other| Some(other.id) != team.map(|team| team.id));
    let choices = std::iter::once((String::new(), "At the top".to_owned())).chain(others.map(|other| (other.id.to_string(), other.name.clone())));
    let name = Field { prefix: prefix.clone(), ..pages::field(of("name"), "name", "Name") };
    (name, Select { prefix, ..pages::select(of("parent"), "parent", "Below", choices) })
}

/// Teams so that each stands behind the one above it, with how many are above. One whose upper team is not shown stands at the top.
fn in_tree(teams: &[Team]) -> Vec<(usize, &Team)> {
    let mut below: BTreeMap<Option<TeamId>, Vec<&Team>> = BTreeMap::new();
    for team in teams {
        let parent = team.parent.filter(|parent| teams.iter().any(|other| other.id == *parent));
        below.entry(parent).or_default().push(team);
    }
    let mut ordered = Vec::with_capacity(teams.len());
    let mut waiting: Vec<(usize, &Team)> = below.remove(&None).unwrap_or_default().into_iter().rev().map(|team| (0, team)).collect();
    while let Some((depth, team)) = waiting.pop() {
        ordered.push((depth, team));
        waiting.extend(below.remove(&Some(team.id)).unwrap_or_default().into_iter().rev().map(|team| (depth + 1, team)));
    }
    ordered
}

async fn answered<T>(access: &Access, caller: &Caller, of: Option<TeamId>, form: Form, result: Result<T, TeamError>) -> Result<Response, Problem> {
    match pages::mended(form, result)? {
        Sent::Done(_) => Ok(pages::to("/teams?done=team")),
        Sent::Again(form) => pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(access, caller, Some((of, &form))).await?),
    }
}

fn parent(form: &mut Form) -> Option<Option<TeamId>> {
    form.parsed("parent", |text| match text {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| "Choose one of the teams there are.".to_owned()),
    })
}

async fn create(State(access): State<Access>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let (name, parent, now, actor) = (form.typed("name").to_owned(), parent(&mut form), access.clock.now(), caller.actor());
    let Some(parent) = parent else {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, Some((None, &form))).await?);
    };
    let result = access.db.write(move |tx| Box::pin(async move { create_team(tx, &name, parent, &actor, now).await })).await;
    answered(&access, &caller, None, form, result).await
}

async fn rename(State(access): State<Access>, caller: Caller, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let (id, name, now, actor) = (pages::id(&id)?, form.typed("name").to_owned(), access.clock.now(), caller.actor());
    let result = access.db.write(move |tx| Box::pin(async move { rename_team(tx, id, &name, &actor, now).await })).await;
    answered(&access, &caller, Some(id), form, result).await
}

async fn put_below(State(access): State<Access>, caller: Caller, Path(id): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (id, parent, now, actor) = (pages::id(&id)?, parent(&mut form), access.clock.now(), caller.actor());
    let Some(parent) = parent else {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, Some((Some(id), &form))).await?);
    };
    let result = access.db.write(move |tx| Box::pin(async move { move_team(tx, id, parent, &actor, now).await })).await;
    answered(&access, &caller, Some(id), form, result).await
}

async fn end(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now, actor): (MembershipId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let result: Result<_, TeamError> = access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let membership = store::membership(tx, id).await?.filter(|m| caller.manages(m.team)).ok_or(TeamError::Unknown)?;
                end_membership(tx, id, now, &actor, now).await?;
                Ok(membership.staff)
            })
        })
        .await;
    Ok(pages::to(&format!("/people/{}?done=ended", result?)))
}

use access::Caller;
use access::people::StaffId;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::http::{Form, Problem};
use platform::limits::TEXT_CHARS;

use super::list::{self, Asked, Sent};
use super::{list_of, one, place_of, talk};
use crate::debriefs::commands::{self, DebriefError, NewPoint};
use crate::debriefs::model::{PointId, TalkId};
use crate::debriefs::store;
use crate::state::Desk;

fn again(page: Html<String>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// What is wrong with the words stands at their field, which forms call otherwise than programs do.
fn noted_or_wrong<T>(noted: Result<T, Problem>, form: &mut Form) -> Result<(), Problem> {
    match noted {
        Ok(_) => Ok(()),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            problem.fields.iter().for_each(|wrong| form.wrong("note", wrong.message.as_str()));
            Ok(())
        }
    }
}

/// Something else is to be talked over.
pub(super) async fn put(State(desk): State<Desk>, caller: Caller, Path(agent): Path<StaffId>, mut form: Form) -> Result<Response, Problem> {
    let (me, at, text) = (one(&caller)?, desk.clock.now(), form.text("note", TEXT_CHARS));
    if !form.is_fine() {
        return Ok(again(list::filled(&desk, &caller, agent, &Asked::default(), Some(Sent::Point(form))).await?));
    }
    let new = NewPoint { agent, case: None, text: Some(text) };
    desk.write::<_, DebriefError, _>(move |tx| Box::pin(async move { commands::put(tx, &new, me, at).await })).await?;
    Ok(Redirect::to(&format!("{}?done=put", list_of(agent, me))).into_response())
}

/// They talked: over the points that are chosen.
pub(super) async fn hold(State(desk): State<Desk>, caller: Caller, Path(agent): Path<StaffId>, mut form: Form) -> Result<Response, Problem> {
    let (me, at, agreed) = (one(&caller)?, desk.clock.now(), form.optional("agreed", TEXT_CHARS));
    let points: Vec<PointId> = form.entries().filter(|(_, value)| *value == "yes").filter_map(|(name, _)| name.strip_prefix("point-")?.parse().ok()).collect();
    if form.is_fine() {
        let held =
            desk.write::<_, DebriefError, _>(move |tx| Box::pin(async move { commands::hold_talk(tx, agent, &points, agreed.as_deref(), me, at).await }));
        match held.await {
            Ok(talk) => return Ok(Redirect::to(&format!("/debriefs/talks/{talk}?done=talked")).into_response()),
            Err(problem) if problem.status == StatusCode::CONFLICT.as_u16() => form.wrong("points", problem.detail),
            Err(problem) if problem.fields.is_empty() => return Err(problem),
            Err(problem) => problem.fields.iter().for_each(|wrong| form.wrong(&wrong.field, wrong.message.as_str())),
        }
    }
    Ok(again(list::filled(&desk, &caller, agent, &Asked::default(), Some(Sent::Talk(form))).await?))
}

/// One of the two writes something on a point.
pub(super) async fn note_point(State(desk): State<Desk>, caller: Caller, Path(id): Path<PointId>, mut form: Form) -> Result<Response, Problem> {
    let (me, at, text) = (one(&caller)?, desk.clock.now(), form.text("note", TEXT_CHARS));
    if form.is_fine() {
        let noted = desk.write::<_, DebriefError, _>(move |tx| Box::pin(async move { commands::note_point(tx, id, &text, me, at).await }));
        noted_or_wrong(noted.await, &mut form)?;
    }
    let read = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { store::point(tx, id).await?.ok_or_else(Problem::not_found) }));
    let point = read.await?;
    match point.talk {
        _ if form.is_fine() => Ok(Redirect::to(&place_of(&point, me, "noted")).into_response()),
        Some(of) => Ok(again(talk::filled(&desk, &caller, of, &Asked::default(), Some((Some(id), form))).await?)),
        None => Ok(again(list::filled(&desk, &caller, point.agent, &Asked::default(), Some(Sent::Note(id, form))).await?)),
    }
}

/// One of the two writes something on a talk they held.
pub(super) async fn note_talk(State(desk): State<Desk>, caller: Caller, Path(id): Path<TalkId>, mut form: Form) -> Result<Response, Problem> {
    let (me, at, text) = (one(&caller)?, desk.clock.now(), form.text("note", TEXT_CHARS));
    if form.is_fine() {
        let noted = desk.write::<_, DebriefError, _>(move |tx| Box::pin(async move { commands::note_talk(tx, id, &text, me, at).await }));
        noted_or_wrong(noted.await, &mut form)?;
    }
    if !form.is_fine() {
        return Ok(again(talk::filled(&desk, &caller, id, &Asked::default(), Some((None, form))).await?));
    }
    Ok(Redirect::to(&format!("/debriefs/talks/{id}?done=noted")).into_response())
}

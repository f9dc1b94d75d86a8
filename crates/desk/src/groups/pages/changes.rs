use access::Caller;
use access::people::StaffId;
use access::teams::TeamId;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use platform::db::DbError;
use platform::http::{Form, Problem};

use super::super::known::Known;
use super::super::typed::{self, DAYS};
use super::show::{Sent, filled};
use crate::groups::changing;
use crate::groups::model::{AbsenceId, Days, NewAbsence, NewShift, ShiftId};
use crate::groups::store;
use crate::state::Desk;

/// To the page of a group.
pub(super) fn to(group: &str, done: &str) -> Response {
    Redirect::to(&format!("/groups/{group}?done={done}")).into_response()
}

pub(super) async fn again(desk: &Desk, caller: &Caller, group: &str, sent: Sent, form: &Form) -> Result<Response, Problem> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, filled(desk, caller, group, Some((sent, form)), None).await?).into_response())
}

/// Says which team serves a group.
pub(super) async fn set_team(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let Some(team) = form.parsed("team", |id| id.parse::<TeamId>().map_err(|_| "Choose one of your teams.".to_owned())) else {
        return again(&desk, &caller, &group, Sent::Team, &form).await;
    };
    let (at, charters, of) = (desk.clock.now(), desk.charters.clone(), group.clone());
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { changing::set_team(tx, &charters, &caller, (&of, team), at).await })).await?;
    Ok(to(&group, "team"))
}

/// Puts somebody's hours into the rota.
pub(super) async fn begin_shift(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let new = read_shift(&group, &mut form);
    let Some(new) = new.filter(|_| form.is_fine()) else { return again(&desk, &caller, &group, Sent::Shift, &form).await };
    let (at, charters, who) = (desk.clock.now(), desk.charters.clone(), caller.clone());
    let begun = desk.write::<_, Problem, _>(move |tx| Box::pin(async move { changing::begin_shift(tx, &charters, &who, &new, at).await.map(drop) }));
    mended(&desk, &caller, &group, Sent::Shift, form, begun.await, "begun").await
}

fn read_shift(group: &str, form: &mut Form) -> Option<NewShift> {
    let staff = form.parsed("staff", |id| id.parse::<StaffId>().map_err(|_| "Choose somebody.".to_owned()));
    let hours = form.parsed("hours", typed::hours);
    let zone = form.parsed("zone", typed::zone);
    let days = DAYS.iter().enumerate().filter(|(_, (name, _))| form.typed(name) == "yes").fold(0, |days, (day, _)| days | 1 << day);
    if days == 0 {
        form.wrong("hours", "Choose at least one day.");
    }
    Some(NewShift { group: group.to_owned(), staff: staff?, is_deputy: form.typed("deputy") == "yes", days: Days(days), hours: hours?, zone: zone? })
}

/// What was done, or the page with the form to be mended where a field is wrong.
async fn mended(desk: &Desk, caller: &Caller, group: &str, sent: Sent, mut form: Form, result: Result<(), Problem>, done: &str) -> Result<Response, Problem> {
    match result {
        Ok(()) => Ok(to(group, done)),
        Err(problem) if !problem.fields.is_empty() => {
            for wrong in &problem.fields {
                form.wrong(&wrong.field, wrong.message.as_str());
            }
            again(desk, caller, group, sent, &form).await
        }
        Err(problem) => Err(problem),
    }
}

/// Takes somebody's hours out of a rota.
pub(super) async fn end_shift(State(desk): State<Desk>, caller: Caller, Path(id): Path<ShiftId>) -> Result<Response, Problem> {
    let at = desk.clock.now();
    let ended = desk.write::<_, Problem, _>(move |tx| Box::pin(async move { changing::end_shift(tx, &caller, id, at).await }));
    Ok(to(&ended.await?.group, "ended"))
}

/// Enters when somebody who has hours in the rota, or stands in for somebody, is not there.
pub(super) async fn enter_absence(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (charters, now) = (desk.charters.clone(), desk.now());
    let seen = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Known::read(tx, &charters, now).await })).await?;
    let zone = seen.zone(seen.group(&group).ok_or_else(Problem::not_found)?);
    let new = read_absence(&mut form, &zone);
    let Some(new) = new.filter(|_| form.is_fine()) else { return again(&desk, &caller, &group, Sent::Absence, &form).await };
    let (at, charters, who, of) = (desk.clock.now(), desk.charters.clone(), caller.clone(), group.clone());
    let entered = desk.write::<_, Problem, _>(move |tx| Box::pin(async move { changing::enter_absence(tx, &charters, &who, (&of, &new), at).await.map(drop) }));
    mended(&desk, &caller, &group, Sent::Absence, form, entered.await, "away").await
}

/// Days of the group: the first from its beginning, the last to its end.
fn read_absence(form: &mut Form, zone: &TimeZone) -> Option<NewAbsence> {
    let staff = form.parsed("staff", |id| id.parse::<StaffId>().map_err(|_| "Choose somebody.".to_owned()));
    let substitute = form.parsed("substitute", |id| match id {
        "" => Ok(None),
        id => id.parse::<StaffId>().map(Some).map_err(|_| "Choose somebody, or nobody.".to_owned()),
    });
    let from = form.parsed("from", |text| typed::first_day(text, zone));
    let until = form.parsed("until", |text| typed::last_day(text, zone));
    Some(NewAbsence { staff: staff?, substitute: substitute?, from: from?, until: until? })
}

/// Somebody is there after all.
pub(super) async fn call_off(State(desk): State<Desk>, caller: Caller, Path(id): Path<AbsenceId>) -> Result<Response, Problem> {
    let at = desk.clock.now();
    let called = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let staff = changing::call_off(tx, &caller, id, at).await?;
            // Back to a group that was looked at for them, if they still are in a rota.
            Ok(store::rotas(tx, at).await?.into_iter().find(|(_, rota)| rota.has(staff)).map(|(group, _)| group))
        })
    });
    Ok(match called.await? {
        Some(group) => to(&group, "back"),
        None => Redirect::to("/groups?done=back").into_response(),
    })
}

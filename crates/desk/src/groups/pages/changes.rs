use access::Caller;
use access::people::StaffId;
use access::teams::{self, TeamId};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use charter::time::Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};

use super::super::known::Known;
use super::show::{DAYS, Sent, filled};
use crate::calendars::written;
use crate::charters;
use crate::groups::commands;
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

/// Whether the charter in force has such a group.
pub(super) async fn known(tx: &mut Tx, desk: &Desk, group: &str) -> Result<(), Problem> {
    let in_force = charters::in_force(tx, &desk.charters).await?;
    in_force.filter(|in_force| in_force.charter.groups.iter().any(|known| *known.id == *group)).map(drop).ok_or_else(Problem::not_found)
}

/// The team that serves a group, if it has one.
async fn serving(tx: &mut Tx, group: &str) -> Result<Option<TeamId>, Problem> {
    store::hold(tx, group).await?;
    Ok(store::teams(tx).await?.remove(group).map(|(team, _)| team))
}

/// Who leads the team of a group enters its rota.
pub(super) async fn led(tx: &mut Tx, caller: &Caller, group: &str) -> Result<(), Problem> {
    let team = serving(tx, group).await?;
    team.filter(|team| caller.leads(*team)).map(drop).ok_or_else(|| Problem::not_permitted().detail("Who leads the team that serves this group can."))
}

/// Says which team serves a group. A manager hands over from a team of theirs to a team of theirs.
pub(super) async fn set_team(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let Some(team) = form.parsed("team", |id| id.parse::<TeamId>().map_err(|_| "Choose one of your teams.".to_owned())) else {
        return again(&desk, &caller, &group, Sent::Team, &form).await;
    };
    let (at, actor, this, of) = (desk.clock.now(), caller.actor(), desk.clone(), group.clone());
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known(tx, &this, &of).await?;
            let from = serving(tx, &of).await?;
            if !caller.manages(team) || from.is_some_and(|from| !caller.manages(from)) {
                return Err(Problem::not_permitted().detail("Who manages both the team that serves this group and the one that is to can."));
            }
            Ok(commands::set_team(tx, &of, team, &actor, at).await?)
        })
    })
    .await?;
    Ok(to(&group, "team"))
}

/// Puts somebody's hours into the rota.
pub(super) async fn begin_shift(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let new = read_shift(&group, &mut form);
    let Some(new) = new.filter(|_| form.is_fine()) else { return again(&desk, &caller, &group, Sent::Shift, &form).await };
    let (at, actor, this, who) = (desk.clock.now(), caller.actor(), desk.clone(), caller.clone());
    let begun = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known(tx, &this, &new.group).await?;
            led(tx, &who, &new.group).await?;
            Ok(commands::begin_shift(tx, &new, &actor, at).await.map(drop)?)
        })
    });
    mended(&desk, &caller, &group, Sent::Shift, form, begun.await, "begun").await
}

fn read_shift(group: &str, form: &mut Form) -> Option<NewShift> {
    let staff = form.parsed("staff", |id| id.parse::<StaffId>().map_err(|_| "Choose somebody.".to_owned()));
    // Nothing is whenever the group is open; a day on which somebody is not there is not chosen.
    let hours = form.parsed("hours", |text| match written::hours(text)? {
        hours if hours.is_empty() && !text.is_empty() => Err("Hours such as 09:00-17:00, or nothing.".to_owned()),
        hours => Ok(hours),
    });
    let zone = form.parsed("zone", |name| {
        let zone = TimeZone::get(name).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
        zone.ok_or_else(|| format!("`{name}` is not a time zone such as Europe/Amsterdam."))
    });
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
    let (at, actor) = (desk.clock.now(), caller.actor());
    let ended = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let shift = store::shift(tx, id).await?.ok_or_else(Problem::not_found)?;
            led(tx, &caller, &shift.group).await?;
            commands::end_shift(tx, &shift, &actor, at).await?;
            Ok(shift.group)
        })
    });
    Ok(to(&ended.await?, "ended"))
}

/// Enters when somebody who has hours in the rota, or stands in for somebody, is not there: their lead does, or they themselves.
pub(super) async fn enter_absence(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (charters, now) = (desk.charters.clone(), desk.now());
    let seen = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Known::read(tx, &charters, now).await })).await?;
    let zone = seen.zone(seen.group(&group).ok_or_else(Problem::not_found)?);
    let new = read_absence(&mut form, &zone);
    let Some(new) = new.filter(|_| form.is_fine()) else { return again(&desk, &caller, &group, Sent::Absence, &form).await };
    let (at, actor, who, of, this) = (desk.clock.now(), caller.actor(), caller.clone(), group.clone(), desk.clone());
    let entered = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known(tx, &this, &of).await?;
            if who.staff() != Some(new.staff) {
                led(tx, &who, &of).await?;
            }
            Ok(commands::enter_absence(tx, &of, &new, &actor, at).await.map(drop)?)
        })
    });
    mended(&desk, &caller, &group, Sent::Absence, form, entered.await, "away").await
}

/// Days of the group: the first from its beginning, the last to its end.
fn read_absence(form: &mut Form, zone: &TimeZone) -> Option<NewAbsence> {
    let staff = form.parsed("staff", |id| id.parse::<StaffId>().map_err(|_| "Choose somebody.".to_owned()));
    let substitute = form.parsed("substitute", |id| match id {
        "" => Ok(None),
        id => id.parse::<StaffId>().map(Some).map_err(|_| "Choose somebody, or nobody.".to_owned()),
    });
    let begins = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp().as_microsecond());
    let day = |text: &str| text.parse::<Date>().map_err(|_| "A day such as 2026-12-24.".to_owned());
    let beyond = || "This day is too far away.".to_owned();
    let from: Option<Instant> = form.parsed("from", |text| begins(day(text)?).map_err(|_| beyond()));
    let until: Option<Instant> = form.parsed("until", |text| day(text)?.tomorrow().and_then(begins).map_err(|_| beyond()));
    Some(NewAbsence { staff: staff?, substitute: substitute?, from: from?, until: until? })
}

/// Somebody is there after all.
pub(super) async fn call_off(State(desk): State<Desk>, caller: Caller, Path(id): Path<AbsenceId>) -> Result<Response, Problem> {
    let (at, actor) = (desk.clock.now(), caller.actor());
    let called = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let absence = store::absence(tx, id).await?.ok_or_else(Problem::not_found)?;
            let teams = teams::memberships_of(tx, absence.staff).await?;
            let is_led = teams.iter().any(|member| member.holds(at) && caller.leads(member.team));
            if caller.staff() != Some(absence.staff) && !is_led {
                return Err(Problem::not_found());
            }
            commands::call_off(tx, id, absence.staff, &actor, at).await?;
            // Back to a group that was looked at for them, if they still are in a rota.
            Ok(store::rotas(tx, at).await?.into_iter().find(|(_, rota)| rota.has(absence.staff)).map(|(group, _)| group))
        })
    });
    Ok(match called.await? {
        Some(group) => to(&group, "back"),
        None => Redirect::to("/groups?done=back").into_response(),
    })
}

//! The hours of calendars, entered by owners and operators.

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::calendar::Calendar;
use jiff::tz::TimeZone;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use serde::Deserialize;
use ui::components::{Empty, Field, FieldKind, Notice, Tone};
use ui::format::time_zone;
use ui::shell::{Crumb, Shell};

use super::{commands, written};
use crate::charters;
use crate::options::sentence_case;
use crate::state::{Desk, page};

const DAYS: [(&str, &str); 7] =
    [("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday"), ("thu", "Thursday"), ("fri", "Friday"), ("sat", "Saturday"), ("sun", "Sunday")];

/// Every route of calendars.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/settings/calendars", Permission::Operate, list, desk),
        Route::get("/settings/calendars/{name}", Permission::Operate, show, desk),
        Route::post("/settings/calendars/{name}", Permission::Operate, save, desk).taking(&["zone", "mon", "exceptions"]),
    ]
}

/// A calendar, with the groups of the charter in force that follow it.
struct Known {
    name: String,
    groups: Vec<String>,
    calendar: Option<Calendar>,
    /// Of the charter in force.
    zone: String,
}

impl Known {
    fn is_empty(&self) -> bool {
        self.calendar.as_ref().is_none_or(|c| c.weekly().iter().all(Vec::is_empty) && c.exceptions().values().all(Vec::is_empty))
    }
}

/// Calendars that the charter in force names, and those that were entered before.
async fn known(desk: &Desk) -> Result<Vec<Known>, Problem> {
    let charters = desk.charters.clone();
    let (in_force, mut kept) =
        desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Ok((charters::in_force(tx, &charters).await?, charters::calendars(tx).await?)) })).await?;
    let zone = in_force.as_ref().and_then(|c| c.charter.zone.iana_name().map(str::to_owned)).unwrap_or_else(|| "UTC".to_owned());
    let groups = in_force.as_ref().map(|c| c.charter.groups.as_slice()).unwrap_or_default();
    let mut names: Vec<String> = groups.iter().filter_map(|g| g.hours.as_ref().map(ToString::to_string)).chain(kept.keys().cloned()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| {
        let follow = groups.iter().filter(|g| g.hours.as_deref() == Some(name));
        follow.map(|g| sentence_case(&g.title)).collect::<Vec<_>>()
    };
    Ok(names.into_iter().map(|name| Known { groups: of(&name), calendar: kept.remove(&name), zone: zone.clone(), name }).collect())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

#[derive(Template)]
#[template(path = "calendars/templates/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    empty: Empty,
}

struct Row {
    name: String,
    groups: String,
    week: Vec<(&'static str, String)>,
    is_empty: bool,
}

/// All calendars; groups without hours are named above.
async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Calendars");
    shell.context = "When the groups of the charter are there.".to_owned();
    if asked.done == "saved" {
        shell.notices.push(Notice::new(Tone::Positive, "Saved"));
    }
    let known = known(&desk).await?;
    for calendar in known.iter().filter(|k| k.is_empty()) {
        for group in &calendar.groups {
            let name = &calendar.name;
            let text = format!("The calendar “{name}” has none. Cases are passed on all the same, and nobody can be told when an answer comes.");
            shell.notices.push(Notice { text, ..Notice::new(Tone::Caution, format!("{group}: no hours are entered")) });
        }
    }
    let row = |k: Known| Row { is_empty: k.is_empty(), groups: k.groups.join(", "), week: k.calendar.as_ref().map(week).unwrap_or_default(), name: k.name };
    let empty = Empty {
        title: "No calendar is needed".to_owned(),
        text: "A group of the charter that has `hours` names a calendar; its hours are entered here.".to_owned(),
        action: None,
    };
    page(&ListPage { shell, rows: known.into_iter().map(row).collect(), empty })
}

fn week(calendar: &Calendar) -> Vec<(&'static str, String)> {
    let said = |hours: &Vec<charter::calendar::Hours>| if hours.is_empty() { "closed".to_owned() } else { written::shown(hours) };
    DAYS.iter().zip(calendar.weekly()).map(|((_, label), hours)| (*label, said(hours))).collect()
}

#[derive(Template)]
#[template(path = "calendars/templates/show.html")]
struct ShowPage {
    shell: Shell,
    name: String,
    zone: Field,
    days: Vec<Field>,
    exceptions: Field,
}

/// The form of one calendar.
async fn show(State(desk): State<Desk>, caller: Caller, Path(name): Path<String>) -> Result<Html<String>, Problem> {
    let known = one(&desk, &name).await?;
    let mut filled = vec![("zone", known.zone.clone())];
    if let Some(calendar) = &known.calendar {
        filled = vec![("zone", calendar.zone().iana_name().unwrap_or_default().to_owned()), ("exceptions", written::shown_exceptions(calendar.exceptions()))];
        filled.extend(DAYS.iter().zip(calendar.weekly()).map(|((day, _), hours)| (*day, written::shown(hours))));
    }
    let form = Form::filled(filled.iter().map(|(field, value)| (*field, value.as_str())));
    show_page(&desk, &caller, &known, &form)
}

async fn one(desk: &Desk, name: &str) -> Result<Known, Problem> {
    known(desk).await?.into_iter().find(|k| k.name == name).ok_or_else(Problem::not_found)
}

fn show_page(desk: &Desk, caller: &Caller, known: &Known, form: &Form) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(caller, &format!("Calendar “{}”", known.name));
    shell.crumbs = vec![Crumb::new("Calendars", "/settings/calendars")];
    shell.context = if known.groups.is_empty() { "No group follows it now.".to_owned() } else { format!("Followed by {}.", known.groups.join(", ")) };
    let field = |name: &str, label: &str, hint: &str| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        is_optional: name != "zone",
        ..Field::new(name, label)
    };
    let hint = |day: &str| if day == "mon" { "Such as 09:00-12:30, 13:00-17:00. Empty is closed." } else { "" };
    page(&ShowPage {
        shell,
        name: known.name.clone(),
        zone: Field { value: form.typed("zone").to_owned(), error: form.error("zone"), ..Field::time_zone("zone", "Time zone") },
        days: DAYS.iter().map(|(day, label)| field(day, label, hint(day))).collect(),
        exceptions: Field { kind: FieldKind::Long, ..field("exceptions", "Days that differ", "A line each: 2026-12-25 closed, or 2026-12-31 09:00-12:00.") },
    })
}

/// Keeps the hours.
async fn save(State(desk): State<Desk>, caller: Caller, Path(name): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let known = one(&desk, &name).await?;
    let Some(calendar) = read(&mut form) else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show_page(&desk, &caller, &known, &form)?).into_response());
    };
    let (actor, at) = (caller.actor(), desk.clock.now());
    desk.write::<_, DbError, _>(move |tx| Box::pin(async move { commands::keep(tx, &name, &calendar, &actor, at).await })).await?;
    Ok(Redirect::to("/settings/calendars?done=saved").into_response())
}

fn read(form: &mut Form) -> Option<Calendar> {
    let zone = form.parsed("zone", |typed| time_zone(typed).and_then(|name| TimeZone::get(&name).map_err(|e| e.to_string())));
    let weekly = DAYS.map(|(day, _)| form.parsed(day, written::hours).unwrap_or_default());
    let exceptions = form.parsed("exceptions", written::exceptions).unwrap_or_default();
    let zone = zone.filter(|_| form.is_fine())?;
    match Calendar::new(zone, weekly, exceptions) {
        Ok(calendar) => Some(calendar),
        Err(problems) => {
            form.wrong("exceptions", problems.to_string());
            None
        }
    }
}

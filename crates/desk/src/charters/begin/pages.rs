//! The six questions, and the charter that comes of them, in sentences before it holds.

use std::collections::BTreeMap;

use access::{Caller, Permission, teams};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use ui::components::{Check, Choice, Field, FieldKind, Segmented};
use ui::shell::{Crumb, Shell};

use super::super::store;
use super::super::told::{Told, told};
use super::answers::{Answers, Top};
use super::commands;
use super::troubles::TROUBLES;
use super::typed::{self, DAYS, TEXTS};
use super::write::{Begun, NotSound, write};
use crate::calendars::written;
use crate::options::{sentence_case, spoken};
use crate::state::{Desk, page};

/// The routes of beginning.
pub(in crate::charters) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/charter/begin", Permission::Owner, ask, desk),
        Route::post("/charter/begin", Permission::Owner, answer, desk).taking(&TEXTS),
        Route::get("/charter/begin/charter.toml", Permission::Owner, text, desk),
        Route::get("/charter/begin/charter.scenarios.toml", Permission::Owner, scenarios, desk),
    ]
}

#[derive(Template)]
#[template(path = "charters/begin/templates/questions.html")]
struct QuestionsPage {
    shell: Shell,
    currency: Field,
    troubles: Vec<Check>,
    troubles_error: Option<String>,
    of: Segmented,
    free: Field,
    why: Field,
    next: Field,
    more: Field,
    top: Segmented,
    days: Vec<Choice>,
    days_error: Option<String>,
    hours: Field,
    zone: Field,
}

#[derive(Template)]
#[template(path = "charters/begin/templates/read.html")]
struct ReadPage {
    shell: Shell,
    /// The answers, sent again with whatever is chosen.
    answers: Vec<(&'static str, String)>,
    text: String,
    follows: Vec<String>,
    parts: Vec<Told>,
}

fn shell(desk: &Desk, caller: &Caller, title: &str) -> Shell {
    let mut shell = (desk.frame)(caller, title);
    shell.crumbs = vec![Crumb::new("Getting started", "/")];
    shell
}

fn questions(desk: &Desk, caller: &Caller, form: &Form) -> Result<Response, Problem> {
    let mut shell = shell(desk, caller, "Six questions");
    shell.context = "Your charter is written from the answers, and you read it before it holds. Everything can be changed later.".to_owned();
    let field = |name: &str, label: &str, hint: &str| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        ..Field::new(name, label)
    };
    let limit = |name: &str, label: &str, hint: &str| Field { kind: FieldKind::Decimal, ..field(name, label, hint) };
    let check = |name: &str, label: &str| Check { name: name.to_owned(), label: label.to_owned(), is_checked: form.typed(name) == "yes", ..Check::default() };
    let choice = |name: &str, value: &str, label: &str| Choice { is_chosen: form.typed(name) == value, ..Choice::new(value, label) };
    let of = vec![choice("of", "share", "Percent of what was paid"), choice("of", "money", "An amount of money")];
    let top = Top::ALL.map(|top| choice("top", top.level(), &sentence_case(top.level())));
    let shown = QuestionsPage {
        shell,
        currency: field("currency", "Currency", "Three letters: EUR, GBP, USD, JPY …"),
        troubles: TROUBLES.iter().map(|trouble| check(trouble.field, trouble.label)).collect(),
        troubles_error: form.error("troubles"),
        of: Segmented { name: "of".to_owned(), label: "Counted in".to_owned(), choices: of, ..Segmented::default() },
        free: limit("free", "Anyone gives up to", "For one case. 0 if everything needs a reason said."),
        why: limit("why", "Saying why, up to", "Allowed to everybody who writes down why. It is talked over later, never taken back."),
        next: field("next", "What they are called", "Such as lead or senior."),
        more: limit("more", "They give up to", "What agents pass up comes to them first."),
        top: Segmented {
            name: "top".to_owned(),
            label: "Above that, up to all that was paid, decides the".to_owned(),
            choices: top.into(),
            ..Segmented::default()
        },
        days: DAYS.iter().map(|(day, label)| Choice { is_chosen: form.typed(day) == "yes", ..Choice::new(*day, *label) }).collect(),
        days_error: form.error("days"),
        hours: field("hours", "Hours", "Such as 09:00-17:00, or 09:00-12:30, 13:00-17:00."),
        zone: field("zone", "Time zone", "Such as Europe/Amsterdam."),
    };
    let status = if form.is_fine() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page(&shown)?).into_response())
}

/// The questions, while no charter is in force.
async fn ask(State(desk): State<Desk>, caller: Caller) -> Result<Response, Problem> {
    let known = desk.read::<_, DbError, _>(|tx| Box::pin(async move { store::version_in_force(tx).await })).await?;
    if known.is_some() {
        return Ok(Redirect::to("/charter").into_response());
    }
    questions(&desk, &caller, &typed::usual(caller.time_zone()))
}

/// What comes of the answers, to be read; or the questions again; or it is published.
async fn answer(State(desk): State<Desk>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    if form.typed("step") == "change" {
        return questions(&desk, &caller, &form);
    }
    let Some(answers) = typed::read(&mut form) else { return questions(&desk, &caller, &form) };
    let begun = write(&answers).map_err(defect)?;
    match form.typed("step") {
        "publish" => publish(&desk, &caller, begun, answers).await,
        _ => read(&desk, &caller, &form, begun, &answers).await,
    }
}

fn defect(e: NotSound) -> Problem {
    DbError::Defect(e.to_string()).into()
}

async fn publish(desk: &Desk, caller: &Caller, begun: Begun, answers: Answers) -> Result<Response, Problem> {
    let (at, owner) = (desk.clock.now(), caller.staff().ok_or_else(Problem::not_permitted)?);
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { commands::begin(tx, &begun, &answers, owner, at).await })).await?;
    Ok(Redirect::to("/?done=begun").into_response())
}

async fn read(desk: &Desk, caller: &Caller, form: &Form, begun: Begun, answers: &Answers) -> Result<Response, Problem> {
    let own = caller.memberships().next().map(|membership| membership.name.clone());
    let (known, first) = desk
        .read::<_, DbError, _>(|tx| {
            Box::pin(async move { Ok((store::version_in_force(tx).await?, teams::all(tx).await?.into_iter().find(|team| team.parent.is_none()))) })
        })
        .await?;
    if known.is_some() {
        return Err(commands::in_force());
    }
    let mut shell = shell(desk, caller, "Read it before it holds");
    shell.context = "Nothing is published yet.".to_owned();
    let team = match (own, first) {
        (Some(own), _) => format!("your team {own}"),
        (None, Some(first)) => format!("the team {}, which you join", first.name),
        (None, None) => format!("a new team, {}, with you in it", commands::TEAM),
    };
    let shown = ReadPage {
        shell,
        answers: typed::fields().map(|name| (name, form.typed(name).to_owned())).filter(|(_, value)| !value.is_empty()).collect(),
        follows: follows(answers, &team),
        parts: vec![told(&begun.charter, &begun.text, "")],
        text: begun.text,
    };
    Ok(page(&shown)?.into_response())
}

/// What publishing does besides, a sentence each.
fn follows(answers: &Answers, team: &str) -> Vec<String> {
    let (first, last) = (spoken(&answers.first_group()), spoken(&answers.last_group()));
    let open: Vec<&str> = DAYS.iter().enumerate().filter(|(day, _)| answers.days.has(*day)).map(|(_, (_, label))| *label).collect();
    vec![
        "The charter is in force at once, for everybody.".to_owned(),
        format!("You get the level {}, so that you can decide up to all that was paid.", answers.top.level()),
        format!("What is passed up comes to the {first}, and beyond them to the {last}. Both are {team}: until you put others in, that is you."),
        format!("They are there {} {} ({}), and a case says by when they answer.", open.join(", "), written::shown(&answers.hours), answers.zone),
    ]
}

async fn text(Query(asked): Query<BTreeMap<String, String>>) -> Result<Response, Problem> {
    Ok(file("attachment; filename=\"charter.toml\"", written_from(&asked)?.text))
}

async fn scenarios(Query(asked): Query<BTreeMap<String, String>>) -> Result<Response, Problem> {
    Ok(file("attachment; filename=\"charter.scenarios.toml\"", written_from(&asked)?.scenarios))
}

/// What comes of answers that stand in an address.
fn written_from(asked: &BTreeMap<String, String>) -> Result<Begun, Problem> {
    let mut form = Form::filled(asked.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let answers = typed::read(&mut form).ok_or_else(|| Problem::invalid("These are not answers to the six questions.").fields(form.problems().to_vec()))?;
    write(&answers).map_err(defect)
}

fn file(disposition: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/toml; charset=utf-8"), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

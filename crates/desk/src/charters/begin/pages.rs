//! The six questions, and the charter that comes of them, in sentences before it holds.

use std::collections::BTreeMap;

use access::people::StaffId;
use access::{Caller, Permission, teams};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use ui::components::{Check, Choice, Field, FieldKind, Notice, Segmented, Tone};
use ui::format::Affixes;
use ui::shell::{Crumb, Shell};

use super::super::commands::counts_otherwise;
use super::super::pages::changes::{Changes, Written, changes};
use super::super::store;
use super::super::told::{Told, told};
use super::added::added;
use super::answers::{Answers, Top};
use super::commands::{self, Over};
use super::troubles::{TROUBLES, Trouble};
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
        Route::get("/charter/begin/read", Permission::Owner, read, desk),
        Route::get("/charter/begin/charter.toml", Permission::Owner, text, desk),
        Route::get("/charter/begin/charter.scenarios.toml", Permission::Owner, scenarios, desk),
    ]
}

#[derive(Template)]
#[template(path = "charters/begin/templates/questions.html")]
struct QuestionsPage {
    shell: Shell,
    /// The charter in force that another one takes the place of.
    instead_of: Option<i64>,
    /// Whether they were answered before, and not published.
    is_kept: bool,
    currency: Field,
    troubles: Vec<Check>,
    troubles_error: Option<String>,
    of: Segmented,
    free: Field,
    why: Field,
    next: Field,
    more: Field,
    top: Segmented,
    /// Who decides above them, where that stays.
    top_word: String,
    days: Vec<Choice>,
    days_error: Option<String>,
    hours: Field,
    zone: Field,
}

#[derive(Template)]
#[template(path = "charters/begin/templates/read.html")]
struct ReadPage {
    shell: Shell,
    /// The answers as they are read here: what is published is this, whatever was answered in another window since.
    answers: Vec<(&'static str, String)>,
    instead_of: Option<i64>,
    text: String,
    follows: Vec<String>,
    /// What would be new, gone or different, where there is a charter.
    changes: Option<Changes>,
    parts: Vec<Told>,
}

fn shell(desk: &Desk, caller: &Caller, title: &str, over: &Over) -> Shell {
    let mut shell = (desk.frame)(caller, title);
    shell.crumbs = vec![if over.instead_of().is_some() { Crumb::new("Charter", "/charter") } else { Crumb::new("Getting started", "/") }];
    shell
}

fn questions(desk: &Desk, caller: &Caller, (form, is_kept): (&Form, bool), over: &Over) -> Result<Response, Problem> {
    let mut shell = shell(desk, caller, "Six questions", over);
    shell.context = match (over, is_kept) {
        _ if !form.is_fine() => "Something does not fit yet: what to write stands at its field. Your answers are kept.",
        (_, true) => "As you answered them last; nothing of it is published yet. They stay until you publish the charter that comes of them.",
        (Over::Written { .. }, _) => "As you answered them. The charter is written anew from what you change, and you read it before it holds.",
        _ => "Your charter is written from the answers, and you read it before it holds. The answers can be changed later.",
    }
    .to_owned();
    let percent = Affixes::of_percent(shell.locale);
    // The first that is wrong is where one goes on: the page is long.
    let is_first = |name: &str| form.problems().first().is_some_and(|wrong| wrong.field == name);
    let field = |name: &str, label: &str, hint: &str| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        is_first: is_first(name),
        ..Field::new(name, label)
    };
    let limit = |name: &str, label: &str, hint: &str| Field { kind: FieldKind::Decimal, affixes: percent.clone(), ..field(name, label, hint) };
    let choice = |name: &str, value: &str, label: &str| Choice { is_chosen: form.typed(name) == value, ..Choice::new(value, label) };
    let of = vec![choice("of", "share", "Percent of what was paid"), choice("of", "money", "An amount of money")];
    let top = Top::ALL.map(|top| choice("top", top.level(), &sentence_case(top.level())));
    let shown = QuestionsPage {
        shell,
        instead_of: over.instead_of(),
        is_kept,
        top_word: form.typed("top").to_owned(),
        currency: field("currency", "Currency", "Three letters: EUR, GBP, USD, JPY …"),
        troubles: TROUBLES.iter().map(|trouble| check(form, trouble)).collect(),
        troubles_error: form.error("troubles"),
        of: Segmented { name: "of".to_owned(), label: "Counted in".to_owned(), choices: of, ..Segmented::default() },
        free: limit("free", "Anyone gives up to", "For one case. 0 if everything needs a reason said."),
        why: limit("why", "Saying why, up to", "Allowed to everybody who writes down why. It is talked over later, never taken back."),
        next: field("next", "What they are called", "Such as lead or senior."),
        more: limit("more", "They give up to", "What agents pass up comes to them first."),
        top: Segmented {
            name: "top".to_owned(),
            label: "Who decides above that, up to all that was paid".to_owned(),
            choices: top.into(),
            ..Segmented::default()
        },
        days: DAYS.iter().map(|(day, label)| Choice { is_chosen: form.typed(day) == "yes", ..Choice::new(*day, *label) }).collect(),
        days_error: form.error("days"),
        hours: field("hours", "Hours", "Such as 9-17, or 09:00-12:30, 13:00-17:00."),
        zone: Field { value: form.typed("zone").to_owned(), error: form.error("zone"), is_first: is_first("zone"), ..Field::time_zone("zone", "Time zone") },
    };
    Ok(page(&shown)?.into_response())
}

fn check(form: &Form, trouble: &Trouble) -> Check {
    let (name, label, hint) = (trouble.field.to_owned(), trouble.label.to_owned(), trouble.hint.to_owned());
    Check { is_checked: form.typed(trouble.field) == "yes", name, label, hint, ..Check::default() }
}

/// The questions, while no charter is in force but one that was written from them: as they were answered last, with what is wrong with it.
async fn ask(State(desk): State<Desk>, caller: Caller) -> Result<Response, Problem> {
    let (over, kept) = answered(&desk, &caller).await?;
    if let Some(mut kept) = kept {
        typed::read(&mut kept);
        return questions(&desk, &caller, (&kept, true), &over);
    }
    match &over {
        Over::Nothing => questions(&desk, &caller, (&typed::usual(caller.time_zone()), false), &over),
        Over::Written { answers, .. } => questions(&desk, &caller, (answers, false), &over),
        Over::Another => Ok(Redirect::to("/charter").into_response()),
    }
}

/// Keeps what was answered, whatever it is, and leads to a page that can be loaded again and come back to; or publishes it, or forgets it.
async fn answer(State(desk): State<Desk>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let (over, _) = answered(&desk, &caller).await?;
    let (was, me) = (over.instead_of(), owner(&caller)?);
    if matches!(over, Over::Another) || form.typed("instead_of") != was.map(|version| version.to_string()).unwrap_or_default() {
        return Err(commands::in_force());
    }
    if form.typed("step") == "anew" {
        desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::forget_draft(tx, me).await?) })).await?;
        return Ok(Redirect::to("/charter/begin").into_response());
    }
    let answers = typed::read(&mut form);
    if let (Some(answers), Over::Written { answers: before, .. }) = (&answers, &over)
        && [("next", answers.next.as_str()), ("top", answers.top.level())].iter().any(|(field, name)| before.typed(field) != *name)
    {
        return Err(Problem::invalid("What levels are called stays: people and groups have these names. The text of the charter can change them."));
    }
    match answers {
        Some(answers) if form.typed("step") == "publish" => publish(&desk, &caller, write(&answers).map_err(defect)?, answers, was).await,
        answers => {
            desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(commands::keep(tx, me, was, &form).await?) })).await?;
            Ok(Redirect::to(if answers.is_some() { "/charter/begin/read" } else { "/charter/begin" }).into_response())
        }
    }
}

fn owner(caller: &Caller) -> Result<StaffId, Problem> {
    caller.staff().ok_or_else(Problem::not_permitted)
}

async fn answered(desk: &Desk, caller: &Caller) -> Result<(Over, Option<Form>), Problem> {
    let me = owner(caller)?;
    desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(commands::answered(tx, me).await?) })).await
}

fn defect(e: NotSound) -> Problem {
    DbError::Defect(e.to_string()).into()
}

async fn publish(desk: &Desk, caller: &Caller, begun: Begun, answers: Answers, instead_of: Option<i64>) -> Result<Response, Problem> {
    let (at, owner, by) = (desk.clock.now(), owner(caller)?, caller.actor());
    if let Some(version) = instead_of {
        desk.write::<_, Problem, _>(move |tx| Box::pin(async move { commands::begin_again(tx, &begun, &answers, version, &by, at).await })).await?;
        return Ok(Redirect::to("/charter?done=published").into_response());
    }
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { commands::begin(tx, &begun, &answers, owner, at).await })).await?;
    Ok(Redirect::to("/?done=begun").into_response())
}

/// What comes of what was answered last, to be read before it holds; the questions, where nothing was answered or something is wrong.
async fn read(State(desk): State<Desk>, caller: Caller) -> Result<Response, Problem> {
    let (over, kept) = answered(&desk, &caller).await?;
    let mut form = kept.unwrap_or_default();
    let Some(answers) = typed::read(&mut form).filter(|_| !matches!(over, Over::Another)) else { return Ok(Redirect::to("/charter/begin").into_response()) };
    let begun = write(&answers).map_err(defect)?;
    let mut shell = shell(&desk, &caller, "Read it before it holds", &over);
    shell.context = "Nothing is published yet.".to_owned();
    let (follows, changes) = match &over {
        Over::Written { answers: before, .. } => {
            let (changes, otherwise) = changed(&desk, &begun).await?;
            shell.notices.extend(otherwise.into_iter().map(|line| Notice { text: line, ..Notice::new(Tone::Caution, "This cannot be published") }));
            (follows_again(before, &answers), Some(changes))
        }
        _ => (follows(&answers, &team_of(&desk, &caller).await?), None),
    };
    let shown = ReadPage {
        shell,
        instead_of: over.instead_of(),
        answers: typed::fields().map(|name| (name, form.typed(name).to_owned())).filter(|(_, value)| !value.is_empty()).collect(),
        follows,
        changes,
        parts: vec![told(&begun.charter, &begun.text, "").explained(|id| added(id, &answers))],
        text: begun.text,
    };
    Ok(page(&shown)?.into_response())
}

/// What is not as in the charter in force, and what of it does not go with the grants there are.
async fn changed(desk: &Desk, begun: &Begun) -> Result<(Changes, Vec<String>), Problem> {
    let (known, at, begun) = (desk.charters.clone(), desk.clock.now(), begun.clone());
    desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let in_force = store::in_force(tx, &known).await?;
            let text = match &in_force {
                Some(in_force) => store::text_of(tx, in_force.version).await?.unwrap_or_default(),
                None => String::new(),
            };
            let now = in_force.as_ref().map(|c| Written { charter: &c.charter, text: &text, outer: "" });
            let then = Written { charter: &begun.charter, text: &begun.text, outer: "" };
            Ok((changes(tx, now, then, at).await?, counts_otherwise(tx, &begun.charter).await?))
        })
    })
    .await
}

/// Who serves the groups at first, in words.
async fn team_of(desk: &Desk, caller: &Caller) -> Result<String, Problem> {
    if let Some(own) = caller.memberships().next() {
        return Ok(format!("your team {}", own.name));
    }
    let all = desk.read::<_, DbError, _>(|tx| Box::pin(async move { teams::all(tx).await })).await?;
    Ok(match all.into_iter().find(|team| team.parent.is_none()) {
        Some(first) => format!("the team {}, which you join", first.name),
        None => format!("a new team, {}, with you in it", commands::TEAM),
    })
}

/// What publishing does besides, a sentence each.
fn follows(answers: &Answers, team: &str) -> Vec<String> {
    let (first, last) = (spoken(&answers.first_group()), spoken(&answers.last_group()));
    vec![
        "The charter is in force at once, for everybody.".to_owned(),
        format!("You get the level {}, so that you can decide up to all that was paid.", answers.top.level()),
        format!("What is passed up comes to the {first}, and beyond them to the {last}. Both are {team}: until you put others in, that is you."),
        format!("They are there {}, and a case says by when they answer.", open(answers)),
    ]
}

/// The same where a charter was written before.
fn follows_again(before: &Form, answers: &Answers) -> Vec<String> {
    let is_open_otherwise = typed::read(&mut before.clone()).is_none_or(|before| open(&before) != open(answers));
    let hours = match is_open_otherwise {
        true => format!("Whoever is asked is there {}. Look at “Who is there” after it: the rota stays as it is.", open(answers)),
        false => "Hours stay as they are.".to_owned(),
    };
    vec![
        "This charter takes the place of the one in force at once, for everybody. What was given stays given.".to_owned(),
        "What was approved and not yet given has to be asked for anew.".to_owned(),
        hours,
        "Levels, teams and the rota stay as they are.".to_owned(),
    ]
}

/// When the groups are there: `Mon, Tue 09:00-17:00 (Europe/Amsterdam)`.
fn open(answers: &Answers) -> String {
    let days: Vec<&str> = DAYS.iter().enumerate().filter(|(day, _)| answers.days.has(*day)).map(|(_, (_, label))| *label).collect();
    format!("{} {} ({})", days.join(", "), written::shown(&answers.hours), answers.zone)
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

//! Promises, for customers to read and for staff to write.

use access::people::{self, StaffId};
use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem, Route};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES, TEXT_CHARS};
use serde::Deserialize;
use ui::components::{Empty, Field, FieldKind, Notice, Pager, Tone};
use ui::format::{Formats, Locale};
use ui::shell::{Crumb, Shell};

use super::commands;
use super::model::{NewText, Offering, OfferingVersion};
use super::store;
use crate::api;
use crate::state::{Desk, page};

/// Every route of offerings.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/promises", Permission::Public, public_list, desk),
        Route::get("/promises/{slug}", Permission::Public, public, desk),
        Route::get("/offerings", Permission::Desk, list, desk),
        Route::post("/offerings", Permission::Manager, create, desk).taking(&["title", "text", "slug"]),
        Route::get("/offerings/new", Permission::Manager, new, desk),
        Route::get("/offerings/{slug}", Permission::Desk, show, desk),
        Route::post("/offerings/{slug}/versions", Permission::Manager, publish, desk).taking(&["title", "text"]),
        Route::post("/offerings/{slug}/shown", Permission::Manager, set_shown, desk),
    ]
}

/// Where a list goes on, and what has just been done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
    done: String,
}

/// A text as it is read: paragraphs of lines.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\r\n", "\n");
    let lines = |paragraph: &str| paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    text.split("\n\n").map(lines).filter(|lines| !lines.is_empty()).collect()
}

/// The frame of a page for anybody.
fn bare(title: &str, headers: &HeaderMap) -> Shell {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Shell { locale: Locale::accepted(accepted), ..Shell::new(title) }
}

fn next(rows: &mut Vec<Offering>, address: &str) -> Option<String> {
    let has_more = api::cut(rows);
    rows.last().filter(|_| has_more).map(|last| format!("{address}?after={}", last.slug))
}

#[derive(Template)]
#[template(path = "offerings/templates/public_list.html")]
struct PublicListPage {
    shell: Shell,
    rows: Vec<Offering>,
    pager: Pager,
}

/// What we promise, for anybody.
async fn public_list(State(desk): State<Desk>, headers: HeaderMap, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let after = asked.after.replace('\0', "");
    let mut rows = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { store::list_shown(tx, &after, PAGE_ENTRIES + 1).await })).await?;
    let next = next(&mut rows, "/promises");
    let pager = Pager { label: "Pages of promises".to_owned(), next, ..Pager::default() };
    page(&PublicListPage { shell: bare("What we promise", &headers), rows, pager })
}

#[derive(Template)]
#[template(path = "offerings/templates/public.html")]
struct PublicPage {
    shell: Shell,
    paragraphs: Vec<Vec<String>>,
}

/// One promise, for anybody.
async fn public(State(desk): State<Desk>, headers: HeaderMap, Path(slug): Path<String>) -> Result<Html<String>, Problem> {
    let offering = found(&desk, slug).await?.filter(|o| o.is_shown).ok_or_else(Problem::not_found)?;
    let mut shell = bare(&offering.title, &headers);
    let formats = Formats { locale: shell.locale, time_zone: TimeZone::UTC };
    shell.context = since(&formats, offering.at);
    page(&PublicPage { shell, paragraphs: paragraphs(&offering.text) })
}

fn since(formats: &Formats, at: charter::time::Instant) -> String {
    let day = Timestamp::from_microsecond(at).map(|at| at.to_zoned(formats.time_zone.clone()).date());
    day.map_or_else(|_| String::new(), |day| formats.date(day))
}

async fn found(desk: &Desk, slug: String) -> Result<Option<Offering>, Problem> {
    if slug.contains('\0') {
        return Ok(None);
    }
    desk.read::<_, DbError, _>(move |tx| Box::pin(async move { store::by_slug(tx, &slug).await })).await
}

#[derive(Template)]
#[template(path = "offerings/templates/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<(Offering, String)>,
    pager: Pager,
    empty: Empty,
    may_write: bool,
}

/// What we promise, for staff.
async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "What we promise");
    shell.context = "One text for customers and staff.".to_owned();
    let (formats, may_write, after) = (caller.formats(), caller.is_manager(), asked.after.replace('\0', ""));
    let mut rows = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { store::list(tx, &after, PAGE_ENTRIES + 1).await })).await?;
    let next = next(&mut rows, "/offerings");
    let action = may_write.then(|| ("Write a promise".to_owned(), "/offerings/new".to_owned()));
    page(&ListPage {
        shell,
        rows: rows.into_iter().map(|row| (row.clone(), since(&formats, row.at))).collect(),
        pager: Pager { label: "Pages of promises".to_owned(), next, ..Pager::default() },
        empty: Empty {
            title: "Nothing is promised yet".to_owned(),
            text: "Write what customers can count on: how long they can return something, when they hear from you.".to_owned(),
            action,
        },
        may_write,
    })
}

#[derive(Template)]
#[template(path = "offerings/templates/new.html")]
struct NewPage {
    shell: Shell,
    title: Field,
    slug: Field,
    text: Field,
}

/// The form of a new promise.
async fn new(State(desk): State<Desk>, caller: Caller) -> Result<Html<String>, Problem> {
    new_page(&desk, &caller, &Form::default())
}

fn field(form: &Form, name: &str, label: &str, hint: &str) -> Field {
    Field { value: form.typed(name).to_owned(), error: form.error(name), hint: hint.to_owned(), ..Field::new(name, label) }
}

fn text_field(form: &Form) -> Field {
    Field { kind: FieldKind::Long, ..field(form, "text", "The promise", "As customers read it. An empty line begins a paragraph.") }
}

fn new_page(desk: &Desk, caller: &Caller, form: &Form) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(caller, "Write a promise");
    shell.crumbs = vec![Crumb::new("What we promise", "/offerings")];
    page(&NewPage {
        shell,
        title: field(form, "title", "What is it called?", ""),
        slug: field(form, "slug", "Its name in the address", "Small letters, digits and `-`: `thirty-days`. It stays."),
        text: text_field(form),
    })
}

/// Puts what a command said beside its field.
fn beside(form: &mut Form, problem: Problem) -> Result<(), Problem> {
    if problem.fields.is_empty() {
        return Err(problem);
    }
    for wrong in problem.fields {
        form.wrong(&wrong.field, wrong.message);
    }
    Ok(())
}

/// Publishes the first version of a promise. Customers read it once it is shown.
async fn create(State(desk): State<Desk>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let (slug, title, text) = (form.text("slug", NAME_CHARS), form.text("title", NAME_CHARS), form.text("text", TEXT_CHARS));
    if form.is_fine() {
        let new = NewText { slug: slug.clone(), after: 0, title, text };
        match published(&desk, &caller, new).await {
            Ok(()) => return Ok(Redirect::to(&format!("/offerings/{slug}?done=published")).into_response()),
            Err(problem) => beside(&mut form, problem)?,
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, new_page(&desk, &caller, &form)?).into_response())
}

async fn published(desk: &Desk, caller: &Caller, new: NewText) -> Result<(), Problem> {
    let (actor, at) = (caller.actor(), desk.clock.now());
    desk.write(move |tx| Box::pin(async move { commands::publish(tx, &new, &actor, at).await.map(drop) })).await
}

#[derive(Template)]
#[template(path = "offerings/templates/show.html")]
struct ShowPage {
    shell: Shell,
    offering: Offering,
    paragraphs: Vec<Vec<String>>,
    versions: Vec<VersionView>,
    form: Option<TextForm>,
}

struct TextForm {
    title: Field,
    text: Field,
}

struct VersionView {
    version: i64,
    title: String,
    when: String,
    by: String,
    paragraphs: Vec<Vec<String>>,
}

/// One promise, for staff: how it reads, how it read before, and a form for the next version.
async fn show(State(desk): State<Desk>, caller: Caller, Path(slug): Path<String>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    show_page(&desk, &caller, slug, None, &asked.done).await
}

async fn show_page(desk: &Desk, caller: &Caller, slug: String, sent: Option<&Form>, done: &str) -> Result<Html<String>, Problem> {
    let formats = caller.formats();
    let offering = found(desk, slug).await?.ok_or_else(Problem::not_found)?;
    let (id, words) = (offering.id, formats.clone());
    let versions = desk
        .read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let mut views = Vec::new();
                for row in store::versions(tx, id, i64::MAX, PAGE_ENTRIES).await? {
                    views.push(version(tx, row, &words).await?);
                }
                Ok(views)
            })
        })
        .await?;
    let mut shell = (desk.frame)(caller, &offering.title);
    shell.crumbs = vec![Crumb::new("What we promise", "/offerings")];
    let readers = if offering.is_shown { "customers can read it" } else { "customers cannot read it yet" };
    shell.context = format!("Version {}, since {}; {readers}", offering.version, since(&formats, offering.at));
    if done == "published" {
        shell.notices.push(Notice::new(Tone::Positive, "Published"));
    }
    let now = Form::filled([("title", offering.title.as_str()), ("text", offering.text.as_str())]);
    let filled = sent.unwrap_or(&now);
    let form = caller.is_manager().then(|| TextForm { title: field(filled, "title", "What is it called?", ""), text: text_field(filled) });
    page(&ShowPage { shell, paragraphs: paragraphs(&offering.text), versions, form, offering })
}

async fn version(tx: &mut Tx, row: OfferingVersion, formats: &Formats) -> Result<VersionView, DbError> {
    let by = match &row.actor {
        Actor::Staff(id) => people::find(tx, StaffId(*id)).await?.map_or_else(|| "Somebody".to_owned(), |s| s.name),
        Actor::Source(name) => name.clone(),
        Actor::System => "Leeway".to_owned(),
    };
    Ok(VersionView { version: row.version, title: row.title, when: since(formats, row.at), by, paragraphs: paragraphs(&row.text) })
}

/// Publishes the next version.
async fn publish(State(desk): State<Desk>, caller: Caller, Path(slug): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (title, text) = (form.text("title", NAME_CHARS), form.text("text", TEXT_CHARS));
    let after = form.typed("version").parse().ok().filter(|after| *after > 0).ok_or_else(|| Problem::invalid("Load the page again and write there."))?;
    if form.is_fine() {
        match published(&desk, &caller, NewText { slug: slug.clone(), after, title, text }).await {
            Ok(()) => return Ok(Redirect::to(&format!("/offerings/{slug}?done=published")).into_response()),
            Err(problem) => beside(&mut form, problem)?,
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show_page(&desk, &caller, slug, Some(&form), "").await?).into_response())
}

/// Lets customers read it, or not any more.
async fn set_shown(State(desk): State<Desk>, caller: Caller, Path(slug): Path<String>, form: Form) -> Result<Redirect, Problem> {
    let is_shown = match form.typed("shown") {
        "yes" => true,
        "no" => false,
        other => return Err(Problem::invalid(format!("`{other}` is neither `yes` nor `no`."))),
    };
    let offering = found(&desk, slug).await?.ok_or_else(Problem::not_found)?;
    let (slug, actor, at) = (offering.slug.clone(), caller.actor(), desk.clock.now());
    desk.write(move |tx| Box::pin(async move { commands::show(tx, &slug, is_shown, &actor, at).await })).await?;
    Ok(Redirect::to(&format!("/offerings/{}", offering.slug)))
}

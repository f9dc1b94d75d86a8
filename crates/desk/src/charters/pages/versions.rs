use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use platform::http::Problem;
use platform::limits::PAGE_ENTRIES;
use ui::components::{Empty, Order, Pager};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::commands;
use super::super::store::{self, Summary};
use super::{Asked, may_publish, named};
use crate::api;
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "charters/templates/versions.html")]
struct VersionsPage {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
    may_publish: bool,
}

struct Row {
    version: i64,
    name: String,
    published: String,
    at: String,
    by: String,
    note: String,
    is_in_force: bool,
}

fn row(summary: Summary, by: String, formats: &Formats, now: Timestamp) -> Row {
    let at = Timestamp::from_microsecond(summary.published_at).unwrap_or(now);
    Row {
        version: summary.version,
        name: summary.name,
        published: formats.moment(at, now),
        at: at.to_string(),
        by,
        note: summary.note,
        is_in_force: summary.in_force_since.is_some(),
    }
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Charter", "/charter")]
}

/// Every charter that was published: who, when, and what they wrote about it.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Charters that were published");
    shell.crumbs = crumbs();
    let (formats, now, before) = (caller.formats(), desk.now(), asked.before);
    let (mut rows, may_publish) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for summary in store::history(tx, before.unwrap_or(i64::MAX), PAGE_ENTRIES + 1).await? {
                    let by = named(tx, &summary.published_by).await?;
                    rows.push(row(summary, by, &formats, now));
                }
                Ok((rows, may_publish(tx, &caller).await?))
            })
        })
        .await?;
    let has_more = api::cut(&mut rows);
    let next = rows.last().filter(|_| has_more).map(|last| format!("/charter/versions?before={}", last.version));
    page(&VersionsPage {
        shell,
        rows,
        pager: Pager {
            label: "Pages of charters".to_owned(),
            previous: before.map(|_| "/charter/versions".to_owned()),
            next,
            showing: "latest first".to_owned(),
            order: Order::LatestFirst,
        },
        empty: Empty { title: "Nothing was published yet".to_owned(), text: "Each charter that is published is kept here as it was.".to_owned(), action: None },
        may_publish,
    })
}

#[derive(Template)]
#[template(path = "charters/templates/version.html")]
struct VersionPage {
    shell: Shell,
    row: Row,
    text: String,
    outer: Option<String>,
    may_publish: bool,
    /// How many approvals end once it is in force.
    ends: Option<String>,
}

/// A charter as it was published.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>) -> Result<Html<String>, Problem> {
    let number: i64 = api::in_path(&number)?;
    let mut shell = (desk.frame)(&caller, &format!("Charter {number}"));
    shell.crumbs = crumbs();
    shell.crumbs.push(Crumb::new("Published", "/charter/versions"));
    let (formats, now, at) = (caller.formats(), desk.now(), desk.clock.now());
    let (row, (text, outer), may_publish, ends) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let summary = store::summary(tx, number).await?.ok_or_else(Problem::not_found)?;
                let texts = store::texts_of(tx, number).await?.ok_or_else(Problem::not_found)?;
                let by = named(tx, &summary.published_by).await?;
                let (row, may_publish) = (row(summary, by, &formats, now), may_publish(tx, &caller).await?);
                let ends = if may_publish && !row.is_in_force { super::ends(tx, at).await? } else { None };
                Ok((row, texts, may_publish, ends))
            })
        })
        .await?;
    let state = if row.is_in_force { "in force" } else { "not in force" };
    shell.context = format!("{}, published {} by {}, {state}", row.name, row.published, row.by);
    page(&VersionPage { shell, row, text, outer, may_publish, ends })
}

/// The text of a charter, as a file.
pub(super) async fn download(State(desk): State<Desk>, Path(number): Path<String>) -> Result<Response, Problem> {
    let number: i64 = api::in_path(&number)?;
    let text = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::text_of(tx, number).await?) })).await?;
    let text = text.ok_or_else(Problem::not_found)?;
    let name = HeaderValue::from_str(&format!("attachment; filename=\"charter-{number}.toml\"")).map_err(|_| Problem::not_found())?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/toml; charset=utf-8")), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

/// Puts a charter in force that was published before.
pub(super) async fn put_in_force(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>) -> Result<Redirect, Problem> {
    let (number, at): (i64, _) = (api::in_path(&number)?, desk.clock.now());
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            if !may_publish(tx, &caller).await? {
                return Err(not_theirs());
            }
            Ok(commands::put_in_force(tx, number, &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(Redirect::to("/charter?done=in-force"))
}

pub(super) fn not_theirs() -> Problem {
    Problem::not_permitted().detail("Owners publish charters, and who manages a team that stands under no other.")
}

//! Jobs that wait or were given up, for those who keep Leeway running.

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::{Problem, Route};
use platform::jobs::{self, JobId, Listed};
use platform::limits;
use serde::Deserialize;
use ui::components::Pager;
use ui::format::Formats;
use ui::shell::Shell;

use crate::app::App;

/// The routes of jobs.
pub(crate) fn routes(app: &App) -> Vec<Route<Permission>> {
    vec![Route::get("/settings/jobs", Permission::Operate, show, app), Route::post("/settings/jobs/{id}/retry", Permission::Operate, retry, app)]
}

#[derive(Template)]
#[template(path = "jobs_page/jobs.html")]
struct JobsPage {
    shell: Shell,
    jobs: Vec<Line>,
    pager: Pager,
}

struct Line {
    id: JobId,
    kind: String,
    tries: i64,
    error: String,
    when: String,
    is_given_up: bool,
}

impl Line {
    fn of(job: Listed, formats: &Formats, now: Timestamp) -> Self {
        let stamp = |at| Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let when = formats.moment(stamp(job.given_up_at.unwrap_or(job.run_at)), now);
        let is_given_up = job.given_up_at.is_some();
        Self { id: job.id, kind: plainly(&job.kind), tries: job.tries, error: job.error.unwrap_or_default(), when, is_given_up }
    }
}

/// What a kind of job does, for people.
fn plainly(kind: &str) -> String {
    let known = match kind {
        desk::grants::SEND_JOB => "Send what was given",
        access::links::RESET_JOB => "Make a link for a new password",
        platform::webhooks::DELIVER_JOB => "Tell another system of an event",
        crate::mails::JOB => "Send a mail",
        "seal_events" => "Seal the log of events",
        "forget_what_ended" => "Forget sign-ins and links that have ended",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}

#[derive(Deserialize)]
struct Asked {
    before: Option<String>,
}

async fn show(State(app): State<App>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let before = asked.before.map_or_else(|| Ok(JobId::last()), |id| id.parse().map_err(|_| Problem::not_found()))?;
    let found = app.db.read(move |tx| Box::pin(async move { jobs::list(tx, before, limits::PAGE_ENTRIES).await })).await.map_err(|e: DbError| e)?;
    let is_full = i64::try_from(found.len()).is_ok_and(|n| n == limits::PAGE_ENTRIES);
    let next = found.last().filter(|_| is_full).map(|last| format!("/settings/jobs?before={}", last.id));
    let pager = Pager { showing: format!("{} jobs, latest first", found.len()), next, ..Pager::default() };
    let now = Timestamp::from_microsecond(app.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let formats = caller.formats();
    let lines = found.into_iter().map(|job| Line::of(job, &formats, now)).collect();
    let page = JobsPage { shell: (app.access.frame)(&caller, "Jobs"), jobs: lines, pager };
    page.render().map(Html).map_err(|e| DbError::Defect(format!("a template: {e}")).into())
}

async fn retry(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now): (JobId, _) = (id.parse().map_err(|_| Problem::not_found())?, app.clock.now());
    let retried: Result<bool, DbError> = app.db.write(move |tx| Box::pin(async move { jobs::retry(tx, id, now).await })).await;
    match retried {
        Ok(true) => Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/settings/jobs")]).into_response()),
        Ok(false) => Err(Problem::conflict("not-given-up", "This job was not given up, or has been done meanwhile.")),
        Err(e) if e.is_refused() => Err(Problem::conflict("wanted-again", "The same is wanted by another job already.")),
        Err(e) => Err(e.into()),
    }
}

//! Jobs that wait or were given up, for those who keep Leeway running.

use std::collections::BTreeSet;

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
use ui::components::{Chip, Pager, Tone};
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
    what: String,
    state: Chip,
    when: String,
    tries: i64,
    trouble: Option<Trouble>,
    is_given_up: bool,
}

impl Line {
    fn of(job: Listed, formats: &Formats, now: Timestamp) -> Self {
        let stamp = |at| Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let when = |word: &str, at| format!("{word} {}", formats.moment(stamp(at), now));
        let state = match (job.given_up_at, &job.error) {
            (Some(_), _) => Chip::new(Tone::Caution, "given up"),
            (None, Some(_)) => Chip::new(Tone::Caution, "tried again"),
            (None, None) => Chip::new(Tone::Plain, "waits"),
        };
        Self {
            id: job.id,
            what: plainly(&job.kind),
            state,
            when: job.given_up_at.map_or_else(|| when("next", job.run_at), |at| when("since", at)),
            tries: job.tries,
            is_given_up: job.given_up_at.is_some(),
            trouble: job.error.map(|error| Trouble::of(&job.kind, error)),
        }
    }
}

/// What a kind of job does, for people.
fn plainly(kind: &str) -> String {
    let known = match kind {
        desk::grants::SEND_JOB => "Send what was given",
        desk::grants::LAPSE_JOB => "End an approval that can no longer be used",
        access::links::RESET_JOB => "Make a link for a new password",
        platform::webhooks::DELIVER_JOB => "Tell another system of an event",
        platform::webhooks::WAKE_JOB => "Tell another system what waited while its webhook was paused",
        crate::mails::JOB => "Send a mail",
        desk::escalations::CHAT_JOB => "Tell a group in its chat what it is asked",
        desk::escalations::REMIND_JOB => "Remind a group of what it is asked",
        desk::escalations::DUE_JOB => "Pass on what a group has not answered in time",
        "seal_events" => "Seal the log of events",
        "sum_grants" => "Add up what a new charter counts",
        "erase_further" => "Erase what is left of erased customers",
        "forget_what_ended" => "Forget sign-ins and links that have ended",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}

/// What went wrong with a job: in plain words, what to do, and as it was reported.
#[derive(Debug)]
struct Trouble {
    says: &'static str,
    to_do: &'static str,
    /// Where it is done, if a page helps.
    way: Option<(&'static str, &'static str)>,
    kind: String,
    error: String,
}

/// What an error is told by, what it says, and what to do about it. The first that fits counts; the last fits all.
const TROUBLES: &[(&str, &str, &str, &str)] = &[
    (
        crate::mails::JOB,
        "no mail server is configured",
        "There is no mail server to send it.",
        "Set smtp and mail-from and start Leeway again: then it goes out. Until then an owner makes a link on the page of a person, and hands it over.",
    ),
    (
        crate::mails::JOB,
        "the mail server does not take it",
        "The mail server does not take this mail.",
        "Look whether the address of the person is right, and whether the server lets Leeway send. Then try again.",
    ),
    (
        crate::mails::JOB,
        "the address the mail goes to",
        "The address is no e-mail address.",
        "Mend the address of the person; what waits for the old one stays here.",
    ),
    (
        crate::mails::JOB,
        "the mail server",
        "The mail server could not be reached, or asked to come back later.",
        "Nothing, if that passes: it is tried again by itself. If it stays so, look at the mail server, and at the setting smtp.",
    ),
    (
        platform::webhooks::DELIVER_JOB,
        "",
        "The other system did not take the message.",
        "Its page shows every try and what was answered. Mend the address or the other system, then send the message again there.",
    ),
    (
        desk::escalations::CHAT_JOB,
        "the chat",
        "The chat of this group did not take the message.",
        "Nothing, if that passes: it is tried again by itself. If it stays so, whoever leads the team of the group tries its chat, and enters another address.",
    ),
    (
        "",
        "the payload cannot be read",
        "This version of Leeway cannot read what is to be done.",
        "Start the newest version that ran on this database, then try again.",
    ),
    ("", "does not know jobs of the kind", "A newer version of Leeway wants this done.", "Start that version again: it does what waits by itself."),
    (
        desk::grants::SEND_JOB,
        "the grant",
        "The remedy stands where it cannot be sent any more.",
        "Nothing is lost: look at the case, where it says how the remedy stands.",
    ),
    (
        "",
        "",
        "It did not work, most likely because the database was away or had too much to do for a moment.",
        "Nothing, if it is tried again. If it was given up, or stays so: look at the database, try again, and keep the detail for whoever helps.",
    ),
];

impl Trouble {
    fn of(kind: &str, error: String) -> Self {
        let fits = |(of, begins, ..): &&(&str, &str, &str, &str)| (of.is_empty() || *of == kind) && error.contains(begins);
        let (says, to_do) = TROUBLES.iter().find(fits).map_or(("It did not work.", "Try it again."), |(.., says, to_do)| (*says, *to_do));
        let way = match kind {
            platform::webhooks::DELIVER_JOB => Some(("Webhooks", "/settings/webhooks")),
            crate::mails::JOB => Some(("People", "/people")),
            desk::escalations::CHAT_JOB => Some(("Who is there", "/groups")),
            _ => None,
        };
        Self { says, to_do, way, kind: kind.to_owned(), error }
    }
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
    let mut lines: Vec<Line> = found.into_iter().map(|job| Line::of(job, &formats, now)).collect();
    tell_once(lines.iter_mut().filter_map(|line| line.trouble.as_mut()));
    let mut shell = (app.access.frame)(&caller, "Jobs");
    shell.context =
        "What Leeway does by itself, a moment later or again and again. What fails is tried again, later each time, and given up in the end.".to_owned();
    let page = JobsPage { shell, jobs: lines, pager };
    page.render().map(Html).map_err(|e| DbError::Defect(format!("a template: {e}")).into())
}

/// What to do stands at the first of those that fail alike, and not again.
fn tell_once<'t>(troubles: impl Iterator<Item = &'t mut Trouble>) {
    let mut told = BTreeSet::new();
    for trouble in troubles {
        if !told.insert(trouble.to_do) {
            (trouble.to_do, trouble.way) = ("What to do is said above.", None);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_is_said_once() {
        let of = |error: &str| Trouble::of(crate::mails::JOB, error.to_owned());
        let mut all =
            [of("no mail server is configured"), of("the mail server: timed out"), of("no mail server is configured"), of("no mail server is configured")];
        tell_once(all.iter_mut());
        let said: Vec<bool> = all.iter().map(|trouble| trouble.to_do == "What to do is said above.").collect();
        assert_eq!(said, [false, false, true, true]);
        assert!(all[0].to_do.contains("smtp") && all[0].way.is_some() && all[2].way.is_none());
    }

    #[test]
    fn what_went_wrong_is_told_plainly_and_as_it_was_reported() {
        let cases = [
            (crate::mails::JOB, "no mail server is configured: give `smtp`", "There is no mail server to send it."),
            (crate::mails::JOB, "the mail server does not take it: 550", "The mail server does not take this mail."),
            (crate::mails::JOB, "the mail server: timed out", "The mail server could not be reached, or asked to come back later."),
            (desk::escalations::CHAT_JOB, "managers: the chat answered 404", "The chat of this group did not take the message."),
            (platform::webhooks::DELIVER_JOB, "it answered 500", "The other system did not take the message."),
            ("seal_events", "the payload cannot be read: EOF", "This version of Leeway cannot read what is to be done."),
            ("seal_events", "database is locked", "It did not work, most likely because the database was away or had too much to do for a moment."),
        ];
        for (kind, error, says) in cases {
            let trouble = Trouble::of(kind, error.to_owned());
            assert_eq!((trouble.says, trouble.error.as_str()), (says, error));
        }
    }
}

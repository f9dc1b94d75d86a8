//! Where one begins: the desk; an owner of a new installation first sees what is still to be done.

use access::Caller;
use access::people::{self, Asking, StaffId};
use access::teams;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::time::Instant;
use desk::cases::{self, List};
use desk::charters;
use desk::subjects;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use serde::Deserialize;
use ui::components::{Notice, Tone};
use ui::shell::Shell;

use crate::app::App;
use crate::rail;

#[derive(Template)]
#[template(path = "start_page/start.html")]
struct StartPage {
    shell: Shell,
    steps: Vec<Step>,
}

impl StartPage {
    /// Whether it is the one to go on with.
    fn is_next(&self, place: &usize) -> bool {
        self.steps.iter().position(|step| step.next().is_some()) == Some(*place)
    }
}

/// Something to do before the desk can work: one part after the other, of which the page shows the first that is not done. So there are as many steps
/// on the first day as on the last.
struct Step {
    title: &'static str,
    parts: Vec<Part>,
}

/// A part of a step.
struct Part {
    is_done: bool,
    text: String,
    way: (&'static str, String),
    /// Another way to the same.
    other: Option<(&'static str, &'static str)>,
    /// What is typed in a terminal.
    commands: &'static [&'static str],
}

impl Step {
    /// What is to be done next; nothing when all of it is done.
    fn next(&self) -> Option<&Part> {
        self.parts.iter().find(|part| !part.is_done)
    }
}

/// What has just been done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    done: String,
}

impl Asked {
    fn notice(&self, level: &str) -> Option<Notice> {
        let mut notice = Notice::new(Tone::Positive, "Your charter is in force");
        notice.text = format!("You have the level {level}, and what is passed up comes to you.");
        notice.link = Some(("Read the charter".to_owned(), "/charter".to_owned()));
        Some(notice).filter(|_| self.done == "begun" && !level.is_empty())
    }
}

/// To the desk, or to what an owner has still to do.
pub(crate) async fn start(State(app): State<App>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let Some(me) = caller.staff().filter(|_| caller.is_owner()) else { return to_the_desk(&app, &caller).await };
    let (known, now) = (app.desk.charters.clone(), app.clock.now());
    let found = app.db.read::<_, DbError, _>(move |tx| Box::pin(async move { Found::read(tx, &known, now).await })).await?;
    let steps = steps(&found, caller.level().is_some(), &format!("/people/{me}#level"));
    if steps.iter().all(|step| step.next().is_none()) {
        return to_the_desk(&app, &caller).await;
    }
    let mut shell = (app.access.frame)(&caller, "Getting started");
    let left = steps.iter().filter(|step| step.next().is_some()).count();
    shell.context = format!("{left} of {} steps left. This page goes away when all are done.", steps.len());
    shell.notices.extend(asked.notice(caller.level().unwrap_or_default()));
    let page = StartPage { shell, steps }.render().map_err(|e| DbError::Defect(format!("a template: {e}")))?;
    Ok(Html(page).into_response())
}

/// To where the work is: what waits for an answer, the cases of the team somebody leads, or their own; an owner who works on none sees all.
async fn to_the_desk(app: &App, caller: &Caller) -> Result<Response, Problem> {
    let waiting = rail::waiting(app, caller).await?;
    let led = caller.led().next().filter(|_| !caller.is_owner());
    Ok(match (led, caller.staff().filter(|_| caller.is_owner())) {
        _ if waiting > 0 => Redirect::to("/escalations"),
        (Some(team), _) => Redirect::to(&format!("/cases?of={}", team.team)),
        (None, Some(owner)) if !works(app, owner).await? => Redirect::to("/cases?of=all"),
        (None, _) => Redirect::to("/cases"),
    }
    .into_response())
}

/// Whether somebody works on an open case.
async fn works(app: &App, who: StaffId) -> Result<bool, DbError> {
    let own = List::OfOwner(who.0, cases::State::Open);
    app.db.read::<_, DbError, _>(move |tx| Box::pin(async move { Ok(!cases::list(tx, own, i64::MAX, 1).await?.is_empty()) })).await
}

/// What there is already.
struct Found {
    has_charter: bool,
    has_others: bool,
    has_teams: bool,
    /// Somebody who was added, and has no invitation yet.
    uninvited: Option<(StaffId, String)>,
    /// Somebody who is to work at the desk, and has no level or no team.
    unplaced: Option<(StaffId, String)>,
    /// The calendar of a group that has no hours yet.
    without_hours: Option<String>,
    has_customers: bool,
    has_case: bool,
}

impl Found {
    async fn read(tx: &mut Tx, known: &charters::Charters, now: Instant) -> Result<Self, DbError> {
        let in_force = charters::in_force(tx, known).await?;
        let calendars = charters::calendars(tx).await?;
        let groups = in_force.iter().flat_map(|c| &c.charter.groups);
        let without_hours = groups.filter_map(|group| group.hours.as_deref()).find(|name| !calendars.contains_key(*name)).map(str::to_owned);
        let others = people::list(tx, &Asking { words: String::new(), after: None, seen_by: None }, now).await?;
        let (uninvited, unplaced) = (people::uninvited(tx, now).await?, people::unplaced(tx, now).await?);
        let has_teams = !teams::all(tx).await?.is_empty();
        let has_customers = !subjects::list(tx, "customer", "", 1).await?.is_empty();
        let mut has_case = false;
        for state in cases::State::ALL {
            has_case = has_case || !cases::list(tx, List::All(state), i64::MAX, 1).await?.is_empty();
        }
        Ok(Self { has_charter: in_force.is_some(), has_others: others.len() > 1, has_teams, uninvited, unplaced, without_hours, has_customers, has_case })
    }
}

/// How files are brought in.
const IMPORTS: &[&str] = &[
    "leeway import customers customers.csv --map customers.toml",
    "leeway import orders orders.csv --map orders.toml",
    "leeway import cases cases.csv --map cases.toml",
];

fn steps(found: &Found, has_level: bool, me: &str) -> Vec<Step> {
    let part = |is_done, text: &str, label, href: &str| Part { is_done, text: text.to_owned(), way: (label, href.to_owned()), other: None, commands: &[] };
    let hours = found.without_hours.as_ref().map_or_else(|| "/settings/calendars".to_owned(), |name| format!("/settings/calendars/{name}"));
    let (inviting, invite) = match &found.uninvited {
        Some((id, name)) => (format!("{name} cannot sign in yet. An invitation lets them choose a password: their page makes it."), format!("/people/{id}")),
        None => (String::new(), "/people".to_owned()),
    };
    let (placing, place) = match &found.unplaced {
        Some((id, name)) => (format!("{name} has no level or no team yet: so they see only their own cases, or can give nothing."), format!("/people/{id}")),
        None => ("Whoever has no team sees only their own cases, and whoever has no level can give nothing.".to_owned(), "/people".to_owned()),
    };
    let written = "Six questions, and your charter is written: you read it in sentences before it holds.";
    let brought = "Customers, orders and past cases come from files of your other systems, in a terminal. A map says which column is what; \
                   docs/import.md has the rest. Who has none goes on without.";
    vec![
        Step {
            title: "Say who may give what",
            parts: vec![
                Part {
                    other: Some(("Or publish one that is written already", "/charter/new")),
                    ..part(found.has_charter, written, "Answer six questions", "/charter/begin")
                },
                part(has_level, "The charter is in force. Without a level nobody can give anything, owners included.", "Set your level", me),
                part(found.without_hours.is_none(), "Enter when your groups are there: then a case says by when they answer.", "Enter hours", &hours),
            ],
        },
        Step {
            title: "Add the people who answer customers",
            parts: vec![
                // The six questions make the first team.
                part(found.has_teams || !found.has_charter, "Cases come to teams. One is enough to begin with.", "Make a team", "/teams"),
                part(found.has_others, "Each gets an invitation, a level and a team, on one form.", "Add somebody", "/people/new"),
                part(found.uninvited.is_none(), &inviting, "Invite them", &invite),
                part(found.has_teams && (found.unplaced.is_none() || found.has_case), &placing, "Look", &place),
            ],
        },
        Step {
            title: "Bring in what you have",
            parts: vec![Part { commands: IMPORTS, ..part(found.has_customers || found.has_case, brought, "Look at the customers", "/customers") }],
        },
        Step { title: "Open the first case", parts: vec![part(found.has_case, "By hand, by import, or from your help desk.", "Open a case", "/cases/new")] },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Found {
        Found {
            has_charter: false,
            has_others: false,
            has_teams: false,
            uninvited: None,
            unplaced: None,
            without_hours: None,
            has_customers: false,
            has_case: false,
        }
    }

    #[test]
    fn each_step_is_done_by_itself() {
        assert!(steps(&nothing(), false, "/people/1").iter().all(|step| step.next().is_some()));
        let all = || Found { has_charter: true, has_others: true, has_teams: true, has_customers: true, has_case: true, ..nothing() };
        let ways = |steps: Vec<Step>| steps.iter().filter_map(Step::next).map(|part| part.way.1.clone()).collect::<Vec<_>>();
        let left = |found: &Found| ways(steps(found, true, "/people/1"));
        assert_eq!(left(&all()), [""; 0]);
        let ben = StaffId::new(0);
        let unplaced = Found { unplaced: Some((ben, "Ben".to_owned())), ..all() };
        assert_eq!(left(&unplaced), [""; 0], "who comes later without one does not bring it back");
        let uninvited = Found { uninvited: Some((ben, "Ben".to_owned())), ..all() };
        assert_eq!(left(&uninvited), [format!("/people/{ben}")], "added is not invited, whatever else is done");
        let begun = Found { has_case: false, ..unplaced };
        assert_eq!(left(&begun), [format!("/people/{ben}"), "/cases/new".to_owned()], "not done before everybody has a team");
        let closed = Found { without_hours: Some("office".to_owned()), ..all() };
        assert_eq!(left(&closed), ["/settings/calendars/office"]);
        assert_eq!(ways(steps(&closed, false, "/people/1")), ["/people/1"], "one thing after the other");
        let by_hand = Found { has_customers: false, ..all() };
        assert_eq!(left(&by_hand), [""; 0], "who has nothing to bring in goes on without");
    }

    /// As many steps before there is a charter as after, whichever way it came.
    #[test]
    fn there_are_as_many_steps_on_the_first_day_as_on_the_last() {
        let mut found = nothing();
        let left = |found: &Found, has_level| {
            let steps = steps(found, has_level, "/people/1");
            (steps.iter().filter(|step| step.next().is_some()).count(), steps.len())
        };
        assert_eq!(left(&found, false), (4, 4));
        // The six questions give a level, a team and hours as well.
        (found.has_charter, found.has_teams) = (true, true);
        assert_eq!(left(&found, true), (3, 4));
        // A text of one's own gives none of them.
        (found.has_teams, found.without_hours) = (false, Some("desk".to_owned()));
        assert_eq!(left(&found, false), (4, 4));
    }
}

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

#[derive(Template)]
#[template(path = "start_page/start.html")]
struct StartPage {
    shell: Shell,
    steps: Vec<Step>,
}

/// Something to do before the desk can work.
struct Step {
    is_done: bool,
    title: &'static str,
    text: String,
    way: (&'static str, String),
    /// Another way to the same.
    other: Option<(&'static str, &'static str)>,
    /// Whether it is done with the six questions, or after a charter was uploaded: until then it is not in the way.
    is_of_charter: bool,
    /// What is typed in a terminal.
    commands: &'static [&'static str],
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
    let to_the_desk = || Redirect::to("/cases").into_response();
    let Some(me) = caller.staff().filter(|_| caller.is_owner()) else { return Ok(to_the_desk()) };
    let (known, now) = (app.desk.charters.clone(), app.clock.now());
    let found = app.db.read::<_, DbError, _>(move |tx| Box::pin(async move { Found::read(tx, &known, now).await })).await?;
    let mut steps = steps(&found, caller.level().is_some(), &format!("/people/{me}#level"));
    steps.retain(|step| found.has_charter || !step.is_of_charter);
    if steps.iter().all(|step| step.is_done) {
        return Ok(to_the_desk());
    }
    let mut shell = (app.access.frame)(&caller, "Getting started");
    let left = steps.iter().filter(|step| !step.is_done).count();
    shell.context = format!("{left} of {} steps left. This page goes away when all are done.", steps.len());
    shell.notices.extend(asked.notice(caller.level().unwrap_or_default()));
    let page = StartPage { shell, steps }.render().map_err(|e| DbError::Defect(format!("a template: {e}")))?;
    Ok(Html(page).into_response())
}

/// What there is already.
struct Found {
    has_charter: bool,
    has_others: bool,
    has_teams: bool,
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
        let (has_teams, unplaced) = (!teams::all(tx).await?.is_empty(), people::unplaced(tx, now).await?);
        let has_customers = !subjects::list(tx, "customer", "", 1).await?.is_empty();
        let mut has_case = false;
        for state in cases::State::ALL {
            has_case = has_case || !cases::list(tx, List::All(state), i64::MAX, 1).await?.is_empty();
        }
        Ok(Self { has_charter: in_force.is_some(), has_others: others.len() > 1, has_teams, unplaced, without_hours, has_customers, has_case })
    }
}

/// How files are brought in.
const IMPORTS: &[&str] = &[
    "leeway import customers customers.csv --map customers.toml",
    "leeway import orders orders.csv --map orders.toml",
    "leeway import cases cases.csv --map cases.toml",
];

fn steps(found: &Found, has_level: bool, me: &str) -> Vec<Step> {
    let step = |is_done, title, text: &str, label, href: &str| Step {
        is_done,
        title,
        text: text.to_owned(),
        way: (label, href.to_owned()),
        other: None,
        is_of_charter: false,
        commands: &[],
    };
    let follows = |step| Step { is_of_charter: true, ..step };
    let hours = found.without_hours.as_ref().map_or_else(|| "/settings/calendars".to_owned(), |name| format!("/settings/calendars/{name}"));
    let (placing, place) = match &found.unplaced {
        Some((id, name)) => {
            (format!("{name} has none yet, or only one of the two: so they see only their own cases, or can give nothing."), format!("/people/{id}"))
        }
        None => ("Whoever has no team sees only their own cases, and whoever has no level can give nothing.".to_owned(), "/people".to_owned()),
    };
    vec![
        Step {
            other: Some(("Or publish one that is written already", "/charter/new")),
            ..step(
                found.has_charter,
                "Say who may give what",
                "Six questions, and your charter is written: you read it in sentences before it holds.",
                "Answer six questions",
                "/charter/begin",
            )
        },
        follows(step(has_level, "Give yourself a level", "Without a level nobody can give anything, owners included.", "Set your level", me)),
        follows(step(found.has_teams, "Make a team", "Cases come to teams. One is enough to begin with.", "Make one", "/teams")),
        step(
            found.has_others,
            "Add the people who answer customers",
            "Each gets an invitation, a level and a team, on one form.",
            "Add somebody",
            "/people/new",
        ),
        follows(step(
            found.has_others && found.has_teams && (found.unplaced.is_none() || found.has_case),
            "Give everybody a level and a team",
            &placing,
            "Look",
            &place,
        )),
        follows(step(
            found.has_charter && found.without_hours.is_none(),
            "Enter when your groups are there",
            "Then a case says not only who can give more, but by when they answer.",
            "Enter hours",
            &hours,
        )),
        Step {
            commands: IMPORTS,
            ..step(
                found.has_customers || found.has_case,
                "Bring in what you have",
                "Customers, orders and past cases come from files of your other systems, in a terminal. A map says which column is what; \
                 docs/import.md has the rest. Who has none goes on without.",
                "Look at the customers",
                "/customers",
            )
        },
        step(found.has_case, "Open the first case", "By hand, by import, or from your help desk.", "Open a case", "/cases/new"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_done_by_itself() {
        let nothing =
            Found { has_charter: false, has_others: false, has_teams: false, unplaced: None, without_hours: None, has_customers: false, has_case: false };
        assert!(steps(&nothing, false, "/people/1").iter().all(|step| !step.is_done));
        let all = || Found { has_charter: true, has_others: true, has_teams: true, unplaced: None, without_hours: None, has_customers: true, has_case: true };
        let left = |found: &Found| steps(found, true, "/people/1").into_iter().filter(|step| !step.is_done).map(|step| step.way.1).collect::<Vec<_>>();
        assert_eq!(left(&all()), [""; 0]);
        let ben = StaffId::new(0);
        let unplaced = Found { unplaced: Some((ben, "Ben".to_owned())), ..all() };
        assert_eq!(left(&unplaced), [""; 0], "who comes later without one does not bring it back");
        let begun = Found { has_case: false, ..unplaced };
        assert_eq!(left(&begun), [format!("/people/{ben}"), "/cases/new".to_owned()], "not done before everybody has a team");
        let closed = Found { without_hours: Some("office".to_owned()), ..all() };
        assert_eq!(left(&closed), ["/settings/calendars/office"]);
        let by_hand = Found { has_customers: false, ..all() };
        assert_eq!(left(&by_hand), [""; 0], "who has nothing to bring in goes on without");
    }
}

use std::collections::HashMap;

use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::limits::PAGE_ENTRIES;
use serde::Deserialize;
use ui::components::{Choice, Empty, Pager, Segmented, Tab, Tabs};
use ui::format::Formats;
use ui::shell::Shell;

use super::super::model::{CaseRow, State as CaseState};
use super::super::store::{self, List};
use super::timeline::People;
use crate::charters::{self, InForce};
use crate::listed::{Span, counted};
use crate::news;
use crate::options::{issue_title, sentence_case};
use crate::state::{Desk, page};
use crate::subjects::{self, Called, SubjectId};

/// Which cases are asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    of: Option<String>,
    state: Option<String>,
    before: Option<i64>,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "cases/templates/list.html")]
struct ListPage {
    shell: Shell,
    tabs: Tabs,
    of: String,
    states: Segmented,
    rows: Vec<RowView>,
    pager: Pager,
    empty: Empty,
}

struct RowView {
    number: i64,
    title: String,
    customer: String,
    issue: String,
    owner: String,
    opened: String,
    at: String,
}

/// A list of cases: mine, a team's, those of no team, or all.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let state = asked.state.as_deref().and_then(CaseState::with_word).unwrap_or(CaseState::Open);
    let of = asked.of.clone().unwrap_or_else(|| "me".to_owned());
    let which = which(&caller, &of, state).ok_or_else(Problem::not_found)?;
    let (who, known, span) = (caller.clone(), desk.charters.clone(), Span::asked(asked.before, asked.after));
    let (listed, names, in_force, notices) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let rows = match span {
                    Span::Older(before) => store::list(tx, which, before, PAGE_ENTRIES + 1).await?,
                    Span::Newer(after) => store::list_newer(tx, which, after, PAGE_ENTRIES + 1).await?,
                };
                let listed = span.listed(rows, PAGE_ENTRIES, |row| row.number);
                let names = Names::of(tx, &listed.rows).await?;
                Ok((listed, names, charters::in_force(tx, &known).await?, news::notices(tx, &who, None).await?.notices))
            })
        })
        .await?;
    let (formats, now) = (caller.formats(), desk.now());
    let mut shell = (desk.frame)(&caller, "Cases");
    shell.notices.extend(notices);
    let address = |span: &str, number: i64| format!("/cases?of={of}&state={}&{span}={number}", state.word());
    let tabs = tabs(&caller, &of, state);
    page(&ListPage {
        states: states(state),
        pager: Pager {
            label: "Pages of cases".to_owned(),
            previous: listed.newer.map(|number| address("after", number)),
            next: listed.older.map(|number| address("before", number)),
            showing: counted(listed.rows.len(), "case", "cases", "highest number first"),
            ..Pager::default()
        },
        empty: empty(&of, state, &tabs),
        tabs,
        rows: listed.rows.iter().map(|row| view(row, &names, in_force.as_ref(), &formats, now)).collect(),
        shell,
        of,
    })
}

fn which(caller: &Caller, of: &str, state: CaseState) -> Option<List> {
    match of {
        "me" => caller.staff().map(|staff| List::OfOwner(staff.0, state)),
        "none" => Some(List::OfNoTeam(state)),
        "all" => caller.is_owner().then_some(List::All(state)),
        team => {
            let team: access::teams::TeamId = team.parse().ok()?;
            caller.may_see_team(team).then_some(List::OfTeam(team.0, state))
        }
    }
}

fn tabs(caller: &Caller, of: &str, state: CaseState) -> Tabs {
    let tab = |id: String, label: String| Tab { href: format!("/cases?of={id}&state={}", state.word()), is_current: id == of, label, count: None };
    let mut tabs = vec![tab("me".to_owned(), "Mine".to_owned())];
    tabs.extend(caller.memberships().chain(caller.led()).map(|reached| tab(reached.team.to_string(), reached.name.clone())));
    tabs.push(tab("none".to_owned(), "No team".to_owned()));
    if caller.is_owner() {
        tabs.push(tab("all".to_owned(), "All".to_owned()));
    }
    let mut seen = std::collections::HashSet::new();
    tabs.retain(|tab| seen.insert(tab.href.clone()));
    Tabs { label: "Whose cases".to_owned(), tabs }
}

fn states(chosen: CaseState) -> Segmented {
    let choice = |s: CaseState| Choice { value: s.word().to_owned(), label: sentence_case(s.word()), is_chosen: s == chosen };
    Segmented {
        name: "state".to_owned(),
        label: "State".to_owned(),
        is_label_hidden: true,
        choices: CaseState::ALL.map(choice).to_vec(),
        sends: true,
        ..Segmented::default()
    }
}

/// Where nothing is one's own, the list beside may have something.
fn empty(of: &str, state: CaseState, tabs: &Tabs) -> Empty {
    let beside = tabs.tabs.iter().rfind(|tab| !tab.is_current).filter(|_| of == "me");
    let action = beside.map(|tab| (format!("See the cases under “{}”", tab.label), tab.href.clone()));
    match state {
        CaseState::Open if of == "me" => {
            Empty { title: "Nothing open is yours".to_owned(), text: "You work on what you take, or open yourself.".to_owned(), action }
        }
        CaseState::Open => Empty {
            title: "Nothing is open here".to_owned(),
            text: "A case comes from the help desk, from an import, or is opened by hand.".to_owned(),
            action: None,
        },
        other => Empty { title: format!("No case is {} here", other.word()), text: "Cases move here from Open.".to_owned(), action },
    }
}

/// Names of those who work on cases, and of the customers: asked for once for a page.
struct Names {
    people: People,
    customers: HashMap<SubjectId, Called>,
}

impl Names {
    async fn of(tx: &mut Tx, rows: &[CaseRow]) -> Result<Self, DbError> {
        let owners: Vec<Actor> = rows.iter().filter_map(|row| row.owner.map(Actor::Staff)).collect();
        let customers: Vec<SubjectId> = rows.iter().filter_map(|row| row.customer).collect();
        let mut people = People::new();
        people.meet(tx, &owners).await?;
        Ok(Self { people, customers: subjects::called(tx, &customers).await? })
    }
}

fn view(row: &CaseRow, names: &Names, in_force: Option<&InForce>, formats: &Formats, now: Timestamp) -> RowView {
    let opened = Timestamp::from_microsecond(row.opened_at).unwrap_or(now);
    RowView {
        number: row.number,
        title: row.heading(in_force),
        customer: row.customer.and_then(|c| names.customers.get(&c)).map(Called::label).unwrap_or_default(),
        owner: row.owner.map_or_else(|| "nobody yet".to_owned(), |owner| names.people.name(&Actor::Staff(owner))),
        opened: formats.age(opened, now),
        at: opened.to_string(),
        issue: row.issue.as_deref().map(|id| issue_title(in_force.map(|in_force| &*in_force.charter), id)).unwrap_or_default(),
    }
}

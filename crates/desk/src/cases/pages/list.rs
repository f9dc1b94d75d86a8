use std::collections::HashMap;

use access::Caller;
use access::people::{self, StaffId};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::id::Id;
use platform::limits::PAGE_ENTRIES;
use serde::Deserialize;
use ui::components::{Choice, Empty, Pager, Segmented, Tab, Tabs};
use ui::format::Formats;
use ui::shell::Shell;

use super::super::model::{CaseRow, State as CaseState};
use super::super::store::{self, List};
use crate::news;
use crate::options::{sentence_case, spoken};
use crate::state::{Desk, page};
use crate::subjects::{self, SubjectId};

/// Which cases are asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    of: Option<String>,
    state: Option<String>,
    before: Option<i64>,
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

/// A list of cases: mine, a team's, or all.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let state = asked.state.as_deref().and_then(CaseState::with_word).unwrap_or(CaseState::Open);
    let of = asked.of.clone().unwrap_or_else(|| "me".to_owned());
    let which = which(&caller, &of, state).ok_or_else(Problem::not_found)?;
    let before = asked.before.unwrap_or(i64::MAX);
    let who = caller.clone();
    let (rows, names, notices) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let rows = store::list(tx, which, before, PAGE_ENTRIES + 1).await?;
                let names = names(tx, &rows).await?;
                Ok((rows, names, news::notices(tx, &who).await?))
            })
        })
        .await?;
    let (formats, now) = (caller.formats(), desk.now());
    let mut views: Vec<RowView> = rows.iter().map(|row| view(row, &names, &formats, now)).collect();
    let next = (views.len() > usize::try_from(PAGE_ENTRIES).unwrap_or(usize::MAX)).then(|| {
        views.pop();
        views.last().map(|last| format!("/cases?of={of}&state={}&before={}", state.word(), last.number))
    });
    let mut shell = (desk.frame)(&caller, "Cases");
    shell.notices.extend(notices);
    page(&ListPage {
        tabs: tabs(&caller, &of, state),
        states: states(state),
        pager: Pager {
            label: "Pages of cases".to_owned(),
            previous: asked.before.map(|_| format!("/cases?of={of}&state={}", state.word())),
            next: next.flatten(),
            showing: "latest first".to_owned(),
        },
        empty: empty(state),
        shell,
        of,
        rows: views,
    })
}

fn which(caller: &Caller, of: &str, state: CaseState) -> Option<List> {
    match of {
        "me" => caller.staff().map(|staff| List::OfOwner(staff.0, state)),
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
    if caller.is_owner() {
        tabs.push(tab("all".to_owned(), "All".to_owned()));
    }
    tabs.dedup_by(|a, b| a.href == b.href);
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

fn empty(state: CaseState) -> Empty {
    let way = ("Open a case".to_owned(), "/cases/new".to_owned());
    match state {
        CaseState::Open => Empty {
            title: "Nothing is open here".to_owned(),
            text: "A case comes from the help desk, from an import, or is opened by hand.".to_owned(),
            action: Some(way),
        },
        other => Empty { title: format!("No case is {} here", other.word()), text: "Cases move here from Open.".to_owned(), action: None },
    }
}

/// Names of those who work on cases, and of the customers: each asked for once.
pub(super) struct Names {
    staff: HashMap<Id, String>,
    customers: HashMap<SubjectId, String>,
}

async fn names(tx: &mut Tx, rows: &[CaseRow]) -> Result<Names, DbError> {
    let mut names = Names { staff: HashMap::new(), customers: HashMap::new() };
    for row in rows {
        if let Some(owner) = row.owner.filter(|o| !names.staff.contains_key(o)) {
            let found = people::find(tx, StaffId(owner)).await?;
            names.staff.insert(owner, found.map_or_else(|| "somebody".to_owned(), |s| s.name));
        }
        if let Some(customer) = row.customer.filter(|c| !names.customers.contains_key(c)) {
            let found = subjects::customer(tx, customer).await?;
            names.customers.insert(customer, found.and_then(|c| c.name).unwrap_or_else(|| "Name not known".to_owned()));
        }
    }
    Ok(names)
}

fn view(row: &CaseRow, names: &Names, formats: &Formats, now: Timestamp) -> RowView {
    let opened = Timestamp::from_microsecond(row.opened_at).unwrap_or(now);
    let issue = row.issue.as_deref().map(|id| sentence_case(&spoken(id))).unwrap_or_default();
    RowView {
        number: row.number,
        title: row.title.clone().unwrap_or_else(|| if issue.is_empty() { format!("Case {}", row.number) } else { issue.clone() }),
        customer: row.customer.and_then(|c| names.customers.get(&c)).cloned().unwrap_or_default(),
        owner: row.owner.and_then(|o| names.staff.get(&o)).cloned().unwrap_or_else(|| "nobody yet".to_owned()),
        opened: formats.age(opened, now),
        at: opened.to_string(),
        issue,
    }
}

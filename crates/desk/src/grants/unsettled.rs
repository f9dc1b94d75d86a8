//! What was sent and is not settled: who pays, ships or books it says what came of it.

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use jiff::Timestamp;
use platform::http::{Form, Problem};
use platform::limits::PAGE_ENTRIES;
use serde::Deserialize;
use ui::components::{Empty, Pager, Tab, Tabs};
use ui::shell::Shell;

use super::commands;
use super::model::{GrantId, GrantRow, GrantState, Settled};
use super::pages::case_of;
use super::store::{self, Waiting};
use crate::cases::{People, standing, what};
use crate::charters::{self, InForce};
use crate::listed::counted;
use crate::state::{Desk, page};
use crate::subjects::{self, Called, SubjectId};

/// Where what is looked at stands, and where the page begins.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "grants/templates/unsettled.html")]
struct UnsettledPage {
    shell: Shell,
    tabs: Tabs,
    state: &'static str,
    rows: Vec<RowView>,
    pager: Pager,
    empty: Empty,
}

struct RowView {
    what: String,
    case: i64,
    customer: String,
    customer_href: Option<String>,
    order: String,
    giver: String,
    given: String,
    at: String,
    /// Where what came of it is said; nothing if somebody else has to say it.
    action: Option<String>,
}

const STATES: [GrantState; 3] = [GrantState::Sent, GrantState::Failed, GrantState::Unclear];

/// The list, first given first, of the teams that the caller sees.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let state = STATES.into_iter().find(|s| asked.state.as_deref() == Some(s.word())).unwrap_or(GrantState::Sent);
    let mut shell = (desk.frame)(&caller, "To hand over");
    let (known, formats, now, at, who) = (desk.charters.clone(), caller.formats(), desk.now(), desk.clock.now(), caller.clone());
    let (after, before) = (asked.after, asked.before);
    let (mut found, people, customers, in_force) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let in_force = charters::in_force(tx, &known).await?;
                let found = match before {
                    Some(before) => store::waiting_before(tx, &who, state, before, at, PAGE_ENTRIES + 1).await?,
                    None => store::waiting(tx, &who, state, after.unwrap_or(0), at, PAGE_ENTRIES + 1).await?,
                };
                let mut people = People::new();
                people.meet(tx, found.iter().map(|w| &w.grant.giver)).await?;
                let customers: Vec<SubjectId> = found.iter().filter_map(|w| w.grant.customer).collect();
                Ok((found, people, subjects::called(tx, &customers).await?, in_force))
            })
        })
        .await?;
    let has_more = i64::try_from(found.len()).is_ok_and(|n| n > PAGE_ENTRIES);
    match before {
        Some(_) if has_more => drop(found.remove(0)),
        None if has_more => drop(found.pop()),
        _ => {}
    }
    let address = |span: &str, grant: &GrantRow| format!("/grants/unsettled?state={}&{span}={}", state.word(), grant.seq);
    let is_first = before.map_or_else(|| after.is_none(), |_| !has_more);
    let previous = found.first().filter(|_| !is_first).map(|w| address("before", &w.grant));
    let next = found.last().filter(|_| has_more || before.is_some()).map(|w| address("after", &w.grant));
    shell.context = "Remedies that were sent and wait for somebody to pay, ship or book them.".to_owned();
    let tab = |s: GrantState| Tab { label: standing(s).to_owned(), href: format!("/grants/unsettled?state={}", s.word()), count: None, is_current: s == state };
    let view = |waiting: &Waiting| {
        let given = Timestamp::from_microsecond(waiting.grant.at).unwrap_or(now);
        row(
            waiting,
            &caller,
            in_force.as_ref(),
            &people,
            waiting.grant.customer.and_then(|id| customers.get(&id)),
            (formats.age(given, now), given.to_string()),
        )
    };
    page(&UnsettledPage {
        shell,
        tabs: Tabs { label: "Where they stand".to_owned(), tabs: STATES.map(tab).to_vec() },
        state: state.word(),
        rows: found.iter().map(view).collect(),
        pager: Pager {
            label: "Pages".to_owned(),
            previous,
            next,
            showing: counted(found.len(), "remedy", "remedies", "first given first"),
            ..Pager::default()
        },
        empty: Empty { title: "Nothing waits here".to_owned(), text: "What is given comes here twenty seconds later.".to_owned(), action: None },
    })
}

fn row(waiting: &Waiting, caller: &Caller, in_force: Option<&InForce>, people: &People, customer: Option<&Called>, (given, at): (String, String)) -> RowView {
    let grant = &waiting.grant;
    RowView {
        what: what(in_force, grant),
        case: waiting.case_number,
        customer: customer.map(Called::label).unwrap_or_default(),
        customer_href: customer.map(|c| format!("/customers/{}", c.id)),
        order: waiting.order.clone().unwrap_or_default(),
        giver: people.name(&grant.giver),
        given,
        at,
        action: may_settle(caller, grant).is_ok().then(|| format!("/grants/{}/settlement", grant.id)),
    }
}

/// Whoever gave it does not also say that the customer has it: that would end the time in which an error can be mended.
pub(super) fn may_settle(caller: &Caller, grant: &GrantRow) -> Result<(), Problem> {
    if grant.giver == caller.actor() && !caller.is_lead() {
        return Err(Problem::not_permitted().detail("You gave this yourself. Somebody else, or a lead, says what came of it."));
    }
    Ok(())
}

/// Says what came of a grant.
pub(super) async fn settle(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>, form: Form) -> Result<Redirect, Problem> {
    let word = form.typed("settled");
    let unknown = || Problem::invalid(format!("`{word}` is not what can come of a grant: fulfilled, failed or unclear."));
    let settled = Settled::with_word(word).ok_or_else(unknown)?;
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (grant, _) = case_of(tx, &caller, id).await?;
            may_settle(&caller, &grant)?;
            Ok(commands::settle(tx, id, settled, None, &caller.actor(), at).await?)
        })
    })
    .await?;
    let state = STATES.into_iter().find(|s| form.typed("state") == s.word()).unwrap_or(GrantState::Sent);
    Ok(Redirect::to(&format!("/grants/unsettled?state={}", state.word())))
}

//! What was sent and is not settled: who pays, ships or books it says what came of it.

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use platform::http::{Form, Problem};
use platform::limits::{PAGE_ENTRIES, TEXT_CHARS};
use serde::Deserialize;
use ui::components::{Empty, Field, FieldKind, Pager, Tab, Tabs};
use ui::shell::{Crumb, Shell};

use super::commands;
use super::model::{GrantId, GrantRow, GrantState, Settled};
use super::named::named;
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
    /// What was said when it came to stand so.
    note: Option<String>,
    /// What can be said of it, and where; nothing if somebody else has to say it.
    ways: Vec<(&'static str, String)>,
}

const STATES: [GrantState; 3] = [GrantState::Sent, GrantState::Failed, GrantState::Unclear];

/// The list, first given first, of the teams that the caller sees.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let state = STATES.into_iter().find(|s| asked.state.as_deref() == Some(s.word())).unwrap_or(GrantState::Sent);
    let mut shell = (desk.frame)(&caller, "To hand over");
    let (known, formats, now, at, who) = (desk.charters.clone(), caller.formats(), desk.now(), desk.clock.now(), caller.clone());
    let (after, before) = (asked.after, asked.before);
    let (mut found, people, customers, notes, in_force) = desk
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
                let settled: Vec<GrantId> = found.iter().map(|w| w.grant.id).filter(|_| state != GrantState::Sent).collect();
                let notes = store::notes(tx, &settled).await?;
                Ok((found, people, subjects::called(tx, &customers).await?, notes, in_force))
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
        let customer = waiting.grant.customer.and_then(|id| customers.get(&id));
        let row = row(waiting, &caller, in_force.as_ref(), &people, customer, (formats.age(given, now), given.to_string()));
        RowView { note: notes.get(&waiting.grant.id).cloned(), ..row }
    };
    page(&UnsettledPage {
        shell,
        tabs: Tabs { label: "Where they stand".to_owned(), tabs: STATES.map(tab).to_vec() },
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
        note: None,
        ways: if may_settle(caller, grant).is_ok() { ways(grant) } else { Vec::new() },
    }
}

/// What can be said of a grant that is not settled, and where.
fn ways(grant: &GrantRow) -> Vec<(&'static str, String)> {
    let all = [(Settled::Fulfilled, "Fulfilled"), (Settled::Failed, "Failed"), (Settled::Unclear, "Unclear"), (Settled::Again, "Send again")];
    let here = grant.state.word();
    let way = |(settled, label): (Settled, &'static str)| (label, format!("/grants/{}/settlement?settled={}&state={here}", grant.id, settled.state().word()));
    all.into_iter().filter(|(settled, _)| settled.state() != grant.state).map(way).collect()
}

/// Whoever gave it does not also say that the customer has it: that would end the time in which an error can be mended.
pub(crate) fn may_settle(caller: &Caller, grant: &GrantRow) -> Result<(), Problem> {
    if grant.giver == caller.actor() && !caller.is_lead() {
        return Err(Problem::not_permitted().detail("You gave this yourself. Somebody else, or a lead, says what came of it."));
    }
    Ok(())
}

/// What is to be said of a grant, and where the list stood; without that, the case is where one comes from.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct AskedOf {
    settled: String,
    state: String,
}

impl Default for AskedOf {
    fn default() -> Self {
        Self { settled: GrantState::Fulfilled.word().to_owned(), state: String::new() }
    }
}

#[derive(Template)]
#[template(path = "grants/templates/settle.html")]
struct SettlePage {
    shell: Shell,
    action: String,
    settled: &'static str,
    state: String,
    means: &'static str,
    note: Option<Field>,
    yes: &'static str,
    back: String,
}

/// Asks once before it is noted what came of a grant: some of it is final.
pub(super) async fn ask(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>, Query(asked): Query<AskedOf>) -> Result<Html<String>, Problem> {
    asked_again(&desk, &caller, id, &Form::filled([("settled", asked.settled.as_str()), ("state", asked.state.as_str())])).await
}

async fn asked_again(desk: &Desk, caller: &Caller, id: GrantId, form: &Form) -> Result<Html<String>, Problem> {
    let settled = settled(form)?;
    let (who, known, now) = (caller.clone(), desk.charters.clone(), desk.now());
    let (named, number) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (grant, case) = case_of(tx, &who, id).await?;
                may_settle(&who, &grant)?;
                Ok((named(tx, &known, &who, &grant, &case, now).await?, case.number))
            })
        })
        .await?;
    let (title, means, yes) = match settled {
        Settled::Fulfilled => ("Does the customer have it?", "This is final: what the customer has can no longer be corrected.", "Yes, they have it"),
        Settled::Failed => {
            ("Did it fail?", "It keeps its room in the caps until somebody settles it. It can be sent again, or be fulfilled after all.", "It failed")
        }
        Settled::Unclear => {
            ("Is it unclear?", "It keeps its room in the caps until somebody settles it: then it was fulfilled, failed, or is sent again.", "It is unclear")
        }
        Settled::Again => (
            "Send it again?",
            "Whoever pays, ships or books it finds it once more, and other systems are told of it once more. Make sure that it was not done.",
            "Send it again",
        ),
    };
    let mut shell = (desk.frame)(caller, "To hand over");
    title.clone_into(&mut shell.title);
    shell.context = named;
    shell.crumbs = vec![Crumb::new("To hand over", "/grants/unsettled"), Crumb::new(number.to_string(), format!("/cases/{number}"))];
    let note = Field {
        kind: FieldKind::Long,
        value: form.typed("note").to_owned(),
        error: form.error("note"),
        hint: "It is shown with the grant.".to_owned(),
        is_optional: true,
        ..Field::new("note", "What happened?")
    };
    page(&SettlePage {
        shell,
        action: format!("/grants/{id}/settlement"),
        settled: settled.state().word(),
        state: form.typed("state").to_owned(),
        means,
        note: (settled != Settled::Fulfilled).then_some(note),
        yes,
        back: back(form, number),
    })
}

fn settled(form: &Form) -> Result<Settled, Problem> {
    let word = form.typed("settled");
    Settled::with_word(word)
        .ok_or_else(|| Problem::invalid(format!("`{word}` is not what can come of a grant: fulfilled, failed, unclear, or sent once more.")))
}

/// To the list as it stood, or to the case.
fn back(form: &Form, number: i64) -> String {
    let state = STATES.into_iter().find(|s| form.typed("state") == s.word());
    state.map_or_else(|| format!("/cases/{number}"), |state| format!("/grants/unsettled?state={}", state.word()))
}

/// Says what came of a grant.
pub(super) async fn settle(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>, mut form: Form) -> Result<Response, Problem> {
    let (settled, note, at) = (settled(&form)?, form.optional("note", TEXT_CHARS), desk.clock.now());
    if !form.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, asked_again(&desk, &caller, id, &form).await?).into_response());
    }
    let number = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (grant, case) = case_of(tx, &caller, id).await?;
                may_settle(&caller, &grant)?;
                commands::settle(tx, id, settled, note.as_deref(), &caller.actor(), at).await?;
                Ok(case.number)
            })
        })
        .await?;
    Ok(Redirect::to(&back(&form, number)).into_response())
}

//! From a case: it was hard, and is to be talked over.

use access::Caller;
use access::people::StaffId;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};
use platform::limits::TEXT_CHARS;
use ui::components::{Choice, Field, Segmented};
use ui::shell::{Crumb, Shell};

use super::list::words;
use super::{one, place_of};
use crate::cases::{CaseRow, People};
use crate::charters;
use crate::debriefs::commands::{self, NewPoint};
use crate::debriefs::leads;
use crate::debriefs::store;
use crate::grants;
use crate::state::{Desk, page, seen};

/// How many of the latest grants of a case are looked at for who worked on it.
const GRANTS: i64 = 50;

#[derive(Template)]
#[template(path = "debriefs/templates/mark.html")]
struct MarkPage {
    shell: Shell,
    here: String,
    with: Option<Segmented>,
    /// Who it is talked over with, where there is no choice.
    told: String,
    note: Field,
}

/// Whose list it can come onto: the caller's own, and that of whoever worked on it and is led by them.
struct Lists {
    case: CaseRow,
    me: StaffId,
    /// Who leads the caller, by name.
    leads: Vec<String>,
    others: Vec<(StaffId, String)>,
}

impl Lists {
    async fn read(tx: &mut Tx, caller: &Caller, number: i64, at: Instant) -> Result<Self, Problem> {
        let (case, me) = (seen(tx, caller, number).await?, one(caller)?);
        let led = leads::people_of(tx, caller, at).await?;
        let leads = leads::leads_of(tx, me, at).await?.into_iter().map(|lead| lead.name).collect();
        let mut others = worked_on(tx, &case).await?;
        others.retain(|(id, _)| led.contains_key(id));
        Ok(Self { case, me, leads, others })
    }

    fn has(&self, agent: StaffId) -> bool {
        agent == self.me || self.others.iter().any(|(id, _)| *id == agent)
    }

    /// Who leads the caller, in words.
    fn leads(&self) -> String {
        if self.leads.is_empty() { "whoever comes to lead you".to_owned() } else { self.leads.join(", ") }
    }

    fn choices(&self, form: &Form) -> Option<Segmented> {
        let (typed, first) = (form.typed("with"), self.others.first()?.0);
        let choice =
            |id: StaffId, label: String| Choice { value: id.to_string(), label, is_chosen: typed.parse().map_or(id == first, |typed: StaffId| typed == id) };
        let mut choices: Vec<Choice> = self.others.iter().map(|(id, name)| choice(*id, name.clone())).collect();
        choices.push(choice(self.me, format!("Who leads me: {}", self.leads())));
        Some(Segmented { name: "with".to_owned(), label: "With whom?".to_owned(), choices, error: form.error("with"), ..Segmented::default() })
    }
}

/// Who works on a case or gave in it.
async fn worked_on(tx: &mut Tx, case: &CaseRow) -> Result<Vec<(StaffId, String)>, DbError> {
    let given = grants::list_of_case(tx, case.id, i64::MAX, GRANTS).await?;
    let mut worked: Vec<StaffId> = Vec::new();
    for id in case.owner.into_iter().chain(given.iter().filter_map(|grant| grant.giver.staff())).map(StaffId) {
        if !worked.contains(&id) {
            worked.push(id);
        }
    }
    let actors: Vec<Actor> = worked.iter().map(|id| Actor::Staff(id.0)).collect();
    let mut people = People::new();
    people.meet(tx, &actors).await?;
    Ok(worked.into_iter().zip(&actors).map(|(id, actor)| (id, people.name(actor))).collect())
}

/// Asks with whom, and for a word.
pub(super) async fn ask(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>) -> Result<Html<String>, Problem> {
    filled(&desk, &caller, number, &Form::default()).await
}

async fn filled(desk: &Desk, caller: &Caller, number: i64, form: &Form) -> Result<Html<String>, Problem> {
    let (who, known, at) = (caller.clone(), desk.charters.clone(), desk.clock.now());
    let (lists, in_force) = desk
        .read::<_, Problem, _>(move |tx| Box::pin(async move { Ok((Lists::read(tx, &who, number, at).await?, charters::in_force(tx, &known).await?)) }))
        .await?;
    let mut shell = (desk.frame)(caller, "Talk this over");
    shell.context = lists.case.heading(in_force.as_ref());
    shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb::new(number.to_string(), format!("/cases/{number}"))];
    page(&MarkPage {
        shell,
        here: format!("/cases/{number}"),
        with: lists.choices(form),
        told: format!("It comes onto your list, to be talked over with {}.", lists.leads()),
        note: Field {
            is_optional: true,
            ..words(Some(form), "note", "What was hard about it?", "", "Read by whose list it is and by who leads them, and by nobody else.")
        },
    })
}

/// Puts it on the list.
pub(super) async fn mark(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let (me, at, who, text) = (one(&caller)?, desk.clock.now(), caller.clone(), form.optional("note", TEXT_CHARS));
    let typed = form.typed("with").to_owned();
    let agent = if typed.is_empty() { Some(me) } else { typed.parse::<StaffId>().ok() };
    let is_fine = form.is_fine();
    let marked = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let lists = Lists::read(tx, &who, number, at).await?;
            let Some(agent) = agent.filter(|agent| is_fine && lists.has(*agent)) else { return Ok(None) };
            let point = commands::put(tx, &NewPoint { agent, case: Some(lists.case.id), text }, me, at).await?;
            Ok(Some(store::point(tx, point).await?.ok_or_else(Problem::not_found)?))
        })
    });
    match marked.await? {
        Some(point) => Ok(Redirect::to(&place_of(&point, me, "put")).into_response()),
        None => {
            if is_fine {
                form.wrong("with", "Choose one of these.");
            }
            Ok((StatusCode::UNPROCESSABLE_ENTITY, filled(&desk, &caller, number, &form).await?).into_response())
        }
    }
}

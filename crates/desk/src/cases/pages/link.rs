//! Whose a case is and what it is about, said or mended later.

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::http::{Form, Problem};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use serde::Deserialize;
use ui::components::{Choice, Field, Select};
use ui::shell::{Crumb, Shell};

use super::super::commands;
use super::super::store;
use super::new::{Choosable, OFFERED, choosable};
use super::somebody::{self, Somebody, Wrong};
use crate::charters;
use crate::offerings;
use crate::options::{sentence_case, spoken};
use crate::search;
use crate::state::{Desk, page, seen};
use crate::subjects;

#[derive(Template)]
#[template(path = "cases/templates/about.html")]
struct AboutPage {
    shell: Shell,
    here: String,
    linked: Vec<Linked>,
    q: Field,
    choices: Vec<Choosable>,
    /// What else can be new, by its number.
    kinds: Vec<(String, String)>,
    name: Field,
    reference: Field,
    issue: Select,
    offering: Select,
}

/// What a case is about.
struct Linked {
    kind: String,
    label: String,
    what: String,
}

/// What somebody looks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

/// What a case is about, with ways to change it.
pub(super) async fn about(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    form(&desk, &caller, number, &Form::filled([("q", asked.q.as_str())])).await
}

async fn form(desk: &Desk, caller: &Caller, number: i64, typed: &Form) -> Result<Html<String>, Problem> {
    let (known, words, who) = (desk.charters.clone(), search::words(typed.typed("q")), caller.clone());
    let (case, linked, in_force, promised, found) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &who, number).await?;
                let about = store::about(tx, case.id).await?;
                let mut called = match case.customer {
                    Some(id) => subjects::called(tx, &[id]).await?,
                    None => std::collections::HashMap::new(),
                };
                let customer = case.customer.and_then(|id| called.remove(&id)).map(|c| {
                    let what = c.name.as_ref().map_or_else(|| c.reference.clone(), |name| format!("{name}, {}", c.reference));
                    Linked { kind: c.kind, label: "Customer".to_owned(), what }
                });
                let others = about.into_iter().map(|(kind, _, reference)| Linked { label: sentence_case(&spoken(&kind)), kind, what: reference });
                let linked: Vec<Linked> = customer.into_iter().chain(others).collect();
                let in_force = charters::in_force(tx, &known).await?;
                let promised = offerings::list(tx, "", PAGE_ENTRIES).await?;
                Ok((case, linked, in_force, promised, search::find(tx, &known, &words, OFFERED).await?))
            })
        })
        .await?;
    let mut shell = (desk.frame)(caller, "What it is about");
    shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb::new(number.to_string(), format!("/cases/{number}"))];
    let declared = in_force.iter().flat_map(|c| &c.charter.subjects).map(ToString::to_string);
    let mut kinds: Vec<String> = std::iter::once("order".to_owned()).chain(declared).collect();
    kinds.retain(|kind| !["customer", "case", "staff", "request"].contains(&kind.as_str()));
    kinds.sort_unstable();
    kinds.dedup();
    let issues = in_force.iter().flat_map(|c| &c.charter.issues).map(|i| (i.id.to_string(), i.title.to_string()));
    let (name, reference) = somebody::fields(typed, &search::words(typed.typed("q")));
    let promise = promised.iter().find(|o| Some(o.id) == case.offering).map(|o| o.slug.clone());
    page(&AboutPage {
        shell,
        here: format!("/cases/{number}/about"),
        linked,
        q: Field {
            value: typed.typed("q").to_owned(),
            error: typed.error("q"),
            hint: "A name or part of it, a customer or order number, or an e-mail address.".to_owned(),
            is_optional: true,
            ..Field::new("q", "Which customer or order is meant?")
        },
        choices: choosable(found, ""),
        kinds: kinds.into_iter().map(|kind| (spoken(&kind), kind)).map(|(label, kind)| (kind, label)).collect(),
        name,
        reference,
        issue: select("issue", "Kind of trouble", "Not known yet", case.issue.as_deref(), issues),
        offering: select(
            "offering",
            "Which promise of ours is meant?",
            "None, or not known yet",
            promise.as_deref(),
            promised.into_iter().map(|o| (o.slug, o.title)),
        ),
    })
}

fn select(name: &str, label: &str, none: &str, chosen: Option<&str>, values: impl IntoIterator<Item = (String, String)>) -> Select {
    let choice = |(value, label): (String, String)| Choice { is_chosen: chosen.unwrap_or_default() == value, value, label };
    let choices = std::iter::once((String::new(), none.to_owned())).chain(values).map(choice).collect();
    Select { name: name.to_owned(), label: label.to_owned(), choices, ..Select::default() }
}

/// What is to be changed about what a case is about.
enum Change {
    /// This customer or order, which is known.
    Known(subjects::SubjectId),
    /// A new customer.
    Somebody(Somebody),
    /// Something else that is new: of a kind, with a number.
    New(String, String),
    /// It is not about that.
    Not(String),
    /// Kind of trouble and promise.
    Words { issue: Option<String>, offering: Option<String> },
}

fn wanted(form: &mut Form) -> Option<Change> {
    match form.typed("do").to_owned().as_str() {
        "new" if form.typed("kind") == "customer" => {
            let who = Somebody::read(form);
            form.is_fine().then_some(Change::Somebody(who))
        }
        "new" => {
            let (kind, reference) = (form.typed("kind").to_owned(), form.text("q", NAME_CHARS));
            form.is_fine().then_some(Change::New(kind, reference))
        }
        "not" => Some(Change::Not(form.typed("kind").to_owned())),
        "words" => Some(Change::Words { issue: form.optional("issue", NAME_CHARS), offering: form.optional("offering", NAME_CHARS) }),
        _ => match form.typed("pick").parse() {
            Ok(id) => Some(Change::Known(id)),
            Err(_) => {
                form.wrong("q", "Choose one of those found.");
                None
            }
        },
    }
}

/// Says what a case is about.
pub(super) async fn change(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut typed: Form) -> Result<Response, Problem> {
    let Some(change) = wanted(&mut typed) else { return again(&desk, &caller, number, &typed).await };
    let (at, who) = (desk.clock.now(), caller.clone());
    let change = std::sync::Arc::new(change);
    let done = desk
        .write::<Result<(), Wrong>, Problem, _>(move |tx| {
            Box::pin(async move {
                let (case, by) = (seen(tx, &who, number).await?, who.actor());
                match &*change {
                    Change::Known(id) => {
                        let row = subjects::read(tx, *id).await?.ok_or_else(Problem::not_found)?;
                        commands::link(tx, &case, &row.kind, &row.reference, &by, at).await?;
                    }
                    Change::Somebody(somebody) => {
                        // First, as whoever links it does.
                        tx.hold(&[commands::held(number)]).await?;
                        match somebody.keep(tx, &by, at).await? {
                            Ok((_, reference)) => drop(commands::link(tx, &case, "customer", &reference, &by, at).await?),
                            Err(wrong) => return Ok(Err(wrong)),
                        }
                    }
                    Change::New(kind, reference) => drop(commands::link(tx, &case, kind, reference, &by, at).await?),
                    Change::Not(kind) => drop(commands::unlink(tx, &case, kind, &by, at).await?),
                    Change::Words { issue, offering } => {
                        commands::choose_issue(tx, &case, issue.as_deref(), &by, at).await?;
                        commands::choose_offering(tx, &case, offering.as_deref(), &by, at).await?;
                    }
                }
                Ok(Ok(()))
            })
        })
        .await;
    match done {
        Ok(Ok(())) => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Ok(Err((field, message))) => {
            typed.wrong(field, message);
            again(&desk, &caller, number, &typed).await
        }
        Err(problem) if problem.status == StatusCode::CONFLICT.as_u16() || !problem.fields.is_empty() => {
            typed.wrong("q", problem.detail);
            again(&desk, &caller, number, &typed).await
        }
        Err(problem) => Err(problem),
    }
}

async fn again(desk: &Desk, caller: &Caller, number: i64, typed: &Form) -> Result<Response, Problem> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form(desk, caller, number, typed).await?).into_response())
}

use std::collections::BTreeMap;

use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use ui::components::{Choice, Field, Select};
use ui::shell::{Crumb, Shell};

use super::super::commands::{self, NewCase};
use super::somebody::{self, Somebody, Wrong};
use crate::charters;
use crate::offerings;
use crate::options::{sentence_case, spoken};
use crate::search::{self, Found};
use crate::state::{Desk, page};
use crate::subjects::{self, Called, SubjectId};

/// How many customers and orders are offered at once.
pub(super) const OFFERED: i64 = 6;

#[derive(Template)]
#[template(path = "cases/templates/new.html")]
struct NewPage {
    shell: Shell,
    channel: Field,
    title: Field,
    issue: Select,
    offering: Option<Select>,
    q: Field,
    choices: Vec<Choosable>,
    is_new_chosen: bool,
    is_none_chosen: bool,
    /// Whether a new customer is chosen because nobody was found.
    is_meant: bool,
    /// What the fields of somebody new were filled with.
    guessed: String,
    name: Field,
    reference: Field,
    order: Field,
}

/// A customer or an order that was found.
pub(super) struct Choosable {
    pub(super) id: SubjectId,
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) is_chosen: bool,
}

/// What was found, orders first where their number was meant.
pub(super) fn choosable(found: Found, pick: &str) -> Vec<Choosable> {
    let view = |called: Called| {
        let (title, detail) = if called.kind == "customer" {
            (called.label(), vec![Some(called.reference.clone()).filter(|_| called.name.is_some()), called.email])
        } else {
            let of = called.name.map_or_else(|| "customer not known".to_owned(), |name| format!("of {name}"));
            (format!("{} {}", sentence_case(&spoken(&called.kind)), called.reference), vec![Some(of)])
        };
        let detail = detail.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Choosable { is_chosen: called.id.to_string() == pick, id: called.id, title, detail }
    };
    found.customers.into_iter().chain(found.others).map(view).collect()
}

/// The form that opens a case. What stands in the address is filled in: a search while one types, or somebody who was looked at.
pub(super) async fn new(State(desk): State<Desk>, caller: Caller, Query(asked): Query<BTreeMap<String, String>>) -> Result<Html<String>, Problem> {
    let channel = asked.get("channel").map_or("phone", String::as_str).to_owned();
    let filled = Form::filled(asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("channel", channel.as_str())]));
    form(&desk, &caller, &filled).await
}

async fn form(desk: &Desk, caller: &Caller, form: &Form) -> Result<Html<String>, Problem> {
    let (known, words) = (desk.charters.clone(), search::words(form.typed("q")));
    let q = words.clone();
    let (in_force, promised, found) = desk
        .read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let in_force = charters::in_force(tx, &known).await?;
                let promised = offerings::list(tx, "", PAGE_ENTRIES).await?;
                Ok((in_force, promised, search::find(tx, &known, &q, OFFERED).await?))
            })
        })
        .await?;
    let issues = in_force.iter().flat_map(|c| &c.charter.issues).map(|i| (i.id.to_string(), i.title.to_string()));
    let promised: Vec<(String, String)> = promised.into_iter().map(|o| (o.slug, o.title)).collect();
    let mut shell = (desk.frame)(caller, "Open a case");
    shell.crumbs = vec![Crumb::new("Cases", "/cases")];
    let field = |name: &str, label: &str, hint: &str| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        is_optional: true,
        ..Field::new(name, label)
    };
    let (name, reference) = somebody::fields(form, &words);
    let choices = choosable(found, form.typed("pick"));
    // Where nobody is found by a name, somebody new is meant, until somebody is found or something else is chosen. A number may be an order's.
    let is_meant = choices.is_empty() && somebody::is_name(&words);
    let is_new_chosen = match form.typed("pick") {
        "" => is_meant,
        "new" => choices.is_empty() || form.typed("meant").is_empty(),
        _ => false,
    };
    page(&NewPage {
        shell,
        channel: Field { is_optional: false, ..field("channel", "How did they reach us?", "phone, mail, chat …") },
        title: field("title", "What is it about?", "In a few words, as you would tell a colleague."),
        issue: select(form, "issue", "Kind of trouble", "Not known yet", issues),
        offering: (!promised.is_empty()).then(|| select(form, "offering", "Which promise of ours is meant?", "None, or not known yet", promised)),
        q: field("q", "Who is it, or which order?", "A name or part of it, a customer or order number, or an e-mail address."),
        is_new_chosen,
        is_none_chosen: form.typed("pick") == "none",
        choices,
        is_meant,
        guessed: words,
        name,
        reference,
        order: field("order", "Order number", "As in your shop."),
    })
}

fn select(form: &Form, name: &str, label: &str, none: &str, values: impl IntoIterator<Item = (String, String)>) -> Select {
    let choice = |(value, label): (String, String)| Choice { is_chosen: form.typed(name) == value, value, label };
    let choices = std::iter::once((String::new(), none.to_owned())).chain(values).map(choice).collect();
    Select { name: name.to_owned(), label: label.to_owned(), choices, error: form.error(name), ..Select::default() }
}

/// Opens a case and shows it.
pub(super) async fn open(State(desk): State<Desk>, caller: Caller, mut typed: Form) -> Result<Response, Problem> {
    let channel = typed.text("channel", NAME_CHARS);
    let title = typed.optional("title", NAME_CHARS);
    let issue = typed.optional("issue", NAME_CHARS);
    let promised = typed.optional("offering", NAME_CHARS);
    let whose = whose(&mut typed);
    let Some(whose) = whose.filter(|_| typed.is_fine()) else { return again(&desk, &caller, &typed).await };
    let (at, actor, known) = (desk.clock.now(), caller.actor(), desk.charters.clone());
    let new = NewCase { channel, title, issue, owner: caller.staff().map(|s| s.0), team: caller.memberships().next().map(|m| m.team.0), ..NewCase::default() };
    let opened = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let mut new = new;
                if let Some(slug) = &promised {
                    new.offering = offerings::by_slug(tx, slug).await?.map(|o| o.id);
                }
                match about(tx, &known, &whose, &mut new, &actor, at).await? {
                    Ok(()) => Ok(Ok(commands::open(tx, &new, &actor, at).await?)),
                    Err(wrong) => Ok(Err(wrong)),
                }
            })
        })
        .await?;
    match opened {
        Ok(number) => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Err((field, message)) => {
            typed.wrong(field, message);
            again(&desk, &caller, &typed).await
        }
    }
}

async fn again(desk: &Desk, caller: &Caller, typed: &Form) -> Result<Response, Problem> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form(desk, caller, typed).await?).into_response())
}

/// Whose case it is to be.
#[derive(Clone, Debug)]
enum Whose {
    /// Nobody's that is known yet.
    Unknown,
    /// Of the one who is found by these words, if it is only one.
    Found(String),
    /// A customer, or what is a customer's.
    Picked(SubjectId),
    /// Of somebody new.
    New { who: Somebody, order: Option<String> },
}

fn whose(typed: &mut Form) -> Option<Whose> {
    let words = typed.optional("q", NAME_CHARS);
    match typed.typed("pick") {
        "new" => {
            let who = Somebody::read(typed);
            Some(Whose::New { who, order: typed.optional("order", NAME_CHARS) })
        }
        "none" => Some(Whose::Unknown),
        "" => Some(words.map_or(Whose::Unknown, Whose::Found)),
        _ => typed.parsed("pick", |id| id.parse().map_err(|_| "Choose one of those found.".to_owned())).map(Whose::Picked),
    }
}

/// Says whose a new case is, and what it is about.
async fn about(tx: &mut Tx, known: &charters::Charters, whose: &Whose, new: &mut NewCase, by: &Actor, at: Instant) -> Result<Result<(), Wrong>, Problem> {
    let picked = match whose {
        Whose::Unknown => return Ok(Ok(())),
        Whose::New { who, order } => return someone_new(tx, who, order.as_ref(), new, by, at).await,
        Whose::Picked(id) => subjects::called(tx, &[*id]).await?.remove(id),
        Whose::Found(words) => {
            let found = search::find(tx, known, words, OFFERED).await?;
            let whole = |called: &Called| called.reference == *words || called.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(words));
            let mut whole: Vec<Called> = found.others.into_iter().filter(|o| o.reference == *words).chain(found.customers.into_iter().filter(whole)).collect();
            if whole.len() == 1 { whole.pop() } else { None }
        }
    };
    let Some(picked) = picked else {
        return Ok(Err(("q", "Choose one of those found, create a new customer, or go on without one.".to_owned())));
    };
    new.customer = picked.customer;
    if picked.kind != "customer" {
        new.about.push((picked.kind, picked.id));
    }
    Ok(Ok(()))
}

async fn someone_new(tx: &mut Tx, who: &Somebody, order: Option<&String>, new: &mut NewCase, by: &Actor, at: Instant) -> Result<Result<(), Wrong>, Problem> {
    if let Some(order) = order
        && subjects::find(tx, "order", order).await?.is_some_and(|row| row.customer.is_some())
    {
        return Ok(Err(("order", format!("`{order}` is somebody's order already. Type it above, and its customer is found."))));
    }
    let customer = match who.keep(tx, by, at).await? {
        Ok((customer, _)) => customer,
        Err(wrong) => return Ok(Err(wrong)),
    };
    new.customer = Some(customer);
    if let Some(order) = order {
        new.about.push(("order".to_owned(), subjects::keep_subject(tx, "order", order, Some(customer), at).await?));
    }
    Ok(Ok(()))
}

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::http::{Form, Problem};
use platform::limits::{EMAIL_CHARS, NAME_CHARS};
use serde::Deserialize;
use ui::components::{Field, FieldKind};
use ui::shell::{Crumb, Shell};

use super::super::commands::{self, found};
use crate::search;
use crate::state::{Desk, page};
use crate::subjects::{self, Called, Customer, SubjectId};

/// How many others are offered.
const FOUND: i64 = 10;

fn back(id: SubjectId) -> Response {
    Redirect::to(&format!("/customers/{id}")).into_response()
}

/// The frame of a page about a customer.
fn framed(desk: &Desk, caller: &Caller, title: &str, id: SubjectId, name: &str) -> Shell {
    let mut shell = (desk.frame)(caller, "Customer");
    title.clone_into(&mut shell.title);
    shell.crumbs = vec![Crumb::new("Customers", "/customers"), Crumb::new(name, format!("/customers/{id}"))];
    shell
}

/// A customer as they stand, with what they are called.
async fn standing(desk: &Desk, id: SubjectId) -> Result<(Customer, String), Problem> {
    desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let row = found(tx, id).await?;
            let who = subjects::customer(tx, id).await?.unwrap_or_default();
            let name = who.name.clone().unwrap_or(row.reference);
            Ok((who, name))
        })
    })
    .await
}

#[derive(Template)]
#[template(path = "customers/templates/contact.html")]
struct ContactPage {
    shell: Shell,
    action: String,
    fields: Vec<Field>,
}

fn contact_page(mut shell: Shell, id: SubjectId, form: &Form) -> Result<Html<String>, Problem> {
    shell.context = "What is left empty is not known.".to_owned();
    let field = |name: &str, label: &str, hint: &str, kind| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        is_optional: true,
        kind,
        ..Field::new(name, label)
    };
    page(&ContactPage {
        shell,
        action: format!("/customers/{id}/contact"),
        fields: vec![
            field("name", "Name", "", FieldKind::Text),
            field("email", "E-mail", "", FieldKind::Email),
            field("phone", "Telephone", "", FieldKind::Text),
            field("locale", "Language", "How they read and write, such as nl-NL.", FieldKind::Text),
            field("contact", "Prefers to be reached by", "phone, mail, chat …", FieldKind::Text),
        ],
    })
}

/// The form that changes who a customer is and how to reach them.
pub(super) async fn contact(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>) -> Result<Html<String>, Problem> {
    let (who, name) = standing(&desk, id).await?;
    let filled = [("name", &who.name), ("email", &who.email), ("phone", &who.phone), ("locale", &who.locale), ("contact", &who.contact)];
    let form = Form::filled(filled.into_iter().map(|(field, value)| (field, value.as_deref().unwrap_or_default())));
    contact_page(framed(&desk, &caller, "How to reach them", id, &name), id, &form)
}

/// Changes who a customer is and how to reach them.
pub(super) async fn change(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>, mut form: Form) -> Result<Response, Problem> {
    let new = Customer {
        name: form.optional("name", NAME_CHARS),
        email: form.optional("email", EMAIL_CHARS),
        phone: form.optional("phone", NAME_CHARS),
        locale: form.optional("locale", NAME_CHARS),
        contact: form.optional("contact", NAME_CHARS),
    };
    if new.email.as_deref().is_some_and(|email| !is_address(email)) {
        form.wrong("email", "An e-mail address has a name, an `@` and a host: ana@example.org.");
    }
    if new.locale.as_deref().is_some_and(|tag| !is_tag(tag)) {
        form.wrong("locale", "A language tag such as `nl` or `nl-NL`.");
    }
    if !form.is_fine() {
        let (_, name) = standing(&desk, id).await?;
        let again = contact_page(framed(&desk, &caller, "How to reach them", id, &name), id, &form)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let (at, by) = (desk.clock.now(), caller.actor());
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(commands::change(tx, id, &new, &by, at).await?) })).await?;
    Ok(back(id))
}

fn is_address(email: &str) -> bool {
    let parts = email.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    parts.is_some() && !email.contains(char::is_whitespace)
}

fn is_tag(tag: &str) -> bool {
    tag.len() <= 35 && tag.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Who a customer is the same as.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AskedSame {
    into: Option<String>,
}

#[derive(Template)]
#[template(path = "customers/templates/merge.html")]
struct MergePage {
    shell: Shell,
    here: String,
    into: Field,
    /// Those who may be meant.
    others: Vec<Called>,
    /// Both, side by side: what is compared, of this one, of the other.
    both: Option<Both>,
}

struct Both {
    id: SubjectId,
    rows: Vec<(&'static str, String, String)>,
}

/// The form that says whom a customer is the same as: whoever is found by some words, and both side by side once it is one.
pub(super) async fn same(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>, Query(asked): Query<AskedSame>) -> Result<Html<String>, Problem> {
    let (first, name) = standing(&desk, id).await?;
    let wanted = asked.into.as_deref().unwrap_or_default().trim().to_owned();
    let both = if wanted.is_empty() { None } else { beside(&desk, id, &first, &wanted).await? };
    let others = if both.is_some() { Vec::new() } else { others(&desk, id, &wanted).await? };
    let error = (!wanted.is_empty() && both.is_none() && others.is_empty()).then(|| format!("Nobody else is found by `{wanted}`."));
    let hint = "A name or part of it, a customer number, an order, or an e-mail address of the one that stays.".to_owned();
    page(&MergePage {
        shell: framed(&desk, &caller, "Same as another customer", id, &name),
        here: format!("/customers/{id}/merge"),
        into: Field { value: wanted, error, hint, ..Field::new("into", "Who are they really?") },
        others,
        both,
    })
}

/// Other customers who are found by these words.
async fn others(desk: &Desk, id: SubjectId, typed: &str) -> Result<Vec<Called>, Problem> {
    let (words, known) = (search::words(typed), desk.charters.clone());
    desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let found = search::find(tx, &known, &words, FOUND).await?;
            let owners: Vec<SubjectId> = found.others.iter().filter_map(|other| other.customer).collect();
            let mut theirs = subjects::called(tx, &owners).await?;
            let mut others = found.customers;
            others.extend(owners.iter().filter_map(|owner| theirs.remove(owner)));
            others.retain(|other| other.id != id);
            Ok(others)
        })
    })
    .await
}

/// Both customers, if the other one has this reference.
async fn beside(desk: &Desk, id: SubjectId, first: &Customer, wanted: &str) -> Result<Option<Both>, Problem> {
    let reference = wanted.to_owned();
    let other = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let own = subjects::read(tx, id).await?.map_or_else(String::new, |row| row.reference);
                let Some(row) = subjects::find(tx, "customer", &reference).await? else { return Ok(None) };
                let into = row.merged_into.unwrap_or(row.id);
                let reference = subjects::read(tx, into).await?.map_or(reference, |row| row.reference);
                Ok(Some((into, own, reference, subjects::customer(tx, into).await?.unwrap_or_default())))
            })
        })
        .await?;
    let Some((into, own, reference, second)) = other.filter(|(into, ..)| *into != id) else { return Ok(None) };
    let pair = |label: &'static str, one: &Option<String>, other: &Option<String>| {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
        (label, said(one), said(other))
    };
    let rows = vec![
        ("Reference", own, reference),
        pair("Name", &first.name, &second.name),
        pair("E-mail", &first.email, &second.email),
        pair("Telephone", &first.phone, &second.phone),
    ];
    Ok(Some(Both { id: into, rows }))
}

/// Makes a customer the same as another.
pub(super) async fn merge(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>, form: Form) -> Result<Response, Problem> {
    let into: SubjectId = form.typed("into").parse().map_err(|_| Problem::invalid("Say first whom they are the same as."))?;
    let (at, by) = (desk.clock.now(), caller.actor());
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(commands::merge(tx, id, into, &by, at).await?) })).await?;
    Ok(back(into))
}

#[derive(Template)]
#[template(path = "customers/templates/erase.html")]
struct ErasePage {
    shell: Shell,
    here: String,
}

/// Asks whether the personal data of a customer are to be erased.
pub(super) async fn erasure(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>) -> Result<Html<String>, Problem> {
    let (_, name) = standing(&desk, id).await?;
    page(&ErasePage { shell: framed(&desk, &caller, "Erase personal data", id, &name), here: format!("/customers/{id}/erasure") })
}

/// Erases the personal data of a customer.
pub(super) async fn erase(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>) -> Result<Response, Problem> {
    let (at, by, known) = (desk.clock.now(), caller.actor(), desk.charters.clone());
    desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(commands::erase(tx, &known, id, &by, at).await?) })).await?;
    Ok(back(id))
}

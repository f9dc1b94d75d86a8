use access::Caller;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::db::DbError;
use platform::http::{Form, Problem};
use platform::limits::NAME_CHARS;
use ui::components::{Choice, Field, Select};
use ui::shell::{Crumb, Shell};

use super::super::commands::{self, NewCase};
use crate::charters;
use crate::state::{Desk, page};
use crate::subjects;

#[derive(Template)]
#[template(path = "cases/templates/new.html")]
struct NewPage {
    shell: Shell,
    channel: Field,
    title: Field,
    issue: Select,
    customer: Field,
    order: Field,
}

/// The form that opens a case. One field must be filled in.
pub(super) async fn new(State(desk): State<Desk>, caller: Caller) -> Result<Html<String>, Problem> {
    form(&desk, &caller, &Form::filled([("channel", "phone")])).await
}

async fn form(desk: &Desk, caller: &Caller, form: &Form) -> Result<Html<String>, Problem> {
    let known = desk.charters.clone();
    let in_force = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { charters::in_force(tx, &known).await })).await?;
    let issues = in_force.iter().flat_map(|c| &c.charter.issues).map(|i| (i.id.to_string(), i.title.to_string()));
    let none = (String::new(), "Not known yet".to_owned());
    let choices = std::iter::once(none).chain(issues).map(|(value, label)| Choice { is_chosen: form.typed("issue") == value, value, label }).collect();
    let mut shell = (desk.frame)(caller, "Open a case");
    shell.crumbs = vec![Crumb { label: "Cases".to_owned(), href: Some("/cases".to_owned()) }];
    let field = |name: &str, label: &str, hint: &str| Field {
        value: form.typed(name).to_owned(),
        error: form.error(name),
        hint: hint.to_owned(),
        is_optional: name != "channel",
        ..Field::new(name, label)
    };
    page(&NewPage {
        shell,
        channel: field("channel", "How did they reach us?", "phone, mail, chat …"),
        title: field("title", "What is it about?", "In a few words, as you would tell a colleague."),
        issue: Select { name: "issue".to_owned(), label: "Kind of trouble".to_owned(), choices, ..Select::default() },
        customer: field("customer", "Customer number", "As in your shop, such as C-1041."),
        order: field("order", "Order number", "As in your shop."),
    })
}

/// Opens a case and shows it.
pub(super) async fn open(State(desk): State<Desk>, caller: Caller, mut typed: Form) -> Result<Response, Problem> {
    let channel = typed.text("channel", NAME_CHARS);
    let title = typed.optional("title", NAME_CHARS);
    let issue = typed.optional("issue", NAME_CHARS);
    let (customer, order) = (typed.optional("customer", NAME_CHARS), typed.optional("order", NAME_CHARS));
    if !typed.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form(&desk, &caller, &typed).await?).into_response());
    }
    let (at, actor) = (desk.clock.now(), caller.actor());
    let new = NewCase { channel, title, issue, owner: caller.staff().map(|s| s.0), team: caller.memberships().next().map(|m| m.team.0), ..NewCase::default() };
    let number = desk
        .write(move |tx| {
            Box::pin(async move {
                let mut new = new;
                if let Some(reference) = &customer {
                    new.customer = Some(subjects::keep_subject(tx, "customer", reference, None, at).await?);
                }
                if let Some(reference) = &order {
                    new.about.push(("order".to_owned(), subjects::keep_subject(tx, "order", reference, new.customer, at).await?));
                }
                commands::open(tx, &new, &actor, at).await
            })
        })
        .await?;
    Ok(Redirect::to(&format!("/cases/{number}")).into_response())
}

//! The card in a frame. Everything here goes by the pass that comes with the request; a cookie, if a browser sends one, means nothing.

use std::sync::Arc;

use access::Permission;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::db::DbError;
use platform::http::{Form, Framed, Problem, Route};
use serde::Deserialize;
use ui::shell::Shell;

use super::Embed;
use super::card::{ProblemPage, page};
use super::pass::{Admitted, admitted};
use crate::cases::{self, Sent};
use crate::grants::form::{SENT_BEFORE, Wanted};
use crate::grants::{self, GrantId};
use crate::options::Chosen;

/// The routes of the card in a frame.
pub(super) fn routes(embed: &Embed) -> Vec<Route<Permission>> {
    vec![
        Route::get("/embed/card", Permission::Public, show, embed),
        Route::post("/embed/card/facts", Permission::Public, facts, embed).taking(&["is.*"]),
        Route::post("/embed/card/grants", Permission::Public, give, embed).taking(&["because"]),
        Route::post("/embed/card/grants/{id}/withdrawal", Permission::Public, withdraw, embed),
    ]
}

/// What is asked for behind the `?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    pass: String,
    reason: Option<String>,
    remedy: Option<String>,
}

/// An answer for the frame, whatever came of it.
fn framed(embed: &Embed, result: Result<Response, Problem>) -> Response {
    let mut response = result.unwrap_or_else(|problem| match problem_page(&problem) {
        Ok(page) => (problem.status_code(), Html(page)).into_response(),
        Err(_) => problem.into_response(),
    });
    response.extensions_mut().insert(Framed(Arc::clone(&embed.origins)));
    response
}

fn problem_page(problem: &Problem) -> Result<String, askama::Error> {
    let fields = problem.fields.iter().map(|f| format!(" {}: {}", f.field, f.message));
    let shown = ui::components::Problem {
        status: problem.status,
        title: problem.title.clone(),
        text: std::iter::once(problem.detail.clone()).chain(fields).collect(),
        ways: Vec::new(),
        reference: None,
    };
    ProblemPage { shell: Shell::new(problem.title.clone()), problem: shown }.render()
}

/// The card.
async fn show(State(embed): State<Embed>, Query(asked): Query<Asked>) -> Response {
    let chosen = Chosen { reason: asked.reason, remedy: asked.remedy, ..Chosen::default() };
    let shown = shown(&embed, asked.pass, Sent { chosen, ..Sent::default() }, StatusCode::OK).await;
    framed(&embed, shown)
}

async fn shown(embed: &Embed, pass: String, sent: Sent, status: StatusCode) -> Result<Response, Problem> {
    let (at, known) = (embed.desk.clock.now(), embed.clone());
    let read = embed.desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let admitted = admitted(tx, &pass, at).await?;
            page(tx, &known, admitted, &sent, at).await
        })
    });
    let (page, opened) = read.await?;
    if let Some(opened) = opened {
        opened.keep(&embed.desk).await;
    }
    let page = page.render().map_err(|e| Problem::from(DbError::Defect(format!("a page cannot be printed: {e}"))))?;
    Ok((status, Html(page)).into_response())
}

/// The pass that came with a form.
fn brought(form: &Form) -> String {
    form.typed("_csrf").to_owned()
}

fn back(pass: &str) -> Response {
    Redirect::to(&format!("/embed/card?pass={pass}")).into_response()
}

/// Somebody answers a question of the card.
async fn facts(State(embed): State<Embed>, form: Form) -> Response {
    framed(&embed, said(&embed, &form).await)
}

async fn said(embed: &Embed, form: &Form) -> Result<Response, Problem> {
    let (pass, at, known) = (brought(form), embed.desk.clock.now(), embed.desk.charters.clone());
    let sent = form.clone();
    let (next, answered) = embed
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let Admitted { caller, case, next } = admitted(tx, &pass, at).await?;
                let not_taken = cases::state_answers(tx, &known, &case, &sent, &caller, at).await?;
                Ok((next, not_taken))
            })
        })
        .await?;
    let looked = cases::looked_from(form);
    if answered.is_empty() {
        let query = cases::looked_at(&looked).into_iter().chain([("pass", next)]).collect::<Vec<_>>();
        // Texts can always be encoded.
        return Ok(Redirect::to(&format!("/embed/card?{}", serde_urlencoded::to_string(query).unwrap_or_default())).into_response());
    }
    let chosen = Chosen { answered, ..looked };
    shown(embed, next, Sent { chosen, ..Sent::default() }, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Gives what the ruler says.
async fn give(State(embed): State<Embed>, form: Form) -> Response {
    framed(&embed, given(&embed, form).await)
}

async fn given(embed: &Embed, form: Form) -> Result<Response, Problem> {
    let (pass, clock, known) = (brought(&form), embed.desk.clock.clone(), embed.desk.charters.clone());
    let asked = match Wanted::read(form) {
        Ok(asked) => asked,
        Err(again) => return shown(embed, pass, *again, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let (admitting, form) = (pass.clone(), asked.clone());
    let written = embed.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let Admitted { caller, case, next } = admitted(tx, &admitting, clock.now()).await?;
            Ok((form.give(tx, &known, &caller, case.number, clock.clone()).await?, case.number, next))
        })
    });
    match written.await {
        Ok((came, number, next)) => {
            let ask = asked.passed_up(&came, number);
            match asked.again(came) {
                Some(again) => shown(embed, next, Sent { ask, ..again }, StatusCode::UNPROCESSABLE_ENTITY).await,
                None => Ok(back(&next)),
            }
        }
        Err(problem) if problem.code == SENT_BEFORE => Ok(back(&pass)),
        Err(problem) => Err(problem),
    }
}

/// The giver takes it back.
async fn withdraw(State(embed): State<Embed>, Path(id): Path<String>, form: Form) -> Response {
    framed(&embed, withdrawn(&embed, &id, &form).await)
}

async fn withdrawn(embed: &Embed, id: &str, form: &Form) -> Result<Response, Problem> {
    let (id, pass, at): (GrantId, _, _) = (id.parse().map_err(|_| Problem::not_found())?, brought(form), embed.desk.clock.now());
    let next = embed
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let Admitted { caller, case, next } = admitted(tx, &pass, at).await?;
                // The pass is for this case and no other.
                grants::by_id(tx, id).await?.filter(|grant| grant.case == case.id).ok_or_else(Problem::not_found)?;
                grants::withdraw(tx, id, &caller.actor(), at).await?;
                Ok(next)
            })
        })
        .await?;
    Ok(back(&next))
}

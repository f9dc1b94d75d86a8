//! The card in a frame. Everything here goes by the pass that comes with the request; a cookie, if a browser sends one, means nothing.

use std::sync::Arc;

use access::Permission;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use platform::clock::Clock;
use platform::db::{DbError, Tx};
use platform::http::{Form, Framed, Problem, Route};
use platform::limits::{KEY_CHARS, NAME_CHARS, TEXT_CHARS};
use serde::Deserialize;
use ui::components::Tone;
use ui::shell::Shell;

use super::Embed;
use super::card::{ProblemPage, page};
use super::pass::{Admitted, admitted};
use crate::cases::{self, Declared, SaidNo, Sent};
use crate::charters;
use crate::deciding::NoSituation;
use crate::grants::{self, Amount, GrantId, Item, Offer, Offered, SENT_BEFORE, in_units, once};
use crate::options::{Answered, Chosen, read_answer};
use crate::state::asker;

/// The routes of the card in a frame.
pub(super) fn routes(embed: &Embed) -> Vec<Route<Permission>> {
    vec![
        Route::get("/embed/card", Permission::Public, show, embed),
        Route::post("/embed/card/facts", Permission::Public, fact, embed).taking(&["value"]),
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
    let page = read.await?.render().map_err(|e| Problem::from(DbError::Defect(format!("a page cannot be printed: {e}"))))?;
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
async fn fact(State(embed): State<Embed>, form: Form) -> Response {
    framed(&embed, said(&embed, &form).await)
}

async fn said(embed: &Embed, form: &Form) -> Result<Response, Problem> {
    let (pass, at, known) = (brought(form), embed.desk.clock.now(), embed.desk.charters.clone());
    let (fact, typed) = (form.typed("fact").to_owned(), form.typed("value").to_owned());
    let (answered, value) = (fact.clone(), typed.clone());
    let (next, wrong) = embed
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let Admitted { caller, case, next } = admitted(tx, &pass, at).await?;
                let asker = asker(&caller)?;
                let in_force = charters::in_force(tx, &known).await?.ok_or(NoSituation::NoCharter)?;
                let found = in_force.charter.fact(&fact).and_then(|place| in_force.charter.facts.get(place)).ok_or_else(Problem::not_found)?;
                match read_answer(&in_force.charter, &fact, &value, &caller.formats()) {
                    Ok(value) => {
                        cases::state_fact(tx, &case, &fact, &value, &Declared::of(found), &asker, at).await.map(|()| (next, None)).map_err(Problem::from)
                    }
                    Err(wrong) => Ok((next, Some(wrong))),
                }
            })
        })
        .await?;
    let Some(wrong) = wrong else { return Ok(back(&next)) };
    let answered = Answered { fact: answered, typed, error: Some(wrong), is_change: false };
    let chosen = Chosen { answered: Some(answered), ..Chosen::default() };
    shown(embed, next, Sent { chosen, ..Sent::default() }, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Gives what the ruler says.
async fn give(State(embed): State<Embed>, form: Form) -> Response {
    framed(&embed, given(&embed, form).await)
}

/// What was asked for.
#[derive(Clone)]
struct Wanted {
    pass: String,
    item: Item,
    typed: String,
    beyond_no: bool,
    sent: Option<String>,
}

async fn given(embed: &Embed, mut form: Form) -> Result<Response, Problem> {
    let item =
        Item { remedy: form.text("remedy", NAME_CHARS), reason: form.optional("reason", NAME_CHARS), amount: None, why: form.optional("because", TEXT_CHARS) };
    let sent = form.optional("sent", KEY_CHARS);
    if !form.is_fine() {
        let told = form.problems().first().map_or_else(String::new, |p| p.message.clone());
        return Err(Problem::invalid(told).fields(form.problems().to_vec()));
    }
    let wanted = Wanted { pass: brought(&form), item, typed: form.typed("amount").to_owned(), beyond_no: form.typed("beyond_no") == "yes", sent };
    let (asked, clock, known) = (wanted.clone(), embed.desk.clock.clone(), embed.desk.charters.clone());
    let written = embed.desk.write::<_, Problem, _>(move |tx| Box::pin(async move { offer(tx, &known, &wanted, clock.clone()).await })).await;
    let (offered, units, next) = match written {
        Err(problem) if problem.code == SENT_BEFORE => return Ok(back(&asked.pass)),
        other => other?,
    };
    let mut again =
        Sent { chosen: Chosen { reason: asked.item.reason, remedy: Some(asked.item.remedy), amount: units, ..Chosen::default() }, ..Sent::default() };
    again.chosen.why = asked.item.why.unwrap_or_default();
    again.chosen.typed = asked.typed;
    let Some(offered) = offered else {
        again.chosen.error = Some("Write an amount, such as 15.00.".to_owned());
        return shown(embed, next, again, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match offered {
        Offered::Given { .. } => return Ok(back(&next)),
        Offered::NotGiven { answer, .. } => again.notice = Some((Tone::Stop, "Nothing was given".to_owned(), answer.sentence.clone())),
        Offered::SayWhy { .. } => again.chosen.error = Some("Say why it is worth more this time, in a few words.".to_owned()),
        Offered::SaidNoBefore { by, amount, at, .. } => {
            let text = "Somebody told this customer no to as much before. Give it all the same if you have a reason: they hear of it at once.";
            again.notice = Some((Tone::Caution, "There was a no before".to_owned(), text.to_owned()));
            again.said_no = Some(SaidNo { by, amount, at, form: Vec::new() });
        }
    }
    shown(embed, next, again, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// What came of it, in which units, and the next pass; nothing where no amount can be read.
async fn offer(tx: &mut Tx, known: &charters::Charters, wanted: &Wanted, clock: Clock) -> Result<(Option<Offered>, Option<i64>, String), Problem> {
    let at = clock.now();
    let Admitted { caller, case, next } = admitted(tx, &wanted.pass, at).await?;
    let asker = asker(&caller)?;
    let units = match in_units(tx, known, &wanted.item.remedy, &wanted.typed).await? {
        Amount::Units(units, text) => Some((units, text)),
        Amount::Act => None,
        Amount::None => return Ok((None, None, next)),
    };
    let item = Item { amount: units.as_ref().map(|(_, text)| text.clone()), ..wanted.item.clone() };
    let offered = grants::give(tx, known, &Offer { case: case.number, items: vec![item], beyond_no: wanted.beyond_no }, &asker, clock).await?;
    if matches!(offered, Offered::Given { .. }) {
        once(tx, &caller, wanted.sent.as_deref(), at).await?;
    }
    Ok((Some(offered), units.map(|(units, _)| units), next))
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

use access::Caller;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use platform::http::{Form, Problem};
use platform::limits::TEXT_CHARS;
use ui::components::Tone;

use super::super::commands::{self, Declared};
use super::super::model::Move;
use super::show::{Sent, looked_at, show_with};
use crate::charters;
use crate::deciding::NoSituation;
use crate::options::{Answered, Chosen, read_answer};
use crate::state::{Desk, asker, seen};

fn back(number: i64) -> Response {
    Redirect::to(&format!("/cases/{number}")).into_response()
}

/// The reason and the remedy that went with a form: what was looked at.
pub(crate) fn looked_from(form: &Form) -> Chosen {
    let looked_at = |name| Some(form.typed(name).to_owned()).filter(|text| !text.is_empty());
    Chosen { reason: looked_at("reason"), remedy: looked_at("remedy"), ..Chosen::default() }
}

/// The case as it was looked at.
fn back_to(number: i64, form: &Form) -> Response {
    // Texts can always be encoded.
    let query = serde_urlencoded::to_string(looked_at(&looked_from(form))).unwrap_or_default();
    Redirect::to(&format!("/cases/{number}{}{query}", if query.is_empty() { "" } else { "?" })).into_response()
}

/// The case once more, with what was sent and what is wrong with it.
async fn again(desk: &Desk, caller: Caller, number: i64, sent: Sent) -> Result<Response, Problem> {
    let page = show_with(desk, caller, number, sent).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What was wanted cannot be done as things are: the case as it is now, and why.
pub(crate) async fn not_now(desk: &Desk, caller: Caller, number: i64, title: &str, problem: Problem) -> Result<Response, Problem> {
    if problem.status != StatusCode::CONFLICT.as_u16() {
        return Err(problem);
    }
    let notice = Some((Tone::Caution, title.to_owned(), problem.detail));
    let page = show_with(desk, caller, number, Sent { notice, ..Sent::default() }).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Somebody answers a question of the card, or changes an answer.
pub(super) async fn fact(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Response, Problem> {
    let (asker, at, known, formats) = (asker(&caller)?, desk.clock.now(), desk.charters.clone(), caller.formats());
    let (fact, typed, who) = (form.typed("fact").to_owned(), form.typed("value").to_owned(), caller.clone());
    let (answered, value) = (fact.clone(), typed.clone());
    let done = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &who, number).await?;
                let in_force = charters::in_force(tx, &known).await?.ok_or(NoSituation::NoCharter)?;
                let found = in_force.charter.fact(&fact).and_then(|place| in_force.charter.facts.get(place)).ok_or_else(Problem::not_found)?;
                match read_answer(&in_force.charter, &fact, &value, &formats) {
                    Ok(value) => Ok(commands::state_fact(tx, &case, &fact, &value, &Declared::of(found), &asker, at).await.map(|()| None)?),
                    Err(wrong) => Ok(Some(wrong)),
                }
            })
        })
        .await;
    match done {
        Ok(None) => Ok(back_to(number, &form)),
        Ok(Some(wrong)) => {
            let answered = Answered { fact: answered, typed, error: Some(wrong), is_change: form.typed("again") == "yes" };
            let chosen = Chosen { answered: Some(answered), ..looked_from(&form) };
            again(&desk, caller, number, Sent { chosen, ..Sent::default() }).await
        }
        Err(problem) => not_now(&desk, caller, number, "Nothing was changed", problem).await,
    }
}

/// Somebody writes a note.
pub(super) async fn note(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let text = form.text("note", TEXT_CHARS);
    if !form.is_fine() {
        return again(&desk, caller, number, Sent { note: form, ..Sent::default() }).await;
    }
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            Ok(commands::note(tx, &case, &text, &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(back(number))
}

/// A case moves on.
pub(super) async fn move_on(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Response, Problem> {
    let word = form.typed("move");
    let by = Move::with_word(word).ok_or_else(|| Problem::invalid(format!("`{word}` is not something that can be done with a case.")))?;
    let (at, who) = (desk.clock.now(), caller.clone());
    let moved = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &who, number).await?;
                Ok(commands::move_on(tx, &case, by, &who.actor(), at).await?)
            })
        })
        .await;
    match moved {
        Ok(_) => Ok(back(number)),
        Err(problem) => not_now(&desk, caller, number, "Somebody was faster", problem).await,
    }
}

/// The caller takes a case.
pub(super) async fn take(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>) -> Result<Redirect, Problem> {
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            Ok(commands::assign(tx, &case, caller.staff().map(|s| s.0), &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(Redirect::to(&format!("/cases/{number}")))
}

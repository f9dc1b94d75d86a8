use access::Caller;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use charter::time::Instant;
use platform::db::Tx;
use platform::http::{Form, Problem};
use platform::limits::TEXT_CHARS;
use ui::components::Tone;

use super::super::commands::{self, Declared};
use super::super::model::{CaseRow, Move};
use super::show::{Sent, looked_at, show_with};
use crate::charters::{self, Charters};
use crate::deciding::NoSituation;
use crate::options::{Answered, Chosen, answers, read_answer};
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
pub(crate) fn back_to(number: i64, chosen: &Chosen) -> Response {
    // Texts can always be encoded.
    let query = serde_urlencoded::to_string(looked_at(chosen)).unwrap_or_default();
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

/// States what was answered in a form, if all of it can be read. Else nothing is stated, and all comes back, with what is wrong.
pub(crate) async fn state_answers(tx: &mut Tx, known: &Charters, case: &CaseRow, form: &Form, caller: &Caller, at: Instant) -> Result<Vec<Answered>, Problem> {
    let (asker, formats) = (asker(caller)?, caller.formats());
    let in_force = charters::in_force(tx, known).await?.ok_or(NoSituation::NoCharter)?;
    let charter = &in_force.charter;
    let (mut stated, mut not_taken, is_change) = (Vec::new(), Vec::new(), form.typed("again") == "yes");
    for (fact, typed) in answers(form) {
        let declared = charter.fact(&fact).and_then(|place| charter.facts.get(place)).map(Declared::of).ok_or_else(Problem::not_found)?;
        let read = read_answer(charter, &fact, &typed, &formats);
        let error = read.as_ref().err().cloned();
        stated.extend(read.ok().map(|value| (fact.clone(), value, declared)));
        not_taken.push(Answered { fact, typed, error, is_change });
    }
    if not_taken.iter().any(|answered| answered.error.is_some()) {
        return Ok(not_taken);
    }
    for (fact, value, declared) in stated {
        commands::state_fact(tx, case, &fact, &value, &declared, &asker, at).await?;
    }
    Ok(Vec::new())
}

/// Somebody answers questions of the card, or changes an answer.
pub(super) async fn facts(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Response, Problem> {
    let (at, known, who, sent) = (desk.clock.now(), desk.charters.clone(), caller.clone(), form.clone());
    let done = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &who, number).await?;
                state_answers(tx, &known, &case, &sent, &who, at).await
            })
        })
        .await;
    match done {
        Ok(not_taken) if not_taken.is_empty() => Ok(back_to(number, &looked_from(&form))),
        Ok(answered) => {
            let chosen = Chosen { answered, ..looked_from(&form) };
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

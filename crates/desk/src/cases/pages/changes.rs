use access::Caller;
use axum::extract::{Path, State};
use axum::response::Redirect;
use platform::http::{Form, Problem};
use platform::limits::TEXT_CHARS;

use super::super::commands::{self, Declared};
use super::super::model::Move;
use crate::charters;
use crate::options::read_answer;
use crate::state::{Desk, asker, seen};

fn back(number: i64) -> Redirect {
    Redirect::to(&format!("/cases/{number}"))
}

/// Somebody answers a question of the card.
pub(super) async fn fact(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Redirect, Problem> {
    let (asker, at, known) = (asker(&caller)?, desk.clock.now(), desk.charters.clone());
    let (fact, typed) = (form.typed("fact").to_owned(), form.typed("value").to_owned());
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let in_force = charters::in_force(tx, &known).await?.ok_or(crate::deciding::NoSituation::NoCharter)?;
            let value = read_answer(&in_force.charter, &fact, &typed).map_err(|message| Problem::invalid(format!("`{typed}`: {message}")))?;
            let found = in_force.charter.fact(&fact).and_then(|place| in_force.charter.facts.get(place)).ok_or_else(Problem::not_found)?;
            commands::state_fact(tx, &case, &fact, &value, &Declared::of(found), &asker, at).await?;
            Ok(())
        })
    })
    .await?;
    Ok(back(number))
}

/// Somebody writes a note.
pub(super) async fn note(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Redirect, Problem> {
    let text = form.text("note", TEXT_CHARS);
    if !form.is_fine() {
        return Err(Problem::invalid(form.problem("note")).fields(form.problems().to_vec()));
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
pub(super) async fn move_on(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Redirect, Problem> {
    let word = form.typed("move");
    let by = Move::with_word(word).ok_or_else(|| Problem::invalid(format!("`{word}` is not something that can be done with a case.")))?;
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            Ok(commands::move_on(tx, &case, by, &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(back(number))
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
    Ok(back(number))
}

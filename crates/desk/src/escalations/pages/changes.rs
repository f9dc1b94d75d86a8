use access::Caller;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use platform::actor::Actor;
use platform::http::{FieldProblem, Form, Problem};
use platform::limits::TEXT_CHARS;
use ui::components::{Notice, Tone};

use super::super::answer::{Feedback, Keeping, Verdict};
use super::super::known::known_held;
use super::super::model::{EscalationId, ItemRow, Rating, Standing};
use super::super::{answer as answers, commands, store};
use super::show;
use crate::state::{Desk, asker};

const HOUR: i64 = 3_600_000_000;
/// How long what is approved can be given, in hours, as the form has it.
const HOURS: [i64; 3] = [24, 72, 168];

fn back(id: EscalationId) -> Response {
    Redirect::to(&format!("/escalations/{id}")).into_response()
}

/// The page once more: with what is wrong with the form, or with why nothing was done as things are now.
async fn again(desk: &Desk, caller: Caller, id: EscalationId, mut form: Form, problem: Option<Problem>) -> Result<Response, Problem> {
    let Some(problem) = problem else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show::filled(desk, caller, id, form, None).await?).into_response());
    };
    for wrong in &problem.fields {
        form.wrong(&wrong.field, wrong.message.as_str());
    }
    if !problem.fields.is_empty() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show::filled(desk, caller, id, form, None).await?).into_response());
    }
    if problem.status != StatusCode::CONFLICT.as_u16() {
        return Err(problem);
    }
    let notice = Notice { text: problem.detail, ..Notice::new(Tone::Caution, "Nothing was changed") };
    Ok((StatusCode::CONFLICT, show::filled(desk, caller, id, form, Some(notice)).await?).into_response())
}

/// Somebody of the group takes it.
pub(super) async fn take(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, form: Form) -> Result<Response, Problem> {
    let (at, now, who, from) = (desk.clock.now(), desk.now(), caller.clone(), form.typed("from").parse::<Actor>().ok());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?.of_group()?;
            Ok(commands::take(tx, id, from.as_ref(), &who.actor(), at).await?)
        })
    });
    match done.await {
        Ok(()) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// Somebody of the group asks back.
pub(super) async fn ask_back(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, mut form: Form) -> Result<Response, Problem> {
    let words = form.text("words", TEXT_CHARS);
    if !form.is_fine() {
        return again(&desk, caller, id, form, None).await;
    }
    let (at, now, who) = (desk.clock.now(), desk.now(), caller.clone());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?.of_group()?;
            Ok(commands::ask_back(tx, id, &words, &who.actor(), at).await?)
        })
    });
    match done.await {
        Ok(()) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// Somebody who works on the case answers what was asked back.
pub(super) async fn reply(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, mut form: Form) -> Result<Response, Problem> {
    let words = form.text("words", TEXT_CHARS);
    if !form.is_fine() {
        return again(&desk, caller, id, form, None).await;
    }
    let (clock, now, who, charters) = (desk.clock.clone(), desk.now(), caller.clone(), desk.charters.clone());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?.of_case()?;
            Ok(commands::reply(tx, &charters, id, &words, &asker(&who)?, clock).await?)
        })
    });
    match done.await {
        Ok(()) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// The customer has given up.
pub(super) async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, form: Form) -> Result<Response, Problem> {
    let (clock, now, who, charters) = (desk.clock.clone(), desk.now(), caller.clone(), desk.charters.clone());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?.of_case()?;
            Ok(commands::withdraw(tx, &charters, id, &who.actor(), clock).await?)
        })
    });
    match done.await {
        Ok(()) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// The one who raised it rates the feedback.
pub(super) async fn rate(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, mut form: Form) -> Result<Response, Problem> {
    let Some(rating) = form.parsed("rating", |word| Rating::with_word(word).ok_or_else(|| "Choose one.".to_owned())) else {
        return again(&desk, caller, id, form, None).await;
    };
    let (at, now, who) = (desk.clock.now(), desk.now(), caller.clone());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?;
            Ok(commands::rate(tx, id, rating, &who.actor(), at).await?)
        })
    });
    match done.await {
        Ok(()) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// Somebody of the group answers.
pub(super) async fn answer(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, mut form: Form) -> Result<Response, Problem> {
    let words = form.text("words", TEXT_CHARS);
    let hours = form.typed("until").parse::<i64>().ok().filter(|hours| HOURS.contains(hours)).unwrap_or(72);
    if !form.is_fine() {
        return again(&desk, caller, id, form, None).await;
    }
    let rule = Some(form.typed("rule").to_owned()).filter(|rule| !rule.is_empty());
    // The form asks it before anybody knows whether what is given needs it.
    let kept = Standing::with_word(form.typed("kept")).map_or(Keeping::Unsaid, Keeping::Should);
    let feedback = Feedback { words, rule, until: desk.clock.now() + hours * HOUR, kept };
    let (clock, now, who, charters, typed) = (desk.clock.clone(), desk.now(), caller.clone(), desk.charters.clone(), form.clone());
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known_held(tx, &who, id, now).await?.of_group()?;
            let verdict = match typed.typed("verdict") {
                "give" => Verdict::Give,
                "less" => Verdict::Less(amounts(&typed, &store::items(tx, id).await?)?),
                _ => Verdict::No,
            };
            Ok(answers::answer(tx, &charters, id, (&verdict, &feedback), &asker(&who)?, clock).await?)
        })
    });
    match done.await {
        Ok(_) => Ok(back(id)),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

/// How much of each item, as it was typed, in the habit of the one who types; nothing of what is left empty, and of an act that is not ticked.
fn amounts(form: &Form, items: &[ItemRow]) -> Result<Vec<Option<String>>, Problem> {
    let of = |item: &ItemRow| {
        let name = format!("amount_{}", item.place);
        match (item.units, form.typed(&name)) {
            (None, typed) => Ok((typed == "yes").then(String::new)),
            (Some(_), "") => Ok(None),
            (Some(asked), typed) => match item.counted.units(typed).filter(|units| *units > 0) {
                None => Err(wrong(name, "Write an amount, such as 15.00.".to_owned())),
                Some(units) if units > asked => Err(wrong(name, format!("{} was asked for: write less than that.", item.amount()))),
                Some(units) => Ok(Some(item.counted.amount(units).text().to_owned())),
            },
        }
    };
    let amounts = items.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    if amounts.iter().all(Option::is_none) {
        return Err(wrong("amounts".to_owned(), "Write how much is given. To give nothing, choose “No, but …”.".to_owned()));
    }
    Ok(amounts)
}

fn wrong(field: String, message: String) -> Problem {
    Problem::invalid(message.clone()).fields(vec![FieldProblem { field, message }])
}

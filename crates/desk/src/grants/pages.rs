//! Giving, taking back, settling and correcting, by hand.

use access::people::StaffId;
use access::{Caller, Permission, teams};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem, Route};
use platform::limits::{KEY_CHARS, NAME_CHARS, TEXT_CHARS};
use ui::components::{Choice, Field, FieldKind, Segmented, Tone};
use ui::shell::{Crumb, Shell};

use super::commands::{self, GrantError, Item};
use super::form::{Amount, SENT_BEFORE, Sending, Wanted, in_units};
use super::model::{Cause, GrantId, GrantRow, GrantState};
use super::named::named;
use super::{approvals, offer, store, unsettled};
use crate::cases::{self, CaseRow, Sent, back_to, not_now, show_with};
use crate::escalations;
use crate::options::{Chosen, sentence_case, spoken};
use crate::state::{Desk, asker, leads, may_see, page, seen};

/// Every route of grants.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/cases/{number}/grants", Permission::Desk, give, desk).taking(&["because"]),
        Route::get("/cases/{number}/offer", Permission::Desk, offer::show, desk),
        Route::post("/cases/{number}/offer", Permission::Desk, offer::give, desk).taking(&["because"]),
        Route::post("/cases/{number}/refusals", Permission::Desk, refuse, desk).taking(&["amount"]),
        Route::post("/grants/{id}/withdrawal", Permission::Desk, withdraw, desk),
        Route::post("/grants/{id}/giving", Permission::Desk, give_approved, desk),
        Route::post("/grants/{id}/taking-back", Permission::Desk, take_back, desk),
        Route::get("/grants/{id}/correction", Permission::Lead, correction, desk),
        Route::post("/grants/{id}/correction", Permission::Lead, correct, desk).taking(&["note"]),
        Route::get("/grants/unsettled", Permission::Desk, unsettled::list, desk),
        Route::get("/grants/{id}/settlement", Permission::Desk, unsettled::ask, desk),
        Route::post("/grants/{id}/settlement", Permission::Desk, unsettled::settle, desk).taking(&["note"]),
    ]
}

/// Gives what the ruler says. What cannot be given is shown again where it was asked for, with why.
async fn give(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, form: Form) -> Result<Response, Problem> {
    let asked = match Wanted::read(form) {
        Ok(asked) => asked,
        Err(again) => return show_again(&desk, caller, number, *again).await,
    };
    let (clock, known, who, form) = (desk.clock.clone(), desk.charters.clone(), caller.clone(), asked.clone());
    let result = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                form.give(tx, &known, &who, number, clock).await
            })
        })
        .await;
    if let Some(form) = result.as_ref().ok().and_then(|came| asked.passed_up(came, number)) {
        return Ok(Redirect::to(&form).into_response());
    }
    match result.map(|came| asked.again(came)) {
        Ok(Some(again)) => show_again(&desk, caller, number, again).await,
        Ok(None) => Ok(back_to(number, &asked.for_reason())),
        Err(problem) if problem.code == SENT_BEFORE => Ok(back_to(number, &asked.for_reason())),
        Err(problem) => not_now(&desk, caller, number, "Nothing was given", problem).await,
    }
}

async fn show_again(desk: &Desk, caller: Caller, number: i64, sent: Sent) -> Result<Response, Problem> {
    let shown = show_with(desk, caller, number, sent).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// The customer is told no: that is noted, and whoever gives as much later sees it first.
async fn refuse(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let asker = asker(&caller)?;
    let (remedy, reason, sent) = (form.typed("remedy").to_owned(), form.optional("reason", NAME_CHARS), form.optional("sent", KEY_CHARS));
    let (at, known, who, typed) = (desk.clock.now(), desk.charters.clone(), caller.clone(), form.typed("amount").to_owned());
    let for_reason = Chosen { reason: reason.clone(), ..Chosen::default() };
    let chosen = Chosen { remedy: Some(remedy.clone()), ..for_reason.clone() };
    let result = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                let amount = match in_units(tx, &known, &remedy, &typed, &who.formats()).await? {
                    Amount::Units(_, text) => Some(text),
                    Amount::None(not) if !typed.is_empty() => return Ok(Some(not)),
                    Amount::None(_) | Amount::Act => None,
                };
                let sending = Sending::begin(tx, &who, sent.as_deref(), at).await?;
                commands::refuse(tx, &known, number, &Item { remedy, reason, amount, why: None }, &asker, at).await?;
                sending.done(tx, &who).await?;
                Ok(None)
            })
        })
        .await;
    match result {
        Ok(None) => Ok(back_to(number, &for_reason)),
        Ok(Some(not)) => {
            form.wrong("amount", not.may());
            show_again(&desk, caller, number, Sent { chosen, refusal: form, ..Sent::default() }).await
        }
        Err(problem) if problem.code == SENT_BEFORE => Ok(back_to(number, &for_reason)),
        Err(problem) => not_now(&desk, caller, number, "Nothing was noted", problem).await,
    }
}

pub(super) async fn case_of(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<(GrantRow, CaseRow), Problem> {
    let grant = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
    let case = cases::by_id(tx, grant.case).await?.filter(|case| may_see(caller, case)).ok_or_else(Problem::not_found)?;
    Ok((grant, case))
}

/// The giver takes it back. Whoever is too late sees the case as it is now.
async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Response, Problem> {
    let (at, who) = (desk.clock.now(), caller.clone());
    let (number, reason, withdrawn) = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (grant, case) = case_of(tx, &who, id).await?;
                match commands::withdraw(tx, id, &who.actor(), at).await {
                    Ok(()) => Ok((case.number, grant.reason, true)),
                    Err(GrantError::CannotMove(_)) => Ok((case.number, grant.reason, false)),
                    Err(other) => Err(other.into()),
                }
            })
        })
        .await?;
    let chosen = Chosen { reason, ..Chosen::default() };
    if withdrawn {
        return Ok(back_to(number, &chosen));
    }
    let text = "The time to take it back was over a moment before. If it was given in error, a lead can correct it until the customer has it.";
    let notice = Some((Tone::Caution, "It could no longer be taken back".to_owned(), text.to_owned()));
    let shown = show_with(&desk, caller, number, Sent { chosen, notice, ..Sent::default() }).await?;
    Ok((StatusCode::CONFLICT, shown).into_response())
}

/// Gives what was approved. Whoever is too late sees the case as it is now.
async fn give_approved(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Response, Problem> {
    let (clock, known, who) = (desk.clock.clone(), desk.charters.clone(), caller.clone());
    let found = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { case_of(tx, &who, id).await }));
    let ((GrantRow { reason, .. }, CaseRow { number, .. }), by) = (found.await?, caller.actor());
    let given = desk.write::<_, GrantError, _>(move |tx| Box::pin(async move { approvals::give_approved(tx, &known, id, &by, clock).await }));
    match given.await {
        Ok(_) => Ok(back_to(number, &Chosen { reason, ..Chosen::default() })),
        Err(problem) => not_now(&desk, caller, number, "It was not given", problem).await,
    }
}

/// Whether somebody may take back what was approved: who approved it, and who leads them.
pub(crate) async fn may_take_back(tx: &mut Tx, caller: &Caller, approval: &GrantRow, at: Instant) -> Result<bool, DbError> {
    if approval.giver == caller.actor() {
        return Ok(true);
    }
    let Some(approver) = approval.giver.staff().filter(|_| caller.is_person()) else { return Ok(false) };
    Ok(teams::reach(tx, StaffId(approver), at).await?.iter().any(|of| of.is_own && caller.leads(of.team)))
}

/// Takes back what was approved and not given, for one who may; its case.
pub(super) async fn take_back_approved(tx: &mut Tx, caller: &Caller, id: GrantId, at: Instant) -> Result<CaseRow, Problem> {
    let grant = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
    let case = cases::by_id(tx, grant.case).await?.ok_or_else(Problem::not_found)?;
    let may = may_take_back(tx, caller, &grant, at).await?;
    if !may && !may_see(caller, &case) {
        return Err(Problem::not_found());
    }
    // Whose it was is not known any more once it is given.
    if grant.state != GrantState::Offered {
        return Err(GrantError::CannotMove(grant.state).into());
    }
    if !may {
        return Err(Problem::not_permitted().detail("Who approved it takes it back, or who leads them."));
    }
    if approvals::take_back_approved(tx, id, &caller.actor(), at).await? {
        return Ok(case);
    }
    let state = store::by_id(tx, id).await?.map_or(grant.state, |grant| grant.state);
    Err(GrantError::CannotMove(state).into())
}

/// Who approved something takes it back. Whoever is too late sees where it stands.
async fn take_back(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Response, Problem> {
    let at = desk.clock.now();
    let done = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let escalation = escalations::of_grant(tx, id).await?.ok_or_else(Problem::not_found)?;
            match take_back_approved(tx, &caller, id, at).await {
                Err(problem) if problem.status != StatusCode::CONFLICT.as_u16() => Err(problem),
                _ => Ok(escalation),
            }
        })
    });
    Ok(Redirect::to(&format!("/escalations/{}", done.await?)).into_response())
}

#[derive(Template)]
#[template(path = "grants/templates/correct.html")]
struct CorrectPage {
    shell: Shell,
    action: String,
    cause: Segmented,
    note: Field,
}

/// The form that corrects an error.
async fn correction(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Html<String>, Problem> {
    let (shell, number) = correcting(&desk, &caller, id).await?;
    correct_page(shell, id, number, &Form::default())
}

/// The frame of that form, which names the grant, and the number of its case.
async fn correcting(desk: &Desk, caller: &Caller, id: GrantId) -> Result<(Shell, i64), Problem> {
    let mut shell = (desk.frame)(caller, "Correct an error");
    let (who, known, now) = (caller.clone(), desk.charters.clone(), desk.now());
    let (named, number) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (grant, case) = led(tx, &who, id).await?;
                Ok((named(tx, &known, &who, &grant, &case, now).await?, case.number))
            })
        })
        .await?;
    shell.context = named;
    Ok((shell, number))
}

/// A grant in a case of a team that the caller leads.
pub(super) async fn led(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<(GrantRow, CaseRow), Problem> {
    let (grant, case) = case_of(tx, caller, id).await?;
    if leads(caller, &case) { Ok((grant, case)) } else { Err(Problem::not_permitted()) }
}

fn correct_page(mut shell: Shell, id: GrantId, number: i64, form: &Form) -> Result<Html<String>, Problem> {
    shell.crumbs =
        vec![Crumb { label: "Cases".to_owned(), href: Some("/cases".to_owned()) }, Crumb { label: number.to_string(), href: Some(format!("/cases/{number}")) }];
    let choice = |c: Cause| Choice { value: c.word().to_owned(), label: sentence_case(&spoken(c.word())), is_chosen: form.typed("cause") == c.word() };
    page(&CorrectPage {
        shell,
        action: format!("/grants/{id}/correction"),
        cause: Segmented {
            name: "cause".to_owned(),
            label: "What went wrong?".to_owned(),
            choices: Cause::ALL.map(choice).to_vec(),
            error: form.error("cause"),
            ..Segmented::default()
        },
        note: Field {
            kind: FieldKind::Long,
            value: form.typed("note").to_owned(),
            error: form.error("note"),
            hint: "The one who gave it reads this.".to_owned(),
            ..Field::new("note", "What exactly?")
        },
    })
}

/// Corrects an error.
async fn correct(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>, mut form: Form) -> Result<Response, Problem> {
    let cause = form.parsed("cause", |word| Cause::with_word(word).ok_or_else(|| "Choose what went wrong.".to_owned()));
    let note = form.text("note", TEXT_CHARS);
    let (shell, number) = correcting(&desk, &caller, id).await?;
    let (Some(cause), true) = (cause, form.is_fine()) else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, correct_page(shell, id, number, &form)?).into_response());
    };
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            led(tx, &caller, id).await?;
            Ok(commands::correct(tx, id, cause, &note, &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(Redirect::to(&format!("/cases/{number}")).into_response())
}

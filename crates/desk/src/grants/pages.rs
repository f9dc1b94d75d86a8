//! Giving, taking back, settling and correcting, by hand.

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::explain::Answer;
use charter::time::Instant;
use platform::db::Tx;
use platform::http::{Form, Problem, Route};
use platform::idempotency::{self, Claim};
use platform::limits::{KEY_CHARS, NAME_CHARS, TEXT_CHARS};
use ui::components::{Choice, Field, FieldKind, Segmented, Tone};
use ui::shell::{Crumb, Shell};

use super::commands::{self, GrantError, Item, Offer, Offered};
use super::model::{Cause, GrantId, GrantRow};
use super::{store, unsettled};
use crate::cases::{self, CaseRow, SaidNo, Sent as CaseSent, not_now, show_with};
use crate::charters;
use crate::options::{Chosen, sentence_case, spoken};
use crate::state::{Desk, asker, leads, may_see, page, seen};

/// Every route of grants.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/cases/{number}/grants", Permission::Desk, give, desk).taking(&["because"]),
        Route::post("/cases/{number}/refusals", Permission::Desk, refuse, desk).taking(&["amount"]),
        Route::post("/grants/{id}/withdrawal", Permission::Desk, withdraw, desk),
        Route::get("/grants/{id}/correction", Permission::Lead, correction, desk),
        Route::post("/grants/{id}/correction", Permission::Lead, correct, desk).taking(&["note"]),
        Route::get("/grants/unsettled", Permission::Desk, unsettled::list, desk),
        Route::post("/grants/{id}/settlement", Permission::Desk, unsettled::settle, desk),
    ]
}

/// A form that is sent twice gives once: its second time leads to what the first one did.
pub(crate) const SENT_BEFORE: &str = "sent-before";

/// How much of an amount that cannot be read is shown again.
const TYPED_CHARS: usize = 20;

/// What came of a form that gives something.
enum Sent {
    Offered(Offered, Option<i64>),
    /// It holds no amount.
    NoAmount,
}

/// Gives what the ruler says. What cannot be given is shown again where it was asked for, with why.
async fn give(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let asker = asker(&caller)?;
    let why = form.optional("because", TEXT_CHARS);
    let (remedy, reason) = (form.typed("remedy").to_owned(), form.optional("reason", NAME_CHARS));
    let chosen = Chosen { reason: reason.clone(), remedy: Some(remedy.clone()), why: form.typed("because").to_owned(), ..Chosen::default() };
    if !form.is_fine() {
        let error = form.error("because").or_else(|| form.error("reason"));
        let typed = form.typed("amount").chars().take(TYPED_CHARS).collect();
        return again(&desk, caller, number, CaseSent { chosen: Chosen { error, typed, ..chosen }, ..CaseSent::default() }).await;
    }
    let (at, clock, known, who) = (desk.clock.now(), desk.clock.clone(), desk.charters.clone(), caller.clone());
    let asked = Item { remedy, reason, amount: None, why };
    let (typed, beyond_no) = (form.typed("amount").to_owned(), form.typed("beyond_no") == "yes");
    let sent = form.optional("sent", KEY_CHARS);
    if !form.is_fine() {
        return Err(Problem::invalid(form.problem("because")).fields(form.problems().to_vec()));
    }
    let result = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                let units = match in_units(tx, &known, &asked.remedy, &typed).await? {
                    Amount::Units(units, text) => Some((units, text)),
                    Amount::Act => None,
                    Amount::None => return Ok(Sent::NoAmount),
                };
                let item = Item { amount: units.as_ref().map(|(_, text)| text.clone()), ..asked };
                let offer = Offer { case: number, items: vec![item], beyond_no };
                let offered = commands::give(tx, &known, &offer, &asker, clock).await?;
                if matches!(offered, Offered::Given { .. }) {
                    once(tx, &who, sent.as_deref(), at).await?;
                }
                Ok(Sent::Offered(offered, units.map(|(units, _)| units)))
            })
        })
        .await;
    match result {
        Ok(sent) => offered(&desk, caller, number, form, chosen, sent).await,
        Err(problem) if problem.code == SENT_BEFORE => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Err(problem) => not_now(&desk, caller, number, "Nothing was given", problem).await,
    }
}

/// Notes that a form was sent; a second time is a problem, and takes back what was done with it.
pub(crate) async fn once(tx: &mut Tx, caller: &Caller, sent: Option<&str>, at: Instant) -> Result<(), Problem> {
    let Some(sent) = sent else { return Ok(()) };
    let (actor, key) = (caller.actor(), format!("form {sent}"));
    match idempotency::claim(tx, &actor, &key, b"", at).await? {
        // A key without an answer could be claimed again.
        Claim::New => Ok(idempotency::keep(tx, &actor, &key, 303, "").await?),
        _ => Err(Problem::conflict(SENT_BEFORE, "This form was sent before, and what it asked for was done then.")),
    }
}

/// To the case; or the case once more, with why nothing was given.
async fn offered(desk: &Desk, caller: Caller, number: i64, form: Form, mut chosen: Chosen, sent: Sent) -> Result<Response, Problem> {
    chosen.typed = form.typed("amount").chars().take(TYPED_CHARS).collect();
    let mut shown = CaseSent::default();
    match sent {
        Sent::Offered(Offered::Given { .. }, _) => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Sent::NoAmount => chosen.error = Some("Write an amount, such as 15.00.".to_owned()),
        Sent::Offered(offered, units) => {
            chosen.amount = units;
            match offered {
                Offered::SayWhy { .. } => chosen.error = Some("Say why it is worth more this time, in a few words.".to_owned()),
                Offered::NotGiven { answer, .. } => shown.notice = Some(not_given(&answer)),
                Offered::SaidNoBefore { by, amount, at, .. } => {
                    let kept = ["sent", "remedy", "reason", "amount", "because"].map(|name| (name.to_owned(), form.typed(name).to_owned()));
                    shown.said_no = Some(SaidNo { by, amount, at, form: kept.to_vec() });
                }
                Offered::Given { .. } => {}
            }
        }
    }
    again(desk, caller, number, CaseSent { chosen, ..shown }).await
}

async fn again(desk: &Desk, caller: Caller, number: i64, sent: CaseSent) -> Result<Response, Problem> {
    let shown = show_with(desk, caller, number, sent).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// What was typed as an amount.
pub(crate) enum Amount {
    /// In units of the measure, and as requests write it.
    Units(i64, String),
    /// The remedy has none.
    Act,
    /// It cannot be read.
    None,
}

pub(crate) async fn in_units(tx: &mut Tx, known: &charters::Charters, remedy: &str, typed: &str) -> Result<Amount, Problem> {
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(Amount::Act) };
    let charter = &in_force.charter;
    let Some(remedy) = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)) else { return Ok(Amount::Act) };
    if remedy.measure == charter::money::Measure::Act {
        return Ok(Amount::Act);
    }
    let units = ui::format::parse_decimal(typed, remedy.measure.places(&charter.currency));
    Ok(units.map_or(Amount::None, |units| Amount::Units(units, remedy.measure.amount(units, &charter.currency).text().to_owned())))
}

/// The customer is told no: that is noted, and whoever gives as much later sees it first.
async fn refuse(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let asker = asker(&caller)?;
    let (remedy, reason, sent) = (form.typed("remedy").to_owned(), form.optional("reason", NAME_CHARS), form.optional("sent", KEY_CHARS));
    let (at, known, who, typed) = (desk.clock.now(), desk.charters.clone(), caller.clone(), form.typed("amount").to_owned());
    let chosen = Chosen { reason: reason.clone(), remedy: Some(remedy.clone()), ..Chosen::default() };
    let result = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &who, number).await?;
                if !case.state.takes_grants() {
                    return Err(GrantError::CaseSettled(case.state).into());
                }
                let amount = match in_units(tx, &known, &remedy, &typed).await? {
                    Amount::Units(_, text) => Some(text),
                    Amount::None if !typed.is_empty() => return Ok(false),
                    Amount::None | Amount::Act => None,
                };
                commands::refuse(tx, &known, number, &Item { remedy, reason, amount, why: None }, &asker, at).await?;
                once(tx, &who, sent.as_deref(), at).await?;
                Ok(true)
            })
        })
        .await;
    match result {
        Ok(true) => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Ok(false) => {
            form.wrong("amount", "Write an amount, such as 15.00, or leave it empty.");
            again(&desk, caller, number, CaseSent { chosen, refusal: form, ..CaseSent::default() }).await
        }
        Err(problem) if problem.code == SENT_BEFORE => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Err(problem) => not_now(&desk, caller, number, "Nothing was noted", problem).await,
    }
}

fn not_given(answer: &Answer) -> (Tone, String, String) {
    (Tone::Stop, "Nothing was given".to_owned(), answer.sentence.clone())
}

pub(super) async fn case_of(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<(GrantRow, CaseRow), Problem> {
    let grant = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
    let case = cases::by_id(tx, grant.case).await?.filter(|case| may_see(caller, case)).ok_or_else(Problem::not_found)?;
    Ok((grant, case))
}

/// The giver takes it back. Whoever is too late sees the case as it is now.
async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Response, Problem> {
    let (at, who) = (desk.clock.now(), caller.clone());
    let (number, withdrawn) = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (_, case) = case_of(tx, &who, id).await?;
                match commands::withdraw(tx, id, &who.actor(), at).await {
                    Ok(()) => Ok((case.number, true)),
                    Err(GrantError::CannotMove(_)) => Ok((case.number, false)),
                    Err(other) => Err(other.into()),
                }
            })
        })
        .await?;
    if withdrawn {
        return Ok(Redirect::to(&format!("/cases/{number}")).into_response());
    }
    let text = "The time to take it back was over a moment before. If it was given in error, a lead can correct it until the customer has it.";
    let notice = Some((Tone::Caution, "It could no longer be taken back".to_owned(), text.to_owned()));
    let shown = show_with(&desk, caller, number, CaseSent { notice, ..CaseSent::default() }).await?;
    Ok((StatusCode::CONFLICT, shown).into_response())
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
    let shell = (desk.frame)(&caller, "Correct an error");
    let number = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(led(tx, &caller, id).await?.number) })).await?;
    correct_page(shell, id, number, &Form::default())
}

pub(super) async fn led(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<CaseRow, Problem> {
    let (_, case) = case_of(tx, caller, id).await?;
    if leads(caller, &case) { Ok(case) } else { Err(Problem::not_permitted()) }
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
    let who = caller.clone();
    let number = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { Ok(led(tx, &who, id).await?.number) })).await?;
    let (Some(cause), true) = (cause, form.is_fine()) else {
        let shell = (desk.frame)(&caller, "Correct an error");
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

//! Giving, taking back, settling and correcting, by hand.

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::explain::Answer;
use jiff::Timestamp;
use platform::db::Tx;
use platform::http::{Form, Problem, Route};
use platform::idempotency::{self, Claim};
use platform::limits::{KEY_CHARS, PAGE_ENTRIES, TEXT_CHARS};
use serde::Deserialize;
use ui::components::{Choice, Empty, Field, FieldKind, Pager, Segmented, Tab, Tabs, Tone};
use ui::shell::{Crumb, Shell};

use super::commands::{self, Item, Offer, Offered};
use super::model::{Cause, GrantId, GrantRow, GrantState, Settled};
use super::store;
use crate::cases::{self, CaseRow, Sent, show_with};
use crate::charters;
use crate::options::{Chosen, amount, sentence_case, spoken, title};
use crate::state::{Desk, asker, leads, may_see, page, seen};

/// Every route of grants.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/cases/{number}/grants", Permission::Desk, give, desk).taking(&["because"]),
        Route::post("/grants/{id}/withdrawal", Permission::Desk, withdraw, desk),
        Route::get("/grants/{id}/correction", Permission::Lead, correction, desk),
        Route::post("/grants/{id}/correction", Permission::Lead, correct, desk).taking(&["note"]),
        Route::get("/grants/unsettled", Permission::Desk, unsettled, desk),
        Route::post("/grants/{id}/settlement", Permission::Desk, settle, desk),
    ]
}

/// A form that is sent twice gives once: its second time leads to what the first one did.
const SENT_BEFORE: &str = "sent-before";

/// Gives what the ruler says. What cannot be given is shown again where it was asked for, with why.
async fn give(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let asker = asker(&caller)?;
    let why = form.optional("because", TEXT_CHARS);
    let (remedy, reason) = (form.typed("remedy").to_owned(), form.optional("reason", 100));
    let (at, known, who) = (desk.clock.now(), desk.charters.clone(), caller.clone());
    let asked = Item { remedy: remedy.clone(), reason: reason.clone(), amount: None, why: why.clone() };
    let (typed, beyond_no) = (form.typed("amount").to_owned(), form.typed("beyond_no") == "yes");
    let sent = form.optional("sent", KEY_CHARS);
    let result = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                let units = in_units(tx, &known, &asked.remedy, &typed).await?;
                let item = Item { amount: units.as_ref().map(|(_, text)| text.clone()), ..asked };
                let offer = Offer { case: number, items: vec![item], beyond_no };
                let offered = commands::give(tx, &known, &offer, &asker, at).await?;
                if let (Offered::Given { .. }, Some(sent)) = (&offered, sent)
                    && idempotency::claim(tx, &who.actor(), &format!("form {sent}"), b"", at).await? != Claim::New
                {
                    return Err(Problem::conflict(SENT_BEFORE, "This form was sent before, and what it asked for was given then."));
                }
                Ok((offered, units.map(|(units, _)| units)))
            })
        })
        .await;
    let (result, units) = match result {
        Err(problem) if problem.code == SENT_BEFORE => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        other => other?,
    };
    let mut beyond_no = false;
    let (error, notice) = match result {
        Offered::Given { .. } => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Offered::NotGiven { answer, .. } => (None, Some(not_given(&answer))),
        Offered::SayWhy { .. } => (Some("Say why it is worth more this time, in a few words.".to_owned()), None),
        Offered::SaidNoBefore { .. } => {
            let text = "Somebody told this customer no to as much before. Give it all the same if you have a reason: they hear of it at once.";
            beyond_no = true;
            (None, Some((Tone::Caution, "There was a no before".to_owned(), text.to_owned())))
        }
    };
    let chosen = Chosen { reason, remedy: Some(remedy), amount: units, why: why.unwrap_or_default(), error };
    let shown = show_with(&desk, caller, number, Sent { chosen, notice, beyond_no }).await?;
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// What was typed: in units of the measure, and as requests write it.
pub(crate) async fn in_units(tx: &mut Tx, known: &charters::Charters, remedy: &str, typed: &str) -> Result<Option<(i64, String)>, Problem> {
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(None) };
    let charter = &in_force.charter;
    let Some(remedy) = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)) else { return Ok(None) };
    if remedy.measure == charter::money::Measure::Act {
        return Ok(None);
    }
    let places = remedy.measure.places(&charter.currency);
    let units = ui::format::parse_decimal(typed, places).ok_or_else(|| Problem::invalid(format!("`{typed}` is not an amount. Write it like 15.00.")))?;
    Ok(Some((units, remedy.measure.amount(units, &charter.currency).text().to_owned())))
}

fn not_given(answer: &Answer) -> (Tone, String, String) {
    (Tone::Stop, "Nothing was given".to_owned(), answer.sentence.clone())
}

pub(super) async fn case_of(tx: &mut Tx, caller: &Caller, id: GrantId) -> Result<(GrantRow, CaseRow), Problem> {
    let grant = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
    let case = cases::by_id(tx, grant.case).await?.filter(|case| may_see(caller, case)).ok_or_else(Problem::not_found)?;
    Ok((grant, case))
}

/// The giver takes it back.
async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>) -> Result<Redirect, Problem> {
    let at = desk.clock.now();
    let number = desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let (_, case) = case_of(tx, &caller, id).await?;
                commands::withdraw(tx, id, &caller.actor(), at).await?;
                Ok(case.number)
            })
        })
        .await?;
    Ok(Redirect::to(&format!("/cases/{number}")))
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
        return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, correct_page(shell, id, number, &form)?).into_response());
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

#[derive(Debug, Deserialize)]
struct AskedUnsettled {
    state: Option<String>,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "grants/templates/unsettled.html")]
struct UnsettledPage {
    shell: Shell,
    tabs: Tabs,
    rows: Vec<UnsettledView>,
    pager: Pager,
    empty: Empty,
}

struct UnsettledView {
    what: String,
    case: i64,
    given: String,
    at: String,
    action: String,
}

/// What was sent and is not settled: who pays, ships or books it says what came of it.
async fn unsettled(State(desk): State<Desk>, caller: Caller, Query(asked): Query<AskedUnsettled>) -> Result<Html<String>, Problem> {
    let state = match asked.state.as_deref() {
        Some("failed") => GrantState::Failed,
        Some("unclear") => GrantState::Unclear,
        _ => GrantState::Sent,
    };
    let mut shell = (desk.frame)(&caller, "To hand over");
    let (after, known, formats, now) = (asked.after.unwrap_or(0), desk.charters.clone(), caller.formats(), desk.now());
    let (rows, last) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let in_force = charters::in_force(tx, &known).await?;
                let found = store::unsettled(tx, state, after, PAGE_ENTRIES).await?;
                let last = found.last().filter(|_| i64::try_from(found.len()).is_ok_and(|n| n == PAGE_ENTRIES)).map(|g| g.seq);
                let mut rows = Vec::with_capacity(found.len());
                for grant in found {
                    let Some(case) = cases::by_id(tx, grant.case).await?.filter(|case| may_see(&caller, case)) else { continue };
                    let given = Timestamp::from_microsecond(grant.at).unwrap_or(now);
                    let what = in_force.as_ref().map_or_else(
                        || spoken(&grant.remedy),
                        |c| format!("{} {}", title(&c.charter, &grant.remedy), amount(&c.charter, &grant.remedy, grant.units)),
                    );
                    let (case, action) = (case.number, format!("/grants/{}/settlement", grant.id));
                    rows.push(UnsettledView { what, case, given: formats.age(given, now), at: given.to_string(), action });
                }
                Ok((rows, last))
            })
        })
        .await?;
    shell.context = "Remedies that were sent and wait for somebody to pay, ship or book them.".to_owned();
    let tab = |word: &str, label: &str| Tab {
        label: label.to_owned(),
        href: format!("/grants/unsettled?state={word}"),
        count: None,
        is_current: state.word() == word,
    };
    page(&UnsettledPage {
        shell,
        tabs: Tabs { label: "Where they stand".to_owned(), tabs: vec![tab("sent", "Sent"), tab("failed", "Failed"), tab("unclear", "Unclear")] },
        rows,
        pager: Pager { label: "Pages".to_owned(), next: last.map(|seq| format!("/grants/unsettled?state={}&after={seq}", state.word())), ..Pager::default() },
        empty: Empty { title: "Nothing waits here".to_owned(), text: "What is given comes here twenty seconds later.".to_owned(), action: None },
    })
}

/// Whoever gave it does not also say that the customer has it: that would end the time in which an error can be mended.
pub(super) fn may_settle(caller: &Caller, grant: &GrantRow) -> Result<(), Problem> {
    if grant.giver == caller.actor() && !caller.is_lead() {
        return Err(Problem::not_permitted().detail("You gave this yourself. Somebody else, or a lead, says what came of it."));
    }
    Ok(())
}

/// Says what came of a grant.
async fn settle(State(desk): State<Desk>, caller: Caller, Path(id): Path<GrantId>, form: Form) -> Result<Redirect, Problem> {
    let word = form.typed("settled");
    let unknown = || Problem::invalid(format!("`{word}` is not what can come of a grant: fulfilled, failed or unclear."));
    let settled = Settled::with_word(word).ok_or_else(unknown)?;
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (grant, _) = case_of(tx, &caller, id).await?;
            may_settle(&caller, &grant)?;
            Ok(commands::settle(tx, id, settled, None, &caller.actor(), at).await?)
        })
    })
    .await?;
    Ok(Redirect::to("/grants/unsettled"))
}

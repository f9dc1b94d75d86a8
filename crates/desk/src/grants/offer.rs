//! Several remedies given together, by a form: all of them, or nothing.

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use platform::clock::Clock;
use platform::db::Tx;
use platform::http::{Form, Problem};
use platform::id::Id;
use platform::limits::{KEY_CHARS, NAME_CHARS, TEXT_CHARS};
use serde::Deserialize;
use ui::components::{Check, Field, FieldKind, Segmented};
use ui::ruler::RulerForm;
use ui::shell::{Crumb, Shell};

use super::commands::{self, GrantError, Offer, Offered};
use super::form::{SENT_BEFORE, Sending};
use super::lines::{Line, field_of, filled_in};
use crate::cases::back_to;
use crate::charters::Charters;
use crate::options::{Card, Chosen, Look};
use crate::state::{Desk, asker, page, seen};

#[derive(Template)]
#[template(path = "grants/templates/offer.html")]
struct OfferPage {
    shell: Shell,
    here: String,
    case: String,
    reasons: Segmented,
    hidden: Vec<(&'static str, String)>,
    /// Each remedy that is mine to give.
    lines: Vec<Line>,
    error: Option<String>,
    why: Field,
    beyond_no: Option<Check>,
}

/// What is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    reason: Option<String>,
}

/// The form: each remedy that is mine to give for a reason.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    shown(&desk, caller, number, asked.reason, Form::default()).await
}

async fn shown(desk: &Desk, caller: Caller, number: i64, reason: Option<String>, form: Form) -> Result<Html<String>, Problem> {
    let shell = (desk.frame)(&caller, "Several remedies, one offer");
    let (at, now, known) = (desk.clock.now(), desk.now(), desk.charters.clone());
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            if !case.state.takes_grants() {
                return Err(GrantError::CaseSettled(case.state).into());
            }
            let chosen = Chosen { reason, ..Chosen::default() };
            let look = Look { caller: &caller, case: &case, chosen: &chosen, grants: &[], at, now };
            let (card, opened) = look.card(tx, &known, |_, _| RulerForm::new("", "")).await?.map_err(|notice| Problem::conflict("no-card", notice.text))?;
            Ok((offer_page(shell, number, card, opened.charter(), &form, (caller.formats().locale, Id::new(at))), opened))
        })
    });
    let (view, opened) = read.await?;
    opened.keep(desk).await;
    page(&view)
}

fn offer_page(mut shell: Shell, number: i64, card: Card, charter: &charter::Charter, form: &Form, (locale, fresh): (ui::format::Locale, Id)) -> OfferPage {
    let case = format!("/cases/{number}");
    shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb { label: number.to_string(), href: Some(case.clone()) }];
    // What was mine a moment ago says what has changed.
    let mine = card.others.iter().filter(|other| other.is_mine() || form.error(&field_of(&other.remedy)).is_some());
    let line = |other: &crate::options::Other| {
        let remedy = charter.remedies.get(charter.remedy(&other.remedy)?)?;
        Some(Line::new(charter, remedy, other.answer.clone(), form, locale))
    };
    let sent = Some(form.typed("sent")).filter(|sent| !sent.is_empty()).map_or_else(|| fresh.to_string(), str::to_owned);
    let went_beyond = form.error("beyond_no").is_some() || form.typed("beyond_no") == "yes";
    OfferPage {
        shell,
        here: format!("{case}/offer"),
        case,
        hidden: [("sent", Some(sent)), ("reason", card.reason.clone())].into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        lines: mine.filter_map(line).collect(),
        error: form.error("offer"),
        why: Field {
            kind: FieldKind::Long,
            value: form.typed("because").to_owned(),
            error: form.error("because"),
            hint: "Where the charter wants to hear it. It goes with each of them.".to_owned(),
            is_optional: true,
            ..Field::new("because", "Why is it worth more this time?")
        },
        beyond_no: went_beyond.then(|| Check {
            name: "beyond_no".to_owned(),
            label: "Give it all the same".to_owned(),
            hint: form.error("beyond_no").unwrap_or_default(),
            is_checked: form.typed("beyond_no") == "yes",
            ..Check::default()
        }),
        reasons: card.reasons,
    }
}

/// Gives what was filled in. What cannot be given is said at its field, and nothing is given.
pub(super) async fn give(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let wanted = Wanted {
        why: form.optional("because", TEXT_CHARS),
        reason: form.optional("reason", NAME_CHARS),
        sent: form.optional("sent", KEY_CHARS),
        beyond_no: form.typed("beyond_no") == "yes",
    };
    let reason = wanted.reason.clone();
    if form.is_fine() {
        let (who, known, clock, typed) = (caller.clone(), desk.charters.clone(), desk.clock.clone(), form.clone());
        let written = desk.write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                wanted.give(tx, &known, &who, (number, typed), clock).await
            })
        });
        let back = || Ok(back_to(number, &Chosen { reason: reason.clone(), ..Chosen::default() }));
        form = match written.await {
            Ok(None) => return back(),
            Ok(Some(form)) => form,
            Err(problem) if problem.code == SENT_BEFORE => return back(),
            Err(problem) => return Err(problem),
        };
    }
    let shown = shown(&desk, caller, number, reason, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// What goes for all of it.
#[derive(Clone)]
struct Wanted {
    why: Option<String>,
    reason: Option<String>,
    sent: Option<String>,
    beyond_no: bool,
}

impl Wanted {
    /// The form with what is wrong with it; nothing if all of it was given.
    async fn give(&self, tx: &mut Tx, known: &Charters, caller: &Caller, (case, mut form): (i64, Form), clock: Clock) -> Result<Option<Form>, Problem> {
        let (asker, at) = (asker(caller)?, clock.now());
        let items = filled_in(tx, known, &mut form, (self.reason.as_deref(), self.why.as_deref()), &caller.formats()).await?;
        if items.is_empty() && form.is_fine() {
            form.wrong("offer", "Say how much of at least one.");
        }
        if !form.is_fine() {
            return Ok(Some(form));
        }
        let sending = Sending::begin(tx, caller, self.sent.as_deref(), at).await?;
        let offer = Offer { case, items, beyond_no: self.beyond_no };
        let name = |item: usize| offer.items.get(item).map_or_else(String::new, |item| field_of(&item.remedy));
        match commands::give(tx, known, &offer, &asker, clock).await? {
            Offered::Given { .. } => {
                sending.done(tx, caller).await?;
                return Ok(None);
            }
            Offered::NotGiven { item, answer } => form.wrong(&name(item), answer.sentence.clone()),
            Offered::SayWhy { .. } => form.wrong("because", "Say why it is worth more this time, in a few words."),
            Offered::SaidNoBefore { item, .. } => {
                form.wrong(&name(item), "Somebody told this customer no to as much before.");
                form.wrong("beyond_no", "Whoever said no hears of it at once.");
            }
        }
        Ok(Some(form))
    }
}

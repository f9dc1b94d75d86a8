//! The pages of webhooks. Owners say where messages go; operators keep them going.

use std::collections::BTreeSet;

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use charter::time::Instant;
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use platform::limits::PAGE_ENTRIES;
use platform::webhooks::{self, Delivery, DeliveryState, NewWebhook, Secret, Webhook, WebhookError, WebhookId};
use serde::Deserialize;
use ui::components::{Check, Chip, Empty, Field, Notice, Pager, Tone};
use ui::shell::{Crumb, Shell};

use super::{EVENTS, Hooks, address, events};
use crate::api::cut;
use crate::state::page;

const HERE: &str = "/settings/webhooks";

/// The routes of the pages.
pub(super) fn routes(hooks: &Hooks) -> Vec<Route<Permission>> {
    vec![
        Route::get("/settings/webhooks", Permission::Operate, list, hooks),
        Route::post("/settings/webhooks", Permission::Owner, add, hooks).taking(&["url"]),
        Route::get("/settings/webhooks/{id}", Permission::Operate, show, hooks),
        Route::post("/settings/webhooks/{id}/events", Permission::Owner, choose, hooks),
        Route::post("/settings/webhooks/{id}/secret", Permission::Owner, rotate, hooks),
        Route::post("/settings/webhooks/{id}/removal", Permission::Owner, remove, hooks),
        Route::post("/settings/webhooks/{id}/pause", Permission::Operate, pause, hooks),
        Route::post("/settings/webhooks/{id}/resumption", Permission::Operate, resume, hooks),
        Route::post("/settings/webhooks/{id}/test", Permission::Operate, test, hooks),
        Route::post("/settings/webhooks/{id}/deliveries/{number}/again", Permission::Operate, again, hooks),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
    before: Option<i64>,
}

impl Asked {
    fn notices(&self) -> Vec<Notice> {
        const DONE: [(&str, &str); 6] = [
            ("events", "It is told of these events from now on"),
            ("paused", "Paused: what happens waits here until it goes on"),
            ("resumed", "It goes on: what waited is being sent"),
            ("tested", "A test is on its way. Load the page again to see what came of it"),
            ("again", "It is being sent again"),
            ("removed", "Removed: it is told of nothing any more"),
        ];
        DONE.iter().filter(|(word, _)| *word == self.done).map(|(_, says)| Notice::new(Tone::Positive, *says)).collect()
    }
}

#[derive(Template)]
#[template(path = "webhooks/templates/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Line>,
    empty: Empty,
    /// The form of another one, for owners.
    new: Option<(Field, Vec<Check>, Option<String>)>,
}

struct Line {
    href: String,
    url: String,
    events: String,
    chip: Chip,
}

/// Where messages go.
async fn list(State(hooks): State<Hooks>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    list_page(&hooks, &caller, &Form::default(), asked.notices()).await
}

async fn list_page(hooks: &Hooks, caller: &Caller, form: &Form, notices: Vec<Notice>) -> Result<Response, Problem> {
    let mut shell = (hooks.desk.frame)(caller, "Webhooks");
    shell.context = "Other systems that hear of what happens here, by a signed message.".to_owned();
    shell.notices.extend(notices);
    let found = hooks.desk.read::<_, DbError, _>(|tx| Box::pin(async move { webhooks::list(tx).await })).await?;
    let line = |w: Webhook| Line { href: format!("{HERE}/{}", w.id), chip: chip_of(&w), events: w.events.join(", "), url: w.url };
    let url = Field {
        value: form.typed("url").to_owned(),
        error: form.error("url"),
        hint: "Such as https://shop.example/hooks/leeway.".to_owned(),
        ..Field::new("url", "Where to send messages")
    };
    let new = caller.is_owner().then(|| (url, checks(|event| form.typed(event) == "yes"), form.error("events")));
    let empty = Empty {
        title: "No other system is told of anything".to_owned(),
        text: "A system that pays, ships or books what you give can hear of each grant here, and say what came of it.".to_owned(),
        action: None,
    };
    let shown = page(&ListPage { shell, rows: found.into_iter().map(line).collect(), empty, new })?;
    Ok(if form.is_fine() { shown.into_response() } else { (StatusCode::UNPROCESSABLE_ENTITY, shown).into_response() })
}

fn checks(is_checked: impl Fn(&str) -> bool) -> Vec<Check> {
    let check = |(event, meaning): &(&str, &str)| Check {
        name: (*event).to_owned(),
        prefix: "event-".to_owned(),
        label: (*event).to_owned(),
        is_checked: is_checked(event),
        hint: (*meaning).to_owned(),
    };
    EVENTS.iter().map(check).collect()
}

fn chip_of(webhook: &Webhook) -> Chip {
    match webhook {
        w if w.paused_at.is_some() => Chip::new(Tone::Caution, "paused").signed(),
        w if w.has_failed => Chip::new(Tone::Stop, "messages were given up").signed(),
        w if w.latest == Some(DeliveryState::Delivered) => Chip::new(Tone::Positive, "working"),
        w if w.latest == Some(DeliveryState::Waiting) => Chip::new(Tone::Plain, "messages wait"),
        _ => Chip::new(Tone::Plain, "nothing sent yet"),
    }
}

fn chosen(form: &Form) -> Result<Vec<String>, WebhookError> {
    events(EVENTS.iter().map(|(event, _)| *event).filter(|event| form.typed(event) == "yes"))
}

/// What a command said stands beside its field; all else is a problem of its own.
fn mended<T>(form: &mut Form, result: Result<T, WebhookError>) -> Result<Option<T>, Problem> {
    match result.map_err(Problem::from) {
        Ok(done) => Ok(Some(done)),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            for field in problem.fields {
                form.wrong(&field.field, field.message);
            }
            Ok(None)
        }
    }
}

/// Adds one, and shows its secret this once.
async fn add(State(hooks): State<Hooks>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let (typed, events) = (form.typed("url").to_owned(), chosen(&form));
    let (url, events) = (mended(&mut form, address(&hooks, &typed))?, mended(&mut form, events)?);
    let (Some(url), Some(events)) = (url, events) else { return list_page(&hooks, &caller, &form, Vec::new()).await };
    let (secret, actor, at) = (Secret::fresh()?, caller.actor(), hooks.desk.clock.now());
    let (kept, new) = (secret.clone(), NewWebhook { url, events });
    let added = hooks.desk.db.write(move |tx| Box::pin(async move { webhooks::add(tx, &new, &kept, &actor, at).await })).await;
    match mended(&mut form, added)? {
        Some(id) => Ok((StatusCode::CREATED, show_page(&hooks, &caller, id, &Asked::default(), Some(&secret)).await?).into_response()),
        None => list_page(&hooks, &caller, &form, Vec::new()).await,
    }
}

#[derive(Template)]
#[template(path = "webhooks/templates/show.html")]
struct ShowPage {
    shell: Shell,
    here: String,
    /// The secret that was just made: shown this once.
    made: Option<String>,
    chip: Chip,
    is_paused: bool,
    is_owner: bool,
    old_until: String,
    checks: Vec<Check>,
    told_of: String,
    rows: Vec<Sent>,
    empty: Empty,
    pager: Pager,
}

struct Sent {
    number: i64,
    event: String,
    message: String,
    chip: Chip,
    wanted: String,
    tried: String,
    tries: i64,
    answer: String,
    next: String,
    can_be_sent: bool,
}

/// One webhook, with what it was sent.
async fn show(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    show_page(&hooks, &caller, id, &asked, None).await
}

async fn show_page(hooks: &Hooks, caller: &Caller, id: WebhookId, asked: &Asked, made: Option<&Secret>) -> Result<Response, Problem> {
    let before = asked.before.unwrap_or(i64::MAX);
    let read = hooks.desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let found = webhooks::find(tx, id).await?.filter(|w| w.disabled_at.is_none()).ok_or_else(Problem::not_found)?;
            Ok((found, webhooks::deliveries(tx, id, before, PAGE_ENTRIES + 1).await?))
        })
    });
    let (webhook, mut sent) = read.await?;
    let has_more = cut(&mut sent);
    let here = format!("{HERE}/{id}");
    let next = sent.last().filter(|_| has_more).map(|last| format!("{here}?before={}", last.number));
    let pager = Pager { label: "Pages".to_owned(), next, previous: asked.before.map(|_| here.clone()), ..Pager::default() };
    let mut shell = (hooks.desk.frame)(caller, "Webhook");
    shell.crumbs = vec![Crumb::new("Webhooks", HERE)];
    shell.context.clone_from(&webhook.url);
    shell.notices.extend(asked.notices());
    let (formats, now) = (caller.formats(), hooks.desk.now());
    let moment = |at: Instant| formats.moment(Timestamp::from_microsecond(at).unwrap_or(now), now);
    let wanted: BTreeSet<&str> = webhook.events.iter().map(String::as_str).collect();
    let is_over = |until: &Instant| *until <= hooks.desk.clock.now();
    let shown = page(&ShowPage {
        made: made.map(|secret| secret.show().to_owned()),
        chip: chip_of(&webhook),
        is_paused: webhook.paused_at.is_some(),
        is_owner: caller.is_owner(),
        old_until: webhook.old_until.filter(|until| !is_over(until)).map(&moment).unwrap_or_default(),
        checks: checks(|event| wanted.contains(event)),
        told_of: webhook.events.join(", "),
        rows: sent.into_iter().map(|delivery| row(delivery, webhook.paused_at.is_some(), &moment)).collect(),
        empty: Empty {
            title: "Nothing was sent yet".to_owned(),
            text: "Send a test, and see here whether it arrives. What was sent stays here for thirty days.".to_owned(),
            action: None,
        },
        pager,
        here,
        shell,
    })?;
    Ok(shown.into_response())
}

fn row(delivery: Delivery, is_paused: bool, moment: &dyn Fn(Instant) -> String) -> Sent {
    let (tone, label) = match delivery.state {
        DeliveryState::Waiting => (Tone::Plain, "waiting"),
        DeliveryState::Delivered => (Tone::Positive, "delivered"),
        DeliveryState::Failed => (Tone::Stop, "given up"),
    };
    let answer = match (delivery.status, &delivery.error) {
        (_, Some(error)) => error.clone(),
        (Some(status), None) => format!("it answered {status}"),
        (None, None) => String::new(),
    };
    let next = match (delivery.state, is_paused) {
        (DeliveryState::Waiting, true) => "when it goes on".to_owned(),
        (DeliveryState::Waiting, false) => delivery.next_at.map(moment).unwrap_or_default(),
        _ => String::new(),
    };
    Sent {
        number: delivery.number,
        event: delivery.event,
        message: delivery.message,
        chip: Chip::new(tone, label),
        wanted: moment(delivery.made_at),
        tried: delivery.tried_at.map(moment).unwrap_or_default(),
        tries: delivery.tries,
        answer,
        next,
        can_be_sent: delivery.state != DeliveryState::Waiting,
    }
}

fn back(id: WebhookId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}

/// Tells it of other events.
async fn choose(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>, form: Form) -> Result<Redirect, Problem> {
    let (events, actor, at) = (chosen(&form)?, caller.actor(), hooks.desk.clock.now());
    let write = hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::choose_events(tx, id, &events, &actor, at).await }));
    write.await?;
    Ok(back(id, "events"))
}

/// Makes another secret, and shows it this once.
async fn rotate(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>) -> Result<Response, Problem> {
    let (secret, actor, at) = (Secret::fresh()?, caller.actor(), hooks.desk.clock.now());
    let kept = secret.clone();
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::rotate(tx, id, &kept, &actor, at).await })).await?;
    show_page(&hooks, &caller, id, &Asked::default(), Some(&secret)).await
}

/// Takes it away.
async fn remove(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>) -> Result<Redirect, Problem> {
    let (actor, at) = (caller.actor(), hooks.desk.clock.now());
    let was_there = hooks.desk.write::<_, DbError, _>(move |tx| Box::pin(async move { webhooks::disable(tx, id, &actor, at).await })).await?;
    if was_there { Ok(Redirect::to("/settings/webhooks?done=removed")) } else { Err(Problem::not_found()) }
}

async fn pause(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>) -> Result<Redirect, Problem> {
    let (actor, at) = (caller.actor(), hooks.desk.clock.now());
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::pause(tx, id, &actor, at).await })).await?;
    Ok(back(id, "paused"))
}

async fn resume(State(hooks): State<Hooks>, caller: Caller, Path(id): Path<WebhookId>) -> Result<Redirect, Problem> {
    let (actor, at) = (caller.actor(), hooks.desk.clock.now());
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::resume(tx, id, &actor, at).await })).await?;
    Ok(back(id, "resumed"))
}

async fn test(State(hooks): State<Hooks>, Path(id): Path<WebhookId>) -> Result<Redirect, Problem> {
    let at = hooks.desk.clock.now();
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::test(tx, id, at).await })).await?;
    Ok(back(id, "tested"))
}

/// Sends a message again.
async fn again(State(hooks): State<Hooks>, Path((id, number)): Path<(WebhookId, i64)>) -> Result<Redirect, Problem> {
    let at = hooks.desk.clock.now();
    hooks.desk.write::<_, WebhookError, _>(move |tx| Box::pin(async move { webhooks::send_again(tx, id, number, at).await })).await?;
    Ok(back(id, "again"))
}

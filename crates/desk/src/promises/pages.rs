//! What was promised to a customer, on the pages of its case, with the form that promises; and the page that puts a promise off or gives it up.

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::Charter;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::http::{Form, Problem, Route};
use platform::limits::{KEY_CHARS, TEXT_CHARS};
use platform::live;
use ui::components::{Chip, Choice, Field, FieldKind, Segmented, Tone};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::commands;
use super::hearing;
use super::known::{known, known_held};
use super::model::{Fate, How, NewPromise, PromiseId, PromiseRow, Who};
use crate::cases::{self, CaseRow, People, Sent, looked_from, show_with, way};
use crate::charters;
use crate::escalations::{read_moment, to_type};
use crate::grants::form::{SENT_BEFORE, Sending};
use crate::options::{group_title, sentence_case, spoken};
use crate::state::{Desk, may_see, page, seen};

/// Every route of promises.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/cases/{number}/promises", Permission::Desk, make, desk).taking(&["due"]),
        Route::get("/promised/{id}", Permission::Desk, show, desk),
        Route::post("/promised/{id}/keeping", Permission::Desk, keep, desk),
        Route::post("/promised/{id}/renewal", Permission::Desk, renew, desk).taking(&["due", "words"]),
        Route::post("/promised/{id}/end", Permission::Desk, give_up, desk).taking(&["words"]),
    ]
}

/// How it stands with a promise, as pages show it.
pub(crate) struct PromiseView {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) chip: Chip,
    pub(crate) is_open: bool,
}

/// How it stands with what the customer was promised.
pub(crate) fn view(row: &PromiseRow, charter: Option<&Charter>, people: &People, formats: &Formats, (now, at): (Timestamp, i64)) -> PromiseView {
    let who = match (&row.group, row.staff) {
        (Some(group), _) => charter.map_or_else(|| spoken(group), |charter| group_title(charter, group)),
        (None, staff) => staff.map_or_else(String::new, |staff| people.name(&Actor::Staff(staff.0))),
    };
    let due = formats.deadline(stamp(row.due_at), now);
    let soon = row.due_at - at < (row.due_at - row.made_at) / 4;
    let chip = match row.fate(at) {
        Fate::Open if soon => Chip::new(Tone::Caution, "soon"),
        Fate::Open => Chip::new(Tone::Ask, "promised"),
        Fate::Kept => Chip::new(Tone::Positive, "kept"),
        Fate::Late => Chip::new(Tone::Caution, "kept late"),
        Fate::Broken => Chip::new(Tone::Stop, "broken"),
    };
    let later = if row.renewed > 0 { ", put off" } else { "" };
    PromiseView {
        id: row.id.to_string(),
        text: format!("{} by {}, by {due}{later}", sentence_case(&who), way(row.how.word())),
        chip,
        is_open: row.ended.is_none(),
    }
}

/// The form by which somebody says what they have told the customer.
pub(crate) struct PromiseForm {
    pub(crate) how: Segmented,
    pub(crate) due: Field,
    pub(crate) sent: String,
    pub(crate) is_open: bool,
}

impl PromiseForm {
    /// Filled in with what was sent, if something was.
    pub(crate) fn new(form: &Form, sent: String) -> Self {
        let typed = form.typed("how");
        let choice = |how: &How| Choice { is_chosen: how.word() == typed || (typed.is_empty() && *how == How::Phone), ..Choice::new(how.word(), how.label()) };
        Self {
            how: Segmented {
                name: "how".to_owned(),
                label: "How you contact them".to_owned(),
                choices: How::ALL.iter().map(choice).collect(),
                error: form.error("how"),
                ..Segmented::default()
            },
            due: Field {
                kind: FieldKind::Moment,
                prefix: "promise-".to_owned(),
                value: form.typed("due").to_owned(),
                error: form.error("due"),
                hint: "What you have told the customer. It has a clock of its own, and turns red before it breaks.".to_owned(),
                ..Field::new("due", "By when")
            },
            sent,
            is_open: !form.is_fine(),
        }
    }
}

/// Whoever sends it has told the customer by when and how they are contacted.
async fn make(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let formats = caller.formats();
    let how = form.parsed("how", |word| How::with_word(word).ok_or_else(|| "Choose one.".to_owned()));
    let due = form.parsed("due", |typed| read_moment(typed, &formats).ok_or_else(|| "A day and a time.".to_owned()));
    let (sent, looked_at) = (form.optional("sent", KEY_CHARS), looked_from(&form));
    if let (Some(how), Some(due), Some(staff)) = (how, due, caller.staff()) {
        let new = NewPromise { who: Who::Staff(staff), due: due.as_microsecond(), how };
        let (at, who) = (desk.clock.now(), caller.clone());
        let made = desk.write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                tx.hold(&[cases::held(number)]).await?;
                let case = seen(tx, &who, number).await?;
                let sending = Sending::begin(tx, &who, sent.as_deref(), at).await?;
                commands::make(tx, &case, None, &new, &who.actor(), at).await?;
                sending.done(tx, &who).await
            })
        });
        match made.await {
            Err(problem) if problem.fields.is_empty() && problem.code != SENT_BEFORE => return Err(problem),
            Err(problem) if !problem.fields.is_empty() => problem.fields.iter().for_each(|wrong| form.wrong(&wrong.field, wrong.message.as_str())),
            _ => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        }
    }
    let sent = Sent { chosen: looked_at, promise: form, ..Sent::default() };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show_with(&desk, caller, number, sent).await?).into_response())
}

fn stamp(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Back to where the promise is shown: the case, or what was passed up for those who may not open that.
fn back(caller: &Caller, row: &PromiseRow, case: &CaseRow) -> Response {
    match row.escalation {
        Some(escalation) if !may_see(caller, case) => Redirect::to(&format!("/escalations/{escalation}")).into_response(),
        _ => Redirect::to(&format!("/cases/{}", case.number)).into_response(),
    }
}

#[derive(Template)]
#[template(path = "promises/templates/show.html")]
struct ShowPage {
    shell: Shell,
    here: String,
    promise: PromiseView,
    due: Field,
    why_later: Field,
    why_not: Field,
}

async fn show(State(desk): State<Desk>, caller: Caller, Path(id): Path<PromiseId>) -> Result<Html<String>, Problem> {
    filled(&desk, caller, id, None).await
}

/// The page; with a form that was sent and is to be mended.
async fn filled(desk: &Desk, caller: Caller, id: PromiseId, sent: Option<&Form>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "A promise");
    shell.live = sent.is_none().then(|| live::address(&[hearing::topic(id)]));
    let (now, at, charters, formats, who) = (desk.now(), desk.clock.now(), desk.charters.clone(), caller.formats(), caller.clone());
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (row, case) = known(tx, &who, id, now).await?;
            let in_force = charters::in_force(tx, &charters).await?;
            let mut people = People::new();
            let staff = row.staff.map(|staff| Actor::Staff(staff.0));
            people.meet(tx, &staff).await?;
            let view = view(&row, in_force.as_ref().map(|in_force| &*in_force.charter), &people, &formats, (now, at));
            Ok((view, to_type(stamp(row.due_at), &formats), case))
        })
    });
    let (promise, due, case) = read.await?;
    shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb { label: case.number.to_string(), href: Some(format!("/cases/{}", case.number)) }];
    let sent = |of: &str, name: &str| match sent.filter(|form| form.typed("form") == of) {
        Some(form) => (form.typed(name).to_owned(), form.error(name)),
        None => (String::new(), None),
    };
    let long = |of: &str, label: &str| {
        let (value, error) = sent(of, "words");
        Field { kind: FieldKind::Long, prefix: format!("{of}-"), value, error, ..Field::new("words", label) }
    };
    let (typed, error) = sent("later", "due");
    page(&ShowPage {
        here: format!("/promised/{id}"),
        promise,
        due: Field {
            kind: FieldKind::Moment,
            value: if typed.is_empty() { due } else { typed },
            error,
            hint: "What you have told the customer now.".to_owned(),
            ..Field::new("due", "By when")
        },
        why_later: long("later", "Why later?"),
        why_not: long("not", "Why will they not be contacted?"),
        shell,
    })
}

async fn again(desk: &Desk, caller: Caller, id: PromiseId, mut form: Form, problem: Option<Problem>) -> Result<Response, Problem> {
    match problem {
        Some(problem) if problem.fields.is_empty() => return Err(problem),
        Some(problem) => problem.fields.iter().for_each(|wrong| form.wrong(&wrong.field, wrong.message.as_str())),
        None => {}
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, filled(desk, caller, id, Some(&form)).await?).into_response())
}

async fn keep(State(desk): State<Desk>, caller: Caller, Path(id): Path<PromiseId>) -> Result<Response, Problem> {
    let (at, now) = (desk.clock.now(), desk.now());
    let kept = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (row, case) = known_held(tx, &caller, id, now).await?;
            commands::keep(tx, id, &caller.actor(), at).await?;
            Ok(back(&caller, &row, &case))
        })
    });
    kept.await
}

async fn renew(State(desk): State<Desk>, caller: Caller, Path(id): Path<PromiseId>, mut form: Form) -> Result<Response, Problem> {
    let formats = caller.formats();
    let words = form.text("words", TEXT_CHARS);
    let due = form.parsed("due", |typed| read_moment(typed, &formats).ok_or_else(|| "A day and a time.".to_owned()));
    let Some(due) = due.filter(|_| form.is_fine()) else { return again(&desk, caller, id, form, None).await };
    let (at, now, who) = (desk.clock.now(), desk.now(), caller.clone());
    let renewed = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (row, case) = known_held(tx, &who, id, now).await?;
            commands::renew(tx, id, due.as_microsecond(), &words, &who.actor(), at).await?;
            Ok(back(&who, &row, &case))
        })
    });
    match renewed.await {
        Ok(back) => Ok(back),
        Err(problem) => again(&desk, caller, id, form, Some(problem)).await,
    }
}

async fn give_up(State(desk): State<Desk>, caller: Caller, Path(id): Path<PromiseId>, mut form: Form) -> Result<Response, Problem> {
    let words = form.text("words", TEXT_CHARS);
    if !form.is_fine() {
        return again(&desk, caller, id, form, None).await;
    }
    let (at, now) = (desk.clock.now(), desk.now());
    let ended = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let (row, case) = known_held(tx, &caller, id, now).await?;
            commands::give_up(tx, id, &words, &caller.actor(), at).await?;
            Ok(back(&caller, &row, &case))
        })
    });
    ended.await
}

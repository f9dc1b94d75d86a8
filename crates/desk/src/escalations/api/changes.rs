//! What is done with what was passed up: by the group it is with, and by those who work on its case.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use charter::time::{Instant, read_instant};
use platform::actor::Actor;
use platform::db::{Body, Tx};
use platform::http::{Problem, Route};
use platform::limits::{NAME_CHARS, TEXT_CHARS};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::answer::{self as answers, Feedback, Keeping, Verdict};
use super::super::commands;
use super::super::known::{Known, known, known_held};
use super::super::model::{EscalationId, Rating, Standing};
use super::{GIVE, whole};
use crate::api::{self, Once, Reply, Sent};
use crate::cases::api::changes::NothingDocument;
use crate::escalations::{UNTIL_MICROS, UNTIL_MOST_MICROS};
use crate::state::{Desk, asker};

const WRITE: Permission = Permission::Api(Scope::CasesWrite);

/// The routes of what is done with what was passed up.
pub(super) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::post("/api/v1/escalations/{id}/taking", WRITE, take, desk),
        Route::post("/api/v1/escalations/{id}/question", WRITE, ask_back, desk),
        Route::post("/api/v1/escalations/{id}/reply", WRITE, reply, desk),
        Route::post("/api/v1/escalations/{id}/answer", GIVE, answer, desk),
        Route::post("/api/v1/escalations/{id}/withdrawal", WRITE, withdraw, desk),
        Route::post("/api/v1/escalations/{id}/rating", WRITE, rate, desk),
    ]
}

/// Somebody takes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakingDocument {
    /// From whom it is taken over: `staff:ID`, as `taken_by` says. Left out: from nobody.
    #[serde(default)]
    pub from: Option<String>,
}

/// A question of the group, or the answer to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsDocument {
    /// The words.
    pub words: String,
}

/// What somebody of the group decides, with the feedback that belongs to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswerDocument {
    /// `give`, `less` or `no`. Where the customer has given up, nothing is given, whatever it says.
    pub verdict: String,
    /// With `less`: how much of each item, in order and in digits: `"15.00"`; `null` for what is not given, any text for an act. Of none more than was asked for,
    /// and not all of it: that is `give`.
    #[serde(default)]
    pub amounts: Vec<Option<String>>,
    /// Why. The one who raised it reads this at once.
    pub words: String,
    /// The rule by which they could have decided it themselves; left out if they could not.
    pub rule: Option<String>,
    /// Until when what is approved can be given, at most a week ahead. Left out: for three days.
    pub until: Option<String>,
    /// Needed where what is given is an exception, that is where no rule covers it: `one_off`, or `precedent` for others to go by. Where a rule covers it (less than
    /// was asked for may be covered where all of it was not), it is refused rather than passed over in silence: nothing would stand among the precedents. With `no`,
    /// and where the customer has given up, nothing is given, and this says nothing.
    pub kept: Option<String>,
}

/// What the one who raised it thinks of the feedback.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRatingDocument {
    /// `helpful`, `partly` or `not`.
    pub rating: String,
}

/// Does something with what was passed up, and answers with the whole of it.
async fn changed<F>(desk: &Desk, caller: Caller, id: &str, once: Once, change: F) -> Result<Reply, Problem>
where
    F: for<'t> FnOnce(&'t mut Tx, Known) -> Body<'t, (), Problem> + Clone + Send + 'static,
{
    let (id, now, whose): (EscalationId, _, _) = (api::in_path(id)?, desk.now(), desk.clone());
    once.done(desk, move |tx| {
        Box::pin(async move {
            let found = known_held(tx, &caller, id, now).await?;
            change(tx, found).await?;
            let known = known(tx, &caller, id, now).await?;
            Reply::new(StatusCode::OK, &whole(tx, &whose, &caller, known).await?)
        })
    })
    .await
}

/// Somebody of the group takes it, so that nobody else works on it.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/taking", tag = "escalations", request_body = TakingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, its bearer does not serve the group, raised it, or is a program"),
        (status = 404, description = "Nothing that the caller may see"), (status = 409, description = "`escalation-taken` by a colleague; `escalation-moved`"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn take(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<TakingDocument>) -> Result<Reply, Problem> {
    let unfit = |from: &str| api::wrong("from", format!("`{from}` is not somebody, such as `staff:ID`."));
    let from = sent.value.from.as_deref().map(|from| from.parse::<Actor>().map_err(|_| unfit(from))).transpose()?;
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, known| {
        Box::pin(async move { Ok(commands::take(tx, known.of_group()?.row.id, from.as_ref(), &by, at).await?) })
    })
    .await
}

/// Somebody of the group asks back. The time until an answer stands still meanwhile.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/question", tag = "escalations", request_body = WordsDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, its bearer does not serve the group, raised it, or is a program"),
        (status = 404, description = "Nothing that the caller may see"), (status = 409, description = "`escalation-taken` by a colleague; `escalation-moved`"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn ask_back(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<WordsDocument>) -> Result<Reply, Problem> {
    let words = api::text("words", &sent.value.words, TEXT_CHARS)?;
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, known| {
        Box::pin(async move { Ok(commands::ask_back(tx, known.of_group()?.row.id, &words, &by, at).await?) })
    })
    .await
}

/// Somebody who works on the case answers what the group asked: it is the group's turn again.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/reply", tag = "escalations", request_body = WordsDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer may not open the case or has no level"),
        (status = 404, description = "Nothing that the caller may see"), (status = 409, description = "`escalation-moved`: nothing was asked"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn reply(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<WordsDocument>) -> Result<Reply, Problem> {
    let words = api::text("words", &sent.value.words, TEXT_CHARS)?;
    let (clock, charters, who) = (desk.clock.clone(), desk.charters.clone(), caller.clone());
    changed(&desk, caller, &id, sent.once, move |tx, known| {
        Box::pin(async move {
            let known = known.of_case()?;
            Ok(commands::reply(tx, &charters, known.row.id, &words, &asker(&who)?, clock).await?)
        })
    })
    .await
}

/// Somebody of the group answers, once: what is given, and what the one who raised it hears. Approving decides anew, with their level and their caps. A refusal is not
/// kept under the key.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/answer", tag = "escalations", request_body = NewAnswerDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = String, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 400, description = "The key is missing or does not fit"),
        (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, its bearer does not serve the group, raised it, has no level, or is a program"),
        (status = 404, description = "Nothing that the caller may see"),
        (status = 409, description = "`not-allowed`: an item is not theirs to give as things are, the answer stands under `more`; `escalation-taken`; `escalation-moved`; \
            `case-settled`"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn answer(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewAnswerDocument>) -> Result<Reply, Problem> {
    let (once, at) = (sent.once.with_key()?, desk.clock.now());
    let NewAnswerDocument { verdict, amounts, words, rule, until, kept } = sent.value;
    let unfit = |word: &str| api::wrong("kept", format!("`{word}` is not what an exception is: `one_off` or `precedent`."));
    let verdict = match verdict.as_str() {
        "give" => Verdict::Give,
        "less" => Verdict::Less(amounts),
        "no" => Verdict::No,
        other => return Err(api::wrong("verdict", format!("`{other}` is not what can be decided: `give`, `less` or `no`."))),
    };
    let feedback = Feedback {
        words: api::text("words", &words, TEXT_CHARS)?,
        rule: api::optional("rule", rule.as_deref(), NAME_CHARS)?,
        until: read_until(until.as_deref(), at)?,
        kept: match kept.as_deref() {
            None => Keeping::Unsaid,
            Some(word) => Keeping::Is(Standing::with_word(word).ok_or_else(|| unfit(word))?),
        },
    };
    let (clock, charters, who) = (desk.clock.clone(), desk.charters.clone(), caller.clone());
    changed(&desk, caller, &id, once, move |tx, known| {
        Box::pin(async move {
            let known = known.of_group()?;
            answers::answer(tx, &charters, known.row.id, (&verdict, &feedback), &asker(&who)?, clock).await?;
            Ok(())
        })
    })
    .await
}

fn read_until(sent: Option<&str>, at: Instant) -> Result<Instant, Problem> {
    let Some(sent) = sent else { return Ok(at + UNTIL_MICROS) };
    let until = read_instant(sent).filter(|until| *until > at && *until <= at + UNTIL_MOST_MICROS);
    until.ok_or_else(|| api::wrong("until", format!("`{sent}` is not a time that is still to come, at most a week ahead.")))
}

/// The customer has given up. The group still owes its feedback.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/withdrawal", tag = "escalations", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer may not open the case"),
        (status = 404, description = "Nothing that the caller may see"), (status = 409, description = "`escalation-moved`: it was answered or withdrawn"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn withdraw(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (clock, charters, by) = (desk.clock.clone(), desk.charters.clone(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, known| {
        Box::pin(async move { Ok(commands::withdraw(tx, &charters, known.of_case()?.row.id, &by, clock).await?) })
    })
    .await
}

/// The one who raised it says what they think of the feedback, once.
#[utoipa::path(post, path = "/api/v1/escalations/{id}/rating", tag = "escalations", request_body = NewRatingDocument,
    params(("id" = String, Path, description = "Which"), ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = super::EscalationDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer did not raise it"),
        (status = 404, description = "Nothing that the caller may see"), (status = 409, description = "`escalation-moved`: there is no feedback yet, or it was rated"),
        (status = 422, description = "There is no such rating, or the key was used for another request")))]
async fn rate(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NewRatingDocument>) -> Result<Reply, Problem> {
    let word = sent.value.rating.as_str();
    let rating = Rating::with_word(word).ok_or_else(|| api::wrong("rating", format!("`{word}` is not a rating: `helpful`, `partly` or `not`.")))?;
    let (at, by) = (desk.clock.now(), caller.actor());
    changed(&desk, caller, &id, sent.once, move |tx, known| Box::pin(async move { Ok(commands::rate(tx, known.row.id, rating, &by, at).await?) })).await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(paths(take, ask_back, reply, answer, withdraw, rate), components(schemas(TakingDocument, WordsDocument, NewAnswerDocument, NewRatingDocument)))]
pub struct Description;

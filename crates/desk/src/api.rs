//! What the parts of the API have in common: bodies, queries, pages of lists, and doing a thing once.

use std::collections::HashMap;

use access::Caller;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use charter::time::{Instant, instant_to_text};
use platform::actor::Subject;
use platform::db::{Body, DbError, Tx};
use platform::http::{FieldProblem, Problem};
use platform::idempotency::{self, Claim};
use platform::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::cases;
use crate::state::Desk;

/// A JSON document as it was sent, and what it means.
pub(crate) struct Document<T> {
    pub(crate) value: T,
    bytes: Bytes,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Document<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "JSON is expected").detail("Send it as `Content-Type: application/json`."));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| Problem::unread(&e))?;
        let json: Json = serde_json::from_slice(&bytes).map_err(|e| Problem::invalid(format!("This is not JSON: {e}.")))?;
        if holds_zero(&json) {
            return Err(Problem::invalid("A text contains a zero character, which no text has."));
        }
        let value = serde_json::from_value(json).map_err(|e| Problem::invalid(format!("The body does not fit: {e}.")))?;
        Ok(Self { value, bytes })
    }
}

/// A document that is sent to have a thing done, and what is needed to do it once.
pub(crate) struct Sent<T> {
    pub(crate) value: T,
    pub(crate) once: Once,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned().ok_or_else(Problem::not_signed_in)?;
        let address = format!("{} {}", request.method(), request.uri().path());
        let key = key_of(request.headers());
        let (mut parts, body) = request.into_parts();
        let named: Path<HashMap<String, String>> = Path::from_request_parts(&mut parts, state).await.map_err(|_| Problem::not_found())?;
        let case = named.get("number").and_then(|number| number.parse().ok());
        let Document { value, bytes } = Document::from_request(Request::from_parts(parts, body), state).await?;
        let request = [address.as_bytes(), &[0], &bytes].concat();
        Ok(Self { value, once: Once { caller, key: key?, request, case } })
    }
}

/// What the header `Idempotency-Key` says, if it is there.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let fits = |key: &&str| (1..=limits::KEY_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let read = |key: &HeaderValue| {
        key.to_str().ok().map(str::trim).filter(fits).map(str::to_owned).ok_or_else(|| {
            let told = format!("`Idempotency-Key` has 1 to {} plain characters without blanks: a random id for each thing you want done.", limits::KEY_CHARS);
            Problem::new(StatusCode::BAD_REQUEST, "key-unfit", "The key does not fit").detail(told)
        })
    };
    headers.get("idempotency-key").map(read).transpose()
}

fn holds_zero(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(holds_zero),
        Json::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || holds_zero(value)),
        _ => false,
    }
}

/// What stands behind the `?`. All of its fields are texts.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::invalid("The query contains a zero character, which no text has."));
        }
        let Query(value) = Query::from_request_parts(parts, state).await.map_err(|e| Problem::invalid(e.body_text()))?;
        Ok(Self(value))
    }
}

/// What is wrong with one field.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Problem {
    let message = message.into();
    Problem::invalid(message.clone()).fields(vec![FieldProblem { field: field.to_owned(), message }])
}

/// A text that must be there, of at most `most` characters.
pub(crate) fn text(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(field, format!("`{field}` is needed.")));
    }
    let length = text.chars().count();
    if length > most {
        return Err(wrong(field, format!("`{field}` has at most {most} characters; these are {length}.")));
    }
    Ok(text.to_owned())
}

/// A text that may be left out.
pub(crate) fn optional(field: &str, sent: Option<&str>, most: usize) -> Result<Option<String>, Problem> {
    sent.map(str::trim).filter(|sent| !sent.is_empty()).map(|sent| text(field, sent, most)).transpose()
}

/// The number behind which a page of a list begins.
pub(crate) fn after(sent: Option<&str>) -> Result<Option<i64>, Problem> {
    sent.map(|sent| sent.parse().map_err(|_| wrong("after", format!("`{sent}` is not what a page before gave as `next`.")))).transpose()
}

/// A part of the path that leads nowhere if it is not what it should be.
pub(crate) fn in_path<T: std::str::FromStr>(sent: &str) -> Result<T, Problem> {
    sent.parse().map_err(|_| Problem::not_found())
}

/// Takes away the one entry that was read too much, and says whether there was one.
pub(crate) fn cut<T>(entries: &mut Vec<T>) -> bool {
    let fits = usize::try_from(limits::PAGE_ENTRIES).unwrap_or(usize::MAX);
    let has_more = entries.len() > fits;
    entries.truncate(fits);
    has_more
}

/// An instant as documents have it.
pub(crate) fn at(instant: Instant) -> String {
    instant_to_text(instant)
}

/// An answer that can be kept under a key and given again, byte for byte.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: String,
}

impl Reply {
    /// A document.
    pub(crate) fn new(status: StatusCode, document: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(document).map_err(|e| DbError::Defect(format!("a document cannot be written: {e}")))?;
        Ok(Self { status, body })
    }

    /// A refusal that is kept like any other answer.
    pub(crate) fn refused(problem: &Problem) -> Result<Self, Problem> {
        Self::new(problem.status_code(), problem)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let kind = if self.status.is_success() { "application/json" } else { "application/problem+json" };
        (self.status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], self.body).into_response()
    }
}

/// One request that is done once: who sends it, under which key, and what it says.
#[derive(Clone)]
pub(crate) struct Once {
    caller: Caller,
    key: Option<String>,
    request: Vec<u8>,
    /// The number of the case it is about, if its address names one.
    case: Option<i64>,
}

impl Once {
    /// The same, with a key that must be there.
    pub(crate) fn with_key(self) -> Result<Self, Problem> {
        if self.key.is_some() {
            return Ok(self);
        }
        let told = "Send a header `Idempotency-Key` with a random id, and the same one when you try again: then it is done once.";
        Err(Problem::new(StatusCode::BAD_REQUEST, "key-needed", "A key is needed").detail(told))
    }

    /// Does it in one transaction with the note that it was done. What was done before under this key is not done again: its answer is given.
    pub(crate) async fn done<F>(self, desk: &Desk, body: F) -> Result<Reply, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, Reply, Problem> + Clone + Send + 'static,
    {
        let now = desk.clock.now();
        desk.write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let Some(key) = &self.key else { return body(tx).await };
                let actor = self.caller.actor();
                match idempotency::claim(tx, &actor, key, &self.request, now).await? {
                    Claim::New => {}
                    Claim::Done { status, answer } => {
                        let status = u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
                        return Ok(Reply { status, body: answer });
                    }
                    Claim::Another => return Err(key_reused()),
                }
                // What is erased of a case meanwhile is not kept in the answer.
                if let Some(case) = self.case {
                    tx.hold(&[cases::held(case)]).await?;
                }
                let reply = body(tx).await?;
                let about = self.case.or_else(|| case_in(&reply.body)).map(|case| Subject::new("case", &case));
                idempotency::keep(tx, &actor, key, (i64::from(reply.status.as_u16()), &reply.body), about.as_ref()).await?;
                Ok(reply)
            })
        })
        .await
    }
}

/// The number of the case that an answer is about.
fn case_in(body: &str) -> Option<i64> {
    let answer: Json = serde_json::from_str(body).ok()?;
    answer.get("case").or_else(|| answer.get("number")).and_then(Json::as_i64)
}

fn key_reused() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key-reused", "The key was used for another request")
        .detail("Nothing was done. Send the request as it was the first time, or another one under a new key.")
}

/// The description of the desk's part of the API, to be merged into that of the whole program.
#[must_use]
pub fn api() -> utoipa::openapi::OpenApi {
    use utoipa::OpenApi as _;
    let mut whole = crate::cases::api::Description::openapi();
    whole.merge(crate::cases::api::changes::Description::openapi());
    whole.merge(crate::options::api::Description::openapi());
    whole.merge(crate::grants::api::Description::openapi());
    whole.merge(crate::escalations::api::Description::openapi());
    whole.merge(crate::escalations::api::changes::Description::openapi());
    whole.merge(crate::escalations::api::figures::Description::openapi());
    whole.merge(crate::promises::api::Description::openapi());
    whole.merge(crate::subjects::api::Description::openapi());
    whole.merge(crate::charters::api::Description::openapi());
    whole.merge(crate::groups::api::Description::openapi());
    whole.merge(crate::groups::api::rota::Description::openapi());
    whole.merge(crate::debriefs::api::Description::openapi());
    whole
}

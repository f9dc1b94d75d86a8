//! What went wrong, said once, at the edge: an RFC 9457 document for programs, a page for people.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::db::{Contended, DbError};
use crate::limits;

/// What a caller is told instead of an answer.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A word programs can rely on: `not-found`, `key-reused`. One word for ever.
    pub code: &'static str,
    /// What happened, in a few words.
    pub title: String,
    /// What happened exactly, and what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// Whatever else helps a program, under `more`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<serde_json::Value>>,
    #[serde(skip)]
    retry_after_s: Option<u32>,
    /// Whether the same may succeed if it is tried again at once.
    #[serde(skip)]
    contended: bool,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The name of the field.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code,
            title: title.into(),
            detail: String::new(),
            fields: Vec::new(),
            more: None,
            retry_after_s: None,
            contended: false,
        }
    }

    /// With what happened exactly, and what to do.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With something more for programs.
    #[must_use]
    pub fn more(mut self, more: serde_json::Value) -> Self {
        self.more = Some(Box::new(more));
        self
    }

    /// With what is wrong with fields.
    #[must_use]
    pub fn fields(mut self, fields: Vec<FieldProblem>) -> Self {
        self.fields = fields;
        self
    }

    /// With the seconds after which it may be tried again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// There is no such thing, or the caller may not know of it: both look the same.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here").detail("It may have been moved, or it is not yours to see.")
    }

    /// The caller may not.
    #[must_use]
    pub fn not_permitted() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-permitted", "This is not yours to do").detail("Somebody with another role can; ask your lead.")
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "Sign in first")
    }

    /// What was sent cannot be read or is wrong.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Something in the request is wrong").detail(detail)
    }

    /// More was sent than is read.
    #[must_use]
    pub fn too_large() -> Self {
        let most = format!("At most {} bytes can be sent at once.", limits::BODY_BYTES);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "This is too large").detail(most)
    }

    /// A body that could not be read to its end.
    #[must_use]
    pub fn unread(e: &BytesRejection) -> Self {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::too_large() } else { Self::invalid(e.body_text()) }
    }

    /// The state of the thing does not fit.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "This was not possible any more").detail(detail)
    }

    /// The status as a type.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Contended for Problem {
    fn is_contended(&self) -> bool {
        self.contended
    }
}

impl From<DbError> for Problem {
    fn from(e: DbError) -> Self {
        let busy = |code, title: &str, detail: &str, seconds| {
            let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title).detail(detail);
            problem.retry_after_s = Some(seconds);
            problem
        };
        match &e {
            DbError::Overloaded | DbError::Contended => {
                tracing::debug!(error = %e, "busy");
                Self { contended: e.is_contended(), ..busy("busy", "Too much at once", "Nothing was changed. Try again in a moment.", 1) }
            }
            DbError::Unavailable(_) => {
                tracing::error!(error = %e, "database");
                busy("database-unavailable", "The database cannot be reached", "Nothing was changed. Try again in a moment.", 5)
            }
            DbError::Uncertain(_) => {
                tracing::error!(error = %e, "database");
                busy(
                    "uncertain",
                    "We lost the database while saving",
                    "It may have happened or not. Look before you try again; the same idempotency key is safe.",
                    5,
                )
            }
            DbError::Refused(_) | DbError::Defect(_) => {
                tracing::error!(error = %e, "defect");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", "Something is wrong with Leeway itself")
                    .detail("Nothing was changed. Whoever runs it finds the cause in the log.")
            }
        }
    }
}

impl IntoResponse for Problem {
    /// The document; the problem itself goes along, for whoever makes a page of it.
    fn into_response(self) -> Response {
        let mut response = (self.status_code(), Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

const RETRY_AFTER: HeaderName = header::RETRY_AFTER;

//! Why somebody is not signed in.

use axum::http::StatusCode;
use platform::db::{Contended, DbError};
use platform::http::{FieldProblem, Problem};

use super::password::CannotHash;
use crate::secret::NoRandomness;

/// Why somebody was not signed in, or a password not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The database said so.
    Db(DbError),
    /// Nobody has this address and this password. Which of the two is wrong is not said.
    Wrong,
    /// Too many failures; again after so many seconds.
    TooOften(i64),
    /// The new password is not one to be used; why.
    Unfit(String),
    /// The machine could not check it.
    CannotHash,
}

impl From<DbError> for SignInError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<CannotHash> for SignInError {
    fn from(_: CannotHash) -> Self {
        Self::CannotHash
    }
}

impl From<NoRandomness> for SignInError {
    fn from(_: NoRandomness) -> Self {
        Self::CannotHash
    }
}

impl Contended for SignInError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<SignInError> for Problem {
    fn from(e: SignInError) -> Self {
        match e {
            SignInError::Db(e) => e.into(),
            SignInError::Wrong => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong-password", "E-mail address and password do not fit"),
            SignInError::TooOften(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many tries").detail("Wait a few minutes, then try again."),
            SignInError::Unfit(why) => Self::invalid(why.clone()).fields(vec![FieldProblem { field: "password".to_owned(), message: why }]),
            SignInError::CannotHash => {
                tracing::error!("a password could not be checked, or there was no randomness");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "This was not possible just now").detail("Try again in a moment.")
            }
        }
    }
}

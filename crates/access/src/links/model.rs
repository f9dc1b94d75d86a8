//! A link that works once.

use axum::http::StatusCode;
use platform::actor::Subject;
use platform::db::{Contended, DbError, FromRow, Row};
use platform::events::Event;
use platform::http::{FieldProblem, Problem};
use platform::ids;
use serde::Serialize;

use crate::people::StaffId;
use crate::secret::NoRandomness;
use crate::sign_in::CannotHash;
use crate::words::words;

ids! {
    /// A link that works once.
    LinkId
}

words! {
    /// What a link is for.
    LinkKind {
        /// To choose the first password.
        Invitation = "invitation",
        /// To choose a new one.
        Reset = "reset",
    }
}

/// A link that still works, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Whose.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Language tag.
    pub locale: String,
}

impl FromRow for Open {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { staff: row.take()?, name: row.take()?, email: row.take()?, locale: row.take()? })
    }
}

/// What happened to a link or to a password.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named by what happened; the fields by what they hold")]
pub enum LinkEvent {
    LinkSent { staff: StaffId, link: LinkId, kind: LinkKind },
    PasswordSet { staff: StaffId, by: &'static str },
}

impl Event for LinkEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::LinkSent { .. } => "link_sent",
            Self::PasswordSet { .. } => "password_set",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::LinkSent { staff, .. } | Self::PasswordSet { staff, .. } => Subject::new("staff", staff),
        }
    }
}

/// Why a link was not sent, or opened nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The database said so.
    Db(DbError),
    /// It was used, is too old, or never was one. All look the same.
    Spent,
    /// There is no such person.
    Unknown,
    /// Only persons who are not disabled are invited.
    NotInvited,
    /// They have a password.
    Accepted,
    /// They have none yet.
    NotAccepted,
    /// The password is not one to be used; why.
    Unfit(String),
    /// Too often from one place; again after so many seconds.
    TooOften(i64),
    /// The machine could not hash it.
    CannotHash,
}

impl From<DbError> for LinkError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<CannotHash> for LinkError {
    fn from(_: CannotHash) -> Self {
        Self::CannotHash
    }
}

impl From<NoRandomness> for LinkError {
    fn from(_: NoRandomness) -> Self {
        Self::CannotHash
    }
}

impl Contended for LinkError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<LinkError> for Problem {
    fn from(e: LinkError) -> Self {
        match e {
            LinkError::Db(e) => e.into(),
            LinkError::Spent => Self::new(StatusCode::GONE, "link-spent", "This link no longer works")
                .detail("It was used, or is too old. Ask for a new one on the sign-in page."),
            LinkError::Unknown => Self::not_found(),
            LinkError::NotInvited => Self::conflict("not-invited", "Only persons who are not disabled have a password, or get a link to choose one."),
            LinkError::Accepted => Self::conflict("accepted", "They have a password already, and can choose a new one from the sign-in page."),
            LinkError::NotAccepted => Self::conflict("not-accepted", "They have no password yet: invite them."),
            LinkError::Unfit(why) => Self::invalid(why.clone()).fields(vec![FieldProblem { field: "password".to_owned(), message: why }]),
            LinkError::TooOften(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many tries").detail("Wait a few minutes, then try again."),
            LinkError::CannotHash => {
                tracing::error!("a password could not be hashed, or there was no randomness");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "This was not possible just now").detail("Nothing was changed. Try again in a moment.")
            }
        }
    }
}

//! Who acts, and what can be said about them.

use axum::http::StatusCode;
use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{Contended, DbError, FromRow, Row};
use platform::events::Event;
use platform::http::Problem;
use platform::{ids, limits};
use serde::Serialize;

use crate::words::words;

ids! {
    /// A person or an AI agent.
    StaffId
}

words! {
    /// What kind of staff.
    Kind {
        /// A human being.
        Person = "person",
        /// A program that acts by itself, inside the same limits.
        AiAgent = "ai_agent",
    }
}

words! {
    /// What a person may do besides what their teams let them.
    Role {
        /// Opens and changes everything.
        Owner = "owner",
        /// Keeps the installation running: connectors, jobs, health.
        Operator = "operator",
    }
}

/// A person or an AI agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Person or AI agent.
    pub kind: Kind,
    /// Full name.
    pub name: String,
    /// Of persons.
    pub email: Option<String>,
    /// A level of the charter in force; without one, nothing can be given.
    pub level: Option<String>,
    /// Language tag: `en-US`.
    pub locale: String,
    /// Name in the time zone database: `Europe/Lisbon`.
    pub time_zone: String,
    /// When they were added.
    pub created_at: Instant,
    /// Since when they may do nothing any more.
    pub disabled_at: Option<Instant>,
    /// Whether they have the role owner.
    pub is_owner: bool,
    /// Whether they have the role operator.
    pub is_operator: bool,
}

impl FromRow for Staff {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            kind: row.take()?,
            name: row.take()?,
            email: row.take()?,
            level: row.take()?,
            locale: row.take()?,
            time_zone: row.take()?,
            created_at: row.take()?,
            disabled_at: row.take()?,
            is_owner: row.take()?,
            is_operator: row.take()?,
        })
    }
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Full name.
    pub name: String,
    /// Where they are reached, and what they sign in with.
    pub email: String,
    /// A level of the charter in force.
    pub level: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
}

/// An AI agent to be added.
#[derive(Clone, Debug)]
pub struct NewAiAgent {
    /// What it is called.
    pub name: String,
    /// A level of the charter in force.
    pub level: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
}

/// What is to be true of a person or AI agent from now on.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Full name.
    pub name: String,
    /// Of persons; left out, it stays.
    pub email: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
}

/// What happened to a person or AI agent. Names and addresses are not part of it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named by what happened; the fields by what they hold")]
pub enum PeopleEvent {
    StaffAdded { staff: StaffId, kind: Kind, level: Option<String> },
    StaffChanged { staff: StaffId, fields: Vec<&'static str> },
    StaffDisabled { staff: StaffId },
    StaffEnabled { staff: StaffId },
    LevelSet { staff: StaffId, before: Option<String>, level: Option<String> },
    RoleGranted { staff: StaffId, role: Role },
    RoleWithdrawn { staff: StaffId, role: Role },
}

impl Event for PeopleEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::StaffAdded { .. } => "staff_added",
            Self::StaffChanged { .. } => "staff_changed",
            Self::StaffDisabled { .. } => "staff_disabled",
            Self::StaffEnabled { .. } => "staff_enabled",
            Self::LevelSet { .. } => "level_set",
            Self::RoleGranted { .. } => "role_granted",
            Self::RoleWithdrawn { .. } => "role_withdrawn",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::StaffAdded { staff, .. }
            | Self::StaffChanged { staff, .. }
            | Self::StaffDisabled { staff }
            | Self::StaffEnabled { staff }
            | Self::LevelSet { staff, .. }
            | Self::RoleGranted { staff, .. }
            | Self::RoleWithdrawn { staff, .. } => Subject::new("staff", staff),
        }
    }
}

/// Why something about people was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleError {
    /// The database said so.
    Db(DbError),
    /// There is no such person or AI agent.
    Unknown,
    /// A field does not hold what it should.
    Field(&'static str, String),
    /// Somebody else has this e-mail address.
    EmailTaken(String),
    /// The charter in force has no such level; it has these.
    NoSuchLevel(String, Vec<String>),
    /// Nobody else would be owner.
    LastOwner,
    /// Only persons have roles.
    NotAPerson,
    /// It is so already.
    Already(&'static str),
}

impl From<DbError> for PeopleError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for PeopleError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl PeopleError {
    /// The field that a form shows it beside, and what it says there.
    #[must_use]
    pub fn field(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Field(field, message) => Some((field, message.clone())),
            Self::EmailTaken(email) => Some(("email", format!("Somebody else has `{email}`. Look for it in the list of people."))),
            Self::NoSuchLevel(level, levels) => Some((
                "level",
                match levels.is_empty() {
                    true => format!("`{level}` is not a level: no charter is in force yet. Leave it out."),
                    false => format!("`{level}` is not a level of the charter in force. It has {}.", quoted(levels)),
                },
            )),
            _ => None,
        }
    }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl From<PeopleError> for Problem {
    fn from(e: PeopleError) -> Self {
        if let Some((field, message)) = e.field() {
            return Self::invalid(message.clone()).fields(vec![platform::http::FieldProblem { field: field.to_owned(), message }]);
        }
        match e {
            PeopleError::Db(e) => e.into(),
            PeopleError::LastOwner => Self::conflict("last-owner", "Nobody else is an owner. Make somebody else one first."),
            PeopleError::NotAPerson => Self::conflict("not-a-person", "Only persons have roles, are invited and sign in. An AI agent acts with a token."),
            PeopleError::Already(what) => Self::conflict("already", what),
            PeopleError::Unknown => Self::not_found(),
            PeopleError::Field(..) | PeopleError::EmailTaken(_) | PeopleError::NoSuchLevel(..) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Something in the request is wrong")
            }
        }
    }
}

/// An e-mail address as it is compared: case does not count.
#[must_use]
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether this can be an e-mail address. Whether it is one, only a mail can tell.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && part.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c));
    let host = |host: &str| host.contains('.') && host.split('.').all(|label| !label.is_empty());
    text.chars().count() <= limits::EMAIL_CHARS && text.split_once('@').is_some_and(|(local, of)| fits(local) && fits(of) && !of.contains('@') && host(of))
}

/// Whether the time zone database has this name.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

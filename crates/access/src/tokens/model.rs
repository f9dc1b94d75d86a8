//! A token and what it opens.

use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{Column, Contended, DbError, FromRow, Row, Value};
use platform::events::Event;
use platform::http::{FieldProblem, Problem};
use platform::ids;
use serde::Serialize;

use crate::people::StaffId;
use crate::words::words;

ids! {
    /// A token.
    TokenId
}

/// What every token begins with, so that one that got lost is found by those who look for secrets in texts.
pub const PREFIX: &str = "leeway_";

words! {
    /// What a token opens.
    Scope {
        /// Read cases and customers.
        CasesRead = "cases:read",
        /// Open and change cases.
        CasesWrite = "cases:write",
        /// Ask what may be done for a customer.
        OptionsRead = "options:read",
        /// Give remedies, inside the limits.
        GrantsWrite = "grants:write",
        /// Say what came of remedies that were sent. Part of the scope before it.
        GrantsSettle = "grants:settle",
        /// Confirm facts. Never for an AI agent.
        FactsConfirm = "facts:confirm",
        /// Show the card of a case to a person, in a frame. For the program whose page it stands in.
        CardsShow = "cards:show",
        /// Read people and teams, and who is absent, for whom that is told.
        PeopleRead = "people:read",
        /// Say who serves a group, and enter its rota and absences. Never for an AI agent or another system.
        GroupsWrite = "groups:write",
        /// Read and write the debriefs of the person behind the token. Never for an AI agent or another system.
        Debriefs = "debriefs",
        /// Change settings. Never for an AI agent.
        Admin = "admin",
    }
}

impl Scope {
    /// What it opens, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::CasesRead => "Read cases and customers",
            Self::CasesWrite => "Open and change cases",
            Self::OptionsRead => "Ask what may be done for a customer",
            Self::GrantsWrite => "Give remedies, inside the limits",
            Self::GrantsSettle => "Say what came of remedies that were sent, and nothing else",
            Self::FactsConfirm => "Confirm facts (never for an AI agent)",
            Self::CardsShow => "Show the card of a case to any person, inside another program, in their name",
            Self::PeopleRead => "Read people and teams, and absences: your own and of whom you lead",
            Self::GroupsWrite => "Say who serves a group, and enter its rota and absences, as far as you may (never for an AI agent or another system)",
            Self::Debriefs => "Read and write your own debriefs and those of whom you lead (never for an AI agent or another system)",
            Self::Admin => "Change settings (never for an AI agent)",
        }
    }
}

/// Some scopes, in order, each once. In a column: their words with blanks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Whether this one is among them, or part of one that is.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope) || (scope == Scope::GrantsSettle && self.0.contains(&Scope::GrantsWrite))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl Column for Scopes {
    fn to_value(&self) -> Value {
        Value::Text(self.0.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(" "))
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let text = String::from_value(value)?;
        text.split_whitespace().map(|word| word.parse().map_err(DbError::Defect)).collect()
    }
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A person's or an AI agent's.
    Staff(StaffId),
    /// Another system's, by the name it is known under: `shop`.
    Source(String),
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for, in words.
    pub name: String,
    /// Whose it is.
    pub bearer: Bearer,
    /// What it opens.
    pub scopes: Scopes,
}

/// A token as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Of a person or AI agent.
    pub staff: Option<StaffId>,
    /// Whose it is, in words.
    pub bearer: String,
    /// What it opens.
    pub scopes: Scopes,
    /// When it was made.
    pub made_at: Instant,
    /// When it was last used, give or take a minute.
    pub used_at: Option<Instant>,
    /// Since when it opens nothing.
    pub revoked_at: Option<Instant>,
}

impl FromRow for Token {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            name: row.take()?,
            staff: row.take()?,
            bearer: row.take()?,
            scopes: row.take()?,
            made_at: row.take()?,
            used_at: row.take()?,
            revoked_at: row.take()?,
        })
    }
}

/// What happened to a token.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named by what happened; the fields by what they hold")]
pub enum TokenEvent {
    TokenMade { token: TokenId, staff: Option<StaffId>, source: Option<String>, scopes: Scopes },
    TokenRevoked { token: TokenId },
}

impl Event for TokenEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::TokenMade { .. } => "token_made",
            Self::TokenRevoked { .. } => "token_revoked",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::TokenMade { token, .. } | Self::TokenRevoked { token } => Subject::new("token", token),
        }
    }
}

/// Why a token was not made or revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The database said so.
    Db(DbError),
    /// There is no such token, person or AI agent.
    Unknown,
    /// A field does not hold what it should.
    Field(&'static str, String),
    /// It was revoked already.
    Revoked,
}

impl From<DbError> for TokenError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for TokenError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<TokenError> for Problem {
    fn from(e: TokenError) -> Self {
        match e {
            TokenError::Db(e) => e.into(),
            TokenError::Unknown => Self::not_found(),
            TokenError::Field(field, message) => Self::invalid(message.clone()).fields(vec![FieldProblem { field: field.to_owned(), message }]),
            TokenError::Revoked => Self::conflict("revoked", "This token was revoked already."),
        }
    }
}

//! Who asks.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use platform::actor::Actor;
use platform::http::Problem;

use crate::people::{Kind, StaffId};
use crate::sessions::SessionId;
use crate::teams::{Reached, TeamId, TeamRole};
use crate::tokens::{Scope, Scopes, TokenId};

/// Who asks, with what they may see. A handler takes it as an argument.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Known>);

/// What is known about who asks.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) who: Who,
    pub(super) way: Way,
    pub(super) name: String,
    pub(super) level: Option<String>,
    pub(super) locale: String,
    pub(super) time_zone: String,
    pub(super) is_owner: bool,
    pub(super) is_operator: bool,
    pub(super) reached: Vec<Reached>,
}

/// Somebody, or something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person or an AI agent.
    Staff(StaffId, Kind),
    /// Another system, by the name it is known under.
    Source(String),
}

/// How somebody showed who they are.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// By the cookie of a browser, with what every form must carry.
    Session { id: SessionId, csrf: String },
    /// By a token.
    Token { id: TokenId, scopes: Scopes },
    /// By a pass for one card, which opens no page and nothing of the API.
    Card { none: Scopes },
}

/// Which teams somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of them.
    All,
    /// These, by name.
    These(Vec<TeamId>),
}

impl Caller {
    pub(super) fn new(known: Known) -> Self {
        Self(Arc::new(known))
    }

    /// Who it is.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.0.who
    }

    /// The person or AI agent; nothing for another system.
    #[must_use]
    pub fn staff(&self) -> Option<StaffId> {
        match self.0.who {
            Who::Staff(id, _) => Some(id),
            Who::Source(_) => None,
        }
    }

    /// Whether this is a human being.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(self.0.who, Who::Staff(_, Kind::Person))
    }

    /// Who acts, for events.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.0.who {
            Who::Staff(id, _) => Actor::Staff(id.0),
            Who::Source(name) => Actor::Source(name.clone()),
        }
    }

    /// Full name; of another system, the name it is known under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The step on the authority ladder of the charter.
    #[must_use]
    pub fn level(&self) -> Option<&str> {
        self.0.level.as_deref()
    }

    /// Language tag.
    #[must_use]
    pub fn locale(&self) -> &str {
        &self.0.locale
    }

    /// Name in the time zone database.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// How they read figures and times.
    #[must_use]
    pub fn formats(&self) -> ui::format::Formats {
        ui::format::Formats {
            locale: ui::format::Locale::with_tag(&self.0.locale).unwrap_or_default(),
            time_zone: jiff::tz::TimeZone::get(&self.0.time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
        }
    }

    /// Whether they have the role owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.0.is_owner
    }

    /// Whether they have the role operator, or are owner.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.0.is_operator || self.0.is_owner
    }

    /// Whether they are in a team now, or owner.
    #[must_use]
    pub fn is_at_the_desk(&self) -> bool {
        self.0.is_owner || self.memberships().next().is_some()
    }

    /// Whether they lead or manage a team now, or are owner.
    #[must_use]
    pub fn is_lead(&self) -> bool {
        self.0.is_owner || self.0.reached.iter().any(|r| r.role >= TeamRole::Lead)
    }

    /// Whether they manage a team now, or are owner.
    #[must_use]
    pub fn is_manager(&self) -> bool {
        self.0.is_owner || self.0.reached.iter().any(|r| r.role == TeamRole::Manager)
    }

    /// The teams they are in now.
    pub fn memberships(&self) -> impl Iterator<Item = &Reached> {
        self.0.reached.iter().filter(|r| r.is_own)
    }

    /// The teams they lead or manage now, those below included.
    pub fn led(&self) -> impl Iterator<Item = &Reached> {
        self.0.reached.iter().filter(|r| r.role >= TeamRole::Lead)
    }

    /// The teams they may see: their own; as lead or manager also all below; as owner, or for another system, all.
    #[must_use]
    pub fn sees(&self) -> Seen {
        if self.sees_all() {
            return Seen::All;
        }
        let mut teams: Vec<TeamId> = Vec::with_capacity(self.0.reached.len());
        for reached in &self.0.reached {
            if !teams.contains(&reached.team) {
                teams.push(reached.team);
            }
        }
        Seen::These(teams)
    }

    fn sees_all(&self) -> bool {
        self.0.is_owner || matches!(self.0.who, Who::Source(_))
    }

    /// Whether they may see what a team does.
    #[must_use]
    pub fn may_see_team(&self, team: TeamId) -> bool {
        self.sees_all() || self.0.reached.iter().any(|r| r.team == team)
    }

    /// Whether they lead or manage this team or one above it, or are owner.
    #[must_use]
    pub fn leads(&self, team: TeamId) -> bool {
        self.0.is_owner || self.led().any(|r| r.team == team)
    }

    /// Whether they manage this team or one above it, or are owner.
    #[must_use]
    pub fn manages(&self, team: TeamId) -> bool {
        self.0.is_owner || self.0.reached.iter().any(|r| r.team == team && r.role == TeamRole::Manager)
    }

    /// What their token opens; nothing when they came by a browser.
    #[must_use]
    pub fn scopes(&self) -> Option<&Scopes> {
        match &self.0.way {
            Way::Token { scopes, .. } | Way::Card { none: scopes } => Some(scopes),
            Way::Session { .. } => None,
        }
    }

    /// Whether a route of the API that wants this scope is theirs: the token has it, and the person behind it may; or the person who is signed in may.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes().is_none_or(|scopes| scopes.has(scope))
            && match (&self.0.who, scope) {
                // Between two people; and what people say of who is there.
                (Who::Source(_) | Who::Staff(_, Kind::AiAgent), Scope::Debriefs | Scope::GroupsWrite) => false,
                (Who::Source(_), _) => true,
                (Who::Staff(_, Kind::AiAgent), Scope::FactsConfirm | Scope::Admin) => false,
                (Who::Staff(..), Scope::Admin) => self.is_owner(),
                (Who::Staff(..), _) => self.is_at_the_desk(),
            }
    }

    /// Which token they came by.
    #[must_use]
    pub fn token(&self) -> Option<TokenId> {
        match &self.0.way {
            Way::Token { id, .. } => Some(*id),
            Way::Session { .. } | Way::Card { .. } => None,
        }
    }

    /// Where they are signed in; nothing when they came by a token.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match &self.0.way {
            Way::Session { id, .. } => Some(*id),
            Way::Token { .. } | Way::Card { .. } => None,
        }
    }

    /// What every form of theirs carries as `_csrf`, and every other change as `X-CSRF-Token`. Empty for a token, which no other site can make a browser send.
    #[must_use]
    pub fn csrf(&self) -> &str {
        match &self.0.way {
            Way::Session { csrf, .. } => csrf,
            Way::Token { .. } | Way::Card { .. } => "",
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::not_signed_in)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

//! Teams, and who is in them when.

use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{Contended, DbError, FromRow, Row};
use platform::events::Event;
use platform::http::{FieldProblem, Problem};
use platform::ids;
use serde::Serialize;

use crate::people::StaffId;
use crate::words::words;

ids! {
    /// A team.
    TeamId,
    /// That somebody belongs to a team for a time.
    MembershipId
}

words! {
    /// What somebody is in a team.
    TeamRole {
        /// Works in it.
        Member = "member",
        /// Leads it: sees its work and that of the teams below it.
        Lead = "lead",
        /// Manages it: also decides who is in it.
        Manager = "manager",
    }
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Which.
    pub id: TeamId,
    /// No two have the same.
    pub name: String,
    /// The team above it.
    pub parent: Option<TeamId>,
}

impl FromRow for Team {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, name: row.take()?, parent: row.take()? })
    }
}

/// That somebody belongs to a team for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which.
    pub id: MembershipId,
    /// Who.
    pub staff: StaffId,
    /// Their name.
    pub staff_name: String,
    /// Where.
    pub team: TeamId,
    /// Its name.
    pub team_name: String,
    /// As what.
    pub role: TeamRole,
    /// From this instant on.
    pub from: Instant,
    /// Until this instant, which is no longer part of it.
    pub until: Option<Instant>,
}

impl Membership {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl FromRow for Membership {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            staff: row.take()?,
            staff_name: row.take()?,
            team: row.take()?,
            team_name: row.take()?,
            role: row.take()?,
            from: row.take()?,
            until: row.take()?,
        })
    }
}

/// A membership to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewMembership {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub team: TeamId,
    /// As what.
    pub role: TeamRole,
    /// From this instant on; it may lie in the past or ahead.
    pub from: Instant,
    /// Until this one, if that is known.
    pub until: Option<Instant>,
}

/// A team somebody is in, or reaches as lead or manager of one above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// As what: in the team itself, or in the one above it.
    pub role: TeamRole,
    /// Whether they are in the team itself.
    pub is_own: bool,
}

impl FromRow for Reached {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { team: row.take()?, name: row.take()?, role: row.take()?, is_own: row.take()? })
    }
}

/// What happened to a team, or to who is in it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named by what happened; the fields by what they hold")]
pub enum TeamEvent {
    TeamCreated { team: TeamId, name: String, parent: Option<TeamId> },
    TeamRenamed { team: TeamId, before: String, name: String },
    TeamMoved { team: TeamId, before: Option<TeamId>, parent: Option<TeamId> },
    MembershipBegun { membership: MembershipId, staff: StaffId, team: TeamId, role: TeamRole, from: Instant, until: Option<Instant> },
    MembershipEnded { membership: MembershipId, staff: StaffId, team: TeamId, until: Instant },
}

impl Event for TeamEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::TeamCreated { .. } => "team_created",
            Self::TeamRenamed { .. } => "team_renamed",
            Self::TeamMoved { .. } => "team_moved",
            Self::MembershipBegun { .. } => "membership_begun",
            Self::MembershipEnded { .. } => "membership_ended",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::TeamCreated { team, .. } | Self::TeamRenamed { team, .. } | Self::TeamMoved { team, .. } => Subject::new("team", team),
            Self::MembershipBegun { staff, .. } | Self::MembershipEnded { staff, .. } => Subject::new("staff", staff),
        }
    }
}

/// Why something about teams was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamError {
    /// The database said so.
    Db(DbError),
    /// There is no such team, person or membership.
    Unknown,
    /// The name is empty or too long.
    Name(String),
    /// Another team has this name.
    NameTaken(String),
    /// A team cannot stand below itself.
    Cycle,
    /// There are as many teams as there can be.
    TooMany,
    /// They are in this team then already.
    Overlap,
    /// It ends before it begins.
    Backwards,
    /// It has ended already.
    Ended,
}

impl From<DbError> for TeamError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for TeamError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl TeamError {
    /// The field that a form shows it beside, and what it says there.
    #[must_use]
    pub fn field(&self) -> Option<(&'static str, String)> {
        Some(match self {
            Self::Name(message) => ("name", message.clone()),
            Self::NameTaken(name) => ("name", format!("Another team is called `{name}`.")),
            Self::Cycle => ("parent", "A team cannot stand below itself. Choose another one.".to_owned()),
            Self::Overlap => ("team", "They are in this team at that time already. End that membership first.".to_owned()),
            Self::Backwards => ("until", "This is before it begins.".to_owned()),
            _ => return None,
        })
    }
}

impl From<TeamError> for Problem {
    fn from(e: TeamError) -> Self {
        if let Some((field, message)) = e.field() {
            return Self::invalid(message.clone()).fields(vec![FieldProblem { field: field.to_owned(), message }]);
        }
        match e {
            TeamError::Db(e) => e.into(),
            TeamError::TooMany => Self::conflict("too-many-teams", "There are as many teams as there can be. Rename one that is no longer used."),
            TeamError::Ended => Self::conflict("ended", "This membership has ended already."),
            _ => Self::not_found(),
        }
    }
}

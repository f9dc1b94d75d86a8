//! What is done to teams. Each is one transaction of the caller's.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::{events, limits};

use super::model::{MembershipId, NewMembership, Team, TeamError, TeamEvent, TeamId};
use super::store;
use crate::people;

/// Creates a team, at the top or below another one.
///
/// # Errors
/// [`TeamError`] when the name does not fit or is taken, or there is no such parent.
pub async fn create_team(tx: &mut Tx, name: &str, parent: Option<TeamId>, actor: &Actor, at: Instant) -> Result<TeamId, TeamError> {
    store::hold(tx).await?;
    let name = fitting(tx, name, None).await?;
    if let Some(parent) = parent {
        store::find(tx, parent).await?.ok_or(TeamError::Unknown)?;
    }
    let team = Team { id: TeamId::new(at), name, parent };
    if !store::create(tx, &team, at).await.map_err(|e| taken(e, &team.name))? {
        return Err(TeamError::TooMany);
    }
    let Team { id, name, parent } = team;
    events::append(tx, &TeamEvent::TeamCreated { team: id, name, parent }, actor, at).await?;
    Ok(id)
}

async fn fitting(tx: &mut Tx, name: &str, of: Option<TeamId>) -> Result<String, TeamError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > limits::NAME_CHARS {
        return Err(TeamError::Name(format!("A name has 1 to {} characters; this has {length}.", limits::NAME_CHARS)));
    }
    match store::find_by_name(tx, name).await? {
        Some(other) if Some(other.id) != of => Err(TeamError::NameTaken(other.name)),
        _ => Ok(name.to_owned()),
    }
}

fn taken(e: DbError, name: &str) -> TeamError {
    if e.is_refused() { TeamError::NameTaken(name.to_owned()) } else { e.into() }
}

/// Gives a team another name.
///
/// # Errors
/// [`TeamError`] when there is no such team, or the name does not fit or is taken.
pub async fn rename_team(tx: &mut Tx, id: TeamId, name: &str, actor: &Actor, at: Instant) -> Result<(), TeamError> {
    store::hold(tx).await?;
    let before = store::find(tx, id).await?.ok_or(TeamError::Unknown)?.name;
    let name = fitting(tx, name, Some(id)).await?;
    if before == name {
        return Ok(());
    }
    store::rename(tx, id, &name).await.map_err(|e| taken(e, &name))?;
    Ok(events::append(tx, &TeamEvent::TeamRenamed { team: id, before, name }, actor, at).await?)
}

/// Puts a team below another one, or at the top.
///
/// # Errors
/// [`TeamError::Cycle`] when the other one stands below it.
pub async fn move_team(tx: &mut Tx, id: TeamId, parent: Option<TeamId>, actor: &Actor, at: Instant) -> Result<(), TeamError> {
    store::hold(tx).await?;
    let before = store::find(tx, id).await?.ok_or(TeamError::Unknown)?.parent;
    if let Some(parent) = parent {
        store::find(tx, parent).await?.ok_or(TeamError::Unknown)?;
    }
    if before == parent {
        return Ok(());
    }
    if !store::put_below(tx, id, parent).await? {
        return Err(TeamError::Cycle);
    }
    Ok(events::append(tx, &TeamEvent::TeamMoved { team: id, before, parent }, actor, at).await?)
}

/// Begins a membership.
///
/// # Errors
/// [`TeamError::Overlap`] when they are in this team at that time already.
pub async fn begin_membership(tx: &mut Tx, new: &NewMembership, actor: &Actor, at: Instant) -> Result<MembershipId, TeamError> {
    if new.until.is_some_and(|until| until <= new.from) {
        return Err(TeamError::Backwards);
    }
    people::find(tx, new.staff).await?.ok_or(TeamError::Unknown)?;
    store::find(tx, new.team).await?.ok_or(TeamError::Unknown)?;
    let id = MembershipId::new(at);
    if !store::begin(tx, id, new).await? {
        return Err(TeamError::Overlap);
    }
    let NewMembership { staff, team, role, from, until } = *new;
    events::append(tx, &TeamEvent::MembershipBegun { membership: id, staff, team, role, from, until }, actor, at).await?;
    Ok(id)
}

/// Ends a membership. One that has not begun by then is called off.
///
/// # Errors
/// [`TeamError::Ended`] when it ends by then anyway.
pub async fn end_membership(tx: &mut Tx, id: MembershipId, until: Instant, actor: &Actor, at: Instant) -> Result<(), TeamError> {
    let membership = store::membership(tx, id).await?.ok_or(TeamError::Unknown)?;
    let until = store::end(tx, id, until).await?.ok_or(TeamError::Ended)?;
    let event = TeamEvent::MembershipEnded { membership: id, staff: membership.staff, team: membership.team, until };
    Ok(events::append(tx, &event, actor, at).await?)
}

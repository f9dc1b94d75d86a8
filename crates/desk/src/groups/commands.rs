use access::people::{self, Kind, StaffId};
use access::teams::{self, TeamId};
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::limits::{ABSENCES, SHIFTS};

use super::hearing::touch;
use super::model::{AbsenceEvent, AbsenceId, GroupEvent, NewAbsence, NewShift, Shift, ShiftId};
use super::store;
use crate::calendars::written;

/// Why something of a rota could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupError {
    /// There are no such hours, or no such absence; or they have ended.
    NotFound,
    /// There is no such team.
    NoTeam,
    /// There is no such person, or they are disabled.
    NobodyThere,
    /// It ends before it begins, or has ended already.
    Over,
    /// They are not in the team that serves the group.
    NotInTeam,
    /// They have no hours in the rota of the group, and stand in for nobody who has.
    NotInRota,
    /// Whoever stands in is somebody else of the team that serves the group.
    CannotStandIn,
    /// There are as many as there can be.
    TooMany(usize),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for GroupError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for GroupError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// Says which team serves a group.
///
/// # Errors
/// [`GroupError::NoTeam`].
pub async fn set_team(tx: &mut Tx, group: &str, team: TeamId, by: &Actor, at: Instant) -> Result<(), GroupError> {
    store::hold(tx, group).await?;
    teams::find(tx, team).await?.ok_or(GroupError::NoTeam)?;
    if store::teams(tx).await?.get(group).is_none_or(|(known, _)| *known != team) {
        store::set_team(tx, group, team, at).await?;
        events::append(tx, &GroupEvent::GroupTeamSet { group: group.to_owned(), team }, by, at).await?;
        touch(tx);
    }
    Ok(())
}

/// Puts somebody's hours into the rota of a group, from now on.
///
/// # Errors
/// [`GroupError::NotInTeam`]; [`GroupError::NobodyThere`]; [`GroupError::TooMany`].
pub async fn begin_shift(tx: &mut Tx, new: &NewShift, by: &Actor, at: Instant) -> Result<ShiftId, GroupError> {
    store::hold(tx, &new.group).await?;
    if !members(tx, &new.group, at).await?.contains(&new.staff) {
        return Err(GroupError::NotInTeam);
    }
    if !is_there(tx, new.staff).await? {
        return Err(GroupError::NobodyThere);
    }
    if store::shifts_of(tx, &new.group, at).await? >= SHIFTS {
        return Err(GroupError::TooMany(SHIFTS));
    }
    let id = ShiftId::new(at);
    store::begin(tx, id, new, at).await?;
    let begun = GroupEvent::ShiftBegun {
        group: new.group.clone(),
        shift: id,
        staff: new.staff,
        is_deputy: new.is_deputy,
        days: new.days,
        hours: written::shown(&new.hours),
        zone: new.zone.clone(),
    };
    events::append(tx, &begun, by, at).await?;
    touch(tx);
    Ok(id)
}

/// Takes somebody's hours out of a rota, from now on.
///
/// # Errors
/// [`GroupError::NotFound`].
pub async fn end_shift(tx: &mut Tx, shift: &Shift, by: &Actor, at: Instant) -> Result<(), GroupError> {
    if !store::end(tx, shift.id, at).await? {
        return Err(GroupError::NotFound);
    }
    events::append(tx, &GroupEvent::ShiftEnded { group: shift.group.clone(), shift: shift.id, staff: shift.staff }, by, at).await?;
    touch(tx);
    Ok(())
}

/// Says when somebody of the team and the rota of a group is not there, for whatever group, and who of that team stands in for them.
///
/// # Errors
/// [`GroupError::Over`]; [`GroupError::NotInTeam`]; [`GroupError::NotInRota`]; [`GroupError::CannotStandIn`]; [`GroupError::TooMany`].
pub async fn enter_absence(tx: &mut Tx, group: &str, new: &NewAbsence, by: &Actor, at: Instant) -> Result<AbsenceId, GroupError> {
    if new.until <= new.from || new.until <= at {
        return Err(GroupError::Over);
    }
    let members = members(tx, group, at).await?;
    if !members.contains(&new.staff) {
        return Err(GroupError::NotInTeam);
    }
    if !store::rotas(tx, at).await?.get(group).is_some_and(|rota| rota.people().contains(&new.staff)) {
        return Err(GroupError::NotInRota);
    }
    if let Some(substitute) = new.substitute
        && (substitute == new.staff || !members.contains(&substitute) || !is_there(tx, substitute).await?)
    {
        return Err(GroupError::CannotStandIn);
    }
    if store::absences_of(tx, new.staff, at).await? >= ABSENCES {
        return Err(GroupError::TooMany(ABSENCES));
    }
    let absence = AbsenceId::new(at);
    store::enter(tx, absence, new).await?;
    let entered = AbsenceEvent::AbsenceEntered { absence, staff: new.staff, substitute: new.substitute, from: new.from, until: new.until };
    events::append(tx, &entered, by, at).await?;
    touch(tx);
    Ok(absence)
}

/// Somebody is there from now on, or will be after all.
///
/// # Errors
/// [`GroupError::NotFound`].
pub async fn call_off(tx: &mut Tx, absence: AbsenceId, staff: StaffId, by: &Actor, at: Instant) -> Result<(), GroupError> {
    if !store::call_off(tx, absence, at).await? {
        return Err(GroupError::NotFound);
    }
    events::append(tx, &AbsenceEvent::AbsenceCalledOff { absence, staff }, by, at).await?;
    touch(tx);
    Ok(())
}

/// Who is in the team that serves a group; nobody without a team.
async fn members(tx: &mut Tx, group: &str, at: Instant) -> Result<Vec<StaffId>, DbError> {
    let Some((team, _)) = store::teams(tx).await?.remove(group) else { return Ok(Vec::new()) };
    Ok(teams::memberships_of_team(tx, team, at).await?.into_iter().map(|member| member.staff).collect())
}

/// A group is of real people, who are not disabled.
async fn is_there(tx: &mut Tx, staff: StaffId) -> Result<bool, DbError> {
    Ok(people::find(tx, staff).await?.is_some_and(|found| found.disabled_at.is_none() && found.kind == Kind::Person))
}

//! What of the team, the rota and the absences of a group somebody may change, in a browser or through a program of theirs.

use access::Caller;
use access::people::StaffId;
use access::teams::{self, TeamId};
use charter::time::Instant;
use platform::db::Tx;
use platform::http::Problem;

use super::commands;
use super::model::{Absence, AbsenceId, NewAbsence, NewShift, Shift, ShiftId};
use super::store;
use crate::charters::{self, Charters};

/// Whether the charter in force has such a group.
pub(super) async fn known(tx: &mut Tx, charters: &Charters, group: &str) -> Result<(), Problem> {
    let in_force = charters::in_force(tx, charters).await?;
    in_force.filter(|in_force| in_force.charter.groups.iter().any(|known| *known.id == *group)).map(drop).ok_or_else(Problem::not_found)
}

/// Who leads the team of a group enters its rota.
pub(super) async fn led(tx: &mut Tx, caller: &Caller, group: &str) -> Result<(), Problem> {
    let team = serving(tx, group).await?;
    team.filter(|team| caller.leads(*team)).map(drop).ok_or_else(|| Problem::not_permitted().detail("Who leads the team that serves this group can."))
}

/// The team that serves a group, if it has one.
async fn serving(tx: &mut Tx, group: &str) -> Result<Option<TeamId>, Problem> {
    store::hold(tx, group).await?;
    Ok(store::teams(tx).await?.remove(group).map(|(team, _)| team))
}

/// Says which team serves a group. A manager hands over from a team of theirs to a team of theirs.
pub(super) async fn set_team(tx: &mut Tx, charters: &Charters, caller: &Caller, (group, team): (&str, TeamId), at: Instant) -> Result<(), Problem> {
    known(tx, charters, group).await?;
    let from = serving(tx, group).await?;
    if !caller.manages(team) || from.is_some_and(|from| !caller.manages(from)) {
        return Err(Problem::not_permitted().detail("Who manages both the team that serves this group and the one that is to can."));
    }
    Ok(commands::set_team(tx, group, team, &caller.actor(), at).await?)
}

/// Puts somebody's hours into the rota.
pub(super) async fn begin_shift(tx: &mut Tx, charters: &Charters, caller: &Caller, new: &NewShift, at: Instant) -> Result<ShiftId, Problem> {
    known(tx, charters, &new.group).await?;
    led(tx, caller, &new.group).await?;
    Ok(commands::begin_shift(tx, new, &caller.actor(), at).await?)
}

/// Takes somebody's hours out of a rota.
pub(super) async fn end_shift(tx: &mut Tx, caller: &Caller, id: ShiftId, at: Instant) -> Result<Shift, Problem> {
    let shift = store::shift(tx, id).await?.ok_or_else(Problem::not_found)?;
    led(tx, caller, &shift.group).await?;
    commands::end_shift(tx, &shift, &caller.actor(), at).await?;
    Ok(shift)
}

/// Enters when somebody who has hours in the rota, or stands in for somebody, is not there: their lead does, or they themselves.
pub(super) async fn enter_absence(
    tx: &mut Tx,
    charters: &Charters,
    caller: &Caller,
    (group, new): (&str, &NewAbsence),
    at: Instant,
) -> Result<AbsenceId, Problem> {
    known(tx, charters, group).await?;
    if caller.staff() != Some(new.staff) {
        led(tx, caller, group).await?;
    }
    Ok(commands::enter_absence(tx, group, new, &caller.actor(), at).await?)
}

/// Somebody is there after all: their lead says so, or they themselves.
pub(super) async fn call_off(tx: &mut Tx, caller: &Caller, id: AbsenceId, at: Instant) -> Result<StaffId, Problem> {
    let Absence { staff, .. } = store::absence(tx, id).await?.ok_or_else(Problem::not_found)?;
    let teams = teams::memberships_of(tx, staff).await?;
    let is_led = teams.iter().any(|member| member.holds(at) && caller.leads(member.team));
    if caller.staff() != Some(staff) && !is_led {
        return Err(Problem::not_found());
    }
    commands::call_off(tx, id, staff, &caller.actor(), at).await?;
    Ok(staff)
}

//! Who is reached by what is passed up.

use access::people::StaffId;
use access::{Caller, teams};
use charter::Charter;
use jiff::{SignedDuration, Timestamp};
use platform::db::{DbError, Tx};

use super::store;
use crate::charters;

/// How far is looked ahead for the next who is there.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Who is there for a group now, or is there next; the people of its team while it has no rota. Nobody for a group that nobody serves.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn reached(tx: &mut Tx, charter: &Charter, group: &str, now: Timestamp) -> Result<Vec<StaffId>, DbError> {
    if let Some(rota) = store::rotas(tx, now.as_microsecond()).await?.get(group) {
        let calendars = charters::calendars(tx).await?;
        let hours = charter.groups.iter().find(|known| *known.id == *group).and_then(|group| group.hours.as_deref());
        let until = now.checked_add(AHEAD).unwrap_or(now);
        let covered = rota.covered(hours.and_then(|name| calendars.get(name)), (now, until));
        return Ok(covered.into_iter().next().map(|part| part.on).unwrap_or_default());
    }
    let Some((team, _)) = store::teams(tx).await?.remove(group) else { return Ok(Vec::new()) };
    Ok(teams::memberships_of_team(tx, team, now.as_microsecond()).await?.into_iter().map(|member| member.staff).collect())
}

/// The groups that somebody serves: those of their teams and of the teams they lead, which owners do all, and those in whose rota they are or stand in.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn served_by(tx: &mut Tx, caller: &Caller, now: Timestamp) -> Result<Vec<String>, DbError> {
    served(tx, caller, |team| caller.leads(team), now).await
}

/// Whether somebody serves a group themselves, and not for being an owner alone.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn is_of(tx: &mut Tx, caller: &Caller, group: &str, now: Timestamp) -> Result<bool, DbError> {
    let groups = served(tx, caller, |team| caller.led().any(|led| led.team == team), now).await?;
    Ok(groups.iter().any(|served| served == group))
}

async fn served(tx: &mut Tx, caller: &Caller, leads: impl Fn(teams::TeamId) -> bool + Send, now: Timestamp) -> Result<Vec<String>, DbError> {
    let Some(staff) = caller.staff() else { return Ok(Vec::new()) };
    let teams = store::teams(tx).await?;
    let is_mine = |team: &teams::TeamId| leads(*team) || caller.memberships().any(|member| member.team == *team);
    let mut groups: Vec<String> = teams.into_iter().filter(|(_, (team, _))| is_mine(team)).map(|(group, _)| group).collect();
    let rotas = store::rotas(tx, now.as_microsecond()).await?;
    groups.extend(rotas.into_iter().filter(|(_, rota)| rota.people().contains(&staff)).map(|(group, _)| group));
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

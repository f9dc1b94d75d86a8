use std::collections::BTreeMap;

use access::people::{self, StaffId};
use access::teams::{self, NewMembership, TeamId, TeamRole};
use charter::calendar::Calendar;
use charter::time::Instant;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::Problem;

use super::super::{commands, store};
use super::answers::{Answers, CALENDAR};
use super::write::Begun;
use crate::calendars;
use crate::groups::{self, NewShift};

/// What the team is called that is made where there is none.
pub(super) const TEAM: &str = "Customer care";

/// Publishes the first charter with all that follows from the answers: the hours, a team, the owner's level, and who is there for what is passed up.
/// The caller's transaction keeps all of it or nothing.
///
/// # Errors
/// A conflict when a charter is in force already.
pub async fn begin(tx: &mut Tx, begun: &Begun, answers: &Answers, owner: StaffId, at: Instant) -> Result<(), Problem> {
    let by = Actor::Staff(owner.0);
    commands::hold(tx).await?;
    if store::version_in_force(tx).await?.is_some() {
        return Err(in_force());
    }
    commands::publish(tx, &begun.text, None, "Written from six answers.", &by, at).await?;
    calendars::keep(tx, CALENDAR, &calendar(answers)?, &by, at).await?;
    let levels: Vec<String> = begun.charter.levels.iter().map(ToString::to_string).collect();
    people::set_level(tx, owner, Some(answers.top.level()), &levels, &by, at).await?;
    let team = team_of(tx, owner, &by, at).await?;
    for group in [answers.first_group(), answers.last_group()] {
        groups::set_team(tx, &group, team, &by, at).await?;
        // Whenever the group is open, on the days that were answered.
        let shift = NewShift { group, staff: owner, is_deputy: false, days: answers.days, hours: Vec::new(), zone: answers.zone.clone() };
        groups::begin_shift(tx, &shift, &by, at).await?;
    }
    Ok(())
}

/// There is something to begin with only once.
pub(super) fn in_force() -> Problem {
    Problem::conflict("charter-in-force", "A charter is in force already, so nothing was published. On the page Charter another one takes its place.")
}

fn calendar(answers: &Answers) -> Result<Calendar, DbError> {
    let zone = TimeZone::get(&answers.zone).map_err(|e| DbError::Defect(e.to_string()))?;
    let weekly = std::array::from_fn(|day| if answers.days.has(day) { answers.hours.clone() } else { Vec::new() });
    Calendar::new(zone, weekly, BTreeMap::new()).map_err(|e| DbError::Defect(e.to_string()))
}

/// The team of the owner: theirs, or the first at the top, or a new one.
async fn team_of(tx: &mut Tx, owner: StaffId, by: &Actor, at: Instant) -> Result<TeamId, Problem> {
    if let Some(own) = teams::memberships_of(tx, owner).await?.into_iter().find(|membership| membership.holds(at)) {
        return Ok(own.team);
    }
    let team = match teams::all(tx).await?.into_iter().find(|team| team.parent.is_none()) {
        Some(team) => team.id,
        None => teams::create_team(tx, TEAM, None, by, at).await?,
    };
    teams::begin_membership(tx, &NewMembership { staff: owner, team, role: TeamRole::Manager, from: at, until: None }, by, at).await?;
    Ok(team)
}

use std::collections::BTreeMap;

use access::people::{self, StaffId};
use access::teams::{self, NewMembership, TeamId, TeamRole};
use charter::calendar::{Calendar, Hours};
use charter::time::Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};

use super::super::{commands, store};
use super::answers::{Answers, CALENDAR};
use super::typed;
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
    publish(tx, begun, answers, "Written from six answers.", &by, at).await?;
    calendars::keep(tx, CALENDAR, &calendar(answers, BTreeMap::new())?, &by, at).await?;
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

/// What the questions are asked over.
pub(super) enum Over {
    /// There is no charter.
    Nothing,
    /// The charter in force was written from these answers.
    Written { version: i64, answers: Form },
    /// The charter in force was not written from answers, or was changed by hand since.
    Another,
}

impl Over {
    /// Which charter gives way to the one that is written: none at first.
    pub(super) fn instead_of(&self) -> Option<i64> {
        match self {
            Self::Written { version, .. } => Some(*version),
            Self::Nothing | Self::Another => None,
        }
    }
}

/// Keeps what somebody answered until they publish it, right or wrong.
pub(super) async fn keep(tx: &mut Tx, staff: StaffId, instead_of: Option<i64>, typed: &Form) -> Result<(), DbError> {
    let kept = serde_json::to_string(&typed::draft_of(typed)).map_err(|e| DbError::Defect(e.to_string()))?;
    store::keep_draft(tx, staff, instead_of, &kept).await
}

/// What the questions are asked over, and what somebody answered last and has not published.
pub(super) async fn answered(tx: &mut Tx, staff: StaffId) -> Result<(Over, Option<Form>), DbError> {
    let over = over(tx).await?;
    let kept = store::draft_of(tx, staff, over.instead_of()).await?;
    Ok((over, kept.and_then(|kept| typed::kept(&kept))))
}

pub(super) async fn over(tx: &mut Tx) -> Result<Over, DbError> {
    let Some(version) = store::version_in_force(tx).await? else { return Ok(Over::Nothing) };
    let kept = store::answers_of(tx, version).await?;
    Ok(kept.and_then(|kept| typed::kept(&kept)).map_or(Over::Another, |answers| Over::Written { version, answers }))
}

/// Publishes the charter that other answers come to, in the place of one that was written from answers. Hours that were answered otherwise are entered anew;
/// days that differ stay, as do levels, teams and the rota.
///
/// # Errors
/// A conflict when another charter is in force than the answers were given over.
pub async fn begin_again(tx: &mut Tx, begun: &Begun, answers: &Answers, instead_of: i64, by: &Actor, at: Instant) -> Result<(), Problem> {
    tx.hold(&["charters".to_owned()]).await?;
    let before = match over(tx).await? {
        Over::Written { version, mut answers } if version == instead_of => typed::read(&mut answers),
        _ => return Err(in_force()),
    };
    publish(tx, begun, answers, "Written from six answers, of which some are others.", by, at).await?;
    let (before, now) = (before.map(|before| calendar(&before, BTreeMap::new())).transpose()?, calendar(answers, BTreeMap::new())?);
    if before.as_ref() != Some(&now) {
        let kept = store::calendars(tx).await?.remove(CALENDAR).map(|calendar| calendar.exceptions().clone()).unwrap_or_default();
        calendars::keep(tx, CALENDAR, &calendar(answers, kept)?, by, at).await?;
    }
    Ok(())
}

/// Publishes what came of answers, and keeps them with it.
async fn publish(tx: &mut Tx, begun: &Begun, answers: &Answers, note: &str, by: &Actor, at: Instant) -> Result<(), Problem> {
    let published = commands::publish(tx, &begun.text, None, note, by, at).await?;
    let kept = serde_json::to_string(&typed::fields_of(answers)).map_err(|e| DbError::Defect(e.to_string()))?;
    Ok(store::keep_answers(tx, published.version, &kept).await?)
}

/// There is something to begin with only once.
pub(super) fn in_force() -> Problem {
    Problem::conflict(
        "charter-in-force",
        "Another charter is in force than these answers were given over, so nothing was published. The page Charter shows it, and how it is changed.",
    )
}

fn calendar(answers: &Answers, exceptions: BTreeMap<Date, Vec<Hours>>) -> Result<Calendar, DbError> {
    let zone = TimeZone::get(&answers.zone).map_err(|e| DbError::Defect(e.to_string()))?;
    let weekly = std::array::from_fn(|day| if answers.days.has(day) { answers.hours.clone() } else { Vec::new() });
    Calendar::new(zone, weekly, exceptions).map_err(|e| DbError::Defect(e.to_string()))
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

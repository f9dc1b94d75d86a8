//! What was passed up, as one who wants to do something with it finds it; for the pages and the API alike.

use access::Caller;
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::http::Problem;
use platform::limits::{LIVE_TOPICS, PAGE_ENTRIES};

use super::model::{EscalationError, EscalationId, EscalationRow};
use super::store;
use crate::cases::{self, CaseId, CaseRow};
use crate::groups;
use crate::state::may_see;

/// What was passed up, with its case, and what the one who looks is in it.
pub(super) struct Known {
    pub(super) row: EscalationRow,
    pub(super) case: CaseRow,
    /// They may answer for the group it is with.
    pub(super) serves: bool,
    /// They serve it themselves; owners may answer for every group.
    pub(super) is_of_group: bool,
    /// They may open the case.
    pub(super) sees_case: bool,
    is_person: bool,
}

/// What was passed up, for those who may open its case or serve its group, and for the one who raised it. To others it is not there.
pub(super) async fn known(tx: &mut Tx, caller: &Caller, id: EscalationId, now: Timestamp) -> Result<Known, Problem> {
    looked_up(tx, caller, id, now).await?.ok_or_else(Problem::not_found)
}

async fn looked_up(tx: &mut Tx, caller: &Caller, id: EscalationId, now: Timestamp) -> Result<Option<Known>, DbError> {
    let Some(row) = store::by_id(tx, id).await? else { return Ok(None) };
    let Some(case) = cases::by_id(tx, row.case).await? else { return Ok(None) };
    let (serves, sees_case) = (serves(tx, caller, &row.group, now).await?, may_see(caller, &case));
    let is_of_group = serves && groups::is_of(tx, caller, &row.group, now).await?;
    let is_theirs = serves || sees_case || row.raiser == caller.actor();
    Ok(is_theirs.then(|| Known { row, case, serves, is_of_group, sees_case, is_person: caller.is_person() }))
}

/// The same for one who is about to change something: with its case held, so that nobody else changes it, and nothing that is written escapes an erasure.
pub(super) async fn known_held(tx: &mut Tx, caller: &Caller, id: EscalationId, now: Timestamp) -> Result<Known, Problem> {
    let found = known(tx, caller, id, now).await?;
    tx.hold(&[cases::held(found.case.number)]).await?;
    known(tx, caller, id, now).await
}

/// The groups for which somebody answers what is passed up: people do, and no programs, whichever team they are in.
pub(super) async fn served_by(tx: &mut Tx, caller: &Caller, now: Timestamp) -> Result<Vec<String>, DbError> {
    if caller.is_person() { groups::served_by(tx, caller, now).await } else { Ok(Vec::new()) }
}

/// How much waits for an answer of the teams that somebody leads, to be said beside the way there: counted anew for each page, so one look at an index for
/// each team, and for a few teams at most.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn waiting(tx: &mut Tx, caller: &Caller) -> Result<u32, DbError> {
    let mut waiting = 0;
    let mut teams: Vec<_> = caller.led().map(|led| led.team).collect();
    if caller.is_owner() {
        teams.extend(caller.memberships().map(|own| own.team));
    }
    teams.sort_unstable();
    teams.dedup();
    for team in teams.into_iter().take(LIVE_TOPICS) {
        waiting += store::count_of_team(tx, team).await?;
    }
    Ok(waiting)
}

impl Known {
    /// What somebody of the group does, and nobody else.
    pub(super) fn of_group(self) -> Result<Self, Problem> {
        match self {
            known if known.serves => Ok(known),
            known if known.is_person => Err(Problem::not_permitted().detail("Who serves the group can.")),
            _ => Err(EscalationError::NotForPrograms.into()),
        }
    }

    /// Who works on the case does it, and not somebody of the group alone.
    pub(super) fn of_case(self) -> Result<Self, Problem> {
        if self.sees_case { Ok(self) } else { Err(Problem::not_permitted().detail("Who works on the case can.")) }
    }
}

/// Whether somebody may open the page of what was passed up, and hear of what changes there.
pub fn may_open<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, now: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        let Ok(id) = id.parse::<EscalationId>() else { return Ok(false) };
        Ok(caller.is_at_the_desk() && looked_up(tx, caller, id, now).await?.is_some())
    })
}

/// Whether somebody may hear that something changed in a case: who may open it, or something that was passed up in it.
pub fn may_hear_of_case<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, now: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        if cases::may_open(tx, caller, id, now).await? {
            return Ok(true);
        }
        let Ok(id) = id.parse::<CaseId>() else { return Ok(false) };
        let rows = store::of_case(tx, id, None, PAGE_ENTRIES).await?;
        let served = served_by(tx, caller, now).await?;
        Ok(caller.is_at_the_desk() && rows.iter().any(|row| row.raiser == caller.actor() || served.contains(&row.group)))
    })
}

/// Whether somebody serves a group, and hears of what waits for it.
pub fn may_hear<'t>(tx: &'t mut Tx, caller: &'t Caller, group: &'t str, now: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move { serves(tx, caller, group, now).await })
}

async fn serves(tx: &mut Tx, caller: &Caller, group: &str, now: Timestamp) -> Result<bool, DbError> {
    Ok(caller.is_owner() || served_by(tx, caller, now).await?.iter().any(|served| served == group))
}

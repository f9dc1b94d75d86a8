//! Who hears that something of a debrief changed: the pages of the two, and the overview of whoever leads. A topic says nothing of what it was.

use access::Caller;
use access::people::StaffId;
use charter::time::Instant;
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::live::{self, Topic};

use super::leads::{leads_of, side};
use super::model::TalkId;
use super::store;

/// What is on the list of an agent. No event is about it: those of debriefs tell of past talks too, which are of two people only.
pub(super) fn list(agent: StaffId) -> Topic {
    Topic::new("debrief_list", &agent)
}

/// How much waits for those whom somebody leads.
pub(super) fn overview(lead: StaffId) -> Topic {
    Topic::new("debriefs_led", &lead)
}

/// A talk that was held, with what was talked over and written.
pub(super) fn talk(id: TalkId) -> Topic {
    Topic::new("debrief_talk", &id)
}

/// Something came onto the list of an agent, or left it: it stands there, and whoever leads them now is told how much waits.
pub(super) async fn tell(tx: &mut Tx, agent: StaffId, at: Instant) -> Result<(), DbError> {
    live::touch(tx, list(agent));
    for lead in leads_of(tx, agent, at).await? {
        live::touch(tx, overview(lead.id));
    }
    Ok(())
}

/// Whether somebody may hear that something changed on the list of an agent: that agent, and who leads them now.
pub fn may_hear<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, now: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        let (Some(me), Ok(agent)) = (one(caller), id.parse::<StaffId>()) else { return Ok(false) };
        Ok(side(tx, me, agent, now.as_microsecond()).await?.is_some())
    })
}

/// Whether somebody may hear how much waits for those whom this one leads: nobody but themselves.
pub fn may_hear_as_lead<'t>(_: &'t mut Tx, caller: &'t Caller, id: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move { Ok(id.parse::<StaffId>().is_ok_and(|lead| one(caller) == Some(lead))) })
}

/// Whether somebody may hear of a talk: the two who held it.
pub fn may_hear_of_talk<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        let (Some(me), Ok(id)) = (one(caller), id.parse::<TalkId>()) else { return Ok(false) };
        Ok(store::talk(tx, id).await?.is_some_and(|talk| talk.is_of(me)))
    })
}

/// Who is one of two: a person at the desk.
fn one(caller: &Caller) -> Option<StaffId> {
    caller.staff().filter(|_| caller.is_person() && caller.is_at_the_desk())
}

//! What follows from which event. One table; nothing else calls upward.

use desk::{debriefs, escalations, groups, news};
use platform::db::{Body, DbError, Tx};
use platform::events::Recorded;
use platform::webhooks;
use platform::wiring::{Apply, Wire};

use crate::app::CHARTERS;

/// Webhooks hear of it.
const TOLD: &[Apply] = &[webhooks::follow];

const fn told(event: &'static str) -> Wire {
    Wire { event, apply: TOLD, jobs: &[] }
}

/// It says of somebody who they are or where: open pages of who is there hear of it.
const fn of_somebody(event: &'static str) -> Wire {
    Wire { event, apply: &[groups::changed], jobs: &[] }
}

/// What follows from each event.
pub static WIRES: &[Wire] = &[
    told("case_opened"),
    told("case_moved"),
    told("case_assigned"),
    told("case_answered"),
    told("case_linked"),
    told("case_unlinked"),
    Wire { event: "grant_made", apply: &[debriefs::stretched, webhooks::follow], jobs: &[] },
    Wire { event: "grant_moved", apply: &[debriefs::taken_back, webhooks::follow, hand_over], jobs: &[] },
    Wire { event: "grant_corrected", apply: &[news::corrected, debriefs::corrected, webhooks::follow], jobs: &[] },
    Wire { event: "no_exceeded", apply: &[news::exceeded, debriefs::exceeded], jobs: &[] },
    told("request_refused"),
    told("grant_approved"),
    Wire { event: "approval_ended", apply: &[tell_raiser, webhooks::follow], jobs: &[] },
    Wire { event: "escalation_raised", apply: &[tell_group, webhooks::follow], jobs: &[] },
    told("escalation_taken"),
    Wire { event: "escalation_replied_to", apply: &[tell_group, webhooks::follow], jobs: &[] },
    Wire { event: "escalation_passed_on", apply: &[tell_group, webhooks::follow], jobs: &[] },
    Wire { event: "escalation_reminded", apply: &[tell_group, webhooks::follow], jobs: &[] },
    Wire { event: "escalation_asked_back", apply: &[tell_raiser, webhooks::follow], jobs: &[] },
    Wire { event: "escalation_answered", apply: &[tell_raiser, webhooks::follow], jobs: &[] },
    told("escalation_withdrawn"),
    told("promise_made"),
    told("promise_renewed"),
    told("promise_kept"),
    told("promise_given_up"),
    told("group_team_set"),
    told("shift_begun"),
    told("shift_ended"),
    told("absence_entered"),
    told("absence_called_off"),
    told("charter_published"),
    told("charter_put_in_force"),
    of_somebody("staff_changed"),
    of_somebody("staff_disabled"),
    of_somebody("staff_enabled"),
    of_somebody("level_set"),
    of_somebody("membership_begun"),
    of_somebody("membership_ended"),
];

/// A grant that was sent is told with all that is needed to pay, ship or book it.
fn hand_over<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { desk::webhooks::sent(tx, &CHARTERS, event).await })
}

fn tell_group<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { escalations::told_group(tx, &CHARTERS, event).await })
}

fn tell_raiser<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { escalations::told_raiser(tx, event).await })
}

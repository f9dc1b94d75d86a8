//! What follows from which event. One table; nothing else calls upward.

use desk::news;
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

/// What follows from each event.
pub static WIRES: &[Wire] = &[
    told("case_opened"),
    told("case_moved"),
    told("case_assigned"),
    told("case_answered"),
    told("case_linked"),
    told("case_unlinked"),
    told("grant_made"),
    Wire { event: "grant_moved", apply: &[webhooks::follow, hand_over], jobs: &[] },
    Wire { event: "grant_corrected", apply: &[news::corrected, webhooks::follow], jobs: &[] },
    Wire { event: "no_exceeded", apply: &[news::exceeded], jobs: &[] },
    told("request_refused"),
    told("charter_published"),
    told("charter_put_in_force"),
];

/// A grant that was sent is told with all that is needed to pay, ship or book it.
fn hand_over<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { desk::webhooks::sent(tx, &CHARTERS, event).await })
}

//! What follows from which event. One table; nothing else calls upward.

use desk::news;
use platform::webhooks;
use platform::wiring::{Apply, Wire};

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
    told("grant_made"),
    told("grant_moved"),
    Wire { event: "grant_corrected", apply: &[news::corrected, webhooks::follow], jobs: &[] },
    Wire { event: "no_exceeded", apply: &[news::exceeded], jobs: &[] },
    told("request_refused"),
    told("charter_published"),
    told("charter_put_in_force"),
];

//! Webhooks, as owners and operators look after them, and the message that hands a grant over: other systems pay, ship or book it, and say what came of it.
//! How messages are kept, signed and tried stands in [`platform::webhooks`].

pub mod api;
mod follow;
mod pages;

use access::Permission;
use platform::http::Route;
use platform::outbound::Outbound;
use platform::webhooks::WebhookError;

use crate::state::Desk;
pub use follow::{SENT_EVENT, sent};

/// What the pages and the API of webhooks stand on. Cloned, it is the same.
#[derive(Clone)]
pub struct Hooks {
    /// The desk.
    pub desk: Desk,
    /// Says which addresses may be called.
    pub outbound: Outbound,
}

/// Every route of webhooks.
#[must_use]
pub fn routes(hooks: &Hooks) -> Vec<Route<Permission>> {
    let mut routes = pages::routes(hooks);
    routes.extend(api::routes(hooks));
    routes
}

/// What webhooks can be told of, with what it means.
pub const EVENTS: &[(&str, &str)] = &[
    (SENT_EVENT, "A remedy is to be paid, shipped or booked now"),
    ("grant_made", "A remedy was given; it can still be taken back"),
    ("grant_moved", "A grant was taken back, sent, fulfilled, failed, or is unclear"),
    ("grant_corrected", "An error in a grant was mended"),
    ("request_refused", "A customer was told no"),
    ("grant_approved", "Something that was passed up was approved; it waits to be given"),
    ("approval_ended", "What was approved lapsed, was taken back, or ended with its charter: it cannot be given any more"),
    ("escalation_raised", "Something was passed up to a group"),
    ("escalation_taken", "Somebody of the group works on it"),
    ("escalation_asked_back", "The group asks the one who raised it something"),
    ("escalation_replied_to", "That was answered: it is the group's turn again"),
    ("escalation_reminded", "Something that was passed up still waits, or is overdue"),
    ("escalation_passed_on", "Something went to another group: it was not answered in time, or nobody was there"),
    ("escalation_withdrawn", "The customer has given up; the feedback is still owed"),
    ("escalation_answered", "Something that was passed up was answered"),
    ("promise_made", "A customer was promised to be contacted"),
    ("promise_renewed", "They were told a later time"),
    ("promise_kept", "They were contacted, in time or late"),
    ("promise_given_up", "They will not be contacted"),
    ("group_team_set", "Another team serves a group"),
    ("shift_begun", "Somebody's hours came into the rota of a group"),
    ("shift_ended", "They were taken out of it"),
    ("absence_entered", "Somebody will be absent"),
    ("absence_called_off", "They are there after all"),
    ("case_opened", "A case was opened"),
    ("case_moved", "A case waits, goes on, is solved, reopened or closed"),
    ("case_assigned", "Somebody else works on a case, or nobody"),
    ("case_answered", "The customer of a case heard from somebody for the first time"),
    ("case_linked", "It was noted which customer or order a case is about"),
    ("case_unlinked", "A case is not about that customer or order after all"),
    ("charter_published", "A charter was published"),
    ("charter_put_in_force", "Another charter is in force"),
];

/// Names of events, if each is one of the table.
fn events<'a>(named: impl Iterator<Item = &'a str>) -> Result<Vec<String>, WebhookError> {
    let known = |name: &str| EVENTS.iter().any(|(event, _)| *event == name);
    named
        .map(
            |name| {
                if known(name) { Ok(name.to_owned()) } else { Err(WebhookError::Field("events", format!("`{name}` is not an event webhooks are told of."))) }
            },
        )
        .collect()
}

/// An address that may be called.
fn address(hooks: &Hooks, url: &str) -> Result<String, WebhookError> {
    let wrong = |why: String| WebhookError::Field("url", format!("{why}."));
    let length = url.chars().count();
    if length > platform::limits::URL_CHARS {
        return Err(wrong(format!("An address has at most {} characters; these are {length}", platform::limits::URL_CHARS)));
    }
    hooks.outbound.address(url).map(|url| url.to_string()).map_err(|e| wrong(e.to_string()))
}

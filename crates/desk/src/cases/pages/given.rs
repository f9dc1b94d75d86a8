//! What was given in a case, as its page shows it.

use std::collections::HashMap;

use charter::Charter;
use charter::time::Instant;
use jiff::Timestamp;
use platform::actor::Actor;
use ui::components::{Chip, Tone, Undo};

use super::show::Look;
use super::timeline::People;
use crate::cases::{CaseRow, State as CaseState};
use crate::charters::InForce;
use crate::grants::{GrantId, GrantRow, GrantState, Usable, Use, may_settle};
use crate::state::leads;

/// How many of the latest grants can be undone by a toast.
const UNDOS: usize = 5;

pub(super) struct GrantView {
    pub(super) what: String,
    pub(super) state: Chip,
    pub(super) detail: String,
    /// How long ago; empty where that does not matter.
    pub(super) age: String,
    /// Why it was given, and what was wrong with it, in somebody's words.
    pub(super) words: Vec<String>,
    /// Where what was approved is given.
    pub(super) give: Option<String>,
    pub(super) undo: Option<String>,
    pub(super) correct: Option<String>,
    /// Where what failed or is unclear is sent again.
    pub(super) again: Option<String>,
}

impl Look {
    pub(super) fn grants(
        &self,
        case: &CaseRow,
        (given, mut words, usable): (&[GrantRow], HashMap<GrantId, Vec<String>>, &Usable),
        in_force: Option<&InForce>,
        people: &People,
    ) -> Vec<GrantView> {
        let by = self.caller.actor();
        let view = |row: &GrantRow| GrantView {
            words: words.remove(&row.id).unwrap_or_default(),
            what: what(in_force, row),
            state: chip_of(row, usable),
            detail: self.detail(row, usable, people),
            age: if row.state == GrantState::Offered { String::new() } else { self.age(row.at) },
            give: usable.contains(&row.id).then(|| format!("/grants/{}/giving", row.id)),
            undo: can_undo(row, &by, self.at).then(|| withdrawal(&row.id)),
            again: (matches!(row.state, GrantState::Failed | GrantState::Unclear) && may_settle(&self.caller, row).is_ok())
                .then(|| format!("/grants/{}/settlement?settled=sent", row.id)),
            correct: (row.giver != by && row.state.is_correctable() && leads(&self.caller, case)).then(|| format!("/grants/{}/correction", row.id)),
        };
        given.iter().map(view).collect()
    }

    fn detail(&self, row: &GrantRow, usable: &Usable, people: &People) -> String {
        let who = people.name(&row.giver);
        match row.state {
            GrantState::Offered => {
                let until = self.formats.deadline(stamp(row.send_at), self.now);
                format!("{who} approved it; {}", approval_words(usable.of(&row.id), &until))
            }
            _ => who,
        }
    }
}

/// Whether somebody gave it, and can still take it back.
fn can_undo(row: &GrantRow, by: &Actor, at: Instant) -> bool {
    row.giver == *by && row.state == GrantState::Granted && row.send_at > at
}

/// What somebody gave and can still take back, each with the address under which that is done: the latest few, as more of these toasts would hide the page.
pub(crate) fn undos(given: &[GrantRow], (by, at): (&Actor, Instant), charter: Option<&Charter>, csrf: &str, address: impl Fn(&GrantId) -> String) -> Vec<Undo> {
    let undo = |row: &GrantRow| Undo {
        title: format!("{} given", row.in_words(charter)),
        seconds: seconds(row.send_at - at),
        seconds_all: Undo::SECONDS,
        action: address(&row.id),
        csrf: csrf.to_owned(),
        after: "It is being sent, and can no longer be taken back.".to_owned(),
    };
    given.iter().take(UNDOS).filter(|row| can_undo(row, by, at)).map(undo).collect()
}

/// Where somebody takes back what they gave.
pub(crate) fn withdrawal(grant: &GrantId) -> String {
    format!("/grants/{grant}/withdrawal")
}

/// Whole seconds of a span in microseconds, the last one counted whole.
fn seconds(span: i64) -> u32 {
    u32::try_from((span + 999_999) / 1_000_000).unwrap_or(0)
}

pub(crate) fn what(in_force: Option<&InForce>, row: &GrantRow) -> String {
    row.in_words(in_force.map(|in_force| &*in_force.charter))
}

/// How long an approval can be given, or why it cannot be any more.
pub(crate) fn approval_words(used: Option<Use>, until: &str) -> String {
    match used {
        Some(Use::Now) => format!("it can be given until {until}"),
        Some(Use::Settled(CaseState::Closed)) => "the case is closed, so it is to be asked for anew in another one".to_owned(),
        Some(Use::Settled(state)) => format!("the case is {}: once it is reopened, it can be given until {until}", state.word()),
        Some(Use::OtherCharter) => "another charter is in force since, so it is to be asked for anew".to_owned(),
        Some(Use::Lapsed) | None => format!("it could be given until {until}"),
    }
}

/// Where a grant stands, in the one word that all pages have for it.
pub(crate) fn standing(state: GrantState) -> &'static str {
    match state {
        GrantState::Offered => "Approved",
        GrantState::Granted => "Given",
        GrantState::Withdrawn => "Taken back",
        GrantState::Sent => "Sent",
        GrantState::Fulfilled => "Fulfilled",
        GrantState::Failed => "Failed",
        GrantState::Unclear => "Unclear",
        GrantState::Corrected => "Corrected",
    }
}

/// The same as a chip of a grant; `usable` says which approvals can be given.
pub(crate) fn chip_of(row: &GrantRow, usable: &Usable) -> Chip {
    match (row.state, usable.of(&row.id)) {
        (GrantState::Offered, Some(Use::Now)) => grant_chip(row.state),
        // Reopened, it is valid again.
        (GrantState::Offered, Some(Use::Settled(CaseState::Solved))) => Chip::new(Tone::Plain, "Not while solved"),
        (GrantState::Offered, _) => Chip::new(Tone::Plain, "Not valid any more"),
        _ if row.has_lapsed() => Chip::new(Tone::Plain, "Not given in time"),
        (state, _) => grant_chip(state),
    }
}

pub(crate) fn grant_chip(state: GrantState) -> Chip {
    let tone = match state {
        GrantState::Offered | GrantState::Granted | GrantState::Sent => Tone::Ask,
        GrantState::Fulfilled => Tone::Positive,
        GrantState::Failed | GrantState::Unclear => Tone::Caution,
        GrantState::Withdrawn | GrantState::Corrected => Tone::Plain,
    };
    Chip::new(tone, standing(state))
}

/// What it means that a grant came to stand somewhere, by the word of its state.
pub(super) fn state_words(state: &str) -> &'static str {
    match state {
        "withdrawn" => "taken back before it was sent",
        "sent" => "sent to be paid, shipped or booked",
        "fulfilled" => "fulfilled: the customer has it",
        "failed" => "failed, and has to be settled",
        "unclear" => "unclear whether it was done; has to be settled",
        _ => "moved on",
    }
}

/// When something was, as formats take it.
pub(super) fn stamp(at: charter::time::Instant) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

//! What was given in a case, as its page shows it.

use std::collections::HashMap;

use charter::Charter;
use jiff::Timestamp;
use ui::components::{Chip, Tone, Undo};

use super::show::Look;
use super::timeline::People;
use crate::cases::CaseRow;
use crate::charters::InForce;
use crate::grants::{GrantId, GrantRow, GrantState, may_settle};
use crate::options::{spoken, title};
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
        (given, mut words): (&[GrantRow], HashMap<GrantId, Vec<String>>),
        in_force: Option<&InForce>,
        people: &People,
    ) -> Vec<GrantView> {
        let view = |row: &GrantRow| GrantView {
            words: words.remove(&row.id).unwrap_or_default(),
            what: what(in_force, row),
            state: grant_chip(row.state),
            detail: self.detail(row, people),
            age: if row.state == GrantState::Offered { String::new() } else { self.age(row.at) },
            give: (row.state == GrantState::Offered && row.send_at > self.at).then(|| format!("/grants/{}/giving", row.id)),
            undo: self.can_undo(row).then(|| format!("/grants/{}/withdrawal", row.id)),
            again: (matches!(row.state, GrantState::Failed | GrantState::Unclear) && may_settle(&self.caller, row).is_ok())
                .then(|| format!("/grants/{}/settlement?settled=sent", row.id)),
            correct: (row.giver != self.caller.actor() && row.state.is_correctable() && leads(&self.caller, case))
                .then(|| format!("/grants/{}/correction", row.id)),
        };
        given.iter().map(view).collect()
    }

    fn detail(&self, row: &GrantRow, people: &People) -> String {
        match row.state {
            GrantState::Offered => {
                format!("{} approved it; it can be given until {}", people.name(&row.giver), self.formats.moment(stamp(row.send_at), self.now))
            }
            _ => people.name(&row.giver),
        }
    }

    /// Whether the one who looks gave it, and can still take it back.
    fn can_undo(&self, row: &GrantRow) -> bool {
        row.giver == self.caller.actor() && row.state == GrantState::Granted && row.send_at > self.at
    }

    /// The latest few: more than these toasts would hide the page.
    pub(super) fn undos(&self, given: &[GrantRow], in_force: Option<&InForce>, csrf: &str) -> Vec<Undo> {
        let undo = |row: &GrantRow| Undo {
            title: format!("{} given", what(in_force, row)),
            seconds: seconds(row.send_at - self.at),
            seconds_all: Undo::SECONDS,
            action: format!("/grants/{}/withdrawal", row.id),
            csrf: csrf.to_owned(),
            after: "It is being sent, and can no longer be taken back.".to_owned(),
        };
        given.iter().take(UNDOS).filter(|row| self.can_undo(row)).map(undo).collect()
    }
}

/// Whole seconds of a span in microseconds, the last one counted whole.
fn seconds(span: i64) -> u32 {
    u32::try_from((span + 999_999) / 1_000_000).unwrap_or(0)
}

pub(crate) fn what(in_force: Option<&InForce>, row: &GrantRow) -> String {
    what_of(in_force.map(|c| &*c.charter), row)
}

pub(crate) fn what_of(charter: Option<&Charter>, row: &GrantRow) -> String {
    let Some(charter) = charter else { return spoken(&row.remedy) };
    let amount = row.amount();
    let title = title(charter, &row.remedy);
    if amount.is_empty() { title } else { format!("{title} of {amount}") }
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

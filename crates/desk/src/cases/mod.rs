//! A case: one customer's issue, from contact to resolution. It has a state that moves on by transitions, an owner, and a timeline of events.

pub mod api;
mod commands;
mod model;
mod pages;
mod store;

pub use commands::{
    CaseError, Declared, NewCase, Saying, answer, assign, choose_issue, choose_offering, held, link, move_on, note, open, say, state_fact, unlink,
};
pub use model::{CaseEvent, CaseId, CaseRow, Move, State};
pub(crate) use pages::{
    People, Reader, SaidNo, Sent, approval_words, back_to, chip_of, grant_chip, hidden, looked_at, looked_from, not_now, show_with, standing, state_answers,
    state_chip, timeline, undos, way, what, withdrawal,
};
pub use pages::{may_open, routes};
pub(crate) use store::{Known, KnownFact, erase_titles, known, list_ever, re_home};
pub use store::{List, STATEMENTS, about, by_id, by_ids, by_number, by_numbers, by_reference, list, list_newer};

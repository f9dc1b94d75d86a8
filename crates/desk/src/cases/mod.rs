//! A case: one customer's issue, from contact to resolution. It has a state that moves on by transitions, an owner, and a timeline of events.

pub mod api;
mod commands;
mod model;
mod pages;
mod store;

pub use commands::{CaseError, NewCase, Saying, assign, move_on, note, open, say, state_fact};
pub use model::{CaseEvent, CaseId, CaseRow, Move, State};
pub use pages::routes;
pub(crate) use pages::{Sent, show_with};
pub use store::{List, STATEMENTS, about, by_id, by_number, by_reference, list};

//! The way up: what an agent may not decide alone goes to people with more authority, and comes back with an answer, why, and whether they could have decided it
//! themselves. It is not answered without that, and nobody answers their own.

mod answer;
mod answering;
pub mod api;
mod chat;
mod commands;
mod follow;
mod known;
mod measures;
mod model;
mod pages;
mod passing;
mod precedents;
mod store;
mod talking;

pub use answer::{Answered, Feedback, Keeping, Verdict, answer};
pub use chat::{CHAT_JOB, ToChat, Told, to_chat};
pub use commands::{Ask, Raised, ask_back, look, raise, rate, reply, take, withdraw};
pub(crate) use follow::was_due;
pub use follow::{PRECEDENTS, told_group, told_raiser};
pub use known::{may_hear, may_hear_of_case, may_open, waiting};
pub use measures::{Measures, measured};
pub(crate) use model::words;
pub use model::{Answer, Cause, EscalationError, EscalationEvent, EscalationId, EscalationRow, ItemRow, Rating, Standing, State};
pub use pages::routes;
pub(crate) use pages::{read_moment, state_chip, to_type};
pub use passing::{DUE_JOB, REMIND_JOB, pass_on_overdue, remind};
pub(crate) use store::of_grant;
pub use store::{STATEMENTS, by_id, items, of_case};

use charter::time::Instant;

/// Nobody is known to be there, so no time can be told.
pub(crate) const NEVER: Instant = Instant::MAX;

/// How long what is approved can be given, unless the one who approves says otherwise: three days.
pub(crate) const UNTIL_MICROS: i64 = 3 * 86_400_000_000;
/// At most a week.
pub(crate) const UNTIL_MOST_MICROS: i64 = 7 * 86_400_000_000;

//! Grants: an append-only ledger of what was given. Decide, reserve and record are one transaction; a grant can be taken back by its giver until it is sent,
//! and corrected by a lead until it is fulfilled, for one of four errors, and for nothing else: the schema refuses the rest.

pub mod api;
mod approvals;
mod commands;
pub(crate) mod form;
pub(crate) mod lines;
mod model;
mod named;
mod offer;
mod pages;
mod store;
mod unsettled;

pub(crate) use approvals::{Approved, Terms, Usable, Use, approve, holding, usable};
pub use approvals::{LAPSE_JOB, give_approved, lapse, take_back_approved};
pub(crate) use commands::counted as counts;
pub use commands::{Given, GrantError, Item, Offer, Offered, SEND_JOB, correct, give, refuse, send_due, settle, withdraw};
pub(crate) use model::so_far;
pub use model::{Cause, Counted, Ended, GrantEvent, GrantId, GrantRow, GrantState, OfferId, Settled};
pub(crate) use pages::may_take_back;
pub use pages::routes;
pub use store::{STATEMENTS, by_id, by_ids, list_newer_of_customer, list_of_case, list_of_customer};
pub(crate) use store::{count_under, counted, home, re_home, words_of_case};
pub(crate) use unsettled::may_settle;

/// How long a grant can be taken back by its giver before anything is sent: 20 seconds.
pub const UNDO_MICROS: i64 = 20_000_000;

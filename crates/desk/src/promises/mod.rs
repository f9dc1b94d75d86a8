//! Promises: what a customer was told will happen, by whom, by when and how, with a clock of its own.

pub mod api;
mod commands;
mod hearing;
mod known;
mod model;
mod pages;
mod store;

pub use commands::{PromiseError, give_up, keep, make, renew};
pub use hearing::may_hear;
pub use model::{Fate, How, NewPromise, PromiseEvent, PromiseId, PromiseRow, Who};
pub use pages::routes;
pub(crate) use pages::{PromiseForm, PromiseView, view};
pub(crate) use store::of_group;
pub use store::{STATEMENTS, by_id, of_case};

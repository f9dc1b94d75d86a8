//! Customers: who they are, what they have and had, what is left for them. Two that turn out to be one are merged; what is personal can be erased.

mod commands;
mod model;
mod pages;
mod store;

pub use commands::{CustomerError, change, erase, erase_further, merge};
pub use model::CustomerEvent;
pub use pages::{may_open, routes};
pub use store::{Erasure, STATEMENTS, erasure};

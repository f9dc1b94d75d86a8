//! The first run: an installation without an owner prints a link in the terminal, and behind it a person makes themselves its owner. Whoever may read that
//! terminal may open the database as well, so the link opens no door that was closed. Once there is an owner, none of these links opens anything.

mod commands;
pub(crate) mod pages;
mod store;

pub use commands::{NewOwner, create, offer};
pub(crate) use store::forget;
pub use store::{STATEMENTS, is_open};

//! The charter in force. Every charter that was published is kept as it was; one of them is in force; each decision names its version.

pub mod api;
pub mod begin;
mod commands;
mod findings;
mod hearing;
mod model;
mod pages;
mod store;
mod told;
mod words;

pub(crate) use commands::stays;
pub use commands::{NotPublished, Published, counts_otherwise, publish, put_in_force};
pub use hearing::may_hear;
pub(crate) use hearing::topic;
pub use model::{CalendarName, Charters, InForce};
pub use pages::routes;
pub use store::{STATEMENTS, Summary, calendars, history, in_force, keep_calendar, summary, text_of, texts_of, version_in_force, version_of};

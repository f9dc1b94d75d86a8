//! The charter in force. Every charter that was published is kept as it was; one of them is in force; each decision names its version.

mod commands;
mod model;
mod store;

pub use commands::{NotPublished, Published, publish, put_in_force};
pub use model::{CalendarName, Charters, InForce};
pub use store::{STATEMENTS, Summary, calendars, history, in_force, keep_calendar, text_of, version_of};

//! Calendars: when groups are there. A charter names a calendar; its hours are kept here, because they change more often than a charter does.

mod commands;
mod pages;
pub(crate) mod written;

pub use commands::{CalendarEvent, keep};
pub use pages::routes;

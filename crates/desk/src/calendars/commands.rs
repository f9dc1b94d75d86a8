use charter::calendar::Calendar;
use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{DbError, Tx};
use platform::events::{self, Event};
use serde::Serialize;

use crate::{charters, groups};

/// What happens to a calendar.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CalendarEvent {
    /// Its hours were entered, or others took their place.
    CalendarKept {
        /// The name that charters give it.
        name: String,
        /// Its hours.
        calendar: Calendar,
    },
}

impl Event for CalendarEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::CalendarKept { .. } => "calendar_kept",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::CalendarKept { name, .. } => Subject::new("calendar", name),
        }
    }
}

/// Keeps the hours of a calendar.
///
/// # Errors
/// [`DbError`] when they cannot be kept.
pub async fn keep(tx: &mut Tx, name: &str, calendar: &Calendar, by: &Actor, at: Instant) -> Result<(), DbError> {
    charters::keep_calendar(tx, name, calendar, at).await?;
    groups::touch(tx);
    events::append(tx, &CalendarEvent::CalendarKept { name: name.to_owned(), calendar: calendar.clone() }, by, at).await
}

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

use std::collections::BTreeMap;

use platform::db::{DbError, Tx};

pub(crate) use commands::stays;
pub use commands::{NotPublished, Published, counts_otherwise, publish, put_in_force};
pub use hearing::{may_hear, topic};
pub use model::{CalendarName, Charters, InForce};
pub use pages::routes;
pub use store::{STATEMENTS, Summary, calendars, history, in_force, keep_calendar, summary, text_of, texts_of, version_in_force, version_of};

/// What each rule of a charter in force that allows a remedy says of it, by its name; those of the charter it stands inside too.
pub(crate) async fn allowing(tx: &mut Tx, in_force: &InForce, remedy: &str) -> Result<BTreeMap<String, String>, DbError> {
    let (own, outer) = store::texts_of(tx, in_force.version).await?.unwrap_or_default();
    let mut said = told::allowing(&in_force.charter, outer.as_deref().unwrap_or_default(), remedy);
    said.extend(told::allowing(&in_force.charter, &own, remedy));
    Ok(said)
}

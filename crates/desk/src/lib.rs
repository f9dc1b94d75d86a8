//! The desk: what customers come with, what may be done about it, and what was done.

pub mod asker;
pub mod cases;
pub mod charters;
pub mod deciding;
pub mod grants;
pub mod subjects;
pub mod verify;

use platform::db::Statement;

/// Every SQL text of this crate.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [charters::STATEMENTS, subjects::STATEMENTS, cases::STATEMENTS, deciding::STATEMENTS, grants::STATEMENTS, verify::STATEMENTS].concat()
}

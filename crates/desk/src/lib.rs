//! The desk: what customers come with, what may be done about it, and what was done.

pub mod asker;
pub mod cases;
pub mod charters;
pub mod customers;
pub mod deciding;
pub mod grants;
pub mod options;
mod problems;
mod state;
pub mod subjects;

use access::Permission;
use platform::db::Statement;
use platform::http::Route;

pub use state::Desk;

/// Every SQL text of this crate.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [charters::STATEMENTS, subjects::STATEMENTS, cases::STATEMENTS, deciding::STATEMENTS, grants::STATEMENTS, customers::STATEMENTS].concat()
}

/// Every route of this crate.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = cases::routes(desk);
    routes.extend(grants::routes(desk));
    routes.extend(customers::routes(desk));
    routes
}

//! The desk: what customers come with, what may be done about it, and what was done.

mod api;
pub mod asker;
pub mod calendars;
pub mod cases;
pub mod charters;
pub mod customers;
pub mod debriefs;
pub mod deciding;
pub mod embed;
pub mod escalations;
pub mod grants;
pub mod groups;
mod listed;
pub mod news;
pub mod offerings;
pub mod options;
mod problems;
pub mod promises;
pub mod search;
mod state;
pub mod subjects;
pub mod verify;
pub mod webhooks;

use access::Permission;
use platform::db::Statement;
use platform::http::Route;

pub use api::api;
pub use state::Desk;

/// Every SQL text of this crate.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [
        charters::STATEMENTS,
        subjects::STATEMENTS,
        cases::STATEMENTS,
        debriefs::STATEMENTS,
        deciding::STATEMENTS,
        deciding::SUM_STATEMENTS,
        deciding::OPENED_STATEMENTS,
        deciding::TRIED_STATEMENTS,
        escalations::STATEMENTS,
        grants::STATEMENTS,
        groups::STATEMENTS,
        groups::CHAT_STATEMENTS,
        news::STATEMENTS,
        offerings::STATEMENTS,
        promises::STATEMENTS,
        customers::STATEMENTS,
        search::STATEMENTS,
        verify::STATEMENTS,
    ]
    .concat()
}

/// Every route of this crate.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = cases::routes(desk);
    routes.extend(grants::routes(desk));
    routes.extend(escalations::routes(desk));
    routes.extend(promises::routes(desk));
    routes.extend(charters::routes(desk));
    routes.extend(calendars::routes(desk));
    routes.extend(groups::routes(desk));
    routes.extend(debriefs::routes(desk));
    routes.extend(offerings::routes(desk));
    routes.extend(news::routes(desk));
    routes.extend(cases::api::routes(desk));
    routes.extend(options::api::routes(desk));
    routes.extend(grants::api::routes(desk));
    routes.extend(escalations::api::routes(desk));
    routes.extend(promises::api::routes(desk));
    routes.extend(subjects::api::routes(desk));
    routes.extend(charters::api::routes(desk));
    routes.extend(groups::api::routes(desk));
    routes.extend(debriefs::api::routes(desk));
    routes.extend(customers::routes(desk));
    routes.extend(search::routes(desk));
    routes
}

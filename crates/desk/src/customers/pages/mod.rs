//! Pages of customers.

mod changes;
mod list;
mod lists;
mod show;

use access::{Caller, Permission};
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::http::Route;

use crate::state::Desk;

/// Whether somebody may hear of what changes for a customer: everybody at the desk, because a customer comes to any team.
pub fn may_open<'t>(_: &'t mut Tx, caller: &'t Caller, _: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move { Ok(caller.is_at_the_desk()) })
}

/// Every route of customers.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/customers", Permission::Desk, list::list, desk),
        Route::get("/customers/{id}", Permission::Desk, show::show, desk),
        Route::get("/customers/{id}/contact", Permission::Desk, changes::contact, desk),
        Route::post("/customers/{id}/contact", Permission::Desk, changes::change, desk).taking(&["name", "email", "phone", "locale", "contact"]),
        Route::get("/customers/{id}/merge", Permission::Lead, changes::same, desk),
        Route::post("/customers/{id}/merge", Permission::Lead, changes::merge, desk),
        Route::get("/customers/{id}/erasure", Permission::Owner, changes::erasure, desk),
        Route::post("/customers/{id}/erasure", Permission::Owner, changes::erase, desk),
    ]
}

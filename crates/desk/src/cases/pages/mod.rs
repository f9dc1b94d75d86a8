//! Pages of cases.

mod changes;
mod list;
mod new;
mod show;
mod timeline;

use access::Permission;
use platform::http::Route;

use crate::state::Desk;
pub(crate) use show::{Sent, grant_chip, show_with, state_chip, what};
pub(crate) use timeline::{People, shown};

/// Every route of cases.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let desk_only = Permission::Desk;
    vec![
        Route::get("/cases", desk_only, list::list, desk),
        Route::get("/cases/new", desk_only, new::new, desk),
        Route::post("/cases", desk_only, new::open, desk).taking(&["title", "customer", "order", "channel"]),
        Route::get("/cases/{number}", desk_only, show::show, desk),
        Route::post("/cases/{number}/facts", desk_only, changes::fact, desk).taking(&["value"]),
        Route::post("/cases/{number}/notes", desk_only, changes::note, desk).taking(&["note"]),
        Route::post("/cases/{number}/moves", desk_only, changes::move_on, desk),
        Route::post("/cases/{number}/owner", desk_only, changes::take, desk),
    ]
}

//! What is passed up: the form that does it, its page, and the lists of what waits.

mod answering;
mod changes;
mod list;
mod precedents;
mod raise;
mod show;

use access::Permission;
use jiff::Timestamp;
use jiff::civil::DateTime;
use platform::http::Route;
use ui::format::Formats;

use crate::state::Desk;

pub(crate) use show::state_chip;

/// Every route of what is passed up.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let desk_only = Permission::Desk;
    vec![
        Route::get("/escalations", desk_only, list::list, desk),
        Route::get("/answering", Permission::Lead, answering::show, desk),
        Route::get("/precedents", desk_only, precedents::list, desk),
        Route::get("/cases/{number}/escalations/new", desk_only, raise::form, desk),
        Route::post("/cases/{number}/escalations", desk_only, raise::raise, desk).taking(&["amount", "meanwhile", "why_meanwhile", "want", "due"]),
        Route::get("/escalations/{id}", desk_only, show::show, desk),
        Route::post("/escalations/{id}/taking", desk_only, changes::take, desk),
        Route::post("/escalations/{id}/question", desk_only, changes::ask_back, desk).taking(&["words"]),
        Route::post("/escalations/{id}/reply", desk_only, changes::reply, desk).taking(&["words"]),
        Route::post("/escalations/{id}/answer", desk_only, changes::answer, desk).taking(&["words"]),
        Route::post("/escalations/{id}/withdrawal", desk_only, changes::withdraw, desk),
        Route::post("/escalations/{id}/rating", desk_only, changes::rate, desk),
    ]
}

/// A moment as a form has it, in the time zone of the one who fills it in.
pub(crate) fn read_moment(typed: &str, formats: &Formats) -> Option<Timestamp> {
    let local: DateTime = typed.parse().ok()?;
    Some(local.to_zoned(formats.time_zone.clone()).ok()?.timestamp())
}

pub(crate) fn to_type(at: Timestamp, formats: &Formats) -> String {
    at.to_zoned(formats.time_zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

//! The list of what there is to talk over, talks that were held, and the way there from a case.

mod changes;
mod list;
mod mark;
mod talk;
mod view;

use access::people::StaffId;
use access::{Caller, Permission};
use platform::http::{Problem, Route};

use super::model::Point;
use crate::state::Desk;

/// Every route of debriefs.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let of_desk = Permission::Desk;
    vec![
        Route::get("/debriefs", of_desk, list::mine, desk),
        Route::get("/debriefs/with/{id}", of_desk, list::with, desk),
        Route::post("/debriefs/with/{id}/points", of_desk, changes::put, desk).taking(&["note"]),
        Route::post("/debriefs/with/{id}/talks", Permission::Lead, changes::hold, desk).taking(&["agreed"]),
        Route::post("/debriefs/points/{id}/notes", of_desk, changes::note_point, desk).taking(&["note"]),
        Route::get("/debriefs/talks/{id}", of_desk, talk::show, desk),
        Route::post("/debriefs/talks/{id}/notes", of_desk, changes::note_talk, desk).taking(&["note"]),
        Route::get("/cases/{number}/debrief", of_desk, mark::ask, desk),
        Route::post("/cases/{number}/debrief", of_desk, mark::mark, desk).taking(&["note"]),
    ]
}

/// Who is one of two: a person. To another system, and to an AI agent, nothing is there.
pub(super) fn one(caller: &Caller) -> Result<StaffId, Problem> {
    caller.staff().filter(|_| caller.is_person()).ok_or_else(Problem::not_found)
}

/// The list of an agent, for whoever looks.
fn list_of(agent: StaffId, me: StaffId) -> String {
    if agent == me { "/debriefs".to_owned() } else { format!("/debriefs/with/{agent}") }
}

/// Where a point stands: on the list, or in the talk it was talked over in.
fn place_of(point: &Point, me: StaffId, done: &str) -> String {
    let place = point.talk.map_or_else(|| list_of(point.agent, me), |talk| format!("/debriefs/talks/{talk}"));
    format!("{place}?done={done}#point-{}", point.id)
}

//! Pages of cases.

mod changes;
mod given;
mod known;
mod link;
mod list;
mod new;
mod show;
mod somebody;
mod timeline;

use access::{Caller, Permission};
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::http::Route;

use super::model::{CaseId, CaseRow};
use super::store;
use crate::charters::InForce;
use crate::options::issue_title;
use crate::state::{Desk, may_see};
pub(crate) use changes::{back_to, looked_from, not_now, state_answers};
pub(crate) use given::{approval_words, chip_of, grant_chip, standing, undos, what, withdrawal};
pub(crate) use show::{SaidNo, Sent, hidden, looked_at, show_with, state_chip};
pub(crate) use timeline::{People, Reader, timeline, way};

/// Every route of cases.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let desk_only = Permission::Desk;
    vec![
        Route::get("/cases", desk_only, list::list, desk),
        Route::get("/cases/new", desk_only, new::new, desk),
        Route::post("/cases", desk_only, new::open, desk).taking(&["title", "channel", "q", "reference", "name", "order"]),
        Route::get("/cases/{number}", desk_only, show::show, desk),
        Route::post("/cases/{number}/facts", desk_only, changes::facts, desk).taking(&["is.*"]),
        Route::post("/cases/{number}/notes", desk_only, changes::note, desk).taking(&["note"]),
        Route::post("/cases/{number}/moves", desk_only, changes::move_on, desk),
        Route::post("/cases/{number}/owner", desk_only, changes::take, desk),
        Route::get("/cases/{number}/about", desk_only, link::about, desk),
        Route::post("/cases/{number}/about", desk_only, link::change, desk).taking(&["q", "name", "reference"]),
    ]
}

/// Whether somebody may open the page of the case with this id, and hear of what changes there.
pub fn may_open<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        let Ok(id) = id.parse::<CaseId>() else { return Ok(false) };
        Ok(caller.is_at_the_desk() && store::by_id(tx, id).await?.is_some_and(|case| may_see(caller, &case)))
    })
}

impl CaseRow {
    /// What stands above it and in lists: what somebody wrote, else the kind of trouble, else its number.
    pub(crate) fn heading(&self, in_force: Option<&InForce>) -> String {
        let issue = self.issue.as_deref().map(|id| issue_title(in_force.map(|in_force| &*in_force.charter), id));
        self.title.clone().or(issue).unwrap_or_else(|| format!("Case {}", self.number))
    }
}

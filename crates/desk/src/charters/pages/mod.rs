//! The charter for people: what it says, what it said before, and publishing another one.

pub(super) mod changes;
mod publish;
mod show;
mod versions;

use access::teams::{self, TeamRole};
use access::{Caller, Permission, people};
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::Route;
use serde::Deserialize;
use ui::components::{Notice, Tone};

use super::begin;
use crate::grants;
use crate::state::Desk;

/// Every route of the charter's pages.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    let mut routes = vec![
        Route::get("/charter", Permission::Desk, show::show, desk),
        Route::get("/charter/new", Permission::Manager, publish::new, desk),
        Route::post("/charter", Permission::Manager, publish::publish, desk).taking(&["text", "outer", "note"]),
        Route::get("/charter/versions", Permission::Desk, versions::list, desk),
        Route::get("/charter/versions/{number}", Permission::Desk, versions::show, desk),
        Route::get("/charter/versions/{number}/charter.toml", Permission::Desk, versions::download, desk),
        Route::post("/charter/versions/{number}/in-force", Permission::Manager, versions::put_in_force, desk),
    ];
    routes.extend(begin::routes(desk));
    routes
}

/// Whether somebody may publish: owners, and who manages a team that stands under no other.
async fn may_publish(tx: &mut Tx, caller: &Caller) -> Result<bool, DbError> {
    if caller.is_owner() {
        return Ok(true);
    }
    for own in caller.memberships().filter(|m| m.role == TeamRole::Manager) {
        if teams::find(tx, own.team).await?.is_some_and(|team| team.parent.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many approvals end once another charter is in force, in words; nothing where none holds.
async fn ends(tx: &mut Tx, at: Instant) -> Result<Option<String>, DbError> {
    Ok(match grants::holding(tx, at).await? {
        0 => None,
        1 => Some("One approval still holds. It ends with the charter in force: whoever it is for is told, and asks anew.".to_owned()),
        n => Some(format!("{n} approvals still hold. They end with the charter in force: whoever they are for is told, and asks anew.")),
    })
}

/// Who did something, by name.
async fn named(tx: &mut Tx, actor: &Actor) -> Result<String, DbError> {
    Ok(match actor {
        Actor::Staff(id) => people::find(tx, people::StaffId(*id)).await?.map_or_else(|| "Somebody".to_owned(), |s| s.name),
        Actor::Source(name) => name.clone(),
        Actor::System => "Leeway".to_owned(),
    })
}

/// What has just been done, and where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
    before: Option<i64>,
}

impl Asked {
    /// Only words of this table are shown.
    fn notices(&self) -> Vec<Notice> {
        const DONE: [(&str, &str); 2] = [("published", "The charter is published and in force"), ("in-force", "This charter is in force again")];
        DONE.iter().filter(|(word, _)| *word == self.done).map(|(_, says)| Notice::new(Tone::Positive, *says)).collect()
    }
}

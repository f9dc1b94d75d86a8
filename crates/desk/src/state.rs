//! What the pages and the API of the desk stand on.

use std::sync::Arc;

use access::caller::Who;
use access::{Caller, people};
use jiff::Timestamp;
use platform::clock::Clock;
use platform::db::{Body, Contended, Db, DbError, Tx};
use platform::http::Problem;

use crate::asker::{Asker, Kind};
use crate::cases::{self, CaseRow};
use crate::charters::Charters;

/// Everything the desk stands on. Cloned, it is the same.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Arc<Db>,
    /// What time it is.
    pub clock: Clock,
    /// Charters that were loaded.
    pub charters: Charters,
    /// Makes the frame of a page, with the pages of all areas.
    pub frame: access::Frame,
}

impl Desk {
    /// Now, for words about time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Reads what a page shows.
    pub(crate) async fn read<T, E, F>(&self, body: F) -> Result<T, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Into<Problem> + Send + 'static,
    {
        self.db.read(body).await.map_err(Into::into)
    }

    /// Does what a form or a program wants.
    pub(crate) async fn write<T, E, F>(&self, body: F) -> Result<T, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Contended + Into<Problem> + Send + 'static,
    {
        self.db.write(body).await.map_err(Into::into)
    }
}

/// The caller as one who acts at the desk: staff with a level of authority.
pub(crate) fn asker(caller: &Caller) -> Result<Asker, Problem> {
    let Who::Staff(staff, kind) = caller.who() else {
        return Err(Problem::not_permitted().detail("Another system states facts; it gives nothing."));
    };
    let level =
        caller.level().ok_or_else(|| Problem::not_permitted().detail("You have no level of authority yet. An owner sets it on your page among the people."))?;
    let kind = match kind {
        people::Kind::Person => Kind::Person,
        people::Kind::AiAgent => Kind::Ai,
    };
    Ok(Asker { staff: staff.0, level: level.to_owned(), kind })
}

/// Whether somebody may open a case: their own, their teams', and those that belong to no team.
pub(crate) fn may_see(caller: &Caller, case: &CaseRow) -> bool {
    let own = case.owner.is_some() && case.owner == caller.staff().map(|s| s.0);
    own || case.team.is_none_or(|team| caller.may_see_team(access::teams::TeamId(team)))
}

/// Whether somebody leads the team of a case; any lead does, if it belongs to none.
pub(crate) fn leads(caller: &Caller, case: &CaseRow) -> bool {
    case.team.map_or_else(|| caller.is_lead(), |team| caller.leads(access::teams::TeamId(team)))
}

/// The case with a number, if the caller may see it. To others it is not there.
pub(crate) async fn seen(tx: &mut Tx, caller: &Caller, number: i64) -> Result<CaseRow, Problem> {
    let case = cases::by_number(tx, number).await?;
    case.filter(|case| may_see(caller, case)).ok_or_else(Problem::not_found)
}

/// A page, printed.
pub(crate) fn page(page: &impl askama::Template) -> Result<axum::response::Html<String>, Problem> {
    let printed = page.render().map_err(|e| Problem::from(DbError::Defect(format!("a page cannot be printed: {e}"))))?;
    Ok(axum::response::Html(printed))
}

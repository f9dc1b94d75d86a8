//! Where I am signed in.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Problem, Route};
use ui::shell::Shell;

use super::{SessionId, end, end_others, store};
use crate::pages::{self, Asked};
use crate::people::StaffId;
use crate::{Access, Caller, Permission};

/// The routes of sign-ins.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/settings/sessions", Permission::SignedIn, show, state),
        Route::post("/settings/sessions/end-others", Permission::SignedIn, end_all_others, state),
        Route::post("/settings/sessions/{id}/end", Permission::SignedIn, end_one, state),
    ]
}

#[derive(Template)]
#[template(path = "sessions/templates/sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<Line>,
}

struct Line {
    id: SessionId,
    device: String,
    since: String,
    seen: String,
    is_this: bool,
}

/// Who is signed in, and where.
pub(crate) fn signed_in(caller: &Caller) -> Result<(StaffId, SessionId), Problem> {
    caller.staff().zip(caller.session()).ok_or_else(Problem::not_signed_in)
}

async fn show(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (staff, this) = signed_in(&caller)?;
    let now = access.clock.now();
    let sessions = access.db.read(move |tx| Box::pin(async move { store::list(tx, staff, now).await })).await.map_err(|e: DbError| e)?;
    let line = |session: super::Session| Line {
        id: session.id,
        since: pages::moment(&caller, session.created_at, now),
        seen: caller.formats().age(pages::stamp(session.seen_at), pages::stamp(now)),
        is_this: session.id == this,
        device: session.device,
    };
    let mut shell = (access.frame)(&caller, "Signed in on");
    "End what you do not know, then change your password.".clone_into(&mut shell.context);
    shell.notices = asked.notices();
    pages::page(&SessionsPage { shell, sessions: sessions.into_iter().map(line).collect() })
}

async fn end_one(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let ((staff, _), id, now) = (signed_in(&caller)?, pages::id(&id)?, access.clock.now());
    access.db.write(move |tx| Box::pin(async move { end(tx, staff, id, now).await })).await?;
    Ok(pages::to("/settings/sessions?done=ended"))
}

async fn end_all_others(State(access): State<Access>, caller: Caller) -> Result<Response, Problem> {
    let ((staff, this), now) = (signed_in(&caller)?, access.clock.now());
    access.db.write(move |tx| Box::pin(async move { end_others(tx, staff, this, now).await })).await?;
    Ok(pages::to("/settings/sessions?done=others"))
}

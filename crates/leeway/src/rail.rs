//! How much waits where a link of the rail leads. It is looked up before a page is made, because the frame of a page reads nothing.

use access::Caller;
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use platform::db::DbError;

use crate::app::App;

tokio::task_local! {
    static WAITING: u32;
}

/// How much waits for who asks for the page that is being made; nothing where nothing does.
pub(crate) fn counted() -> Option<u32> {
    WAITING.try_with(|waiting| *waiting).ok().filter(|waiting| *waiting > 0)
}

/// Looks up what waits before a page is made for somebody who leads a team.
pub(crate) async fn known(State(app): State<App>, request: Request, next: Next) -> Response {
    let wants_page = request.headers().get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok()).is_some_and(|accepts| accepts.contains("text/html"));
    let caller = request.extensions().get::<Caller>().filter(|_| wants_page && request.method() == Method::GET).cloned();
    // A page without its number is better than none.
    let waiting = match caller {
        Some(caller) => waiting(&app, &caller).await.unwrap_or_default(),
        None => 0,
    };
    WAITING.scope(waiting, next.run(request)).await
}

/// How much waits for an answer of those whom somebody leads.
pub(crate) async fn waiting(app: &App, caller: &Caller) -> Result<u32, DbError> {
    if !caller.is_lead() || !caller.is_person() {
        return Ok(0);
    }
    let who = caller.clone();
    app.db.read(move |tx| Box::pin(async move { desk::escalations::waiting(tx, &who).await })).await
}

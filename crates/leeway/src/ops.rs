//! What those who run Leeway look at: whether it lives, whether it is ready, what it counts.

use std::time::Duration;

use access::caller::Place;
use access::{Caller, tokens::Scope};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::groups;
use platform::db::DbError;
use platform::http::Problem;
use platform::jobs;
use platform::live;
use platform::metrics::Metric;

use crate::app::App;

/// The program runs.
pub(crate) async fn healthy() -> &'static str {
    "ok\n"
}

/// The program runs, and its database answers.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    match app.db.answers().await {
        Ok(()) => "ready\n".into_response(),
        Err(e) => {
            tracing::warn!(error = %e, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// Jobs, those of them that were given up, and groups that nobody reaches.
async fn counts(app: &App) -> Result<(i64, i64, i64), DbError> {
    let (known, now) = (app.desk.charters.clone(), app.desk.now());
    app.db
        .read(move |tx| {
            Box::pin(async move {
                let (all, given_up) = jobs::counts(tx).await?;
                let unreached = groups::unreached(tx, &known, now).await?;
                Ok((all, given_up, i64::try_from(unreached).unwrap_or(i64::MAX)))
            })
        })
        .await
}

/// What was counted, for this machine, for operators, and for programs with a token that opens `admin`.
pub(crate) async fn metrics(State(app): State<App>, caller: Option<Caller>, Place(place): Place, headers: HeaderMap) -> Result<Response, Problem> {
    // A proxy on this machine that nobody told us of is here as well, and speaks for others.
    let is_forwarded = !app.access.site.is_behind_proxy && ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
    let is_here = !is_forwarded && (place == "127.0.0.1" || place == "0:0:0:0");
    if !is_here && !caller.is_some_and(|caller| caller.token().is_none() && caller.is_operator() || caller.may(Scope::Admin)) {
        return Err(Problem::not_permitted().detail("Ask from the machine it runs on, or with a token that opens `admin`."));
    }
    let (all, given_up, unreached) = counts(&app).await?;
    let streams = i64::try_from(app.db.live().open()).unwrap_or(i64::MAX);
    let gauges = [
        ("leeway_jobs", "Jobs there are.", all),
        ("leeway_jobs_given_up", "Jobs that were given up and wait for somebody.", given_up),
        ("leeway_groups_unreached", "Groups of the charter in force without a team, people in the days ahead, or hours.", unreached),
        ("leeway_live_streams", "Pages that are told of changes.", streams),
    ];
    let text = app.metrics.text(&gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Counts every answer, and how long it took.
pub(crate) async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = app.clock.now();
    if request.headers().contains_key(live::HEADER) {
        app.metrics.count(Metric::LiveAsked);
    }
    let response = next.run(request).await;
    let took = Duration::from_micros(u64::try_from(app.clock.now() - began).unwrap_or(0));
    app.metrics.answered(response.status().as_u16(), took);
    response
}

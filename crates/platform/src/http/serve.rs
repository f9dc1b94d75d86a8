//! Listening, and stopping without cutting anybody off.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::{BoxError, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

use super::{Problem, headers};
use crate::limits;

/// Puts around a router what every request goes through: limits first, then headers.
pub fn bounded(router: Router) -> Router {
    let limits = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(shed))
        .load_shed()
        // One count for all routes: a layer is laid around each of them.
        .layer(GlobalConcurrencyLimitLayer::new(limits::REQUESTS_AT_ONCE))
        .timeout(Duration::from_secs(limits::REQUEST_SECONDS));
    router
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(middleware::from_fn(without_zero))
        .layer(limits)
        .layer(CatchPanicLayer::custom(|_| broken()))
        .layer(middleware::from_fn(headers::strict))
        .layer(TraceLayer::new_for_http().make_span_with(span))
}

/// Names the route, not the address: an address may hold what only its owner should know (a link that works once).
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

/// No text has a zero character, and PostgreSQL keeps none: an address with one leads nowhere.
async fn without_zero(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|asked| asked.as_str().contains("%00")) {
        return Problem::invalid("The address contains a zero character, which no text has.").into_response();
    }
    next.run(request).await
}

async fn shed(e: BoxError) -> Response {
    if e.is::<tower::timeout::error::Elapsed>() {
        return Problem::new(StatusCode::GATEWAY_TIMEOUT, "too-slow", "This took too long")
            .detail("It may have happened or not. Look before you try again; the same idempotency key is safe.")
            .into_response();
    }
    Problem::from(crate::db::DbError::Overloaded).into_response()
}

fn broken() -> Response {
    Problem::from(crate::db::DbError::Defect("a handler panicked".to_owned())).into_response()
}

/// Answers until `stop` is done, then lets the requests under way end.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(stop).await
}

//! The one table of routes. Every page, document and file that is answered stands here, with who may open it.

use access::Permission;
use axum::extract::Path;
use axum::http::header;
use axum::middleware;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Json, Router};
use desk::embed::Embed;
use desk::webhooks::Hooks;
use platform::db::DbError;
use platform::http::{Problem, Route, bounded, router};
use ui::assets;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::{jobs_page, ops, problem_page};

/// Every route there is.
#[must_use]
pub fn all(app: &App) -> Vec<Route<Permission>> {
    let mut routes = vec![
        Route::get("/", Permission::SignedIn, start, app),
        Route::get("/healthz", Permission::Public, ops::healthy, app),
        Route::get("/readyz", Permission::Public, ops::ready, app),
        Route::get("/api/openapi.json", Permission::Public, described, app),
        Route::get("/metrics", Permission::Public, ops::metrics, app),
        Route::get("/assets/{checksum}/{*name}", Permission::Public, asset, app),
    ];
    if app.is_development {
        routes.push(Route::get("/_components", Permission::Public, components, app));
    }
    routes.extend(jobs_page::routes(app));
    routes.extend(access::routes(&app.access));
    routes.extend(desk::routes(&app.desk));
    routes.extend(desk::embed::routes(&Embed { desk: app.desk.clone(), origins: app.embed_origins.clone(), origin: app.access.site.origin.clone() }));
    routes.extend(desk::webhooks::routes(&Hooks { desk: app.desk.clone(), outbound: app.outbound.clone() }));
    routes
}

/// The router, with all that stands around it.
pub fn service(app: &App) -> Router {
    let table = router(all(app), access::guard);
    let inside = access::identified(table, &app.access).fallback(nothing).method_not_allowed_fallback(nothing);
    let counted = middleware::from_fn_with_state(app.clone(), ops::counted);
    bounded(inside).layer(middleware::from_fn(problem_page::shown)).layer(counted)
}

async fn nothing() -> Problem {
    Problem::not_found()
}

/// Whoever is signed in begins at the desk.
async fn start() -> Redirect {
    Redirect::to("/cases")
}

async fn asset(Path((checksum, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let asset = assets::get(&format!("{checksum}/{name}")).ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type.to_owned()),
        (header::CACHE_CONTROL, asset.cache_control().to_owned()),
        (header::ETAG, format!("\"{}\"", asset.checksum)),
    ];
    Ok((headers, asset.bytes).into_response())
}

/// The API in the words of OpenAPI: the parts of all areas, as one.
async fn described() -> Json<OpenApi> {
    let mut whole = access::people::api::Description::openapi();
    whole.merge(desk::api());
    whole.merge(desk::embed::api::Description::openapi());
    whole.merge(desk::webhooks::api::Description::openapi());
    Json(whole)
}

async fn components() -> Result<Html<String>, Problem> {
    ui::components_page().map(Html).map_err(|e| DbError::Defect(format!("a template: {e}")).into())
}

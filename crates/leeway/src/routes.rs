//! The one table of routes. Every page, document and file that is answered stands here, with who may open it.

use access::Permission;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::{Json, Router};
use desk::embed::Embed;
use desk::groups::Chats;
use desk::webhooks::Hooks;
use platform::db::DbError;
use platform::http::{Problem, Route, bounded, router};
use serde_json::Value;
use ui::assets;

use crate::app::App;
use crate::description::DESCRIPTION;
use crate::{jobs_page, live, ops, problem_page, rail, start_page};

/// Every route there is.
#[must_use]
pub fn all(app: &App) -> Vec<Route<Permission>> {
    let mut routes = vec![
        Route::get("/", Permission::SignedIn, start_page::start, app),
        Route::get("/healthz", Permission::Public, ops::healthy, app),
        Route::get("/readyz", Permission::Public, ops::ready, app),
        Route::get("/api/openapi.json", Permission::Public, described, app),
        Route::get("/metrics", Permission::Public, ops::metrics, app),
        Route::get("/live", Permission::SignedIn, live::live, app),
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
    let origin = app.access.site.origin.clone();
    routes.extend(desk::groups::chat_routes(&Chats { desk: app.desk.clone(), outbound: app.outbound.clone(), origin }));
    routes
}

/// The router, with all that stands around it.
pub fn service(app: &App) -> Router {
    service_of(app, all(app))
}

/// The same of these routes.
pub(crate) fn service_of(app: &App, routes: Vec<Route<Permission>>) -> Router {
    let problems = || middleware::from_fn_with_state(app.access.frame, problem_page::shown);
    let table = router(routes, access::guard).fallback(nothing).method_not_allowed_fallback(not_this_way);
    let waiting = middleware::from_fn_with_state(app.clone(), rail::known);
    let inside = access::identified(table.layer(problems()).layer(waiting), &app.access);
    let counted = middleware::from_fn_with_state(app.clone(), ops::counted);
    // Once inside, where it is known who asks; once outside, for what goes wrong before.
    bounded(inside).layer(problems()).layer(counted)
}

async fn nothing() -> Problem {
    Problem::not_found()
}

async fn not_this_way() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Nothing is done here this way")
        .detail("The header `Allow` says which methods there are.")
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

async fn described() -> Json<&'static Value> {
    Json(&DESCRIPTION)
}

async fn components() -> Result<Html<String>, Problem> {
    ui::components_page().map(Html).map_err(|e| DbError::Defect(format!("a template: {e}")).into())
}

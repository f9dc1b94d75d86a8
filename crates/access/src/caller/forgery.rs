//! That no other site acts in somebody's name. A change that comes with a cookie must carry the token of that sign-in; and no change may come from another
//! site, as far as the browser says where it comes from.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use platform::http::Problem;
use platform::limits;

use crate::Site;
use crate::secret::same;

const HEADER: &str = "x-csrf-token";
const FIELD: &str = "_csrf";

/// Whether a change may come from where the browser says it comes from.
pub(super) fn from_here(site: &Site, headers: &HeaderMap) -> Result<(), Problem> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let fits = match (said("sec-fetch-site"), said("origin")) {
        (Some(relation), _) => relation == "same-origin" || relation == "none",
        (None, Some(origin)) => origin == site.origin || is_of_host(origin, headers),
        // No browser that can be tricked leaves out both.
        (None, None) => true,
    };
    if fits { Ok(()) } else { Err(refused("cross-site", "This came from another site. Open the page here, and do it from there.")) }
}

fn is_of_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.split_once("://").map(|(_, host)| host).is_some_and(|of| host == Some(of))
}

/// Whether a change carries the token of the sign-in. Gives the request back with its body.
pub(super) async fn with_token(request: Request, expected: &str) -> Result<Request, Problem> {
    if let Some(sent) = request.headers().get(HEADER) {
        return if same(sent.to_str().unwrap_or_default(), expected) { Ok(request) } else { Err(wrong()) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(wrong());
    }
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, limits::BODY_BYTES).await.map_err(|_| Problem::too_large())?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let sent = fields.iter().find(|(name, _)| name == FIELD).map_or("", |(_, value)| value);
    if same(sent, expected) { Ok(Request::from_parts(parts, Body::from(body))) } else { Err(wrong()) }
}

fn wrong() -> Problem {
    refused("csrf", "This page is from before you last signed in. Load it again, then try once more.")
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, code, "This was not accepted").detail(detail)
}

//! Headers that every answer carries.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing inline, nothing from elsewhere, framed by nobody.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// On an answer that pages of these origins may show in a frame. Every other answer is framed by nobody.
#[derive(Clone, Debug)]
pub struct Framed(pub Arc<[String]>);

/// Adds the headers; an answer that sets one itself (a frame for configured origins, a file that may be kept) is left as it is.
pub(super) async fn strict(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let framed = response.extensions().get::<Framed>().filter(|Framed(origins)| !origins.is_empty()).cloned();
    let headers = response.headers_mut();
    if let Some(policy) = framed.as_ref().and_then(|Framed(origins)| HeaderValue::from_str(&policy_for(origins)).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in FIXED {
        // An old header that knows no origins.
        if framed.is_none() || name != header::X_FRAME_OPTIONS {
            set_if_missing(headers, name, value);
        }
    }
    // What is shown depends on who asks.
    set_if_missing(headers, header::CACHE_CONTROL, "no-store");
    response
}

fn policy_for(origins: &[String]) -> String {
    POLICY.replace("frame-ancestors 'none'", &format!("frame-ancestors {}", origins.join(" ")))
}

fn set_if_missing(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

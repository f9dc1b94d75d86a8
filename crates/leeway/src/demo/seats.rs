//! Two people on one page. What is asked for under `/demo/as/NAME/` is answered as to that person, and what a page leads to lies under the same path; so two
//! frames of one browser are signed in as two people.

use access::caller;
use access::sign_in::{self, SignedIn};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use platform::db::DbError;
use platform::http::Problem;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Mutex;
use tower::ServiceExt;

use super::story::Company;
use crate::app::App;

/// Where the pages of the two lie.
const UNDER: &str = "/demo/as/";
/// Attributes of pages that lead somewhere.
const LEADING: [&str; 7] = [" href", " action", " formaction", " src", " data-from", " hx-get", " hx-post"];
/// Where a part of a page that asks for more is led to.
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
/// More than any page has.
const PAGE_BYTES: usize = 8 << 20;

/// Somebody of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// As it stands in addresses.
    pub(super) path: &'static str,
}

pub(super) const AGENT: Seat = Seat { path: "agent" };
pub(super) const LEAD: Seat = Seat { path: "lead" };
const BOTH: [Seat; 2] = [AGENT, LEAD];

impl Seat {
    /// The address of a page as this person sees it.
    pub(super) fn address(self, path: &str) -> String {
        format!("{UNDER}{}{path}", self.path)
    }
}

/// What the two are signed in with.
#[derive(Clone)]
pub(super) struct Seats {
    company: &'static Company,
    cookies: Arc<[Mutex<Option<HeaderValue>>; 2]>,
}

impl Seats {
    pub(super) fn of(company: &'static Company) -> Self {
        Self { company, cookies: Arc::default() }
    }

    /// What somebody of the two is signed in with. Whoever is not signed in, is now: at first, and after they have signed out. One at a time: a page whose
    /// forms are of one sign-in is not sent with another's.
    async fn cookie(&self, app: &App, place: usize) -> Result<HeaderValue, Problem> {
        let mut seat = self.cookies.get(place).ok_or_else(Problem::not_found)?.lock().await;
        if let Some(cookie) = seat.as_ref()
            && caller::still_signed_in(&app.access, &HeaderMap::from_iter([(header::COOKIE, cookie.clone())])).await?.is_some()
        {
            return Ok(cookie.clone());
        }
        let person = self.company.seats.get(place).and_then(|name| self.company.person(name)).ok_or_else(Problem::not_found)?;
        let signed_in = signed_in(app, person.email).await?;
        let cookie = caller::cookie(&app.access.site, &signed_in.secret);
        let cookie = cookie.and_then(|set| HeaderValue::from_str(set.to_str().ok()?.split(';').next()?).ok());
        Ok(seat.insert(cookie.ok_or_else(|| DbError::Defect("a cookie".to_owned()))?).clone())
    }
}

/// Signs somebody of the company in.
pub(super) async fn signed_in(app: &App, email: &str) -> Result<SignedIn, Problem> {
    sign_in::sign_in_openly(&app.access, email, "the demo").await?.ok_or_else(Problem::not_found)
}

/// Lays it around everything.
pub(super) fn around(inside: Router, app: App, seats: Seats) -> Router {
    Router::new().fallback(move |request: Request| answered(inside, app, seats, request))
}

async fn answered(inside: Router, app: App, seats: Seats, request: Request) -> Response {
    if !is_for_us(&request, &app.access.site.origin) {
        // A name that somebody else has pointed at this machine would make their page one of ours: everybody signs in here without a password.
        return Problem::new(StatusCode::MISDIRECTED_REQUEST, "another-host", "This is not the address of the demo").into_response();
    }
    answer(inside, &app, &seats, request).await.unwrap_or_else(IntoResponse::into_response)
}

/// Whether a request names this machine, or the address that was set.
fn is_for_us(request: &Request, origin: &str) -> bool {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = named.or_else(|| request.uri().authority().map(|authority| authority.as_str())) else { return false };
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        || origin.split_once("://").is_some_and(|(_, ours)| ours == host)
}

async fn answer(inside: Router, app: &App, seats: &Seats, mut request: Request) -> Result<Response, Problem> {
    let Some((place, seat, path)) = found(request.uri()) else {
        // Whoever is not signed in sees both.
        let is_first = request.uri().path() == "/" && caller::still_signed_in(&app.access, request.headers()).await?.is_none();
        return Ok(if is_first { to_the_demo() } else { through(inside, request).await });
    };
    let cookie = seats.cookie(app, place).await?;
    *request.uri_mut() = path;
    for name in [header::COOKIE, header::AUTHORIZATION, header::ACCEPT_ENCODING] {
        request.headers_mut().remove(name);
    }
    request.headers_mut().insert(header::COOKIE, cookie);
    let response = through(inside, request).await;
    under(seat, response).await
}

async fn through(inside: Router, request: Request) -> Response {
    match inside.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn to_the_demo() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/demo")]).into_response()
}

/// Who asks, and for what.
fn found(uri: &Uri) -> Option<(usize, Seat, Uri)> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(UNDER)?;
    let (place, seat) = BOTH.into_iter().enumerate().find(|(_, seat)| rest.strip_prefix(seat.path).is_some_and(|path| path.starts_with('/')))?;
    Some((place, seat, rest.strip_prefix(seat.path)?.parse().ok()?))
}

/// The answer, with all that it leads to under the path of the seat, and in a frame of this site.
async fn under(seat: Seat, response: Response) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    let base = seat.address("");
    parts.headers.remove(header::SET_COOKIE);
    parts.headers.remove(header::X_FRAME_OPTIONS);
    let of = |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let policy = of(&parts.headers, header::CONTENT_SECURITY_POLICY).map(|policy| policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
    let led_to = |name| of(&parts.headers, name).filter(|to| to.starts_with('/')).map(|to| format!("{base}{to}"));
    let (to, redirect) = (led_to(header::LOCATION), led_to(HX_REDIRECT));
    for (name, text) in [(header::CONTENT_SECURITY_POLICY, policy), (header::LOCATION, to), (HX_REDIRECT, redirect)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            parts.headers.insert(name, value);
        }
    }
    if of(&parts.headers, header::CONTENT_TYPE).is_none_or(|kind| !kind.starts_with("text/html")) {
        return Ok(Response::from_parts(parts, body));
    }
    let page: Bytes = to_bytes(body, PAGE_BYTES).await.map_err(|e| DbError::Defect(format!("a page: {e}")))?;
    let page = String::from_utf8_lossy(&page);
    parts.headers.remove(header::CONTENT_LENGTH);
    // The two share what stands around a page.
    let page = page.replacen("<body class=\"has-rail\"", "<body class=\"has-rail is-seat\"", 1);
    Ok(Response::from_parts(parts, Body::from(led(&page, &base))))
}

/// A page with all that it leads to under a path. Files stay where they are. What somebody typed has no quote in a page.
fn led(page: &str, base: &str) -> String {
    let mut parts = page.split("=\"/");
    let mut before = parts.next().unwrap_or_default();
    let mut out = String::with_capacity(page.len() + 4_096);
    out.push_str(before);
    for part in parts {
        out.push_str("=\"");
        if LEADING.iter().any(|name| before.ends_with(name)) && !part.starts_with("assets/") {
            out.push_str(base);
        }
        out.push('/');
        out.push_str(part);
        before = part;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_leads_to_lies_under_its_seat() {
        let page = r#"<a class="x" href="/cases/1?a=/b">x</a><link href="/assets/1/app.css"><form method="post" action="/sign-out"><input value="/typed"></form>=&#34;/"#;
        let expected = r#"<a class="x" href="/demo/as/lead/cases/1?a=/b">x</a><link href="/assets/1/app.css"><form method="post" action="/demo/as/lead/sign-out"><input value="/typed"></form>=&#34;/"#;
        assert_eq!(led(page, &LEAD.address("")), expected);
    }

    #[test]
    fn only_this_machine_is_meant() {
        let for_us = |host: &str| is_for_us(&Request::builder().header(header::HOST, host).body(Body::empty()).unwrap(), "http://desk.example:8000");
        for host in ["127.0.0.1:7878", "localhost:7878", "LOCALHOST", "[::1]:7878", "127.0.0.2", "desk.example:8000"] {
            assert!(for_us(host), "{host}");
        }
        for host in ["evil.example:7878", "desk.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.4", "", "a b"] {
            assert!(!for_us(host), "{host}");
        }
    }

    #[test]
    fn only_the_two_have_seats() {
        let seat = |path: &str| found(&path.parse().unwrap()).map(|(_, seat, path)| (seat, path.to_string()));
        assert_eq!(seat("/demo/as/lead/escalations?which=mine"), Some((LEAD, "/escalations?which=mine".to_owned())));
        assert_eq!(seat("/demo/as/agent/"), Some((AGENT, "/".to_owned())));
        for other in ["/demo/as/olga/cases", "/demo/as/agents/x", "/demo/as/agent", "/cases", "/demo"] {
            assert_eq!(seat(other), None, "{other}");
        }
    }
}

//! Who may open a route. There is one table of routes, and each has one of these.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use platform::http::Problem;
use platform::live;

use super::forgery;
use super::model::Caller;
use crate::Site;
use crate::limits;
use crate::tokens::Scope;

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Anybody.
    Public,
    /// Any person who is signed in.
    SignedIn,
    /// Who is in a team now; and owners.
    Desk,
    /// Who leads or manages a team now; and owners.
    Lead,
    /// Who manages a team now; and owners.
    Manager,
    /// Owners.
    Owner,
    /// Operators and owners.
    Operate,
    /// A program with a token of this scope, or a person who is signed in and may do the same.
    Api(Scope),
}

/// Why not.
enum Refusal {
    NotSignedIn,
    NotPermitted,
}

impl Permission {
    fn check(self, caller: Option<&Caller>) -> Result<(), Refusal> {
        if self == Self::Public {
            return Ok(());
        }
        let caller = caller.ok_or(Refusal::NotSignedIn)?;
        let may = match self {
            Self::Api(scope) => caller.may(scope),
            // Pages are for persons.
            _ if caller.session().is_none() => false,
            Self::Public | Self::SignedIn => true,
            Self::Desk => caller.is_at_the_desk(),
            Self::Lead => caller.is_lead(),
            Self::Manager => caller.is_manager(),
            Self::Owner => caller.is_owner(),
            Self::Operate => caller.is_operator(),
        };
        if may { Ok(()) } else { Err(Refusal::NotPermitted) }
    }
}

/// Puts the check of a permission before an answer: for [`platform::http::router`].
pub fn guard(permission: Permission, answer: MethodRouter) -> MethodRouter {
    answer.route_layer(middleware::from_fn(move |request, next| checked(permission, request, next)))
}

async fn checked(permission: Permission, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    if let Err(refusal) = permission.check(caller.as_ref()) {
        return refused(&refusal, permission, caller.as_ref(), &request);
    }
    match unforged(permission, caller.as_ref(), request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The request, if it changes nothing, or nobody else can have made a browser send it.
async fn unforged(permission: Permission, caller: Option<&Caller>, request: Request) -> Result<Request, Problem> {
    let by_token = caller.is_some_and(|caller| caller.session().is_none());
    if by_token || [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(request);
    }
    let site = request.extensions().get::<Site>().ok_or_else(Problem::not_signed_in)?;
    forgery::from_here(site, request.headers())?;
    match caller {
        Some(caller) if permission != Permission::Public => forgery::with_token(request, caller.csrf()).await,
        _ => Ok(request),
    }
}

fn refused(refusal: &Refusal, permission: Permission, caller: Option<&Caller>, request: &Request) -> Response {
    let is_api = matches!(permission, Permission::Api(_)) || request.uri().path().starts_with("/api/");
    match refusal {
        Refusal::NotPermitted => match (permission, caller) {
            (Permission::Desk, Some(caller)) if caller.is_person() && caller.memberships().next().is_none() => {
                let told = "You are in no team yet. Ask an owner to put you in one, on your page among the people: then the cases of that team are here.";
                Problem::not_permitted().detail(told).into_response()
            }
            (Permission::Owner, _) => Problem::not_permitted().detail("An owner can.").into_response(),
            _ => Problem::not_permitted().into_response(),
        },
        Refusal::NotSignedIn if is_api => {
            let mut response = Problem::not_signed_in().detail("Send a token: `Authorization: Bearer leeway_…`.").into_response();
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
        Refusal::NotSignedIn => to_sign_in(request),
    }
}

/// To the sign-in page, and from there back to the page that was asked for.
fn to_sign_in(request: &Request) -> Response {
    let headers = request.headers();
    let is_part = headers.contains_key("hx-request") || live::is_by_itself(headers);
    let asked = match *request.method() {
        Method::GET if !is_part => request.uri().path_and_query().map(|asked| asked.as_str().to_owned()),
        // A change is not made again by itself; the page it came from is opened again.
        _ => headers.get("hx-current-url").or_else(|| headers.get(header::REFERER)).and_then(|url| url.to_str().ok()).and_then(path_of),
    };
    let target = match asked.as_deref().and_then(local) {
        Some(next) if next != "/" => format!("/sign-in?{}", encoded(&[("next", next)])),
        _ => "/sign-in".to_owned(),
    };
    let Ok(target) = HeaderValue::from_str(&target) else { return Problem::not_signed_in().into_response() };
    if is_part {
        // A part of a page is not replaced by the sign-in page: the whole page goes there.
        return (StatusCode::UNAUTHORIZED, [(HeaderName::from_static("hx-redirect"), target)], "").into_response();
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

/// Path and query of an address.
fn path_of(url: &str) -> Option<String> {
    let uri: axum::http::Uri = url.parse().ok()?;
    uri.path_and_query().map(|path| path.as_str().to_owned())
}

/// An address, if it leads to a page of this site: a path, which no browser takes for another host.
pub(crate) fn local(next: &str) -> Option<&str> {
    let is_path = next.starts_with('/') && !next.starts_with("//");
    let is_plain = next.len() <= limits::NEXT_CHARS && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    (is_path && is_plain).then_some(next)
}

/// Names and values as they stand in a query.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    // Texts can always be encoded.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_site_are_next() {
        let cases = [
            ("/people", true),
            ("/people?q=a%20b", true),
            ("/", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("javascript:alert(1)", false),
            ("/a\r\nSet-Cookie: x=1", false),
            ("/\t/evil.example", false),
            ("/ä", false),
        ];
        for (next, fits) in cases {
            assert_eq!(local(next).is_some(), fits, "{next:?}");
        }
    }
}

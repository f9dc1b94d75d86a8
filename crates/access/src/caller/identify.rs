//! Looks at a request once: whose cookie or token it carries, and where it comes from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use charter::time::Instant;
use platform::db::DbError;
use platform::http::Problem;
use platform::live;

use super::cookie;
use super::model::Caller;
use super::store::{self, Found};
use crate::Access;
use crate::limits::{self, micros};
use crate::secret::Secret;
use crate::{sessions, tokens};

/// Where a request comes from: a network address. Of the newer, long addresses the half that names the network, because one household has all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub String);

/// Puts who asks, where from, and the site itself into the extensions of the request. To be laid around the whole router.
pub async fn identify(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let place = place(&request, access.site.is_behind_proxy);
    request.extensions_mut().insert(place);
    request.extensions_mut().insert(access.site.clone());
    match found(&access, request.headers()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) => {}
        Err(problem) => return *problem,
    }
    next.run(request).await
}

async fn found(access: &Access, headers: &HeaderMap) -> Result<Option<Caller>, Box<Response>> {
    let now = access.clock.now();
    let problem = |e: DbError| Box::new(Problem::from(e).into_response());
    if let Some(token) = bearer(headers) {
        let secret = token.strip_prefix(tokens::PREFIX).and_then(Secret::sent).ok_or_else(unknown_token)?;
        let found = access.db.read(move |tx| Box::pin(async move { store::by_token(tx, &secret, now).await })).await.map_err(problem)?;
        let found = found.ok_or_else(unknown_token)?;
        return Ok(Some(noted(access, found, now).await));
    }
    let found = signed_in(access, headers, now).await.map_err(problem)?;
    Ok(match found {
        // A page that is left open does not keep anybody signed in.
        Some(found) if live::is_by_itself(headers) => Some(found.caller),
        Some(found) => Some(noted(access, found, now).await),
        None => None,
    })
}

async fn signed_in(access: &Access, headers: &HeaderMap, now: Instant) -> Result<Option<Found>, DbError> {
    let Some(secret) = cookie::sent(&access.site, headers) else { return Ok(None) };
    access.db.read(move |tx| Box::pin(async move { store::by_session(tx, &secret, now).await })).await
}

/// Who sent a request with a cookie some time ago, as they are now; nothing if they are not signed in any more.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn still_signed_in(access: &Access, headers: &HeaderMap) -> Result<Option<Caller>, DbError> {
    Ok(signed_in(access, headers, access.clock.now()).await?.map(|found| found.caller))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unknown_token() -> Box<Response> {
    let problem = Problem::not_signed_in().detail("This token is not known, or was revoked.");
    let mut response = problem.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Box::new(response)
}

/// Notes that somebody was here, once a minute. If that cannot be kept, they are here all the same.
async fn noted(access: &Access, found: Found, now: Instant) -> Caller {
    let Found { caller, noted_at } = found;
    if noted_at.is_some_and(|at| now < at + micros(limits::NOTED_EVERY_SECONDS)) {
        return caller;
    }
    let (session, token) = (caller.session(), caller.token());
    let kept: Result<(), DbError> = access
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(id) = session {
                    sessions::note_use(tx, id, now).await?;
                }
                if let Some(id) = token {
                    tokens::note_use(tx, id, now).await?;
                }
                Ok(())
            })
        })
        .await;
    if let Err(e) = kept {
        tracing::warn!(error = %e, "when somebody was last here was not noted");
    }
    caller
}

fn place(request: &Request, is_behind_proxy: bool) -> Place {
    let direct = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    // The proxy adds the address it sees at the end; what stands before it, anybody can write.
    let said = || request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    let address: Option<IpAddr> = if is_behind_proxy { said().or(direct) } else { direct };
    Place(match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => address.segments().iter().take(4).map(|part| format!("{part:x}")).collect::<Vec<_>>().join(":"),
        None => "unknown".to_owned(),
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self("unknown".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let cases = [
            (Some("198.51.100.7:4000"), None, false, "198.51.100.7"),
            (Some("198.51.100.7:4000"), Some("203.0.113.5"), false, "198.51.100.7"),
            (Some("127.0.0.1:4000"), Some("6.6.6.6, 203.0.113.5"), true, "203.0.113.5"),
            (Some("127.0.0.1:4000"), Some("nonsense"), true, "127.0.0.1"),
            (Some("[2001:db8:1:2:3:4:5:6]:4000"), None, false, "2001:db8:1:2"),
            (Some("[::ffff:198.51.100.7]:4000"), None, false, "198.51.100.7"),
            (None, None, false, "unknown"),
        ];
        for (direct, said, is_behind_proxy, expected) in cases {
            let mut request = Request::new(axum::body::Body::empty());
            if let Some(direct) = direct {
                request.extensions_mut().insert(ConnectInfo(direct.parse::<SocketAddr>().unwrap()));
            }
            if let Some(said) = said {
                request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static(said));
            }
            assert_eq!(place(&request, is_behind_proxy).0, expected, "{direct:?} {said:?}");
        }
    }
}

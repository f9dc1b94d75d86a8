//! The cookie that keeps somebody signed in.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::Site;
use crate::limits;
use crate::secret::Secret;

/// Over HTTPS the name begins with `__Host-`: browsers then take it from this very host only, for all paths, and never without encryption.
fn name(site: &Site) -> &'static str {
    if site.is_secure() { "__Host-leeway" } else { "leeway" }
}

/// The header that signs in.
#[must_use]
pub fn cookie(site: &Site, secret: &Secret) -> Option<HeaderValue> {
    header(site, secret.show(), limits::SIGNED_IN_SECONDS)
}

/// The header that signs out.
pub(crate) fn over(site: &Site) -> Option<HeaderValue> {
    header(site, "", 0)
}

fn header(site: &Site, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let mut header = HeaderValue::from_str(&format!("{}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}", name(site))).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// What a browser sent, if it looks like a secret.
pub(crate) fn sent(site: &Site, headers: &HeaderMap) -> Option<Secret> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name(site)).find_map(|(_, value)| Secret::sent(value))
}

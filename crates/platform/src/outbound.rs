//! Calls to other systems. They go to public addresses over HTTPS, follow no redirect, and end in time, so that a webhook cannot be used to look around in
//! the network that Leeway runs in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

/// How long a call may take.
const TOGETHER: Duration = Duration::from_secs(15);
/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// Where calls may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, over HTTPS.
    Public,
    /// Private addresses too, and without encryption: for tests, and for systems in a network of one's own.
    Private,
}

/// Makes calls.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
}

/// Why a call was not made, or did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundError {
    /// The address is not one that may be called.
    Refused(String),
    /// It could not be reached, or did not answer in time.
    Failed(String),
}

impl fmt::Display for OutboundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for OutboundError {}

impl Outbound {
    /// One for the whole program: it keeps connections.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub fn new(reach: Reach) -> Result<Self, OutboundError> {
        // One provider for the whole program; whoever comes second finds it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TOGETHER)
            .connect_timeout(CONNECTING)
            .user_agent(concat!("leeway/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver(reach)))
            .build();
        let none = |e| OutboundError::Failed(format!("{}; install `ca-certificates`, or name a file of certificates in SSL_CERT_FILE", chain(&e)));
        Ok(Self { client: client.map_err(none)?, reach })
    }

    /// An address that may be called.
    ///
    /// # Errors
    /// [`OutboundError::Refused`] with what would be right.
    pub fn address(&self, text: &str) -> Result<Url, OutboundError> {
        let refused = |why: &str| Err(OutboundError::Refused(format!("`{text}` {why}")));
        let Ok(url) = Url::parse(text) else { return refused("is not an address such as `https://shop.example/hooks`") };
        match url.scheme() {
            "https" => {}
            "http" if self.reach == Reach::Private => {}
            _ => return refused("does not begin with `https://`"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("has a user name or password in it; what is sent is signed instead");
        }
        // A name is looked at when it is resolved, each time anew.
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok_and(|ip| !may_reach(self.reach, ip)) {
            return refused("leads into a private network");
        }
        Ok(url)
    }

    /// Posts a body and gives the status of the answer; the answer's body is not read.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn post(&self, url: &str, headers: &[(&'static str, String)], body: String) -> Result<u16, OutboundError> {
        let request = self.client.post(self.address(url)?).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let answer = request.send().await.map_err(|e| OutboundError::Failed(chain(&e.without_url())))?;
        Ok(answer.status().as_u16())
    }
}

/// An error with its causes, and without the address, which may hold a secret.
fn chain(e: &reqwest::Error) -> String {
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(e);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.filter(|at| may_reach(reach, at.ip())).collect();
            if found.is_empty() {
                return Err(format!("`{host}` leads into a private network").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn may_reach(reach: Reach, ip: IpAddr) -> bool {
    reach == Reach::Private || is_public(ip)
}

/// Whether an address is one of the internet at large.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_broadcast() || ip.is_documentation() || ip.is_multicast();
    let reserved = a == 0 || a >= 240 || (a == 100 && (64..128).contains(&b)) || (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19));
    !special && !reserved
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, _, _, g, h] = ip.segments();
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let inner = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match a {
        // Addresses of the old protocol inside the new one.
        0x64 if b == 0xff9b && c == 0 && d == 0 => inner(g, h),
        0x2002 => inner(b, c),
        // Tunnels, and examples in books.
        0x2001 if b < 0x200 || b == 0xdb8 => false,
        // Only this eighth is handed out.
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        let cases = [
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.255.255", false),
            ("172.32.0.1", true),
            ("192.168.0.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("198.19.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("fe80::1", false),
            ("fd00::1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("2002:7f00:1::", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("ff02::1", false),
        ];
        for (ip, expected) in cases {
            assert_eq!(is_public(ip.parse().unwrap()), expected, "{ip}");
        }
    }

    #[test]
    fn only_public_addresses_over_https_may_be_called() {
        let outbound = Outbound::new(Reach::Public).unwrap();
        let cases = [
            ("https://shop.example/hooks", true),
            ("http://shop.example/hooks", false),
            ("https://127.0.0.1/", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://[::1]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://user:secret@shop.example/", false),
            ("ftp://shop.example/", false),
            ("shop.example", false),
        ];
        for (url, expected) in cases {
            assert_eq!(outbound.address(url).is_ok(), expected, "{url}");
        }
    }
}

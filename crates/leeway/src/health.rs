//! `leeway health`: whether the server on this machine is ready, for what watches over it and has no other program to ask with.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::command::{Ended, Failure, say};
use crate::settings::Given;

/// How long an answer may take.
const TOGETHER: Duration = Duration::from_secs(5);

/// How an answer begins that says yes.
const YES: &str = "HTTP/1.1 200 ";

/// Ask the server on this machine whether it is ready
#[derive(Args, Debug)]
pub(crate) struct Health {
    #[command(flatten)]
    given: Given<true>,
}

impl Health {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let at = reached(self.given.settings()?.listen);
        let why = match timeout(TOGETHER, ask(at)).await {
            Ok(Ok(said)) if said == YES => return say("ready").map(|()| Ended::Fine),
            Ok(Ok(said)) if said.ends_with(" 503 ") => "its database does not answer".to_owned(),
            Ok(Ok(said)) => format!("it says `{}`, which is not what Leeway says: is it another program?", said.trim_end()),
            Ok(Err(e)) => e.to_string(),
            Err(_) => format!("no answer within {} s", TOGETHER.as_secs()),
        };
        say(format_args!("the server on {at} is not ready: {why}"))?;
        Ok(Ended::WithFindings)
    }
}

/// A server that answers on all addresses of a machine is reached on its own.
fn reached(listen: SocketAddr) -> SocketAddr {
    let own = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(own, listen.port())
}

/// How its answer begins: the version and the status.
async fn ask(at: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut begins = [0; YES.len()];
    stream.read_exact(&mut begins).await?;
    Ok(String::from_utf8_lossy(&begins).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_where_it_answers() {
        let cases = [("0.0.0.0:7878", "127.0.0.1:7878"), ("[::]:80", "[::1]:80"), ("127.0.0.1:7", "127.0.0.1:7"), ("192.0.2.1:7", "192.0.2.1:7")];
        for (listen, expected) in cases {
            assert_eq!(reached(listen.parse().unwrap()), expected.parse().unwrap(), "{listen}");
        }
    }
}

//! A page as a browser has it open: it listens, and asks again when it is told to.

use std::sync::Arc;
use std::time::Duration;

use platform::clock::Clock;
use platform::id::Id;
use platform::live::HEADER;
use testkit::years;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::Failed;
use crate::figures::now;

/// Who changes something: an owner.
const OWNER: i64 = 1;
/// How long a change may take before it counts as not seen.
const LONGEST: Duration = Duration::from_secs(10);

/// A connection that is kept.
struct Wire {
    stream: TcpStream,
    read: String,
}

impl Wire {
    /// Sends a request, and reads the head of its answer.
    async fn send(address: &str, request: &str) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut wire = Self { stream, read: String::new() };
        wire.ask(request).await?;
        Ok(wire)
    }

    async fn ask(&mut self, request: &str) -> Result<String, Failed> {
        self.stream.write_all(request.as_bytes()).await?;
        let head = self.until(|read| read.find("\r\n\r\n").map(|end| end + 4)).await?;
        if head.starts_with("HTTP/1.1 2") { Ok(head) } else { Err(head.into()) }
    }

    /// Sends a request, and reads its answer.
    async fn answered(&mut self, request: &str) -> Result<String, Failed> {
        let head = self.ask(request).await?.to_ascii_lowercase();
        self.body(&head).await
    }

    async fn body(&mut self, head: &str) -> Result<String, Failed> {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        let length = length.ok_or("an answer without a length")?;
        self.until(|read| (read.len() >= length).then_some(length)).await
    }

    /// Reads until there is enough, and takes that.
    async fn until(&mut self, enough: impl Fn(&str) -> Option<usize>) -> Result<String, Failed> {
        let mut bytes = Vec::new();
        loop {
            if let Some(end) = enough(&self.read) {
                let rest = self.read.split_off(end);
                return Ok(std::mem::replace(&mut self.read, rest));
            }
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err("the server hung up".into());
            }
            // A character may come in two parts.
            let whole = std::str::from_utf8(&bytes).map_or_else(|e| e.valid_up_to(), str::len);
            let rest = bytes.split_off(whole);
            self.read.push_str(&String::from_utf8_lossy(&bytes));
            bytes = rest;
        }
    }
}

/// The page of a case, open in somebody's browser.
#[derive(Clone)]
pub(crate) struct Open(watch::Receiver<Arc<str>>);

impl Open {
    pub(crate) async fn begin(address: &str, case: i64, person: i64) -> Result<Self, Failed> {
        let cookie = format!("Host: {address}\r\nCookie: leeway={}\r\n", years::secret(person));
        let page = format!("GET /cases/{} HTTP/1.1\r\n{cookie}{HEADER}: yes\r\n\r\n", case + 1);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut pages = Wire { stream, read: String::new() };
        let shown = pages.answered(&page).await?;
        let from = shown.split("data-from=\"").nth(1).and_then(|rest| rest.split('"').next()).ok_or("the page does not listen")?.replace("&#38;", "&");
        let mut listening = Wire::send(address, &format!("GET {from}&age=0 HTTP/1.1\r\n{cookie}Accept: text/event-stream\r\n\r\n")).await?;
        let (shows, seen) = watch::channel(Arc::from(shown));
        tokio::spawn(async move {
            loop {
                listening.until(|read| read.find("data: ").and_then(|at| read.get(at..)?.find("\n\n").map(|end| at + end + 2))).await?;
                shows.send_replace(Arc::from(pages.answered(&page).await?));
            }
            #[expect(unreachable_code, reason = "it says what the task gives")]
            Ok::<(), Failed>(())
        });
        Ok(Self(seen))
    }
}

/// Writes a note in a case, and says after how long it stands on the open page; nothing if it never does.
pub(crate) async fn changed(mut page: Open, address: &str, case: i64, which: &str) -> Result<Option<Duration>, Failed> {
    let text = format!("Change {which} of many.");
    let body = format!("{{\"text\":\"{text}\"}}");
    let request = format!(
        "POST /api/v1/cases/{}/notes HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer leeway_{}\r\nIdempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        case + 1,
        years::secret(OWNER),
        Id::new(Clock::machine().now()),
        body.len()
    );
    let sent = now();
    Wire::send(address, &request).await?;
    let seen = tokio::time::timeout(LONGEST, page.0.wait_for(|shown| shown.contains(&text))).await;
    Ok(matches!(seen, Ok(Ok(_))).then(|| sent.elapsed()))
}

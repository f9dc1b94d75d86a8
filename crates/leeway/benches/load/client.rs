//! A small client that keeps its connection and does little, so that the machine is left to the server.

use testkit::years;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failed;

pub(crate) struct Client {
    stream: TcpStream,
    address: String,
    read: Vec<u8>,
}

impl Client {
    pub(crate) async fn open(address: &str) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address: address.to_owned(), read: Vec::with_capacity(1 << 16) })
    }

    /// Gives five cents for a delay, in the case of this number.
    pub(crate) async fn give(&mut self, case: i64, person: i64, key: &str) -> Result<u16, Failed> {
        let body = r#"{"items":[{"remedy":"refund","reason":"late","amount":"0.05"}]}"#;
        let head = format!(
            "POST /api/v1/cases/{case}/grants HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer leeway_{}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            years::secret(person),
            body.len()
        );
        self.send(&head).await
    }

    pub(crate) async fn page(&mut self, path: &str, person: i64) -> Result<u16, Failed> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nCookie: leeway={}\r\n\r\n", self.address, years::secret(person));
        self.send(&head).await
    }

    pub(crate) async fn document(&mut self, path: &str, person: i64) -> Result<u16, Failed> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer leeway_{}\r\n\r\n", self.address, years::secret(person));
        self.send(&head).await
    }

    /// The status of the answer, which is read to its end.
    async fn send(&mut self, request: &str) -> Result<u16, Failed> {
        self.stream.write_all(request.as_bytes()).await?;
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(self.read.get(..head).unwrap_or_default()).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("an answer without a status")?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.trim().parse::<usize>().ok());
        let length = length.ok_or_else(|| format!("an answer without a length: {text}"))?;
        while self.read.len() < head + length {
            self.more().await?;
        }
        Ok(status)
    }

    async fn more(&mut self) -> Result<(), Failed> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err("the server hung up".into());
        }
        Ok(())
    }
}

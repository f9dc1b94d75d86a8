//! PostgreSQL carries announcements from server to server. One connection of each server hears and tells, beside all transactions: a NOTIFY within one would
//! make its commit wait for every other that has one.

use std::future::poll_fn;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket, tls::NoTlsStream};

use super::{Live, Topic};

/// How long a try to connect, and an answer to a look whether the connection is still there, may take; and how often it is looked.
const WAIT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(15);
/// How long after a connection was lost the next is tried: longer each time.
const AGAIN: Duration = Duration::from_millis(200);
const AGAIN_MOST: Duration = Duration::from_secs(10);
/// How many bytes of topics are told at once: PostgreSQL takes less than 8,000.
const BYTES: usize = 7_500;

const TELL: &str = "SELECT pg_notify('leeway_live', $1)";
/// What is told is not kept: it need not wait for the disk.
const HEAR: &str = "SET synchronous_commit = off; LISTEN leeway_live";
const SELF: &str = "SELECT pg_backend_pid()";

/// Why the connection ended.
type Ended = Box<dyn std::error::Error + Send + Sync>;

/// Hears what other servers announce, and tells them, for ever.
pub(crate) async fn relay(live: &Live, config: &Config) {
    live.open_outbox();
    let mut again = AGAIN;
    loop {
        match connect(config).await {
            Ok((client, connection)) => {
                again = AGAIN;
                let Err(e) = relayed(live, client, connection).await;
                tracing::warn!(error = %e, "announcements of other servers are not heard: the connection is made again");
            }
            Err(e) => tracing::warn!(error = %e, "announcements of other servers are not heard"),
        }
        sleep(again).await;
        again = (again * 2).min(AGAIN_MOST);
    }
}

async fn connect(config: &Config) -> Result<(Client, Connection<Socket, NoTlsStream>), Ended> {
    Ok(timeout(WAIT, config.connect(NoTls)).await??)
}

/// Ends the task with whoever wants it.
struct Hearing(JoinHandle<()>);

impl Drop for Hearing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn relayed(live: &Live, client: Client, mut connection: Connection<Socket, NoTlsStream>) -> Result<std::convert::Infallible, Ended> {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let mut hearing = Hearing(tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message {
                drop(heard.send(told));
            }
        }
    }));
    timeout(WAIT, client.batch_execute(HEAR)).await??;
    let myself: i32 = timeout(WAIT, client.query_one(SELF, &[])).await??.try_get(0)?;
    let tell = timeout(WAIT, client.prepare(TELL)).await??;
    // What was announced while there was no connection, nobody here heard.
    live.tell(&[Topic::any()]);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(told) = hears.recv() => {
                if told.process_id() != myself {
                    live.tell(&told.payload().split(' ').map(Topic::place).collect::<Vec<_>>());
                }
            }
            topics = live.posted() => {
                for payload in payloads(&topics) {
                    if let Err(e) = timeout(WAIT, client.execute(&tell, &[&payload])).await.map_err(Ended::from).and_then(|told| Ok(told?)) {
                        live.post_again(topics);
                        return Err(e);
                    }
                }
            }
            _ = look.tick() => { timeout(WAIT, client.batch_execute("")).await??; }
            _ = &mut hearing.0 => return Err("it was closed".into()),
        }
    }
}

/// The topics, as many to a text as go in.
fn payloads(topics: &[Topic]) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for topic in topics.iter().map(Topic::to_string) {
        match payloads.last_mut() {
            Some(last) if last.len() + 1 + topic.len() <= BYTES => {
                last.push(' ');
                last.push_str(&topic);
            }
            _ => payloads.push(topic),
        }
    }
    payloads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_topics_go_in_few_texts() {
        let topics: Vec<Topic> = (0..1_000).map(|n| Topic::new("case", &n)).collect();
        let payloads = payloads(&topics);
        assert_eq!(payloads.len(), 2);
        assert!(payloads.iter().all(|payload| payload.len() <= BYTES));
        let back: Vec<Topic> = payloads.iter().flat_map(|payload| payload.split(' ')).map(Topic::place).collect();
        assert_eq!(back, topics);
    }
}

//! Rows into tables, by the fastest way each engine has. What the schema refuses one by one (a grant that is fulfilled already) is let through.

use bytes::Bytes;
use futures_util::SinkExt;
use platform::db::{Location, Value};
use tokio::task::JoinHandle;

use super::Failed;

/// One table: its name, its columns, and rows that wait to be written.
struct Waiting {
    table: &'static str,
    columns: &'static str,
    rows: Vec<Vec<Value>>,
}

/// Where rows go. They are written when [`Sink::flush`] says so, table by table in the order in which the tables were first named.
pub(super) struct Sink {
    waiting: Vec<Waiting>,
    into: Into,
}

enum Into {
    /// With the text of the trigger that is set aside.
    Sqlite(rusqlite::Connection, String),
    Postgres(tokio_postgres::Client, JoinHandle<()>),
}

/// Fast rather than safe: who loses power makes the database anew.
const FAST: &str = "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000;";

impl Sink {
    pub(super) async fn open(location: &Location) -> Result<Self, Failed> {
        let into = match location {
            Location::File(path) => {
                let connection = rusqlite::Connection::open(path)?;
                connection.execute_batch(FAST)?;
                let begin = connection.query_row("SELECT sql FROM sqlite_master WHERE name = 'grants_begin'", [], |row| row.get(0))?;
                connection.execute_batch("DROP TRIGGER grants_begin")?;
                Into::Sqlite(connection, begin)
            }
            Location::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                let talking = tokio::spawn(async move { drop(connection.await) });
                client.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off").await?;
                Into::Postgres(client, talking)
            }
        };
        Ok(Self { waiting: Vec::new(), into })
    }

    /// A row, with a value for each of the columns.
    pub(super) fn put(&mut self, table: &'static str, columns: &'static str, row: Vec<Value>) {
        match self.waiting.iter_mut().find(|waiting| waiting.table == table) {
            Some(waiting) => waiting.rows.push(row),
            None => self.waiting.push(Waiting { table, columns, rows: vec![row] }),
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Failed> {
        match &mut self.into {
            Into::Sqlite(connection, _) => {
                let tx = connection.transaction()?;
                for Waiting { table, columns, rows } in &mut self.waiting {
                    let open = (1..=columns.split(", ").count()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
                    let mut insert = tx.prepare(&format!("INSERT INTO {table} ({columns}) VALUES ({open})"))?;
                    for row in rows.drain(..) {
                        insert.execute(rusqlite::params_from_iter(row))?;
                    }
                }
                tx.commit()?;
            }
            Into::Postgres(client, _) => {
                for Waiting { table, columns, rows } in self.waiting.iter_mut().filter(|w| !w.rows.is_empty()) {
                    let copy = client.copy_in::<_, Bytes>(&format!("COPY {table} ({columns}) FROM STDIN")).await?;
                    let mut copy = std::pin::pin!(copy);
                    copy.send(Bytes::from(rows.drain(..).fold(String::new(), line))).await?;
                    copy.finish().await?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left, and puts the schema back as it was.
    pub(super) async fn close(mut self) -> Result<(), Failed> {
        self.flush().await?;
        match self.into {
            Into::Sqlite(connection, begin) => {
                connection.execute_batch(&begin)?;
            }
            Into::Postgres(client, talking) => {
                drop(client);
                drop(talking.await);
            }
        }
        Ok(())
    }
}

/// Lets the engine look at what it has, as it does by itself in time.
pub(super) async fn looked_at(location: &Location) -> Result<(), Failed> {
    match location {
        Location::File(path) => rusqlite::Connection::open(path)?.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?,
        Location::Postgres(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            let talking = tokio::spawn(async move { drop(connection.await) });
            client.batch_execute("VACUUM ANALYZE").await?;
            drop(client);
            drop(talking.await);
        }
    }
    Ok(())
}

/// A line of PostgreSQL's own format.
fn line(mut text: String, row: Vec<Value>) -> String {
    for (place, value) in row.into_iter().enumerate() {
        if place > 0 {
            text.push('\t');
        }
        match value {
            Value::Null => text.push_str("\\N"),
            Value::Int(n) => text.push_str(&n.to_string()),
            Value::Text(t) => text.push_str(&t.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")),
            Value::Bytes(bytes) => {
                text.push_str("\\\\x");
                text.push_str(&super::hex(&bytes));
            }
        }
    }
    text.push('\n');
    text
}

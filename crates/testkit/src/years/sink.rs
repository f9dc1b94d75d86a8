//! Rows into tables, by the fastest way each engine has. What the schema refuses one by one (a grant that is fulfilled already) is let through.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::SinkExt;
use platform::db::{Location, Value};
use tokio::task::JoinHandle;

use super::Failed;

/// One table: its name, its columns, and rows that wait to be written.
struct Waiting {
    table: &'static str,
    columns: Vec<&'static str>,
    /// Which of the values given are written.
    is_kept: Vec<bool>,
    rows: Vec<Vec<Value>>,
}

/// Where rows go. They are written when [`Sink::flush`] says so, table by table in the order in which the tables were first named.
pub(super) struct Sink {
    /// The columns of the schema, written `table.column`. Others are left out: what is written fits the schema before and after a column came.
    known: BTreeSet<String>,
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

const SQLITE_COLUMNS: &str = "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'";

impl Sink {
    pub(super) async fn open(location: &Location) -> Result<Self, Failed> {
        let known;
        let into = match location {
            Location::File(path) => {
                let connection = rusqlite::Connection::open(path)?;
                connection.execute_batch(FAST)?;
                known = connection.prepare(SQLITE_COLUMNS)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
                let begin = connection.query_row("SELECT sql FROM sqlite_master WHERE name = 'grants_begin'", [], |row| row.get(0))?;
                connection.execute_batch("DROP TRIGGER grants_begin")?;
                Into::Sqlite(connection, begin)
            }
            Location::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                let talking = tokio::spawn(async move { drop(connection.await) });
                known = client.query(POSTGRES_COLUMNS, &[]).await?.iter().map(|row| row.get(0)).collect();
                client.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off").await?;
                Into::Postgres(client, talking)
            }
        };
        Ok(Self { known, waiting: Vec::new(), into })
    }

    /// A row, with a value for each of the columns.
    pub(super) fn put(&mut self, table: &'static str, columns: &'static str, row: Vec<Value>) {
        let place = self.waiting.iter().position(|w| w.table == table).unwrap_or_else(|| {
            let is_kept: Vec<bool> = columns.split(", ").map(|column| self.known.contains(&format!("{table}.{column}"))).collect();
            let columns = columns.split(", ").zip(&is_kept).filter(|(_, kept)| **kept).map(|(column, _)| column).collect();
            self.waiting.push(Waiting { table, columns, is_kept, rows: Vec::new() });
            self.waiting.len() - 1
        });
        if let Some(waiting) = self.waiting.get_mut(place) {
            let row = row.into_iter().zip(&waiting.is_kept).filter(|(_, kept)| **kept).map(|(value, _)| value).collect();
            waiting.rows.push(row);
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Failed> {
        match &mut self.into {
            Into::Sqlite(connection, _) => {
                let tx = connection.transaction()?;
                for Waiting { table, columns, rows, .. } in &mut self.waiting {
                    let open = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
                    let mut insert = tx.prepare(&format!("INSERT INTO {table} ({}) VALUES ({open})", columns.join(", ")))?;
                    for row in rows.drain(..) {
                        insert.execute(rusqlite::params_from_iter(row))?;
                    }
                }
                tx.commit()?;
            }
            Into::Postgres(client, _) => {
                for Waiting { table, columns, rows, .. } in self.waiting.iter_mut().filter(|w| !w.rows.is_empty()) {
                    let copy = client.copy_in::<_, Bytes>(&format!("COPY {table} ({}) FROM STDIN", columns.join(", "))).await?;
                    let mut copy = std::pin::pin!(copy);
                    copy.send(Bytes::from(rows.drain(..).fold(String::new(), line))).await?;
                    copy.finish().await?;
                }
            }
        }
        Ok(())
    }

    /// Puts the schema back as it was, and lets the engine look at what it has.
    pub(super) async fn close(mut self) -> Result<(), Failed> {
        self.flush().await?;
        match self.into {
            Into::Sqlite(connection, begin) => {
                connection.execute_batch(&begin)?;
                connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            }
            Into::Postgres(client, talking) => {
                client.batch_execute("VACUUM ANALYZE").await?;
                drop(client);
                drop(talking.await);
            }
        }
        Ok(())
    }
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

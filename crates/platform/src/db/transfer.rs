//! Everything in one database into another, empty one, whatever kind each is. Tables and columns are those of the schema, in the order in which they refer to
//! each other; rows are streamed, so that memory does not grow with them; the copy is there whole, or not at all.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use futures_util::SinkExt as _;
use rusqlite::Connection;
use rusqlite::types::{Value as Cell, ValueRef};
use tokio::sync::mpsc;

use super::postgres::{self, Postgres};
use super::{Database, Db, DbError, Migration, sqlite};

/// How many rows are fetched from a server at once.
const ROWS_AT_ONCE: i32 = 1_000;
/// How many bytes are sent to a server at once.
const BYTES_AT_ONCE: usize = 256 * 1_024;
/// Pieces that wait between the one who reads and the one who writes.
const PIECES: usize = 4;

/// A table as it is copied.
#[derive(Clone, Debug)]
struct Table {
    name: String,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: Kind,
    /// Whether its numbers are given out by the database.
    is_numbered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Text,
    Bytes,
}

impl Table {
    fn list(&self) -> String {
        self.columns.iter().map(|c| format!("\"{}\"", c.name)).collect::<Vec<_>>().join(", ")
    }

    fn select(&self) -> String {
        format!("SELECT {} FROM \"{}\"", self.list(), self.name)
    }
}

/// The tables of a schema, each behind those it refers to.
fn tables(migrations: &[Migration]) -> Result<Vec<Table>, DbError> {
    let mut fresh = Connection::open_in_memory().map_err(failed)?;
    super::migrate::on_sqlite(migrations, &mut fresh)?;
    let mut names = strings(
        &fresh,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'refinery_schema_history' ORDER BY name",
    )?;
    let (mut ordered, mut placed) = (Vec::new(), BTreeSet::new());
    while !names.is_empty() {
        let before = names.len();
        for name in std::mem::take(&mut names) {
            let refers = strings(&fresh, &format!("SELECT \"table\" FROM pragma_foreign_key_list('{name}')"))?;
            if refers.iter().all(|to| *to == name || placed.contains(to)) {
                ordered.push(table(&fresh, &name)?);
                placed.insert(name);
            } else {
                names.push(name);
            }
        }
        if names.len() == before {
            return Err(DbError::Defect(format!("tables refer to each other in a ring: {}", names.join(", "))));
        }
    }
    Ok(ordered)
}

fn table(schema: &Connection, name: &str) -> Result<Table, DbError> {
    let mut listed = schema.prepare(&format!("SELECT name, type, pk FROM pragma_table_info('{name}') ORDER BY cid")).map_err(failed)?;
    let rows = listed.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))).map_err(failed)?;
    let sql = strings(schema, &format!("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{name}'"))?.pop().unwrap_or_default();
    let is_numbered = sql.contains("AUTOINCREMENT");
    let mut columns = Vec::new();
    for row in rows {
        let (column, kind, key) = row.map_err(failed)?;
        let kind = match kind.as_str() {
            "INTEGER" => Kind::Int,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            other => return Err(DbError::Defect(format!("`{name}.{column}` has the type `{other}`, which is not copied"))),
        };
        columns.push(Column { name: column, kind, is_numbered: is_numbered && key == 1 });
    }
    Ok(Table { name: name.to_owned(), columns })
}

fn strings(connection: &Connection, sql: &str) -> Result<Vec<String>, DbError> {
    let mut prepared = connection.prepare(sql).map_err(failed)?;
    let rows = prepared.query_map([], |row| row.get(0)).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

fn failed(e: rusqlite::Error) -> DbError {
    sqlite::error(&e)
}

/// A part of a table on its way.
enum Piece {
    /// Rows of the table at this place, and how many.
    Rows(usize, Packed, u64),
    /// The table at this place has ended.
    End(usize),
}

enum Packed {
    /// For a server, as `COPY` reads it.
    Text(Bytes),
    /// For a file.
    Cells(Vec<Vec<Cell>>),
}

/// What is at both ends when a copy is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Rows of each table.
    pub rows: Vec<(String, i64)>,
    /// The digest of the last event, and that of the last seal.
    pub heads: [Option<Vec<u8>>; 2],
}

impl Inventory {
    /// How many rows there are.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.rows.iter().map(|(_, rows)| rows).sum()
    }
}

const HEADS: [&str; 2] = ["SELECT digest FROM events ORDER BY seq DESC LIMIT 1", "SELECT digest FROM seals ORDER BY number DESC LIMIT 1"];

impl Db {
    /// How many rows each table has, and where the log of events stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn inventory(&self, migrations: &[Migration]) -> Result<Inventory, DbError> {
        let tables = tables(migrations)?;
        match &self.database {
            Database::Sqlite(database) => {
                let path = database.path().to_owned();
                blocking(move || counted_in_file(&path, &tables)).await
            }
            Database::Postgres(database) => counted_on_server(database, &tables).await,
        }
    }

    /// Copies everything into another database of this schema that has no rows: all of it, as of one moment, or nothing. `told` hears how many rows came.
    ///
    /// # Errors
    /// When the other one is of the same kind (a backup does that), one cannot be read, or the other not written.
    pub async fn transfer(&self, to: &Self, migrations: &[Migration], told: impl Fn(u64) + Send + Sync + 'static) -> Result<(), DbError> {
        let tables = tables(migrations)?;
        let (sender, receiver) = mpsc::channel(PIECES);
        match (&self.database, &to.database) {
            (Database::Sqlite(from), Database::Postgres(to)) => {
                let (path, read) = (from.path().to_owned(), tables.clone());
                let reading = tokio::task::spawn_blocking(move || from_file(&path, &read, &sender));
                let written = to_server(to, &tables, receiver, &told).await;
                ended(reading.await).and(written)
            }
            (Database::Postgres(from), Database::Sqlite(to)) => {
                let (path, written) = (to.path().to_owned(), tables.clone());
                let writing = tokio::task::spawn_blocking(move || to_file(&path, &written, receiver, &told));
                let read = from_server(from, &tables, sender).await;
                let written = ended(writing.await);
                read.and(written)
            }
            _ => Err(DbError::Defect("both databases are of one kind".to_owned())),
        }
    }
}

fn ended(joined: Result<Result<(), DbError>, tokio::task::JoinError>) -> Result<(), DbError> {
    joined.unwrap_or_else(|e| Err(DbError::Unavailable(e.to_string())))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, DbError> + Send + 'static) -> Result<T, DbError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(DbError::Unavailable(e.to_string())))
}

fn counted_in_file(path: &Path, tables: &[Table]) -> Result<Inventory, DbError> {
    let connection = sqlite::reader(path)?;
    let head = |sql: &str| match connection.query_row(sql, [], |row| row.get(0)) {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        other => other.map(Some).map_err(failed),
    };
    let count = |t: &Table| Ok((t.name.clone(), connection.query_row(&format!("SELECT COUNT(*) FROM \"{}\"", t.name), [], |row| row.get(0)).map_err(failed)?));
    Ok(Inventory { heads: [head(HEADS[0])?, head(HEADS[1])?], rows: tables.iter().map(count).collect::<Result<_, DbError>>()? })
}

async fn counted_on_server(database: &Postgres, tables: &[Table]) -> Result<Inventory, DbError> {
    let client = database.connection().await?;
    let mut rows = Vec::with_capacity(tables.len());
    for table in tables {
        let row = client.query_one(format!("SELECT COUNT(*) FROM \"{}\"", table.name).as_str(), &[]).await.map_err(|e| postgres::error(&e))?;
        rows.push((table.name.clone(), row.try_get(0).map_err(|e| postgres::error(&e))?));
    }
    let mut heads = [None, None];
    for (head, sql) in heads.iter_mut().zip(HEADS) {
        let found = client.query_opt(sql, &[]).await.map_err(|e| postgres::error(&e))?;
        *head = found.map(|row| row.try_get(0)).transpose().map_err(|e| postgres::error(&e))?;
    }
    Ok(Inventory { rows, heads })
}

/// Reads a file, as of one moment. Where nobody listens any more it ends: why, the other end says.
fn from_file(path: &Path, tables: &[Table], to: &mpsc::Sender<Piece>) -> Result<(), DbError> {
    let connection = sqlite::reader(path)?;
    connection.execute_batch("BEGIN").map_err(failed)?;
    for (place, table) in tables.iter().enumerate() {
        let mut prepared = connection.prepare(&table.select()).map_err(failed)?;
        let mut rows = prepared.query([]).map_err(failed)?;
        let (mut text, mut count) = (String::new(), 0);
        while let Some(row) = rows.next().map_err(failed)? {
            for column in 0..table.columns.len() {
                if column > 0 {
                    text.push('\t');
                }
                written(&mut text, row.get_ref(column).map_err(failed)?)?;
            }
            text.push('\n');
            count += 1;
            if text.len() >= BYTES_AT_ONCE {
                if to.blocking_send(Piece::Rows(place, Packed::Text(std::mem::take(&mut text).into()), count)).is_err() {
                    return Ok(());
                }
                count = 0;
            }
        }
        let rest = [Piece::Rows(place, Packed::Text(text.into()), count), Piece::End(place)];
        if rest.into_iter().any(|piece| to.blocking_send(piece).is_err()) {
            return Ok(());
        }
    }
    Ok(())
}

/// A value as `COPY` reads it.
fn written(out: &mut String, value: ValueRef<'_>) -> Result<(), DbError> {
    match value {
        ValueRef::Null => out.push_str("\\N"),
        ValueRef::Integer(n) => out.push_str(&n.to_string()),
        ValueRef::Real(_) => return Err(DbError::Defect("a number with a point is not copied".to_owned())),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|e| DbError::Defect(format!("a text is not UTF-8: {e}")))?;
            for c in text.chars() {
                match c {
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c => out.push(c),
                }
            }
        }
        ValueRef::Blob(bytes) => {
            out.push_str("\\\\x");
            for byte in bytes {
                out.extend([byte >> 4, byte & 15].into_iter().filter_map(|half| char::from_digit(half.into(), 16)));
            }
        }
    }
    Ok(())
}

/// Writes to a server in one transaction. What the schema refuses (a grant that does not begin as granted) was allowed when it happened, step by step, so its
/// triggers rest meanwhile.
async fn to_server(database: &Postgres, tables: &[Table], mut from: mpsc::Receiver<Piece>, told: &(impl Fn(u64) + Sync)) -> Result<(), DbError> {
    let failed = |e: tokio_postgres::Error| postgres::error(&e);
    let mut client = database.connection().await?;
    let transaction = client.transaction().await.map_err(failed)?;
    for table in tables {
        transaction.batch_execute(&format!("ALTER TABLE \"{}\" DISABLE TRIGGER USER", table.name)).await.map_err(failed)?;
    }
    for (at, table) in tables.iter().enumerate() {
        let copy = format!("COPY \"{}\" ({}) FROM STDIN", table.name, table.list());
        let sink = transaction.copy_in::<_, Bytes>(copy.as_str()).await.map_err(failed)?;
        let mut sink = std::pin::pin!(sink);
        loop {
            match from.recv().await {
                Some(Piece::Rows(place, Packed::Text(text), count)) if place == at => {
                    sink.send(text).await.map_err(failed)?;
                    told(count);
                }
                Some(Piece::End(place)) if place == at => break,
                _ => return Err(DbError::Unavailable(format!("`{}` was not read to its end", table.name))),
            }
        }
        sink.as_mut().finish().await.map_err(failed)?;
        for column in table.columns.iter().filter(|c| c.is_numbered) {
            let next = format!(
                "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), COALESCE(MAX(\"{column}\"), 0) + 1, false) FROM \"{table}\"",
                table = table.name,
                column = column.name
            );
            transaction.batch_execute(&next).await.map_err(failed)?;
        }
    }
    for table in tables {
        transaction.batch_execute(&format!("ALTER TABLE \"{}\" ENABLE TRIGGER USER", table.name)).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

/// Reads a server, as of one moment. Where nobody listens any more it ends.
async fn from_server(database: &Postgres, tables: &[Table], to: mpsc::Sender<Piece>) -> Result<(), DbError> {
    let failed = |e: tokio_postgres::Error| postgres::error(&e);
    let mut client = database.connection().await?;
    let transaction = client.transaction().await.map_err(failed)?;
    transaction.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(failed)?;
    for (place, table) in tables.iter().enumerate() {
        let portal = transaction.bind(table.select().as_str(), &[]).await.map_err(failed)?;
        loop {
            let rows = transaction.query_portal(&portal, ROWS_AT_ONCE).await.map_err(failed)?;
            if rows.is_empty() {
                break;
            }
            let cells = rows.iter().map(|row| cells(table, row)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let count = u64::try_from(cells.len()).unwrap_or(0);
            if to.send(Piece::Rows(place, Packed::Cells(cells), count)).await.is_err() {
                return Ok(());
            }
        }
        if to.send(Piece::End(place)).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn cells(table: &Table, row: &tokio_postgres::Row) -> Result<Vec<Cell>, tokio_postgres::Error> {
    let cell = |(place, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Int => row.try_get::<_, Option<i64>>(place)?.map_or(Cell::Null, Cell::Integer),
            Kind::Text => row.try_get::<_, Option<String>>(place)?.map_or(Cell::Null, Cell::Text),
            Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(place)?.map_or(Cell::Null, Cell::Blob),
        })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

/// Writes a file in one transaction. Its triggers rest meanwhile, as those of a server do.
fn to_file(path: &Path, tables: &[Table], mut from: mpsc::Receiver<Piece>, told: &impl Fn(u64)) -> Result<(), DbError> {
    let connection = sqlite::connect(path)?;
    connection.execute_batch("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys=ON;").map_err(failed)?;
    let triggers = strings(&connection, "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")?;
    let texts = strings(&connection, "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")?;
    for name in &triggers {
        connection.execute_batch(&format!("DROP TRIGGER \"{name}\"")).map_err(failed)?;
    }
    for (at, table) in tables.iter().enumerate() {
        let holes = (1..=table.columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let mut insert = connection.prepare(&format!("INSERT INTO \"{}\" ({}) VALUES ({holes})", table.name, table.list())).map_err(failed)?;
        loop {
            match from.blocking_recv() {
                Some(Piece::Rows(place, Packed::Cells(rows), count)) if place == at => {
                    for row in rows {
                        insert.execute(rusqlite::params_from_iter(row)).map_err(failed)?;
                    }
                    told(count);
                }
                Some(Piece::End(place)) if place == at => break,
                _ => return Err(DbError::Unavailable(format!("`{}` was not read to its end", table.name))),
            }
        }
    }
    for text in texts {
        connection.execute_batch(&text).map_err(failed)?;
    }
    connection.execute_batch("COMMIT").map_err(failed)
}

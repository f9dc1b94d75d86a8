//! SQLite: one thread writes, many requests to one commit; a few connections read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, StatementStatus, ToSql};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::After;
use super::tx::{Left, Link, Opened};

use super::{Body, DbError, Statement, Tx, Value};

/// How many requests may wait for the writer. One more is told to come back.
const WAITING_MAX: usize = 4_096;
/// How many requests may share a commit.
const BATCH_MAX: usize = 256;
/// How many connections read at once.
const READERS: usize = 4;
const STATEMENTS_CACHED: usize = 512;

/// Runs in the transaction of a batch, and gives back what is to be told after the commit.
type Job = Box<dyn FnOnce(&mut Tx, Place) -> Told + Send>;
type Told = Box<dyn FnOnce(Result<(), DbError>) + Send>;

/// How a job stands in its batch: what it takes back when it fails.
#[derive(Clone, Copy)]
enum Place {
    /// The transaction is its own, and begins again. What statements of a savepoint cost grows with what was written in it: a long job is spared that.
    Alone,
    AmongOthers,
}

/// An open SQLite database.
pub(super) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
    path: PathBuf,
    opened: Opened,
}

impl Sqlite {
    pub(super) fn open(path: &Path, opened: Opened) -> Result<Self, DbError> {
        let writer = connect(path)?;
        let readers = (0..READERS).map(|_| reader(path)).collect::<Result<Vec<_>, _>>()?;
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_all(Tx::new(Link::Sqlite(writer), opened), waiting))
            .map_err(|e| DbError::Unavailable(e.to_string()))?;
        Ok(Self { jobs, readers: Arc::new(Mutex::new(readers)), turns: Arc::new(Semaphore::new(READERS)), path: path.to_owned(), opened })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn write<T, E, F>(&self, body: F, after: After) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, (T, Left), E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx, place| {
            let result = whole_or_not(tx, place, body);
            Box::new(move |committed| {
                let result = result.and_then(|done| committed.map(|()| done).map_err(E::from));
                let result = result.map(|(done, left)| {
                    after.hears(left);
                    done
                });
                // Whoever asked may have gone; what was asked for happened all the same.
                drop(answer.send(result));
            })
        });
        self.jobs.try_send(job).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => DbError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => writer_gone(),
        })?;
        answered.await.unwrap_or_else(|_| Err(writer_gone().into()))
    }

    pub(super) async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| writer_gone())?;
        let (readers, path, opened) = (Arc::clone(&self.readers), self.path.clone(), self.opened);
        let reading = tokio::task::spawn_blocking(move || {
            let taken = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = taken.map_or_else(|| reader(&path), Ok)?;
            let mut tx = Tx::new(Link::Sqlite(connection), opened);
            let result = in_one_snapshot(&mut tx, body);
            if let Link::Sqlite(connection) = tx.link
                && connection.is_autocommit()
            {
                readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(turn);
            result
        });
        reading.await.unwrap_or_else(|e| Err(DbError::Unavailable(e.to_string()).into()))
    }
}

fn writer_gone() -> DbError {
    DbError::Unavailable("the thread that writes has ended".to_owned())
}

/// A connection that may write. Every commit is on the disk before anyone hears of it (`synchronous=FULL`).
pub(super) fn connect(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(path).map_err(|e| error(&e))?;
    prepare(
        &connection,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA journal_size_limit=67108864;
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;",
    )?;
    Ok(connection)
}

pub(super) fn reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| error(&e))?;
    prepare(&connection, "PRAGMA query_only=ON;")?;
    Ok(connection)
}

fn prepare(connection: &Connection, pragmas: &str) -> Result<(), DbError> {
    connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(|e| error(&e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // A plan is made once for a statement, not again for each value: so it is the one that was looked at.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|e| error(&e))?;
    connection.execute_batch(pragmas).map_err(|e| error(&e))
}

fn write_all(mut tx: Tx, mut waiting: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while waiting.blocking_recv_many(&mut batch, BATCH_MAX) > 0 {
        let mut told = Vec::with_capacity(batch.len());
        let committed = control(&mut tx, "BEGIN IMMEDIATE").and_then(|()| {
            let place = if batch.len() == 1 { Place::Alone } else { Place::AmongOthers };
            for job in batch.drain(..) {
                told.push(job(&mut tx, place));
                // Some errors (a full disk) end the transaction itself: then nothing of this batch happened.
                standing(&tx)?;
            }
            control(&mut tx, "COMMIT")
        });
        if let Err(e) = &committed {
            tracing::error!(error = %e, "a batch was not committed");
            drop(control(&mut tx, "ROLLBACK"));
            // Jobs that were not begun are dropped, which tells those who wait that the database is not available.
            batch.clear();
        }
        for tell in told {
            tell(committed.clone());
        }
    }
}

fn whole_or_not<T, E, F>(tx: &mut Tx, place: Place, body: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E>,
    E: From<DbError>,
{
    let (begin, undo, end): (&[&str], &[&str], &[&str]) = match place {
        Place::Alone => (&[], &["ROLLBACK", "BEGIN IMMEDIATE"], &[]),
        Place::AmongOthers => (&["SAVEPOINT job"], &["ROLLBACK TO job"], &["RELEASE job"]),
    };
    let control_all = |tx: &mut Tx, all: &[&str]| all.iter().try_for_each(|sql| control(tx, sql));
    control_all(tx, begin)?;
    tx.begin_afresh();
    let result = run(tx, body);
    if result.is_err() && standing(tx).is_ok() && control_all(tx, undo).is_err() {
        // Rather nothing of the batch than a part of a job: that is found after it.
        drop(control(tx, "ROLLBACK"));
    }
    if standing(tx).is_ok() {
        control_all(tx, end)?;
    }
    result
}

fn in_one_snapshot<T, E, F>(tx: &mut Tx, body: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E>,
    E: From<DbError>,
{
    control(tx, "BEGIN")?;
    let result = run(tx, body);
    control(tx, "ROLLBACK")?;
    result
}

/// Runs a body to its end. Its `Tx` never waits here, so a body that is not done at once has awaited something else.
fn run<T, E, F>(tx: &mut Tx, body: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E>,
    E: From<DbError>,
{
    let polled = catch_unwind(AssertUnwindSafe(|| pin!(body(tx)).as_mut().poll(&mut Context::from_waker(Waker::noop()))));
    match polled {
        Ok(Poll::Ready(result)) => result,
        Ok(Poll::Pending) => Err(DbError::shape("a transaction awaited something else than its database").into()),
        Err(_) => Err(DbError::shape("a transaction panicked").into()),
    }
}

fn control(tx: &mut Tx, sql: &str) -> Result<(), DbError> {
    let Link::Sqlite(connection) = &tx.link else { return Err(DbError::shape("not SQLite")) };
    connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(|e| error(&e))
}

fn standing(tx: &Tx) -> Result<(), DbError> {
    match &tx.link {
        Link::Sqlite(connection) if connection.is_autocommit() => Err(DbError::Unavailable("the transaction was ended by an error".to_owned())),
        _ => Ok(()),
    }
}

pub(super) fn prepared(connection: &Connection, statement: &Statement) -> Result<(), DbError> {
    connection.prepare(statement.sqlite()).map(drop).map_err(|e| named(statement, &e))
}

pub(super) fn execute(connection: &Connection, statement: &Statement, values: &[Value]) -> Result<u64, DbError> {
    let mut prepared = connection.prepare_cached(statement.sqlite()).map_err(|e| named(statement, &e))?;
    let changed = prepared.execute(rusqlite::params_from_iter(values)).map_err(|e| named(statement, &e))?;
    told(statement, &prepared, changed);
    Ok(u64::try_from(changed).unwrap_or(0))
}

pub(super) fn query(connection: &Connection, statement: &Statement, values: &[Value]) -> Result<Vec<Vec<Value>>, DbError> {
    let mut prepared = connection.prepare_cached(statement.sqlite()).map_err(|e| named(statement, &e))?;
    let columns = prepared.column_count();
    let mut found = prepared.query(rusqlite::params_from_iter(values)).map_err(|e| named(statement, &e))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(|e| named(statement, &e))? {
        let values: Result<Vec<Value>, rusqlite::Error> = (0..columns).map(|i| row.get_ref(i).map(value)).collect();
        rows.push(values.map_err(|e| named(statement, &e))?);
    }
    drop(found);
    told(statement, &prepared, rows.len());
    Ok(rows)
}

/// What a statement cost, for whoever looks for the dear ones: `--log platform::db=trace`. Not its values, which may be personal.
fn told(statement: &Statement, prepared: &rusqlite::Statement<'_>, rows: usize) {
    tracing::trace!(target: "platform::db", statement = statement.name, steps = prepared.reset_status(StatementStatus::VmStep), rows);
}

fn value(of: ValueRef<'_>) -> Value {
    match of {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        // No column holds one; a sum of integers is an integer.
        ValueRef::Real(x) => Value::Text(x.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn named(statement: &Statement, e: &rusqlite::Error) -> DbError {
    match error(e) {
        DbError::Defect(what) => DbError::Defect(format!("{}: {what}", statement.name)),
        other => other,
    }
}

pub(super) fn error(e: &rusqlite::Error) -> DbError {
    let text = e.to_string();
    match e.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => DbError::Refused(text),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbError::Contended,
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::OutOfMemory
            | ErrorCode::PermissionDenied,
        ) => DbError::Unavailable(text),
        _ => DbError::Defect(text),
    }
}

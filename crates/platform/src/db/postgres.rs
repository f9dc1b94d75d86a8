//! PostgreSQL: a pool of connections, and another try when transactions got in each other's way.

use std::error::Error as _;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use postgres_types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use sha2::{Digest, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::{NoTls, Row};

use super::tx::{Link, Opened};

use super::{Body, DbError, Statement, Tx, Value};

/// How many connections are open at most.
const CONNECTIONS: usize = 32;
/// How long one request waits for a connection.
const WAIT: Duration = Duration::from_secs(10);
/// How often a transaction is tried when others get in its way.
const TRIES: u32 = 10;

/// An open PostgreSQL database.
pub(super) struct Postgres {
    pool: Pool,
    config: Box<tokio_postgres::Config>,
    opened: Opened,
}

/// What a transaction may do, in the words of the database.
#[derive(Clone, Copy)]
enum Kind {
    /// Each statement sees what was committed before it; names that are held keep others away.
    Write,
    /// All statements see one state.
    Read,
}

impl Postgres {
    pub(super) fn open(url: &str, opened: Opened) -> Result<Self, DbError> {
        let config: tokio_postgres::Config = url.parse().map_err(|e: tokio_postgres::Error| DbError::Unavailable(e.to_string()))?;
        let manager = Manager::from_config(config.clone(), NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        let pool = Pool::builder(manager).max_size(CONNECTIONS).timeouts(timeouts).runtime(Runtime::Tokio1).build();
        Ok(Self { pool: pool.map_err(|e| DbError::Unavailable(e.to_string()))?, config: Box::new(config), opened })
    }

    /// Where it is, for a connection outside the pool.
    pub(super) fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    pub(super) async fn connection(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|e| match e {
            deadpool_postgres::PoolError::Timeout(_) => DbError::Overloaded,
            deadpool_postgres::PoolError::Backend(e) => error(&e),
            other => DbError::Unavailable(other.to_string()),
        })
    }

    pub(super) async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send,
        E: From<DbError> + Contended,
    {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.once(Kind::Write, body.clone()).await {
                Err(e) if tried < TRIES && e.is_contended() => tokio::time::sleep(Duration::from_millis(u64::from(tried * tried))).await,
                result => return result,
            }
        }
    }

    pub(super) async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Send,
        E: From<DbError>,
    {
        self.once(Kind::Read, body).await
    }

    async fn once<T, E, F>(&self, kind: Kind, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Send,
        E: From<DbError>,
    {
        let client = self.connection().await?;
        let begin = match kind {
            Kind::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Kind::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut under_way = UnderWay(Some(Tx::new(Link::Postgres(client), self.opened)));
        let Some(tx) = under_way.0.as_mut() else { return Err(DbError::shape("no transaction").into()) };
        if let Link::Postgres(client) = &tx.link {
            client.batch_execute(begin).await.map_err(|e| error(&e))?;
        }
        let result = body(tx).await;
        end(tx, result.is_ok()).await?;
        under_way.done();
        result
    }
}

/// A transaction whose future may be dropped half-way (the client went away): its connection must then not go back to the pool as it is.
struct UnderWay(Option<Tx>);

impl UnderWay {
    fn done(&mut self) {
        self.0 = None;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(Tx { link: Link::Postgres(client), .. }) = self.0.take() {
            // Taken out of the pool and closed: the server rolls back.
            drop(Object::take(client));
        }
    }
}

async fn end(tx: &mut Tx, commit: bool) -> Result<(), DbError> {
    let Link::Postgres(client) = &tx.link else { return Ok(()) };
    if !commit {
        return client.batch_execute("ROLLBACK").await.map_err(|e| error(&e));
    }
    client.batch_execute("COMMIT").await.map_err(|e| if e.code().is_some() { error(&e) } else { DbError::Uncertain(e.to_string()) })
}

/// An error that may say that transactions got in each other's way.
pub trait Contended {
    /// Whether the same may succeed if it is tried again at once.
    fn is_contended(&self) -> bool;
}

impl Contended for DbError {
    fn is_contended(&self) -> bool {
        *self == Self::Contended
    }
}

pub(super) async fn prepared(client: &Object, statement: &Statement) -> Result<(), DbError> {
    client.prepare(statement.postgres()).await.map(drop).map_err(|e| named(statement, &e))
}

pub(super) async fn execute(client: &Object, statement: &'static Statement, values: &[Value]) -> Result<u64, DbError> {
    let prepared = client.prepare_cached(statement.postgres()).await.map_err(|e| named(statement, &e))?;
    client.execute_raw(&prepared, values).await.map_err(|e| named(statement, &e))
}

pub(super) async fn query(client: &Object, statement: &'static Statement, values: &[Value]) -> Result<Vec<Vec<Value>>, DbError> {
    let prepared = client.prepare_cached(statement.postgres()).await.map_err(|e| named(statement, &e))?;
    let borrowed: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
    let rows = client.query(&prepared, &borrowed).await.map_err(|e| named(statement, &e))?;
    rows.iter().map(|row| columns(statement, row)).collect()
}

/// All in one go: each round trip is waited for by whoever wants one of them.
const HOLD: &str = "SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest($1::BIGINT[]) AS key ORDER BY 1) keys";

const SHARE: &str = "SELECT pg_advisory_xact_lock_shared($1)";

pub(super) async fn share(client: &Object, name: &str) -> Result<(), DbError> {
    let prepared = client.prepare_cached(SHARE).await.map_err(|e| error(&e))?;
    client.execute(&prepared, &[&key(name)]).await.map(drop).map_err(|e| error(&e))
}

pub(super) async fn hold(client: &Object, names: &[String]) -> Result<(), DbError> {
    let mut keys: Vec<i64> = names.iter().map(|name| key(name)).collect();
    keys.sort_unstable();
    keys.dedup();
    let prepared = client.prepare_cached(HOLD).await.map_err(|e| error(&e))?;
    client.execute(&prepared, &[&keys]).await.map(drop).map_err(|e| error(&e))
}

/// Two names with one key wait for each other without need; nothing else comes of it.
pub(super) fn key(name: &str) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    digest.iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

fn columns(statement: &Statement, row: &Row) -> Result<Vec<Value>, DbError> {
    row.columns().iter().enumerate().map(|(i, column)| cell(row, i, column.type_()).map_err(|e| named(statement, &e))).collect()
}

fn cell(row: &Row, i: usize, of: &Type) -> Result<Value, tokio_postgres::Error> {
    Ok(if *of == Type::INT8 {
        row.try_get::<_, Option<i64>>(i)?.map_or(Value::Null, Value::Int)
    } else if *of == Type::INT4 {
        row.try_get::<_, Option<i32>>(i)?.map_or(Value::Null, |n| Value::Int(i64::from(n)))
    } else if *of == Type::BOOL {
        row.try_get::<_, Option<bool>>(i)?.map_or(Value::Null, |b| Value::Int(i64::from(b)))
    } else if *of == Type::BYTEA {
        row.try_get::<_, Option<Vec<u8>>>(i)?.map_or(Value::Null, Value::Bytes)
    } else {
        row.try_get::<_, Option<String>>(i)?.map_or(Value::Null, Value::Text)
    })
}

impl ToSql for Value {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) if *of == Type::INT4 => i32::try_from(*n)?.to_sql(of, out),
            Self::Int(n) if *of == Type::BOOL => (*n != 0).to_sql(of, out),
            Self::Int(n) if *of == Type::INT8 => n.to_sql(of, out),
            Self::Text(text) if <&str as ToSql>::accepts(of) => text.to_sql(of, out),
            Self::Bytes(bytes) if *of == Type::BYTEA => bytes.to_sql(of, out),
            other => Err(format!("{other:?} does not fit a column of type {of}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn named(statement: &Statement, e: &tokio_postgres::Error) -> DbError {
    match error(e) {
        DbError::Defect(what) => DbError::Defect(format!("{}: {what}", statement.name)),
        other => other,
    }
}

pub(super) fn error(e: &tokio_postgres::Error) -> DbError {
    let text = e.source().map_or_else(|| e.to_string(), |cause| format!("{e}: {cause}"));
    let Some(code) = e.code() else {
        // What never reached the server is a value of the wrong type; all else is the connection.
        return if e.is_closed() || e.source().is_some_and(|s| s.is::<std::io::Error>()) { DbError::Unavailable(text) } else { DbError::Defect(text) };
    };
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => DbError::Contended,
        SqlState::TOO_MANY_CONNECTIONS => DbError::Overloaded,
        _ => match code.code().get(..2) {
            // Integrity constraints, and what a trigger raises.
            Some("23" | "P0") => DbError::Refused(text),
            // Connection, resources, operator intervention, system.
            Some("08" | "53" | "57" | "58") => DbError::Unavailable(text),
            _ => DbError::Defect(text),
        },
    }
}

//! One transaction body for both databases.
//!
//! A body is an async function of `&mut Tx`. On SQLite it runs on the one thread that writes, many to a commit; on PostgreSQL in a pooled transaction, again
//! when others got in its way. It is answered after the commit is durable.

mod copies;
mod error;
mod migrate;
mod postgres;
mod sqlite;
mod statement;
mod transfer;
mod tx;
mod value;

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use tx::{Left, Opened};

pub use copies::{beside, copy_sqlite, free_sqlite};
pub use error::DbError;
pub use migrate::{Migration, STATEMENTS, schema};
pub use postgres::Contended;
pub use statement::{Statement, fifties};
pub use transfer::Inventory;
pub use tx::Tx;
pub use value::{Column, FromRow, Perhaps, Row, Value};

use crate::live::{self, Live};
use crate::wiring::Wire;

/// What a transaction does: `Box::pin(async move { … })`.
pub type Body<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Where the data are: a file, or `postgres://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(String),
}

impl FromStr for Location {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if postgres { Self::Postgres(text.to_owned()) } else { Self::File(PathBuf::from(text)) })
    }
}

impl fmt::Display for Location {
    /// Without the password, which has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let after = url.rsplit_once('@').map_or_else(|| url.split_once("://").map_or("", |(_, rest)| rest), |(_, host)| host);
                write!(f, "postgres://{}", after.split('?').next().unwrap_or_default())
            }
        }
    }
}

/// An open database.
pub struct Db {
    database: Database,
    after: After,
}

/// Who hears of what a transaction left, once it is durable: whether or not somebody still waits for its answer.
#[derive(Clone, Default)]
struct After {
    work: Arc<Notify>,
    live: Arc<Live>,
}

impl After {
    fn hears(&self, left: Left) {
        if left.wants_work {
            self.work.notify_one();
        }
        self.live.announce(left.topics);
    }
}

enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens it, with what follows from events; an SQLite file that is not there is made.
    ///
    /// # Errors
    /// When the file cannot be opened or the address does not parse. A PostgreSQL server is first asked when something is wanted of it.
    pub fn open(location: &Location, wires: &'static [Wire]) -> Result<Self, DbError> {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let opened = Opened { number: OPENED.fetch_add(1, Ordering::Relaxed), wires };
        let database = match location {
            Location::File(path) => Database::Sqlite(sqlite::Sqlite::open(path, opened)?),
            Location::Postgres(url) => Database::Postgres(postgres::Postgres::open(url, opened)?),
        };
        Ok(Self { database, after: After::default() })
    }

    /// Runs a body that changes something. All of it happens, durably, or nothing.
    ///
    /// A body may be run more than once, so it is cloned, and does nothing but what it asks of its `Tx`.
    ///
    /// # Errors
    /// What the body says; and [`DbError`] when the commit fails.
    pub async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Contended + Send + 'static,
    {
        match &self.database {
            Database::Sqlite(database) => database.write(followed(body), self.after.clone()).await,
            Database::Postgres(database) => {
                let (result, left) = database.write(followed(body)).await?;
                self.after.hears(left);
                Ok(result)
            }
        }
    }

    /// Told after each commit of this program that added a job.
    #[must_use]
    pub fn work(&self) -> Arc<Notify> {
        Arc::clone(&self.after.work)
    }

    /// Everybody who listens to what is touched here.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.after.live
    }

    /// Hears what other servers on this database announce, and tells them, until `stop` is done; then whoever listens is told that it ends.
    pub async fn relay(&self, stop: impl Future<Output = ()>) {
        match &self.database {
            Database::Sqlite(_) => stop.await,
            Database::Postgres(database) => tokio::select! {
                () = stop => {}
                () = live::relay(self.live(), database.config()) => {}
            },
        }
        self.live().close();
    }

    /// Whether other programs may add jobs without this one being told.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Runs a body that only reads. All it reads is of one moment.
    ///
    /// # Errors
    /// What the body says; and [`DbError`] when the database does not answer.
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match &self.database {
            Database::Sqlite(database) => database.read(body).await,
            Database::Postgres(database) => database.read(body).await,
        }
    }
}

/// A body, and then what follows from the events it appended. Gives too what is to be told after the commit.
fn followed<T, E, F>(body: F) -> impl for<'t> FnOnce(&'t mut Tx) -> Body<'t, (T, Left), E> + Clone + Send + 'static
where
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    move |tx| {
        Box::pin(async move {
            let result = body(tx).await?;
            tx.follow().await?;
            Ok((result, tx.left()))
        })
    }
}

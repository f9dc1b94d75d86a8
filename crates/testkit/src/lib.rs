//! What tests stand on. Every test has a database of its own, empty, on SQLite and on PostgreSQL.
//!
//! `LEEWAY_TEST_POSTGRES` names a PostgreSQL server whose user may create databases; `./check` starts one. Without it the tests on PostgreSQL say that they were
//! not run; where CI runs, they fail.

mod mail_sink;
pub mod years;

use std::future::Future;
use std::sync::Arc;

pub use mail_sink::{MailSink, Received};

use platform::db::{Db, Location};
use tempfile::TempDir;

/// A database that is there for one test.
pub struct TestDb {
    /// The open database.
    pub db: Db,
    /// Where it is, for those who open it once more.
    pub location: Location,
    folder: Option<TempDir>,
}

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database on the server that `LEEWAY_TEST_POSTGRES` names.
    Postgres,
}

/// The engines there are here, SQLite first.
///
/// # Panics
/// Where CI runs and there is no PostgreSQL: nothing is left out there.
#[must_use]
#[expect(clippy::panic, reason = "a test that cannot be run must not look as if it had passed")]
pub fn engines() -> Vec<Engine> {
    match server() {
        Some(_) => vec![Engine::Sqlite, Engine::Postgres],
        None if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("LEEWAY_TEST_POSTGRES is not set, and nothing is left out where CI runs"),
        None => {
            eprintln!("not run on PostgreSQL: LEEWAY_TEST_POSTGRES is not set");
            vec![Engine::Sqlite]
        }
    }
}

fn server() -> Option<String> {
    std::env::var("LEEWAY_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

impl TestDb {
    /// An empty database.
    ///
    /// # Errors
    /// When it cannot be made; the text says why.
    pub async fn new(engine: Engine) -> Result<Self, String> {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
                let location = Location::File(folder.path().join("leeway.db"));
                Ok(Self { db: open(&location)?, location, folder: Some(folder) })
            }
            Engine::Postgres => {
                let server = server().ok_or("LEEWAY_TEST_POSTGRES is not set")?;
                let name = format!("test_{}", uuid::Uuid::new_v4().simple());
                on_server(&server, &format!("CREATE DATABASE {name}")).await?;
                let location = Location::Postgres(beside(&server, &name));
                Ok(Self { db: open(&location)?, location, folder: None })
            }
        }
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}

fn open(location: &Location) -> Result<Db, String> {
    Db::open(location, &[]).map_err(|e| e.to_string())
}

/// The address of another database on the same server.
fn beside(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let base = address.rsplit_once('/').map_or(address, |(base, _)| base);
    parameters.map_or_else(|| format!("{base}/{name}"), |p| format!("{base}/{name}?{p}"))
}

async fn on_server(server: &str, sql: &str) -> Result<(), String> {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.map_err(|e| e.to_string())?;
    let talking = tokio::spawn(connection);
    let done = client.batch_execute(sql).await.map_err(|e| e.to_string());
    drop(client);
    drop(talking.await);
    done
}

/// Runs a test on each engine there is.
///
/// # Panics
/// When the test does, or a database cannot be made.
#[expect(clippy::panic, reason = "a test without its database fails")]
pub fn on_each<F, R>(test: F)
where
    F: Fn(Arc<TestDb>) -> R,
    R: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("{e}"));
    for engine in engines() {
        eprintln!("on {engine:?}");
        runtime.block_on(async {
            match TestDb::new(engine).await {
                Ok(database) => test(Arc::new(database)).await,
                Err(why) => panic!("{why}"),
            }
        });
    }
}

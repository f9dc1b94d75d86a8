//! The schema goes forward, one purpose at a time.

use refinery_core::{Migration as Step, Runner};

use super::{Database, Db, DbError, sqlite};
use crate::statements;

/// One step of the schema, under one name for both databases. A released one is never edited.
#[derive(Clone, Debug)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub number: u32,
    /// What it does: `create_people`.
    pub name: String,
    /// For SQLite.
    pub sqlite: String,
    /// For PostgreSQL.
    pub postgres: String,
}

#[derive(rust_embed::RustEmbed)]
#[folder = "../../migrations"]
struct Files;

/// The schema of this version of the program: all steps of the folder `migrations`, in order.
///
/// # Errors
/// When a step has no text for one of the databases, or a name that is not `NNNN_verb_noun.sql`.
pub fn schema() -> Result<Vec<Migration>, DbError> {
    let mut names: Vec<String> = Files::iter().filter_map(|path| path.strip_prefix("sqlite/").map(str::to_owned)).collect();
    names.sort();
    names.iter().map(|name| step(name)).collect()
}

fn step(file: &str) -> Result<Migration, DbError> {
    let unfit = |what: &str| DbError::shape(format!("migration `{file}` {what}"));
    let (number, name) = file.strip_suffix(".sql").and_then(|stem| stem.split_once('_')).ok_or_else(|| unfit("is not named NNNN_verb_noun.sql"))?;
    let text = |engine: &str| {
        let found = Files::get(&format!("{engine}/{file}")).ok_or_else(|| unfit(&format!("is missing for {engine}")))?;
        String::from_utf8(found.data.into_owned()).map_err(|_| unfit("is not UTF-8"))
    };
    let number = number.parse().map_err(|_| unfit("does not begin with a number"))?;
    Ok(Migration { number, name: name.to_owned(), sqlite: text("sqlite")?, postgres: text("postgres")? })
}

/// Held while the schema is changed, so that two that start at once do not both.
const SCHEMA: &str = "schema";

statements! {
    ANSWERS = "SELECT CAST(1 AS BIGINT)";
    STEPS = "SELECT COUNT(*) FROM refinery_schema_history";
}

impl Db {
    /// Whether the database answers, by the least that can be asked.
    ///
    /// # Errors
    /// [`DbError`] when it does not.
    pub async fn answers(&self) -> Result<(), DbError> {
        self.read(|tx| Box::pin(async move { tx.one::<(i64,)>(&ANSWERS, &[]).await.map(drop) })).await
    }

    /// How many steps of the schema were made here.
    ///
    /// # Errors
    /// When none was: this is not a database of Leeway.
    pub async fn steps(&self) -> Result<i64, DbError> {
        let steps: Result<(i64,), DbError> = self.read(|tx| Box::pin(async move { tx.one(&STEPS, &[]).await })).await;
        steps.map(|(steps,)| steps).map_err(|e| match e {
            DbError::Defect(_) => DbError::Unavailable("it is not a database of Leeway".to_owned()),
            other => other,
        })
    }

    /// Brings the schema up to the last step, and says how many were missing.
    ///
    /// # Errors
    /// When a step that was made is not the one that stands here (a released step was edited), or one cannot be made.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<usize, DbError> {
        match &self.database {
            Database::Sqlite(database) => on_sqlite(migrations, &mut sqlite::connect(database.path())?),
            Database::Postgres(database) => {
                let runner = runner(migrations, |m| &m.postgres)?;
                let mut client = database.connection().await?;
                let key = super::postgres::key(SCHEMA);
                client.execute("SELECT pg_advisory_lock($1)", &[&key]).await.map_err(|e| super::postgres::error(&e))?;
                let report = runner.run_async(&mut **client.as_mut()).await;
                client.execute("SELECT pg_advisory_unlock($1)", &[&key]).await.map_err(|e| super::postgres::error(&e))?;
                Ok(report.map_err(|e| unavailable(&e))?.applied_migrations().len())
            }
        }
    }
}

pub(super) fn on_sqlite(migrations: &[Migration], connection: &mut rusqlite::Connection) -> Result<usize, DbError> {
    let runner = runner(migrations, |m| &m.sqlite)?;
    Ok(runner.run(connection).map_err(|e| unavailable(&e))?.applied_migrations().len())
}

fn runner(migrations: &[Migration], text: fn(&Migration) -> &String) -> Result<Runner, DbError> {
    let steps: Result<Vec<Step>, _> = migrations.iter().map(|m| Step::unapplied(&format!("V{}__{}", m.number, m.name), text(m))).collect();
    Ok(Runner::new(&steps.map_err(|e| unavailable(&e))?).set_abort_divergent(true).set_abort_missing(true))
}

fn unavailable(e: &refinery_core::Error) -> DbError {
    DbError::Unavailable(format!("the schema could not be brought up to date: {e}"))
}

//! How commands on a database begin and end.

use std::fmt;
use std::future::Future;
use std::io::{self, Write};
use std::process::ExitCode;

use platform::db::{Db, DbError, Location, schema};

use crate::wiring::WIRES;

/// How a command ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Fine,
    WithFindings,
}

/// Why a command could not do its work: a sentence with what to do.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl<E: fmt::Display + std::error::Error> From<E> for Failure {
    fn from(e: E) -> Self {
        Self(e.to_string())
    }
}

/// The exit code of a command: 0, 1 with findings, 2 if it could not be done.
pub(crate) fn run(command: impl Future<Output = Result<Ended, Failure>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return failed(&format!("the program cannot start its threads: {e}")),
    };
    match runtime.block_on(command) {
        Ok(Ended::Fine) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(1),
        Err(Failure(why)) => failed(&why),
    }
}

fn failed(message: &str) -> ExitCode {
    // If the terminal is gone, there is nobody to tell.
    drop(writeln!(io::stderr(), "leeway: {message}"));
    ExitCode::from(2)
}

/// Says a line to whoever runs the command.
pub(crate) fn say(text: impl fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Opens a database and brings its schema up to date. A file is made if it is not there and `may_make` it.
pub(crate) async fn open(location: &Location, may_make: bool) -> Result<Db, Failure> {
    if let Location::File(path) = location
        && !may_make
        && !path.is_file()
    {
        return Err(none(path));
    }
    let db = connected(location)?;
    bring_up_to_date(&db, location).await?;
    Ok(db)
}

/// Opens a database as it is, whatever its schema. A file is made if it is not there.
pub(crate) fn connected(location: &Location) -> Result<Db, Failure> {
    Db::open(location, WIRES).map_err(|e| unusable(location, &e))
}

pub(crate) async fn bring_up_to_date(db: &Db, location: &Location) -> Result<(), Failure> {
    let steps = db.migrate(&schema()?).await.map_err(|e| unusable(location, &e))?;
    tracing::info!(database = %location, steps, "the schema is up to date");
    Ok(())
}

fn unusable(location: &Location, e: &DbError) -> Failure {
    Failure::new(format!("the database `{location}` cannot be used: {e}"))
}

fn none(path: &std::path::Path) -> Failure {
    Failure::new(format!("there is no database `{}`; name one with --database", path.display()))
}

/// Opens a database whose schema is the one of this version, and changes nothing in it.
pub(crate) async fn open_as_it_is(location: &Location) -> Result<Db, Failure> {
    if let Location::File(path) = location
        && !path.is_file()
    {
        return Err(none(path));
    }
    let db = connected(location)?;
    let (made, known) = (db.steps().await.map_err(|e| unusable(location, &e))?, schema()?.len());
    match i64::try_from(known).unwrap_or(0) - made {
        0 => Ok(db),
        1.. => Err(Failure::new(format!(
            "the schema of `{location}` is that of an older version ({made} steps of {known}): `leeway serve` of this version brings it up to date"
        ))),
        _ => Err(Failure::new(format!("the schema of `{location}` is that of a newer version ({made} steps, and this one knows {known}): use that version"))),
    }
}

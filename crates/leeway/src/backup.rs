//! `leeway backup FILE`: a copy of the database as of one moment, while the server runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use platform::db::{Location, beside, copy_sqlite};

use crate::command::{Ended, Failure, open_as_it_is, say};
use crate::settings::Given;

/// Copy the database into a file while the server runs
#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The file to write; it must not be there
    file: PathBuf,
    #[command(flatten)]
    given: Given<false>,
}

impl Backup {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let (location, file) = (self.given.settings()?.database, self.file);
        if file.exists() {
            return Err(Failure::new(format!("`{}` is there already; a copy never replaces another one", file.display())));
        }
        drop(open_as_it_is(&location).await?);
        let partial = beside(&file, ".partial");
        clear(&partial)?;
        let copied = match &location {
            Location::File(path) => copy_sqlite(path, &partial).map_err(Failure::from),
            Location::Postgres(url) => dump(url, &partial),
        };
        match copied.and_then(|()| Ok(std::fs::rename(&partial, &file)?)) {
            Ok(()) => say(format_args!("copied `{location}` to `{}`", file.display())).map(|()| Ended::Fine),
            Err(Failure(why)) => {
                clear(&partial)?;
                Err(Failure::new(format!("`{location}` was not copied: {why}")))
            }
        }
    }
}

/// Deletes a copy that was not finished, with all that may stand beside it: the one who made it may have been stopped at any moment.
pub(crate) fn clear(partial: &Path) -> Result<(), Failure> {
    ["", "-wal", "-shm", "-journal", ".pages", ".pages-wal", ".pages-shm", ".pages-journal"].iter().try_for_each(|more| discard(&beside(partial, more)))
}

/// Deletes a file that only this program writes.
pub(crate) fn discard(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failure::new(format!("`{}` cannot be deleted: {e}", path.display()))),
        _ => Ok(()),
    }
}

fn dump(url: &str, to: &Path) -> Result<(), Failure> {
    let mut command = postgres("pg_dump", url)?;
    done(command.arg("--format=custom").arg("--file").arg(to), "pg_dump --format=custom --file FILE --dbname postgres://…")
}

/// A program of PostgreSQL with the address in its environment, where no list of processes shows the password.
pub(crate) fn postgres(program: &str, url: &str) -> Result<Command, Failure> {
    let config: tokio_postgres::Config = url.parse()?;
    let mut command = Command::new(program);
    let host = config.get_hosts().first().map(|host| match host {
        tokio_postgres::config::Host::Tcp(name) => name.clone(),
        tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
    });
    let port = config.get_ports().first().map(ToString::to_string);
    let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
    let user = config.get_user().map(str::to_owned);
    let name = config.get_dbname().map(str::to_owned).or_else(|| user.clone());
    for (variable, value) in [("PGHOST", host), ("PGPORT", port), ("PGUSER", user), ("PGPASSWORD", password), ("PGDATABASE", name)] {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    Ok(command)
}

/// Runs a program of PostgreSQL; `line` is what to run by hand where it is not there.
pub(crate) fn done(command: &mut Command, line: &str) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| Failure::new(format!("`{program}` cannot be run ({e}); where it is, run: {line}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{program}`: {}", said.trim())))
}

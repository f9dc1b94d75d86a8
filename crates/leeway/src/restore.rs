//! `leeway restore FILE`: a copy in the place of the database, if it is whole. What was there before is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use platform::clock::Clock;
use platform::db::{Db, DbError, Location, beside, copy_sqlite, free_sqlite};

use crate::backup::{clear, done, postgres};
use crate::command::{Ended, Failure, open, open_as_it_is, say};
use crate::settings::Given;
use crate::verify;

/// Put a copy in the place of the database, if it is whole
#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// What `leeway backup` wrote
    file: PathBuf,
    #[command(flatten)]
    given: Given<false>,
}

impl Restore {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        if !self.file.is_file() {
            return Err(Failure::new(format!("there is no file `{}`", self.file.display())));
        }
        match self.given.settings()?.database {
            Location::File(path) => into_file(&self.file, &path).await,
            Location::Postgres(url) => into_postgres(&self.file, &url).await,
        }
    }
}

async fn into_file(file: &Path, path: &Path) -> Result<Ended, Failure> {
    let fresh = beside(path, ".restoring");
    clear(&fresh)?;
    let whole = prepared(file, &fresh).await;
    if !matches!(whole, Ok(Ended::Fine)) {
        clear(&fresh)?;
        say(format_args!("`{}` was not restored; nothing was changed", file.display()))?;
        return whole;
    }
    if path.exists() {
        free_sqlite(path).map_err(|e| match e {
            DbError::Contended => Failure::new(format!("`{}` is in use: stop the server first; nothing was changed", path.display())),
            other => Failure::new(format!("`{}` is there and cannot be opened: {other}; move it away first", path.display())),
        })?;
        let kept = beside(path, &format!(".before-{}", Clock::machine().now()));
        std::fs::rename(path, &kept)?;
        say(format_args!("what was there is kept as `{}`", kept.display()))?;
    }
    std::fs::rename(&fresh, path)?;
    say(format_args!("restored `{}` from `{}`", path.display(), file.display()))?;
    Ok(Ended::Fine)
}

/// A copy of the copy, brought up to date and looked at: the file itself stays as it is.
async fn prepared(file: &Path, fresh: &Path) -> Result<Ended, Failure> {
    copy_sqlite(file, fresh).map_err(|e| Failure::new(format!("`{}` is damaged, or no copy of a database: {e}", file.display())))?;
    let location = Location::File(fresh.to_owned());
    // An empty file would become an empty database.
    let steps = Db::open(&location, &[])?.steps().await;
    steps.map_err(|e| Failure::new(format!("`{}`: {e}", file.display())))?;
    let db = open(&location, false).await?;
    let ended = verify::look(&db).await?.tell()?;
    drop(db);
    // The thread that writes closes the file in a moment.
    for _ in 0..50 {
        match free_sqlite(fresh) {
            Err(DbError::Contended) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other.map(|()| ended).map_err(Failure::from),
        }
    }
    Err(Failure::new(format!("`{}` stays in use", fresh.display())))
}

/// Into an empty database, in one transaction, and looked at after.
async fn into_postgres(file: &Path, url: &str) -> Result<Ended, Failure> {
    let location = Location::Postgres(url.to_owned());
    if open_as_it_is(&location).await.is_ok() {
        return Err(Failure::new(format!("`{location}` is not empty: make an empty database, restore into that, and point Leeway there")));
    }
    let name = url.parse::<tokio_postgres::Config>()?.get_dbname().unwrap_or_default().to_owned();
    let mut command = postgres("pg_restore", url)?;
    command.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--dbname", &name]).arg(file);
    done(&mut command, "pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname postgres://… FILE")?;
    let db = open(&location, false).await?;
    let ended = verify::look(&db).await?.tell()?;
    say(match ended {
        Ended::Fine => format!("restored `{location}` from `{}`", file.display()),
        Ended::WithFindings => format!("`{location}` was restored from `{}`, which is not whole: do not use it", file.display()),
    })?;
    Ok(ended)
}

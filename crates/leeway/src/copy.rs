//! `leeway copy --from … --to …`: a whole installation from an SQLite file to PostgreSQL, or back. Both ends are looked at, and compared.

use std::path::Path;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use platform::db::{Db, Inventory, Location, beside, free_sqlite, schema};

use crate::backup::clear;
use crate::command::{Ended, Failure, open, open_as_it_is, say};
use crate::verify;

/// Copy a whole installation from an SQLite file to PostgreSQL, or back
#[derive(Args, Debug)]
pub(crate) struct Copy {
    /// What is copied: an SQLite file, or `postgres://user:password@host/name`
    #[arg(long, value_name = "DATABASE")]
    from: Location,
    /// Where to: a file that is not there yet, or an empty PostgreSQL database
    #[arg(long, value_name = "DATABASE")]
    to: Location,
}

impl Copy {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let Self { from, to } = self;
        let source = open_as_it_is(&from).await?;
        if verify::look(&source).await?.tell()? == Ended::WithFindings {
            say(format_args!("`{from}` is not whole: nothing was copied"))?;
            return Ok(Ended::WithFindings);
        }
        match (&from, &to) {
            (Location::File(_), Location::Postgres(_)) => into_server(&source, &from, &to).await,
            (Location::Postgres(_), Location::File(path)) => into_file(&source, &from, path).await,
            _ => Err(Failure::new("one is an SQLite file and the other PostgreSQL; to copy to the same kind use `leeway backup` and `leeway restore`")),
        }
    }
}

async fn into_server(source: &Db, from: &Location, to: &Location) -> Result<Ended, Failure> {
    let fresh = Db::open(to, &[])?;
    let is_new = fresh.steps().await.is_err();
    drop(fresh);
    let target = open(to, false).await?;
    if !is_new && target.inventory(&schema()?).await?.total() > 0 {
        return Err(Failure::new(format!("`{to}` is not empty: make an empty database, copy into that, and point Leeway there")));
    }
    let ended = copied(source, &target).await?;
    told(from, to, ended)
}

/// Into a file beside, which takes its name when it is whole.
async fn into_file(source: &Db, from: &Location, path: &Path) -> Result<Ended, Failure> {
    if path.exists() {
        return Err(Failure::new(format!("`{}` is there already; a copy never replaces another one", path.display())));
    }
    let partial = beside(path, ".partial");
    clear(&partial)?;
    let target = open(&Location::File(partial.clone()), true).await?;
    let ended = copied(source, &target).await;
    drop(target);
    if !matches!(ended, Ok(Ended::Fine)) {
        clear(&partial)?;
        return ended;
    }
    // The thread that writes closes the file in a moment.
    for _ in 0..50 {
        if free_sqlite(&partial).is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    free_sqlite(&partial)?;
    std::fs::rename(&partial, path)?;
    told(from, &Location::File(path.to_owned()), Ended::Fine)
}

async fn copied(source: &Db, target: &Db) -> Result<Ended, Failure> {
    let steps = schema()?;
    let before = source.inventory(&steps).await?;
    let bar = bar(before.total());
    let telling = bar.clone();
    source.transfer(target, &steps, move |rows| telling.inc(rows)).await?;
    bar.finish_and_clear();
    let (now, there) = (source.inventory(&steps).await?, target.inventory(&steps).await?);
    if now != before {
        return Err(Failure::new("something was written while it was copied: stop the server, and copy into another empty database"));
    }
    differences(&now, &there)?;
    verify::look(target).await?.tell()
}

fn differences(here: &Inventory, there: &Inventory) -> Result<(), Failure> {
    for ((table, rows), (_, others)) in here.rows.iter().zip(&there.rows) {
        if rows != others {
            return Err(Failure::new(format!("`{table}` has {rows} rows, and its copy {others}: do not use the copy")));
        }
    }
    if here.heads == there.heads { Ok(()) } else { Err(Failure::new("the log of events does not end as its copy does: do not use the copy")) }
}

fn told(from: &Location, to: &Location, ended: Ended) -> Result<Ended, Failure> {
    say(match ended {
        Ended::Fine => format!("copied `{from}` to `{to}`: start Leeway with `--database` of the copy"),
        Ended::WithFindings => format!("`{to}` was copied from `{from}` and is not whole: do not use it"),
    })?;
    Ok(ended)
}

/// On a terminal; nothing where nobody watches.
fn bar(length: i64) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(0));
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rows, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

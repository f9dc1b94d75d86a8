use std::path::Path;
use std::sync::Arc;

use charter::time::Instant;
use desk::charters::{self, Charters};
use platform::actor::Actor;
use platform::db::{Db, DbError};
use platform::events;

use super::beside::Besides;
use super::event::Imported;
use super::keep::{self, Kept};
use super::map::Map;
use super::plan::Plan;
use super::rows::{Parsed, Read, Reader};
use super::source::Rows;
use super::{Bad, ImportError, Kind};

/// Rows of one transaction.
const BATCH: usize = 500;

/// What is to be imported.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// What the rows are.
    pub of: Kind,
    /// The file.
    pub file: &'a Path,
    /// What its columns are.
    pub map: &'a Map,
    /// Rows up to this line were imported before and are passed over; 0 for none.
    pub after: u64,
    /// When this is done.
    pub at: Instant,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Rows that were read.
    pub rows: u64,
    /// Bytes that were read.
    pub bytes: u64,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows that were there and brought something new.
    pub changed: u64,
    /// Rows that were there and brought nothing new.
    pub unchanged: u64,
    /// Rows that were not wanted.
    pub not_wanted: u64,
    /// Rows that make no sense.
    pub bad: u64,
}

/// Imports a file. Each bad row is told as it is found, and each batch when it is kept.
///
/// # Errors
/// [`ImportError`]; what was kept before stays.
pub async fn run(db: &Db, import: &Import<'_>, told: &mut dyn FnMut(&Bad), progress: &mut dyn FnMut(Progress)) -> Result<Done, ImportError> {
    let at_start = |error| ImportError::Db { error, kept_to: import.after };
    let known = Charters::default();
    let in_force = db.read::<_, DbError, _>(move |tx| Box::pin(async move { charters::in_force(tx, &known).await })).await.map_err(at_start)?;
    let plan = Arc::new(Plan::of(import.of, import.map, in_force.as_ref().map(|c| &c.charter)).map_err(ImportError::Map)?);
    let mut rows = Rows::open(import.file, import.map.delimiter).map_err(ImportError::File)?;
    if let Some(columns) = rows.columns() {
        fits(&plan, columns)?;
    }
    let besides = Besides::read(import.map, import.file.parent().unwrap_or_else(|| Path::new("."))).map_err(ImportError::File)?;
    let reader = Reader { plan: &plan, besides: &besides };
    let mut batch = Batch { db, plan: &plan, at: import.at, rows: Vec::with_capacity(BATCH), done: Done::default(), kept_to: import.after };
    while let Some((line, row)) = rows.next().map_err(ImportError::File)? {
        if line <= import.after {
            continue;
        }
        batch.done.rows += 1;
        let read = match row {
            Ok(row) => reader.read(line, &row),
            Err(reason) => Read::Bad(vec![Bad { line, field: String::new(), reason }]),
        };
        match read {
            Read::Fine(parsed) => batch.rows.push(*parsed),
            Read::NotWanted => batch.done.not_wanted += 1,
            Read::Bad(bad) => {
                batch.done.bad += 1;
                bad.iter().for_each(&mut *told);
            }
        }
        if batch.rows.len() >= BATCH {
            batch.keep().await?;
            progress(Progress { rows: batch.done.rows, bytes: rows.bytes() });
        }
    }
    batch.keep().await?;
    progress(Progress { rows: batch.done.rows, bytes: rows.bytes() });
    batch.tell().await?;
    Ok(batch.done)
}

/// Whether the file has all columns that the map names.
fn fits(plan: &Plan, columns: &[String]) -> Result<(), ImportError> {
    let missing: Vec<String> = plan
        .columns()
        .into_iter()
        .filter(|(_, column)| !columns.contains(column))
        .map(|(name, column)| format!("`{name}` wants the column `{column}`, and the file has {}", columns.join(", ")))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(ImportError::Map(missing)) }
}

/// Rows that are kept together.
struct Batch<'a> {
    db: &'a Db,
    plan: &'a Arc<Plan>,
    at: Instant,
    rows: Vec<Parsed>,
    done: Done,
    kept_to: u64,
}

impl Batch<'_> {
    async fn keep(&mut self) -> Result<(), ImportError> {
        let Some(last) = self.rows.last().map(|row| row.line) else { return Ok(()) };
        let (plan, rows, at) = (Arc::clone(self.plan), Arc::new(std::mem::take(&mut self.rows)), self.at);
        let kept = self.db.write::<Kept, DbError, _>(move |tx| Box::pin(async move { keep::keep(tx, &plan, &rows, at).await })).await;
        let kept = kept.map_err(|error| ImportError::Db { error, kept_to: self.kept_to })?;
        self.done.added += kept.added;
        self.done.changed += kept.changed;
        self.done.unchanged += kept.unchanged;
        self.kept_to = last;
        Ok(())
    }

    /// Tells the log that a file was imported.
    async fn tell(&self) -> Result<(), ImportError> {
        let (done, at, source) = (self.done, self.at, self.plan.map.source.clone());
        let event = Imported { source: source.clone(), of: self.plan.of, rows: done.rows, added: done.added, changed: done.changed, bad: done.bad };
        let by = Actor::Source(source);
        let told = self.db.write::<(), DbError, _>(move |tx| Box::pin(async move { events::append(tx, &event, &by, at).await })).await;
        told.map_err(|error| ImportError::Db { error, kept_to: self.kept_to })
    }
}

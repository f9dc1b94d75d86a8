//! Copies of an SQLite database, and whether a file is one that can be used.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::{Database, Db, DbError, Migration, sqlite};

/// A file beside `path`, under its name with `more` behind it.
#[must_use]
pub fn beside(path: &Path, more: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

/// Copies an SQLite database that may be in use into a new file, as of one moment. Writers are not held up. The copy is written anew from what is kept: what was
/// deleted has left no trace in it. Meanwhile there is a second file beside it, of the same size.
///
/// # Errors
/// When it cannot be read, or the copy cannot be written or is not sound.
pub fn copy_sqlite(from: &Path, to: &Path) -> Result<(), DbError> {
    let failed = |e: rusqlite::Error| sqlite::error(&e);
    let unwritten = |e: std::io::Error| DbError::Unavailable(format!("the copy cannot be written: {e}"));
    let pages = beside(to, ".pages");
    let written = (|| {
        let source = sqlite::reader(from)?;
        let mut copy = Connection::open(&pages).map_err(failed)?;
        {
            let backup = Backup::new(&source, &mut copy).map_err(failed)?;
            // In one step: it reads one state, and does not begin anew when others write.
            backup.step(-1).map_err(failed)?;
        }
        // One file, with nothing beside it.
        copy.execute_batch("PRAGMA journal_mode=DELETE;").map_err(failed)?;
        // A page that was divided keeps, in the room that is free now, what went to the other one: deleted there, it is still here.
        if let Some(what) = unsound(&copy, 1)?.pop() {
            return Err(DbError::Unavailable(format!("the copy is not sound: {what}")));
        }
        let name = to.to_str().ok_or_else(|| DbError::Unavailable(format!("SQLite cannot write to `{}`", to.display())))?;
        copy.execute("VACUUM INTO ?1", [name]).map_err(failed)?;
        copy.close().map_err(|(_, e)| failed(e))
    })();
    match std::fs::remove_file(&pages) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return written.and(Err(unwritten(e))),
        _ => written?,
    }
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(unwritten)?;
    match unsound(&sqlite::reader(to)?, 1)?.pop() {
        Some(what) => Err(DbError::Unavailable(format!("the copy is not sound: {what}"))),
        None => Ok(()),
    }
}

/// Whether no program has this SQLite database open; what waits beside it is brought into it.
///
/// # Errors
/// [`DbError::Contended`] when a program has.
pub fn free_sqlite(path: &Path) -> Result<(), DbError> {
    let connection = Connection::open(path).map_err(|e| sqlite::error(&e))?;
    connection.busy_timeout(std::time::Duration::from_millis(500)).map_err(|e| sqlite::error(&e))?;
    let mode: String = connection.query_row("PRAGMA journal_mode=DELETE", [], |row| row.get(0)).map_err(|e| sqlite::error(&e))?;
    if mode == "delete" { Ok(()) } else { Err(DbError::Contended) }
}

fn unsound(connection: &Connection, most: usize) -> Result<Vec<String>, DbError> {
    let failed = |e: rusqlite::Error| sqlite::error(&e);
    let mut found = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check").map_err(failed)?;
    let rows = check.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
    for row in rows.take(most) {
        match row {
            Ok(line) if line == "ok" => {}
            Ok(line) => found.push(format!("the file is damaged: {line}")),
            Err(e) => found.push(format!("the file is damaged: {e}")),
        }
    }
    let mut check = connection.prepare("PRAGMA foreign_key_check").map_err(failed)?;
    let rows = check.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(2)?))).map_err(failed)?;
    for row in rows.take(most) {
        let (table, parent) = row.map_err(failed)?;
        found.push(format!("a row of `{table}` refers to one of `{parent}` that is not there"));
    }
    Ok(found)
}

/// Tables, indexes and triggers by name, with their texts.
fn parts(connection: &Connection) -> Result<BTreeMap<String, String>, DbError> {
    const PARTS: &str =
        "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> 'refinery_schema_history'";
    let mut parts = connection.prepare(PARTS).map_err(|e| sqlite::error(&e))?;
    let rows = parts.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|e| sqlite::error(&e))?;
    rows.collect::<Result<_, _>>().map_err(|e| sqlite::error(&e))
}

impl Db {
    /// Everything that is wrong with the file itself, one sentence each (at most about `most`): damaged pages, rows that refer to nothing, and tables, indexes
    /// or triggers that are not those of the schema. A PostgreSQL server looks after its files itself; of its schema this says nothing.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read at all.
    pub async fn unsound(&self, migrations: &[Migration], most: usize) -> Result<Vec<String>, DbError> {
        let Database::Sqlite(database) = &self.database else { return Ok(Vec::new()) };
        let (path, steps) = (database.path().to_owned(), migrations.to_vec());
        let looking = tokio::task::spawn_blocking(move || {
            let connection = sqlite::reader(&path)?;
            let mut found = unsound(&connection, most)?;
            let mut fresh = Connection::open_in_memory().map_err(|e| sqlite::error(&e))?;
            super::migrate::on_sqlite(&steps, &mut fresh)?;
            let (now, expected) = (parts(&connection)?, parts(&fresh)?);
            for (name, text) in &expected {
                match now.get(name) {
                    None => found.push(format!("the {name} is missing")),
                    Some(other) if other != text => found.push(format!("the {name} is not as the schema has it")),
                    Some(_) => {}
                }
            }
            found.extend(now.keys().filter(|name| !expected.contains_key(*name)).map(|name| format!("the {name} is not of the schema")));
            found.truncate(most);
            Ok(found)
        });
        looking.await.unwrap_or_else(|e| Err(DbError::Unavailable(e.to_string())))
    }
}

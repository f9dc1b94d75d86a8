use charter::diagnostics::{Finding, Severity};
use charter::time::Instant;
use charter::{Charter, Sources, load};
use platform::actor::{Actor, Subject};
use platform::db::{Contended, DbError, Tx};
use platform::events::{self, Event};
use platform::jobs;
use serde::Serialize;

use super::model::IN_FORCE;
use super::store::{self, New};
use crate::deciding;
use crate::grants::{self, Counted};

/// What happens to charters.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum CharterEvent {
    /// A charter was published and is in force.
    CharterPublished { version: i64, digest: String },
    /// An earlier one is in force again.
    CharterPutInForce { version: i64 },
}

impl Event for CharterEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::CharterPublished { .. } => "charter_published",
            Self::CharterPutInForce { .. } => "charter_put_in_force",
        }
    }

    fn subject(&self) -> Subject {
        Subject::new("charter", &IN_FORCE)
    }
}

/// A charter that was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its number.
    pub version: i64,
    /// What is odd about it, though legal.
    pub findings: Vec<Finding>,
}

/// Why a charter was not published.
#[derive(Clone, Debug)]
pub enum NotPublished {
    /// It has errors.
    Findings(Vec<Finding>),
    /// It counts otherwise than the grants there are: a sentence for each remedy and fact, as [`counts_otherwise`] gives them.
    CountsOtherwise(Vec<String>),
    /// There is no such version.
    NoSuchVersion(i64),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for NotPublished {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for NotPublished {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// Whoever changes which charter is in force holds this.
const HELD: &str = "charters";

/// Until the end of the transaction the charter in force stays: whoever publishes another waits, and finds what this transaction wrote.
///
/// # Errors
/// [`DbError`] when the database cannot be reached.
pub(crate) async fn stays(tx: &mut Tx) -> Result<(), DbError> {
    tx.share(HELD).await
}

/// Nobody else changes which charter is in force until the end of the transaction.
pub(super) async fn hold(tx: &mut Tx) -> Result<(), DbError> {
    tx.hold(&[HELD.to_owned()]).await.map(drop)
}

/// Checks a charter, keeps it under the next number and puts it in force.
///
/// # Errors
/// Everything that is wrong with the charter, at once.
pub async fn publish(tx: &mut Tx, text: &str, outer: Option<&str>, note: &str, by: &Actor, at: Instant) -> Result<Published, NotPublished> {
    let loaded = load(&Sources { text, outer, today: None });
    let Some(charter) = loaded.charter.filter(|_| loaded.findings.iter().all(|f| f.severity != Severity::Error)) else {
        return Err(NotPublished::Findings(loaded.findings));
    };
    hold(tx).await?;
    counts_as_before(tx, &charter).await?;
    let version = store::latest(tx).await? + 1;
    let own = charter.layers.first();
    let name = own.map_or("", |layer| &layer.name);
    store::insert(tx, &New { version, name, text, outer, at, by, note }).await?;
    store::put(tx, version, at).await?;
    store::forget_drafts(tx).await?;
    let digest = own.map(|layer| layer.version.to_string()).unwrap_or_default();
    events::append(tx, &CharterEvent::CharterPublished { version, digest }, by, at).await?;
    // What was approved under another charter cannot be given: its room is free again.
    jobs::hasten(tx, grants::LAPSE_JOB, at).await?;
    Ok(Published { version, findings: loaded.findings })
}

async fn counts_as_before(tx: &mut Tx, charter: &Charter) -> Result<(), NotPublished> {
    let otherwise = counts_otherwise(tx, charter).await?;
    if otherwise.is_empty() { Ok(()) } else { Err(NotPublished::CountsOtherwise(otherwise)) }
}

/// What in a charter does not go with the grants there are, a sentence for each, with what to do: a remedy that is counted in something else (sums of both
/// would mean nothing), and a personal fact that grants were counted by (it could not be erased).
///
/// # Errors
/// [`DbError`] when the grants cannot be read.
pub async fn counts_otherwise(tx: &mut Tx, charter: &Charter) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    for remedy in &charter.remedies {
        let now = Counted::of(charter, remedy);
        for id in std::iter::once(&remedy.id).chain(&remedy.was) {
            let Some(then) = grants::counted(tx, id).await?.filter(|then| *then != now) else { continue };
            let does = if **id == *remedy.id { "give the remedy of the new measure another id" } else { "take the old id out of its `was`" };
            found.push(format!("`{}` is counted in {}, and what was given as `{id}` is in {}: {does}", remedy.id, now.word(), then.word()));
        }
    }
    for fact in charter.facts.iter().filter(|fact| fact.personal) {
        if deciding::is_counted_by(tx, &fact.name).await? {
            found.push(format!("`{}` is personal, and grants were counted by it, which is kept for ever: give the fact another name", fact.name));
        }
    }
    Ok(found)
}

/// Puts a version in force that was published before.
///
/// # Errors
/// [`NotPublished::NoSuchVersion`]; [`NotPublished::CountsOtherwise`], of what was given since.
pub async fn put_in_force(tx: &mut Tx, version: i64, by: &Actor, at: Instant) -> Result<(), NotPublished> {
    let Some((text, outer)) = store::texts_of(tx, version).await? else { return Err(NotPublished::NoSuchVersion(version)) };
    hold(tx).await?;
    if let Some(charter) = load(&Sources { text: &text, outer: outer.as_deref(), today: None }).charter {
        counts_as_before(tx, &charter).await?;
    }
    store::put(tx, version, at).await?;
    events::append(tx, &CharterEvent::CharterPutInForce { version }, by, at).await?;
    jobs::hasten(tx, grants::LAPSE_JOB, at).await?;
    Ok(())
}

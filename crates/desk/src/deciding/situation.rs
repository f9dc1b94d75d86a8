use std::collections::BTreeMap;

use charter::request::{Problem, Purpose};
use charter::time::{Instant, instant_to_text};
use charter::{Charter, Request};
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use platform::db::{DbError, Tx};
use serde_json::{Map, Value as Json, json};

use super::store::{self, Entry};
use crate::asker::Asker;
use crate::cases::{self, CaseRow, Known, KnownFact};
use crate::charters::{self, Charters, InForce};
use crate::groups;
use crate::subjects::{self, Standing};

/// What may be asked of the charter about a case: everything a request says but the remedy, the reason and the amount.
#[derive(Clone)]
pub struct Situation {
    /// The charter in force.
    pub in_force: InForce,
    /// The request, in the shape of the charter's reference.
    pub request: Json,
    /// When that is.
    pub at: Instant,
    /// Where the ledger stood.
    pub upto: i64,
}

/// Why nothing can be asked.
#[derive(Clone, Debug)]
pub enum NoSituation {
    /// No charter was published yet.
    NoCharter,
    /// The charter in force and what is kept do not fit (a level that is gone, a fact of another type).
    Problems(Vec<Problem>),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for NoSituation {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl platform::db::Contended for NoSituation {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// What is held until the end of the transaction.
#[derive(Clone, Copy, Debug)]
pub enum Held<'a> {
    /// Nothing: what is so can change while it is looked at.
    Nothing,
    /// What these remedies depend on, each given for a reason or without one (by id).
    By(&'a [(&'a str, Option<&'a str>)]),
    /// What any remedy of the charter in force depends on.
    All,
}

/// How far ahead openings are told: long enough for any promise.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What is so now, for the one who asks. What is held, nobody else changes until the end of the transaction, or gives what counts with it. Then *now* is when all
/// of it is held, however long that took: what is decided later was asked later.
///
/// # Errors
/// [`NoSituation`].
pub async fn situation(
    tx: &mut Tx,
    known: &Charters,
    case: &CaseRow,
    asker: &Asker,
    held: Held<'_>,
    clock: impl Into<Clock>,
) -> Result<Situation, NoSituation> {
    let clock = clock.into();
    let in_force = charters::in_force(tx, known).await?.ok_or(NoSituation::NoCharter)?;
    let charter = &*in_force.charter;
    let mut at = clock.now();
    let mut request = Json::Object(about(tx, charter, case, asker, at).await?);
    let mut keys = keys(charter, &request)?;
    let asked: Option<Vec<(usize, Option<usize>)>> = match held {
        Held::By(ids) => Some(ids.iter().filter_map(|(id, reason)| Some((charter.remedy(id)?, reason.and_then(|id| charter.reason(id))))).collect()),
        Held::Nothing | Held::All => None,
    };
    let mut memories = charter.memories(at, asked.as_deref());
    if !matches!(held, Held::Nothing) {
        let mut held = store::held_by(&memories, &keys);
        held.extend(case.customer.map(subjects::held));
        if tx.hold(&held).await? {
            still_so(tx, known, case, &in_force).await?;
            at = clock.now();
            request = Json::Object(about(tx, charter, case, asker, at).await?);
            keys = self::keys(charter, &request)?;
            memories = charter.memories(at, asked.as_deref());
            // A fact that came in between counts under a name that is not held: it is tried again.
            if store::held_by(&memories, &keys).iter().any(|name| !held.contains(name)) {
                return Err(DbError::Contended.into());
            }
        }
    }
    let upto = store::last_step(tx).await?;
    let entries = store::remembered(tx, &memories, &keys, None).await?;
    set(&mut request, "ledger", ledger(charter, entries.iter()));
    let mut now = Situation { in_force, request, at, upto };
    if matches!(held, Held::Nothing) {
        now.tell_openings(tx).await?;
    }
    Ok(now)
}

impl Situation {
    /// Tells when somebody is there for each group. Nothing is allowed or forbidden by that: it is for those who read when somebody else can. What is only looked
    /// at knows it already.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn tell_openings(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        let openings = openings(tx, &self.in_force.charter, self.at).await?;
        set(&mut self.request, "openings", openings);
        Ok(())
    }
}

fn keys(charter: &Charter, request: &Json) -> Result<BTreeMap<String, String>, NoSituation> {
    Ok(Request::from_value(charter, request, Purpose::Options).map_err(NoSituation::Problems)?.keys(charter))
}

/// Whether nothing was changed while names were waited for. Otherwise it is tried again: whoever was merged is another one now, and so is whoever works by a
/// charter that was published.
async fn still_so(tx: &mut Tx, known: &Charters, case: &CaseRow, in_force: &InForce) -> Result<(), DbError> {
    if charters::in_force(tx, known).await?.is_none_or(|now| now.version != in_force.version) {
        return Err(DbError::Contended);
    }
    if let Some(customer) = case.customer
        && subjects::read(tx, customer).await?.is_some_and(|row| row.merged_into.is_some())
    {
        return Err(DbError::Contended);
    }
    Ok(())
}

pub(super) fn set(request: &mut Json, key: &str, value: Json) {
    if let Json::Object(top) = request {
        top.insert(key.to_owned(), value);
    }
}

async fn about(tx: &mut Tx, charter: &Charter, case: &CaseRow, asker: &Asker, at: Instant) -> Result<Map<String, Json>, DbError> {
    let mut subjects: Map<String, Json> = charter.subjects.iter().filter(|s| ***s != *"request").map(|s| (s.to_string(), Json::Null)).collect();
    let mut facts = Map::new();
    subjects.insert("case".to_owned(), json!(case.number.to_string()));
    for Known { kind, reference, fact } in cases::known(tx, case.id, case.customer).await? {
        // Only what the charter declares: what it does not know of is neither decided on nor recorded.
        let Some(subject) = subjects.get_mut(&kind) else { continue };
        if let Some(reference) = reference {
            *subject = Json::String(reference);
        }
        if let Some(known) = fact.filter(|fact| charter.fact(&fact.name).is_some())
            && let Some(given) = given(charter, &known)
        {
            facts.insert(known.name, given);
        }
    }
    let mut request = Map::new();
    request.insert("at".to_owned(), json!(instant_to_text(at)));
    request.insert("asker".to_owned(), json!({ "level": asker.level, "staff": staff(tx, charter, asker).await? }));
    request.insert("subjects".to_owned(), Json::Object(subjects));
    request.insert("facts".to_owned(), Json::Object(facts));
    if let Some(issue) = case.issue.as_deref().filter(|id| charter.issues.iter().any(|i| *i.id == **id)) {
        request.insert("issue".to_owned(), json!(issue));
    }
    Ok(request)
}

/// A fact as a request gives it; nothing if nobody can read it.
fn given(charter: &Charter, known: &KnownFact) -> Option<Json> {
    let mut given = Map::new();
    given.insert("value".to_owned(), serde_json::from_str(&known.value).ok()?);
    given.insert("at".to_owned(), json!(instant_to_text(known.at)));
    let by = match known.standing {
        Standing::Stated => None,
        Standing::System => Some("system"),
        // A level that the charter in force does not have any more is still a person's.
        Standing::Person => Some(known.level.as_deref().filter(|level| charter.level(level).is_some()).unwrap_or("person")),
    };
    if let Some(by) = by {
        given.insert("by".to_owned(), json!(by));
    }
    Some(Json::Object(given))
}

async fn staff(tx: &mut Tx, charter: &Charter, asker: &Asker) -> Result<Json, DbError> {
    let declared = |name: &str| charter.staff.iter().any(|f| *f.name == *name);
    let mut facts = Map::new();
    let rows = if charter.staff.is_empty() { Vec::new() } else { subjects::facts_of(tx, &asker.staff).await? };
    for row in rows {
        if let (Some(name), Ok(value)) = (row.name.strip_prefix("staff."), serde_json::from_str::<Json>(&row.value))
            && (declared(name) || declared(&row.name))
        {
            facts.insert(name.to_owned(), value);
        }
    }
    if declared("kind") || declared("staff.kind") {
        facts.insert("kind".to_owned(), json!(asker.kind.word()));
    }
    Ok(Json::Object(facts))
}

/// When somebody is there for each group, from now on: in the hours of its calendar, as far as its rota is covered if it has one. Without a rota, a
/// calendar that nobody has entered is never open.
async fn openings(tx: &mut Tx, charter: &Charter, at: Instant) -> Result<Json, DbError> {
    let calendars = charters::calendars(tx).await?;
    let Ok(now) = Timestamp::from_microsecond(at) else { return Ok(json!({})) };
    let Ok(until) = now.checked_add(AHEAD) else { return Ok(json!({})) };
    let rotas = groups::rotas(tx, at).await?;
    let mut openings = Map::new();
    for group in &charter.groups {
        let calendar = group.hours.as_deref().and_then(|name| calendars.get(name));
        let mut spans = match (rotas.get(&*group.id), calendar) {
            (Some(rota), _) => groups::spans(&rota.covered(calendar, (now, until))),
            (None, Some(calendar)) => calendar.openings(now, until),
            (None, None) => continue,
        };
        // Who is there on and off all day is told as far as a request can say.
        spans.truncate(charter::limits::OPENINGS);
        let spans: Vec<[String; 2]> = spans.iter().map(|(from, to)| [from.to_string(), to.to_string()]).collect();
        openings.insert(group.id.to_string(), json!(spans));
    }
    Ok(Json::Object(openings))
}

pub(super) fn ledger<'a>(charter: &Charter, entries: impl Iterator<Item = &'a Entry>) -> Json {
    Json::Array(entries.map(|entry| line(charter, entry)).collect())
}

fn line(charter: &Charter, entry: &Entry) -> Json {
    let mut line = Map::new();
    line.insert("at".to_owned(), json!(instant_to_text(entry.at)));
    line.insert("remedy".to_owned(), json!(entry.remedy));
    if let Some(reason) = &entry.reason {
        line.insert("reason".to_owned(), json!(reason));
    }
    let remedy = charter.remedy(&entry.remedy).and_then(|place| charter.remedies.get(place));
    if let (Some(units), Some(remedy)) = (entry.units, remedy) {
        line.insert("amount".to_owned(), json!(remedy.measure.amount(units, &charter.currency).text()));
    }
    if let Some(worth) = entry.worth {
        line.insert("worth".to_owned(), json!(charter::decimal::units_to_text(worth, charter.currency.places)));
    }
    if entry.times != 1 {
        line.insert("times".to_owned(), json!(entry.times));
    }
    line.insert("keys".to_owned(), json!(entry.keys));
    Json::Object(line)
}

use std::collections::BTreeMap;

use charter::explain::{Answer, answer};
use charter::request::{Purpose, Request};
use charter::time::Instant;
use charter::{Charter, decide};
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::id::Id;
use platform::ids;
use platform::texts::{self, TextId};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::situation::{self, Situation};
use super::{opened, store};
use crate::cases::CaseId;
use crate::charters::{self, Charters};

ids! {
    /// A decision that was recorded.
    DecisionId
}

/// A decision as it is kept.
pub(super) struct Kept {
    pub(super) case: CaseId,
    pub(super) at: Instant,
    pub(super) actor: Actor,
    pub(super) charter: i64,
    /// The request without its history, its openings and its personal facts.
    pub(super) request: String,
    /// Its personal facts.
    pub(super) personal: Option<TextId>,
    pub(super) digest: Option<String>,
    pub(super) upto: i64,
    pub(super) outcome: String,
    pub(super) answer: Vec<u8>,
    /// When a fact of the request was erased.
    pub(super) erased_at: Option<Instant>,
}

/// A decision, with what it was made on.
#[derive(Clone)]
pub struct Decided {
    /// The whole answer.
    pub answer: Answer,
    /// The request; nothing if it was invalid.
    pub request: Option<Request>,
    /// The request as it was asked, without its history and its openings.
    asked: Json,
}

impl Situation {
    /// Decides one remedy.
    #[must_use]
    pub fn decide(&mut self, remedy: &str, reason: Option<&str>, amount: Option<&str>) -> Decided {
        situation::set(&mut self.request, "remedy", json!(remedy));
        situation::set(&mut self.request, "reason", json!(reason));
        situation::set(&mut self.request, "amount", json!(amount));
        let (answer, request) = decided(&self.in_force.charter, &self.request);
        Decided { answer, request, asked: essentials(&self.request) }
    }

    /// Decides as a group of the charter from now on: with the level and the facts of the one who asks, by rules that want a second person too.
    pub(crate) fn decide_as(&mut self, group: &str) {
        if let Some(Json::Object(asker)) = self.request.get_mut("asker") {
            asker.insert("group".to_owned(), json!(group));
        }
    }

    /// As if this had been given already: what follows in the same offer counts it.
    pub fn given(&mut self, line: &charter::memory::Line, at: Instant) {
        let entry = store::Entry {
            remedy: line.remedy.clone(),
            reason: line.reason.clone(),
            times: 1,
            units: line.units,
            worth: line.worth,
            at,
            keys: line.keys.clone(),
        };
        let Json::Array(mut more) = situation::ledger(&self.in_force.charter, std::iter::once(&entry)) else { return };
        if let Some(Json::Array(ledger)) = self.request.get_mut("ledger") {
            ledger.append(&mut more);
        }
    }
}

pub(super) fn decided(charter: &Charter, asked: &Json) -> (Answer, Option<Request>) {
    match Request::from_value(charter, asked, Purpose::Decide) {
        Ok(request) => (answer(charter, &request, &decide(charter, &request)), Some(request)),
        Err(problems) => (charter::explain::invalid(charter, problems), None),
    }
}

/// What is kept of a request: not its history and its openings, which are kept elsewhere, and nothing that is not there.
pub(super) fn essentials(asked: &Json) -> Json {
    let Json::Object(top) = asked else { return asked.clone() };
    let is_kept = |(key, value): &(&String, &Json)| !matches!(key.as_str(), "ledger" | "openings") && !value.is_null();
    Json::Object(top.iter().filter(is_kept).map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Records a decision.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn record(tx: &mut Tx, case: CaseId, situation: &Situation, decided: &Decided, actor: &Actor, at: Instant) -> Result<DecisionId, DbError> {
    let (request, personal) = apart(&situation.in_force.charter, decided.asked.clone());
    let kept = match &personal {
        Some(personal) => Some(texts::keep(tx, &written(personal)?, at).await?),
        None => None,
    };
    let id = DecisionId::new(at);
    let row = Kept {
        case,
        at,
        actor: actor.clone(),
        charter: situation.in_force.version,
        request: written(&request)?,
        personal: kept.as_ref().map(|k| k.text),
        digest: kept.map(|k| k.digest),
        upto: situation.upto,
        outcome: word(&decided.answer),
        answer: essence(&decided.answer)?,
        erased_at: None,
    };
    store::insert(tx, id, &row).await?;
    Ok(id)
}

fn written(document: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(document).map_err(|e| DbError::Defect(format!("a decision cannot be written: {e}")))
}

/// The essentials of a request, and its personal facts apart.
pub(super) fn apart(charter: &Charter, mut request: Json) -> (Json, Option<Json>) {
    let mut personal = Map::new();
    if let Some(Json::Object(facts)) = request.get_mut("facts") {
        let is_personal = |name: &str| charter.fact(name).and_then(|place| charter.facts.get(place)).is_some_and(|f| f.personal);
        let names: Vec<String> = facts.keys().filter(|name| is_personal(name)).cloned().collect();
        for name in names {
            if let Some(value) = facts.remove(&name) {
                personal.insert(name, value);
            }
        }
    }
    (request, (!personal.is_empty()).then_some(Json::Object(personal)))
}

fn word(answer: &Answer) -> String {
    serde_json::to_value(answer.outcome).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What must come out again: outcome, rules, limits and allowances. Sentences may improve.
fn essence(answer: &Answer) -> Result<Vec<u8>, DbError> {
    let caps: Vec<_> = answer.caps.iter().map(|c| (&c.rule, &c.of, &c.used)).collect();
    Ok(Sha256::digest(written(&(answer.outcome, &answer.rules, &answer.free_up_to, &answer.say_why_up_to, caps))?).to_vec())
}

/// The value of each fact that a decision rested on, as JSON; without those that were erased.
pub(crate) async fn facts_then(tx: &mut Tx, id: DecisionId) -> Result<BTreeMap<String, String>, DbError> {
    let Some(kept) = store::read(tx, id).await? else { return Ok(BTreeMap::new()) };
    let mut asked: Json = serde_json::from_str(&kept.request).unwrap_or_default();
    if let (Some(personal), Some(Json::Object(facts))) = (kept.personal, asked.get_mut("facts"))
        && let Some(personal) = texts::read(tx, personal).await?
    {
        facts.extend(serde_json::from_str::<Map<String, Json>>(&personal).unwrap_or_default());
    }
    Ok(values(&asked))
}

/// The value of each fact now, as JSON.
pub(crate) fn facts_now(situation: &Situation) -> BTreeMap<String, String> {
    values(&situation.request)
}

fn values(asked: &Json) -> BTreeMap<String, String> {
    let facts = asked.get("facts").and_then(Json::as_object).into_iter().flatten();
    facts.filter_map(|(name, fact)| Some((name.clone(), fact.get("value")?.to_string()))).collect()
}

/// What came of deciding again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The same.
    Same,
    /// A personal fact it rests on was erased: it cannot be decided again.
    Erased,
    /// Something else.
    Different {
        /// The outcome that was recorded.
        then: String,
        /// The outcome that comes out now.
        now: String,
    },
}

/// Decides a recorded request again, under its charter, with the ledger as it stood then.
///
/// # Errors
/// [`DbError`]; a defect if there is no such decision.
pub async fn again(tx: &mut Tx, known: &Charters, id: DecisionId) -> Result<Recorded, DbError> {
    let kept = store::read(tx, id).await?.ok_or_else(|| DbError::Defect(format!("decision {id} is not there")))?;
    if kept.erased_at.is_some() {
        return Ok(Recorded::Erased);
    }
    let charter = charters::version_of(tx, known, kept.charter).await?.charter;
    let Some(personal) = told(tx, kept.personal).await? else { return Ok(Recorded::Erased) };
    let then = Then { request: parsed(&kept.request)?, personal: &personal, at: kept.at, upto: kept.upto, purpose: Purpose::Decide };
    let asked = then.asked(tx, &charter).await.map_err(|e| named(&format!("decision {id}"), e))?;
    let (now, _) = decided(&charter, &asked);
    let same = essence(&now)? == kept.answer && word(&now) == kept.outcome;
    Ok(if same { Recorded::Same } else { Recorded::Different { then: kept.outcome, now: word(&now) } })
}

fn named(what: &str, e: DbError) -> DbError {
    match e {
        DbError::Defect(why) => DbError::Defect(format!("{what}: {why}")),
        other => other,
    }
}

/// The personal facts of a request that has none.
const NOTHING_PERSONAL: &str = "{}";

/// What was asked then, without the history that was there.
pub(super) struct Then<'a> {
    pub(super) request: Json,
    /// Its personal facts, as they are kept.
    pub(super) personal: &'a str,
    pub(super) at: Instant,
    pub(super) upto: i64,
    pub(super) purpose: Purpose,
}

impl Then<'_> {
    /// The request as it was, with the ledger as it stood.
    pub(super) async fn asked(self, tx: &mut Tx, charter: &Charter) -> Result<Json, DbError> {
        let mut asked = self.request;
        if let (Some(Json::Object(facts)), Json::Object(personal)) = (asked.get_mut("facts"), parsed(self.personal)?) {
            facts.extend(personal);
        }
        let keys = Request::from_value(charter, &asked, self.purpose).map(|r| r.keys(charter)).unwrap_or_default();
        let named = |name| asked.get(name).and_then(Json::as_str);
        // Options are of every remedy.
        let line = named("remedy").and_then(|id| charter.remedy(id)).map(|remedy| [(remedy, named("reason").and_then(|id| charter.reason(id)))]);
        let memories = charter.memories(self.at, line.as_ref().map(<[_; 1]>::as_slice));
        let entries = store::remembered(tx, &memories, &keys, Some(self.upto)).await?;
        situation::set(&mut asked, "ledger", situation::ledger(charter, entries.iter()));
        Ok(asked)
    }
}

/// The personal facts of a request, as they are kept; nothing if they were erased.
pub(super) async fn told(tx: &mut Tx, personal: Option<TextId>) -> Result<Option<String>, DbError> {
    match personal {
        Some(text) => texts::read(tx, text).await,
        None => Ok(Some(NOTHING_PERSONAL.to_owned())),
    }
}

/// What is kept of a request.
pub(super) fn parsed(kept: &str) -> Result<Json, DbError> {
    serde_json::from_str(kept).map_err(|e| DbError::Defect(e.to_string()))
}

/// Takes facts out of what was decided on in a case: those that were kept as they are, because they were not personal then, and are so now. Such a decision
/// cannot be decided again.
///
/// # Errors
/// [`DbError`] when they cannot be changed.
pub(crate) async fn erase_facts(tx: &mut Tx, case: CaseId, is_personal: impl Fn(&str) -> bool, at: Instant) -> Result<(), DbError> {
    let mut after = DecisionId(Id::from_bytes([0; 16]));
    loop {
        let page = store::requests(tx, case, after).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (id, request) in &page {
            if let Some(request) = without(request, &is_personal) {
                store::erase_facts(tx, *id, &request, at).await?;
            }
        }
    }
    opened::erase_facts(tx, case, is_personal, at).await
}

/// A request without facts; nothing if it has none of them.
pub(super) fn without(request: &str, is_personal: impl Fn(&str) -> bool) -> Option<String> {
    let mut request: Json = serde_json::from_str(request).ok()?;
    let Some(Json::Object(facts)) = request.get_mut("facts") else { return None };
    let before = facts.len();
    facts.retain(|name, _| !is_personal(name));
    (facts.len() < before).then(|| request.to_string())
}

//! The options a case opened with: what somebody could do, on what, before they did anything. Kept once for each case, charter and facts.

use charter::explain::OptionsAnswer;
use charter::options_json;
use charter::request::Purpose;
use charter::time::Instant;
use platform::clock::Clock;
use platform::db::{Db, DbError, FromRow, Perhaps, Row, Tx};
use platform::texts::{self, TextId};
use platform::{params, statements};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::record::{Recorded, Then, apart, essentials, parsed, told, without};
use super::situation::{Held, NoSituation, Situation, situation};
use crate::asker::Asker;
use crate::cases::{self, CaseId, CaseRow};
use crate::charters::{self, Charters};

statements! {
    IS_KEPT = "SELECT COUNT(*) FROM case_options WHERE case_id = ?1 AND digest = ?2";
    KEEP = "INSERT INTO case_options (case_id, digest, charter, at, actor, request, personal, upto, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OF_CASE = "SELECT digest, request FROM case_options WHERE case_id = ?1 AND digest > ?2 ORDER BY digest LIMIT ?3";
    ERASE_FACTS = "UPDATE case_options SET request = ?3, erased_at = ?4 WHERE case_id = ?1 AND digest = ?2";
    PAGE = "SELECT case_id, digest, charter, at, request, personal, upto, answer, erased_at FROM case_options
            WHERE (case_id, digest) > (?1, ?2) ORDER BY case_id, digest LIMIT ?3";
}

/// Records that are looked at at once.
const ROWS: i64 = 100;

/// Keeps what a case was opened with, unless it is kept already: then nothing is written. It is read again in the transaction that keeps it, when all that it
/// depends on is held: whatever was given or erased meanwhile is in it.
///
/// # Errors
/// [`NoSituation`] when it cannot be read or kept.
pub async fn keep_options(db: &Db, known: &Charters, case: &CaseRow, asker: &Asker, now: &Situation, clock: impl Into<Clock>) -> Result<(), NoSituation> {
    let (id, digest) = (case.id, digest(now));
    if db.read::<_, DbError, _>(move |tx| Box::pin(async move { is_kept(tx, id, &digest).await })).await? {
        return Ok(());
    }
    let (number, asker, known, clock) = (case.number, asker.clone(), known.clone(), clock.into());
    db.write(move |tx| Box::pin(async move { keep(tx, &known, number, &asker, clock).await })).await
}

async fn keep(tx: &mut Tx, known: &Charters, number: i64, asker: &Asker, clock: Clock) -> Result<(), NoSituation> {
    tx.hold(&[cases::held(number)]).await?;
    let Some(case) = cases::by_number(tx, number).await? else { return Ok(()) };
    let now = situation(tx, known, &case, asker, Held::All, clock).await?;
    let digest = digest(&now);
    if is_kept(tx, case.id, &digest).await? {
        return Ok(());
    }
    let answer = options_json(&now.in_force.charter, &now.request);
    if !answer.problems.is_empty() {
        return Ok(());
    }
    let (request, personal) = apart(&now.in_force.charter, essentials(&now.request));
    let personal: Option<TextId> = match personal {
        Some(personal) => Some(texts::keep(tx, &personal.to_string(), now.at).await?.text),
        None => None,
    };
    let (request, answer) = (request.to_string(), essence(&answer));
    let values = params![&case.id, &digest, now.in_force.version, now.at, &asker.actor(), &request, &personal, now.upto, &answer];
    Ok(tx.execute(&KEEP, values).await.map(drop)?)
}

/// Whoever asks, and whenever: what a case was opened with is its facts. Of personal ones it is when they were said, which changes with each word of them: a
/// value could be guessed from a digest.
fn digest(now: &Situation) -> Vec<u8> {
    let charter = &now.in_force.charter;
    let is_personal = |name: &str| charter.fact(name).and_then(|place| charter.facts.get(place)).is_some_and(|fact| fact.personal);
    let mut facts = now.request.get("facts").cloned().unwrap_or_default();
    if let Json::Object(facts) = &mut facts {
        facts.iter_mut().filter(|(name, _)| is_personal(name)).filter_map(|(_, fact)| fact.as_object_mut()).for_each(|fact| drop(fact.remove("value")));
    }
    let about = json!([now.in_force.version, now.request.get("subjects"), facts, now.request.get("issue")]);
    Sha256::digest(about.to_string()).to_vec()
}

async fn is_kept(tx: &mut Tx, case: CaseId, digest: &Vec<u8>) -> Result<bool, DbError> {
    Ok(tx.one::<(i64,)>(&IS_KEPT, params![&case, digest]).await?.0 > 0)
}

/// What must come out again: of each remedy and reason the amounts, their outcomes and rules.
fn essence(answer: &OptionsAnswer) -> Vec<u8> {
    let whole = json!(answer);
    let empty = Vec::new();
    let list = whole.get("options").and_then(Json::as_array).unwrap_or(&empty);
    let zone = |zone: &Json| json!([zone.get("from"), zone.get("to"), zone.get("outcome"), zone.get("rules")]);
    let option = |option: &Json| {
        let zones: Vec<Json> = option.get("zones").and_then(Json::as_array).unwrap_or(&empty).iter().map(zone).collect();
        json!([option.get("remedy"), option.get("reason"), option.get("free_up_to"), option.get("say_why_up_to"), zones])
    };
    let essence: Vec<Json> = list.iter().map(option).collect();
    Sha256::digest(json!(essence).to_string()).to_vec()
}

/// Takes facts out of what a case was opened with.
pub(super) async fn erase_facts(tx: &mut Tx, case: CaseId, is_personal: impl Fn(&str) -> bool, at: Instant) -> Result<(), DbError> {
    let mut after = Vec::new();
    loop {
        let page: Vec<(Vec<u8>, String)> = tx.all(&OF_CASE, params![&case, &after, ROWS]).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for (digest, request) in &page {
            if let Some(request) = without(request, &is_personal) {
                tx.execute(&ERASE_FACTS, params![&case, digest, &request, at]).await?;
            }
        }
    }
}

struct Kept {
    charter: i64,
    at: Instant,
    request: String,
    personal: Option<TextId>,
    upto: i64,
    answer: Vec<u8>,
    erased_at: Option<Instant>,
}

impl FromRow for Kept {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            charter: row.take()?,
            at: row.take()?,
            request: row.take()?,
            personal: row.take()?,
            upto: row.take()?,
            answer: row.take()?,
            erased_at: row.take()?,
        })
    }
}

/// What cases were opened with, some of it asked again page by page: one in eight.
#[derive(Clone, Debug, Default)]
pub struct Openings {
    after: Option<(CaseId, Vec<u8>)>,
}

impl Openings {
    /// Asks the next page again, adds what comes out otherwise, and says how many records it had: none at the end.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be read.
    pub async fn page(&mut self, tx: &mut Tx, known: &Charters, found: &mut Vec<String>) -> Result<usize, DbError> {
        let (case, digest) = self.after.clone().unwrap_or_else(|| (CaseId(platform::id::Id::from_bytes([0; 16])), Vec::new()));
        let page: Vec<Perhaps<(CaseId, Vec<u8>), Kept>> = tx.all(&PAGE, params![&case, &digest, ROWS]).await?;
        for Perhaps { key: (case, digest), row } in &page {
            if digest.first().is_some_and(|byte| byte % 8 != 0) {
                continue;
            }
            let again = match row {
                Ok(kept) => kept.again(tx, known).await,
                Err(e) => Err(e.clone()),
            };
            match again {
                Ok(Recorded::Different { .. }) => found.push(format!("options of case {case}: they come out otherwise")),
                Ok(_) => {}
                Err(DbError::Defect(what)) => found.push(format!("options of case {case}: they cannot be asked again: {what}")),
                Err(e) => return Err(e),
            }
        }
        self.after = page.last().map(|last| last.key.clone()).or(self.after.take());
        Ok(page.len())
    }
}

impl Kept {
    async fn again(&self, tx: &mut Tx, known: &Charters) -> Result<Recorded, DbError> {
        if self.erased_at.is_some() {
            return Ok(Recorded::Erased);
        }
        let charter = charters::version_of(tx, known, self.charter).await?.charter;
        let Some(personal) = told(tx, self.personal).await? else { return Ok(Recorded::Erased) };
        let then = Then { request: parsed(&self.request)?, personal: &personal, at: self.at, upto: self.upto, purpose: Purpose::Options };
        let asked = then.asked(tx, &charter).await?;
        let is_same = essence(&options_json(&charter, &asked)) == self.answer;
        Ok(if is_same { Recorded::Same } else { Recorded::Different { then: String::new(), now: String::new() } })
    }
}

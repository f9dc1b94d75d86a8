use charter::time::Instant;
use platform::actor::{Actor, Subject};
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::id::Id;
use platform::idempotency;
use platform::live::{self, Topic};
use platform::texts::{self, TextId};
use serde_json::Value as Json;

use super::model::CustomerEvent;
use super::store::{self, Erasure};
use crate::cases::{self, CaseId};
use crate::charters::{self, Charters, InForce};
use crate::deciding;
use crate::escalations;
use crate::grants;
use crate::subjects::{self, Customer, SubjectId, SubjectRow};

/// Why something could not be done with a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerError {
    /// There is none.
    NotFound,
    /// They became this one.
    Merged(SubjectId),
    /// Both are one already.
    Same,
    /// The first is still being erased.
    BeingErased,
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for CustomerError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for CustomerError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// The customer with an id, who is nobody else by now.
///
/// # Errors
/// [`CustomerError::Merged`] names who they became.
pub(super) async fn found(tx: &mut Tx, id: SubjectId) -> Result<SubjectRow, CustomerError> {
    let row = subjects::read(tx, id).await?.filter(|row| row.kind == "customer").ok_or(CustomerError::NotFound)?;
    row.merged_into.map_or(Ok(row), |into| Err(CustomerError::Merged(into)))
}

/// Changes who a customer is and how to reach them.
///
/// # Errors
/// [`CustomerError`].
pub async fn change(tx: &mut Tx, id: SubjectId, new: &Customer, by: &Actor, at: Instant) -> Result<(), CustomerError> {
    found(tx, id).await?;
    let old = subjects::customer(tx, id).await?.unwrap_or_default();
    let fields = [
        ("name", old.name != new.name),
        ("email", old.email != new.email),
        ("phone", old.phone != new.phone),
        ("locale", old.locale != new.locale),
        ("contact", old.contact != new.contact),
    ];
    let fields: Vec<&'static str> = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    if !fields.is_empty() {
        subjects::keep_customer(tx, id, new, at).await?;
        events::append(tx, &CustomerEvent::CustomerChanged { customer: id, fields }, by, at).await?;
    }
    Ok(())
}

/// Two customers are one: everything of the first becomes the second's. What they were given counts together from now on.
///
/// # Errors
/// [`CustomerError::Same`]; [`CustomerError::BeingErased`], until it ended; [`CustomerError::Merged`] when one of them became another already.
pub async fn merge(tx: &mut Tx, from: SubjectId, into: SubjectId, by: &Actor, at: Instant) -> Result<(), CustomerError> {
    if from == into {
        return Err(CustomerError::Same);
    }
    // First, as whoever erases does.
    tx.hold(&[ERASURES.to_owned()]).await?;
    tx.hold(&[subjects::held(from), subjects::held(into)]).await?;
    if store::erasure(tx, from).await?.is_some_and(|erasure| erasure.ended_at.is_none()) {
        return Err(CustomerError::BeingErased);
    }
    let (first, second) = (found(tx, from).await?, found(tx, into).await?);
    if !subjects::merge(tx, from, into).await? {
        return Err(CustomerError::Same);
    }
    cases::re_home(tx, from, into).await?;
    grants::re_home(tx, (from, &first.reference), (into, &second.reference), by, at).await?;
    fill_in(tx, from, into, at).await?;
    if subjects::is_erased(tx, into).await? {
        // What was the first's is to be forgotten too.
        store::begin(tx, into, 0, by, at).await?;
    }
    events::append(tx, &CustomerEvent::CustomerMerged { customer: into, from }, by, at).await?;
    Ok(())
}

/// What only the first has said about themselves holds for the second, unless that one wanted to be forgotten.
async fn fill_in(tx: &mut Tx, from: SubjectId, into: SubjectId, at: Instant) -> Result<(), DbError> {
    if subjects::is_erased(tx, into).await? {
        return store::erase(tx, into, at).await;
    }
    let Some(first) = subjects::customer(tx, from).await? else { return Ok(()) };
    let second = subjects::customer(tx, into).await?.unwrap_or_default();
    let both = Customer {
        name: second.name.or(first.name),
        email: second.email.or(first.email),
        phone: second.phone.or(first.phone),
        locale: second.locale.or(first.locale),
        contact: second.contact.or(first.contact),
    };
    subjects::keep_customer(tx, into, &both, at).await
}

/// What is held by whoever goes on with an erasure, or changes how far one is.
const ERASURES: &str = "erasures";
/// Texts, events or decisions that are looked at together.
const PAGE: i64 = 200;
/// Cases that are done in one transaction.
const CASES: i64 = 20;
/// What a stored answer of the API becomes that spoke of an erased customer.
const GONE: &str = r#"{"status":410,"code":"erased","title":"What this said was erased","detail":"It was done. The answer spoke of a customer whose personal data were erased since."}"#;

/// Erases what is personal of a customer: who they are, the facts that the charter in force calls personal or does not know, and the texts of their cases,
/// those of the first cases at once and the rest by [`erase_further`]. What they were given stays, without words.
///
/// # Errors
/// [`CustomerError`].
pub async fn erase(tx: &mut Tx, known: &Charters, id: SubjectId, by: &Actor, at: Instant) -> Result<(), CustomerError> {
    tx.hold(&[ERASURES.to_owned()]).await?;
    found(tx, id).await?;
    let in_force = charters::in_force(tx, known).await?;
    store::begin(tx, id, in_force.as_ref().map_or(0, |c| c.version), by, at).await?;
    store::erase(tx, id, at).await?;
    events::append(tx, &CustomerEvent::CustomerErased { customer: id }, by, at).await?;
    if let Some(begun) = store::erasure(tx, id).await? {
        erase_some(tx, in_force.as_ref(), &begun, at).await?;
    }
    Ok(())
}

/// Goes one step further with what is being erased; and with what was erased under another charter, because what that did not call personal may be so now.
/// Says whether there was anything to do.
///
/// # Errors
/// [`DbError`] when it cannot be erased.
pub async fn erase_further(tx: &mut Tx, known: &Charters, at: Instant) -> Result<bool, DbError> {
    tx.hold(&[ERASURES.to_owned()]).await?;
    let in_force = charters::in_force(tx, known).await?;
    if let Some(begun) = store::under_way(tx).await? {
        erase_some(tx, in_force.as_ref(), &begun, at).await?;
        return Ok(true);
    }
    let version = in_force.as_ref().map_or(0, |c| c.version);
    let Some(other) = store::by_another(tx, version).await? else { return Ok(false) };
    store::begin(tx, other.customer, version, &other.by, at).await?;
    Ok(true)
}

async fn erase_some(tx: &mut Tx, in_force: Option<&InForce>, begun: &Erasure, at: Instant) -> Result<(), DbError> {
    let id = begun.customer;
    let fact = |name: &str| in_force.and_then(|c| c.charter.facts.get(c.charter.fact(name)?));
    // Nobody keeps what they read before in the meantime: what is decided or said in a case holds it, and what becomes a case of theirs holds them.
    let listed = cases::list_ever(tx, id, begun.before, CASES).await?;
    tx.hold(&listed.iter().map(|case| cases::held(case.number)).chain([subjects::held(id)]).collect::<Vec<_>>()).await?;
    let page = cases::list_ever(tx, id, begun.before, CASES).await?;
    if page.iter().any(|case| listed.iter().all(|held| held.number != case.number)) {
        return Err(DbError::Contended);
    }
    if begun.before == i64::MAX {
        for name in store::fact_names(tx, id).await?.iter().filter(|name| fact(name).is_none_or(|fact| fact.personal)) {
            store::erase_fact(tx, id, name).await?;
        }
        cases::erase_titles(tx, id).await?;
    }
    // What was said in a case may stand among the precedents.
    live::touch(tx, Topic::place(escalations::PRECEDENTS));
    for case in &page {
        erase_texts(tx, case.id, at).await?;
        deciding::erase_facts(tx, case.id, |name| fact(name).is_some_and(|fact| fact.personal), at).await?;
        idempotency::erase(tx, &Subject::new("case", &case.number), 410, GONE).await?;
    }
    let done = i64::try_from(page.len()).unwrap_or(0);
    let before = page.last().map_or(begun.before, |last| last.number);
    store::go_on(tx, id, before, done, (done < CASES).then_some(at)).await
}

async fn erase_texts(tx: &mut Tx, case: CaseId, at: Instant) -> Result<(), DbError> {
    let mut after = TextId(Id::from_bytes([0; 16]));
    loop {
        let page = store::texts_of_case(tx, case, after, PAGE).await?;
        for text in &page {
            texts::erase(tx, *text, at).await?;
        }
        match page.last() {
            Some(last) => after = *last,
            None => break,
        }
    }
    let (subject, mut before) = (Subject::new("case", &case), i64::MAX);
    loop {
        let page = events::of(tx, &subject, before, PAGE).await?;
        for event in &page {
            let data: Json = serde_json::from_str(&event.data).unwrap_or_default();
            for text in named(&data) {
                texts::erase(tx, text, at).await?;
            }
        }
        match page.last() {
            Some(last) => before = last.number,
            None => return Ok(()),
        }
    }
}

/// The texts that an event names, wherever in it they stand: each as `{"text": …, "digest": …}`.
fn named(data: &Json) -> Vec<TextId> {
    let mut found = Vec::new();
    match data {
        Json::Object(entries) => {
            if let Some(Ok(kept)) = entries.get("digest").map(|_| serde_json::from_value::<texts::Kept>(data.clone())) {
                found.push(kept.text);
            }
            found.extend(entries.values().flat_map(named));
        }
        Json::Array(entries) => found.extend(entries.iter().flat_map(named)),
        _ => {}
    }
    found
}

use charter::Charter;
use charter::decide::Outcome;
use charter::explain::Answer;
use charter::memory::Line;
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::id::Id;
use platform::jobs::{self, NewJob};
use platform::limits::OFFER_ITEMS;
use platform::live::{self, Topic};
use platform::texts;

use super::UNDO_MICROS;
use super::model::{Cause, Counted, GrantEvent, GrantId, GrantRow, GrantState, OfferId, Settled};
use super::store::{self, New, NewRefusal, Refused};
use crate::asker::Asker;
use crate::cases::{self, CaseRow};
use crate::charters::Charters;
use crate::deciding::{self, Decided, Held, NoSituation, situation};
use crate::subjects::SubjectId;

/// One remedy of an offer.
#[derive(Clone, Debug)]
pub struct Item {
    /// What.
    pub remedy: String,
    /// For what.
    pub reason: Option<String>,
    /// How much, as people write it; nothing for an act.
    pub amount: Option<String>,
    /// Why, where the charter wants it said.
    pub why: Option<String>,
}

/// Remedies that are given together, or not at all.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The number of the case.
    pub case: i64,
    /// The remedies, decided one after the other: each counts those before it.
    pub items: Vec<Item>,
    /// The giver has seen that somebody said no to this before, and goes beyond it all the same.
    pub beyond_no: bool,
}

/// An item that was given.
#[derive(Clone, Debug)]
pub struct Given {
    /// The grant.
    pub grant: GrantId,
    /// What was decided.
    pub answer: Answer,
}

/// What came of an offer.
#[derive(Clone, Debug)]
pub enum Offered {
    /// All of it was given.
    Given {
        /// The offer.
        offer: OfferId,
        /// Its grants, in the order asked for.
        grants: Vec<Given>,
        /// Until when the giver can take it back.
        undo_until: Instant,
    },
    /// Nothing was given: this item may not be, as things are.
    NotGiven {
        /// The place of the item.
        item: usize,
        /// Why, and what can be done about it.
        answer: Box<Answer>,
    },
    /// Nothing was given: the charter wants to hear why.
    SayWhy {
        /// The place of the item.
        item: usize,
        /// What was decided.
        answer: Box<Answer>,
    },
    /// Nothing was given: somebody said no to this before.
    SaidNoBefore {
        /// The place of the item.
        item: usize,
        /// Who said no.
        by: Actor,
        /// To how much, and what that is counted in.
        amount: Option<(Counted, i64)>,
        /// When.
        at: Instant,
    },
}

/// Why something could not be done with a grant.
#[derive(Clone, Debug)]
pub enum GrantError {
    /// There is no such case or grant.
    NotFound,
    /// Nothing can be given in a case that is settled.
    CaseSettled(cases::State),
    /// There is nothing in the offer, or too much.
    Items(usize),
    /// Nothing can be decided.
    NoSituation(NoSituation),
    /// It stands where this cannot be done.
    CannotMove(GrantState),
    /// Only the giver takes a grant back.
    NotTheGiver,
    /// Nobody corrects a grant of their own.
    OwnGrant,
    /// It was approved, and not given in time.
    Lapsed,
    /// It was approved under a charter that is not in force any more.
    OtherCharter,
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for GrantError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<NoSituation> for GrantError {
    fn from(e: NoSituation) -> Self {
        match e {
            NoSituation::Db(e) => Self::Db(e),
            other => Self::NoSituation(other),
        }
    }
}

impl Contended for GrantError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// The job that sends a grant once it cannot be taken back any more. Its key is the grant.
pub const SEND_JOB: &str = "send_grant";

/// An item that may be given.
struct Ready<'a> {
    item: &'a Item,
    decided: Decided,
    line: Line,
    counted: Counted,
    /// Who said no to this before.
    first: Option<Id>,
}

/// Decides an offer item by item and gives all of it, or nothing. It is given when all that it depends on is held: the time to take it back begins then.
///
/// # Errors
/// [`GrantError`]; what the charter does not allow is not an error but an [`Offered`].
pub async fn give(tx: &mut Tx, known: &Charters, offer: &Offer, asker: &Asker, clock: impl Into<Clock>) -> Result<Offered, GrantError> {
    tx.hold(&[cases::held(offer.case)]).await?;
    let case = cases::by_number(tx, offer.case).await?.ok_or(GrantError::NotFound)?;
    give_in(tx, known, &case, offer, asker, clock).await
}

/// The same in a case that was read when its name was held.
pub(super) async fn give_in(
    tx: &mut Tx,
    known: &Charters,
    case: &CaseRow,
    offer: &Offer,
    asker: &Asker,
    clock: impl Into<Clock>,
) -> Result<Offered, GrantError> {
    if offer.items.is_empty() || offer.items.len() > OFFER_ITEMS {
        return Err(GrantError::Items(offer.items.len()));
    }
    if !case.state.takes_grants() {
        return Err(GrantError::CaseSettled(case.state));
    }
    let asked: Vec<_> = offer.items.iter().map(|item| (item.remedy.as_str(), item.reason.as_deref())).collect();
    let mut now = situation(tx, known, case, asker, Held::By(&asked), clock).await?;
    let at = now.at;
    let mut ready = Vec::with_capacity(offer.items.len());
    for (place, item) in offer.items.iter().enumerate() {
        let decided = now.decide(&item.remedy, item.reason.as_deref(), item.amount.as_deref());
        let line = decided.request.as_ref().and_then(|r| r.line(&now.in_force.charter));
        let counted = counted(&now.in_force.charter, &item.remedy);
        let (Outcome::Allowed | Outcome::AllowedSayWhy, Some((line, counted))) = (decided.answer.outcome, line.zip(counted)) else {
            now.tell_openings(tx).await?;
            let decided = now.decide(&item.remedy, item.reason.as_deref(), item.amount.as_deref());
            return Ok(Offered::NotGiven { item: place, answer: Box::new(decided.answer) });
        };
        if decided.answer.outcome == Outcome::AllowedSayWhy && item.why.as_deref().is_none_or(|why| why.trim().is_empty()) {
            return Ok(Offered::SayWhy { item: place, answer: Box::new(decided.answer) });
        }
        let no = store::refused(tx, case, &line.remedy).await?;
        let no = no.filter(|no| no.by != asker.actor() && is_beyond(no, &counted, line.units));
        if let (Some(no), false) = (&no, offer.beyond_no) {
            return Ok(Offered::SaidNoBefore { item: place, by: no.by.clone(), amount: no.amount.clone(), at: no.at });
        }
        now.given(&line, at);
        ready.push(Ready { item, decided, line, counted, first: no.and_then(|no| no.by.staff()) });
    }
    let adding = deciding::Adding::begin(tx).await?;
    let given = OfferId::new(at);
    let (mut grants, mut lines) = (Vec::with_capacity(ready.len()), Vec::with_capacity(ready.len()));
    for one in &ready {
        // Those before it are steps by now.
        if !grants.is_empty() {
            now.upto = deciding::last_step(tx).await?;
        }
        let decision = deciding::record(tx, case.id, &now, &one.decided, &asker.actor(), at).await?;
        let (grant, step) = keep(tx, case, given, one, decision, asker, at).await?;
        grants.push(Given { grant, answer: one.decided.answer.clone() });
        lines.push((&one.line, step));
    }
    adding.given(tx, &lines, at).await?;
    Ok(Offered::Given { offer: given, grants, undo_until: at + UNDO_MICROS })
}

/// Whether an amount is as much as somebody said no to, or more; and so is what cannot be compared, because it is counted in something else.
pub(super) fn is_beyond(no: &Refused, counted: &Counted, units: Option<i64>) -> bool {
    match (&no.amount, units) {
        (Some((of, to)), Some(now)) => of != counted || now >= *to,
        _ => true,
    }
}

/// What the charter counts a remedy in; nothing for one it does not have.
pub(crate) fn counted(charter: &Charter, remedy: &str) -> Option<Counted> {
    Some(Counted::of(charter, charter.remedies.get(charter.remedy(remedy)?)?))
}

async fn keep(
    tx: &mut Tx,
    case: &CaseRow,
    offer: OfferId,
    one: &Ready<'_>,
    decision: deciding::DecisionId,
    asker: &Asker,
    at: Instant,
) -> Result<(GrantId, i64), GrantError> {
    let said_why = one.decided.answer.outcome == Outcome::AllowedSayWhy;
    let why = match one.item.why.as_deref().map(str::trim).filter(|why| !why.is_empty()) {
        Some(why) => Some(texts::keep(tx, why, at).await?.text),
        None => None,
    };
    let (id, giver, send_at) = (GrantId::new(at), asker.actor(), at + UNDO_MICROS);
    let step = store::insert(
        tx,
        case,
        &New { id, offer, giver: &giver, line: &one.line, counted: &one.counted, decision, why, at, send_at, state: GrantState::Granted },
    )
    .await?;
    let line = &one.line;
    let made = GrantEvent::GrantMade {
        case: case.id,
        grant: id,
        remedy: line.remedy.clone(),
        reason: line.reason.clone(),
        units: line.units,
        said_why,
        approved_by: None,
    };
    events::append(tx, &made, &giver, at).await?;
    touch(tx, case.customer);
    if let Some(first) = one.first {
        events::append(tx, &GrantEvent::NoExceeded { case: case.id, grant: id, first: first.to_string() }, &giver, at).await?;
    }
    let key = id.to_string();
    jobs::enqueue(tx, &NewJob { kind: SEND_JOB, key: &key, payload: &format!("\"{key}\""), run_at: send_at }, at).await?;
    Ok((id, step))
}

/// A grant takes a step: its place in the ledger.
pub(super) async fn moved(
    tx: &mut Tx,
    grant: &GrantRow,
    state: GrantState,
    cause: Option<Cause>,
    by: &Actor,
    note: Option<&str>,
    at: Instant,
) -> Result<i64, GrantError> {
    let note = match note {
        Some(text) => Some(texts::keep(tx, text, at).await?.text),
        None => None,
    };
    let step = store::step(tx, grant.id, state, by, note, at).await?;
    events::append(tx, &GrantEvent::GrantMoved { case: grant.case, grant: grant.id, state, cause }, by, at).await?;
    touch(tx, grant.customer);
    Ok(step)
}

/// What is left for a customer changes in all of their cases.
pub(super) fn touch(tx: &mut Tx, customer: Option<SubjectId>) {
    if let Some(customer) = customer {
        live::touch(tx, Topic::new("customer", &customer));
    }
}

pub(super) async fn found(tx: &mut Tx, id: GrantId) -> Result<GrantRow, GrantError> {
    store::by_id(tx, id).await?.ok_or(GrantError::NotFound)
}

/// The giver takes a grant back, before it is sent.
///
/// # Errors
/// [`GrantError::NotTheGiver`]; [`GrantError::CannotMove`] when it was sent meanwhile.
pub async fn withdraw(tx: &mut Tx, id: GrantId, by: &Actor, at: Instant) -> Result<(), GrantError> {
    let grant = found(tx, id).await?;
    if grant.giver != *by {
        return Err(GrantError::NotTheGiver);
    }
    deciding::hold_keys(tx, id.0).await?;
    if !store::withdraw(tx, id, by, at).await? {
        return Err(GrantError::CannotMove(found(tx, id).await?.state));
    }
    jobs::call_off(tx, SEND_JOB, &id.to_string()).await?;
    let step = moved(tx, &grant, GrantState::Withdrawn, None, by, None, at).await?;
    Ok(deciding::taken_out(tx, id.0, step).await?)
}

/// Sends a grant that cannot be taken back any more. Says whether it was still to be sent.
///
/// # Errors
/// [`GrantError::NotFound`].
pub async fn send_due(tx: &mut Tx, id: GrantId, at: Instant) -> Result<bool, GrantError> {
    let grant = found(tx, id).await?;
    let sent = store::send(tx, id, at).await?;
    if sent {
        moved(tx, &grant, GrantState::Sent, None, &Actor::System, None, at).await?;
    }
    Ok(sent)
}

/// Says what came of a grant that was sent, or that it is tried again.
///
/// # Errors
/// [`GrantError::CannotMove`] when it was not sent, or is settled.
pub async fn settle(tx: &mut Tx, id: GrantId, settled: Settled, note: Option<&str>, by: &Actor, at: Instant) -> Result<(), GrantError> {
    let grant = found(tx, id).await?;
    if !store::settle(tx, id, settled.state(), at).await? {
        return Err(GrantError::CannotMove(found(tx, id).await?.state));
    }
    moved(tx, &grant, settled.state(), None, by, note, at).await.map(drop)
}

/// Mends an error in a grant before it is fulfilled. The giver hears of it through the event.
///
/// # Errors
/// [`GrantError::CannotMove`] when it is too late; [`GrantError::OwnGrant`].
pub async fn correct(tx: &mut Tx, id: GrantId, cause: Cause, note: &str, by: &Actor, at: Instant) -> Result<GrantRow, GrantError> {
    let grant = found(tx, id).await?;
    if grant.giver == *by {
        return Err(GrantError::OwnGrant);
    }
    deciding::hold_keys(tx, id.0).await?;
    if !store::correct(tx, id, cause, at).await? {
        return Err(GrantError::CannotMove(found(tx, id).await?.state));
    }
    jobs::call_off(tx, SEND_JOB, &id.to_string()).await?;
    let step = moved(tx, &grant, GrantState::Corrected, Some(cause), by, Some(note), at).await?;
    deciding::taken_out(tx, id.0, step).await?;
    Ok(grant)
}

/// The customer was told no. Whoever gives more for the same issue later sees it first.
///
/// # Errors
/// [`GrantError::NotFound`]; [`GrantError::CaseSettled`].
pub async fn refuse(tx: &mut Tx, known: &Charters, case: i64, item: &Item, asker: &Asker, clock: impl Into<Clock>) -> Result<Answer, GrantError> {
    tx.hold(&[cases::held(case)]).await?;
    let case = cases::by_number(tx, case).await?.ok_or(GrantError::NotFound)?;
    if !case.state.takes_grants() {
        return Err(GrantError::CaseSettled(case.state));
    }
    // Held like what is given, so that it can be decided again: what is recorded is the ledger as it stood.
    let mut now = situation(tx, known, &case, asker, Held::By(&[(&item.remedy, item.reason.as_deref())]), clock).await?;
    now.tell_openings(tx).await?;
    let at = now.at;
    let decided = now.decide(&item.remedy, item.reason.as_deref(), item.amount.as_deref());
    let decision = deciding::record(tx, case.id, &now, &decided, &asker.actor(), at).await?;
    let units = decided.request.as_ref().and_then(|r| r.amount);
    let counted = counted(&now.in_force.charter, &item.remedy);
    let staff = asker.actor();
    let refusal = NewRefusal { staff: &staff, remedy: &item.remedy, reason: item.reason.as_deref(), counted: counted.as_ref(), units, decision, at };
    store::keep_refusal(tx, &case, &refusal).await?;
    let refused = GrantEvent::Refused { case: case.id, remedy: item.remedy.clone(), reason: item.reason.clone(), units };
    events::append(tx, &refused, &staff, at).await?;
    Ok(decided.answer)
}

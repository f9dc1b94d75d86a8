use charter::Charter;
use charter::decide::{Outcome, To, servers};
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::Tx;
use platform::limits::OFFER_ITEMS;
use platform::texts;

use super::follow::tell;
use super::model::{Cause, EscalationError, EscalationEvent, EscalationId, EscalationRow, Rating, State};
use super::passing;
use super::store::{self, New, NewItem};
use crate::asker::Asker;
use crate::cases::{self, CaseRow};
use crate::charters::Charters;
use crate::deciding::{self, Decided, Held, Situation, situation};
use crate::grants::{self, Item, Offer, Offered};
use crate::promises::{self, NewPromise, PromiseId};

/// What is passed up.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The number of the case.
    pub case: i64,
    /// What the one who asks gives now, within their own authority: it stands, whatever comes of the rest.
    pub meanwhile: Vec<Item>,
    /// What they ask for beyond that.
    pub items: Vec<Item>,
    /// Why.
    pub cause: Cause,
    /// Whether it cannot wait.
    pub is_urgent: bool,
    /// What they would do.
    pub want: Option<String>,
    /// What the customer was told.
    pub promise: Option<NewPromise>,
    /// They have seen that somebody said no before, and give what they give now all the same.
    pub beyond_no: bool,
}

/// Something that is with a group now.
#[derive(Clone, Debug)]
pub struct Raised {
    /// Which.
    pub escalation: EscalationId,
    /// The group, by its id in the charter.
    pub group: String,
    /// When an answer is due; nothing while nobody is known to be there.
    pub due: Option<Instant>,
    /// What was promised.
    pub promise: Option<PromiseId>,
}

/// Passes something up: to the best group that may give all of it, of those that will be there. What is given meanwhile is given in the same transaction, or
/// nothing happens.
///
/// # Errors
/// [`EscalationError::NotGiven`] for what was to be given meanwhile; [`EscalationError::NotRaised`] for what is not for anybody above; [`EscalationError::Apart`].
pub async fn raise(tx: &mut Tx, known: &Charters, ask: &Ask, asker: &Asker, clock: impl Into<Clock>) -> Result<Raised, EscalationError> {
    let clock = clock.into();
    if ask.items.is_empty() || ask.items.len() > OFFER_ITEMS {
        return Err(EscalationError::Amounts(ask.items.len()));
    }
    tx.hold(&[cases::held(ask.case)]).await?;
    let case = cases::by_number(tx, ask.case).await?.ok_or(EscalationError::NotFound)?;
    if !case.state.takes_grants() {
        return Err(case.state.into());
    }
    if let Some(waiting) = store::waiting(tx, case.id).await? {
        return Err(EscalationError::Waits(waiting));
    }
    if !ask.meanwhile.is_empty() {
        let offer = Offer { case: ask.case, items: ask.meanwhile.clone(), beyond_no: ask.beyond_no };
        let offered = grants::give(tx, known, &offer, asker, clock.clone()).await?;
        if !matches!(offered, Offered::Given { .. }) {
            return Err(EscalationError::NotGiven(Box::new(offered)));
        }
    }
    let asked: Vec<(&str, Option<&str>)> = ask.items.iter().map(|item| (item.remedy.as_str(), item.reason.as_deref())).collect();
    let mut now = situation(tx, known, &case, asker, Held::By(&asked), clock).await?;
    now.tell_openings(tx).await?;
    let charter = now.in_force.charter.clone();
    let mut asked = Vec::with_capacity(ask.items.len());
    for (item, wanted) in ask.items.iter().enumerate() {
        let decided = now.decide(&wanted.remedy, wanted.reason.as_deref(), wanted.amount.as_deref());
        if !matches!(decided.answer.outcome, Outcome::Escalate | Outcome::Exception) || serving(&charter, &decided).is_empty() {
            return Err(EscalationError::NotRaised { item, answer: Box::new(decided.answer) });
        }
        asked.push(decided);
    }
    let to = best(serving_all(&charter, &asked)).ok_or(EscalationError::Apart)?;
    keep(tx, &case, ask, asker, (&now, &asked, to)).await
}

async fn keep(tx: &mut Tx, case: &CaseRow, ask: &Ask, asker: &Asker, (now, asked, to): (&Situation, &[Decided], To)) -> Result<Raised, EscalationError> {
    let (id, raiser, at) = (EscalationId::new(now.at), asker.actor(), now.at);
    let note = match ask.want.as_deref().map(str::trim).filter(|want| !want.is_empty()) {
        Some(want) => Some(texts::keep(tx, want, at).await?),
        None => None,
    };
    let charter = &now.in_force.charter;
    let group = named(charter, &to).to_owned();
    let want = note.as_ref().map(|kept| kept.text);
    let new = New { id, case: case.id, raiser: &raiser, cause: ask.cause, is_urgent: ask.is_urgent, want, group: &group, at, due: to.due };
    store::insert(tx, &new).await?;
    for (place, (wanted, decided)) in ask.items.iter().zip(asked).enumerate() {
        let decision = deciding::record(tx, case.id, now, decided, &raiser, at).await?;
        // What was decided on has a remedy of the charter.
        let Some(counted) = grants::counts(charter, &wanted.remedy) else { return Err(EscalationError::NotFound) };
        let units = decided.request.as_ref().and_then(|request| request.amount);
        let item = NewItem { place, remedy: &wanted.remedy, reason: wanted.reason.as_deref(), counted: &counted, units, decision };
        store::insert_item(tx, id, &item).await?;
    }
    let (case_id, due) = (case.id, to.due);
    let raised =
        EscalationEvent::EscalationRaised { case: case_id, escalation: id, group: group.clone(), cause: ask.cause, is_urgent: ask.is_urgent, due, note };
    tell(tx, &raised, &raiser, at).await?;
    passing::wait(tx, id, due, at).await?;
    let promise = match &ask.promise {
        Some(promise) => Some(promises::make(tx, case, Some((id, group.as_str())), promise, &raiser, at).await?),
        None => None,
    };
    Ok(Raised { escalation: id, group, due, promise })
}

/// The groups that may give what was decided about, the best first.
pub(super) fn serving(charter: &Charter, decided: &Decided) -> Vec<To> {
    decided.request.as_ref().map(|request| servers(charter, request)).unwrap_or_default()
}

/// The groups that may give all of it, in the order in which they serve the first.
pub(super) fn serving_all<'a>(charter: &Charter, asked: impl IntoIterator<Item = &'a Decided>) -> Vec<To> {
    let mut all = asked.into_iter().map(|decided| serving(charter, decided));
    let mut first = all.next().unwrap_or_default();
    for others in all {
        first.retain(|to| others.iter().any(|other| other.group == to.group));
    }
    first
}

/// The best of some groups, the best first, of which somebody is known to be there; the first, where nobody is anywhere.
pub(super) fn best(serving: Vec<To>) -> Option<To> {
    let there = serving.iter().position(|to| to.due.is_some()).unwrap_or(0);
    serving.into_iter().nth(there)
}

/// The id of a group that serves.
pub(super) fn named<'a>(charter: &'a Charter, to: &To) -> &'a str {
    to.group.and_then(|place| charter.groups.get(place)).map_or("", |group| &group.id)
}

pub(super) async fn found(tx: &mut Tx, id: EscalationId) -> Result<EscalationRow, EscalationError> {
    store::by_id(tx, id).await?.ok_or(EscalationError::NotFound)
}

/// The same with its case, which is held: nobody else changes either until this transaction ends.
pub(super) async fn held(tx: &mut Tx, id: EscalationId) -> Result<(EscalationRow, CaseRow), EscalationError> {
    let row = found(tx, id).await?;
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    tx.hold(&[cases::held(case.number)]).await?;
    let case = cases::by_id(tx, row.case).await?.ok_or(EscalationError::NotFound)?;
    Ok((found(tx, id).await?, case))
}

/// Somebody of the group looks at it. Says whether they are the first.
///
/// # Errors
/// [`EscalationError::NotFound`].
pub async fn look(tx: &mut Tx, id: EscalationId, by: &Actor, at: Instant) -> Result<bool, EscalationError> {
    let row = found(tx, id).await?;
    if row.raiser == *by || !store::look(tx, id, at).await? {
        return Ok(false);
    }
    tell(tx, &EscalationEvent::EscalationLookedAt { case: row.case, escalation: id }, by, at).await?;
    Ok(true)
}

/// Somebody of the group takes it, so that nobody else works on it; from a colleague whom they name, if one has it.
///
/// # Errors
/// [`EscalationError::Taken`] when somebody else was faster; [`EscalationError::Own`]; [`EscalationError::CannotMove`].
pub async fn take(tx: &mut Tx, id: EscalationId, from: Option<&Actor>, by: &Actor, at: Instant) -> Result<(), EscalationError> {
    let row = found(tx, id).await?;
    if row.raiser == *by {
        return Err(EscalationError::Own);
    }
    if row.taken_by.as_ref() == Some(by) {
        return Ok(());
    }
    if !store::take(tx, id, by, from, at).await? {
        return Err(refused(found(tx, id).await?, by));
    }
    let from = from.and_then(Actor::staff).map(access::people::StaffId);
    tell(tx, &EscalationEvent::EscalationTaken { case: row.case, escalation: id, from }, by, at).await?;
    Ok(())
}

/// Why somebody could not do what they wanted to do with it.
pub(super) fn refused(row: EscalationRow, by: &Actor) -> EscalationError {
    match row.taken_by {
        Some(other) if row.state.is_owed() && other != *by => EscalationError::Taken(other),
        _ => EscalationError::CannotMove(row.state),
    }
}

/// The group asks the one who raised it something. The time until an answer stands still meanwhile.
///
/// # Errors
/// [`EscalationError::Own`]; [`EscalationError::Taken`]; [`EscalationError::CannotMove`].
pub async fn ask_back(tx: &mut Tx, id: EscalationId, words: &str, by: &Actor, at: Instant) -> Result<(), EscalationError> {
    let row = found(tx, id).await?;
    if row.raiser == *by {
        return Err(EscalationError::Own);
    }
    let is_mine = store::take(tx, id, by, row.taken_by.as_ref().filter(|has| *has == by), at).await?;
    if !is_mine || !store::turn(tx, id, State::Open, State::AskedBack, None, at).await? {
        return Err(refused(found(tx, id).await?, by));
    }
    passing::stop_waiting(tx, id).await?;
    let note = texts::keep(tx, words, at).await?;
    tell(tx, &EscalationEvent::EscalationAskedBack { case: row.case, escalation: id, note }, by, at).await?;
    Ok(())
}

/// What the group asked is answered by somebody who works on the case: it is the group's turn again, for as long as it has for a new one.
///
/// # Errors
/// [`EscalationError::CannotMove`] when nothing was asked.
pub async fn reply(tx: &mut Tx, known: &Charters, id: EscalationId, words: &str, asker: &Asker, clock: impl Into<Clock>) -> Result<(), EscalationError> {
    let clock = clock.into();
    let (row, at) = (found(tx, id).await?, clock.now());
    let due = passing::due_now(tx, known, &row, asker, clock).await?;
    if !store::turn(tx, id, State::AskedBack, State::Open, due, at).await? {
        return Err(EscalationError::CannotMove(found(tx, id).await?.state));
    }
    let note = texts::keep(tx, words, at).await?;
    let replied = EscalationEvent::EscalationRepliedTo { case: row.case, escalation: id, group: row.group, due, note };
    tell(tx, &replied, &asker.actor(), at).await?;
    Ok(passing::wait(tx, id, due, at).await?)
}

/// The customer has given up. The group still owes its feedback: by when it owed the answer, or, while the one who raised it was asked something, as long after
/// now as it has for a new one.
///
/// # Errors
/// [`EscalationError::CannotMove`] when it was answered, or is withdrawn already.
pub async fn withdraw(tx: &mut Tx, known: &Charters, id: EscalationId, by: &Actor, clock: impl Into<Clock>) -> Result<(), EscalationError> {
    let clock = clock.into();
    let (row, at) = (found(tx, id).await?, clock.now());
    let due = match row.state {
        State::AskedBack => passing::due_for_raiser(tx, known, &row, clock).await?,
        _ => row.due_at,
    };
    let is_waiting = matches!(row.state, State::Open | State::AskedBack);
    if !is_waiting || !store::turn(tx, id, row.state, State::Withdrawn, due, at).await? {
        return Err(EscalationError::CannotMove(found(tx, id).await?.state));
    }
    if row.state == State::AskedBack {
        passing::wait(tx, id, due, at).await?;
    }
    tell(tx, &EscalationEvent::EscalationWithdrawn { case: row.case, escalation: id }, by, at).await?;
    Ok(())
}

/// The one who raised it says what they think of the feedback, once.
///
/// # Errors
/// [`EscalationError::NotTheRaiser`]; [`EscalationError::CannotMove`] when there is no feedback yet, or it was rated.
pub async fn rate(tx: &mut Tx, id: EscalationId, rating: Rating, by: &Actor, at: Instant) -> Result<(), EscalationError> {
    let row = found(tx, id).await?;
    if row.raiser != *by {
        return Err(EscalationError::NotTheRaiser);
    }
    if !store::rate(tx, id, rating, at).await? {
        return Err(EscalationError::CannotMove(row.state));
    }
    tell(tx, &EscalationEvent::FeedbackRated { case: row.case, escalation: id, rating }, by, at).await?;
    Ok(())
}

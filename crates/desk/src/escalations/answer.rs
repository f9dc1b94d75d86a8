//! The answer: what is approved, decided anew with the authority of the one who answers, and the feedback that belongs to it.

use charter::Charter;
use charter::decide::Outcome;
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::Tx;
use platform::texts;

use super::commands::{found, held, named, refused, serving};
use super::follow::tell;
use super::model::{Answer, EscalationError, EscalationEvent, EscalationId, EscalationRow, ItemRow, Standing, State};
use super::passing;
use super::store::{self, Reply};
use crate::asker::{Asker, Kind};
use crate::cases::CaseRow;
use crate::charters::{self, Charters};
use crate::deciding::{Decided, Held, Situation, situation};
use crate::grants::{self, Approved, GrantId, Terms};

/// What somebody of the group decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it.
    Give,
    /// So much of each, as people write it, in the order asked for; nothing for what is not given. Of none more than was asked for, and not all of it.
    Less(Vec<Option<String>>),
    /// Nothing of it.
    No,
}

/// What the one who raised it hears.
#[derive(Clone, Debug)]
pub struct Feedback {
    /// Why it was decided so.
    pub words: String,
    /// The rule by which they could have decided it themselves; nothing if they could not.
    pub rule: Option<String>,
    /// Until when what is approved can be given.
    pub until: Instant,
    /// Whether others may go by it, should it be an exception.
    pub kept: Keeping,
}

/// What is said of an exception: whether others may go by it. Only what is decided says whether it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing: it is none.
    Unsaid,
    /// It is one, and stands so.
    Is(Standing),
    /// Should it be one, it stands so; else this says nothing.
    Should(Standing),
}

impl Keeping {
    /// How an exception stands; nothing of what a rule covers.
    fn of(self, is_exception: bool) -> Result<Option<Standing>, EscalationError> {
        match (self, is_exception) {
            (Self::Is(standing) | Self::Should(standing), true) => Ok(Some(standing)),
            (Self::Unsaid | Self::Should(_), false) => Ok(None),
            (Self::Unsaid, true) => Err(EscalationError::Kept),
            (Self::Is(_), false) => Err(EscalationError::NoException),
        }
    }
}

/// What was decided, and the approvals that came of it, in the order asked for.
pub type Answered = (Answer, Vec<GrantId>);

/// Answers what was passed up: once, by one of the group, with what the one who raised it hears. Approving decides anew, with the level and the facts of the one
/// who approves, and reserves the room of what is approved.
///
/// # Errors
/// [`EscalationError::NotRaised`] for what the one who answers may not give either; [`EscalationError::Own`]; [`EscalationError::Taken`];
/// [`EscalationError::CannotMove`]; [`EscalationError::NoRule`]; [`EscalationError::Amounts`]; [`EscalationError::NotLess`]; [`EscalationError::Kept`];
/// [`EscalationError::NoException`].
pub async fn answer(
    tx: &mut Tx,
    known: &Charters,
    id: EscalationId,
    (verdict, feedback): (&Verdict, &Feedback),
    asker: &Asker,
    clock: impl Into<Clock>,
) -> Result<Answered, EscalationError> {
    let clock = clock.into();
    if asker.kind != Kind::Person {
        return Err(EscalationError::NotForPrograms);
    }
    let (row, case) = held(tx, id).await?;
    may_answer(&row, &asker.actor())?;
    has_rule(tx, known, feedback.rule.as_deref()).await?;
    let items = store::items(tx, id).await?;
    // Of what the customer has given up nothing is given.
    let wanted = if row.state == State::Withdrawn { Vec::new() } else { wanted(verdict, &items)? };
    let mut at = clock.now();
    let (mut decided_now, mut kept) = (None, None);
    if !wanted.is_empty() {
        if !case.state.takes_grants() {
            return Err(case.state.into());
        }
        let mut now = deciding_as(tx, known, &case, (&row.group, &wanted), asker, clock).await?;
        at = now.at;
        let approved = decided(&mut now, &row.group, &wanted)?;
        kept = feedback.kept.of(approved.iter().any(|one| one.decided.answer.outcome == Outcome::Exception))?;
        decided_now = Some((now, approved));
    }
    let words = texts::keep(tx, &feedback.words, at).await?;
    let approvals = match decided_now {
        Some((mut now, approved)) => {
            let terms = Terms { until: feedback.until.max(at + 1), why: Some(words.text) };
            grants::approve(tx, &case, &mut now, &approved, &asker.actor(), terms).await?
        }
        None => Vec::new(),
    };
    let answer = match (row.state, verdict) {
        (State::Withdrawn, _) => Answer::None,
        (_, Verdict::Give) => Answer::Given,
        (_, Verdict::Less(_)) => Answer::Less,
        (_, Verdict::No) => Answer::No,
    };
    let reply = Reply { answer, words: words.text, rule: feedback.rule.as_deref(), kept };
    if !store::answer(tx, &row, &asker.actor(), &reply, at).await? {
        return Err(refused(found(tx, id).await?, &asker.actor()));
    }
    for ((item, _), grant) in wanted.iter().zip(&approvals) {
        store::approve(tx, id, item.place, *grant).await?;
    }
    passing::stop_waiting(tx, id).await?;
    let told = EscalationEvent::EscalationAnswered { case: row.case, escalation: id, group: row.group, answer, note: words, rule: feedback.rule.clone(), kept };
    tell(tx, &told, &asker.actor(), at).await?;
    Ok((answer, approvals))
}

fn may_answer(row: &EscalationRow, by: &Actor) -> Result<(), EscalationError> {
    if row.raiser == *by {
        return Err(EscalationError::Own);
    }
    match &row.taken_by {
        _ if !row.state.is_owed() => Err(EscalationError::CannotMove(row.state)),
        Some(other) if other != by => Err(EscalationError::Taken(other.clone())),
        _ => Ok(()),
    }
}

/// The rule that is named is one of the charter in force that allows something.
async fn has_rule(tx: &mut Tx, known: &Charters, rule: Option<&str>) -> Result<(), EscalationError> {
    let Some(rule) = rule else { return Ok(()) };
    let in_force = charters::in_force(tx, known).await?;
    if in_force.is_some_and(|in_force| in_force.charter.allows().any(|allow| *allow.id == *rule)) {
        Ok(())
    } else {
        Err(EscalationError::NoRule(rule.to_owned()))
    }
}

/// Each item that is to be approved, with its amount.
fn wanted<'a>(verdict: &Verdict, items: &'a [ItemRow]) -> Result<Vec<(&'a ItemRow, Option<String>)>, EscalationError> {
    match verdict {
        Verdict::No => Ok(Vec::new()),
        Verdict::Give => Ok(items.iter().map(|item| (item, item.digits())).collect()),
        Verdict::Less(amounts) if amounts.len() != items.len() => Err(EscalationError::Amounts(amounts.len())),
        Verdict::Less(amounts) => {
            let some: Vec<_> = items.iter().zip(amounts).filter_map(|(item, amount)| Some((item, amount.as_deref()?))).collect();
            let less = |(item, amount): &(&'a ItemRow, &str)| match item.units {
                None => Some((*item, None)),
                Some(asked) => {
                    let units = item.counted.units(amount).filter(|units| (1..=asked).contains(units))?;
                    Some((*item, Some(item.counted.amount(units).text().to_owned())))
                }
            };
            let wanted = some.iter().map(less).collect::<Option<Vec<_>>>().unwrap_or_default();
            let is_all = wanted.len() == items.len() && wanted.iter().all(|(item, amount)| *amount == item.digits());
            match () {
                () if wanted.is_empty() => Err(EscalationError::Amounts(some.len())),
                () if is_all => Err(EscalationError::NotLess),
                () => Ok(wanted),
            }
        }
    }
}

/// What is so now, for one who decides as the group.
async fn deciding_as(
    tx: &mut Tx,
    known: &Charters,
    case: &CaseRow,
    (group, wanted): (&str, &[(&ItemRow, Option<String>)]),
    asker: &Asker,
    clock: Clock,
) -> Result<Situation, EscalationError> {
    let asked: Vec<(&str, Option<&str>)> = wanted.iter().map(|(item, _)| (item.remedy.as_str(), item.reason.as_deref())).collect();
    charters::stays(tx).await?;
    let mut now = situation(tx, known, case, asker, Held::By(&asked), clock).await?;
    if now.in_force.charter.groups.iter().any(|known| *known.id == *group) {
        now.decide_as(group);
    }
    Ok(now)
}

/// Decides item by item, each counting those before it.
fn decided(now: &mut Situation, group: &str, wanted: &[(&ItemRow, Option<String>)]) -> Result<Vec<Approved>, EscalationError> {
    let (charter, at) = (now.in_force.charter.clone(), now.at);
    let mut approved = Vec::with_capacity(wanted.len());
    for (place, (item, amount)) in wanted.iter().enumerate() {
        let decided = now.decide(&item.remedy, item.reason.as_deref(), amount.as_deref());
        let line = decided.request.as_ref().and_then(|request| request.line(&charter));
        match line.zip(grants::counts(&charter, &item.remedy)).filter(|_| may_give(&charter, &decided, group)) {
            Some((line, counted)) => {
                now.given(&line, at);
                approved.push(Approved { decided, line, counted });
            }
            None => return Err(EscalationError::NotRaised { item: place, answer: Box::new(decided.answer) }),
        }
    }
    Ok(approved)
}

/// Whether it is theirs to give: allowed, or an exception that the group may make, for one with its level, and nothing that binds them is in the way of.
fn may_give(charter: &Charter, decided: &Decided, group: &str) -> bool {
    match decided.answer.outcome {
        Outcome::Allowed | Outcome::AllowedSayWhy => true,
        Outcome::Exception => {
            let level = decided.request.as_ref().map(|request| request.level);
            decided.answer.rules.is_empty() && serving(charter, decided).iter().any(|to| named(charter, to) == group && level >= Some(to.level))
        }
        _ => false,
    }
}

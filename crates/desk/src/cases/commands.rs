use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::id::Id;
use platform::texts;

use super::model::{CaseEvent, CaseId, CaseRow, Move, State};
use super::store;
use crate::asker::{Asker, Kind};
use crate::subjects::{self, FactRow, Standing, SubjectId};

/// What a case is opened with. Only the channel must be there.
#[derive(Clone, Debug, Default)]
pub struct NewCase {
    /// How the customer reached us.
    pub channel: String,
    /// What it is about.
    pub title: Option<String>,
    /// The kind of trouble.
    pub issue: Option<String>,
    /// Whose it is.
    pub customer: Option<SubjectId>,
    /// What else it is about: a subject of each kind at most.
    pub about: Vec<(String, SubjectId)>,
    /// What we promised.
    pub offering: Option<Id>,
    /// Who works on it.
    pub owner: Option<Id>,
    /// Which team it belongs to.
    pub team: Option<Id>,
    /// The system it comes from, and its name there: a second one of the same name is not opened.
    pub source: Option<String>,
    /// See `source`.
    pub reference: Option<String>,
}

/// Why something could not be done with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseError {
    /// There is none.
    NotFound,
    /// It stands where this move cannot be made.
    CannotMove {
        /// Where it stands.
        state: State,
        /// What was wanted.
        by: Move,
    },
    /// An AI agent may not confirm a fact.
    MayNotConfirm,
    /// The case is not about such a subject.
    NotAbout(String),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for CaseError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for CaseError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// Opens a case, and gives its number.
///
/// # Errors
/// [`CaseError::Db`], which is refused when another case has its source and name.
pub async fn open(tx: &mut Tx, new: &NewCase, by: &Actor, at: Instant) -> Result<i64, CaseError> {
    let id = CaseId::new(at);
    let number = store::insert(tx, id, new, at).await?;
    for (kind, subject) in &new.about {
        store::link(tx, id, kind, *subject).await?;
    }
    let opened = CaseEvent::CaseOpened { case: id, channel: new.channel.clone(), issue: new.issue.clone() };
    events::append(tx, &opened, by, at).await?;
    if let Some(owner) = new.owner {
        events::append(tx, &CaseEvent::CaseAssigned { case: id, owner: Some(owner.to_string()) }, by, at).await?;
    }
    Ok(number)
}

/// Moves a case on. When two do at once, the second is told where it stands.
///
/// # Errors
/// [`CaseError::CannotMove`].
pub async fn move_on(tx: &mut Tx, case: &CaseRow, by: Move, actor: &Actor, at: Instant) -> Result<State, CaseError> {
    let cannot = |state| CaseError::CannotMove { state, by };
    let state = case.state.after(by).ok_or_else(|| cannot(case.state))?;
    if !store::move_on(tx, case.id, case.state, state, at).await? {
        let now = store::by_id(tx, case.id).await?.ok_or(CaseError::NotFound)?;
        return Err(cannot(now.state));
    }
    let moved = CaseEvent::CaseMoved { case: case.id, by, state, owner: case.owner.map(|o| o.to_string()) };
    events::append(tx, &moved, actor, at).await?;
    Ok(state)
}

/// Gives a case to somebody, or puts it back.
///
/// # Errors
/// [`CaseError::Db`].
pub async fn assign(tx: &mut Tx, case: &CaseRow, owner: Option<Id>, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    if case.owner != owner {
        store::assign(tx, case.id, owner).await?;
        events::append(tx, &CaseEvent::CaseAssigned { case: case.id, owner: owner.map(|o| o.to_string()) }, actor, at).await?;
    }
    Ok(())
}

/// Writes a note into the timeline.
///
/// # Errors
/// [`CaseError::Db`].
pub async fn note(tx: &mut Tx, case: &CaseRow, text: &str, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    let note = texts::keep(tx, text, at).await?;
    events::append(tx, &CaseEvent::CaseNoted { case: case.id, note }, actor, at).await?;
    Ok(())
}

/// Says what is so: `fact` is `subject.fact`, `value` as a request writes it. What a person says, they confirm; what an AI agent says is stated.
///
/// # Errors
/// [`CaseError::NotAbout`] when the case has no such subject; [`CaseError::MayNotConfirm`] when an AI agent wants its word to count.
pub async fn state_fact(
    tx: &mut Tx,
    case: &CaseRow,
    fact: &str,
    value: &serde_json::Value,
    personal: bool,
    asker: &Asker,
    at: Instant,
) -> Result<(), CaseError> {
    let (standing, level) = match asker.kind {
        Kind::Person => (Standing::Person, Some(asker.level.clone())),
        Kind::Ai => (Standing::Stated, None),
    };
    say(tx, case, fact, value, personal, &Saying { actor: asker.actor(), standing, level }, at).await
}

/// Somebody's word, and what it is worth.
#[derive(Clone, Debug)]
pub struct Saying {
    /// Who says so.
    pub actor: Actor,
    /// What their word is worth.
    pub standing: Standing,
    /// The level of a person.
    pub level: Option<String>,
}

/// Says what is so, with a word that is worth what it says.
///
/// # Errors
/// [`CaseError::NotAbout`] when the case has no such subject; [`CaseError::MayNotConfirm`] when a mere statement would take away what was confirmed.
pub async fn say(tx: &mut Tx, case: &CaseRow, fact: &str, value: &serde_json::Value, personal: bool, saying: &Saying, at: Instant) -> Result<(), CaseError> {
    let subject = subject_of(tx, case, fact).await?;
    let Saying { actor, standing, level } = saying.clone();
    if standing == Standing::Stated {
        // What was only said does not take away what a person or a system has confirmed.
        let known = subjects::fact(tx, &subject, fact).await?;
        if known.is_some_and(|k| k.standing != Standing::Stated) {
            return Err(CaseError::MayNotConfirm);
        }
    }
    let row = FactRow { name: fact.to_owned(), value: value.to_string(), standing, level, actor: actor.clone(), at };
    subjects::keep_fact(tx, &subject, &row).await?;
    let shown = (!personal).then(|| row.value.clone());
    let stated = CaseEvent::FactStated { case: case.id, fact: fact.to_owned(), value: shown, confirmed: standing != Standing::Stated };
    events::append(tx, &stated, &actor, at).await?;
    Ok(())
}

/// Whose fact it is: the case's own, or of what the case is about.
async fn subject_of(tx: &mut Tx, case: &CaseRow, fact: &str) -> Result<Id, CaseError> {
    let kind = fact.split_once('.').map_or("", |(kind, _)| kind);
    if kind == "case" {
        return Ok(case.id.0);
    }
    if kind == "customer"
        && let Some(customer) = case.customer
    {
        return Ok(customer.0);
    }
    let about = store::about(tx, case.id).await?;
    about.into_iter().find(|(of, ..)| of == kind).map(|(_, subject, _)| subject.0).ok_or_else(|| CaseError::NotAbout(kind.to_owned()))
}

use access::people::{self, StaffId};
use charter::facts::{Confirm, Fact};
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::id::Id;
use platform::limits::CASE_SUBJECTS;
use platform::texts;

use super::model::{CaseEvent, CaseId, CaseRow, Move, State};
use super::store;
use crate::asker::{Asker, Kind};
use crate::grants;
use crate::offerings::{self, OfferingId};
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
    pub offering: Option<OfferingId>,
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
    /// A system has said what is so.
    SystemSaysOtherwise,
    /// The case is not about such a subject.
    NotAbout(String),
    /// No case can be about such a thing.
    NoKind(String),
    /// It is about as many things as a case can be about.
    AboutTooMuch,
    /// What the case is about, of this kind, is another customer's.
    OfAnotherCustomer(String),
    /// There is nobody of this id, or they are disabled.
    NobodyThere,
    /// There is no such offering.
    NoOffering,
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
    // Whoever is erased or merged meanwhile has this case too.
    tx.hold(&new.customer.map(subjects::held).into_iter().collect::<Vec<_>>()).await?;
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

/// What is held while something is given in a case, said about it, or done with where it stands.
#[must_use]
pub fn held(number: i64) -> String {
    format!("case {number}")
}

/// Moves a case on. When two do at once, the second is told where it stands.
///
/// # Errors
/// [`CaseError::CannotMove`].
pub async fn move_on(tx: &mut Tx, case: &CaseRow, by: Move, actor: &Actor, at: Instant) -> Result<State, CaseError> {
    tx.hold(&[held(case.number)]).await?;
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
/// [`CaseError::NobodyThere`].
pub async fn assign(tx: &mut Tx, case: &CaseRow, owner: Option<Id>, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    if case.owner == owner {
        return Ok(());
    }
    if let Some(id) = owner
        && people::find(tx, StaffId(id)).await?.is_none_or(|staff| staff.disabled_at.is_some())
    {
        return Err(CaseError::NobodyThere);
    }
    store::assign(tx, case.id, owner).await?;
    events::append(tx, &CaseEvent::CaseAssigned { case: case.id, owner: owner.map(|o| o.to_string()) }, actor, at).await?;
    Ok(())
}

/// The customer heard from somebody here. Says whether for the first time: only that is noted.
///
/// # Errors
/// [`CaseError::Db`].
pub async fn answer(tx: &mut Tx, case: &CaseRow, actor: &Actor, at: Instant) -> Result<bool, CaseError> {
    let is_first = store::answer(tx, case.id, at).await?;
    if is_first {
        events::append(tx, &CaseEvent::CaseAnswered { case: case.id, owner: case.owner.map(|o| o.to_string()) }, actor, at).await?;
    }
    Ok(is_first)
}

/// Says what kind of trouble a case is about (an id of the charter), or that it is not known.
///
/// # Errors
/// [`CaseError::Db`].
pub async fn choose_issue(tx: &mut Tx, case: &CaseRow, issue: Option<&str>, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    tx.hold(&[held(case.number)]).await?;
    if current(tx, case).await?.issue.as_deref() != issue {
        store::set_issue(tx, case.id, issue).await?;
        events::append(tx, &CaseEvent::IssueChosen { case: case.id, issue: issue.map(str::to_owned) }, actor, at).await?;
    }
    Ok(())
}

/// Says what we promised, by the offering's name in addresses; nothing if it is none.
///
/// # Errors
/// [`CaseError::NoOffering`].
pub async fn choose_offering(tx: &mut Tx, case: &CaseRow, slug: Option<&str>, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    let offering = match slug {
        Some(slug) => Some(offerings::by_slug(tx, slug).await?.ok_or(CaseError::NoOffering)?.id),
        None => None,
    };
    tx.hold(&[held(case.number)]).await?;
    if current(tx, case).await?.offering != offering {
        store::set_offering(tx, case.id, offering).await?;
        events::append(tx, &CaseEvent::OfferingChosen { case: case.id, offering: offering.map(|o| o.to_string()) }, actor, at).await?;
    }
    Ok(())
}

/// Whether a case can be about a thing of this kind (a customer is one).
pub(super) fn is_kind(kind: &str) -> bool {
    let is_word = kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    is_word && (1..=64).contains(&kind.len()) && !["case", "request", "staff"].contains(&kind)
}

/// Says what a case is about: the thing of this kind with this name where it comes from, in place of the one before it. What is not known yet is made. A case
/// without a customer is that of whoever the thing belongs to.
///
/// # Errors
/// [`CaseError::NoKind`]; [`CaseError::AboutTooMuch`]; [`CaseError::OfAnotherCustomer`] when customer and order would not fit each other.
pub async fn link(tx: &mut Tx, case: &CaseRow, kind: &str, reference: &str, actor: &Actor, at: Instant) -> Result<SubjectId, CaseError> {
    if !is_kind(kind) {
        return Err(CaseError::NoKind(kind.to_owned()));
    }
    tx.hold(&[held(case.number), format!("subject {kind} {reference}")]).await?;
    let case = current(tx, case).await?;
    if kind == "customer" {
        let customer = subjects::keep_subject(tx, kind, reference, None, at).await?;
        set_customer(tx, &case, customer, actor, at).await?;
        return Ok(customer);
    }
    let about = store::about(tx, case.id).await?;
    if about.len() >= CASE_SUBJECTS && about.iter().all(|(of, ..)| of != kind) {
        return Err(CaseError::AboutTooMuch);
    }
    let subject = match subjects::find(tx, kind, reference).await? {
        Some(row) => {
            match (row.customer, case.customer) {
                (Some(theirs), Some(ours)) if theirs != ours => return Err(CaseError::OfAnotherCustomer(kind.to_owned())),
                (Some(theirs), None) => set_customer(tx, &case, theirs, actor, at).await?,
                _ => {}
            }
            row.id
        }
        None => subjects::keep_subject(tx, kind, reference, case.customer, at).await?,
    };
    if about.iter().all(|(_, known, _)| *known != subject) {
        store::link(tx, case.id, kind, subject).await?;
        grants::count_under(tx, case.id, kind, reference, actor, at).await?;
        events::append(tx, &CaseEvent::CaseLinked { case: case.id, kind: kind.to_owned(), subject }, actor, at).await?;
    }
    Ok(subject)
}

/// A customer who fits everything else that the case is about.
async fn set_customer(tx: &mut Tx, case: &CaseRow, customer: SubjectId, actor: &Actor, at: Instant) -> Result<(), CaseError> {
    if case.customer == Some(customer) {
        return Ok(());
    }
    tx.hold(&[subjects::held(customer)]).await?;
    let row = subjects::read(tx, customer).await?.ok_or(CaseError::NotFound)?;
    // Merged while this waited: it is tried again.
    if row.merged_into.is_some() {
        return Err(DbError::Contended.into());
    }
    for (kind, subject, _) in store::about(tx, case.id).await? {
        let of = subjects::read(tx, subject).await?.and_then(|row| row.customer);
        if of.is_some_and(|of| of != customer) {
            return Err(CaseError::OfAnotherCustomer(kind));
        }
    }
    store::set_customer(tx, case.id, Some(customer)).await?;
    grants::home(tx, case.id, customer).await?;
    grants::count_under(tx, case.id, "customer", &row.reference, actor, at).await?;
    events::append(tx, &CaseEvent::CaseLinked { case: case.id, kind: "customer".to_owned(), subject: customer }, actor, at).await?;
    Ok(())
}

/// Says that a case is not about a thing of this kind. Says whether it was until now. What was given stays with the customer it was given to.
///
/// # Errors
/// [`CaseError::Db`].
pub async fn unlink(tx: &mut Tx, case: &CaseRow, kind: &str, actor: &Actor, at: Instant) -> Result<bool, CaseError> {
    tx.hold(&[held(case.number)]).await?;
    let case = current(tx, case).await?;
    let subject = if kind == "customer" {
        case.customer
    } else {
        store::about(tx, case.id).await?.into_iter().find(|(of, ..)| of == kind).map(|(_, subject, _)| subject)
    };
    let Some(subject) = subject else { return Ok(false) };
    if kind == "customer" {
        store::set_customer(tx, case.id, None).await?;
    } else {
        store::unlink(tx, case.id, kind).await?;
    }
    events::append(tx, &CaseEvent::CaseUnlinked { case: case.id, kind: kind.to_owned(), subject }, actor, at).await?;
    Ok(true)
}

/// The case as it is now that its name is held.
async fn current(tx: &mut Tx, case: &CaseRow) -> Result<CaseRow, CaseError> {
    store::by_id(tx, case.id).await?.ok_or(CaseError::NotFound)
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
    declared: &Declared,
    asker: &Asker,
    at: Instant,
) -> Result<(), CaseError> {
    let (standing, level) = match asker.kind {
        Kind::Person => (Standing::Person, Some(asker.level.clone())),
        Kind::Ai => (Standing::Stated, None),
    };
    say(tx, case, fact, value, declared, &Saying { actor: asker.actor(), standing, level }, at).await
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

/// What the charter in force declares of a fact, as far as it matters to who may say something about it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Whether it can be erased.
    pub is_personal: bool,
    /// Whether a system's word is enough.
    pub takes_systems: bool,
    /// The age past which it is unknown again, in microseconds.
    pub fresh: Option<i64>,
}

impl Declared {
    /// What a charter declares of a fact.
    #[must_use]
    pub fn of(fact: &Fact) -> Self {
        Self { is_personal: fact.personal, takes_systems: matches!(fact.confirm, None | Some(Confirm::System)), fresh: fact.fresh }
    }

    /// Whether a person may say otherwise: not while the rules go by what a system has said.
    pub(crate) fn lets_change(&self, word: &FactRow, at: Instant) -> bool {
        word.standing != Standing::System || !self.goes_by(word, at)
    }

    /// Whether the rules go by a word of a system.
    fn goes_by(&self, word: &FactRow, at: Instant) -> bool {
        self.takes_systems && self.fresh.is_none_or(|span| at - word.at <= span)
    }
}

/// Says what is so, with a word that is worth what it says.
///
/// # Errors
/// [`CaseError::NotAbout`] when the case has no such subject; [`CaseError::MayNotConfirm`] when a mere statement would take away what was confirmed;
/// [`CaseError::SystemSaysOtherwise`] when a person's word would take away a system's.
pub async fn say(
    tx: &mut Tx,
    case: &CaseRow,
    fact: &str,
    value: &serde_json::Value,
    declared: &Declared,
    saying: &Saying,
    at: Instant,
) -> Result<(), CaseError> {
    let subject = subject_of(tx, case, fact).await?;
    let Saying { actor, standing, level } = saying.clone();
    tx.hold(&[held(case.number), format!("facts of {subject}")]).await?;
    let known = subjects::fact(tx, &subject, fact).await?;
    match &known {
        // What was only said does not take away what a person or a system has confirmed.
        Some(word) if standing == Standing::Stated && word.standing != Standing::Stated => return Err(CaseError::MayNotConfirm),
        // Nor does a person's word take away a system's, as long as the rules go by that: nobody types their own limits.
        Some(word) if standing == Standing::Person && !declared.lets_change(word, at) => {
            return Err(CaseError::SystemSaysOtherwise);
        }
        _ => {}
    }
    let row = FactRow { name: fact.to_owned(), value: value.to_string(), standing, level, actor: actor.clone(), at };
    subjects::keep_fact(tx, &subject, &row).await?;
    let shown = (!declared.is_personal).then(|| row.value.clone());
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

//! What was read is kept: some hundred rows in one transaction.

use charter::time::Instant;
use desk::cases::{self, CaseError, CaseRow, Move, NewCase, State};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::Actor;
use platform::db::{DbError, Tx};

use super::Kind;
use super::plan::Plan;
use super::rows::{Parsed, ParsedCase};

/// What came of the rows that were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
}

/// What came of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Added,
    Changed,
    Unchanged,
}

impl Came {
    fn changed_if(changed: bool) -> Self {
        if changed { Self::Changed } else { Self::Unchanged }
    }

    fn and(self, changed: bool) -> Self {
        if self == Self::Unchanged { Self::changed_if(changed) } else { self }
    }
}

/// Keeps rows.
pub(super) async fn keep(tx: &mut Tx, plan: &Plan, rows: &[Parsed], at: Instant) -> Result<Kept, DbError> {
    let keeper = Keeper { plan, by: Actor::Source(plan.map.source.clone()), at };
    let mut kept = Kept::default();
    for row in rows {
        let came = match plan.of {
            Kind::Customers => keeper.customer(tx, row).await?,
            Kind::Orders => keeper.order(tx, row).await?,
            Kind::Cases => keeper.case(tx, row).await?,
        };
        match came {
            Came::Added => kept.added += 1,
            Came::Changed => kept.changed += 1,
            Came::Unchanged => kept.unchanged += 1,
        }
    }
    Ok(kept)
}

struct Keeper<'p> {
    plan: &'p Plan,
    by: Actor,
    at: Instant,
}

/// Whose facts are kept, and what may be kept of them.
#[derive(Clone, Copy)]
struct Whose {
    subject: SubjectId,
    /// They wanted to be forgotten: nothing personal is kept again.
    is_erased: bool,
    /// They became another one, whose own facts are not touched.
    is_merged: bool,
}

impl Keeper<'_> {
    async fn customer(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let before = subjects::find(tx, "customer", &row.reference).await?;
        let subject = subjects::keep_subject(tx, "customer", &row.reference, None, self.at).await?;
        let is_merged = before.as_ref().is_some_and(|before| before.merged_into.is_some());
        let whose = Whose { subject, is_erased: subjects::is_erased(tx, subject).await?, is_merged };
        let came = if before.is_none() { Came::Added } else { Came::Unchanged };
        let who = if whose.is_erased || is_merged { false } else { self.who(tx, subject, &row.who).await? };
        let facts = self.facts(tx, "customer", whose, row).await?;
        Ok(came.and(who || facts))
    }

    /// Who they are, as far as the row says it; what it leaves out stays. Says whether anything is new.
    async fn who(&self, tx: &mut Tx, id: SubjectId, new: &Customer) -> Result<bool, DbError> {
        let known = subjects::customer(tx, id).await?;
        let old = known.clone().unwrap_or_default();
        let or = |new: &Option<String>, old: Option<String>| new.clone().or(old);
        let now = Customer {
            name: or(&new.name, old.name),
            email: or(&new.email, old.email),
            phone: or(&new.phone, old.phone),
            locale: or(&new.locale, old.locale),
            contact: or(&new.contact, old.contact),
        };
        let differs = known.unwrap_or_default() != now;
        if differs {
            subjects::keep_customer(tx, id, &now, self.at).await?;
        }
        Ok(differs)
    }

    /// The customer of an order or a case, with what the row says about them.
    async fn theirs(&self, tx: &mut Tx, row: &Parsed) -> Result<(Option<Whose>, bool), DbError> {
        let Some(reference) = &row.customer else { return Ok((None, false)) };
        let before = subjects::find(tx, "customer", reference).await?;
        let is_merged = before.is_some_and(|before| before.merged_into.is_some());
        let subject = subjects::keep_subject(tx, "customer", reference, None, self.at).await?;
        let whose = Whose { subject, is_erased: subjects::is_erased(tx, subject).await?, is_merged };
        let changed = self.facts(tx, "customer", whose, row).await?;
        Ok((Some(whose), changed))
    }

    async fn order(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let kind = self.plan.order_kind();
        let (customer, mut changed) = self.theirs(tx, row).await?;
        let before = subjects::find(tx, kind, &row.reference).await?;
        let owner = customer.map(|c| c.subject);
        let subject = subjects::keep_subject(tx, kind, &row.reference, owner, self.at).await?;
        changed |= before.as_ref().is_some_and(|before| owner.is_some() && before.customer != owner);
        let whose = Whose { subject, is_erased: customer.is_some_and(|c| c.is_erased), is_merged: false };
        changed |= self.facts(tx, kind, whose, row).await?;
        let came = if before.is_none() { Came::Added } else { Came::Unchanged };
        Ok(came.and(changed))
    }

    async fn case(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let (customer, mut changed) = self.theirs(tx, row).await?;
        let is_erased = customer.is_some_and(|c| c.is_erased);
        let mut about = Vec::with_capacity(row.about.len());
        for (kind, reference) in &row.about {
            let subject = subjects::keep_subject(tx, kind, reference, customer.map(|c| c.subject), self.at).await?;
            changed |= self.facts(tx, kind, Whose { subject, is_erased, is_merged: false }, row).await?;
            about.push((kind.clone(), subject));
        }
        let before = cases::by_reference(tx, &self.plan.map.source, &row.reference).await?;
        let came = if before.is_none() { Came::Added } else { Came::Unchanged };
        let case = match (before, &row.case) {
            (Some(case), _) => case,
            (None, Some(new)) => self.open(tx, row, new, customer, about).await.map_err(refused)?,
            (None, None) => return Ok(came),
        };
        changed |= self.facts(tx, "case", Whose { subject: SubjectId(case.id.0), is_erased, is_merged: false }, row).await?;
        Ok(came.and(changed))
    }

    /// Opens a case as it was opened elsewhere, and moves it to where it stands there.
    async fn open(&self, tx: &mut Tx, row: &Parsed, new: &ParsedCase, customer: Option<Whose>, about: Vec<(String, SubjectId)>) -> Result<CaseRow, CaseError> {
        let opened = new.opened.unwrap_or(self.at);
        let case = NewCase {
            channel: new.channel.clone(),
            title: new.title.clone().filter(|_| customer.is_none_or(|c| !c.is_erased)),
            issue: new.issue.clone(),
            customer: customer.map(|c| c.subject),
            about,
            source: Some(self.plan.map.source.clone()),
            reference: Some(row.reference.clone()),
            ..NewCase::default()
        };
        let number = cases::open(tx, &case, &self.by, opened).await?;
        let moves: &[Move] = match new.state {
            State::Open => &[],
            State::Waiting => &[Move::Wait],
            State::Solved => &[Move::Solve],
            State::Closed => &[Move::Solve, Move::Close],
        };
        for by in moves {
            let now = cases::by_number(tx, number).await?.ok_or(CaseError::NotFound)?;
            cases::move_on(tx, &now, *by, &self.by, self.at.max(opened)).await?;
        }
        cases::by_number(tx, number).await?.ok_or(CaseError::NotFound)
    }

    /// Keeps what a row says about a subject, and tells whether it says anything new.
    async fn facts(&self, tx: &mut Tx, kind: &str, whose: Whose, row: &Parsed) -> Result<bool, DbError> {
        let mut changed = false;
        for (place, value) in &row.facts {
            let Some(fact) = self.plan.facts.get(*place).filter(|fact| fact.subject == kind) else { continue };
            if !(whose.is_erased && fact.personal) {
                changed |= self.fact(tx, whose, &fact.name, value, row.as_of.unwrap_or(self.at)).await?;
            }
        }
        Ok(changed)
    }

    /// Keeps the latest word on a fact. What a person said stays if it is the same or was said later; so does what another word said later.
    async fn fact(&self, tx: &mut Tx, whose: Whose, name: &str, value: &str, at: Instant) -> Result<bool, DbError> {
        let known = subjects::fact(tx, &whose.subject, name).await?;
        let differs = known.as_ref().is_none_or(|known| known.value != value);
        if let Some(known) = &known {
            let is_persons = known.standing == Standing::Person && !differs;
            if whose.is_merged || is_persons || known.at > at {
                return Ok(false);
            }
        }
        let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor: self.by.clone(), at };
        subjects::keep_fact(tx, &whose.subject, &row).await?;
        Ok(differs)
    }
}

/// A case that cannot be opened as the file says it was is a defect here: what a file can say was checked when it was read.
fn refused(e: CaseError) -> DbError {
    match e {
        CaseError::Db(e) => e,
        other => DbError::Defect(format!("a case was not kept: {other:?}")),
    }
}

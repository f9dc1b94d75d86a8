//! What was read is kept: some hundred rows in one transaction.

use charter::time::Instant;
use desk::cases::{self, CaseError, CaseRow, Move, NewCase, State};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::Actor;
use platform::db::{DbError, Tx};

use super::Kind;
use super::plan::{FactPlan, Plan};
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
    fn of(is_new: bool, changed: bool) -> Self {
        match (is_new, changed) {
            (true, _) => Self::Added,
            (false, true) => Self::Changed,
            (false, false) => Self::Unchanged,
        }
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
    /// Nobody had heard of it before.
    is_new: bool,
    /// They wanted to be forgotten: nothing personal is kept again.
    is_erased: bool,
    /// They became another one, whose own facts are not touched.
    is_merged: bool,
}

impl Keeper<'_> {
    /// A subject, and whether it went to another customer.
    async fn subject(&self, tx: &mut Tx, kind: &str, reference: &str, owner: Option<Whose>) -> Result<(Whose, bool), DbError> {
        let before = subjects::find(tx, kind, reference).await?;
        let to = owner.map(|owner| owner.subject);
        let moves = before.as_ref().is_some_and(|before| to.is_some() && before.customer != to);
        let subject = match &before {
            Some(known) if !moves => known.merged_into.unwrap_or(known.id),
            _ => subjects::keep_subject(tx, kind, reference, to, self.at).await?,
        };
        let is_erased = match owner {
            Some(owner) => owner.is_erased,
            None => kind == "customer" && before.is_some() && subjects::is_erased(tx, subject).await?,
        };
        let is_merged = before.as_ref().is_some_and(|before| before.merged_into.is_some());
        Ok((Whose { subject, is_new: before.is_none(), is_erased, is_merged }, moves))
    }

    async fn customer(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let (whose, _) = self.subject(tx, "customer", &row.reference, None).await?;
        let who = if whose.is_erased || whose.is_merged { false } else { self.who(tx, whose.subject, &row.who).await? };
        let facts = self.facts(tx, "customer", whose, row).await?;
        Ok(Came::of(whose.is_new, who || facts))
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
        let (whose, _) = self.subject(tx, "customer", reference, None).await?;
        let changed = self.facts(tx, "customer", whose, row).await?;
        Ok((Some(whose), changed))
    }

    async fn order(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let kind = self.plan.order_kind();
        let (customer, said) = self.theirs(tx, row).await?;
        let (whose, moved) = self.subject(tx, kind, &row.reference, customer).await?;
        let facts = self.facts(tx, kind, whose, row).await?;
        Ok(Came::of(whose.is_new, said || moved || facts))
    }

    async fn case(&self, tx: &mut Tx, row: &Parsed) -> Result<Came, DbError> {
        let (customer, mut changed) = self.theirs(tx, row).await?;
        let mut about = Vec::with_capacity(row.about.len());
        for (kind, reference) in &row.about {
            let (whose, moved) = self.subject(tx, kind, reference, customer).await?;
            changed |= self.facts(tx, kind, whose, row).await? || moved;
            about.push((kind.clone(), whose.subject));
        }
        let before = cases::by_reference(tx, &self.plan.map.source, &row.reference).await?;
        let is_new = before.is_none();
        let case = match (before, &row.case) {
            (Some(case), _) => case,
            (None, Some(new)) => self.open(tx, row, new, customer, about).await.map_err(refused)?,
            (None, None) => return Ok(Came::Unchanged),
        };
        let is_erased = customer.is_some_and(|c| c.is_erased);
        changed |= self.facts(tx, "case", Whose { subject: SubjectId(case.id.0), is_new, is_erased, is_merged: false }, row).await?;
        Ok(Came::of(is_new, changed))
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
        let fact = |(place, value): &(usize, String)| Some((self.plan.facts.get(*place)?, value.clone()));
        let told: Vec<(&FactPlan, String)> = row.facts.iter().filter_map(fact).filter(|(fact, _)| fact.subject == kind).collect();
        if told.is_empty() {
            return Ok(false);
        }
        let known = if whose.is_new { Vec::new() } else { subjects::facts_of(tx, &whose.subject).await? };
        let (mut changed, at) = (false, row.as_of.unwrap_or(self.at));
        for (fact, value) in told.into_iter().filter(|(fact, _)| !(whose.is_erased && fact.personal)) {
            let before = known.iter().find(|known| known.name == fact.name);
            if !self.is_news(fact, whose, before, &value, at) {
                continue;
            }
            changed |= before.is_none_or(|before| before.value != value);
            let row = FactRow { name: fact.name.clone(), value, standing: Standing::System, level: None, actor: self.by.clone(), at };
            subjects::keep_fact(tx, &whose.subject, &row).await?;
        }
        Ok(changed)
    }

    /// Whether a word on a fact is to be kept. What a person said stays if it is the same; what anybody said later stays. The same word again says
    /// something only about a fact that does not hold for ever.
    fn is_news(&self, fact: &FactPlan, whose: Whose, before: Option<&FactRow>, value: &str, at: Instant) -> bool {
        let Some(before) = before else { return true };
        if whose.is_merged || before.at > at {
            return false;
        }
        before.value != value
            || match before.standing {
                Standing::Person => false,
                Standing::System => fact.ages || before.actor != self.by,
                Standing::Stated => true,
            }
    }
}

/// A case that cannot be opened as the file says it was is a defect here: what a file can say was checked when it was read.
fn refused(e: CaseError) -> DbError {
    match e {
        CaseError::Db(e) => e,
        other => DbError::Defect(format!("a case was not kept: {other:?}")),
    }
}

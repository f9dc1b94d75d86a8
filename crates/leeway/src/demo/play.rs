//! The case that is played on the demo's first page, and how far it has come.

use access::{caller, people};
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, CaseRow, List};
use desk::grants::{self, GrantState};
use desk::subjects::SubjectRow;
use desk::{charters, escalations};
use platform::db::{DbError, Tx};

use super::company::{self, NotMade};
use super::story::{self, Company};

/// How far it has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) has_asked: bool,
    pub(super) is_answered: bool,
    /// Nothing more can be given in it.
    pub(super) is_over: bool,
    /// Another charter has come into force since.
    pub(super) is_pulled: bool,
    /// Something was approved in it and is not given yet: another charter would end that.
    pub(super) has_approval: bool,
}

/// The case that is played now: that of the latest order of those there are for it, whoever works on it; nothing if there is none.
pub(super) async fn current(tx: &mut Tx) -> Result<Option<CaseRow>, DbError> {
    let Some((SubjectRow { customer: Some(customer), .. }, _)) = company::played_last(tx).await? else { return Ok(None) };
    let rows = cases::list(tx, List::OfCustomer(customer), i64::MAX, 20).await?;
    Ok(rows.into_iter().find(|row| row.title.as_deref() == Some(story::PLAYED.title)))
}

pub(super) async fn progress(tx: &mut Tx, case: &CaseRow) -> Result<Progress, DbError> {
    let passed = escalations::of_case(tx, case.id, None, 20).await?;
    let charter = match charters::version_in_force(tx).await? {
        Some(version) => charters::summary(tx, version).await?,
        None => None,
    };
    let is_pulled = charter.and_then(|charter| charter.in_force_since).is_some_and(|since| since > case.opened_at);
    let is_answered = passed.iter().any(|row| row.outcome.is_some());
    let has_approval = grants::list_of_case(tx, case.id, i64::MAX, 20).await?.iter().any(|grant| grant.state == GrantState::Offered);
    Ok(Progress { has_asked: !passed.is_empty(), is_answered, is_over: !case.state.takes_grants(), is_pulled, has_approval })
}

/// Opens it anew: another customer with the same trouble, for whoever sits on the left.
pub(super) async fn begin(tx: &mut Tx, company: &Company, at: Instant) -> Result<(), NotMade> {
    let (_, times) = company::played_last(tx).await?.ok_or_else(|| NotMade::of("the case that is played"))?;
    let [agent, _] = company.seats;
    let agent = company.person(agent).ok_or_else(|| NotMade::of(agent))?;
    let staff = people::find_by_email(tx, agent.email).await?.ok_or_else(|| NotMade::of(agent.email))?;
    let caller = caller::of_staff(tx, staff, at).await?.ok_or_else(|| NotMade::of(agent.email))?;
    let team = caller.memberships().next().ok_or_else(|| NotMade::of("whose case it is"))?.team;
    let agent = Asker { staff: staff.0, level: agent.level.to_owned(), kind: Kind::Person };
    company::play(tx, company, times + 1, &agent, team.0, at).await
}

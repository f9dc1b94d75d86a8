//! The case that is played on the demo's first page, and how far it has come.

use access::people;
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, CaseRow, List, State};
use desk::{charters, escalations, subjects};
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
}

/// The case that is played now: the latest of its title; nothing if there is none.
pub(super) async fn current(tx: &mut Tx, company: &Company) -> Result<Option<CaseRow>, DbError> {
    let [agent, _] = company.seats;
    let email = company.person(agent).map_or("", |person| person.email);
    let Some(agent) = people::find_by_email(tx, email).await? else { return Ok(None) };
    let mut latest: Option<CaseRow> = None;
    for state in State::ALL {
        let rows = cases::list(tx, List::OfOwner(agent.0, state), i64::MAX, 20).await?;
        let found = rows.into_iter().find(|row| row.title.as_deref() == Some(story::PLAYED.title));
        latest = latest.into_iter().chain(found).max_by_key(|row| row.number);
    }
    Ok(latest)
}

pub(super) async fn progress(tx: &mut Tx, case: &CaseRow) -> Result<Progress, DbError> {
    let passed = escalations::of_case(tx, case.id, None, 20).await?;
    let charter = match charters::version_in_force(tx).await? {
        Some(version) => charters::summary(tx, version).await?,
        None => None,
    };
    let is_pulled = charter.and_then(|charter| charter.in_force_since).is_some_and(|since| since > case.opened_at);
    let is_answered = passed.iter().any(|row| row.outcome.is_some());
    Ok(Progress { has_asked: !passed.is_empty(), is_answered, is_over: !case.state.takes_grants(), is_pulled })
}

/// Opens it anew: another customer with the same trouble.
pub(super) async fn begin(tx: &mut Tx, company: &Company, at: Instant) -> Result<(), NotMade> {
    let before = current(tx, company).await?.ok_or_else(|| NotMade::of("the case that is played"))?;
    let (Some(owner), Some(team)) = (before.owner, before.team) else { return Err(NotMade::of("whose case it is")) };
    let mut times = 0;
    while subjects::find(tx, "order", &company::played(times)).await?.is_some() {
        times += 1;
    }
    let [agent, _] = company.seats;
    let level = company.person(agent).map_or("", |person| person.level).to_owned();
    company::play(tx, company, times, &Asker { staff: owner, level, kind: Kind::Person }, team, at).await
}

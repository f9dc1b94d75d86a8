//! Approvals: what somebody with more authority allows, decided and with its room reserved, to be given once by whoever works on the case.

use std::collections::HashMap;

use access::people::StaffId;
use charter::memory::Line;
use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{DbError, Tx};
use platform::events;
use platform::jobs::{self, NewJob};
use platform::texts::TextId;

use super::commands::{GrantError, SEND_JOB, is_beyond};
use super::model::{Counted, Ended, GrantEvent, GrantId, GrantRow, GrantState, OfferId};
use super::store::{self, New};
use super::{UNDO_MICROS, commands};
use crate::cases::{self, CaseRow};
use crate::charters::{self, Charters};
use crate::deciding::{self, Decided, Situation};

/// The job that takes an approval back that nobody used in time. Its key is the grant.
pub const LAPSE_JOB: &str = "lapse_approval";

/// Something to be approved, and what was decided about it.
pub(crate) struct Approved {
    pub(crate) decided: Decided,
    pub(crate) line: Line,
    pub(crate) counted: Counted,
}

/// Until when an approval holds, and why it was given.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) until: Instant,
    pub(crate) why: Option<TextId>,
}

/// Reserves the room of what was approved. All of it is decided before, in this transaction, with what it depends on held.
pub(crate) async fn approve(
    tx: &mut Tx,
    case: &CaseRow,
    now: &mut Situation,
    approved: &[Approved],
    approver: &Actor,
    terms: Terms,
) -> Result<Vec<GrantId>, GrantError> {
    let at = now.at;
    let adding = deciding::Adding::begin(tx).await?;
    let (offer, mut grants, mut lines) = (OfferId::new(at), Vec::with_capacity(approved.len()), Vec::with_capacity(approved.len()));
    for one in approved {
        // Those before it are steps by now.
        if !grants.is_empty() {
            now.upto = deciding::last_step(tx).await?;
        }
        let decision = deciding::record(tx, case.id, now, &one.decided, approver, at).await?;
        let id = GrantId::new(at);
        let state = GrantState::Offered;
        let new = New { id, offer, giver: approver, line: &one.line, counted: &one.counted, decision, why: terms.why, at, send_at: terms.until, state };
        let step = store::insert(tx, case, &new).await?;
        let Line { remedy, reason, units, .. } = one.line.clone();
        events::append(tx, &GrantEvent::GrantApproved { case: case.id, grant: id, remedy, reason, units, until: terms.until }, approver, at).await?;
        lapse_at(tx, id, terms.until, at).await?;
        grants.push(id);
        lines.push((&one.line, step));
    }
    adding.given(tx, &lines, at).await?;
    Ok(grants)
}

/// Gives what was approved: exactly that, once, until it lapses, and while the charter it was approved under is in force. Says until when it can be taken back,
/// which uses the approval up.
///
/// # Errors
/// [`GrantError::CannotMove`] when it was given or taken back before; [`GrantError::Lapsed`]; [`GrantError::OtherCharter`]; [`GrantError::CaseSettled`].
pub async fn give_approved(tx: &mut Tx, known: &Charters, id: GrantId, by: &Actor, clock: impl Into<Clock>) -> Result<Instant, GrantError> {
    let (grant, version) = store::approval(tx, id).await?.ok_or(GrantError::NotFound)?;
    let case = cases::by_id(tx, grant.case).await?.ok_or(GrantError::NotFound)?;
    tx.hold(&[cases::held(case.number)]).await?;
    let case = cases::by_id(tx, grant.case).await?.ok_or(GrantError::NotFound)?;
    let at = clock.into().now();
    if grant.state == GrantState::Offered {
        if !case.state.takes_grants() {
            return Err(GrantError::CaseSettled(case.state));
        }
        if grant.send_at <= at {
            return Err(GrantError::Lapsed);
        }
        if charters::in_force(tx, known).await?.is_none_or(|now| now.version != version) {
            return Err(GrantError::OtherCharter);
        }
    }
    let send_at = at + UNDO_MICROS;
    if !store::give_approved(tx, id, by, at, send_at).await? {
        return Err(GrantError::CannotMove(commands::found(tx, id).await?.state));
    }
    store::step(tx, id, GrantState::Granted, by, None, at).await?;
    let made = GrantEvent::GrantMade {
        case: case.id,
        grant: id,
        remedy: grant.remedy.clone(),
        reason: grant.reason.clone(),
        units: grant.units,
        said_why: false,
        approved_by: grant.giver.staff().map(StaffId),
    };
    events::append(tx, &made, by, at).await?;
    let no = store::refused(tx, &case, &grant.remedy).await?.filter(|no| no.by != *by && is_beyond(no, &grant.counted, grant.units));
    if let Some(first) = no.and_then(|no| no.by.staff()) {
        events::append(tx, &GrantEvent::NoExceeded { case: case.id, grant: id, first: first.to_string() }, by, at).await?;
    }
    let key = id.to_string();
    jobs::call_off(tx, LAPSE_JOB, &key).await?;
    jobs::enqueue(tx, &NewJob { kind: SEND_JOB, key: &key, payload: &format!("\"{key}\""), run_at: send_at }, at).await?;
    Ok(send_at)
}

/// Whether an approval can be given now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It can.
    Now,
    /// Its time is over.
    Lapsed,
    /// Another charter is in force than the one it was approved under.
    OtherCharter,
    /// Its case takes nothing more, as it stands.
    Settled(cases::State),
}

/// Which approvals can be given now, and why the others cannot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usable(HashMap<GrantId, Use>);

impl Usable {
    /// Whether this is an approval that can be given now.
    pub(crate) fn contains(&self, id: &GrantId) -> bool {
        self.of(id) == Some(Use::Now)
    }

    /// Whether it can be given; nothing of what is no approval that waits.
    pub(crate) fn of(&self, id: &GrantId) -> Option<Use> {
        self.0.get(id).copied()
    }
}

/// The approvals among some grants of these cases, and whether each can be given now, while this version of the charter is in force. It says what
/// [`give_approved`] would: what ends it for good comes before what may yet change.
pub(crate) async fn usable(tx: &mut Tx, given: &[GrantRow], cases: &[CaseRow], version: Option<i64>, at: Instant) -> Result<Usable, DbError> {
    let waiting: Vec<&GrantRow> = given.iter().filter(|grant| grant.state == GrantState::Offered).collect();
    let versions = deciding::versions(tx, &waiting.iter().map(|grant| grant.decision).collect::<Vec<_>>()).await?;
    let used = |grant: &GrantRow| {
        let case = cases.iter().find(|case| case.id == grant.case)?;
        Some(match case.state {
            _ if grant.send_at <= at => Use::Lapsed,
            _ if version.is_none() || versions.get(&grant.decision).copied() != version => Use::OtherCharter,
            state if !state.takes_grants() => Use::Settled(state),
            _ => Use::Now,
        })
    };
    Ok(Usable(waiting.into_iter().filter_map(|grant| Some((grant.id, used(grant)?))).collect()))
}

/// How many approvals still hold: each waits for its end.
pub(crate) async fn holding(tx: &mut Tx, at: Instant) -> Result<i64, DbError> {
    jobs::waiting(tx, LAPSE_JOB, at).await
}

/// Takes back what was approved and not given, so that its room is free again. Says whether it was still there.
///
/// # Errors
/// [`GrantError::NotFound`].
pub async fn take_back_approved(tx: &mut Tx, id: GrantId, by: &Actor, at: Instant) -> Result<bool, GrantError> {
    end(tx, id, Ended::TakenBack, by, at).await
}

async fn end(tx: &mut Tx, id: GrantId, how: Ended, by: &Actor, at: Instant) -> Result<bool, GrantError> {
    commands::found(tx, id).await?;
    deciding::hold_keys(tx, id.0).await?;
    let grant = commands::found(tx, id).await?;
    if grant.state != GrantState::Offered || !store::take_back_approved(tx, id, at).await? {
        return Ok(false);
    }
    jobs::call_off(tx, LAPSE_JOB, &id.to_string()).await?;
    let step = store::step(tx, id, GrantState::Withdrawn, by, None, at).await?;
    events::append(tx, &GrantEvent::ApprovalEnded { case: grant.case, grant: id, how }, by, at).await?;
    commands::touch(tx, grant.customer);
    deciding::taken_out(tx, id.0, step).await?;
    Ok(true)
}

/// Ends an approval that was not given in time, or that another charter than the one in force was gone by. One that is still good is looked at again when its
/// time is over: its job is to be taken out before, so that there can be another.
///
/// # Errors
/// [`GrantError::NotFound`].
pub async fn lapse(tx: &mut Tx, id: GrantId, at: Instant) -> Result<(), GrantError> {
    let (grant, version) = store::approval(tx, id).await?.ok_or(GrantError::NotFound)?;
    if grant.state != GrantState::Offered {
        return Ok(());
    }
    charters::stays(tx).await?;
    let how = match charters::version_in_force(tx).await? {
        _ if grant.send_at <= at => Ended::Lapsed,
        Some(in_force) if in_force == version => return Ok(lapse_at(tx, id, grant.send_at, at).await?),
        _ => Ended::Outdated,
    };
    end(tx, id, how, &Actor::System, at).await.map(drop)
}

async fn lapse_at(tx: &mut Tx, id: GrantId, until: Instant, at: Instant) -> Result<(), DbError> {
    let key = id.to_string();
    jobs::enqueue(tx, &NewJob { kind: LAPSE_JOB, key: &key, payload: &format!("\"{key}\""), run_at: until }, at).await.map(drop)
}

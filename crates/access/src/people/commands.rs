//! What is done to people. Each is one transaction of the caller's.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::{events, limits};

use super::model::{Changed, Kind, NewAiAgent, NewPerson, PeopleError, PeopleEvent, Role, Staff, StaffId, is_email, is_time_zone};
use super::store::{self, Row};
use crate::{links, sessions};

/// Adds a person. `levels` are those of the charter in force.
///
/// # Errors
/// [`PeopleError`] when a field does not fit or the e-mail address is taken.
pub async fn add_person(tx: &mut Tx, new: &NewPerson, levels: &[String], actor: &Actor, at: Instant) -> Result<StaffId, PeopleError> {
    check(&new.name, &new.locale, &new.time_zone)?;
    check_email(&new.email)?;
    if store::find_by_email(tx, &new.email).await?.is_some() {
        return Err(PeopleError::EmailTaken(new.email.clone()));
    }
    let row = Row {
        id: StaffId::new(at),
        kind: Kind::Person,
        name: &new.name,
        email: Some(&new.email),
        level: known(new.level.as_deref(), levels)?,
        locale: &new.locale,
        time_zone: &new.time_zone,
    };
    add(tx, &row, actor, at).await
}

/// Adds an AI agent. It acts with a token; nobody signs in as one.
///
/// # Errors
/// [`PeopleError`] when a field does not fit.
pub async fn add_ai_agent(tx: &mut Tx, new: &NewAiAgent, levels: &[String], actor: &Actor, at: Instant) -> Result<StaffId, PeopleError> {
    check(&new.name, &new.locale, &new.time_zone)?;
    let level = known(new.level.as_deref(), levels)?;
    let row = Row { id: StaffId::new(at), kind: Kind::AiAgent, name: &new.name, email: None, level, locale: &new.locale, time_zone: &new.time_zone };
    add(tx, &row, actor, at).await
}

async fn add(tx: &mut Tx, row: &Row<'_>, actor: &Actor, at: Instant) -> Result<StaffId, PeopleError> {
    store::add(tx, row, at).await.map_err(|e| taken(e, row.email))?;
    let event = PeopleEvent::StaffAdded { staff: row.id, kind: row.kind, level: row.level.map(str::to_owned) };
    events::append(tx, &event, actor, at).await?;
    Ok(row.id)
}

/// Two that take the same address at once: the schema lets one of them.
fn taken(e: DbError, email: Option<&str>) -> PeopleError {
    match email {
        Some(email) if e.is_refused() => PeopleError::EmailTaken(email.to_owned()),
        _ => e.into(),
    }
}

fn check(name: &str, locale: &str, time_zone: &str) -> Result<(), PeopleError> {
    let length = name.trim().chars().count();
    if length == 0 || length > limits::NAME_CHARS {
        return Err(PeopleError::Field("name", format!("A name has 1 to {} characters; this has {length}.", limits::NAME_CHARS)));
    }
    if locale.is_empty() || locale.len() > 35 || !locale.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(PeopleError::Field("locale", format!("`{locale}` is not a language tag such as `en` or `de-AT`.")));
    }
    if !is_time_zone(time_zone) {
        return Err(PeopleError::Field("time_zone", format!("`{time_zone}` is not a time zone such as `Europe/Lisbon`.")));
    }
    Ok(())
}

fn check_email(email: &str) -> Result<(), PeopleError> {
    if is_email(email) { Ok(()) } else { Err(PeopleError::Field("email", format!("`{email}` is not an e-mail address such as `ana@shop.example`."))) }
}

fn known<'a>(level: Option<&'a str>, levels: &[String]) -> Result<Option<&'a str>, PeopleError> {
    match level {
        Some(level) if !levels.iter().any(|known| known == level) => Err(PeopleError::NoSuchLevel(level.to_owned(), levels.to_vec())),
        other => Ok(other),
    }
}

async fn found(tx: &mut Tx, id: StaffId) -> Result<Staff, PeopleError> {
    store::find(tx, id).await?.ok_or(PeopleError::Unknown)
}

/// Changes name, e-mail address, locale and time zone.
///
/// # Errors
/// [`PeopleError`] when there is nobody, a field does not fit or the e-mail address is taken.
pub async fn change(tx: &mut Tx, id: StaffId, to: &Changed, actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    check(&to.name, &to.locale, &to.time_zone)?;
    let before = found(tx, id).await?;
    let email = match before.kind {
        Kind::Person => to.email.clone().or_else(|| before.email.clone()),
        Kind::AiAgent => None,
    };
    if let Some(email) = &email {
        check_email(email)?;
        if store::find_by_email(tx, email).await?.is_some_and(|other| other != id) {
            return Err(PeopleError::EmailTaken(email.clone()));
        }
    }
    let differs = [
        ("name", before.name != to.name),
        ("email", before.email != email),
        ("locale", before.locale != to.locale),
        ("time_zone", before.time_zone != to.time_zone),
    ];
    let fields: Vec<&str> = differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let to = Changed { email, ..to.clone() };
    store::change(tx, id, &to).await.map_err(|e| taken(e, to.email.as_deref()))?;
    if fields.contains(&"email") {
        // What was sent to the address before may be with somebody else.
        links::void(tx, id, at).await?;
    }
    Ok(events::append(tx, &PeopleEvent::StaffChanged { staff: id, fields }, actor, at).await?)
}

/// Lets somebody do nothing any more: every sign-in ends, tokens no longer open anything.
///
/// # Errors
/// [`PeopleError::LastOwner`] when nobody else is owner.
pub async fn disable(tx: &mut Tx, id: StaffId, actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    store::hold_owners(tx).await?;
    let before = found(tx, id).await?;
    if before.disabled_at.is_some() {
        return Err(PeopleError::Already("This is disabled already."));
    }
    if !store::disable(tx, id, at).await? {
        return Err(PeopleError::LastOwner);
    }
    sessions::end_all(tx, id, None).await?;
    links::void(tx, id, at).await?;
    Ok(events::append(tx, &PeopleEvent::StaffDisabled { staff: id }, actor, at).await?)
}

/// Lets somebody act again.
///
/// # Errors
/// [`PeopleError`] when there is nobody, or they are not disabled.
pub async fn enable(tx: &mut Tx, id: StaffId, actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    found(tx, id).await?;
    if !store::enable(tx, id).await? {
        return Err(PeopleError::Already("This is not disabled."));
    }
    Ok(events::append(tx, &PeopleEvent::StaffEnabled { staff: id }, actor, at).await?)
}

/// Sets the level: a step on the authority ladder of the charter in force, or none.
///
/// # Errors
/// [`PeopleError::NoSuchLevel`] when it is not among `levels`.
pub async fn set_level(tx: &mut Tx, id: StaffId, level: Option<&str>, levels: &[String], actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    let level = known(level, levels)?;
    let before = found(tx, id).await?;
    if before.level.as_deref() == level {
        return Ok(());
    }
    store::set_level(tx, id, level).await?;
    let event = PeopleEvent::LevelSet { staff: id, before: before.level, level: level.map(str::to_owned) };
    Ok(events::append(tx, &event, actor, at).await?)
}

/// Grants a role to a person.
///
/// # Errors
/// [`PeopleError::NotAPerson`] for an AI agent; [`PeopleError::Already`] when they have it.
pub async fn grant_role(tx: &mut Tx, id: StaffId, role: Role, actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    if found(tx, id).await?.kind != Kind::Person {
        return Err(PeopleError::NotAPerson);
    }
    if !store::grant(tx, id, role, at).await? {
        return Err(PeopleError::Already("They have this role already."));
    }
    Ok(events::append(tx, &PeopleEvent::RoleGranted { staff: id, role }, actor, at).await?)
}

/// Withdraws a role.
///
/// # Errors
/// [`PeopleError::LastOwner`] when nobody else is owner; [`PeopleError::Already`] when they do not have it.
pub async fn withdraw_role(tx: &mut Tx, id: StaffId, role: Role, actor: &Actor, at: Instant) -> Result<(), PeopleError> {
    store::hold_owners(tx).await?;
    let before = found(tx, id).await?;
    let had = match role {
        Role::Owner => before.is_owner,
        Role::Operator => before.is_operator,
    };
    if !had {
        return Err(PeopleError::Already("They do not have this role."));
    }
    if !store::withdraw(tx, id, role).await? {
        return Err(PeopleError::LastOwner);
    }
    Ok(events::append(tx, &PeopleEvent::RoleWithdrawn { staff: id, role }, actor, at).await?)
}

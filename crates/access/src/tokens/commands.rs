//! What is done to tokens. Each is one transaction of the caller's.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::Tx;
use platform::{events, limits};

use super::model::{Bearer, NewToken, Scope, Scopes, TokenError, TokenEvent, TokenId};
use super::store;
use crate::people::{self, Kind, StaffId};
use crate::secret::Secret;

/// Makes a token. What is shown of it, once, is [`super::PREFIX`] and the secret.
///
/// # Errors
/// [`TokenError::Field`] when a field does not fit, or the bearer may not have a scope.
pub async fn make(tx: &mut Tx, new: &NewToken, secret: &Secret, actor: &Actor, at: Instant) -> Result<TokenId, TokenError> {
    let length = new.name.trim().chars().count();
    if length == 0 || length > limits::NAME_CHARS {
        return Err(TokenError::Field("name", format!("Say in 1 to {} characters what it is for; these are {length}.", limits::NAME_CHARS)));
    }
    if new.scopes.is_empty() {
        return Err(TokenError::Field("scopes", "Choose at least one thing that it opens.".to_owned()));
    }
    let (staff, source) = match &new.bearer {
        Bearer::Staff(staff) => {
            of_staff(tx, *staff, new, actor).await?;
            (Some(*staff), None)
        }
        Bearer::Source(name) => {
            of_source(name, &new.scopes)?;
            (None, Some(name.clone()))
        }
    };
    let id = TokenId::new(at);
    store::make(tx, id, &secret.digest(), new, at).await?;
    events::append(tx, &TokenEvent::TokenMade { token: id, staff, source, scopes: new.scopes.clone() }, actor, at).await?;
    Ok(id)
}

async fn of_staff(tx: &mut Tx, staff: StaffId, new: &NewToken, actor: &Actor) -> Result<(), TokenError> {
    let staff = people::find(tx, staff).await?.ok_or(TokenError::Unknown)?;
    match staff.kind {
        // A token of somebody else would be a way to act in their name.
        Kind::Person if actor.staff() != Some(staff.id.0) => {
            Err(TokenError::Field("bearer", "A person makes their own tokens. Make this one for an AI agent, or for another system.".to_owned()))
        }
        Kind::AiAgent if new.scopes.has(Scope::FactsConfirm) || new.scopes.has(Scope::Admin) => Err(TokenError::Field(
            "scopes",
            format!("An AI agent neither confirms facts nor changes settings: leave out `{}` and `{}`.", Scope::FactsConfirm, Scope::Admin),
        )),
        Kind::AiAgent => of_people(&new.scopes),
        Kind::Person => Ok(()),
    }
}

/// Leaves out what only people do.
fn of_people(scopes: &Scopes) -> Result<(), TokenError> {
    let leave_out = |what: &str, scope: Scope| Err(TokenError::Field("scopes", format!("{what}: leave out `{scope}`, or make a token of your own.")));
    if scopes.has(Scope::Debriefs) {
        return leave_out("A debrief is between two people", Scope::Debriefs);
    }
    if scopes.has(Scope::GroupsWrite) {
        return leave_out("People say who is there for a group", Scope::GroupsWrite);
    }
    Ok(())
}

fn of_source(name: &str, scopes: &Scopes) -> Result<(), TokenError> {
    of_people(scopes)?;
    let fits = (1..=40).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits {
        return Ok(());
    }
    Err(TokenError::Field("source", format!("`{name}` is not a name of 1 to 40 small letters, digits and `-`, such as `shop`.")))
}

/// Revokes a token: it opens nothing from now on.
///
/// # Errors
/// [`TokenError::Revoked`] when it was revoked already.
pub async fn revoke(tx: &mut Tx, id: TokenId, actor: &Actor, at: Instant) -> Result<(), TokenError> {
    if !store::revoke(tx, id, at).await? {
        return Err(if store::exists(tx, id).await? { TokenError::Revoked } else { TokenError::Unknown });
    }
    Ok(events::append(tx, &TokenEvent::TokenRevoked { token: id }, actor, at).await?)
}

//! The first owner of an installation, made from the terminal; and the way back in when no owner can get in any more.

use std::fmt;

use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Contended, Db, DbError, Tx};

use crate::links::{self, LinkKind};
use crate::people::{self, NewPerson, PeopleError, Role, StaffId};
use crate::secret::{NoRandomness, Secret};
use crate::sign_in::{self, CannotHash, Passwords};

/// Who is to be owner.
#[derive(Clone, Debug)]
pub struct FirstOwner {
    /// Full name.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
    /// How they get in.
    pub opening: Opening,
    /// Whether it is to be done although there is an owner. If the address is known, that person becomes owner and gets in again.
    pub is_forced: bool,
}

/// How an owner gets in.
#[derive(Clone)]
pub enum Opening {
    /// With this password.
    Password(String),
    /// With a link that works once; this is where the installation is reached.
    Link(String),
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::Link(_) => "Link",
        })
    }
}

/// Why there is no new owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstOwnerError {
    /// Something about the person did not fit, or the database said so.
    People(PeopleError),
    /// There is an owner.
    Exists,
    /// The link of the first run is too old, or never was one.
    Spent,
    /// The password is not one to be used; why.
    Unfit(String),
    /// The machine could not hash a password, or has no randomness.
    CannotHash,
}

impl fmt::Display for FirstOwnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::People(PeopleError::Db(e)) => e.fmt(f),
            Self::People(e) => match e.field() {
                Some((field, message)) => write!(f, "{field}: {message}"),
                None => f.write_str("This person cannot be owner."),
            },
            Self::Exists => f.write_str("There is an owner, who can make others one. To do it all the same, force it."),
            Self::Spent => f.write_str("This link does not work. Start the server again: it prints a new one."),
            Self::Unfit(why) => write!(f, "password: {why}"),
            Self::CannotHash => f.write_str("The machine could not hash the password: is there memory left?"),
        }
    }
}

impl std::error::Error for FirstOwnerError {}

impl From<PeopleError> for FirstOwnerError {
    fn from(e: PeopleError) -> Self {
        Self::People(e)
    }
}

impl From<DbError> for FirstOwnerError {
    fn from(e: DbError) -> Self {
        Self::People(e.into())
    }
}

impl Contended for FirstOwnerError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::People(e) if e.is_contended())
    }
}

impl From<CannotHash> for FirstOwnerError {
    fn from(_: CannotHash) -> Self {
        Self::CannotHash
    }
}

impl From<NoRandomness> for FirstOwnerError {
    fn from(_: NoRandomness) -> Self {
        Self::CannotHash
    }
}

/// Makes the first owner, and says where the link leads if one was asked for.
///
/// # Errors
/// [`FirstOwnerError::Exists`] when there is an owner and it is not forced.
pub async fn first_owner(db: &Db, clock: &Clock, passwords: &Passwords, new: FirstOwner) -> Result<Option<String>, FirstOwnerError> {
    let (now, actor) = (clock.now(), Actor::System);
    let hash = match &new.opening {
        Opening::Password(password) => {
            let password = password.trim();
            if let Some(why) = sign_in::unfit(password, &new.name, &new.email) {
                return Err(FirstOwnerError::Unfit(why));
            }
            Some(passwords.hash(password.to_owned()).await?)
        }
        Opening::Link(_) => None,
    };
    let secret = Secret::fresh()?;
    db.write(move |tx| {
        Box::pin(async move {
            people::hold_owners(tx).await?;
            if !new.is_forced && people::has_owner(tx).await? {
                return Err(FirstOwnerError::Exists);
            }
            let id = owner(tx, &new, &actor, now).await?;
            if let Some(hash) = hash {
                sign_in::set_password(tx, id, &hash, "terminal", now).await?;
            }
            match &new.opening {
                Opening::Password(_) => Ok(None),
                Opening::Link(origin) => Ok(Some(links::open_link(tx, id, LinkKind::Invitation, &secret, origin, &actor, now).await?.1)),
            }
        })
    })
    .await
}

/// The person, new or known, as owner who is not disabled.
async fn owner(tx: &mut Tx, new: &FirstOwner, actor: &Actor, now: Instant) -> Result<StaffId, PeopleError> {
    let known = if new.is_forced { people::find_by_email(tx, &new.email).await? } else { None };
    let id = match known {
        Some(id) => id,
        None => {
            let FirstOwner { name, email, locale, time_zone, .. } = new.clone();
            people::add_person(tx, &NewPerson { name, email, level: None, locale, time_zone }, &[], actor, now).await?
        }
    };
    let staff = people::find(tx, id).await?.ok_or(PeopleError::Unknown)?;
    if staff.disabled_at.is_some() {
        people::enable(tx, id, actor, now).await?;
    }
    if !staff.is_owner {
        people::grant_role(tx, id, Role::Owner, actor, now).await?;
    }
    Ok(id)
}

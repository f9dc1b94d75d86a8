//! Offering the first run, and making the owner.

use charter::time::Instant;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Db, DbError, Tx};

use super::store;
use crate::Access;
use crate::first_owner::FirstOwnerError;
use crate::people::{self, NewPerson, Role};
use crate::secret::Secret;
use crate::sessions;
use crate::sign_in::{self, SignedIn};

/// Where whoever reads this may make themselves the owner; nothing when there is one. For one pair of eyes: it is not to be logged.
///
/// # Errors
/// [`FirstOwnerError`] when the database says no, or there is no randomness.
pub async fn offer(db: &Db, clock: &Clock, origin: &str) -> Result<Option<String>, FirstOwnerError> {
    if db.read(move |tx| Box::pin(async move { people::has_owner(tx).await })).await.map_err(|e: DbError| e)? {
        return Ok(None);
    }
    let (now, secret) = (clock.now(), Secret::fresh()?);
    let digest = secret.digest();
    let made = db.write(move |tx| Box::pin(async move { opened(tx, &digest, now).await })).await.map_err(|e: DbError| e)?;
    Ok(made.then(|| format!("{origin}/begin/{}", secret.show())))
}

async fn opened(tx: &mut Tx, digest: &Vec<u8>, now: Instant) -> Result<bool, DbError> {
    people::hold_owners(tx).await?;
    if people::has_owner(tx).await? {
        return Ok(false);
    }
    store::forget(tx, now).await?;
    store::make(tx, digest, now).await?;
    Ok(true)
}

/// Who is to be the owner, as they typed it.
#[derive(Clone)]
pub struct NewOwner {
    /// Full name.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// What else.
    pub password: String,
    /// Language tag.
    pub locale: String,
    /// Name in the time zone database.
    pub time_zone: String,
    /// Where they will be signed in.
    pub device: String,
}

/// Whether a link works, and there is nobody yet.
///
/// # Errors
/// [`FirstOwnerError::Exists`]; [`FirstOwnerError::Spent`].
pub(super) async fn admit(tx: &mut Tx, digest: &Vec<u8>, now: Instant) -> Result<(), FirstOwnerError> {
    if people::has_owner(tx).await? {
        return Err(FirstOwnerError::Exists);
    }
    if store::is_open(tx, digest, now).await? { Ok(()) } else { Err(FirstOwnerError::Spent) }
}

/// Makes the first owner and signs them in. Works once, however many links there are.
///
/// # Errors
/// [`FirstOwnerError::Exists`] for all but the first; [`FirstOwnerError::Spent`]; what is wrong with a field, and then the link still works.
pub async fn create(access: &Access, secret: &Secret, new: NewOwner) -> Result<SignedIn, FirstOwnerError> {
    let (now, digest) = (access.clock.now(), secret.digest());
    let asked = digest.clone();
    access.db.read(move |tx| Box::pin(async move { admit(tx, &asked, now).await })).await?;
    if let Some(why) = sign_in::unfit(&new.password, &new.name, &new.email) {
        return Err(FirstOwnerError::Unfit(why));
    }
    let NewOwner { name, email, password, locale, time_zone, device } = new;
    let hash = access.passwords.hash(password).await?;
    let person = NewPerson { name, email, level: None, locale, time_zone };
    let session = Secret::fresh()?;
    let made = Made { digest, person, hash, session, device };
    access.db.write(move |tx| Box::pin(async move { made.keep(tx, now).await })).await
}

/// What is written down at once.
#[derive(Clone)]
struct Made {
    digest: Vec<u8>,
    person: NewPerson,
    hash: String,
    session: Secret,
    device: String,
}

impl Made {
    async fn keep(self, tx: &mut Tx, now: Instant) -> Result<SignedIn, FirstOwnerError> {
        people::hold_owners(tx).await?;
        admit(tx, &self.digest, now).await?;
        if !store::use_up(tx, &self.digest, now).await? {
            return Err(FirstOwnerError::Spent);
        }
        let staff = people::add_person(tx, &self.person, &[], &Actor::System, now).await?;
        people::grant_role(tx, staff, Role::Owner, &Actor::System, now).await?;
        sign_in::set_password(tx, staff, &self.hash, "first_run", now).await?;
        store::close(tx).await?;
        let session = sessions::begin(tx, staff, &self.session, &self.device, now).await?;
        Ok(SignedIn { staff, session, secret: self.session })
    }
}

//! Signing in and out, and choosing another password.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events;

use super::model::SignInError;
use super::password::unfit;
use super::store;
use crate::Access;
use crate::limits;
use crate::links::{self, LinkEvent, Mail};
use crate::people::{self, StaffId};
use crate::secret::{Secret, digest};
use crate::sessions::{self, SessionId};

/// What somebody typed, and from where.
#[derive(Clone)]
pub struct Attempt {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The network address.
    pub from: String,
    /// `Firefox on Linux`.
    pub device: String,
    /// What the browser was signed in with before, which ends.
    pub replaces: Option<Secret>,
}

/// Somebody is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub session: SessionId,
    /// For the cookie.
    pub secret: Secret,
}

/// Signs in with e-mail address and password.
///
/// # Errors
/// [`SignInError::Wrong`] whatever of the two is wrong; [`SignInError::TooOften`] after too many failures.
pub async fn sign_in(access: &Access, attempt: Attempt) -> Result<SignedIn, SignInError> {
    let now = access.clock.now();
    let (email, place) = (email_tries(&attempt.email), place_tries(&attempt.from));
    admit(access, email.clone(), place.clone(), now).await?;
    let key = people::email_key(&attempt.email);
    let known = access.db.read(move |tx| Box::pin(async move { store::with_password(tx, &key).await })).await.map_err(|e: DbError| e)?;
    let (staff, kept) = known.unzip();
    let fits = access.passwords.is(attempt.password, kept).await?;
    let Some(staff) = staff.filter(|_| fits) else {
        tracing::info!("a sign-in failed");
        return Err(SignInError::Wrong);
    };
    let (secret, device, replaces) = (Secret::fresh()?, attempt.device, attempt.replaces);
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::clear(tx, &email).await?;
                store::give_back(tx, &place).await?;
                if let Some(before) = replaces {
                    sessions::end_by_digest(tx, &before.digest()).await?;
                }
                let session = sessions::begin(tx, staff, &secret, &device, now).await?;
                Ok(SignedIn { staff, session, secret })
            })
        })
        .await
}

/// Signs somebody in without a password, where everybody knows it: only the demo does. Nothing if nobody has this e-mail address.
///
/// # Errors
/// [`SignInError::Db`] when it cannot be kept.
pub async fn sign_in_openly(access: &Access, email: &str, device: &'static str) -> Result<Option<SignedIn>, SignInError> {
    let (email, now, secret) = (email.to_owned(), access.clock.now(), Secret::fresh()?);
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(staff) = people::find_by_email(tx, &email).await? else { return Ok(None) };
                let session = sessions::begin(tx, staff, &secret, device, now).await?;
                Ok(Some(SignedIn { staff, session, secret }))
            })
        })
        .await
}

/// Counts a try for both keys, and lets it through unless there were too many.
async fn admit(access: &Access, email: Vec<u8>, place: Vec<u8>, now: Instant) -> Result<(), SignInError> {
    let counted = access.db.write(move |tx| {
        Box::pin(async move {
            let email = store::count(tx, &email, now).await?;
            let place = store::count(tx, &place, now).await?;
            Ok::<_, DbError>([(email, limits::FAILURES_PER_EMAIL), (place, limits::FAILURES_PER_ADDRESS)])
        })
    });
    let over = counted.await?.into_iter().filter(|((count, _), most)| count > most).map(|((_, seconds), _)| seconds).max();
    over.map_or(Ok(()), |seconds| Err(SignInError::TooOften(seconds)))
}

/// What tries for an e-mail address are counted under.
pub(crate) fn email_tries(email: &str) -> Vec<u8> {
    digest("sign-in for", &people::email_key(email))
}

fn place_tries(from: &str) -> Vec<u8> {
    digest("sign-in from", from)
}

/// Signs out: this sign-in ends.
///
/// # Errors
/// [`SignInError::Db`] when it cannot be ended.
pub async fn sign_out(access: &Access, staff: StaffId, session: SessionId) -> Result<(), SignInError> {
    let now = access.clock.now();
    let ended = access.db.write(move |tx| Box::pin(async move { sessions::end(tx, staff, session, now).await })).await;
    match ended {
        Err(sessions::SessionError::Db(e)) => Err(e.into()),
        // Whoever is signed out already gets what they asked for.
        Ok(()) | Err(sessions::SessionError::Unknown) => Ok(()),
    }
}

/// Changes one's own password, and ends all other sign-ins.
///
/// # Errors
/// [`SignInError::Wrong`] when `current` is not the password; [`SignInError::Unfit`] when `new` is not one to be used.
pub async fn change_password(access: &Access, staff: StaffId, session: SessionId, current: String, new: String) -> Result<(), SignInError> {
    let now = access.clock.now();
    let tries = digest("password of", &staff.to_string());
    let counted = tries.clone();
    let (count, seconds) = access.db.write(move |tx| Box::pin(async move { store::count(tx, &counted, now).await })).await.map_err(|e: DbError| e)?;
    if count > limits::FAILURES_PER_EMAIL {
        return Err(SignInError::TooOften(seconds));
    }
    let (person, kept) =
        access.db.read(move |tx| Box::pin(async move { Ok::<_, DbError>((people::find(tx, staff).await?, store::password_of(tx, staff).await?)) })).await?;
    if !access.passwords.is(current, kept).await? {
        return Err(SignInError::Wrong);
    }
    let (name, email) = person.map(|person| (person.name, person.email.unwrap_or_default())).unwrap_or_default();
    if let Some(why) = unfit(&new, &name, &email) {
        return Err(SignInError::Unfit(why));
    }
    let hash = access.passwords.hash(new).await?;
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::clear(tx, &tries).await?;
                set_password(tx, staff, &hash, "person", now).await?;
                sessions::end_others(tx, staff, session, now).await.map(drop).map_err(|e| match e {
                    sessions::SessionError::Db(e) => e.into(),
                    sessions::SessionError::Unknown => SignInError::Wrong,
                })
            })
        })
        .await
}

/// Sets a password by its hash: no link works any more, and the person hears of it unless it is their first one.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn set_password(tx: &mut Tx, staff: StaffId, hash: &str, by: &'static str, at: Instant) -> Result<(), DbError> {
    let had = store::has_password(tx, staff).await?;
    store::set_password(tx, staff, hash, at).await?;
    links::void(tx, staff, at).await?;
    events::append(tx, &LinkEvent::PasswordSet { staff, by }, &Actor::Staff(staff.0), at).await?;
    let Some(person) = people::find(tx, staff).await? else { return Ok(()) };
    match &person.email {
        Some(to) if had => {
            let mail = Mail { to, template: "password_changed", link: String::new(), name: &person.name, locale: &person.locale };
            links::mail(tx, &mail, &format!("password:{staff}:{at}"), at).await
        }
        _ => Ok(()),
    }
}

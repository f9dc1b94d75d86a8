//! Sending links, and what is done with them.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::events;
use platform::hex;
use platform::jobs::{self, NewJob};
use serde::{Deserialize, Serialize};

use super::model::{LinkError, LinkEvent, LinkId, LinkKind, Open};
use super::store::{self, Made};
use crate::Access;
use crate::limits;
use crate::people::{self, Kind, Staff, StaffId};
use crate::secret::{Secret, digest};
use crate::sign_in::{self, SignedIn};
use crate::{sessions, sign_in::tries};

/// The kind of job that looks whether a forgotten password is anybody's. It is wanted for every address that is typed, so that the answer takes as long
/// for an unknown one. Its worker function is [`send_reset`].
pub const RESET_JOB: &str = "password_reset";

/// A mail that is to go out: the payload of a job of kind `mail`. It is not to be logged: the link opens something.
#[derive(Clone, Debug, Serialize)]
pub struct Mail<'a> {
    /// The address.
    pub to: &'a str,
    /// Which text: `invitation`, `reset` or `password_changed`.
    pub template: &'static str,
    /// Where it leads.
    pub link: String,
    /// Whom it greets.
    pub name: &'a str,
    /// Language tag.
    pub locale: &'a str,
}

/// Wants a mail sent, once for each key.
pub(crate) async fn mail(tx: &mut Tx, mail: &Mail<'_>, key: &str, at: Instant) -> Result<(), DbError> {
    let payload = serde_json::to_string(mail).map_err(|e| DbError::Defect(format!("a mail is not JSON: {e}")))?;
    jobs::enqueue(tx, &NewJob { kind: "mail", key, payload: &payload, run_at: at }, at).await.map(drop)
}

/// Makes a link and says where it leads. Whoever has it can use it.
pub(crate) async fn open_link(
    tx: &mut Tx,
    staff: StaffId,
    kind: LinkKind,
    secret: &Secret,
    origin: &str,
    actor: &Actor,
    at: Instant,
) -> Result<(LinkId, String), DbError> {
    let made = Made { id: LinkId::new(at), digest: secret.digest(), kind, staff };
    store::make(tx, &made, at).await?;
    events::append(tx, &LinkEvent::LinkSent { staff, link: made.id, kind }, actor, at).await?;
    let path = match kind {
        LinkKind::Invitation => "invitations",
        LinkKind::Reset => "reset",
    };
    Ok((made.id, format!("{origin}/{path}/{}", secret.show())))
}

/// Invites a person to choose a password and sign in.
///
/// # Errors
/// [`LinkError`] when they are not a person, are disabled, or have a password.
pub async fn invite(tx: &mut Tx, staff: StaffId, secret: &Secret, origin: &str, actor: &Actor, at: Instant) -> Result<(), LinkError> {
    let person = invited(tx, staff).await?;
    Ok(send(tx, &person, LinkKind::Invitation, secret, origin, actor, at).await?)
}

/// The address at which a person chooses a password, to be handed to them: it is in no mail.
///
/// # Errors
/// As [`invite`].
pub(crate) async fn invite_by_hand(tx: &mut Tx, staff: StaffId, secret: &Secret, origin: &str, actor: &Actor, at: Instant) -> Result<String, LinkError> {
    let person = invited(tx, staff).await?;
    Ok(open_link(tx, person.id, LinkKind::Invitation, secret, origin, actor, at).await?.1)
}

/// The address at which a person who has a password chooses a new one, to be handed to them: it is in no mail.
///
/// # Errors
/// [`LinkError`] when they are not a person, are disabled, or have no password yet.
pub(crate) async fn reset_by_hand(tx: &mut Tx, staff: StaffId, secret: &Secret, origin: &str, actor: &Actor, at: Instant) -> Result<String, LinkError> {
    let person = enabled(tx, staff).await?;
    if !sign_in::has_password(tx, staff).await? {
        return Err(LinkError::NotAccepted);
    }
    Ok(open_link(tx, person.id, LinkKind::Reset, secret, origin, actor, at).await?.1)
}

async fn invited(tx: &mut Tx, staff: StaffId) -> Result<Staff, LinkError> {
    let person = enabled(tx, staff).await?;
    if sign_in::has_password(tx, staff).await? {
        return Err(LinkError::Accepted);
    }
    Ok(person)
}

/// Links are for people who are not disabled.
async fn enabled(tx: &mut Tx, staff: StaffId) -> Result<Staff, LinkError> {
    let person = people::find(tx, staff).await?.ok_or(LinkError::Unknown)?;
    if person.kind != Kind::Person || person.disabled_at.is_some() {
        return Err(LinkError::NotInvited);
    }
    Ok(person)
}

async fn send(tx: &mut Tx, person: &Staff, kind: LinkKind, secret: &Secret, origin: &str, actor: &Actor, at: Instant) -> Result<(), DbError> {
    let Some(to) = &person.email else { return Ok(()) };
    let (id, link) = open_link(tx, person.id, kind, secret, origin, actor, at).await?;
    mail(tx, &Mail { to, template: kind.word(), link, name: &person.name, locale: &person.locale }, &format!("link:{id}"), at).await
}

#[derive(Serialize, Deserialize)]
struct Forgotten {
    email: String,
}

/// Somebody says that they forgot their password. What is done here is the same for every address.
///
/// # Errors
/// [`LinkError::TooOften`] when it is asked too often from one place.
pub async fn ask_for_reset(access: &Access, email: &str, from: &str) -> Result<(), LinkError> {
    let now = access.clock.now();
    let key = hex(&digest("forgotten", &people::email_key(email)));
    let place = digest("forgotten from", from);
    let payload = serde_json::to_string(&Forgotten { email: email.to_owned() }).map_err(|e| DbError::Defect(e.to_string()))?;
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (count, seconds) = tries::count(tx, &place, now).await?;
                if count > limits::FORGOTTEN_PER_ADDRESS {
                    return Ok(Err(LinkError::TooOften(seconds)));
                }
                jobs::enqueue(tx, &NewJob { kind: RESET_JOB, key: &key, payload: &payload, run_at: now }, now).await?;
                Ok::<_, DbError>(Ok(()))
            })
        })
        .await?
}

/// The worker function of [`RESET_JOB`]: sends a link if the address is that of a person who is not disabled.
///
/// # Errors
/// [`LinkError`] when it could not be done; the job is then tried again.
pub async fn send_reset(access: &Access, payload: &str) -> Result<(), LinkError> {
    let Ok(Forgotten { email }) = serde_json::from_str(payload) else {
        return Err(DbError::Defect("the payload of a job is not what was kept".to_owned()).into());
    };
    let (now, secret, origin) = (access.clock.now(), Secret::fresh()?, access.site.origin.clone());
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(id) = people::find_by_email(tx, &email).await? else { return Ok(()) };
                match people::find(tx, id).await? {
                    Some(person) if person.disabled_at.is_none() => send(tx, &person, LinkKind::Reset, &secret, &origin, &Actor::System, now).await,
                    _ => Ok(()),
                }
            })
        })
        .await
        .map_err(|e: DbError| e.into())
}

/// A link that is used, with the password that was chosen.
#[derive(Clone)]
pub struct Redeeming {
    /// What stood in the link.
    pub secret: Secret,
    /// What it is for.
    pub kind: LinkKind,
    /// The new password.
    pub password: String,
    /// Where they will be signed in.
    pub device: String,
}

/// Sets the password, ends what was open, and signs in. Works once.
///
/// # Errors
/// [`LinkError::Spent`] for all but the first; [`LinkError::Unfit`] when the password is not one to be used, and then the link still works.
pub async fn redeem(access: &Access, redeeming: Redeeming) -> Result<SignedIn, LinkError> {
    let (now, kind, digest) = (access.clock.now(), redeeming.kind, redeeming.secret.digest());
    let asked = digest.clone();
    let found: Option<Open> = access.db.read(move |tx| Box::pin(async move { store::open(tx, &asked, kind, now).await })).await.map_err(|e: DbError| e)?;
    let Open { name, email, .. } = found.ok_or(LinkError::Spent)?;
    if let Some(why) = sign_in::unfit(&redeeming.password, &name, &email) {
        return Err(LinkError::Unfit(why));
    }
    let hash = access.passwords.hash(redeeming.password).await?;
    let (secret, device) = (Secret::fresh()?, redeeming.device);
    access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let staff = store::use_up(tx, &digest, kind, now).await?.ok_or(LinkError::Spent)?;
                sign_in::set_password(tx, staff, &hash, kind.word(), now).await?;
                sessions::end_all(tx, staff, None).await?;
                tries::clear(tx, &sign_in::email_tries(&email)).await?;
                let session = sessions::begin(tx, staff, &secret, &device, now).await?;
                Ok(SignedIn { staff, session, secret })
            })
        })
        .await
}

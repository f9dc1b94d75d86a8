use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter::time::Instant;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::model::{DeliveryState, Secret};
use super::store::{self, Due, Tried};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::jobs::runner::NotDone;
use crate::jobs::{Leased, TRIES_MAX, wait};
use crate::outbound::{Outbound, OutboundError};

/// The job that posts one message to one webhook.
pub const DELIVER_JOB: &str = "webhook";

/// What a job holds.
#[derive(Serialize, Deserialize)]
struct Payload {
    delivery: i64,
}

pub(super) fn payload(delivery: i64) -> String {
    format!("{{\"delivery\":{delivery}}}")
}

/// Posts a message, and keeps what came of it: the worker function of [`DELIVER_JOB`]. What is given up in the end stands in the list of deliveries.
///
/// # Errors
/// [`NotDone`] until the other system answers with a 2xx status, or it was tried often enough.
pub async fn deliver(db: &Db, outbound: &Outbound, clock: &Clock, job: &Leased) -> Result<(), NotDone> {
    let Payload { delivery } = serde_json::from_str(&job.payload).map_err(|e| NotDone::Never(format!("the payload cannot be read: {e}")))?;
    let due = db.read(move |tx| Box::pin(async move { store::due(tx, delivery).await })).await.map_err(|e: DbError| e)?;
    // Disabled or paused meanwhile: nobody wants to hear it now.
    let Some(due) = due.filter(|due| due.paused_at.is_none()) else { return Ok(()) };
    let (tried, again) = posted(outbound, &due, job.tries, clock).await;
    let (kept, state) = (tried.clone(), tried.state);
    db.write(move |tx| Box::pin(async move { store::tried(tx, delivery, &kept).await })).await.map_err(|e: DbError| e)?;
    if state == DeliveryState::Failed {
        tracing::error!(delivery, "a message to a webhook was given up; it stays in the list of what was sent");
    }
    again.map_or(Ok(()), |why| Err(NotDone::Again(why)))
}

/// Tries once: what is kept of it, and why it is to be tried again, if it is.
async fn posted(outbound: &Outbound, due: &Due, tries: i64, clock: &Clock) -> (Tried, Option<String>) {
    let now = clock.now();
    let (status, failed) = match sent(outbound, due, now).await {
        Ok(status @ 200..300) => {
            return (Tried { state: DeliveryState::Delivered, status: Some(i64::from(status)), error: None, at: now, next_at: None }, None);
        }
        Ok(410) => (Some(410), (false, "it answered 410: nobody listens there any more".to_owned())),
        Ok(status) => (Some(i64::from(status)), (true, format!("it answered {status}"))),
        Err(OutboundError::Refused(why)) => (None, (false, why)),
        Err(OutboundError::Failed(why)) => (None, (true, why)),
    };
    let (may_succeed, why) = failed;
    let is_again = may_succeed && tries < TRIES_MAX;
    let (state, next_at) = if is_again { (DeliveryState::Waiting, Some(now + wait(tries))) } else { (DeliveryState::Failed, None) };
    (Tried { state, status, error: Some(why.clone()), at: now, next_at }, is_again.then_some(why))
}

async fn sent(outbound: &Outbound, due: &Due, now: Instant) -> Result<u16, OutboundError> {
    let seconds = now.div_euclid(1_000_000);
    let old = due.old.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
    let signatures = std::iter::once(&due.secret).chain(old).map(|secret| signature(secret, &due.message, seconds, &due.body));
    let signatures =
        signatures.collect::<Option<Vec<String>>>().ok_or_else(|| OutboundError::Refused("the secret of the webhook cannot be read".to_owned()))?;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", due.message.clone()),
        ("idempotency-key", due.key.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    outbound.post(&due.url, &headers, due.body.clone()).await
}

/// The signature of a message, as the header `webhook-signature` has it; nothing if the secret is none.
#[must_use]
pub fn signature(secret: &Secret, id: &str, seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret.key()?).ok()?;
    for part in [id, ".", &seconds.to_string(), ".", body] {
        mac.update(part.as_bytes());
    }
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the standard's own libraries.
        let secret = Secret::kept("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let made = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(made.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }
}

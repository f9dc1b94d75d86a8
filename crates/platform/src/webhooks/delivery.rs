use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;

use super::model::{Secret, WebhookId};
use super::store;
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::jobs::Leased;
use crate::jobs::runner::NotDone;
use crate::outbound::{Outbound, OutboundError};

/// The job that posts one message to one webhook.
pub const DELIVER_JOB: &str = "webhook";

/// What a job holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) webhook: WebhookId,
    pub(super) message: Message,
}

/// What is posted.
#[derive(Serialize, Deserialize)]
pub(super) struct Message {
    /// The same at every try: `case:0199…#3`, the third event of this case.
    pub(super) id: String,
    /// The name of the event.
    pub(super) event: String,
    /// When it happened.
    pub(super) at: String,
    /// The rest of it.
    pub(super) data: Box<RawValue>,
}

/// Posts a message: the worker function of [`DELIVER_JOB`].
///
/// # Errors
/// [`NotDone`] until the other system answers with a 2xx status.
pub async fn deliver(db: &Db, outbound: &Outbound, clock: &Clock, job: &Leased) -> Result<(), NotDone> {
    let delivery: Delivery = serde_json::from_str(&job.payload).map_err(|e| NotDone::Never(format!("the payload cannot be read: {e}")))?;
    let id = delivery.webhook;
    let open = db.read(move |tx| Box::pin(async move { store::open(tx, id).await })).await.map_err(|e: DbError| e)?;
    // Disabled meanwhile: nobody wants to hear it.
    let Some((url, secret)) = open else { return Ok(()) };
    let message = delivery.message;
    let body = serde_json::to_string(&message).map_err(|e| NotDone::Never(e.to_string()))?;
    let seconds = clock.now().div_euclid(1_000_000);
    let signature = signature(&secret, &message.id, seconds, &body).ok_or_else(|| NotDone::Never("the secret of the webhook cannot be read".to_owned()))?;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", message.id.clone()),
        ("idempotency-key", message.id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    match outbound.post(&url, &headers, body).await {
        Ok(200..300) => Ok(()),
        Ok(410) => Err(NotDone::Never("it answered 410: nobody listens there any more".to_owned())),
        Ok(status) => Err(NotDone::Again(format!("it answered {status}"))),
        Err(OutboundError::Refused(why)) => Err(NotDone::Never(why)),
        Err(OutboundError::Failed(why)) => Err(NotDone::Again(why)),
    }
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

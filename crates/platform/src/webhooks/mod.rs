//! Webhooks: other systems hear of events, signed, at least once.
//!
//! What follows from an event is kept in its transaction as one job for each webhook; the jobs are tried until the other system answers with a 2xx status. The
//! form is that of [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id` is the same at every try and serves as idempotency key,
//! `webhook-timestamp` is the second of the try, `webhook-signature` is `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`.

mod commands;
mod delivery;
mod model;
mod store;

pub use commands::{add, disable, follow};
pub use delivery::{DELIVER_JOB, deliver, signature};
pub use model::{NewWebhook, Secret, Webhook, WebhookId};
pub use store::{STATEMENTS, list};

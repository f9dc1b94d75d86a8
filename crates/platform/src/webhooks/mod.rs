//! Webhooks: other systems hear of events, signed, at least once.
//!
//! What follows from an event is kept in its transaction as one delivery for each webhook, and a job that tries it until the other system answers with a 2xx
//! status. What came of it stands with the delivery, where people see it and can send it again. The form is that of
//! [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id` is the same at every try, `webhook-timestamp` is the second of the try,
//! `webhook-signature` is `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`, once for each secret that holds.

mod commands;
mod deliveries;
mod delivery;
mod model;
mod store;

pub use commands::{add, choose_events, disable, pause, resume, rotate, send_again, test};
pub use deliveries::{Told, follow, forget, tell, wake, wants};
pub use delivery::{DELIVER_JOB, deliver, signature};
pub use model::{Delivery, DeliveryState, NewWebhook, Secret, TEST_EVENT, WAKE_JOB, Webhook, WebhookError, WebhookId};
pub use store::{STATEMENTS, deliveries, find, list};

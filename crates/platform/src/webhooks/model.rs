use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter::time::Instant;
use serde::Serialize;

use crate::actor::Subject;
use crate::db::{DbError, FromRow, Row};
use crate::events::Event;
use crate::ids;

ids! {
    /// A webhook.
    WebhookId
}

/// A webhook that is wanted.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where to post, as [`crate::outbound::Outbound::address`] takes it.
    pub url: String,
    /// The names of the events it is told of.
    pub events: Vec<String>,
}

/// A webhook as lists show it; its secret is shown once, when it is made.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// Where it posts.
    pub url: String,
    /// Since when.
    pub made_at: Instant,
    /// Since when no more.
    pub disabled_at: Option<Instant>,
}

impl FromRow for Webhook {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, url: row.take()?, made_at: row.take()?, disabled_at: row.take()? })
    }
}

/// What signs the messages of one webhook: 32 random bytes, written `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// When this machine gives no random numbers.
    pub fn fresh() -> Result<Self, DbError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| DbError::Unavailable(format!("no random numbers: {e}")))?;
        Ok(Self(format!("{PREFIX}{}", STANDARD.encode(bytes))))
    }

    /// As it is shown, once.
    #[must_use]
    pub fn show(&self) -> &str {
        &self.0
    }

    pub(super) fn kept(text: String) -> Self {
        Self(text)
    }

    pub(super) fn key(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.0.strip_prefix(PREFIX)?).ok()
    }
}

const PREFIX: &str = "whsec_";

/// What happens to webhooks.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum WebhookEvent {
    WebhookAdded { webhook: WebhookId, events: Vec<String> },
    WebhookDisabled { webhook: WebhookId },
}

impl Event for WebhookEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::WebhookAdded { .. } => "webhook_added",
            Self::WebhookDisabled { .. } => "webhook_disabled",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::WebhookAdded { webhook, .. } | Self::WebhookDisabled { webhook } => Subject::new("webhook", webhook),
        }
    }
}

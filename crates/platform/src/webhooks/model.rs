use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter::time::Instant;
use serde::Serialize;

use crate::actor::Subject;
use crate::db::{Column, Contended, DbError, FromRow, Row, Value};
use crate::events::Event;
use crate::http::{FieldProblem, Problem};
use crate::{ids, limits};

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
    /// Since when what it is told of waits.
    pub paused_at: Option<Instant>,
    /// Since when no more.
    pub disabled_at: Option<Instant>,
    /// Until when messages are signed with the secret before this one too.
    pub old_until: Option<Instant>,
    /// What came of the latest message.
    pub latest: Option<DeliveryState>,
    /// Whether there are messages that were given up.
    pub has_failed: bool,
    /// The names of the events it is told of, in the order of the alphabet.
    pub events: Vec<String>,
}

impl FromRow for Webhook {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take()?,
            url: row.take()?,
            made_at: row.take()?,
            paused_at: row.take()?,
            disabled_at: row.take()?,
            old_until: row.take()?,
            latest: row.take()?,
            has_failed: row.take()?,
            events: Vec::new(),
        })
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is still to be sent, or tried again.
    Waiting,
    /// The other system took it.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// As it is kept and told.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl Column for DeliveryState {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        let all = [Self::Waiting, Self::Delivered, Self::Failed];
        all.into_iter().find(|state| state.word() == word).ok_or_else(|| DbError::Defect(format!("`{word}` is not where a message stands")))
    }
}

/// A message to a webhook, with what came of it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number.
    pub number: i64,
    /// Its id, the same at every try.
    pub message: String,
    /// The name of the event.
    pub event: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried since it was last wanted.
    pub tries: i64,
    /// What was answered the last time.
    pub status: Option<i64>,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// Since when it is wanted.
    pub made_at: Instant,
    /// When it was last tried.
    pub tried_at: Option<Instant>,
    /// When it is tried next.
    pub next_at: Option<Instant>,
}

impl FromRow for Delivery {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            number: row.take()?,
            message: row.take()?,
            event: row.take()?,
            state: row.take()?,
            tries: row.take()?,
            status: row.take()?,
            error: row.take()?,
            made_at: row.take()?,
            tried_at: row.take()?,
            next_at: row.take()?,
        })
    }
}

/// The event of a message that only tries whether somebody listens.
pub const TEST_EVENT: &str = "test";

/// The job that wakes what waited while a webhook was paused. Its key is the webhook.
pub const WAKE_JOB: &str = "webhook_wake";

/// Why something was not done with a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookError {
    /// There is no such webhook or message.
    NotFound,
    /// There are as many as there can be.
    TooMany,
    /// A field does not hold what it should.
    Field(&'static str, String),
    /// The message still waits to be sent.
    StillWaits,
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for WebhookError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for WebhookError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<WebhookError> for Problem {
    fn from(e: WebhookError) -> Self {
        let field = |field: &str, message: String| Self::invalid(message.clone()).fields(vec![FieldProblem { field: field.to_owned(), message }]);
        match e {
            WebhookError::NotFound => Self::not_found(),
            WebhookError::TooMany => field("url", format!("There can be {} webhooks. Remove one that is not needed any more.", limits::WEBHOOKS)),
            WebhookError::Field(name, message) => field(name, message),
            WebhookError::StillWaits => Self::conflict("still-waits", "This message still waits to be sent: it is tried again by itself."),
            WebhookError::Db(e) => e.into(),
        }
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
#[expect(clippy::enum_variant_names, reason = "the names are those the log has for ever")]
pub(super) enum WebhookEvent {
    WebhookAdded { webhook: WebhookId, events: Vec<String> },
    WebhookEventsChosen { webhook: WebhookId, events: Vec<String> },
    WebhookPaused { webhook: WebhookId },
    WebhookResumed { webhook: WebhookId },
    WebhookSecretRotated { webhook: WebhookId },
    WebhookDisabled { webhook: WebhookId },
}

impl Event for WebhookEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::WebhookAdded { .. } => "webhook_added",
            Self::WebhookEventsChosen { .. } => "webhook_events_chosen",
            Self::WebhookPaused { .. } => "webhook_paused",
            Self::WebhookResumed { .. } => "webhook_resumed",
            Self::WebhookSecretRotated { .. } => "webhook_secret_rotated",
            Self::WebhookDisabled { .. } => "webhook_disabled",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::WebhookAdded { webhook, .. }
            | Self::WebhookEventsChosen { webhook, .. }
            | Self::WebhookPaused { webhook }
            | Self::WebhookResumed { webhook }
            | Self::WebhookSecretRotated { webhook }
            | Self::WebhookDisabled { webhook } => Subject::new("webhook", webhook),
        }
    }
}

//! Mail out: plain text over SMTP. What a mail says is made by whoever wants it sent.

use std::fmt;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::jobs::runner::NotDone;

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// What makes it this one and no other: a mail that is sent twice has the same `Message-ID`.
    pub key: String,
    /// The address.
    pub to: String,
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends mails.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why no mail can be sent, or this one was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The settings do not make sense.
    Settings(String),
    /// The mail itself cannot be sent: an address that is none, or that the server will never take.
    Mail(String),
    /// The server could not be reached, or says to come back.
    Server(String),
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(why) | Self::Mail(why) | Self::Server(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for MailError {}

impl From<MailError> for NotDone {
    fn from(e: MailError) -> Self {
        match e {
            MailError::Settings(why) => Self::Later(why),
            MailError::Mail(why) => Self::Never(why),
            MailError::Server(why) => Self::Again(why),
        }
    }
}

impl Mailer {
    /// `server` is `smtps://user:password@host:465`, `smtp://user:password@host:587?tls=required`, or `smtp://host:25` without encryption; `from` is
    /// `Leeway <leeway@shop.example>` or an address alone.
    ///
    /// # Errors
    /// [`MailError::Settings`].
    pub fn new(server: &str, from: &str) -> Result<Self, MailError> {
        // One provider for the whole program; whoever comes second finds it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        let settings = |what: &str, e: &dyn fmt::Display| MailError::Settings(format!("{what}: {e}"));
        // The address of the server holds its password: it is not repeated.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map_err(|e| settings("the address of the mail server", &e))?;
        let from = from.parse().map_err(|e: lettre::address::AddressError| settings(&format!("`{from}`, whom mails come from"), &e))?;
        Ok(Self { transport: transport.timeout(Some(std::time::Duration::from_secs(30))).build(), from })
    }

    /// Sends a mail, and answers when the server has taken it.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let to: Mailbox = mail.to.parse().map_err(|_| MailError::Mail("the address the mail goes to is none".to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@{}>", word(&mail.key), self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|e| MailError::Mail(e.to_string()))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(e) if e.is_permanent() => Err(MailError::Mail(format!("the mail server does not take it: {e}"))),
            Err(e) => Err(MailError::Server(format!("the mail server: {e}"))),
        }
    }
}

/// A key as the left part of a `Message-ID` takes it.
fn word(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '.' }).collect()
}

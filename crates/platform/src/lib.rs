//! What every feature stands on, and which knows none of them: one way to the database for SQLite and PostgreSQL, events, jobs, the web.

pub mod actor;
pub mod audit;
pub mod clock;
pub mod db;
pub mod events;
pub mod http;
pub mod id;
pub mod idempotency;
pub mod jobs;
pub mod limits;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod outbound;
pub mod passes;
pub mod texts;
pub mod webhooks;
pub mod wiring;

use db::Statement;

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Every SQL text of this crate.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [
        db::STATEMENTS,
        events::STATEMENTS,
        audit::STATEMENTS,
        texts::STATEMENTS,
        jobs::STATEMENTS,
        idempotency::STATEMENTS,
        passes::STATEMENTS,
        webhooks::STATEMENTS,
    ]
    .concat()
}

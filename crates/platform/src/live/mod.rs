//! That something changed, told to those who look at it: after a commit what it touched is announced, and open pages ask again for themselves.
//!
//! An announcement is a topic and nothing of what happened: whoever asks again is shown what they may see. The subject of every event is a topic by itself; a
//! feature that keeps something else touches it with one call of [`touch`]. On PostgreSQL the servers of one database tell each other. An announcement is made
//! once at most: a page asks again when it was hidden, and when its stream broke.

mod hub;
mod relay;
mod topic;

pub use hub::{Listening, Live, NoRoom};
pub use topic::Topic;

pub(crate) use relay::relay;

use axum::http::{HeaderMap, header};

use crate::db::Tx;

/// The header of a page that asks again for itself because it was told to.
pub const HEADER: &str = "leeway-live";

/// Where a page hears of these topics.
#[must_use]
pub fn address(topics: &[Topic]) -> String {
    let asked: Vec<String> = topics.iter().map(|topic| format!("topic={topic}")).collect();
    format!("/live?{}", asked.join("&"))
}

/// Whether a page asks by itself: to listen, or again. Nobody has done anything then.
#[must_use]
pub fn is_by_itself(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER) || headers.get(header::ACCEPT).is_some_and(|accepted| accepted == "text/event-stream")
}

/// Announces a topic when the transaction is durable, and not if it is not.
pub fn touch(tx: &mut Tx, topic: Topic) {
    tx.touched(topic);
}

//! Who hears that something changed about a promise: whoever may open its page, and the group that made it, for how it has answered.

use access::Caller;
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::live::{self, Topic};

use super::known::found;
use super::model::{PromiseId, PromiseRow};

/// A promise.
pub(super) fn topic(id: PromiseId) -> Topic {
    Topic::new("promise", &id)
}

/// Something changed about it.
pub(super) fn touch(tx: &mut Tx, row: &PromiseRow) {
    live::touch(tx, topic(row.id));
    if let Some(group) = &row.group {
        live::touch(tx, Topic::new("group", group));
    }
}

/// Whether somebody may hear of a promise: whoever may open its page.
pub fn may_hear<'t>(tx: &'t mut Tx, caller: &'t Caller, id: &'t str, now: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move {
        let Ok(id) = id.parse::<PromiseId>() else { return Ok(false) };
        Ok(caller.is_at_the_desk() && found(tx, caller, id, now).await?.is_some())
    })
}

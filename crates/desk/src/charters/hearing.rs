//! Who hears that another charter is in force: everybody at the desk goes by it.

use access::Caller;
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::live::Topic;

use super::model::IN_FORCE;

/// The charter in force. The events of charters are about it.
#[must_use]
pub fn topic() -> Topic {
    Topic::new("charter", &IN_FORCE)
}

/// Whether somebody may hear that another charter is in force.
pub fn may_hear<'t>(_: &'t mut Tx, caller: &'t Caller, id: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move { Ok(id == IN_FORCE && caller.is_at_the_desk()) })
}

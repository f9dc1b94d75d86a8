//! How news travels upward: for each event, what is applied in the same transaction and which jobs follow after the commit. One table for the whole program,
//! handed in when the database is opened. Nothing else calls upward.

use crate::db::{Body, DbError, Tx};
use crate::events::Recorded;
use crate::jobs::{self, NewJob};

/// Something that is applied in the transaction of an event: bounded SQL.
pub type Apply = for<'t> fn(&'t mut Tx, &'t Recorded) -> Body<'t, (), DbError>;

/// What follows from one kind of event.
pub struct Wire {
    /// The name of the event.
    pub event: &'static str,
    /// Applied in the same transaction, in this order.
    pub apply: &'static [Apply],
    /// Jobs that are given the event, each once.
    pub jobs: &'static [&'static str],
}

pub(crate) async fn follow(tx: &mut Tx, wires: &'static [Wire], event: &Recorded) -> Result<(), DbError> {
    for wire in wires.iter().filter(|w| w.event == event.kind) {
        for apply in wire.apply {
            apply(tx, event).await?;
        }
        for kind in wire.jobs {
            let key = format!("{}#{}", event.subject, event.number);
            jobs::enqueue(tx, &NewJob { kind, key: &key, payload: &event.data, run_at: event.at }, event.at).await?;
        }
    }
    Ok(())
}

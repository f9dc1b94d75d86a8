//! Who hears that something of who is there changed: everybody at the desk reads it.

use platform::db::{Body, DbError, Tx};
use platform::events::Recorded;
use platform::live::{self, Topic};

/// The name of the place where all groups are looked at.
pub const GROUPS: &str = "groups";

/// Something of the teams, the rotas or the absences of groups changed, or of their hours.
pub(crate) fn touch(tx: &mut Tx) {
    live::touch(tx, Topic::place(GROUPS));
}

/// Somebody who may be in a rota has another name or level, or is not there any more.
pub fn changed<'t>(tx: &'t mut Tx, _: &'t Recorded) -> Body<'t, (), DbError> {
    touch(tx);
    Box::pin(async move { Ok(()) })
}

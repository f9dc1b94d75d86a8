//! What is applied in the transaction of an event: see the table of wires of the program.

use access::people::StaffId;
use platform::db::{Body, DbError, Tx};
use platform::events::Recorded;
use platform::live;
use serde::Deserialize;

use super::hearing;
use super::model::PointKind;
use super::store::{self, Following};
use crate::cases::CaseId;
use crate::grants::{GrantId, GrantState};

/// What is looked at of a grant that was made.
#[derive(Deserialize)]
struct Made {
    case: CaseId,
    grant: GrantId,
    said_why: bool,
}

/// What is looked at of a no that somebody went beyond.
#[derive(Deserialize)]
struct Exceeded {
    case: CaseId,
    grant: GrantId,
    first: StaffId,
}

/// What is looked at of a grant that stands elsewhere.
#[derive(Deserialize)]
struct Moved {
    grant: GrantId,
    state: GrantState,
}

/// Somebody gave in the stretch: there is something to talk over with them.
pub fn stretched<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let (made, giver) = (data::<Made>(event)?, event.actor.staff());
        match giver.filter(|_| made.said_why) {
            Some(giver) => put(tx, &Following { agent: StaffId(giver), kind: PointKind::Stretch, case: made.case, grant: made.grant }, event).await,
            None => Ok(()),
        }
    })
}

/// Somebody gave more where another had said no: there is something to talk over with the other.
pub fn exceeded<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let Exceeded { case, grant, first } = data(event)?;
        put(tx, &Following { agent: first, kind: PointKind::Exceeded, case, grant }, event).await
    })
}

/// A grant was taken back before it was sent: there is nothing to talk over, unless somebody wrote something on it.
pub fn taken_back<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move {
        let Moved { grant, state } = data(event)?;
        if state == GrantState::Withdrawn {
            touch(tx, grant, event).await?;
            store::take_out(tx, grant).await?;
        }
        Ok(())
    })
}

/// An error in a grant was mended: where there is something to talk over about it, that is said there.
pub fn corrected<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { touch(tx, data::<Moved>(event)?.grant, event).await })
}

async fn put(tx: &mut Tx, new: &Following, event: &Recorded) -> Result<(), DbError> {
    store::follow(tx, new, event).await?;
    hearing::tell(tx, new.agent, event.at).await
}

/// Open pages hear of where a grant stands, where it is talked over and was.
async fn touch(tx: &mut Tx, grant: GrantId, event: &Recorded) -> Result<(), DbError> {
    for (agent, talk) in store::of_grant(tx, grant).await? {
        match talk {
            Some(talk) => live::touch(tx, hearing::talk(talk)),
            None => hearing::tell(tx, agent, event.at).await?,
        }
    }
    Ok(())
}

fn data<'e, T: Deserialize<'e>>(event: &'e Recorded) -> Result<T, DbError> {
    serde_json::from_str(&event.data).map_err(|e| DbError::Defect(format!("`{}` of {}: {e}", event.kind, event.subject)))
}

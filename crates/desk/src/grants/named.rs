//! A grant in one sentence, above a page that asks something about it.

use access::Caller;
use jiff::Timestamp;
use platform::db::Tx;
use platform::http::Problem;

use super::model::GrantRow;
use crate::cases::{CaseRow, People, what};
use crate::charters::{self, Charters};
use crate::subjects;

/// What was given to whom, in which case, by whom and when.
pub(super) async fn named(tx: &mut Tx, known: &Charters, caller: &Caller, grant: &GrantRow, case: &CaseRow, now: Timestamp) -> Result<String, Problem> {
    let in_force = charters::in_force(tx, known).await?;
    let customer = match grant.customer {
        Some(id) => subjects::called(tx, &[id]).await?.remove(&id).map(|called| format!(" for {}", called.label())),
        None => None,
    };
    let mut people = People::new();
    people.meet(tx, std::iter::once(&grant.giver)).await?;
    let given = caller.formats().moment(Timestamp::from_microsecond(grant.at).unwrap_or(now), now);
    Ok(format!(
        "{}{}, in case {} “{}”: given by {}, {given}.",
        what(in_force.as_ref(), grant),
        customer.unwrap_or_default(),
        case.number,
        case.heading(in_force.as_ref()),
        people.name(&grant.giver)
    ))
}

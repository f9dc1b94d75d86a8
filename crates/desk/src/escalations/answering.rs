//! How the groups that somebody leads have answered.

use access::Caller;
use charter::Charter;
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};

use super::measures::{Measures, measured};
use crate::cases::People;
use crate::groups;
use crate::options::{group_title, sentence_case, spoken};
use crate::promises::{self, Fate};

/// How far back is looked.
pub(super) const BACK: i64 = 90 * 24 * 3_600_000_000;
/// How much of each group is looked at, the latest first.
const MOST: i64 = 500;

/// How a group has answered.
pub(super) struct Answering {
    /// Which, by its id in the charter.
    pub(super) group: String,
    /// All that was raised to it.
    pub(super) whole: Measures,
    /// What each person answered, with their name: for who manages the team of the group all of them, for who leads it their own.
    pub(super) people: Vec<(Actor, String, Measures)>,
    /// How what it promised to customers stands.
    pub(super) fates: Vec<Fate>,
}

impl Answering {
    /// What people call the group.
    pub(super) fn title(&self, charter: Option<&Charter>) -> String {
        charter.map_or_else(|| spoken(&self.group), |charter| sentence_case(&group_title(charter, &self.group)))
    }

    /// How many of its promises stand so.
    pub(super) fn count(&self, fate: Fate) -> usize {
        self.fates.iter().filter(|one| **one == fate).count()
    }
}

/// How each of the groups has answered whose team the caller leads; for people alone.
pub(super) async fn of_led(tx: &mut Tx, caller: &Caller, now: Instant) -> Result<Vec<Answering>, DbError> {
    let mut found = Vec::new();
    for (group, (team, _)) in groups::teams(tx).await?.into_iter().filter(|(_, (team, _))| caller.is_person() && caller.leads(*team)) {
        // Also what came to people from another group.
        let (whole, mut people) = measured(tx, &group, now - BACK, MOST, now).await?;
        let promised = promises::of_group(tx, &group, now - BACK, MOST).await?;
        let (manages, me) = (caller.manages(team), caller.actor());
        people.retain(|(actor, _)| manages || *actor == me);
        let mut names = People::new();
        names.meet(tx, people.iter().map(|(actor, _)| actor)).await?;
        let people = people.into_iter().map(|(actor, of)| (actor.clone(), names.name(&actor), of)).collect();
        let fates = promised.iter().map(|promise| promise.fate(now)).collect();
        found.push(Answering { whole, people, fates, group });
    }
    Ok(found)
}

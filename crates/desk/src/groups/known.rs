//! What is known of groups at one moment, for pages and programs.

use std::collections::BTreeMap;

use access::people::StaffId;
use access::teams::TeamId;
use charter::Charter;
use charter::calendar::Calendar;
use charter::model::Group;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use platform::db::{DbError, Tx};

use super::coverage::{Covered, Span};
use super::store::{self, Rota};
use crate::charters::{self, Charters, InForce};

/// How far is looked ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Where times of a group are told: the zone of its calendar, or of the charter while nobody has entered its hours.
pub(crate) fn zone(charter: &Charter, calendars: &BTreeMap<String, Calendar>, group: &Group) -> TimeZone {
    let calendar = group.hours.as_deref().and_then(|name| calendars.get(name));
    calendar.map_or_else(|| charter.zone.clone(), |calendar| calendar.zone().clone())
}

/// Something that is missing for a group to be reached.
pub(super) struct Missing {
    /// What.
    pub(super) title: String,
    /// What comes of it, and who can do what about it.
    pub(super) text: &'static str,
}

/// What is known of groups now.
pub(super) struct Known {
    pub(super) in_force: Option<InForce>,
    pub(super) hours: BTreeMap<String, Calendar>,
    pub(super) rotas: BTreeMap<String, Rota>,
    pub(super) teams: BTreeMap<String, (TeamId, String)>,
    /// Name and level of whoever is in a rota.
    pub(super) people: BTreeMap<StaffId, (String, Option<String>)>,
    pub(super) window: Span,
}

impl Known {
    pub(super) async fn read(tx: &mut Tx, charters: &Charters, now: Timestamp) -> Result<Self, DbError> {
        let rotas = store::rotas(tx, now.as_microsecond()).await?;
        let mut people: Vec<StaffId> = rotas.values().flat_map(Rota::people).collect();
        people.sort_unstable();
        people.dedup();
        Ok(Self {
            in_force: charters::in_force(tx, charters).await?,
            hours: charters::calendars(tx).await?,
            teams: store::teams(tx).await?,
            people: store::authority(tx, &people).await?,
            rotas,
            window: (now, now.checked_add(AHEAD).unwrap_or(now)),
        })
    }

    fn groups(&self) -> &[Group] {
        self.in_force.as_ref().map(|in_force| in_force.charter.groups.as_slice()).unwrap_or_default()
    }

    /// All groups in the order in which they are asked.
    pub(super) fn in_order(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups().iter().collect();
        groups.sort_by_key(|group| (group.priority, group.level));
        groups
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups().iter().find(|group| *group.id == *id)
    }

    /// The word for the level a group decides with.
    pub(super) fn level(&self, group: &Group) -> &str {
        self.in_force.as_ref().and_then(|in_force| in_force.charter.levels.get(group.level)).map_or("", |level| level)
    }

    pub(super) fn calendar(&self, group: &Group) -> Option<&Calendar> {
        group.hours.as_deref().and_then(|name| self.hours.get(name))
    }

    /// Where days of a group are told.
    pub(super) fn zone(&self, group: &Group) -> TimeZone {
        self.in_force.as_ref().map_or(TimeZone::UTC, |in_force| zone(&in_force.charter, &self.hours, group))
    }

    pub(super) fn covered(&self, group: &Group) -> Vec<Covered> {
        self.rotas.get(&*group.id).map(|rota| rota.covered(self.calendar(group), self.window)).unwrap_or_default()
    }

    pub(super) fn name(&self, staff: StaffId) -> &str {
        self.people.get(&staff).map_or("", |(name, _)| name)
    }

    pub(super) fn names(&self, on: &[StaffId]) -> String {
        on.iter().map(|staff| self.name(*staff)).collect::<Vec<_>>().join(", ")
    }

    /// Who of a rota has less authority than the group.
    fn below(&self, group: &Group) -> Vec<&str> {
        let Some(in_force) = &self.in_force else { return Vec::new() };
        let is_below = |level: &Option<String>| level.as_deref().and_then(|level| in_force.charter.level(level)).is_none_or(|level| level < group.level);
        let people = self.rotas.get(&*group.id).map(Rota::people).unwrap_or_default();
        people.iter().filter_map(|staff| self.people.get(staff)).filter(|(_, level)| is_below(level)).map(|(name, _)| name.as_str()).collect()
    }

    /// What is missing for a group that is covered so to be reached. What is known of people themselves, only whoever leads them is told.
    pub(super) fn missing(&self, group: &Group, covered: &[Covered], leads: bool) -> Vec<Missing> {
        let mut found = Vec::new();
        let mut find = |title: String, text: &'static str| found.push(Missing { title, text });
        if !self.teams.contains_key(&*group.id) {
            find("No team serves this group".to_owned(), "A manager says which one. The people of that team can be in its rota.");
        }
        match self.rotas.get(&*group.id) {
            None => {
                find("Nobody is in its rota".to_owned(), "Until somebody is, its calendar alone says when an answer is due. Put in who is there, and when.")
            }
            Some(_) if covered.is_empty() => {
                find("Nobody is there in the next seven days".to_owned(), "Put in more hours, or somebody who stands in for whoever is absent.")
            }
            Some(_) => {}
        }
        match (group.hours.as_deref(), self.calendar(group)) {
            (None, _) => find(
                "The charter gives this group no hours".to_owned(),
                "When an answer is due is reckoned as if somebody were always there. Add `hours` to the group in the charter.",
            ),
            (Some(_), None) => {
                find("The hours of its calendar are not entered".to_owned(), "An operator enters them under Calendars. Until then only the rota counts.")
            }
            (Some(_), Some(_)) => {}
        }
        for name in self.below(group).into_iter().filter(|_| leads) {
            find(
                format!("{name} has less authority than this group"),
                "What they answer is decided with their own level. An owner sets it on their page among the people.",
            );
        }
        found
    }
}

/// How many groups of the charter in force cannot be reached as they should: without a team, without people in the days ahead, or without hours.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn unreached(tx: &mut Tx, charters: &Charters, now: Timestamp) -> Result<usize, DbError> {
    let known = Known::read(tx, charters, now).await?;
    Ok(known.groups().iter().filter(|group| !known.missing(group, &known.covered(group), false).is_empty()).count())
}

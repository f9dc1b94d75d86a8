//! Who is there for what is passed on: all groups, and one with its rota.

mod changes;
mod show;

use std::collections::BTreeMap;

use access::people::StaffId;
use access::teams::TeamId;
use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use charter::calendar::Calendar;
use charter::model::Group;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use platform::db::{DbError, Tx};
use platform::http::{Problem, Route};
use serde::Deserialize;
use ui::components::{Chip, Empty, Notice, Tone};
use ui::format::Formats;
use ui::shell::Shell;

use super::coverage::{Covered, Span};
use super::store::{self, Rota};
use crate::charters::{self, Charters, InForce};
use crate::options::sentence_case;
use crate::state::{Desk, page};

/// Every route of groups.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/groups", Permission::Desk, list, desk),
        Route::get("/groups/{group}", Permission::Desk, show::show, desk),
        Route::post("/groups/{group}/team", Permission::Manager, changes::set_team, desk).taking(&["team"]),
        Route::post("/groups/{group}/shifts", Permission::Lead, changes::begin_shift, desk).taking(&["staff", "hours", "zone"]),
        Route::post("/groups/{group}/absences", Permission::Desk, changes::enter_absence, desk).taking(&["staff", "from", "until", "substitute"]),
        Route::post("/shifts/{id}/end", Permission::Lead, changes::end_shift, desk),
        Route::post("/absences/{id}/end", Permission::Desk, changes::call_off, desk),
    ]
}

/// How far the pages look ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 7);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        let title = match self.done.as_str() {
            "team" => "The team serves this group now",
            "begun" => "The hours are in the rota",
            "ended" => "The hours are taken out of the rota",
            "away" => "The absence is entered",
            "back" => "The absence is called off",
            _ => return None,
        };
        Some(Notice::new(Tone::Positive, title))
    }
}

/// What is known of groups now.
struct Known {
    in_force: Option<InForce>,
    hours: BTreeMap<String, Calendar>,
    rotas: BTreeMap<String, Rota>,
    teams: BTreeMap<String, (TeamId, String)>,
    /// Name and level of whoever is in a rota.
    people: BTreeMap<StaffId, (String, Option<String>)>,
    window: Span,
}

impl Known {
    async fn read(tx: &mut Tx, charters: &Charters, now: Timestamp) -> Result<Self, DbError> {
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

    fn group(&self, id: &str) -> Option<&Group> {
        self.groups().iter().find(|group| *group.id == *id)
    }

    /// The word for the level a group decides with.
    fn level(&self, group: &Group) -> &str {
        self.in_force.as_ref().and_then(|in_force| in_force.charter.levels.get(group.level)).map_or("", |level| level)
    }

    fn calendar(&self, group: &Group) -> Option<&Calendar> {
        group.hours.as_deref().and_then(|name| self.hours.get(name))
    }

    /// Where days of a group are told: the zone of its calendar, or of the charter while nobody has entered its hours.
    fn zone(&self, group: &Group) -> TimeZone {
        let of_charter = || self.in_force.as_ref().map(|in_force| in_force.charter.zone.clone());
        self.calendar(group).map(|calendar| calendar.zone().clone()).or_else(of_charter).unwrap_or(TimeZone::UTC)
    }

    fn covered(&self, group: &Group) -> Vec<Covered> {
        self.rotas.get(&*group.id).map(|rota| rota.covered(self.calendar(group), self.window)).unwrap_or_default()
    }

    fn name(&self, staff: StaffId) -> &str {
        self.people.get(&staff).map_or("", |(name, _)| name)
    }

    fn names(&self, on: &[StaffId]) -> String {
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
    fn findings(&self, group: &Group, covered: &[Covered], leads: bool) -> Vec<Notice> {
        let mut found = Vec::new();
        let mut find = |title: String, text: &str| found.push(Notice { text: text.to_owned(), ..Notice::new(Tone::Caution, title) });
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

#[derive(Template)]
#[template(path = "groups/templates/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    empty: Empty,
}

struct Row {
    id: String,
    title: String,
    level: String,
    team: String,
    now: Option<String>,
    /// Until when they are, or when somebody is again.
    then: String,
    missing: Option<Chip>,
}

/// All groups of the charter in force, and who is there now.
async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Who is there");
    shell.context = "For what you pass on: which group, with which authority, until when.".to_owned();
    shell.notices.extend(asked.notice());
    let (charters, now, formats) = (desk.charters.clone(), desk.now(), caller.formats());
    let known = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Known::read(tx, &charters, now).await })).await?;
    let mut groups: Vec<&Group> = known.groups().iter().collect();
    groups.sort_by_key(|group| (group.priority, group.level));
    let rows = groups.into_iter().map(|group| row(&known, group, &caller, now, &formats)).collect();
    let empty = Empty {
        title: "The charter has no groups".to_owned(),
        text: "A group serves what an agent may not decide alone. Add one to the charter: `[[group]]`, with its level.".to_owned(),
        action: Some(("Read the charter".to_owned(), "/charter".to_owned())),
    };
    page(&ListPage { shell, rows, empty })
}

fn row(known: &Known, group: &Group, caller: &Caller, now: Timestamp, formats: &Formats) -> Row {
    let covered = known.covered(group);
    let on = covered.first().filter(|part| part.span.0 <= now);
    let then = match (on, covered.first()) {
        (Some(part), _) => format!("until {}", formats.moment(part.span.1, now)),
        (None, Some(next)) => format!("{} from {}", known.names(&next.on), formats.moment(next.span.0, now)),
        (None, None) => "not in the next seven days".to_owned(),
    };
    let leads = known.teams.get(&*group.id).is_some_and(|(team, _)| caller.leads(*team));
    let missing = known.findings(group, &covered, leads).len();
    Row {
        id: group.id.to_string(),
        title: sentence_case(&group.title),
        level: known.level(group).to_owned(),
        team: known.teams.get(&*group.id).map(|(_, name)| name.clone()).unwrap_or_default(),
        now: on.map(|part| format!("{}{}", known.names(&part.on), if part.by_deputies { " (deputy)" } else { "" })),
        then,
        missing: (missing > 0).then(|| Chip::new(Tone::Caution, if missing == 1 { "1 thing missing".to_owned() } else { format!("{missing} things missing") })),
    }
}

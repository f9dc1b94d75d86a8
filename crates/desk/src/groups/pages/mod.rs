//! Who is there for what is passed on: all groups, and one with its rota.

mod changes;
mod chat;
mod show;

use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use charter::model::Group;
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::{Problem, Route};
use platform::live::{self, Topic};
use serde::Deserialize;
use ui::components::{Chip, Empty, Notice, Tone};
use ui::format::Formats;
use ui::shell::Shell;

use super::hearing::GROUPS;
use super::known::{Known, Missing};
use crate::charters;
use crate::options::sentence_case;
use crate::state::{Desk, page};

pub use chat::{Chats, chat_routes};

/// Every route of groups but those of their chats.
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
            "chat" => "The group hears of what it is asked in this chat too",
            "tried" => "The chat took the test",
            "quiet" => "The group hears of nothing in a chat any more",
            _ => return None,
        };
        Some(Notice::new(Tone::Positive, title))
    }
}

/// Where these pages hear of what changes: of who is there, and of which groups the charter has.
fn hears() -> String {
    live::address(&[Topic::place(GROUPS), charters::topic()])
}

/// What is missing, as it stands on a page.
fn caution(missing: Missing) -> Notice {
    Notice { text: missing.text.to_owned(), ..Notice::new(Tone::Caution, missing.title) }
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
    shell.live = Some(hears());
    shell.context = "For what you pass on: which group, with which authority, until when.".to_owned();
    shell.notices.extend(asked.notice());
    let (charters, now, formats) = (desk.charters.clone(), desk.now(), caller.formats());
    let known = desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Known::read(tx, &charters, now).await })).await?;
    let rows = known.in_order().into_iter().map(|group| row(&known, group, &caller, now, &formats)).collect();
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
        (Some(part), _) => format!("until {}", formats.deadline(part.span.1, now)),
        (None, Some(next)) => format!("{} from {}", known.names(&next.on), formats.moment(next.span.0, now)),
        (None, None) => "not in the next seven days".to_owned(),
    };
    let leads = known.teams.get(&*group.id).is_some_and(|(team, _)| caller.leads(*team));
    let missing = known.missing(group, &covered, leads).len();
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

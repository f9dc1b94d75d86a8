use std::collections::HashMap;

use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use charter::Charter;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::id::Id;
use platform::limits::{LIVE_TOPICS, PAGE_ENTRIES};
use platform::live::{self, Topic};
use serde::Deserialize;
use ui::components::{Chip, Empty, Pager, Tab, Tabs};
use ui::format::Formats;
use ui::shell::Shell;

use super::super::known::served_by;
use super::super::model::{EscalationId, EscalationRow, ItemRow};
use super::super::store;
use super::show::state_chip;
use crate::cases::{self, CaseId, People};
use crate::charters::{self, InForce};
use crate::news;
use crate::options::{group_title, spoken};
use crate::state::{Desk, page};

/// Which are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    of: String,
    /// The last of the page before: when it is due, and its id.
    due: Option<i64>,
    after: Option<String>,
}

/// Whose turn, and in which order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// What the groups of the one who looks owe, the next due first.
    Owed,
    /// What they raised, the latest first.
    Raised,
    /// What their groups have answered, the latest first.
    Answered,
}

impl Which {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Owed, "waiting", "Waiting for you"), (Self::Raised, "mine", "Raised by you"), (Self::Answered, "answered", "Answered")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(which, ..)| *which == self).map_or("", |(_, word, _)| word)
    }
}

#[derive(Template)]
#[template(path = "escalations/templates/list.html")]
struct ListPage {
    shell: Shell,
    is_lead: bool,
    tabs: Tabs,
    rows: Vec<RowView>,
    pager: Pager,
    empty: Empty,
}

struct RowView {
    href: String,
    what: String,
    case: String,
    raiser: String,
    group: String,
    when: String,
    at: String,
    state: Chip,
}

/// What waits for the groups of the one who looks, what they raised, and what was answered.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let (now, at, known, who) = (desk.now(), desk.clock.now(), desk.charters.clone(), caller.clone());
    let wanted = Which::ALL.iter().find(|(_, word, _)| *word == asked.of).map(|(which, ..)| *which);
    let mut shell = (desk.frame)(&caller, "Escalations");
    shell.context = "What was passed up, by when it is due, and what came back.".to_owned();
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let groups = served_by(tx, &who, now).await?;
            let which = wanted.unwrap_or(if groups.is_empty() { Which::Raised } else { Which::Owed });
            let after = asked.after.as_deref().and_then(|id| id.parse::<Id>().ok()).map(EscalationId);
            let mut rows = match which {
                Which::Owed => store::owed(tx, &groups, (asked.due, after), PAGE_ENTRIES + 1).await?,
                Which::Raised => store::of_raiser(tx, &who.actor(), after, PAGE_ENTRIES + 1).await?,
                Which::Answered => store::answered(tx, &groups, after, PAGE_ENTRIES + 1).await?,
            };
            let has_more = i64::try_from(rows.len()).is_ok_and(|n| n > PAGE_ENTRIES);
            rows.truncate(usize::try_from(PAGE_ENTRIES).unwrap_or(usize::MAX));
            let next = rows.last().filter(|_| has_more).map(|last| next(which, last));
            let topics: Vec<Topic> = match which {
                Which::Raised => rows.iter().filter(|row| row.state.is_owed()).map(|row| Topic::new("escalation", &row.id)).take(LIVE_TOPICS).collect(),
                _ => groups.iter().map(|group| Topic::new("group", group)).take(LIVE_TOPICS).collect(),
            };
            let in_force = charters::in_force(tx, &known).await?;
            let names = Names::of(tx, &rows, in_force.as_ref()).await?;
            let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
            let counts = store::count(tx, &groups).await?;
            let formats = who.formats();
            let views: Vec<RowView> = rows.iter().map(|row| view(row, &names, charter, &formats, (now, at))).collect();
            let notices = news::notices(tx, &who, None).await?.notices;
            Ok((which, views, next, counts, notices, asked.after.is_some(), topics))
        })
    });
    let (which, rows, next, waiting, notices, is_later, topics) = read.await?;
    shell.live = (!topics.is_empty()).then(|| live::address(&topics));
    shell.notices.extend(notices);
    page(&ListPage {
        is_lead: caller.is_lead(),
        tabs: tabs(which, waiting),
        pager: Pager {
            label: "Pages of escalations".to_owned(),
            previous: is_later.then(|| format!("/escalations?of={}", which.word())),
            next,
            showing: if which == Which::Owed { "The next due first".to_owned() } else { "The latest first".to_owned() },
            ..Pager::default()
        },
        rows,
        empty: empty(which),
        shell,
    })
}

fn next(which: Which, last: &EscalationRow) -> String {
    let due = if which == Which::Owed { format!("&due={}", last.due_at.unwrap_or(super::super::NEVER)) } else { String::new() };
    format!("/escalations?of={}{due}&after={}", which.word(), last.id)
}

fn tabs(chosen: Which, waiting: u32) -> Tabs {
    let count = |which: Which| (which == Which::Owed).then_some(waiting);
    let tab = |(which, word, label): (Which, &str, &str)| Tab {
        href: format!("/escalations?of={word}"),
        label: label.to_owned(),
        is_current: which == chosen,
        count: count(which),
    };
    Tabs { label: "Which escalations".to_owned(), tabs: Which::ALL.map(tab).to_vec() }
}

fn empty(which: Which) -> Empty {
    let (title, text) = match which {
        Which::Owed => ("Nothing waits for you", "What is passed up to a group you serve comes here, the next due first."),
        Which::Raised => ("You have passed nothing up", "The card of a case says who can give more than you can, and asks them."),
        Which::Answered => ("Nothing was answered yet", "What the groups you serve have answered stays here."),
    };
    Empty { title: title.to_owned(), text: text.to_owned(), action: None }
}

/// Everything the rows name, each asked for once.
struct Names {
    people: People,
    cases: HashMap<CaseId, String>,
    items: HashMap<EscalationId, Vec<ItemRow>>,
}

impl Names {
    async fn of(tx: &mut Tx, rows: &[EscalationRow], in_force: Option<&InForce>) -> Result<Self, DbError> {
        let mut people = People::new();
        people.meet(tx, rows.iter().map(|row| &row.raiser)).await?;
        let items = store::items_of(tx, rows).await?;
        let found = cases::by_ids(tx, &rows.iter().map(|row| row.case).collect::<Vec<_>>()).await?;
        let cases = found.into_iter().map(|case| (case.id, format!("{} {}", case.number, case.heading(in_force)))).collect();
        Ok(Self { people, cases, items })
    }
}

fn view(row: &EscalationRow, names: &Names, charter: Option<&Charter>, formats: &Formats, (now, at): (Timestamp, i64)) -> RowView {
    let stamp = |at: i64| Timestamp::from_microsecond(at).unwrap_or(now);
    let (when, moment) = match (row.state.is_owed(), row.due_at) {
        (true, Some(due)) => (format!("due {}", formats.moment(stamp(due), now)), stamp(due)),
        (true, None) => ("no time known".to_owned(), stamp(row.raised_at)),
        (false, _) => (formats.age(stamp(row.state_at), now), stamp(row.state_at)),
    };
    RowView {
        href: format!("/escalations/{}", row.id),
        what: names.items.get(&row.id).map(|items| items.iter().map(|item| item.in_words(charter)).collect::<Vec<_>>().join(", ")).unwrap_or_default(),
        case: names.cases.get(&row.case).cloned().unwrap_or_default(),
        raiser: names.people.name(&row.raiser),
        group: charter.map_or_else(|| spoken(&row.group), |charter| group_title(charter, &row.group)),
        when,
        at: moment.to_string(),
        state: state_chip(row, at),
    }
}

//! How the groups answer: for those who lead them, the figures of the group and their own; for those who manage them, those of all who answer.

use access::Caller;
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use charter::Charter;
use jiff::SignedDuration;
use platform::db::DbError;
use platform::http::Problem;
use platform::limits::LIVE_TOPICS;
use platform::live::{self, Topic};
use ui::components::Empty;
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::answering::{self, Answering};
use super::super::measures::Measures;
use crate::charters;
use crate::groups::GROUPS;
use crate::promises::Fate;
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "escalations/templates/answering.html")]
struct AnsweringPage {
    shell: Shell,
    groups: Vec<GroupView>,
    empty: Empty,
}

struct GroupView {
    title: String,
    rows: Vec<RowView>,
    promises: String,
}

impl GroupView {
    fn of(of: &Answering, charter: Option<&Charter>, formats: &Formats) -> Self {
        let all = RowView { who: "The group".to_owned(), figures: figures(&of.whole, formats, true) };
        let each = of.people.iter().map(|(_, name, of)| RowView { who: name.clone(), figures: figures(of, formats, false) });
        Self {
            title: of.title(charter),
            rows: std::iter::once(all).chain(each).collect(),
            promises: match of.fates.len() {
                0 => "Nothing was promised to customers.".to_owned(),
                all => {
                    let [kept, late, broken, open] = [Fate::Kept, Fate::Late, Fate::Broken, Fate::Open].map(|fate| of.count(fate));
                    format!("Promised to customers: {all}; kept {kept}, kept late {late}, broken {broken}, open {open}.")
                }
            },
        }
    }
}

struct RowView {
    who: String,
    /// As they stand in the columns.
    figures: Vec<(&'static str, String)>,
}

/// How the groups that the caller leads have answered in the last 90 days.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "How we answer");
    shell.crumbs = vec![Crumb::new("Escalations", "/escalations")];
    shell.context = "The latest 500 questions to each of your groups, of the last 90 days, and how they were answered.".to_owned();
    let (now, known, formats) = (desk.clock.now(), desk.charters.clone(), caller.formats());
    let read =
        desk.read::<_, DbError, _>(move |tx| Box::pin(async move { Ok((charters::in_force(tx, &known).await?, answering::of_led(tx, &caller, now).await?)) }));
    let (in_force, found) = read.await?;
    // Which groups they lead changes where all groups do.
    let topics = [Topic::place(GROUPS)].into_iter().chain(found.iter().map(|of| Topic::new("group", &of.group)));
    shell.live = Some(live::address(&topics.take(LIVE_TOPICS).collect::<Vec<_>>()));
    let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
    let groups = found.iter().map(|of| GroupView::of(of, charter, &formats)).collect();
    let empty = Empty {
        title: "You lead no team that serves a group".to_owned(),
        text: "Who manages a team says under Who is there which group it serves.".to_owned(),
        action: Some(("Who is there".to_owned(), "/groups".to_owned())),
    };
    page(&AnsweringPage { shell, groups, empty })
}

fn figures(of: &Measures, formats: &Formats, is_group: bool) -> Vec<(&'static str, String)> {
    let share = |part: usize, whole: usize| if whole == 0 { "–".to_owned() } else { format!("{part} of {whole}") };
    let span = |median: Option<(i64, usize)>| {
        median.map_or_else(|| "–".to_owned(), |(micros, n)| format!("{} (n {n})", formats.duration(SignedDuration::from_micros(micros))))
    };
    vec![
        ("Answered", if is_group { share(of.answered, of.raised) } else { of.answered.to_string() }),
        ("First look, median", span(of.looked)),
        ("Answer, median", span(of.took)),
        ("Late", share(of.late, of.raised)),
        ("Said no", share(of.declined, of.answered)),
        ("Could have been decided alone", share(of.could_have, of.answered)),
        ("Feedback that helped", share(of.helped, of.rated)),
    ]
}

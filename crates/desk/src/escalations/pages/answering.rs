//! How the groups answer: for those who lead them, the figures of the group and their own; for those who manage them, those of all who answer.

use access::Caller;
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use jiff::SignedDuration;
use platform::db::DbError;
use platform::http::Problem;
use ui::components::Empty;
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::measures::Measures;
use super::super::store;
use crate::cases::People;
use crate::charters;
use crate::groups;
use crate::options::{group_title, sentence_case, spoken};
use crate::promises::{self, Fate};
use crate::state::{Desk, page};

/// How far back is looked.
const BACK: i64 = 90 * 24 * 3_600_000_000;
/// How much of each group is looked at, the latest first.
const MOST: i64 = 500;

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
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let in_force = charters::in_force(tx, &known).await?;
            let teams = groups::teams(tx).await?;
            let mut views = Vec::new();
            for (group, (team, _)) in teams.into_iter().filter(|(_, (team, _))| caller.leads(*team)) {
                let rows = store::raised_to(tx, &group, now - BACK, MOST).await?;
                let promised = promises::of_group(tx, &group, now - BACK, MOST).await?;
                let (manages, me) = (caller.manages(team), caller.actor());
                // Also what came to them from another group.
                let mut people = Measures::by_person(&store::answered_by(tx, &group, now - BACK, MOST).await?, now);
                people.retain(|(actor, _)| manages || *actor == me);
                let mut names = People::new();
                names.meet(tx, people.iter().map(|(actor, _)| actor)).await?;
                let all = RowView { who: "The group".to_owned(), figures: figures(&Measures::of(&rows, now), &formats, true) };
                let each = people.iter().map(|(actor, of)| RowView { who: names.name(actor), figures: figures(of, &formats, false) });
                let fates: Vec<Fate> = promised.iter().map(|promise| promise.fate(now)).collect();
                let count = |fate: Fate| fates.iter().filter(|one| **one == fate).count();
                views.push(GroupView {
                    title: in_force.as_ref().map_or_else(|| spoken(&group), |in_force| sentence_case(&group_title(&in_force.charter, &group))),
                    rows: std::iter::once(all).chain(each).collect(),
                    promises: format!(
                        "Promised to customers: {}; kept {}, kept late {}, broken {}, open {}.",
                        fates.len(),
                        count(Fate::Kept),
                        count(Fate::Late),
                        count(Fate::Broken),
                        count(Fate::Open)
                    ),
                });
            }
            Ok(views)
        })
    });
    let groups = read.await?;
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

//! Exceptions that others may go by, found again by remedy, reason and words.

use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use charter::Charter;
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::Problem;
use platform::id::Id;
use platform::limits::NAME_CHARS;
use platform::live::{self, Topic};
use serde::Deserialize;
use ui::components::{Choice, Empty, Pager, Select};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::follow::PRECEDENTS;
use super::super::model::{EscalationId, ItemRow};
use super::super::precedents::{self, Precedent};
use super::super::store::Sought;
use crate::charters;
use crate::options::{sentence_case, spoken};
use crate::state::{Desk, page};

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    remedy: String,
    reason: String,
    q: String,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "escalations/templates/precedents.html")]
struct PrecedentsPage {
    shell: Shell,
    remedy: Select,
    reason: Select,
    words: String,
    rows: Vec<PrecedentView>,
    pager: Pager,
    empty: Empty,
}

/// An exception that others may go by, as it stands on a page.
pub(super) struct PrecedentView {
    /// Its page, for those who may open it.
    pub(super) href: Option<String>,
    pub(super) what: String,
    pub(super) when: String,
    /// The reasoning.
    pub(super) words: Vec<String>,
}

impl PrecedentView {
    pub(super) fn of(found: &Precedent, charter: Option<&Charter>, formats: &Formats, now: Timestamp) -> Self {
        Self {
            href: found.opens.map(|_| format!("/escalations/{}", found.row.id)),
            what: found.given.iter().map(|item| item.in_words_with_reason(charter)).collect::<Vec<_>>().join("; "),
            when: formats.age(Timestamp::from_microsecond(found.row.state_at).unwrap_or(now), now),
            words: found.words.iter().flat_map(|text| text.lines().map(str::to_owned)).collect(),
        }
    }
}

/// The address of all precedents of what is asked for.
pub(super) fn precedents_of(item: Option<&ItemRow>) -> String {
    let pairs = item.map(|item| [("remedy", item.remedy.as_str()), ("reason", item.reason.as_deref().unwrap_or_default())]).unwrap_or_default();
    // Texts can always be encoded.
    format!("/precedents?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// Exceptions that others may go by, the latest first.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Precedents");
    shell.crumbs = vec![Crumb::new("Escalations", "/escalations")];
    shell.live = Some(live::address(&[Topic::place(PRECEDENTS), charters::topic()]));
    shell.context = "Exceptions that were made, with their reasons, for others to go by.".to_owned();
    let (now, known, formats) = (desk.now(), desk.charters.clone(), caller.formats());
    let words: String = asked.q.trim().chars().take(NAME_CHARS).collect();
    let sought = Sought { remedy: asked.remedy.clone(), reason: asked.reason.clone(), words: words.clone() };
    let before = asked.before.as_deref().and_then(|id| id.parse::<Id>().ok()).map(EscalationId);
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let in_force = charters::in_force(tx, &known).await?;
            let (found, next) = precedents::page(tx, &sought, before, &caller, now).await?;
            Ok((found, next, in_force))
        })
    });
    let (found, next, in_force) = read.await?;
    let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
    let rows = found.iter().map(|found| PrecedentView::of(found, charter, &formats, now)).collect();
    let remedies = charter.map(|c| c.remedies.iter().map(|r| (r.id.to_string(), r.title.to_string())).collect::<Vec<_>>()).unwrap_or_default();
    let reasons = charter.map(|c| c.reasons.iter().map(|r| (r.to_string(), sentence_case(&spoken(r)))).collect::<Vec<_>>()).unwrap_or_default();
    let address = |before: Option<EscalationId>| {
        let before = before.map(|id| id.to_string());
        let pairs =
            [("remedy", Some(asked.remedy.as_str())), ("reason", Some(asked.reason.as_str())), ("q", Some(words.as_str())), ("before", before.as_deref())];
        let pairs: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).filter(|(_, value)| !value.is_empty()).collect();
        // Texts can always be encoded.
        format!("/precedents?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    };
    page(&PrecedentsPage {
        remedy: select("remedy", "Remedy", remedies, &asked.remedy),
        reason: select("reason", "Reason", reasons, &asked.reason),
        pager: Pager {
            label: "Pages of precedents".to_owned(),
            previous: asked.before.is_some().then(|| address(None)),
            next: next.map(|next| address(Some(next))),
            showing: "The latest first".to_owned(),
            ..Pager::default()
        },
        empty: Empty {
            title: "No precedent of this".to_owned(),
            text: "Whoever makes an exception says whether it is a one-off or a precedent, and why. The precedents stand here.".to_owned(),
            action: None,
        },
        words,
        rows,
        shell,
    })
}

fn select(name: &str, label: &str, of: Vec<(String, String)>, chosen: &str) -> Select {
    let any = std::iter::once((String::new(), "Any".to_owned()));
    let choices = any.chain(of).map(|(value, label)| Choice { is_chosen: value == chosen, value, label }).collect();
    Select { name: name.to_owned(), label: label.to_owned(), choices, sends: true, ..Select::default() }
}

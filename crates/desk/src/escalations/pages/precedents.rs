//! Exceptions that others may go by, found again by remedy, reason and words.

use std::collections::HashSet;

use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use charter::Charter;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::id::Id;
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use platform::texts;
use serde::Deserialize;
use ui::components::{Choice, Empty, Pager, Select};
use ui::shell::Shell;

use super::super::model::{Answer, EscalationId, EscalationRow, ItemRow};
use super::super::store::{self, Sought};
use crate::cases::{self, CaseId};
use crate::charters;
use crate::groups;
use crate::options::{sentence_case, spoken};
use crate::state::{Desk, may_see, page};

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
    rows: Vec<Precedent>,
    pager: Pager,
    empty: Empty,
}

/// An exception that others may go by.
pub(super) struct Precedent {
    /// Its page, for those who may open it.
    pub(super) href: Option<String>,
    pub(super) what: String,
    pub(super) when: String,
    /// The reasoning.
    pub(super) words: Vec<String>,
}

impl Precedent {
    /// What was given in each, when, and why.
    pub(super) async fn of(tx: &mut Tx, rows: &[EscalationRow], charter: Option<&Charter>, caller: &Caller, now: Timestamp) -> Result<Vec<Self>, DbError> {
        let formats = caller.formats();
        let (served, of_rows) = (groups::served_by(tx, caller, now).await?, rows.iter().map(|row| row.case).collect::<Vec<_>>());
        let seen: HashSet<CaseId> = cases::by_ids(tx, &of_rows).await?.into_iter().filter(|case| may_see(caller, case)).map(|case| case.id).collect();
        let opens = |row: &EscalationRow| caller.is_owner() || served.contains(&row.group) || seen.contains(&row.case);
        let items = store::items_of(tx, rows).await?;
        let said: Vec<_> = rows.iter().filter_map(|row| row.outcome.as_ref()).map(|outcome| outcome.words).collect();
        let mut texts = texts::read_all(tx, &said).await?;
        // Of less than was asked for, only the reasoning says how much it was.
        let what = |item: &ItemRow, is_all: bool| ItemRow { units: item.units.filter(|_| is_all), ..item.clone() }.in_words_with_reason(charter);
        let view = |row: &EscalationRow| {
            let is_all = row.outcome.as_ref().is_some_and(|outcome| outcome.answer == Answer::Given);
            let words = row.outcome.as_ref().and_then(|outcome| texts.remove(&outcome.words));
            Self {
                href: opens(row).then(|| format!("/escalations/{}", row.id)),
                what: items
                    .get(&row.id)
                    .map(|items| items.iter().filter(|item| item.grant.is_some()).map(|item| what(item, is_all)).collect::<Vec<_>>().join("; "))
                    .unwrap_or_default(),
                when: formats.age(Timestamp::from_microsecond(row.state_at).unwrap_or(now), now),
                words: words.map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default(),
            }
        };
        Ok(rows.iter().map(view).collect())
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
    shell.context = "Exceptions that were made, with their reasons, for others to go by.".to_owned();
    let (now, known) = (desk.now(), desk.charters.clone());
    let words: String = asked.q.trim().chars().take(NAME_CHARS).collect();
    let sought = Sought { remedy: asked.remedy.clone(), reason: asked.reason.clone(), words: words.clone() };
    let before = asked.before.as_deref().and_then(|id| id.parse::<Id>().ok()).map(EscalationId);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let in_force = charters::in_force(tx, &known).await?;
            let mut rows = store::precedents(tx, &sought, before, PAGE_ENTRIES + 1).await?;
            let has_more = i64::try_from(rows.len()).is_ok_and(|n| n > PAGE_ENTRIES);
            rows.truncate(usize::try_from(PAGE_ENTRIES).unwrap_or(usize::MAX));
            let next = rows.last().filter(|_| has_more).map(|last| last.id);
            let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
            Ok((Precedent::of(tx, &rows, charter, &caller, now).await?, next, in_force))
        })
    });
    let (rows, next, in_force) = read.await?;
    let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
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

//! What a customer has and had: orders and the like, cases, grants. Each list has pages of its own, and what is on a page is asked for at once.

use std::collections::HashMap;

use platform::db::Tx;
use platform::http::Problem;
use platform::id::Id;
use serde::Deserialize;
use ui::components::{Chip, Fact, Facts, Pager};

use super::show::Look;
use crate::cases::{self, CaseId, CaseRow, List, People, chip_of, state_chip, what};
use crate::charters::InForce;
use crate::grants;
use crate::listed::{Listed, Span};
use crate::options::{sentence_case, spoken};
use crate::state::may_see;
use crate::subjects::{self, SubjectId};

/// Entries on one page of each list.
const ENTRIES: i64 = 10;

/// Where each list begins: below a key, or above one.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Asked {
    others: Option<SubjectId>,
    cases: Option<i64>,
    cases_after: Option<i64>,
    grants: Option<i64>,
    grants_after: Option<i64>,
}

impl Asked {
    fn address(self, id: SubjectId) -> String {
        let parts = [
            ("others", self.others.map(|before| before.to_string())),
            ("cases", self.cases.map(|n| n.to_string())),
            ("cases_after", self.cases_after.map(|n| n.to_string())),
            ("grants", self.grants.map(|n| n.to_string())),
            ("grants_after", self.grants_after.map(|n| n.to_string())),
        ];
        let parts: Vec<String> = parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))).collect();
        if parts.is_empty() { format!("/customers/{id}") } else { format!("/customers/{id}?{}", parts.join("&")) }
    }
}

/// The lists of a customer's page.
pub(super) struct Lists {
    pub(super) others: Vec<OtherView>,
    pub(super) others_pager: Option<Pager>,
    pub(super) cases: Vec<CaseView>,
    pub(super) cases_pager: Option<Pager>,
    /// How many cases of this page belong to teams that the caller does not see.
    pub(super) hidden: usize,
    pub(super) grants: Vec<GrantView>,
    pub(super) grants_pager: Option<Pager>,
}

/// An order, or whatever else is theirs.
pub(super) struct OtherView {
    pub(super) title: String,
    pub(super) reference: String,
    pub(super) facts: Facts,
}

pub(super) struct CaseView {
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) state: Chip,
    pub(super) opened: String,
}

pub(super) struct GrantView {
    pub(super) what: String,
    pub(super) state: Chip,
    pub(super) detail: String,
    pub(super) case: Option<i64>,
}

impl Lists {
    pub(super) async fn of(look: &Look, tx: &mut Tx, in_force: Option<&InForce>, people: &mut People) -> Result<Self, Problem> {
        let (others, others_pager) = others(look, tx, in_force, people).await?;
        let (cases, hidden, cases_pager) = cases_of(look, tx, in_force).await?;
        let (grants, grants_pager) = grants_of(look, tx, in_force, people).await?;
        Ok(Self { others, others_pager, cases, cases_pager, hidden, grants, grants_pager })
    }
}

/// A pager where there is more than one page.
fn pager((label, showing): (&str, &str), newer: Option<Asked>, older: Option<Asked>, id: SubjectId) -> Option<Pager> {
    (newer.is_some() || older.is_some()).then(|| Pager {
        label: label.to_owned(),
        previous: newer.map(|asked| asked.address(id)),
        next: older.map(|asked| asked.address(id)),
        showing: showing.to_owned(),
        ..Pager::default()
    })
}

async fn others(look: &Look, tx: &mut Tx, in_force: Option<&InForce>, people: &mut People) -> Result<(Vec<OtherView>, Option<Pager>), Problem> {
    let asked = look.asked;
    let mut rows = subjects::of_customer(tx, look.id, asked.others.unwrap_or_else(SubjectId::last), ENTRIES + 1).await?;
    let has_more = i64::try_from(rows.len()).is_ok_and(|n| n > ENTRIES);
    if has_more {
        rows.pop();
    }
    let next = rows.last().filter(|_| has_more).map(|row| Asked { others: Some(row.id), ..asked });
    let known = subjects::facts_of_all(tx, &rows.iter().map(|row| row.id.0).collect::<Vec<_>>()).await?;
    people.meet(tx, known.iter().map(|(_, row)| &row.actor)).await?;
    let mut facts: HashMap<Id, Vec<Fact>> = HashMap::new();
    for (subject, row) in &known {
        facts.entry(*subject).or_default().push(look.fact(row, in_force, people.name(&row.actor)));
    }
    let view = |row: subjects::SubjectRow| {
        let facts = Facts { facts: facts.remove(&row.id.0).unwrap_or_default(), csrf: String::new() };
        OtherView { title: sentence_case(&spoken(&row.kind)), reference: row.reference, facts }
    };
    let views = rows.into_iter().map(view).collect();
    Ok((views, pager(("Pages of orders", "last added first"), asked.others.map(|_| Asked { others: None, ..asked }), next, look.id)))
}

async fn cases_of(look: &Look, tx: &mut Tx, in_force: Option<&InForce>) -> Result<(Vec<CaseView>, usize, Option<Pager>), Problem> {
    let (asked, list) = (look.asked, List::OfCustomer(look.id));
    let span = Span::asked(asked.cases, asked.cases_after);
    let rows = match span {
        Span::Older(before) => cases::list(tx, list, before, ENTRIES + 1).await?,
        Span::Newer(after) => cases::list_newer(tx, list, after, ENTRIES + 1).await?,
    };
    let Listed { rows, newer, older } = span.listed(rows, ENTRIES, |row| row.number);
    let views: Vec<CaseView> = rows.iter().filter(|case| may_see(&look.caller, case)).map(|case| case_view(look, case, in_force)).collect();
    let hidden = rows.len() - views.len();
    let newer = newer.map(|after| Asked { cases: None, cases_after: Some(after), ..asked });
    let older = older.map(|before| Asked { cases: Some(before), cases_after: None, ..asked });
    Ok((views, hidden, pager(("Pages of cases", "highest number first"), newer, older, look.id)))
}

fn case_view(look: &Look, case: &CaseRow, in_force: Option<&InForce>) -> CaseView {
    CaseView { number: case.number, title: case.heading(in_force), state: state_chip(case.state), opened: look.age(case.opened_at) }
}

async fn grants_of(look: &Look, tx: &mut Tx, in_force: Option<&InForce>, people: &mut People) -> Result<(Vec<GrantView>, Option<Pager>), Problem> {
    let asked = look.asked;
    let span = Span::asked(asked.grants, asked.grants_after);
    let rows = match span {
        Span::Older(before) => grants::list_of_customer(tx, look.id, before, ENTRIES + 1).await?,
        Span::Newer(after) => grants::list_newer_of_customer(tx, look.id, after, ENTRIES + 1).await?,
    };
    let Listed { rows, newer, older } = span.listed(rows, ENTRIES, |row| row.seq);
    people.meet(tx, rows.iter().map(|row| &row.giver)).await?;
    let found = cases::by_ids(tx, &rows.iter().map(|row| row.case).collect::<Vec<_>>()).await?;
    let numbers: HashMap<CaseId, i64> = found.iter().filter(|case| may_see(&look.caller, case)).map(|case| (case.id, case.number)).collect();
    let usable = grants::usable(tx, &rows, &found, in_force.map(|in_force| in_force.version), look.at).await?;
    let view = |row: &grants::GrantRow| GrantView {
        what: what(in_force, row),
        state: chip_of(row, &usable),
        detail: format!("{}, {}", people.name(&row.giver), look.age(row.at)),
        case: numbers.get(&row.case).copied(),
    };
    let views = rows.iter().map(view).collect();
    let newer = newer.map(|after| Asked { grants: None, grants_after: Some(after), ..asked });
    let older = older.map(|before| Asked { grants: Some(before), grants_after: None, ..asked });
    Ok((views, pager(("Pages of what was given", "latest first"), newer, older, look.id)))
}

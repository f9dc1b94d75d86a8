//! What a customer has and had: orders and the like, cases, grants. Each list has pages of its own.

use platform::db::Tx;
use platform::http::Problem;
use serde::Deserialize;
use ui::components::{Chip, Fact, Facts, Pager};

use super::show::Look;
use crate::cases::{self, CaseRow, List, People, grant_chip, state_chip, what};
use crate::charters::InForce;
use crate::grants;
use crate::options::{sentence_case, spoken};
use crate::state::may_see;
use crate::subjects::{self, SubjectId};

/// Entries on one page of each list.
const ENTRIES: i64 = 10;

/// Where each list begins.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Asked {
    others: Option<SubjectId>,
    cases: Option<i64>,
    grants: Option<i64>,
}

impl Asked {
    fn address(self, id: SubjectId) -> String {
        let others = self.others.map(|before| format!("others={before}"));
        let cases = self.cases.map(|before| format!("cases={before}"));
        let grants = self.grants.map(|before| format!("grants={before}"));
        let parts: Vec<String> = [others, cases, grants].into_iter().flatten().collect();
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
        let (others, others_pager) = others(look, tx, people).await?;
        let (cases, hidden, cases_pager) = cases_of(look, tx).await?;
        let (grants, grants_pager) = grants_of(look, tx, in_force, people).await?;
        Ok(Self { others, others_pager, cases, cases_pager, hidden, grants, grants_pager })
    }
}

/// Takes the entry that only says there are more, and gives the last one shown if so.
fn more<T, K>(rows: &mut Vec<T>, key: impl Fn(&T) -> K) -> Option<K> {
    if !i64::try_from(rows.len()).is_ok_and(|n| n > ENTRIES) {
        return None;
    }
    rows.pop();
    rows.last().map(key)
}

/// A pager where there is more than one page.
fn pager(label: &str, first: Option<Asked>, next: Option<Asked>, id: SubjectId) -> Option<Pager> {
    (first.is_some() || next.is_some()).then(|| Pager {
        label: label.to_owned(),
        previous: first.map(|asked| asked.address(id)),
        next: next.map(|asked| asked.address(id)),
        showing: "latest first".to_owned(),
    })
}

async fn others(look: &Look, tx: &mut Tx, people: &mut People) -> Result<(Vec<OtherView>, Option<Pager>), Problem> {
    let asked = look.asked;
    let mut rows = subjects::of_customer(tx, look.id, asked.others.unwrap_or_else(SubjectId::last), ENTRIES + 1).await?;
    let next = more(&mut rows, |row| Asked { others: Some(row.id), ..asked });
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let facts: Vec<Fact> = look.facts(tx, &row.id, people).await?;
        views.push(OtherView { title: sentence_case(&spoken(&row.kind)), reference: row.reference, facts: Facts { facts, csrf: String::new() } });
    }
    Ok((views, pager("Pages of orders", asked.others.map(|_| Asked { others: None, ..asked }), next, look.id)))
}

async fn cases_of(look: &Look, tx: &mut Tx) -> Result<(Vec<CaseView>, usize, Option<Pager>), Problem> {
    let asked = look.asked;
    let mut rows = cases::list(tx, List::OfCustomer(look.id), asked.cases.unwrap_or(i64::MAX), ENTRIES + 1).await?;
    let next = more(&mut rows, |row| Asked { cases: Some(row.number), ..asked });
    let all = rows.len();
    let views: Vec<CaseView> = rows.iter().filter(|case| may_see(&look.caller, case)).map(|case| case_view(look, case)).collect();
    let hidden = all - views.len();
    Ok((views, hidden, pager("Pages of cases", asked.cases.map(|_| Asked { cases: None, ..asked }), next, look.id)))
}

fn case_view(look: &Look, case: &CaseRow) -> CaseView {
    let issue = case.issue.as_deref().map(|id| sentence_case(&spoken(id)));
    CaseView {
        number: case.number,
        title: case.title.clone().or(issue).unwrap_or_else(|| format!("Case {}", case.number)),
        state: state_chip(case.state),
        opened: look.age(case.opened_at),
    }
}

async fn grants_of(look: &Look, tx: &mut Tx, in_force: Option<&InForce>, people: &mut People) -> Result<(Vec<GrantView>, Option<Pager>), Problem> {
    let asked = look.asked;
    let mut rows = grants::list_of_customer(tx, look.id, asked.grants.unwrap_or(i64::MAX), ENTRIES + 1).await?;
    let next = more(&mut rows, |row| Asked { grants: Some(row.seq), ..asked });
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let giver = people.name(tx, &row.giver).await?;
        let case = cases::by_id(tx, row.case).await?.filter(|case| may_see(&look.caller, case)).map(|case| case.number);
        views.push(GrantView { what: what(in_force, &row), state: grant_chip(row.state), detail: format!("{giver}, {}", look.age(row.at)), case });
    }
    Ok((views, pager("Pages of what was given", asked.grants.map(|_| Asked { grants: None, ..asked }), next, look.id)))
}

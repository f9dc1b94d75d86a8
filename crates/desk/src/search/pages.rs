use access::{Caller, Permission};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::Tx;
use platform::http::{Problem, Route};
use serde::Deserialize;
use ui::components::{Chip, Empty};
use ui::shell::Shell;

use super::find::{Found, find, words};
use super::store;
use crate::cases::{self, CaseRow, state_chip};
use crate::charters::{self, InForce};
use crate::options::{issue_title, sentence_case, spoken};
use crate::state::{Desk, may_see, page};
use crate::subjects::{Called, SubjectId};

/// Every route of the search.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![Route::get("/search", Permission::Desk, show, desk)]
}

/// How much is shown of each.
const SHOWN: i64 = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "search/templates/show.html")]
struct SearchPage {
    shell: Shell,
    cases: Vec<CaseView>,
    others: Vec<OtherView>,
    customers: Vec<CustomerView>,
    empty: Option<Empty>,
}

struct CaseView {
    number: i64,
    title: String,
    state: Chip,
    detail: String,
}

struct OtherView {
    title: String,
    href: Option<String>,
    open: String,
    detail: String,
}

struct CustomerView {
    id: SubjectId,
    title: String,
    open: String,
    detail: String,
}

/// What is found by some words. The number of a case leads straight to it.
async fn show(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let words = words(&asked.q);
    let mut shell = (desk.frame)(&caller, "Search");
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&words);
    }
    let (q, known) = (words.clone(), desk.charters.clone());
    let (found, cases, in_force) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let found = find(tx, &known, &q, SHOWN).await?;
                let cases = cases_of(tx, &caller, &q, &found).await?;
                Ok((found, cases, charters::in_force(tx, &known).await?))
            })
        })
        .await?;
    if let ([only], true) = (cases.as_slice(), found.customers.is_empty() && found.others.is_empty()) {
        return Ok(Redirect::to(&format!("/cases/{}", only.number)).into_response());
    }
    shell.context = if words.is_empty() { String::new() } else { format!("What begins with “{words}”, and who has words like these in their name.") };
    let is_empty = cases.is_empty() && found.customers.is_empty() && found.others.is_empty();
    let view = SearchPage {
        shell,
        empty: is_empty.then(|| empty(&words)),
        cases: cases.iter().map(|case| case_view(case, in_force.as_ref())).collect(),
        others: found.others.into_iter().map(other).collect(),
        customers: found.customers.into_iter().map(customer).collect(),
    };
    Ok(page(&view)?.into_response())
}

/// The case with this number, and the latest about an order that was found whole; those the caller may see.
async fn cases_of(tx: &mut Tx, caller: &Caller, words: &str, found: &Found) -> Result<Vec<CaseRow>, Problem> {
    let mut numbers: Vec<i64> = words.trim_start_matches('#').parse().into_iter().collect();
    if let Some(whole) = found.others.iter().find(|other| other.reference == words) {
        numbers.extend(store::cases_about(tx, whole.id, SHOWN).await?);
    }
    let rows = cases::by_numbers(tx, &numbers).await?;
    Ok(rows.into_iter().filter(|case| may_see(caller, case)).collect())
}

fn empty(words: &str) -> Empty {
    let action = Some(("Open a case".to_owned(), format!("/cases/new?{}", encoded(&[("q", words)]))));
    let text = "A case is found by its number, not by words of its title; an order by the beginning of its number; a customer by words of a name as they begin, the beginning of a reference, or an e-mail address.";
    let title = if words.is_empty() { "Search cases, customers, orders".to_owned() } else { format!("Nothing is found by “{words}”") };
    Empty { title, text: text.to_owned(), action }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    // Texts can always be encoded.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn case_view(case: &CaseRow, in_force: Option<&InForce>) -> CaseView {
    let detail = case.issue.as_deref().map(|id| issue_title(in_force.map(|in_force| &*in_force.charter), id));
    CaseView { number: case.number, title: case.heading(in_force), state: state_chip(case.state), detail: detail.unwrap_or_default() }
}

fn other(found: Called) -> OtherView {
    OtherView {
        title: format!("{} {}", sentence_case(&spoken(&found.kind)), found.reference),
        href: found.customer.map(|id| format!("/customers/{id}")),
        open: format!("/cases/new?{}", encoded(&[("q", &found.reference), ("pick", &found.id.to_string())])),
        detail: found.name.or(found.email).map_or_else(|| "customer not known".to_owned(), |name| format!("of {name}")),
    }
}

fn customer(found: Called) -> CustomerView {
    CustomerView {
        id: found.id,
        title: found.label(),
        open: format!("/cases/new?{}", encoded(&[("q", &found.reference), ("pick", &found.id.to_string())])),
        detail: [Some(found.reference), found.email].into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

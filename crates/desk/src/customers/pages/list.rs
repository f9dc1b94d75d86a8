use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::limits::{NAME_CHARS, PAGE_ENTRIES};
use serde::Deserialize;
use ui::components::{Empty, Pager};
use ui::shell::Shell;

use crate::charters::{self, Charters};
use crate::state::{Desk, page};
use crate::subjects::{self, SubjectId, SubjectRow};

/// Whom somebody looks for, and behind whom the page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    after: Option<String>,
    id: Option<SubjectId>,
}

#[derive(Template)]
#[template(path = "customers/templates/list.html")]
struct ListPage {
    shell: Shell,
    asked: String,
    rows: Vec<RowView>,
    pager: Pager,
    empty: Empty,
}

struct RowView {
    id: SubjectId,
    name: String,
    reference: String,
    email: String,
}

/// What was found, and behind what the next page begins.
struct Found {
    rows: Vec<RowView>,
    next: Option<(String, Option<SubjectId>)>,
}

/// The customers whose name begins so, with this e-mail address, or with this reference, or whose order it is; without a question, by reference.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let q: String = asked.q.as_deref().unwrap_or_default().trim().chars().take(NAME_CHARS).collect();
    let (words, known, is_first) = (q.clone(), desk.charters.clone(), asked.after.is_none());
    let found = desk
        .read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                if words.is_empty() {
                    return by_reference(tx, asked.after.as_deref().unwrap_or_default()).await;
                }
                let after = asked.after.as_deref().zip(asked.id);
                let mut found = by_name(tx, &words, after).await?;
                if after.is_none() {
                    found.rows = exactly(tx, &known, &words).await?.into_iter().chain(found.rows).collect();
                }
                let mut seen = Vec::new();
                found.rows.retain(|row| !seen.contains(&row.id) && (seen.push(row.id), true).1);
                Ok(found)
            })
        })
        .await?;
    let mut shell = (desk.frame)(&caller, "Customers");
    shell.context = "Found by the beginning of a name, an e-mail address, a reference, or the number of an order.".to_owned();
    let address = |(after, id): (String, Option<SubjectId>)| {
        let id = id.map(|id| ("id", id.to_string()));
        query([("q", q.clone()), ("after", after)].into_iter().chain(id))
    };
    page(&ListPage {
        pager: Pager {
            label: "Pages of customers".to_owned(),
            previous: (!is_first).then(|| query([("q", q.clone())].into_iter())),
            next: found.next.map(address),
            showing: if q.is_empty() { "by reference".to_owned() } else { "by name".to_owned() },
        },
        empty: empty(&q),
        rows: found.rows,
        asked: q,
        shell,
    })
}

fn query(pairs: impl Iterator<Item = (&'static str, String)>) -> String {
    // Texts can always be encoded.
    format!("/customers?{}", serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default())
}

fn empty(q: &str) -> Empty {
    if q.is_empty() {
        let text = "They come with an import (`leeway import customers`), from the help desk, or with the first case that names them.";
        return Empty {
            title: "There are no customers yet".to_owned(),
            text: text.to_owned(),
            action: Some(("Open a case".to_owned(), "/cases/new".to_owned())),
        };
    }
    Empty {
        title: format!("Nobody is found by `{q}`"),
        text: "A name is found by its beginning; an e-mail address, a reference and the number of an order only whole.".to_owned(),
        action: None,
    }
}

async fn by_reference(tx: &mut Tx, after: &str) -> Result<Found, DbError> {
    let mut page = subjects::list(tx, "customer", after, PAGE_ENTRIES + 1).await?;
    let has_more = i64::try_from(page.len()).is_ok_and(|n| n > PAGE_ENTRIES);
    if has_more {
        page.pop();
    }
    let next = page.last().filter(|_| has_more).map(|last| (last.reference.clone(), None));
    let mut rows = Vec::with_capacity(page.len());
    for row in page {
        rows.push(view(tx, row).await?);
    }
    Ok(Found { rows, next })
}

async fn by_name(tx: &mut Tx, begins: &str, after: Option<(&str, SubjectId)>) -> Result<Found, DbError> {
    let mut page = subjects::customers_by_name(tx, begins, after, PAGE_ENTRIES + 1).await?;
    let has_more = i64::try_from(page.len()).is_ok_and(|n| n > PAGE_ENTRIES);
    if has_more {
        page.pop();
    }
    let next = page.last().filter(|_| has_more).map(|(id, name, _)| (name.clone().unwrap_or_default(), Some(*id)));
    let mut rows = Vec::with_capacity(page.len());
    for (id, ..) in page {
        rows.extend(standing(tx, id).await?);
    }
    Ok(Found { rows, next })
}

/// Who has this e-mail address or reference, or what is called so.
async fn exactly(tx: &mut Tx, known: &Charters, words: &str) -> Result<Vec<RowView>, DbError> {
    let mut rows = Vec::new();
    for (id, ..) in subjects::customers_by_email(tx, words, PAGE_ENTRIES).await? {
        rows.extend(standing(tx, id).await?);
    }
    let in_force = charters::in_force(tx, known).await?;
    let declared = in_force.iter().flat_map(|c| &c.charter.subjects).map(ToString::to_string);
    let mut kinds: Vec<String> = ["customer", "order"].map(str::to_owned).into_iter().chain(declared).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let Some(found) = subjects::find(tx, &kind, words).await? else { continue };
        let customer = if kind == "customer" { Some(found.id) } else { found.customer };
        if let Some(id) = customer {
            rows.extend(standing(tx, id).await?);
        }
    }
    Ok(rows)
}

/// A customer as they are found now: whoever was merged is found as the one they became.
async fn standing(tx: &mut Tx, id: SubjectId) -> Result<Option<RowView>, DbError> {
    let Some(row) = subjects::read(tx, id).await? else { return Ok(None) };
    let now = match row.merged_into {
        Some(into) => subjects::read(tx, into).await?,
        None => Some(row),
    };
    match now {
        Some(row) => view(tx, row).await.map(Some),
        None => Ok(None),
    }
}

async fn view(tx: &mut Tx, row: SubjectRow) -> Result<RowView, DbError> {
    let who = subjects::customer(tx, row.id).await?.unwrap_or_default();
    Ok(RowView { id: row.id, name: who.name.unwrap_or_else(|| "Name not known".to_owned()), reference: row.reference, email: who.email.unwrap_or_default() })
}

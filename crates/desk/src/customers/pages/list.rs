use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use platform::id::Id;
use platform::limits::PAGE_ENTRIES;
use serde::Deserialize;
use ui::components::{Empty, Pager};
use ui::shell::Shell;

use crate::charters::Charters;
use crate::listed::counted;
use crate::search::{self, Way};
use crate::state::{Desk, page};
use crate::subjects::{self, Called, SubjectId};

/// Whom somebody looks for, and where the page begins: behind a name (with its id), or before one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    after: Option<String>,
    before: Option<String>,
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
    label: String,
    reference: String,
    email: String,
}

/// What was found, with what each row is found by.
struct Found {
    rows: Vec<(Called, (String, SubjectId))>,
    has_previous: bool,
    has_next: bool,
}

/// The customers in whose name words begin so, or whose reference does, with this e-mail address, or whose order it is; without a question, by reference.
pub(super) async fn list(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let q = search::words(asked.q.as_deref().unwrap_or_default());
    let asked = Asked { after: asked.after.map(plain), before: asked.before.map(plain), ..asked };
    let (words, known) = (q.clone(), desk.charters.clone());
    let found = desk
        .read::<_, DbError, _>(move |tx| {
            Box::pin(async move { if words.is_empty() { by_reference(tx, &asked).await } else { by_name(tx, &known, &words, &asked).await } })
        })
        .await?;
    let mut shell = (desk.frame)(&caller, "Customers");
    shell.context = "Found by the words of a name, the beginning of a reference or an order number, or an e-mail address.".to_owned();
    let address = |way: &'static str, (key, id): &(String, SubjectId)| query(&[("q", &q), (way, key), ("id", &id.to_string())]);
    page(&ListPage {
        pager: Pager {
            label: "Pages of customers".to_owned(),
            previous: found.rows.first().filter(|_| found.has_previous).map(|(_, key)| address("before", key)),
            next: found.rows.last().filter(|_| found.has_next).map(|(_, key)| address("after", key)),
            showing: counted(found.rows.len(), "customer", "customers", if q.is_empty() { "by reference" } else { "by the word that was found" }),
            ..Pager::default()
        },
        empty: empty(&q),
        rows: found.rows.into_iter().map(|(called, _)| view(called)).collect(),
        asked: q,
        shell,
    })
}

/// Without the one character that no text has.
fn plain(key: String) -> String {
    key.replace('\0', "")
}

fn query(pairs: &[(&str, &str)]) -> String {
    // Texts can always be encoded.
    format!("/customers?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
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
        title: format!("Nobody is found by “{q}”"),
        text: "Each word of a name is found by its beginning, and so are a reference and the number of an order; an e-mail address only whole.".to_owned(),
        action: None,
    }
}

/// A page of rows, of which one more was read than fits if there is one.
fn cut<T>(mut rows: Vec<T>, asked: &Asked) -> (Vec<T>, bool, bool) {
    let has_more = i64::try_from(rows.len()).is_ok_and(|n| n > PAGE_ENTRIES);
    if asked.before.is_some() {
        if has_more {
            rows.remove(0);
        }
        return (rows, has_more, true);
    }
    if has_more {
        rows.pop();
    }
    (rows, asked.after.is_some(), has_more)
}

async fn by_reference(tx: &mut Tx, asked: &Asked) -> Result<Found, DbError> {
    let page = match &asked.before {
        Some(before) => subjects::list_before(tx, "customer", before, PAGE_ENTRIES + 1).await?,
        None => subjects::list(tx, "customer", asked.after.as_deref().unwrap_or_default(), PAGE_ENTRIES + 1).await?,
    };
    let (page, has_previous, has_next) = cut(page, asked);
    let mut called = subjects::called(tx, &page.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let rows = page.into_iter().filter_map(|row| called.remove(&row.id).map(|found| (found, (row.reference, row.id)))).collect();
    Ok(Found { rows, has_previous, has_next })
}

async fn by_name(tx: &mut Tx, known: &Charters, words: &str, asked: &Asked) -> Result<Found, DbError> {
    let nobody = SubjectId(Id::from_bytes([0; 16]));
    let id = asked.id.unwrap_or(nobody);
    let way = match (&asked.before, &asked.after) {
        (Some(before), _) => Way::Before((before.clone(), id)),
        (None, after) => Way::Behind((after.clone().unwrap_or_default(), id)),
    };
    let (page, has_previous, has_next) = cut(search::by_name(tx, words, &way, PAGE_ENTRIES + 1).await?, asked);
    let mut rows: Vec<(Called, (String, SubjectId))> = page.into_iter().map(|found| (found.who, found.key)).collect();
    // Whoever is found by anything else than a name stands before those who are, and only there.
    if !has_previous {
        let found = search::find(tx, known, words, PAGE_ENTRIES).await?;
        let owners: Vec<SubjectId> = found.others.iter().filter_map(|other| other.customer).collect();
        let theirs = subjects::called(tx, &owners).await?;
        let others = found.customers.into_iter().chain(owners.iter().filter_map(|id| theirs.get(id).cloned()));
        let others: Vec<_> = others.filter(|called| rows.iter().all(|(row, _)| row.id != called.id)).map(|called| (called, (String::new(), nobody))).collect();
        rows = others.into_iter().chain(rows).collect();
    }
    let mut seen = Vec::with_capacity(rows.len());
    rows.retain(|(row, _)| !seen.contains(&row.id) && (seen.push(row.id), true).1);
    Ok(Found { rows, has_previous, has_next })
}

fn view(called: Called) -> RowView {
    RowView { id: called.id, label: called.label(), reference: called.reference, email: called.email.unwrap_or_default() }
}

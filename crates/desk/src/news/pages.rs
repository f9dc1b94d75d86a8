use access::{Caller, Permission};
use axum::extract::{Path, State};
use axum::response::Redirect;
use platform::db::Tx;
use platform::http::{Problem, Route};
use ui::components::{Notice, Sends, Tone};

use super::store::{self, News, NewsId, NewsKind};
use crate::state::Desk;

/// How much news stands above a page.
const SHOWN: i64 = 5;

/// Every route of news.
#[must_use]
pub fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![Route::post("/news/{id}/seen", Permission::Desk, see, desk)]
}

/// What the caller has to hear, as it stands above a page.
pub(crate) async fn notices(tx: &mut Tx, caller: &Caller) -> Result<Vec<Notice>, Problem> {
    let Some(staff) = caller.staff() else { return Ok(Vec::new()) };
    Ok(store::unseen(tx, staff.0, SHOWN).await?.iter().map(|news| notice(news, caller)).collect())
}

fn notice(news: &News, caller: &Caller) -> Notice {
    let (title, text) = match news.kind {
        NewsKind::GrantCorrected => ("An error in a grant of yours was corrected", "The case says what was wrong. It says nothing about you."),
        NewsKind::NoExceeded => {
            ("Somebody gave more where you had said no", "Your no was right by the charter then. The case says what they gave, and what they said to it.")
        }
    };
    Notice {
        text: text.to_owned(),
        sends: Some(Sends { label: format!("Look at case {}", news.case), action: format!("/news/{}/seen", news.id), csrf: caller.csrf().to_owned() }),
        ..Notice::new(Tone::Caution, title)
    }
}

/// Leads to the case, and takes the news away.
async fn see(State(desk): State<Desk>, caller: Caller, Path(id): Path<NewsId>) -> Result<Redirect, Problem> {
    let (at, staff) = (desk.clock.now(), caller.staff().ok_or_else(Problem::not_found)?);
    let case = desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::seen(tx, id, staff.0, at).await?) })).await?;
    Ok(Redirect::to(&case.map_or_else(|| "/cases".to_owned(), |number| format!("/cases/{number}"))))
}

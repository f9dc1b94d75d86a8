use access::{Caller, Permission};
use axum::extract::{Path, State};
use axum::response::Redirect;
use platform::db::{DbError, Tx};
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
pub(crate) struct Notices {
    /// In the order in which they are shown.
    pub(crate) notices: Vec<Notice>,
    /// The newest of it that is of the case that is shown: [`read`] is told when the page is.
    pub(crate) newest_here: Option<NewsId>,
}

/// What the caller has to hear, above a list or the page of a case.
pub(crate) async fn notices(tx: &mut Tx, caller: &Caller, case: Option<i64>) -> Result<Notices, Problem> {
    let Some(staff) = caller.staff() else { return Ok(Notices { notices: Vec::new(), newest_here: None }) };
    let unseen = store::unseen(tx, staff.0, SHOWN).await?;
    let newest_here = unseen.iter().filter(|news| Some(news.case) == case).map(|news| news.id).max();
    Ok(Notices { notices: unseen.iter().map(|news| notice(news, caller, case)).collect(), newest_here })
}

/// The caller has the page of a case before them: what they had to hear of it, up to the newest that stood there, they have heard.
pub(crate) async fn read(desk: &Desk, caller: &Caller, case: i64, newest: NewsId) {
    let (Some(staff), at) = (caller.staff(), desk.clock.now()) else { return };
    let done = desk.write::<_, DbError, _>(move |tx| Box::pin(async move { store::seen_in_case(tx, staff.0, case, newest, at).await })).await;
    if let Err(problem) = done {
        tracing::warn!(problem = %problem.detail, "news that were read could not be marked as read; they are shown again");
    }
}

fn notice(news: &News, caller: &Caller, case: Option<i64>) -> Notice {
    let (title, text) = match news.kind {
        NewsKind::GrantCorrected => ("An error in a grant of yours was corrected", "The case says what was wrong. It says nothing about you."),
        NewsKind::NoExceeded => {
            ("Somebody gave more where you had said no", "Your no was right by the charter then. The case says what they gave, and what they said to it.")
        }
        NewsKind::EscalationAnswered => ("What you passed up has come back", "The case says what was decided, and why."),
        NewsKind::EscalationAskedBack => {
            ("You are asked something about what you passed up", "It goes on once you have answered. The case says what is asked.")
        }
    };
    let tone = if news.kind == NewsKind::EscalationAnswered { Tone::Positive } else { Tone::Caution };
    let to_the_case = Sends { label: format!("Look at case {}", news.case), action: format!("/news/{}/seen", news.id), csrf: caller.csrf().to_owned() };
    Notice { text: text.to_owned(), sends: (Some(news.case) != case).then_some(to_the_case), ..Notice::new(tone, title) }
}

/// Leads to the case, and takes the news away.
async fn see(State(desk): State<Desk>, caller: Caller, Path(id): Path<NewsId>) -> Result<Redirect, Problem> {
    let (at, staff) = (desk.clock.now(), caller.staff().ok_or_else(Problem::not_found)?);
    let case = desk.write::<_, Problem, _>(move |tx| Box::pin(async move { Ok(store::seen(tx, id, staff.0, at).await?) })).await?;
    Ok(Redirect::to(&case.map_or_else(|| "/cases".to_owned(), |number| format!("/cases/{number}"))))
}

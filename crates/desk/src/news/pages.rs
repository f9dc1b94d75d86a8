use access::{Caller, Permission};
use axum::extract::{Path, State};
use axum::response::Redirect;
use platform::db::{DbError, Tx};
use platform::http::{Problem, Route};
use ui::components::{Notice, Sends, Tone};

use super::store::{self, Here, News, NewsId, NewsKind};
use crate::cases;
use crate::grants::Ended;
use crate::state::{Desk, may_see};

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
    /// The newest of it that the page says: [`read`] is told when it is shown.
    pub(crate) newest_here: Option<NewsId>,
}

/// What the caller has to hear, above a list or a page that says some of it.
pub(crate) async fn notices(tx: &mut Tx, caller: &Caller, page: impl Into<Option<Here>>) -> Result<Notices, Problem> {
    let page = page.into();
    let Some(staff) = caller.staff() else { return Ok(Notices { notices: Vec::new(), newest_here: None }) };
    let unseen = store::unseen(tx, staff.0, SHOWN).await?;
    let is_here = |news: &News| page.is_some_and(|page| news.is_of(page));
    let newest_here = unseen.iter().filter(|news| is_here(news)).map(|news| news.id).max();
    let mut notices = Vec::with_capacity(unseen.len());
    for news in &unseen {
        let way = if page == Some(news.place) {
            Way::Here
        } else if is_here(news) {
            Way::InShort
        } else if leads(tx, caller, news.place).await? {
            Way::There
        } else {
            Way::Nowhere
        };
        notices.push(notice(news, caller, way));
    }
    Ok(Notices { notices, newest_here })
}

/// Where news send whom they are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The page before them says it.
    Here,
    /// The page before them says that it is so; what exactly stands where it leads.
    InShort,
    /// To the page that says it.
    There,
    /// They may not open that: the case is another team's by now.
    Nowhere,
}

/// Whether somebody may open the page that says something. Who raised what was passed up always may.
async fn leads(tx: &mut Tx, caller: &Caller, place: Here) -> Result<bool, DbError> {
    match place {
        Here::Case(number) => Ok(cases::by_number(tx, number).await?.is_some_and(|case| may_see(caller, &case))),
        Here::Escalation(_) => Ok(true),
    }
}

/// The caller has a page before them: what they had to hear of it, up to the newest that stood there, they have heard.
pub(crate) async fn read(desk: &Desk, caller: &Caller, page: Here, newest: NewsId) {
    let (Some(staff), at) = (caller.staff(), desk.clock.now()) else { return };
    let done = desk.write::<_, DbError, _>(move |tx| Box::pin(async move { store::seen_on(tx, staff.0, page, newest, at).await })).await;
    if let Err(problem) = done {
        tracing::warn!(problem = %problem.detail, "news that were read could not be marked as read; they are shown again");
    }
}

fn ended(how: Option<Ended>) -> &'static str {
    match how {
        Some(Ended::Lapsed) => "It was not given in time. Ask anew if the customer still waits for it.",
        Some(Ended::Outdated) => "Another charter came into force before it was given. See what you can give now, or ask anew.",
        Some(Ended::TakenBack) => "Whoever approved it, or leads them, took it back. Ask anew if the customer still waits for it.",
        None => "It was not given in time, was taken back, or another charter is in force. Ask anew if the customer still waits for it.",
    }
}

fn notice(news: &News, caller: &Caller, way: Way) -> Notice {
    let (title, text) = match news.kind {
        NewsKind::GrantCorrected => ("An error in a grant of yours was corrected", "The case says what was wrong. It says nothing about you."),
        NewsKind::NoExceeded => {
            ("Somebody gave more where you had said no", "Your no was right by the charter then. The case says what they gave, and what they said to it.")
        }
        NewsKind::EscalationAnswered => ("What you passed up has come back", "It says what was decided, and why."),
        NewsKind::EscalationAskedBack => ("You are asked something about what you passed up", "It goes on once you have answered."),
        NewsKind::ApprovalEnded => ("What was approved for you cannot be given any more", ended(news.ended)),
    };
    let tone = if news.kind == NewsKind::EscalationAnswered { Tone::Positive } else { Tone::Caution };
    let text = if way == Way::Nowhere { format!("It was in case {}, which another team has now.", news.case) } else { text.to_owned() };
    let label = match news.place {
        _ if way == Way::Nowhere => "I have read it".to_owned(),
        Here::Case(number) => format!("Look at case {number}"),
        Here::Escalation(_) => "Look at it".to_owned(),
    };
    let link = (way == Way::InShort).then(|| ("Look at it".to_owned(), news.place.path()));
    let there = Sends { label, action: format!("/news/{}/seen", news.id), csrf: caller.csrf().to_owned() };
    Notice { text, link, sends: matches!(way, Way::There | Way::Nowhere).then_some(there), ..Notice::new(tone, title) }
}

/// Takes the news away, and leads to where it stands, if they may open that.
async fn see(State(desk): State<Desk>, caller: Caller, Path(id): Path<NewsId>) -> Result<Redirect, Problem> {
    let (at, staff) = (desk.clock.now(), caller.staff().ok_or_else(Problem::not_found)?);
    let seen = desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            match store::seen(tx, id, staff.0, at).await? {
                Some(place) => Ok(leads(tx, &caller, place).await?.then_some(place)),
                None => Ok(None),
            }
        })
    });
    let place = seen.await?;
    Ok(Redirect::to(&place.map_or_else(|| "/cases".to_owned(), Here::path)))
}

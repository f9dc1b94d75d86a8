use access::Caller;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use platform::http::Problem;
use ui::components::Empty;
use ui::shell::Shell;

use super::super::store;
use super::super::told::{Told, told};
use super::{Asked, may_publish, named};
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "charters/templates/show.html")]
struct ShowPage {
    shell: Shell,
    version: Option<i64>,
    may_publish: bool,
    /// Which charter this is, and of when, for a page on paper.
    printed: String,
    /// What the six questions have to do with it, for an owner.
    questions: Questions,
    parts: Vec<Told>,
    empty: Empty,
}

/// Whether the six questions can be answered otherwise.
enum Questions {
    /// They wrote the charter in force.
    Hold,
    /// They wrote this one; the charter in force is another.
    Gone(i64),
    /// They are not of concern here.
    None,
}

impl Questions {
    async fn of(tx: &mut Tx, in_force: i64, is_owner: bool) -> Result<Self, DbError> {
        Ok(match store::answered(tx).await?.filter(|_| is_owner) {
            Some(_) if store::answers_of(tx, in_force).await?.is_some() => Self::Hold,
            Some(version) => Self::Gone(version),
            None => Self::None,
        })
    }
}

/// Who may do what up to how much, told from the rules of the charter in force.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Charter");
    let (known, formats, now) = (desk.charters.clone(), caller.formats(), desk.now());
    let is_owner = caller.is_owner();
    let (found, may_publish) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let may = may_publish(tx, &caller).await?;
                let Some(in_force) = store::in_force(tx, &known).await? else { return Ok((None, may)) };
                let texts = store::texts_of(tx, in_force.version).await?;
                let summary = store::summary(tx, in_force.version).await?;
                let by = match &summary {
                    Some(summary) => named(tx, &summary.published_by).await?,
                    None => String::new(),
                };
                let questions = Questions::of(tx, in_force.version, is_owner).await?;
                Ok((Some((in_force, texts, summary, by, questions)), may))
            })
        })
        .await?;
    shell.notices.extend(asked.notices());
    let empty = Empty {
        title: "No charter is in force yet".to_owned(),
        text: "A charter says who may give what to a customer. Until one is published, nothing can be given.".to_owned(),
        action: match (is_owner, may_publish) {
            (true, _) => Some(("Answer six questions".to_owned(), "/charter/begin".to_owned())),
            (false, true) => Some(("Publish a charter".to_owned(), "/charter/new".to_owned())),
            (false, false) => None,
        },
    };
    let Some((in_force, texts, summary, by, questions)) = found else {
        return page(&ShowPage { shell, version: None, may_publish, printed: String::new(), questions: Questions::None, parts: Vec::new(), empty });
    };
    let mut printed = String::new();
    if let Some(summary) = summary {
        let date = |at: Timestamp| formats.date(at.to_zoned(formats.time_zone.clone()).date());
        let published = Timestamp::from_microsecond(summary.published_at).unwrap_or(now);
        printed = format!("Charter {} of {}, published on {} by {by}. Printed on {}.", summary.version, summary.name, date(published), date(now));
        let since = summary.in_force_since.and_then(|at| Timestamp::from_microsecond(at).ok()).map(|at| formats.moment(at, now)).unwrap_or_default();
        shell.context = format!("{}: charter {}, published by {by}, in force since {since}", summary.name, summary.version);
    }
    let (text, outer) = texts.unwrap_or_default();
    let mut parts = vec![told(&in_force.charter, &text, "")];
    parts.extend(outer.map(|outer| told(&in_force.charter, &outer, "outer-")));
    page(&ShowPage { shell, version: Some(in_force.version), may_publish, printed, questions, parts, empty })
}

use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use platform::http::{Form, Problem};
use platform::live;
use ui::components::Timeline;
use ui::shell::{Crumb, Shell};

use super::list::Asked;
use super::one;
use super::view::{Around, NoteForm, PointView};
use crate::debriefs::hearing;
use crate::debriefs::model::{PointId, TalkId};
use crate::debriefs::store;
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "debriefs/templates/talk.html")]
struct TalkPage {
    shell: Shell,
    agreed: Option<Vec<String>>,
    points: Vec<PointView>,
    notes: Timeline,
    note: Option<NoteForm>,
}

/// A talk that was held, for the two who held it.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(id): Path<TalkId>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    filled(&desk, &caller, id, &asked, None).await
}

/// The page; with a note on a point or on the talk that was sent and is to be mended.
pub(super) async fn filled(desk: &Desk, caller: &Caller, id: TalkId, asked: &Asked, sent: Option<(Option<PointId>, Form)>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(caller, "Debrief");
    shell.crumbs = vec![Crumb::new("Debriefs", "/debriefs")];
    shell.notices.extend(asked.notice());
    shell.live = sent.is_none().then(|| live::address(&[hearing::talk(id)]));
    let (me, who, now, known) = (one(caller)?, caller.clone(), desk.now(), desk.charters.clone());
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let talk = store::talk(tx, id).await?.filter(|talk| talk.is_of(me)).ok_or_else(Problem::not_found)?;
            let points = store::of_talk(tx, id).await?;
            let around = Around::read(tx, &known, &who, now, &points, Some(&talk)).await?;
            Ok((talk, points, around))
        })
    });
    let (talk, points, around) = read.await?;
    let other = around.name(if talk.agent == me { talk.lead } else { talk.agent });
    shell.title = format!("Talk with {other}");
    shell.context = around.moment(talk.at).0;
    let typed = |on: Option<PointId>| sent.as_ref().filter(|(of, _)| *of == on).map(|(_, form)| form);
    let (notes, note) = around.talk(&talk, typed(None));
    let points = points.iter().map(|point| around.point(point, typed(Some(point.id)), false)).collect();
    page(&TalkPage { shell, agreed: talk.agreed.map(|text| around.lines(text)), points, notes, note })
}

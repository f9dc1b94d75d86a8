use std::cmp::Reverse;
use std::collections::BTreeMap;

use access::Caller;
use access::people::{self, Kind, Staff, StaffId};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use charter::time::Instant;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};
use platform::id::Id;
use platform::limits::PAGE_ENTRIES;
use platform::live;
use serde::Deserialize;
use ui::components::{Chip, Field, FieldKind, Notice, Pager, Tone};
use ui::shell::{Crumb, Shell};

use super::view::{Around, PointView, count_chip};
use super::{list_of, one};
use crate::cases::People;
use crate::debriefs::hearing;
use crate::debriefs::leads::{self, Lead, Side};
use crate::debriefs::model::{Point, PointId, Talk, TalkId};
use crate::debriefs::store;
use crate::state::{Desk, page};

/// Talks on one page of theirs.
const TALKS: i64 = 10;

/// What was just done, and where the lists begin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
    after: Option<PointId>,
    before: Option<PointId>,
    talks: Option<TalkId>,
    talks_after: Option<TalkId>,
}

impl Asked {
    pub(super) fn notice(&self) -> Option<Notice> {
        let title = match self.done.as_str() {
            "put" => "It is on the list",
            "noted" => "Your note is there",
            "talked" => "You talked it over",
            _ => return None,
        };
        Some(Notice::new(Tone::Positive, title))
    }
}

/// Which form of the page was sent and is to be mended.
pub(super) enum Sent {
    Point(Form),
    Note(PointId, Form),
    Talk(Form),
}

/// What there is to talk over with one agent.
struct ListView {
    /// Where a point is put.
    at: String,
    /// Who reads it.
    read_by: String,
    points: Vec<PointView>,
    pager: Option<Pager>,
    put: Field,
    is_put_open: bool,
    /// What was agreed: for who leads.
    agreed: Option<Field>,
    wrong: Option<String>,
    empty: &'static str,
}

#[derive(Template)]
#[template(path = "debriefs/templates/mine.html")]
struct MinePage {
    shell: Shell,
    list: Option<ListView>,
    /// Whom the caller leads; nothing if nobody.
    people: Option<Vec<PersonRow>>,
    /// How many more there are than are shown.
    more: usize,
    talks: Vec<TalkRow>,
    talks_pager: Option<Pager>,
}

#[derive(Template)]
#[template(path = "debriefs/templates/with.html")]
struct WithPage {
    shell: Shell,
    agent: StaffId,
    list: ListView,
}

struct PersonRow {
    id: StaffId,
    name: String,
    waiting: Option<(Chip, String)>,
}

struct TalkRow {
    id: TalkId,
    with: String,
    when: String,
    at: String,
}

/// What there is to talk over with the caller, with whom they lead, and the talks they took part in.
pub(super) async fn mine(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    overview(&desk, &caller, &asked, None).await
}

/// What there is to talk over with one agent, for who leads them now.
pub(super) async fn with(State(desk): State<Desk>, caller: Caller, Path(agent): Path<StaffId>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    filled(&desk, &caller, agent, &asked, None).await
}

/// The list of an agent, where who looks finds it; with a form that was sent and is to be mended.
pub(super) async fn filled(desk: &Desk, caller: &Caller, agent: StaffId, asked: &Asked, sent: Option<Sent>) -> Result<Html<String>, Problem> {
    if one(caller)? == agent {
        return overview(desk, caller, asked, sent).await;
    }
    let mut shell = (desk.frame)(caller, "Debriefs");
    shell.crumbs = vec![Crumb::new("Debriefs", "/debriefs")];
    shell.notices.extend(asked.notice());
    shell.live = sent.is_none().then(|| live::address(&[hearing::list(agent)]));
    let look = Look::new(desk, caller, asked)?;
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let staff = people::find(tx, agent).await?.ok_or_else(Problem::not_found)?;
            let leads = leads::leads_of(tx, agent, look.at).await?;
            if leads.iter().all(|lead| lead.id != look.me) {
                return Err(Problem::not_found());
            }
            let list = look.list(tx, &staff, Side::Lead, &leads, sent.as_ref()).await?;
            Ok((staff.name, list))
        })
    });
    let (name, list) = read.await?;
    shell.title = format!("To talk over with {name}");
    page(&WithPage { shell, agent, list })
}

async fn overview(desk: &Desk, caller: &Caller, asked: &Asked, sent: Option<Sent>) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(caller, "Debriefs");
    shell.context = "What to talk over in private: after a stretch, a hard case, or a no that somebody went beyond.".to_owned();
    shell.notices.extend(asked.notice());
    let look = Look::new(desk, caller, asked)?;
    shell.live = sent.is_none().then(|| live::address(&[hearing::list(look.me), hearing::overview(look.me)]));
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let led = leads::people_of(tx, &look.caller, look.at).await?;
            let waiting = store::waiting(tx, &led.keys().copied().collect::<Vec<_>>()).await?;
            let me = people::find(tx, look.me).await?.ok_or_else(Problem::not_found)?;
            let leads = leads::leads_of(tx, look.me, look.at).await?;
            // Whoever leads others and is led by nobody has no list, unless something is on it.
            let has_list = !leads.is_empty() || led.is_empty() || !store::waiting(tx, &[look.me]).await?.is_empty();
            let list = if has_list { Some(look.list(tx, &me, Side::Agent, &leads, sent.as_ref()).await?) } else { None };
            let (talks, talks_pager) = look.talks(tx).await?;
            let (people, more) = look.people(led, &waiting);
            Ok(MinePage { shell, list, people: Some(people).filter(|rows| !rows.is_empty()), more, talks, talks_pager })
        })
    });
    page(&read.await?)
}

/// Who looks, at what, when.
struct Look {
    caller: Caller,
    me: StaffId,
    asked: Asked,
    now: Timestamp,
    at: Instant,
    known: crate::charters::Charters,
}

impl Look {
    fn new(desk: &Desk, caller: &Caller, asked: &Asked) -> Result<Self, Problem> {
        let (me, now) = (one(caller)?, desk.now());
        Ok(Self { caller: caller.clone(), me, asked: asked.clone(), now, at: desk.clock.now(), known: desk.charters.clone() })
    }

    async fn list(&self, tx: &mut Tx, agent: &Staff, side: Side, leads: &[Lead], sent: Option<&Sent>) -> Result<ListView, Problem> {
        let place = list_of(agent.id, self.me);
        let (points, pager) = self.points(tx, agent.id, &place).await?;
        let around = Around::read(tx, &self.known, &self.caller, self.now, &points, None).await?;
        let (mut put, mut talk) = (None, None);
        match sent {
            Some(Sent::Point(form)) => put = Some(form),
            Some(Sent::Talk(form)) => talk = Some(form),
            Some(Sent::Note(..)) | None => {}
        }
        let view = |point: &Point| {
            let typed = match sent {
                Some(Sent::Note(on, form)) if *on == point.id => Some(form),
                _ => None,
            };
            around.point(point, typed, talk.is_none_or(|form| form.typed(&format!("point-{}", point.id)) == "yes"))
        };
        Ok(ListView {
            at: format!("/debriefs/with/{}/points", agent.id),
            read_by: read_by(agent, side, leads),
            points: points.iter().map(view).collect(),
            pager,
            put: words(put, "note", "What is it about?", "put-", ""),
            is_put_open: put.is_some(),
            agreed: (side == Side::Lead).then(|| Field { is_optional: true, ..words(talk, "agreed", "What you agreed", "talk-", AGREED) }),
            wrong: talk.and_then(|form| form.error("points")),
            empty: match side {
                Side::Agent => "Nothing is waiting. What you give in the stretch comes here by itself; a case that was hard you put here from its page.",
                Side::Lead => "Nothing is waiting. What they give in the stretch comes here by itself; a hard case either of you puts here from its page.",
            },
        })
    }

    async fn points(&self, tx: &mut Tx, agent: StaffId, place: &str) -> Result<(Vec<Point>, Option<Pager>), DbError> {
        let (after, before) = (self.asked.after, self.asked.before);
        let first = PointId(Id::from_bytes([0; 16]));
        let mut points = match before {
            Some(before) => store::open_before(tx, agent, before, PAGE_ENTRIES + 1).await?,
            None => store::open(tx, agent, after.unwrap_or(first), PAGE_ENTRIES + 1).await?,
        };
        let has_more = i64::try_from(points.len()).is_ok_and(|n| n > PAGE_ENTRIES);
        match before {
            Some(_) if has_more => drop(points.remove(0)),
            None if has_more => drop(points.pop()),
            _ => {}
        }
        let is_first = before.map_or_else(|| after.is_none(), |_| !has_more);
        let previous = points.first().filter(|_| !is_first).map(|point| format!("{place}?before={}", point.id));
        let next = points.last().filter(|_| has_more || before.is_some()).map(|point| format!("{place}?after={}", point.id));
        Ok((points, pager("Pages of points", "oldest first", previous, next)))
    }

    /// Whom the caller leads: those who wait longest first, and at most a page of them.
    fn people(&self, led: BTreeMap<StaffId, String>, waiting: &BTreeMap<StaffId, (i64, Instant)>) -> (Vec<PersonRow>, usize) {
        let formats = self.caller.formats();
        let mut led: Vec<(StaffId, String)> = led.into_iter().collect();
        led.sort_by_key(|(id, name)| (Reverse(waiting.get(id).map(|(_, since)| Reverse(*since))), name.clone()));
        let fits = usize::try_from(PAGE_ENTRIES).unwrap_or(usize::MAX);
        let more = led.len().saturating_sub(fits);
        let row = |(id, name): (StaffId, String)| {
            let waiting = waiting.get(&id).map(|(count, since)| {
                let since = Timestamp::from_microsecond(*since).unwrap_or(self.now);
                (count_chip(*count), format!("since {}", formats.moment(since, self.now)))
            });
            PersonRow { id, name, waiting }
        };
        (led.into_iter().take(fits).map(row).collect(), more)
    }

    async fn talks(&self, tx: &mut Tx) -> Result<(Vec<TalkRow>, Option<Pager>), DbError> {
        let (below, above) = (self.asked.talks, self.asked.talks_after);
        let mut talks = match above {
            Some(above) => store::talks_newer(tx, self.me, above, TALKS + 1).await?,
            None => store::talks(tx, self.me, below.unwrap_or_else(TalkId::last), TALKS + 1).await?,
        };
        let has_more = i64::try_from(talks.len()).is_ok_and(|n| n > TALKS);
        match above {
            Some(_) if has_more => drop(talks.remove(0)),
            None if has_more => drop(talks.pop()),
            _ => {}
        }
        let is_first = above.map_or_else(|| below.is_none(), |_| !has_more);
        let newer = talks.first().filter(|_| !is_first).map(|talk| format!("/debriefs?talks_after={}#talks", talk.id));
        let older = talks.last().filter(|_| has_more || above.is_some()).map(|talk| format!("/debriefs?talks={}#talks", talk.id));
        let others: Vec<Actor> = talks.iter().map(|talk| Actor::Staff(self.other(talk).0)).collect();
        let mut people = People::new();
        people.meet(tx, &others).await?;
        let formats = self.caller.formats();
        let row = |talk: &Talk| {
            let at = Timestamp::from_microsecond(talk.at).unwrap_or(self.now);
            TalkRow { id: talk.id, with: people.name(&Actor::Staff(self.other(talk).0)), when: formats.moment(at, self.now), at: at.to_string() }
        };
        Ok((talks.iter().map(row).collect(), pager("Pages of talks", "latest first", newer, older)))
    }

    fn other(&self, talk: &Talk) -> StaffId {
        if talk.agent == self.me { talk.lead } else { talk.agent }
    }
}

/// A pager where there is more than one page.
fn pager(label: &str, showing: &str, previous: Option<String>, next: Option<String>) -> Option<Pager> {
    (previous.is_some() || next.is_some()).then(|| Pager { label: label.to_owned(), previous, next, showing: showing.to_owned(), ..Pager::default() })
}

const AGREED: &str = "You both read it. Leave customers out: what concerns one stands on the point, and is erased with them.";

/// A long text of a form.
pub(super) fn words(form: Option<&Form>, name: &str, label: &str, prefix: &str, hint: &str) -> Field {
    let (value, error) = form.map_or((String::new(), None), |form| (form.typed(name).to_owned(), form.error(name)));
    Field { kind: FieldKind::Long, prefix: prefix.to_owned(), value, error, hint: hint.to_owned(), ..Field::new(name, label) }
}

/// Who reads the list, in a sentence or two.
fn read_by(agent: &Staff, side: Side, leads: &[Lead]) -> String {
    let names: Vec<&str> = leads.iter().map(|lead| lead.name.as_str()).collect();
    match (side, names.as_slice(), agent.kind) {
        (Side::Agent, [], _) => "Nobody leads you at the moment: it waits until somebody does. Until then only you read this.".to_owned(),
        (Side::Agent, names, _) => format!("Read by you and by who leads you now: {}.", names.join(", ")),
        (Side::Lead, names, Kind::AiAgent) => {
            format!("{} is an AI agent and reads no pages. This is read by who leads it now: {}.", agent.name, names.join(", "))
        }
        (Side::Lead, names, Kind::Person) => format!("Read by {} and by who leads them now: {}.", agent.name, names.join(", ")),
    }
}

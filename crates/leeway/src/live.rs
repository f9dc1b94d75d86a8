//! `GET /live`: a stream that tells an open page when to ask again for itself. What may be listened to stands in one table.

use std::convert::Infallible;
use std::time::Duration;

use access::{Caller, caller};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use platform::db::{Body, DbError, Tx};
use platform::http::Problem;
use platform::limits::{LIVE_STREAMS_OF_ONE, LIVE_TOPICS};
use platform::live::{Listening, NoRoom, Topic};
use platform::metrics::Metric;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::app::App;

/// How often something is sent where nothing happens, so that nobody on the way takes the stream for dead.
const BEAT: Duration = Duration::from_secs(20);
/// How often it is looked again whether somebody who listens still may; what happens to themselves is looked at at once.
const LOOK: Duration = Duration::from_secs(60);

/// Whether somebody may open a page that shows the thing with this id.
type May = for<'t> fn(&'t mut Tx, &'t Caller, &'t str, Timestamp) -> Body<'t, bool, DbError>;

/// Who may listen to topics of each kind.
const KINDS: &[(&str, May)] = &[
    ("case", desk::escalations::may_hear_of_case),
    ("charter", desk::charters::may_hear),
    ("customer", desk::customers::may_open),
    ("debrief_talk", desk::debriefs::may_hear_of_talk),
    ("debrief_list", desk::debriefs::may_hear),
    ("debriefs_led", desk::debriefs::may_hear_as_lead),
    ("escalation", desk::escalations::may_open),
    ("group", desk::escalations::may_hear),
    (desk::groups::GROUPS, may_at_the_desk),
    (desk::escalations::PRECEDENTS, may_at_the_desk),
    ("promise", desk::promises::may_hear),
];

/// A place that everybody at the desk looks at.
fn may_at_the_desk<'t>(_: &'t mut Tx, caller: &'t Caller, id: &'t str, _: Timestamp) -> Body<'t, bool, DbError> {
    Box::pin(async move { Ok(id.is_empty() && caller.is_at_the_desk()) })
}

/// A stream of news about the topics that are asked for.
pub(crate) async fn live(State(app): State<App>, caller: Caller, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let (topics, age) = asked(query.as_deref().unwrap_or_default())?;
    let me = caller.staff().ok_or_else(Problem::not_permitted)?;
    if !may_listen(&app, caller, topics.clone()).await? {
        return Err(Problem::not_found());
    }
    // What happens to oneself may end it: signed out, in another team.
    let mine = Topic::new("staff", &me);
    let listened: Vec<Topic> = topics.iter().cloned().chain([mine.clone()]).collect();
    let listening = app.db.live().listen(me.0, &listened, age).map_err(no_room)?;
    let mut look = interval_at(Instant::now() + LOOK, LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let told = Told { app, headers, topics, mine, listening, look };
    let events = stream::unfold(Some(told), |told| async move { told?.next().await });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
    // Proxies hand on what comes, as it comes.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// The topics, and how old the page is at most, in milliseconds.
fn asked(query: &str) -> Result<(Vec<Topic>, Duration), Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|e| Problem::invalid(e.to_string()))?;
    let of = |name: &'static str| pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str());
    let topics: Option<Vec<Topic>> = of("topic").map(Topic::asked).collect();
    let topics = topics.filter(|topics| (1..=LIVE_TOPICS).contains(&topics.len()));
    let topics = topics.ok_or_else(|| Problem::invalid(format!("Name 1 to {LIVE_TOPICS} topics, such as `topic=case:…`.")))?;
    let age = of("age").next().map_or(Ok(0), str::parse).map_err(|_| Problem::invalid("`age` is a number of milliseconds."))?;
    Ok((topics, Duration::from_millis(age)))
}

async fn may_listen(app: &App, caller: Caller, topics: Vec<Topic>) -> Result<bool, DbError> {
    let now = app.desk.now();
    app.db.read(move |tx| Box::pin(async move { may_listen_to_all(tx, &caller, &topics, now).await })).await
}

async fn may_listen_to_all(tx: &mut Tx, caller: &Caller, topics: &[Topic], now: Timestamp) -> Result<bool, DbError> {
    for topic in topics {
        let Some((_, may)) = KINDS.iter().find(|(kind, _)| *kind == topic.kind()) else { return Ok(false) };
        if !may(tx, caller, topic.id(), now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn no_room(e: NoRoom) -> Problem {
    match e {
        NoRoom::OfOne => Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", "You have too many pages open")
            .detail(format!("At most {LIVE_STREAMS_OF_ONE} pages of one person are told of changes at once; the others show them when they are loaded again."))
            .retry_after(60),
        NoRoom::OfAll | NoRoom::Closed => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-room", "Too many pages are open")
            .detail("Pages show what is new when they are loaded again.")
            .retry_after(10),
    }
}

/// One open stream.
struct Told {
    app: App,
    /// Of the request it began with.
    headers: HeaderMap,
    topics: Vec<Topic>,
    mine: Topic,
    listening: Listening,
    look: Interval,
}

impl Told {
    /// What is sent next, and the stream if it goes on; nothing when it ends.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Option<Self>)> {
        loop {
            let topics = tokio::select! {
                topics = self.listening.next() => topics?,
                _ = self.look.tick() => vec![self.mine.clone()],
            };
            if topics.contains(&self.mine) && !self.is_still_theirs().await {
                return Some((Ok(Event::default().event("over").data("over")), None));
            }
            let topics: Vec<String> = topics.iter().filter(|topic| **topic != self.mine).map(Topic::to_string).collect();
            if !topics.is_empty() {
                self.app.metrics.count(Metric::LiveTold);
                return Some((Ok(Event::default().data(topics.join(" "))), Some(self)));
            }
        }
    }

    /// Whether they are still signed in and may still see it all. Where that cannot be read, it is looked at again later: a topic says nothing of what happened.
    async fn is_still_theirs(&self) -> bool {
        let caller = match caller::still_signed_in(&self.app.access, &self.headers).await {
            Ok(caller) => caller,
            Err(_) => return true,
        };
        match caller {
            Some(caller) => may_listen(&self.app, caller, self.topics.clone()).await.unwrap_or(true),
            None => false,
        }
    }
}

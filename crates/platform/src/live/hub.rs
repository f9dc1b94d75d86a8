//! Who listens to what, on this server.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use super::Topic;
use crate::id::Id;
use crate::limits;

/// How long the next announcement on one stream waits: what comes meanwhile is told with it.
const PAUSE: Duration = Duration::from_millis(200);
/// How much later each listener of a topic hears of it than the one before, and the last one at most: pages that all ask again at once would wait for each other.
const SPREAD: Duration = Duration::from_millis(4);
const SPREAD_MOST: Duration = Duration::from_secs(2);
/// How many announcements one stream may have before it; more say nothing new.
const WAITING: usize = 8;
/// How many of the latest announcements are remembered for pages that were made before them and listen after them.
const RECENT: usize = 1_024;
/// How many topics may wait to be told to other servers; with more of them, all of it is said to have changed.
const RELAYED: usize = 4_096;

/// Why nobody more can listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// This person has as many open streams as one may have.
    OfOne,
    /// There are as many open streams as there may be.
    OfAll,
    /// The server is stopping.
    Closed,
}

/// Everybody who listens on this server.
#[derive(Debug)]
pub struct Live {
    listeners: Mutex<Listeners>,
    outbox: Mutex<Outbox>,
    posted: Notify,
    most: usize,
}

#[derive(Debug, Default)]
struct Listeners {
    streams: HashMap<u64, mpsc::Sender<(Topic, Duration)>>,
    /// The streams of a topic, in the order in which they were opened.
    of_topic: HashMap<Topic, Vec<u64>>,
    of_person: HashMap<Id, usize>,
    last: u64,
    recent: VecDeque<(Instant, Topic)>,
    is_closed: bool,
}

/// What other servers are still to be told; nothing is kept where there are none.
#[derive(Debug, Default)]
struct Outbox {
    topics: HashSet<Topic>,
    is_open: bool,
}

impl Default for Live {
    fn default() -> Self {
        Self { listeners: Mutex::default(), outbox: Mutex::default(), posted: Notify::new(), most: limits::LIVE_STREAMS.min(files() / 2) }
    }
}

impl Live {
    /// How many streams are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.listeners().streams.len()
    }

    /// Listens to topics for a person, who looks at a page that was made at most `age` ago: what was announced since then is told at once.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn listen(self: &Arc<Self>, person: Id, topics: &[Topic], age: Duration) -> Result<Listening, NoRoom> {
        let mut listeners = self.listeners();
        let of_one = listeners.of_person.get(&person).copied().unwrap_or(0);
        if listeners.is_closed {
            return Err(NoRoom::Closed);
        }
        if of_one >= limits::LIVE_STREAMS_OF_ONE {
            return Err(NoRoom::OfOne);
        }
        if listeners.streams.len() >= self.most {
            return Err(NoRoom::OfAll);
        }
        let (sender, told) = mpsc::channel(WAITING);
        if listeners.missed(topics, age) {
            // There is room for one.
            drop(sender.try_send((Topic::any(), Duration::ZERO)));
        }
        listeners.last += 1;
        let number = listeners.last;
        listeners.streams.insert(number, sender);
        listeners.of_person.insert(person, of_one + 1);
        for topic in topics {
            listeners.of_topic.entry(topic.clone()).or_default().push(number);
        }
        Ok(Listening { live: Arc::clone(self), number, person, topics: topics.to_vec(), told, pending: Vec::new(), due: Instant::now() })
    }

    /// Tells those who listen here, and other servers.
    pub(crate) fn announce(&self, topics: Vec<Topic>) {
        if topics.is_empty() {
            return;
        }
        self.tell(&topics);
        let mut outbox = self.outbox();
        if outbox.is_open {
            outbox.post(topics);
            self.posted.notify_one();
        }
    }

    /// Tells those who listen here.
    pub(super) fn tell(&self, topics: &[Topic]) {
        let (mut listeners, now) = (self.listeners(), Instant::now());
        for topic in topics {
            listeners.tell(topic, now);
        }
    }

    /// From now on other servers are told; what they were not told before, nobody knows.
    pub(super) fn open_outbox(&self) {
        self.outbox().is_open = true;
    }

    /// What other servers are to be told: waits until there is something.
    pub(super) async fn posted(&self) -> Vec<Topic> {
        loop {
            let topics = std::mem::take(&mut self.outbox().topics);
            if !topics.is_empty() {
                return topics.into_iter().collect();
            }
            self.posted.notified().await;
        }
    }

    /// What could not be told to other servers is told later.
    pub(super) fn post_again(&self, topics: Vec<Topic>) {
        self.outbox().post(topics);
    }

    /// Ends all streams, and begins no other.
    pub(crate) fn close(&self) {
        let mut listeners = self.listeners();
        listeners.is_closed = true;
        listeners.streams.clear();
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    fn post(&mut self, topics: Vec<Topic>) {
        self.topics.extend(topics);
        if self.topics.len() > RELAYED {
            self.topics = HashSet::from([Topic::any()]);
        }
    }
}

impl Listeners {
    fn tell(&mut self, topic: &Topic, now: Instant) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((now, topic.clone()));
        if *topic == Topic::any() {
            self.streams.values().enumerate().for_each(|(place, sender)| send(sender, topic, place));
        } else if let Some(numbers) = self.of_topic.get(topic) {
            numbers.iter().filter_map(|number| self.streams.get(number)).enumerate().for_each(|(place, sender)| send(sender, topic, place));
        }
    }

    /// Whether one of these may have been announced within this time. Where that is longer than what is remembered, it may.
    fn missed(&self, topics: &[Topic], age: Duration) -> bool {
        let is_since = |at: Instant| at.elapsed() <= age;
        let is_forgotten = self.recent.len() == RECENT && self.recent.front().is_some_and(|(at, _)| is_since(*at));
        is_forgotten || self.recent.iter().rev().take_while(|(at, _)| is_since(*at)).any(|(_, topic)| topics.contains(topic) || *topic == Topic::any())
    }
}

fn send(sender: &mpsc::Sender<(Topic, Duration)>, topic: &Topic, place: usize) {
    let later = SPREAD.saturating_mul(u32::try_from(place).unwrap_or(u32::MAX)).min(SPREAD_MOST);
    // Whoever has as much before them as they can take asks again anyway.
    drop(sender.try_send((topic.clone(), later)));
}

/// Somebody who listens, until this is dropped.
#[derive(Debug)]
pub struct Listening {
    live: Arc<Live>,
    number: u64,
    person: Id,
    topics: Vec<Topic>,
    told: mpsc::Receiver<(Topic, Duration)>,
    pending: Vec<Topic>,
    /// When the next may be told.
    due: Instant,
}

impl Listening {
    /// What is listened to.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// What was announced, as soon as there is something; nothing when the server stops. May be dropped while it waits, and called again.
    pub async fn next(&mut self) -> Option<Vec<Topic>> {
        if self.pending.is_empty() {
            let (topic, later) = self.told.recv().await?;
            self.pending.push(topic);
            self.due = self.due.max(Instant::now() + later);
        }
        sleep_until(self.due).await;
        while let Ok((topic, _)) = self.told.try_recv() {
            if !self.pending.contains(&topic) {
                self.pending.push(topic);
            }
        }
        self.due = Instant::now() + PAUSE;
        Some(std::mem::take(&mut self.pending))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = self.live.listeners();
        listeners.streams.remove(&self.number);
        if let Some(count) = listeners.of_person.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                listeners.of_person.remove(&self.person);
            }
        }
        for topic in &self.topics {
            if let Some(numbers) = listeners.of_topic.get_mut(topic) {
                numbers.retain(|number| *number != self.number);
                if numbers.is_empty() {
                    listeners.of_topic.remove(topic);
                }
            }
        }
    }
}

/// How many files and connections this program may have open: streams leave half of them to all else.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX)
}

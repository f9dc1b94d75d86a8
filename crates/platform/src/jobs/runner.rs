//! The loop that does jobs: leases those that are due, does a bounded number at once, and says what came of each.
//!
//! It sleeps until the next job is due, and is woken when this program adds one. Where other programs may add jobs to the same database it looks once a
//! second. A worker function that panics harms no other; one that takes too long is stopped before its lease ends.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use charter::time::Instant;
use tokio::task::JoinSet;

use super::{LEASE_MICROS, Leased, NewJob, done, enqueue, failed, give_up, later, lease, next_due};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::metrics::{Metric, Metrics};

/// How many jobs are done at once.
const AT_ONCE: usize = 8;
/// How long a worker function may take: less than a lease, so that no other begins meanwhile.
const LONGEST: Duration = Duration::from_secs(100);
/// How soon a job is looked at again when what it needs is not there.
const LATER_MICROS: i64 = 5 * 60_000_000;
/// How long to sleep at most where nobody else adds jobs.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// How long to sleep at most where others do.
const SLEEP_SHARED: Duration = Duration::from_secs(1);

/// Why a job was not done. The text is for people who look at the jobs; it has no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// It failed: it is tried again, later each time, and given up in the end.
    Again(String),
    /// What it needs is not there: it waits, and this try does not count.
    Later(String),
    /// It can never be done.
    Never(String),
}

impl From<DbError> for NotDone {
    fn from(e: DbError) -> Self {
        Self::Again(e.to_string())
    }
}

/// What a worker function gives back.
pub type Doing = Pin<Box<dyn Future<Output = Result<(), NotDone>> + Send>>;
type Work = Arc<dyn Fn(Leased) -> Doing + Send + Sync>;

/// Which function does which kind of job.
#[derive(Default)]
pub struct Table {
    works: HashMap<&'static str, Work>,
    recurring: HashMap<&'static str, i64>,
}

impl Table {
    /// A kind of job. Its function may be called twice for one job.
    #[must_use]
    pub fn work<F, D>(mut self, kind: &'static str, function: F) -> Self
    where
        F: Fn(Leased) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), NotDone>> + Send + 'static,
    {
        self.works.insert(kind, Arc::new(move |job| Box::pin(function(job))));
        self
    }

    /// A kind of job that is there once, always: when it ends it is wanted again after `every` microseconds, whether it failed or not.
    #[must_use]
    pub fn every<F, D>(mut self, every: i64, kind: &'static str, function: F) -> Self
    where
        F: Fn(Leased) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), NotDone>> + Send + 'static,
    {
        self.recurring.insert(kind, every);
        self.work(kind, function)
    }

    /// Begins a job; nothing for one of a kind that is not in the table.
    #[must_use]
    pub fn begin(&self, job: Leased) -> Option<Doing> {
        self.works.get(job.kind.as_str()).map(|work| work(job))
    }

    /// The kinds there are, in the order of their names.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.works.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }
}

/// Does the jobs of a database.
pub struct Runner {
    db: Arc<Db>,
    clock: Clock,
    metrics: Arc<Metrics>,
    table: Table,
}

impl Runner {
    /// A runner; it does nothing before [`Runner::run`].
    #[must_use]
    pub fn new(db: Arc<Db>, clock: Clock, metrics: Arc<Metrics>, table: Table) -> Self {
        Self { db, clock, metrics, table }
    }

    /// Does jobs until `stop` is done, then lets those under way end.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let runner = Arc::new(self);
        let (mut stop, work, mut under_way) = (std::pin::pin!(stop), runner.db.work(), JoinSet::new());
        let mut are_wanted = false;
        loop {
            // What is done again and again must be there; a database that is away for a moment is asked again.
            are_wanted = are_wanted || runner.want_recurring().await;
            runner.begin(&mut under_way).await;
            let pause = runner.pause().await;
            tokio::select! {
                () = &mut stop => break,
                () = work.notified() => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep(pause), if under_way.len() < AT_ONCE => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    async fn want_recurring(&self) -> bool {
        let (kinds, now) = (self.table.recurring.keys().copied().collect::<Vec<_>>(), self.clock.now());
        let wanted: Result<(), DbError> = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for kind in kinds {
                        enqueue(tx, &NewJob { kind, key: "", payload: "{}", run_at: now }, now).await?;
                    }
                    Ok(())
                })
            })
            .await;
        wanted.is_ok()
    }

    async fn begin(self: &Arc<Self>, under_way: &mut JoinSet<()>) {
        let (now, room) = (self.clock.now(), AT_ONCE.saturating_sub(under_way.len()));
        let Ok(most @ 1..) = i64::try_from(room) else { return };
        if !self.is_due(now).await {
            return;
        }
        match self.db.write(move |tx| Box::pin(async move { lease(tx, now, most).await })).await {
            Ok(jobs) => jobs.into_iter().for_each(|job| drop(under_way.spawn(Arc::clone(self).one(job)))),
            Err(e) => tracing::warn!(error = %e, "jobs could not be leased"),
        }
    }

    async fn next(&self) -> Result<Option<Instant>, DbError> {
        self.db.read(|tx| Box::pin(async move { next_due(tx).await })).await
    }

    /// Looked at without writing, so that an idle program leaves the disk alone.
    async fn is_due(&self, now: Instant) -> bool {
        matches!(self.next().await, Ok(Some(at)) if at <= now)
    }

    async fn pause(&self) -> Duration {
        let most = if self.db.is_shared() { SLEEP_SHARED } else { SLEEP_MAX };
        match self.next().await {
            Ok(Some(at)) => Duration::from_micros(u64::try_from(at - self.clock.now()).unwrap_or(0)).min(most),
            Ok(None) => most,
            // Not at once again: the database has other worries.
            Err(_) => SLEEP_SHARED,
        }
    }

    async fn one(self: Arc<Self>, job: Leased) {
        let result = match self.table.begin(job.clone()) {
            Some(doing) => contained(doing).await,
            None => Err(NotDone::Later(format!("this version of Leeway does not know jobs of the kind `{}`", job.kind))),
        };
        self.count(&job, &result);
        if let Err(e) = self.settle(job, result).await {
            tracing::warn!(error = %e, "what came of a job could not be kept; it is done again when its lease ends");
        }
    }

    /// The log names the job and not what went wrong: that may name a person, and stands with the job.
    fn count(&self, job: &Leased, result: &Result<(), NotDone>) {
        let (kind, id) = (&job.kind, job.id);
        match result {
            Ok(()) => self.metrics.count(Metric::JobsDone),
            Err(NotDone::Again(_)) => {
                self.metrics.count(Metric::JobsFailed);
                tracing::warn!(kind, job = %id, tries = job.tries, "a job failed; it is tried again");
            }
            Err(NotDone::Later(_)) => tracing::debug!(kind, job = %id, "a job waits for what it needs"),
            Err(NotDone::Never(_)) => {
                self.metrics.count(Metric::JobsFailed);
                tracing::error!(kind, job = %id, "a job cannot be done; it stays in the list of jobs");
            }
        }
    }

    async fn settle(&self, job: Leased, result: Result<(), NotDone>) -> Result<(), DbError> {
        let (now, every) = (self.clock.now(), self.table.recurring.get(job.kind.as_str()).copied());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    match (result, every) {
                        (Err(NotDone::Again(e) | NotDone::Later(e) | NotDone::Never(e)), Some(every)) => later(tx, &job, Some(&e), now + every).await,
                        (Ok(()), Some(every)) => later(tx, &job, None, now + every).await,
                        (Ok(()), None) => done(tx, &job).await.map(drop),
                        (Err(NotDone::Again(e)), None) => failed(tx, &job, &e, now).await,
                        (Err(NotDone::Later(e)), None) => later(tx, &job, Some(&e), now + LATER_MICROS).await,
                        (Err(NotDone::Never(e)), None) => give_up(tx, &job, &e, now).await,
                    }
                })
            })
            .await
    }
}

/// In a task of its own, so that a panic ends there.
async fn contained(doing: Doing) -> Result<(), NotDone> {
    let task = tokio::spawn(async move { tokio::time::timeout(LONGEST, doing).await });
    match task.await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(NotDone::Again(format!("it took longer than {} seconds and was stopped", LONGEST.as_secs()))),
        Err(_) => Err(NotDone::Again("it panicked: a defect of Leeway; the log has more".to_owned())),
    }
}

const _: () = assert!(LONGEST.as_micros() < LEASE_MICROS as u128, "a job is stopped before it is leased again");

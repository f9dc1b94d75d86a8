//! Who hears of a change, and when: after it is durable, never before, and on every server of one database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use platform::actor::{Actor, Subject};
use platform::clock::Clock;
use platform::db::{Db, DbError, schema};
use platform::events::{self, Event};
use platform::id::Id;
use platform::limits::{LIVE_STREAMS, LIVE_STREAMS_OF_ONE};
use platform::live::{self, Listening, NoRoom, Topic};
use serde::Serialize;
use testkit::{TestDb, on_each};
use tokio::time::{sleep, timeout};

/// Long enough for everything that comes.
const SOON: Duration = Duration::from_secs(5);
/// Long enough to say that nothing does.
const NEVER: Duration = Duration::from_millis(400);
const JUST_NOW: Duration = Duration::ZERO;

#[derive(Serialize)]
struct Opened(i64);

impl Event for Opened {
    fn kind(&self) -> &'static str {
        "case_opened"
    }

    fn subject(&self) -> Subject {
        Subject::new("case", &self.0)
    }
}

fn case(number: i64) -> Topic {
    Topic::new("case", &number)
}

fn somebody() -> Id {
    Id::new(Clock::machine().now())
}

fn listening(db: &Db, topics: &[Topic]) -> Listening {
    db.live().listen(somebody(), topics, JUST_NOW).unwrap()
}

async fn heard(listening: &mut Listening) -> Vec<Topic> {
    timeout(SOON, listening.next()).await.unwrap().unwrap()
}

async fn hears_nothing(listening: &mut Listening) -> bool {
    timeout(NEVER, listening.next()).await.is_err()
}

async fn open(db: &Db, number: i64, is_undone: bool) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            events::append(tx, &Opened(number), &Actor::System, 1).await?;
            events::append(tx, &Opened(number), &Actor::System, 2).await?;
            live::touch(tx, Topic::place("inbox"));
            if is_undone { Err(DbError::Unavailable("on purpose".to_owned())) } else { Ok(()) }
        })
    })
    .await
}

async fn with_schema(test: &TestDb) {
    test.db.migrate(&schema().unwrap()).await.unwrap();
}

#[test]
fn a_change_is_heard_by_those_who_listen_to_it_and_only_once() {
    on_each(|test| async move {
        with_schema(&test).await;
        let (mut of_one, mut of_two) = (listening(&test.db, &[case(1)]), listening(&test.db, &[case(2)]));
        let mut of_both = listening(&test.db, &[case(1), Topic::place("inbox")]);
        open(&test.db, 1, false).await.unwrap();
        assert_eq!(heard(&mut of_one).await, [case(1)], "two events, one topic");
        assert_eq!(heard(&mut of_both).await, [Topic::place("inbox"), case(1)]);
        assert!(hears_nothing(&mut of_two).await && hears_nothing(&mut of_one).await && hears_nothing(&mut of_both).await);
    });
}

#[test]
fn what_did_not_happen_is_not_heard() {
    on_each(|test| async move {
        with_schema(&test).await;
        let mut all = listening(&test.db, &[case(1), case(2)]);
        let (undone, done) = tokio::join!(open(&test.db, 1, true), open(&test.db, 2, false));
        assert!(undone.is_err() && done.is_ok());
        assert_eq!(heard(&mut all).await, [case(2)]);
        assert!(hears_nothing(&mut all).await);
    });
}

#[test]
fn it_is_durable_when_it_is_heard() {
    on_each(|test| async move {
        with_schema(&test).await;
        for number in 0..30 {
            let mut one = listening(&test.db, &[case(number)]);
            let db = Arc::clone(&test);
            let writing = tokio::spawn(async move { open(&db.db, number, false).await });
            heard(&mut one).await;
            let subject = Subject::new("case", &number);
            let seen: Result<_, DbError> = test.db.read(move |tx| Box::pin(async move { events::of(tx, &subject, i64::MAX, 9).await })).await;
            assert_eq!(seen.unwrap().len(), 2);
            writing.await.unwrap().unwrap();
        }
    });
}

#[test]
fn it_is_heard_although_nobody_waits_for_the_answer() {
    on_each(|test| async move {
        with_schema(&test).await;
        if !test.is_sqlite() {
            // There, whoever does not wait any more takes the transaction back.
            return;
        }
        let mut one = listening(&test.db, &[case(1)]);
        assert!(timeout(Duration::ZERO, open(&test.db, 1, false)).await.is_err());
        assert_eq!(heard(&mut one).await, [case(1)]);
    });
}

#[test]
fn what_was_touched_since_a_page_was_made_is_told_at_once() {
    on_each(|test| async move {
        with_schema(&test).await;
        open(&test.db, 1, false).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        let at_age = |number, age| test.db.live().listen(somebody(), &[case(number)], Duration::from_millis(age)).unwrap();
        assert!(hears_nothing(&mut at_age(1, 10)).await, "the page is younger than the change");
        assert!(hears_nothing(&mut at_age(2, 5_000)).await, "it shows something else");
        assert_eq!(heard(&mut at_age(1, 5_000)).await, [Topic::any()]);
        for number in 100..1_200 {
            test.db
                .write::<_, DbError, _>(move |tx| {
                    Box::pin(async move {
                        live::touch(tx, case(number));
                        Ok(())
                    })
                })
                .await
                .unwrap();
        }
        assert_eq!(heard(&mut at_age(2, 600_000)).await, [Topic::any()], "nobody remembers that long");
    });
}

#[test]
fn many_changes_in_a_moment_are_told_together() {
    on_each(|test| async move {
        with_schema(&test).await;
        let mut inbox = listening(&test.db, &[Topic::place("inbox")]);
        let mut told = 0;
        for number in 0..50 {
            open(&test.db, number, false).await.unwrap();
        }
        while timeout(NEVER, inbox.next()).await.is_ok() {
            told += 1;
        }
        assert!((1..=10).contains(&told), "{told}");
    });
}

#[test]
fn only_so_many_listen_and_who_goes_leaves_room() {
    on_each(|test| async move {
        let (me, live) = (somebody(), test.db.live());
        let mut mine: Vec<Listening> = (0..LIVE_STREAMS_OF_ONE).map(|_| live.listen(me, &[case(1)], JUST_NOW).unwrap()).collect();
        assert_eq!(live.listen(me, &[case(1)], JUST_NOW).unwrap_err(), NoRoom::OfOne);
        mine.pop();
        mine.push(live.listen(me, &[case(1)], JUST_NOW).unwrap());
        let mut others = Vec::new();
        let refused = loop {
            match live.listen(somebody(), &[case(1)], JUST_NOW) {
                Ok(listening) => others.push(listening),
                Err(e) => break e,
            }
        };
        assert_eq!(refused, NoRoom::OfAll);
        assert_eq!(live.open(), LIVE_STREAMS.min(others.len() + mine.len()));
        assert!(others.len() > 100, "{}", others.len());
        drop((mine, others));
        assert_eq!(live.open(), 0);
    });
}

#[test]
fn a_server_that_stops_ends_all_streams() {
    on_each(|test| async move {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let relaying = {
            let test = Arc::clone(&test);
            tokio::spawn(async move { test.db.relay(async move { drop(stopped.await) }).await })
        };
        let mut one = listening(&test.db, &[case(1)]);
        drop(stop);
        relaying.await.unwrap();
        while let Some(topics) = timeout(SOON, one.next()).await.unwrap() {
            assert_eq!(topics, [Topic::any()]);
        }
        assert_eq!(test.db.live().listen(somebody(), &[case(1)], JUST_NOW).unwrap_err(), NoRoom::Closed);
    });
}

/// Two servers on one database, each with somebody who listens; both hear each other by now.
async fn two(test: &TestDb, topics: &[Topic]) -> [(Arc<Db>, Listening); 2] {
    with_schema(test).await;
    let server = || {
        let db = Arc::new(Db::open(&test.location, &[]).unwrap());
        let listening = listening(&db, topics);
        let relayed = Arc::clone(&db);
        tokio::spawn(async move { relayed.relay(std::future::pending()).await });
        (db, listening)
    };
    let mut servers = [server(), server()];
    for (_, listening) in &mut servers {
        assert_eq!(heard(listening).await, [Topic::any()], "what was announced before it heard, nobody knows");
    }
    servers
}

#[test]
fn servers_of_one_database_hear_each_other() {
    on_each(|test| async move {
        if test.is_sqlite() {
            return;
        }
        let [(here, mut of_here), (there, mut of_there)] = two(&test, &[case(1), case(2)]).await;
        open(&here, 1, false).await.unwrap();
        assert_eq!(heard(&mut of_there).await, [case(1)]);
        assert_eq!(heard(&mut of_here).await, [case(1)]);
        open(&there, 2, false).await.unwrap();
        assert_eq!(heard(&mut of_here).await, [case(2)]);
        assert_eq!(heard(&mut of_there).await, [case(2)]);
        assert!(hears_nothing(&mut of_here).await && hears_nothing(&mut of_there).await, "nothing comes back to the server it is from");
    });
}

platform::statements! {
    // The connections that hear, and no other.
    BREAK = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND (query LIKE 'SELECT pg_notify%' OR query LIKE 'SET synchronous%' OR query LIKE 'SELECT pg_backend_pid%' OR query = '')";
}

#[test]
fn after_a_broken_connection_everybody_asks_again_and_hears_again() {
    on_each(|test| async move {
        if test.is_sqlite() {
            return;
        }
        let [(here, mut of_here), (_, mut of_there)] = two(&test, &[case(1)]).await;
        open(&here, 1, false).await.unwrap();
        assert_eq!((heard(&mut of_here).await, heard(&mut of_there).await), (vec![case(1)], vec![case(1)]));
        let broken: Result<(i64,), DbError> = here.write(|tx| Box::pin(async move { tx.one(&BREAK, &[]).await })).await;
        assert!(broken.unwrap().0 >= 2);
        assert_eq!((heard(&mut of_here).await, heard(&mut of_there).await), (vec![Topic::any()], vec![Topic::any()]));
        open(&here, 1, false).await.unwrap();
        assert_eq!((heard(&mut of_here).await, heard(&mut of_there).await), (vec![case(1)], vec![case(1)]));
    });
}

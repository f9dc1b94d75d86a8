//! Events, seals, jobs, keys and texts, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use platform::actor::{Actor, Subject};
use platform::db::{DbError, Statement, Tx, schema};
use platform::events::{self, Event};
use platform::idempotency::{self, Claim};
use platform::jobs::{self, NewJob};
use platform::{audit, statements, texts};
use serde::Serialize;
use testkit::{TestDb, on_each};

statements! {
    REWRITE = "UPDATE events SET data = 'x' WHERE number = 1";
    TAKE_OUT = "DELETE FROM events WHERE number = 1";
}

#[derive(Serialize)]
struct Opened {
    case: i64,
}

impl Event for Opened {
    fn kind(&self) -> &'static str {
        "case_opened"
    }

    fn subject(&self) -> Subject {
        Subject::new("case", &self.case)
    }
}

const AT: i64 = 1_800_000_000_000_000;

async fn ready(test: &TestDb) {
    test.db.migrate(&schema().unwrap()).await.unwrap();
}

async fn write<T: Send + 'static>(test: &TestDb, body: impl for<'t> FnOnce(&'t mut Tx) -> platform::db::Body<'t, T, DbError> + Clone + Send + 'static) -> T {
    test.db.write(body).await.unwrap()
}

async fn open(test: &TestDb, case: i64) {
    write(test, move |tx| Box::pin(async move { events::append(tx, &Opened { case }, &Actor::System, AT).await })).await;
}

async fn refused(test: &TestDb, statement: &'static Statement) -> bool {
    let result: Result<u64, DbError> = test.db.write(move |tx| Box::pin(async move { tx.execute(statement, &[]).await })).await;
    result.unwrap_err().is_refused()
}

#[test]
fn every_statement_fits_the_schema() {
    on_each(|test| async move {
        ready(&test).await;
        for statement in platform::statements() {
            write(&test, move |tx| Box::pin(async move { tx.prepare(statement).await })).await;
        }
    });
}

#[test]
fn events_are_chained_and_sealed_and_stay() {
    on_each(|test| async move {
        ready(&test).await;
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let test = Arc::clone(&test);
                tokio::spawn(async move { open(&test, n % 3).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let of_case = write(&test, |tx| Box::pin(async move { events::of(tx, &Subject::new("case", &1), i64::MAX, 50).await })).await;
        assert_eq!(of_case.iter().map(|e| e.number).collect::<Vec<_>>(), (1..=13).rev().collect::<Vec<_>>());
        let soon = write(&test, |tx| Box::pin(async move { audit::seal(tx, AT).await })).await;
        assert_eq!(soon, 0, "others with a lower place may still be under way");
        let sealed = write(&test, |tx| Box::pin(async move { audit::seal(tx, AT + 2 * audit::SEALED_AFTER_MICROS).await })).await;
        assert_eq!(sealed, 40);
        assert_eq!(write(&test, |tx| Box::pin(async move { audit::verify(tx, 10).await })).await, Vec::<String>::new());
        assert!(refused(&test, &REWRITE).await && refused(&test, &TAKE_OUT).await, "the schema keeps the log as it is");
    });
}

#[test]
fn jobs_are_done_by_one_worker_and_tried_again() {
    on_each(|test| async move {
        ready(&test).await;
        let job = NewJob { kind: "mail", key: "a", payload: "{}", run_at: AT };
        for expected in [true, false] {
            let job = job.clone();
            assert_eq!(write(&test, move |tx| Box::pin(async move { jobs::enqueue(tx, &job, AT).await })).await, expected);
        }
        let lease = |now| write(&test, move |tx| Box::pin(async move { jobs::lease(tx, now, 10).await }));
        assert!(lease(AT - 1).await.is_empty(), "not yet");
        let first = lease(AT).await.remove(0);
        assert!(lease(AT).await.is_empty(), "leased to another worker");
        let second = lease(AT + jobs::LEASE_MICROS).await.remove(0);
        let done = write(&test, move |tx| Box::pin(async move { Ok((jobs::done(tx, &first).await?, jobs::next_due(tx).await?)) })).await;
        assert_eq!(done, (false, Some(AT + 2 * jobs::LEASE_MICROS)), "the lease was lost");
        let again = second.clone();
        write(&test, move |tx| Box::pin(async move { jobs::failed(tx, &second, "no", AT).await })).await;
        assert_eq!(write(&test, |tx| Box::pin(async move { jobs::next_due(tx).await })).await, Some(AT + 20_000_000));
        assert!(!write(&test, move |tx| Box::pin(async move { jobs::done(tx, &again).await })).await);
    });
}

#[test]
fn a_key_has_one_effect() {
    on_each(|test| async move {
        ready(&test).await;
        let claim = |body: &'static [u8]| {
            write(&test, move |tx| {
                Box::pin(async move {
                    let claim = idempotency::claim(tx, &Actor::System, "k", body, AT).await?;
                    if claim == Claim::New {
                        idempotency::keep(tx, &Actor::System, "k", (201, "made"), None).await?;
                    }
                    Ok(claim)
                })
            })
        };
        assert_eq!(claim(b"one").await, Claim::New);
        assert_eq!(claim(b"one").await, Claim::Done { status: 201, answer: "made".to_owned() });
        assert_eq!(claim(b"two").await, Claim::Another);
    });
}

#[test]
fn texts_can_be_erased() {
    on_each(|test| async move {
        ready(&test).await;
        let kept = write(&test, |tx| Box::pin(async move { texts::keep(tx, "Marta", AT).await })).await;
        let id = kept.text;
        assert_eq!(write(&test, move |tx| Box::pin(async move { texts::read(tx, id).await })).await.as_deref(), Some("Marta"));
        assert!(write(&test, move |tx| Box::pin(async move { texts::erase(tx, id, AT).await })).await);
        assert_eq!(write(&test, move |tx| Box::pin(async move { texts::read(tx, id).await })).await, None);
    });
}

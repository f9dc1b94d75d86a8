//! One body, two databases: what a transaction promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use platform::db::{Contended, DbError, Migration};
use platform::{params, statements};
use testkit::{TestDb, on_each};

statements! {
    ADD = "INSERT INTO things (name, weight) VALUES (?1, ?2)";
    COUNT = "SELECT COUNT(*), CAST(COALESCE(SUM(weight), 0) AS BIGINT) FROM things";
    WEIGHT = "SELECT weight FROM things WHERE name = ?1";
    HEAVIER = "UPDATE things SET weight = ?2 WHERE name = ?1";
    SLEEP_NOT_SQL = "SELECT missing FROM things";
}

fn schema() -> Vec<Migration> {
    let of = |blob: &str| format!("CREATE TABLE things (name TEXT PRIMARY KEY, weight BIGINT NOT NULL CHECK (weight >= 0), image {blob})");
    vec![Migration { number: 1, name: "create_things".to_owned(), sqlite: of("BLOB"), postgres: of("BYTEA") }]
}

#[derive(Debug, PartialEq)]
enum Failed {
    Db(DbError),
    OnPurpose,
}

impl From<DbError> for Failed {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for Failed {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

async fn counts(test: &TestDb) -> (i64, i64) {
    test.db.read(|tx| Box::pin(async move { tx.one::<(i64, i64)>(&COUNT, &[]).await })).await.unwrap()
}

async fn add(test: &TestDb, name: &'static str, weight: i64) -> Result<u64, DbError> {
    test.db.write(move |tx| Box::pin(async move { tx.execute(&ADD, params![name, weight]).await })).await
}

#[test]
fn what_is_written_is_read() {
    on_each(|test| async move {
        assert_eq!(test.db.migrate(&schema()).await, Ok(1));
        assert_eq!(test.db.migrate(&schema()).await, Ok(0), "a second time there is nothing to do");
        assert_eq!(add(&test, "a", 3).await, Ok(1));
        assert_eq!(counts(&test).await, (1, 3));
    });
}

#[test]
fn a_released_step_is_never_edited() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        let mut edited = schema();
        edited[0].sqlite.push(' ');
        edited[0].sqlite.push_str("-- edited");
        edited[0].postgres.push_str("-- edited");
        assert!(matches!(test.db.migrate(&edited).await, Err(DbError::Unavailable(_))));
    });
}

#[test]
fn an_error_leaves_nothing_behind() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        let result: Result<(), Failed> = test
            .db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(&ADD, params!["a", 1]).await?;
                    Err(Failed::OnPurpose)
                })
            })
            .await;
        assert_eq!(result, Err(Failed::OnPurpose));
        assert_eq!(counts(&test).await, (0, 0));
    });
}

async fn add_and(test: &TestDb, name: &'static str, fails: bool) -> Result<(), Failed> {
    test.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(&ADD, params![name, 1]).await?;
                if fails { Err(Failed::OnPurpose) } else { Ok(()) }
            })
        })
        .await
}

#[test]
fn what_fails_takes_back_its_own_alone() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        // While the writer of SQLite is busy with the first, the others come to wait: they share the next commit.
        let busy = test.db.write(|tx| {
            Box::pin(async move {
                std::thread::sleep(std::time::Duration::from_millis(200));
                tx.execute(&ADD, params!["busy", 100]).await
            })
        });
        let (busy, first, a, between, b, last) = tokio::join!(
            busy,
            add_and(&test, "first", true),
            add_and(&test, "a", false),
            add_and(&test, "between", true),
            add_and(&test, "b", false),
            add_and(&test, "last", true),
        );
        assert_eq!((busy, a, b), (Ok(1), Ok(()), Ok(())));
        assert_eq!([first, between, last], [const { Err(Failed::OnPurpose) }; 3]);
        assert_eq!(counts(&test).await, (3, 102));
    });
}

#[test]
fn the_schema_refuses() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        add(&test, "a", 1).await.unwrap();
        assert!(add(&test, "a", 2).await.unwrap_err().is_refused(), "a name twice");
        assert!(add(&test, "b", -1).await.unwrap_err().is_refused(), "a weight below zero");
        let defect: Result<Vec<(i64,)>, DbError> = test.db.read(|tx| Box::pin(async move { tx.all(&SLEEP_NOT_SQL, &[]).await })).await;
        assert!(matches!(defect, Err(DbError::Defect(_))));
        assert_eq!(counts(&test).await, (1, 1));
    });
}

#[test]
fn a_body_that_panics_harms_no_other() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        if test.is_sqlite() {
            let result: Result<(), DbError> = test
                .db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&ADD, params!["a", 1]).await?;
                        panic!("on purpose")
                    })
                })
                .await;
            assert!(matches!(result, Err(DbError::Defect(_))));
        }
        add(&test, "b", 2).await.unwrap();
        assert_eq!(counts(&test).await, (1, 2));
    });
}

#[test]
fn a_body_that_awaits_something_else_is_told() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        if test.is_sqlite() {
            let result: Result<(), DbError> = test
                .db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&ADD, params!["a", 1]).await?;
                        tokio::task::yield_now().await;
                        Ok(())
                    })
                })
                .await;
            assert!(matches!(result, Err(DbError::Defect(_))));
            assert_eq!(counts(&test).await, (0, 0));
        }
    });
}

#[test]
fn a_held_name_lets_one_in_at_a_time() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        add(&test, "sum", 0).await.unwrap();
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let test = Arc::clone(&test);
                tokio::spawn(async move {
                    test.db
                        .write(|tx| {
                            Box::pin(async move {
                                tx.hold(&["sum".to_owned()]).await?;
                                let (weight,): (i64,) = tx.one(&WEIGHT, params!["sum"]).await?;
                                tx.execute(&HEAVIER, params!["sum", weight + 1]).await
                            })
                        })
                        .await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(1));
        }
        assert_eq!(counts(&test).await, (1, 64));
    });
}

#[test]
fn a_request_that_goes_away_leaves_the_connection_clean() {
    on_each(|test| async move {
        test.db.migrate(&schema()).await.unwrap();
        for _ in 0..40 {
            let writing = test.db.write::<u64, DbError, _>(|tx| Box::pin(async move { tx.execute(&ADD, params!["gone", 1]).await }));
            drop(tokio::time::timeout(std::time::Duration::from_micros(300), writing).await);
        }
        assert_eq!(add(&test, "there", 1).await, Ok(1));
        assert!(counts(&test).await.0 <= 2);
    });
}

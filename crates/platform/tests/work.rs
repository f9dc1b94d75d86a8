//! Jobs that are done: the loop, mails to a real server, webhooks to a real listener, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Body, Db, DbError, Location, Tx, schema};
use platform::events::{self, Recorded};
use platform::jobs::runner::{NotDone, Runner, Table};
use platform::jobs::{self, JobId, Listed, NewJob};
use platform::mail::{Mail, MailError, Mailer};
use platform::metrics::Metrics;
use platform::outbound::{Outbound, Reach};
use platform::webhooks::{self, NewWebhook, Secret};
use platform::wiring::Wire;
use testkit::{MailSink, TestDb, on_each};
use tokio::sync::oneshot;

const AT: i64 = 1_800_000_000_000_000;

async fn write<T: Send + 'static>(db: &Db, body: impl for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, DbError> + Clone + Send + 'static) -> T {
    db.write(body).await.unwrap()
}

async fn want(db: &Db, kind: &'static str, key: &'static str) {
    write(db, move |tx| Box::pin(async move { jobs::enqueue(tx, &NewJob { kind, key, payload: "{}", run_at: AT }, AT).await })).await;
}

async fn list(db: &Db) -> Vec<Listed> {
    write(db, |tx| Box::pin(async move { jobs::list(tx, JobId::last(), 100).await })).await
}

/// A database that is opened once more, so that it can be shared with a runner and has these wires.
async fn open(test: &TestDb, wires: &'static [Wire]) -> Arc<Db> {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let location: &Location = &test.location;
    Arc::new(Db::open(location, wires).unwrap())
}

/// Runs the loop while `until` is not so, then stops it and waits for its end.
async fn run(db: &Arc<Db>, clock: &Clock, table: Table, until: impl AsyncFn() -> bool) {
    let (stop, stopped) = oneshot::channel::<()>();
    let runner = Runner::new(Arc::clone(db), clock.clone(), Arc::new(Metrics::default()), table);
    let running = tokio::spawn(runner.run(async move { drop(stopped.await) }));
    tokio::time::timeout(Duration::from_secs(20), async {
        while !until().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
}

#[test]
fn jobs_are_done_and_what_fails_stays_with_its_error() {
    on_each(|test| async move {
        let db = open(&test, &[]).await;
        for (kind, key) in [("fine", "a"), ("fine", "b"), ("fails", ""), ("panics", ""), ("never", ""), ("lacks", ""), ("unknown", "")] {
            want(&db, kind, key).await;
        }
        let fine = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&fine);
        let table = Table::default()
            .work("fine", move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                async { Ok(()) }
            })
            .work("fails", |_| async { Err(NotDone::Again("on purpose".to_owned())) })
            .work("panics", |_| async { panic!("on purpose") })
            .work("never", |_| async { Err(NotDone::Never("there is no such thing".to_owned())) })
            .work("lacks", |_| async { Err(NotDone::Later("nothing is configured".to_owned())) });
        run(&db, &Clock::standing_at(AT), table, async || list(&db).await.iter().filter(|j| j.error.is_some()).count() == 5).await;
        assert_eq!(fine.load(Ordering::SeqCst), 2);
        let mut left: Vec<_> = list(&db).await.into_iter().map(|j| (j.kind, j.tries, j.run_at - AT, j.given_up_at.is_some())).collect();
        left.sort();
        let expected = [
            ("fails", 1, 5_000_000, false),
            ("lacks", 0, 300_000_000, false),
            ("never", 1, 120_000_000, true),
            ("panics", 1, 5_000_000, false),
            ("unknown", 0, 300_000_000, false),
        ];
        assert_eq!(left, expected.map(|(kind, tries, wait, ended)| (kind.to_owned(), tries, wait, ended)));
    });
}

#[test]
fn a_job_that_is_added_is_begun_at_once_and_many_run_at_once() {
    on_each(|test| async move {
        let db = open(&test, &[]).await;
        let (at_once, most, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (a, m, e) = (Arc::clone(&at_once), Arc::clone(&most), Arc::clone(&ended));
        let table = Table::default().work("slow", move |_| {
            let (a, m, e) = (Arc::clone(&a), Arc::clone(&m), Arc::clone(&e));
            async move {
                m.fetch_max(a.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                a.fetch_sub(1, Ordering::SeqCst);
                e.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        });
        let wanted = Arc::clone(&db);
        let adding = tokio::spawn(async move {
            // The loop sleeps by now: it has nothing to do.
            tokio::time::sleep(Duration::from_millis(50)).await;
            for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
                want(&wanted, "slow", key).await;
            }
        });
        run(&db, &Clock::standing_at(AT), table, async || ended.load(Ordering::SeqCst) == 12).await;
        adding.await.unwrap();
        assert!((2..=8).contains(&most.load(Ordering::SeqCst)), "{most:?} at once");
        assert!(list(&db).await.is_empty());
    });
}

#[test]
fn what_is_done_again_and_again_is_wanted_again_even_when_it_fails() {
    on_each(|test| async move {
        let db = open(&test, &[]).await;
        let clock = Clock::standing_at(AT);
        for n in 0..3 {
            let done = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&done);
            let table = Table::default().every(60_000_000, "seal", move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                async move { if n == 1 { Err(NotDone::Again("on purpose".to_owned())) } else { Ok(()) } }
            });
            run(&db, &clock, table, async || done.load(Ordering::SeqCst) == 1).await;
            let left = list(&db).await;
            assert_eq!(left.len(), 1);
            assert_eq!((left[0].run_at, left[0].tries, left[0].error.is_some()), (clock.now() + 60_000_000, 0, n == 1));
            clock.forward(60_000_000);
        }
    });
}

fn mail(to: &str) -> Mail {
    Mail { key: "link:1".to_owned(), to: to.to_owned(), subject: "Choose a password — now".to_owned(), text: "Hello Zoë,\n\nyour link.\n".to_owned() }
}

#[tokio::test]
async fn mails_reach_a_server() {
    let sink = MailSink::start(None).await.unwrap();
    let mailer = Mailer::new(&sink.url, "Leeway <leeway@shop.example>").unwrap();
    mailer.send(&mail("ana@shop.example")).await.unwrap();
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].to, "ana@shop.example");
    for part in ["From: Leeway <leeway@shop.example>", "Message-ID: <link.1@shop.example>", "text/plain; charset=utf-8", "your link."] {
        assert!(received[0].text.contains(part), "{part} in\n{}", received[0].text);
    }
}

#[tokio::test]
async fn a_mail_that_is_not_taken_says_whether_to_try_again() {
    let send = async |url: &str, to: &str| Mailer::new(url, "leeway@shop.example").unwrap().send(&mail(to)).await;
    let never = MailSink::start(Some("550 no such user")).await.unwrap();
    assert!(matches!(send(&never.url, "ana@shop.example").await, Err(MailError::Mail(_))));
    let later = MailSink::start(Some("450 come back")).await.unwrap();
    assert!(matches!(send(&later.url, "ana@shop.example").await, Err(MailError::Server(_))));
    assert!(matches!(send(&later.url, "ana").await, Err(MailError::Mail(_))));
    assert!(matches!(send("smtp://127.0.0.1:1", "ana@shop.example").await, Err(MailError::Server(_))));
    for (server, from) in [("http://mail.example", "a@b.example"), ("smtp://mail.example", "nobody")] {
        assert!(matches!(Mailer::new(server, from), Err(MailError::Settings(_))), "{server} {from}");
    }
}

/// What a webhook heard: headers and body.
type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A listener that answers with these statuses, one after the other, and then with 204.
async fn listen(statuses: &'static [u16]) -> (String, Heard) {
    let heard: Heard = Arc::default();
    let into = Arc::clone(&heard);
    let hook = post(move |headers: HeaderMap, body: String| async move {
        let mut heard = into.lock().unwrap();
        heard.push((headers, body));
        StatusCode::from_u16(statuses.get(heard.len() - 1).copied().unwrap_or(204)).unwrap()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", hook)).await });
    (url, heard)
}

#[derive(serde::Serialize)]
struct Sent {
    grant: i64,
}

impl events::Event for Sent {
    fn kind(&self) -> &'static str {
        "grant_sent"
    }

    fn subject(&self) -> platform::actor::Subject {
        platform::actor::Subject::new("case", &7)
    }
}

static WIRES: &[Wire] = &[Wire { event: "grant_sent", apply: &[followed], jobs: &[] }];

fn followed<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    webhooks::follow(tx, event)
}

fn delivering(db: &Arc<Db>, clock: &Clock, reach: Reach) -> Table {
    let (db, clock, outbound) = (Arc::clone(db), clock.clone(), Outbound::new(reach).unwrap());
    Table::default().work(webhooks::DELIVER_JOB, move |job| {
        let (db, clock, outbound) = (Arc::clone(&db), clock.clone(), outbound.clone());
        async move { webhooks::deliver(&db, &outbound, &clock, &job).await }
    })
}

async fn hook(db: &Arc<Db>, url: &str, events: &[&str]) -> Secret {
    let secret = Secret::fresh().unwrap();
    let (new, kept) = (NewWebhook { url: url.to_owned(), events: events.iter().map(|e| (*e).to_owned()).collect() }, secret.clone());
    write(db, move |tx| Box::pin(async move { webhooks::add(tx, &new, &kept, &Actor::System, AT).await })).await;
    secret
}

async fn grant(db: &Db) {
    write(db, |tx| Box::pin(async move { events::append(tx, &Sent { grant: 3 }, &Actor::System, AT).await })).await;
}

#[test]
fn a_webhook_hears_of_its_events_signed_until_it_answers() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[500]).await;
        let secret = hook(&db, &url, &["grant_sent", "case_opened"]).await;
        hook(&db, &url, &["case_opened"]).await;
        grant(&db).await;
        let clock = Clock::standing_at(AT);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.iter().any(|j| j.error.as_deref() == Some("it answered 500"))).await;
        clock.forward(5_000_000);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        let heard = heard.lock().unwrap().clone();
        assert_eq!(heard.len(), 2);
        for ((headers, body), seconds) in heard.iter().zip([AT / 1_000_000, AT / 1_000_000 + 5]) {
            let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
            assert_eq!(body, r#"{"id":"case:7#1","event":"grant_sent","at":"2027-01-15T08:00:00Z","data":{"grant":3}}"#);
            assert_eq!((header("webhook-id"), header("idempotency-key")), ("case:7#1".to_owned(), "case:7#1".to_owned()));
            assert_eq!(header("webhook-timestamp"), seconds.to_string());
            assert_eq!(Some(header("webhook-signature")), webhooks::signature(&secret, "case:7#1", seconds, body));
        }
    });
}

#[test]
fn a_webhook_into_a_private_network_is_never_called() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[]).await;
        hook(&db, &url, &["grant_sent"]).await;
        // A name that leads to this machine, too.
        hook(&db, &url.replace("127.0.0.1", "localhost").replace("http:", "https:"), &["grant_sent"]).await;
        grant(&db).await;
        let clock = Clock::standing_at(AT);
        run(&db, &clock, delivering(&db, &clock, Reach::Public), async || list(&db).await.iter().filter(|j| j.error.is_some()).count() == 2).await;
        let errors: Vec<String> = list(&db).await.into_iter().filter_map(|j| j.error).collect();
        assert!(errors.iter().any(|e| e.contains("does not begin with `https://`")), "{errors:?}");
        assert!(errors.iter().any(|e| e.contains("`localhost` leads into a private network")), "{errors:?}");
        assert!(heard.lock().unwrap().is_empty());
    });
}

#[test]
fn a_webhook_that_is_disabled_hears_nothing_more() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[]).await;
        hook(&db, &url, &["grant_sent"]).await;
        grant(&db).await;
        let hooks = write(&db, |tx| Box::pin(async move { webhooks::list(tx, webhooks::WebhookId::last(), 10).await })).await;
        let id = hooks[0].id;
        assert!(write(&db, move |tx| Box::pin(async move { webhooks::disable(tx, id, &Actor::System, AT).await })).await);
        grant(&db).await;
        assert_eq!(list(&db).await.len(), 1, "nothing is added for it");
        let clock = Clock::standing_at(AT);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        assert!(heard.lock().unwrap().is_empty());
    });
}

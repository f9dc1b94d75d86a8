//! Jobs that are done: the loop, mails to a real server, webhooks to a real listener, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

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
use platform::webhooks::{self, Delivery, DeliveryState, NewWebhook, Secret, Webhook, WebhookError, WebhookId};
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
    let (waking, at) = (Arc::clone(&db), clock.clone());
    let table = Table::default().work(webhooks::DELIVER_JOB, move |job| {
        let (db, clock, outbound) = (Arc::clone(&db), clock.clone(), outbound.clone());
        async move { webhooks::deliver(&db, &outbound, &clock, &job).await }
    });
    table.work(webhooks::WAKE_JOB, move |job| {
        let (db, at) = (Arc::clone(&waking), at.now());
        async move { webhooks::wake(&db, at, &job).await }
    })
}

async fn hook(db: &Arc<Db>, url: &str, events: &[&str]) -> Secret {
    let secret = Secret::fresh().unwrap();
    let (new, kept) = (NewWebhook { url: url.to_owned(), events: events.iter().map(|e| (*e).to_owned()).collect() }, secret.clone());
    // Ids are in the order of time.
    let at = AT + i64::try_from(hooks(db).await.len()).unwrap() * 1_000;
    write(db, move |tx| Box::pin(async move { Ok(webhooks::add(tx, &new, &kept, &Actor::System, at).await.unwrap()) })).await;
    secret
}

async fn hooks(db: &Db) -> Vec<Webhook> {
    write(db, |tx| Box::pin(async move { webhooks::list(tx).await })).await
}

/// What the latest webhook was sent, latest first.
async fn sent(db: &Db) -> Vec<Delivery> {
    let id = hooks(db).await[0].id;
    write(db, move |tx| Box::pin(async move { webhooks::deliveries(tx, id, i64::MAX, 100).await })).await
}

/// What the first webhook was sent.
async fn of_first(db: &Db) -> Vec<Delivery> {
    let id = hooks(db).await.last().unwrap().id;
    write(db, move |tx| Box::pin(async move { webhooks::deliveries(tx, id, i64::MAX, 100).await })).await
}

/// Does one thing with the latest webhook.
async fn with_hook<T: Send + 'static>(
    db: &Db,
    body: impl for<'t> FnOnce(&'t mut Tx, WebhookId) -> Body<'t, T, WebhookError> + Clone + Send + 'static,
) -> Result<T, WebhookError> {
    let id = hooks(db).await[0].id;
    db.write(move |tx| body(tx, id)).await
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
        let (kept, unconcerned) = (of_first(&db).await, sent(&db).await);
        assert_eq!((kept[0].state, kept[0].tries, kept[0].status, kept[0].next_at), (DeliveryState::Waiting, 1, Some(500), Some(AT + 5_000_000)));
        assert!(unconcerned.is_empty());
        clock.forward(5_000_000);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        let kept = of_first(&db).await;
        assert_eq!((kept.len(), kept[0].state, kept[0].tries, kept[0].next_at), (1, DeliveryState::Delivered, 2, None));
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
        let tried = async || sent(&db).await[0].error.is_some() && of_first(&db).await[0].error.is_some();
        run(&db, &clock, delivering(&db, &clock, Reach::Public), tried).await;
        let (first, named) = (of_first(&db).await.remove(0), sent(&db).await.remove(0));
        assert!(first.error.as_ref().unwrap().contains("does not begin with `https://`"), "{first:?}");
        assert!(named.error.as_ref().unwrap().contains("`localhost` leads into a private network"), "{named:?}");
        assert_eq!(first.state, DeliveryState::Failed, "{first:?}");
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
        let id = hooks(&db).await[0].id;
        assert!(write(&db, move |tx| Box::pin(async move { webhooks::disable(tx, id, &Actor::System, AT).await })).await);
        grant(&db).await;
        assert_eq!(list(&db).await.len(), 1, "nothing is added for it");
        let clock = Clock::standing_at(AT);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        assert!(heard.lock().unwrap().is_empty());
        let left = write(&db, move |tx| Box::pin(async move { webhooks::deliveries(tx, id, i64::MAX, 10).await })).await;
        assert_eq!((left.len(), left[0].state), (1, DeliveryState::Failed));
    });
}

#[test]
fn what_a_paused_webhook_is_told_of_waits() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[]).await;
        hook(&db, &url, &["grant_sent"]).await;
        grant(&db).await;
        let clock = Clock::standing_at(AT);
        assert!(with_hook(&db, |tx, id| Box::pin(async move { webhooks::pause(tx, id, &Actor::System, AT).await })).await.unwrap());
        grant(&db).await;
        with_hook(&db, |tx, id| Box::pin(async move { webhooks::test(tx, id, AT).await })).await.unwrap();
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        assert!(heard.lock().unwrap().is_empty());
        assert!(with_hook(&db, |tx, id| Box::pin(async move { webhooks::resume(tx, id, &Actor::System, AT).await })).await.unwrap());
        assert!(!with_hook(&db, |tx, id| Box::pin(async move { webhooks::resume(tx, id, &Actor::System, AT).await })).await.unwrap());
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        let mut ids: Vec<String> = heard.lock().unwrap().iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[..2], ["case:7#1", "case:7#2"]);
        assert!(ids[2].starts_with("test:"), "{ids:?}");
    });
}

#[test]
fn a_message_is_sent_again_under_the_same_id_with_both_secrets_for_a_day() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[410]).await;
        let old = hook(&db, &url, &["grant_sent"]).await;
        grant(&db).await;
        let clock = Clock::standing_at(AT);
        run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
        let failed = sent(&db).await.remove(0);
        assert_eq!((failed.state, failed.status), (DeliveryState::Failed, Some(410)));
        assert!(hooks(&db).await[0].has_failed);
        let fresh = Secret::fresh().unwrap();
        for overlaps in [true, false] {
            if overlaps {
                let secret = fresh.clone();
                with_hook(&db, move |tx, id| Box::pin(async move { webhooks::rotate(tx, id, &secret, &Actor::System, AT).await })).await.unwrap();
            } else {
                clock.forward(platform::limits::WEBHOOK_OVERLAP_SECONDS * 1_000_000);
            }
            let (number, at) = (failed.number, clock.now());
            with_hook(&db, move |tx, id| Box::pin(async move { webhooks::send_again(tx, id, number, at).await })).await.unwrap();
            let twice = with_hook(&db, move |tx, id| Box::pin(async move { webhooks::send_again(tx, id, number, at).await })).await;
            assert_eq!(twice, Err(WebhookError::StillWaits));
            run(&db, &clock, delivering(&db, &clock, Reach::Private), async || list(&db).await.is_empty()).await;
            let (headers, body) = heard.lock().unwrap().last().cloned().unwrap();
            let seconds = at / 1_000_000;
            let signed = |secret: &Secret| webhooks::signature(secret, "case:7#1", seconds, &body).unwrap();
            let expected = if overlaps { format!("{} {}", signed(&fresh), signed(&old)) } else { signed(&fresh) };
            assert_eq!((headers["webhook-id"].to_str().unwrap(), headers["webhook-signature"].to_str().unwrap()), ("case:7#1", expected.as_str()));
            assert_eq!(sent(&db).await[0].state, DeliveryState::Delivered);
        }
        let nothing = with_hook(&db, |tx, id| Box::pin(async move { webhooks::send_again(tx, id, 999, AT).await })).await;
        assert_eq!(nothing, Err(WebhookError::NotFound));
        let kept = platform::limits::WEBHOOK_DELIVERY_DAYS * 86_400_000_000;
        for (later, is_kept) in [(AT + kept, true), (clock.now() + kept + 1, false)] {
            write(&db, move |tx| Box::pin(async move { webhooks::forget(tx, later).await })).await;
            assert_eq!(sent(&db).await.is_empty(), !is_kept);
        }
    });
}

#[test]
fn what_is_given_up_in_the_end_is_told() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        let (url, heard) = listen(&[500; 20]).await;
        hook(&db, &url, &["grant_sent"]).await;
        grant(&db).await;
        let clock = Clock::standing_at(AT);
        for tries in 1..=jobs::TRIES_MAX {
            run(&db, &clock, delivering(&db, &clock, Reach::Private), async || sent(&db).await[0].tries == tries).await;
            clock.forward(6 * 3_600_000_000);
        }
        let given_up = sent(&db).await.remove(0);
        assert_eq!((given_up.state, given_up.next_at), (DeliveryState::Failed, None));
        assert_eq!(heard.lock().unwrap().len(), 12);
        assert!(list(&db).await.is_empty(), "no job is left");
    });
}

#[test]
fn there_is_a_limit_to_webhooks() {
    on_each(|test| async move {
        let db = open(&test, WIRES).await;
        for _ in 0..platform::limits::WEBHOOKS {
            hook(&db, "https://shop.example/hooks", &["grant_sent"]).await;
        }
        let add = |events: Vec<String>| {
            let new = NewWebhook { url: "https://shop.example/hooks".to_owned(), events };
            db.write(move |tx| Box::pin(async move { webhooks::add(tx, &new, &Secret::fresh()?, &Actor::System, AT).await }))
        };
        assert_eq!(add(vec!["grant_sent".to_owned()]).await, Err(WebhookError::TooMany));
        assert!(matches!(add(Vec::new()).await, Err(WebhookError::Field("events", _))));
        let none = with_hook(&db, |tx, id| Box::pin(async move { webhooks::choose_events(tx, id, &[], &Actor::System, AT).await })).await;
        assert!(matches!(none, Err(WebhookError::Field("events", _))));
        let events = vec!["case_opened".to_owned(), "case_moved".to_owned()];
        with_hook(&db, move |tx, id| Box::pin(async move { webhooks::choose_events(tx, id, &events, &Actor::System, AT).await })).await.unwrap();
        assert_eq!(hooks(&db).await[0].events, ["case_moved", "case_opened"]);
    });
}

//! Streams of news: who may listen to what, what they hear, when it ends, and that a page which asks by itself is nobody.

use std::time::Duration;

use axum::body::{Body as HttpBody, HttpBody as _};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use platform::limits::{LIVE_STREAMS_OF_ONE, LIVE_TOPICS, TOPIC_CHARS};
use platform::live::HEADER;
use testkit::on_each;
use tokio::time::timeout;

use crate::house::{GROUP, HOLDERS, House, Sent, Who, form};

/// Long enough for everything that comes, and to say that nothing does.
const SOON: Duration = Duration::from_secs(5);
const NEVER: Duration = Duration::from_millis(500);
const HOUR: i64 = 3_600_000_000;

/// Where the page of a case hears of it, as it says itself.
async fn address(house: &House, case: i64) -> String {
    heard_at(house, &format!("/cases/{case}")).await
}

async fn heard_at(house: &House, page: &str) -> String {
    let page = house.get(&Who::Person("owner"), page).await;
    let from = page.text.split("data-from=\"").nth(1).unwrap_or_else(|| panic!("{}", page.brief()));
    from.split('"').next().unwrap().replace("&#38;", "&")
}

async fn begun(house: &House, name: &str, path: &str) -> Response {
    let request = Request::get(path).header("cookie", house.cookie(name)).header("accept", "text/event-stream");
    house.begun(request.body(HttpBody::empty()).unwrap()).await
}

/// What comes next on a stream; nothing when it ends.
async fn next(response: &mut Response) -> Option<String> {
    let body = std::pin::Pin::new(response.body_mut());
    let mut body = body;
    let frame = timeout(SOON, std::future::poll_fn(|context| body.as_mut().poll_frame(context))).await.unwrap()?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

async fn is_quiet(response: &mut Response) -> bool {
    let mut body = std::pin::Pin::new(response.body_mut());
    timeout(NEVER, std::future::poll_fn(|context| body.as_mut().poll_frame(context))).await.is_err()
}

async fn note(house: &House, case: i64) {
    let noted = house.send(&Who::Person("member"), Method::POST, &format!("/cases/{case}/notes"), &form(&[("note", "Seen")])).await;
    assert!(noted.status.is_redirection(), "{}", noted.text);
}

#[test]
fn whoever_may_open_a_case_may_listen_to_it_and_nobody_else() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let path = address(&house, house.case().await).await;
        assert!(path.contains("topic=case:") && path.contains("topic=customer:"), "{path}");
        for name in House::persons() {
            let is_of_north = ["member", "giver", "lead", "manager", "owner"].contains(&name);
            let expected = if is_of_north { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(begun(&house, name, &path).await.status(), expected, "{name}");
        }
        for holder in HOLDERS {
            assert!(house.get(&Who::Program(holder, None), &path).await.is_refused(), "{holder:?}");
        }
        let nobody = Request::get(&path).header("accept", "text/event-stream").body(HttpBody::empty()).unwrap();
        assert_eq!(house.begun(nobody).await.status(), StatusCode::UNAUTHORIZED);
        let passed_up = house.passed_up().await.0;
        for topic in [format!("escalation:{passed_up}"), format!("group:{GROUP}")] {
            for name in House::persons() {
                let is_of_north = ["member", "giver", "lead", "manager", "owner"].contains(&name);
                let expected = if is_of_north { StatusCode::OK } else { StatusCode::NOT_FOUND };
                let answer = begun(&house, name, &format!("/live?topic={topic}")).await.status();
                assert!(answer == expected || !is_of_north && answer == StatusCode::FORBIDDEN, "{topic}, {name}: {answer}");
            }
        }
        // Who serves the group it is with hears of the case, though they may not open it: all that the page of it shows happens there.
        let of_case = heard_at(&house, &format!("/escalations/{}", house.passed_up().await.0)).await;
        assert!(of_case.contains("topic=case:"), "{of_case}");
        assert_eq!(begun(&house, "far lead", &of_case).await.status(), StatusCode::NOT_FOUND);
        house.send(&Who::Person("owner"), Method::POST, &format!("/groups/{GROUP}/team"), &form(&[("team", &house.south.to_string())])).await;
        assert_eq!(begun(&house, "far lead", &of_case).await.status(), StatusCode::OK);
        for topic in ["case:1", "staff:1", "inbox", "shift:1", "escalation:1"] {
            assert_eq!(begun(&house, "owner", &format!("/live?topic={topic}")).await.status(), StatusCode::NOT_FOUND, "{topic}");
        }
    });
}

#[test]
fn a_stream_tells_of_its_case_and_of_no_other() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (case, other) = (house.case().await, house.case().await);
        let path = address(&house, case).await;
        let mut stream = begun(&house, "giver", &path).await;
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.headers()["cache-control"], "no-store, no-transform");
        assert_eq!(stream.headers()["x-accel-buffering"], "no");
        note(&house, other).await;
        assert!(is_quiet(&mut stream).await);
        note(&house, case).await;
        let told = next(&mut stream).await.unwrap();
        let topic = path.split(['=', '&']).find(|topic| topic.starts_with("case:")).unwrap();
        assert_eq!(told, format!("data: {topic}\n\n"));
        let given = form(&[("remedy", "refund"), ("reason", "late"), ("amount", "1.00")]);
        house.send(&Who::Person("giver"), Method::POST, &format!("/cases/{case}/grants"), &given).await;
        let told = next(&mut stream).await.unwrap();
        assert!(told.contains("case:") && told.contains("customer:"), "{told}");
        assert!(is_quiet(&mut stream).await, "once");
        let metrics = house.get(&Who::Person("owner"), "/metrics").await;
        for line in ["leeway_live_streams 1", "leeway_live_told_total 2"] {
            assert!(metrics.text.lines().any(|l| l == line), "{line} in {}", metrics.text);
        }
    });
}

#[test]
fn it_ends_with_the_sign_in_and_with_the_server() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let case = house.case().await;
        let path = address(&house, case).await;
        let (mut of_member, mut of_lead) = (begun(&house, "member", &path).await, begun(&house, "lead", &path).await);
        house.send(&Who::Person("member"), Method::POST, "/sign-out", &Sent::Nothing).await;
        assert_eq!(next(&mut of_member).await.as_deref(), Some("event: over\ndata: over\n\n"));
        assert_eq!(next(&mut of_member).await, None);
        assert!(is_quiet(&mut of_lead).await);
        let stopped = std::future::ready(());
        house.app.db.relay(stopped).await;
        assert_eq!(next(&mut of_lead).await, None);
        assert_eq!(begun(&house, "lead", &path).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    });
}

#[test]
fn so_many_topics_and_streams_and_not_one_more() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let path = address(&house, house.case().await).await;
        let case = path.split(['?', '&']).find(|topic| topic.starts_with("topic=case:")).unwrap();
        let with = |topics: usize| format!("/live?{}", vec![case; topics].join("&"));
        assert_eq!(begun(&house, "lead", &with(LIVE_TOPICS)).await.status(), StatusCode::OK);
        assert_eq!(begun(&house, "lead", &with(LIVE_TOPICS + 1)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(begun(&house, "lead", "/live").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let long = |chars: usize| format!("/live?topic=case:{}", "a".repeat(chars - 5));
        assert_eq!(begun(&house, "lead", &long(TOPIC_CHARS)).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(begun(&house, "lead", &long(TOPIC_CHARS + 1)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let mut streams = Vec::new();
        for _ in 0..LIVE_STREAMS_OF_ONE {
            streams.push(begun(&house, "lead", &path).await);
        }
        assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
        let refused = begun(&house, "lead", &path).await;
        assert_eq!((refused.status(), &refused.headers()["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"60".parse().unwrap()));
        assert_eq!(begun(&house, "member", &path).await.status(), StatusCode::OK, "others are not concerned");
        drop(streams.pop());
        assert_eq!(begun(&house, "lead", &path).await.status(), StatusCode::OK);
    });
}

#[test]
fn a_page_that_asks_by_itself_reads_no_news_and_keeps_nobody_signed_in() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (case, grant) = house.sent().await;
        let corrected = form(&[("cause", "double"), ("note", "Twice.")]);
        house.send(&Who::Person("lead"), Method::POST, &format!("/grants/{grant}/correction"), &corrected).await;
        let again = |name: &str| {
            let request = Request::get(format!("/cases/{case}")).header("cookie", house.cookie(name)).header(HEADER, "yes");
            house.ask(request.body(HttpBody::empty()).unwrap())
        };
        let page = again("giver").await;
        assert!(page.text.contains("An error in a grant of yours was corrected"), "{}", page.brief());
        assert_eq!(house.unseen("giver").await, 1);
        house.get(&Who::Person("giver"), &format!("/cases/{case}")).await;
        assert_eq!(house.unseen("giver").await, 0);
        // Twelve hours without use end a sign-in: the lead uses theirs, the member's page only asks by itself.
        house.get(&Who::Person("member"), "/cases").await;
        for _ in 0..2 {
            house.app.clock.forward(7 * HOUR);
            house.get(&Who::Person("lead"), "/cases").await;
            again("member").await;
        }
        assert_eq!(house.get(&Who::Person("lead"), "/cases").await.status, StatusCode::OK);
        assert!(house.get(&Who::Person("member"), "/cases").await.is_refused());
        assert_eq!(again("member").await.status, StatusCode::UNAUTHORIZED, "and is not led to the sign-in page");
    });
}

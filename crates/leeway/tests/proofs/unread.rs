//! Addresses that no route can read, of every route there is: a page for people, a problem for programs, and never the framework's own words.

use axum::body::Body as HttpBody;
use axum::http::{Method, Request, StatusCode};
use testkit::on_each;

use crate::house::{Answer, House, Who, form, nowhere};

/// Names that stand behind the `?` of some page; twice, none of them fits.
const NAMES: [&str; 9] = ["of", "before", "after", "state", "q", "reason", "done", "due", "settled"];

/// A path whose parameters are words that are no ids.
fn no_ids(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "how" } else { part }).collect::<Vec<_>>().join("/")
}

async fn opened(house: &House, path: &str) -> Answer {
    let request = Request::get(path).header("cookie", house.cookie("owner")).header("accept", "text/html");
    house.ask(request.body(HttpBody::empty()).unwrap()).await
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").starts_with("text/html") && answer.text.to_lowercase().starts_with("<!doctype html>") && answer.text.contains("To the start")
}

#[test]
fn an_address_that_cannot_be_read_has_a_page_of_its_own() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (mut lost, mut unfit) = (0, 0);
        for route in house.routes() {
            let (path, is_api) = (no_ids(route.path), route.path.starts_with("/api/"));
            let has_ids = path != route.path && !route.path.starts_with("/assets/");
            if route.method != Method::GET && !has_ids {
                continue;
            }
            if route.method != Method::GET {
                let told = house.send(&Who::Person("owner"), route.method.clone(), &path, &form(&[])).await;
                assert!(!told.header("content-type").starts_with("text/plain"), "{} {path}: {} {}", route.method, told.status, told.text);
                continue;
            }
            let told = opened(&house, &path).await;
            if has_ids && told.status.is_client_error() {
                lost += 1;
                assert!(is_api || is_page(&told), "{path}: {} {}", told.status, told.text);
                assert!(!is_api || told.header("content-type") == "application/problem+json", "{path}: {} {}", told.status, told.text);
            }
            for name in NAMES {
                let path = format!("{}?{name}=x&{name}=x", nowhere(route.path));
                let told = opened(&house, &path).await;
                assert_ne!(told.status, StatusCode::BAD_REQUEST, "{path}: {}", told.text);
                if told.status == StatusCode::UNPROCESSABLE_ENTITY && !is_api {
                    unfit += 1;
                    assert!(is_page(&told), "{path}: {}", told.text);
                }
            }
        }
        assert!(lost >= 35 && unfit >= 90, "{lost} paths and {unfit} queries were not read");
        let how = opened(&house, "/escalations/how").await;
        assert!(how.status == StatusCode::NOT_FOUND && how.text.contains("There is nothing here"), "{}", how.text);
    });
}

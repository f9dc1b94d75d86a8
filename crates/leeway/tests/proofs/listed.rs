//! The table of routes as the stories in the browser read it: `e2e/routes.json`, with the fields of text that each takes. Written anew with `UPDATE_DOCS=1`.

use std::fmt::Write;
use std::path::Path;

use axum::body::Body as HttpBody;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use testkit::on_each;

use crate::house::{House, Who};

#[test]
fn the_stories_know_every_route() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let described = house.get(&Who::Nobody, "/api/openapi.json").await.json();
        let mut lines = Vec::new();
        for route in house.routes() {
            let mut texts: Vec<String> = route.texts.iter().map(|text| (*text).to_owned()).collect();
            if route.method != Method::GET && route.path.starts_with("/api/") {
                assert!(texts.is_empty(), "{}: what the API takes is in its description", route.path);
                let of_route = &described["paths"][route.path][route.method.as_str().to_lowercase()];
                assert!(of_route.is_object(), "{} is not described", route.path);
                strings(&described, &of_route["requestBody"]["content"]["application/json"]["schema"], "", &mut texts);
            }
            lines.push(json!([route.method.as_str(), route.path, texts]).to_string());
        }
        let mut listed = String::from("[\n");
        for (place, line) in lines.iter().enumerate() {
            writeln!(listed, "  {line}{}", if place + 1 < lines.len() { "," } else { "" }).unwrap();
        }
        listed.push_str("]\n");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/routes.json");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &listed).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, listed, "run `UPDATE_DOCS=1 cargo test -p leeway --test proofs listed`, and say in e2e/stories/scripts.test.mjs what is sent there");
    });
}

/// The places of texts in a document: `title`, `items[].why`, `about.*`.
fn strings(whole: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|of| of.rsplit('/').next()) {
        return strings(whole, &whole["components"]["schemas"][name], place, found);
    }
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let is = |kind: &str| kinds.iter().any(|k| k == kind);
    // A value of any kind may be a text.
    let is_any = is("object") && schema["properties"].is_null() && schema["additionalProperties"].is_null();
    if is("string") || is_any {
        found.push(place.to_owned());
    }
    if is("array") {
        strings(whole, &schema["items"], &format!("{place}[]"), found);
    }
    if schema["additionalProperties"].is_object() {
        strings(whole, &schema["additionalProperties"], &format!("{place}.*"), found);
    }
    for one in ["oneOf", "anyOf", "allOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
        strings(whole, one, place, found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        strings(whole, property, &if place.is_empty() { name.clone() } else { format!("{place}.{name}") }, found);
    }
}

/// Whoever leads begins with what waits for an answer, or with the cases of their team; everybody else with their own.
#[test]
fn one_begins_where_the_work_is() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let begins = async |name: &'static str| house.get(&Who::Person(name), "/").await.header("location").to_owned();
        let of_team = format!("/cases?of={}", house.north);
        for (name, place) in [("member", "/cases"), ("lead", &*of_team), ("manager", &of_team), ("operator", "/cases")] {
            assert_eq!(begins(name).await, place, "{name}");
        }
        house.passed_up().await;
        for (name, place) in [("giver", "/cases"), ("lead", "/escalations"), ("manager", "/escalations"), ("far member", "/cases")] {
            assert_eq!(begins(name).await, place, "{name}");
        }
        assert!(begins("far lead").await.starts_with("/cases?of="), "what waits for others is not theirs");
        // The rail says how much, on every page and to those alone whom it waits for.
        for (name, is_told) in [("lead", true), ("manager", true), ("giver", false), ("far lead", false)] {
            let request = Request::get("/customers").header("cookie", house.cookie(name)).header("accept", "text/html");
            let page = house.ask(request.body(HttpBody::empty()).unwrap()).await.text;
            assert_eq!(page.contains("<span class=\"rail-count num\">1<span class=\"unseen\"> waiting"), is_told, "{name}");
        }
    });
}

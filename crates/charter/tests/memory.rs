//! What a keeper of grants is told to read and to keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use charter::request::Purpose;
use charter::{Request, Sources, load};
use serde_json::json;

fn shop() -> charter::Charter {
    let text = include_str!("../../../charters/shop.toml");
    load(&Sources { text, ..Sources::default() }).charter.unwrap()
}

fn request(charter: &charter::Charter) -> Request {
    let request = json!({
        "at": "2026-11-23T10:00:00Z",
        "asker": { "level": "agent", "staff": { "kind": "person" } },
        "subjects": { "case": "K-1", "customer": "C-1", "order": "O-1" },
        "facts": { "order.total": "75.00", "order.carrier": "dhl" },
        "remedy": "free_months", "reason": "goodwill", "amount": "2",
    });
    Request::from_value(charter, &request, Purpose::Decide).unwrap()
}

#[test]
fn a_line_has_what_it_weighs_and_every_key_that_is_known() {
    let charter = shop();
    let line = request(&charter).line(&charter).unwrap();
    assert_eq!((line.remedy.as_str(), line.reason.as_deref(), line.units, line.worth), ("free_months", Some("goodwill"), Some(2), Some(1980)));
    let keys: Vec<(&str, &str)> = line.keys.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(keys, [("case", "K-1"), ("customer", "C-1"), ("order", "O-1"), ("order.carrier", "dhl")]);
}

#[test]
fn memories_reach_as_far_back_as_the_longest_of_their_keys() {
    let charter = shop();
    let now = request(&charter).now;
    let memories = charter.memories(now, None);
    let since = |keys: &[&str]| memories.iter().find(|m| m.keys == keys).map(|m| m.since);
    assert_eq!(since(&["order"]), Some(i64::MIN), "a cap for ever");
    assert_eq!(since(&[]), charter::time::read_instant("2026-11-22T23:00:00Z"), "this local day");
    assert_eq!(since(&["order.carrier"]), charter::time::read_instant("2026-11-22T23:00:00Z"), "this week, from Monday");
    assert_eq!(since(&["customer"]), charter::time::read_instant("2025-12-31T23:00:00Z"), "this year, which is longer than 90 days");
    let begins = memories.iter().find(|m| m.keys == ["customer"]).map(|m| m.begins.len());
    assert!(begins.is_some_and(|n| n > 1), "each window begins somewhere: {begins:?}");
    let card = charter.remedy("apology_card").unwrap();
    let of_one = charter.memories(now, Some(&[(card, None)]));
    assert!(!of_one.iter().any(|m| m.keys == ["order.carrier"]), "what does not concern the remedy is left out");
    let refund = charter.remedy("refund").unwrap();
    let keys_for = |reason| -> Vec<Vec<&str>> { charter.memories(now, Some(&[(refund, charter.reason(reason))])).into_iter().map(|m| m.keys).collect() };
    let (late, goodwill) = (keys_for("late"), keys_for("goodwill"));
    assert!(goodwill.contains(&vec![]) && !late.contains(&vec![]), "what does not concern the reason is left out: {late:?}, {goodwill:?}");
    assert!(late.contains(&vec!["order"]), "a cap without reasons concerns all: {late:?}");
}

//! Answers worked out by hand from the reference, under one charter.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at once")]

use oracle::Oracle;
use serde_json::{Value, json};

const CHARTER: &str = include_str!("hazel.toml");

fn eur(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// A refund of 15.00 for a parcel five days late, of an order of 75.00.
fn late() -> Value {
    json!({
        "at": "2026-11-21T10:00:00Z",
        "asker": {"level": "agent", "staff": {"kind": "person"}},
        "subjects": {"case": "K-9", "customer": "C-118", "order": "O-41"},
        "facts": {"order.total": "75.00", "order.days_late": 5, "customer.tier": "plus"},
        "issue": "late_parcel", "remedy": "refund", "reason": "late", "amount": "15.00",
        "openings": {"duty-leads": [["2026-11-21T09:00:00Z", "2026-11-21T10:10:00Z"],
                                    ["2026-11-21T11:00:00Z", "2026-11-21T17:00:00Z"]]}
    })
}

fn goodwill(amount: &str) -> Value {
    let mut request = late();
    request["reason"] = json!("goodwill");
    request["amount"] = json!(amount);
    request
}

fn decide(request: &Value) -> Value {
    Oracle::new(CHARTER, None).unwrap().decide(request)
}

#[test]
fn a_fifth_is_allowed() {
    let answer = decide(&late());
    let cap = json!({"rule": "never-over-paid", "of": eur("75.00"), "used": eur("0.00"), "left": eur("75.00")});
    let expected = json!({
        "outcome": "allowed", "rules": ["late-delivery"], "free_up_to": eur("15.00"), "say_why_up_to": eur("22.50"),
        "caps": [cap], "assumed": ["customer.on_hold"]
    });
    assert_eq!(answer, expected);
}

#[test]
fn a_cent_more_needs_a_why() {
    let mut request = late();
    request["amount"] = json!("15.01");
    assert_eq!(decide(&request)["outcome"], "allowed_say_why");
    request["amount"] = json!("22.50");
    assert_eq!(decide(&request)["outcome"], "allowed_say_why");
}

#[test]
fn beyond_the_stretch_nobody_may() {
    let mut request = late();
    request["amount"] = json!("22.51");
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "exception");
    assert_eq!(answer.get("to"), None);
    assert_eq!(answer.get("rules"), None);
}

#[test]
fn the_total_of_the_order_counts() {
    let mut request = late();
    request["ledger"] = json!([
        {"at": "2026-11-01T12:00:00Z", "remedy": "refund", "reason": "late", "amount": "10.00",
         "keys": {"case": "K-2", "order": "O-41"}},
        {"at": "2026-11-01T12:00:00Z", "remedy": "refund", "reason": "late", "amount": "10.00",
         "keys": {"case": "K-2", "order": "O-41"}, "state": "withdrawn"}
    ]);
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "exception");
    assert_eq!(answer["free_up_to"], eur("5.00"));
    assert_eq!(answer["say_why_up_to"], eur("12.50"));
    assert_eq!(answer["caps"][0]["left"], eur("65.00"));
}

#[test]
fn an_unknown_delay_is_asked_for() {
    let mut request = late();
    request["facts"]["order.days_late"] = Value::Null;
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "needs_facts");
    assert_eq!(answer["rules"], json!(["late-delivery"]));
    let any_of = json!([{"rule": "late-delivery", "facts": ["order.days_late"], "unlocks": eur("22.50")}]);
    assert_eq!(answer["any_of"], any_of);
    assert_eq!(answer.get("clear"), None);
    assert_eq!(answer.get("free_up_to"), None);
}

#[test]
fn an_unknown_total_holds_up_the_cap_and_the_allow() {
    let mut request = late();
    request["facts"]["order.total"] = Value::Null;
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "needs_facts");
    assert_eq!(answer["clear"], json!([{"rule": "never-over-paid", "facts": ["order.total"]}]));
    assert_eq!(answer["any_of"][0]["facts"], json!(["order.total"]));
    assert_eq!(answer["any_of"][0]["unlocks"], eur("27000000000000.00"));
    assert_eq!(answer["caps"], json!([{"rule": "never-over-paid", "used": eur("0.00")}]));
}

#[test]
fn a_stated_photo_is_no_seen_photo() {
    let mut request = late();
    request["reason"] = json!("damaged");
    request["facts"]["case.photo_seen"] = json!({"value": true, "by": "system"});
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "needs_facts");
    assert_eq!(answer["any_of"][0]["facts"], json!(["case.photo_seen"]));
    request["facts"]["case.photo_seen"] = json!({"value": true, "by": "agent"});
    assert_eq!(decide(&request)["outcome"], "allowed");
    assert_eq!(decide(&request)["free_up_to"], eur("50.00"));
}

#[test]
fn a_lead_may_give_more_when_open() {
    let answer = decide(&goodwill("60.00"));
    assert_eq!(answer["outcome"], "escalate");
    // Ten minutes before the break and twenty after it.
    let to = json!({"group": "duty-leads", "level": "lead", "due": "2026-11-21T11:20:00Z",
                    "rules": ["goodwill-lead"], "up_to": eur("75.00")});
    assert_eq!(answer["to"], to);
    assert_eq!(answer.get("rules"), None);
}

#[test]
fn a_full_cap_binds_the_agent_only() {
    let mut request = goodwill("20.00");
    request["ledger"] = json!([
        {"at": "2026-08-23T10:00:00Z", "remedy": "refund", "reason": "goodwill", "amount": "70.00",
         "keys": {"case": "K-1", "customer": "C-118", "order": "O-2"}},
        {"at": "2026-08-23T10:00:00.000001Z", "remedy": "free_months", "reason": "goodwill", "amount": 9,
         "worth": "89.10", "keys": {"case": "K-1", "customer": "C-118", "order": "O-2"}},
        {"at": "2026-11-20T10:00:00Z", "remedy": "refund", "reason": "late", "amount": "70.00",
         "keys": {"case": "K-1", "customer": "C-118", "order": "O-2"}}
    ]);
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "escalate");
    assert_eq!(answer["rules"], json!(["goodwill-per-customer"]));
    let cap = json!({"rule": "goodwill-per-customer", "of": eur("100.00"), "used": eur("89.10"),
                     "left": eur("10.90"), "room_at": "2026-11-21T10:00:00.000001Z"});
    assert_eq!(answer["caps"][0], cap);
    assert_eq!(answer["free_up_to"], eur("10.90"));
}

#[test]
fn a_machine_is_held_to_twenty() {
    let mut request = goodwill("20.01");
    request["asker"]["staff"]["kind"] = json!("ai");
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "escalate");
    assert_eq!(answer["rules"], json!(["machines-small"]));
    assert_eq!(answer["free_up_to"], eur("20.00"));
    // Who decides is not known, so the rule binds.
    request["asker"]["staff"] = json!({});
    assert_eq!(decide(&request)["free_up_to"], eur("20.00"));
}

#[test]
fn a_hold_forbids_all() {
    let mut request = goodwill("1");
    request["facts"]["customer.on_hold"] = json!(true);
    request["facts"]["order.total"] = json!(0);
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "forbidden");
    assert_eq!(answer["rules"], json!(["never-over-paid", "on-hold"]));
    assert_eq!(answer.get("assumed"), None);
}

#[test]
fn an_absent_order_takes_its_rules_away() {
    let mut request = goodwill("25.00");
    request["subjects"]["order"] = Value::Null;
    assert_eq!(decide(&request)["outcome"], "invalid");
    request["facts"] = json!({"customer.tier": "key", "shop.colour": "red"});
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "allowed");
    assert_eq!(answer["caps"][0]["rule"], "goodwill-per-customer");
    assert_eq!(answer["caps"].as_array().unwrap().len(), 1);
    assert_eq!(answer["ignored"], json!(["shop.colour"]));
}

#[test]
fn months_weigh_in_the_cap() {
    let mut request = goodwill("1");
    request["remedy"] = json!("free_months");
    request["facts"]["customer.tier"] = Value::Null;
    let answer = decide(&request);
    // 9.90 is under the least the table can give.
    assert_eq!(answer["outcome"], "allowed");
    assert_eq!(answer["free_up_to"], "1");
    request["ledger"] = json!([{"at": "2026-11-20T10:00:00Z", "remedy": "refund", "reason": "goodwill",
        "amount": "45.00", "keys": {"case": "K-1", "customer": "C-118"}}]);
    let answer = decide(&request);
    assert_eq!(answer["outcome"], "needs_facts");
    assert_eq!(answer["clear"], json!([{"rule": "goodwill-per-customer", "facts": ["customer.tier"]}]));
    assert_eq!(answer.get("any_of"), None);
}

#[test]
fn wrong_requests_are_invalid() {
    let spoil: [fn(&mut Value); 6] = [
        |request| request["amount"] = json!("0"),
        |request| request["amount"] = json!("1.001"),
        |request| request["reason"] = Value::Null,
        |request| request["subjects"] = json!({"case": "K-9", "customer": "C-118"}),
        |request| request["facts"]["customer.tier"] = json!("gold"),
        |request| request["amount"] = json!({"amount": "5", "currency": "USD"}),
    ];
    for spoil in spoil {
        let mut request = late();
        spoil(&mut request);
        assert_eq!(decide(&request), json!({"outcome": "invalid"}), "{request}");
    }
}

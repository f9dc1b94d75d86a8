//! Remedies with rules of their own that say the same: their options are those of each remedy alone, with its own rules.
#![expect(clippy::expect_used, reason = "a test stops at once")]

use std::fmt::Write;

use charter::{Charter, Purpose, Request, Sources, load, options};
use serde_json::{Value, json};

const REMEDIES: [&str; 6] = ["bouquet", "coupon", "credit", "parcel", "refund", "visit"];

/// Six remedies, the fifth of which has a worth, and the sixth another least amount.
fn charter() -> Charter {
    let mut text = r#"leeway = 1
name = "Alike"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead"]
reasons = ["late", "wrong"]
[facts.order]
total = "money"
seen = "yes_no"
[[group]]
id = "leads"
level = "lead"
"#
    .to_owned();
    for id in REMEDIES {
        let more = match id {
            "refund" => "worth = 'amount * 2'",
            "visit" => "minimum = \"10\"",
            _ => "",
        };
        let _ = write!(
            text,
            r#"
[[remedy]]
id = "{id}"
title = "{id}"
measure = "money"
{more}
[[allow]]
id = "{id}-agent"
remedies = ["{id}"]
level = "agent"
up_to = 'percent(20, order.total)'
per = "order"
[[allow]]
id = "{id}-lead"
remedies = ["{id}"]
level = "lead"
when = 'order.seen'
up_to = 'percent(50, order.total)'
per = "order"
[[forbid]]
id = "{id}-much"
remedies = ["{id}"]
when = 'amount > 30'
below = "lead"
[[cap]]
id = "{id}-paid"
remedies = ["{id}"]
per = "order"
amount = 'order.total'
"#
        );
    }
    load(&Sources { text: &text, outer: None, today: None }).charter.expect("it has no errors")
}

fn request(seen: &Value, given: &[&str]) -> Value {
    let entry = |remedy: &&str| {
        json!({
            "at": "2026-11-20T10:00:00Z", "remedy": remedy, "reason": "late", "amount": "7.00", "state": "fulfilled",
            "worth": "7.00", "keys": { "case": "K-1", "order": "O-1" },
        })
    };
    let facts = if seen.is_null() { json!({ "order.total": "80.00" }) } else { json!({ "order.total": "80.00", "order.seen": seen }) };
    json!({
        "at": "2026-11-23T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1", "order": "O-1" },
        "facts": facts, "ledger": given.iter().map(entry).collect::<Vec<_>>(),
    })
}

#[test]
fn options_of_remedies_that_are_alike_name_the_rules_of_each() {
    let charter = charter();
    for seen in [json!(true), json!(false), Value::Null] {
        for given in [&[][..], &["bouquet"], &["coupon", "coupon", "parcel"], &["refund"], &REMEDIES] {
            let asked = request(&seen, given);
            let asked = Request::from_value(&charter, &asked, Purpose::Options).expect("it makes sense");
            let all = options(&charter, &asked);
            assert_eq!(all.list.len(), REMEDIES.len() * 2);
            for one in &all.list {
                let mut narrow = asked.clone();
                narrow.remedy = Some(one.remedy);
                narrow.reason = one.reason;
                assert_eq!(options(&charter, &narrow).list.first(), Some(one));
                let own = |rule: &u32| charter.rules.get(*rule as usize).unwrap().id.starts_with(REMEDIES.get(one.remedy).unwrap());
                assert!(one.zones.iter().flat_map(|z| z.core.rules.iter().chain(&z.core.by)).all(own));
                assert!(one.zones.iter().any(|z| !z.core.rules.is_empty()));
            }
        }
    }
}

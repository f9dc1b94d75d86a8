//! Exactly at the edge, and one unit or one microsecond beside it: limits, windows, clock changes, month ends, leap days, currencies.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at once")]

use charter::decide::lowest_up_to;
use charter::{Charter, Purpose, Request, Sources, decide_json, load, options};
use serde_json::{Value, json};

/// A charter for refunds, with rules of a test added.
fn charter(currency: &str, timezone: &str, rules: &str) -> Charter {
    let worth = if currency == "EUR" { "worth = 'amount * money(\"9\")'\n" } else { "" };
    let text = format!(
        "leeway = 1\nname = \"Edges\"\ncurrency = \"{currency}\"\ntimezone = \"{timezone}\"\nlevels = [\"agent\", \"lead\"]\n\
         [facts.order]\npaid_at = \"time\"\n\
         [[remedy]]\nid = \"refund\"\ntitle = \"Refund\"\nmeasure = \"money\"\n\
         [[remedy]]\nid = \"months\"\ntitle = \"Months\"\nmeasure = {{ count = \"months\" }}\n{worth}\
         [[remedy]]\nid = \"discount\"\ntitle = \"Discount\"\nmeasure = \"percent\"\n\
         [[remedy]]\nid = \"card\"\ntitle = \"Card\"\n{rules}"
    );
    let loaded = load(&Sources { text: &text, ..Sources::default() });
    loaded.charter.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.findings))
}

const NOW: &str = "2026-11-21T10:00:00Z";

fn request(at: &str, remedy: &str, amount: Option<&str>) -> Value {
    let mut request = json!({ "at": at, "asker": { "level": "agent" }, "subjects": { "case": "K-1", "order": "O-1" }, "facts": {}, "remedy": remedy });
    if let Some(amount) = amount {
        request["amount"] = json!(amount);
    }
    request
}

fn outcome(charter: &Charter, request: &Value) -> String {
    let answer = decide_json(charter, request);
    format!("{}{}", answer.outcome.name(), answer.problems.first().map_or_else(String::new, |p| format!(": {}", p.message)))
}

#[test]
fn limits_cover_themselves_and_not_one_unit_more() {
    let stretched = "up_to = \"10\"\nstretch = \"12\"";
    let third = "up_to = 'percent(33.333333, money(\"10\"))'";
    let cases = [
        ("EUR", "up_to = \"10\"", "refund", "10.00", "allowed"),
        ("EUR", "up_to = \"10\"", "refund", "10.01", "exception"),
        ("EUR", "up_to = \"9.99\"", "refund", "9.99", "allowed"),
        ("EUR", "up_to = \"9.99\"", "refund", "10", "exception"),
        ("EUR", "exactly = \"10\"", "refund", "10.00", "allowed"),
        ("EUR", "exactly = \"10\"", "refund", "9.99", "exception"),
        ("EUR", "exactly = \"10\"", "refund", "10.01", "exception"),
        ("EUR", stretched, "refund", "10.00", "allowed"),
        ("EUR", stretched, "refund", "10.01", "allowed_say_why"),
        ("EUR", stretched, "refund", "12.00", "allowed_say_why"),
        ("EUR", stretched, "refund", "12.01", "exception"),
        ("JPY", "up_to = \"1000\"", "refund", "1000", "allowed"),
        ("JPY", "up_to = \"1000\"", "refund", "1001", "exception"),
        ("JPY", "up_to = \"1000\"", "refund", "999.5", "invalid: `999.5` does not belong here"),
        ("KWD", "up_to = \"1.250\"", "refund", "1.250", "allowed"),
        ("KWD", "up_to = \"1.250\"", "refund", "1.251", "exception"),
        ("KWD", "up_to = \"1.250\"", "refund", "1.2505", "invalid: `1.2505` does not belong here"),
        ("EUR", "unlimited = true", "refund", "90000000000000.00", "allowed"),
        ("EUR", "unlimited = true", "refund", "90000000000000.01", "invalid: `90000000000000.01` is out of range"),
        ("EUR", "unlimited = true", "refund", "0.01", "allowed"),
        ("EUR", "unlimited = true", "refund", "0", "invalid: €0.00 is too little"),
        ("EUR", "unlimited = true", "refund", "-1", "invalid: -€1.00 is too little"),
        ("EUR", "up_to = 2", "months", "2", "allowed"),
        ("EUR", "up_to = 2", "months", "3", "exception"),
        ("EUR", "up_to = \"2.9\"", "months", "2", "allowed"),
        ("EUR", "up_to = \"2.9\"", "months", "3", "exception"),
        ("EUR", "exactly = \"2.5\"", "months", "2", "exception"),
        ("EUR", "up_to = \"12.5\"", "discount", "12.50", "allowed"),
        ("EUR", "up_to = \"12.5\"", "discount", "12.51", "exception"),
        ("EUR", "up_to = \"12.505\"", "discount", "12.50", "allowed"),
        ("EUR", third, "refund", "3.33", "allowed"),
        ("EUR", third, "refund", "3.34", "exception"),
        ("EUR", "up_to = 'money(\"0.01\") * 99.9'", "refund", "0.99", "allowed"),
        ("EUR", "up_to = 'money(\"0.01\") * 99.9'", "refund", "1.00", "exception"),
    ];
    for (currency, limit, remedy, amount, expected) in cases {
        let charter = charter(currency, "UTC", &format!("[[allow]]\nid = \"a\"\nremedies = [\"{remedy}\"]\nlevel = \"agent\"\n{limit}\n"));
        assert_eq!(outcome(&charter, &request(NOW, remedy, Some(amount))), expected, "{currency} {limit} {amount}");
    }
}

const CARD: &str = "[[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\n";

#[test]
fn arithmetic_past_64_bits_fails_closed() {
    let cases = [
        ("when = '1000000 * 1000000 > 0'", "allowed"),
        ("when = '1000000000 * 1000000000 > 0'", "exception"),
        ("when = '!(1000000000 * 1000000000 > 0)'", "exception"),
        ("when = '1000000000 * 1000000000 > 0 || true'", "allowed"),
        ("when = 'date(\"9999-12-31\") + days(1) > date(\"2026-01-01\")'", "exception"),
        ("[[forbid]]\nid = \"f\"\nwhen = 'money(\"90000000000000\") * 1000000 > money(\"1\")'", "forbidden"),
        ("[[forbid]]\nid = \"f\"\nwhen = 'false && 1000000000 * 1000000000 > 0'", "allowed"),
        ("[[cap]]\nid = \"c\"\ncount = '1000000000 * 1000000000'", "forbidden"),
    ];
    for (rules, expected) in cases {
        assert_eq!(outcome(&charter("EUR", "UTC", &format!("{CARD}{rules}\n")), &request(NOW, "card", None)), expected, "{rules}");
    }
}

/// A cap of one card in a window, one card given at `given`, another asked at `now`: whether there is room, and when there will be.
fn has_room(timezone: &str, within: &str, given: &str, now: &str) -> (bool, Option<String>) {
    let rules = format!("{CARD}[[cap]]\nid = \"c\"\nremedies = [\"card\"]\nper = \"order\"\nwithin = \"{within}\"\ncount = 1\n");
    let mut request = request(now, "card", None);
    request["ledger"] = json!([{ "at": given, "remedy": "card", "keys": { "case": "K-0", "order": "O-1" } }]);
    let answer = decide_json(&charter("EUR", timezone, &rules), &request);
    let open = match answer.outcome.name() {
        "allowed" => true,
        "forbidden" => false,
        other => panic!("{other}: {:?}", answer.problems),
    };
    (open, answer.caps[0].room_at.clone())
}

#[test]
fn windows_open_and_close_to_the_microsecond() {
    let (amsterdam, new_york, samoa) = ("Europe/Amsterdam", "America/New_York", "Pacific/Apia");
    let cases = [
        // A rolling span: what was given exactly a span ago counts no more.
        ("UTC", "90d", "2026-08-23T10:00:00Z", NOW, true),
        ("UTC", "90d", "2026-08-23T10:00:00.000001Z", NOW, false),
        ("UTC", "30m", "2026-11-21T09:30:00Z", NOW, true),
        ("UTC", "30m", "2026-11-21T09:30:00.000001Z", NOW, false),
        ("UTC", "1w", "2026-11-14T10:00:00Z", NOW, true),
        // What is dated after now counts.
        ("UTC", "1h", "2027-01-01T00:00:00Z", NOW, false),
        ("UTC", "day", "2026-11-22T12:00:00Z", NOW, false),
        // A day of 24 hours is exact over a clock change, a local day is not.
        (amsterdam, "1d", "2026-03-28T12:00:00+01:00", "2026-03-29T12:59:59+02:00", false),
        (amsterdam, "1d", "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00", true),
        (amsterdam, "day", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59.999999+02:00", false),
        (amsterdam, "day", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", true),
        (amsterdam, "day", "2026-10-24T23:59:59.999999+02:00", "2026-10-25T00:00:00+02:00", true),
        // Weeks start on Monday.
        (amsterdam, "week", "2026-11-15T23:59:59+01:00", "2026-11-16T00:00:00+01:00", true),
        (amsterdam, "week", "2026-11-16T00:00:00+01:00", "2026-11-22T23:59:59+01:00", false),
        // Months, quarters and years by local date.
        (amsterdam, "month", "2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z", true),
        (new_york, "month", "2026-12-01T04:59:59Z", "2026-12-01T05:00:00Z", true),
        (new_york, "quarter", "2026-07-01T04:00:00Z", "2026-09-30T12:00:00Z", false),
        (new_york, "quarter", "2026-07-01T03:59:59.999999Z", "2026-09-30T12:00:00Z", true),
        ("UTC", "year", "2025-12-31T23:59:59.999999Z", "2026-01-01T00:00:00Z", true),
        ("UTC", "year", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", false),
        // Stepping back by months clamps to the end of the month: 31 March goes back to 28 February.
        ("UTC", "1mo", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", true),
        ("UTC", "1mo", "2026-02-28T10:00:00.000001Z", "2026-03-31T10:00:00Z", false),
        ("UTC", "1mo", "2028-02-29T10:00:00.000001Z", "2028-03-31T10:00:00Z", false),
        ("UTC", "1y", "2027-02-28T10:00:00Z", "2028-02-28T10:00:00Z", true),
        ("UTC", "1y", "2027-02-28T10:00:00Z", "2028-02-29T09:00:00Z", false),
        // From 28 February 2029 a year back is 28 February 2028, before the leap day.
        ("UTC", "1y", "2028-02-29T10:00:00Z", "2029-02-28T10:00:00Z", false),
        ("UTC", "1y", "2028-02-29T10:00:00Z", "2029-03-01T00:00:00Z", true),
        // Samoa left out 30 December 2011.
        (samoa, "day", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", true),
    ];
    for (timezone, within, given, now, expected) in cases {
        assert_eq!(has_room(timezone, within, given, now).0, expected, "{timezone} {within}: given {given}, asked {now}");
    }
}

#[test]
fn room_at_is_the_instant_at_which_there_is_room() {
    let cases = [
        ("UTC", "90d", "2026-08-23T10:00:00.000001Z", NOW, "2026-11-21T10:00:00.000001Z"),
        ("Europe/Amsterdam", "day", "2026-03-29T00:00:00+01:00", "2026-03-29T05:00:00+02:00", "2026-03-29T22:00:00Z"),
        ("Europe/Amsterdam", "week", "2026-11-16T00:00:00+01:00", "2026-11-16T00:00:00+01:00", "2026-11-22T23:00:00Z"),
        ("UTC", "1mo", "2026-01-31T10:00:00Z", "2026-02-27T10:00:00Z", "2026-03-01T00:00:00Z"),
        ("UTC", "1mo", "2026-02-28T10:00:00Z", "2026-03-01T10:00:00Z", "2026-03-28T10:00:00Z"),
        ("UTC", "1y", "2028-02-29T10:00:00Z", "2028-05-01T10:00:00Z", "2029-03-01T00:00:00Z"),
        ("UTC", "quarter", "2026-10-01T00:00:00Z", NOW, "2027-01-01T00:00:00Z"),
        // The clock goes back at 02:00 in New York: the first 01:30 is when a month has passed.
        ("America/New_York", "1mo", "2026-10-01T05:30:00Z", "2026-10-20T00:00:00Z", "2026-11-01T05:30:00Z"),
    ];
    for (timezone, within, given, now, expected) in cases {
        let (open, room_at) = has_room(timezone, within, given, now);
        assert!(!open, "{within} {given}");
        let room_at = room_at.expect("an instant");
        assert_eq!(room_at, expected, "{timezone} {within}: given {given}, asked {now}");
        assert!(has_room(timezone, within, given, &room_at).0, "room at {room_at}");
    }
}

#[test]
fn the_last_unit_of_a_cap() {
    let rules = "[[allow]]\nid = \"a\"\nremedies = [\"refund\", \"months\"]\nlevel = \"agent\"\nunlimited = true\n\
                 [[cap]]\nid = \"c\"\nremedies = [\"refund\", \"months\"]\nper = \"order\"\namount = \"20\"\n";
    let charter = charter("EUR", "UTC", rules);
    let grant = |worth: &str, order: &str| json!({ "at": NOW, "remedy": "refund", "amount": worth, "keys": { "order": order } });
    let given = |worth: &str| json!([grant(worth, "O-1")]);
    let mut withdrawn = given("20");
    withdrawn[0]["state"] = json!("withdrawn");
    let most = "90000000000000";
    let cases = [
        ("refund", "20.00", json!([]), "allowed"),
        ("refund", "20.01", json!([]), "forbidden"),
        ("refund", "0.01", given("19.99"), "allowed"),
        ("refund", "0.02", given("19.99"), "forbidden"),
        ("refund", "0.01", given("20"), "forbidden"),
        // A month weighs 9.00.
        ("months", "2", json!([]), "allowed"),
        ("months", "3", json!([]), "forbidden"),
        ("months", "1", given("11.00"), "allowed"),
        ("months", "1", given("11.01"), "forbidden"),
        // Sums do not overflow.
        ("refund", "0.01", json!(vec![grant(most, "O-1"); 2_000]), "forbidden"),
        // Another order, a withdrawn grant and one without the key do not count.
        ("refund", "20.00", json!([grant("20", "O-2")]), "allowed"),
        ("refund", "20.00", withdrawn, "allowed"),
        ("refund", "20.00", json!([{ "at": NOW, "remedy": "refund", "amount": "20", "keys": {} }]), "allowed"),
    ];
    for (remedy, amount, ledger, expected) in cases {
        let mut request = request(NOW, remedy, Some(amount));
        request["ledger"] = ledger;
        assert_eq!(outcome(&charter, &request), expected, "{remedy} {amount}, {} entries", request["ledger"].as_array().map_or(0, Vec::len));
    }
}

#[test]
fn local_dates_and_calendar_steps() {
    let amsterdam = "Europe/Amsterdam";
    let day_later = "order.paid_at + days(1) <= now";
    let cases = [
        // One minute over midnight is a day.
        (amsterdam, "days_between(order.paid_at, now) == 1", "2026-11-20T23:59:00+01:00", "2026-11-21T00:00:00+01:00", true),
        (amsterdam, "days_between(order.paid_at, now) == 0", "2026-11-21T00:00:00+01:00", "2026-11-21T23:59:59+01:00", true),
        (amsterdam, "days_between(now, order.paid_at) == -1", "2026-11-20T12:00:00+01:00", "2026-11-21T12:00:00+01:00", true),
        // A day later at the same local time, over a clock change: 23 hours.
        (amsterdam, day_later, "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00", true),
        (amsterdam, day_later, "2026-03-28T12:00:00+01:00", "2026-03-29T11:59:59.999999+02:00", false),
        // 02:30 does not exist on 29 March: it is moved on to 03:30.
        (amsterdam, day_later, "2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00", true),
        (amsterdam, day_later, "2026-03-28T02:30:00+01:00", "2026-03-29T03:29:59+02:00", false),
        // 02:30 occurs twice on 25 October: the first counts.
        (amsterdam, day_later, "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00", true),
        // Month ends and leap days.
        ("UTC", "order.paid_at + months(1) <= now", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", true),
        ("UTC", "order.paid_at + months(1) <= now", "2026-01-31T10:00:00Z", "2026-02-28T09:59:59Z", false),
        ("UTC", "order.paid_at + years(1) <= now", "2028-02-29T10:00:00Z", "2029-02-28T10:00:00Z", true),
        ("UTC", "now - months(1) == order.paid_at", "2028-02-29T10:00:00Z", "2028-03-31T10:00:00Z", true),
        ("UTC", "now - order.paid_at == duration(\"36h\")", "2026-11-20T00:00:00Z", "2026-11-21T12:00:00Z", true),
    ];
    for (timezone, when, paid_at, now, expected) in cases {
        let mut request = request(now, "card", None);
        request["facts"]["order.paid_at"] = json!(paid_at);
        let found = outcome(&charter("EUR", timezone, &format!("{CARD}when = '{when}'\n")), &request);
        assert_eq!(found, if expected { "allowed" } else { "exception" }, "{timezone} {when}: {paid_at}, {now}");
    }
}

#[test]
fn first_and_last_days_are_local_and_inclusive() {
    let charter = charter("EUR", "Europe/Amsterdam", &format!("{CARD}from = 2026-03-29\nuntil = 2026-10-25\n"));
    let cases = [
        ("2026-03-28T23:59:59.999999+01:00", "exception"),
        ("2026-03-29T00:00:00+01:00", "allowed"),
        ("2026-10-25T23:59:59.999999+01:00", "allowed"),
        ("2026-10-26T00:00:00+01:00", "exception"),
    ];
    for (now, expected) in cases {
        assert_eq!(outcome(&charter, &request(now, "card", None)), expected, "{now}");
    }
}

#[test]
fn a_fact_is_fresh_until_older_and_known_once_confirmed() {
    let text = "leeway = 1\nname = \"Fresh\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\", \"lead\"]\n[facts.case]\n\
                seen = { type = \"yes_no\", fresh = \"1h\", confirm = \"lead\" }\n[[remedy]]\nid = \"card\"\ntitle = \"Card\"\n\
                [[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\nwhen = 'case.seen'\n";
    let charter = load(&Sources { text, ..Sources::default() }).charter.expect("a charter");
    let cases = [
        (json!({ "value": true, "by": "lead", "at": "2026-11-21T09:00:00Z" }), "allowed"),
        (json!({ "value": true, "by": "lead", "at": "2026-11-21T08:59:59.999999Z" }), "needs_facts"),
        (json!({ "value": true, "by": "lead", "at": "2026-11-21T11:00:00Z" }), "allowed"),
        (json!({ "value": true, "by": "lead" }), "needs_facts"),
        (json!({ "value": true, "by": "agent", "at": NOW }), "needs_facts"),
        (json!({ "value": true, "by": "person", "at": NOW }), "needs_facts"),
        (json!({ "value": true, "by": "system", "at": NOW }), "needs_facts"),
        (json!({ "value": true, "at": NOW }), "needs_facts"),
        (json!(true), "needs_facts"),
    ];
    for (fact, expected) in cases {
        let mut request = json!({ "at": NOW, "asker": { "level": "agent" }, "subjects": { "case": "K-1" }, "remedy": "card" });
        request["facts"] = json!({ "case.seen": fact });
        assert_eq!(outcome(&charter, &request), expected, "{fact}");
    }
}

#[test]
fn an_entry_that_stands_for_several_counts_as_they_do() {
    let rules = "[[allow]]\nid = \"any\"\nremedies = [\"refund\", \"card\"]\nlevel = \"agent\"\nup_to = { refund = \"50\" }\nwhen = 'granted(\"card\", \"order\") < 4'\n\
                 [[cap]]\nid = \"money\"\nremedies = [\"refund\"]\nper = \"order\"\nwithin = \"30d\"\namount = \"20\"\n\
                 [[cap]]\nid = \"number\"\nremedies = [\"refund\"]\nper = \"order\"\nwithin = \"1d\"\ncount = 5\n";
    let charter = charter("EUR", "UTC", rules);
    let entry = |remedy: &str, at: &str, amount: &str, times: i64| {
        let mut entry = json!({ "at": at, "remedy": remedy, "keys": { "case": "K-1", "order": "O-1" }, "times": times });
        if remedy == "refund" {
            entry["amount"] = json!(amount);
        }
        entry
    };
    let day = "2026-11-21T00:00:00Z";
    for (cards, refunds, amount) in [(3, 3, "1"), (4, 0, "1"), (0, 4, "1"), (0, 5, "1"), (1, 4, "16"), (1, 4, "16.01")] {
        let each = |n: i64, remedy: &str| (0..n).map(|_| entry(remedy, day, "1", 1)).collect::<Vec<_>>();
        let together = |n: i64, remedy: &str| (n > 0).then(|| entry(remedy, day, &n.to_string(), n));
        let answer = |ledger: Vec<Value>| {
            let mut request = request(NOW, "refund", Some(amount));
            request["ledger"] = json!(ledger);
            serde_json::to_value(decide_json(&charter, &request)).unwrap_or_default()
        };
        let apart = answer([each(cards, "card"), each(refunds, "refund")].concat());
        let one = answer(together(cards, "card").into_iter().chain(together(refunds, "refund")).collect());
        assert_eq!(apart, one, "{cards} cards, {refunds} refunds, {amount}");
    }
    for (times, valid) in
        [(json!(0), false), (json!(1), true), (json!(1_000_000_000), true), (json!(1_000_000_001), false), (json!("2"), false), (json!(null), true)]
    {
        let mut request = request(NOW, "refund", Some("1"));
        request["ledger"] = json!([entry("refund", day, "1", 1)]);
        request["ledger"][0]["times"] = times.clone();
        assert_eq!(outcome(&charter, &request).starts_with("invalid"), !valid, "{times}");
    }
}

/// What a lead reads of agents is what agents read of themselves.
#[test]
fn what_the_lowest_may_give_is_what_they_may() {
    let allow = |id: &str, level: &str, limit: &str| format!("[[allow]]\nid = \"{id}\"\nremedies = [\"refund\"]\nlevel = \"{level}\"\n{limit}\n");
    let lead = || allow("lead", "lead", "unlimited = true");
    let cases = [
        (String::new(), None),
        (allow("a", "agent", "up_to = \"10\""), Some(1_000)),
        (allow("a", "agent", "up_to = \"10\"\nstretch = \"12\""), Some(1_000)),
        (allow("a", "agent", "up_to = \"10\"") + &allow("b", "agent", "up_to = \"15\""), Some(1_500)),
        (allow("a", "agent", "up_to = \"10\"") + &allow("b", "agent", "up_to = \"0\"\nstretch = \"30\""), Some(1_000)),
        (allow("a", "agent", "up_to = \"0\"\nstretch = \"30\"") + &allow("b", "agent", "up_to = \"0\"\nstretch = \"20\""), Some(3_000)),
        (allow("a", "agent", "up_to = \"10\"\nwhen = 'order.paid_at > now'"), Some(1_000)),
    ];
    for (rules, expected) in cases {
        let charter = charter("EUR", "Europe/Amsterdam", &(rules.clone() + &lead()));
        let refund = charter.remedy("refund").unwrap_or_else(|| panic!("{rules}"));
        let read = |level: &str| {
            let mut request = request(NOW, "refund", None);
            request["asker"]["level"] = json!(level);
            request["facts"]["order.paid_at"] = json!("2026-11-22T10:00:00Z");
            Request::from_value(&charter, &request, Purpose::Options).unwrap_or_else(|problems| panic!("{problems:?}"))
        };
        assert_eq!(lowest_up_to(&charter, &read("lead"), refund, None), expected, "{rules}");
        assert_eq!(lowest_up_to(&charter, &read("agent"), refund, None), None, "nobody is below: {rules}");
        let agent = read("agent");
        let own =
            options(&charter, &agent).list.into_iter().find(|option| option.remedy == refund).and_then(|option| option.free_up_to.or(option.say_why_up_to));
        assert_eq!(own, expected, "{rules}");
    }
}

//! What an answer says beside its outcome: why something is asked, who is there, what stands in the way, what may have been meant.

#![expect(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says so")]

use charter::explain::OptionsAnswer;
use charter::{Charter, Purpose, Request, Sources, decide_json, limits, load, options, options_json};
use serde_json::{Value, json};

const CHARTER: &str = r#"
leeway = 1
name = "Said"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead"]

[facts.order]
total = { type = "money", assume = "90" }
days_late = { type = "number", min = 0 }
silent_for = { type = "duration", confirm = "system", fresh = "12h", ask = "How long has it been silent?" }

[facts.staff]
kind = { choice = ["person", "ai"] }

[[remedy]]
id = "refund"
title = "Refund"
measure = "money"
minimum = "5"

[[remedy]]
id = "card"
title = "Card"

[[remedy]]
id = "match"
title = "Price match"
measure = "money"

[[allow]]
id = "lost"
remedies = ["refund", "card"]
level = "agent"
when = 'order.silent_for >= duration("7d")'
up_to = { refund = "50" }

[[allow]]
id = "large"
remedies = ["refund"]
level = "lead"
up_to = "80"

[[allow]]
id = "match"
remedies = ["match"]
level = "agent"
when = 'order.days_late >= 0'
exactly = "7"

[[forbid]]
id = "machines"
remedies = ["refund"]
who = 'staff.kind == "ai"'
when = 'amount > money("60")'
because = "Beyond sixty euros a person decides."

[[group]]
id = "duty-leads"
level = "lead"
staff = { kind = "person" }
within = "30m"
hours = "shop"
"#;

fn charter(text: &str) -> Charter {
    let loaded = load(&Sources { text, outer: None, today: None });
    loaded.charter.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

/// A request for a refund, with what differs laid over it.
fn request(over: &Value) -> Value {
    let mut request = json!({
        "at": "2026-11-23T10:00:00Z",
        "asker": { "level": "agent", "staff": { "kind": "person" } },
        "subjects": { "case": "K-1", "order": "O-1" },
        "openings": { "duty-leads": [["2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z"]] },
    });
    for (key, value) in over.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

fn refund(facts: &Value) -> Value {
    request(&json!({ "remedy": "refund", "amount": "20", "facts": facts }))
}

#[test]
fn subjects_that_rules_need_are_named_where_they_are_absent() {
    let charter = charter(CHARTER);
    let absent = |subjects: Value, remedy: &str| {
        let request = Request::from_value(&charter, &request(&json!({ "subjects": subjects })), Purpose::Options).unwrap();
        request.absent_for(&charter, charter.remedy(remedy).unwrap(), None)
    };
    let (with, without) = (json!({ "case": "K-1", "order": "O-1" }), json!({ "case": "K-1", "order": null }));
    assert_eq!(absent(without.clone(), "refund"), ["order"]);
    assert_eq!(absent(without, "match"), ["order"]);
    assert_eq!(absent(with, "refund"), Vec::<&str>::new());
}

/// The sentences of one remedy.
fn sentences(answer: &OptionsAnswer, remedy: &str) -> Vec<String> {
    answer.options.iter().find(|option| option.remedy == remedy).unwrap_or_else(|| panic!("{:#?}", answer.problems)).sentences.clone()
}

#[test]
fn a_fact_that_does_not_count_says_why() {
    let charter = charter(CHARTER);
    let at = |at: &str| json!({ "order.silent_for": { "value": "8d", "by": "system", "at": at } });
    let cases = [
        (json!({}), "unknown", "How long has it been silent?"),
        (json!({ "order.silent_for": "8d" }), "unconfirmed", "(Stated: \"8 days\"; to be confirmed by a system.)"),
        (json!({ "order.silent_for": { "value": "8d", "by": "system" } }), "undated", "does not say when it was found, and holds for 12 hours; look again.)"),
        (at("2026-11-20T10:00:00Z"), "stale", "(The answer \"8 days\" is 3 days old and holds for 12 hours; look again.)"),
        (at("2026-11-22T21:59:59.999999Z"), "stale", "is 12 hours old"),
    ];
    for (facts, why, part) in cases {
        let answer = decide_json(&charter, &refund(&facts));
        let asks = serde_json::to_value(&answer.asks).unwrap();
        assert_eq!((asks[0]["fact"].as_str(), asks[0]["why"].as_str()), (Some("order.silent_for"), Some(why)), "{facts}");
        assert_eq!((asks[0]["stated"].as_str(), asks[0]["stated_at"].is_string()), (Some("8d").filter(|_| why != "unknown"), why == "stale"), "{facts}");
        assert!(answer.sentence.contains(part), "{facts}: {}", answer.sentence);
        let told = sentences(&options_json(&charter, &request(&json!({ "facts": facts }))), "refund");
        assert!(told[0].contains(part), "{facts}: {told:?}");
    }
    assert!(decide_json(&charter, &refund(&at("2026-11-22T22:00:00Z"))).asks.is_empty(), "twelve hours are fresh");
}

#[test]
fn a_group_of_whom_nobody_is_known_to_be_there_is_not_offered_as_if() {
    let charter = charter(CHARTER);
    let silent = json!({ "order.silent_for": { "value": "1d", "by": "system", "at": "2026-11-23T09:59:00Z" } });
    let open = |from: &str, to: &str| json!({ "duty-leads": [[from, to]] });
    let cases = [
        (json!({}), true, "but nobody is known to be there: no opening hours are given."),
        (open("2026-11-23T08:00:00Z", "2026-11-23T10:00:00Z"), true, "but nobody is known to be there"),
        (open("2026-11-23T08:00:00Z", "2026-11-23T10:29:00Z"), false, "but not within the opening hours that are given."),
        (open("2026-11-23T08:00:00Z", "2026-11-23T10:30:00Z"), false, "and answer by 11:30."),
    ];
    for (openings, deserted, part) in cases {
        let answer = decide_json(&charter, &request(&json!({ "remedy": "refund", "amount": "20", "facts": silent, "openings": openings })));
        let to = answer.to.as_ref().unwrap();
        assert_eq!((to.group.as_deref(), to.no_openings), (Some("duty-leads"), deserted), "{openings}");
        assert!(answer.sentence.contains(part), "{openings}: {}", answer.sentence);
    }
}

#[test]
fn who_a_rule_binds_and_what_it_saw_of_the_asker_is_shown() {
    let charter = charter(CHARTER);
    for (staff, saw) in [(json!({}), "unknown"), (json!({ "kind": "ai" }), "ai")] {
        let asker = json!({ "level": "agent", "staff": staff });
        let answer = decide_json(&charter, &request(&json!({ "remedy": "refund", "amount": "61", "asker": asker })));
        let why = answer.why.iter().find(|why| why.rule == "machines").unwrap();
        assert_eq!(why.who.as_deref(), Some("staff.kind == \"ai\""));
        assert_eq!(why.saw.get("staff.kind").map(String::as_str), Some(saw));
    }
}

#[test]
fn a_misspelt_name_is_told_with_the_one_that_may_be_meant() {
    let charter = charter(CHARTER);
    let cases = [
        ("order.days_lat", Some("order.days_late")),
        ("ordr.days_late", Some("order.days_late")),
        ("case.days_late", Some("order.days_late")),
        ("days_late", Some("order.days_late")),
        // What is given is not meant once more.
        ("order.totl", None),
        ("order.colour", None),
    ];
    for (name, near) in cases {
        let answer = decide_json(&charter, &refund(&json!({ "order.total": "90", name: 5 })));
        assert_eq!(answer.ignored, [name]);
        assert_eq!(answer.perhaps_meant.get(name).map(String::as_str), near, "{name}");
    }
    let of_history = |keys: Value| {
        let entry = json!({ "at": "2026-11-01T10:00:00Z", "remedy": "card", "keys": keys });
        let answer = options_json(&charter, &request(&json!({ "ledger": [entry, entry] })));
        serde_json::to_value((answer.ignored, answer.perhaps_meant)).unwrap()
    };
    assert_eq!(of_history(json!({ "case": "K-0", "ordr": "O-1" })), json!([["ledger[0].keys.ordr"], { "ledger[0].keys.ordr": "ledger[0].keys.order" }]));
    assert_eq!(of_history(json!({ "case": "K-0", "order": "O-1", "ordr": "O-1", "shop": "S" })), json!([[], {}]));
    let asker = json!({ "level": "agent", "staff": { "kinds": "ai" } });
    let answer = options_json(&charter, &request(&json!({ "asker": asker })));
    assert_eq!(answer.perhaps_meant.get("staff.kinds").map(String::as_str), Some("staff.kind"));
}

#[test]
fn options_tell_the_least_amount_and_what_is_in_the_way_of_the_asker_alone() {
    let charter = charter(CHARTER);
    let facts = json!({ "order.silent_for": { "value": "8d", "by": "system", "at": "2026-11-23T09:59:00Z" } });
    let answer = options_json(&charter, &request(&json!({ "asker": { "level": "lead", "staff": { "kind": "ai" } }, "facts": facts })));
    let expected = [
        "From €5.00 up to €60.00: yours to give now. Nobody needs to approve it, and nobody will take it back.",
        "Up to €80.00: ask the duty leads; they can give up to €80.00 and answer by 11:30. Beyond sixty euros a person decides.",
        "Above that: no rule covers it. Nobody is named to make an exception.",
    ];
    assert_eq!(sentences(&answer, "refund"), expected);
    let refund = serde_json::to_value(answer.options.iter().find(|option| option.remedy == "refund")).unwrap();
    assert_eq!(refund["minimum"]["amount"], "5.00");
    assert_eq!(refund["zones"][2]["because"], json!(["Beyond sixty euros a person decides."]));
}

#[test]
fn sentences_can_be_read_aloud() {
    let charter = charter(CHARTER);
    let silent = |span: &str| json!({ "order.silent_for": { "value": span, "by": "system", "at": "2026-11-23T09:59:00Z" } });
    let card = |facts: Value| decide_json(&charter, &request(&json!({ "remedy": "card", "facts": facts }))).sentence;
    assert_eq!(card(silent("8d")), "Card: you can do this now. Nobody needs to approve it, and nobody will take it back.");
    assert_eq!(card(silent("1d")), "Card: no rule lets anyone do this. Nobody is named to make an exception.");
    assert_eq!(card(json!({})), "Card: whether you can do this depends on something we do not know yet. How long has it been silent?");
    let told = sentences(&options_json(&charter, &request(&json!({ "facts": { "order.days_late": 0 } }))), "match");
    assert_eq!(told[1], "Exactly €7.00: yours to give now. Nobody needs to approve it, and nobody will take it back.");
}

fn problems(charter: &Charter, text: &str) -> Vec<(String, String, String)> {
    let problems = Request::from_json(charter, text, Purpose::Decide).err().unwrap_or_default();
    problems.into_iter().map(|p| (p.at, p.message, p.expected)).collect()
}

#[test]
fn what_is_wrong_with_a_request_says_what_to_write() {
    let charter = charter(CHARTER);
    let cases: &[(Value, &str, &str, &str)] = &[
        (json!({ "amount": "15,00" }), "amount", "`15,00` does not belong here", "digits and at most one point: write `15.00`"),
        (json!({ "amount": "€15" }), "amount", "`€15` does not belong here", "digits and at most one point: write `15`"),
        (json!({ "amount": "20%" }), "amount", "`20%` does not belong here", "digits and at most one point, such as `12` or `0.5`"),
        (json!({ "facts": { "order.total": "1.500,00 EUR" } }), "facts.order.total", "`1.500,00 EUR` does not belong here", "write `1500.00`"),
        (json!({ "facts": { "order.days_late": true } }), "facts.order.days_late", "`true` does not belong here", "a number"),
        (json!({ "openings": { "duty-lead": [] } }), "openings.duty-lead", "is not a group of this charter", "perhaps `duty-leads`"),
        (json!({ "asker": { "level": "agent", "group": "duty-lead" } }), "asker.group", "is not a group of this charter", "perhaps `duty-leads`"),
        (json!({ "subjects": { "case": "K-1", "oder": "O-1" } }), "subjects.order", "`subjects.order` is missing", "is `oder` meant for it?"),
        (json!({ "at": "2026-01-31T23:00" }), "at", "`2026-01-31T23:00` is not an instant", "+01:00`"),
    ];
    for (over, at, message, expected) in cases {
        let mut asked = refund(&json!({}));
        for (key, value) in over.as_object().unwrap() {
            asked[key] = value.clone();
        }
        let found = problems(&charter, &asked.to_string());
        assert!(matches!(found.as_slice(), [(a, m, e)] if a == at && m.contains(message) && e.contains(expected)), "{over}: {found:#?}");
    }
}

#[test]
fn a_key_stands_once_and_a_number_is_a_number() {
    let charter = charter(CHARTER);
    let fine = refund(&json!({ "order.total": 5, "order.days_late": "0" })).to_string();
    assert_eq!(problems(&charter, &fine), []);
    // Texts and other objects with the same words are no repetition.
    assert_eq!(problems(&charter, &fine.replace("\"K-1\"", "\"case\\\", \\\"case\"")), []);
    let twice = "stands here more than once";
    let number = "$serde_json::private::Number";
    let cases = [
        ("\"order.total\":5", "\"order.total\":5,\"order.total\":6".to_owned(), "facts.order.total", twice),
        ("\"order.total\":5", "\"order.total\":5,\"order\\u002etotal\":6".to_owned(), "facts.order.total", twice),
        ("\"order.total\":5", "\"order.total\":{\"value\":5, \"value\" : 6}".to_owned(), "facts.order.total.value", twice),
        ("{", "{\"ledger\":[{}, {\"at\":1,\"at\":[{}]}],".to_owned(), "ledger[1].at", twice),
        ("\"order.total\":5", format!("\"order.total\":{{\"{number}\":\"5\"}}"), "facts.order.total.$serde_json::private::Number", "is not a key here"),
    ];
    for (old, new, at, message) in cases {
        assert!(fine.contains(old), "no `{old}` in {fine}");
        let found = problems(&charter, &fine.replacen(old, &new, 1));
        assert!(found.iter().any(|(a, m, _)| a == at && m.contains(message)), "{new}: {found:#?}");
    }
}

/// So many acts with so many reasons: two parts of an answer each. Each cap adds one for the first of each.
fn acts(remedies: usize, reasons: usize, caps: usize) -> String {
    let reasons: Vec<String> = (0..reasons).map(|i| format!("\"r{i}\"")).collect();
    let remedies = (0..remedies).map(|i| format!("[[remedy]]\nid = \"a{i}\"\ntitle = \"A\"\n"));
    let caps = (0..caps).map(|i| format!("[[cap]]\nid = \"c{i}\"\nremedies = [\"a0\"]\nreasons = [\"r0\"]\ncount = 1\n"));
    let head = "leeway = 1\nname = \"Acts\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\"]\n";
    format!("{head}reasons = [{}]\n{}", reasons.join(", "), remedies.chain(caps).collect::<String>())
}

#[test]
fn options_end_at_their_limit_and_say_so() {
    let count = limits::OPTION_PARTS / 2;
    for (caps, shown, cut, left_out) in [(0, count, false, 0), (1, count, true, 0), (2, count, true, 0), (3, count - 1, true, 1)] {
        let charter = charter(&acts(500, count / 500, caps));
        let asked = json!({ "at": "2026-11-23T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1" } });
        let request = Request::from_value(&charter, &asked, Purpose::Options).unwrap();
        let options = options(&charter, &request);
        assert_eq!((options.list.len(), options.left_out), (shown, left_out), "{caps}");
        let last = options.list.last().unwrap();
        assert_eq!((last.cut, last.zones.len()), (cut, usize::from(!cut)), "{caps}");
        assert!(options.list.iter().rev().skip(1).all(|one| !one.cut && one.zones.len() == 1), "{caps}");
    }
}

#[test]
fn an_answer_that_asks_for_much_stays_small() {
    let facts: String = (0..120).map(|i| format!("f{i} = \"yes_no\"\n")).collect();
    let all: Vec<String> = (0..120).map(|i| format!("order.f{i}")).collect();
    let head = "leeway = 1\nname = \"Much\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\"]\n";
    let remedy = "[[remedy]]\nid = \"refund\"\ntitle = \"Refund\"\nmeasure = \"money\"\n";
    let when = all.join(" && ");
    let allow = |i: usize| format!("[[allow]]\nid = \"allow-{i}\"\nremedies = [\"refund\"]\nlevel = \"agent\"\nwhen = '{when}'\nup_to = {}\n", i + 1);
    let charter = charter(&format!("{head}[facts.order]\n{facts}{remedy}{}", (0..300).map(allow).collect::<String>()));
    let asked = json!({ "at": "2026-11-23T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1", "order": "O-1" } });
    let answer = options_json(&charter, &asked);
    let text = serde_json::to_string_pretty(&answer).unwrap();
    assert!(text.len() < 16 << 20, "{} bytes", text.len());
    let refund = answer.options.first().unwrap();
    assert!(refund.cut && !refund.zones.is_empty(), "{} zones", refund.zones.len());
    assert_eq!(refund.sentences.last().map(String::as_str), Some("There is more than can be shown here; ask about one amount."));
}

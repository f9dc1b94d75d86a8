//! What was once answered wrongly, or cost too much.
#![expect(clippy::panic, reason = "a test stops at once")]

use charter::{Charter, Sources, decide_json, load};
use serde_json::{Value, json};

const HEAD: &str = "leeway = 1\nname = \"Once wrong\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Amsterdam\"\nlevels = [\"agent\", \"lead\"]\n";
const CARD: &str = "[[remedy]]\nid = \"card\"\ntitle = \"Card\"\n";

fn charter(text: &str) -> Charter {
    let loaded = load(&Sources { text, ..Sources::default() });
    loaded.charter.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.findings))
}

fn codes(text: &str) -> Vec<&'static str> {
    load(&Sources { text, ..Sources::default() }).findings.iter().map(|f| f.code.name()).collect()
}

fn request(facts: Value) -> Value {
    json!({ "at": "2026-01-30T11:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1", "order": "O-1" }, "facts": facts, "remedy": "card" })
}

fn outcome(charter: &Charter, request: &Value) -> &'static str {
    decide_json(charter, request).outcome.name()
}

/// Late on the 30th and early on the 31st of January, a month on, are in the other order.
#[test]
fn times_moved_by_months_can_change_their_order() {
    let facts = "[facts.order]\nfirst = \"yes_no\"\na = \"time\"\nb = \"time\"\nwait = { type = \"duration\", max = \"36h\" }\n";
    let allow = "[[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\n";
    let moved = "(order.first ? order.a : order.b) + months(1)";
    let known = json!({ "order.a": "2026-01-30T22:00:00Z", "order.b": "2026-01-31T01:00:00Z" });
    let forbid = charter(&format!("{HEAD}{facts}{CARD}{allow}[[forbid]]\nid = \"f\"\nwhen = '{moved} < time(\"2020-01-01T00:00:00Z\")'\n"));
    assert_eq!(outcome(&forbid, &request(known)), "allowed");
    let waits = charter(&format!("{HEAD}{facts}{CARD}{allow}when = 'now + order.wait + months(1) >= time(\"2026-02-28T11:00:00Z\")'\n"));
    assert_eq!(outcome(&waits, &request(json!({}))), "needs_facts");
    assert_eq!(outcome(&waits, &request(json!({ "order.wait": "12h" }))), "exception");
}

#[test]
fn worth_may_not_fall_by_way_of_a_key() {
    let text = format!(
        "{HEAD}[facts.order]\nx = {{ choice = [\"a\", \"b\"] }}\ny = {{ choice = [\"a\", \"b\"] }}\n[[remedy]]\nid = \"box\"\ntitle = \"Box\"\n\
         measure = {{ count = \"boxes\" }}\nworth = '{{\"a\": money(\"10\"), \"b\": money(\"1\")}}[amount > 2 ? order.x : order.y]'\n"
    );
    assert!(codes(&text).contains(&"worth-may-fall"), "{:?}", codes(&text));
}

#[test]
fn nothing_negative_can_have_been_given() {
    let charter = charter(&format!("{HEAD}{CARD}[[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\n"));
    let mut request = request(json!({}));
    request["ledger"] = json!([{ "at": "2026-01-01T00:00:00Z", "remedy": "card", "worth": "-900", "keys": {} }]);
    let answer = decide_json(&charter, &request);
    assert_eq!(answer.problems[0].at, "ledger[0].worth");
}

#[test]
fn conditions_on_the_person_read_no_clock() {
    let text = format!(
        "{HEAD}[define]\nlate = 'now > time(\"2020-01-01T00:00:00Z\")'\n{CARD}[[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\nwho = 'late'\n"
    );
    assert!(codes(&text).contains(&"case-in-who"), "{:?}", codes(&text));
}

#[test]
fn an_empty_list_is_not_all() {
    for list in ["remedies = []", "reasons = []"] {
        let text = format!("{HEAD}reasons = [\"late\"]\n{CARD}[[forbid]]\nid = \"f\"\n{list}\n");
        assert!(codes(&text).contains(&"missing-key"), "{list}: {:?}", codes(&text));
    }
}

#[test]
fn an_old_id_belongs_to_one_remedy() {
    let two = "[[remedy]]\nid = \"a\"\ntitle = \"A\"\nwas = [\"old\"]\n[[remedy]]\nid = \"b\"\ntitle = \"B\"\nwas = [\"old\"]\n";
    assert!(codes(&format!("{HEAD}{two}")).contains(&"duplicate-id"));
}

#[test]
fn everything_wrong_with_a_request_is_told_at_once() {
    let charter = charter(&format!("{HEAD}{CARD}"));
    let mut request = request(json!({}));
    request["at"] = json!("bad");
    request["openings"] = json!({ "nobody": [] });
    request["ledger"] = json!([{ "at": "bad", "remedy": "card", "state": "bad", "keys": { "case": 1 } }]);
    let found: Vec<_> = decide_json(&charter, &request).problems.into_iter().map(|p| p.at).collect();
    for at in ["at", "openings.nobody", "ledger[0].at", "ledger[0].state", "ledger[0].keys.case"] {
        assert!(found.contains(&at.to_owned()), "{at}: {found:?}");
    }
}

#[test]
fn problems_and_their_telling_are_bounded() {
    let charter = charter(&format!("{HEAD}{CARD}"));
    let mut request = request(json!({}));
    (0..5_000).for_each(|n| request[format!("key_{n}")] = json!(1));
    let answer = decide_json(&charter, &request);
    assert_eq!(answer.problems.len(), charter::limits::FINDINGS);
    assert!(answer.sentence.len() < 2_000 && answer.sentence.ends_with("And 197 more."), "{}", answer.sentence);
}

/// One entry of a table stands for many values, at each depth.
#[test]
fn tables_in_tables_are_looked_at_once() {
    let values: Vec<String> = (0..100).map(|n| format!("\"v{n}\"")).collect();
    let up_to = (0..12).fold("5".to_owned(), |inner, _| format!("{{\"default\": {inner}}}[order.c]"));
    let text = format!(
        "{HEAD}[facts.order]\nc = {{ choice = [{}] }}\n[[remedy]]\nid = \"card\"\ntitle = \"Card\"\nmeasure = \"money\"\n\
         [[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\nper = \"case\"\nup_to = '{up_to}'\n",
        values.join(", ")
    );
    let mut request = request(json!({}));
    request["amount"] = json!("5");
    assert_eq!(outcome(&charter(&text), &request), "allowed");
}

#[test]
fn taking_apart_is_bounded() {
    let sides = vec!["order.a"; 450].join(", ");
    let text = format!(
        "{HEAD}[facts.order]\na = \"number\"\n[define]\nx = 'min({sides})'\ny = 'max({sides})'\n{CARD}\
         [[allow]]\nid = \"a\"\nremedies = [\"card\"]\nlevel = \"agent\"\nwhen = 'x >= y'\n"
    );
    assert!(codes(&text).contains(&"too-large"), "{:?}", codes(&text));
}

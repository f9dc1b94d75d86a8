//! Expressions and windows worked out by hand, and the laws this engine can be held to alone.

use crate::calendar::{self, Page, Window};
use crate::decide::{Decider, Desk, Verdict};
use crate::eval::Scene;
use crate::generate;
use crate::model::Book;
use crate::request::{self, Ask, State};
use crate::values::{MILLION, Span, Truth, Value};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const FACTS: &str = r#"
leeway = 1
name = "Some"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent"]
[facts.order]
known = "number"
unknown = "number"
small = { type = "number", min = 0, max = 10 }
total = "money"
kind = { choice = ["a", "b"] }
flag = "yes_no"
list = "list"
day = "date"
[[remedy]]
id = "act"
title = "Act"
"#;

/// What an expression can be, and the facts it hangs on, with `order.known` 3.
fn eval(source: &str) -> (Value, String) {
    let charter = format!("{FACTS}[define]\ntested = '{source}'\n");
    let book = crate::read::book(&charter, None).unwrap();
    let ask = request::ask(
        &book,
        &json!({"at": "2026-03-28T01:30:00Z", "asker": {"level": "agent"}, "remedy": "act",
            "subjects": {"case": "K", "order": "O"}, "facts": {"order.known": 3}}),
    );
    let (ask, nobody) = (ask.unwrap(), BTreeMap::new());
    let scene = Scene { book: &book, ask: &ask, home: 0, staff: &nobody, amount: None };
    let tree = &book.defines[0]["tested"];
    let hangs: Vec<String> = scene.hangs(tree, false).into_iter().collect();
    (scene.eval(tree, false), hangs.join(" "))
}

fn truth(source: &str) -> Truth {
    eval(source).0.truth()
}

fn number(source: &str) -> Option<(i128, i128)> {
    eval(source).0.span().ends.map(|(a, b)| (a / MILLION, b / MILLION))
}

#[test]
fn truths_are_sets() {
    assert_eq!(truth("order.flag"), Truth::UNKNOWN);
    assert_eq!(truth("order.flag && false"), Truth::known(false));
    assert_eq!(truth("order.flag || order.known > 2"), Truth::known(true));
    let far = "date(\"9999-12-31\") + days(1) > order.day";
    assert_eq!(truth(far), Truth::FAULT);
    assert_eq!(truth(&format!("false && {far}")), Truth::known(false));
    assert_eq!(truth(&format!("order.flag && {far}")), Truth { yes: false, no: true, fault: true });
    assert_eq!(truth("order.small + order.known <= 13"), Truth::known(true));
    assert_eq!(truth("order.kind == \"a\""), Truth::UNKNOWN);
    assert_eq!(truth("order.kind in [\"a\", \"b\"]"), Truth::known(true));
    assert_eq!(truth("size(order.list) <= 100"), Truth::known(true));
    assert_eq!(truth("subset([], order.list)"), Truth::known(true));
}

#[test]
fn quantities_are_intervals() {
    assert_eq!(number("order.small - order.known"), Some((-3, 7)));
    assert_eq!(number("-(order.small) * 2"), Some((-20, 0)));
    assert_eq!(number("{\"a\": 1, \"b\": 5}[order.kind]"), Some((1, 5)));
    assert_eq!(number("order.flag ? 1 : order.small"), Some((0, 10)));
    assert_eq!(number("min(order.unknown, order.small, order.known)"), Some((-1_000_000_000, 3)));
    assert_eq!(eval("-(0.000001) * 0.5").0, Value::Span(Span::point(-1)));
    assert_eq!(eval("percent(12.5, money(\"0.99\"))").0, Value::Span(Span::point(12)));
    assert_eq!(eval("1000000 * 1000000 * 10").0, Value::Span(Span::FAULT));
    let end = Value::Span(Span { ends: Some((i128::from(i64::MIN), i128::from(i64::MAX))), fault: true });
    assert_eq!(eval("order.unknown * 1000000").0, end);
}

#[test]
fn least_and_greatest_are_taken_apart() {
    // Each part is surely so, though the intervals overlap.
    assert_eq!(truth("order.small <= max(order.small - 20, 10)"), Truth::known(true));
    assert_eq!(eval("order.known <= min(order.unknown, 5)").1, "order.unknown");
    assert_eq!(eval("order.known <= min(order.unknown, 2)"), (Value::Truth(Truth::known(false)), String::new()));
    assert_eq!(eval("min(order.unknown, order.small + 2000000000) + 1").1, "order.unknown");
    assert_eq!(eval("order.flag ? order.known : order.small").1, "order.flag order.small");
    assert_eq!(eval("{\"a\": order.known, \"b\": order.unknown}[order.kind]").1, "order.kind order.unknown");
    assert_eq!(eval("order.flag && order.known > 2").1, "order.flag");
}

#[test]
fn steps_follow_the_local_calendar() {
    let at = |source: &str| calendar::write_time(eval(source).0.span().single().unwrap()).unwrap();
    // Half past two is skipped on the 29th of March.
    assert_eq!(at("now + days(1)"), "2026-03-29T01:30:00Z");
    assert_eq!(at("now + days(1.9)"), "2026-03-29T01:30:00Z");
    // Half past two occurs twice on the 25th of October.
    assert_eq!(at("time(\"2026-10-24T00:30:00Z\") + days(1)"), "2026-10-25T00:30:00Z");
    assert_eq!(at("time(\"2026-03-31T10:00:00Z\") - months(1)"), "2026-02-28T11:00:00Z");
    assert_eq!(number("days_between(now, time(\"2026-03-28T23:00:00Z\"))"), Some((1, 1)));
    assert_eq!(truth("date(\"2024-02-29\") + years(1) == date(\"2025-02-28\")"), Truth::known(true));
}

#[test]
fn windows_end_where_they_should() {
    let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
    let time = |text: &str| calendar::time(text).unwrap();
    let now = time("2026-03-31T10:00:00Z");
    let month = Window::Months(1);
    let back = time("2026-02-28T11:00:00Z");
    assert!(!month.counts(&zone, back, now));
    assert!(month.counts(&zone, back + 1, now));
    assert_eq!(month.stops(&zone, back + 1, now), Some(time("2026-03-31T10:00:00.000001Z")));
    let day = Window::Exact(calendar::DAY);
    assert!(!day.counts(&zone, now - calendar::DAY, now));
    let quarter = Window::Calendar(Page::Quarter);
    assert!(quarter.counts(&zone, time("2025-12-31T23:00:00Z"), now));
    assert!(!quarter.counts(&zone, time("2025-12-31T22:59:59.999999Z"), now));
    assert_eq!(quarter.stops(&zone, now, now), Some(time("2026-03-31T22:00:00Z")));
    let week = Window::Calendar(Page::Week);
    assert!(week.counts(&zone, time("2026-03-29T22:00:00Z"), now));
    assert!(!week.counts(&zone, time("2026-03-29T21:59:59Z"), now));
}

/// Values an unknown fact may turn out to have.
fn values(book: &Book, name: &str) -> Vec<Value> {
    let fact = &book.common.facts[name];
    let unknown = request::state(fact, None).value;
    match unknown {
        Value::Truth(_) => vec![Value::Truth(Truth::known(true)), Value::Truth(Truth::known(false))],
        Value::Text(Some(words), _) => words.iter().map(|word| Value::text(word)).collect(),
        Value::Text(None, _) => vec![Value::text("north"), Value::text("west")],
        Value::List(..) => [vec![], vec!["north".to_owned()], vec!["south".to_owned(), "late".to_owned()]]
            .into_iter()
            .map(|list| Value::List(Some(BTreeSet::from([list])), false))
            .collect(),
        _ => {
            let (least, greatest) = fact.bounds;
            let near = [0, 1, 500, 1000, 1001, 2500, 5000, 50_000, 500_000, 1_000_000, 3_000_000, 86_400_000_000];
            let days = [20_400, 20_500, 20_700];
            let all = near.into_iter().chain(days).chain([least, greatest, 1_774_659_600_000_000]);
            all.map(|at: i128| Value::Span(Span::point(at.clamp(least, greatest)))).collect()
        }
    }
}

/// The same request with some unknown facts known.
fn filled(book: &Book, ask: &Ask, which: impl Fn(&str) -> bool, mut seed: usize) -> Ask {
    let mut ask = ask.clone();
    for (name, state) in &mut ask.facts {
        if !state.known && which(name) {
            let values = values(book, name);
            seed = seed.wrapping_mul(31).wrapping_add(7);
            *state = State { value: values[(seed >> 3) % values.len()].clone(), known: true, assumed: false };
        }
    }
    ask
}

fn asked(answer: &Json) -> BTreeSet<String> {
    let entries = ["clear", "any_of"].into_iter().flat_map(|key| answer.get(key).and_then(Json::as_array));
    let facts = entries.flatten().flat_map(|entry| entry.get("facts").and_then(Json::as_array)).flatten();
    facts.map(|fact| fact.as_str().unwrap().to_owned()).collect()
}

/// Whatever the unknown facts turn out to be, what is settled stays; and the facts asked for settle it.
#[test]
fn what_is_settled_stays() {
    for seed in 5000..5080 {
        let case = generate::case(seed, 6);
        let book = crate::read::book(&case.charter, case.outer.as_deref()).unwrap();
        for request in &case.requests {
            let Ok(ask) = request::ask(&book, request) else {
                continue;
            };
            let nobody = BTreeMap::new();
            let answer = Desk::new(&book, &ask, &nobody).answer();
            let outcome = answer["outcome"].as_str().unwrap();
            for turn in 0..6 {
                let context = format!("{seed} {turn}\n{request}\n{answer}");
                if outcome == "needs_facts" {
                    let wanted = asked(&answer);
                    let known = filled(&book, &ask, |name| wanted.contains(name), turn);
                    let before = Desk::new(&book, &ask, &nobody);
                    let desk = Desk::new(&book, &known, &nobody);
                    let asker = Decider { level: ask.level, staff: ask.staff.clone(), group: ask.for_group };
                    let row_four = before.verdict(&asker, ask.amount) == Verdict::Open;
                    let after = desk.answer();
                    if row_four {
                        assert_ne!(desk.verdict(&asker, ask.amount), Verdict::Open, "{context}\n{after}");
                    } else {
                        assert_ne!(after["outcome"], "needs_facts", "{context}\n{after}");
                    }
                } else {
                    let known = filled(&book, &ask, |_| true, turn);
                    let after = Desk::new(&book, &known, &nobody).answer();
                    let stays = after["outcome"] == outcome || (outcome == "allowed_say_why" && after["outcome"] == "allowed");
                    assert!(stays, "{context}\n{after}");
                }
            }
        }
    }
}

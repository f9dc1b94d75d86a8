//! Charters and requests, changed a little.

use charter::facts::{Confirm, Fact, Type, Value as FactValue};
use oracle::generate::Random;
use serde_json::{Value, json};

use crate::subject::Subject;

/// The text with its `[[…]]` tables in another order.
pub(crate) fn shuffled(text: &str, random: &mut Random) -> String {
    let mut parts = text.split("\n[[");
    let head = parts.next().unwrap().to_owned();
    let mut tables: Vec<&str> = parts.collect();
    for place in (1..tables.len()).rev() {
        tables.swap(place, random.below(place + 1));
    }
    tables.iter().fold(head, |text, table| format!("{text}\n[[{}", table.trim_end_matches('\n'))) + "\n"
}

/// The text without the guardrails that `leaves_out` names by kind and id.
pub(crate) fn without(text: &str, leaves_out: impl Fn(&str, &str) -> bool) -> String {
    let mut parts = text.split("\n[[");
    let head = parts.next().unwrap().to_owned();
    let kept = parts.filter(|table| {
        let kind = table.split("]]").next().unwrap();
        let id = table.lines().find_map(|l| l.strip_prefix("id = \"")).unwrap().trim_end_matches('"');
        !(matches!(kind, "allow" | "forbid" | "cap") && leaves_out(kind, id))
    });
    kept.fold(head, |text, table| format!("{text}\n[[{table}"))
}

/// The table of a rule.
pub(crate) fn table_of<'s>(subject: &'s Subject, rule: &str) -> &'s str {
    let (text, id) = match rule.split_once('/') {
        Some((_, id)) => (subject.outer.as_deref().unwrap(), id),
        None => (subject.text.as_str(), rule),
    };
    let mut tables = text.split("\n[[").filter(|t| ["allow", "forbid", "cap"].iter().any(|k| t.starts_with(&format!("{k}]]"))));
    tables.find(|t| t.lines().nth(1) == Some(&format!("id = \"{id}\""))).unwrap_or_else(|| panic!("no rule `{rule}` in\n{text}"))
}

/// The facts that are unknown to every rule and not assumed.
pub(crate) fn unknown_facts<'s>(subject: &'s Subject, request: &Value) -> Vec<&'s Fact> {
    let read = charter::Request::from_value(&subject.engine, request, charter::Purpose::Decide).unwrap();
    subject.engine.facts.iter().filter(|f| read.is_unknown(&subject.engine, &f.name) && present(request, f)).collect()
}

fn present(request: &Value, fact: &Fact) -> bool {
    let subject = fact.name.split('.').next().unwrap();
    subject == "request" || !request["subjects"][subject].is_null()
}

/// The request with a fact made known.
pub(crate) fn fill(subject: &Subject, request: &mut Value, fact: &Fact, random: &mut Random) {
    let by = match fact.confirm {
        Some(Confirm::System) => "system".to_owned(),
        Some(Confirm::Person) | None => "person".to_owned(),
        Some(Confirm::Level(_)) => subject.engine.levels.last().unwrap().to_string(),
    };
    let value = some_value(subject, fact, random);
    request["facts"][&*fact.name] = json!({ "value": value, "by": by, "at": request["at"] });
}

/// A value of a fact, mostly from the numbers that stand in the charter, or the ends of its range.
fn some_value(subject: &Subject, fact: &Fact, random: &mut Random) -> Value {
    let places = subject.engine.currency.places;
    match &fact.kind {
        Type::YesNo => json!(random.chance(50)),
        Type::Choice(values) => json!(&**random.pick(values)),
        Type::Text => json!(*random.pick(&["north", "south", "late", "K-1", "X-9", "web", "mail"])),
        Type::List => json!((0..random.below(4)).map(|_| *random.pick(&["north", "south", "late"])).collect::<Vec<_>>()),
        kind => {
            let (low, high) = fact.range;
            let unit = if *kind == Type::Money { 10_i64.pow(places) } else { 1_000_000 };
            let written = *random.pick(&numbers(&subject.texts()));
            let near = match kind {
                Type::Date => 20_454 + written,
                Type::Time => 1_774_000_000_000_000 + written * 3_600_000_000,
                Type::Duration => written * 3_600_000_000,
                _ => written * unit,
            };
            let nudge = if *kind == Type::Duration { 1_000_000 } else { 1 };
            let count = *random.pick(&[low, high, near, near, near + nudge, near - nudge, 0]);
            let mut count = count.clamp(low, high);
            if *kind == Type::Duration {
                count = (count / 1_000_000 * 1_000_000).max(0);
            }
            json!(kind.write(&FactValue::Count(count), places))
        }
    }
}

fn numbers(text: &str) -> Vec<i64> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|d| (1..4).contains(&d.len()));
    digits.map(|d| d.parse().unwrap()).chain([0, 1]).collect()
}

//! The one place that knows the engine.

use serde_json::Value;

const TEXT: &str = include_str!("retail.toml");

pub(crate) type Charter = charter::Charter;

pub(crate) fn load() -> Charter {
    let loaded = charter::load(&charter::Sources { text: TEXT, outer: None, today: None });
    // Notes tell which rules do not say why: the policy's own text does not either.
    assert!(loaded.findings.iter().all(|f| f.severity < charter::diagnostics::Severity::Warning), "{:#?}", loaded.findings);
    loaded.charter.expect("retail.toml is a charter without problems")
}

pub(crate) fn decide(charter: &Charter, request: &Value) -> Value {
    serde_json::to_value(charter::decide_json(charter, request)).expect("an answer is JSON")
}

pub(crate) fn outcome(answer: &Value) -> String {
    answer["outcome"].as_str().expect("an outcome").to_owned()
}

/// The ids of the rules that the answer names, with a space between.
pub(crate) fn rules(answer: &Value) -> String {
    let ids = answer["rules"].as_array().into_iter().flatten();
    ids.map(|rule| rule.as_str().expect("an id")).collect::<Vec<_>>().join(" ")
}

/// The ids of the charter's forbids and caps.
pub(crate) fn closing_rules() -> Vec<String> {
    let (mut ids, mut closes) = (Vec::new(), false);
    for line in TEXT.lines() {
        if line.starts_with('[') {
            closes = matches!(line, "[[forbid]]" | "[[cap]]");
        }
        let id = line.strip_prefix("id = ").filter(|_| closes);
        ids.extend(id.map(|id| id.trim_matches('"').to_owned()));
    }
    ids
}

//! Values of a scenario file, as they stand in a request.

use serde_json::{Map, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Findings, Span};

/// A value with its place.
pub(super) type Node<'i> = Spanned<DeValue<'i>>;

/// A key with its place, and its value.
pub(super) type Entry<'n, 'i> = (&'n str, Span, &'n Node<'i>);

/// The entries of a table in the order of the file, those with unknown keys reported and left out.
pub(super) fn entries<'n, 'i>(node: &'n Node<'i>, known: &[&str], findings: &mut Findings) -> Vec<Entry<'n, 'i>> {
    let mut list = free_entries(node, findings);
    list.retain(|(key, span, _)| {
        let fits = known.contains(key);
        if !fits {
            let expected = format!("one of {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "));
            findings.add(Code::UnknownKey, span.clone(), format!("`{key}` is not a key here"), expected).nearest(key, known.iter().copied());
        }
        fits
    });
    list
}

/// The entries of a table whose keys are free.
pub(super) fn free_entries<'n, 'i>(node: &'n Node<'i>, findings: &mut Findings) -> Vec<Entry<'n, 'i>> {
    let Some(table) = table(node, findings) else { return Vec::new() };
    let mut list: Vec<Entry<'n, 'i>> = table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    list.sort_by_key(|(_, span, _)| span.start);
    list
}

fn table<'n, 'i>(node: &'n Node<'i>, findings: &mut Findings) -> Option<&'n DeTable<'i>> {
    if let DeValue::Table(table) = node.get_ref() {
        return Some(table);
    }
    wrong(node, "a table", findings);
    None
}

/// The entries of a list.
pub(super) fn list<'n, 'i>(node: &'n Node<'i>, expected: &str, findings: &mut Findings) -> Vec<&'n Node<'i>> {
    if let DeValue::Array(entries) = node.get_ref() {
        return entries.iter().collect();
    }
    wrong(node, expected, findings);
    Vec::new()
}

/// A text, or a date or time as text.
pub(super) fn text(node: &Node<'_>, expected: &str, findings: &mut Findings) -> Option<String> {
    match node.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Datetime(when) => Some(when.to_string()),
        _ => {
            wrong(node, expected, findings);
            None
        }
    }
}

/// A text, or a number as written.
pub(super) fn digits(node: &Node<'_>, expected: &str, findings: &mut Findings) -> Option<String> {
    match node.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(whole) => Some(whole.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        _ => {
            wrong(node, expected, findings);
            None
        }
    }
}

pub(super) fn wrong(node: &Node<'_>, expected: &str, findings: &mut Findings) {
    findings.add(Code::WrongType, node.span(), format!("{} does not belong here", node.get_ref().type_str()), expected);
}

/// Any value as JSON. A number with a point goes as text, so that it stays exact.
pub(super) fn json(node: &Node<'_>) -> Json {
    match node.get_ref() {
        DeValue::String(text) => Json::String(text.clone().into_owned()),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).map_or_else(|_| Json::String(whole.as_str().to_owned()), Json::from),
        DeValue::Float(number) => Json::String(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Json::Bool(*truth),
        DeValue::Datetime(when) => Json::String(when.to_string()),
        DeValue::Array(entries) => entries.iter().map(json).collect(),
        DeValue::Table(table) => Json::Object(table.iter().map(|(key, value)| (key.get_ref().clone().into_owned(), json(value))).collect()),
    }
}

/// The value of a fact: the text `unknown` is no value.
pub(super) fn fact(node: &Node<'_>) -> Json {
    if node.get_ref().as_str() == Some("unknown") { Json::Null } else { json(node) }
}

/// The id of a subject, or nothing for `false`.
pub(super) fn subject(node: &Node<'_>, findings: &mut Findings) -> Option<Json> {
    match node.get_ref() {
        DeValue::String(id) => Some(Json::String(id.clone().into_owned())),
        DeValue::Boolean(false) => Some(Json::Null),
        _ => {
            wrong(node, "an id in quotes, or `false` if there is none", findings);
            None
        }
    }
}

/// The keys of a ledger entry: subjects, and facts written `"subject.fact"` or as a table.
pub(super) fn keys(node: &Node<'_>, findings: &mut Findings) -> Map<String, Json> {
    let mut keys = Map::new();
    for (name, _, value) in free_entries(node, findings) {
        if matches!(value.get_ref(), DeValue::Table(_)) {
            let facts = free_entries(value, findings).into_iter();
            keys.extend(facts.map(|(fact, _, value)| (format!("{name}.{fact}"), json(value))));
        } else {
            keys.insert(name.to_owned(), json(value));
        }
    }
    keys
}

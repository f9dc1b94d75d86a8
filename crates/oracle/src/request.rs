//! Reads a request; anything wrong with it makes it invalid.

use crate::calendar;
use crate::decimal;
use crate::ledger::Entry;
use crate::model::{Book, Common, Confirm, Fact, Measure, Remedy};
use crate::read::value_of_text;
use crate::values::{Kind, Span, Truth, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

type Read<T> = Result<T, String>;

/// What a fact is in this request.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) value: Value,
    pub(crate) known: bool,
    pub(crate) assumed: bool,
}

/// A request as read.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) now: i128,
    pub(crate) level: usize,
    pub(crate) staff: BTreeMap<String, Value>,
    pub(crate) for_group: bool,
    pub(crate) subjects: BTreeMap<String, Option<String>>,
    pub(crate) facts: BTreeMap<String, State>,
    pub(crate) remedy: String,
    pub(crate) reason: Option<String>,
    /// In the smallest unit; none for an act.
    pub(crate) amount: Option<i128>,
    pub(crate) ledger: Vec<Entry>,
    pub(crate) openings: BTreeMap<String, Vec<(i128, i128)>>,
    pub(crate) ignored: BTreeSet<String>,
}

/// Reads a request against a book.
pub(crate) fn ask(book: &Book, json: &Json) -> Read<Ask> {
    let common = &book.common;
    let now = instant(json.get("at"))?;
    let remedy = common.remedy(text(json, "remedy").ok_or("no remedy")?).ok_or("no such remedy")?;
    if given(json, "issue").is_some_and(|issue| issue.as_str().is_none_or(|id| !book.issues.contains(id))) {
        return Err("no such issue".to_owned());
    }
    let asker = json.get("asker").ok_or("no asker")?;
    let level = common.level(text(asker, "level").ok_or("no level")?).ok_or("no such level")?;
    let group = given(asker, "group").map(|group| group.as_str().unwrap_or_default());
    if group.is_some_and(|id| book.groups.iter().all(|group| group.id != id)) {
        return Err("no such group".to_owned());
    }
    let mut ask = Ask {
        now,
        level,
        staff: BTreeMap::new(),
        for_group: group.is_some(),
        subjects: subjects(common, json)?,
        facts: BTreeMap::new(),
        remedy: remedy.id.clone(),
        reason: reason(remedy, json)?,
        amount: amount(common, remedy, json)?,
        ledger: Vec::new(),
        openings: openings(json)?,
        ignored: BTreeSet::new(),
    };
    staff(common, asker, &mut ask)?;
    facts(common, json, &mut ask)?;
    for entry in json.get("ledger").and_then(Json::as_array).into_iter().flatten() {
        ask.ledger.push(Entry::read(common, entry)?);
    }
    Ok(ask)
}

fn subjects(common: &Common, json: &Json) -> Read<BTreeMap<String, Option<String>>> {
    let mut out = BTreeMap::new();
    for subject in &common.subjects {
        let id = json.get("subjects").and_then(|all| all.get(subject)).ok_or("a subject is not named")?;
        let id = match id {
            Json::Null if subject != "case" => None,
            Json::String(id) => Some(id.clone()),
            _ => return Err("a subject is named by an id".to_owned()),
        };
        out.insert(subject.clone(), id);
    }
    Ok(out)
}

fn reason(remedy: &Remedy, json: &Json) -> Read<Option<String>> {
    match (given(json, "reason"), remedy.reasons.is_empty()) {
        (None, true) => Ok(None),
        (Some(Json::String(reason)), false) if remedy.reasons.contains(reason) => Ok(Some(reason.clone())),
        _ => Err("a reason is missing or not the remedy's".to_owned()),
    }
}

fn amount(common: &Common, remedy: &Remedy, json: &Json) -> Read<Option<i128>> {
    let Some(given) = given(json, "amount") else {
        return if remedy.measure == Measure::Act { Ok(None) } else { Err("an amount is missing".to_owned()) };
    };
    if remedy.measure == Measure::Act {
        return Err("an amount is not wanted".to_owned());
    }
    let units = units(common, remedy.measure, given).ok_or("the amount does not read")?;
    if units < remedy.minimum || units > remedy.measure.most() {
        return Err("the amount is out of range".to_owned());
    }
    Ok(Some(units))
}

/// An amount or a worth, in its smallest unit.
pub(crate) fn units(common: &Common, measure: Measure, given: &Json) -> Option<i128> {
    if measure == Measure::Money {
        return money(common, given);
    }
    decimal::parse(&plain(given)?, measure.places(common))
}

fn money(common: &Common, given: &Json) -> Option<i128> {
    let units = match given {
        Json::Object(parts) if parts.get("currency")?.as_str()? == common.currency => plain(parts.get("amount")?)?,
        _ => plain(given)?,
    };
    let units = decimal::parse(&units, common.decimals)?;
    (units.abs() <= Measure::Money.most()).then_some(units)
}

fn openings(json: &Json) -> Read<BTreeMap<String, Vec<(i128, i128)>>> {
    let mut out = BTreeMap::new();
    for (group, spans) in json.get("openings").and_then(Json::as_object).into_iter().flatten() {
        let mut times = Vec::new();
        for span in spans.as_array().ok_or("openings are lists")? {
            times.push((instant(span.get(0))?, instant(span.get(1))?));
        }
        out.insert(group.clone(), times);
    }
    Ok(out)
}

fn staff(common: &Common, asker: &Json, ask: &mut Ask) -> Read<()> {
    for (name, given) in asker.get("staff").and_then(Json::as_object).into_iter().flatten() {
        let name = format!("staff.{name}");
        let Some(fact) = common.facts.get(&name) else {
            ask.ignored.insert(name);
            continue;
        };
        if !given.is_null() {
            ask.staff.insert(name, value(common, fact, given).ok_or("a staff fact does not read")?);
        }
    }
    Ok(())
}

fn facts(common: &Common, json: &Json, ask: &mut Ask) -> Read<()> {
    let mut told = BTreeMap::new();
    for (name, given) in json.get("facts").and_then(Json::as_object).into_iter().flatten() {
        match common.facts.get(name) {
            Some(fact) if !name.starts_with("staff.") => {
                if let Some(told_value) = telling(common, fact, given, ask.now)? {
                    let subject = name.split('.').next().unwrap_or_default();
                    if ask.subjects.get(subject).is_some_and(Option::is_none) {
                        return Err("a fact of an absent subject".to_owned());
                    }
                    told.insert(name.clone(), told_value);
                }
            }
            _ => {
                ask.ignored.insert(name.clone());
            }
        }
    }
    for (name, fact) in &common.facts {
        if !name.starts_with("staff.") {
            let known = told.remove(name).filter(|(_, counts)| *counts).map(|(value, _)| value);
            ask.facts.insert(name.clone(), state(fact, known));
        }
    }
    Ok(())
}

/// What a fact is, given what is known of it.
pub(crate) fn state(fact: &Fact, known: Option<Value>) -> State {
    match (known, &fact.assume) {
        (Some(value), _) => State { value, known: true, assumed: false },
        (None, Some(value)) => State { value: value.clone(), known: true, assumed: true },
        (None, None) => State { value: anything(fact), known: false, assumed: false },
    }
}

/// Everything an unknown fact can be.
fn anything(fact: &Fact) -> Value {
    match fact.kind {
        Kind::YesNo => Value::Truth(Truth::UNKNOWN),
        Kind::Text => Value::Text(fact.choice.as_ref().map(|choice| choice.iter().cloned().collect()), false),
        Kind::List => Value::List(None, false),
        _ => Value::Span(Span::from(fact.bounds.0, fact.bounds.1)),
    }
}

/// The value a request gives a fact, and whether it counts; none when it gives none.
fn telling(common: &Common, fact: &Fact, given: &Json, now: i128) -> Read<Option<(Value, bool)>> {
    let wrapped = given.as_object().filter(|parts| parts.contains_key("value"));
    let (inner, by, at) = match wrapped {
        Some(parts) => (parts.get("value"), parts.get("by"), parts.get("at")),
        None => (Some(given), None, None),
    };
    let by = by.filter(|by| !by.is_null()).map(|by| by.as_str().unwrap_or_default());
    if by.is_some_and(|by| by != "person" && by != "system" && common.level(by).is_none()) {
        return Err("no such level".to_owned());
    }
    let at = at.filter(|at| !at.is_null()).map(|at| instant(Some(at))).transpose()?;
    let Some(inner) = inner.filter(|inner| !inner.is_null()) else {
        return Ok(None);
    };
    let value = value(common, fact, inner).ok_or("a fact does not read")?;
    let confirmed = match fact.confirm {
        None => true,
        Some(Confirm::System) => by == Some("system"),
        Some(Confirm::Person) => by.is_some_and(|by| by != "system"),
        Some(Confirm::Level(least)) => by.and_then(|by| common.level(by)).is_some_and(|level| level >= least),
    };
    let fresh = match fact.fresh {
        None => true,
        // A value as old as the span is not older than it.
        Some(span) => at.is_some_and(|at| span.counts(&common.zone, at + 1, now)),
    };
    Ok(Some((value, confirmed && fresh)))
}

fn value(common: &Common, fact: &Fact, given: &Json) -> Option<Value> {
    let value = match (fact.kind, given) {
        (Kind::YesNo, Json::Bool(yes)) => Value::Truth(Truth::known(*yes)),
        (Kind::List, Json::Array(items)) if items.len() <= 100 => {
            let items: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            Value::List(Some(BTreeSet::from([items?])), false)
        }
        (Kind::Money, given) => Value::Span(Span::point(money(common, given)?)),
        (Kind::Number, given) => value_of_text(common, fact, &plain(given)?)?,
        (_, Json::String(text)) => value_of_text(common, fact, text)?,
        _ => return None,
    };
    match &value {
        Value::Span(span) => {
            let at = span.single()?;
            (fact.bounds.0 <= at && at <= fact.bounds.1).then_some(value)
        }
        Value::Text(..) => {
            let text = value.single_text()?;
            fact.choice.as_ref().is_none_or(|choice| choice.iter().any(|value| value == text)).then_some(value)
        }
        _ => Some(value),
    }
}

/// The text of a number or a text.
fn plain(given: &Json) -> Option<String> {
    match given {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A key that is there and not null.
pub(crate) fn given<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
    json.get(key).filter(|value| !value.is_null())
}

pub(crate) fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key).and_then(Json::as_str)
}

pub(crate) fn instant(given: Option<&Json>) -> Read<i128> {
    let text = given.and_then(Json::as_str).ok_or("a time is missing")?;
    calendar::time(text).ok_or_else(|| format!("{text} is no time"))
}

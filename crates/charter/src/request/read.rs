use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value as Json};

use super::ledger::Entry;
use super::openings::due;
use super::values::{amount, value};
use super::{Given, Problem, Request};
use crate::diagnostics::nearest;
use crate::facts::{By, Fact, NotValue, Value};
use crate::limits;
use crate::model::{CASE, Charter, KeyOf, REQUEST};
use crate::money::Measure;
use crate::time::{Instant, read_instant};

/// What a request is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A remedy, a reason if it takes one, and an amount if it has a measure must be there.
    Decide,
    /// A remedy and a reason only narrow it; an amount plays no part.
    Options,
}

pub(super) fn from_text(charter: &Charter, text: &str, purpose: Purpose) -> Result<Request, Vec<Problem>> {
    if text.len() > limits::REQUEST_BYTES {
        let expected = format!("at most {} bytes (limit REQUEST_BYTES)", limits::REQUEST_BYTES);
        return Err(vec![Problem { at: String::new(), message: "this request is too large".to_owned(), expected }]);
    }
    let value = serde_json::from_str(text).map_err(|error| {
        let message = format!("this is not JSON: {error}");
        vec![Problem { at: String::new(), message, expected: "a JSON object".to_owned() }]
    })?;
    let mut problems = super::names::problems(text);
    let request = from_value(charter, &value, purpose);
    if problems.is_empty() {
        return request;
    }
    problems.extend(request.err().into_iter().flatten());
    Err(problems)
}

pub(super) fn from_value(charter: &Charter, json: &Json, purpose: Purpose) -> Result<Request, Vec<Problem>> {
    let mut reader = Reader { charter, problems: Vec::new(), undeclared: Vec::new(), foreign_keys: HashSet::new(), meant: BTreeMap::new() };
    let request = reader.request(json, purpose);
    match request {
        Some(request) if reader.problems.is_empty() => Ok(request),
        _ => Err(reader.problems),
    }
}

const KEYS: &[&str] = &["at", "asker", "subjects", "facts", "issue", "remedy", "reason", "amount", "ledger", "openings"];
const ENTRY_KEYS: &[&str] = &["at", "remedy", "reason", "amount", "worth", "keys", "state", "times"];

struct Reader<'c> {
    charter: &'c Charter,
    problems: Vec<Problem>,
    /// Subjects and keys of history that the charter does not have.
    undeclared: Vec<String>,
    /// Keys of history that the charter does not have, looked at already; and what is meant by those that look misspelt.
    foreign_keys: HashSet<String>,
    meant: BTreeMap<String, String>,
}

impl<'c> Reader<'c> {
    fn request(&mut self, json: &Json, purpose: Purpose) -> Option<Request> {
        let Json::Object(top) = json else {
            self.problem("", "this is not a request", "a JSON object");
            return None;
        };
        self.only(top, KEYS, "");
        let now = self.instant(top.get("at"), "at");
        let (level, staff, group) = self.asker(top.get("asker"));
        let subjects = self.subjects(top.get("subjects"));
        let (given, mut ignored) = self.facts(top.get("facts"), &subjects);
        ignored.extend(staff.undeclared);
        let issue = self.issue(top.get("issue"));
        let (remedy, reason, amount) = self.asked(top, purpose);
        // A time that is wrong is told; what follows is read all the same, so that everything is told at once.
        let (facts, assumed) = self.known(&given, now.unwrap_or(0));
        let keys = self.keys(&subjects, &facts);
        let entries = self.ledger(top.get("ledger"), &keys);
        let openings = self.openings(top.get("openings"));
        let spans = |place: usize| openings.get(place).map_or(&[][..], Vec::as_slice);
        ignored.append(&mut self.undeclared);
        ignored.sort();
        let now = now?;
        let mut request = Request {
            now,
            level,
            group,
            issue,
            remedy,
            reason,
            amount,
            ignored,
            meant: std::mem::take(&mut self.meant),
            staff: staff.values,
            staff_assumed: staff.assumed,
            assumed,
            present: present(&subjects),
            ids: subjects.iter().map(|s| s.as_deref().map(Into::into)).collect(),
            unknown_keys: bits(&keys, |k| *k == KeyValue::Unknown),
            subject_keys: self.subject_keys(&keys, |k| matches!(k, KeyValue::Known(_))),
            absent_keys: self.subject_keys(&keys, |k| *k == KeyValue::Absent),
            entries,
            begins: self.charter.windows.iter().map(|w| w.begins(now, &self.charter.zone)).collect(),
            due: self.charter.groups.iter().enumerate().map(|(i, g)| due(g, now, spans(i))).collect(),
            deserted: self.charter.groups.iter().enumerate().map(|(i, g)| g.hours.is_some() && spans(i).iter().all(|(_, to)| *to <= now)).collect(),
            facts,
            given,
            granted: Vec::new(),
        };
        request.granted = self.charter.meters.iter().map(|m| request.granted(self.charter, m)).collect();
        Some(request)
    }

    fn problem(&mut self, at: impl Into<String>, message: impl Into<String>, expected: impl Into<String>) {
        if self.problems.len() < limits::FINDINGS {
            self.problems.push(Problem { at: at.into(), message: message.into(), expected: expected.into() });
        }
    }

    fn not_value(&mut self, at: &str, json: &Json, why: NotValue) {
        let shown = match json {
            Json::String(text) => short(text),
            Json::Object(parts) => parts.get("amount").and_then(Json::as_str).map_or_else(|| "this value".to_owned(), short),
            Json::Array(_) => "this value".to_owned(),
            plain => short(&plain.to_string()),
        };
        let shown = if shown == "this value" { shown } else { format!("`{shown}`") };
        match why {
            NotValue::Expected(expected) => self.problem(at, format!("{shown} does not belong here"), expected),
            NotValue::OutOfRange => self.problem(at, format!("{shown} is out of range"), "a value that the charter allows"),
            NotValue::TooLong(limit) => self.problem(at, "this value is too long", format!("limit {limit}")),
        }
    }

    fn only(&mut self, map: &Map<String, Json>, known: &[&str], at: &str) {
        for key in map.keys().filter(|k| !known.contains(&k.as_str())) {
            let suggestion = nearest(key, known.iter().copied()).map(|n| format!("another key, perhaps `{n}`"));
            let shown = short(key);
            self.problem(join(at, &shown), format!("`{shown}` is not a key here"), suggestion.unwrap_or_else(|| format!("one of {}", known.join(", "))));
        }
    }

    fn text<'j>(&mut self, json: Option<&'j Json>, at: &str, expected: &str) -> Option<&'j str> {
        match json {
            Some(Json::String(text)) if text.len() <= limits::TEXT_BYTES => Some(text),
            Some(Json::String(_)) => {
                self.problem(at, "this text is too long", format!("at most {} bytes (limit TEXT_BYTES)", limits::TEXT_BYTES));
                None
            }
            Some(_) => {
                self.problem(at, "this is not a text", expected);
                None
            }
            None => {
                self.problem(at, format!("`{at}` is missing"), expected);
                None
            }
        }
    }

    fn instant(&mut self, json: Option<&Json>, at: &str) -> Option<Instant> {
        const EXPECTED: &str = "an instant such as `2026-01-31T10:00:00Z` or `2026-01-31T11:00:00+01:00`";
        let text = self.text(json, at, EXPECTED)?;
        let found = read_instant(text);
        if found.is_none() {
            self.problem(at, format!("`{}` is not an instant", short(text)), EXPECTED);
        }
        found
    }

    fn asker(&mut self, json: Option<&Json>) -> (usize, Staff, Option<usize>) {
        let mut staff = Staff {
            values: self.charter.staff.iter().map(|f| f.assume.clone().unwrap_or(Value::Unknown)).collect(),
            assumed: self.charter.staff.iter().map(|f| f.assume.is_some()).collect(),
            undeclared: Vec::new(),
        };
        let Some(Json::Object(asker)) = json else {
            self.problem("asker", "nobody asks", "`{\"level\": …, \"staff\": {…}}`");
            return (0, staff, None);
        };
        self.only(asker, &["level", "staff", "group"], "asker");
        let levels: Vec<&str> = self.charter.levels.iter().map(|l| &**l).collect();
        let level = self.named(asker.get("level"), "asker.level", "level", &levels);
        let groups: Vec<&str> = self.charter.groups.iter().map(|g| &*g.id).collect();
        let group = asker.get("group").filter(|g| !g.is_null()).and_then(|g| self.named(Some(g), "asker.group", "group", &groups));
        match asker.get("staff") {
            None | Some(Json::Null) => {}
            Some(Json::Object(facts)) => self.staff(facts, &mut staff),
            Some(_) => self.problem("asker.staff", "these are not facts", "an object"),
        }
        (level.unwrap_or(0), staff, group)
    }

    fn staff(&mut self, facts: &Map<String, Json>, staff: &mut Staff) {
        for (name, json) in facts.iter().filter(|(_, json)| !json.is_null()) {
            let at = format!("asker.staff.{}", short(name));
            let full = format!("staff.{name}");
            let Some((place, fact)) = self.charter.staff.iter().enumerate().find(|(_, f)| *f.name == *full) else {
                staff.undeclared.push(short(&full));
                continue;
            };
            let slots = (staff.values.get_mut(place), staff.assumed.get_mut(place));
            if let (Some(found), (Some(value), Some(assumed))) = (self.fact_value(fact, json, &at), slots) {
                *value = found;
                *assumed = false;
            }
        }
    }

    /// The place of a name in a list.
    fn named(&mut self, json: Option<&Json>, at: &str, what: &str, known: &[&str]) -> Option<usize> {
        let text = self.text(json, at, &format!("a {what} of the charter"))?;
        let found = known.iter().position(|k| *k == text);
        if found.is_none() {
            let expected = match nearest(text, known.iter().copied()) {
                Some(near) => format!("a {what} of the charter, perhaps `{near}`"),
                None => format!("one of {}", known.iter().take(20).map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
            };
            self.problem(at, format!("`{}` is not a {what} of this charter", short(text)), expected);
        }
        found
    }

    /// By subject: its id, or nothing if it is absent. `request` is always there.
    fn subjects(&mut self, json: Option<&Json>) -> Vec<Option<String>> {
        let empty = Map::new();
        let given = match json {
            Some(Json::Object(map)) => map,
            None => &empty,
            Some(_) => {
                self.problem("subjects", "these are not subjects", "an object: the id of each subject, or null");
                &empty
            }
        };
        let unknown = given.keys().filter(|name| !self.charter.subjects.iter().any(|s| **s == ***name));
        let unknown: Vec<&str> = unknown.map(String::as_str).collect();
        self.undeclared = unknown.iter().map(|name| format!("subjects.{}", short(name))).collect();
        let mut list = Vec::new();
        for (place, name) in self.charter.subjects.iter().enumerate() {
            let at = format!("subjects.{name}");
            list.push(match given.get(&**name) {
                _ if place == REQUEST => Some(String::new()),
                Some(Json::Null) if place != CASE => None,
                Some(Json::String(id)) if (1..=limits::TEXT_BYTES).contains(&id.len()) => Some(id.clone()),
                Some(_) => {
                    self.problem(at, format!("this is not an id of a {name}"), if place == CASE { "a text" } else { "a text, or null if there is none" });
                    None
                }
                None => {
                    let misspelt = nearest(name, unknown.iter().copied()).map(|near| format!("; is `{}` meant for it?", short(near)));
                    let expected = if place == CASE { "the id of the case" } else { "its id, or null if there is none" };
                    self.problem(&at, format!("`{at}` is missing"), format!("{expected}{}", misspelt.unwrap_or_default()));
                    None
                }
            });
        }
        list
    }

    /// By fact what was given, and the names that are not declared.
    fn facts(&mut self, json: Option<&Json>, subjects: &[Option<String>]) -> (Vec<Option<Given>>, Vec<String>) {
        let mut given = vec![None; self.charter.facts.len()];
        let mut ignored = Vec::new();
        let map = match json {
            Some(Json::Object(map)) if map.len() <= limits::GIVEN_FACTS => map,
            Some(Json::Object(_)) => {
                self.problem("facts", "these are too many facts", format!("at most {} (limit GIVEN_FACTS)", limits::GIVEN_FACTS));
                return (given, ignored);
            }
            None => return (given, ignored),
            Some(_) => {
                self.problem("facts", "these are not facts", "an object: `subject.fact` and its value");
                return (given, ignored);
            }
        };
        for (name, json) in map.iter().filter(|(_, json)| !json.is_null()) {
            let Some((place, fact)) = self.charter.fact(name).and_then(|p| Some((p, self.charter.facts.get(p)?))) else {
                ignored.push(short(name));
                continue;
            };
            let at = format!("facts.{name}");
            if subjects.get(fact.subject).is_some_and(Option::is_none) {
                self.problem(&at, "this fact has no subject: it is absent", "a subject with an id, or no fact of it");
            }
            if let (Some(found), Some(slot)) = (self.given(fact, json, &at), given.get_mut(place)) {
                *slot = Some(found);
            }
        }
        (given, ignored)
    }

    fn given(&mut self, fact: &Fact, json: &Json, at: &str) -> Option<Given> {
        let Json::Object(parts) = json else { return self.stated(fact, json, at) };
        let Some(inner) = parts.get("value") else { return self.stated(fact, json, at) };
        self.only(parts, &["value", "by", "at"], at);
        let by = match parts.get("by") {
            None | Some(Json::Null) => By::Nobody,
            Some(Json::String(word)) if word == "system" => By::System,
            Some(Json::String(word)) if word == "person" => By::Person,
            word => {
                let levels: Vec<&str> = self.charter.levels.iter().map(|l| &**l).collect();
                By::Level(self.named(word, &join(at, "by"), "level", &levels)?)
            }
        };
        let said_at = match parts.get("at") {
            None | Some(Json::Null) => None,
            said => Some(self.instant(said, &join(at, "at"))?),
        };
        if inner.is_null() {
            return None;
        }
        Some(Given { value: self.fact_value(fact, inner, at)?, by, at: said_at })
    }

    fn stated(&mut self, fact: &Fact, json: &Json, at: &str) -> Option<Given> {
        Some(Given { value: self.fact_value(fact, json, at)?, by: By::Nobody, at: None })
    }

    fn fact_value(&mut self, fact: &Fact, json: &Json, at: &str) -> Option<Value> {
        let found = value(self.charter, &fact.kind, json).and_then(|found| match found {
            Value::Count(count) if !(fact.range.0..=fact.range.1).contains(&count) => Err(NotValue::OutOfRange),
            found => Ok(found),
        });
        found.map_err(|why| self.not_value(at, json, why)).ok()
    }

    /// By fact what rules see, and whether that is assumed.
    fn known(&self, given: &[Option<Given>], now: Instant) -> (Vec<Value>, Vec<bool>) {
        let see = |(fact, given): (&Fact, &Option<Given>)| match given {
            Some(given) if given.refused(fact, now).is_none() => (given.value.clone(), false),
            _ => match &fact.assume {
                Some(value) => (value.clone(), true),
                None => (Value::Unknown, false),
            },
        };
        self.charter.facts.iter().zip(given).map(see).unzip()
    }

    fn keys(&self, subjects: &[Option<String>], facts: &[Value]) -> Vec<KeyValue> {
        let of_key = |of: KeyOf| match of {
            KeyOf::Subject(place) => match subjects.get(place) {
                Some(Some(id)) => KeyValue::Known(id.clone()),
                _ => KeyValue::Absent,
            },
            KeyOf::Fact(place) => match (self.charter.facts.get(place), facts.get(place)) {
                (Some(fact), _) if subjects.get(fact.subject).is_some_and(Option::is_none) => KeyValue::Absent,
                (Some(fact), Some(value)) if *value != Value::Unknown => KeyValue::Known(fact.kind.write(value, 0)),
                _ => KeyValue::Unknown,
            },
        };
        self.charter.keys.iter().map(|k| of_key(k.of)).collect()
    }

    fn subject_keys(&self, keys: &[KeyValue], which: impl Fn(&KeyValue) -> bool) -> u64 {
        let of_subjects = self.charter.keys.iter().enumerate().filter(|(_, k)| matches!(k.of, KeyOf::Subject(_)));
        let of_subjects = of_subjects.fold(0_u64, |bits, (i, _)| bits | 1 << i);
        bits(keys, which) & of_subjects
    }

    fn issue(&mut self, json: Option<&Json>) -> Option<usize> {
        let json = json.filter(|j| !j.is_null())?;
        let issues: Vec<&str> = self.charter.issues.iter().map(|i| &*i.id).collect();
        self.named(Some(json), "issue", "issue", &issues)
    }

    fn asked(&mut self, top: &Map<String, Json>, purpose: Purpose) -> (Option<usize>, Option<usize>, Option<i64>) {
        let given = |key: &str| top.get(key).filter(|j| !j.is_null());
        let remedy = match (given("remedy"), purpose) {
            (None, Purpose::Options) => None,
            (json, _) => self.remedy(json),
        };
        let reason = match given("reason") {
            Some(json) => self.reason(json, remedy),
            None => {
                if let Some(remedy) = remedy.and_then(|r| self.charter.remedies.get(r))
                    && !remedy.reasons.is_empty()
                    && purpose == Purpose::Decide
                {
                    self.problem("reason", "`reason` is missing", self.reasons_of(&remedy.reasons));
                }
                None
            }
        };
        let measure = remedy.and_then(|r| self.charter.remedies.get(r));
        let units = match (given("amount"), measure, purpose) {
            (_, _, Purpose::Options) => None,
            (Some(_), Some(remedy), _) if remedy.measure == Measure::Act => {
                self.problem("amount", format!("`{}` has no amount", remedy.id), "no amount");
                None
            }
            (Some(json), Some(remedy), _) => self.amount(json, remedy.minimum, &remedy.measure),
            (None, Some(remedy), Purpose::Decide) if remedy.measure != Measure::Act => {
                self.problem("amount", "`amount` is missing", "how much is asked for");
                None
            }
            _ => None,
        };
        (remedy, reason, units)
    }

    fn remedy(&mut self, json: Option<&Json>) -> Option<usize> {
        let ids: Vec<&str> = self.charter.remedies.iter().map(|r| &*r.id).collect();
        self.named(json, "remedy", "remedy", &ids)
    }

    fn reason(&mut self, json: &Json, remedy: Option<usize>) -> Option<usize> {
        let reasons: Vec<&str> = self.charter.reasons.iter().map(|r| &**r).collect();
        let reason = self.named(Some(json), "reason", "reason", &reasons)?;
        if let Some(remedy) = remedy.and_then(|r| self.charter.remedies.get(r))
            && !remedy.reasons.contains(&reason)
        {
            let named = reasons.get(reason).copied().unwrap_or_default();
            self.problem("reason", format!("`{}` is not given for `{named}`", remedy.id), self.reasons_of(&remedy.reasons));
        }
        Some(reason)
    }

    fn reasons_of(&self, places: &[usize]) -> String {
        let names: Vec<_> = places.iter().filter_map(|p| self.charter.reasons.get(*p)).map(|r| format!("`{r}`")).collect();
        if names.is_empty() { "no reason".to_owned() } else { format!("one of {}", names.join(", ")) }
    }

    fn amount(&mut self, json: &Json, minimum: i64, measure: &Measure) -> Option<i64> {
        match amount(self.charter, measure, json) {
            Ok(units) if units >= minimum => Some(units),
            Ok(units) => {
                let least = measure.spoken(minimum, &self.charter.currency);
                self.problem("amount", format!("{} is too little", measure.spoken(units, &self.charter.currency)), format!("at least {least}"));
                None
            }
            Err(why) => {
                self.not_value("amount", json, why);
                None
            }
        }
    }

    fn ledger(&mut self, json: Option<&Json>, keys: &[KeyValue]) -> Vec<Entry> {
        let list = match json {
            None | Some(Json::Null) => return Vec::new(),
            Some(Json::Array(list)) if list.len() <= limits::LEDGER_ENTRIES => list,
            Some(Json::Array(_)) => {
                self.problem("ledger", "this history is too long", format!("at most {} entries (limit LEDGER_ENTRIES)", limits::LEDGER_ENTRIES));
                return Vec::new();
            }
            Some(_) => {
                self.problem("ledger", "this is not a history", "a list of entries");
                return Vec::new();
            }
        };
        let mut entries: Vec<Entry> = list.iter().enumerate().filter_map(|(i, json)| self.entry(json, keys, &format!("ledger[{i}]"))).collect();
        entries.sort_by_key(|e| e.remedy);
        entries
    }

    fn entry(&mut self, json: &Json, keys: &[KeyValue], at: &str) -> Option<Entry> {
        let Json::Object(map) = json else {
            self.problem(at, "this is not an entry", "an object");
            return None;
        };
        self.only(map, ENTRY_KEYS, at);
        let when = self.instant(map.get("at"), &join(at, "at"));
        let counts = self.entry_counts(map.get("state"), at);
        let keys = self.entry_keys(map.get("keys"), keys, at);
        let times = self.times(map.get("times"), &join(at, "times"));
        let id = self.text(map.get("remedy"), &join(at, "remedy"), "the id of a remedy")?;
        let remedy = self.charter.remedy(id);
        let reason = match map.get("reason") {
            None | Some(Json::Null) => None,
            // One that the charter does not have (any more) is a reason all the same.
            reason => Some(self.charter.reason(self.text(reason, &join(at, "reason"), "the id of a reason")?).unwrap_or(usize::MAX)),
        };
        let measure = remedy.and_then(|r| self.charter.remedies.get(r)).map(|r| (&r.measure, r.worth.is_some()));
        let units = match (measure, map.get("amount").filter(|a| !a.is_null())) {
            (Some((Measure::Act, _)) | None, _) => 0,
            (Some((measure, _)), Some(json)) => amount(self.charter, measure, json).map_err(|why| self.not_value(&join(at, "amount"), json, why)).ok()?,
            (Some(_), None) => {
                self.problem(join(at, "amount"), "`amount` is missing", "how much was given");
                return None;
            }
        };
        let worth = match map.get("worth").filter(|w| !w.is_null()) {
            Some(json) => Some(amount(self.charter, &Measure::Money, json).map_err(|why| self.not_value(&join(at, "worth"), json, why)).ok()?),
            None => measure.filter(|(measure, _)| **measure == Measure::Money).map(|_| units),
        };
        for (name, given) in [("amount", Some(units)), ("worth", worth)] {
            if given.is_some_and(|units| units < 0) {
                self.problem(join(at, name), "nothing negative can have been given", "zero or more");
            }
        }
        let (same, has) = keys?;
        if !counts? {
            return None;
        }
        Some(Entry { at: when?, remedy, reason, times: times?, amount: units, worth, same, has })
    }

    /// How many grants an entry stands for.
    fn times(&mut self, json: Option<&Json>, at: &str) -> Option<i64> {
        let times = match json.filter(|t| !t.is_null()) {
            None => Some(1),
            Some(json) => json.as_i64().filter(|times| (1..=limits::ENTRY_TIMES_MAX).contains(times)),
        };
        if times.is_none() {
            self.problem(at, "this is not a number of grants", format!("a whole number from 1 to {}", limits::ENTRY_TIMES_MAX));
        }
        times
    }

    fn entry_keys(&mut self, json: Option<&Json>, keys: &[KeyValue], at: &str) -> Option<(u64, u64)> {
        let map = match json {
            None => return Some((0, 0)),
            Some(Json::Object(map)) => map,
            Some(_) => {
                self.problem(join(at, "keys"), "these are not keys", "an object of texts");
                return None;
            }
        };
        self.misspelt_keys(map, at);
        let (mut same, mut has) = (0, 0);
        for (place, (key, value)) in self.charter.keys.iter().zip(keys).enumerate() {
            match map.get(&*key.name) {
                None | Some(Json::Null) => {}
                Some(Json::String(text)) => {
                    has |= 1 << place;
                    same |= u64::from(*value == KeyValue::Known(text.clone())) << place;
                }
                Some(_) => self.problem(format!("{at}.keys.{}", key.name), "this is not a key", "a text"),
            }
        }
        Some((same, has))
    }

    /// A key that the charter does not have is fine, unless it looks like one that the entry lacks. Each name is looked at once.
    fn misspelt_keys(&mut self, map: &Map<String, Json>, at: &str) {
        for name in map.keys().filter(|name| !self.charter.keys.iter().any(|k| *k.name == ***name)) {
            if self.foreign_keys.len() >= limits::KEYS || !self.foreign_keys.insert(name.clone()) {
                continue;
            }
            let lacking = self.charter.keys.iter().map(|k| &*k.name).filter(|key| !map.contains_key(*key));
            if let Some(near) = nearest(name, lacking) {
                let name = format!("{at}.keys.{}", short(name));
                self.meant.insert(name.clone(), format!("{at}.keys.{near}"));
                self.undeclared.push(name);
            }
        }
    }

    fn entry_counts(&mut self, json: Option<&Json>, at: &str) -> Option<bool> {
        match json {
            None | Some(Json::Null) => Some(true),
            Some(Json::String(state)) => match state.as_str() {
                "offered" | "granted" | "sent" | "fulfilled" | "failed" | "unclear" => Some(true),
                "withdrawn" | "corrected" => Some(false),
                _ => {
                    let expected = "offered, granted, sent, fulfilled, failed, unclear, withdrawn or corrected";
                    self.problem(join(at, "state"), format!("`{}` is not a state of a grant", short(state)), expected);
                    None
                }
            },
            Some(_) => {
                self.problem(join(at, "state"), "this is not a state", "a text");
                None
            }
        }
    }

    /// By group the spans in which it is open.
    fn openings(&mut self, json: Option<&Json>) -> Vec<Vec<(Instant, Instant)>> {
        let mut openings = vec![Vec::new(); self.charter.groups.len()];
        let map = match json {
            None | Some(Json::Null) => return openings,
            Some(Json::Object(map)) => map,
            Some(_) => {
                self.problem("openings", "these are not openings", "an object: spans by group");
                return openings;
            }
        };
        let groups: Vec<&str> = self.charter.groups.iter().map(|g| &*g.id).collect();
        for (name, json) in map {
            let at = format!("openings.{}", short(name));
            let Some(place) = groups.iter().position(|group| group == name) else {
                let near = nearest(name, groups.iter().copied()).map(|near| format!(", perhaps `{near}`")).unwrap_or_default();
                self.problem(&at, format!("`{}` is not a group of this charter", short(name)), format!("the id of a group{near}"));
                continue;
            };
            if let Some(slot) = openings.get_mut(place) {
                *slot = self.spans(json, &at).unwrap_or_default();
            }
        }
        openings
    }

    fn spans(&mut self, json: &Json, at: &str) -> Option<Vec<(Instant, Instant)>> {
        const EXPECTED: &str = "spans in order, `[[from, to], …]`, each ending after it begins";
        let Json::Array(list) = json else {
            self.problem(at, "these are not spans", EXPECTED);
            return None;
        };
        if list.len() > limits::OPENINGS {
            self.problem(at, "these are too many spans", format!("at most {} (limit OPENINGS)", limits::OPENINGS));
            return None;
        }
        let mut spans: Vec<(Instant, Instant)> = Vec::new();
        for pair in list {
            let Some([from, to]) = pair.as_array().map(Vec::as_slice) else {
                self.problem(at, "this is not a span", EXPECTED);
                return None;
            };
            let (from, to) = (self.instant(Some(from), at)?, self.instant(Some(to), at)?);
            if to <= from || spans.last().is_some_and(|(_, before)| from < *before) {
                self.problem(at, "these spans overlap or are out of order", EXPECTED);
                return None;
            }
            spans.push((from, to));
        }
        Some(spans)
    }
}

/// The facts of the one who asks.
struct Staff {
    values: Vec<Value>,
    assumed: Vec<bool>,
    undeclared: Vec<String>,
}

/// What a request says for something scopes can name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyValue {
    Known(String),
    Unknown,
    Absent,
}

fn bits(keys: &[KeyValue], which: impl Fn(&KeyValue) -> bool) -> u64 {
    keys.iter().enumerate().filter(|(_, k)| which(k)).fold(0, |bits, (i, _)| bits | 1 << i)
}

fn present(subjects: &[Option<String>]) -> u64 {
    subjects.iter().enumerate().filter(|(_, s)| s.is_some()).fold(0, |bits, (i, _)| bits | 1 << i)
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// The beginning of a text as it can stand in a message: nothing in it changes how the message is shown.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

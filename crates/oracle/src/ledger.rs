//! What was given before: which entries count, and what they come to.

use crate::calendar::Window;
use crate::eval::Scene;
use crate::model::{Common, Measure};
use crate::request;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// One entry of a ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: i128,
    pub(crate) remedy: String,
    pub(crate) reason: Option<String>,
    pub(crate) amount: Option<i128>,
    pub(crate) worth: Option<i128>,
    pub(crate) keys: BTreeMap<String, String>,
    pub(crate) counts: bool,
    /// The grants it stands for.
    pub(crate) times: i128,
}

/// The names of a scope with their values in this request, or the unknown facts among them.
pub(crate) type Keys = Result<BTreeMap<String, String>, BTreeSet<String>>;

impl Entry {
    pub(crate) fn read(common: &Common, json: &Json) -> Result<Entry, String> {
        let remedy = common.known_as(request::text(json, "remedy").ok_or("an entry without a remedy")?).to_owned();
        let measure = common.remedy(&remedy).map_or(Measure::Act, |remedy| remedy.measure);
        let read = |key: &str, measure: Measure| -> Result<Option<i128>, String> {
            let units = request::given(json, key).map(|given| request::units(common, measure, given));
            units.map(|units| units.ok_or(format!("the {key} of an entry does not read"))).transpose()
        };
        let amount = if measure == Measure::Act { None } else { read("amount", measure)? };
        let worth = read("worth", Measure::Money)?;
        let counts = match request::given(json, "state").map(|state| state.as_str().unwrap_or_default()) {
            None | Some("offered" | "granted" | "sent" | "fulfilled" | "failed" | "unclear") => true,
            Some("withdrawn" | "corrected") => false,
            Some(_) => return Err("no such state".to_owned()),
        };
        let mut keys = BTreeMap::new();
        for (name, value) in json.get("keys").and_then(Json::as_object).into_iter().flatten() {
            if let Json::String(value) = value {
                keys.insert(name.clone(), value.clone());
            }
        }
        Ok(Entry {
            at: request::instant(json.get("at"))?,
            remedy,
            reason: request::text(json, "reason").map(str::to_owned),
            amount,
            worth: if measure == Measure::Money { worth.or(amount) } else { worth },
            keys,
            counts,
            times: match request::given(json, "times") {
                None => 1,
                Some(times) => times.as_i64().filter(|n| (1..=1_000_000_000).contains(n)).ok_or("no such number of grants")?.into(),
            },
        })
    }

    fn has(&self, keys: &BTreeMap<String, String>) -> bool {
        keys.iter().all(|(name, value)| self.keys.get(name) == Some(value))
    }
}

impl<'a> Scene<'a> {
    /// The keys of this request under a scope.
    pub(crate) fn keys(&self, per: &[String]) -> Keys {
        let mut keys = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for name in per {
            if let Some(state) = self.ask.facts.get(name) {
                match state.value.single_text() {
                    Some(text) if state.known => drop(keys.insert(name.clone(), text.to_owned())),
                    _ => drop(unknown.insert(name.clone())),
                }
            } else if let Some(Some(id)) = self.ask.subjects.get(name) {
                keys.insert(name.clone(), id.clone());
            }
        }
        if unknown.is_empty() { Ok(keys) } else { Err(unknown) }
    }

    fn in_window(&self, at: i128, within: Option<Window>) -> bool {
        within.is_none_or(|window| window.counts(&self.book.common.zone, at, self.ask.now))
    }

    /// The entries of the asked remedy for the asked reason in a scope.
    pub(crate) fn had(&self, keys: &BTreeMap<String, String>) -> i128 {
        let matches = |entry: &&Entry| entry.counts && entry.remedy == self.ask.remedy && entry.reason == self.ask.reason && entry.has(keys);
        self.ask.ledger.iter().filter(matches).filter_map(|entry| entry.amount).sum()
    }

    /// The entries that count in a cap.
    pub(crate) fn in_cap(&self, rule: &crate::model::Rule, within: Option<Window>, keys: &BTreeMap<String, String>) -> Vec<&'a Entry> {
        let named = |list: &Option<Vec<String>>, what: Option<&String>| list.as_ref().is_none_or(|list| what.is_some_and(|what| list.contains(what)));
        let matches = |entry: &&Entry| {
            entry.counts
                && named(&rule.remedies, Some(&entry.remedy))
                && named(&rule.reasons, entry.reason.as_ref())
                && entry.has(keys)
                && self.in_window(entry.at, within)
        };
        self.ask.ledger.iter().filter(matches).collect()
    }

    /// How often a remedy was given under keys, within a window.
    pub(crate) fn times(&self, remedy: &str, keys: &BTreeMap<String, String>, within: Option<Window>) -> i128 {
        let matches = |entry: &&Entry| entry.counts && entry.remedy == self.book.common.known_as(remedy) && entry.has(keys) && self.in_window(entry.at, within);
        self.ask.ledger.iter().filter(matches).map(|entry| entry.times).sum()
    }

    /// How often a remedy was given in this case for the same subjects as the request.
    pub(crate) fn times_here(&self, remedy: &str) -> i128 {
        let same = |entry: &&Entry| {
            entry.counts && entry.remedy == self.book.common.known_as(remedy) && self.ask.subjects.iter().all(|(name, id)| entry.keys.get(name) == id.as_ref())
        };
        self.ask.ledger.iter().filter(same).map(|entry| entry.times).sum()
    }
}

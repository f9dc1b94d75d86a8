//! What a keeper of grants has to know: which of them a request may depend on, and what to keep of a new one.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::Matter;
use crate::expr::Range;
use crate::facts::Value;
use crate::model::{Charter, Closing, KeyOf, Rule};
use crate::money::Measure;
use crate::request::Request;
use crate::time::Instant;

/// One thing a charter remembers: grants whose values under all these keys are those of the request, given at `since` or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory<'a> {
    /// Subjects and facts (`customer`, `order.carrier`); none for all grants together.
    pub keys: Vec<&'a str>,
    /// The first instant that counts; `Instant::MIN` if it reaches back for ever.
    pub since: Instant,
    /// The first instants of all windows it is remembered for, `since` first, each once. Grants between two of them count alike.
    pub begins: Vec<Instant>,
}

/// What a ledger keeps of a grant, so that later requests count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The remedy.
    pub remedy: String,
    /// The reason, if it takes one.
    pub reason: Option<String>,
    /// How much: minor units, hundredths of a percent or a count; nothing for an act.
    pub units: Option<i64>,
    /// What it weighs in caps on an amount, in minor units; nothing if that cannot be known.
    pub worth: Option<i64>,
    /// The value of everything scopes can name and the request knows.
    pub keys: BTreeMap<String, String>,
}

impl Charter {
    /// Everything that requests for these remedies, each given for a reason or without one (by place; nothing for all), asked at `now` may depend on. Two memories
    /// of the same keys are one, the longer.
    #[must_use]
    pub fn memories(&self, now: Instant, asked: Option<&[(usize, Option<usize>)]>) -> Vec<Memory<'_>> {
        let mut begins: BTreeMap<u64, BTreeSet<Instant>> = BTreeMap::new();
        let mut remember = |keys: u64, from: Instant| {
            begins.entry(keys).or_default().insert(from);
        };
        let concerns = |rule: &Rule, (remedy, reason): (usize, Option<usize>)| rule.concerns_remedy(remedy) && rule.concerns_reason(reason);
        let concerned = |rule: &&Rule| asked.is_none_or(|places| places.iter().any(|place| concerns(rule, *place)));
        for rule in self.rules.iter().filter(concerned) {
            match &rule.kind {
                Closing::Allow(allow) => remember(allow.scope.keys, Instant::MIN),
                Closing::Cap(cap) => remember(cap.scope.keys, cap.window.begins(now, &self.zone)),
                // Its amount is the total of the case.
                Closing::Forbid(_) => remember(1, Instant::MIN),
            }
        }
        for meter in &self.meters {
            // Without a scope it is the case's own.
            let keys = meter.keys.as_ref().map_or(1, |keys| keys.iter().fold(0, |bits, k| bits | 1 << k));
            remember(keys, meter.window.begins(now, &self.zone));
        }
        let memory = |(keys, begins): (u64, BTreeSet<Instant>)| {
            let begins: Vec<Instant> = begins.into_iter().collect();
            Memory { keys: self.key_names(keys), since: begins.first().copied().unwrap_or(Instant::MIN), begins }
        };
        begins.into_iter().map(memory).collect()
    }

    /// What a cap counts by: the subjects and facts its `per` names. Nothing for a rule that is no cap.
    #[must_use]
    pub fn counted_per(&self, rule: &str) -> Option<Vec<&str>> {
        match &self.rules.iter().find(|r| *r.id == *rule)?.kind {
            Closing::Cap(cap) => Some(self.key_names(cap.scope.keys)),
            Closing::Allow(_) | Closing::Forbid(_) => None,
        }
    }

    fn key_names(&self, keys: u64) -> Vec<&str> {
        self.keys.iter().enumerate().filter(|(place, _)| keys >> place & 1 == 1).map(|(_, key)| &*key.name).collect()
    }
}

impl Request {
    /// What to keep of it once it is given; nothing for a request that asks for no remedy.
    #[must_use]
    pub fn line(&self, charter: &Charter) -> Option<Line> {
        let remedy = charter.remedies.get(self.remedy?)?;
        Some(Line {
            remedy: remedy.id.to_string(),
            reason: self.reason.and_then(|place| charter.reasons.get(place)).map(ToString::to_string),
            units: self.amount.filter(|_| !matches!(remedy.measure, Measure::Act)),
            worth: self.weighs(charter),
            keys: self.keys(charter),
        })
    }

    /// What this request weighs in caps on an amount, in minor units.
    fn weighs(&self, charter: &Charter) -> Option<i64> {
        let matter = Matter::new(charter, self, self.remedy?, self.reason)?;
        let amount = self.amount.unwrap_or(0);
        let weight = match (&matter.remedy.worth, &matter.remedy.measure) {
            (Some(worth), _) => matter.worth(worth, amount),
            (None, Measure::Money) => Range::point(amount),
            (None, _) => return None,
        };
        (weight.is_point() && !weight.fault).then_some(weight.low)
    }

    /// The value of everything scopes can name and the request knows.
    #[must_use]
    pub fn keys(&self, charter: &Charter) -> BTreeMap<String, String> {
        let of = |of: &KeyOf| match of {
            KeyOf::Subject(place) => self.ids.get(*place)?.as_ref().map(ToString::to_string),
            KeyOf::Fact(place) => {
                let value = self.facts.get(*place).filter(|value| **value != Value::Unknown)?;
                Some(charter.facts.get(*place)?.kind.write(value, 0))
            }
        };
        charter.keys.iter().filter_map(|key| Some((key.name.to_string(), of(&key.of)?))).collect()
    }
}

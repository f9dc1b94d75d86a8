//! Requests at the edges of a charter.

use super::random::Random;
use super::rules::Text;
use super::world::{Fact, Measure, Remedy, WORDS, World};
use crate::Oracle;
use crate::calendar;
use crate::decimal;
use crate::values::Kind;
use serde_json::{Map, Value, json};

pub(crate) struct Asking<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) world: &'a World,
    pub(crate) text: &'a Text,
    pub(crate) oracle: &'a Oracle,
}

fn instant(micros: i128) -> String {
    calendar::write_time(micros).unwrap_or_default()
}

impl Asking<'_> {
    pub(crate) fn request(&mut self) -> Value {
        let world = self.world;
        let remedy = self.random.pick(&world.remedies);
        let moved = *self.random.pick(&[0, 0, 0, 1, -1, 1_800_000_000, 3_600_000_000, -3_600_000_000]);
        let now = world.now + moved;
        let order = if self.random.chance(15) { Value::Null } else { json!("O-1") };
        let customer = if self.random.chance(6) { Value::Null } else { json!("C-1") };
        let mut asker = json!({"level": self.random.pick(&world.levels), "staff": self.staff()});
        if !self.text.groups.is_empty() && self.random.chance(12) {
            asker["group"] = json!(self.random.pick(&self.text.groups));
        }
        let mut request = json!({
            "at": instant(now),
            "asker": asker,
            "subjects": {"case": "K-1", "customer": customer, "order": order},
            "remedy": remedy.id,
        });
        request["facts"] = self.facts(&request, now);
        if let Some(reason) = self.reason(remedy) {
            request["reason"] = json!(reason);
        }
        request["ledger"] = self.ledger(&request, now);
        request["openings"] = self.openings(now);
        if self.random.chance(10) {
            request["issue"] = json!("some_issue");
        }
        self.set_amount(&mut request, remedy);
        if self.random.chance(5) {
            self.spoil(&mut request, remedy);
        }
        request
    }

    fn reason(&mut self, remedy: &Remedy) -> Option<&'static str> {
        (!remedy.reasons.is_empty()).then(|| *self.random.pick(&remedy.reasons))
    }

    fn staff(&mut self) -> Value {
        let mut staff = Map::new();
        for fact in self.world.facts.iter().filter(|fact| fact.subject() == "staff") {
            if self.random.chance(67) {
                let value = self.value(fact);
                staff.insert(fact.name.trim_start_matches("staff.").to_owned(), value);
            }
        }
        if self.random.chance(4) {
            staff.insert("shoe_size".to_owned(), json!(43));
        }
        Value::Object(staff)
    }

    fn facts(&mut self, request: &Value, now: i128) -> Value {
        let mut facts = Map::new();
        for fact in self.world.facts.iter().filter(|fact| fact.subject() != "staff") {
            let absent = request["subjects"].get(fact.subject()).is_some_and(Value::is_null);
            if !absent && !self.random.chance(24) {
                facts.insert(fact.name.to_owned(), self.told(fact, now));
            }
        }
        if self.random.chance(6) {
            facts.insert("customer.shoe_size".to_owned(), json!(43));
        }
        Value::Object(facts)
    }

    /// A value with who said so and when, mostly as the charter wants it.
    fn told(&mut self, fact: &Fact, now: i128) -> Value {
        if self.random.chance(5) {
            return Value::Null;
        }
        let value = self.value(fact);
        if fact.confirm.is_none() && fact.fresh.is_none() && self.random.chance(75) {
            return value;
        }
        let mut told = json!({"value": value});
        let speakers = ["person", "system", self.world.levels[0], self.world.levels[1]];
        match &fact.confirm {
            Some(who) if self.random.chance(75) => told["by"] = json!(who),
            _ if self.random.chance(60) => told["by"] = json!(self.random.pick(&speakers)),
            _ => {}
        }
        let span = fact.fresh.and_then(calendar::duration).unwrap_or(calendar::DAY);
        match self.random.below(10) {
            0 => {}
            1 => told["at"] = json!(instant(now - span)),
            2 => told["at"] = json!(instant(now - span - 1)),
            _ => told["at"] = json!(instant(now - span / 2)),
        }
        told
    }

    fn value(&mut self, fact: &Fact) -> Value {
        match fact.kind {
            Kind::YesNo => json!(self.random.chance(60)),
            Kind::Text if fact.choice.is_empty() => json!(self.random.pick(&WORDS)),
            Kind::Text => json!(self.random.pick(fact.choice)),
            Kind::List => json!(self.random.some(&WORDS, 45)),
            Kind::Date => {
                let (today, _) = calendar::local(&self.world.zone, self.world.now);
                json!(super::expr::write_date(today + *self.random.pick(&[-366, -31, -1, 0, 0, 1, 28])))
            }
            Kind::Time => {
                let before = *self.random.pick(&[-calendar::DAY, -1, 0, 0, 1, -2 * calendar::DAY, 5_400_000_000]);
                json!(instant(self.world.now + before))
            }
            Kind::Duration => json!(*self.random.pick(&["90m", "24h", "2d", "0h", "36h"])),
            Kind::Number => self.number(fact),
            Kind::Money => self.money(fact),
        }
    }

    fn number(&mut self, fact: &Fact) -> Value {
        let pool = [0, 500_000, 1_000_000, 2_000_000, 3_000_000, 3_000_001, 5_000_000, -1_000_000, 999_999_999_999_999];
        let rare = self.random.chance(12);
        let millionths = if rare { *self.random.pick(&pool[6..]) } else { *self.random.pick(&pool[..6]) };
        let millionths = millionths.clamp(fact.bounds.0, fact.bounds.1);
        let text = decimal::format(millionths, 6);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        match text.parse::<i64>() {
            Ok(number) if self.random.chance(70) => json!(number),
            _ => json!(text),
        }
    }

    fn money(&mut self, fact: &Fact) -> Value {
        let one = self.world.one(Kind::Money);
        let pool = [0, 5 * one, 10 * one, 25 * one, 50 * one, 50 * one + 1, 100 * one - 1, 75 * one, 200 * one];
        let units = match self.random.below(20) {
            0 => 9_000_000_000_000_000,
            1 => -5 * one,
            2 => 1,
            _ => *self.random.pick(&pool),
        };
        let units = units.clamp(fact.bounds.0, fact.bounds.1);
        let text = decimal::format(units, self.world.decimals);
        match self.random.below(5) {
            0 => json!(text),
            1 => serde_json::from_str(&text).unwrap_or(json!(text)),
            2 if units % one == 0 => json!(i64::try_from(units / one).unwrap_or_default()),
            _ => json!({"amount": text, "currency": self.world.currency}),
        }
    }

    fn set_amount(&mut self, request: &mut Value, remedy: &Remedy) {
        let (places, currency) = match remedy.measure {
            Measure::Act => return,
            Measure::Money => (self.world.decimals, Some(self.world.currency)),
            Measure::Percent => (2, None),
            Measure::Count => (0, None),
        };
        let one = 10_i128.pow(places);
        let near = if self.random.chance(60) { self.oracle.interesting_amounts(request) } else { Vec::new() };
        let small: Vec<i128> = near.iter().copied().filter(|units| *units < 1000 * one).collect();
        let units = match self.random.below(20) {
            0 => remedy.minimum,
            1 if !near.is_empty() => *self.random.pick(&near),
            _ if !small.is_empty() => {
                let (one, two) = (*self.random.pick(&small), *self.random.pick(&small));
                if self.random.chance(60) { one.min(two) } else { one }
            }
            _ => (*self.random.pick(&[1, 2, 5, 10, 20, 25]) * one).max(remedy.minimum),
        };
        let text = decimal::format(units, places);
        request["amount"] = match currency {
            Some(currency) if self.random.chance(80) => {
                json!({"amount": text, "currency": currency})
            }
            None if places == 0 && self.random.chance(50) => {
                json!(i64::try_from(units).unwrap_or_default())
            }
            _ => json!(text),
        };
    }

    fn ledger(&mut self, request: &Value, now: i128) -> Value {
        let mut ledger = Vec::new();
        for _ in 0..self.random.below(6) {
            ledger.push(self.entry(request, now));
        }
        Value::Array(ledger)
    }

    fn entry(&mut self, request: &Value, now: i128) -> Value {
        let world = self.world;
        let same = self.random.chance(65);
        let asked = |remedy: &&Remedy| request["remedy"] == remedy.id;
        let remedy = match world.remedies.iter().find(asked) {
            Some(remedy) if same => remedy,
            _ => self.random.pick(&world.remedies),
        };
        let mut entry = json!({"at": instant(self.moment(now)), "remedy": remedy.id, "keys": self.keys(request)});
        let reason = if same && self.random.chance(70) { request["reason"].clone() } else { json!(self.reason(remedy)) };
        if !reason.is_null() {
            entry["reason"] = reason;
        }
        let one = world.one(Kind::Money);
        match remedy.measure {
            Measure::Money => {
                let units = *self.random.pick(&[one, 5 * one, 10 * one, 20 * one - 1]);
                entry["amount"] = json!(decimal::format(units, world.decimals));
            }
            Measure::Percent => entry["amount"] = json!(*self.random.pick(&["5.00", "2.50", "10"])),
            Measure::Count => entry["amount"] = json!(1 + self.random.below(2)),
            Measure::Act => {}
        }
        if self.random.chance(if remedy.measure == Measure::Money { 40 } else { 75 }) {
            let units = *self.random.pick(&[0, 5 * one, 10 * one, 10 * one + 1]);
            entry["worth"] = json!(decimal::format(units, world.decimals));
        }
        if self.random.chance(60) {
            let states = ["offered", "granted", "sent", "fulfilled", "failed", "unclear", "withdrawn", "corrected"];
            entry["state"] = json!(self.random.pick(&states));
        }
        if self.random.chance(20) {
            entry["times"] = json!(*self.random.pick(&[1, 2, 2, 3, 40]));
        }
        entry
    }

    /// An instant at the edge of a window that is remembered by, or some other.
    fn moment(&mut self, now: i128) -> i128 {
        let zone = &self.world.zone;
        let windows = &self.text.windows;
        let back = match windows.is_empty() || self.random.chance(25) {
            true => now - *self.random.pick(&[0, 1, calendar::DAY, 5 * calendar::DAY, 40 * calendar::DAY, -calendar::DAY]),
            false => match calendar::window(&windows[self.random.below(windows.len())]) {
                Some(calendar::Window::Exact(span)) => now - span,
                Some(calendar::Window::Months(months)) => calendar::shift_time(zone, now, crate::values::Step::Months, -months),
                Some(calendar::Window::Calendar(page)) => {
                    let (first, after) = page.around(calendar::local(zone, now).0);
                    calendar::first_instant(zone, if self.random.chance(80) { first } else { after })
                }
                None => now,
            },
        };
        back + *self.random.pick(&[0, 0, 1, 1, -1, 60 * calendar::SECOND, 3600 * calendar::SECOND])
    }

    fn keys(&mut self, request: &Value) -> Value {
        let mut keys = Map::new();
        for subject in World::subjects() {
            let id = &request["subjects"][subject];
            let other = self.random.chance(20);
            if other && self.random.chance(50) && subject != "case" {
                continue;
            }
            if other {
                keys.insert(subject.to_owned(), json!("X-9"));
            } else if let Some(id) = id.as_str() {
                keys.insert(subject.to_owned(), json!(id));
            }
        }
        for fact in self.world.facts.iter().filter(|fact| fact.is_key()) {
            let value = &request["facts"][fact.name];
            let value = value.get("value").unwrap_or(value).clone();
            if value.is_string() && self.random.chance(75) {
                keys.insert(fact.name.to_owned(), value);
            } else if self.random.chance(60) {
                let words: &[&str] = if fact.choice.is_empty() { &WORDS } else { fact.choice };
                keys.insert(fact.name.to_owned(), json!(self.random.pick(words)));
            }
        }
        Value::Object(keys)
    }

    fn openings(&mut self, now: i128) -> Value {
        let mut openings = Map::new();
        let hour = 3600 * calendar::SECOND;
        for group in &self.text.groups {
            if self.random.chance(70) {
                let mut from = now + *self.random.pick(&[-2, -1, 0, 1, 3]) * hour;
                let mut spans = Vec::new();
                for _ in 0..1 + self.random.below(3) {
                    let to = from + *self.random.pick(&[1, 2, 8]) * hour / 2;
                    spans.push(json!([instant(from), instant(to)]));
                    from = to + *self.random.pick(&[1, 12]) * hour;
                }
                openings.insert(group.clone(), Value::Array(spans));
            }
        }
        Value::Object(openings)
    }

    /// Makes something wrong.
    fn spoil(&mut self, request: &mut Value, remedy: &Remedy) {
        let measured = remedy.measure != Measure::Act;
        match self.random.below(14) {
            0 => request["asker"]["level"] = json!("president"),
            1 => request["remedy"] = json!("nothing"),
            2 => request["reason"] = json!("whim"),
            3 if !remedy.reasons.is_empty() => request["reason"] = Value::Null,
            4 if measured => request["amount"] = Value::Null,
            5 if measured => request["amount"] = json!("0"),
            6 => request["amount"] = if measured { json!("1.2345") } else { json!("5") },
            7 => request["issue"] = json!("weather"),
            8 => drop(request["subjects"].as_object_mut().and_then(|subjects| subjects.remove("order"))),
            9 => {
                request["subjects"]["order"] = Value::Null;
                request["facts"]["order.total"] = json!("5");
            }
            10 => request["facts"]["order.total"] = json!(true),
            11 => request["facts"]["customer.tier"] = json!("golden"),
            12 if remedy.measure == Measure::Money => {
                request["amount"] = json!({"amount": "5", "currency": "CHF"});
            }
            _ => request["at"] = json!("yesterday"),
        }
    }
}

//! What a generated charter is about: its facts, remedies, levels, reasons, money and time.

use super::random::Random;
use crate::calendar;
use crate::decimal;
use crate::values::Kind;
use std::fmt::Write;

/// A declared fact.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) choice: &'static [&'static str],
    pub(crate) bounds: (i128, i128),
    pub(crate) confirm: Option<String>,
    pub(crate) fresh: Option<&'static str>,
    toml: String,
}

impl Fact {
    pub(crate) fn subject(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    pub(crate) fn is_key(&self) -> bool {
        self.kind == Kind::Text && self.subject() != "staff"
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Money,
    Percent,
    Count,
    Act,
}

#[derive(Clone, Debug)]
pub(crate) struct Remedy {
    pub(crate) id: &'static str,
    pub(crate) old: &'static str,
    pub(crate) measure: Measure,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) has_worth: bool,
    pub(crate) minimum: i128,
    names_reasons: bool,
    worth: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) currency: &'static str,
    pub(crate) decimals: u32,
    pub(crate) zone_name: &'static str,
    pub(crate) zone: jiff::tz::TimeZone,
    pub(crate) levels: Vec<&'static str>,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) remedies: Vec<Remedy>,
    /// The instant requests are made around.
    pub(crate) now: i128,
}

const ZONES: [&str; 10] = [
    "Europe/Amsterdam",
    "Europe/Amsterdam",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "America/Havana",
    "UTC",
];

const MOMENTS: [&str; 22] = [
    "2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00Z",
    "2026-03-29T00:59:59.999999Z",
    "2026-03-29T01:30:00Z",
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2026-03-08T07:30:00Z",
    "2026-11-01T05:30:00Z",
    "2026-11-01T06:30:00Z",
    "2026-04-24T00:30:00Z",
    "2026-10-29T21:30:00Z",
    "2026-04-04T15:15:00Z",
    "2024-02-29T12:00:00Z",
    "2028-02-29T23:30:00Z",
    "2025-02-28T12:00:00Z",
    "2026-01-31T23:00:00Z",
    "2026-03-31T10:30:00Z",
    "2026-12-31T23:59:59.999999Z",
    "2027-01-01T00:00:00Z",
    "2026-05-31T22:30:00Z",
    "2026-07-01T04:00:00Z",
    "2026-06-15T03:45:00Z",
];

const TIERS: &[&str] = &["standard", "plus", "key"];
const KINDS: &[&str] = &["goods", "service"];
const CHANNELS: &[&str] = &["mail", "phone"];
const WORKERS: &[&str] = &["person", "ai"];

/// Texts that free text facts take.
pub(crate) const WORDS: [&str; 3] = ["north", "south", "late"];

const FACTS: [(&str, Kind, &[&str]); 23] = [
    ("customer.tier", Kind::Text, TIERS),
    ("customer.region", Kind::Text, &[]),
    ("customer.on_hold", Kind::YesNo, &[]),
    ("customer.since", Kind::Date, &[]),
    ("customer.credit", Kind::Money, &[]),
    ("customer.years", Kind::Number, &[]),
    ("customer.tags", Kind::List, &[]),
    ("order.total", Kind::Money, &[]),
    ("order.fee", Kind::Money, &[]),
    ("order.days_late", Kind::Number, &[]),
    ("order.placed", Kind::Time, &[]),
    ("order.express", Kind::YesNo, &[]),
    ("order.kind", Kind::Text, KINDS),
    ("order.wait", Kind::Duration, &[]),
    ("case.photo_seen", Kind::YesNo, &[]),
    ("case.opened", Kind::Time, &[]),
    ("case.marks", Kind::List, &[]),
    ("case.weight", Kind::Number, &[]),
    ("request.hurry", Kind::YesNo, &[]),
    ("request.channel", Kind::Text, CHANNELS),
    ("staff.kind", Kind::Text, WORKERS),
    ("staff.trained", Kind::YesNo, &[]),
    ("staff.years", Kind::Number, &[]),
];

impl World {
    pub(crate) fn new(random: &mut Random) -> Self {
        let currency = *random.pick(&["EUR", "EUR", "EUR", "JPY", "BHD", "KWD"]);
        let zone_name = *random.pick(&ZONES);
        let levels = if random.chance(50) { vec!["agent", "lead"] } else { vec!["agent", "senior", "lead"] };
        let mut reasons = vec!["late", "damaged", "goodwill"];
        reasons.truncate(if random.chance(10) { 0 } else { 1 + random.below(3) });
        let mut world = World {
            currency,
            decimals: decimal::decimals(currency),
            zone_name,
            zone: jiff::tz::TimeZone::get(zone_name).unwrap_or(jiff::tz::TimeZone::UTC),
            levels,
            reasons,
            facts: Vec::new(),
            remedies: Vec::new(),
            now: calendar::time(MOMENTS[random.below(MOMENTS.len())]).unwrap_or_default(),
        };
        for (name, kind, choice) in FACTS {
            if random.chance(60) || name == "order.total" || name == "customer.tier" {
                let fact = world.fact(random, name, kind, choice);
                world.facts.push(fact);
            }
        }
        let kinds: [(&'static str, &'static str, Measure); 6] = [
            ("refund", "payback", Measure::Money),
            ("voucher", "coupon", Measure::Money),
            ("discount", "rebate", Measure::Percent),
            ("free_months", "bonus", Measure::Count),
            ("cancel", "stop", Measure::Act),
            ("call-back", "ring", Measure::Act),
        ];
        let (count, start) = (1 + random.below(3), random.below(6));
        for index in 0..count {
            let (id, old, measure) = kinds[(start + index * (1 + start % 2)) % 6];
            if world.remedies.iter().all(|remedy| remedy.id != id) {
                let remedy = world.remedy(random, id, old, measure);
                world.remedies.push(remedy);
            }
        }
        world
    }

    fn fact(&self, random: &mut Random, name: &'static str, kind: Kind, choice: &'static [&'static str]) -> Fact {
        let mut fact = Fact { name, kind, choice, bounds: range(kind), confirm: None, fresh: None, toml: String::new() };
        let mut parts = vec![self.type_of(kind, choice)];
        if matches!(kind, Kind::Number | Kind::Money | Kind::Duration) && random.chance(35) {
            let (least, most) = self.narrow(random, kind);
            parts.push(format!("min = {}", self.toml_value(kind, least)));
            fact.bounds.0 = least;
            if random.chance(60) {
                parts.push(format!("max = {}", self.toml_value(kind, most)));
                fact.bounds.1 = most;
            }
        }
        let staff = fact.subject() == "staff";
        if random.chance(18) {
            let assumed = self.any_value(random, &fact);
            parts.push(format!("assume = {assumed}"));
        } else if !staff && random.chance(30) {
            let who = random.pick(&["person", "system", self.levels[0], self.levels[1]]).to_string();
            parts.push(format!("confirm = \"{who}\""));
            fact.confirm = Some(who);
        }
        if !staff && random.chance(15) {
            let span = random.pick(&["1h", "90m", "2d"]);
            parts.push(format!("fresh = \"{span}\""));
            fact.fresh = Some(span);
        }
        if !staff && random.chance(10) {
            parts.push("ask = \"What is it?\"".to_owned());
        }
        let short = format!("{{ {} }}", parts.join(", "));
        fact.toml = if parts.len() == 1 && choice.is_empty() && random.chance(50) { parts[0].trim_start_matches("type = ").to_owned() } else { short };
        fact
    }

    fn type_of(&self, kind: Kind, choice: &[&str]) -> String {
        if !choice.is_empty() {
            return format!("choice = {choice:?}");
        }
        let name = match kind {
            Kind::YesNo => "yes_no",
            Kind::Number => "number",
            Kind::Money => "money",
            Kind::Text => "text",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::Duration => "duration",
            Kind::List => "list",
        };
        format!("type = \"{name}\"")
    }

    fn narrow(&self, random: &mut Random, kind: Kind) -> (i128, i128) {
        let one = self.one(kind);
        match kind {
            Kind::Number => (*random.pick(&[0, 0, 1, -5]) * one, *random.pick(&[3, 10]) * one),
            Kind::Duration => (0, 3 * calendar::DAY),
            // Zero is the usual least; a negative one makes sums fall.
            _ => (*random.pick(&[0, 0, 5, -50]) * one, *random.pick(&[50, 100]) * one),
        }
    }

    /// One of the unit people speak in.
    pub(crate) fn one(&self, kind: Kind) -> i128 {
        match kind {
            Kind::Money => 10_i128.pow(self.decimals),
            Kind::Duration => 3600 * calendar::SECOND,
            _ => 1_000_000,
        }
    }

    fn toml_value(&self, kind: Kind, units: i128) -> String {
        match kind {
            Kind::Number => (units / 1_000_000).to_string(),
            Kind::Money => format!("\"{}\"", decimal::format(units, self.decimals)),
            _ => format!("\"{}h\"", units / self.one(Kind::Duration)),
        }
    }

    /// A value to assume, as TOML writes it.
    fn any_value(&self, random: &mut Random, fact: &Fact) -> String {
        match fact.kind {
            Kind::YesNo => random.chance(30).to_string(),
            Kind::Text if fact.choice.is_empty() => format!("{:?}", random.pick(&WORDS)),
            Kind::Text => format!("{:?}", random.pick(fact.choice)),
            Kind::List => format!("{:?}", random.some(&WORDS, 40)),
            Kind::Date => "\"2026-01-31\"".to_owned(),
            Kind::Time => "\"2026-10-25T00:30:00Z\"".to_owned(),
            kind => {
                let units = *random.pick(&[0, 1, 2, 5]) * self.one(kind);
                self.toml_value(kind, units.clamp(fact.bounds.0, fact.bounds.1))
            }
        }
    }

    fn remedy(&self, random: &mut Random, id: &'static str, old: &'static str, measure: Measure) -> Remedy {
        let names_reasons = random.chance(35);
        let reasons = match (names_reasons, random.chance(25)) {
            (true, true) => Vec::new(),
            (true, false) => random.some(&self.reasons, 70),
            _ => self.reasons.clone(),
        };
        let minimum = if measure == Measure::Act || random.chance(70) { 1 } else { 1 + random.below(500) as i128 };
        let wanted = if measure == Measure::Money { 30 } else { 75 };
        let worth = random.chance(wanted).then(|| self.worth(random, measure));
        let has_worth = worth.is_some() || measure == Measure::Money;
        Remedy { id, old, measure, reasons, has_worth, minimum, names_reasons, worth }
    }

    /// What one grant weighs: it never falls as the amount rises, and is never negative.
    fn worth(&self, random: &mut Random, measure: Measure) -> String {
        let fee = if self.facts.iter().any(|fact| fact.name == "order.fee" && fact.bounds.0 >= 0) { "order.fee" } else { "money(\"3\")" };
        let from = match measure {
            Measure::Money => vec![
                "amount".to_owned(),
                "amount * 0.5".to_owned(),
                "percent(50, amount)".to_owned(),
                "max(amount, money(\"5\"))".to_owned(),
                format!("amount + {fee}"),
                "max(money(\"0\"), amount - money(\"5\"))".to_owned(),
                "min(amount, money(\"30\"))".to_owned(),
            ],
            Measure::Count => vec!["amount * money(\"9\")".to_owned(), format!("amount * {fee}"), "amount * money(\"4\") + money(\"1\")".to_owned()],
            Measure::Percent => {
                vec![format!("percent(amount, {fee})"), "percent(amount, money(\"50\"))".to_owned()]
            }
            Measure::Act => {
                vec!["money(\"15\")".to_owned(), fee.to_owned(), "{\"standard\": money(\"5\"), \"default\": money(\"10\")}[customer.tier]".to_owned()]
            }
        };
        random.pick(&from).clone()
    }

    /// The part of a charter that one standing inside another leaves to it.
    pub(crate) fn write(&self, random: &mut Random, out: &mut String) {
        let _ = writeln!(out, "currency = \"{}\"", self.currency);
        let _ = writeln!(out, "timezone = \"{}\"", self.zone_name);
        let _ = writeln!(out, "levels = {:?}", self.levels);
        if !self.reasons.is_empty() {
            let _ = writeln!(out, "reasons = {:?}", self.reasons);
        }
        let mut subject = "";
        for fact in &self.facts {
            if fact.subject() != subject {
                subject = fact.subject();
                let _ = writeln!(out, "[facts.{subject}]");
            }
            let name = fact.name.split('.').nth(1).unwrap_or_default();
            let _ = writeln!(out, "{name} = {}", fact.toml);
        }
        for remedy in &self.remedies {
            self.write_remedy(random, remedy, out);
        }
    }

    fn write_remedy(&self, random: &mut Random, remedy: &Remedy, out: &mut String) {
        let _ = writeln!(out, "[[remedy]]\nid = \"{}\"\ntitle = \"Some {}\"", remedy.id, remedy.id);
        let places = match remedy.measure {
            Measure::Money => {
                let _ = writeln!(out, "measure = \"money\"");
                self.decimals
            }
            Measure::Percent => {
                let _ = writeln!(out, "measure = \"percent\"");
                2
            }
            Measure::Count => {
                let _ = writeln!(out, "measure = {{ count = \"months\" }}");
                0
            }
            Measure::Act => 0,
        };
        if remedy.names_reasons {
            let _ = writeln!(out, "reasons = {:?}", remedy.reasons);
        }
        if remedy.minimum > 1 {
            let least = decimal::format(remedy.minimum, places);
            let _ = if places == 0 { writeln!(out, "minimum = {least}") } else { writeln!(out, "minimum = \"{least}\"") };
        }
        if let Some(worth) = &remedy.worth {
            let _ = writeln!(out, "worth = '{worth}'");
        }
        if random.chance(30) {
            let _ = writeln!(out, "was = [\"{}\"]", remedy.old);
        }
    }

    pub(crate) fn subjects() -> [&'static str; 3] {
        ["case", "customer", "order"]
    }
}

fn range(kind: Kind) -> (i128, i128) {
    match kind {
        Kind::Number => (-1_000_000_000_000_000, 1_000_000_000_000_000),
        Kind::Money => (0, 9_000_000_000_000_000),
        Kind::Duration => (-36_525 * calendar::DAY, 36_525 * calendar::DAY),
        _ => (0, 0),
    }
}

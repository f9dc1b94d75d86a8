//! Expressions of every type, small and well typed.

use super::random::Random;
use super::world::{Fact, Measure, WORDS, World};
use crate::calendar;
use crate::values::Kind;

/// A named expression.
#[derive(Clone, Debug)]
pub(crate) struct Define {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) source: String,
}

/// What an expression may read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) world: &'a World,
    pub(crate) defines: &'a [Define],
    /// Only staff facts, as in `who`.
    pub(crate) staff: bool,
    /// A subject the rule asks `exists` of, so that it reads none of its facts.
    pub(crate) asked: Option<&'static str>,
}

impl<'a> Place<'a> {
    fn facts(&self, kind: Kind) -> Vec<&'a Fact> {
        let fits = |fact: &&Fact| {
            let staff = fact.subject() == "staff";
            fact.kind == kind && staff == self.staff && self.asked != Some(fact.subject())
        };
        self.world.facts.iter().filter(fits).collect()
    }

    /// A fact of a kind, or another expression when there is none.
    fn fact(&self, random: &mut Random, kind: Kind) -> Option<String> {
        let facts = self.facts(kind);
        (!facts.is_empty()).then(|| random.pick(&facts).name.to_owned())
    }

    fn define(&self, random: &mut Random, kind: Kind) -> Option<String> {
        let reads = |source: &str| self.asked.is_some_and(|asked| source.contains(&format!("{asked}.")));
        let fits = |define: &&Define| define.kind == kind && !self.staff && !reads(&define.source);
        let defines: Vec<&Define> = self.defines.iter().filter(fits).collect();
        (!defines.is_empty()).then(|| random.pick(&defines).name.clone())
    }

    /// An expression of a quantity.
    pub(crate) fn quantity(&self, random: &mut Random, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Money => self.money(random, depth),
            Kind::Number => self.number(random, depth),
            Kind::Duration => self.duration(random, depth),
            Kind::Date => self.date(random, depth),
            _ => self.time(random, depth),
        }
    }

    /// A yes_no.
    pub(crate) fn truth(&self, random: &mut Random, depth: usize) -> String {
        if depth == 0 || random.chance(20) {
            return self.simple(random);
        }
        let less = depth - 1;
        match random.below(18) {
            0 => format!("!({})", self.truth(random, less)),
            1 | 2 => format!("({} && {})", self.truth(random, less), self.truth(random, less)),
            3 | 4 => format!("({} || {})", self.truth(random, less), self.truth(random, less)),
            5 => format!("({} ? {} : {})", self.truth(random, less), self.simple(random), self.truth(random, less)),
            6 if !self.staff => {
                format!("({}) == ({})", self.truth(random, 0), self.truth(random, 0))
            }
            7 | 8 => self.compare(random, Kind::Number, less),
            9 | 10 if !self.staff => self.compare(random, Kind::Money, less),
            11 if !self.staff => self.compare(random, Kind::Duration, less),
            12 if !self.staff => self.compare(random, Kind::Date, less),
            13 if !self.staff => self.compare(random, Kind::Time, less),
            14 | 15 if !self.staff => self.lists(random),
            16 if !self.staff && random.chance(50) => self.compare(random, Kind::Date, less),
            16 if !self.staff => self.compare(random, Kind::Time, less),
            _ => self.texts(random).unwrap_or_else(|| self.simple(random)),
        }
    }

    /// A short yes_no.
    fn simple(&self, random: &mut Random) -> String {
        if let Some(asked) = self.asked.filter(|_| random.chance(60)) {
            return format!("exists({asked})");
        }
        if random.chance(15)
            && let Some(name) = self.define(random, Kind::YesNo)
        {
            return name;
        }
        match random.below(6) {
            0 if !self.staff && random.chance(40) => {
                format!("{} {} {}", self.granted(random), random.pick(&[">", ">=", "=="]), random.below(3))
            }
            1 | 2 => self.texts(random).unwrap_or_else(|| "true".to_owned()),
            3 => self.compare(random, Kind::Number, 0),
            4 if !self.staff => self.compare(random, Kind::Money, 0),
            _ => self.fact(random, Kind::YesNo).unwrap_or_else(|| self.compare(random, Kind::Number, 0)),
        }
    }

    /// A comparison of two of a kind; the right side may take `min` and `max` apart.
    fn compare(&self, random: &mut Random, kind: Kind, depth: usize) -> String {
        let op = *random.pick(&["<", "<=", ">", ">=", ">", "<=", "==", "!="]);
        // Dates and times are worth little without steps between them.
        let calendar = matches!(kind, Kind::Date | Kind::Time) && random.chance(60);
        let left = self.quantity(random, kind, if calendar { depth.max(1) } else { depth });
        let right = match random.below(5) {
            0 if kind == Kind::Money => self.bare(random),
            1 | 2 => self.extreme(random, kind, depth),
            _ => self.quantity(random, kind, 0),
        };
        if random.chance(50) { format!("{left} {op} {right}") } else { format!("{right} {op} {left}") }
    }

    fn extreme(&self, random: &mut Random, kind: Kind, depth: usize) -> String {
        let name = random.pick(&["min", "max"]);
        let first = self.quantity(random, kind, depth.saturating_sub(1));
        let second = if kind == Kind::Money && random.chance(30) { self.bare(random) } else { self.quantity(random, kind, depth.saturating_sub(1)) };
        let third = if random.chance(20) { format!(", {}", self.quantity(random, kind, 0)) } else { String::new() };
        format!("{name}({first}, {second}{third})")
    }

    fn texts(&self, random: &mut Random) -> Option<String> {
        let facts = self.facts(Kind::Text);
        if facts.is_empty() {
            return None;
        }
        let fact = random.pick(&facts);
        let words: &[&str] = if fact.choice.is_empty() { &WORDS } else { fact.choice };
        let some = random.some(words, 50);
        let list = self.fact(random, Kind::List);
        Some(match random.below(6) {
            0 => format!("{} in {some:?}", fact.name),
            1 if fact.choice.is_empty() && list.is_some() => {
                format!("{} in {}", fact.name, list.unwrap_or_default())
            }
            2 => format!("{} != {:?}", fact.name, random.pick(words)),
            _ => format!("{} == {:?}", fact.name, random.pick(words)),
        })
    }

    fn lists(&self, random: &mut Random) -> String {
        let Some(list) = self.fact(random, Kind::List) else {
            return self.simple(random);
        };
        let some = random.some(&WORDS, 50);
        match random.below(7) {
            0 => format!("{list} == {some:?}"),
            5 => format!("alike({list}, {some:?}) {} {}", random.pick(&[">", "<=", "=="]), random.below(3)),
            6 => {
                let subject = list.split('.').next().filter(|s| *s != "request" && *s != "staff").unwrap_or("case");
                format!("id({subject}) in [\"K-1\", \"C-1\"] || subset({list}, {list})")
            }
            1 => format!("subset({list}, {some:?})"),
            2 => format!("subset({some:?}, {list})"),
            3 => format!("size({list}) {} {}", random.pick(&[">", "<=", "=="]), random.below(3)),
            _ => format!("{:?} in {list}", random.pick(&WORDS)),
        }
    }

    /// How often a remedy was given.
    fn granted(&self, random: &mut Random) -> String {
        let remedy = random.pick(&self.world.remedies).id;
        let scope = self.scope(random);
        let window = random.pick(&["7d", "1mo", "month", "week", "24h"]);
        match random.below(4) {
            0 => format!("granted(\"{remedy}\")"),
            1 => format!("granted(\"{remedy}\", {scope:?})"),
            2 => format!("granted(\"{remedy}\", {:?}, \"{window}\")", [scope, "case".to_owned()]),
            _ => format!("granted(\"{remedy}\", {scope:?}, \"{window}\")"),
        }
    }

    /// A subject, or a text or choice fact.
    pub(crate) fn scope(&self, random: &mut Random) -> String {
        let fits = |fact: &&&Fact| fact.is_key();
        let keys = self.facts(Kind::Text);
        let keys: Vec<&&Fact> = keys.iter().filter(fits).collect();
        if !keys.is_empty() && random.chance(40) {
            return random.pick(&keys).name.to_owned();
        }
        (*random.pick(&["customer", "customer", "order"])).to_owned()
    }

    fn number(&self, random: &mut Random, depth: usize) -> String {
        let literal = (*random.pick(&["0", "1", "2", "3", "5", "0.5", "2.5"])).to_owned();
        if depth == 0 || self.staff {
            let fact = if random.chance(70) { self.fact(random, Kind::Number) } else { None };
            return fact.unwrap_or(literal);
        }
        let less = depth - 1;
        match random.below(12) {
            0 => format!("({} + {})", self.number(random, less), self.number(random, less)),
            1 => format!("({} - {})", self.number(random, less), self.number(random, less)),
            2 => format!("{} * {}", self.number(random, 0), self.number(random, 0)),
            3 => format!("-({})", self.number(random, less)),
            4 => self.extreme(random, Kind::Number, less),
            5 => format!("days_between({}, {})", self.date(random, 0), self.time(random, 0)),
            6 => self.granted(random),
            7 => format!("({} ? {} : {literal})", self.simple(random), self.number(random, less)),
            8 => self.table(random, |random| (*random.pick(&["1", "2", "0.5"])).to_owned()).unwrap_or(literal),
            9 => self.define(random, Kind::Number).unwrap_or(literal),
            _ => self.fact(random, Kind::Number).unwrap_or(literal),
        }
    }

    /// A table by a choice that names every value, or has a default.
    fn table(&self, random: &mut Random, mut entry: impl FnMut(&mut Random) -> String) -> Option<String> {
        let facts: Vec<&Fact> = self.facts(Kind::Text).into_iter().filter(|fact| !fact.choice.is_empty()).collect();
        if facts.is_empty() {
            return None;
        }
        let fact = random.pick(&facts);
        let whole = random.chance(60);
        let mut entries = Vec::new();
        for (index, value) in fact.choice.iter().enumerate() {
            if whole || index == 0 {
                entries.push(format!("\"{value}\": {}", entry(random)));
            }
        }
        if !whole {
            entries.push(format!("\"default\": {}", entry(random)));
        }
        Some(format!("{{{}}}[{}]", entries.join(", "), fact.name))
    }

    /// An amount of money in major units.
    fn coins(&self, random: &mut Random) -> String {
        let whole = *random.pick(&["0", "5", "10", "20", "25", "50"]);
        let cents = match self.world.decimals {
            2 => *random.pick(&[".01", ".99", ".50"]),
            3 => *random.pick(&[".001", ".999", ".50"]),
            _ => "",
        };
        if random.chance(25) { format!("{whole}{cents}") } else { whole.to_owned() }
    }

    /// A bare number where money is expected.
    pub(crate) fn bare(&self, random: &mut Random) -> String {
        self.coins(random)
    }

    /// Money that says so itself.
    pub(crate) fn money(&self, random: &mut Random, depth: usize) -> String {
        let literal = format!("money(\"{}\")", self.coins(random));
        if depth == 0 {
            let fact = if random.chance(70) { self.fact(random, Kind::Money) } else { None };
            return fact.unwrap_or(literal);
        }
        let less = depth - 1;
        match random.below(11) {
            0 => format!("({} + {})", self.money(random, less), self.either_money(random, less)),
            1 => format!("({} - {})", self.money(random, less), self.either_money(random, less)),
            2 => format!("{} * {}", self.money(random, 0), self.number(random, 0)),
            3 | 4 => format!("percent({}, {})", random.pick(&["20", "50", "12.5"]), self.money(random, less)),
            5 => format!("percent({}, {})", self.number(random, 0), self.money(random, 0)),
            6 => self.extreme(random, Kind::Money, less),
            7 => format!("({} ? {} : {})", self.simple(random), self.money(random, less), self.either_money(random, 0)),
            8 => self.table(random, |random| format!("money(\"{}\")", random.below(40))).unwrap_or(literal),
            9 => self.define(random, Kind::Money).unwrap_or(literal),
            _ => self.fact(random, Kind::Money).unwrap_or(literal),
        }
    }

    /// Money, or a bare number beside some.
    fn either_money(&self, random: &mut Random, depth: usize) -> String {
        if random.chance(35) { self.bare(random) } else { self.money(random, depth) }
    }

    fn duration(&self, random: &mut Random, depth: usize) -> String {
        let literal = format!("duration(\"{}\")", random.pick(&["90m", "24h", "2d", "3600s", "1w", "0h"]));
        if depth == 0 {
            let fact = if random.chance(60) { self.fact(random, Kind::Duration) } else { None };
            return fact.unwrap_or(literal);
        }
        match random.below(5) {
            0 => format!("({} - {})", self.time(random, 0), self.time(random, 0)),
            1 => format!("({} + {})", self.duration(random, 0), self.duration(random, 0)),
            2 => format!("-({})", self.duration(random, 0)),
            3 => self.extreme(random, Kind::Duration, 0),
            _ => self.fact(random, Kind::Duration).unwrap_or(literal),
        }
    }

    fn step(&self, random: &mut Random) -> String {
        let unit = random.pick(&["days", "days", "months", "years"]);
        let count = match random.below(4) {
            0 => self.number(random, 0),
            1 => "1.5".to_owned(),
            _ => (1 + random.below(3)).to_string(),
        };
        format!("{} {unit}({count})", random.pick(&["+", "-"]))
    }

    fn date(&self, random: &mut Random, depth: usize) -> String {
        let (today, _) = calendar::local(&self.world.zone, self.world.now);
        let near = today + *random.pick(&[-30, -1, 0, 1, 28]);
        let literal = format!("date(\"{}\")", write_date(near));
        if depth == 0 {
            let fact = if random.chance(70) { self.fact(random, Kind::Date) } else { None };
            return fact.unwrap_or(literal);
        }
        format!("({} {})", self.date(random, 0), self.step(random))
    }

    fn time(&self, random: &mut Random, depth: usize) -> String {
        let near = self.world.now + *random.pick(&[-calendar::DAY, -1, 0, 3600 * calendar::SECOND]);
        let literal = format!("time(\"{}\")", calendar::write_time(near).unwrap_or_default());
        if depth == 0 {
            return match random.below(4) {
                0 => literal,
                1 | 2 => self.fact(random, Kind::Time).unwrap_or_else(|| "now".to_owned()),
                _ => "now".to_owned(),
            };
        }
        match random.below(3) {
            0 => format!("({} + {})", self.time(random, 0), self.duration(random, 0)),
            1 => format!("({} - {})", self.time(random, 0), self.duration(random, 0)),
            _ => format!("({} {})", self.time(random, 0), self.step(random)),
        }
    }

    /// A limit for amounts of a measure, without quotes.
    pub(crate) fn limit(&self, random: &mut Random, measure: Measure) -> String {
        match measure {
            Measure::Money => match random.below(10) {
                0..=3 => self.bare(random),
                4 => {
                    let bare = |random: &mut Random| (*random.pick(&["5", "10", "25"])).to_owned();
                    self.table(random, bare).unwrap_or_else(|| self.bare(random))
                }
                5 => format!("({} ? {} : {})", self.simple(random), self.bare(random), self.bare(random)),
                6 => self.extreme(random, Kind::Money, 1),
                _ => self.money(random, 2),
            },
            Measure::Percent => match random.below(4) {
                0 => self.extreme(random, Kind::Number, 1),
                1 => self.number(random, 1),
                _ => (*random.pick(&["5", "10.5", "12.25", "20"])).to_owned(),
            },
            Measure::Count | Measure::Act => match random.below(4) {
                0 => self.extreme(random, Kind::Number, 1),
                1 => self.number(random, 1),
                _ => (1 + random.below(4)).to_string(),
            },
        }
    }
}

pub(crate) fn write_date(days: i128) -> String {
    let (year, month, day) = calendar::civil_of(days);
    format!("{year:04}-{month:02}-{day:02}")
}

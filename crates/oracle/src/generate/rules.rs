//! Guardrails and groups.

use super::expr::{Define, Place, write_date};
use super::random::Random;
use super::world::{Measure, Remedy, World};
use crate::calendar;
use crate::values::Kind;
use std::fmt::Write;

/// What one charter says for itself, and the names a request may use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) toml: String,
    pub(crate) groups: Vec<String>,
    /// The windows its caps remember by, as written.
    pub(crate) windows: Vec<String>,
}

/// Writes the definitions, guardrails and groups of one charter.
pub(crate) fn write(random: &mut Random, world: &World) -> Text {
    let mut text = Text::default();
    let defines = defines(random, world);
    if !defines.is_empty() {
        let _ = writeln!(text.toml, "[define]");
        for define in &defines {
            let _ = writeln!(text.toml, "{} = '{}'", define.name, define.source);
        }
    }
    let mut writer = Writer { random, world, defines: &defines, text, count: 0 };
    for remedy in &world.remedies {
        for _ in 0..1 + writer.random.below(3) {
            writer.allow(Some(remedy));
        }
    }
    for _ in 0..writer.random.below(2) {
        writer.allow(None);
    }
    for _ in 0..*writer.random.pick(&[0, 0, 1, 1, 2]) {
        writer.forbid();
    }
    for _ in 0..writer.random.below(4) {
        writer.cap();
    }
    for index in 0..writer.random.below(4) {
        writer.group(index);
    }
    writer.text
}

fn defines(random: &mut Random, world: &World) -> Vec<Define> {
    let mut out = Vec::new();
    for index in 0..random.below(4) {
        let kind = *random.pick(&[Kind::YesNo, Kind::Number, Kind::Money]);
        let place = Place { world, defines: &out, staff: false, asked: None };
        let source = if kind == Kind::YesNo { place.truth(random, 1) } else { place.quantity(random, kind, 1) };
        out.push(Define { name: format!("named_{index}"), kind, source });
    }
    out
}

struct Writer<'a> {
    random: &'a mut Random,
    world: &'a World,
    defines: &'a [Define],
    text: Text,
    count: usize,
}

impl<'a> Writer<'a> {
    fn place(&self) -> Place<'a> {
        Place { world: self.world, defines: self.defines, staff: false, asked: None }
    }

    fn line(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.text.toml, "{key} = {value}");
    }

    /// A place that may ask whether a subject is there.
    fn asking(&mut self) -> Place<'a> {
        let asked = self.random.chance(12).then(|| *self.random.pick(&["customer", "order"]));
        Place { asked, ..self.place() }
    }

    fn head(&mut self, kind: &str, remedies: Option<&[&str]>) {
        self.count += 1;
        let id = format!("{kind}-{}", self.count);
        let _ = writeln!(self.text.toml, "[[{kind}]]\nid = \"{id}\"");
        if let Some(remedies) = remedies {
            self.line("remedies", &format!("{remedies:?}"));
        }
        if !self.world.reasons.is_empty() && self.random.chance(if kind == "allow" { 30 } else { 20 }) {
            let mut reasons = self.random.some(&self.world.reasons, 60);
            if reasons.is_empty() {
                reasons.push(self.world.reasons[0]);
            }
            self.line("reasons", &format!("{reasons:?}"));
        }
        let (today, _) = calendar::local(&self.world.zone, self.world.now);
        let from = today + *self.random.pick(&[-30, -1, 0, 0, 1]);
        if self.random.chance(12) {
            self.line("from", &format!("\"{}\"", write_date(from)));
        }
        if self.random.chance(12) {
            let until = today + *self.random.pick(&[-1, 0, 0, 1, 30]);
            self.line("until", &format!("\"{}\"", write_date(until.max(from))));
        }
        if self.random.chance(10) {
            self.line("because", "\"It was agreed.\"");
        }
    }

    fn who(&mut self, percent: usize) {
        let staffed = self.world.facts.iter().any(|fact| fact.subject() == "staff");
        if staffed && self.random.chance(percent) {
            let place = Place { staff: true, ..self.place() };
            let depth = self.random.below(2);
            let who = place.truth(self.random, depth);
            self.line("who", &format!("'{who}'"));
        }
    }

    fn per(&mut self, place: &Place<'a>, allow: bool) {
        let mut scopes = Vec::new();
        match self.random.below(10) {
            0..=3 => return,
            4 => scopes.push("case".to_owned()),
            5 => scopes.extend(["case".to_owned(), place.scope(self.random)]),
            _ if allow && self.random.chance(40) => scopes.push("order".to_owned()),
            _ => scopes.push(place.scope(self.random)),
        }
        let written = if scopes.len() == 1 { format!("{:?}", scopes[0]) } else { format!("{scopes:?}") };
        self.line("per", &written);
    }

    fn allow(&mut self, one: Option<&Remedy>) {
        let mut remedies: Vec<&Remedy> = one.map_or_else(|| self.world.remedies.iter().collect(), |one| vec![one]);
        if one.is_none() {
            remedies.truncate(1 + self.random.below(3));
        }
        let ids: Vec<&str> = remedies.iter().map(|remedy| remedy.id).collect();
        self.head("allow", Some(&ids));
        let level = *self.random.pick(&self.world.levels);
        self.line("level", &format!("{level:?}"));
        let place = self.asking();
        if self.random.chance(40) {
            let depth = self.random.below(3);
            let when = place.truth(self.random, depth);
            self.line("when", &format!("'{when}'"));
        }
        self.who(10);
        if self.random.chance(10) {
            self.line("second", "true");
        }
        let soft = self.random.chance(15);
        if soft {
            self.line("say_why", "true");
        }
        let measured = remedies.iter().any(|remedy| remedy.measure != Measure::Act);
        if measured {
            self.per(&place, true);
            self.cover(&place, &remedies, soft);
        }
    }

    fn cover(&mut self, place: &Place<'a>, remedies: &[&Remedy], soft: bool) {
        match self.random.below(100) {
            0..=11 => self.line("unlimited", "true"),
            12..=21 => {
                let limits = self.limits(place, remedies, 1);
                self.line("exactly", &limits.0);
            }
            _ => {
                let (limits, literal) = self.limits(place, remedies, 1);
                self.line("up_to", &limits);
                if !soft && self.random.chance(35) {
                    // A stretch lies above its limit wherever that can be told from the text.
                    let stretch = if literal { self.literals(remedies, 9) } else { self.limits(place, remedies, 1).0 };
                    self.line("stretch", &stretch);
                }
            }
        }
    }

    /// A limit for remedies, or a table of them, and whether literals stand in it.
    fn limits(&mut self, place: &Place<'a>, remedies: &[&Remedy], times: usize) -> (String, bool) {
        if self.random.chance(45) {
            return (self.literals(remedies, times), true);
        }
        let one = |random: &mut Random, measure: Measure| {
            let mut limit = place.limit(random, measure);
            // A plain figure is left to the literals, of which the order is known.
            while limit.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                limit = if measure == Measure::Money { place.money(random, 1) } else { format!("max({limit}, {})", place.quantity(random, Kind::Number, 1)) };
            }
            format!("'{limit}'")
        };
        (self.table(remedies, one), false)
    }

    /// Plain figures, `times` as large as they would be.
    fn literals(&mut self, remedies: &[&Remedy], times: usize) -> String {
        let figure = |random: &mut Random, measure: Measure| match measure {
            Measure::Count | Measure::Act => (times * (1 + random.below(4))).to_string(),
            _ => format!("\"{}\"", times * *random.pick(&[5, 10, 20, 25])),
        };
        self.table(remedies, figure)
    }

    fn table(&mut self, remedies: &[&Remedy], one: impl Fn(&mut Random, Measure) -> String) -> String {
        let first = remedies[0].measure;
        if remedies.iter().all(|remedy| remedy.measure == first) {
            return one(self.random, first);
        }
        let measured = remedies.iter().filter(|remedy| remedy.measure != Measure::Act);
        let mut entries = Vec::new();
        for remedy in measured {
            entries.push(format!("{} = {}", remedy.id, one(self.random, remedy.measure)));
        }
        format!("{{ {} }}", entries.join(", "))
    }

    /// Which remedies a forbid or a cap names: none, or some of those that fit.
    fn named(&mut self, fits: impl Fn(&Remedy) -> bool) -> Option<Vec<&'static str>> {
        let fitting: Vec<&str> = self.world.remedies.iter().filter(|remedy| fits(remedy)).map(|remedy| remedy.id).collect();
        if fitting.len() == self.world.remedies.len() && self.random.chance(40) {
            return None;
        }
        let mut some = self.random.some(&fitting, 70);
        if some.is_empty() {
            some.extend(fitting.first());
        }
        Some(some)
    }

    fn below(&mut self) {
        if self.random.chance(45) {
            let level = *self.random.pick(&self.world.levels[1..]);
            self.line("below", &format!("{level:?}"));
        }
    }

    fn forbid(&mut self) {
        let order = [Measure::Money, Measure::Percent, Measure::Count];
        let with_amount = self.random.chance(45);
        let has = |measure: &Measure| self.world.remedies.iter().any(|r| r.measure == *measure);
        let measure = order.into_iter().find(has);
        let kind = if measure == Some(Measure::Money) { Kind::Money } else { Kind::Number };
        let fits = |remedy: &Remedy| !with_amount || Some(remedy.measure) == measure;
        let any = self.world.remedies.iter().any(fits);
        let remedies = if any { self.named(fits) } else { None };
        self.head("forbid", remedies.as_deref());
        let place = self.asking();
        let when = if with_amount && any {
            self.bound(&place, kind)
        } else {
            // Joined, so that not everything is forbidden.
            format!("{} && {}", place.truth(self.random, 1), place.truth(self.random, 1))
        };
        if self.random.chance(96) {
            self.line("when", &format!("'{when}'"));
        }
        self.below();
        self.who(20);
    }

    /// A condition on the amount.
    fn bound(&mut self, place: &Place<'a>, kind: Kind) -> String {
        let bound = match (kind, self.random.below(4)) {
            (Kind::Money, 0 | 1) => place.bare(self.random),
            (_, 2) => format!("{}({}, {})", self.random.pick(&["min", "max"]), place.quantity(self.random, kind, 1), place.quantity(self.random, kind, 0)),
            _ => place.quantity(self.random, kind, 1),
        };
        let plain = match self.random.below(4) {
            0 => format!("amount >= {bound}"),
            1 => format!("{bound} < amount"),
            2 => format!("{bound} <= amount"),
            _ => format!("amount > {bound}"),
        };
        match self.random.below(4) {
            0 => format!("{plain} && ({})", place.truth(self.random, 1)),
            1 => format!("({plain} && {}) || amount > {}", place.truth(self.random, 0), place.quantity(self.random, kind, 0)),
            _ => plain,
        }
    }

    fn cap(&mut self) {
        let worth = self.world.remedies.iter().any(|remedy| remedy.has_worth);
        let by_amount = worth && self.random.chance(55);
        let remedies = self.named(|remedy| !by_amount || remedy.has_worth);
        self.head("cap", remedies.as_deref());
        // A weight may read facts of an order or a customer, so a cap on an amount asks of neither.
        let place = if by_amount { self.place() } else { self.asking() };
        if self.random.chance(30) {
            let when = place.truth(self.random, 1);
            self.line("when", &format!("'{when}'"));
        }
        self.per(&place, false);
        let windows = ["7d", "24h", "30d", "2w", "90m", "1mo", "3mo", "1y", "day", "week", "month", "quarter", "year"];
        let within = (*self.random.pick(&windows)).to_owned();
        if by_amount {
            let most = if self.random.chance(40) {
                format!("'{}'", self.random.pick(&["50", "60", "100", "120"]))
            } else {
                format!("'{}'", place.limit(self.random, Measure::Money))
            };
            self.line("amount", &most);
        } else if self.random.chance(30) {
            let cooldown = (*self.random.pick(&["7d", "24h", "1mo", "12h"])).to_owned();
            self.line("cooldown", &format!("{cooldown:?}"));
            self.text.windows.push(cooldown);
        } else {
            let count = self.whole(&place);
            self.line("count", &count);
        }
        let last = self.text.toml.lines().last().unwrap_or_default();
        if !last.starts_with("cooldown") && self.random.chance(70) {
            self.line("within", &format!("{within:?}"));
            self.text.windows.push(within);
        }
        self.below();
        self.who(15);
    }

    /// A whole number.
    fn whole(&mut self, place: &Place<'a>) -> String {
        match self.random.below(6) {
            0 => format!("'{} ? 1 : 3'", place.truth(self.random, 0)),
            1 => "'min(2, granted(\"refund\", \"customer\") + 1)'".replace("refund", self.world.remedies[0].id),
            _ => (1 + self.random.below(4)).to_string(),
        }
    }

    fn group(&mut self, index: usize) {
        let id = *self.random.pick(&[["leads", "duty"], ["desk", "night"], ["zeta", "alpha"]][index % 3]);
        let _ = writeln!(self.text.toml, "[[group]]\nid = \"{id}\"");
        self.text.groups.push(id.to_owned());
        let level = *self.random.pick(&self.world.levels);
        self.line("level", &format!("{level:?}"));
        self.staff();
        if self.random.chance(40) {
            let priority = self.random.below(3).to_string();
            self.line("priority", &priority);
        }
        if self.random.chance(60) {
            let within = *self.random.pick(&["30m", "2h", "1d"]);
            self.line("within", &format!("{within:?}"));
        }
        if self.random.chance(50) {
            self.line("hours", "\"shop\"");
        }
        if self.random.chance(25) {
            let when = self.place().truth(self.random, 1);
            self.line("when", &format!("'{when}'"));
        }
        if self.random.chance(30) {
            self.line("exceptions", "true");
        }
    }

    fn staff(&mut self) {
        let mut staff = Vec::new();
        for fact in self.world.facts.iter().filter(|fact| fact.subject() == "staff") {
            if self.random.chance(60) {
                let name = fact.name.trim_start_matches("staff.");
                let value = match fact.kind {
                    Kind::Text => format!("{:?}", self.random.pick(fact.choice)),
                    Kind::YesNo => self.random.chance(70).to_string(),
                    _ => 3.clamp(fact.bounds.0 / 1_000_000, fact.bounds.1 / 1_000_000).to_string(),
                };
                staff.push(format!("{name} = {value}"));
            }
        }
        if !staff.is_empty() {
            self.line("staff", &format!("{{ {} }}", staff.join(", ")));
        }
    }
}

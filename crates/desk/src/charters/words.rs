//! Expressions of a charter in words, for people who read it and do not write it. What has no plain words stays as it is written.

use std::collections::BTreeMap;

use charter::Charter;
use charter::decimal::{Decimal, number_to_text};
use charter::document::Document;
use charter::facts::{Fact, Type};
use charter::money::Measure;
use charter::syntax::{Binary, Expr, Kind, Unary, parse, print};

use crate::options::spoken;

/// What a bare number stands for.
#[derive(Clone, Copy)]
enum Number<'a> {
    Plain,
    Money,
    Of(&'a Measure),
}

/// What a charter says, in words.
pub(super) struct Words<'a> {
    charter: &'a Charter,
    /// What the words that rules use mean, as it is written.
    defined: BTreeMap<&'a str, &'a str>,
}

/// Letters of a definition that is said where it is used; a longer one is called by its name.
const SAID_CHARS: usize = 160;

impl<'a> Words<'a> {
    /// The words of a charter whose text defines some.
    pub(super) fn new(charter: &'a Charter, document: &'a Document) -> Self {
        Self { charter, defined: document.define.iter().map(|(name, formula)| (name.value.as_str(), formula.0.value.as_str())).collect() }
    }

    /// A limit in words: `€25.00`, `20% of the order's total`, `1 month`.
    pub(super) fn limit(&self, written: &str, measure: &Measure) -> String {
        self.said(written, if *measure == Measure::Money { Number::Money } else { Number::Of(measure) })
    }

    /// An amount of money in words.
    pub(super) fn money(&self, written: &str) -> String {
        self.said(written, Number::Money)
    }

    /// A count in words.
    pub(super) fn count(&self, written: &str) -> String {
        self.said(written, Number::Plain)
    }

    /// A condition in words: `the order's days late are at least 3`.
    pub(super) fn condition(&self, written: &str) -> String {
        parse(written).map_or_else(|_| written.to_owned(), |expr| self.truth(&expr))
    }

    fn said(&self, written: &str, number: Number<'_>) -> String {
        parse(written).map_or_else(|_| written.to_owned(), |expr| self.value(&expr, number))
    }
}

impl Words<'_> {
    /// A part that is true or not.
    fn truth(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Binary(op @ (Binary::And | Binary::Or), left, right) => {
                let word = if *op == Binary::And { "and" } else { "or" };
                format!("{} {word} {}", self.truth_in(left, *op), self.truth_in(right, *op))
            }
            Kind::Binary(op, left, right) if op.compares() => self.comparison(*op, left, right),
            Kind::Unary(Unary::Not, of) => match self.yes_no(of) {
                Some(asked) => format!("{asked} is no"),
                None => format!("it is not so that {}", self.truth(of)),
            },
            Kind::Truth(truth) => if *truth { "always" } else { "never" }.to_owned(),
            Kind::Call(name, of) if name == "subset" => match of.as_slice() {
                [list, of] => format!("{} nothing but {}", self.lists(list), self.either(of)),
                _ => print(expr),
            },
            Kind::Name(name) => self.meaning(name, |words, expr| words.truth(expr)),
            _ => self.yes_no(expr).map_or_else(|| self.value(expr, Number::Plain), |asked| format!("{asked} is yes")),
        }
    }

    /// What a defined word means, or its name where that is long.
    fn meaning(&self, name: &str, say: impl FnOnce(&Self, &Expr) -> String) -> String {
        let meaning = self.defined.get(name).and_then(|written| parse(written).ok()).map(|expr| say(self, &expr));
        meaning.filter(|words| words.chars().count() <= SAID_CHARS).unwrap_or_else(|| format!("“{}”", spoken(name)))
    }

    /// A list that names things: `the answer to “What is in it?” names`.
    fn lists(&self, list: &Expr) -> String {
        match self.fact(list).and_then(|fact| fact.ask.as_deref()) {
            Some(ask) => format!("the answer to “{ask}” names"),
            None => format!("{} {} ", self.value(list, Number::Plain), be(list)).trim_end().to_owned(),
        }
    }

    /// One of several: `“food” or “drink”`.
    fn either(&self, list: &Expr) -> String {
        let Kind::List(entries) = &list.kind else { return self.value(list, Number::Plain) };
        let said: Vec<String> = entries.iter().map(|e| self.value(e, Number::Plain)).collect();
        match said.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
        }
    }

    fn truth_in(&self, expr: &Expr, outer: Binary) -> String {
        let looser = matches!(&expr.kind, Kind::Binary(op, ..) if op.binding() < outer.binding());
        let words = self.truth(expr);
        if looser { format!("({words})") } else { words }
    }

    /// The words for a fact that is yes or no: what is asked, if the charter has a question for it.
    fn yes_no(&self, expr: &Expr) -> Option<String> {
        let fact = self.fact(expr).filter(|fact| fact.kind == Type::YesNo)?;
        Some(fact.ask.as_ref().map_or_else(|| self.value(expr, Number::Plain), |ask| format!("the answer to “{ask}”")))
    }

    fn fact(&self, expr: &Expr) -> Option<&Fact> {
        let Kind::Select(subject, fact) = &expr.kind else { return None };
        let Kind::Name(subject) = &subject.kind else { return None };
        let name = format!("{subject}.{fact}");
        let staff = self.charter.staff.iter().find(|f| *f.name == *name || (subject == "staff" && *f.name == **fact));
        self.charter.fact(&name).and_then(|place| self.charter.facts.get(place)).or(staff)
    }

    fn comparison(&self, op: Binary, left: &Expr, right: &Expr) -> String {
        if let Some(said) = self.given_before(op, left, right).or_else(|| self.lasting(op, left, right)) {
            return said;
        }
        if op == Binary::In {
            // What is looked for in a fact that is a list, or a fact among what is listed.
            return match &right.kind {
                Kind::List(_) => format!("{} {} {}", self.value(left, Number::Plain), be(left), self.either(right)),
                _ => format!("{} {}", self.lists(right), self.value(left, Number::Plain)),
            };
        }
        if let (Binary::Equal, true, Kind::Text(kind)) = (op, self.is_kind_of_staff(left), &right.kind) {
            return format!("whoever gives it is {}", kind_of_staff(kind));
        }
        let words = match op {
            Binary::Equal => "",
            Binary::NotEqual => " not",
            Binary::Less => " less than",
            Binary::AtMost => " at most",
            Binary::More => " more than",
            Binary::AtLeast => " at least",
            _ => return print(&Expr { kind: Kind::Binary(op, Box::new(left.clone()), Box::new(right.clone())), ..left.clone() }),
        };
        let number = if self.is_money(left) || self.is_money(right) { Number::Money } else { Number::Plain };
        format!("{} {}{words} {}", self.value(left, number), be(left), self.value(right, number))
    }

    fn is_kind_of_staff(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, Kind::Select(subject, fact) if fact == "kind" && matches!(&subject.kind, Kind::Name(name) if name == "staff"))
    }

    /// How long something is so: `the order was delivered at most 30 days ago`, `the order is silent for at least 7 days`.
    fn lasting(&self, op: Binary, left: &Expr, right: &Expr) -> Option<String> {
        let words = match op {
            Binary::Less => "less than",
            Binary::AtMost => "at most",
            Binary::More => "more than",
            Binary::AtLeast => "at least",
            _ => return None,
        };
        if let Kind::Name(name) = &left.kind {
            return self.lasting(op, &parse(self.defined.get(name.as_str())?).ok()?, right);
        }
        let much = self.value(right, Number::Plain);
        match &left.kind {
            Kind::Call(name, of) if name == "days_between" => match of.as_slice() {
                [since, Expr { kind: Kind::Name(now), .. }] if now == "now" => Some(match named(since) {
                    Some((subject, "since")) => format!("they have been {} {} for {words} {much} days", article(subject), spoken(subject)),
                    _ => format!("{} {words} {much} days ago", self.came(since)),
                }),
                _ => None,
            },
            _ => {
                let (subject, fact) = named(left)?;
                let state = fact.strip_suffix("_for").filter(|_| self.fact(left).is_some_and(|fact| fact.kind == Type::Duration))?;
                Some(format!("the {} is {} for {words} {much}", spoken(subject), spoken(state)))
            }
        }
    }

    /// When something came: `the order was placed`.
    fn came(&self, at: &Expr) -> String {
        match named(at) {
            Some((subject, fact)) if fact.ends_with("ed") => format!("the {} was {}", spoken(subject), spoken(fact)),
            _ => format!("{} was", self.value(at, Number::Plain)),
        }
    }

    /// How often something was given, against a number: `“Replacement” was given already`.
    fn given_before(&self, op: Binary, left: &Expr, right: &Expr) -> Option<String> {
        let (Kind::Call(name, of), Kind::Number(count)) = (&left.kind, &right.kind) else { return None };
        if name != "granted" {
            return None;
        }
        let given = self.given(of)?;
        let count = self.number(*count, Number::Plain);
        let times = if count == "1" { "time" } else { "times" };
        Some(match (op, count.as_str()) {
            (Binary::More, "0") | (Binary::AtLeast, "1") => format!("{given} already"),
            (Binary::Equal | Binary::AtMost, "0") | (Binary::Less, "1") => format!("{} yet", given.replacen(" was given", " was not given", 1)),
            (Binary::Equal, _) => format!("{given} {count} {times}"),
            (Binary::NotEqual, _) => format!("{given} not {count} {times}"),
            (Binary::Less, _) => format!("{given} less than {count} {times}"),
            (Binary::AtMost, _) => format!("{given} at most {count} {times}"),
            (Binary::More, _) => format!("{given} more than {count} {times}"),
            (Binary::AtLeast, _) => format!("{given} at least {count} {times}"),
            _ => return None,
        })
    }

    /// `“Replacement” was given per order in 90 days`.
    fn given(&self, of: &[Expr]) -> Option<String> {
        let text = |e: &Expr| match &e.kind {
            Kind::Text(text) => Some(text.clone()),
            _ => None,
        };
        let per = |e: &Expr| text(e).map_or_else(|| print(e), |p| scope(&p));
        Some(match of {
            [one] => format!("{} was given here", self.remedies(one)),
            [one, whom] => format!("{} was given per {}", self.remedies(one), per(whom)),
            [one, whom, within] => {
                let within = text(within).map_or_else(|| print(within), |w| window(&w));
                format!("{} was given per {} {within}", self.remedies(one), per(whom))
            }
            _ => return None,
        })
    }

    fn is_money(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Select(..) => self.fact(expr).is_some_and(|fact| fact.kind == Type::Money),
            Kind::Call(name, of) => {
                matches!(name.as_str(), "money" | "percent") || (matches!(name.as_str(), "min" | "max") && of.iter().any(|e| self.is_money(e)))
            }
            Kind::Binary(Binary::Add | Binary::Subtract | Binary::Multiply, left, right) => self.is_money(left) || self.is_money(right),
            _ => false,
        }
    }

    /// A date that is moved: `30 days after the order’s placed`.
    fn moved(&self, expr: &Expr) -> Option<String> {
        let Kind::Binary(op @ (Binary::Add | Binary::Subtract), at, by) = &expr.kind else { return None };
        let Kind::Call(unit, of) = &by.kind else { return None };
        let [much] = of.as_slice() else { return None };
        let much = matches!(unit.as_str(), "days" | "months" | "years").then(|| self.value(much, Number::Plain))?;
        let unit = if much == "1" { unit.trim_end_matches('s') } else { unit };
        Some(format!("{much} {unit} {} {}", if *op == Binary::Add { "after" } else { "before" }, self.value(at, Number::Plain)))
    }

    fn value(&self, expr: &Expr, number: Number<'_>) -> String {
        if let Some(moved) = self.moved(expr) {
            return moved;
        }
        match &expr.kind {
            Kind::Number(value) => self.number(*value, number),
            Kind::Text(text) => format!("“{}”", text.replace('_', " ")),
            Kind::Name(name) if name == "amount" => "the amount".to_owned(),
            Kind::Name(name) if name == "now" => "now".to_owned(),
            Kind::Name(name) => self.meaning(name, |words, expr| words.value(expr, number)),
            Kind::Select(subject, fact) => match &subject.kind {
                // What is told is told of a case.
                Kind::Name(subject) if subject == "case" || subject == "request" => format!("the {}", spoken(fact)),
                Kind::Name(subject) if subject == "staff" => format!("the {} of whoever gives it", spoken(fact)),
                Kind::Name(subject) => format!("the {}’s {}", spoken(subject), spoken(fact)),
                _ => print(expr),
            },
            Kind::Call(name, of) => self.call(expr, name, of, number),
            Kind::Binary(op @ (Binary::Add | Binary::Subtract | Binary::Multiply), left, right) => {
                let word = match op {
                    Binary::Add => "plus",
                    Binary::Subtract => "minus",
                    _ => "times",
                };
                // Money is multiplied by a number.
                let number = if *op == Binary::Multiply && !matches!(number, Number::Of(_)) { Number::Plain } else { number };
                format!("{} {word} {}", self.operand(left, *op, number), self.operand(right, *op, number))
            }
            Kind::Binary(..) | Kind::Unary(Unary::Not, _) | Kind::Truth(_) => self.truth(expr),
            Kind::Choose(condition, yes, no) => format!("{} if {}, else {}", self.value(yes, number), self.truth(condition), self.value(no, number)),
            Kind::List(_) => self.either(expr),
            Kind::Index(of, key) => match &of.kind {
                Kind::Table(entries) => {
                    let each = entries.iter().map(|(k, v)| format!("{} for {}", self.value(v, number), self.value(k, Number::Plain)));
                    format!("{} ({})", each.collect::<Vec<_>>().join(", "), self.value(key, Number::Plain))
                }
                _ => format!("what {} says for {}", self.value(of, number), self.value(key, Number::Plain)),
            },
            Kind::Unary(Unary::Negate, of) => format!("minus {}", self.value(of, number)),
            Kind::Table(_) => print(expr),
        }
    }

    fn operand(&self, expr: &Expr, outer: Binary, number: Number<'_>) -> String {
        let looser = matches!(&expr.kind, Kind::Binary(op, ..) if op.binding() < outer.binding());
        let words = self.value(expr, number);
        if looser { format!("({words})") } else { words }
    }

    fn number(&self, value: Decimal, number: Number<'_>) -> String {
        let (places, say): (u32, Box<dyn Fn(i64) -> String + '_>) = match number {
            Number::Plain => return i64::try_from(value.0).map_or_else(|_| value.0.to_string(), number_to_text),
            Number::Money => (self.charter.currency.places, Box::new(|units| self.charter.currency.spoken(units))),
            Number::Of(measure) => (measure.places(&self.charter.currency), Box::new(|units| measure.spoken(units, &self.charter.currency))),
        };
        let units = value.in_units(places).and_then(|units| i64::try_from(units).ok());
        units.map_or_else(|| i64::try_from(value.0).map_or_else(|_| value.0.to_string(), number_to_text), say)
    }

    fn call(&self, expr: &Expr, name: &str, of: &[Expr], number: Number<'_>) -> String {
        let list = || of.iter().map(|e| self.value(e, number)).collect::<Vec<_>>().join(" and ");
        let text = |e: &Expr| match &e.kind {
            Kind::Text(text) => Some(text.clone()),
            _ => None,
        };
        match (name, of) {
            ("percent", [share, whole]) => format!("{}% of {}", self.value(share, Number::Plain), self.value(whole, Number::Money)),
            ("min", _) => format!("the lesser of {}", list()),
            ("max", _) => format!("the greater of {}", list()),
            ("money", [one]) => text(one).map_or_else(|| print(expr), |text| self.money(&text)),
            ("date", [one]) => text(one).map_or_else(|| print(expr), |text| day(&text)),
            ("time", [one]) => text(one).map_or_else(|| print(expr), |text| instant(&text)),
            ("duration", [one]) => text(one).map_or_else(|| print(expr), |text| span(&text)),
            ("days" | "months" | "years", [one]) => format!("{} {name}", self.value(one, Number::Plain)),
            ("days_between", [since, Expr { kind: Kind::Name(now), .. }]) if now == "now" => match named(since) {
                Some((subject, "since")) => format!("the days they have been {} {}", article(subject), spoken(subject)),
                _ => format!("the days since {}", self.came(since)),
            },
            ("days_between", [from, to]) => format!("the days from {} to {}", self.value(from, Number::Plain), self.value(to, Number::Plain)),
            ("exists", [Expr { kind: Kind::Name(subject), .. }]) => format!("there is {} {}", article(subject), spoken(subject)),
            ("granted", of) => self.given(of).map_or_else(|| print(expr), |given| format!("how often {given}")),
            ("alike", [one, other]) => {
                format!("how many entries {} and {} have in common", self.value(one, Number::Plain), self.value(other, Number::Plain))
            }
            ("id", [Expr { kind: Kind::Name(subject), .. }]) => format!("the number of the {}", spoken(subject)),
            ("subset", _) => self.truth(expr),
            ("size", [one]) => format!("the number of entries of {}", self.value(one, Number::Plain)),
            _ => print(expr),
        }
    }

    fn remedies(&self, expr: &Expr) -> String {
        let Kind::Text(id) = &expr.kind else { return print(expr) };
        format!("“{}”", crate::options::title(self.charter, id))
    }
}

/// The subject and the name of a fact.
fn named(expr: &Expr) -> Option<(&str, &str)> {
    match &expr.kind {
        Kind::Select(subject, fact) => match &subject.kind {
            Kind::Name(subject) => Some((subject, fact)),
            _ => None,
        },
        _ => None,
    }
}

fn kind_of_staff(kind: &str) -> String {
    match kind {
        "ai" => "an AI agent".to_owned(),
        kind => format!("{} {}", article(kind), spoken(kind)),
    }
}

/// A day as it is said: `1 Dec 2026`.
pub(super) fn day(written: &str) -> String {
    written.parse::<jiff::civil::Date>().map_or_else(|_| written.to_owned(), |day| day.strftime("%-d %b %Y").to_string())
}

fn instant(written: &str) -> String {
    written.parse::<jiff::Timestamp>().map_or_else(|_| written.to_owned(), |at| at.strftime("%-d %b %Y %H:%M UTC").to_string())
}

/// `are` where a fact begins with more than one of something: `days late`.
fn be(of: &Expr) -> &'static str {
    let Kind::Select(_, fact) = &of.kind else { return "is" };
    if ["days", "hours", "minutes", "weeks", "months", "years", "items"].iter().any(|many| spoken(fact).split(' ').next() == Some(many)) { "are" } else { "is" }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// What shares one memory: `order`, `carrier of the order`.
pub(super) fn scope(name: &str) -> String {
    match name.split_once('.') {
        Some((subject, fact)) => format!("{} of the {}", spoken(fact), spoken(subject)),
        None => spoken(name),
    }
}

/// How far back it remembers: `in 90 days`, `a week`.
pub(super) fn window(written: &str) -> String {
    if written.starts_with(|c: char| c.is_ascii_digit()) { format!("in {}", span(written)) } else { format!("a {written}") }
}

/// How long: `7 days`, `1 hour 30 minutes`.
fn span(written: &str) -> String {
    let mut said = Vec::new();
    let mut rest = written;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0) {
        let (number, after) = rest.split_at(end);
        let unit = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let word = match unit.0.trim() {
            "s" => "seconds",
            "m" => "minutes",
            "h" => "hours",
            "d" => "days",
            "w" => "weeks",
            "mo" => "months",
            "y" => "years",
            _ => return written.to_owned(),
        };
        said.push(format!("{number} {}", if number == "1" { word.trim_end_matches('s') } else { word }));
        rest = unit.1;
    }
    if rest.is_empty() && !said.is_empty() { said.join(" ") } else { written.to_owned() }
}

#[cfg(test)]
mod tests;

//! Expressions of a charter in words, for people who read it and do not write it. What has no plain words stays as it is written.

use charter::Charter;
use charter::decimal::{Decimal, number_to_text};
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

/// A limit in words: `€25.00`, `20% of the order's total`, `1 month`.
pub(super) fn limit(charter: &Charter, written: &str, measure: &Measure) -> String {
    let number = if *measure == Measure::Money { Number::Money } else { Number::Of(measure) };
    said(charter, written, number)
}

/// An amount of money in words.
pub(super) fn money(charter: &Charter, written: &str) -> String {
    said(charter, written, Number::Money)
}

/// A count in words.
pub(super) fn count(charter: &Charter, written: &str) -> String {
    said(charter, written, Number::Plain)
}

/// A condition in words: `the order's days late are at least 3`.
pub(super) fn condition(charter: &Charter, written: &str) -> String {
    match parse(written) {
        Ok(expr) => Words { charter }.truth(&expr),
        Err(_) => written.to_owned(),
    }
}

fn said(charter: &Charter, written: &str, number: Number<'_>) -> String {
    match parse(written) {
        Ok(expr) => Words { charter }.value(&expr, number),
        Err(_) => written.to_owned(),
    }
}

struct Words<'a> {
    charter: &'a Charter,
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
                None => format!("not ({})", self.truth(of)),
            },
            Kind::Truth(truth) => if *truth { "always" } else { "never" }.to_owned(),
            _ => self.yes_no(expr).map_or_else(|| self.value(expr, Number::Plain), |asked| format!("{asked} is yes")),
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
        if let Some(said) = self.given_before(op, left, right) {
            return said;
        }
        let words = match op {
            Binary::Equal => "",
            Binary::NotEqual => " not",
            Binary::Less => " less than",
            Binary::AtMost => " at most",
            Binary::More => " more than",
            Binary::AtLeast => " at least",
            _ => " among",
        };
        let number = if self.is_money(left) || self.is_money(right) { Number::Money } else { Number::Plain };
        format!("{} {}{words} {}", self.value(left, number), be(left), self.value(right, number))
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

    fn value(&self, expr: &Expr, number: Number<'_>) -> String {
        match &expr.kind {
            Kind::Number(value) => self.number(*value, number),
            Kind::Text(text) => format!("“{text}”"),
            Kind::Name(name) if name == "amount" => "the amount".to_owned(),
            Kind::Name(name) => spoken(name),
            Kind::Select(subject, fact) => match &subject.kind {
                // What is told is told of a case.
                Kind::Name(subject) if subject == "case" => format!("the {}", spoken(fact)),
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
            Kind::List(entries) => entries.iter().map(|e| self.value(e, Number::Plain)).collect::<Vec<_>>().join(", "),
            Kind::Index(of, key) => match &of.kind {
                Kind::Table(entries) => {
                    let each = entries.iter().map(|(k, v)| format!("{} for {}", self.value(v, number), self.value(k, Number::Plain)));
                    format!("{} ({})", each.collect::<Vec<_>>().join(", "), self.value(key, Number::Plain))
                }
                _ => print(expr),
            },
            Kind::Unary(Unary::Negate, _) | Kind::Table(_) => print(expr),
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
            ("money", [one]) => text(one).map_or_else(|| print(expr), |text| money(self.charter, &text)),
            ("date" | "time" | "duration", [one]) => text(one).unwrap_or_else(|| print(expr)),
            ("days_between", [from, to]) => format!("the days from {} to {}", self.value(from, Number::Plain), self.value(to, Number::Plain)),
            ("exists", [Expr { kind: Kind::Name(subject), .. }]) => format!("there is {} {}", article(subject), spoken(subject)),
            ("granted", of) => self.given(of).map_or_else(|| print(expr), |given| format!("how often {given}")),
            ("size", [one]) => format!("the number of entries of {}", self.value(one, Number::Plain)),
            _ => print(expr),
        }
    }

    fn remedies(&self, expr: &Expr) -> String {
        let Kind::Text(id) = &expr.kind else { return print(expr) };
        format!("“{}”", crate::options::title(self.charter, id))
    }
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
    let split = written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len());
    let (number, unit) = written.split_at(split);
    let unit = match unit {
        "m" => "minutes",
        "h" => "hours",
        "d" => "days",
        "w" => "weeks",
        "mo" => "months",
        "y" => "years",
        named => return format!("a {named}"),
    };
    if number == "1" { format!("in 1 {}", unit.trim_end_matches('s')) } else { format!("in {number} {unit}") }
}

#[cfg(test)]
mod tests {
    use charter::{Sources, load};

    use super::*;

    #[test]
    fn expressions_in_words() {
        let shop = load(&Sources { text: include_str!("../../../../charters/shop.toml"), outer: None, today: None }).charter.unwrap();
        let limits = [
            ("25", "€25.00"),
            ("order.total", "the order’s total"),
            ("percent(20, order.total)", "20% of the order’s total"),
            ("min(order.total, 300)", "the lesser of the order’s total and €300.00"),
            ("case.paid_price - case.rival_price", "the paid price minus the rival price"),
            (
                "{\"standard\": 50, \"plus\": 100, \"key\": 300}[customer.tier]",
                "€50.00 for “standard”, €100.00 for “plus”, €300.00 for “key” (the customer’s tier)",
            ),
            ("is_key ? 10 : 5", "€10.00 if is key, else €5.00"),
        ];
        for (written, expected) in limits {
            assert_eq!(limit(&shop, written, &Measure::Money), expected);
        }
        assert_eq!(limit(&shop, "3", &Measure::Count("months".into())), "3 months");
        let conditions = [
            ("order.days_late >= 3", "the order’s days late are at least 3"),
            ("case.photo_seen", "the answer to “Have you seen a photo of the damage, or of what came?” is yes"),
            (
                "!case.photo_seen && order.total > 20",
                "the answer to “Have you seen a photo of the damage, or of what came?” is no and the order’s total is more than €20.00",
            ),
            ("is_key || loyal", "is key or loyal"),
            ("amount > money(\"20\")", "the amount is more than €20.00"),
            ("staff.kind == \"ai\"", "the staff’s kind is “ai”"),
            ("granted(\"replacement\", \"order\") > 0", "“Send another one” was given per order already"),
            ("granted(\"replacement\") < 1", "“Send another one” was not given here yet"),
            ("granted(\"replacement\", \"customer\", \"90d\") >= 3", "“Send another one” was given per customer in 90 days at least 3 times"),
            ("granted(\"replacement\") > amount", "how often “Send another one” was given here is more than the amount"),
            ("order.silent_for >= duration(\"3d\")", "the order’s silent for is at least 3d"),
            ("not an expression", "not an expression"),
        ];
        for (written, expected) in conditions {
            assert_eq!(condition(&shop, written), expected);
        }
        assert_eq!([window("90d"), window("1w"), window("day")], ["in 90 days", "in 1 week", "a day"]);
    }
}

//! Expressions of a charter in words, for people who read it and do not write it. What has no plain words stays as it is written.

use charter::Charter;
use charter::decimal::{Decimal, number_to_text};
use charter::facts::Type;
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

/// A condition in words: `the order's days late is at least 3`.
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
                Some(fact) => format!("{fact} is no"),
                None => format!("not ({})", self.truth(of)),
            },
            Kind::Truth(truth) => if *truth { "always" } else { "never" }.to_owned(),
            _ => self.yes_no(expr).map_or_else(|| self.value(expr, Number::Plain), |fact| format!("{fact} is yes")),
        }
    }

    fn truth_in(&self, expr: &Expr, outer: Binary) -> String {
        let looser = matches!(&expr.kind, Kind::Binary(op, ..) if op.binding() < outer.binding());
        let words = self.truth(expr);
        if looser { format!("({words})") } else { words }
    }

    /// The words for a fact that is yes or no.
    fn yes_no(&self, expr: &Expr) -> Option<String> {
        (self.kind_of(expr)? == Type::YesNo).then(|| self.value(expr, Number::Plain))
    }

    fn kind_of(&self, expr: &Expr) -> Option<Type> {
        let Kind::Select(subject, fact) = &expr.kind else { return None };
        let Kind::Name(subject) = &subject.kind else { return None };
        let name = format!("{subject}.{fact}");
        let staff = self.charter.staff.iter().find(|f| *f.name == *name || (subject == "staff" && *f.name == **fact));
        let declared = self.charter.fact(&name).and_then(|place| self.charter.facts.get(place));
        declared.or(staff).map(|f| f.kind.clone())
    }

    fn comparison(&self, op: Binary, left: &Expr, right: &Expr) -> String {
        let words = match op {
            Binary::Equal => "is",
            Binary::NotEqual => "is not",
            Binary::Less => "is less than",
            Binary::AtMost => "is at most",
            Binary::More => "is more than",
            Binary::AtLeast => "is at least",
            _ => "is among",
        };
        let number = if self.is_money(left) || self.is_money(right) { Number::Money } else { Number::Plain };
        format!("{} {words} {}", self.value(left, number), self.value(right, number))
    }

    fn is_money(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Select(..) => self.kind_of(expr) == Some(Type::Money),
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
            ("granted", [one]) => format!("how often {} was given here", self.remedies(one)),
            ("granted", [one, per]) => format!("how often {} was given per {}", self.remedies(one), text(per).map_or_else(|| print(per), |p| scope(&p))),
            ("granted", [one, per, within]) => {
                let (per, within) = (text(per).map_or_else(|| print(per), |p| scope(&p)), text(within).map_or_else(|| print(within), |w| window(&w)));
                format!("how often {} was given per {per} {within}", self.remedies(one))
            }
            ("size", [one]) => format!("the number of entries of {}", self.value(one, Number::Plain)),
            _ => print(expr),
        }
    }

    fn remedies(&self, expr: &Expr) -> String {
        let Kind::Text(id) = &expr.kind else { return print(expr) };
        format!("“{}”", crate::options::title(self.charter, id))
    }
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
            ("case.paid_price - case.rival_price", "the case’s paid price minus the case’s rival price"),
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
            ("order.days_late >= 3", "the order’s days late is at least 3"),
            ("case.photo_seen", "the case’s photo seen is yes"),
            ("!case.photo_seen && order.total > 20", "the case’s photo seen is no and the order’s total is more than €20.00"),
            ("is_key || loyal", "is key or loyal"),
            ("amount > money(\"20\")", "the amount is more than €20.00"),
            ("staff.kind == \"ai\"", "the staff’s kind is “ai”"),
            ("granted(\"replacement\", \"order\") > 0", "how often “Send another one” was given per order is more than 0"),
            ("order.silent_for >= duration(\"3d\")", "the order’s silent for is at least 3d"),
            ("not an expression", "not an expression"),
        ];
        for (written, expected) in conditions {
            assert_eq!(condition(&shop, written), expected);
        }
        assert_eq!([window("90d"), window("1w"), window("day")], ["in 90 days", "in 1 week", "a day"]);
    }
}

//! What an expression can be: sets of truths, intervals, sets of texts and of lists.

use std::collections::BTreeSet;

/// The far end of a usage that nothing bounds.
pub(crate) const ENDLESS: i128 = i128::MAX / 8;
/// Millionths in one number.
pub(crate) const MILLION: i128 = 1_000_000;

/// The types of the language; a choice is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    YesNo,
    Number,
    Money,
    Text,
    Date,
    Time,
    Duration,
    List,
}

/// What a truth can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Truth {
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) fault: bool,
}

impl Truth {
    pub(crate) const FAULT: Truth = Truth { yes: false, no: false, fault: true };
    pub(crate) const UNKNOWN: Truth = Truth { yes: true, no: true, fault: false };

    pub(crate) fn known(value: bool) -> Truth {
        Truth { yes: value, no: !value, fault: false }
    }

    pub(crate) fn decided(self) -> bool {
        usize::from(self.yes) + usize::from(self.no) + usize::from(self.fault) == 1
    }

    pub(crate) fn surely(self) -> bool {
        self == Truth::known(true)
    }

    pub(crate) fn surely_not(self) -> bool {
        self == Truth::known(false)
    }

    pub(crate) fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes, fault: self.fault }
    }

    /// The single things this truth can be.
    fn each(self) -> Vec<Option<bool>> {
        let all = [(self.yes, Some(true)), (self.no, Some(false)), (self.fault, None)];
        all.into_iter().filter(|(can, _)| *can).map(|(_, what)| what).collect()
    }

    fn add(&mut self, what: Option<bool>) {
        match what {
            Some(true) => self.yes = true,
            Some(false) => self.no = true,
            None => self.fault = true,
        }
    }

    /// Works an operator out for each combination of what both sides can be.
    pub(crate) fn combine(self, other: Truth, op: impl Fn(Option<bool>, Option<bool>) -> Option<bool>) -> Truth {
        let mut out = Truth::default();
        for left in self.each() {
            for right in other.each() {
                out.add(op(left, right));
            }
        }
        out
    }

    pub(crate) fn and(self, other: Truth) -> Truth {
        self.combine(other, |left, right| match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        })
    }

    pub(crate) fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    pub(crate) fn either(self, other: Truth) -> Truth {
        Truth { yes: self.yes || other.yes, no: self.no || other.no, fault: self.fault || other.fault }
    }

    /// For an allow a fault counts as false.
    pub(crate) fn for_allow(self) -> Truth {
        Truth { yes: self.yes, no: self.no || self.fault, fault: false }
    }

    /// For a forbid or a cap a fault counts as true.
    pub(crate) fn for_closing(self) -> Truth {
        Truth { yes: self.yes || self.fault, no: self.no, fault: false }
    }
}

/// An interval of integers (millionths, minor units, microseconds, days), and whether it can be a fault.
/// `ends` is none when it can be nothing but a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) ends: Option<(i128, i128)>,
    pub(crate) fault: bool,
}

impl Span {
    pub(crate) const FAULT: Span = Span { ends: None, fault: true };

    pub(crate) fn point(value: i128) -> Span {
        Span::from(value, value)
    }

    pub(crate) fn from(least: i128, greatest: i128) -> Span {
        Span { ends: Some((least, greatest)), fault: false }
    }

    pub(crate) fn is_point(self) -> bool {
        matches!(self.ends, Some((least, greatest)) if least == greatest)
    }

    pub(crate) fn decided(self) -> bool {
        self.ends.is_none() || (self.is_point() && !self.fault)
    }

    /// The one value this surely is.
    pub(crate) fn single(self) -> Option<i128> {
        self.ends.filter(|_| self.is_point() && !self.fault).map(|(least, _)| least)
    }

    /// Arithmetic over the ends, with what lies outside `least..=greatest` an overflow.
    pub(crate) fn arith(self, other: Span, bounds: (i128, i128), op: impl Fn(i128, i128) -> i128) -> Span {
        let (Some((a, b)), Some((c, d))) = (self.ends, other.ends) else {
            return Span::FAULT;
        };
        let fault = self.fault || other.fault;
        let results = [op(a, c), op(a, d), op(b, c), op(b, d)];
        let least = results.into_iter().min().unwrap_or_default();
        let greatest = results.into_iter().max().unwrap_or_default();
        let outside = least < bounds.0 || greatest > bounds.1;
        if outside && self.is_point() && other.is_point() {
            return Span::FAULT;
        }
        let ends = Some((least.clamp(bounds.0, bounds.1), greatest.clamp(bounds.0, bounds.1)));
        Span { ends, fault: fault || outside }
    }

    /// A time moved by calendar steps: an instant by `moved`; anything else from the beginning of the first local day to the end of the day after the last.
    pub(crate) fn step(self, by: Span, moved: impl Fn(i128, i128) -> i128, day: impl Fn(i128, i128) -> i128, begins: impl Fn(i128) -> i128) -> Span {
        let bounds = crate::calendar::time_bounds();
        if self.is_point() {
            return self.arith(by, bounds, moved);
        }
        let days = self.arith(by, (-ENDLESS * 4, ENDLESS * 4), day);
        let Some((first, last)) = days.ends else { return days };
        let known = crate::calendar::date_bounds();
        let low = if first < known.0 {
            bounds.0 - 1
        } else if first > known.1 {
            bounds.1 + 1
        } else {
            begins(first)
        };
        let high = if last + 2 > known.1 {
            bounds.1 + 1
        } else if last + 2 < known.0 {
            bounds.0 - 1
        } else {
            begins(last + 2) - 1
        };
        let outside = low < bounds.0 || high > bounds.1;
        Span { ends: Some((low.clamp(bounds.0, bounds.1), high.clamp(bounds.0, bounds.1))), fault: days.fault || outside }
    }

    /// The sum without any bound, as the sums of a ledger are.
    pub(crate) fn plus(self, other: Span) -> Span {
        self.arith(other, (-ENDLESS * 4, ENDLESS * 4), |a, b| a + b)
    }

    pub(crate) fn scaled(self, by: i128) -> Span {
        Span { ends: self.ends.map(|(a, b)| (scale_end(a, by), scale_end(b, by))), fault: self.fault }
    }

    pub(crate) fn either(self, other: Span) -> Span {
        let ends = match (self.ends, other.ends) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, None) | (None, one) => one,
        };
        Span { ends, fault: self.fault || other.fault }
    }

    /// The least (or the greatest) of two.
    pub(crate) fn pick(self, other: Span, op: impl Fn(i128, i128) -> i128) -> Span {
        let (Some((a, b)), Some((c, d))) = (self.ends, other.ends) else {
            return Span::FAULT;
        };
        Span { ends: Some((op(a, c), op(b, d))), fault: self.fault || other.fault }
    }

    /// What a comparison of two intervals can be.
    pub(crate) fn compare(self, op: &str, other: Span) -> Truth {
        let (Some((a, b)), Some((c, d))) = (self.ends, other.ends) else {
            return Truth::FAULT;
        };
        let (yes, no) = match op {
            "_<_" => (a < d, b >= c),
            "_<=_" => (a <= d, b > c),
            "_>_" => (b > c, a <= d),
            "_>=_" => (b >= c, a < d),
            "_==_" => (a <= d && c <= b, !(a == b && c == d && a == c)),
            _ => (!(a == b && c == d && a == c), a <= d && c <= b),
        };
        Truth { yes, no, fault: self.fault || other.fault }
    }
}

fn scale_end(end: i128, by: i128) -> i128 {
    if end >= ENDLESS { ENDLESS } else { end * by }
}

/// The units of `days(n)`, `months(n)` and `years(n)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Days,
    Months,
    Years,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Truth(Truth),
    Span(Span),
    /// A calendar step.
    Step(Step, Span),
    /// The texts it can be (none: any), and whether it can be a fault.
    Text(Option<BTreeSet<String>>, bool),
    /// The lists it can be (none: any), and whether it can be a fault.
    List(Option<BTreeSet<Vec<String>>>, bool),
    /// Nothing but a fault.
    Fault,
}

impl Value {
    pub(crate) fn text(text: &str) -> Value {
        Value::Text(Some(BTreeSet::from([text.to_owned()])), false)
    }

    pub(crate) fn truth(&self) -> Truth {
        match self {
            Value::Truth(truth) => *truth,
            Value::Fault => Truth::FAULT,
            other => crate::broken(&format!("{other:?} is no truth")),
        }
    }

    pub(crate) fn span(&self) -> Span {
        match self {
            Value::Span(span) | Value::Step(_, span) => *span,
            Value::Fault => Span::FAULT,
            other => crate::broken(&format!("{other:?} is no quantity")),
        }
    }

    pub(crate) fn is_fault(&self) -> bool {
        match self {
            Value::Fault => true,
            Value::Span(span) | Value::Step(_, span) => span.ends.is_none(),
            Value::Truth(truth) => *truth == Truth::FAULT,
            Value::Text(..) | Value::List(..) => false,
        }
    }

    pub(crate) fn can_fault(&self) -> bool {
        match self {
            Value::Fault => true,
            Value::Span(span) | Value::Step(_, span) => span.fault,
            Value::Truth(truth) => truth.fault,
            Value::Text(_, fault) | Value::List(_, fault) => *fault,
        }
    }

    /// Whether it can be only one thing.
    pub(crate) fn decided(&self) -> bool {
        match self {
            Value::Fault => true,
            Value::Truth(truth) => truth.decided(),
            Value::Span(span) | Value::Step(_, span) => span.decided(),
            Value::Text(can, fault) => !fault && can.as_ref().is_some_and(|can| can.len() == 1),
            Value::List(can, fault) => !fault && can.as_ref().is_some_and(|can| can.len() == 1),
        }
    }

    /// The one text this surely is.
    pub(crate) fn single_text(&self) -> Option<&str> {
        match self {
            Value::Text(Some(can), false) if can.len() == 1 => can.first().map(String::as_str),
            _ => None,
        }
    }

    /// The same value, which can be a fault too.
    pub(crate) fn or_fault(self) -> Value {
        match self {
            Value::Truth(truth) => Value::Truth(Truth { fault: true, ..truth }),
            Value::Span(span) => Value::Span(Span { fault: true, ..span }),
            Value::Step(step, span) => Value::Step(step, Span { fault: true, ..span }),
            Value::Text(can, _) => Value::Text(can, true),
            Value::List(can, _) => Value::List(can, true),
            Value::Fault => Value::Fault,
        }
    }

    /// What can be one or the other spans both.
    pub(crate) fn either(self, other: Value) -> Value {
        match (self, other) {
            (Value::Fault, one) | (one, Value::Fault) => one.or_fault(),
            (Value::Truth(a), Value::Truth(b)) => Value::Truth(a.either(b)),
            (Value::Span(a), Value::Span(b)) => Value::Span(a.either(b)),
            (Value::Text(a, x), Value::Text(b, y)) => Value::Text(both(a, b), x || y),
            (Value::List(a, x), Value::List(b, y)) => Value::List(both(a, b), x || y),
            (a, b) => crate::broken(&format!("{a:?} beside {b:?}")),
        }
    }
}

fn both<T: Ord>(a: Option<BTreeSet<T>>, b: Option<BTreeSet<T>>) -> Option<BTreeSet<T>> {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    Some(a)
}

/// What the equality of two sets of possible values can be; an absent set is every value.
pub(crate) fn equal<T: Ord>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> Truth {
    let (Some(a), Some(b)) = (a, b) else {
        return Truth::UNKNOWN;
    };
    let mut out = Truth::default();
    for left in a {
        for right in b {
            out = out.either(Truth::known(left == right));
        }
    }
    out
}

//! Operators between expressions: two of a kind, bare numbers made money beside money.

use crate::decimal::Decimal;
use crate::diagnostics::Code;
use crate::expr::apart::{compare, comparisons};
use crate::expr::{Bool, ChoiceExpr, Num, Pick, TextExpr};
use crate::facts::Type;
use crate::limits;
use crate::syntax::{Binary, Expr, Kind};
use crate::time::{CalendarUnit, INSTANT_RANGE};

use super::failed::{fail, not_alike, wrong_count};
use super::{Compiler, Result, Typed, is_bare};

impl Compiler<'_> {
    pub(super) fn negate(&mut self, expr: &Expr, inner: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        if let Kind::Number(Decimal(value)) = inner.kind {
            return self.number(expr, Decimal(-value), wanted);
        }
        match self.compile(inner, wanted)? {
            Typed::Count(kind @ (Type::Number | Type::Money | Type::Duration), num) => Ok(Typed::Count(kind, Num::Negate(Box::new(num)))),
            other => Err(fail(Code::TypeMismatch, inner, format!("{} has no sign", other.kind().one()), "a number, money or duration")),
        }
    }

    pub(super) fn binary(&mut self, expr: &Expr, op: Binary, left: &Expr, right: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        match op {
            Binary::And | Binary::Or => {
                let mut parts = Vec::new();
                self.flatten(expr, op, &mut parts)?;
                Ok(Typed::YesNo(if op == Binary::And { Bool::All(parts) } else { Bool::Any(parts) }))
            }
            Binary::In => self.membership(left, right),
            Binary::Equal => Ok(Typed::YesNo(self.equality(expr, left, right)?)),
            Binary::NotEqual => Ok(Typed::YesNo(Bool::Not(Box::new(self.equality(expr, left, right)?)))),
            Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => self.comparison(op, left, right),
            Binary::Add | Binary::Subtract => self.sum(expr, op == Binary::Subtract, left, right, wanted),
            Binary::Multiply => self.product(expr, left, right),
        }
    }

    /// `a && b && c` as one list; without going down, for a row can be long.
    fn flatten(&mut self, expr: &Expr, op: Binary, parts: &mut Vec<Bool>) -> Result<()> {
        let mut right_first = Vec::new();
        let mut left_most = expr;
        while let Kind::Binary(inner, left, right) = &left_most.kind
            && *inner == op
        {
            right_first.push(&**right);
            left_most = left;
        }
        parts.push(self.expect_truth(left_most)?);
        for part in right_first.into_iter().rev() {
            parts.push(self.expect_truth(part)?);
        }
        Ok(())
    }

    fn membership(&mut self, left: &Expr, right: &Expr) -> Result<Typed> {
        let of = self.compile(left, None)?;
        if let (Typed::Choice(Type::Choice(values), of), Kind::List(entries)) = (&of, &right.kind) {
            let kind = Type::Choice(values.clone());
            let mut places = vec![false; values.len()];
            for entry in entries {
                match self.expect(entry, &kind)? {
                    Typed::Choice(_, ChoiceExpr::Const(place)) => places.iter_mut().skip(place).take(1).for_each(|p| *p = true),
                    _ => return Err(fail(Code::TypeMismatch, entry, "a list of choices names values", kind.expected())),
                }
            }
            return Ok(Typed::YesNo(Bool::Among(of.clone(), places)));
        }
        match (of, self.compile(right, None)?) {
            (Typed::Text(text), Typed::List(list)) => Ok(Typed::YesNo(Bool::InList(Box::new((text, list))))),
            (Typed::Choice(Type::Choice(_), _), Typed::List(_)) => {
                Err(fail(Code::TypeMismatch, right, "a choice is looked for among its values", "a list in brackets"))
            }
            (Typed::Text(_), other) => Err(fail(Code::TypeMismatch, right, format!("this is {}", other.kind().one()), "a list")),
            (other, _) => Err(fail(Code::TypeMismatch, left, format!("this is {}", other.kind().one()), "a text or a choice")),
        }
    }

    fn equality(&mut self, expr: &Expr, left: &Expr, right: &Expr) -> Result<Bool> {
        let (a, b) = self.pair(left, right, None)?;
        match (a, b) {
            (Typed::YesNo(a), Typed::YesNo(b)) => Ok(Bool::Same(Box::new((a, b)))),
            (Typed::Count(ka, a), Typed::Count(kb, b)) if ka == kb => Ok(Bool::Equal(Box::new((a, b)))),
            (Typed::Choice(ka @ Type::Choice(_), a), Typed::Choice(kb, b)) if ka == kb => Ok(same_choice(a, b, &ka)),
            (Typed::Text(a), Typed::Text(b)) => Ok(Bool::SameText(Box::new((a, b)))),
            (Typed::List(a), Typed::List(b)) => Ok(Bool::SameList(Box::new((a, b)))),
            (a, b) => Err(not_alike(expr, &a, &b)),
        }
    }

    fn comparison(&mut self, op: Binary, left: &Expr, right: &Expr) -> Result<Typed> {
        let (a, b) = match self.pair(left, right, None)? {
            (Typed::Count(ka, a), Typed::Count(kb, b)) if ka == kb => (a, b),
            (Typed::Count(ka, _), Typed::Count(kb, _)) => {
                let message = format!("a {} and a {} cannot be compared", ka.name(), kb.name());
                let mut failed = fail(Code::TypeMismatch, right, message, "two of a kind");
                if matches!((&ka, &kb), (Type::Date, Type::Time) | (Type::Time, Type::Date)) {
                    failed.help = Some("count the days between them: `days_between(a, b)`".to_owned());
                }
                return Err(failed);
            }
            (Typed::Count(..), other) | (other, _) => {
                let message = format!("a {} cannot be more or less", other.kind().name());
                return Err(fail(Code::TypeMismatch, right, message, "two numbers, amounts, durations, dates or times"));
            }
        };
        let (less, more) = if matches!(op, Binary::Less | Binary::AtMost) { (a, b) } else { (b, a) };
        let or_equal = matches!(op, Binary::AtMost | Binary::AtLeast);
        let parts = comparisons(&less, &more, self.definitions);
        if parts > limits::LITERAL_ENTRIES {
            let message = format!("`min` and `max` on both sides make {parts} comparisons");
            return Err(fail(Code::TooLarge, right, message, format!("at most {} (limit LITERAL_ENTRIES)", limits::LITERAL_ENTRIES)));
        }
        self.reads.parts = self.reads.parts.saturating_add(parts);
        Ok(Typed::YesNo(compare(less, more, or_equal, self.definitions)))
    }

    fn sum(&mut self, expr: &Expr, minus: bool, left: &Expr, right: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        if let Kind::Call(name, arguments) = &right.kind
            && let Some(unit) = calendar_unit(name)
        {
            return self.shift(expr, minus, left, unit, right, arguments);
        }
        let same_kind = wanted.filter(|k| matches!(k, Type::Number | Type::Money));
        let (a, b) = if is_bare(left) || is_bare(right) {
            self.pair(left, right, same_kind)?
        } else {
            (self.compile(left, same_kind)?, self.compile(right, same_kind)?)
        };
        let ((ka, a), (kb, b)) = match (a, b) {
            (Typed::Count(ka, a), Typed::Count(kb, b)) => ((ka, a), (kb, b)),
            (a, b) => return Err(not_alike(expr, &a, &b)),
        };
        let kind = match (&ka, &kb) {
            (Type::Number | Type::Money | Type::Duration, _) if ka == kb => ka,
            (Type::Time, Type::Time) if minus => Type::Duration,
            (Type::Time, Type::Duration) => Type::Time,
            _ => return Err(fail(Code::TypeMismatch, expr, format!("a {} and a {} do not add up", ka.name(), kb.name()), SUMS)),
        };
        let bounds = if kind == Type::Time { INSTANT_RANGE } else { (i64::MIN, i64::MAX) };
        let sides = Box::new((a, b));
        Ok(Typed::Count(kind, if minus { Num::Subtract(sides, bounds) } else { Num::Add(sides, bounds) }))
    }

    fn shift(&mut self, expr: &Expr, back: bool, left: &Expr, unit: CalendarUnit, right: &Expr, arguments: &[Expr]) -> Result<Typed> {
        let [by] = arguments else { return Err(wrong_count(right, "one number")) };
        let base = self.compile(left, None)?;
        let by = self.expect_count(by, &Type::Number)?;
        match base {
            Typed::Count(kind @ (Type::Date | Type::Time), base) => {
                let instant = kind == Type::Time;
                Ok(Typed::Count(kind, Num::Shift { base: Box::new(base), by: Box::new(by), unit, instant, back }))
            }
            other => Err(fail(Code::TypeMismatch, expr, format!("a {} has no calendar", other.kind().name()), SUMS)),
        }
    }

    fn product(&mut self, expr: &Expr, left: &Expr, right: &Expr) -> Result<Typed> {
        let (a, b) = (self.compile(left, None)?, self.compile(right, None)?);
        match (a, b) {
            (Typed::Count(Type::Number, a), Typed::Count(kind @ (Type::Number | Type::Money), b))
            | (Typed::Count(kind @ Type::Money, b), Typed::Count(Type::Number, a)) => Ok(Typed::Count(kind, Num::Multiply(Box::new((a, b))))),
            (a, b) => Err(fail(
                Code::TypeMismatch,
                expr,
                format!("a {} and a {} are not multiplied", a.kind().name(), b.kind().name()),
                "a number by a number, or money by a number",
            )),
        }
    }

    pub(super) fn choose(&self, expr: &Expr, condition: Bool, yes: Typed, no: Typed) -> Result<Typed> {
        match (yes, no) {
            (Typed::YesNo(a), Typed::YesNo(b)) => Ok(Typed::YesNo(Bool::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Count(ka, a), Typed::Count(kb, b)) if ka == kb => Ok(Typed::Count(ka, Num::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Choice(ka, a), Typed::Choice(kb, b)) if ka == kb => Ok(Typed::Choice(ka, ChoiceExpr::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Text(a), Typed::Text(b)) => Ok(Typed::Text(TextExpr::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::List(_), Typed::List(_)) => Err(fail(Code::Unsupported, expr, "lists cannot be chosen", "a condition on each list")),
            (a, b) => Err(not_alike(expr, &a, &b)),
        }
    }
}

const SUMS: &str = "two numbers, amounts or durations; a time and a duration; a date or time and `days(n)`, `months(n)`, `years(n)`";

fn calendar_unit(name: &str) -> Option<CalendarUnit> {
    match name {
        "days" => Some(CalendarUnit::Days),
        "months" => Some(CalendarUnit::Months),
        "years" => Some(CalendarUnit::Years),
        _ => None,
    }
}

fn same_choice(a: ChoiceExpr, b: ChoiceExpr, kind: &Type) -> Bool {
    let size = if let Type::Choice(values) = kind { values.len() } else { 0 };
    let only = |place: usize| (0..size).map(|p| p == place).collect();
    match (a, b) {
        (of, ChoiceExpr::Const(place)) | (ChoiceExpr::Const(place), of) => Bool::Among(of, only(place)),
        (a, b) => Bool::SameChoice(Box::new((a, b))),
    }
}

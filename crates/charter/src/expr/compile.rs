//! From the tree as written to the typed form: names are resolved, kinds checked, bare numbers made money where money is expected.

use std::collections::HashMap;
use std::sync::Arc;

use super::apart::compare;
use super::{Bool, ChoiceExpr, Definition, ListExpr, Num, Pick, Reads, Table, TextExpr};
use crate::decimal::Decimal;
use crate::diagnostics::{Code, Finding, Severity, Span, nearest};
use crate::facts::{Fact, NotValue, Type, Value};
use crate::syntax::{Binary, Expr, Kind, Unary};
use crate::time::{CalendarUnit, INSTANT_RANGE, Window};

/// A compiled expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed {
    YesNo(Bool),
    Count(Type, Num),
    Choice(Type, ChoiceExpr),
    Text(TextExpr),
    List(ListExpr),
}

impl Typed {
    pub(crate) fn kind(&self) -> Type {
        match self {
            Self::YesNo(_) => Type::YesNo,
            Self::Count(kind, _) | Self::Choice(kind, _) => kind.clone(),
            Self::Text(_) => Type::Text,
            Self::List(_) => Type::List,
        }
    }
}

/// Where an expression stands decides what it may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `when`, limits, caps, definitions for them.
    Case,
    /// `who`.
    Person,
    /// `worth`, with the type of the amount, if the remedy has one.
    Worth(Option<Type>),
    /// A definition: reads are checked where it is used.
    Definition,
}

/// A meter that `granted(…)` reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GrantedMeter {
    pub(crate) remedy: usize,
    /// Keys of the scope; nothing for "this case, the same subjects".
    pub(crate) keys: Option<Vec<usize>>,
    pub(crate) window: Window,
}

/// Everything names are resolved against.
pub(crate) struct Compiler<'c> {
    pub(crate) places: u32,
    pub(crate) subjects: &'c [Box<str>],
    pub(crate) facts: &'c [Fact],
    pub(crate) fact_places: &'c HashMap<Box<str>, usize>,
    pub(crate) staff: &'c [Fact],
    pub(crate) remedies: &'c [Box<str>],
    pub(crate) keys: &'c dyn Fn(&str) -> Option<usize>,
    /// The subject of each key, a bit each.
    pub(crate) key_subjects: &'c [u64],
    pub(crate) definitions: &'c [Definition],
    pub(crate) names: &'c HashMap<String, usize>,
    pub(crate) meters: &'c mut Vec<GrantedMeter>,
    pub(crate) place: Place,
    pub(crate) reads: Reads,
    pub(crate) depth: usize,
    /// Whether an error looks for the nearest name: not if it will be left out.
    pub(crate) suggests: bool,
}

/// What is wrong with a part of an expression; its span is in bytes of the expression.
type Failed = Box<Finding>;
type Result<T> = std::result::Result<T, Failed>;

fn fail(code: Code, at: &Expr, message: impl Into<String>, expected: impl Into<String>) -> Failed {
    Box::new(Finding { code, severity: Severity::Error, message: message.into(), span: at.span.clone(), expected: expected.into(), help: None })
}

fn with_nearest<'a>(suggests: bool, mut failed: Failed, word: &str, known: impl IntoIterator<Item = &'a str>) -> Failed {
    if suggests {
        failed.help = nearest(word, known).map(|near| format!("did you mean `{near}`?"));
    }
    failed
}

impl Compiler<'_> {
    /// Compiles an expression that must be of a type.
    pub(crate) fn expect(&mut self, expr: &Expr, kind: &Type) -> Result<Typed> {
        let typed = self.compile(expr, Some(kind))?;
        self.must_be(expr, typed, kind)
    }

    pub(crate) fn expect_truth(&mut self, expr: &Expr) -> Result<Bool> {
        match self.expect(expr, &Type::YesNo)? {
            Typed::YesNo(truth) => Ok(truth),
            _ => Err(mismatch(expr, &Type::YesNo, &Type::YesNo)),
        }
    }

    pub(crate) fn expect_count(&mut self, expr: &Expr, kind: &Type) -> Result<Num> {
        match self.expect(expr, kind)? {
            Typed::Count(_, num) => Ok(num),
            other => Err(mismatch(expr, kind, &other.kind())),
        }
    }

    /// Compiles an expression, taking bare literals as the wanted type where it fits.
    pub(crate) fn compile(&mut self, expr: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        self.reads.parts += 1;
        self.depth += 1;
        self.reads.depth = self.reads.depth.max(self.depth);
        let typed = self.compile_kind(expr, wanted);
        self.depth -= 1;
        typed
    }

    fn compile_kind(&mut self, expr: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        match &expr.kind {
            Kind::Number(decimal) => self.number(expr, *decimal, wanted),
            Kind::Text(text) => self.text(expr, text, wanted),
            Kind::Truth(truth) => Ok(Typed::YesNo(Bool::Const(*truth))),
            Kind::Name(name) => self.name(expr, name),
            Kind::Select(of, field) => self.fact(expr, of, field),
            Kind::Index(table, key) => self.index(expr, table, key, wanted),
            Kind::Call(name, arguments) => self.call(expr, name, arguments, wanted),
            Kind::Unary(Unary::Not, inner) => Ok(Typed::YesNo(Bool::Not(Box::new(self.expect_truth(inner)?)))),
            Kind::Unary(Unary::Negate, inner) => self.negate(expr, inner, wanted),
            Kind::Binary(op, left, right) => self.binary(expr, *op, left, right, wanted),
            Kind::Choose(condition, yes, no) => {
                let condition = self.expect_truth(condition)?;
                let (yes, no) = self.pair(yes, no, wanted)?;
                self.choose(expr, condition, yes, no)
            }
            Kind::List(entries) => self.list(entries),
            Kind::Table(_) => Err(fail(Code::TypeMismatch, expr, "a table stands alone", "a choice in brackets after it: `{…}[choice]`")),
        }
    }

    fn must_be(&self, expr: &Expr, typed: Typed, kind: &Type) -> Result<Typed> {
        let found = typed.kind();
        if found == *kind { Ok(typed) } else { Err(mismatch(expr, kind, &found)) }
    }

    fn number(&self, expr: &Expr, decimal: Decimal, wanted: Option<&Type>) -> Result<Typed> {
        let kind = if wanted == Some(&Type::Money) { Type::Money } else { Type::Number };
        let places = if kind == Type::Money { self.places } else { 6 };
        let value = decimal.in_units(places).and_then(|units| i64::try_from(units).ok());
        let (least, most) = kind.range();
        match value.filter(|v| (least..=most).contains(v)) {
            Some(value) => Ok(Typed::Count(kind, Num::Const(value))),
            None if decimal.in_units(places).is_none() => {
                Err(fail(Code::BadLiteral, expr, "this is finer than the currency", format!("at most {places} decimal places")))
            }
            None => Err(fail(Code::BadLiteral, expr, format!("this is beyond the largest {}", kind.name()), kind.expected())),
        }
    }

    fn text(&self, expr: &Expr, text: &str, wanted: Option<&Type>) -> Result<Typed> {
        let Some(kind @ Type::Choice(values)) = wanted else {
            return Ok(Typed::Text(TextExpr::Const(text.into())));
        };
        match values.iter().position(|v| **v == *text) {
            Some(place) => Ok(Typed::Choice(kind.clone(), ChoiceExpr::Const(place))),
            None => Err(with_nearest(
                self.suggests,
                fail(Code::UnknownChoice, expr, format!("`{text}` is not a value of this choice"), kind.expected()),
                text,
                values.iter().map(|v| &**v),
            )),
        }
    }

    fn name(&mut self, expr: &Expr, name: &str) -> Result<Typed> {
        match name {
            "now" => return Ok(Typed::Count(Type::Time, Num::Now)),
            "amount" => return self.amount(expr),
            _ => {}
        }
        let Some(place) = self.names.get(name).copied() else {
            let known = self.names.keys().map(String::as_str).chain(["now", "amount"]);
            let failed = fail(Code::UnknownName, expr, format!("`{name}` is not known"), "a fact `subject.fact`, a definition, `now`");
            let mut failed = with_nearest(self.suggests, failed, name, known);
            if failed.help.is_none() {
                let fact = self.facts.iter().find(|f| f.name.ends_with(&format!(".{name}")));
                failed.help = fact.map(|f| format!("did you mean the fact `{}`?", f.name));
            }
            return Err(failed);
        };
        let Some(definition) = self.definitions.get(place) else {
            return Err(fail(Code::Cycle, expr, format!("`{name}` is part of a circle or has an error"), "a definition without errors"));
        };
        let reads = definition.reads.clone();
        self.check_reads(expr, &reads)?;
        self.reads.absorb(&reads);
        self.reads.depth = self.reads.depth.max(self.depth + reads.depth);
        Ok(match &definition.body {
            Typed::YesNo(_) => Typed::YesNo(Bool::Define(place)),
            Typed::Count(kind, _) => Typed::Count(kind.clone(), Num::Define(place)),
            Typed::Choice(kind, _) => Typed::Choice(kind.clone(), ChoiceExpr::Define(place)),
            Typed::Text(_) => Typed::Text(TextExpr::Define(place)),
            Typed::List(_) => Typed::List(ListExpr::Define(place)),
        })
    }

    fn check_reads(&self, expr: &Expr, reads: &Reads) -> Result<()> {
        let of_case = !reads.facts.is_empty() || reads.exists | reads.ids != 0 || !reads.granted.is_empty();
        match self.place {
            Place::Person if of_case => Err(in_who(expr)),
            Place::Case | Place::Worth(_) if !reads.staff.is_empty() => Err(in_when(expr)),
            _ => Ok(()),
        }
    }

    fn amount(&mut self, expr: &Expr) -> Result<Typed> {
        self.reads.amount = true;
        match &self.place {
            Place::Worth(Some(kind)) => Ok(Typed::Count(kind.clone(), Num::Amount)),
            Place::Worth(None) => Err(fail(Code::MisplacedAmount, expr, "this remedy has no amount", "an expression without `amount`")),
            _ => Err(fail(
                Code::MisplacedAmount,
                expr,
                "`amount` does not stand here",
                "in the `when` of a forbid, alone on its side: `amount > e` or `amount >= e`, joined by `&&` and `||`; or in `worth`",
            )),
        }
    }

    fn fact(&mut self, expr: &Expr, of: &Expr, field: &str) -> Result<Typed> {
        let Kind::Name(subject) = &of.kind else {
            return Err(fail(Code::Unsupported, expr, "a fact has one point", "`subject.fact`"));
        };
        let full = format!("{subject}.{field}");
        let staff = subject == "staff";
        let list = if staff { self.staff } else { self.facts };
        let found = if staff { list.iter().position(|f| *f.name == *full) } else { self.fact_places.get(&*full).copied() };
        let Some(place) = found else {
            return Err(self.unknown_fact(expr, of, subject, &full));
        };
        if staff && matches!(self.place, Place::Case | Place::Worth(_)) {
            return Err(in_when(expr));
        }
        if !staff && self.place == Place::Person {
            return Err(in_who(expr));
        }
        let Some(fact) = list.get(place) else { return Err(in_who(expr)) };
        if staff {
            self.reads.staff.insert(place);
        } else {
            self.reads.facts.insert(place);
            self.reads.subjects |= 1 << fact.subject;
        }
        Ok(read_fact(fact, place, staff))
    }

    fn unknown_fact(&self, expr: &Expr, of: &Expr, subject: &str, full: &str) -> Failed {
        let known = self.facts.iter().chain(self.staff).map(|f| &*f.name);
        if subject != "staff" && !self.subjects.iter().any(|s| **s == *subject) {
            let failed = fail(Code::UnknownSubject, of, format!("`{subject}` is not a subject of this charter"), "a subject with facts");
            return with_nearest(self.suggests, failed, full, known);
        }
        let failed = fail(Code::UnknownFact, expr, format!("`{full}` is not a declared fact"), format!("a fact declared under `[facts.{subject}]`"));
        with_nearest(self.suggests, failed, full, known)
    }

    fn index(&mut self, expr: &Expr, table: &Expr, key: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        let Kind::Table(entries) = &table.kind else {
            return Err(fail(Code::Unsupported, table, "only a table has entries", "`{\"value\": …}[choice]`"));
        };
        let (kind, key) = match self.compile(key, None)? {
            Typed::Choice(kind, key) => (kind, key),
            other => return Err(fail(Code::TypeMismatch, key, format!("this is a {}", other.kind().name()), "a choice")),
        };
        let Type::Choice(values) = &kind else { return Err(mismatch(expr, &kind, &kind)) };
        let place = table_places(self.suggests, table, entries, values)?;
        let bodies: Vec<&Expr> = entries.iter().map(|(_, value)| value).collect();
        let compiled = self.alike(&bodies, wanted)?;
        tabled(expr, key, place, compiled)
    }

    /// Several expressions of one type: the first that is not a bare literal decides which.
    fn alike(&mut self, bodies: &[&Expr], wanted: Option<&Type>) -> Result<Vec<Typed>> {
        let Some(leader) = bodies.iter().position(|b| !is_bare(b)) else {
            return bodies.iter().map(|body| self.compile(body, wanted)).collect();
        };
        let mut first = match bodies.get(leader) {
            Some(body) => Some(self.compile(body, wanted)?),
            None => None,
        };
        let kind = first.as_ref().map_or(Type::Number, Typed::kind);
        let mut list = Vec::with_capacity(bodies.len());
        for (i, body) in bodies.iter().enumerate() {
            let typed = match first.take_if(|_| i == leader) {
                Some(typed) => typed,
                None => self.compile(body, Some(&kind))?,
            };
            if is_bare(body) && typed.kind() != kind {
                return Err(mismatch(body, &kind, &typed.kind()));
            }
            list.push(typed);
        }
        Ok(list)
    }

    fn pair(&mut self, a: &Expr, b: &Expr, wanted: Option<&Type>) -> Result<(Typed, Typed)> {
        let mut both = self.alike(&[a, b], wanted)?.into_iter();
        match (both.next(), both.next()) {
            (Some(a), Some(b)) => Ok((a, b)),
            _ => Err(mismatch(a, &Type::Number, &Type::Number)),
        }
    }

    fn negate(&mut self, expr: &Expr, inner: &Expr, wanted: Option<&Type>) -> Result<Typed> {
        if let Kind::Number(Decimal(value)) = inner.kind {
            return self.number(expr, Decimal(-value), wanted);
        }
        match self.compile(inner, wanted)? {
            Typed::Count(kind @ (Type::Number | Type::Money | Type::Duration), num) => Ok(Typed::Count(kind, Num::Negate(Box::new(num)))),
            other => Err(fail(Code::TypeMismatch, inner, format!("a {} has no sign", other.kind().name()), "a number, money or duration")),
        }
    }

    fn binary(&mut self, expr: &Expr, op: Binary, left: &Expr, right: &Expr, wanted: Option<&Type>) -> Result<Typed> {
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
            (Typed::Text(_), other) => Err(fail(Code::TypeMismatch, right, format!("this is a {}", other.kind().name()), "a list")),
            (other, _) => Err(fail(Code::TypeMismatch, left, format!("this is a {}", other.kind().name()), "a text or a choice")),
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

    fn list(&self, entries: &[Expr]) -> Result<Typed> {
        let texts = entries.iter().map(|entry| match &entry.kind {
            Kind::Text(text) => Ok(text.as_str().into()),
            _ => Err(fail(Code::TypeMismatch, entry, "a list holds texts", "a text in quotes")),
        });
        Ok(Typed::List(ListExpr::Const(texts.collect::<Result<Vec<Box<str>>>>()?.into())))
    }

    fn choose(&self, expr: &Expr, condition: Bool, yes: Typed, no: Typed) -> Result<Typed> {
        match (yes, no) {
            (Typed::YesNo(a), Typed::YesNo(b)) => Ok(Typed::YesNo(Bool::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Count(ka, a), Typed::Count(kb, b)) if ka == kb => Ok(Typed::Count(ka, Num::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Choice(ka, a), Typed::Choice(kb, b)) if ka == kb => Ok(Typed::Choice(ka, ChoiceExpr::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::Text(a), Typed::Text(b)) => Ok(Typed::Text(TextExpr::Pick(Box::new(Pick::Choose(condition, a, b))))),
            (Typed::List(_), Typed::List(_)) => Err(fail(Code::Unsupported, expr, "lists cannot be chosen", "a condition on each list")),
            (a, b) => Err(not_alike(expr, &a, &b)),
        }
    }

    fn call(&mut self, expr: &Expr, name: &str, arguments: &[Expr], wanted: Option<&Type>) -> Result<Typed> {
        match name {
            "money" => self.literal(expr, arguments, &Type::Money),
            "date" => self.literal(expr, arguments, &Type::Date),
            "time" => self.literal(expr, arguments, &Type::Time),
            "duration" => self.literal(expr, arguments, &Type::Duration),
            "percent" => {
                let [p, m] = arguments else { return Err(wrong_count(expr, "a number and money")) };
                let p = self.expect_count(p, &Type::Number)?;
                let m = self.expect_count(m, &Type::Money)?;
                Ok(Typed::Count(Type::Money, Num::Percent(Box::new((p, m)))))
            }
            "min" | "max" => self.extreme(expr, name == "min", arguments, wanted),
            "days_between" => self.days_between(expr, arguments),
            "size" => {
                let [list] = arguments else { return Err(wrong_count(expr, "one list")) };
                Ok(Typed::Count(Type::Number, Num::Size(self.expect_list(list)?)))
            }
            "subset" => {
                let [a, b] = arguments else { return Err(wrong_count(expr, "two lists")) };
                Ok(Typed::YesNo(Bool::Subset(Box::new((self.expect_list(a)?, self.expect_list(b)?)))))
            }
            "alike" => {
                let [a, b] = arguments else { return Err(wrong_count(expr, "two lists")) };
                Ok(Typed::Count(Type::Number, Num::Alike(Box::new((self.expect_list(a)?, self.expect_list(b)?)))))
            }
            "id" => {
                let subject = self.subject(expr, arguments)?;
                self.reads.ids |= 1 << subject;
                self.reads.subjects |= 1 << subject;
                Ok(Typed::Text(TextExpr::Id(subject)))
            }
            "exists" => {
                let subject = self.subject(expr, arguments)?;
                self.reads.exists |= 1 << subject;
                Ok(Typed::YesNo(Bool::Exists(subject)))
            }
            "granted" => self.granted(expr, arguments),
            "days" | "months" | "years" => {
                Err(fail(Code::TypeMismatch, expr, format!("`{name}(…)` does not stand alone"), "after `+` or `-` on a date or time"))
            }
            _ => Err(with_nearest(
                self.suggests,
                fail(Code::UnknownFunction, expr, format!("`{name}` is not a function of the language"), format!("one of {}", FUNCTIONS.join(", "))),
                name,
                FUNCTIONS.iter().copied(),
            )),
        }
    }

    fn literal(&self, expr: &Expr, arguments: &[Expr], kind: &Type) -> Result<Typed> {
        let [Expr { kind: Kind::Text(text), .. }] = arguments else {
            return Err(fail(Code::BadLiteral, expr, format!("`{}` takes a text", kind.name()), kind.expected()));
        };
        match kind.read(text, self.places) {
            Ok(Value::Count(value)) => Ok(Typed::Count(kind.clone(), Num::Const(value))),
            Err(NotValue::OutOfRange) => Err(fail(Code::BadLiteral, expr, format!("`{text}` is beyond the largest {}", kind.name()), kind.expected())),
            Err(NotValue::Expected(expected)) => Err(fail(Code::BadLiteral, expr, format!("`{text}` is not a {}", kind.name()), expected)),
            _ => Err(fail(Code::BadLiteral, expr, format!("`{text}` is not a {}", kind.name()), kind.expected())),
        }
    }

    fn extreme(&mut self, expr: &Expr, least: bool, arguments: &[Expr], wanted: Option<&Type>) -> Result<Typed> {
        if arguments.is_empty() {
            return Err(wrong_count(expr, "one value or more"));
        }
        let bodies: Vec<&Expr> = arguments.iter().collect();
        let mut kind = None;
        let mut list = Vec::new();
        for (typed, body) in self.alike(&bodies, wanted)?.into_iter().zip(arguments) {
            let Typed::Count(own, num) = typed else {
                return Err(fail(Code::TypeMismatch, body, format!("a {} is neither least nor greatest", typed.kind().name()), "counted values of one type"));
            };
            kind = Some(own);
            list.push(num);
        }
        let kind = kind.unwrap_or(Type::Number);
        Ok(Typed::Count(kind, if least { Num::Least(list) } else { Num::Most(list) }))
    }

    fn days_between(&mut self, expr: &Expr, arguments: &[Expr]) -> Result<Typed> {
        let [a, b] = arguments else { return Err(wrong_count(expr, "two dates or times")) };
        let mut side = |of: &Expr| match self.compile(of, None)? {
            Typed::Count(kind @ (Type::Date | Type::Time), num) => Ok((num, kind == Type::Time)),
            other => Err(fail(Code::TypeMismatch, of, format!("this is a {}", other.kind().name()), "a date or a time")),
        };
        Ok(Typed::Count(Type::Number, Num::DaysBetween(Box::new([side(a)?, side(b)?]))))
    }

    fn expect_list(&mut self, expr: &Expr) -> Result<ListExpr> {
        match self.compile(expr, None)? {
            Typed::List(list) => Ok(list),
            other => Err(mismatch(expr, &Type::List, &other.kind())),
        }
    }

    /// The subject that `exists` or `id` names.
    fn subject(&self, expr: &Expr, arguments: &[Expr]) -> Result<usize> {
        let [Expr { kind: Kind::Name(name), .. }] = arguments else { return Err(wrong_count(expr, "the name of a subject")) };
        if self.place == Place::Person {
            return Err(in_who(expr));
        }
        let found = self.subjects.iter().position(|s| **s == **name && **s != *"request");
        found.ok_or_else(|| {
            let failed = fail(Code::UnknownSubject, expr, format!("`{name}` is not a subject with an id in this charter"), "a subject");
            with_nearest(self.suggests, failed, name, self.subjects.iter().map(|s| &**s))
        })
    }

    fn granted(&mut self, expr: &Expr, arguments: &[Expr]) -> Result<Typed> {
        if self.place == Place::Person {
            return Err(in_who(expr));
        }
        let (remedy, per, within) = match arguments {
            [remedy] => (remedy, None, None),
            [remedy, per] => (remedy, Some(per), None),
            [remedy, per, within] => (remedy, Some(per), Some(within)),
            _ => return Err(wrong_count(expr, "a remedy, and a scope and a window if you like, in quotes")),
        };
        let id = literal_text(remedy)?;
        let Some(remedy) = self.remedies.iter().position(|r| **r == *id) else {
            let failed = fail(Code::UnknownRemedy, remedy, format!("`{id}` is not a remedy of this charter"), "the id of a remedy");
            return Err(with_nearest(self.suggests, failed, &id, self.remedies.iter().map(|r| &**r)));
        };
        let keys = per.map(|per| self.scope(per)).transpose()?;
        let window = match within {
            Some(within) => {
                let text = literal_text(within)?;
                Window::read(&text).ok_or_else(|| fail(Code::BadLiteral, within, format!("`{text}` is not a window"), WINDOWS))?
            }
            None => Window::Endless,
        };
        let meter = GrantedMeter { remedy, keys, window };
        let place = self.meters.iter().position(|m| *m == meter).unwrap_or_else(|| {
            self.meters.push(meter);
            self.meters.len() - 1
        });
        self.reads.granted.insert(place);
        Ok(Typed::Count(Type::Number, Num::Granted(place)))
    }

    fn scope(&mut self, per: &Expr) -> Result<Vec<usize>> {
        let names = match &per.kind {
            Kind::List(entries) => entries.iter().map(literal_text).collect::<Result<Vec<_>>>()?,
            _ => vec![literal_text(per)?],
        };
        let mut keys = Vec::new();
        for name in names {
            let Some(key) = (self.keys)(&name) else {
                return Err(fail(Code::UnknownSubject, per, format!("`{name}` is neither a subject nor a text or choice fact"), "a scope as in a cap"));
            };
            self.reads.subjects |= self.key_subjects.get(key).copied().unwrap_or(0);
            keys.push(key);
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

const FUNCTIONS: &[&str] = &[
    "money",
    "date",
    "time",
    "duration",
    "percent",
    "min",
    "max",
    "days",
    "months",
    "years",
    "days_between",
    "size",
    "subset",
    "alike",
    "id",
    "exists",
    "granted",
];
const SUMS: &str = "two numbers, amounts or durations; a time and a duration; a date or time and `days(n)`, `months(n)`, `years(n)`";
pub(crate) const WINDOWS: &str = "a span such as `90d`, `3mo`, `1y`, or `day`, `week`, `month`, `quarter`, `year`";

fn mismatch(expr: &Expr, kind: &Type, found: &Type) -> Failed {
    let mut failed = fail(Code::TypeMismatch, expr, format!("this is a {}", found.name()), format!("a {}", kind.name()));
    if *kind == Type::Money && *found == Type::Number {
        failed.help = Some("write an amount as `money(\"…\")`".to_owned());
    }
    failed
}

fn not_alike(expr: &Expr, a: &Typed, b: &Typed) -> Failed {
    let (a, b) = (a.kind(), b.kind());
    fail(Code::TypeMismatch, expr, format!("a {} and a {} do not go together", a.name(), b.name()), "two of a kind")
}

fn wrong_count(expr: &Expr, expected: &str) -> Failed {
    fail(Code::TypeMismatch, expr, "these are not the arguments it takes", expected)
}

fn in_who(expr: &Expr) -> Failed {
    fail(Code::CaseInWho, expr, "`who` reads only facts of staff", "`staff.…`").tap_help("put conditions on the case into `when`")
}

fn in_when(expr: &Expr) -> Failed {
    fail(Code::StaffInWhen, expr, "conditions on the person do not stand here", "facts of the case").tap_help("put conditions on the person into `who`")
}

trait TapHelp {
    fn tap_help(self, help: &str) -> Self;
}

impl TapHelp for Failed {
    fn tap_help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }
}

fn calendar_unit(name: &str) -> Option<CalendarUnit> {
    match name {
        "days" => Some(CalendarUnit::Days),
        "months" => Some(CalendarUnit::Months),
        "years" => Some(CalendarUnit::Years),
        _ => None,
    }
}

fn literal_text(expr: &Expr) -> Result<String> {
    match &expr.kind {
        Kind::Text(text) => Ok(text.clone()),
        _ => Err(fail(Code::BadLiteral, expr, "this must be written out", "a text in quotes")),
    }
}

/// Whether an expression is only literals, which take the type that is expected.
fn is_bare(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Number(_) | Kind::Text(_) => true,
        Kind::Unary(Unary::Negate, inner) => is_bare(inner),
        Kind::Choose(_, a, b) => is_bare(a) && is_bare(b),
        Kind::Binary(Binary::Add | Binary::Subtract, a, b) => is_bare(a) && is_bare(b),
        Kind::Call(name, list) if name == "min" || name == "max" => list.iter().all(is_bare),
        Kind::Index(table, _) => match &table.kind {
            Kind::Table(entries) => entries.iter().all(|(_, v)| is_bare(v)),
            _ => false,
        },
        _ => false,
    }
}

fn read_fact(fact: &Fact, place: usize, staff: bool) -> Typed {
    match (&fact.kind, staff) {
        (Type::YesNo, false) => Typed::YesNo(Bool::Fact(place)),
        (Type::YesNo, true) => Typed::YesNo(Bool::Staff(place)),
        (Type::Text, false) => Typed::Text(TextExpr::Fact(place)),
        (Type::Text, true) => Typed::Text(TextExpr::Staff(place)),
        (Type::List, false) => Typed::List(ListExpr::Fact(place)),
        (Type::List, true) => Typed::List(ListExpr::Staff(place)),
        (Type::Choice(values), false) => Typed::Choice(fact.kind.clone(), ChoiceExpr::Fact(place, values.len())),
        (Type::Choice(values), true) => Typed::Choice(fact.kind.clone(), ChoiceExpr::Staff(place, values.len())),
        (kind, false) => Typed::Count(kind.clone(), Num::Fact(place)),
        (kind, true) => Typed::Count(kind.clone(), Num::Staff(place)),
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

/// For each value of the choice, which entry of the table it has.
fn table_places(suggests: bool, table: &Expr, entries: &[(Expr, Expr)], values: &Arc<[Box<str>]>) -> Result<Vec<usize>> {
    let mut place: Vec<Option<usize>> = vec![None; values.len()];
    let mut default = None;
    for (i, (key, _)) in entries.iter().enumerate() {
        let name = literal_text(key)?;
        let slot = match values.iter().position(|v| **v == *name) {
            Some(at) => place.get_mut(at),
            None if name == "default" => Some(&mut default),
            None => {
                let failed = fail(Code::UnknownChoice, key, format!("`{name}` is not a value of this choice"), Type::Choice(values.clone()).expected());
                return Err(with_nearest(suggests, failed, &name, values.iter().map(|v| &**v)));
            }
        };
        if let Some(slot) = slot
            && slot.replace(i).is_some()
        {
            return Err(fail(Code::BadLiteral, key, format!("`{name}` stands here twice"), "each value once"));
        }
    }
    let missing: Vec<_> = values.iter().zip(&place).filter(|(_, p)| p.is_none() && default.is_none()).map(|(v, _)| format!("`{v}`")).collect();
    if !missing.is_empty() {
        let message = format!("this table says nothing for {}", missing.join(", "));
        return Err(fail(Code::IncompleteTable, table, message, "an entry for every value, or one for \"default\""));
    }
    Ok(place.into_iter().filter_map(|p| p.or(default)).collect())
}

fn tabled(expr: &Expr, key: ChoiceExpr, place: Vec<usize>, entries: Vec<Typed>) -> Result<Typed> {
    let first = entries.first().map_or(Type::Number, Typed::kind);
    if let Some(other) = entries.iter().find(|e| e.kind() != first) {
        return Err(mismatch(expr, &first, &other.kind()));
    }
    macro_rules! collect {
        ($variant:pat => $value:ident) => {
            Table { key, place, entries: entries.into_iter().filter_map(|e| if let $variant = e { Some($value) } else { None }).collect() }
        };
    }
    Ok(match first {
        Type::YesNo => Typed::YesNo(Bool::Pick(Box::new(Pick::Table(collect!(Typed::YesNo(v) => v))))),
        Type::Choice(_) => Typed::Choice(first, ChoiceExpr::Pick(Box::new(Pick::Table(collect!(Typed::Choice(_, v) => v))))),
        Type::Text => Typed::Text(TextExpr::Pick(Box::new(Pick::Table(collect!(Typed::Text(v) => v))))),
        Type::List => return Err(fail(Code::Unsupported, expr, "lists cannot be chosen", "a condition on each list")),
        _ => Typed::Count(first, Num::Pick(Box::new(Pick::Table(collect!(Typed::Count(_, v) => v))))),
    })
}

/// The place of a part within the whole file is found by whoever knows where the expression stands.
pub(crate) fn moved(mut finding: Finding, to: impl FnOnce(Span) -> Span) -> Finding {
    finding.span = to(finding.span);
    finding
}

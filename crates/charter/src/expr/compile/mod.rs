//! From the tree as written to the typed form: names are resolved, kinds checked, bare numbers made money where money is expected.

mod failed;
mod functions;
mod operators;
mod tables;

use std::collections::HashMap;

use failed::{fail, in_when, in_who, mismatch, with_nearest};

use super::{Bool, ChoiceExpr, Definition, ListExpr, Num, Reads, TextExpr};
use crate::decimal::Decimal;
use crate::diagnostics::{Code, Finding, Span};
use crate::facts::{Fact, Type};
use crate::syntax::{Binary, Expr, Kind, Unary};
use crate::time::Window;

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

    fn list(&self, entries: &[Expr]) -> Result<Typed> {
        let texts = entries.iter().map(|entry| match &entry.kind {
            Kind::Text(text) => Ok(text.as_str().into()),
            _ => Err(fail(Code::TypeMismatch, entry, "a list holds texts", "a text in quotes")),
        });
        Ok(Typed::List(ListExpr::Const(texts.collect::<Result<Vec<Box<str>>>>()?.into())))
    }
}

pub(crate) const WINDOWS: &str = "a span such as `90d`, `3mo`, `1y`, or `day`, `week`, `month`, `quarter`, `year`";

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

/// The place of a part within the whole file is found by whoever knows where the expression stands.
pub(crate) fn moved(mut finding: Finding, to: impl FnOnce(Span) -> Span) -> Finding {
    finding.span = to(finding.span);
    finding
}

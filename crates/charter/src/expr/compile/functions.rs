//! Functions of the language.

use crate::diagnostics::Code;
use crate::expr::{Bool, ListExpr, Num, TextExpr};
use crate::facts::{NotValue, Type, Value};
use crate::syntax::{Expr, FUNCTIONS, Kind};
use crate::time::Window;

use super::failed::{fail, in_who, mismatch, with_nearest, wrong_count};
use super::{Compiler, GrantedMeter, Place, Result, Typed, WINDOWS, literal_text};

impl Compiler<'_> {
    pub(super) fn call(&mut self, expr: &Expr, name: &str, arguments: &[Expr], wanted: Option<&Type>) -> Result<Typed> {
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

    pub(super) fn literal(&self, expr: &Expr, arguments: &[Expr], kind: &Type) -> Result<Typed> {
        let [Expr { kind: Kind::Text(text), .. }] = arguments else {
            return Err(fail(Code::BadLiteral, expr, format!("`{}` takes a text", kind.name()), kind.expected()));
        };
        match kind.read(text, self.places) {
            Ok(Value::Count(value)) => Ok(Typed::Count(kind.clone(), Num::Const(value))),
            Err(NotValue::OutOfRange) => Err(fail(Code::BadLiteral, expr, format!("`{text}` is beyond the largest {}", kind.name()), kind.expected())),
            Err(NotValue::Expected(expected)) => Err(fail(Code::BadLiteral, expr, format!("`{text}` is not {}", kind.one()), expected)),
            _ => Err(fail(Code::BadLiteral, expr, format!("`{text}` is not {}", kind.one()), kind.expected())),
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
                return Err(fail(Code::TypeMismatch, body, format!("{} is neither least nor greatest", typed.kind().one()), "counted values of one type"));
            };
            kind = Some(own);
            list.push(num);
        }
        let kind = kind.unwrap_or(Type::Number);
        Ok(Typed::Count(kind, if least { Num::Least(list) } else { Num::Most(list) }))
    }

    pub(super) fn days_between(&mut self, expr: &Expr, arguments: &[Expr]) -> Result<Typed> {
        let [a, b] = arguments else { return Err(wrong_count(expr, "two dates or times")) };
        let mut side = |of: &Expr| match self.compile(of, None)? {
            Typed::Count(kind @ (Type::Date | Type::Time), num) => Ok((num, kind == Type::Time)),
            other => Err(fail(Code::TypeMismatch, of, format!("this is {}", other.kind().one()), "a date or a time")),
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
    pub(super) fn subject(&self, expr: &Expr, arguments: &[Expr]) -> Result<usize> {
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

    pub(super) fn granted(&mut self, expr: &Expr, arguments: &[Expr]) -> Result<Typed> {
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

    pub(super) fn scope(&mut self, per: &Expr) -> Result<Vec<usize>> {
        let names = match &per.kind {
            Kind::List(entries) => entries.iter().map(literal_text).collect::<Result<Vec<_>>>()?,
            _ => vec![literal_text(per)?],
        };
        let mut keys = Vec::new();
        for name in names {
            let Some(key) = (self.keys)(&name) else {
                return Err(fail(Code::UnknownSubject, per, format!("`{name}` is neither a subject nor a text or choice fact"), "a scope as in a cap"));
            };
            if self.facts.iter().any(|f| f.personal && *f.name == *name) {
                let message = format!("`{name}` is personal, and what grants are counted by is kept for ever");
                return Err(fail(Code::PersonalKey, per, message, "a subject, or a fact that is not personal"));
            }
            self.reads.subjects |= self.key_subjects.get(key).copied().unwrap_or(0);
            keys.push(key);
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

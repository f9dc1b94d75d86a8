//! Works expressions out, straight over their trees.

use crate::calendar;
use crate::decimal;
use crate::model::{Book, Measure, Tree};
use crate::request::{self, Ask};
use crate::values::{Kind, MILLION, Span, Step, Truth, Value, equal};
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, MapExpr, SelectExpr};
use std::collections::{BTreeMap, BTreeSet};

/// The range of results: 64 bits.
const WORD: (i128, i128) = (i64::MIN as i128, i64::MAX as i128);

/// Everything an expression can read.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) book: &'a Book,
    pub(crate) ask: &'a Ask,
    /// The charter whose definitions names stand for.
    pub(crate) home: usize,
    pub(crate) staff: &'a BTreeMap<String, Value>,
    /// What `amount` is, in the unit of expressions, where it may stand.
    pub(crate) amount: Option<Span>,
}

/// One side of a comparison: an expression, or a quantity found otherwise with the facts it hangs on.
#[derive(Clone)]
pub(crate) enum Side<'a> {
    Tree(&'a Tree),
    Found(Span, BTreeSet<String>),
}

/// A comparison with `min` and `max` taken apart.
pub(crate) enum Apart<'a> {
    One(Side<'a>, &'a str, Side<'a>),
    All(Vec<Apart<'a>>),
    Any(Vec<Apart<'a>>),
}

impl<'a> Scene<'a> {
    /// A definition's expression in place of its name.
    pub(crate) fn through(&self, tree: &'a Tree) -> &'a Tree {
        match &tree.expr {
            Expr::Ident(name) => match self.book.defines[self.home].get(name) {
                Some(defined) => self.through(defined),
                None => tree,
            },
            _ => tree,
        }
    }

    fn remedy_measure(&self) -> Measure {
        self.book.common.remedy(&self.ask.remedy).map_or(Measure::Act, |remedy| remedy.measure)
    }

    /// What an expression can be; `money` tells that money is expected, so that a bare number is some.
    pub(crate) fn eval(&self, tree: &'a Tree, money: bool) -> Value {
        let tree = self.through(tree);
        match &tree.expr {
            Expr::Literal(literal) => self.literal(literal, money),
            Expr::Ident(name) if name == "now" => Value::Span(Span::point(self.ask.now)),
            Expr::Ident(name) if name == "amount" => match self.amount {
                Some(amount) => Value::Span(amount),
                None => crate::broken("`amount` stands where it may not"),
            },
            Expr::Select(select) => self.fact(&fact_name(select)),
            Expr::List(list) => self.list(&list.elements),
            Expr::Call(call) => self.call(call, money),
            other => crate::broken(&format!("{other:?} is not of the language")),
        }
    }

    /// What a fact is, for rules that read it.
    fn fact(&self, name: &str) -> Value {
        if name.starts_with("staff.") {
            let fact = &self.book.common.facts[name];
            return request::state(fact, self.staff.get(name).cloned()).value;
        }
        self.ask.facts[name].value.clone()
    }

    fn literal(&self, literal: &LiteralValue, money: bool) -> Value {
        match literal {
            LiteralValue::Boolean(yes) => Value::Truth(Truth::known(*yes.inner())),
            LiteralValue::String(text) => Value::text(text.inner()),
            LiteralValue::Int(number) => self.number(&number.inner().to_string(), money),
            LiteralValue::Double(number) => self.number(&number.inner().to_string(), money),
            other => crate::broken(&format!("{other:?} is not of the language")),
        }
    }

    fn number(&self, text: &str, money: bool) -> Value {
        let places = if money { self.book.common.decimals } else { 6 };
        match decimal::parse(text, places) {
            Some(units) => Value::Span(Span::point(units)),
            None => crate::broken(&format!("{text} does not read")),
        }
    }

    fn list(&self, elements: &'a [Tree]) -> Value {
        let mut can = BTreeSet::from([Vec::new()]);
        let mut fault = false;
        for element in elements {
            let value = self.eval(element, false);
            fault |= value.can_fault();
            let Value::Text(Some(texts), _) = value else {
                return Value::List(None, fault);
            };
            let mut longer = BTreeSet::new();
            for list in &can {
                for text in &texts {
                    let mut list: Vec<String> = list.clone();
                    list.push(text.clone());
                    longer.insert(list);
                }
            }
            can = longer;
        }
        Value::List(Some(can), fault)
    }

    fn call(&self, call: &'a CallExpr, money: bool) -> Value {
        let args = &call.args;
        match call.func_name.as_str() {
            "_&&_" => Value::Truth(self.truth(&args[0]).and(self.truth(&args[1]))),
            "_||_" => Value::Truth(self.truth(&args[0]).or(self.truth(&args[1]))),
            "!_" => Value::Truth(self.truth(&args[0]).not()),
            "_?_:_" => self.conditional(args, money || self.any_money(&args[1..])),
            "_[_]" => self.table(args, money),
            "_==_" | "_!=_" => Value::Truth(self.equality(&call.func_name, args)),
            "_<_" | "_<=_" | "_>_" | "_>=_" => Value::Truth(self.order(&call.func_name, args).truth(self)),
            "@in" => Value::Truth(self.contained(args)),
            "_+_" | "_-_" => self.sum(&call.func_name, args, money),
            "_*_" => self.product(args),
            "-_" => {
                let span = self.eval(&args[0], money).span();
                Value::Span(Span::point(0).arith(span, WORD, |a, b| a - b))
            }
            "min" | "max" => self.extreme(&call.func_name, args, money || self.any_money(args)),
            _ => self.function(call),
        }
    }

    pub(crate) fn truth(&self, tree: &'a Tree) -> Truth {
        self.eval(tree, false).truth()
    }

    pub(crate) fn any_money(&self, trees: &'a [Tree]) -> bool {
        trees.iter().any(|tree| self.kind(tree) == Kind::Money)
    }

    fn conditional(&self, args: &'a [Tree], money: bool) -> Value {
        let condition = self.truth(&args[0]);
        let mut out = None;
        let branches = [(condition.yes, &args[1]), (condition.no, &args[2])];
        for (_, branch) in branches.into_iter().filter(|(can, _)| *can) {
            let value = self.eval(branch, money);
            out = Some(match out {
                None => value,
                Some(before) => Value::either(before, value),
            });
        }
        match out {
            None => Value::Fault,
            Some(value) if condition.fault => value.or_fault(),
            Some(value) => value,
        }
    }

    /// The entries of a table that are still possible.
    pub(crate) fn entries(&self, map: &'a MapExpr, key: &Value) -> Vec<&'a Tree> {
        let mut named = BTreeMap::new();
        let mut default = None;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                continue;
            };
            let Expr::Literal(LiteralValue::String(name)) = &entry.key.expr else {
                continue;
            };
            if name.inner() == "default" {
                default = Some(&entry.value);
            }
            named.insert(name.inner().to_owned(), &entry.value);
        }
        match key {
            Value::Text(Some(can), _) => can.iter().filter_map(|text| named.get(text).copied().or(default)).collect(),
            _ => map.entries.iter().filter_map(entry_value).collect(),
        }
    }

    fn table(&self, args: &'a [Tree], money: bool) -> Value {
        let Expr::Map(map) = &self.through(&args[0]).expr else {
            crate::broken("only tables have entries");
        };
        let money = money || map.entries.iter().filter_map(entry_value).any(|tree| self.kind(tree) == Kind::Money);
        let key = self.eval(&args[1], false);
        if key.is_fault() {
            return Value::Fault;
        }
        let values = self.entries(map, &key).into_iter().map(|tree| self.eval(tree, money));
        let value = values.reduce(Value::either).unwrap_or(Value::Fault);
        if key.can_fault() { value.or_fault() } else { value }
    }

    fn equality(&self, op: &str, args: &'a [Tree]) -> Truth {
        let money = self.any_money(args);
        let (left, right) = (self.eval(&args[0], money), self.eval(&args[1], money));
        if left.is_fault() || right.is_fault() {
            return Truth::FAULT;
        }
        let same = match (&left, &right) {
            (Value::Truth(a), Value::Truth(b)) => a.combine(*b, |a, b| Some(a? == b?)),
            (Value::Span(a), Value::Span(b)) => a.compare("_==_", *b),
            (Value::Text(a, _), Value::Text(b, _)) => equal(a.as_ref(), b.as_ref()),
            (Value::List(a, _), Value::List(b, _)) => equal(a.as_ref(), b.as_ref()),
            _ => crate::broken("only two of a kind are compared"),
        };
        let fault = left.can_fault() || right.can_fault();
        let same = Truth { fault: same.fault || fault, ..same };
        if op == "_==_" { same } else { same.not() }
    }

    fn contained(&self, args: &'a [Tree]) -> Truth {
        let (item, list) = (self.eval(&args[0], false), self.eval(&args[1], false));
        if item.is_fault() || list.is_fault() {
            return Truth::FAULT;
        }
        let (Value::Text(items, _), Value::List(lists, _)) = (&item, &list) else {
            crate::broken("`in` takes a text and a list");
        };
        let fault = item.can_fault() || list.can_fault();
        let mut out = Truth { fault, ..Truth::default() };
        match (items, lists) {
            (Some(items), Some(lists)) => {
                for item in items {
                    for list in lists {
                        out = out.either(Truth::known(list.contains(item)));
                    }
                }
            }
            (None, Some(lists)) => {
                // Any text may be one that no list has, and, if a list has some, one it has.
                out.no = true;
                out.yes = lists.iter().any(|list| !list.is_empty());
            }
            (_, None) => out = out.either(Truth::UNKNOWN),
        }
        out
    }

    fn sum(&self, op: &str, args: &'a [Tree], money: bool) -> Value {
        let kinds = (self.kind(&args[0]), self.kind(&args[1]));
        let money = money || kinds.0 == Kind::Money || kinds.1 == Kind::Money;
        let (left, right) = (self.eval(&args[0], money), self.eval(&args[1], money));
        if left.is_fault() || right.is_fault() {
            return Value::Fault;
        }
        let (a, b) = (left.span(), right.span());
        let sign = if op == "_-_" { -1 } else { 1 };
        if let Value::Step(step, _) = right {
            let zone = &self.book.common.zone;
            return Value::Span(if kinds.0 == Kind::Date {
                a.arith(b, calendar::date_bounds(), |date, n| calendar::shift_date(date, step, sign * n))
            } else {
                a.step(
                    b,
                    |at, n| calendar::shift_time(zone, at, step, sign * n),
                    |at, n| calendar::shift_date(calendar::local(zone, at).0, step, sign * n),
                    |day| calendar::first_instant(zone, day),
                )
            });
        }
        let bounds = if kinds.0 == Kind::Time && kinds.1 == Kind::Duration { calendar::time_bounds() } else { WORD };
        Value::Span(a.arith(b, bounds, |a, b| a + sign * b))
    }

    fn product(&self, args: &'a [Tree]) -> Value {
        let (left, right) = (self.eval(&args[0], false).span(), self.eval(&args[1], false).span());
        Value::Span(left.arith(right, WORD, |a, b| (a * b).div_euclid(MILLION)))
    }

    fn extreme(&self, name: &str, args: &'a [Tree], money: bool) -> Value {
        let pick = if name == "min" { i128::min } else { i128::max };
        let spans = args.iter().map(|tree| self.eval(tree, money).span());
        Value::Span(spans.reduce(|a, b| a.pick(b, pick)).unwrap_or(Span::FAULT))
    }

    fn function(&self, call: &'a CallExpr) -> Value {
        let args = &call.args;
        let word = || literal_text(&args[0]);
        let common = &self.book.common;
        let point = |value: Option<i128>| match value {
            Some(value) => Value::Span(Span::point(value)),
            None => crate::broken(&format!("{} does not read", word())),
        };
        match call.func_name.as_str() {
            "money" => point(decimal::parse(word(), common.decimals)),
            "date" => point(calendar::date(word())),
            "time" => point(calendar::time(word())),
            "duration" => point(calendar::duration(word())),
            "percent" => {
                let (share, money) = (self.eval(&args[0], false).span(), self.eval(&args[1], true).span());
                Value::Span(share.arith(money, WORD, |p, m| (p * m).div_euclid(100 * MILLION)))
            }
            "days" => self.step(Step::Days, &args[0]),
            "months" => self.step(Step::Months, &args[0]),
            "years" => self.step(Step::Years, &args[0]),
            "days_between" => {
                let (from, to) = (self.local_date(&args[0]), self.local_date(&args[1]));
                Value::Span(from.arith(to, WORD, |from, to| (to - from) * MILLION))
            }
            "size" => self.size(&args[0]),
            "subset" => self.subset(args),
            "alike" => self.alike(args),
            "id" => {
                let Expr::Ident(subject) = &args[0].expr else {
                    crate::broken("`id` takes a subject");
                };
                match self.ask.subjects.get(subject) {
                    Some(Some(id)) => Value::text(id),
                    _ => Value::Text(None, false),
                }
            }
            "exists" => {
                let Expr::Ident(subject) = &args[0].expr else {
                    crate::broken("`exists` takes a subject");
                };
                let there = self.ask.subjects.get(subject).is_none_or(Option::is_some);
                Value::Truth(Truth::known(there))
            }
            "granted" => self.granted(args),
            other => crate::broken(&format!("no function {other}")),
        }
    }

    fn step(&self, step: Step, tree: &'a Tree) -> Value {
        let span = self.eval(tree, false).span();
        let whole = span.ends.map(|(a, b)| (a.div_euclid(MILLION), b.div_euclid(MILLION)));
        Value::Step(step, Span { ends: whole, fault: span.fault })
    }

    fn local_date(&self, tree: &'a Tree) -> Span {
        let span = self.eval(tree, false).span();
        if self.kind(tree) == Kind::Date {
            return span;
        }
        let date = |at: i128| calendar::local(&self.book.common.zone, at).0;
        Span { ends: span.ends.map(|(a, b)| (date(a), date(b))), fault: span.fault }
    }

    fn size(&self, tree: &'a Tree) -> Value {
        match self.eval(tree, false) {
            Value::List(Some(lists), fault) => {
                let sizes = lists.iter().map(|list| i128::try_from(list.len()).unwrap_or_default() * MILLION);
                let span = sizes.map(Span::point).reduce(Span::either).unwrap_or(Span::FAULT);
                Value::Span(Span { fault: span.fault || fault, ..span })
            }
            Value::List(None, fault) => Value::Span(Span { ends: Some((0, 100 * MILLION)), fault }),
            _ => Value::Fault,
        }
    }

    fn subset(&self, args: &'a [Tree]) -> Value {
        let (part, whole) = (self.eval(&args[0], false), self.eval(&args[1], false));
        let (Value::List(parts, x), Value::List(wholes, y)) = (&part, &whole) else {
            return Value::Fault;
        };
        let mut out = Truth { fault: *x || *y, ..Truth::default() };
        match (parts, wholes) {
            (Some(parts), Some(wholes)) => {
                for part in parts {
                    for whole in wholes {
                        let times = |list: &[String], text: &String| list.iter().filter(|t| *t == text).count();
                        let holds = part.iter().all(|text| times(part, text) <= times(whole, text));
                        out = out.either(Truth::known(holds));
                    }
                }
            }
            (Some(parts), None) => {
                // Every list holds the empty one; of any other some list lacks an entry.
                out.yes = true;
                out.no = parts.iter().any(|part| !part.is_empty());
            }
            (None, _) => out = out.either(Truth::UNKNOWN),
        }
        Value::Truth(out)
    }

    /// At how many places two lists have the same text.
    fn alike(&self, args: &'a [Tree]) -> Value {
        let (Value::List(a, x), Value::List(b, y)) = (self.eval(&args[0], false), self.eval(&args[1], false)) else {
            return Value::Fault;
        };
        let most = |list: &Option<BTreeSet<Vec<String>>>| list.iter().flatten().map(Vec::len).max().unwrap_or(100);
        let span = match (&a, &b) {
            (Some(a), Some(b)) => {
                let pairs = a.iter().flat_map(|a| b.iter().map(move |b| a.iter().zip(b).filter(|(a, b)| a == b).count()));
                pairs.map(|n| Span::point(n as i128 * MILLION)).reduce(Span::either).unwrap_or(Span::FAULT)
            }
            _ => Span { ends: Some((0, most(&a).min(most(&b)).min(100) as i128 * MILLION)), fault: false },
        };
        Value::Span(Span { fault: span.fault || x || y, ..span })
    }

    /// The scope a `granted` names: none when it means this case and the same subjects.
    pub(crate) fn granted_scope(args: &'a [Tree]) -> Option<Vec<String>> {
        let per = args.get(1)?;
        Some(match &per.expr {
            Expr::List(list) => list.elements.iter().map(|tree| literal_text(tree).to_owned()).collect(),
            _ => vec![literal_text(per).to_owned()],
        })
    }

    fn granted(&self, args: &'a [Tree]) -> Value {
        let remedy = match &args[0].expr {
            Expr::Ident(name) => name.as_str(),
            _ => literal_text(&args[0]),
        };
        let Some(scope) = Self::granted_scope(args) else {
            return Value::Span(Span::point(self.times_here(remedy) * MILLION));
        };
        let within = args.get(2).and_then(|tree| calendar::window(literal_text(tree)));
        Value::Span(match self.keys(&scope) {
            Ok(keys) => Span::point(self.times(remedy, &keys, within) * MILLION),
            // A number that can be anything from 0.
            Err(_) => Span::from(0, 1_000_000_000 * MILLION),
        })
    }

    /// The type of an expression.
    pub(crate) fn kind(&self, tree: &'a Tree) -> Kind {
        let tree = self.through(tree);
        match &tree.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => Kind::YesNo,
            Expr::Literal(LiteralValue::String(_)) => Kind::Text,
            Expr::Ident(name) if name == "now" => Kind::Time,
            Expr::Ident(_) => self.remedy_measure().kind(),
            Expr::Select(select) => self.book.common.facts[&fact_name(select)].kind,
            Expr::List(_) => Kind::List,
            Expr::Call(call) => self.call_kind(call),
            _ => Kind::Number,
        }
    }

    fn call_kind(&self, call: &'a CallExpr) -> Kind {
        let args = &call.args;
        let of_all = |trees: Vec<&'a Tree>| {
            let kinds: Vec<Kind> = trees.into_iter().map(|tree| self.kind(tree)).collect();
            if kinds.contains(&Kind::Money) { Kind::Money } else { kinds.first().copied().unwrap_or(Kind::Number) }
        };
        match call.func_name.as_str() {
            "_+_" | "_*_" | "-_" | "min" | "max" => of_all(args.iter().collect()),
            "_-_" if self.kind(&args[0]) == Kind::Time && self.kind(&args[1]) == Kind::Time => Kind::Duration,
            "_-_" => of_all(args.iter().collect()),
            "_?_:_" => of_all(args[1..].iter().collect()),
            "_[_]" => match &self.through(&args[0]).expr {
                Expr::Map(map) => of_all(map.entries.iter().filter_map(entry_value).collect()),
                _ => Kind::Number,
            },
            "money" | "percent" => Kind::Money,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "duration" => Kind::Duration,
            "days" | "months" | "years" | "days_between" | "size" | "alike" | "granted" => Kind::Number,
            "id" => Kind::Text,
            _ => Kind::YesNo,
        }
    }

    /// An order comparison of two expressions, `min` and `max` taken apart.
    pub(crate) fn order(&self, op: &'a str, args: &'a [Tree]) -> Ordered<'a> {
        let money = self.any_money(args);
        Ordered { money, apart: self.apart(Side::Tree(&args[0]), op, Side::Tree(&args[1])) }
    }

    /// Takes `min` and `max` on either side of a comparison apart.
    pub(crate) fn apart(&self, left: Side<'a>, op: &'a str, right: Side<'a>) -> Apart<'a> {
        let below = op == "_<_" || op == "_<=_";
        if op != "_==_" {
            if let Some((name, args)) = self.extreme_call(&left) {
                let parts = args.iter().map(|arg| self.apart(Side::Tree(arg), op, right.clone())).collect();
                // The least is below something when any is, and above it when all are.
                return if (name == "min") == below { Apart::Any(parts) } else { Apart::All(parts) };
            }
            if let Some((name, args)) = self.extreme_call(&right) {
                let parts = args.iter().map(|arg| self.apart(left.clone(), op, Side::Tree(arg))).collect();
                return if (name == "min") == below { Apart::All(parts) } else { Apart::Any(parts) };
            }
        }
        Apart::One(left, op, right)
    }

    fn extreme_call(&self, side: &Side<'a>) -> Option<(&'a str, &'a [Tree])> {
        let Side::Tree(tree) = side else { return None };
        match &self.through(tree).expr {
            Expr::Call(call) if call.func_name == "min" || call.func_name == "max" => Some((call.func_name.as_str(), call.args.as_slice())),
            _ => None,
        }
    }

    /// What one side of a comparison can be.
    pub(crate) fn side(&self, side: &Side<'a>, money: bool) -> Span {
        match side {
            Side::Tree(tree) => self.eval(tree, money).span(),
            Side::Found(span, _) => *span,
        }
    }
}

/// A comparison taken apart, and whether it is one of money.
pub(crate) struct Ordered<'a> {
    pub(crate) money: bool,
    pub(crate) apart: Apart<'a>,
}

impl<'a> Ordered<'a> {
    pub(crate) fn truth(&self, scene: &Scene<'a>) -> Truth {
        self.apart.truth(scene, self.money)
    }
}

impl<'a> Apart<'a> {
    pub(crate) fn truth(&self, scene: &Scene<'a>, money: bool) -> Truth {
        match self {
            Apart::One(left, op, right) => scene.side(left, money).compare(op, scene.side(right, money)),
            Apart::All(parts) => parts.iter().map(|part| part.truth(scene, money)).fold(Truth::known(true), Truth::and),
            Apart::Any(parts) => parts.iter().map(|part| part.truth(scene, money)).fold(Truth::known(false), Truth::or),
        }
    }

    /// What each single comparison can be, in order.
    pub(crate) fn leaves(&self, scene: &Scene<'a>, money: bool, out: &mut Vec<Truth>) {
        match self {
            Apart::One(..) => out.push(self.truth(scene, money)),
            Apart::All(parts) | Apart::Any(parts) => {
                for part in parts {
                    part.leaves(scene, money, out);
                }
            }
        }
    }
}

/// The name of the fact a selection reads.
pub(crate) fn fact_name(select: &SelectExpr) -> String {
    match &select.operand.expr {
        Expr::Ident(subject) => [subject.as_str(), ".", select.field.as_str()].concat(),
        other => crate::broken(&format!("{other:?} is no subject")),
    }
}

/// The text of a text literal.
pub(crate) fn literal_text(tree: &Tree) -> &str {
    match &tree.expr {
        Expr::Literal(LiteralValue::String(text)) => text.inner(),
        other => crate::broken(&format!("{other:?} is no text literal")),
    }
}

/// The value of an entry of a table.
pub(crate) fn entry_value(entry: &cel::common::ast::IdedEntryExpr) -> Option<&Tree> {
    match &entry.expr {
        EntryExpr::MapEntry(entry) => Some(&entry.value),
        EntryExpr::StructField(_) => None,
    }
}

//! Tables by a choice.

use std::sync::Arc;

use crate::diagnostics::Code;
use crate::expr::{Bool, ChoiceExpr, Num, Pick, Table, TextExpr};
use crate::facts::Type;
use crate::syntax::{Expr, Kind};

use super::failed::{fail, mismatch, with_nearest};
use super::{Compiler, Result, Typed, literal_text};

impl Compiler<'_> {
    pub(super) fn index(&mut self, expr: &Expr, table: &Expr, key: &Expr, wanted: Option<&Type>) -> Result<Typed> {
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

use super::{Binary, Expr, Kind, Unary};
use crate::decimal::Decimal;

/// How tightly `!`, `-` and what stands alone bind.
const UNARY: u8 = 6;
const ALONE: u8 = 7;

/// Writes an expression in the one way the formatter uses; reading it again gives the same tree.
#[must_use]
pub fn print(expr: &Expr) -> String {
    let mut out = String::new();
    write(&mut out, expr, 0);
    out
}

fn write(out: &mut String, expr: &Expr, least: u8) {
    let parenthesis = binding(expr) < least;
    if parenthesis {
        out.push('(');
    }
    match &expr.kind {
        Kind::Number(value) => out.push_str(&number(*value)),
        Kind::Text(text) => quoted(out, text),
        Kind::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Kind::Name(name) => out.push_str(name),
        Kind::Select(of, field) => {
            write(out, of, ALONE);
            out.push('.');
            out.push_str(field);
        }
        Kind::Index(of, key) => {
            write(out, of, ALONE);
            bracketed(out, '[', std::slice::from_ref(key.as_ref()), ']');
        }
        Kind::Call(name, arguments) => {
            out.push_str(name);
            bracketed(out, '(', arguments, ')');
        }
        Kind::Unary(op, operand) => {
            out.push(if *op == Unary::Not { '!' } else { '-' });
            write(out, operand, UNARY);
        }
        Kind::Binary(op, left, right) => operation(out, *op, left, right),
        Kind::Choose(condition, yes, no) => {
            write(out, condition, 1);
            out.push_str(" ? ");
            write(out, yes, 1);
            out.push_str(" : ");
            write(out, no, 0);
        }
        Kind::List(entries) => bracketed(out, '[', entries, ']'),
        Kind::Table(entries) => table(out, entries),
    }
    if parenthesis {
        out.push(')');
    }
}

fn binding(expr: &Expr) -> u8 {
    match &expr.kind {
        Kind::Choose(..) => 0,
        Kind::Binary(op, ..) => op.binding(),
        Kind::Unary(..) => UNARY,
        _ => ALONE,
    }
}

fn operation(out: &mut String, op: Binary, left: &Expr, right: &Expr) {
    let tighter = op.binding() + 1;
    write(out, left, if op.compares() { tighter } else { op.binding() });
    out.push(' ');
    out.push_str(op.text());
    out.push(' ');
    write(out, right, tighter);
}

fn bracketed(out: &mut String, open: char, entries: &[Expr], close: char) {
    out.push(open);
    for (i, entry) in entries.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, entry, 0);
    }
    out.push(close);
}

fn table(out: &mut String, entries: &[(Expr, Expr)]) {
    out.push('{');
    for (i, (key, value)) in entries.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, key, 0);
        out.push_str(": ");
        write(out, value, 0);
    }
    out.push('}');
}

fn number(Decimal(millionths): Decimal) -> String {
    let (whole, part) = (millionths / 1_000_000, millionths % 1_000_000);
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.push('"');
}

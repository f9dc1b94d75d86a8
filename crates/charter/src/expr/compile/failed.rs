//! What is said of a part of an expression that does not compile.

use crate::decimal::{Decimal, plainly};
use crate::diagnostics::{Code, Finding, Severity, nearest};
use crate::facts::Type;
use crate::syntax::{Expr, Kind};

use super::{Failed, Typed};

pub(super) fn fail(code: Code, at: &Expr, message: impl Into<String>, expected: impl Into<String>) -> Failed {
    Box::new(Finding { code, severity: Severity::Error, message: message.into(), span: at.span.clone(), expected: expected.into(), help: None })
}

pub(super) fn with_nearest<'a>(suggests: bool, mut failed: Failed, word: &str, known: impl IntoIterator<Item = &'a str>) -> Failed {
    if suggests {
        failed.help = nearest(word, known).map(|near| format!("did you mean `{near}`?"));
    }
    failed
}

pub(super) fn mismatch(expr: &Expr, kind: &Type, found: &Type) -> Failed {
    let mut failed = fail(Code::TypeMismatch, expr, format!("this is {}", found.one()), kind.one());
    if *kind == Type::Money && *found == Type::Number {
        failed.help = Some("write an amount as `money(\"…\")`".to_owned());
    }
    if let (Type::Money | Type::Number, Kind::Text(text)) = (kind, &expr.kind)
        && let Some(plain) = Decimal::read(text).is_ok().then(|| text.clone()).or_else(|| plainly(text))
    {
        failed.help = Some(format!("write `{plain}`, without quotes of its own"));
    }
    failed
}

pub(super) fn not_alike(expr: &Expr, a: &Typed, b: &Typed) -> Failed {
    let (a, b) = (a.kind(), b.kind());
    fail(Code::TypeMismatch, expr, format!("{} and {} do not go together", a.one(), b.one()), "two of a kind")
}

pub(super) fn wrong_count(expr: &Expr, expected: &str) -> Failed {
    fail(Code::TypeMismatch, expr, "these are not the arguments it takes", expected)
}

pub(super) fn in_who(expr: &Expr) -> Failed {
    with_help(fail(Code::CaseInWho, expr, "`who` reads only facts of staff", "`staff.…`"), "put conditions on the case into `when`")
}

pub(super) fn in_when(expr: &Expr) -> Failed {
    with_help(fail(Code::StaffInWhen, expr, "conditions on the person do not stand here", "facts of the case"), "put conditions on the person into `who`")
}

/// The same with a suggestion.
pub(super) fn with_help(mut failed: Failed, help: &str) -> Failed {
    failed.help = Some(help.to_owned());
    failed
}

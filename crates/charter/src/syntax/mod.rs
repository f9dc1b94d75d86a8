//! The CEL that charters use: read into a tree in which every part knows its place, and written back.
//!
//! Our own reader, because it is the part of a charter that people get wrong most often: errors must name the place and what belongs there, decimals
//! must stay exact, and hostile input must end at a limit. The oracle reads the same expressions with the `cel` crate, and both must agree.

mod lexer;
mod parser;
mod print;
mod tree;

pub use parser::parse;
pub use print::print;
pub use tree::{Binary, Expr, Kind, Unary};

use crate::diagnostics::Span;

/// Every function of the language.
pub const FUNCTIONS: &[&str] = &[
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

/// Why a text is not an expression of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Whether it is CEL that charters leave out, rather than not CEL.
    pub unsupported: bool,
    /// Whether a limit is passed.
    pub too_large: bool,
    /// Where, in bytes of the expression.
    pub span: Span,
    /// What was found.
    pub message: String,
    /// What belongs there.
    pub expected: String,
}

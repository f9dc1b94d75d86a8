//! Expressions in the form that is evaluated: typed, with every name resolved, over values that may be unknown.

mod apart;
mod compile;
mod eval;
mod hangs;
mod known;
mod reads;
mod tree;
mod values;

pub(crate) use apart::Bound;
pub(crate) use compile::{Compiler, GrantedMeter, Place, Typed, WINDOWS, moved};
pub(crate) use eval::Env;
pub(crate) use hangs::{hangs_of_number, hangs_of_truth};
pub(crate) use reads::Reads;
pub(crate) use tree::{Bool, ChoiceExpr, Definition, ListExpr, Num, Pick, Table, TextExpr};
pub(crate) use values::{Range, Truth};

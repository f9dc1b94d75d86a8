//! The edge: routes, forms, headers, problems.

mod form;
mod headers;
mod problem;
mod routes;
mod serve;

pub use form::Form;
pub use headers::{Framed, POLICY};
pub use problem::{FieldProblem, Problem};
pub use routes::{Route, router};
pub use serve::{bounded, serve};

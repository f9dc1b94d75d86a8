//! The charter: who may do what for a customer. The language, its checks, and the engine that decides, in one pure library.
//!
//! Nothing here reads a clock, a file, a database or a random number, and nothing panics: everything is an argument, and what is wrong is a value.
//!
//! [`load`] turns a text into a [`Charter`] or says everything that is wrong with it.

pub mod calendar;
pub mod decide;
pub mod decimal;
pub mod diagnostics;
pub mod document;
pub mod explain;
mod expr;
pub mod facts;
pub mod format;
pub mod limits;
mod load;
pub mod memory;
pub mod model;
pub mod money;
pub mod request;
pub mod scenarios;
pub mod syntax;
pub mod time;
pub mod words;

pub use decide::{decide, options, options_into};
pub use explain::{decide_json, options_json};
pub use load::{Loaded, Sources, load, stands_inside};
pub use model::Charter;
pub use request::{Purpose, Request};

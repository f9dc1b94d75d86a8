//! A charter file as it is written: the tables and keys of the language, each value with its place. Nothing is looked up or compared here yet.

mod depth;
mod read;
mod schema;
mod tables;

pub use read::{At, read};
pub(crate) use read::{parse, read_whole};
pub use schema::schema;
pub use tables::*;

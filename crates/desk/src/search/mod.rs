//! One search over cases, customers and orders: by number, reference, name or e-mail address. An order that is found finds its customer.

mod find;
mod pages;
mod store;

pub(crate) use find::{Found, find, words};
pub use pages::routes;
pub use store::STATEMENTS;
pub(crate) use store::{Way, by_name};

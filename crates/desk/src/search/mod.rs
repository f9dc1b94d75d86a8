//! One search over cases, customers and orders: by number, reference, e-mail address or the words of a name. An order that is found finds its customer.

mod find;
mod pages;
mod store;

pub(crate) use find::{Found, find, words};
pub use pages::routes;
pub use store::STATEMENTS;
pub(crate) use store::{Way, behind, by_name};

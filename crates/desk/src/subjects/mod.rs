//! What cases are about: customers, orders and whatever else a charter declares, with what is known of each, who said so, and when.

pub mod api;
mod model;
mod store;
mod words;

pub use model::{Called, Customer, FactRow, Standing, SubjectId, SubjectRow, held};
pub use store::{
    Found, STATEMENTS, called, customer, customers_by_email, customers_by_name, fact, facts_of, facts_of_all, find, is_erased, keep_customer, keep_fact,
    keep_subject, list, list_before, merge, of_customer, read,
};
pub(crate) use words::of as words_of;

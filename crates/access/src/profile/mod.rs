//! What a person sets for themselves: language, time zone, password.

mod pages;

pub(crate) use pages::routes;

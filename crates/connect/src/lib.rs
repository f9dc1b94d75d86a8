//! What comes from elsewhere: customers, orders and cases that other systems know.

pub mod import;

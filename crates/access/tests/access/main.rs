//! Who may, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod first_run;
mod people;
mod routes;
mod signing_in;
mod site;

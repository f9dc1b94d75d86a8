//! The pages and the API of the desk, through their routes, on both databases.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod answered;
mod api;
mod app;
mod begin;
mod cases;
mod debriefs;
mod embed;
mod learnt;
mod pages;
mod passed_up;
mod rota;
mod ruler;
mod webhooks;

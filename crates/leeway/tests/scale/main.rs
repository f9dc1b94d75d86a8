//! That nothing gets slower because there is more of it: no plan scans a table that grows, and a page costs the database the same, however many cases there are.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod company;
mod pages;
mod plans;
#[path = "../settings/mod.rs"]
mod settings;
mod work;

use std::sync::Mutex;

use charter::time::Instant;

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
/// What is counted is counted in the whole program: one test at a time.
static TURN: Mutex<()> = Mutex::new(());

//! What is generated from the tables of the program, and so holds for every route and every limit: who may open what, what scripts in texts do, what happens one past a limit.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod heard;
mod house;
mod limits;
mod listed;
mod live;
mod owners;
mod read;
mod roles;
#[path = "../settings/mod.rs"]
mod settings;
mod told;
mod unread;

//! Where somebody is signed in. They see each of these and can end it; it also ends by itself, some time after it was last used and in any case after a week.

mod commands;
mod model;
pub(crate) mod pages;
mod store;

pub(crate) use commands::end_all;
pub use commands::{begin, end, end_others};
pub use model::{Session, SessionError, SessionEvent, SessionId, device};
pub use store::{STATEMENTS, forget, list};
pub(crate) use store::{end_by_digest, note_use};

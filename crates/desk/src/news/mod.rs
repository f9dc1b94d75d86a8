//! What somebody has to hear: that a grant of theirs was corrected, or that somebody gave more where they had said no. It stands above their lists and cases
//! until they have opened the case, and goes out by mail.

mod follow;
mod pages;
mod store;

pub(crate) use follow::told;
pub use follow::{corrected, exceeded};
pub use pages::routes;
pub(crate) use pages::{notices, read};
pub use store::{News, NewsId, NewsKind, STATEMENTS};

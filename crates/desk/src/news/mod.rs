//! What somebody has to hear: that a grant of theirs was corrected, that somebody gave more where they had said no, what came of what they passed up. It stands
//! above their lists and cases until they have opened what it is about, and goes out by mail.

mod follow;
mod pages;
mod store;

pub use follow::{MAIL_JOB, corrected, exceeded};
pub(crate) use follow::{field, mail, told};
pub use pages::routes;
pub(crate) use pages::{notices, read};
pub use store::{Here, News, NewsId, NewsKind, STATEMENTS, see_all};

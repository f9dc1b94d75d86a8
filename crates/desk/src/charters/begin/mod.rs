//! The first charter, written from six answers by somebody who has never written a rule: what money, what goes wrong, how much anyone gives, how much with a
//! reason, who gives more, and when they are there. It is a charter like any other, shown in sentences before it holds; publishing it also enters what follows
//! from the answers, so that what is passed up reaches somebody from the first case on. The answers are kept with it: as long as it is in force, they can be
//! changed, and it is written again.

mod added;
mod answers;
mod commands;
mod pages;
mod troubles;
mod typed;
mod write;

pub use answers::{Answers, CALENDAR, Top, Unit};
pub use commands::{begin, begin_again};
pub(super) use pages::routes;
pub use troubles::{TROUBLES, Trouble};
pub use write::{Begun, NotSound, write};

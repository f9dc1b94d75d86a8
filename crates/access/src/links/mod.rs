//! Links that work once: an invitation to choose a password, or a new password for one that was forgotten.
//! Opening one changes nothing, so mail scanners that follow it use nothing up; the form behind it does.

mod commands;
mod model;
pub(crate) mod pages;
mod store;

pub use commands::{Mail, RESET_JOB, Redeeming, ask_for_reset, invite, redeem, send_reset};
pub(crate) use commands::{invite_by_hand, mail, open_link, reset_by_hand};
pub use model::{LinkError, LinkEvent, LinkId, LinkKind, Open};
pub(crate) use store::void;
pub use store::{STATEMENTS, forget, open};

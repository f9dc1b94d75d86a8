//! Signing in with a password. An unknown address costs as much time as a wrong password and is answered alike; after some failures for one address, or from
//! one place, there is a pause.

mod commands;
mod model;
pub(crate) mod pages;
mod password;
mod store;

pub(crate) use commands::email_tries;
pub use commands::{Attempt, SignedIn, change_password, set_password, sign_in, sign_in_openly, sign_out};
pub use model::SignInError;
pub(crate) use password::unfit;
pub use password::{CannotHash, Cost, Passwords};
pub use store::STATEMENTS;
pub(crate) use store::has_password;

/// How often something was tried of late. A try is counted before it is made, so that tries at once cannot slip through together.
/// Rows hold digests: neither addresses nor what somebody typed by mistake lie there.
pub(crate) mod tries {
    pub(crate) use super::store::{clear, count, forget};
}

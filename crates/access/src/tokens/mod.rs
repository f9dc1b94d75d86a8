//! Tokens for programs. One belongs to a person or AI agent, or to another system by the name it is known under, and opens what its scopes say.
//! It is shown once, and can be revoked at any time.

mod commands;
mod model;
pub(crate) mod pages;
mod store;

pub use commands::{make, revoke};
pub use model::{Bearer, NewToken, PREFIX, Scope, Scopes, Token, TokenError, TokenEvent, TokenId};
pub(crate) use store::note_use;
pub use store::{STATEMENTS, is_live, list};

//! Who asks, and whether they may. A request is looked at once, by [`identify`]; each route says who may open it, by its [`Permission`]; and [`guard`] puts
//! that before the answer, with what keeps other sites from acting in somebody's name.

mod cookie;
mod forgery;
mod identify;
mod model;
mod permission;
mod store;

pub use cookie::cookie;
pub(crate) use cookie::{over, sent};
pub use identify::{Place, identify, still_signed_in};
pub use model::{Caller, Seen, Who};
pub use permission::{Permission, guard};
pub(crate) use permission::{encoded, local};
pub use store::{STATEMENTS, of_staff};

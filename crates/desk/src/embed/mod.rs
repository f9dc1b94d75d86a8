//! The card of a case inside another program: what may be done now, in a frame of configured origins, for one person and one case, by a pass that ends soon.
//! There is no cookie here, and the pass opens nothing else.

pub mod api;
mod card;
mod pages;
mod pass;

use std::sync::Arc;

use access::Permission;
use platform::http::Route;

use crate::state::Desk;

/// What the card in a frame stands on. Cloned, it is the same.
#[derive(Clone)]
pub struct Embed {
    /// The desk.
    pub desk: Desk,
    /// Whose pages may show it: `https://help.example`.
    pub origins: Arc<[String]>,
    /// Where this installation is reached.
    pub origin: String,
}

/// Every route of the card in a frame.
#[must_use]
pub fn routes(embed: &Embed) -> Vec<Route<Permission>> {
    let mut routes = pages::routes(embed);
    routes.extend(api::routes(embed));
    routes
}

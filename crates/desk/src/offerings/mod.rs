//! Offerings: what we promise customers, as one text that staff and customers read alike. What was promised is never changed; a new version takes its place.

mod commands;
mod model;
mod pages;
mod store;

pub use commands::{OfferingError, publish, show};
pub use model::{NewText, Offering, OfferingEvent, OfferingId, OfferingVersion};
pub use pages::routes;
pub use store::{STATEMENTS, by_slug, list, list_shown, slug, versions};

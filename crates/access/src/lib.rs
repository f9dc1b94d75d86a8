//! Who may: people, AI agents and teams; signing in; tokens for programs; and the permission that each route of the whole program has.
//!
//! [`identify`] is laid around the router, [`guard`] goes to [`platform::http::router`], and a handler takes a [`Caller`].

pub mod caller;
mod first_owner;
pub mod first_run;
pub mod limits;
pub mod links;
mod pages;
pub mod people;
mod profile;
mod secret;
pub mod sessions;
pub mod sign_in;
pub mod teams;
pub mod tokens;
mod words;

use std::sync::Arc;

use axum::{Router, middleware};
use charter::time::Instant;
use platform::clock::Clock;
use platform::db::{Body, Db, DbError, Statement, Tx};
use platform::http::Route;

pub use caller::{Caller, Permission, guard, identify};
pub use first_owner::{FirstOwner, FirstOwnerError, Opening, first_owner};
pub use pages::{Frame, frame, navigation};
pub use secret::{NoRandomness, Secret};
use sign_in::Passwords;

/// Everything this crate stands on. Cloned, it is the same.
#[derive(Clone)]
pub struct Access {
    /// The database.
    pub db: Arc<Db>,
    /// What time it is.
    pub clock: Clock,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Where this installation is reached.
    pub site: Site,
    /// The levels of the charter in force.
    pub levels: Levels,
    /// The time zone of the charter in force.
    pub zone: Zone,
    /// What stands around every page.
    pub frame: Frame,
}

/// Where an installation is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Scheme and host, with the port if it has one, and without a `/` at the end: `https://leeway.example`.
    pub origin: String,
    /// Whether a proxy stands before it, and its `X-Forwarded-For` can be believed.
    pub is_behind_proxy: bool,
    /// Whether a mail server is set up. Without one, invitations are links that an owner hands over.
    pub has_mail: bool,
}

impl Site {
    /// Whether it is reached by HTTPS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// Reads the levels of the charter in force, from the least to the most authority; none when no charter is in force. Whoever keeps charters hands it in.
pub type Levels = for<'t> fn(&'t mut Tx) -> Body<'t, Vec<String>, DbError>;

/// Reads the name of the time zone of the charter in force; nothing when no charter is in force.
pub type Zone = for<'t> fn(&'t mut Tx) -> Body<'t, Option<String>, DbError>;

/// Every route of this crate, with who may open it.
#[must_use]
pub fn routes(state: &Access) -> Vec<Route<Permission>> {
    let mut routes = sign_in::pages::routes(state);
    routes.extend(first_run::pages::routes(state));
    routes.extend(links::pages::routes(state));
    routes.extend(sessions::pages::routes(state));
    routes.extend(profile::routes(state));
    routes.extend(people::pages::routes(state));
    routes.extend(people::person_pages::routes(state));
    routes.extend(teams::pages::routes(state));
    routes.extend(tokens::pages::routes(state));
    routes.extend(people::api::routes(state));
    routes
}

/// Lays [`identify`] around a router: everything inside knows who asks.
pub fn identified(router: Router, state: &Access) -> Router {
    router.layer(middleware::from_fn_with_state(state.clone(), identify))
}

/// Every SQL text of this crate.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [
        people::STATEMENTS,
        teams::STATEMENTS,
        sign_in::STATEMENTS,
        sessions::STATEMENTS,
        links::STATEMENTS,
        first_run::STATEMENTS,
        tokens::STATEMENTS,
        caller::STATEMENTS,
    ]
    .concat()
}

/// Forgets what has ended: sign-ins, links, counted tries. To be done once an hour or so.
///
/// # Errors
/// [`DbError`] when it cannot be deleted.
pub async fn forget(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    Ok(sessions::forget(tx, now).await? + links::forget(tx, now).await? + first_run::forget(tx, now).await? + sign_in::tries::forget(tx, now).await?)
}

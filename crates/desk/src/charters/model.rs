use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use charter::{Charter, Sources};

/// Which charter events and open pages are about: the one in force.
pub(super) const IN_FORCE: &str = "in_force";

/// The name of a calendar, as groups of a charter give it.
pub type CalendarName = String;

/// A charter with its version.
#[derive(Clone)]
pub struct InForce {
    /// Its number: 1 for the first that was published.
    pub version: i64,
    /// The loaded charter.
    pub charter: Arc<Charter>,
}

/// Charters that were loaded before, by [`platform::db::Tx::database`] and version. A published charter never changes, so what is loaded once stays right; all
/// nodes agree because the database says which version is in force.
#[derive(Clone, Default)]
pub struct Charters(Arc<RwLock<HashMap<Published, Arc<Charter>>>>);

type Published = (u64, i64);

impl Charters {
    pub(super) fn loaded(&self, published: Published) -> Option<Arc<Charter>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&published).cloned()
    }

    /// Loads a text that was checked when it was published; nothing if this program finds errors in it.
    pub(super) fn load(&self, published: Published, text: &str, outer: Option<&str>) -> Option<Arc<Charter>> {
        let charter = Arc::new(charter::load(&Sources { text, outer, today: None }).charter?);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(published, Arc::clone(&charter));
        Some(charter)
    }
}

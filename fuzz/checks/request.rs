//! Any text as a request.

use std::sync::OnceLock;

use charter::{Charter, Sources, load};

use super::{decision, zones};

/// The shop, a charter made to use everything, and one that stands inside it.
const CHARTERS: &[(&str, Option<&str>)] =
    &[(include_str!("../../charters/shop.toml"), None), (EVERYTHING, None), (include_str!("../charters/inside.toml"), Some(EVERYTHING))];
const EVERYTHING: &str = include_str!("../charters/everything.toml");

/// Whatever the text, it is refused with problems or answered, the same each time, and as its options foretell.
pub(crate) fn check(text: &str) {
    for charter in charters() {
        decision::check(charter, text);
        if let Ok(json) = serde_json::from_str(text) {
            zones::options_of(charter, &json);
        }
    }
}

fn charters() -> &'static [Charter] {
    static LOADED: OnceLock<Vec<Charter>> = OnceLock::new();
    LOADED.get_or_init(|| CHARTERS.iter().map(|(text, outer)| loaded(text, *outer)).collect())
}

fn loaded(text: &str, outer: Option<&str>) -> Charter {
    let loaded = load(&Sources { text, outer, today: None });
    let Some(charter) = loaded.charter else { panic!("a charter of the fuzzing does not load: {:#?}", loaded.findings) };
    charter
}

//! Any text as a charter file.

use charter::{Sources, load};

use super::loading::{alone, answers, findings_lie_in};

/// What stands between a charter and the one it stands inside, where an input brings both.
const OUTER: &str = "\n#outer\n";
/// The one it stands inside, where it brings none.
const ORGANISATION: &str = include_str!("../../charters/inside/organisation.toml");

/// Any text as a charter, alone and inside another, and as scenarios.
pub(crate) fn check(input: &str) {
    let (text, outer) = input.split_once(OUTER).unwrap_or((input, ORGANISATION));
    alone(text);
    let inside = Sources { text, outer: Some(outer), today: None };
    if charter::stands_inside(text).is_some() {
        answers(text, &load(&inside));
    }
    // A day far ahead, on which every rule has ended.
    findings_lie_in(text, &load(&Sources { today: Some(2_932_896), ..inside }).findings);
    drop(charter::scenarios::read(text).map_err(|findings| findings_lie_in(text, &findings)));
}

//! What loading any text must keep to.

use charter::diagnostics::{Code, Finding};
use charter::{Loaded, Sources, format, load};

use super::asking;

/// Whatever the text, loading it alone ends with findings that lie in it; a charter that loads can be laid out, and answers.
pub(crate) fn alone(text: &str) {
    let loaded = load(&Sources { text, ..Sources::default() });
    answers(text, &loaded);
    laid_out(text, &loaded);
}

pub(crate) fn answers(text: &str, loaded: &Loaded) {
    findings_lie_in(text, &loaded.findings);
    if let Some(charter) = &loaded.charter {
        asking::ask(charter);
    }
}

pub(crate) fn findings_lie_in(text: &str, findings: &[Finding]) {
    for finding in findings {
        assert!(text.get(finding.span.clone()).is_some(), "a finding out of the text or within a character: {finding:?}");
    }
}

/// The layout changes nothing that loading sees, and itself nothing.
fn laid_out(text: &str, loaded: &Loaded) {
    let once = match format::format(text) {
        Ok(once) => once,
        Err(findings) => {
            assert!(loaded.charter.is_none(), "a charter that loads has no layout: {findings:?}");
            return findings_lie_in(text, &findings);
        }
    };
    let again = format::format(&once);
    assert!(again.as_ref() == Ok(&once), "the layout is not its own layout\n{once}\n{again:?}");
    let after = load(&Sources { text: &once, ..Sources::default() });
    if loaded.left_out == 0 && after.left_out == 0 {
        assert_eq!(codes(loaded), codes(&after), "the layout changes the findings\n{once}\n{:#?}\n{:#?}", loaded.findings, after.findings);
    }
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    let mut codes: Vec<Code> = loaded.findings.iter().map(|f| f.code).collect();
    codes.sort_unstable();
    codes
}

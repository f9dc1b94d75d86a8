//! From the tables of a file to a charter: declarations first, then definitions, guardrails and groups, then a second look at what is legal but odd.

mod declare;
mod formulas;
mod guardrails;
mod layers;
mod places;
mod second_look;

use sha2::{Digest, Sha256};

use crate::diagnostics::{Code, Finding, Findings, Severity};
use crate::document::{self, At, Document};
use crate::model::{Charter, Layer};
use crate::time::Day;
use declare::declare;
use guardrails::Compiled;

/// The texts a charter is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The charter.
    pub text: &'a str,
    /// The charter it stands inside, if it says so.
    pub outer: Option<&'a str>,
    /// Today's local date, to find rules that have ended; nothing leaves that out.
    pub today: Option<Day>,
}

/// What came of loading.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The charter, if there is no error.
    pub charter: Option<Charter>,
    /// Everything found, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many findings were left out past the limit.
    pub left_out: usize,
}

impl Loaded {
    /// The weightiest finding.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}

/// The name of the charter that a text says it stands inside.
#[must_use]
pub fn stands_inside(text: &str) -> Option<String> {
    let document = document::read(text, &mut Findings::default());
    document.inside.map(|name| name.value)
}

/// Loads and checks a charter: all that is wrong or odd is found at once.
#[must_use]
pub fn load(sources: &Sources<'_>) -> Loaded {
    let mut findings = Findings::default();
    let charter = build(sources, &mut findings);
    let charter = charter.filter(|_| !findings.has_errors());
    let (findings, left_out) = findings.finish();
    Loaded { charter, findings, left_out }
}

fn build(sources: &Sources<'_>, findings: &mut Findings) -> Option<Charter> {
    let document = document::read_whole(sources.text, findings)?;
    let outer = outer_of(&document, sources, findings);
    if document.inside.is_some() && outer.is_none() {
        // Without what the other charter declares, nothing more can be said of this one.
        layers::own_keys(&document, findings);
        return None;
    }
    let base = outer.as_ref().unwrap_or(&document);
    let declared = match &outer {
        Some(outer) => {
            layers::compare(&document, outer, findings);
            layers::own_keys(&document, findings);
            let mut quiet = Findings::default();
            declare(&document, outer, &mut quiet)
        }
        None => {
            layers::own_keys(&document, findings);
            declare(&document, base, findings)
        }
    };
    let mut compiled = Compiled::new(&declared, sources.text);
    if let (Some(outer), Some(prefix)) = (&outer, &document.inside) {
        let mut quiet = Findings::default();
        compiled.layer(outer, 1, &prefix.value, sources.outer.unwrap_or_default(), &mut quiet);
        if !has_no_errors(&quiet, prefix, findings) {
            return None;
        }
    }
    compiled.layer(&document, 0, "", sources.text, findings);
    compiled.limits_together(findings);
    if findings.has_errors() {
        return None;
    }
    second_look::look(&document, &compiled, sources, findings);
    Some(compiled.finish(layers_of(&document, outer.as_ref(), sources)))
}

fn outer_of(document: &Document, sources: &Sources<'_>, findings: &mut Findings) -> Option<Document> {
    let name = document.inside.as_ref()?;
    let Some(text) = sources.outer else {
        let message = format!("the charter `{}`, which this one stands inside, is not here", name.value);
        findings.add(Code::UnknownOuter, name.span.clone(), message, format!("a file `{}.toml` beside this one", name.value));
        return None;
    };
    let mut quiet = Findings::default();
    let outer = document::read(text, &mut quiet);
    layers::own_keys(&outer, &mut quiet);
    declare(&outer, &outer, &mut quiet);
    if !has_no_errors(&quiet, name, findings) {
        return None;
    }
    if let Some(further) = &outer.inside {
        let message = format!("`{}` stands inside `{}` itself", name.value, further.value);
        findings.add(Code::UnknownOuter, name.span.clone(), message, "a charter that stands in none itself");
    }
    Some(outer)
}

/// Reports an outer charter that has errors, with the first of them.
fn has_no_errors(outer: &Findings, name: &At<String>, findings: &mut Findings) -> bool {
    if let Some(first) = outer.first_error() {
        let message = format!("the charter `{}`, which this one stands inside, has errors: {}", name.value, first.message);
        findings.add(Code::UnknownOuter, name.span.clone(), message, "a charter without errors").help(format!("check `{}.toml` alone", name.value));
    }
    !outer.has_errors()
}

fn layers_of(document: &Document, outer: Option<&Document>, sources: &Sources<'_>) -> Vec<Layer> {
    let layer = |of: &Document, text: &str, prefix: &str| Layer {
        name: of.name.as_ref().map_or("", |n| &n.value).into(),
        version: version(text).into(),
        prefix: prefix.into(),
    };
    let mut layers = vec![layer(document, sources.text, "")];
    if let Some(outer) = outer {
        let prefix = document.inside.as_ref().map_or("", |n| &n.value);
        layers.push(layer(outer, sources.outer.unwrap_or_default(), prefix));
    }
    layers
}

/// The first half of the SHA-256 of a text, in hex.
fn version(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

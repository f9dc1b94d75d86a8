//! What a charter and the one it stands inside must agree on.

use crate::diagnostics::{Code, Findings};
use crate::document::{At, Document};

/// The keys of every charter's head.
pub(super) fn own_keys(document: &Document, findings: &mut Findings) {
    match &document.leeway {
        Some(version) if version.value == 1 => {}
        Some(version) => {
            findings.add(Code::UnknownVersion, version.span.clone(), format!("version {} of the language is not known", version.value), "`leeway = 1`");
        }
        None if document.is_unread(&["leeway"]) => {}
        None => missing("leeway", "`leeway = 1`, the version of this language", findings),
    }
    if document.name.is_none() && !document.is_unread(&["name"]) {
        missing("name", "`name = \"…\"`, what people call the charter", findings);
    }
    if document.inside.is_some() {
        return;
    }
    if document.currency.is_none() && !document.is_unread(&["currency"]) {
        missing("currency", "`currency = \"EUR\"` or another ISO 4217 code", findings);
    }
    if document.timezone.is_none() && !document.is_unread(&["timezone"]) {
        missing("timezone", "`timezone = \"Europe/Amsterdam\"` or another IANA time zone", findings);
    }
    if document.levels.as_ref().is_none_or(Vec::is_empty) && !document.is_unread(&["levels"]) {
        missing("levels", "`levels = [\"agent\", …]`, lowest first", findings);
    }
}

fn missing(key: &str, expected: &str, findings: &mut Findings) {
    findings.add(Code::MissingKey, 0..0, format!("`{key}` is missing"), expected);
}

/// What the inner charter repeats must be what the outer one says.
pub(super) fn compare(inner: &Document, outer: &Document, findings: &mut Findings) {
    let mut same = |what: &str, inner: Option<&At<String>>, outer: Option<&At<String>>| {
        if let (Some(inner), Some(outer)) = (inner, outer)
            && inner.value != outer.value
        {
            differs(what, inner, &outer.value, findings);
        }
    };
    same("currency", inner.currency.as_ref(), outer.currency.as_ref());
    same("time zone", inner.timezone.as_ref(), outer.timezone.as_ref());
    lists("levels", inner.levels.as_deref(), outer.levels.as_deref(), true, findings);
    lists("reasons", inner.reasons.as_deref(), outer.reasons.as_deref(), false, findings);
    facts(inner, outer, findings);
    remedies(inner, outer, findings);
}

fn differs(what: &str, at: &At<String>, outer: &str, findings: &mut Findings) {
    findings.add(Code::OuterDiffers, at.span.clone(), format!("this {what} differs from the outer charter's"), format!("`{outer}`, or leave it out"));
}

fn lists(what: &str, inner: Option<&[At<String>]>, outer: Option<&[At<String>]>, ordered: bool, findings: &mut Findings) {
    let Some(inner) = inner else { return };
    let names = |list: &[At<String>]| {
        let mut names: Vec<_> = list.iter().map(|n| n.value.clone()).collect();
        if !ordered {
            names.sort();
        }
        names
    };
    let outer = outer.map(names).unwrap_or_default();
    if names(inner) != outer {
        let at = inner.first().map_or(0..0, |f| f.span.clone());
        let expected = format!("{}, or leave them out", outer.join(", "));
        findings.add(Code::OuterDiffers, at, format!("these {what} differ from the outer charter's"), expected);
    }
}

fn facts(inner: &Document, outer: &Document, findings: &mut Findings) {
    for (subject, list) in &inner.facts {
        for (name, fact) in list {
            let twin = outer.facts.iter().filter(|(s, _)| s.value == subject.value).flat_map(|(_, l)| l).find(|(n, _)| n.value == name.value);
            if twin.is_none_or(|(_, twin)| twin != fact) {
                let message = format!("the fact `{}.{}` is not declared so in the outer charter", subject.value, name.value);
                findings.add(Code::OuterDiffers, name.span.clone(), message, "the same declaration, or none");
            }
        }
    }
}

fn remedies(inner: &Document, outer: &Document, findings: &mut Findings) {
    for remedy in &inner.remedy {
        let twin = outer.remedy.iter().find(|r| r.id.value == remedy.id.value);
        if twin.is_none_or(|twin| twin != remedy) {
            let message = format!("the remedy `{}` is not declared so in the outer charter", remedy.id.value);
            findings.add(Code::OuterDiffers, remedy.id.span.clone(), message, "the same declaration, or none");
        }
    }
}

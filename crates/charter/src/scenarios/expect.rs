//! What a case expects of its answer.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::cells::{self, Node};
use crate::decide::Outcome as Decided;
use crate::decimal::Decimal;
use crate::diagnostics::{Code, Findings};
use crate::time::read_instant;

/// What an answer must be; what is left out may be anything. `none` expects that a thing is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// What comes of the request.
    pub outcome: Option<Decided>,
    /// Exactly these rules, in any order.
    pub rules: Option<Vec<String>>,
    /// Digits, `unlimited` or `none`.
    pub free_up_to: Option<String>,
    /// Digits, `unlimited` or `none`.
    pub say_why_up_to: Option<String>,
    /// The id of a group, or of a level, or `none`.
    pub to: Option<String>,
    /// An instant, or `none`.
    pub due: Option<String>,
    /// Exactly these facts, in any order.
    pub asks: Option<Vec<String>>,
    /// By cap what is left: digits, or `none`.
    pub left: BTreeMap<String, String>,
}

/// The keys of an expectation.
pub(super) const KEYS: &[&str] = &["outcome", "rules", "free_up_to", "say_why_up_to", "to", "due", "asks", "left"];

const OUTCOMES: [Decided; 7] =
    [Decided::Invalid, Decided::Forbidden, Decided::Allowed, Decided::AllowedSayWhy, Decided::NeedsFacts, Decided::Escalate, Decided::Exception];

impl Expectation {
    /// Reads an outcome, or a table of expectations.
    pub(super) fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        let mut expect = Self::default();
        if matches!(node.get_ref(), DeValue::Table(_)) {
            for (key, _, value) in cells::entries(node, KEYS, findings) {
                expect.set(key, value, findings);
            }
            if expect == Self::default() {
                findings.add(Code::MissingKey, node.span(), "nothing is expected here", "an outcome, or any other expectation");
            }
        } else {
            expect.set("outcome", node, findings);
        }
        expect
    }

    /// Sets one expectation, by its key.
    pub(super) fn set(&mut self, key: &str, node: &Node<'_>, findings: &mut Findings) {
        match key {
            "outcome" => self.outcome = outcome(node, findings),
            "rules" => self.rules = Some(texts(node, "a list of ids of rules", findings)),
            "asks" => self.asks = Some(texts(node, "a list of facts", findings)),
            "free_up_to" => self.free_up_to = amount(node, true, findings),
            "say_why_up_to" => self.say_why_up_to = amount(node, true, findings),
            "to" => self.to = cells::text(node, "the id of a group or level, or `none`", findings),
            "due" => self.due = due(node, findings),
            _ => {
                for (cap, _, value) in cells::free_entries(node, findings) {
                    self.set_left(cap, value, findings);
                }
            }
        }
    }

    /// Sets what must be left of one cap.
    pub(super) fn set_left(&mut self, cap: &str, node: &Node<'_>, findings: &mut Findings) {
        if let Some(left) = amount(node, false, findings) {
            self.left.insert(cap.to_owned(), left);
        }
    }
}

fn outcome(node: &Node<'_>, findings: &mut Findings) -> Option<Decided> {
    let names = OUTCOMES.map(Decided::name);
    let expected = format!("one of {}", names.map(|n| format!("`{n}`")).join(", "));
    let text = cells::text(node, &expected, findings)?;
    let found = OUTCOMES.into_iter().find(|o| o.name() == text);
    if found.is_none() {
        findings.add(Code::UnknownName, node.span(), format!("`{text}` is not an outcome"), expected).nearest(&text, names);
    }
    found
}

fn texts(node: &Node<'_>, expected: &str, findings: &mut Findings) -> Vec<String> {
    let entries = cells::list(node, expected, findings);
    entries.into_iter().filter_map(|entry| cells::text(entry, "a text", findings)).collect()
}

fn amount(node: &Node<'_>, may_be_endless: bool, findings: &mut Findings) -> Option<String> {
    let expected = if may_be_endless { "an amount such as `\"15.00\"`, `\"unlimited\"` or `\"none\"`" } else { "an amount such as `\"15.00\"`, or `\"none\"`" };
    let text = cells::digits(node, expected, findings)?;
    if Decimal::read(&text).is_err() && text != "none" && !(may_be_endless && text == "unlimited") {
        findings.add(Code::BadLiteral, node.span(), format!("`{text}` is not an amount"), expected);
        return None;
    }
    Some(text)
}

fn due(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let expected = "an instant such as `2026-01-31T10:00:00Z`, or `none`";
    let text = cells::text(node, expected, findings)?;
    if text != "none" && read_instant(&text).is_none() {
        findings.add(Code::BadLiteral, node.span(), format!("`{text}` is not an instant"), expected);
        return None;
    }
    Some(text)
}

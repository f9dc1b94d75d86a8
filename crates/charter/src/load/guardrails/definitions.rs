//! Definitions: compiled in the order in which they need each other.

use std::collections::HashSet;

use crate::diagnostics::{Code, Findings};
use crate::document::{At, Document, Formula};
use crate::expr::{Definition, Place};
use crate::limits;
use crate::load::declare::{check_id, past, too_many};

use super::{Compiled, names_in};

impl<'d> Compiled<'d> {
    /// Definitions are compiled in the order in which they need each other.
    pub(super) fn define(&mut self, document: &Document, findings: &mut Findings) {
        if document.define.len() > limits::DEFINITIONS {
            too_many(
                past(document.define.get(limits::DEFINITIONS).map(|(name, _)| name)),
                "definitions",
                document.define.len(),
                limits::DEFINITIONS,
                "DEFINITIONS",
                findings,
            );
            return;
        }
        let names: HashSet<&str> = document.define.iter().map(|(n, _)| n.value.as_str()).collect();
        let mut waiting: Vec<(&At<String>, &Formula, HashSet<String>)> = Vec::new();
        for (name, formula) in &document.define {
            check_id(name, false, findings);
            if matches!(name.value.as_str(), "now" | "amount" | "true" | "false" | "in") {
                findings.add(Code::DuplicateId, name.span.clone(), format!("`{}` is built in", name.value), "another name");
            }
            self.formulas.names.insert(name.value.clone(), usize::MAX);
            if let Some(expr) = self.formulas.parse(formula, findings) {
                let needs = names_in(&expr).into_iter().filter(|n| names.contains(n.as_str())).collect();
                waiting.push((name, formula, needs));
            }
        }
        let mut done: HashSet<String> = HashSet::new();
        loop {
            let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, _, needs)| needs.iter().all(|n| done.contains(n)));
            waiting = later;
            if ready.is_empty() {
                break;
            }
            for (name, formula, _) in ready {
                self.define_one(name, formula, findings);
                done.insert(name.value.clone());
            }
        }
        let readable: HashSet<&str> = waiting.iter().map(|(n, ..)| n.value.as_str()).collect();
        for (name, _, needs) in &waiting {
            if needs.iter().any(|n| readable.contains(n.as_str())) {
                findings.add(Code::Cycle, name.span.clone(), format!("`{}` uses itself, by way of others", name.value), "definitions without a circle");
            }
        }
    }

    fn define_one(&mut self, name: &At<String>, formula: &Formula, findings: &mut Findings) {
        let compiled = self.formulas.compile(formula, Place::Definition, findings, |c, e| c.compile(e, None));
        let Some((body, reads)) = compiled else { return };
        let of_case = !reads.facts.is_empty() || reads.exists | reads.ids != 0 || !reads.granted.is_empty();
        if of_case && !reads.staff.is_empty() {
            let expected = "conditions on the person and on the case in definitions of their own";
            findings.add(Code::StaffInWhen, formula.0.span.clone(), "this definition reads facts of staff and of the case", expected);
        }
        let place = self.formulas.definitions.len();
        self.formulas.definitions.push(Definition { kind: body.kind(), body, reads });
        self.formulas.names.insert(name.value.clone(), place);
    }
}

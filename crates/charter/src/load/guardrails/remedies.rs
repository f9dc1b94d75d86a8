//! Remedies: their least and usual amounts, and what they weigh.

use crate::diagnostics::{Code, Findings};
use crate::document::Formula;
use crate::expr::{Env, Num, Place, Reads};
use crate::facts::Type;
use crate::load::formulas::Formulas;
use crate::model::Remedy;

use super::{Compiled, amount_kind};

impl<'d> Compiled<'d> {
    pub(super) fn remedies(&mut self, findings: &mut Findings) {
        for declared in &self.declared.remedies {
            let kind = amount_kind(&declared.measure);
            let units = |formula: &Option<Formula>, formulas: &mut Formulas<'d>, findings: &mut Findings| {
                let formula = formula.as_ref()?;
                let Some(kind) = kind.clone() else {
                    findings.add(Code::BadLimit, formula.0.span.clone(), "an act has no amount", "a remedy with a measure");
                    return None;
                };
                let (num, _) = formulas.compile(formula, Place::Case, findings, |c, e| c.expect_count(e, &kind))?;
                let Num::Const(value) = num else {
                    findings.add(Code::BadLiteral, formula.0.span.clone(), "this must be written out", kind.expected());
                    return None;
                };
                let units = value.div_euclid(declared.measure.scale());
                let exact = units * declared.measure.scale() == value && units > 0;
                if !exact {
                    findings.add(Code::BadLiteral, formula.0.span.clone(), "this is not an amount of this remedy", "whole units above zero");
                }
                exact.then_some(units)
            };
            let minimum = units(&declared.minimum, &mut self.formulas, findings).unwrap_or(1);
            let usual = units(&declared.usual, &mut self.formulas, findings);
            let (worth, worth_reads) = self.worth(declared.worth.as_ref(), kind.clone(), findings).unzip();
            self.remedies.push(Remedy {
                id: declared.id.value.as_str().into(),
                title: declared.title.as_str().into(),
                measure: declared.measure.clone(),
                reasons: declared.reasons.clone(),
                minimum,
                usual,
                only_if_asked: declared.only_if_asked,
                was: declared.was.clone(),
                worth,
                worth_reads: worth_reads.unwrap_or_default(),
                order: declared.order,
            });
        }
    }

    pub(super) fn worth(&mut self, formula: Option<&Formula>, kind: Option<Type>, findings: &mut Findings) -> Option<(Num, Reads)> {
        let formula = formula?;
        let compiled = self.formulas.compile(formula, Place::Worth(kind), findings, |c, e| c.expect_count(e, &Type::Money))?;
        let env = self.nothing_known();
        if !rises(&env, &compiled.0) {
            findings.add(
                Code::WorthMayFall,
                formula.0.span.clone(),
                "this may fall as the amount rises",
                "sums, products with what is never negative, `percent`, `min`, `max`",
            );
        }
        if env.number(&compiled.0).low < 0 {
            findings
                .add(Code::WorthMayBeNegative, formula.0.span.clone(), "this may be below zero", "an amount of zero or more")
                .help("wrap it: `max(…, money(\"0\"))`");
        }
        Some(compiled)
    }
}

/// Whether a value cannot fall as the amount rises.
fn rises(env: &Env<'_>, num: &Num) -> bool {
    let fixed = |num: &Num| !num.reads_amount();
    let not_negative = |num: &Num| env.number(num).low >= 0;
    match num {
        _ if fixed(num) => true,
        Num::Amount => true,
        Num::Add(sides, _) => rises(env, &sides.0) && rises(env, &sides.1),
        Num::Subtract(sides, _) => rises(env, &sides.0) && fixed(&sides.1),
        Num::Multiply(sides) | Num::Percent(sides) => rises(env, &sides.0) && rises(env, &sides.1) && not_negative(&sides.0) && not_negative(&sides.1),
        Num::Least(list) | Num::Most(list) => list.iter().all(|n| rises(env, n)),
        Num::Pick(pick) => match &**pick {
            crate::expr::Pick::Choose(condition, a, b) => !condition.reads_amount() && rises(env, a) && rises(env, b),
            crate::expr::Pick::Table(table) => table.entries.iter().all(|n| rises(env, n)),
        },
        _ => false,
    }
}

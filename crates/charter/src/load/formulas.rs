//! Expressions of a file: read, compiled, and their problems put at their place in the file.

use std::collections::HashMap;

use super::declare::Declared;
use super::places::places;
use crate::decimal::{Decimal, plainly};
use crate::diagnostics::{Code, Finding, Findings, Severity, Span};
use crate::document::Formula;
use crate::expr::{Compiler, Definition, GrantedMeter, Place, Reads, moved};
use crate::facts::Type;
use crate::limits;
use crate::syntax::{self, Expr};

/// What the expressions of one charter are compiled against.
pub(super) struct Formulas<'d> {
    pub(super) declared: &'d Declared,
    pub(super) remedy_ids: Vec<Box<str>>,
    pub(super) key_subjects: Vec<u64>,
    pub(super) definitions: Vec<Definition>,
    /// The definitions of the charter being read, by name; one with an error has a place beyond the list.
    pub(super) names: HashMap<String, usize>,
    pub(super) meters: Vec<GrantedMeter>,
    pub(super) text: &'d str,
    /// Expressions already read: rules often repeat each other's conditions.
    parsed: HashMap<String, Expr>,
}

/// What to write instead of an amount as people write it: `20%`, `€20`, `15,00`.
fn instead(text: &str, declared: &Declared) -> Option<String> {
    let text = text.trim();
    let Some(share) = text.strip_suffix('%').map(str::trim_end) else {
        return plainly(text).map(|plain| format!("write `{plain}`"));
    };
    let share = if Decimal::read(share).is_ok() { share.to_owned() } else { plainly(share)? };
    let of = declared.facts.iter().find(|f| f.kind == Type::Money).map_or("order.total", |f| &*f.name);
    Some(format!("write a share of money as `percent({share}, {of})`, a percentage as `{share}`"))
}

impl<'d> Formulas<'d> {
    pub(super) fn new(declared: &'d Declared, text: &'d str) -> Self {
        Self {
            remedy_ids: declared.remedies.iter().map(|r| r.id.value.as_str().into()).collect(),
            key_subjects: declared.keys.iter().map(|k| k.subject).collect(),
            declared,
            definitions: Vec::new(),
            names: HashMap::new(),
            meters: Vec::new(),
            text,
            parsed: HashMap::new(),
        }
    }

    /// Reads the expression; reports it if it is none.
    pub(super) fn parse(&mut self, formula: &Formula, findings: &mut Findings) -> Option<Expr> {
        let text = &formula.0.value;
        if let Some(expr) = self.parsed.get(text) {
            return Some(expr.clone());
        }
        match syntax::parse(text) {
            Ok(expr) => {
                self.parsed.insert(text.clone(), expr.clone());
                Some(expr)
            }
            Err(error) => {
                let code = match (error.too_large, error.unsupported) {
                    (true, _) => Code::TooLarge,
                    (_, true) => Code::Unsupported,
                    _ => Code::Syntax,
                };
                let finding = findings.add(code, self.in_file(formula, error.span), error.message, error.expected);
                finding.help = finding.help.take().or_else(|| instead(text, self.declared));
                None
            }
        }
    }

    /// Reads and compiles an expression; reports it if something is wrong.
    pub(super) fn compile<T>(
        &mut self,
        formula: &Formula,
        place: Place,
        findings: &mut Findings,
        how: impl FnOnce(&mut Compiler<'_>, &Expr) -> Result<T, Box<Finding>>,
    ) -> Option<(T, Reads)> {
        let expr = self.parse(formula, findings)?;
        self.compile_part(formula, &expr, place, findings, how)
    }

    /// Compiles a part of an expression that was read before.
    pub(super) fn compile_part<T>(
        &mut self,
        formula: &Formula,
        expr: &Expr,
        place: Place,
        findings: &mut Findings,
        how: impl FnOnce(&mut Compiler<'_>, &Expr) -> Result<T, Box<Finding>>,
    ) -> Option<(T, Reads)> {
        let keys = |name: &str| self.declared.keys.iter().position(|k| *k.name == *name);
        let mut compiler = Compiler {
            places: self.declared.currency.places,
            subjects: &self.declared.subjects,
            facts: &self.declared.facts,
            fact_places: &self.declared.fact_places,
            staff: &self.declared.staff,
            remedies: &self.remedy_ids,
            keys: &keys,
            key_subjects: &self.key_subjects,
            definitions: &self.definitions,
            names: &self.names,
            meters: &mut self.meters,
            place,
            reads: Reads::default(),
            depth: 0,
            suggests: !findings.is_full(),
        };
        let compiled = how(&mut compiler, expr);
        let reads = compiler.reads;
        match compiled {
            Ok(compiled) if reads.parts <= limits::EXPRESSION_PARTS && reads.depth <= limits::EXPRESSION_DEPTH => Some((compiled, reads)),
            Ok(_) => {
                let expected = format!(
                    "at most {} parts (limit EXPRESSION_PARTS) in {} steps of depth (limit EXPRESSION_DEPTH), definitions written out",
                    limits::EXPRESSION_PARTS,
                    limits::EXPRESSION_DEPTH
                );
                findings.add(Code::TooLarge, formula.0.span.clone(), "this expression is too large", expected);
                None
            }
            // What is wrong with the definition it uses has been said there.
            Err(found) if found.code == Code::Cycle => None,
            Err(found) => {
                let finding = moved(*found, |span| self.in_file(formula, span));
                let added = findings.add(finding.code, finding.span, finding.message, finding.expected);
                added.help = finding.help;
                debug_assert_eq!(added.severity, Severity::Error);
                None
            }
        }
    }

    /// A place in an expression as a place in the file.
    pub(super) fn in_file(&self, formula: &Formula, span: Span) -> Span {
        let value = formula.0.span.clone();
        let Some(raw) = self.text.get(value.clone()) else { return value };
        if let Some(offset) = raw.find(&formula.0.value) {
            return value.start + offset + span.start..value.start + offset + span.end;
        }
        let Some(places) = places(raw, formula.0.value.len()) else { return value };
        match (places.get(span.start), places.get(span.end)) {
            (Some(begin), Some(end)) => value.start + begin..value.start + end,
            _ => value,
        }
    }
}

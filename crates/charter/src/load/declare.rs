//! Levels, reasons, facts, subjects, keys and remedies (their worth aside): what guardrails refer to.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::tz::TimeZone;

use crate::diagnostics::{Code, Finding, Findings};
use crate::document::{self, At, Document, FactDetails, Formula, Literal, LiteralValue};
use crate::facts::{Confirm, Fact, KINDS, NotValue, Type, Value};
use crate::limits;
use crate::model::{Key, KeyOf};
use crate::money::{Currency, Measure};
use crate::time::{self, CalendarUnit};

/// What is declared, each list in the order of its ids.
pub(super) struct Declared {
    pub(super) currency: Currency,
    pub(super) zone: TimeZone,
    pub(super) levels: Vec<Box<str>>,
    pub(super) reasons: Vec<Box<str>>,
    pub(super) subjects: Vec<Box<str>>,
    pub(super) keys: Vec<Key>,
    pub(super) facts: Vec<Fact>,
    pub(super) staff: Vec<Fact>,
    pub(super) fact_places: HashMap<Box<str>, usize>,
    pub(super) remedies: Vec<DeclaredRemedy>,
}

/// A remedy whose expressions are not read yet.
pub(super) struct DeclaredRemedy {
    pub(super) id: At<String>,
    pub(super) title: String,
    pub(super) measure: Measure,
    pub(super) reasons: Vec<usize>,
    pub(super) only_if_asked: bool,
    pub(super) was: Vec<Box<str>>,
    pub(super) order: usize,
    pub(super) minimum: Option<Formula>,
    pub(super) usual: Option<Formula>,
    pub(super) worth: Option<Formula>,
}

/// Reads the declarations of `base`; the guardrails of `own` may name further subjects in their scopes.
pub(super) fn declare(own: &Document, base: &Document, findings: &mut Findings) -> Declared {
    let levels = names(base.levels.as_deref(), "level", limits::LEVELS, "LEVELS", findings);
    for level in base.levels.iter().flatten().filter(|l| matches!(l.value.as_str(), "person" | "system")) {
        findings.add(Code::BadId, level.span.clone(), format!("`{}` has another meaning", level.value), "another name for this level");
    }
    let mut reasons = names(base.reasons.as_deref(), "reason", limits::REASONS, "REASONS", findings);
    reasons.sort();
    let currency = currency(base, findings);
    let subjects = subjects(own, base, findings);
    let reader = FactReader { levels: &levels, subjects: &subjects, places: currency.places };
    let mut facts = Vec::new();
    let mut staff = Vec::new();
    for (subject, list) in &base.facts {
        let target = if subject.value == "staff" { &mut staff } else { &mut facts };
        target.extend(list.iter().filter_map(|(name, table)| reader.fact(subject, name, &table.0, findings)));
    }
    if facts.len() + staff.len() > limits::FACTS {
        let past_it = base.facts.iter().flat_map(|(_, list)| list).map(|(name, _)| name).nth(limits::FACTS);
        too_many(past(past_it), "facts", facts.len() + staff.len(), limits::FACTS, "FACTS", findings);
    }
    facts.sort_by(|a, b| a.name.cmp(&b.name));
    staff.sort_by(|a, b| a.name.cmp(&b.name));
    let keys = keys(own, base, &subjects, &facts, findings);
    Declared {
        zone: zone(base, findings),
        fact_places: facts.iter().enumerate().map(|(i, f)| (f.name.clone(), i)).collect(),
        remedies: remedies(base, &reasons, findings),
        currency,
        levels,
        reasons,
        subjects,
        keys,
        facts,
        staff,
    }
}

pub(super) fn too_many(span: std::ops::Range<usize>, what: &str, found: usize, most: usize, limit: &str, findings: &mut Findings) {
    findings.add(Code::TooLarge, span, format!("these are {found} {what}"), format!("at most {most} (limit {limit})"));
}

/// The place of the first thing past a limit.
pub(super) fn past(first: Option<&At<String>>) -> std::ops::Range<usize> {
    first.map_or(0..0, |name| name.span.clone())
}

/// The words that CEL keeps for itself: no fact, subject or definition can have their names.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Checks an id; reports it if its letters are not those of ids.
pub(super) fn check_id(id: &At<String>, dashes: bool, findings: &mut Findings) {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || (dashes && c == '-');
    if !dashes && RESERVED.contains(&id.value.as_str()) {
        findings.add(Code::BadId, id.span.clone(), format!("`{}` has a meaning of its own in expressions", id.value), "another name");
        return;
    }
    let begins = id.value.starts_with(|c: char| c.is_ascii_lowercase());
    if id.value.len() > limits::ID_BYTES {
        too_many(id.span.clone(), "bytes of an id", id.value.len(), limits::ID_BYTES, "ID_BYTES", findings);
    } else if !begins || !id.value.chars().all(good) {
        let shown: String = id.value.chars().take(40).collect();
        let dash = if dashes { " and `-`" } else { "" };
        findings.add(
            Code::BadId,
            id.span.clone(),
            format!("`{}` is not an id", shown.escape_debug()),
            format!("lower-case letters, digits, `_`{dash}, a letter first"),
        );
    }
}

/// Reports an id that was there before.
pub(super) fn check_new<'d>(id: &'d At<String>, seen: &mut HashSet<&'d str>, findings: &mut Findings) {
    if !seen.insert(&id.value) {
        findings.add(Code::DuplicateId, id.span.clone(), format!("`{}` is the id of another one", id.value), "an id of its own");
    }
}

fn names(list: Option<&[At<String>]>, what: &str, most: usize, limit: &str, findings: &mut Findings) -> Vec<Box<str>> {
    let list = list.unwrap_or_default();
    if list.len() > most {
        too_many(past(list.get(most)), &format!("{what}s"), list.len(), most, limit, findings);
    }
    let mut seen = HashSet::new();
    for name in list {
        check_id(name, true, findings);
        check_new(name, &mut seen, findings);
    }
    list.iter().take(most).map(|n| n.value.as_str().into()).collect()
}

fn currency(base: &Document, findings: &mut Findings) -> Currency {
    let fallback = Currency { code: "XXX".into(), symbol: "¤".into(), places: 2 };
    let Some(code) = &base.currency else { return fallback };
    Currency::with_code(&code.value).unwrap_or_else(|| {
        findings.add(Code::UnknownCurrency, code.span.clone(), format!("`{}` is not a currency", code.value), "an ISO 4217 code such as `EUR`");
        fallback
    })
}

fn zone(base: &Document, findings: &mut Findings) -> TimeZone {
    let Some(name) = &base.timezone else { return TimeZone::UTC };
    TimeZone::get(&name.value).unwrap_or_else(|_| {
        let finding =
            findings.add(Code::UnknownTimezone, name.span.clone(), format!("`{}` is not a time zone", name.value), "an IANA name such as `Europe/Amsterdam`");
        let known: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
        finding.nearest(&name.value, known.iter().map(String::as_str));
        TimeZone::UTC
    })
}

/// `case` and `request`, those with facts, and those that scopes name.
fn subjects(own: &Document, base: &Document, findings: &mut Findings) -> Vec<Box<str>> {
    let mut named = BTreeSet::new();
    for (subject, _) in &base.facts {
        check_id(subject, false, findings);
        named.insert(subject.value.as_str());
    }
    let fact_names: HashSet<String> = base.facts.iter().flat_map(|(s, l)| l.iter().map(|(n, _)| format!("{}.{}", s.value, n.value))).collect();
    for document in [own, base] {
        for scope in scopes(document) {
            let plain = |name: &&At<String>| !name.value.contains('.') && !fact_names.contains(&name.value);
            named.extend(scope.0.value.iter().filter(plain).map(|n| n.value.as_str()));
        }
    }
    let others: Vec<_> = named.into_iter().filter(|n| !matches!(*n, "case" | "request" | "staff")).collect();
    if others.len() + 2 > limits::KEYS {
        too_many(0..0, "subjects", others.len() + 2, limits::KEYS, "KEYS", findings);
    }
    ["case", "request"].into_iter().chain(others).take(limits::KEYS).map(Into::into).collect()
}

fn scopes(document: &Document) -> impl Iterator<Item = &document::Scope> {
    let allows = document.allow.iter().filter_map(|a| a.per.as_ref());
    allows.chain(document.cap.iter().filter_map(|c| c.per.as_ref()))
}

fn keys(own: &Document, base: &Document, subjects: &[Box<str>], facts: &[Fact], findings: &mut Findings) -> Vec<Key> {
    let counted = subjects.iter().enumerate().filter(|(_, n)| ***n != *"request");
    let mut keys: Vec<Key> = counted.map(|(i, name)| Key { name: name.clone(), of: KeyOf::Subject(i), subject: 1 << i }).collect();
    let named: BTreeSet<&str> = [own, base].into_iter().flat_map(scopes).flat_map(|s| &s.0.value).map(|n| n.value.as_str()).collect();
    let formulas = [own, base].into_iter().flat_map(|d| d.define.iter().map(|(_, body)| body).chain(d.formulas()));
    let quoted: HashSet<&str> = formulas.flat_map(|f| quoted(&f.0.value)).collect();
    let in_granted: BTreeSet<&str> = facts.iter().map(|f| &*f.name).filter(|name| quoted.contains(name)).collect();
    for name in named.union(&in_granted).filter(|n| n.contains('.')) {
        if let Some((place, fact)) = facts.iter().enumerate().find(|(_, f)| *f.name == **name)
            && matches!(fact.kind, Type::Text | Type::Choice(_))
        {
            keys.push(Key { name: (*name).into(), of: KeyOf::Fact(place), subject: 1 << fact.subject });
        }
    }
    if keys.len() > limits::KEYS {
        too_many(0..0, "subjects and facts in scopes", keys.len(), limits::KEYS, "KEYS", findings);
        keys.truncate(limits::KEYS);
    }
    keys
}

/// What stands between quotes in an expression: some `granted(…)` may name it as a scope.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let between = |quote: char| {
        let begins = text.match_indices(quote).map(|(at, _)| at);
        let ends = begins.clone().skip(1);
        begins.zip(ends).filter_map(|(begin, end)| text.get(begin + 1..end))
    };
    between('"').chain(between('\''))
}

struct FactReader<'c> {
    levels: &'c [Box<str>],
    subjects: &'c [Box<str>],
    places: u32,
}

impl FactReader<'_> {
    fn fact(&self, subject: &At<String>, name: &At<String>, table: &FactDetails, findings: &mut Findings) -> Option<Fact> {
        check_id(name, false, findings);
        let kind = self.kind(table, findings)?;
        let staff = subject.value == "staff";
        let (range, bounded) = self.range(&kind, table, findings);
        let assume = table.assume.as_ref().and_then(|literal| self.literal(&kind, literal, findings));
        if let (Some(Value::Count(value)), Some(literal)) = (&assume, &table.assume)
            && !(range.0..=range.1).contains(value)
        {
            findings.add(Code::BadRange, literal.0.span.clone(), "this value is not between `min` and `max`", "a value the fact can have");
        }
        self.check_together(table, staff, bounded, findings);
        Some(Fact {
            name: format!("{}.{}", subject.value, name.value).into(),
            subject: self.subjects.iter().position(|s| **s == *subject.value).unwrap_or(0),
            range,
            confirm: table.confirm.as_ref().and_then(|c| self.confirm(c, findings)),
            fresh: table.fresh.as_ref().and_then(|f| duration(f, "an age such as `1h`", findings)),
            assume,
            ask: table.ask.as_ref().map(|a| a.value.as_str().into()),
            personal: table.personal.as_ref().is_some_and(|p| p.value),
            kind,
        })
    }

    fn kind(&self, table: &FactDetails, findings: &mut Findings) -> Option<Type> {
        match (&table.kind, &table.choice) {
            (Some(kind), None) => Type::named(&kind.value).or_else(|| {
                let message = format!("`{}` is not a type", kind.value);
                findings
                    .add(Code::WrongType, kind.span.clone(), message, format!("one of {}, or a `choice`", KINDS.join(", ")))
                    .nearest(&kind.value, KINDS.iter().copied());
                None
            }),
            (None, Some(values)) => self.choice(table, values, findings),
            (Some(kind), Some(_)) => {
                findings.add(Code::ConflictingKeys, kind.span.clone(), "a fact has a `type` or a `choice`", "one of the two");
                None
            }
            (None, None) if table.is_unread(&["type", "choice"]) => None,
            (None, None) => {
                findings.add(Code::MissingKey, table.span.clone(), "this fact has no type", "`type` or `choice`");
                None
            }
        }
    }

    fn choice(&self, table: &FactDetails, values: &[At<String>], findings: &mut Findings) -> Option<Type> {
        if values.is_empty() {
            findings.add(Code::BadRange, table.span.clone(), "a choice of nothing", "at least one value");
            return None;
        }
        if values.len() > limits::CHOICES {
            too_many(table.span.clone(), "values of a choice", values.len(), limits::CHOICES, "CHOICES", findings);
            return None;
        }
        let mut seen = HashSet::new();
        for value in values {
            check_new(value, &mut seen, findings);
            if value.value.len() > limits::ID_BYTES || value.value.is_empty() {
                findings.add(Code::BadId, value.span.clone(), "a value of a choice is a short text", "1 to 64 bytes");
            }
        }
        Some(Type::Choice(values.iter().map(|v| v.value.as_str().into()).collect()))
    }

    /// The range of its values, and whether it can have one.
    fn range(&self, kind: &Type, table: &FactDetails, findings: &mut Findings) -> ((i64, i64), bool) {
        let bounded = matches!(kind, Type::Number | Type::Money | Type::Duration);
        let (mut least, mut most) = kind.range();
        if matches!(kind, Type::Money | Type::Duration) {
            least = 0;
        }
        for (literal, end) in [(&table.min, &mut least), (&table.max, &mut most)] {
            if let Some(literal) = literal.as_ref().filter(|_| bounded)
                && let Some(Value::Count(value)) = self.literal(kind, literal, findings)
            {
                *end = value;
            }
        }
        if least > most {
            let at = table.max.as_ref().or(table.min.as_ref()).map_or(0..0, |l| l.0.span.clone());
            findings.add(Code::BadRange, at, "no value is between `min` and `max`", "`min` at most `max`");
        }
        ((least, most.max(least)), bounded)
    }

    fn check_together(&self, table: &FactDetails, staff: bool, bounded: bool, findings: &mut Findings) {
        if let (Some(assume), Some(_)) = (&table.assume, &table.confirm) {
            let expected = "one of `assume` and `confirm`";
            findings.add(Code::AssumeAndConfirm, assume.0.span.clone(), "what must be confirmed is not assumed", expected);
        }
        let places = [table.confirm.as_ref(), table.fresh.as_ref(), table.ask.as_ref()];
        for key in places.into_iter().flatten().filter(|_| staff) {
            findings.add(Code::StaffFact, key.span.clone(), "a fact of staff is simply so", "no `confirm`, `fresh` or `ask`");
        }
        for literal in [&table.min, &table.max].into_iter().flatten().filter(|_| !bounded) {
            findings.add(Code::BadRange, literal.0.span.clone(), "this type has no bounds", "`min` and `max` on a number, money or duration");
        }
    }

    fn confirm(&self, word: &At<String>, findings: &mut Findings) -> Option<Confirm> {
        match word.value.as_str() {
            "person" => Some(Confirm::Person),
            "system" => Some(Confirm::System),
            level => self.levels.iter().position(|l| **l == *level).map(Confirm::Level).or_else(|| {
                let known = self.levels.iter().map(|l| &**l).chain(["person", "system"]);
                findings.add(Code::UnknownLevel, word.span.clone(), format!("`{level}` cannot confirm"), "`person`, `system` or a level").nearest(level, known);
                None
            }),
        }
    }

    fn literal(&self, kind: &Type, literal: &Literal, findings: &mut Findings) -> Option<Value> {
        literal_value(kind, literal, self.places, findings)
    }
}

/// A plain value of a type; reported if it is none.
pub(super) fn literal_value(kind: &Type, literal: &Literal, places: u32, findings: &mut Findings) -> Option<Value> {
    let found = match (&literal.0.value, kind) {
        (LiteralValue::Truth(truth), Type::YesNo) => Ok(Value::Truth(*truth)),
        (LiteralValue::Truth(_), _) => Err(NotValue::Expected(kind.expected())),
        (LiteralValue::Text(text), _) => kind.read(text, places),
        (LiteralValue::List(list), _) => kind.read_list(list.iter().map(|t| t.value.clone()).collect()),
    };
    let span = literal.0.span.clone();
    match found {
        Ok(value) => return Some(value),
        Err(NotValue::Expected(expected)) => {
            let shown = if let LiteralValue::Text(text) = &literal.0.value { format!("`{text}`") } else { "this".to_owned() };
            let finding: &mut Finding = findings.add(Code::BadLiteral, span, format!("{shown} is not {}", kind.one()), expected);
            if let (LiteralValue::Text(text), Type::Choice(values)) = (&literal.0.value, kind) {
                finding.nearest(text, values.iter().map(|v| &**v));
            }
        }
        Err(NotValue::OutOfRange) => {
            findings.add(Code::BadLiteral, span, format!("this is beyond the largest {}", kind.name()), kind.expected());
        }
        Err(NotValue::TooLong(limit)) => {
            findings.add(Code::TooLarge, span, "this value is too long", format!("limit {limit}"));
        }
    }
    None
}

/// A span of exact time; reported if it is none.
pub(super) fn duration(text: &At<String>, expected: &str, findings: &mut Findings) -> Option<i64> {
    let found = time::read_duration(&text.value);
    if found.is_none() {
        findings.add(Code::BadLiteral, text.span.clone(), format!("`{}` is not a span of time", text.value), expected);
    }
    found
}

fn remedies(base: &Document, reasons: &[Box<str>], findings: &mut Findings) -> Vec<DeclaredRemedy> {
    if base.remedy.len() > limits::REMEDIES {
        too_many(past(base.remedy.get(limits::REMEDIES).map(|r| &r.id)), "remedies", base.remedy.len(), limits::REMEDIES, "REMEDIES", findings);
    }
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for (order, remedy) in base.remedy.iter().take(limits::REMEDIES).enumerate() {
        check_id(&remedy.id, true, findings);
        check_new(&remedy.id, &mut seen, findings);
        let only_if_asked = remedy.offer.as_ref().is_some_and(|offer| {
            if offer.value != "if_asked" {
                findings.add(Code::WrongType, offer.span.clone(), format!("`{}` is not a way to offer", offer.value), "`if_asked`, or leave it out");
            }
            offer.value == "if_asked"
        });
        let all = || (0..reasons.len()).collect();
        list.push(DeclaredRemedy {
            id: remedy.id.clone(),
            title: remedy.title.value.clone(),
            measure: match &remedy.measure {
                None => Measure::Act,
                Some(document::Measure::Money) => Measure::Money,
                Some(document::Measure::Percent) => Measure::Percent,
                Some(document::Measure::Count(unit)) => Measure::Count(unit.value.as_str().into()),
            },
            reasons: remedy.reasons.as_ref().map_or_else(all, |own| reason_places(own, reasons, findings)),
            only_if_asked,
            was: remedy.was.iter().map(|w| w.value.as_str().into()).collect(),
            order,
            minimum: remedy.minimum.clone(),
            usual: remedy.usual.clone(),
            worth: remedy.worth.clone(),
        });
    }
    let ids: HashSet<&str> = base.remedy.iter().map(|r| r.id.value.as_str()).collect();
    let mut taken = HashSet::new();
    for old in base.remedy.iter().flat_map(|r| &r.was) {
        check_id(old, true, findings);
        check_new(old, &mut taken, findings);
    }
    for old in base.remedy.iter().flat_map(|r| &r.was).filter(|w| ids.contains(w.value.as_str())) {
        findings.add(Code::WasInUse, old.span.clone(), format!("`{}` is the id of a remedy", old.value), "an id that is no longer used");
    }
    list.sort_by(|a, b| a.id.value.cmp(&b.id.value));
    list
}

/// The places of named reasons, in order; unknown ones are reported.
pub(super) fn reason_places(named: &[At<String>], reasons: &[Box<str>], findings: &mut Findings) -> Vec<usize> {
    let mut places = Vec::new();
    for name in named {
        match reasons.binary_search_by(|r| (**r).cmp(&name.value)) {
            Ok(place) => places.push(place),
            Err(_) => {
                let message = format!("`{}` is not a declared reason", name.value);
                findings.add(Code::UnknownReason, name.span.clone(), message, "one of `reasons`").nearest(&name.value, reasons.iter().map(|r| &**r));
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// The first instant of a local day, or of the one after it.
pub(super) fn edge(day: jiff::civil::Date, after: bool, zone: &TimeZone) -> Option<i64> {
    let date = if after { time::date(CalendarUnit::Days.add_to_day(time::day(day)?, 1)?)? } else { day };
    time::day_begins(date, zone)
}

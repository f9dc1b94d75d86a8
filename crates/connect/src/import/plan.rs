//! Whether a map fits: the kind of rows, the charter in force, and the file.

use std::sync::Arc;

use charter::Charter;
use charter::decimal::Decimal;
use charter::facts::Type;
use charter::money::Currency;
use jiff::tz::TimeZone;
use platform::limits::NAME_CHARS;

use super::Kind;
use super::map::{Map, Spec, Take};
use super::typed::Moments;

/// A map that fits.
pub(super) struct Plan {
    pub(super) of: Kind,
    pub(super) map: Map,
    pub(super) moments: Moments,
    /// Decimal places of amounts.
    pub(super) places: u32,
    pub(super) facts: Vec<FactPlan>,
    /// The kinds of trouble there are, if a charter is in force.
    pub(super) issues: Option<Vec<String>>,
}

/// A fact that is filled in.
pub(super) struct FactPlan {
    pub(super) name: String,
    /// Whose it is: `customer`, `case`, `order` …
    pub(super) subject: String,
    pub(super) spec: Spec,
    pub(super) kind: Type,
    /// The charter in force calls it personal, or does not know it.
    pub(super) personal: bool,
    /// It holds for a while only, so that the same word again is news.
    pub(super) ages: bool,
}

impl Plan {
    /// Checks a map; tells all that is wrong with it.
    pub(super) fn of(of: Kind, map: &Map, charter: Option<&Arc<Charter>>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        if map.source.trim().is_empty() || map.source.chars().count() > NAME_CHARS {
            problems.push(format!("`source` is missing or longer than {NAME_CHARS} characters: name the system the rows come from, such as `shop`"));
        }
        let zone = TimeZone::get(&map.time_zone);
        if zone.is_err() {
            problems.push(format!("`time_zone` is `{}`: name the time zone the file was written in, such as `Europe/Amsterdam`", map.time_zone));
        }
        problems.extend(belongs(of, map));
        problems.extend(map.specs().into_iter().filter_map(|(name, spec)| Some(format!("`{name}` {}", unfit(map, &name, spec)?))));
        problems.extend(map.only.iter().filter_map(unfit_only));
        let places = places(map, charter, &mut problems);
        let facts = facts(of, map, charter, &mut problems);
        if let (Ok(zone), true) = (zone, problems.is_empty()) {
            let issues = charter.map(|c| c.issues.iter().map(|issue| issue.id.to_string()).collect());
            return Ok(Self { of, map: map.clone(), moments: Moments { zone }, places, facts, issues });
        }
        Err(problems)
    }

    /// What orders are called.
    pub(super) fn order_kind(&self) -> &str {
        order_kind(&self.map)
    }

    /// The columns of the imported file that the map names, with what for.
    pub(super) fn columns(&self) -> Vec<(String, String)> {
        let mut columns = Vec::new();
        for (name, spec) in self.map.specs() {
            let of = match (&spec.file, &spec.days_between) {
                (Some(_), _) => key_column(&self.map, spec).into_iter().collect(),
                (None, Some(between)) => between.to_vec(),
                (None, None) => spec.column.clone().into_iter().collect::<Vec<_>>(),
            };
            columns.extend(of.into_iter().map(|column| (name.clone(), column)));
        }
        columns
    }
}

/// The column that holds the key of a file beside: the one that is named, or the one of the reference.
pub(super) fn key_column(map: &Map, spec: &Spec) -> Option<String> {
    spec.by.clone().or_else(|| map.reference.as_ref().filter(|r| r.file.is_none()).and_then(|r| r.column.clone()))
}

fn order_kind(map: &Map) -> &str {
    map.kind.as_deref().unwrap_or("order")
}

/// What must be there, and what must not.
fn belongs(of: Kind, map: &Map) -> Vec<String> {
    use Kind::{Cases, Customers, Orders};
    let fields: [(&str, bool, &[Kind]); 13] = [
        ("name", map.name.is_some(), &[Customers]),
        ("email", map.email.is_some(), &[Customers]),
        ("phone", map.phone.is_some(), &[Customers]),
        ("locale", map.locale.is_some(), &[Customers]),
        ("contact", map.contact.is_some(), &[Customers]),
        ("kind", map.kind.is_some(), &[Orders]),
        ("customer", map.customer.is_some(), &[Orders, Cases]),
        ("about", !map.about.is_empty(), &[Cases]),
        ("channel", map.channel.is_some(), &[Cases]),
        ("title", map.title.is_some(), &[Cases]),
        ("issue", map.issue.is_some(), &[Cases]),
        ("opened", map.opened.is_some(), &[Cases]),
        ("state", map.state.is_some(), &[Cases]),
    ];
    let strange = fields.iter().filter(|(_, is_there, kinds)| *is_there && !kinds.contains(&of));
    let mut problems: Vec<String> = strange.map(|(name, ..)| format!("`{name}` is nothing that {} have", of.word())).collect();
    if map.reference.is_none() {
        problems.push("`reference` is missing: name the column with the number or name by which the other system knows them".to_owned());
    }
    if of == Cases && map.channel.is_none() {
        problems.push("`channel` is missing: say how the cases came, such as `channel = { constant = \"mail\" }`".to_owned());
    }
    if of == Orders && ["customer", "case", "request", "staff"].contains(&order_kind(map)) {
        problems.push(format!("`kind` is `{}`, which is no kind of order", order_kind(map)));
    }
    problems
}

/// What is wrong with where a value comes from.
fn unfit(map: &Map, name: &str, spec: &Spec) -> Option<String> {
    let counts = spec.take == Some(Take::Count);
    let origins = [spec.column.is_some() || counts, spec.constant.is_some(), spec.days_between.is_some()];
    if origins.iter().filter(|is_there| **is_there).count() != 1 {
        return Some("needs one of `column`, `constant` and `days_between`".to_owned());
    }
    match &spec.file {
        None if spec.take.is_some() || spec.by.is_some() => return Some("has `take` or `by`, which go with `file`".to_owned()),
        Some(_) if spec.constant.is_some() || spec.days_between.is_some() => return Some("has `file`, which goes with `column`".to_owned()),
        Some(file) if !map.files.contains_key(file) => return Some(format!("names the file `{file}`, which is not among [files]")),
        Some(_) if key_column(map, spec).is_none() => return Some("needs `by`: the column that holds the key of that file".to_owned()),
        _ => {}
    }
    let is_fact = map.facts.contains_key(name);
    (!is_fact && (spec.kind.is_some() || spec.separator.is_some())).then(|| "has `type` or `separator`, which only facts have".to_owned())
}

fn unfit_only(only: &super::map::Only) -> Option<String> {
    if only.is.is_none() && only.at_least.is_none() && !only.is_there {
        return Some("an entry of `only` needs one of `is`, `at_least` and `is_there`".to_owned());
    }
    let least = only.at_least.as_deref()?;
    Decimal::read(least).err().map(|why| format!("`at_least` of an entry of `only` is `{least}`: expected {why}"))
}

fn places(map: &Map, charter: Option<&Arc<Charter>>, problems: &mut Vec<String>) -> u32 {
    let named = map.currency.as_deref().map(|code| (code, Currency::with_code(code)));
    match (named, charter) {
        (Some((code, None)), _) => problems.push(format!("`currency` is `{code}`, which is none: three letters such as `EUR`")),
        (Some((code, Some(_))), Some(charter)) if *charter.currency.code != *code => {
            problems.push(format!("`currency` is `{code}`, and the charter in force counts in `{}`", charter.currency.code));
        }
        (Some((_, Some(currency))), _) => return currency.places,
        (None, Some(charter)) => return charter.currency.places,
        (None, None) => {}
    }
    2
}

fn facts(of: Kind, map: &Map, charter: Option<&Arc<Charter>>, problems: &mut Vec<String>) -> Vec<FactPlan> {
    let mut plans = Vec::new();
    for (name, spec) in &map.facts {
        let subject = name.split_once('.').map_or("", |(subject, _)| subject).to_owned();
        if !has_subject(of, map, &subject) {
            problems.push(format!("`{name}`: a fact is named `subject.fact`, and these rows say nothing about `{subject}`"));
            continue;
        }
        let declared = charter.and_then(|c| c.facts.get(c.fact(name)?));
        let typed = spec.kind.as_deref().map(|kind| (kind, Type::named(kind)));
        let kind = match (declared, typed) {
            (Some(fact), Some((kind, _))) if fact.kind.name() != kind && !(kind == "text" && fact.kind.name() == "choice") => {
                Err(format!("`{name}` has the type `{kind}`, and in the charter in force it is `{}`", fact.kind.name()))
            }
            (Some(fact), _) => Ok(fact.kind.clone()),
            (None, Some((_, Some(kind)))) => Ok(kind),
            (None, Some((kind, None))) => Err(format!("`{name}` has the type `{kind}`, which is none of {}", charter::facts::KINDS.join(", "))),
            (None, None) => Err(format!("`{name}` needs a `type`: no charter in force declares it")),
        };
        match kind {
            Ok(kind) => {
                let (personal, ages) = (declared.is_none_or(|f| f.personal), declared.is_none_or(|f| f.fresh.is_some()));
                plans.push(FactPlan { name: name.clone(), subject, spec: spec.clone(), kind, personal, ages });
            }
            Err(problem) => problems.push(problem),
        }
    }
    plans
}

/// Whether rows of this kind say something about a subject.
fn has_subject(of: Kind, map: &Map, subject: &str) -> bool {
    match of {
        Kind::Customers => subject == "customer",
        Kind::Orders => subject == order_kind(map) || (subject == "customer" && map.customer.is_some()),
        Kind::Cases => subject == "case" || (subject == "customer" && map.customer.is_some()) || map.about.contains_key(subject),
    }
}

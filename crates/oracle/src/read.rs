//! Reads a charter, which is taken to be valid.

use crate::calendar;
use crate::decimal;
use crate::model::{Allow, Book, Cap, Common, Confirm, Cover, Fact, Full, Group, Guard, Limit, Measure, Remedy, Rule, Tree};
use crate::values::{Kind, Truth, Value};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value as Toml};

type Read<T> = Result<T, String>;

/// Reads a charter, and the one it stands in.
pub(crate) fn book(inner: &str, outer: Option<&str>) -> Read<Book> {
    let inner: Table = inner.parse().map_err(|error| format!("{error}"))?;
    let outer: Option<Table> = outer.map(str::parse).transpose().map_err(|error| format!("{error}"))?;
    let name = text(&inner, "inside")?;
    let tables: Vec<(String, &Table)> = match (&outer, name) {
        (Some(outer), Some(name)) => vec![(String::new(), &inner), (format!("{name}/"), outer)],
        (None, None) => vec![(String::new(), &inner)],
        _ => return Err("`inside` and the outer charter do not go together".to_owned()),
    };
    let mut common = common(outer.as_ref().unwrap_or(&inner), tables.len() - 1)?;
    let mut defines = Vec::new();
    let mut issues = BTreeSet::new();
    let (mut rules, mut groups) = (Vec::new(), Vec::new());
    for (home, (prefix, table)) in tables.iter().enumerate() {
        defines.push(trees(table.get("define"))?);
        for issue in list(table, "issue") {
            issues.extend(text(issue, "id")?);
        }
        for kind in ["allow", "forbid", "cap"] {
            for entry in list(table, kind) {
                rules.push(rule(&common, kind, entry, prefix, home)?);
            }
        }
        for entry in list(table, "group") {
            groups.push(group(&common, entry, prefix, home)?);
        }
    }
    for name in rules.iter().flat_map(|rule: &Rule| &rule.per) {
        if !name.contains('.') {
            common.subjects.insert(name.clone());
        }
    }
    Ok(Book { common, defines, issues, rules, groups })
}

fn common(table: &Table, home: usize) -> Read<Common> {
    let currency = text(table, "currency")?.ok_or("no currency")?;
    let zone = text(table, "timezone")?.ok_or("no time zone")?;
    let mut common = Common {
        decimals: decimal::decimals(&currency),
        currency,
        zone: jiff::tz::TimeZone::get(&zone).map_err(|error| format!("{error}"))?,
        levels: texts(table, "levels").unwrap_or_default(),
        reasons: texts(table, "reasons").unwrap_or_default(),
        facts: BTreeMap::new(),
        subjects: BTreeSet::from(["case".to_owned()]),
        remedies: Vec::new(),
        home,
    };
    if let Some(Toml::Table(subjects)) = table.get("facts") {
        for (subject, facts) in subjects {
            if subject != "request" && subject != "staff" {
                common.subjects.insert(subject.clone());
            }
            for (name, entry) in facts.as_table().ok_or("facts are tables")? {
                let fact = fact(&common, entry)?;
                common.facts.insert(format!("{subject}.{name}"), fact);
            }
        }
    }
    for entry in list(table, "remedy") {
        let remedy = remedy(&common, entry)?;
        common.remedies.push(remedy);
    }
    Ok(common)
}

fn fact(common: &Common, entry: &Toml) -> Read<Fact> {
    let whole = Table::from_iter([("type".to_owned(), entry.clone())]);
    let table = entry.as_table().unwrap_or(&whole);
    let choice = texts(table, "choice");
    let kind = match text(table, "type")?.as_deref() {
        None => Kind::Text,
        Some("yes_no") => Kind::YesNo,
        Some("number") => Kind::Number,
        Some("money") => Kind::Money,
        Some("text") => Kind::Text,
        Some("date") => Kind::Date,
        Some("time") => Kind::Time,
        Some("duration") => Kind::Duration,
        Some("list") => Kind::List,
        Some(other) => return Err(format!("no type {other}")),
    };
    let confirm = match text(table, "confirm")?.as_deref() {
        None => None,
        Some("person") => Some(Confirm::Person),
        Some("system") => Some(Confirm::System),
        Some(level) => Some(Confirm::Level(common.level(level).ok_or("no such level")?)),
    };
    let mut fact = Fact { kind, choice, confirm, fresh: None, assume: None, bounds: bounds(kind) };
    if let Some(span) = text(table, "fresh")? {
        fact.fresh = Some(calendar::window(&span).ok_or("no span")?);
    }
    for (key, end) in [("min", 0), ("max", 1)] {
        let Some(given) = table.get(key) else {
            continue;
        };
        let given = value(common, &fact, given).ok_or("no bound")?.span().single().ok_or("no bound")?;
        *(if end == 0 { &mut fact.bounds.0 } else { &mut fact.bounds.1 }) = given;
    }
    if matches!(kind, Kind::Money | Kind::Duration) && !table.contains_key("min") {
        fact.bounds.0 = 0;
    }
    if let Some(assumed) = table.get("assume") {
        fact.assume = Some(value(common, &fact, assumed).ok_or("no value to assume")?);
    }
    Ok(fact)
}

/// The range of a type, in its smallest unit.
fn bounds(kind: Kind) -> (i128, i128) {
    match kind {
        Kind::Number => (-1_000_000_000_000_000, 1_000_000_000_000_000),
        Kind::Money => (-9_000_000_000_000_000, 9_000_000_000_000_000),
        Kind::Duration => (-36_525 * calendar::DAY, 36_525 * calendar::DAY),
        Kind::Date => calendar::date_bounds(),
        Kind::Time => calendar::time_bounds(),
        Kind::YesNo | Kind::Text | Kind::List => (0, 0),
    }
}

/// A value of a fact as a charter writes it.
fn value(common: &Common, fact: &Fact, given: &Toml) -> Option<Value> {
    match given {
        Toml::Boolean(yes) if fact.kind == Kind::YesNo => Some(Value::Truth(Truth::known(*yes))),
        Toml::Array(items) if fact.kind == Kind::List => {
            let items: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            Some(Value::List(Some(BTreeSet::from([items?])), false))
        }
        Toml::Integer(_) | Toml::Float(_) | Toml::String(_) | Toml::Datetime(_) => value_of_text(common, fact, &plain(given)?),
        _ => None,
    }
}

/// A value of a fact from its text; whether it is in range is another matter.
pub(crate) fn value_of_text(common: &Common, fact: &Fact, text: &str) -> Option<Value> {
    let units = match fact.kind {
        Kind::Text => return Some(Value::text(text)),
        Kind::Number => decimal::parse(text, 6),
        Kind::Money => decimal::parse(text, common.decimals),
        Kind::Duration => calendar::duration(text),
        Kind::Date => calendar::date(text),
        Kind::Time => calendar::time(text),
        Kind::YesNo | Kind::List => None,
    };
    units.map(|units| Value::Span(crate::values::Span::point(units)))
}

fn remedy(common: &Common, table: &Table) -> Read<Remedy> {
    let measure = match table.get("measure") {
        None => Measure::Act,
        Some(Toml::String(name)) if name == "money" => Measure::Money,
        Some(Toml::String(name)) if name == "percent" => Measure::Percent,
        Some(Toml::Table(_)) => Measure::Count,
        Some(other) => return Err(format!("no measure {other}")),
    };
    let minimum = match table.get("minimum").and_then(plain) {
        Some(text) => decimal::parse(&text, measure.places(common)).ok_or("no minimum")?,
        None => 1,
    };
    Ok(Remedy {
        id: text(table, "id")?.ok_or("no id")?,
        measure,
        reasons: texts(table, "reasons").unwrap_or_else(|| common.reasons.clone()),
        minimum,
        worth: tree(table.get("worth"))?,
        was: texts(table, "was").unwrap_or_default(),
    })
}

fn rule(common: &Common, kind: &str, table: &Table, prefix: &str, home: usize) -> Read<Rule> {
    let mut within = text(table, "within")?;
    let guard = match kind {
        "allow" => Guard::Allow(allow(common, table)?),
        "forbid" => Guard::Forbid,
        _ => {
            let full = match (tree(table.get("amount"))?, tree(table.get("count"))?, text(table, "cooldown")?) {
                (Some(amount), None, None) => Full::Amount(amount),
                (None, Some(count), None) => Full::Count(count),
                (None, None, Some(cooldown)) => {
                    within = Some(cooldown);
                    Full::Count(parse("1")?)
                }
                _ => return Err("a cap has one of amount, count and cooldown".to_owned()),
            };
            let within = within.as_deref().map(|span| calendar::window(span).ok_or("no span")).transpose()?;
            Guard::Cap(Cap { full, within })
        }
    };
    let default = if kind == "allow" { vec!["case".to_owned()] } else { Vec::new() };
    let level = |key: &str| -> Read<Option<usize>> { text(table, key)?.map(|id| common.level(&id).ok_or("no such level".to_owned())).transpose() };
    Ok(Rule {
        id: format!("{prefix}{}", text(table, "id")?.ok_or("no id")?),
        home,
        guard,
        remedies: texts(table, "remedies"),
        reasons: texts(table, "reasons"),
        when: tree(table.get("when"))?,
        who: tree(table.get("who"))?,
        from: day(table, "from")?,
        until: day(table, "until")?,
        per: texts(table, "per").unwrap_or(default),
        below: level("below")?,
    })
}

fn allow(common: &Common, table: &Table) -> Read<Allow> {
    let cover = match (limit(table.get("up_to"))?, limit(table.get("exactly"))?) {
        (Some(up_to), None) => Cover::UpTo(up_to),
        (None, Some(exactly)) => Cover::Exactly(exactly),
        _ => Cover::Any,
    };
    let level = text(table, "level")?.ok_or("no level")?;
    Ok(Allow {
        level: common.level(&level).ok_or("no such level")?,
        cover,
        stretch: limit(table.get("stretch"))?,
        say_why: flag(table, "say_why"),
        second: flag(table, "second"),
    })
}

fn group(common: &Common, table: &Table, prefix: &str, home: usize) -> Read<Group> {
    let mut staff = BTreeMap::new();
    if let Some(Toml::Table(given)) = table.get("staff") {
        for (name, given) in given {
            let name = format!("staff.{name}");
            let fact = common.facts.get(&name).ok_or("no such staff fact")?;
            staff.insert(name, value(common, fact, given).ok_or("no value of a staff fact")?);
        }
    }
    let level = text(table, "level")?.ok_or("no level")?;
    Ok(Group {
        id: format!("{prefix}{}", text(table, "id")?.ok_or("no id")?),
        home,
        level: common.level(&level).ok_or("no such level")?,
        staff,
        priority: table.get("priority").and_then(Toml::as_integer).unwrap_or(0).into(),
        within: text(table, "within")?.map(|span| calendar::duration(&span).ok_or("no span")).transpose()?,
        hours: table.contains_key("hours"),
        when: tree(table.get("when"))?,
        exceptions: flag(table, "exceptions"),
    })
}

fn limit(given: Option<&Toml>) -> Read<Option<Limit>> {
    match given {
        None => Ok(None),
        Some(Toml::Table(_)) => Ok(Some(Limit::Each(trees(given)?))),
        Some(_) => Ok(tree(given)?.map(Limit::All)),
    }
}

fn trees(given: Option<&Toml>) -> Read<BTreeMap<String, Tree>> {
    let mut out = BTreeMap::new();
    for (name, source) in given.and_then(Toml::as_table).into_iter().flatten() {
        out.insert(name.clone(), tree(Some(source))?.ok_or("no expression")?);
    }
    Ok(out)
}

fn tree(given: Option<&Toml>) -> Read<Option<Tree>> {
    match given {
        None => Ok(None),
        Some(Toml::Boolean(yes)) => parse(&yes.to_string()).map(Some),
        Some(given) => parse(&plain(given).ok_or("no expression")?).map(Some),
    }
}

fn parse(source: &str) -> Read<Tree> {
    cel::parser::Parser::default().parse(source).map_err(|error| format!("{source}: {error}"))
}

fn plain(given: &Toml) -> Option<String> {
    match given {
        Toml::String(text) => Some(text.clone()),
        Toml::Integer(number) => Some(number.to_string()),
        Toml::Float(number) => Some(number.to_string()),
        Toml::Datetime(when) => Some(when.to_string()),
        _ => None,
    }
}

fn day(table: &Table, key: &str) -> Read<Option<i128>> {
    let text = table.get(key).map(|given| plain(given).ok_or("no date")).transpose()?;
    Ok(text.map(|text| calendar::date(&text).ok_or("no date")).transpose()?)
}

fn flag(table: &Table, key: &str) -> bool {
    table.get(key).and_then(Toml::as_bool).unwrap_or(false)
}

fn text(table: &Table, key: &str) -> Read<Option<String>> {
    match table.get(key) {
        None => Ok(None),
        Some(Toml::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{key} is no text")),
    }
}

/// A text, or a list of texts.
fn texts(table: &Table, key: &str) -> Option<Vec<String>> {
    match table.get(key)? {
        Toml::String(text) => Some(vec![text.clone()]),
        Toml::Array(items) => Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()),
        _ => None,
    }
}

fn list<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    table.get(key).and_then(Toml::as_array).into_iter().flatten().filter_map(Toml::as_table)
}

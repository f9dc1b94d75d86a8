//! What would change for people if a charter were in force instead of the one that is.

use std::collections::{BTreeMap, BTreeSet};

use access::people::{self, Asking};
use charter::Charter;
use charter::diagnostics::Findings;
use charter::document::{self, Allow, Cap, Forbid};
use charter::time::Instant;
use platform::db::{DbError, Tx};
use ui::components::{Chip, Tone};

use super::super::told::{besides, sentences};
use crate::options::{sentence_case, spoken};

/// People whose levels are looked at; more than these are not.
const PEOPLE_PAGES: usize = 40;
/// People that are named for one level.
const NAMED: usize = 20;

/// What would change.
#[derive(Default)]
pub(in crate::charters) struct Changes {
    /// Levels that would be gone, with the people who have them.
    pub(in crate::charters) gone: Vec<Gone>,
    /// All else, a sentence each.
    pub(in crate::charters) lines: Vec<String>,
    /// Rules, groups and definitions that would be new, gone or different.
    pub(in crate::charters) rules: Vec<RuleChange>,
}

/// A rule, group or definition that would be new, gone or different: what it says, and what it would say.
pub(in crate::charters) struct RuleChange {
    pub(in crate::charters) name: String,
    pub(in crate::charters) chip: Chip,
    pub(in crate::charters) before: Vec<String>,
    pub(in crate::charters) after: Vec<String>,
}

/// A level that would be gone.
pub(in crate::charters) struct Gone {
    pub(in crate::charters) level: String,
    /// Names, and where their level is set.
    pub(in crate::charters) people: Vec<(String, String)>,
    /// How many there are besides.
    pub(in crate::charters) others: usize,
}

/// A charter with the texts it was loaded from; of the one it stands inside, nothing if it stands alone.
#[derive(Clone, Copy)]
pub(in crate::charters) struct Written<'a> {
    pub(in crate::charters) charter: &'a Charter,
    pub(in crate::charters) text: &'a str,
    pub(in crate::charters) outer: &'a str,
}

/// What would change from one charter to another. Without a charter in force, all of it is new.
pub(in crate::charters) async fn changes(tx: &mut Tx, now: Option<Written<'_>>, then: Written<'_>, at: Instant) -> Result<Changes, DbError> {
    let gone = stranded(tx, &then.charter.levels, at).await?;
    let Some(now) = now else {
        return Ok(Changes { gone, lines: vec!["This is the first charter: all of it is new.".to_owned()], rules: Vec::new() });
    };
    let ids = |levels: &[Box<str>]| levels.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut lines = Vec::new();
    differ(&mut lines, "level", &ids(&now.charter.levels), &ids(&then.charter.levels));
    let remedies = |c: &Charter| c.remedies.iter().map(|r| r.id.to_string()).collect::<Vec<_>>();
    differ(&mut lines, "remedy", &remedies(now.charter), &remedies(then.charter));
    differ(&mut lines, "reason", &ids(&now.charter.reasons), &ids(&then.charter.reasons));
    let mut rules = changed((now.charter, now.text), (then.charter, then.text));
    let outer = changed((now.charter, now.outer), (then.charter, then.outer));
    rules.extend(outer.into_iter().map(|rule| RuleChange { name: format!("{}, in the charter around it", rule.name), ..rule }));
    if (now.text, now.outer) == (then.text, then.outer) {
        lines.push("This is the charter that is in force.".to_owned());
    } else if lines.is_empty() && rules.is_empty() {
        lines.push("Levels, remedies, reasons, rules, groups and definitions stay as they are; other words differ.".to_owned());
    }
    Ok(Changes { gone, lines, rules })
}

/// The rules, groups and definitions that are not the same in both texts, with what they say.
fn changed(now: (&Charter, &str), then: (&Charter, &str)) -> Vec<RuleChange> {
    let (old, new) = (rules(now.1), rules(then.1));
    let (mut old_says, mut new_says) = (sentences(now.0, now.1), sentences(then.0, then.1));
    // A rule that concerns no remedy has no sentence, and changes all the same.
    for (ids, says) in [(&old, &mut old_says), (&new, &mut new_says)] {
        for id in ids.keys() {
            says.entry(id.clone()).or_default();
        }
    }
    let is_same = |id: &str| old.get(id) == new.get(id);
    let mut changes = apart(&old_says, &new_says, is_same);
    let (old_says, new_says) = (besides(now.0, now.1), besides(then.0, then.1));
    changes.extend(apart(&old_says, &new_says, |id| old_says.get(id) == new_says.get(id)));
    changes
}

/// What is not the same in both, by its name.
fn apart(old: &BTreeMap<String, Vec<String>>, new: &BTreeMap<String, Vec<String>>, is_same: impl Fn(&str) -> bool) -> Vec<RuleChange> {
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |id: &String| {
        let chip = match (old.get(id), new.get(id)) {
            (Some(_), Some(_)) => Chip::new(Tone::Plain, "changed"),
            (Some(_), None) => Chip::new(Tone::Caution, "gone"),
            (None, _) => Chip::new(Tone::Positive, "new"),
        };
        let (before, after) = (old.get(id).cloned().unwrap_or_default(), new.get(id).cloned().unwrap_or_default());
        RuleChange { name: sentence_case(&spoken(id)), chip, before, after }
    };
    ids.into_iter().filter(|id| !is_same(id)).map(change).collect()
}

fn differ(lines: &mut Vec<String>, what: &str, before: &[String], then: &[String]) {
    let without = |of: &[String], others: &[String]| of.iter().filter(|id| !others.contains(id)).cloned().collect::<Vec<_>>();
    for (word, ids) in [("New", without(then, before)), ("Gone", without(before, then))] {
        if !ids.is_empty() {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let what = if ids.len() == 1 { what.to_owned() } else { many(what) };
            lines.push(format!("{word} {what}: {}.", quoted(&ids)));
        }
    }
}

fn many(what: &str) -> String {
    what.strip_suffix('y').map_or_else(|| format!("{what}s"), |stem| format!("{stem}ies"))
}

fn quoted(ids: &[&str]) -> String {
    const SHOWN: usize = 30;
    let named = ids.iter().take(SHOWN).map(|id| spoken(id)).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN { format!("{named} and {} more", ids.len() - SHOWN) } else { named }
}

/// A rule as it is written. Two are equal if they say the same, wherever they stand.
#[derive(PartialEq)]
enum Rule {
    Allow(Box<Allow>),
    Forbid(Box<Forbid>),
    Cap(Box<Cap>),
}

fn rules(text: &str) -> BTreeMap<String, Rule> {
    let document = document::read(text, &mut Findings::default());
    let allows = document.allow.into_iter().map(|a| (a.id.value.clone(), Rule::Allow(Box::new(a))));
    let forbids = document.forbid.into_iter().map(|f| (f.id.value.clone(), Rule::Forbid(Box::new(f))));
    let caps = document.cap.into_iter().map(|c| (c.id.value.clone(), Rule::Cap(Box::new(c))));
    allows.chain(forbids).chain(caps).collect()
}

/// Who has a level that these are not, and is not disabled.
async fn stranded(tx: &mut Tx, levels: &[Box<str>], at: Instant) -> Result<Vec<Gone>, DbError> {
    let mut gone: BTreeMap<String, Gone> = BTreeMap::new();
    let mut asking = Asking { words: String::new(), after: None, seen_by: None };
    for _ in 0..PEOPLE_PAGES {
        let page = people::list(tx, &asking, at).await?;
        let Some(last) = page.last().map(|s| (s.name.clone(), s.id)) else { break };
        for staff in page {
            let Some(level) = staff.level.filter(|level| staff.disabled_at.is_none() && !levels.iter().any(|l| **l == **level)) else { continue };
            let entry = gone.entry(level.clone()).or_insert_with(|| Gone { level: spoken(&level), people: Vec::new(), others: 0 });
            if entry.people.len() < NAMED {
                entry.people.push((staff.name, format!("/people/{}", staff.id)));
            } else {
                entry.others += 1;
            }
        }
        asking.after = Some(last);
    }
    Ok(gone.into_values().collect())
}

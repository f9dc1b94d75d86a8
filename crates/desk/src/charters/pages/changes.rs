//! What would change for people if a charter were in force instead of the one that is.

use std::collections::{BTreeMap, BTreeSet};

use access::people::{self, Asking};
use charter::Charter;
use charter::diagnostics::Findings;
use charter::document::{self, Allow, Cap, Forbid};
use charter::time::Instant;
use platform::db::{DbError, Tx};
use ui::components::{Chip, Tone};

use super::super::told::sentences;
use crate::options::{sentence_case, spoken};

/// People whose levels are looked at; more than these are not.
const PEOPLE_PAGES: usize = 40;
/// People that are named for one level.
const NAMED: usize = 20;

/// What would change.
#[derive(Default)]
pub(super) struct Changes {
    /// Levels that would be gone, with the people who have them.
    pub(super) gone: Vec<Gone>,
    /// All else, a sentence each.
    pub(super) lines: Vec<String>,
    /// Rules that would be new, gone or different.
    pub(super) rules: Vec<RuleChange>,
}

/// A rule that would be new, gone or different: what it says, and what it would say.
pub(super) struct RuleChange {
    pub(super) name: String,
    pub(super) chip: Chip,
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
}

/// A level that would be gone.
pub(super) struct Gone {
    pub(super) level: String,
    /// Names, and where their level is set.
    pub(super) people: Vec<(String, String)>,
    /// How many there are besides.
    pub(super) others: usize,
}

/// What would change from one charter and its text to another. Without a charter in force, all of it is new.
pub(super) async fn changes(tx: &mut Tx, now: Option<(&Charter, &str)>, then: (&Charter, &str), at: Instant) -> Result<Changes, DbError> {
    let Some((before, before_text)) = now else {
        let stranded = stranded(tx, &then.0.levels, at).await?;
        return Ok(Changes { gone: stranded, lines: vec!["This is the first charter: all of it is new.".to_owned()], rules: Vec::new() });
    };
    let gone = stranded(tx, &then.0.levels, at).await?;
    let ids = |levels: &[Box<str>]| levels.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut lines = Vec::new();
    differ(&mut lines, "level", &ids(&before.levels), &ids(&then.0.levels));
    let remedies = |c: &Charter| c.remedies.iter().map(|r| r.id.to_string()).collect::<Vec<_>>();
    differ(&mut lines, "remedy", &remedies(before), &remedies(then.0));
    differ(&mut lines, "reason", &ids(&before.reasons), &ids(&then.0.reasons));
    let rules = rule_changes((before, before_text), then);
    if lines.is_empty() && rules.is_empty() && before_text != then.1 {
        lines.push("Levels, remedies, reasons and rules stay as they are; other words differ.".to_owned());
    }
    if before_text == then.1 {
        lines.push("This is the charter that is in force.".to_owned());
    }
    Ok(Changes { gone, lines, rules })
}

/// The rules that are not the same in both, with what they say.
fn rule_changes(before: (&Charter, &str), then: (&Charter, &str)) -> Vec<RuleChange> {
    let (old, new) = (rules(before.1), rules(then.1));
    let (old_says, new_says) = (sentences(before.0, before.1), sentences(then.0, then.1));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |id: &String| {
        let chip = match (old.get(id), new.get(id)) {
            (Some(now), Some(then)) if now == then => return None,
            (Some(_), Some(_)) => Chip::new(Tone::Plain, "changed"),
            (Some(_), None) => Chip::new(Tone::Caution, "gone"),
            (None, _) => Chip::new(Tone::Positive, "new"),
        };
        let (before, after) = (old_says.get(id).cloned().unwrap_or_default(), new_says.get(id).cloned().unwrap_or_default());
        Some(RuleChange { name: sentence_case(&spoken(id)), chip, before, after })
    };
    ids.into_iter().filter_map(change).collect()
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

//! Groups: who serves an escalation.

use crate::diagnostics::{Code, Findings};
use crate::document::{self, At};
use crate::expr::Reads;
use crate::facts::Value;
use crate::load::declare::{duration, literal_value};
use crate::model::Group;
use crate::words::spoken;

use super::{Compiled, is};

/// The open time until a group answers.
fn open_time(within: &At<String>, findings: &mut Findings) -> Option<i64> {
    const EXPECTED: &str = "an open time such as `30m`, `8h`, `2d`";
    let span = duration(within, EXPECTED, findings)?;
    if span > 0 && within.value.ends_with(['m', 'h', 'd']) {
        return Some(span);
    }
    let help = match span {
        0 => "leave `within` out: it answers when it is next open".to_owned(),
        _ if within.value.ends_with('w') => format!("write `{}d`: a day is 24 hours of open time", span / 86_400_000_000),
        _ => "write whole minutes".to_owned(),
    };
    findings.add(Code::BadLiteral, within.span.clone(), format!("`{}` is not an open time", within.value), EXPECTED).help(help);
    None
}

impl<'d> Compiled<'d> {
    pub(super) fn group(&mut self, group: &document::Group, findings: &mut Findings) {
        let level = self.level(&group.level, findings);
        let mut staff = vec![Value::Unknown; self.declared.staff.len()];
        for (place, fact) in self.declared.staff.iter().enumerate() {
            if let (Some(slot), Some(assume)) = (staff.get_mut(place), &fact.assume) {
                *slot = assume.clone();
            }
        }
        for (name, literal) in &group.staff {
            let full = format!("staff.{}", name.value);
            let Some((place, fact)) = self.declared.staff.iter().enumerate().find(|(_, f)| *f.name == *full) else {
                let known: Vec<_> = self.declared.staff.iter().map(|f| f.name.trim_start_matches("staff.").to_owned()).collect();
                let message = format!("`{}` is not a fact of staff", name.value);
                findings
                    .add(Code::UnknownFact, name.span.clone(), message, "a fact declared under `[facts.staff]`")
                    .nearest(&name.value, known.iter().map(String::as_str));
                continue;
            };
            if let (Some(slot), Some(value)) = (staff.get_mut(place), literal_value(&fact.kind, literal, self.declared.currency.places, findings)) {
                *slot = value;
            }
        }
        let within = group.within.as_ref().and_then(|within| open_time(within, findings));
        let mut reads = Reads::default();
        let when = group.when.as_ref().and_then(|w| self.when(Some(w), &mut reads, findings)).map(|when| (when, reads.subjects));
        self.exists_and_fact(&group.id, &reads, findings);
        self.group_reads.absorb(&reads);
        let Some(level) = level else { return };
        let id: Box<str> = format!("{}{}", self.prefix, group.id.value).into();
        self.spans.insert(id.clone(), group.id.span.clone());
        self.groups.push(Group {
            id,
            title: group.title.as_ref().map_or_else(|| spoken(&group.id.value), |t| t.value.clone()).into(),
            level,
            priority: group.priority.as_ref().map_or(0, |p| p.value),
            within,
            hours: group.hours.as_ref().map(|h| h.value.as_str().into()),
            exceptions: is(group.exceptions.as_ref()),
            staff,
            when,
        });
    }
}

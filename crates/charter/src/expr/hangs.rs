//! Which unknown facts an undecided part of an expression hangs on.

use super::{Bool, ChoiceExpr, Env, ListExpr, Num, Pick, TextExpr, Typed};
use crate::facts::Value;

/// Adds the facts that an undecided yes_no hangs on; a decided one hangs on nothing.
pub(crate) fn hangs_of_truth<'a>(env: &Env<'a>, expr: &'a Bool, out: &mut Vec<usize>) {
    if env.truth(expr).is_decided() {
        return;
    }
    match expr {
        Bool::Const(_) | Bool::Staff(_) | Bool::Exists(_) => {}
        Bool::Fact(place) => out.push(*place),
        Bool::Define(place) => {
            if let Some(Typed::YesNo(body)) = env.definitions.get(*place).map(|d| &d.body) {
                hangs_of_truth(env, body, out);
            }
        }
        Bool::Not(inner) => hangs_of_truth(env, inner, out),
        Bool::All(list) | Bool::Any(list) => list.iter().for_each(|part| hangs_of_truth(env, part, out)),
        Bool::Less(sides) | Bool::AtMost(sides) | Bool::Equal(sides) => {
            hangs_of_number(env, &sides.0, out);
            hangs_of_number(env, &sides.1, out);
        }
        Bool::Same(sides) => {
            hangs_of_truth(env, &sides.0, out);
            hangs_of_truth(env, &sides.1, out);
        }
        Bool::SameChoice(sides) => {
            hangs_of_choice(env, &sides.0, out);
            hangs_of_choice(env, &sides.1, out);
        }
        Bool::SameText(sides) => {
            hangs_of_text(env, &sides.0, out);
            hangs_of_text(env, &sides.1, out);
        }
        Bool::SameList(sides) | Bool::Subset(sides) => {
            hangs_of_list(env, &sides.0, out);
            hangs_of_list(env, &sides.1, out);
        }
        Bool::Among(of, _) => hangs_of_choice(env, of, out),
        Bool::InList(sides) => {
            hangs_of_text(env, &sides.0, out);
            hangs_of_list(env, &sides.1, out);
        }
        Bool::Pick(pick) => hangs_of_pick(env, pick, out, hangs_of_truth),
    }
}

/// Adds the facts that an undecided counted value hangs on.
pub(crate) fn hangs_of_number<'a>(env: &Env<'a>, expr: &'a Num, out: &mut Vec<usize>) {
    let whole = env.number(expr);
    if whole.is_decided() {
        return;
    }
    match expr {
        Num::Const(_) | Num::Staff(_) | Num::Now | Num::Amount => {}
        Num::Granted(meter) => {
            let keys = env.meter_facts.get(*meter).map_or(&[][..], Vec::as_slice);
            out.extend(keys.iter().filter_map(|fact| unknown(env, *fact)));
        }
        Num::Fact(place) => out.push(*place),
        Num::Define(place) => {
            if let Some(Typed::Count(_, body)) = env.definitions.get(*place).map(|d| &d.body) {
                hangs_of_number(env, body, out);
            }
        }
        Num::Add(sides, _) | Num::Subtract(sides, _) | Num::Multiply(sides) | Num::Percent(sides) => {
            hangs_of_number(env, &sides.0, out);
            hangs_of_number(env, &sides.1, out);
        }
        Num::Negate(inner) => hangs_of_number(env, inner, out),
        Num::Least(list) => {
            for part in list.iter().filter(|part| whole.is_empty() || env.number(part).low < whole.high) {
                hangs_of_number(env, part, out);
            }
        }
        Num::Most(list) => {
            for part in list.iter().filter(|part| whole.is_empty() || env.number(part).high > whole.low) {
                hangs_of_number(env, part, out);
            }
        }
        Num::Shift { base, by, .. } => {
            hangs_of_number(env, base, out);
            hangs_of_number(env, by, out);
        }
        Num::DaysBetween(sides) => sides.iter().for_each(|(side, _)| hangs_of_number(env, side, out)),
        Num::Size(list) => hangs_of_list(env, list, out),
        Num::Alike(sides) => {
            hangs_of_list(env, &sides.0, out);
            hangs_of_list(env, &sides.1, out);
        }
        Num::Pick(pick) => hangs_of_pick(env, pick, out, hangs_of_number),
    }
}

/// Adds the facts that an undecided choice hangs on.
pub(crate) fn hangs_of_choice<'a>(env: &Env<'a>, expr: &'a ChoiceExpr, out: &mut Vec<usize>) {
    let value = env.choice(expr);
    if !value.fault && value.values.as_ref().is_some_and(|v| v.len() == 1) {
        return;
    }
    match expr {
        ChoiceExpr::Const(_) | ChoiceExpr::Staff(..) => {}
        ChoiceExpr::Fact(place, _) => out.push(*place),
        ChoiceExpr::Define(place) => {
            if let Some(Typed::Choice(_, body)) = env.definitions.get(*place).map(|d| &d.body) {
                hangs_of_choice(env, body, out);
            }
        }
        ChoiceExpr::Pick(pick) => hangs_of_pick(env, pick, out, hangs_of_choice),
    }
}

fn hangs_of_text<'a>(env: &Env<'a>, expr: &'a TextExpr, out: &mut Vec<usize>) {
    match expr {
        TextExpr::Const(_) | TextExpr::Staff(_) | TextExpr::Id(_) => {}
        TextExpr::Fact(place) => out.extend(unknown(env, *place)),
        TextExpr::Define(place) => {
            if let Some(Typed::Text(body)) = env.definitions.get(*place).map(|d| &d.body) {
                hangs_of_text(env, body, out);
            }
        }
        TextExpr::Pick(pick) => {
            let value = env.text(expr);
            if value.fault || value.values.is_none_or(|v| v.len() > 1) {
                hangs_of_pick(env, pick, out, hangs_of_text);
            }
        }
    }
}

fn hangs_of_list<'a>(env: &Env<'a>, expr: &'a ListExpr, out: &mut Vec<usize>) {
    match expr {
        ListExpr::Const(_) | ListExpr::Staff(_) => {}
        ListExpr::Fact(place) => out.extend(unknown(env, *place)),
        ListExpr::Define(place) => {
            if let Some(Typed::List(body)) = env.definitions.get(*place).map(|d| &d.body) {
                hangs_of_list(env, body, out);
            }
        }
    }
}

fn unknown(env: &Env<'_>, place: usize) -> Option<usize> {
    matches!(env.facts.get(place), Some(Value::Unknown)).then_some(place)
}

/// The branch taken, or the condition and both; the key of a table and the entries that are still possible.
fn hangs_of_pick<'a, T>(env: &Env<'a>, pick: &'a Pick<T>, out: &mut Vec<usize>, part: fn(&Env<'a>, &'a T, &mut Vec<usize>)) {
    match pick {
        Pick::Choose(condition, yes, no) => {
            hangs_of_truth(env, condition, out);
            let truth = env.truth(condition);
            if truth.can_be_true() {
                part(env, yes, out);
            }
            if truth.can_be_false() {
                part(env, no, out);
            }
        }
        Pick::Table(table) => {
            hangs_of_choice(env, &table.key, out);
            for place in env.choice(&table.key).values.unwrap_or_default() {
                if let Some(entry) = table.place.get(place).and_then(|p| table.entries.get(*p)) {
                    part(env, entry, out);
                }
            }
        }
    }
}

//! Several remedies in one form: a line for each, and what was filled in.

use charter::Charter;
use charter::model::Remedy;
use charter::money::Measure;
use platform::db::Tx;
use platform::http::{Form, Problem};
use ui::components::{Check, Field, FieldKind};
use ui::format::{Formats, Locale};

use super::commands::Item;
use super::form::{Amount, in_units};
use crate::charters::{self, Charters};
use crate::options::affixes;

/// A remedy, and how it is taken into what the form asks for.
pub(crate) enum Line {
    /// By an amount.
    Amount(Field),
    /// By a tick, with what is wrong with it.
    Act(Check, Option<String>),
}

/// The name of the field of a remedy.
pub(crate) fn field_of(remedy: &str) -> String {
    format!("give-{remedy}")
}

impl Line {
    /// With what was typed.
    pub(crate) fn new(charter: &Charter, remedy: &Remedy, hint: String, form: &Form, locale: Locale) -> Self {
        let (name, label) = (field_of(&remedy.id), remedy.title.to_string());
        if remedy.measure == Measure::Act {
            let check = Check { is_checked: form.typed(&name) == "yes", label, hint, name: name.clone(), ..Check::default() };
            return Self::Act(check, form.error(&name));
        }
        Self::Amount(Field {
            kind: FieldKind::Decimal,
            value: form.typed(&name).to_owned(),
            error: form.error(&name),
            hint,
            is_optional: true,
            affixes: affixes(charter, &remedy.measure, locale),
            ..Field::new(&name, &label)
        })
    }

    /// Whether something was typed, or is ticked.
    pub(crate) fn is_filled_in(&self) -> bool {
        match self {
            Self::Amount(field) => !field.value.is_empty(),
            Self::Act(check, _) => check.is_checked,
        }
    }
}

/// Each remedy of the charter that something was filled in for, each for this reason if it takes one. What cannot be read is said at its field.
pub(crate) async fn filled_in(
    tx: &mut Tx,
    known: &Charters,
    form: &mut Form,
    (reason, why): (Option<&str>, Option<&str>),
    formats: &Formats,
) -> Result<Vec<Item>, Problem> {
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for remedy in &in_force.charter.remedies {
        let name = field_of(&remedy.id);
        let typed = form.typed(&name).to_owned();
        if typed.is_empty() {
            continue;
        }
        let amount = match in_units(tx, known, &remedy.id, &typed, formats).await? {
            Amount::Units(_, text) => Some(text),
            Amount::Act => None,
            Amount::None(not) => {
                form.wrong(&name, not.may());
                continue;
            }
        };
        let reason = reason.filter(|_| !remedy.reasons.is_empty()).map(str::to_owned);
        items.push(Item { remedy: remedy.id.to_string(), reason, amount, why: why.map(str::to_owned) });
    }
    Ok(items)
}

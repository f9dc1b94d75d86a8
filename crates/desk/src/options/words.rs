//! Ids of a charter as people read them, and amounts as they are written.

use charter::Charter;
use charter::money::Measure as Counted;
use ui::format::{Affixes, Locale};
use ui::ruler::Measure;

/// `late_parcel` as `late parcel`.
pub(crate) fn spoken(id: &str) -> String {
    id.replace(['_', '-'], " ")
}

/// With a capital at the beginning.
pub(crate) fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The measure of a remedy, as the ruler knows it.
pub(crate) fn measure(charter: &Charter, of: &Counted) -> Measure {
    match of {
        Counted::Money => Measure::Money(charter.currency.clone()),
        Counted::Percent => Measure::Percent,
        Counted::Count(unit) => Measure::Count { one: unit.strip_suffix('s').unwrap_or(unit).to_owned(), many: unit.to_string() },
        Counted::Act => Measure::Act,
    }
}

/// An amount in words, as the charter's own sentences have it.
pub(crate) fn amount(charter: &Charter, remedy: &str, units: Option<i64>) -> String {
    let remedy = charter.remedy(remedy).and_then(|place| charter.remedies.get(place));
    match (remedy, units) {
        (Some(remedy), Some(units)) => remedy.measure.spoken(units, &charter.currency),
        _ => String::new(),
    }
}

/// The title of a remedy; of one that the charter does not have any more, its id in words.
pub(crate) fn title(charter: &Charter, remedy: &str) -> String {
    let known = charter.remedy(remedy).and_then(|place| charter.remedies.get(place));
    known.map_or_else(|| sentence_case(&spoken(remedy)), |r| r.title.to_string())
}

/// What a kind of trouble is called; one that the charter does not have any more, its id in words.
pub(crate) fn issue_title(charter: Option<&Charter>, id: &str) -> String {
    let known = charter.and_then(|charter| charter.issues.iter().find(|issue| *issue.id == *id));
    known.map_or_else(|| sentence_case(&spoken(id)), |issue| issue.title.to_string())
}

/// What is asked for, approved or given: `Refund of €60.00`; an act, or what has no amount yet, by its title alone.
pub(crate) fn of_amount(charter: Option<&Charter>, remedy: &str, amount: &str) -> String {
    let title = charter.map_or_else(|| sentence_case(&spoken(remedy)), |charter| title(charter, remedy));
    if amount.is_empty() { title } else { format!("{title} of {amount}") }
}

/// What stands around an amount of a measure.
pub(crate) fn affixes(charter: &Charter, measure: &Counted, locale: Locale) -> Affixes {
    match measure {
        Counted::Money => Affixes::of_currency(&charter.currency, locale),
        Counted::Percent => Affixes::of_percent(locale),
        Counted::Count(unit) => Affixes { before: String::new(), behind: unit.to_string() },
        Counted::Act => Affixes::default(),
    }
}

//! The one rule that the demo lets anybody change: what an agent may give back of an order that came late.

use std::ops::Range;

use charter::time::Instant;
use charter::{Charter, Sources, load};
use desk::charters;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use platform::db::{DbError, Tx};
use toml_edit::{DocumentMut, Item, Table, Value};

const RULE: &str = "late-delivery";
/// What it can be set to, in percent of the order.
pub(super) const LIMITS: [i64; 4] = [10, 40, 5, 20];
/// How much further one may go with a reason, in points.
pub(super) const BEYOND: i64 = 10;

/// The rule as it stands in a charter: percent of the order. Nothing if the charter does not have it in this form.
pub(super) fn limit(text: &str) -> Option<i64> {
    let mut document = text.parse::<DocumentMut>().ok()?;
    let written = rule(&mut document)?.get("up_to")?.as_str()?;
    written.strip_prefix("percent(")?.strip_suffix(", order.total)")?.parse().ok()
}

/// The same charter with another limit.
pub(super) fn with_limit(text: &str, percent: i64) -> Option<String> {
    let mut document = text.parse::<DocumentMut>().ok()?;
    let rule = rule(&mut document)?;
    for (key, percent) in [("up_to", percent), ("stretch", percent + BEYOND)] {
        let value = rule.get_mut(key).and_then(Item::as_value_mut)?;
        let decor = value.decor().clone();
        *value = Value::from(format!("percent({percent}, order.total)"));
        *value.decor_mut() = decor;
    }
    Some(document.to_string())
}

fn rule(document: &mut DocumentMut) -> Option<&mut Table> {
    let rules = document.get_mut("allow")?.as_array_of_tables_mut()?;
    rules.iter_mut().find(|rule| rule.get("id").and_then(Item::as_str) == Some(RULE))
}

/// The quarter before the one that it is.
pub(super) struct Quarter {
    pub(super) period: Range<Instant>,
    /// `July to September`.
    pub(super) words: String,
}

impl Quarter {
    pub(super) fn before(now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let today = now.to_zoned(zone.clone()).date();
        let first = Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?;
        let begins = first.checked_sub(3.months()).ok()?;
        let at = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp().as_microsecond()).ok();
        let month = |date: Date| date.strftime("%B").to_string();
        let words = format!("{} to {}", month(begins), month(first.yesterday().ok()?));
        Some(Self { period: at(begins)?..at(first)?, words })
    }
}

/// The charter in force with another limit: its text, and loaded.
pub(super) async fn draft(tx: &mut Tx, percent: i64) -> Result<Option<(String, Charter)>, DbError> {
    let Some(version) = charters::version_in_force(tx).await? else { return Ok(None) };
    let Some(text) = charters::text_of(tx, version).await? else { return Ok(None) };
    let Some(text) = with_limit(&text, percent) else { return Ok(None) };
    let charter = load(&Sources { text: &text, outer: None, today: None }).charter;
    Ok(charter.map(|charter| (text, charter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = include_str!("../../../../charters/shop.toml");

    #[test]
    fn the_rule_is_changed_and_nothing_else() {
        assert_eq!(limit(SHOP), Some(20));
        let changed = with_limit(SHOP, 30).unwrap();
        assert_eq!(limit(&changed), Some(30));
        let differing: Vec<(&str, &str)> = SHOP.lines().zip(changed.lines()).filter(|(before, after)| before != after).collect();
        assert_eq!(differing.len(), 2, "{differing:?}");
        assert!(differing[1].1.starts_with("stretch = \"percent(40, order.total)\"") && differing[1].1.contains("# a little beyond"), "{differing:?}");
        assert_eq!(SHOP.lines().count(), changed.lines().count());
        assert!(load(&Sources { text: &changed, outer: None, today: None }).charter.is_some());
        assert_eq!(with_limit("name = \"another\"", 30), None);
    }

    #[test]
    fn quarters() {
        let of =
            |now: &str| Quarter::before(now.parse().unwrap(), &TimeZone::UTC).map(|quarter| (quarter.words, quarter.period.start, quarter.period.end)).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        assert_eq!(of("2026-11-23T10:00:00Z"), ("July to September".to_owned(), at("2026-07-01T00:00:00Z"), at("2026-10-01T00:00:00Z")));
        assert_eq!(of("2026-01-01T00:00:00Z"), ("October to December".to_owned(), at("2025-10-01T00:00:00Z"), at("2026-01-01T00:00:00Z")));
        assert_eq!(of("2026-03-31T23:59:59Z").2, at("2026-01-01T00:00:00Z"));
    }
}

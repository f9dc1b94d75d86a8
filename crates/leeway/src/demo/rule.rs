//! The one rule that the demo lets anybody change: what an agent may give back of an order that came late.

use std::ops::Range;

use charter::money::Currency;
use charter::time::Instant;
use charter::{Sources, load};
use desk::charters;
use desk::deciding::{Closed, Compared, Opened};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use platform::db::{DbError, Tx};
use toml_edit::{DocumentMut, Item, Table, Value};

const RULE: &str = "late-delivery";
/// What it can be set to, in percent of the order: least, most, step.
pub(super) const LIMITS: [i64; 3] = [10, 35, 5];
/// How much further one may go with a reason, in points.
pub(super) const BEYOND: i64 = 10;

/// What it is about: remedy and reason.
pub(super) const ABOUT: [(&str, &str); 1] = [("refund", "late")];

/// The rule as it stands in a charter: percent of the order. Nothing if the charter does not have it in this form.
pub(super) fn limit(text: &str) -> Option<i64> {
    let mut document = text.parse::<DocumentMut>().ok()?;
    let rule = rule(&mut document)?;
    let names = |key: &str, name: &str| {
        rule.get(key).and_then(Item::as_array).is_some_and(|array| array.len() == 1 && array.get(0).and_then(Value::as_str) == Some(name))
    };
    let [(remedy, reason)] = ABOUT;
    if !names("remedies", remedy) || !names("reasons", reason) || !rule.contains_key("stretch") {
        return None;
    }
    let written = rule.get("up_to")?.as_str()?;
    written.strip_prefix("percent(")?.strip_suffix(", order.total)")?.parse().ok()
}

/// What it can be set to.
pub(super) fn can_be(percent: i64) -> bool {
    let [least, most, step] = LIMITS;
    (least..=most).contains(&percent) && (percent - least) % step == 0
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

/// The text of the charter in force and its limit; nothing if it does not have the rule.
pub(super) async fn in_force(tx: &mut Tx) -> Result<Option<(String, i64)>, DbError> {
    let Some(version) = charters::version_in_force(tx).await? else { return Ok(None) };
    let Some(text) = charters::text_of(tx, version).await? else { return Ok(None) };
    Ok(limit(&text).map(|percent| (text, percent)))
}

/// What a pulled rule would have come to in a period.
pub(super) enum Cost {
    /// It is wider than the one in force.
    Wider(Opened, Currency),
    /// It is narrower.
    Narrower(Closed),
}

/// What another limit would have come to.
pub(super) async fn cost(tx: &mut Tx, text: &str, now: i64, percent: i64, period: Range<Instant>) -> Result<Option<Cost>, DbError> {
    let loaded = |text: &str| load(&Sources { text, outer: None, today: None }).charter;
    let (Some(in_force), Some(draft)) = (loaded(text), with_limit(text, percent).as_deref().and_then(loaded)) else { return Ok(None) };
    let compared = Compared { now: &in_force, draft: &draft, about: &ABOUT };
    Ok(Some(if percent > now { Cost::Wider(compared.opened(tx, period).await?, draft.currency) } else { Cost::Narrower(compared.closed(tx, period).await?) }))
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
        assert_eq!(limit(&SHOP.replace("stretch = 'percent(30", "# stretch = 'percent(30")), None);
        assert_eq!([9, 10, 13, 35, 40].map(can_be), [false, true, false, true, false]);
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

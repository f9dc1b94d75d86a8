//! Numbers, amounts of money and percentages, out and in again.

use charter::money::Currency;

use super::locale::{Locale, SignPlace};

/// The most digits in a group, and how many are in each but the first.
const GROUP: usize = 3;

/// What stands before and behind the digits of an amount: `€` and nothing, or nothing and ` €`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affixes {
    /// Before.
    pub before: String,
    /// Behind.
    pub behind: String,
}

impl Affixes {
    /// Those of a currency.
    #[must_use]
    pub fn of_currency(currency: &Currency, locale: Locale) -> Self {
        let sign = locale.habits().sign;
        let gap = sign.gap(&currency.symbol);
        match sign {
            SignPlace::Before | SignPlace::BeforeWithGap => Self { before: format!("{}{gap}", currency.symbol), behind: String::new() },
            SignPlace::Behind => Self { before: String::new(), behind: format!("{gap}{}", currency.symbol) },
        }
    }

    /// Those of a percentage.
    #[must_use]
    pub fn of_percent(locale: Locale) -> Self {
        Self { before: String::new(), behind: locale.habits().percent.to_owned() }
    }

    /// Around digits; a minus comes before all.
    fn around(&self, digits: &str) -> String {
        match digits.strip_prefix(MINUS) {
            Some(digits) => format!("{MINUS}{}{digits}{}", self.before, self.behind),
            None => format!("{}{digits}{}", self.before, self.behind),
        }
    }
}

const MINUS: char = '\u{2212}';

/// The numbers of a locale, for components that write amounts of several measures.
pub(crate) struct Numbers(Locale);

pub(crate) fn numbers_of(locale: Locale) -> Numbers {
    Numbers(locale)
}

impl Numbers {
    pub(crate) fn plain(&self, units: i64, places: u32) -> String {
        decimal(units, places, self.0)
    }

    pub(crate) fn affixed(&self, affixes: &Affixes, units: i64, places: u32) -> String {
        affixes.around(&decimal(units, places, self.0))
    }

    /// What [`read_decimal`] reads that is not negative, as the pattern of a field.
    pub(crate) fn pattern(&self, places: u32) -> String {
        let decimal = if self.0.habits().decimal == '.' { r"\." } else { "," };
        let group = if decimal == "," { r"\." } else { "," };
        let rest = format!(r"\d{{0,{places}}}");
        let short = if places > 0 { format!(r"|[.,]\d{{1,{places}}}") } else { String::new() };
        let whole = format!(r"\d+([.,]{rest})?|\d{{1,3}}([\s'’]\d{{3}})+([.,]{rest})?");
        let grouped = format!(r"\d{{1,3}}({group}\d{{3}})+({decimal}{rest})?|\d{{1,3}}({decimal}\d{{3}})+{group}{rest}|\d{{1,3}}({decimal}\d{{3}}){{2,}}");
        format!(r"[^\d.,\-−]*({whole}|{grouped}{short})[^\d.,]*")
    }

    /// What a script needs to write numbers alike: decimal sign, grouping sign, digits from which there are groups.
    pub(crate) fn signs(&self) -> (char, &'static str, usize) {
        let habits = self.0.habits();
        (habits.decimal, habits.group, habits.group_from)
    }
}

pub(super) fn money(minor_units: i64, currency: &Currency, locale: Locale) -> String {
    Affixes::of_currency(currency, locale).around(&decimal(minor_units, currency.places, locale))
}

pub(super) fn percent(hundredths: i64, locale: Locale) -> String {
    let (units, places) = match hundredths {
        whole if whole % 100 == 0 => (whole / 100, 0),
        tenths if tenths % 10 == 0 => (tenths / 10, 1),
        _ => (hundredths, 2),
    };
    Affixes::of_percent(locale).around(&decimal(units, places, locale))
}

pub(super) fn decimal(units: i64, places: u32, locale: Locale) -> String {
    let habits = locale.habits();
    let places = places as usize;
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len().saturating_sub(places));
    let mut text = String::new();
    if units < 0 {
        text.push(MINUS);
    }
    let is_grouped = whole.len() >= habits.group_from;
    for (place, digit) in whole.chars().enumerate() {
        if is_grouped && place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push_str(habits.group);
        }
        text.push(digit);
    }
    if places > 0 {
        text.push(habits.decimal);
        text.push_str(rest);
    }
    text
}

/// What a person typed as a number with so many decimal places, in units of the last one. Both `1,234.5` and `1.234,5` are understood in every
/// locale: the last point or comma is the decimal sign if no more digits follow it than there are places, and a sign of groups if three do. Signs of
/// currencies, percent and gaps are passed over.
#[must_use]
pub fn parse_decimal(text: &str, places: u32) -> Option<i64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_negative = text.starts_with(['-', MINUS]);
    let text = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    if text.chars().any(|c| !c.is_ascii_digit() && c != '.' && c != ',' && c != '\'') {
        return None;
    }
    let places = places as usize;
    let (whole, rest) = match text.rsplit_once(['.', ',']) {
        Some((whole, rest)) if rest.len() <= places => (whole, rest),
        Some((_, rest)) if rest.len() != 3 => return None,
        _ => (text, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if whole.is_empty() && rest.is_empty() {
        return None;
    }
    let units: i64 = format!("{whole}{rest:0<places$}").parse().ok()?;
    Some(if is_negative { -units } else { units })
}

/// What a person of a locale typed as a number with so many decimal places: as [`parse_decimal`] reads it, if it is written as people of any of our locales
/// write. Groups are whole and of one sign; and what may be read in two ways, as a lone point before three digits, is read as this locale has it, so that
/// `15.005` is fifteen thousand and five in German, and in English has more places than there can be.
#[must_use]
pub fn read_decimal(text: &str, places: u32, locale: Locale) -> Option<i64> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let is_written = match number.rsplit_once(['.', ',']) {
        None => is_grouped(number, None),
        Some((whole, rest)) if rest.len() <= places as usize => is_grouped(whole, number.chars().rev().find(|c| matches!(c, '.' | ','))),
        Some((whole, _)) => is_grouped(number, Some(locale.habits().decimal).filter(|_| !whole.contains(['.', ',']))),
    };
    parse_decimal(text, places).filter(|_| is_written)
}

/// Whether digits stand alone, or in groups with one sign between them that is not this one.
fn is_grouped(digits: &str, not: Option<char>) -> bool {
    let Some(sign) = digits.chars().find(|c| !c.is_ascii_digit()) else { return true };
    let mut groups = digits.split(sign);
    let is_first_right = groups.next().is_some_and(|first| (1..=GROUP).contains(&first.len()));
    not != Some(sign) && is_first_right && groups.all(|group| group.len() == GROUP && group.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::with_code(code).unwrap()
    }

    /// A gap that does not break is written as `_` here, a narrow one as `~`.
    fn seen(text: &str) -> String {
        text.replace('\u{a0}', "_").replace('\u{202f}', "~").replace(MINUS, "-")
    }

    #[test]
    fn money_by_locale() {
        #[rustfmt::skip]
        let cases = [
            (1500, "EUR", ["€15.00", "€15.00", "15,00_€", "15,00_€", "€_15,00", "15,00_€"]),
            (123_450, "EUR", ["€1,234.50", "€1,234.50", "1.234,50_€", "1~234,50_€", "€_1.234,50", "1234,50_€"]),
            (123_456_789, "EUR", ["€1,234,567.89", "€1,234,567.89", "1.234.567,89_€", "1~234~567,89_€", "€_1.234.567,89", "1.234.567,89_€"]),
            (-5, "EUR", ["-€0.05", "-€0.05", "-0,05_€", "-0,05_€", "-€_0,05", "-0,05_€"]),
            (1500, "JPY", ["¥1,500", "¥1,500", "1.500_¥", "1~500_¥", "€_", "1500_¥"]),
        ];
        for (units, code, texts) in cases {
            for (locale, text) in Locale::ALL.into_iter().zip(texts).filter(|(_, text)| *text != "€_") {
                assert_eq!(seen(&money(units, &currency(code), locale)), text, "{units} {code} {}", locale.tag());
            }
        }
        assert_eq!(money(i64::MIN, &currency("EUR"), Locale::En).len(), "−€92,233,720,368,547,758.08".len());
    }

    #[test]
    fn percentages_by_locale() {
        let cases = [
            (1250, ["12.5%", "12.5%", "12,5_%", "12,5~%", "12,5%", "12,5_%"]),
            (10_000, ["100%", "100%", "100_%", "100~%", "100%", "100_%"]),
            (-33, ["-0.33%", "-0.33%", "-0,33_%", "-0,33~%", "-0,33%", "-0,33_%"]),
        ];
        for (hundredths, texts) in cases {
            for (locale, text) in Locale::ALL.into_iter().zip(texts) {
                assert_eq!(seen(&percent(hundredths, locale)), text, "{hundredths} {}", locale.tag());
            }
        }
    }

    #[test]
    fn what_people_type() {
        let cases = [
            ("15", 2, Some(1500)),
            ("15.5", 2, Some(1550)),
            ("15,50", 2, Some(1550)),
            ("€ 1,234.50", 2, Some(123_450)),
            ("1.234,50 €", 2, Some(123_450)),
            ("1.234", 2, Some(123_400)),
            ("1 234", 2, Some(123_400)),
            ("1'234.50", 2, Some(123_450)),
            (".5", 2, Some(50)),
            ("-3", 0, Some(-3)),
            ("3.5", 0, None),
            ("1.2345", 2, None),
            ("1.234", 3, Some(1234)),
            ("12 %", 2, Some(1200)),
            ("", 2, None),
            ("ten", 2, None),
            ("1x2", 2, None),
            ("99999999999999999999", 2, None),
        ];
        for (text, places, units) in cases {
            assert_eq!(parse_decimal(text, places), units, "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_read_as_the_locale_has_it() {
        let cases = [
            ("15.00", 2, Some(1500), Some(1500)),
            ("15,00", 2, Some(1500), Some(1500)),
            ("1,500.00", 2, Some(150_000), Some(150_000)),
            ("1.500,00", 2, Some(150_000), Some(150_000)),
            ("1 500,00 €", 2, Some(150_000), Some(150_000)),
            ("1'500.00", 2, Some(150_000), Some(150_000)),
            ("15,-", 2, Some(1500), Some(1500)),
            (".5", 2, Some(50), Some(50)),
            ("15.005", 2, None, Some(1_500_500)),
            ("15,005", 2, Some(1_500_500), None),
            ("1.234.567", 2, Some(123_456_700), Some(123_456_700)),
            ("1.500", 0, None, Some(1500)),
            ("1.234", 3, Some(1234), Some(1234)),
            ("1.234,567", 2, None, None),
            ("1,50.00", 2, None, None),
            ("1.5.00", 2, None, None),
            ("15 00", 2, None, None),
            ("1234,567", 2, None, None),
            ("1e5", 2, None, None),
            ("15.0055", 2, None, None),
            ("abc", 2, None, None),
            ("", 2, None, None),
            (".", 2, None, None),
            ("-4", 2, Some(-400), Some(-400)),
        ];
        for (text, places, english, german) in cases {
            let read = [Locale::En, Locale::De].map(|locale| read_decimal(text, places, locale));
            assert_eq!(read, [english, german], "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for locale in Locale::ALL {
            for units in [0, 5, 99, 100, 1698, 123_450, 987_654_321, -250] {
                let shown = money(units, &currency("EUR"), locale);
                let read = [parse_decimal(&shown, 2), read_decimal(&shown, 2, locale)];
                assert_eq!(read, [Some(units); 2], "{shown} {}", locale.tag());
            }
        }
    }
}

//! Amounts and sentences of a ruler.

use super::{Measure, Ruler, Zone, ZoneKind};
use crate::format::{Affixes, numbers_of};

/// Where the amount stands in sentences.
const PLACE: &str = "{amount}";

impl Ruler {
    /// An amount as it is read: `€15.00`, `10%`, `2 months`.
    #[must_use]
    pub fn amount(&self, units: i64) -> String {
        match &self.measure {
            Measure::Money(_) => numbers_of(self.locale).affixed(&self.affixes(), units, self.measure.places()),
            // A percentage in its shortest form.
            Measure::Percent if units % 100 == 0 => numbers_of(self.locale).affixed(&self.affixes(), units / 100, 0),
            Measure::Percent => numbers_of(self.locale).affixed(&self.affixes(), units, 2),
            Measure::Count { one, many } => format!("{}\u{a0}{}", numbers_of(self.locale).plain(units, 0), if units == 1 { one } else { many }),
            Measure::Act => String::new(),
        }
    }

    pub(super) fn start_amount(&self) -> String {
        self.amount(self.position())
    }

    /// The digits alone, as they stand in the field: what was typed, if it was sent before.
    pub(super) fn start_digits(&self) -> String {
        if !self.form.typed.is_empty() {
            return self.form.typed.clone();
        }
        self.suggested().map(|units| self.digits(units)).unwrap_or_default()
    }

    fn digits(&self, units: i64) -> String {
        match self.measure {
            Measure::Percent if units % 100 == 0 => numbers_of(self.locale).plain(units / 100, 0),
            _ => numbers_of(self.locale).plain(units, self.measure.places()),
        }
    }

    /// How wide the field is at first, in characters.
    pub(super) fn size(&self) -> usize {
        self.start_digits().chars().count().max(2)
    }

    /// What the field takes.
    pub(super) fn pattern(&self) -> String {
        numbers_of(self.locale).pattern(self.measure.places())
    }

    /// What to type where there is no amount, and what hangs on a fact.
    pub(super) fn hint(&self) -> String {
        let is_open = self.zone_at(self.minimum).is_some_and(|zone| zone.kind == ZoneKind::NeedsFacts);
        let depends = if is_open { "What you can give depends on what is asked above. " } else { "" };
        let example = match &self.measure {
            Measure::Count { .. } => 2,
            Measure::Percent => 1000,
            Measure::Money(currency) => 15 * 10_i64.saturating_pow(currency.places),
            Measure::Act => return String::new(),
        };
        // One that they may give, if there is one.
        let mine = self.zones.iter().filter(|zone| matches!(zone.kind, ZoneKind::Yours | ZoneKind::SayWhy)).filter_map(|zone| zone.to).max();
        let example = example.min(mine.unwrap_or(example)).max(self.minimum);
        format!("{depends}Type an amount, such as {}: {} or more.", self.digits(example), self.amount(self.minimum))
    }

    pub(super) fn affixes(&self) -> Affixes {
        match &self.measure {
            Measure::Money(currency) => Affixes::of_currency(currency, self.locale),
            Measure::Percent => Affixes::of_percent(self.locale),
            Measure::Count { .. } | Measure::Act => Affixes::default(),
        }
    }

    /// Decimal sign, grouping sign, and from how many digits on there are groups: for the script.
    pub(super) fn signs(&self) -> (char, &'static str, usize) {
        numbers_of(self.locale).signs()
    }

    pub(super) fn unit_words(&self) -> (&str, &str) {
        match &self.measure {
            Measure::Count { one, many } => (one, many),
            _ => ("", ""),
        }
    }

    pub(super) fn here(&self) -> Option<&Zone> {
        self.zone_at(self.position())
    }

    pub(super) fn is_here(&self, zone: &Zone) -> bool {
        self.here() == Some(zone)
    }

    /// The sentence under the scale, in two parts with the amount between them; without a second part there is no amount in it.
    pub(super) fn sentence(&self) -> (String, Option<String>) {
        if !self.is_act() && self.suggested().is_none() {
            return (self.hint(), None);
        }
        let sentence = self.here().map_or("", |zone| zone.sentence.as_str());
        sentence.split_once(PLACE).map_or_else(|| (sentence.to_owned(), None), |(before, after)| (before.to_owned(), Some(after.to_owned())))
    }

    /// On the button: the amount, or nothing of it where there is none.
    pub(super) fn button(&self) -> String {
        let button = self.here().map_or("", |zone| zone.button.as_str());
        match self.suggested() {
            Some(_) => button.replace(PLACE, &self.start_amount()),
            None => button.replace(&format!(" for {PLACE}"), "").replace(&format!(" {PLACE}"), ""),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.here().is_some_and(|zone| zone.kind.is_open())
    }

    pub(super) fn has_prompt(&self) -> bool {
        self.zones.iter().any(|zone| zone.prompt.is_some())
    }

    /// What the text box asks for: the question of this zone, or else of the first zone that has one.
    pub(super) fn prompt(&self) -> &str {
        let here = self.here().and_then(|zone| zone.prompt.as_deref());
        here.or_else(|| self.zones.iter().find_map(|zone| zone.prompt.as_deref())).unwrap_or_default()
    }

    pub(super) fn asks_here(&self) -> bool {
        self.here().is_some_and(|zone| zone.prompt.is_some())
    }

    /// For those who read without script: from which amount on a reason is needed.
    pub(super) fn reason_from(&self) -> Option<String> {
        self.zones.iter().find(|zone| zone.kind == ZoneKind::SayWhy && zone.prompt.is_some()).map(|zone| self.amount(zone.from))
    }

    /// Where "Ask for more" leads: the first amount that somebody else may give.
    pub(super) fn ask_from(&self) -> Option<i64> {
        let asked = self.zones.iter().find(|zone| matches!(zone.kind, ZoneKind::Ask | ZoneKind::Exception))?;
        Some(asked.from.max(self.minimum))
    }

    /// Whether there is an amount to come back to from there.
    pub(super) fn begins_below(&self, from: i64) -> bool {
        self.suggested().is_some_and(|at| at < from)
    }

    /// The end of a zone in the legend: what comes before the amount, and the amount.
    pub(super) fn end_of(&self, zone: &Zone) -> (&'static str, String) {
        match zone.to {
            Some(to) => ("to", self.amount(to)),
            None => ("above", self.amount(zone.from.saturating_sub(1).max(0))),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use charter::money::Currency;

    use super::super::{Cap, RulerForm};
    use super::*;
    use crate::format::Locale;

    fn zone(from: i64, to: Option<i64>, kind: ZoneKind, label: &str, sentence: &str, button: &str) -> Zone {
        let prompt = (kind == ZoneKind::SayWhy).then(|| "Why is it worth more?".to_owned());
        let detail = String::new();
        Zone { from, to, kind, label: label.to_owned(), detail, sentence: sentence.to_owned(), button: button.to_owned(), prompt }
    }

    pub(in super::super) fn refund(start: i64) -> Ruler {
        Ruler {
            id: "refund".to_owned(),
            name: "Refund".to_owned(),
            measure: Measure::Money(Currency::with_code("EUR").unwrap()),
            locale: Locale::En,
            minimum: 100,
            paid: Some(8490),
            start: Some(start),
            zones: vec![
                zone(0, Some(1698), ZoneKind::Yours, "yours", "You can give {amount} now.", "Give {amount} refund"),
                zone(1699, Some(2547), ZoneKind::SayWhy, "say why", "You can give {amount} and say why.", "Give {amount}, saying why"),
                zone(2548, Some(8490), ZoneKind::Ask, "duty leads", "The duty leads can give {amount}.", "Ask the duty leads for {amount}"),
                zone(8491, None, ZoneKind::Nobody, "nobody", "More than was paid: nobody may give it.", "Nobody may give {amount}"),
            ],
            caps: vec![Cap { at: Some(3500), label: "€35 left of €100 in 90 days".to_owned() }],
            form: RulerForm::new("/cases/1/grants", "token"),
        }
    }

    #[test]
    fn sentence_and_button_follow_the_amount() {
        let cases = [
            (1500, ("You can give ", Some(" now.")), "Give €15.00 refund", true),
            (2200, ("You can give ", Some(" and say why.")), "Give €22.00, saying why", true),
            (3000, ("The duty leads can give ", Some(".")), "Ask the duty leads for €30.00", true),
            (9000, ("More than was paid: nobody may give it.", None), "Nobody may give €90.00", false),
        ];
        for (start, sentence, button, is_open) in cases {
            let ruler = refund(start);
            let (before, after) = ruler.sentence();
            assert_eq!(((before.as_str(), after.as_deref()), ruler.button().as_str(), ruler.is_open()), (sentence, button, is_open), "{start}");
        }
    }

    #[test]
    fn without_an_amount_nothing_is_suggested() {
        for start in [None, Some(0), Some(99)] {
            let ruler = Ruler { start, ..refund(0) };
            assert_eq!((ruler.start_digits(), ruler.button()), (String::new(), "Give refund".to_owned()));
            assert_eq!(ruler.sentence(), ("Type an amount, such as 15.00: €1.00 or more.".to_owned(), None));
            assert!(!ruler.to_string().contains("Back to"));
        }
        let mut ruler = Ruler { start: None, ..refund(0) };
        (ruler.zones[0].to, ruler.zones[1].from, ruler.zones[1].to) = (Some(400), 401, Some(500));
        assert_eq!(ruler.sentence().0, "Type an amount, such as 5.00: €1.00 or more.");
        ruler.zones.drain(..2);
        ruler.zones[0].from = 0;
        assert_eq!(ruler.button(), "Ask the duty leads");
        ruler.zones = vec![zone(0, None, ZoneKind::NeedsFacts, "depends", "Whether you can give {amount} depends.", "")];
        assert_eq!(ruler.sentence().0, "What you can give depends on what is asked above. Type an amount, such as 15.00: €1.00 or more.");
    }

    #[test]
    fn amounts_of_each_measure() {
        let mut ruler = refund(0);
        ruler.measure = Measure::Percent;
        assert_eq!((ruler.amount(1000), ruler.amount(1250)), ("10%".to_owned(), "12.50%".to_owned()));
        ruler.measure = Measure::Count { one: "month".to_owned(), many: "months".to_owned() };
        assert_eq!((ruler.amount(1), ruler.amount(2)), ("1\u{a0}month".to_owned(), "2\u{a0}months".to_owned()));
    }

    #[test]
    fn what_is_printed_is_escaped_and_has_no_inline_style() {
        let mut ruler = refund(1500);
        ruler.name = "<b>Refund</b>".to_owned();
        let html = ruler.to_string();
        assert!(!html.contains("<b>Refund") && !html.contains("style=") && !html.contains("onclick"), "{html}");
        assert!(html.contains("18.18%") && html.contains("name=\"_csrf\" value=\"token\""));
    }
}

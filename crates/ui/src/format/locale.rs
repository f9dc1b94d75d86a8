//! The table of locales. A new one is an entry here and a column in the tests.

/// A language, with the habits of those who read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English, day before month, 24 hours.
    #[default]
    En,
    /// English as in the United States.
    EnUs,
    /// German.
    De,
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// Spanish.
    Es,
}

/// Where the sign of a currency stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignPlace {
    Before,
    BeforeWithGap,
    Behind,
}

/// A unit of time: for one, for many, and for many in "… ago".
pub(super) type Unit = (&'static str, &'static str, &'static str);

pub(super) struct Habits {
    pub(super) tag: &'static str,
    pub(super) decimal: char,
    pub(super) group: &'static str,
    /// The least number of digits before the decimal sign from which they are grouped.
    pub(super) group_from: usize,
    pub(super) sign: SignPlace,
    pub(super) percent: &'static str,
    pub(super) months: [&'static str; 12],
    /// With `{day}`, `{month}` and `{year}`.
    pub(super) date: &'static str,
    pub(super) day: &'static str,
    pub(super) half_days: Option<[&'static str; 2]>,
    pub(super) today: &'static str,
    pub(super) yesterday: &'static str,
    pub(super) tomorrow: &'static str,
    pub(super) now: &'static str,
    pub(super) ago: &'static str,
    pub(super) ahead: &'static str,
    /// Second, minute, hour, day, week, month, year.
    pub(super) units: [Unit; 7],
}

const GAP: &str = "\u{a0}";
const NARROW_GAP: &str = "\u{202f}";

static EN: Habits = Habits {
    tag: "en",
    decimal: '.',
    group: ",",
    group_from: 4,
    sign: SignPlace::Before,
    percent: "%",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    date: "{day} {month} {year}",
    day: "{day} {month}",
    half_days: None,
    today: "today",
    yesterday: "yesterday",
    tomorrow: "tomorrow",
    now: "just now",
    ago: "{} ago",
    ahead: "in {}",
    units: [
        ("s", "s", "s"),
        ("min", "min", "min"),
        ("h", "h", "h"),
        ("day", "days", "days"),
        ("week", "weeks", "weeks"),
        ("month", "months", "months"),
        ("year", "years", "years"),
    ],
};

static EN_US: Habits = Habits {
    tag: "en-US",
    date: "{month} {day}, {year}",
    day: "{month} {day}",
    half_days: Some(["am", "pm"]),
    decimal: EN.decimal,
    group: EN.group,
    group_from: EN.group_from,
    sign: EN.sign,
    percent: EN.percent,
    months: EN.months,
    today: EN.today,
    yesterday: EN.yesterday,
    tomorrow: EN.tomorrow,
    now: EN.now,
    ago: EN.ago,
    ahead: EN.ahead,
    units: EN.units,
};

static DE: Habits = Habits {
    tag: "de",
    decimal: ',',
    group: ".",
    group_from: 4,
    sign: SignPlace::Behind,
    percent: "\u{a0}%",
    months: ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
    date: "{day}. {month} {year}",
    day: "{day}. {month}",
    half_days: None,
    today: "heute",
    yesterday: "gestern",
    tomorrow: "morgen",
    now: "gerade eben",
    ago: "vor {}",
    ahead: "in {}",
    units: [
        ("s", "s", "s"),
        ("Min.", "Min.", "Min."),
        ("Std.", "Std.", "Std."),
        ("Tag", "Tage", "Tagen"),
        ("Woche", "Wochen", "Wochen"),
        ("Monat", "Monate", "Monaten"),
        ("Jahr", "Jahre", "Jahren"),
    ],
};

static FR: Habits = Habits {
    tag: "fr",
    decimal: ',',
    group: NARROW_GAP,
    group_from: 4,
    sign: SignPlace::Behind,
    percent: "\u{202f}%",
    months: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    date: "{day} {month} {year}",
    day: "{day} {month}",
    half_days: None,
    today: "aujourd’hui",
    yesterday: "hier",
    tomorrow: "demain",
    now: "à l’instant",
    ago: "il y a {}",
    ahead: "dans {}",
    units: [
        ("s", "s", "s"),
        ("min", "min", "min"),
        ("h", "h", "h"),
        ("jour", "jours", "jours"),
        ("semaine", "semaines", "semaines"),
        ("mois", "mois", "mois"),
        ("an", "ans", "ans"),
    ],
};

static NL: Habits = Habits {
    tag: "nl",
    decimal: ',',
    group: ".",
    group_from: 4,
    sign: SignPlace::BeforeWithGap,
    percent: "%",
    months: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    date: "{day} {month} {year}",
    day: "{day} {month}",
    half_days: None,
    today: "vandaag",
    yesterday: "gisteren",
    tomorrow: "morgen",
    now: "zojuist",
    ago: "{} geleden",
    ahead: "over {}",
    units: [
        ("s", "s", "s"),
        ("min", "min", "min"),
        ("uur", "uur", "uur"),
        ("dag", "dagen", "dagen"),
        ("week", "weken", "weken"),
        ("maand", "maanden", "maanden"),
        ("jaar", "jaar", "jaar"),
    ],
};

static ES: Habits = Habits {
    tag: "es",
    decimal: ',',
    group: ".",
    group_from: 5,
    sign: SignPlace::Behind,
    percent: "\u{a0}%",
    months: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
    date: "{day} {month} {year}",
    day: "{day} {month}",
    half_days: None,
    today: "hoy",
    yesterday: "ayer",
    tomorrow: "mañana",
    now: "ahora mismo",
    ago: "hace {}",
    ahead: "dentro de {}",
    units: [
        ("s", "s", "s"),
        ("min", "min", "min"),
        ("h", "h", "h"),
        ("día", "días", "días"),
        ("semana", "semanas", "semanas"),
        ("mes", "meses", "meses"),
        ("año", "años", "años"),
    ],
};

impl Locale {
    /// All there are.
    pub const ALL: [Self; 6] = [Self::En, Self::EnUs, Self::De, Self::Fr, Self::Nl, Self::Es];

    pub(super) fn habits(self) -> &'static Habits {
        match self {
            Self::En => &EN,
            Self::EnUs => &EN_US,
            Self::De => &DE,
            Self::Fr => &FR,
            Self::Nl => &NL,
            Self::Es => &ES,
        }
    }

    /// For the attribute `lang`: `en-US`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.habits().tag
    }

    /// The locale that a language tag asks for, if there is one: `de-AT` is German.
    #[must_use]
    pub fn with_tag(tag: &str) -> Option<Self> {
        let exact = Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(tag.trim()));
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        exact.or_else(|| Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(language)))
    }

    /// The first locale there is of those that a browser names in `Accept-Language`; English if there is none. Weights are not read: browsers
    /// send the list in order.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let tags = header.split(',').filter_map(|entry| entry.split(';').next());
        tags.take(20).find_map(Self::with_tag).unwrap_or_default()
    }
}

impl SignPlace {
    /// What stands between a currency's sign and its digits.
    pub(super) fn gap(self, symbol: &str) -> &'static str {
        let is_word = symbol.chars().next_back().is_some_and(char::is_alphabetic);
        if self == Self::Before && !is_word { "" } else { GAP }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lead_to_locales() {
        let cases = [
            ("en", Some(Locale::En)),
            ("en-GB", Some(Locale::En)),
            ("EN-us", Some(Locale::EnUs)),
            ("de-AT", Some(Locale::De)),
            ("fr_FR", Some(Locale::Fr)),
            ("", None),
            ("sv", None),
        ];
        for (tag, locale) in cases {
            assert_eq!(Locale::with_tag(tag), locale, "{tag}");
        }
        assert_eq!(Locale::accepted("sv, nl-BE;q=0.8, en;q=0.5"), Locale::Nl);
        assert_eq!(Locale::accepted("sv"), Locale::En);
    }
}

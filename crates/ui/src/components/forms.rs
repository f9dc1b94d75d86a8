//! What people fill in. Each keeps what was typed, and says beside the field what is wrong with it.

use askama::Template;

use super::prints_itself;
use crate::Icon;
use crate::format::Affixes;

/// One line or more of text.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/field.html")]
pub struct Field {
    /// Name in the form; with `prefix`, its id.
    pub name: String,
    /// Set apart fields of the same name on one page.
    pub prefix: String,
    /// What is asked for.
    pub label: String,
    /// What was typed.
    pub value: String,
    /// Helps before anything is wrong.
    pub hint: String,
    /// Says what is wrong and what to do.
    pub error: Option<String>,
    /// Which keyboard and which checks.
    pub kind: FieldKind,
    /// Whether it may be left empty. What may is marked, what must not is the rule.
    pub is_optional: bool,
    /// Whether a choice elsewhere in the form says if it is needed: then it is neither marked, nor asked for by the browser.
    pub hangs_on_choice: bool,
    /// For the attribute `autocomplete`; `off` if empty.
    pub autocomplete: String,
    /// What stands around the digits of an amount.
    pub affixes: Affixes,
    /// Whether it is where one goes on when the page opens.
    pub is_first: bool,
    /// What is offered while one types; something else may be typed.
    pub offers: Vec<String>,
    /// What it means that nothing is typed.
    pub placeholder: String,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// A line.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A secret.
    Password,
    /// A number that may have a decimal sign, in the habit of the locale: read it with [`crate::format::read_decimal`].
    Decimal,
    /// Digits only: a code.
    Digits,
    /// A day.
    Date,
    /// A day and a time.
    Moment,
    /// Several lines.
    Long,
}

/// One of many, from a list that opens.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/select.html")]
pub struct Select {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub prefix: String,
    /// What is asked for.
    pub label: String,
    /// What there is.
    pub choices: Vec<Choice>,
    /// Helps before anything is wrong.
    pub hint: String,
    /// Says what is wrong and what to do.
    pub error: Option<String>,
    /// Whether its form is sent at once when it changes.
    pub sends: bool,
}

/// One of a few, all in sight.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/segmented.html")]
pub struct Segmented {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub prefix: String,
    /// What is asked for.
    pub label: String,
    /// Whether the label is for screen readers only, because a heading above says it.
    pub is_label_hidden: bool,
    /// What there is.
    pub choices: Vec<Choice>,
    /// Says what is wrong and what to do.
    pub error: Option<String>,
    /// Whether its form is sent at once when it changes.
    pub sends: bool,
}

/// One of the things to choose from.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// Yes or no.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/check.html")]
pub struct Check {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub prefix: String,
    /// What a tick says.
    pub label: String,
    /// Whether it is ticked.
    pub is_checked: bool,
    /// What follows from it.
    pub hint: String,
}

/// A small whole number.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/stepper.html")]
pub struct Stepper {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub prefix: String,
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: i64,
    /// No fewer.
    pub minimum: i64,
    /// No more.
    pub maximum: i64,
}

prints_itself!(Field, Select, Segmented, Check, Stepper);

impl Field {
    /// A line of text to fill in.
    #[must_use]
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), ..Self::default() }
    }

    /// Where somebody is, or hours are told: a name of the time zone database, with all of them on offer. Read it with [`crate::format::time_zone`].
    #[must_use]
    pub fn time_zone(name: impl Into<String>, label: impl Into<String>) -> Self {
        let hint = "A region and a city, such as Europe/Lisbon.".to_owned();
        Self { hint, offers: crate::format::time_zones(), ..Self::new(name, label) }
    }

    fn described_by(&self) -> Option<String> {
        described_by(&self.prefix, &self.name, !self.hint.is_empty(), self.error.is_some())
    }

    fn is_required(&self) -> bool {
        !self.is_optional && !self.hangs_on_choice
    }

    fn is_long(&self) -> bool {
        self.kind == FieldKind::Long
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            FieldKind::Text | FieldKind::Decimal | FieldKind::Digits | FieldKind::Long => "text",
            FieldKind::Email => "email",
            FieldKind::Password => "password",
            FieldKind::Date => "date",
            FieldKind::Moment => "datetime-local",
        }
    }

    fn keyboard(&self) -> Option<&'static str> {
        match self.kind {
            FieldKind::Decimal => Some("decimal"),
            FieldKind::Digits => Some("numeric"),
            _ => None,
        }
    }

    /// A secret is not sent back.
    fn shown(&self) -> &str {
        if self.kind == FieldKind::Password { "" } else { &self.value }
    }

    fn filled_by(&self) -> &str {
        if self.autocomplete.is_empty() { "off" } else { &self.autocomplete }
    }
}

impl Select {
    fn described_by(&self) -> Option<String> {
        described_by(&self.prefix, &self.name, !self.hint.is_empty(), self.error.is_some())
    }
}

/// The ids of the hint and the error beside a field, if they are there.
fn described_by(prefix: &str, name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let ids = [(has_hint, "hint"), (has_error, "error")].into_iter().filter(|(is_there, _)| *is_there);
    let ids: Vec<String> = ids.map(|(_, what)| format!("{prefix}{name}-{what}")).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

impl Choice {
    /// One that is not chosen.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), is_chosen: false }
    }

    /// The same, chosen.
    #[must_use]
    pub fn chosen(self) -> Self {
        Self { is_chosen: true, ..self }
    }
}

//! The authority ruler: what may be given, seen as zones on a scale. Yours, yours with a reason, somebody else's with how long it takes, nobody's.
//!
//! The server draws it whole: zones, marks and legend as SVG and text, with a number field to fill in. A script turns it into a slider that is
//! bound to the field, the sentence and the button. What is sent is one number, and the server checks it again.

mod geometry;
mod words;

use askama::Template;
use charter::money::Currency;

use crate::Icon;
use crate::components::prints_itself;
use crate::format::Locale;

/// A scale of amounts with a form.
#[derive(Clone, Debug, Template)]
#[template(path = "components/ruler.html")]
pub struct Ruler {
    /// Tells several on one page apart; letters, digits and hyphens.
    pub id: String,
    /// What is given: `Refund`.
    pub name: String,
    /// What amounts are.
    pub measure: Measure,
    /// How amounts are written.
    pub locale: Locale,
    /// The least that can be given, in units of the measure.
    pub minimum: i64,
    /// The largest amount that means something beside the ends of zones: what was paid. The scale ends a tenth above it.
    pub paid: Option<i64>,
    /// Where the handle stands at first, or what was typed; nothing where no amount is suggested, and where what was typed is none.
    pub start: Option<i64>,
    /// From the smallest amounts on, without holes. The last has no end.
    pub zones: Vec<Zone>,
    /// Where caps end.
    pub caps: Vec<Cap>,
    /// Where it is sent.
    pub form: RulerForm,
}

/// What an amount is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Minor units of a currency.
    Money(Currency),
    /// Hundredths of a percent.
    Percent,
    /// Whole numbers of something: one of it, and many: `month`, `months`.
    Count {
        /// `month`
        one: String,
        /// `months`
        many: String,
    },
    /// Nothing: it is done or not.
    Act,
}

/// Amounts that all get the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The smallest.
    pub from: i64,
    /// The largest; nothing if there is no end.
    pub to: Option<i64>,
    /// What the answer is.
    pub kind: ZoneKind,
    /// In the legend, before its end: `yours`, `duty lead`.
    pub label: String,
    /// With it in the legend: `usually 12 min`.
    pub detail: String,
    /// Under the scale, with `{amount}` where the amount stands.
    pub sentence: String,
    /// On the button, with `{amount}` where the amount stands.
    pub button: String,
    /// Asks for a text that goes with it: `Why is it worth more this time?`. Without it there is no text box in this zone.
    pub prompt: Option<String>,
}

/// Who may give the amounts of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneKind {
    /// The one who asks.
    Yours,
    /// The one who asks, with a reason.
    SayWhy,
    /// A group that is asked.
    Ask,
    /// It hangs on what is not known yet.
    NeedsFacts,
    /// Nobody is authorised, and nothing forbids it.
    Exception,
    /// It is forbidden.
    Nobody,
}

/// Where a cap ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// What is left of it, where that is an amount; nothing where it counts times.
    pub at: Option<i64>,
    /// `€5 left of €175 in 90 days`, `2 of 3 times left`
    pub label: String,
}

/// Where a ruler's amount is sent, and under which names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulerForm {
    /// Address of the form; POST.
    pub action: String,
    /// Token of the form.
    pub csrf: String,
    /// Name of the amount: digits as typed; read them with [`crate::format::read_decimal`] and [`Measure::places`].
    pub amount: String,
    /// Name of the text that goes with it.
    pub reason: String,
    /// What was typed there.
    pub reason_text: String,
    /// What was typed as the amount, if it was sent and could not be done.
    pub typed: String,
    /// Goes with it unseen: names and values.
    pub hidden: Vec<(String, String)>,
    /// Says what is wrong with what was sent.
    pub error: Option<String>,
}

prints_itself!(Ruler);

impl Measure {
    /// Decimal places of an amount.
    #[must_use]
    pub fn places(&self) -> u32 {
        match self {
            Self::Money(currency) => currency.places,
            Self::Percent => 2,
            Self::Count { .. } | Self::Act => 0,
        }
    }
}

impl RulerForm {
    /// A form with the names `amount` and `because`.
    #[must_use]
    pub fn new(action: impl Into<String>, csrf: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            csrf: csrf.into(),
            amount: "amount".to_owned(),
            reason: "because".to_owned(),
            reason_text: String::new(),
            typed: String::new(),
            hidden: Vec::new(),
            error: None,
        }
    }
}

impl ZoneKind {
    /// Part of class names and of the names of patterns.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yours => "yours",
            Self::SayWhy => "say-why",
            Self::Ask => "ask",
            Self::NeedsFacts => "needs-facts",
            Self::Exception => "exception",
            Self::Nobody => "nobody",
        }
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::NeedsFacts | Self::Nobody)
    }
}

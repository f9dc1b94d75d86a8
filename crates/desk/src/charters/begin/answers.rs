use charter::calendar::Hours;
use charter::decimal::units_to_text;
use charter::money::Currency;

use super::troubles::Trouble;
use crate::groups::Days;

/// The calendar that the answers about hours are kept in.
pub const CALENDAR: &str = "desk";
/// The level of everybody who answers customers.
pub(super) const EVERYBODY: &str = "agent";

/// What limits are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Minor units of the currency.
    Money,
    /// Hundredths of a percent of what was paid.
    Share,
}

/// Who decides what is above the next level, up to all that was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// A manager.
    Manager,
    /// The owner.
    Owner,
}

impl Top {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Manager, Self::Owner];

    /// The level of the charter.
    #[must_use]
    pub fn level(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }
}

/// What somebody answered who begins. Limits rise: `free` ≤ `why` ≤ `more`, `why` above zero, `more` above `free`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The one currency of the charter.
    pub currency: Currency,
    /// What goes wrong, in the order of [`super::TROUBLES`]: at least one.
    pub troubles: Vec<&'static Trouble>,
    /// What the three limits are counted in.
    pub unit: Unit,
    /// What anyone may give without asking; zero for nothing.
    pub free: i64,
    /// What anyone may give who says why.
    pub why: i64,
    /// What the next level may give.
    pub more: i64,
    /// The next level: an id of the charter language, neither `agent` nor that of the top.
    pub next: String,
    /// Who decides above it.
    pub top: Top,
    /// On which days they are there: at least one.
    pub days: Days,
    /// In which hours of these days: at least one span.
    pub hours: Vec<Hours>,
    /// The IANA name of the time zone.
    pub zone: String,
}

impl Answers {
    /// The group that answers first.
    #[must_use]
    pub fn first_group(&self) -> String {
        several(&self.next)
    }

    /// The group that answers what is beyond it.
    #[must_use]
    pub fn last_group(&self) -> String {
        several(self.top.level())
    }

    /// A limit as the charter writes it.
    pub(super) fn limit(&self, limit: i64) -> String {
        match self.unit {
            Unit::Money => self.money(limit),
            Unit::Share => format!("percent({}, case.price_paid)", units_to_text(limit, 2).trim_end_matches('0').trim_end_matches('.')),
        }
    }

    /// Money in major units.
    pub(super) fn money(&self, units: i64) -> String {
        units_to_text(units, self.currency.places)
    }
}

fn several(level: &str) -> String {
    format!("{level}{}", if level.ends_with('s') { "es" } else { "s" })
}

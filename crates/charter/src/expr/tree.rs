//! The compiled form. Facts, definitions and the like are places in the charter's lists.

use super::Reads;
use crate::facts::Type;
use crate::time::CalendarUnit;

/// One of several, by a condition or by a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pick<T> {
    Choose(Bool, T, T),
    Table(Table<T>),
}

/// A value for each value of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Table<T> {
    pub(crate) key: ChoiceExpr,
    pub(crate) entries: Vec<T>,
    /// For each value of the choice, the place of its entry.
    pub(crate) place: Vec<usize>,
}

impl<T> Table<T> {
    /// The entries for these values of the choice, each once: one entry may stand for many values.
    pub(crate) fn possible(&self, values: &[usize]) -> Vec<&T> {
        let mut places: Vec<usize> = values.iter().filter_map(|value| self.place.get(*value).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.entries.get(place)).collect()
    }
}

/// A yes_no.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bool {
    Const(bool),
    Fact(usize),
    Staff(usize),
    Exists(usize),
    Define(usize),
    Not(Box<Bool>),
    All(Vec<Bool>),
    Any(Vec<Bool>),
    /// The first is less than the second, or at most the second.
    Less(Box<(Num, Num)>),
    AtMost(Box<(Num, Num)>),
    Equal(Box<(Num, Num)>),
    Same(Box<(Bool, Bool)>),
    SameChoice(Box<(ChoiceExpr, ChoiceExpr)>),
    SameText(Box<(TextExpr, TextExpr)>),
    SameList(Box<(ListExpr, ListExpr)>),
    /// Whether a choice is one of these places.
    Among(ChoiceExpr, Vec<bool>),
    /// Whether a text is in a list.
    InList(Box<(TextExpr, ListExpr)>),
    Subset(Box<(ListExpr, ListExpr)>),
    Pick(Box<Pick<Bool>>),
}

/// A counted value: number, money, duration, date or time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Num {
    Const(i64),
    Fact(usize),
    Staff(usize),
    Now,
    Amount,
    Define(usize),
    /// With the bounds past which it overflows.
    Add(Box<(Num, Num)>, (i64, i64)),
    Subtract(Box<(Num, Num)>, (i64, i64)),
    /// By a number; rounded down.
    Multiply(Box<(Num, Num)>),
    Negate(Box<Num>),
    /// The first in hundred parts of the second, rounded down.
    Percent(Box<(Num, Num)>),
    Least(Vec<Num>),
    Most(Vec<Num>),
    /// A date or (if `instant`) a time moved by a number of calendar units, back if `back`.
    Shift {
        base: Box<Num>,
        by: Box<Num>,
        unit: CalendarUnit,
        instant: bool,
        back: bool,
    },
    /// Local dates from the first to the second, each of which may be an instant.
    DaysBetween(Box<[(Num, bool); 2]>),
    Size(ListExpr),
    /// At how many places two lists have the same text.
    Alike(Box<(ListExpr, ListExpr)>),
    Granted(usize),
    Pick(Box<Pick<Num>>),
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ChoiceExpr {
    Const(usize),
    /// With the number of its values.
    Fact(usize, usize),
    Staff(usize, usize),
    Define(usize),
    Pick(Box<Pick<ChoiceExpr>>),
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TextExpr {
    Const(Box<str>),
    Fact(usize),
    Staff(usize),
    /// The id of a subject.
    Id(usize),
    Define(usize),
    Pick(Box<Pick<TextExpr>>),
}

/// A list of texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ListExpr {
    Const(Box<[Box<str>]>),
    Fact(usize),
    Staff(usize),
    Define(usize),
}

/// A named expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    pub(crate) body: super::Typed,
    pub(crate) kind: Type,
    pub(crate) reads: Reads,
}

impl Num {
    /// Whether the amount is read anywhere in it.
    pub(crate) fn reads_amount(&self) -> bool {
        match self {
            Self::Amount => true,
            Self::Const(_) | Self::Fact(_) | Self::Staff(_) | Self::Now | Self::Define(_) | Self::Size(_) | Self::Alike(_) | Self::Granted(_) => false,
            Self::Add(sides, _) | Self::Subtract(sides, _) | Self::Multiply(sides) | Self::Percent(sides) => sides.0.reads_amount() || sides.1.reads_amount(),
            Self::Negate(inner) => inner.reads_amount(),
            Self::Least(list) | Self::Most(list) => list.iter().any(Self::reads_amount),
            Self::Shift { base, by, .. } => base.reads_amount() || by.reads_amount(),
            Self::DaysBetween(sides) => sides.iter().any(|(side, _)| side.reads_amount()),
            Self::Pick(pick) => match &**pick {
                Pick::Choose(condition, a, b) => condition.reads_amount() || a.reads_amount() || b.reads_amount(),
                // What a key is chosen by is not followed: only one that is plainly given is known not to read it.
                Pick::Table(table) => matches!(table.key, ChoiceExpr::Pick(_)) || table.entries.iter().any(Self::reads_amount),
            },
        }
    }
}

impl Bool {
    /// Whether the amount is read anywhere in it.
    pub(crate) fn reads_amount(&self) -> bool {
        match self {
            Self::Not(inner) => inner.reads_amount(),
            Self::All(list) | Self::Any(list) => list.iter().any(Self::reads_amount),
            Self::Less(sides) | Self::AtMost(sides) | Self::Equal(sides) => sides.0.reads_amount() || sides.1.reads_amount(),
            Self::Same(sides) => sides.0.reads_amount() || sides.1.reads_amount(),
            // Texts, choices and lists under a condition on the amount are refused where the amount may stand.
            Self::Pick(_) | Self::SameChoice(_) | Self::SameText(_) | Self::InList(_) | Self::Among(..) => true,
            _ => false,
        }
    }
}

//! A charter as read, kept as close to its text as can be.

use crate::calendar::Window;
use crate::values::{Kind, Value};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// A parsed expression.
pub(crate) type Tree = cel::IdedExpr;

/// Who must have said a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirm {
    Person,
    System,
    Level(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) kind: Kind,
    pub(crate) choice: Option<Vec<String>>,
    pub(crate) confirm: Option<Confirm>,
    pub(crate) fresh: Option<Window>,
    pub(crate) assume: Option<Value>,
    /// The least and greatest it can be, for a quantity.
    pub(crate) bounds: (i128, i128),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Money,
    Percent,
    Count,
    Act,
}

#[derive(Clone, Debug)]
pub(crate) struct Remedy {
    pub(crate) id: String,
    pub(crate) measure: Measure,
    pub(crate) reasons: Vec<String>,
    pub(crate) minimum: i128,
    pub(crate) worth: Option<Tree>,
    pub(crate) was: Vec<String>,
}

/// What the levels, facts and remedies of a charter, or of the one it stands in, are.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) currency: String,
    pub(crate) decimals: u32,
    pub(crate) zone: TimeZone,
    pub(crate) levels: Vec<String>,
    pub(crate) reasons: Vec<String>,
    pub(crate) facts: BTreeMap<String, Fact>,
    pub(crate) subjects: BTreeSet<String>,
    pub(crate) remedies: Vec<Remedy>,
    /// The charter whose definitions the expressions of remedies read.
    pub(crate) home: usize,
}

/// The limit of an allow, or its stretch.
#[derive(Clone, Debug)]
pub(crate) enum Limit {
    All(Tree),
    Each(BTreeMap<String, Tree>),
}

#[derive(Clone, Debug)]
pub(crate) enum Cover {
    /// No limit named: acts only, or `unlimited`.
    Any,
    UpTo(Limit),
    Exactly(Limit),
}

#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub(crate) level: usize,
    pub(crate) cover: Cover,
    pub(crate) stretch: Option<Limit>,
    pub(crate) say_why: bool,
    pub(crate) second: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Full {
    Amount(Tree),
    Count(Tree),
}

#[derive(Clone, Debug)]
pub(crate) struct Cap {
    pub(crate) full: Full,
    pub(crate) within: Option<Window>,
}

#[derive(Clone, Debug)]
pub(crate) enum Guard {
    Allow(Allow),
    Forbid,
    Cap(Cap),
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// As written in answers.
    pub(crate) id: String,
    /// The charter it stands in.
    pub(crate) home: usize,
    pub(crate) guard: Guard,
    pub(crate) remedies: Option<Vec<String>>,
    pub(crate) reasons: Option<Vec<String>>,
    pub(crate) when: Option<Tree>,
    pub(crate) who: Option<Tree>,
    pub(crate) from: Option<i128>,
    pub(crate) until: Option<i128>,
    pub(crate) per: Vec<String>,
    pub(crate) below: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) home: usize,
    pub(crate) level: usize,
    pub(crate) staff: BTreeMap<String, Value>,
    pub(crate) priority: i128,
    pub(crate) within: Option<i128>,
    pub(crate) hours: bool,
    pub(crate) when: Option<Tree>,
    pub(crate) exceptions: bool,
}

/// Everything there is to decide by.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) common: Common,
    /// The named expressions of each charter.
    pub(crate) defines: Vec<BTreeMap<String, Tree>>,
    pub(crate) issues: BTreeSet<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) groups: Vec<Group>,
}

impl Common {
    pub(crate) fn remedy(&self, id: &str) -> Option<&Remedy> {
        self.remedies.iter().find(|remedy| remedy.id == id)
    }

    /// The remedy an id of history stands for.
    pub(crate) fn known_as<'a>(&'a self, id: &'a str) -> &'a str {
        let is = |remedy: &&Remedy| remedy.id == id || remedy.was.iter().any(|was| was == id);
        self.remedies.iter().find(is).map_or(id, |remedy| remedy.id.as_str())
    }

    pub(crate) fn level(&self, id: &str) -> Option<usize> {
        self.levels.iter().position(|level| level == id)
    }
}

impl Measure {
    /// The decimals of an amount.
    pub(crate) fn places(self, common: &Common) -> u32 {
        match self {
            Measure::Money => common.decimals,
            Measure::Percent => 2,
            Measure::Count | Measure::Act => 0,
        }
    }

    /// The largest amount there is, in units.
    pub(crate) fn most(self) -> i128 {
        match self {
            Measure::Money => 9_000_000_000_000_000,
            Measure::Percent => 100_000_000_000,
            Measure::Count | Measure::Act => 1_000_000_000,
        }
    }

    /// How much of the unit of expressions one unit of an amount is.
    pub(crate) fn unit(self) -> i128 {
        match self {
            Measure::Money => 1,
            Measure::Percent => 10_000,
            Measure::Count | Measure::Act => 1_000_000,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        if self == Measure::Money { Kind::Money } else { Kind::Number }
    }
}

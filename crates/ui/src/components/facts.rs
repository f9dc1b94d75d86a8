//! What an answer rests on, and other pairs of a name and a value.

use askama::Template;

use super::prints_itself;
use crate::Icon;

/// Facts with their source and age.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/facts.html")]
pub struct Facts {
    /// In the order of their weight.
    pub facts: Vec<Fact>,
    /// Token for the forms that confirm.
    pub csrf: String,
}

/// One fact.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value in words; empty while unknown.
    pub value: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// Who says so: `shop`, `customer`, `Ana Marques`.
    pub source: String,
    /// How old it is: `2 min ago`.
    pub age: String,
    /// Where a form that confirms it, or asks for it, is posted.
    pub confirm: Option<String>,
    /// Where somebody who knows better says so.
    pub change: Option<String>,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// Nobody has said.
    #[default]
    Unknown,
    /// Somebody has said so.
    Stated,
    /// It was seen.
    Confirmed,
}

/// Names and values.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/definitions.html")]
pub struct Definitions {
    /// In their order.
    pub entries: Vec<Definition>,
}

/// A name and its value.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Where more about it is.
    pub href: Option<String>,
}

prints_itself!(Facts, Definitions);

impl Certainty {
    fn word(self) -> &'static str {
        match self {
            Self::Unknown => "not known",
            Self::Stated => "stated",
            Self::Confirmed => "confirmed",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Unknown | Self::Stated => Icon::Question,
            Self::Confirmed => Icon::Check,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Stated => "stated",
            Self::Confirmed => "confirmed",
        }
    }
}

//! Ways through what does not fit on one page.

use askama::Template;

use super::prints_itself;
use crate::Icon;

/// To the entries before and behind those shown, by keyset.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/pager.html")]
pub struct Pager {
    /// Tells it apart where there are several: `Pages of cases`.
    pub label: String,
    /// Where the entries before are.
    pub previous: Option<String>,
    /// Where the next entries are.
    pub next: Option<String>,
    /// What is shown, in words: `50 cases, oldest first`.
    pub showing: String,
    /// In which order, for the words of the two ways.
    pub order: Order,
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By name, or from the first on.
    #[default]
    Plain,
    /// What is newest comes first.
    LatestFirst,
}

impl Pager {
    fn words(&self) -> (&'static str, &'static str) {
        match self.order {
            Order::Plain => ("Previous", "Next"),
            Order::LatestFirst => ("Newer", "Older"),
        }
    }
}

/// Views of one thing, each with an address.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/tabs.html")]
pub struct Tabs {
    /// What they are views of.
    pub label: String,
    /// The views.
    pub tabs: Vec<Tab>,
}

/// One view.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// How much there is.
    pub count: Option<u32>,
    /// Whether it is the one shown.
    pub is_current: bool,
}

prints_itself!(Pager, Tabs);

//! The frame around every page: areas, search, the state of the live connection, the person.

use crate::components::Notice;
use crate::format::Locale;

/// What every page template gets as `shell`. `layout.html` uses all of it; `bare.html` and `embed.html` use the title, locale and theme.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Heading of the page and, with the product's name, of its tab.
    pub title: String,
    /// One line under the title; a page may say more by overriding the block `context`.
    pub context: String,
    /// The language of the page.
    pub locale: Locale,
    /// What the person chose.
    pub theme: Theme,
    /// Only areas with pages the person may open. [`Shell::areas_in_order`] sorts them.
    pub areas: Vec<NavArea>,
    /// The way to this page, without it.
    pub crumbs: Vec<Crumb>,
    /// Who is signed in.
    pub person: Option<Person>,
    /// The search of the top bar.
    pub search: Option<ShellSearch>,
    /// What is begun from any page, in the top bar.
    pub begin: Option<NavLink>,
    /// Where somebody came from who only looks around: at the foot of the rail.
    pub back: Option<NavLink>,
    /// Where the page hears that something it shows has changed: an address of server-sent events. Then it asks again for itself, and takes what differs in
    /// elements that are marked `data-live-part`.
    pub live: Option<String>,
    /// Goes with every form as `_csrf` and with every request of htmx as `X-CSRF-Token`.
    pub csrf: String,
    /// What has just happened, shown above the content.
    pub notices: Vec<Notice>,
    /// Whether single keys do something (`g` and a letter, `/`, `?`): a person can turn them off.
    pub has_keys: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device has it.
    #[default]
    Device,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The areas of the product, in the order in which they always stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Cases, escalations, customers.
    Desk,
    /// Reviews, challenges, follow-ups.
    Voice,
    /// Scorecards, goals, training.
    Growth,
    /// The charter, coverage, ideas.
    Steer,
    /// The installation.
    Settings,
}

/// An area with the pages a person may open.
#[derive(Clone, Debug)]
pub struct NavArea {
    /// Which.
    pub area: Area,
    /// Its pages.
    pub links: Vec<NavLink>,
}

/// A page in the rail.
#[derive(Clone, Debug, Default)]
pub struct NavLink {
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// How much waits there.
    pub count: Option<u32>,
    /// Whether what waits there is overdue.
    pub is_urgent: bool,
    /// Whether this is the page shown.
    pub is_current: bool,
    /// The letter that leads there after `g`.
    pub key: Option<char>,
}

/// A step on the way to a page.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it is; an area has no page.
    pub href: Option<String>,
}

/// Who is signed in, and what the menu behind the name offers.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// One line: `Agent · Care North`.
    pub line: String,
    /// Pages about oneself.
    pub links: Vec<NavLink>,
    /// Where the form that signs out is posted.
    pub sign_out: String,
}

/// The search of the top bar.
#[derive(Clone, Debug, Default)]
pub struct ShellSearch {
    /// Where it is sent, by GET, as `q`.
    pub action: String,
    /// What is asked for: `Search cases, customers, orders`.
    pub label: String,
    /// What was asked for last.
    pub value: String,
}

impl Shell {
    /// A page with this title, in English, for nobody in particular.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), has_keys: true, ..Self::default() }
    }

    /// The areas that have pages, in the order in which they always stand.
    #[must_use]
    pub fn areas_in_order(&self) -> Vec<&NavArea> {
        let mut areas: Vec<&NavArea> = self.areas.iter().filter(|area| !area.links.is_empty()).collect();
        areas.sort_by_key(|area| area.area);
        areas
    }

    /// Whether a link of the rail leads to this page, or to the list this page is in.
    #[must_use]
    pub fn is_at(&self, link: &NavLink) -> bool {
        link.is_current || link.label == self.title || self.crumbs.iter().any(|crumb| crumb.href.as_deref() == Some(link.href.as_str()))
    }

    /// How much waits that is overdue, over all pages: shown on the button that opens the rail on small screens.
    #[must_use]
    pub fn has_urgent(&self) -> bool {
        self.areas.iter().flat_map(|area| &area.links).any(|link| link.is_urgent && link.count.is_some())
    }

    /// For the attribute `hx-headers`. The token is the platform's own, of letters and digits.
    #[must_use]
    pub fn headers(&self) -> String {
        let token: String = self.csrf.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.=+/".contains(*c)).collect();
        format!("{{\"X-CSRF-Token\":\"{token}\"}}")
    }
}

impl Theme {
    /// For the attribute `data-theme`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Area {
    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Desk => "Desk",
            Self::Voice => "Voice",
            Self::Growth => "Growth",
            Self::Steer => "Steer",
            Self::Settings => "Settings",
        }
    }
}

impl NavLink {
    /// A link to a page that a key leads to: after `g` in the rail, alone in the top bar.
    #[must_use]
    pub fn keyed(label: impl Into<String>, href: impl Into<String>, key: char) -> Self {
        Self { key: Some(key), ..Self::new(label, href) }
    }

    /// A page by name and address.
    #[must_use]
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), ..Self::default() }
    }
}

impl Crumb {
    /// A step with a page.
    #[must_use]
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// A step without one.
    #[must_use]
    pub fn area(area: Area) -> Self {
        Self { label: area.label().to_owned(), href: None }
    }
}

impl Person {
    /// The first letters of the first and the last name.
    #[must_use]
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// The first letters of the first and the last word of a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        for (name, letters) in [("Ana Marques", "AM"), ("Ana Maria de Souza", "AS"), ("Øyvind", "Ø"), ("", "")] {
            assert_eq!(initials(name), letters);
        }
    }

    #[test]
    fn areas_stand_in_their_order_and_only_with_pages() {
        let area = |area, links| NavArea { area, links };
        let page = || vec![NavLink::new("A page", "/")];
        let mut shell = Shell::new("Page");
        shell.areas = vec![area(Area::Settings, page()), area(Area::Growth, Vec::new()), area(Area::Desk, page()), area(Area::Voice, page())];
        let order: Vec<&str> = shell.areas_in_order().iter().map(|area| area.area.label()).collect();
        assert_eq!(order, ["Desk", "Voice", "Settings"]);
    }

    #[test]
    fn a_token_cannot_leave_its_header() {
        let shell = Shell { csrf: "ab\"}c".to_owned(), ..Shell::new("Page") };
        assert_eq!(shell.headers(), r#"{"X-CSRF-Token":"abc"}"#);
    }
}

//! The pages.

use askama::Template;

use super::content;
use crate::charts::{Bars, Line, Sparkline};
use crate::components::{
    Check, Chip, Definitions, Empty, Facts, Field, Matrix, Notice, Pager, Problem, Progress, Segmented, Select, Stepper, Tabs, Timeline, Tone, Undo,
};
use crate::ruler::Ruler;
use crate::shell::{Area, Crumb, Shell, Theme};

/// A page and its name.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What its file would be called.
    pub name: &'static str,
    /// The page.
    pub html: String,
}

/// Every component in every state.
///
/// # Errors
/// Only if a template fails to print, which none does.
pub fn components_page() -> Result<String, askama::Error> {
    components(Theme::Device).render()
}

/// All sample pages, for tests and for looking at them.
///
/// # Errors
/// As [`components_page`].
pub fn sample_pages() -> Result<Vec<Sample>, askama::Error> {
    Ok(vec![
        Sample { name: "components", html: components_page()? },
        Sample { name: "case", html: case().render()? },
        Sample { name: "list", html: list().render()? },
        Sample { name: "sign-in", html: sign_in().render()? },
        Sample { name: "problem", html: problem().render()? },
        Sample { name: "embed", html: embed().render()? },
    ])
}

#[derive(Template)]
#[template(path = "samples/all.html")]
struct ComponentsPage {
    shell: Shell,
    tones: [Tone; 5],
    notices: Vec<Notice>,
    fields: Vec<Field>,
    selects: Vec<Select>,
    segmented: Segmented,
    checks: Vec<Check>,
    stepper: Stepper,
    rulers: Vec<(&'static str, Ruler)>,
    facts: Facts,
    timeline: Timeline,
    matrix: Matrix,
    tabs: Tabs,
    pagers: Vec<Pager>,
    progress: Vec<Progress>,
    definitions: Definitions,
    empty: Empty,
    undo: Undo,
    spark: Sparkline,
    line: Line,
    bars: Bars,
}

fn components(theme: Theme) -> ComponentsPage {
    let mut shell = content::shell("Components", Area::Settings, "Components");
    shell.context = "Every part of a page, in every state it can be in.".to_owned();
    shell.theme = theme;
    ComponentsPage {
        shell,
        tones: [Tone::Plain, Tone::Positive, Tone::Caution, Tone::Stop, Tone::Ask],
        notices: content::notices(),
        fields: content::fields(),
        selects: content::selects(),
        segmented: content::reasons("all-"),
        checks: content::checks(),
        stepper: Stepper { name: "months".to_owned(), label: "Months".to_owned(), value: 2, minimum: 0, maximum: 12, ..Stepper::default() },
        rulers: content::rulers(),
        facts: content::facts(),
        timeline: content::timeline(),
        matrix: content::matrix(),
        tabs: content::tabs(),
        pagers: content::pagers(),
        progress: content::progress(),
        definitions: content::definitions(),
        empty: content::empty(),
        undo: content::undo(),
        spark: content::spark(),
        line: content::line(),
        bars: content::bars(),
    }
}

#[derive(Template)]
#[template(path = "samples/case.html")]
struct CasePage {
    shell: Shell,
    reasons: Segmented,
    ruler: Ruler,
    timeline: Timeline,
    facts: Facts,
    undo: Undo,
}

fn case() -> CasePage {
    let mut shell = content::shell("Parcel nine days late, was meant for a birthday", Area::Desk, "My cases");
    shell.crumbs = vec![Crumb::area(Area::Desk), Crumb::new("My cases", "#cases"), Crumb::new("48213", "#case")];
    CasePage {
        shell,
        reasons: content::reasons("case-"),
        ruler: content::refund("give", 1500),
        timeline: content::timeline(),
        facts: content::facts(),
        undo: content::undo(),
    }
}

#[derive(Template)]
#[template(path = "samples/list.html")]
struct ListPage {
    shell: Shell,
    channel: Select,
    tabs: Tabs,
    rows: Vec<content::Row>,
    pager: Pager,
}

fn list() -> ListPage {
    let mut shell = content::shell("My cases", Area::Desk, "My cases");
    shell.context = "Seven are open; one promise is due within the hour.".to_owned();
    shell.crumbs = vec![Crumb::area(Area::Desk)];
    let [channel, ..] = content::channels();
    ListPage {
        shell,
        channel,
        tabs: content::tabs(),
        rows: content::rows(),
        pager: Pager { next: Some("#next".to_owned()), showing: "7 cases, the longest waiting first".to_owned(), ..Pager::default() },
    }
}

#[derive(Template)]
#[template(path = "samples/sign-in.html")]
struct SignInPage {
    shell: Shell,
    fields: Vec<Field>,
}

fn sign_in() -> SignInPage {
    let mut shell = Shell::new("Sign in");
    shell.context = "With the address your team lead invited.".to_owned();
    SignInPage { shell, fields: content::sign_in_fields() }
}

#[derive(Template)]
#[template(path = "samples/problem.html")]
struct ProblemPage {
    shell: Shell,
    problem: Problem,
}

fn problem() -> ProblemPage {
    ProblemPage { shell: Shell::new("This case is not yours to open"), problem: content::problem() }
}

#[derive(Template)]
#[template(path = "samples/card.html")]
struct EmbedPage {
    shell: Shell,
    ruler: Ruler,
    chip: Chip,
}

fn embed() -> EmbedPage {
    EmbedPage { shell: Shell::new("What you can give"), ruler: content::refund("give", 2200), chip: Chip::new(Tone::Positive, "Plus customer") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_keeps_to_the_policy() {
        for sample in sample_pages().unwrap() {
            let html = &sample.html;
            assert!(html.starts_with("<!doctype html>"), "{}", sample.name);
            for word in ["style=", "<style", "javascript:", "onclick", "onload", "hx-on", "http://", "https://", "/assets/-/"] {
                assert!(!html.contains(word), "{}: {word}", sample.name);
            }
            let inline =
                html.split("<script").skip(1).filter(|script| !script.starts_with(" defer src=") && !script.starts_with(" type=\"module\" src=")).count();
            assert_eq!(inline, 0, "{}", sample.name);
        }
    }

    #[test]
    fn every_form_that_posts_has_the_token() {
        for sample in sample_pages().unwrap() {
            for form in sample.html.split("<form").skip(1).filter(|form| form.split('>').next().unwrap().contains("method=\"post\"")) {
                let form = form.split("</form>").next().unwrap();
                assert!(form.contains("name=\"_csrf\""), "{}: {form}", sample.name);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        for sample in sample_pages().unwrap() {
            let mut ids: Vec<&str> = sample.html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let all = ids.len();
            ids.sort_unstable();
            let twice: Vec<&str> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
            assert!(twice.is_empty() && all > 0, "{}: {twice:?}", sample.name);
        }
    }

    #[test]
    fn themes_are_named_on_the_root() {
        for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light"), (Theme::Device, "device")] {
            assert!(components(theme).render().unwrap().contains(&format!("data-theme=\"{name}\"")));
        }
    }
}

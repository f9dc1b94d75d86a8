//! What the pages of this crate have in common.

use std::str::FromStr;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use charter::time::Instant;
use jiff::Timestamp;
use platform::db::DbError;
use platform::http::{Form, Problem};
use serde::Deserialize;
use ui::components::{Choice, Field, FieldKind, Notice, Select, Tone};
use ui::format::Locale;
use ui::shell::{Area, NavArea, NavLink, Person, Shell};

use crate::Caller;

/// Makes the frame of a page with this title. The program hands in one that knows the pages of all areas; [`frame`] knows those of this crate.
pub type Frame = fn(&Caller, &str) -> Shell;

/// A frame with the pages of this crate.
#[must_use]
pub fn frame(caller: &Caller, title: &str) -> Shell {
    let formats = caller.formats();
    let mut links = vec![NavLink::new("Profile", "/settings/profile"), NavLink::new("Signed in on", "/settings/sessions")];
    let mut pages = navigation(caller);
    for link in links.iter_mut().chain(&mut pages) {
        link.is_current = link.label == title;
    }
    let teams: Vec<&str> = caller.memberships().map(|team| team.name.as_str()).collect();
    let person = Person { name: caller.name().to_owned(), line: line(caller, &teams), links, sign_out: "/sign-out".to_owned() };
    let areas = vec![NavArea { area: Area::Settings, links: pages }];
    Shell { locale: formats.locale, areas, person: Some(person), csrf: caller.csrf().to_owned(), ..Shell::new(title) }
}

fn line(caller: &Caller, teams: &[&str]) -> String {
    let words = caller.level().into_iter().chain(caller.is_owner().then_some("owner")).chain(teams.iter().copied());
    words.collect::<Vec<_>>().join(" · ")
}

/// The pages of this crate that somebody may open, for the area Settings.
#[must_use]
pub fn navigation(caller: &Caller) -> Vec<NavLink> {
    let mut links = Vec::new();
    if caller.is_at_the_desk() {
        links.extend([NavLink::keyed("People", "/people", 'o'), NavLink::keyed("Teams", "/teams", 't')]);
    }
    if caller.is_owner() {
        links.push(NavLink::keyed("API tokens", "/settings/tokens", 'k'));
    }
    links
}

/// The frame of a page for nobody in particular.
pub(crate) fn bare(title: &str, accept_language: &str) -> Shell {
    Shell { locale: Locale::accepted(accept_language), ..Shell::new(title) }
}

/// A page.
pub(crate) fn page(template: &impl Template) -> Result<Response, Problem> {
    with_status(StatusCode::OK, template)
}

/// A page with another status: a form to be mended, say.
pub(crate) fn with_status(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let text = template.render().map_err(|e| DbError::Defect(format!("a template: {e}")))?;
    Ok((status, Html(text)).into_response())
}

/// To another page, after a change.
pub(crate) fn to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

/// An id in a path. What is none leads nowhere.
pub(crate) fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// What may stand behind the `?` of a page of this crate.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) q: String,
    pub(crate) after: String,
    pub(crate) before: String,
    pub(crate) next: String,
    pub(crate) done: String,
}

impl Asked {
    /// What has just been done, said above the page. Only words of this table are shown.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        const DONE: [(&str, &str); 15] = [
            ("added", "Added"),
            ("added-invited", "Added, and the invitation is on its way"),
            ("added-by-hand", "Added. Make a link for them here, and hand it over"),
            ("saved", "Saved"),
            ("invited", "The invitation is on its way"),
            ("disabled", "Disabled: every sign-in has ended, tokens open nothing"),
            ("enabled", "Enabled"),
            ("granted", "The role is granted"),
            ("withdrawn", "The role is withdrawn"),
            ("begun", "The membership is noted"),
            ("ended", "Ended"),
            ("others", "All other sign-ins have ended"),
            ("password", "The password is changed, and all other sign-ins have ended"),
            ("revoked", "Revoked: the token opens nothing any more"),
            ("team", "The team is changed"),
        ];
        DONE.iter().filter(|(word, _)| *word == self.done).map(|(_, says)| Notice::new(Tone::Positive, *says)).collect()
    }
}

/// A field with what was typed, and what is wrong with it.
pub(crate) fn field(form: &Form, name: &str, label: &str) -> Field {
    Field { value: form.typed(name).to_owned(), error: form.error(name), ..Field::new(name, label) }
}

/// A field for a secret, which is not sent back.
pub(crate) fn secret_field(form: &Form, name: &str, label: &str, autocomplete: &str) -> Field {
    Field { kind: FieldKind::Password, autocomplete: autocomplete.to_owned(), error: form.error(name), ..Field::new(name, label) }
}

/// A choice with what was chosen, and what is wrong with it.
pub(crate) fn select(form: &Form, name: &str, label: &str, choices: impl IntoIterator<Item = (String, String)>) -> Select {
    let chosen = form.typed(name);
    let choices = choices.into_iter().map(|(value, label)| Choice { is_chosen: value == chosen, value, label }).collect();
    Select { name: name.to_owned(), label: label.to_owned(), choices, error: form.error(name), ..Select::default() }
}

/// The choice of how numbers and dates are written. Pages speak English whatever is chosen.
pub(crate) fn locale(form: &Form) -> Select {
    let hint = "How amounts, dates and times are written. Leeway itself speaks English.".to_owned();
    Select { hint, ..select(form, "locale", "Numbers and dates", locales()) }
}

/// Languages there are, in their own words.
fn locales() -> Vec<(String, String)> {
    let name = |locale: Locale| match locale {
        Locale::En => "English",
        Locale::EnUs => "English (United States)",
        Locale::De => "Deutsch",
        Locale::Fr => "Français",
        Locale::Nl => "Nederlands",
        Locale::Es => "Español",
    };
    Locale::ALL.into_iter().map(|locale| (locale.tag().to_owned(), name(locale).to_owned())).collect()
}

/// Where somebody is: a time zone by its name.
pub(crate) fn time_zone(form: &Form, label: &str) -> Field {
    Field { value: form.typed("time_zone").to_owned(), error: form.error("time_zone"), ..Field::time_zone("time_zone", label) }
}

/// An instant as the formats take it.
pub(crate) fn stamp(at: Instant) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or_default()
}

/// Day and time in the words of who reads.
pub(crate) fn moment(caller: &Caller, at: Instant, now: Instant) -> String {
    caller.formats().moment(stamp(at), stamp(now))
}

/// The first instant of a day where somebody is; nothing when the field is empty.
pub(crate) fn day(form: &mut Form, field: &str, caller: &Caller) -> Option<Instant> {
    if form.typed(field).is_empty() {
        return None;
    }
    let zone = caller.formats().time_zone;
    form.parsed(field, |text| {
        let date: jiff::civil::Date = text.parse().map_err(|_| format!("`{text}` is not a day such as 2026-11-30."))?;
        let start = date.to_zoned(zone).map_err(|_| format!("`{text}` is out of reach."))?;
        Ok(start.timestamp().as_microsecond())
    })
}

/// What happened to a form that was sent: either another page, or the form again with what is wrong.
pub(crate) enum Sent<T> {
    Done(T),
    Again(Form),
}

/// Puts what a command said beside its field, if it has one; everything else is a problem of its own.
pub(crate) fn mended<T, E: Into<Problem>>(mut form: Form, result: Result<T, E>) -> Result<Sent<T>, Problem> {
    match result.map_err(Into::into) {
        Ok(done) => Ok(Sent::Done(done)),
        Err(problem) if !problem.fields.is_empty() => {
            for wrong in problem.fields {
                form.wrong(&wrong.field, wrong.message);
            }
            Ok(Sent::Again(form))
        }
        Err(problem) => Err(problem),
    }
}

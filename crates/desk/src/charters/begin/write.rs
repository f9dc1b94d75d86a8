//! From answers to a charter, and to the scenarios that hold it. Nothing is read here but the answers; what comes out is checked before anybody sees it.

use std::fmt;
use std::sync::Arc;

use askama::Template;
use charter::diagnostics::Severity;
use charter::money::Currency;
use charter::{Charter, Sources, format, load, scenarios};

use super::answers::{Answers, CALENDAR, EVERYBODY, Unit};
use super::troubles::{DAYS_WITH_THEM, Trouble};

mod cases;

use cases::Case;

/// A charter that was written from answers, and is sound.
#[derive(Clone)]
pub struct Begun {
    /// As it is published.
    pub text: String,
    /// What it must answer, for a file beside it named `charter.toml`.
    pub scenarios: String,
    /// As it is loaded.
    pub charter: Arc<Charter>,
}

/// What was written is not sound, which no answers should lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSound(pub String);

impl fmt::Display for NotSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a charter written from answers is not sound: {}", self.0)
    }
}

/// Writes a charter, and looks at it: no errors, no warnings, and every scenario holds.
///
/// # Errors
/// [`NotSound`] if it is not: a fault of the template.
pub fn write(answers: &Answers) -> Result<Begun, NotSound> {
    let text = laid_out(&charter_text(answers))?;
    let scenarios = laid_out(&scenarios_text(answers))?;
    let loaded = load(&Sources { text: &text, outer: None, today: None });
    let wrong = loaded.findings.iter().find(|finding| finding.severity != Severity::Note);
    if let Some(wrong) = wrong {
        return Err(NotSound(format!("{}: {}", wrong.code.name(), wrong.message)));
    }
    let charter = loaded.charter.ok_or_else(|| NotSound("it does not load".to_owned()))?;
    let cases = scenarios::read(&scenarios).map_err(|findings| NotSound(findings.first().map_or_else(String::new, |f| f.message.clone())))?.cases;
    for case in &cases {
        let outcome = scenarios::run(&charter, case);
        if let Some(difference) = outcome.differences.first() {
            return Err(NotSound(format!("{}: {} is {}, not {}", case.name, difference.what, difference.found, difference.expected)));
        }
    }
    Ok(Begun { text, scenarios, charter: Arc::new(charter) })
}

/// As everybody's is laid out.
fn laid_out(printed: &askama::Result<String>) -> Result<String, NotSound> {
    let text = printed.as_ref().map_err(|e| NotSound(e.to_string()))?;
    format::format(text).map_err(|findings| NotSound(findings.first().map_or_else(String::new, |f| f.message.clone())))
}

#[derive(Template)]
#[template(path = "charters/begin/templates/charter.toml", escape = "none")]
struct CharterText<'a> {
    currency: Quoted<'a>,
    zone: Quoted<'a>,
    everybody: Quoted<'a>,
    next: Quoted<'a>,
    top: Quoted<'a>,
    reasons: List,
    troubles: &'a [&'static Trouble],
    replaced: Vec<&'static Trouble>,
    replaced_reasons: List,
    labelled: Vec<&'static Trouble>,
    labelled_reasons: List,
    has_returns: bool,
    days_with_them: &'static str,
    /// Where the ruler starts, quoted.
    usual: Option<String>,
    /// How far anyone goes without a word; with a word, where they always say why.
    first: &'a str,
    stretch: Option<&'a str>,
    /// Whether nothing is given without a word.
    is_why_only: bool,
    more: &'a str,
    /// The reasons that the cap for each customer counts, as a line where they are not all; nothing where there is nothing to count.
    capped_reasons: Option<String>,
    /// The key and value of the cap for each customer.
    customer_most: String,
    first_group: String,
    last_group: String,
    calendar: Quoted<'a>,
}

impl CharterText<'_> {
    /// The limit of a rule about this trouble.
    fn bounded(&self, trouble: &Trouble, limit: &str) -> String {
        match trouble.bound {
            _ if trouble.is_in_full => quoted(IN_FULL).to_string(),
            Some(bound) => quoted(&format!("min({bound}, {limit})")).to_string(),
            None => quoted(limit).to_string(),
        }
    }
}

fn charter_text(answers: &Answers) -> askama::Result<String> {
    let (free, why, more) = (answers.limit(answers.free), answers.limit(answers.why), answers.limit(answers.more));
    let is_why_only = answers.free == 0;
    let of = |is: fn(&Trouble) -> bool| answers.troubles.iter().copied().filter(|trouble| is(trouble)).collect::<Vec<_>>();
    let (replaced, labelled) = (of(|t| t.is_replaced), of(|t| t.label_when.is_some()));
    let Currency { code, .. } = &answers.currency;
    // Without it the ruler begins at what anyone may give for the reason: that is the same where limits are amounts, all of it for what comes back, and a share
    // of what was paid, which cannot be written as one amount.
    let has_usual = answers.unit == Unit::Money && !answers.troubles.iter().any(|trouble| trouble.is_in_full);
    let usual = if is_why_only { answers.why } else { answers.free };
    let text = CharterText {
        currency: quoted(code),
        zone: quoted(&answers.zone),
        everybody: quoted(EVERYBODY),
        next: quoted(&answers.next),
        top: quoted(answers.top.level()),
        reasons: List::of(&answers.troubles),
        troubles: &answers.troubles,
        replaced_reasons: List::of(&replaced),
        replaced,
        has_returns: labelled.iter().any(|t| t.label_when.is_some_and(|when| when.contains("days_with_them"))),
        labelled_reasons: List::of(&labelled),
        labelled,
        days_with_them: DAYS_WITH_THEM,
        usual: has_usual.then(|| quoted(&answers.money(usual)).to_string()),
        first: if is_why_only { &why } else { &free },
        stretch: (!is_why_only && answers.why > answers.free).then_some(why.as_str()),
        is_why_only,
        more: &more,
        capped_reasons: capped_reasons(answers),
        customer_most: match answers.unit {
            Unit::Money => format!("amount = {}", quoted(&answers.money(answers.more))),
            Unit::Share => format!("count = {TIMES_PER_CUSTOMER}"),
        },
        first_group: quoted(&answers.first_group()).to_string(),
        last_group: quoted(&answers.last_group()).to_string(),
        calendar: quoted(CALENDAR),
    };
    text.render()
}

/// What comes back counts for nothing: it is no sign that something keeps going wrong.
fn capped_reasons(answers: &Answers) -> Option<String> {
    let counted: Vec<&'static Trouble> = answers.troubles.iter().copied().filter(|trouble| !trouble.is_in_full).collect();
    match counted.len() {
        0 => None,
        all if all == answers.troubles.len() => Some(String::new()),
        _ => Some(format!("reasons = {}\n", List::of(&counted))),
    }
}

/// All that was paid.
const IN_FULL: &str = "case.price_paid";

/// Refunds of a customer in ninety days, where limits are shares and sums would say little.
const TIMES_PER_CUSTOMER: usize = 3;

#[derive(Template)]
#[template(path = "charters/begin/templates/scenarios.toml", escape = "none")]
struct ScenariosText<'a> {
    everybody: Quoted<'a>,
    paid: String,
    first_group: String,
    last_group: String,
    cases: Vec<Case>,
}

fn scenarios_text(answers: &Answers) -> askama::Result<String> {
    let text = ScenariosText {
        everybody: quoted(EVERYBODY),
        paid: quoted(&answers.money(cases::paid(answers))).to_string(),
        first_group: answers.first_group(),
        last_group: answers.last_group(),
        cases: cases::cases(answers),
    };
    text.render()
}

/// A text as TOML writes it.
#[derive(Clone, Copy)]
struct Quoted<'a>(&'a str);

fn quoted(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// The id of a rule about a trouble.
fn named(before: &str, reason: &str) -> String {
    quoted(&format!("{before}{reason}")).to_string()
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line that needs no escapes is easier to read as it is: expressions hold quotes.
        if self.0.contains('"') && !self.0.contains(|c: char| c == '\'' || c.is_control()) {
            return write!(f, "'{}'", self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04X}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

/// The reasons of some troubles, as a list of TOML.
struct List(Vec<&'static str>);

impl List {
    fn of(troubles: &[&'static Trouble]) -> Self {
        Self(troubles.iter().map(|trouble| trouble.reason).collect())
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|reason| quoted(reason).to_string()).collect();
        write!(f, "[{}]", all.join(", "))
    }
}

#[cfg(test)]
mod tests;

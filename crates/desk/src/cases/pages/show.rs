use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use charter::Charter;
use charter::facts::{Type, Value};
use jiff::{SignedDuration, Timestamp};
use platform::db::Tx;
use platform::http::Problem;
use serde::Deserialize;
use ui::components::{Certainty, Chip, Fact, Facts, Field, FieldKind, Notice, Timeline, Tone, Undo};
use ui::format::Formats;
use ui::ruler::RulerForm;
use ui::shell::{Crumb, Shell};

use super::super::model::{CaseRow, Move, State as CaseState};
use super::super::store;
use super::timeline::{People, shown, timeline};
use crate::charters::{self, InForce};
use crate::deciding::{NoSituation, situation};
use crate::grants::{self, GrantRow, GrantState};
use crate::news;
use crate::options::{Card, Chosen, QuestionKind, amount, card, sentence_case, spoken, title};
use crate::state::{Desk, asker, leads, page, seen};
use crate::subjects::{self, FactRow, Standing};

/// What somebody looks at.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    reason: Option<String>,
    remedy: Option<String>,
}

/// What was just sent and could not be done: it is shown again, with why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) chosen: Chosen,
    pub(crate) notice: Option<(Tone, String, String)>,
    /// It goes beyond what somebody said no to: sent once more, it is given.
    pub(crate) beyond_no: bool,
}

#[derive(Template)]
#[template(path = "cases/templates/show.html")]
struct CasePage {
    shell: Shell,
    here: String,
    customer: Option<(String, String)>,
    state: Chip,
    waiting: String,
    about: Vec<(String, String)>,
    owner: String,
    take: Option<String>,
    moves: Vec<(&'static str, &'static str)>,
    moves_to: String,
    notes_to: String,
    facts_to: String,
    note: Field,
    timeline: Timeline,
    facts: Facts,
    grants: Vec<GrantView>,
    options: Options,
    undos: Vec<Undo>,
}

/// The card, or why there is none.
pub(crate) enum Options {
    Card(Box<Card>),
    Not(Notice),
}

struct GrantView {
    what: String,
    state: Chip,
    detail: String,
    undo: Option<String>,
    correct: Option<String>,
}

/// A case, with what may be done in it.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let chosen = Chosen { reason: asked.reason, remedy: asked.remedy, ..Chosen::default() };
    show_with(&desk, caller, number, Sent { chosen, ..Sent::default() }).await
}

/// A case, with what was sent.
pub(crate) async fn show_with(desk: &Desk, caller: Caller, number: i64, sent: Sent) -> Result<Html<String>, Problem> {
    let shell = (desk.frame)(&caller, "Case");
    let look = Look { formats: caller.formats(), now: desk.now(), at: desk.clock.now(), known: desk.charters.clone(), caller, sent };
    let view = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { look.page(tx, shell, number).await })).await?;
    page(&view)
}

/// How many of the latest grants can be undone by a toast.
const UNDOS: usize = 5;

/// Who looks, when, at what.
struct Look {
    caller: Caller,
    formats: Formats,
    now: Timestamp,
    at: charter::time::Instant,
    known: charters::Charters,
    sent: Sent,
}

impl Look {
    async fn page(&self, tx: &mut Tx, mut shell: Shell, number: i64) -> Result<CasePage, Problem> {
        let case = seen(tx, &self.caller, number).await?;
        let in_force = charters::in_force(tx, &self.known).await?;
        let charter = in_force.as_ref().map(|c| &*c.charter);
        let mut people = People::new();
        let owner = match case.owner {
            Some(owner) => people.name(tx, &platform::actor::Actor::Staff(owner)).await?,
            None => "Nobody works on it yet".to_owned(),
        };
        let given = grants::list_of_case(tx, case.id, i64::MAX, 50).await?;
        let here = format!("/cases/{number}");
        self.frame(&mut shell, &case);
        shell.notices.extend(news::notices(tx, &self.caller).await?);
        Ok(CasePage {
            customer: customer(tx, &case).await?,
            state: state_chip(case.state),
            waiting: format!("{}, {} {}", sentence_case(&case.channel), case.state.word(), self.age(case.state_at)),
            about: store::about(tx, case.id).await?.into_iter().map(|(kind, _, reference)| (sentence_case(&spoken(&kind)), reference)).collect(),
            owner,
            take: (case.owner != self.caller.staff().map(|s| s.0)).then(|| format!("{here}/owner")),
            moves: moves(case.state),
            moves_to: format!("{here}/moves"),
            notes_to: format!("{here}/notes"),
            facts_to: format!("{here}/facts"),
            note: Field { kind: FieldKind::Long, ..Field::new("note", "Note for colleagues") },
            timeline: timeline(tx, case.id, charter, &mut people, &self.formats, self.now).await?,
            facts: Facts { facts: self.facts(tx, &case, charter, &mut people).await?, csrf: shell.csrf.clone() },
            grants: self.grants(tx, &case, &given, in_force.as_ref(), &mut people).await?,
            undos: self.undos(&given, in_force.as_ref(), &shell.csrf),
            options: self.options(tx, &case, &shell.csrf).await?,
            here,
            shell,
        })
    }

    fn frame(&self, shell: &mut Shell, case: &CaseRow) {
        let issue = case.issue.as_deref().map(|id| sentence_case(&spoken(id)));
        shell.title = case.title.clone().or(issue).unwrap_or_else(|| format!("Case {}", case.number));
        shell.crumbs = vec![Crumb { label: "Cases".to_owned(), href: Some("/cases".to_owned()) }, Crumb { label: case.number.to_string(), href: None }];
        if let Some((tone, title, text)) = &self.sent.notice {
            shell.notices.push(Notice { text: text.clone(), ..Notice::new(*tone, title.clone()) });
        }
    }

    fn age(&self, at: charter::time::Instant) -> String {
        Timestamp::from_microsecond(at).map(|at| self.formats.age(at, self.now)).unwrap_or_default()
    }

    async fn facts(&self, tx: &mut Tx, case: &CaseRow, charter: Option<&Charter>, people: &mut People) -> Result<Vec<Fact>, Problem> {
        let mut rows = subjects::facts_of(tx, &case.id).await?;
        for (_, subject, _) in store::about(tx, case.id).await? {
            rows.extend(subjects::facts_of(tx, &subject).await?);
        }
        if let Some(customer) = case.customer {
            rows.extend(subjects::facts_of(tx, &customer).await?);
        }
        let mut facts = Vec::with_capacity(rows.len());
        for row in rows {
            let source = people.name(tx, &row.actor).await?;
            facts.push(self.fact(&row, charter, source));
        }
        Ok(facts)
    }

    fn fact(&self, row: &FactRow, charter: Option<&Charter>, source: String) -> Fact {
        let certainty = if row.standing == Standing::Stated { Certainty::Stated } else { Certainty::Confirmed };
        let label = sentence_case(&spoken(&row.name.replace('.', ": ")));
        Fact {
            label,
            value: charter.and_then(|c| self.value(c, row)).unwrap_or_else(|| shown(&row.value)),
            certainty,
            source,
            age: self.age(row.at),
            confirm: None,
        }
    }

    /// A value as people of this locale write it; nothing if the charter does not know the fact, or it is a word.
    fn value(&self, charter: &Charter, row: &FactRow) -> Option<String> {
        let fact = charter.fact(&row.name).and_then(|place| charter.facts.get(place))?;
        let text = shown(&row.value);
        let places = charter.currency.places;
        match (&fact.kind, fact.kind.read(&text, places).ok()?) {
            (Type::Money, Value::Count(units)) => Some(self.formats.money(units, &charter.currency)),
            (Type::Date, Value::Count(day)) => charter::time::date(day).map(|date| self.formats.date(date)),
            (Type::Time, Value::Count(at)) => Timestamp::from_microsecond(at).ok().map(|at| self.formats.moment(at, self.now)),
            (Type::Duration, Value::Count(micros)) => Some(self.formats.duration(SignedDuration::from_micros(micros))),
            _ => None,
        }
    }

    async fn grants(
        &self,
        tx: &mut Tx,
        case: &CaseRow,
        given: &[GrantRow],
        in_force: Option<&InForce>,
        people: &mut People,
    ) -> Result<Vec<GrantView>, Problem> {
        let mut views = Vec::with_capacity(given.len());
        for row in given {
            let giver = people.name(tx, &row.giver).await?;
            views.push(GrantView {
                what: what(in_force, row),
                state: grant_chip(row.state),
                detail: format!("{giver}, {}", self.age(row.at)),
                undo: self.can_undo(row).then(|| format!("/grants/{}/withdrawal", row.id)),
                correct: (row.giver != self.caller.actor() && row.state.is_correctable() && leads(&self.caller, case))
                    .then(|| format!("/grants/{}/correction", row.id)),
            });
        }
        Ok(views)
    }

    /// Whether the one who looks gave it, and can still take it back.
    fn can_undo(&self, row: &GrantRow) -> bool {
        row.giver == self.caller.actor() && row.state == GrantState::Granted && row.send_at > self.at
    }

    /// The latest few: more than these toasts would hide the page.
    fn undos(&self, given: &[GrantRow], in_force: Option<&InForce>, csrf: &str) -> Vec<Undo> {
        let undo = |row: &GrantRow| Undo {
            title: format!("{} given", what(in_force, row)),
            seconds: u32::try_from((row.send_at - self.at + 999_999) / 1_000_000).unwrap_or(0),
            seconds_all: Undo::SECONDS,
            action: format!("/grants/{}/withdrawal", row.id),
            csrf: csrf.to_owned(),
            after: "Sent. It can no longer be taken back.".to_owned(),
        };
        given.iter().take(UNDOS).filter(|row| self.can_undo(row)).map(undo).collect()
    }

    async fn options(&self, tx: &mut Tx, case: &CaseRow, csrf: &str) -> Result<Options, Problem> {
        let not = |title: &str, text: String| Ok(Options::Not(Notice { text, ..Notice::new(Tone::Plain, title) }));
        if !case.state.takes_grants() {
            return not(&format!("This case is {}", case.state.word()), "Reopen it, and it says again what you can do.".to_owned());
        }
        let asker = match asker(&self.caller) {
            Ok(asker) => asker,
            Err(problem) => return not(&problem.title, problem.detail),
        };
        let situation = match situation(tx, &self.known, case, &asker, None, self.at).await {
            Ok(situation) => situation,
            Err(NoSituation::Db(e)) => return Err(e.into()),
            Err(other) => {
                let problem = Problem::from(other);
                return not(&problem.title, problem.detail);
            }
        };
        let reason = self.sent.chosen.reason.clone();
        let form = |remedy: &str, reason_shown: Option<&str>| {
            let mut form = RulerForm::new(format!("/cases/{}/grants", case.number), csrf);
            form.hidden.push(("sent".to_owned(), platform::id::Id::new(self.at).to_string()));
            form.hidden.push(("remedy".to_owned(), remedy.to_owned()));
            if self.sent.beyond_no {
                form.hidden.push(("beyond_no".to_owned(), "yes".to_owned()));
            }
            if let Some(reason) = reason_shown.or(reason.as_deref()) {
                form.hidden.push(("reason".to_owned(), reason.to_owned()));
            }
            form
        };
        match card(&situation, &self.sent.chosen, &self.formats, form, self.now) {
            Ok(card) => Ok(Options::Card(Box::new(card))),
            Err(problems) => {
                let problem = Problem::from(NoSituation::Problems(problems));
                not(&problem.title, problem.detail)
            }
        }
    }
}

async fn customer(tx: &mut Tx, case: &CaseRow) -> Result<Option<(String, String)>, Problem> {
    let Some(id) = case.customer else { return Ok(None) };
    let name = subjects::customer(tx, id).await?.and_then(|c| c.name);
    let reference = subjects::read(tx, id).await?.map_or_else(String::new, |s| s.reference);
    Ok(Some((name.unwrap_or(reference), format!("/customers/{id}"))))
}

pub(crate) fn what(in_force: Option<&InForce>, row: &GrantRow) -> String {
    let Some(charter) = in_force.map(|c| &*c.charter) else { return spoken(&row.remedy) };
    let amount = amount(charter, &row.remedy, row.units);
    let title = title(charter, &row.remedy);
    if amount.is_empty() { title } else { format!("{title} of {amount}") }
}

pub(crate) fn state_chip(state: CaseState) -> Chip {
    let tone = match state {
        CaseState::Open => Tone::Ask,
        CaseState::Waiting => Tone::Caution,
        CaseState::Solved => Tone::Positive,
        CaseState::Closed => Tone::Plain,
    };
    Chip::new(tone, sentence_case(state.word()))
}

pub(crate) fn grant_chip(state: GrantState) -> Chip {
    let tone = match state {
        GrantState::Granted | GrantState::Sent => Tone::Ask,
        GrantState::Fulfilled => Tone::Positive,
        GrantState::Failed | GrantState::Unclear => Tone::Caution,
        GrantState::Withdrawn | GrantState::Corrected => Tone::Plain,
    };
    Chip::new(tone, sentence_case(state.word()))
}

/// What can be done with where a case stands.
fn moves(state: CaseState) -> Vec<(&'static str, &'static str)> {
    let label = |by: Move| match by {
        Move::Wait => "Wait",
        Move::Resume => "Go on",
        Move::Solve => "Solved",
        Move::Reopen => "Reopen",
        Move::Close => "Close",
    };
    Move::ALL.into_iter().filter(|by| state.after(*by).is_some()).map(|by| (label(by), by.word())).collect()
}

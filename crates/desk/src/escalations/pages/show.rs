mod answer;

use std::collections::BTreeSet;

use access::Caller;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Html;
use charter::Charter;
use jiff::Timestamp;
use platform::actor::Subject;
use platform::db::{DbError, Tx};
use platform::events;
use platform::http::{Form, Problem};
use platform::live::{self, Topic};
use platform::texts;
use serde_json::Value as Json;
use ui::components::{Chip, Choice, Facts, Field, FieldKind, Notice, Segmented, Timeline, Tone, Undo};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::commands::look;
use super::super::known::{Known, known};
use super::super::model::{Answer, EscalationError, EscalationId, EscalationRow, ItemRow, Rating, Standing, State as Turn};
use super::super::precedents;
use super::super::store::{self, Sought};
use super::super::talking::{About, filled_in, language};
use super::precedents::{self as list, PrecedentView};
use answer::AnswerForm;

use crate::cases::{self, CaseRow, People, Reader, timeline, undos, withdrawal};
use crate::charters;
use crate::deciding::{self, Situation};
use crate::grants::{self, GrantRow, GrantState, Usable};
use crate::news::{self, Here};
use crate::options::{group_title, in_words, sentence_case, spoken};
use crate::promises::{self, PromiseView};
use crate::state::{Desk, page};
use crate::subjects;

#[derive(Template)]
#[template(path = "escalations/templates/show.html")]
struct ShowPage {
    shell: Shell,
    here: String,
    state: Chip,
    line: String,
    case: Option<(String, String)>,
    items: Vec<ItemView>,
    /// What was given in the case; empty if nothing was.
    so_far: String,
    want: Option<Vec<String>>,
    changed: Vec<String>,
    facts: Facts,
    timeline: Timeline,
    /// For whoever answers.
    answer: Option<AnswerForm>,
    /// Why whoever serves the group cannot answer.
    not_mine: Option<Notice>,
    /// Take it over from the one who has it.
    take: Option<(String, Option<String>)>,
    question: Option<Field>,
    reply: Option<Field>,
    /// What is asked back.
    asked: Vec<String>,
    /// For whoever works on the case.
    say: Option<String>,
    feedback: Option<FeedbackView>,
    may_withdraw: bool,
    promises: Vec<PromiseView>,
    /// Exceptions of the same remedy and reason that others may go by.
    precedents: Vec<PrecedentView>,
    all_precedents: String,
    /// What the one who looks gave in the case and can still take back.
    undos: Vec<Undo>,
}

struct ItemView {
    what: String,
    state: Option<Chip>,
    give: Option<String>,
    take_back: Option<String>,
    until: String,
}

struct FeedbackView {
    title: String,
    words: Vec<String>,
    could_have: String,
    kept: Option<&'static str>,
    rate: Option<Segmented>,
    rated: Option<&'static str>,
}

/// How many of the latest events of a case are looked through for a question.
const EVENTS: i64 = 100;

/// What was passed up: what is asked, by whom, until when, and what comes of it.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(id): Path<EscalationId>, headers: HeaderMap) -> Result<Html<String>, Problem> {
    let way = if live::is_by_itself(&headers) { Way::Again } else { Way::Opened };
    shown(&desk, caller, id, Form::default(), None, way).await
}

/// How the page came to be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Somebody opened it.
    Opened,
    /// It asked by itself: nobody may have it before them.
    Again,
    /// A form of it was sent, and is to be mended: what was typed is not replaced.
    Sent,
}

/// The page, with a form that was sent and is to be mended.
pub(super) async fn filled(desk: &Desk, caller: Caller, id: EscalationId, form: Form, notice: Option<Notice>) -> Result<Html<String>, Problem> {
    shown(desk, caller, id, form, notice, Way::Sent).await
}

async fn shown(desk: &Desk, caller: Caller, id: EscalationId, form: Form, notice: Option<Notice>, way: Way) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Escalations");
    shell.notices.extend(notice);
    let (charters, now, at) = (desk.charters.clone(), desk.now(), desk.clock.now());
    let reader = caller.clone();
    let (mut view, first_look, case, newest) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let known = known(tx, &reader, id, now).await?;
                let first_look = known.is_of_group && known.row.looked_at.is_none() && known.row.state.is_owed();
                let case = known.row.case;
                let news = news::notices(tx, &reader, Here::Escalation(id)).await?;
                shell.notices.extend(news.notices);
                let look = Look { caller: &reader, formats: reader.formats(), now, at, form, known };
                Ok((look.page(tx, shell, &charters).await?, first_look, case, news.newest_here))
            })
        })
        .await?;
    // What is done about it happens in the case. What else becomes known about the customer stands here when something is done, or the page is opened anew.
    view.shell.live = (way != Way::Sent).then(|| live::address(&[Topic::new("case", &case), charters::topic()]));
    // A page that asked by itself may have nobody before it.
    if way != Way::Again {
        if first_look {
            first(desk, &caller, id, at).await;
        }
        if let Some(newest) = newest {
            news::read(desk, &caller, Here::Escalation(id), newest).await;
        }
    }
    page(&view)
}

/// Somebody of the group has it before them for the first time. The page is shown also when that cannot be kept.
async fn first(desk: &Desk, caller: &Caller, id: EscalationId, at: i64) {
    let by = caller.actor();
    let looked = desk.write::<_, EscalationError, _>(move |tx| Box::pin(async move { look(tx, id, &by, at).await })).await;
    if let Err(problem) = looked {
        tracing::warn!(problem = %problem.detail, "a first look at what was passed up could not be kept; the next one is");
    }
}

struct Look<'a> {
    caller: &'a Caller,
    formats: Formats,
    now: Timestamp,
    at: i64,
    form: Form,
    known: Known,
}

impl Look<'_> {
    async fn page(&self, tx: &mut Tx, mut shell: Shell, charters: &charters::Charters) -> Result<ShowPage, Problem> {
        let (row, case) = (&self.known.row, &self.known.case);
        let in_force = charters::in_force(tx, charters).await?;
        let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
        let items = store::items(tx, row.id).await?;
        let given = grants::list_of_case(tx, case.id, i64::MAX, 50).await?;
        let usable = grants::usable(tx, &given, std::slice::from_ref(case), in_force.as_ref().map(|in_force| in_force.version), self.at).await?;
        let promises = promises::of_case(tx, case.id, None, 20).await?;
        let mut people = People::new();
        let outcome = row.outcome.as_ref();
        people
            .meet(tx, [Some(&row.raiser), row.taken_by.as_ref(), outcome.map(|o| &o.by)].into_iter().flatten().chain(promises.iter().map(|p| &p.made_by)))
            .await?;
        let words: Vec<_> = row.want.into_iter().chain(outcome.map(|o| o.words)).collect();
        let mut words = texts::read_all(tx, &words).await?;
        let want = row.want.map(|id| paragraphs(words.remove(&id)));
        shell.title = items.first().map_or_else(|| "Escalation".to_owned(), |item| item.in_words_with_reason(charter));
        shell.crumbs = vec![Crumb::new("Escalations", "/escalations")];
        let group = charter.map_or_else(|| spoken(&row.group), |charter| group_title(charter, &row.group));
        let (answer, changed) = match &in_force {
            Some(in_force) => self.answer(tx, charters, in_force, &items, &people).await?,
            None => (None, Vec::new()),
        };
        // One person approved all of it.
        let approval = given.iter().find(|grant| grant.state == GrantState::Offered && items.iter().any(|item| item.grant == Some(grant.id)));
        let may_take_back = match approval {
            Some(approval) => grants::may_take_back(tx, self.caller, approval, self.at).await?,
            None => false,
        };
        let language = language(tx, case, self.formats.locale).await?;
        let is_mine = row.raiser == self.caller.actor();
        let may_act = self.known.serves && !is_mine && row.state.is_owed();
        let reader = Reader { charter, formats: &self.formats, now: self.now, given: (&given, &usable) };
        let taken = row.taken_by.as_ref().filter(|by| **by != self.caller.actor());
        Ok(ShowPage {
            here: format!("/escalations/{}", row.id),
            state: state_chip(row, self.at),
            line: self.line(row, &group, &people),
            case: self.known.sees_case.then(|| (case.heading(in_force.as_ref()), format!("/cases/{}", case.number))),
            undos: undos(&given, (&self.caller.actor(), self.at), charter, &shell.csrf, withdrawal),
            so_far: grants::so_far(&given, charter),
            want,
            changed,
            facts: self.facts(tx, case, charter, &mut people).await?,
            timeline: timeline(tx, case.id, &mut people, &reader).await?,
            question: (may_act && row.state == Turn::Open && taken.is_none()).then(|| self.long("question", "What do you need to know?")),
            asked: self.asked(tx).await?,
            reply: (self.known.sees_case && row.state == Turn::AskedBack).then(|| self.long("reply", "Your answer")),
            take: (may_act && row.taken_by.as_ref() != Some(&self.caller.actor()))
                .then(|| taken.map_or_else(|| ("I take it".to_owned(), None), |by| (format!("Take it over from {}", people.name(by)), Some(by.to_string())))),
            not_mine: (self.known.serves && is_mine && row.state.is_owed())
                .then(|| Notice { text: "Somebody else of the group answers it.".to_owned(), ..Notice::new(Tone::Plain, "You raised this yourself") }),
            answer: answer.filter(|_| may_act && taken.is_none()),
            say: self.known.sees_case.then(|| {
                let known = About { row, items: &items, given: &given, usable: &usable, promises: &promises, charter, staff: self.caller.staff() };
                filled_in(&known, language, &self.formats, self.now)
            }),
            feedback: outcome.map(|outcome| self.feedback(outcome, words.remove(&outcome.words), &people, charter, is_mine)),
            may_withdraw: self.known.sees_case && matches!(row.state, Turn::Open | Turn::AskedBack),
            promises: promises
                .iter()
                .filter(|p| p.escalation == Some(row.id))
                .map(|p| promises::view(p, charter, &people, &self.formats, (self.now, self.at)))
                .collect(),
            precedents: self.precedents(tx, items.first(), &charter).await?,
            all_precedents: list::precedents_of(items.first()),
            items: items.iter().map(|item| self.item(item, (&given, &usable), charter, may_take_back)).collect(),
            shell,
        })
    }

    /// The latest precedents of what is asked for.
    async fn precedents(&self, tx: &mut Tx, item: Option<&ItemRow>, charter: &Option<&Charter>) -> Result<Vec<PrecedentView>, DbError> {
        let Some(item) = item else { return Ok(Vec::new()) };
        let sought = Sought { remedy: item.remedy.clone(), reason: item.reason.clone().unwrap_or_default(), words: String::new() };
        let mut rows = store::precedents(tx, &sought, None, 4).await?;
        rows.retain(|row| row.id != self.known.row.id);
        rows.truncate(3);
        let found = precedents::told(tx, rows, self.caller, self.now).await?;
        Ok(found.iter().map(|found| PrecedentView::of(found, *charter, &self.formats, self.now)).collect())
    }

    fn line(&self, row: &EscalationRow, group: &str, people: &People) -> String {
        let raised = self.formats.moment(stamp(row.raised_at), self.now);
        let mut said = vec![format!("{} asked {raised}; it is with {group}", people.name(&row.raiser))];
        if let Some(due) = row.due_at.filter(|_| row.state == Turn::Open) {
            said.push(format!("by {}", self.formats.deadline(stamp(due), self.now)));
        }
        if row.due_at.is_none() && row.state == Turn::Open {
            said.push("nobody of them is known to be there".to_owned());
        }
        if let Some(by) = row.taken_by.as_ref().filter(|_| row.state.is_owed()) {
            said.push(format!("{} works on it", people.name(by)));
        }
        said.join("; ")
    }

    fn typed_or<'t>(&'t self, name: &str, otherwise: &'t str) -> &'t str {
        Some(self.form.typed(name)).filter(|typed| !typed.is_empty()).unwrap_or(otherwise)
    }

    fn segmented(&self, name: &str, label: &str, choices: &[(&str, &str)]) -> Segmented {
        let chosen = self.typed_or(name, choices.first().map_or("", |(value, _)| value));
        Segmented {
            name: name.to_owned(),
            label: label.to_owned(),
            choices: choices.iter().map(|(value, label)| Choice { is_chosen: *value == chosen, ..Choice::new(*value, *label) }).collect(),
            error: self.form.error(name),
            ..Segmented::default()
        }
    }

    /// A field of some lines; `of` sets apart the forms of the page.
    fn long(&self, of: &str, label: &str) -> Field {
        let is_sent = of == "words" || self.form.typed("form") == of;
        let value = if is_sent { self.form.typed("words").to_owned() } else { String::new() };
        let prefix = if of == "words" { String::new() } else { format!("{of}-") };
        Field { kind: FieldKind::Long, value, error: self.form.error("words").filter(|_| is_sent), prefix, ..Field::new("words", label) }
    }

    /// What the group asks back, while it waits for that.
    async fn asked(&self, tx: &mut Tx) -> Result<Vec<String>, DbError> {
        let row = &self.known.row;
        if row.state != Turn::AskedBack {
            return Ok(Vec::new());
        }
        let told = events::of(tx, &Subject::new("case", &row.case), i64::MAX, EVENTS).await?;
        let data = told.iter().filter(|event| event.kind == "escalation_asked_back").filter_map(|event| serde_json::from_str::<Json>(&event.data).ok());
        let mut here = data.filter(|data| data.get("escalation").and_then(Json::as_str).is_some_and(|id| id.parse() == Ok(row.id)));
        let note = here.next().and_then(|data| data.pointer("/note/text")?.as_str()?.parse().ok());
        match note {
            Some(note) => Ok(paragraphs(texts::read(tx, note).await?)),
            None => Ok(Vec::new()),
        }
    }

    /// What is known otherwise now than when it was asked.
    async fn changed(&self, tx: &mut Tx, items: &[ItemRow], now: &Situation, charter: &Charter) -> Result<Vec<String>, DbError> {
        let Some(item) = items.first() else { return Ok(Vec::new()) };
        let (then, now) = (deciding::facts_then(tx, item.decision).await?, deciding::facts_now(now));
        let said = |value: Option<&String>, name: &str| {
            value.map_or_else(|| "not known".to_owned(), |value| in_words(Some(charter), name, value, &self.formats, self.now))
        };
        let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
        let differs = |name: &&&String| then.get(**name) != now.get(**name);
        let sentence = |name: &&String| {
            format!(
                "{}: {} when it was asked, {} now",
                sentence_case(&spoken(&name.replace('.', ": "))),
                said(then.get(*name), name),
                said(now.get(*name), name)
            )
        };
        Ok(names.iter().filter(differs).map(sentence).collect())
    }

    async fn facts(&self, tx: &mut Tx, case: &CaseRow, charter: Option<&Charter>, people: &mut People) -> Result<Facts, DbError> {
        let about = cases::about(tx, case.id).await?;
        let of: Vec<_> = std::iter::once(case.id.0).chain(about.iter().map(|(_, id, _)| id.0)).chain(case.customer.map(|c| c.0)).collect();
        let rows = subjects::facts_of_all(tx, &of).await?;
        people.meet(tx, rows.iter().map(|(_, row)| &row.actor)).await?;
        let fact = |row: &subjects::FactRow| ui::components::Fact {
            label: sentence_case(&spoken(&row.name.replace('.', ": "))),
            value: in_words(charter, &row.name, &row.value, &self.formats, self.now),
            certainty: if row.standing == subjects::Standing::Stated { ui::components::Certainty::Stated } else { ui::components::Certainty::Confirmed },
            source: people.name(&row.actor),
            age: self.formats.age(stamp(row.at), self.now),
            confirm: None,
            change: None,
        };
        Ok(Facts { facts: rows.iter().map(|(_, row)| fact(row)).collect(), csrf: String::new() })
    }

    fn item(&self, item: &ItemRow, (given, usable): (&[GrantRow], &Usable), charter: Option<&Charter>, may_take_back: bool) -> ItemView {
        let grant = item.grant.and_then(|id| given.iter().find(|grant| grant.id == id));
        let waits = grant.filter(|grant| grant.state == GrantState::Offered);
        let until = |grant: &GrantRow| cases::approval_words(usable.of(&grant.id), &self.formats.deadline(stamp(grant.send_at), self.now));
        ItemView {
            what: item.in_words_with_reason(charter),
            state: grant.map(|grant| cases::chip_of(grant, usable)),
            give: waits.filter(|grant| self.known.sees_case && usable.contains(&grant.id)).map(|grant| format!("/grants/{}/giving", grant.id)),
            take_back: waits.filter(|_| may_take_back).map(|grant| format!("/grants/{}/taking-back", grant.id)),
            until: match (grant, waits) {
                (Some(grant), Some(_)) => format!("{}: {}", grant.in_words(charter), until(grant)),
                (Some(grant), None) => grant.in_words(charter),
                _ => String::new(),
            },
        }
    }

    fn feedback(
        &self,
        outcome: &super::super::model::Outcome,
        words: Option<String>,
        people: &People,
        charter: Option<&Charter>,
        is_mine: bool,
    ) -> FeedbackView {
        let (who, when) = (people.name(&outcome.by), self.formats.moment(stamp(outcome.at), self.now));
        let decided = match outcome.answer {
            Answer::Given => "gives all that was asked for",
            Answer::Less => "gives some of it",
            Answer::No => "says no",
            Answer::None => "says what would have come of it",
        };
        let rating = self.known.row.rating;
        FeedbackView {
            title: format!("{who} {decided}, {when}"),
            words: paragraphs(words),
            could_have: match &outcome.rule {
                None => "This needed somebody with more authority.".to_owned(),
                Some(rule) => {
                    let because = charter.and_then(|c| c.allows().find(|r| *r.id == **rule)).and_then(|r| r.because.as_deref());
                    let because = because.map(|because| format!(" {because}")).unwrap_or_default();
                    format!("This could have been decided alone, by the rule “{}”.{because}", sentence_case(&spoken(rule)))
                }
            },
            kept: outcome.kept.map(|kept| match kept {
                Standing::OneOff => "An exception, and a one-off: it says nothing about others.",
                Standing::Precedent => "An exception that others may go by: it stands among the precedents.",
            }),
            rate: (is_mine && rating.is_none())
                .then(|| self.segmented("rating", "Does this help you?", &[("helpful", "It helps"), ("partly", "In part"), ("not", "It does not")])),
            rated: rating.map(|rating| match rating {
                Rating::Helpful => "Rated: it helps.",
                Rating::Partly => "Rated: it helps in part.",
                Rating::Not => "Rated: it does not help.",
            }),
        }
    }
}

fn stamp(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn paragraphs(text: Option<String>) -> Vec<String> {
    text.map_or_else(|| vec!["These words were erased.".to_owned()], |text| text.lines().map(str::to_owned).collect())
}

/// Whose turn it is, and whether it is late.
pub(crate) fn state_chip(row: &EscalationRow, at: i64) -> Chip {
    match row.state {
        Turn::Open if row.due_at.is_some_and(|due| due <= at) => Chip::new(Tone::Stop, "overdue"),
        Turn::Open if row.is_urgent => Chip::new(Tone::Caution, "urgent"),
        Turn::Open => Chip::new(Tone::Ask, "waits for an answer"),
        Turn::AskedBack => Chip::new(Tone::Caution, "asked back"),
        Turn::Withdrawn => Chip::new(Tone::Plain, "given up, feedback owed"),
        Turn::Answered => answer_chip(row.outcome.as_ref().map(|outcome| outcome.answer)),
    }
}

/// What came of it.
fn answer_chip(answer: Option<Answer>) -> Chip {
    match answer {
        Some(Answer::Given) => Chip::new(Tone::Positive, "approved"),
        Some(Answer::Less) => Chip::new(Tone::Positive, "part approved"),
        Some(Answer::No) => Chip::new(Tone::Stop, "refused"),
        Some(Answer::None) | None => Chip::new(Tone::Plain, "given up"),
    }
}

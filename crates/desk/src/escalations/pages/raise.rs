use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use charter::Charter;
use charter::decide::{Outcome, To};
use charter::model::Remedy;
use charter::money::Measure;
use jiff::{Timestamp, ToSpan};
use platform::db::{Contended, DbError, Tx};
use platform::http::{Form, Problem};
use platform::id::Id;
use platform::limits::{KEY_CHARS, TEXT_CHARS};
use serde::Deserialize;
use ui::components::{Check, Choice, Field, FieldKind, Notice, Segmented, Tone};
use ui::format::{Formats, read_decimal};
use ui::shell::{Crumb, Shell};

use super::super::commands::{self, Ask};
use super::super::model::{Cause, EscalationError};
use super::super::store;
use super::{read_moment, to_type};
use crate::cases::CaseRow;
use crate::charters::Charters;
use crate::deciding::{Decided, Held, Situation, situation};
use crate::grants::form::{Amount, SENT_BEFORE, Sending, in_units};
use crate::grants::lines::{Line, field_of, filled_in};
use crate::grants::{self, Item, Offered};
use crate::options::{affixes, group_title, spoken, title};
use crate::promises::{How, NewPromise, Who};
use crate::state::{Desk, asker, page, seen};
use crate::subjects;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    remedy: Option<String>,
    reason: Option<String>,
    amount: Option<String>,
}

#[derive(Template)]
#[template(path = "escalations/templates/raise.html")]
struct RaisePage {
    shell: Shell,
    case: String,
    hidden: Vec<(&'static str, String)>,
    /// Who decides, and by when.
    to: String,
    amount: Option<Field>,
    meanwhile: Option<Field>,
    /// What else can be asked for with it.
    lines: Vec<Line>,
    is_several: bool,
    why_meanwhile: Option<Field>,
    cause: Segmented,
    want: Field,
    urgent: Check,
    who: Segmented,
    due: Field,
    how: Segmented,
    error: Option<String>,
}

/// The form that passes something up, filled in.
pub(super) async fn form(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    let filled = [("remedy", asked.remedy), ("reason", asked.reason), ("amount", asked.amount)];
    let filled: Vec<(&str, String)> = filled.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    shown(&desk, caller, number, Form::filled(filled.iter().map(|(name, value)| (*name, value.as_str())))).await
}

async fn shown(desk: &Desk, caller: Caller, number: i64, form: Form) -> Result<Html<String>, Problem> {
    let mut shell = (desk.frame)(&caller, "Ask somebody with more authority");
    let (now, at, known) = (desk.now(), desk.clock.now(), desk.charters.clone());
    let view = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            let case = seen(tx, &caller, number).await?;
            let look = Look { formats: caller.formats(), now, at, form };
            shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb { label: number.to_string(), href: Some(format!("/cases/{number}")) }];
            shell.notices.extend(waiting(tx, &case).await?);
            look.page(tx, shell, &known, &caller, &case).await
        })
    });
    page(&view.await?)
}

/// That nothing more can be asked for yet, and where what waits is.
async fn waiting(tx: &mut Tx, case: &CaseRow) -> Result<Option<Notice>, DbError> {
    let waits = store::waiting(tx, case.id).await?;
    Ok(waits.map(|id| Notice {
        text: "One waits at a time: ask again when it has come back.".to_owned(),
        link: Some(("See what was asked".to_owned(), format!("/escalations/{id}"))),
        ..Notice::new(Tone::Caution, "Something of this case waits for an answer already")
    }))
}

struct Look {
    formats: Formats,
    now: Timestamp,
    at: i64,
    form: Form,
}

impl Look {
    async fn page(&self, tx: &mut Tx, shell: Shell, known: &Charters, caller: &Caller, case: &CaseRow) -> Result<RaisePage, Problem> {
        let asker = asker(caller)?;
        let mut now = situation(tx, known, case, &asker, Held::Nothing, self.at).await?;
        let charter = now.in_force.charter.clone();
        let remedy = charter.remedy(self.form.typed("remedy")).and_then(|place| charter.remedies.get(place)).ok_or_else(Problem::not_found)?;
        let reason = Some(self.form.typed("reason")).filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| charter.reason(reason).is_none()) {
            return Err(Problem::not_found());
        }
        let units =
            read_decimal(self.form.typed("amount"), remedy.measure.places(&charter.currency), self.formats.locale).filter(|_| remedy.measure != Measure::Act);
        let amount = units.map(|units| remedy.measure.amount(units, &charter.currency).text().to_owned());
        let decided = now.decide(&remedy.id, reason, amount.as_deref());
        let mine = decided.answer.free_up_to.as_ref().and_then(|amount| ui::format::parse_decimal(amount.text(), remedy.measure.places(&charter.currency)));
        let to = self.to(tx, known, &mut now, (remedy, reason), &decided).await?;
        let due = to.as_ref().and_then(|to| to.due).and_then(|at| Timestamp::from_microsecond(at).ok());
        let group = to.as_ref().map(|to| group_title(&charter, commands::named(&charter, to)));
        let about = reason.map_or_else(String::new, |reason| format!(", {}", spoken(reason)));
        let shell = Shell { title: format!("Ask for more: {}{about}", title(&charter, &remedy.id)), ..shell };
        let prefers = match case.customer {
            Some(customer) => subjects::customer(tx, customer).await?.and_then(|customer| customer.contact),
            None => None,
        };
        let on_top = on_top(tx, case, &charter).await?;
        let measured = remedy.measure != Measure::Act;
        let meanwhile = mine.filter(|mine| measured && *mine >= remedy.minimum && *mine > 0).map(|mine| {
            let value = if self.was_sent() { self.form.typed("meanwhile").to_owned() } else { self.digits(mine, &charter, &remedy.measure) };
            let hint = "Within your own authority. It is given now and stays, whatever comes of the rest. Leave it empty to give nothing yet.";
            Field { is_optional: true, placeholder: "nothing".to_owned(), ..self.amount(&charter, remedy, ("meanwhile", "Given at once"), value, hint) }
        });
        let lines = self.others(&charter, remedy, reason);
        let is_several = lines.iter().any(Line::is_filled_in);
        let sentence = if is_several && is_for_others(&decided) { APART } else { &decided.answer.sentence };
        Ok(RaisePage {
            case: format!("/cases/{}", case.number),
            hidden: self.hidden(),
            to: told(group.as_deref(), due, sentence, &self.formats, self.now),
            error: self.error(measured, meanwhile.is_some()),
            amount: measured.then(|| {
                let typed = self.form.typed("amount").to_owned();
                let label = if on_top.is_empty() { "What the customer should get in all" } else { "How much more the customer should get" };
                Field { is_first: true, ..self.amount(&charter, remedy, ("amount", label), typed, &on_top) }
            }),
            why_meanwhile: self
                .form
                .error("why_meanwhile")
                .map(|_| self.long("why_meanwhile", "Why is what you give at once worth more this time?", "", false)),
            meanwhile,
            is_several,
            lines,
            cause: self.segmented(
                "cause",
                "Why",
                &[("beyond_limit", "It is beyond what I may give"), ("not_accepted", "The customer does not accept what I can give")],
            ),
            want: self.long("want", "What would you do, and why?", "Whoever decides reads it first.", true),
            urgent: Check {
                name: "urgent".to_owned(),
                label: "It cannot wait".to_owned(),
                hint: "The mail and the list say so.".to_owned(),
                is_checked: self.form.typed("urgent") == "yes",
                ..Check::default()
            },
            who: self.segmented("who", "Who contacts the customer", &[("group", "Whoever decides"), ("me", "I do"), ("nobody", "Nothing was promised")]),
            due: self.due(due),
            how: self.how(prefers.as_deref()),
            shell,
        })
    }

    /// The group that is asked for all that is filled in, as far as it is not one's own to give; nothing where none may give all of it.
    async fn to(
        &self,
        tx: &mut Tx,
        known: &Charters,
        now: &mut Situation,
        (remedy, reason): (&Remedy, Option<&str>),
        first: &Decided,
    ) -> Result<Option<To>, Problem> {
        if !is_for_others(first) {
            return Ok(None);
        }
        let charter = now.in_force.charter.clone();
        // What cannot be read is said at its field.
        let others = filled_in(tx, known, &mut self.form.clone(), (reason, None), &self.formats).await?;
        let others = others.iter().filter(|other| *other.remedy != *remedy.id);
        let others: Vec<Decided> =
            others.map(|other| now.decide(&other.remedy, other.reason.as_deref(), other.amount.as_deref())).filter(is_for_others).collect();
        Ok(commands::best(commands::serving_all(&charter, std::iter::once(first).chain(&others))))
    }

    /// What is wrong with all of it, or with a field that is not there.
    fn error(&self, has_amount: bool, has_meanwhile: bool) -> Option<String> {
        let of = |name: &str, is_there: bool| self.form.error(name).filter(|_| !is_there);
        self.form.error("ask").or_else(|| of("amount", has_amount)).or_else(|| of("meanwhile", has_meanwhile))
    }

    fn amount(&self, charter: &Charter, remedy: &Remedy, (name, label): (&str, &str), value: String, hint: &str) -> Field {
        Field {
            kind: FieldKind::Decimal,
            value,
            hint: hint.to_owned(),
            error: self.form.error(name),
            affixes: affixes(charter, &remedy.measure, self.formats.locale),
            ..Field::new(name, label)
        }
    }

    /// What else can be asked for, for the same reason.
    fn others(&self, charter: &Charter, remedy: &Remedy, reason: Option<&str>) -> Vec<Line> {
        let place = reason.and_then(|reason| charter.reason(reason));
        let is_other = |other: &&Remedy| other.id != remedy.id && (other.reasons.is_empty() || place.is_some_and(|place| other.reasons.contains(&place)));
        let line = |other: &Remedy| Line::new(charter, other, String::new(), &self.form, self.formats.locale);
        charter.remedies.iter().filter(is_other).map(line).collect()
    }

    /// Whether this is what was sent, and not what the form is opened with.
    fn was_sent(&self) -> bool {
        !self.form.typed("sent").is_empty()
    }

    fn hidden(&self) -> Vec<(&'static str, String)> {
        let sent = if self.was_sent() { self.form.typed("sent").to_owned() } else { Id::new(self.at).to_string() };
        let mut hidden = vec![("sent", sent), ("remedy", self.form.typed("remedy").to_owned())];
        hidden.extend(Some(self.form.typed("reason").to_owned()).filter(|reason| !reason.is_empty()).map(|reason| ("reason", reason)));
        hidden
    }

    fn digits(&self, units: i64, charter: &Charter, measure: &Measure) -> String {
        self.formats.decimal(units, measure.places(&charter.currency))
    }

    fn long(&self, name: &str, label: &str, hint: &str, is_optional: bool) -> Field {
        let (value, error) = (self.form.typed(name).to_owned(), self.form.error(name));
        Field { kind: FieldKind::Long, value, error, hint: hint.to_owned(), is_optional, ..Field::new(name, label) }
    }

    /// How the customer is contacted: as they prefer, as far as that says a way there is.
    fn how(&self, prefers: Option<&str>) -> Segmented {
        let mut ways: Vec<(&str, &str)> = How::ALL.iter().map(|how| (how.word(), how.label())).collect();
        let likes = |how: How| prefers.is_some_and(|by| [how.word(), how.label()].iter().any(|word| by.to_lowercase().contains(&word.to_lowercase())));
        ways.sort_by_key(|(word, _)| How::with_word(word).is_none_or(|how| !likes(how)));
        self.segmented("how", &prefers.map_or_else(|| "How".to_owned(), |by| format!("How; they prefer to be reached {by}")), &ways)
    }

    fn segmented(&self, name: &str, label: &str, choices: &[(&str, &str)]) -> Segmented {
        let typed = self.form.typed(name);
        let first = choices.first().map_or("", |(value, _)| value);
        let chosen = if choices.iter().any(|(value, _)| *value == typed) { typed } else { first };
        Segmented {
            name: name.to_owned(),
            label: label.to_owned(),
            choices: choices.iter().map(|(value, label)| Choice { is_chosen: *value == chosen, ..Choice::new(*value, *label) }).collect(),
            error: self.form.error(name),
            ..Segmented::default()
        }
    }

    /// A little after an answer is due, on a round five minutes.
    fn due(&self, due: Option<Timestamp>) -> Field {
        let later = due.and_then(|due| due.checked_add(15.minutes()).ok()).map(|at| {
            let seconds = at.as_second();
            Timestamp::from_second(seconds + (300 - seconds.rem_euclid(300)) % 300).unwrap_or(at)
        });
        let value = if self.was_sent() { self.form.typed("due").to_owned() } else { later.map(|at| to_type(at, &self.formats)).unwrap_or_default() };
        let hint = "What you tell the customer. It has a clock of its own, and turns red before it breaks.".to_owned();
        // Where no time is known, one that is sure must be found first; or nothing is promised.
        Field { kind: FieldKind::Moment, value, hint, error: self.form.error("due"), is_optional: due.is_none(), ..Field::new("due", "By when") }
    }
}

/// How many grants of a case are looked at.
const GRANTS: i64 = 50;

const APART: &str = "No one group may give all of this. Ask for one of it now, and for the rest when that has come back.";

/// What was given in the case before, which what is asked for comes on top of; empty if nothing was.
async fn on_top(tx: &mut Tx, case: &CaseRow, charter: &Charter) -> Result<String, DbError> {
    let so_far = grants::so_far(&grants::list_of_case(tx, case.id, i64::MAX, GRANTS).await?, Some(charter));
    Ok(if so_far.is_empty() { so_far } else { format!("On top of what was given in this case: {so_far}.") })
}

/// Whether it is passed up to somebody.
fn is_for_others(decided: &Decided) -> bool {
    matches!(decided.answer.outcome, Outcome::Escalate | Outcome::Exception)
}

fn told(group: Option<&str>, due: Option<Timestamp>, sentence: &str, formats: &Formats, now: Timestamp) -> String {
    match (group, due) {
        (Some(group), Some(due)) => format!("It goes to {group}, and is answered by {}.", formats.deadline(due, now)),
        (Some(group), None) => format!("It goes to {group}. Nobody is known to be there: tell the customer a time you are sure of."),
        (None, _) => sentence.to_owned(),
    }
}

/// Why nothing was passed up: something in the form is to be mended, or a problem.
enum No {
    Mend(Form),
    Problem(Problem),
    Db(DbError),
}

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl From<Problem> for No {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Contended for No {
    fn is_contended(&self) -> bool {
        match self {
            Self::Db(e) => e.is_contended(),
            Self::Problem(problem) => problem.is_contended(),
            Self::Mend(_) => false,
        }
    }
}

/// Passes it up, and leads to its page, where the talking points are.
pub(super) async fn raise(State(desk): State<Desk>, caller: Caller, Path(number): Path<i64>, mut form: Form) -> Result<Response, Problem> {
    let formats = caller.formats();
    let (want, why, sent) = (form.optional("want", TEXT_CHARS), form.optional("why_meanwhile", TEXT_CHARS), form.optional("sent", KEY_CHARS));
    let promise = read_promise(&mut form, &caller, &formats);
    if form.is_fine() {
        let (clock, known, who, typed) = (desk.clock.clone(), desk.charters.clone(), caller.clone(), form.clone());
        let written = desk.db.write(move |tx| {
            Box::pin(async move {
                seen(tx, &who, number).await?;
                let (asker, at) = (asker(&who)?, clock.now());
                let ask = Typed { form: typed.clone(), want, why, promise, formats: who.formats() }.ask(tx, &known, number).await?;
                let sending = Sending::begin(tx, &who, sent.as_deref(), at).await?;
                let raised = commands::raise(tx, &known, &ask, &asker, clock).await.map_err(|e| mended(typed, &ask, e))?;
                sending.done(tx, &who).await?;
                Ok(raised.escalation)
            })
        });
        form = match written.await {
            Ok(id) => return Ok(Redirect::to(&format!("/escalations/{id}")).into_response()),
            Err(No::Mend(form)) => form,
            Err(No::Problem(problem)) if problem.code == SENT_BEFORE => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
            Err(No::Problem(problem)) => return Err(problem),
            Err(No::Db(e)) => return Err(e.into()),
        };
    }
    let shown = shown(&desk, caller, number, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

fn read_promise(form: &mut Form, caller: &Caller, formats: &Formats) -> Option<NewPromise> {
    let who = match (form.typed("who"), caller.staff()) {
        ("nobody", _) => return None,
        ("me", Some(staff)) => Who::Staff(staff),
        _ => Who::Group,
    };
    let due = form.parsed("due", |typed| read_moment(typed, formats).ok_or_else(|| "A day and a time.".to_owned()));
    Some(NewPromise { who, due: due?.as_microsecond(), how: How::with_word(form.typed("how")).unwrap_or(How::Phone) })
}

/// What was typed, as far as it could be read without the charter.
struct Typed {
    form: Form,
    want: Option<String>,
    why: Option<String>,
    promise: Option<NewPromise>,
    formats: Formats,
}

impl Typed {
    /// What is asked for: the rest of what the customer should get, beyond what is given at once.
    async fn ask(mut self, tx: &mut Tx, known: &Charters, case: i64) -> Result<Ask, No> {
        let remedy = self.form.typed("remedy").to_owned();
        let reason = Some(self.form.typed("reason").to_owned()).filter(|reason| !reason.is_empty());
        let cause = Cause::with_word(self.form.typed("cause")).unwrap_or(Cause::BeyondLimit);
        let item = |amount: Option<String>, why: Option<String>| Item { remedy: remedy.clone(), reason: reason.clone(), amount, why };
        let (all, now) = (self.form.typed("amount").to_owned(), self.form.typed("meanwhile").to_owned());
        let mut meanwhile = Vec::new();
        let amount = match in_units(tx, known, &remedy, &all, &self.formats).await? {
            Amount::Act => None,
            Amount::None(not) => {
                self.form.wrong("amount", not.must());
                return Err(No::Mend(self.form));
            }
            Amount::Units(_, text) if now.is_empty() => Some(text),
            Amount::Units(all, _) => match in_units(tx, known, &remedy, &now, &self.formats).await? {
                Amount::Units(now, text) if now < all => {
                    meanwhile.push(item(Some(text), self.why.clone()));
                    Some(rest(tx, known, &remedy, all - now).await?)
                }
                _ => {
                    self.form.wrong("meanwhile", "Less than what the customer should get, or nothing.");
                    return Err(No::Mend(self.form));
                }
            },
        };
        let mut items = vec![item(amount, None)];
        let others = filled_in(tx, known, &mut self.form, (reason.as_deref(), None), &self.formats).await?;
        items.extend(others.into_iter().filter(|other| other.remedy != remedy));
        if !self.form.is_fine() {
            return Err(No::Mend(self.form));
        }
        let is_urgent = self.form.typed("urgent") == "yes";
        // Whoever gives something at once beyond a no sees that on the page of the case first.
        Ok(Ask { case, meanwhile, items, cause, is_urgent, want: self.want, promise: self.promise, beyond_no: false })
    }
}

/// An amount in units, as requests write it.
async fn rest(tx: &mut Tx, known: &Charters, remedy: &str, units: i64) -> Result<String, No> {
    let in_force = crate::charters::in_force(tx, known).await?.ok_or_else(Problem::not_found)?;
    let charter = &in_force.charter;
    let remedy = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)).ok_or_else(Problem::not_found)?;
    Ok(remedy.measure.amount(units, &charter.currency).text().to_owned())
}

/// What went wrong, at its field.
fn mended(mut form: Form, ask: &Ask, e: EscalationError) -> No {
    // The first has a field of its own.
    let field = |item: usize| if item == 0 { "amount".to_owned() } else { ask.items.get(item).map_or_else(String::new, |item| field_of(&item.remedy)) };
    match e {
        EscalationError::Db(e) => return No::Db(e),
        EscalationError::NotRaised { item, answer } if matches!(answer.outcome, Outcome::Allowed | Outcome::AllowedSayWhy) => {
            form.wrong(&field(item), "This is yours to give: give it on the page of the case.");
        }
        EscalationError::NotRaised { item, answer } => form.wrong(&field(item), answer.sentence.clone()),
        EscalationError::Apart => form.wrong("ask", APART),
        EscalationError::NotGiven(offered) => match *offered {
            Offered::SayWhy { .. } => form.wrong("why_meanwhile", "Say why it is worth more this time, in a few words."),
            Offered::NotGiven { answer, .. } => form.wrong("meanwhile", answer.sentence.clone()),
            Offered::SaidNoBefore { .. } => {
                form.wrong("meanwhile", "Somebody told this customer no to as much before. Give it on the page of the case, or leave this empty.");
            }
            Offered::Given { .. } => {}
        },
        EscalationError::PromiseDue => form.wrong("due", "A time that is still to come, at most 60 days ahead."),
        EscalationError::Waits(_) => form.wrong("ask", "Nothing was sent and nothing given: what was asked in this case before waits for its answer still."),
        other => return No::Problem(other.into()),
    }
    No::Mend(form)
}

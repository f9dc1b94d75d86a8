use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use charter::Charter;
use charter::money::Measure;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::Tx;
use platform::http::{Form, Problem};
use platform::id::Id;
use platform::live::{self, Topic};
use serde::Deserialize;
use ui::components::{Chip, Facts, Field, FieldKind, Notice, Timeline, Tone, Undo};
use ui::format::Formats;
use ui::ruler::RulerForm;
use ui::shell::{Crumb, Shell};

use super::super::model::{CaseRow, Move, State as CaseState};
use super::super::store;
use super::given::{GrantView, stamp, undos, withdrawal};
use super::timeline::{People, Reader, timeline};
use crate::charters::{self, InForce};
use crate::escalations;
use crate::grants::{self, Counted, GrantRow};
use crate::news::{self, Here};
use crate::options::{self, Card, Chosen, Opened, Question, QuestionKind, sentence_case, spoken};
use crate::promises::{self, PromiseForm, PromiseView};
use crate::state::{Desk, page, seen};
use crate::subjects;

/// What somebody looks at.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    reason: Option<String>,
    remedy: Option<String>,
    change: Option<String>,
}

/// What was just sent and could not be done: it is shown again, with why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) chosen: Chosen,
    pub(crate) notice: Option<(Tone, String, String)>,
    /// It goes beyond what somebody said no to.
    pub(crate) said_no: Option<SaidNo>,
    /// Where what was asked for is passed up, for a page that has no room for that.
    pub(crate) ask: Option<String>,
    /// What was typed as a note.
    pub(crate) note: Form,
    /// What was typed as what the customer asked for in vain.
    pub(crate) refusal: Form,
    /// What was typed as what the customer was promised.
    pub(crate) promise: Form,
}

/// Somebody told the customer no, and somebody else is about to give as much or more.
#[derive(Clone, Debug)]
pub(crate) struct SaidNo {
    pub(crate) by: Actor,
    /// To how much.
    pub(crate) amount: Option<(Counted, i64)>,
    pub(crate) at: charter::time::Instant,
    /// The form that was sent: names and values.
    pub(crate) form: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "cases/templates/show.html")]
struct CasePage {
    shell: Shell,
    here: String,
    customer: Option<(String, String)>,
    state: Chip,
    waiting: String,
    /// How long.
    since: String,
    about: Vec<(String, String)>,
    owner: String,
    take: Option<String>,
    moves: Vec<(&'static str, &'static str)>,
    note: Field,
    timeline: Timeline,
    facts: Facts,
    change: Option<Question>,
    /// What was approved and can be given now.
    approved: Vec<GrantView>,
    grants: Vec<GrantView>,
    /// What was passed up, the latest first.
    passed: Vec<Passed>,
    promises: Vec<PromiseView>,
    /// Nothing once the case is closed.
    promise: Option<PromiseForm>,
    options: Options,
    said_no: Option<SaidNoView>,
    /// A reason and a remedy looked at: they go with every form, so that the page comes back as it was.
    looked_at: Vec<(&'static str, String)>,
    /// Nothing: the address of the case is enough.
    kept: [(&'static str, String); 0],
    undos: Vec<Undo>,
    /// The newest news of this case that stand above it; nothing if there are none. Once the page is shown, all up to it are read.
    newest: Option<news::NewsId>,
}

/// Something that was passed up, in one line.
struct Passed {
    href: String,
    text: String,
    /// How long ago.
    age: String,
    state: Chip,
}

/// The card, or why there is none.
pub(crate) enum Options {
    Card(Box<Card>, Refusal),
    Not(Notice),
}

/// The form that notes a no to the customer.
pub(crate) struct Refusal {
    /// How much they asked for; nothing for an act.
    pub(crate) amount: Option<Field>,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) is_open: bool,
}

struct SaidNoView {
    title: String,
    text: String,
    form: Vec<(String, String)>,
}

/// A case, with what may be done in it.
pub(super) async fn show(
    State(desk): State<Desk>,
    caller: Caller,
    Path(number): Path<i64>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Html<String>, Problem> {
    let chosen = Chosen { reason: asked.reason, remedy: asked.remedy, ..Chosen::default() };
    let way = if live::is_by_itself(&headers) { Way::Again } else { Way::Opened };
    shown(&desk, caller, number, Sent { chosen, ..Sent::default() }, asked.change, way).await
}

/// A case, with what was sent.
pub(crate) async fn show_with(desk: &Desk, caller: Caller, number: i64, sent: Sent) -> Result<Html<String>, Problem> {
    shown(desk, caller, number, sent, None, Way::Sent).await
}

async fn shown(desk: &Desk, caller: Caller, number: i64, sent: Sent, change: Option<String>, way: Way) -> Result<Html<String>, Problem> {
    let shell = (desk.frame)(&caller, "Case");
    let look = Look { formats: caller.formats(), now: desk.now(), at: desk.clock.now(), known: desk.charters.clone(), caller, sent, change, way };
    let who = look.caller.clone();
    let (view, opened) = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { look.page(tx, shell, number).await })).await?;
    // A page that asked by itself may have nobody before it.
    if let Some(newest) = view.newest.filter(|_| way != Way::Again) {
        news::read(desk, &who, Here::Case(number), newest).await;
    }
    if let Some(opened) = opened {
        opened.keep(desk).await;
    }
    page(&view)
}

/// How a page came to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Somebody opened it.
    Opened,
    /// It is open, and asked again for itself.
    Again,
    /// Somebody sent a form, and what they typed stands there.
    Sent,
}

/// Who looks, when, at what.
pub(super) struct Look {
    pub(super) caller: Caller,
    pub(super) formats: Formats,
    pub(super) now: Timestamp,
    pub(super) at: charter::time::Instant,
    pub(super) known: charters::Charters,
    pub(super) sent: Sent,
    /// The fact that somebody wants to change.
    pub(super) change: Option<String>,
    pub(super) way: Way,
}

impl Look {
    async fn page(&self, tx: &mut Tx, mut shell: Shell, number: i64) -> Result<(CasePage, Option<Opened>), Problem> {
        let case = seen(tx, &self.caller, number).await?;
        let in_force = charters::in_force(tx, &self.known).await?;
        let charter = in_force.as_ref().map(|c| &*c.charter);
        let given = grants::list_of_case(tx, case.id, i64::MAX, 50).await?;
        let words = grants::words_of_case(tx, case.id, 100).await?;
        let usable = grants::usable(tx, &given, std::slice::from_ref(&case), in_force.as_ref().map(|in_force| in_force.version), self.at).await?;
        let about = store::about(tx, case.id).await?;
        let mut people = People::new();
        let owner = case.owner.map(Actor::Staff);
        people.meet(tx, owner.iter().chain(given.iter().map(|g| &g.giver)).chain(self.sent.said_no.as_ref().map(|no| &no.by))).await?;
        self.frame(&mut shell, &case, in_force.as_ref());
        let news = news::notices(tx, &self.caller, Here::Case(number)).await?;
        shell.notices.extend(news.notices);
        let (facts, change) = self.known(tx, &case, &about, charter, &mut people).await?;
        let (options, opened) = self.options(tx, &case, &given, &shell.csrf).await?;
        shell.notices.extend(self.unasked(change.as_ref(), &options));
        let (approved, grants) = self.grants(&case, (&given, words, &usable), in_force.as_ref(), &people).into_iter().partition(|grant| grant.give.is_some());
        let reader = Reader { charter, formats: &self.formats, now: self.now, given: (&given, &usable) };
        let page = CasePage {
            here: format!("/cases/{number}"),
            customer: customer(tx, &case).await?,
            state: state_chip(case.state),
            waiting: format!("{}, {}", sentence_case(&case.channel), case.state.word()),
            since: self.since(&case),
            about: about.into_iter().map(|(kind, _, reference)| (sentence_case(&spoken(&kind)), reference)).collect(),
            owner: owner.map_or_else(|| "Nobody works on it yet".to_owned(), |owner| people.name(&owner)),
            take: (case.owner != self.caller.staff().map(|s| s.0)).then(|| format!("/cases/{number}/owner")),
            moves: moves(case.state),
            note: self.note(),
            timeline: timeline(tx, case.id, &mut people, &reader).await?,
            facts: Facts { facts, csrf: shell.csrf.clone() },
            change,
            approved,
            grants,
            passed: self.passed(tx, &case, charter).await?,
            promises: self.promises(tx, &case, charter, &mut people).await?,
            promise: (case.state != CaseState::Closed).then(|| PromiseForm::new(&self.sent.promise, Id::new(self.at).to_string())),
            undos: undos(&given, (&self.caller.actor(), self.at), charter, &shell.csrf, withdrawal),
            said_no: self.said_no(&people),
            newest: news.newest_here,
            looked_at: looked_at(&self.sent.chosen),
            kept: [],
            options,
            shell,
        };
        Ok((page, opened))
    }

    /// What was passed up in the case.
    async fn passed(&self, tx: &mut Tx, case: &CaseRow, charter: Option<&Charter>) -> Result<Vec<Passed>, Problem> {
        let rows = escalations::of_case(tx, case.id, None, 10).await?;
        let line = |row: &escalations::EscalationRow| {
            let group = charter.map_or_else(|| spoken(&row.group), |charter| options::group_title(charter, &row.group));
            let due = row.due_at.filter(|_| row.state == escalations::State::Open).map(|due| format!(", by {}", self.formats.deadline(stamp(due), self.now)));
            Passed {
                href: format!("/escalations/{}", row.id),
                text: format!("Asked {group}{}", due.unwrap_or_default()),
                age: self.age(row.raised_at),
                state: escalations::state_chip(row, self.at),
            }
        };
        Ok(rows.iter().map(line).collect())
    }

    async fn promises(&self, tx: &mut Tx, case: &CaseRow, charter: Option<&Charter>, people: &mut People) -> Result<Vec<PromiseView>, Problem> {
        let rows = promises::of_case(tx, case.id, None, 10).await?;
        let who: Vec<Actor> = rows.iter().filter_map(|row| row.staff.map(|staff| Actor::Staff(staff.0))).collect();
        people.meet(tx, &who).await?;
        Ok(rows.iter().map(|row| promises::view(row, charter, people, &self.formats, (self.now, self.at))).collect())
    }

    fn frame(&self, shell: &mut Shell, case: &CaseRow, in_force: Option<&InForce>) {
        shell.title = case.heading(in_force);
        if self.way != Way::Sent {
            let customer = case.customer.map(|customer| Topic::new("customer", &customer));
            shell.live = Some(live::address(&customer.into_iter().chain([Topic::new("case", &case.id), charters::topic()]).collect::<Vec<_>>()));
        }
        shell.crumbs = vec![Crumb::new("Cases", "/cases"), Crumb { label: case.number.to_string(), href: None }];
        if let Some((tone, title, text)) = &self.sent.notice {
            shell.notices.push(Notice { text: text.clone(), ..Notice::new(*tone, title.clone()) });
        }
    }

    /// An answer that cannot be taken, to a question that is not asked any more.
    fn unasked(&self, change: Option<&Question>, options: &Options) -> Option<Notice> {
        let is_asked = |fact: &str| matches!(options, Options::Card(card, _) if card.questions.iter().any(|q| q.fact == fact));
        let wrong = self.sent.chosen.answered.iter().find(|answered| answered.error.is_some())?;
        let text = wrong.error.clone().filter(|_| change.is_none() && !is_asked(&wrong.fact))?;
        Some(Notice { text, ..Notice::new(Tone::Caution, "Nothing was changed") })
    }

    fn note(&self) -> Field {
        let typed = &self.sent.note;
        let hint = "The customer does not see it.".to_owned();
        Field { kind: FieldKind::Long, value: typed.typed("note").to_owned(), error: typed.error("note"), hint, ..Field::new("note", "Note for colleagues") }
    }

    /// For how long it has been so; how long ago it came to an end.
    fn since(&self, case: &CaseRow) -> String {
        match (case.state, self.now.duration_since(stamp(case.state_at))) {
            (CaseState::Solved | CaseState::Closed, _) => self.age(case.state_at),
            (CaseState::Open | CaseState::Waiting, new) if new.as_mins() < 1 => String::new(),
            (CaseState::Open | CaseState::Waiting, long) => format!("for {}", self.formats.duration(long)),
        }
    }

    pub(super) fn age(&self, at: charter::time::Instant) -> String {
        self.formats.age(stamp(at), self.now)
    }

    fn said_no(&self, people: &People) -> Option<SaidNoView> {
        let no = self.sent.said_no.as_ref()?;
        let much = no.amount.as_ref().map(|(counted, units)| counted.spoken(*units)).filter(|text| !text.is_empty());
        let (who, when) = (people.name(&no.by), self.formats.moment(stamp(no.at), self.now));
        Some(SaidNoView {
            title: format!("{who} said no to {}, {when}", much.unwrap_or_else(|| "this".to_owned())),
            text: format!(
                "Nothing was given yet. If there is a reason to give it now, do: {who} hears of it at once, and why it was right to say no then stays as it is."
            ),
            form: no.form.clone(),
        })
    }

    async fn options(&self, tx: &mut Tx, case: &CaseRow, grants: &[GrantRow], csrf: &str) -> Result<(Options, Option<Opened>), Problem> {
        if let Some(notice) = self.cannot_give(tx, case).await? {
            return Ok((Options::Not(notice), None));
        }
        let sent = Id::new(self.at).to_string();
        let reason = self.sent.chosen.reason.as_deref();
        let form = |remedy: &str, shown: Option<&str>| RulerForm {
            hidden: hidden(&sent, remedy, shown.or(reason)),
            ..RulerForm::new(format!("/cases/{}/grants", case.number), csrf)
        };
        let look = options::Look { caller: &self.caller, case, chosen: &self.sent.chosen, grants, at: self.at, now: self.now };
        Ok(match look.card(tx, &self.known, form).await? {
            Ok((card, opened)) => {
                let refusal = self.refusal(opened.charter(), &card, &sent);
                (Options::Card(Box::new(card), refusal), Some(opened))
            }
            Err(notice) => (Options::Not(notice), None),
        })
    }

    /// Why nothing can be given here by the one who looks, and what to do about it.
    async fn cannot_give(&self, tx: &mut Tx, case: &CaseRow) -> Result<Option<Notice>, Problem> {
        let notice = |title: &str, text: &str, link: Option<(&str, String)>| {
            let link = link.map(|(label, href)| (label.to_owned(), href));
            Ok(Some(Notice { text: text.to_owned(), link, ..Notice::new(Tone::Plain, title) }))
        };
        match case.state {
            CaseState::Open | CaseState::Waiting => {}
            CaseState::Solved => return notice("This case is solved", "Reopen it, and it says again what you can do.", None),
            CaseState::Closed => {
                let reference = match case.customer {
                    Some(customer) => subjects::read(tx, customer).await?.map(|s| s.reference),
                    None => None,
                };
                let (label, pairs) = match (&reference, case.customer) {
                    (Some(reference), Some(id)) => ("Open a new case for this customer", vec![("q", reference.clone()), ("pick", id.to_string())]),
                    _ => ("Open a new case", Vec::new()),
                };
                // Texts can always be encoded.
                let href = format!("/cases/new?{}", serde_urlencoded::to_string(pairs).unwrap_or_default());
                return notice("This case is closed, and stays so", "If there is more to do, it is a case of its own.", Some((label, href)));
            }
        }
        if self.caller.level().is_some() || self.caller.staff().is_none() {
            return Ok(None);
        }
        if !self.caller.is_owner() {
            return notice("You have no level of authority yet", "Ask an owner to set it: then this case says what you can do.", None);
        }
        let way = self.caller.staff().map(|me| ("Give yourself a level", format!("/people/{me}#level")));
        notice("You have no level of authority yet", "A level says how much you may give. You are an owner, so you can set your own.", way)
    }

    fn refusal(&self, charter: &Charter, card: &Card, sent: &str) -> Refusal {
        let typed = &self.sent.refusal;
        let remedy = card.ruler.as_ref().map_or("", |ruler| ruler.form.hidden.iter().find(|(name, _)| name == "remedy").map_or("", |(_, id)| id.as_str()));
        let measure = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)).map(|remedy| &remedy.measure);
        let affixes = measure.map(|measure| options::affixes(charter, measure, self.formats.locale)).unwrap_or_default();
        let amount = measure.filter(|m| **m != Measure::Act).map(|_| Field {
            kind: FieldKind::Decimal,
            prefix: "no-".to_owned(),
            // What was asked for and not given is what the customer is told no to.
            value: [typed.typed("amount"), &self.sent.chosen.typed].into_iter().find(|typed| !typed.is_empty()).unwrap_or_default().to_owned(),
            error: typed.error("amount"),
            hint: "Leave it empty if they named no amount.".to_owned(),
            is_optional: true,
            affixes,
            ..Field::new("amount", "How much did they ask for?")
        });
        Refusal { amount, hidden: hidden(sent, remedy, card.reason.as_deref()), is_open: !typed.is_fine() }
    }
}

/// What goes with a form unseen: which sending of it, for which remedy and reason.
pub(crate) fn hidden(sent: &str, remedy: &str, reason: Option<&str>) -> Vec<(String, String)> {
    [("sent", Some(sent)), ("remedy", Some(remedy)), ("reason", reason)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect()
}

pub(crate) fn looked_at(chosen: &Chosen) -> Vec<(&'static str, String)> {
    let reason = chosen.reason.clone().map(|reason| ("reason", reason));
    reason.into_iter().chain(chosen.remedy.clone().map(|remedy| ("remedy", remedy))).collect()
}

async fn customer(tx: &mut Tx, case: &CaseRow) -> Result<Option<(String, String)>, Problem> {
    let Some(id) = case.customer else { return Ok(None) };
    let called = subjects::called(tx, &[id]).await?.remove(&id).map(|called| called.label());
    Ok(Some((called.unwrap_or_default(), format!("/customers/{id}"))))
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

/// What can be done with where a case stands.
fn moves(state: CaseState) -> Vec<(&'static str, &'static str)> {
    let label = |by: Move| match by {
        Move::Wait => "Wait",
        Move::Resume => "Go on",
        Move::Solve => "Solve",
        Move::Reopen => "Reopen",
        Move::Close => "Close",
    };
    Move::ALL.into_iter().filter(|by| state.after(*by).is_some()).map(|by| (label(by), by.word())).collect()
}

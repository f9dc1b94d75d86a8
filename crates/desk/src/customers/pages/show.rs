use access::Caller;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use charter::Charter;
use charter::explain::{CapAnswer, options_json};
use charter::money::Amount;
use charter::time::{Instant, read_instant};
use jiff::Timestamp;
use platform::db::Tx;
use platform::http::Problem;
use ui::components::{Certainty, Definition, Definitions, Fact, Facts, Notice, Tone};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::commands::{CustomerError, found};
use super::super::store::{self, Erasure};
use super::lists::{Asked, Lists};
use crate::cases::{CaseId, CaseRow, People, State as CaseState};
use crate::charters::{self, Charters, InForce};
use crate::deciding::{Held, NoSituation, Situation, situation};
use crate::options::{in_words, sentence_case, spoken, times_left};
use crate::state::{Desk, asker, page};
use crate::subjects::{self, Customer, FactRow, Standing, SubjectId, SubjectRow};

#[derive(Template)]
#[template(path = "customers/templates/show.html")]
struct CustomerPage {
    shell: Shell,
    here: String,
    /// Where a case for them is opened.
    open: String,
    may_merge: bool,
    may_erase: bool,
    who: Definitions,
    facts: Facts,
    left: Left,
    lists: Lists,
}

/// What is left for a customer.
enum Left {
    Caps(Vec<CapView>),
    Not(Notice),
}

struct CapView {
    name: String,
    left: String,
    detail: String,
}

/// A customer: who they are, what they have and had, and what is left for them.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(id): Path<SubjectId>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let shell = (desk.frame)(&caller, "Customer");
    let look = Look { id, formats: caller.formats(), now: desk.now(), at: desk.clock.now(), known: desk.charters.clone(), caller, asked };
    let shown = desk.read::<_, Problem, _>(move |tx| Box::pin(async move { look.page(tx, shell).await })).await?;
    match shown {
        Shown::Page(view) => Ok(page(&*view)?.into_response()),
        Shown::Elsewhere(id) => Ok(Redirect::permanent(&format!("/customers/{id}")).into_response()),
    }
}

/// That their data were erased, or how far that is.
fn erased(erasure: Option<&Erasure>) -> Notice {
    if let Some(Erasure { cases, ended_at: None, .. }) = erasure {
        let text =
            format!("Who they are is gone already. What was written in their cases goes step by step: {cases} are done, and the rest follow by themselves.");
        return Notice { text, ..Notice::new(Tone::Caution, "Their personal data are being erased") };
    }
    let text = "What they were given stays, without words. What comes in about them from now on is kept again only by hand.";
    Notice { text: text.to_owned(), ..Notice::new(Tone::Plain, "Their personal data were erased") }
}

enum Shown {
    Page(Box<CustomerPage>),
    Elsewhere(SubjectId),
}

/// Who looks, when, at whom.
pub(super) struct Look {
    pub(super) id: SubjectId,
    pub(super) caller: Caller,
    pub(super) formats: Formats,
    pub(super) now: Timestamp,
    pub(super) at: Instant,
    pub(super) known: Charters,
    pub(super) asked: Asked,
}

impl Look {
    async fn page(&self, tx: &mut Tx, mut shell: Shell) -> Result<Shown, Problem> {
        let row = match found(tx, self.id).await {
            Ok(row) => row,
            Err(CustomerError::Merged(into)) => return Ok(Shown::Elsewhere(into)),
            Err(other) => return Err(other.into()),
        };
        let who = subjects::customer(tx, self.id).await?.unwrap_or_default();
        let in_force = charters::in_force(tx, &self.known).await?;
        let mut people = People::new();
        shell.title = who.name.clone().unwrap_or_else(|| row.reference.clone());
        shell.crumbs = vec![Crumb::new("Customers", "/customers")];
        if subjects::is_erased(tx, self.id).await? {
            shell.notices.push(erased(store::erasure(tx, self.id).await?.as_ref()));
        }
        Ok(Shown::Page(Box::new(CustomerPage {
            here: format!("/customers/{}", self.id),
            open: open(&row),
            may_merge: self.caller.is_lead(),
            may_erase: self.caller.is_owner(),
            who: definitions(&row, &who),
            facts: Facts { facts: self.facts(tx, in_force.as_ref(), &mut people).await?, csrf: shell.csrf.clone() },
            left: self.left(tx).await?,
            lists: Lists::of(self, tx, in_force.as_ref(), &mut people).await?,
            shell,
        })))
    }

    pub(super) fn age(&self, at: Instant) -> String {
        Timestamp::from_microsecond(at).map(|at| self.formats.age(at, self.now)).unwrap_or_default()
    }

    async fn facts(&self, tx: &mut Tx, in_force: Option<&InForce>, people: &mut People) -> Result<Vec<Fact>, Problem> {
        let rows = subjects::facts_of(tx, &self.id).await?;
        people.meet(tx, rows.iter().map(|row| &row.actor)).await?;
        Ok(rows.iter().map(|row| self.fact(row, in_force, people.name(&row.actor))).collect())
    }

    pub(super) fn fact(&self, row: &FactRow, in_force: Option<&InForce>, source: String) -> Fact {
        let certainty = if row.standing == Standing::Stated { Certainty::Stated } else { Certainty::Confirmed };
        let name = row.name.split_once('.').map_or(row.name.as_str(), |(_, name)| name);
        Fact {
            label: sentence_case(&spoken(name)),
            value: in_words(in_force.map(|c| &*c.charter), &row.name, &row.value, &self.formats, self.now),
            certainty,
            source,
            age: self.age(row.at),
            ..Fact::default()
        }
    }

    /// What is left of what the charter in force gives one customer at most, whatever it is about.
    async fn left(&self, tx: &mut Tx) -> Result<Left, Problem> {
        let not = |title: &str, text: String| Ok(Left::Not(Notice { text, ..Notice::new(Tone::Plain, title) }));
        let asker = match asker(&self.caller) {
            Ok(asker) => asker,
            Err(problem) => return not(&problem.title, problem.detail),
        };
        match situation(tx, &self.known, &self.no_case(), &asker, Held::Nothing, self.at).await {
            Ok(now) => Ok(Left::Caps(self.caps(&now))),
            Err(NoSituation::Db(e)) => Err(e.into()),
            Err(other) => {
                let problem = Problem::from(other);
                not(&problem.title, problem.detail)
            }
        }
    }

    /// A case that is about the customer and nothing else. It is asked about and not kept.
    fn no_case(&self) -> CaseRow {
        CaseRow {
            number: 0,
            id: CaseId::new(self.at),
            title: None,
            channel: String::new(),
            issue: None,
            customer: Some(self.id),
            offering: None,
            owner: None,
            team: None,
            state: CaseState::Open,
            opened_at: self.at,
            state_at: self.at,
            first_answer_at: None,
        }
    }

    fn caps(&self, now: &Situation) -> Vec<CapView> {
        let charter = &*now.in_force.charter;
        let mut caps: Vec<CapAnswer> = Vec::new();
        for cap in options_json(charter, &now.request).options.into_iter().flat_map(|option| option.caps) {
            let per = charter.counted_per(&cap.rule).unwrap_or_default();
            let concerns = per.contains(&"customer") && per.iter().all(|key| key.split('.').next() == Some("customer"));
            if concerns && caps.iter().all(|seen| seen.rule != cap.rule) {
                caps.push(cap);
            }
        }
        caps.iter().map(|cap| self.cap(charter, cap)).collect()
    }

    fn cap(&self, charter: &Charter, cap: &CapAnswer) -> CapView {
        let because = charter.rules.iter().find(|r| *r.id == *cap.rule).and_then(|r| r.because.as_deref()).unwrap_or_default();
        let room = cap.room_at.as_deref().and_then(read_instant).and_then(|at| Timestamp::from_microsecond(at).ok());
        let room = room.map_or_else(String::new, |at| format!("There is more {}. ", self.formats.moment(at, self.now)));
        let left = match (&cap.left, &cap.of) {
            (Some(Amount::Text(left)), Some(Amount::Text(of))) => times_left(left, of),
            (Some(left), Some(of)) => format!("{} left of {}", self.amount(charter, left), self.amount(charter, of)),
            (None, None) if room.is_empty() => "Depends on what is not known yet".to_owned(),
            (Some(left), None) => format!("{} left", self.amount(charter, left)),
            (None, _) if room.is_empty() => "Open".to_owned(),
            (None, _) => "Nothing now".to_owned(),
        };
        CapView { name: sentence_case(&spoken(&cap.rule)), left, detail: format!("{room}{because}") }
    }

    fn amount(&self, charter: &Charter, amount: &Amount) -> String {
        match amount {
            Amount::Money { amount, .. } => {
                let units = ui::format::parse_decimal(amount, charter.currency.places);
                units.map_or_else(|| amount.clone(), |units| self.formats.money(units, &charter.currency))
            }
            Amount::Text(text) => text.clone(),
        }
    }
}

fn open(row: &SubjectRow) -> String {
    // Texts can always be encoded.
    format!("/cases/new?{}", serde_urlencoded::to_string([("q", &row.reference), ("pick", &row.id.to_string())]).unwrap_or_default())
}

fn definitions(row: &SubjectRow, who: &Customer) -> Definitions {
    let entry = |label: &str, value: &Option<String>| Definition {
        label: label.to_owned(),
        value: value.clone().unwrap_or_else(|| "not known".to_owned()),
        href: None,
    };
    Definitions {
        entries: vec![
            entry("Reference", &Some(row.reference.clone())),
            entry("Name", &who.name),
            entry("E-mail", &who.email),
            entry("Telephone", &who.phone),
            entry("Language", &who.locale),
            entry("Prefers to be reached by", &who.contact),
        ],
    }
}

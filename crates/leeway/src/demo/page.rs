//! `/demo`: two people on one page, and a rule that can be pulled.

use access::Permission;
use access::caller;
use access::people;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use desk::charters;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::http::{Form, POLICY, Problem, Route};
use platform::live::{self, Topic};
use serde::Deserialize;
use ui::format::{Formats, Locale};
use ui::shell::Shell;

use super::company::{NotMade, ZONE};
use super::play::{self, Progress};
use super::rule::{self, BEYOND, Cost, LIMITS, Quarter};
use super::seats::{self, AGENT, LEAD};
use super::story::{Company, PersonStory};
use crate::app::App;

/// What the pages of the demo stand on.
#[derive(Clone)]
pub(super) struct Demo {
    pub(super) app: App,
    pub(super) company: &'static Company,
}

pub(super) fn routes(demo: &Demo) -> Vec<Route<Permission>> {
    vec![
        Route::get("/demo", Permission::Public, show, demo),
        Route::post("/demo/rule", Permission::Public, publish, demo),
        Route::post("/demo/again", Permission::Public, again, demo),
        Route::post("/demo/sign-in", Permission::Public, enter, demo),
    ]
}

#[derive(Template)]
#[template(path = "demo/demo.html")]
struct DemoPage {
    shell: Shell,
    company: &'static str,
    sides: [Side; 2],
    progress: Progress,
    rule: Option<RuleView>,
    roles: Vec<Role>,
}

/// Somebody to look around as.
struct Role {
    first_name: &'static str,
    email: &'static str,
    line: &'static str,
}

/// One of the two, and what they see.
struct Side {
    name: &'static str,
    first_name: &'static str,
    line: &'static str,
    src: String,
}

/// The rule that can be pulled.
struct RuleView {
    /// What is in force, and what is looked at, in percent.
    now: i64,
    looked_at: i64,
    beyond: i64,
    limits: [i64; 3],
    /// What that would have come to.
    cost: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    percent: Option<i64>,
}

/// What is read for the page.
struct Found {
    case: Option<(i64, live::Topic, Progress)>,
    rule: Option<(i64, Option<Cost>)>,
}

impl Side {
    fn of(company: &Company, place: usize, src: String) -> Self {
        let name = company.seats.get(place).copied().unwrap_or_default();
        let person = company.person(name);
        Self { name, first_name: person.map_or(name, PersonStory::first_name), line: person.map_or("", |person| person.line), src }
    }
}

impl Role {
    fn of(person: &PersonStory) -> Self {
        Self { first_name: person.first_name(), email: person.email, line: person.line }
    }
}

async fn show(State(demo): State<Demo>, headers: HeaderMap, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let zone = TimeZone::get(ZONE).map_err(|e| DbError::Defect(e.to_string()))?;
    let now = Timestamp::from_microsecond(demo.app.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let quarter = Quarter::before(now, &zone).ok_or_else(|| DbError::Defect("a quarter".to_owned()))?;
    let period = quarter.period.clone();
    let looked_at = asked.percent.filter(|percent| rule::can_be(*percent));
    let company = demo.company;
    let found = demo.app.db.read::<_, DbError, _>(move |tx| Box::pin(async move { Found::read(tx, looked_at, period).await })).await?;
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let formats = Formats { locale: Locale::accepted(language), time_zone: zone };
    let mut shell = Shell { locale: formats.locale, has_keys: false, ..Shell::new("Room to act, inside limits everyone can see") };
    let (mut src, mut progress, mut topics) = (AGENT.address("/cases"), Progress::default(), vec![charters::topic()]);
    if let Some((number, topic, reached)) = found.case {
        topics.push(topic);
        (src, progress) = (AGENT.address(&format!("/cases/{number}")), reached);
    }
    shell.live = Some(AGENT.address(&live::address(&topics)));
    let page = DemoPage {
        shell,
        company: company.name,
        sides: [Side::of(company, 0, src), Side::of(company, 1, LEAD.address("/escalations"))],
        progress,
        rule: found.rule.map(|(now, tried)| RuleView {
            now,
            looked_at: looked_at.unwrap_or(now),
            beyond: BEYOND,
            limits: LIMITS,
            cost: tried.map_or_else(String::new, |cost| said(&cost, &quarter.words, &formats)),
        }),
        roles: company.people.iter().map(Role::of).collect(),
    };
    let text = page.render().map_err(|e| DbError::Defect(format!("a template: {e}")))?;
    let mut response = Html(text).into_response();
    if let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src 'self'")) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

impl Found {
    async fn read(tx: &mut Tx, looked_at: Option<i64>, period: std::ops::Range<i64>) -> Result<Self, DbError> {
        let case = match play::current(tx).await? {
            Some(case) => Some((case.number, Topic::new("case", &case.id), play::progress(tx, &case).await?)),
            None => None,
        };
        Ok(Self { case, rule: Self::rule(tx, looked_at, period).await? })
    }

    async fn rule(tx: &mut Tx, looked_at: Option<i64>, period: std::ops::Range<i64>) -> Result<Option<(i64, Option<Cost>)>, DbError> {
        let Some((text, now)) = rule::in_force(tx).await? else { return Ok(None) };
        let cost = match looked_at.filter(|percent| *percent != now) {
            Some(percent) => rule::cost(tx, &text, now, percent, period).await?,
            None => None,
        };
        Ok(Some((now, cost)))
    }
}

/// One line: what the rule would have come to.
fn said(cost: &Cost, quarter: &str, formats: &Formats) -> String {
    let of = |count: usize, one: &str| if count == 1 { format!("{count} {one}") } else { format!("{count} {one}s") };
    let (line, erased) = match cost {
        Cost::Wider(found, _) if found.asked == 0 => (format!("Last quarter, {quarter}, nobody asked for more back of a late order than the limit."), 0),
        Cost::Wider(found, _) if found.opened == 0 => {
            let asked = of(found.asked, "request");
            (format!("Last quarter, {quarter}, this would have changed none of {asked} about late orders that went beyond the limit."), found.erased)
        }
        Cost::Wider(found, currency) => {
            let (more, asked) = (formats.money(found.more, currency), of(found.asked, "request"));
            let line = format!(
                "Last quarter, {quarter}, this would have cost {more} more: {} of {asked} about late orders that went beyond the limit would have been the agent’s own to give.",
                found.opened
            );
            (line, found.erased)
        }
        Cost::Narrower(found) if found.own == 0 => (format!("Last quarter, {quarter}, agents decided no refund for a late order themselves."), found.erased),
        Cost::Narrower(found) => {
            let (own, closed) = (of(found.own, "refund"), if found.closed == 0 { "none".to_owned() } else { found.closed.to_string() });
            (format!("Last quarter, {quarter}, {closed} of {own} for late orders that agents decided themselves would have had to be asked for."), found.erased)
        }
    };
    match erased {
        0 => line,
        count => format!("{line} {} cannot be decided again: facts were erased.", of(count, "other")),
    }
}

fn to_the_demo() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/demo")]).into_response()
}

/// Publishes the rule as the owner would.
async fn publish(State(demo): State<Demo>, form: Form) -> Result<Response, Problem> {
    let percent: i64 = form.typed("percent").parse().map_err(|_| Problem::invalid("`percent` is a whole number."))?;
    if !rule::can_be(percent) {
        let [least, most, step] = LIMITS;
        return Err(Problem::invalid(format!("`percent` is from {least} to {most}, in steps of {step}.")));
    }
    let (at, company) = (demo.app.clock.now(), demo.company);
    let done: Result<(), Undone> = demo
        .app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (text, now) = rule::in_force(tx).await?.ok_or(Undone::Another)?;
                if percent == now {
                    return Ok(());
                }
                let text = rule::with_limit(&text, percent).ok_or(Undone::Another)?;
                let owner = company.people.iter().find(|person| person.is_owner).map_or("", |person| person.email);
                let by = people::find_by_email(tx, owner).await?.map_or(Actor::System, |id| Actor::Staff(id.0));
                let note = format!("Late orders: up to {percent} % without asking");
                charters::publish(tx, &text, None, &note, &by, at).await.map(drop).map_err(Undone::NotPublished)
            })
        })
        .await;
    done?;
    Ok(to_the_demo())
}

/// The case once more, with another customer.
async fn again(State(demo): State<Demo>) -> Result<Response, Problem> {
    let (at, company) = (demo.app.clock.now(), demo.company);
    let done: Result<(), Undone> = demo.app.db.write(move |tx| Box::pin(async move { play::begin(tx, company, at).await.map_err(Undone::NotMade) })).await;
    done?;
    Ok(to_the_demo())
}

/// Signs this browser in as somebody of the company.
async fn enter(State(demo): State<Demo>, form: Form) -> Result<Response, Problem> {
    let email = form.typed("email").to_owned();
    let person = demo.company.people.iter().find(|person| person.email == email).ok_or_else(Problem::not_found)?;
    let signed_in = seats::signed_in(&demo.app, person.email).await?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
    response.headers_mut().extend(caller::cookie(&demo.app.access.site, &signed_in.secret).map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}

/// Why something was not done.
enum Undone {
    /// Another charter is in force, without the rule.
    Another,
    NotPublished(charters::NotPublished),
    NotMade(NotMade),
    Db(DbError),
}

impl From<DbError> for Undone {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for Undone {
    fn is_contended(&self) -> bool {
        match self {
            Self::Another => false,
            Self::NotPublished(why) => why.is_contended(),
            Self::NotMade(why) => why.is_contended(),
            Self::Db(why) => why.is_contended(),
        }
    }
}

impl From<Undone> for Problem {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Another => Self::conflict("another-charter", "Another charter is in force now, without this rule."),
            Undone::NotPublished(why) => DbError::Defect(format!("{why:?}")).into(),
            Undone::NotMade(why) => DbError::Defect(why.0).into(),
            Undone::Db(why) => why.into(),
        }
    }
}

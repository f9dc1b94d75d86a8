//! A small made-up company with a few days behind it: enough to look around in.

use std::collections::BTreeMap;

use access::people::{self, NewAiAgent, NewPerson, PeopleError, Role, StaffId};
use access::sign_in;
use access::teams::{self, NewMembership, TeamError, TeamId, TeamRole};
use charter::calendar::{Calendar, Hours};
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, CaseError, Declared, Move, NewCase};
use desk::charters::{self, Charters, NotPublished};
use desk::escalations::{self, Ask, Cause, Feedback, Keeping, Rating, Standing, Verdict};
use desk::grants::{self, GrantError, GrantId, Item, Offer, Offered, Settled};
use desk::groups::{self, Days, GroupError, NewShift};
use desk::offerings::{self, NewText};
use desk::promises::{self, How, NewPromise};
use desk::subjects::{self, Customer, FactRow, SubjectId, SubjectRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{Contended, Db, DbError, Tx};
use platform::id::Id;
use serde_json::{Value as Json, json};

use super::history::{self, History};
use super::story::{CaseStory, Company, CustomerStory, Given, OrderStory, PLAYED, PLAYERS, Passed, PersonStory};
use crate::command::Failure;

pub(super) const ZONE: &str = "Europe/Amsterdam";
pub(super) const HOUR: i64 = 3_600_000_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// Why the company was not made.
#[derive(Debug)]
pub(super) struct NotMade(pub(super) String, bool);

impl NotMade {
    pub(super) fn of(what: impl std::fmt::Debug) -> Self {
        Self(format!("{what:?}"), false)
    }
}

impl From<DbError> for NotMade {
    fn from(e: DbError) -> Self {
        Self(e.to_string(), e.is_contended())
    }
}

impl Contended for NotMade {
    fn is_contended(&self) -> bool {
        self.1
    }
}

macro_rules! not_made {
    ($($error:ty),+) => { $(impl From<$error> for NotMade {
        fn from(e: $error) -> Self {
            Self::of(e)
        }
    })+ };
}
not_made!(PeopleError, TeamError, CaseError, NotPublished, GrantError, GroupError);

/// Everybody who works there, by name.
pub(super) type Staff = BTreeMap<&'static str, Member>;

/// How much of the company's life is lived in one transaction.
const CHAPTER: i64 = 30 * DAY;
/// How long after it was placed an order that is not late arrives.
const ON_THE_WAY_DAYS: i64 = 4;

/// Makes the company as of now, with so many days behind it, and says between them how many are left. Everybody signs in with the same password, given as its
/// hash.
pub(super) async fn make(
    db: &Db,
    company: &'static Company,
    hash: &str,
    days: i64,
    now: Instant,
    mut say_left: impl FnMut(i64) -> Result<(), Failure>,
) -> Result<(), NotMade> {
    let hash = hash.to_owned();
    let staff = db.write(move |tx| Box::pin(async move { begin(tx, company, &hash, days, now).await })).await?;
    let mut history = History::of(company, &staff, days, now)?;
    let mut at = now - days * DAY;
    while at < now {
        at = (at + CHAPTER).min(now);
        history = db
            .write(move |tx| {
                Box::pin(async move {
                    let mut history = history;
                    history.live(tx, at).await.map(|()| history)
                })
            })
            .await?;
        say_left((now - at) / DAY).map_err(NotMade::of)?;
    }
    let staff = db.write(move |tx| Box::pin(async move { end(tx, company, &staff, now).await.map(|()| staff) })).await?;
    db.write(move |tx| Box::pin(async move { history::over(tx, &staff, now).await })).await
}

async fn begin(tx: &mut Tx, company: &'static Company, hash: &str, days: i64, now: Instant) -> Result<Staff, NotMade> {
    let began = now - 200 * DAY;
    let charter = history::first_charter(company, days)?;
    charters::publish(tx, &charter, None, "Written together in spring", &Actor::System, began).await?;
    calendars(tx, company, began).await?;
    let colleagues = if days > 0 { company.colleagues } else { &[] };
    let staff = staff(tx, company, hash, colleagues, began).await?;
    rotas(tx, company, &staff, began).await?;
    promised(tx, company, began).await?;
    Ok(staff)
}

/// What customers are told on public pages, and whoever answers them reads too.
async fn promised(tx: &mut Tx, company: &Company, at: Instant) -> Result<(), NotMade> {
    for (place, (slug, title, text)) in (0..).zip(company.offerings) {
        let new = NewText { slug: (*slug).to_owned(), after: 0, title: (*title).to_owned(), text: (*text).to_owned() };
        let at = at + place * DAY;
        offerings::publish(tx, &new, &Actor::System, at).await.map_err(NotMade::of)?;
        offerings::show(tx, slug, true, &Actor::System, at).await.map_err(NotMade::of)?;
    }
    Ok(())
}

/// What is on the desk now.
async fn end(tx: &mut Tx, company: &Company, staff: &Staff, now: Instant) -> Result<(), NotMade> {
    let (known, shop) = (Charters::default(), Actor::Source("shop".to_owned()));
    let mut orders = BTreeMap::new();
    for story in company.customers {
        let customer = customer(tx, story, &shop, now - 200 * DAY, now).await?;
        for order in story.orders {
            orders.insert(order.number, (keep_order(tx, order, customer, &shop, now).await?, customer));
        }
    }
    for story in company.cases {
        let (order, customer) = orders.get(story.order).copied().ok_or_else(|| NotMade::of(story.order))?;
        let case = open(tx, story, order, customer, staff.get(story.owner).map(Member::place), now).await?;
        lived(tx, &known, company, story, case, staff, now).await?;
    }
    let [agent, _] = company.seats;
    let agent = staff.get(agent).ok_or_else(|| NotMade::of(agent))?;
    play(tx, company, 0, &agent.asker(), agent.team.0, now).await
}

/// Orders that played cases are about have numbers from this on; others have lower ones.
const PLAYED_FROM: usize = 90_001;

/// The number of the order that the played case is about.
pub(super) fn played(times: usize) -> String {
    format!("W-{}", PLAYED_FROM + times)
}

/// The order that was played for last, and for the how-many-eth time that was.
pub(super) async fn played_last(tx: &mut Tx) -> Result<Option<(SubjectRow, usize)>, DbError> {
    let last = subjects::list_before(tx, "order", "W-99999", 1).await?.pop();
    Ok(last.and_then(|order| {
        let times = order.reference.strip_prefix("W-")?.parse::<usize>().ok()?.checked_sub(PLAYED_FROM)?;
        Some((order, times))
    }))
}

/// Opens the case that is played, for the how-many-eth time, from 0; its agent works on it.
pub(super) async fn play(tx: &mut Tx, company: &Company, times: usize, agent: &Asker, team: Id, now: Instant) -> Result<(), NotMade> {
    let (name, tier) = (history::around(&PLAYERS, times), if company.life.has_tiers { "standard" } else { "" });
    let (order, reference) = (played(times), format!("C-{}", PLAYED_FROM + times));
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let orders =
        [OrderStory { number: &order, total: "75.00", placed_days: 14, days_late: Some(9), silent_for: None, carrier: "Postbode", contains: &["garden"] }];
    let story = CustomerStory { number: &reference, name, email: &email, contact: "by phone", tier, since: "2025-03-08", orders: &orders };
    let shop = Actor::Source("shop".to_owned());
    let customer = customer(tx, &story, &shop, now - DAY, now).await?;
    let [order] = &orders;
    let order = keep_order(tx, order, customer, &shop, now).await?;
    let number = open(tx, &PLAYED, order, customer, Some((agent.staff, team)), now).await?;
    let case = cases::by_number(tx, number).await?.ok_or_else(|| NotMade::of("case"))?;
    Ok(cases::note(tx, &case, PLAYED.note, &agent.actor(), now).await?)
}

async fn calendars(tx: &mut Tx, company: &Company, at: Instant) -> Result<(), NotMade> {
    let zone = TimeZone::get(ZONE).map_err(NotMade::of)?;
    for opened in company.calendars {
        let hours = span(opened.hours)?;
        let mut weekly: [Vec<Hours>; 7] = std::array::from_fn(|_| vec![hours]);
        weekly.iter_mut().skip(opened.days).for_each(Vec::clear);
        let calendar = Calendar::new(zone.clone(), weekly, BTreeMap::new()).map_err(NotMade::of)?;
        charters::keep_calendar(tx, opened.name, &calendar, at).await?;
    }
    Ok(())
}

fn span((from, to): (u16, u16)) -> Result<Hours, NotMade> {
    Hours::new(from * 60, to * 60).map_err(NotMade::of)
}

/// Somebody of the company: who, their level, their team.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) id: StaffId,
    pub(super) level: String,
    pub(super) team: TeamId,
}

impl Member {
    pub(super) fn asker(&self) -> Asker {
        Asker { staff: self.id.0, level: self.level.clone(), kind: Kind::Person }
    }

    /// Whose cases are theirs: who, and in which team.
    pub(super) fn place(&self) -> (Id, Id) {
        (self.id.0, self.team.0)
    }
}

async fn staff(tx: &mut Tx, company: &Company, hash: &str, colleagues: &'static [PersonStory], at: Instant) -> Result<Staff, NotMade> {
    let actor = Actor::System;
    let mut levels: Vec<String> = company.desk.iter().chain([&company.lead, &company.manager]).map(ToString::to_string).collect();
    levels.dedup();
    let mut known_teams: BTreeMap<&str, TeamId> = BTreeMap::new();
    for (name, parent) in company.teams {
        let parent = parent.and_then(|parent| known_teams.get(parent).copied());
        known_teams.insert(name, teams::create_team(tx, name, parent, &actor, at).await?);
    }
    let mut staff = BTreeMap::new();
    for person in company.people.iter().chain(colleagues) {
        let new = NewPerson {
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            level: Some(person.level.to_owned()),
            locale: "en".to_owned(),
            time_zone: ZONE.to_owned(),
        };
        let id = people::add_person(tx, &new, &levels, &actor, at).await?;
        sign_in::set_password(tx, id, hash, "terminal", at).await?;
        if person.is_owner {
            people::grant_role(tx, id, Role::Owner, &actor, at).await?;
        }
        let team = *known_teams.get(person.team).ok_or_else(|| NotMade::of(person.team))?;
        let role = match person.level {
            level if level == company.manager => TeamRole::Manager,
            level if level == company.lead => TeamRole::Lead,
            _ => TeamRole::Member,
        };
        teams::begin_membership(tx, &NewMembership { staff: id, team, role, from: at, until: None }, &actor, at).await?;
        staff.insert(person.name, Member { id, level: person.level.to_owned(), team });
    }
    if let (Some(name), Some(level)) = (company.ai_agent, company.desk.first()) {
        let new = NewAiAgent { name: name.to_owned(), level: Some((*level).to_owned()), locale: "en".to_owned(), time_zone: ZONE.to_owned() };
        people::add_ai_agent(tx, &new, &levels, &actor, at).await?;
    }
    Ok(staff)
}

async fn rotas(tx: &mut Tx, company: &Company, staff: &Staff, at: Instant) -> Result<(), NotMade> {
    for turn in company.rota {
        let hours = turn.hours.map(span).transpose()?;
        for member in staff.values().filter(|member| member.level == turn.level) {
            if !turn.is_deputy {
                groups::set_team(tx, turn.group, member.team, &Actor::System, at).await?;
            }
            let new = NewShift {
                group: turn.group.to_owned(),
                staff: member.id,
                is_deputy: turn.is_deputy,
                days: Days(turn.days.into()),
                hours: hours.into_iter().collect(),
                zone: ZONE.to_owned(),
            };
            groups::begin_shift(tx, &new, &Actor::System, at).await?;
        }
    }
    Ok(())
}

pub(super) async fn customer(tx: &mut Tx, story: &CustomerStory<'_>, shop: &Actor, began: Instant, now: Instant) -> Result<SubjectId, NotMade> {
    let id = subjects::keep_subject(tx, "customer", story.number, None, began).await?;
    let text = |t: &str| Some(t.to_owned());
    let who = Customer { name: text(story.name), email: text(story.email), phone: None, locale: text("en"), contact: text(story.contact) };
    subjects::keep_customer(tx, id, &who, began).await?;
    if !story.tier.is_empty() {
        fact(tx, id.0, "customer.tier", &json!(story.tier), shop, now).await?;
    }
    fact(tx, id.0, "customer.since", &json!(story.since), shop, now).await?;
    Ok(id)
}

pub(super) async fn keep_order(tx: &mut Tx, order: &OrderStory<'_>, customer: SubjectId, shop: &Actor, now: Instant) -> Result<SubjectId, NotMade> {
    let placed = now - order.placed_days * DAY;
    let id = subjects::keep_subject(tx, "order", order.number, Some(customer), placed).await?;
    let day = |at: Instant| Timestamp::from_microsecond(at).map(|t| t.to_zoned(TimeZone::UTC).date().to_string()).map_err(NotMade::of);
    fact(tx, id.0, "order.total", &json!(order.total), shop, now).await?;
    fact(tx, id.0, "order.shipping", &json!("4.95"), shop, now).await?;
    fact(tx, id.0, "order.placed", &json!(day(placed)?), shop, now).await?;
    fact(tx, id.0, "order.contains", &json!(order.contains), shop, now).await?;
    fact(tx, id.0, "order.carrier", &json!(order.carrier), &Actor::Source("carrier".to_owned()), now).await?;
    if let Some(late) = order.days_late {
        let ago = (order.placed_days - ON_THE_WAY_DAYS - late).max(1);
        let delivered = Timestamp::from_microsecond(now - ago * DAY).map_err(NotMade::of)?.to_string();
        fact(tx, id.0, "order.days_late", &json!(late), &Actor::Source("carrier".to_owned()), now).await?;
        fact(tx, id.0, "order.delivered", &json!(delivered), &Actor::Source("carrier".to_owned()), now).await?;
    }
    if let Some(silent) = order.silent_for {
        fact(tx, id.0, "order.silent_for", &json!(silent), &Actor::Source("carrier".to_owned()), now).await?;
    }
    Ok(id)
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &Json, source: &Actor, at: Instant) -> Result<(), NotMade> {
    let row = FactRow { name: name.to_owned(), value: value.to_string(), standing: subjects::Standing::System, level: None, actor: source.clone(), at };
    Ok(subjects::keep_fact(tx, &subject, &row).await?)
}

pub(super) async fn open(
    tx: &mut Tx,
    story: &CaseStory<'_>,
    order: SubjectId,
    customer: SubjectId,
    place: Option<(Id, Id)>,
    now: Instant,
) -> Result<i64, NotMade> {
    let new = NewCase {
        channel: story.channel.to_owned(),
        title: Some(story.title.to_owned()),
        issue: Some(story.issue.to_owned()),
        customer: Some(customer),
        about: vec![("order".to_owned(), order)],
        owner: place.map(|(owner, _)| owner),
        team: place.map(|(_, team)| team),
        ..NewCase::default()
    };
    Ok(cases::open(tx, &new, &Actor::Source("shop".to_owned()), now - story.hours * HOUR).await?)
}

/// What was done in a case since it was opened.
async fn lived(tx: &mut Tx, known: &Charters, company: &Company, story: &CaseStory<'_>, number: i64, staff: &Staff, now: Instant) -> Result<(), NotMade> {
    let Some(member) = staff.get(story.owner) else { return Ok(()) };
    let at = now - story.hours * HOUR + HOUR / 3;
    let found = cases::by_number(tx, number).await?.ok_or_else(|| NotMade::of("case"))?;
    if !story.note.is_empty() {
        cases::note(tx, &found, story.note, &member.asker().actor(), at).await?;
    }
    let asked = Declared { is_personal: false, takes_systems: false, fresh: None };
    for (name, value) in story.facts {
        let value: Json = serde_json::from_str(value).map_err(NotMade::of)?;
        cases::state_fact(tx, &found, name, &value, &asked, &member.asker(), at).await?;
    }
    if let Some(given) = &story.given {
        give(tx, known, number, given, &member.asker(), at).await?;
    }
    let mut until = at;
    if let Some(passed) = &story.passed {
        until = passed_up(tx, known, company, number, passed, (member, staff), at + HOUR / 6).await?;
    }
    if story.is_solved {
        cases::move_on(tx, &found, Move::Solve, &member.asker().actor(), until + HOUR / 6).await?;
    }
    Ok(())
}

/// Asked for, with a promise to call; answered, given, called, and rated. Says when the last of it was.
async fn passed_up(
    tx: &mut Tx,
    known: &Charters,
    company: &Company,
    number: i64,
    passed: &Passed<'_>,
    (member, staff): (&Member, &Staff),
    at: Instant,
) -> Result<Instant, NotMade> {
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let item = Item { remedy: passed.remedy.to_owned(), reason: text(passed.reason), amount: text(passed.amount), why: text(passed.why) };
    let promise = NewPromise { who: promises::Who::Group, due: at + 8 * HOUR, how: How::Phone };
    let ask = Ask {
        case: number,
        meanwhile: Vec::new(),
        items: vec![item],
        cause: Cause::BeyondLimit,
        is_urgent: true,
        want: None,
        promise: Some(promise),
        beyond_no: false,
    };
    let raised = escalations::raise(tx, known, &ask, &member.asker(), at).await.map_err(NotMade::of)?;
    let row = escalations::by_id(tx, raised.escalation).await?.ok_or_else(|| NotMade::of("what was passed up"))?;
    let level = if row.group == "managers" { company.manager } else { company.lead };
    let by = staff.values().find(|member| member.level == level).ok_or_else(|| NotMade::of(level))?.asker();
    let (answered, kept) = (at + HOUR / 2, if passed.is_precedent { Keeping::Is(Standing::Precedent) } else { Keeping::Unsaid });
    let feedback = Feedback { words: passed.words.to_owned(), rule: None, until: answered + 3 * DAY, kept };
    let (_, approvals) = escalations::answer(tx, known, raised.escalation, (&Verdict::Give, &feedback), &by, answered).await.map_err(NotMade::of)?;
    let given = answered + HOUR / 12;
    for grant in approvals {
        grants::give_approved(tx, known, grant, &member.asker().actor(), given).await?;
        sent(tx, grant, true, given).await?;
    }
    let called = given + HOUR;
    if let Some(promise) = raised.promise {
        promises::keep(tx, promise, &by.actor(), called).await.map_err(NotMade::of)?;
    }
    escalations::rate(tx, raised.escalation, Rating::Helpful, &member.asker().actor(), called).await.map_err(NotMade::of)?;
    Ok(called)
}

async fn give(tx: &mut Tx, known: &Charters, case: i64, given: &Given<'_>, asker: &Asker, at: Instant) -> Result<(), NotMade> {
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let item = Item { remedy: given.remedy.to_owned(), reason: text(given.reason), amount: text(given.amount), why: text(given.why) };
    let offered = grants::give(tx, known, &Offer { case, items: vec![item], beyond_no: false }, asker, at).await?;
    // A day that had cost too much already gives nothing more.
    let Offered::Given { grants, .. } = offered else { return Ok(()) };
    for one in grants {
        sent(tx, one.grant, given.is_fulfilled, at).await?;
    }
    Ok(())
}

async fn sent(tx: &mut Tx, grant: GrantId, is_fulfilled: bool, at: Instant) -> Result<(), NotMade> {
    grants::send_due(tx, grant, at + HOUR / 60).await?;
    if is_fulfilled {
        grants::settle(tx, grant, Settled::Fulfilled, None, &Actor::Source("shop".to_owned()), at + HOUR / 12).await?;
    }
    Ok(())
}

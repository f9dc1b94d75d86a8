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
use desk::grants::{self, GrantError, Item, Offer, Offered, Settled};
use desk::groups::{self, Days, GroupError, NewShift};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::actor::Actor;
use platform::db::{Contended, Db, DbError, Tx};
use platform::id::Id;
use serde_json::{Value as Json, json};

use super::history::{self, History};
use super::story::{CASES, COLLEAGUES, CUSTOMERS, CaseStory, CustomerStory, Given, OrderStory, PEOPLE, PLAYED, PLAYERS, PersonStory};

pub(super) const CHARTER: &str = include_str!("../../../../charters/shop.toml");
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

/// Makes the company as of now, with so many days behind it. Everybody signs in with the same password, given as its hash.
pub(super) async fn make(db: &Db, hash: &str, days: i64, now: Instant) -> Result<(), NotMade> {
    let hash = hash.to_owned();
    let staff = db.write(move |tx| Box::pin(async move { begin(tx, &hash, days, now).await })).await?;
    let mut history = History::of(&staff, days, now)?;
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
    }
    db.write(move |tx| Box::pin(async move { end(tx, &staff, now).await })).await
}

async fn begin(tx: &mut Tx, hash: &str, days: i64, now: Instant) -> Result<Staff, NotMade> {
    let began = now - 200 * DAY;
    let charter = history::first_charter(days)?;
    charters::publish(tx, &charter, None, "Written together in spring", &Actor::System, began).await?;
    calendars(tx, began).await?;
    let staff = staff(tx, hash, if days > 0 { COLLEAGUES } else { &[] }, began).await?;
    rotas(tx, &staff, began).await?;
    Ok(staff)
}

/// What is on the desk now.
async fn end(tx: &mut Tx, staff: &Staff, now: Instant) -> Result<(), NotMade> {
    history::over(tx, staff, now).await?;
    let (known, shop) = (Charters::default(), Actor::Source("shop".to_owned()));
    let mut orders = BTreeMap::new();
    for story in CUSTOMERS {
        let customer = customer(tx, story, &shop, now - 200 * DAY, now).await?;
        for order in story.orders {
            orders.insert(order.number, (keep_order(tx, order, customer, &shop, now).await?, customer));
        }
    }
    for story in CASES {
        let (order, customer) = orders.get(story.order).copied().ok_or_else(|| NotMade::of(story.order))?;
        let case = open(tx, story, order, customer, staff.get(story.owner).map(Member::place), now).await?;
        lived(tx, &known, story, case, staff, now).await?;
    }
    let ana = staff.get(PLAYED.owner).ok_or_else(|| NotMade::of(PLAYED.owner))?;
    play(tx, 0, &ana.asker(), ana.team.0, now).await
}

/// The number of the order that the played case is about.
pub(super) fn played(times: usize) -> String {
    format!("W-{}", 90_001 + times)
}

/// Opens the case that is played, for the how-many-eth time, from 0; its agent works on it.
pub(super) async fn play(tx: &mut Tx, times: usize, agent: &Asker, team: Id, now: Instant) -> Result<(), NotMade> {
    let name = history::around(&PLAYERS, times);
    let (order, reference) = (played(times), format!("C-{}", 90_001 + times));
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let orders =
        [OrderStory { number: &order, total: "75.00", placed_days: 14, days_late: Some(9), silent_for: None, carrier: "Postbode", contains: &["garden"] }];
    let story = CustomerStory { number: &reference, name, email: &email, contact: "by phone", tier: "standard", since: "2025-03-08", orders: &orders };
    let shop = Actor::Source("shop".to_owned());
    let customer = customer(tx, &story, &shop, now - DAY, now).await?;
    let [order] = &orders;
    let order = keep_order(tx, order, customer, &shop, now).await?;
    let number = open(tx, &PLAYED, order, customer, Some((agent.staff, team)), now).await?;
    let case = cases::by_number(tx, number).await?.ok_or_else(|| NotMade::of("case"))?;
    Ok(cases::note(tx, &case, PLAYED.note, &agent.actor(), now).await?)
}

async fn calendars(tx: &mut Tx, at: Instant) -> Result<(), NotMade> {
    let zone = TimeZone::get(ZONE).map_err(NotMade::of)?;
    for (name, from, to, days) in [("shop", 8, 20, 6), ("office", 9, 17, 5)] {
        let hours = Hours::new(from * 60, to * 60).map_err(NotMade::of)?;
        let mut weekly: [Vec<Hours>; 7] = std::array::from_fn(|_| vec![hours]);
        weekly.iter_mut().skip(days).for_each(Vec::clear);
        let calendar = Calendar::new(zone.clone(), weekly, BTreeMap::new()).map_err(NotMade::of)?;
        charters::keep_calendar(tx, name, &calendar, at).await?;
    }
    Ok(())
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

async fn staff(tx: &mut Tx, hash: &str, colleagues: &'static [PersonStory], at: Instant) -> Result<Staff, NotMade> {
    let (levels, actor) = (["agent", "senior", "lead", "manager"].map(str::to_owned), Actor::System);
    let care = teams::create_team(tx, "Customer care", None, &actor, at).await?;
    let north = teams::create_team(tx, "Care North", Some(care), &actor, at).await?;
    let south = teams::create_team(tx, "Care South", Some(care), &actor, at).await?;
    let mut staff = BTreeMap::new();
    for person in PEOPLE.iter().chain(colleagues) {
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
        let team = match person.team {
            "Care North" => north,
            "Care South" => south,
            _ => care,
        };
        let role = match person.level {
            "manager" => TeamRole::Manager,
            "lead" => TeamRole::Lead,
            _ => TeamRole::Member,
        };
        teams::begin_membership(tx, &NewMembership { staff: id, team, role, from: at, until: None }, &actor, at).await?;
        staff.insert(person.name, Member { id, level: person.level.to_owned(), team });
    }
    let pip = NewAiAgent { name: "Pip".to_owned(), level: Some("agent".to_owned()), locale: "en".to_owned(), time_zone: ZONE.to_owned() };
    people::add_ai_agent(tx, &pip, &levels, &actor, at).await?;
    Ok(staff)
}

/// Leads are there in the hours of the shop, managers in those of the office and as their deputies.
async fn rotas(tx: &mut Tx, staff: &Staff, at: Instant) -> Result<(), NotMade> {
    let office = vec![Hours::new(9 * 60, 17 * 60).map_err(NotMade::of)?];
    for (group, level) in [("duty-leads", "lead"), ("key-care", "lead"), ("managers", "manager")] {
        for member in staff.values().filter(|member| member.level == level) {
            groups::set_team(tx, group, member.team, &Actor::System, at).await?;
        }
        for member in staff.values().filter(|member| member.level == level || member.level == "manager") {
            let is_deputy = member.level != level;
            let (days, hours) = if member.level == "manager" { (Days(0b1_1111), office.clone()) } else { (Days(0b11_1111), Vec::new()) };
            let new = NewShift { group: group.to_owned(), staff: member.id, is_deputy, days, hours, zone: ZONE.to_owned() };
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
    fact(tx, id.0, "customer.tier", &json!(story.tier), shop, now).await?;
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
        let delivered = Timestamp::from_microsecond(now - DAY).map_err(NotMade::of)?.to_string();
        fact(tx, id.0, "order.days_late", &json!(late), &Actor::Source("carrier".to_owned()), now).await?;
        fact(tx, id.0, "order.delivered", &json!(delivered), &Actor::Source("carrier".to_owned()), now).await?;
    }
    if let Some(silent) = order.silent_for {
        fact(tx, id.0, "order.silent_for", &json!(silent), &Actor::Source("carrier".to_owned()), now).await?;
    }
    Ok(id)
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &Json, source: &Actor, at: Instant) -> Result<(), NotMade> {
    let row = FactRow { name: name.to_owned(), value: value.to_string(), standing: Standing::System, level: None, actor: source.clone(), at };
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
async fn lived(tx: &mut Tx, known: &Charters, story: &CaseStory<'_>, number: i64, staff: &Staff, now: Instant) -> Result<(), NotMade> {
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
    if story.is_solved {
        cases::move_on(tx, &found, Move::Solve, &member.asker().actor(), at + HOUR / 6).await?;
    }
    Ok(())
}

async fn give(tx: &mut Tx, known: &Charters, case: i64, given: &Given<'_>, asker: &Asker, at: Instant) -> Result<(), NotMade> {
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let item = Item { remedy: given.remedy.to_owned(), reason: text(given.reason), amount: text(given.amount), why: text(given.why) };
    let offered = grants::give(tx, known, &Offer { case, items: vec![item], beyond_no: false }, asker, at).await?;
    let Offered::Given { grants, .. } = offered else { return Err(NotMade::of(offered)) };
    for one in grants {
        grants::send_due(tx, one.grant, at + HOUR / 60).await?;
        if given.is_fulfilled {
            grants::settle(tx, one.grant, Settled::Fulfilled, None, &Actor::Source("shop".to_owned()), at + HOUR / 12).await?;
        }
    }
    Ok(())
}

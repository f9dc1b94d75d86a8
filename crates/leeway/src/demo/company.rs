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
use platform::db::{Contended, DbError, Tx};
use platform::id::Id;
use serde_json::{Value as Json, json};

use super::story::{CASES, CUSTOMERS, CaseStory, CustomerStory, Given, OrderStory, PEOPLE};

const CHARTER: &str = include_str!("../../../../charters/shop.toml");
const ZONE: &str = "Europe/Amsterdam";
pub(super) const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Why the company was not made.
#[derive(Debug)]
pub(super) struct NotMade(pub(super) String, bool);

impl NotMade {
    fn of(what: impl std::fmt::Debug) -> Self {
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

/// Makes the company as of now. Everybody signs in with the same password, given as its hash.
pub(super) async fn make(tx: &mut Tx, hash: &str, now: Instant) -> Result<(), NotMade> {
    let began = now - 200 * DAY;
    charters::publish(tx, CHARTER, None, "Written together in spring", &Actor::System, began).await?;
    calendars(tx, began).await?;
    let staff = staff(tx, hash, began).await?;
    rotas(tx, &staff, began).await?;
    let shop = Actor::Source("shop".to_owned());
    let mut orders = BTreeMap::new();
    for story in CUSTOMERS {
        let customer = customer(tx, story, &shop, began, now).await?;
        for order in story.orders {
            orders.insert(order.number, (keep_order(tx, order, customer, &shop, now).await?, customer));
        }
    }
    let known = Charters::default();
    for story in CASES {
        let (order, customer) = orders.get(story.order).copied().ok_or_else(|| NotMade::of(story.order))?;
        let case = open(tx, story, order, customer, &staff, now).await?;
        history(tx, &known, story, case, &staff, now).await?;
    }
    Ok(())
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
struct Member {
    id: StaffId,
    level: String,
    team: TeamId,
}

impl Member {
    fn asker(&self) -> Asker {
        Asker { staff: self.id.0, level: self.level.clone(), kind: Kind::Person }
    }
}

async fn staff(tx: &mut Tx, hash: &str, at: Instant) -> Result<BTreeMap<&'static str, Member>, NotMade> {
    let (levels, actor) = (["agent", "senior", "lead", "manager"].map(str::to_owned), Actor::System);
    let care = teams::create_team(tx, "Customer care", None, &actor, at).await?;
    let north = teams::create_team(tx, "Care North", Some(care), &actor, at).await?;
    let south = teams::create_team(tx, "Care South", Some(care), &actor, at).await?;
    let mut staff = BTreeMap::new();
    for person in PEOPLE {
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
async fn rotas(tx: &mut Tx, staff: &BTreeMap<&'static str, Member>, at: Instant) -> Result<(), NotMade> {
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

async fn customer(tx: &mut Tx, story: &CustomerStory, shop: &Actor, began: Instant, now: Instant) -> Result<SubjectId, NotMade> {
    let id = subjects::keep_subject(tx, "customer", story.number, None, began).await?;
    let text = |t: &str| Some(t.to_owned());
    let who = Customer { name: text(story.name), email: text(story.email), phone: None, locale: text("en"), contact: text(story.contact) };
    subjects::keep_customer(tx, id, &who, began).await?;
    fact(tx, id.0, "customer.tier", &json!(story.tier), shop, now).await?;
    fact(tx, id.0, "customer.since", &json!(story.since), shop, now).await?;
    Ok(id)
}

async fn keep_order(tx: &mut Tx, order: &OrderStory, customer: SubjectId, shop: &Actor, now: Instant) -> Result<SubjectId, NotMade> {
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

async fn open(tx: &mut Tx, story: &CaseStory, order: SubjectId, customer: SubjectId, staff: &BTreeMap<&str, Member>, now: Instant) -> Result<i64, NotMade> {
    let owner = staff.get(story.owner);
    let new = NewCase {
        channel: story.channel.to_owned(),
        title: Some(story.title.to_owned()),
        issue: Some(story.issue.to_owned()),
        customer: Some(customer),
        about: vec![("order".to_owned(), order)],
        owner: owner.map(|m| m.id.0),
        team: owner.map(|m| m.team.0),
        ..NewCase::default()
    };
    Ok(cases::open(tx, &new, &Actor::Source("shop".to_owned()), now - story.hours * HOUR).await?)
}

/// What was done in a case since it was opened.
async fn history(tx: &mut Tx, known: &Charters, story: &CaseStory, number: i64, staff: &BTreeMap<&str, Member>, now: Instant) -> Result<(), NotMade> {
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

async fn give(tx: &mut Tx, known: &Charters, case: i64, given: &Given, asker: &Asker, at: Instant) -> Result<(), NotMade> {
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

//! Half a year of the made-up company: what customers came with day by day, what was given, asked, answered and refused. All of it goes through the same commands
//! as at the desk, in the order of time, and is the same each time.
//!
//! What there is to find in it: a carrier's strike on a Monday; a rule for late parcels that is too tight, and was loosened once; somebody new who asks for
//! everything at first, and decides more and more on her own; a customer who asks every agent in turn; a refusal with what could be done instead.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use charter::time::Instant;
use desk::asker::Asker;
use desk::cases::{self, Declared, Move};
use desk::charters::{self, Charters};
use desk::debriefs::{self, PointId};
use desk::escalations::{self, Answer, Ask, Cause, EscalationError, EscalationId, Feedback, Keeping, Rating, Standing, Verdict};
use desk::grants::{self, GrantError, GrantId, Item, Offer, Offered, Settled};
use desk::news;
use desk::promises::{self, How, NewPromise, PromiseId};
use desk::subjects::SubjectId;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use platform::actor::Actor;
use platform::db::Tx;
use platform::id::Id;
use platform::jobs;
use serde_json::{Value as Json, json};

use super::chance::Chance;
use super::company::{self, DAY, HOUR, Member, NotMade, Staff, ZONE};
use super::rule;
use super::story::{CaseStory, Company, CustomerStory, FIRST_NAMES, LAST_NAMES, OrderStory, QUIET, Shifts};

const SEED: u64 = 20_260_401;
const MINUTE: i64 = HOUR / 60;
/// Days ago: the carrier goes on strike on the Monday after; the limit for late parcels is loosened; somebody new finds her feet.
const STRIKE: i64 = 96;
/// The first customer whom the strike keeps waiting: one more than there are.
const WAITED: usize = 9_000;
const LOOSENED: i64 = 150;
const BLOSSOMED: i64 = 80;
/// Who is new, and what is agreed with her in the monthly talk, the last month first.
const NEW: &str = "Noor Aziz";
const BLOSSOMS: [&str; 6] = [
    "Nothing to change. Next month you sit with the one who comes after you.",
    "You passed up twice this month, and were right both times. Your notes are the ones I show to others.",
    "Half of what you asked for last month, you gave yourself this month. Nobody took anything back.",
    "Look at the ruler before you ask me: what is green is yours, and I stand behind it.",
    "Most of what you asked was yours to give. Try three on your own this week, and tell me how it felt.",
    "The first month is for asking. Write down which limits you did not know.",
];
/// The limit for late parcels before, in percent.
const TIGHT: i64 = 15;

/// Something that is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Loosen,
    Open(usize),
    Decide(usize),
    Look(EscalationId),
    Answer(usize, EscalationId),
    GiveApproved(usize, GrantId),
    Send(GrantId),
    Settle(GrantId),
    Keep(PromiseId),
    Rate(usize, EscalationId),
    Solve(usize),
    Close(usize),
    Talk(usize),
}

/// What somebody comes with.
#[derive(Clone)]
struct Trouble {
    issue: &'static str,
    title: &'static str,
    customer: usize,
    agent: usize,
    /// In cents.
    total: i64,
    days_late: i64,
    is_strike: bool,
    contains: &'static [&'static str],
    number: i64,
}

/// Where it has come to.
#[derive(Clone)]
pub(super) struct History {
    company: &'static Company,
    known: Charters,
    chance: Chance,
    now: Instant,
    agents: Vec<(&'static str, Member)>,
    lead: Member,
    manager: Member,
    troubles: Vec<Trouble>,
    customers: BTreeMap<usize, SubjectId>,
    waiting: BinaryHeap<Reverse<(Instant, u64, Step)>>,
    counter: u64,
}

impl History {
    /// So many days that ended last night: all of one day it is the same.
    pub(super) fn of(company: &'static Company, staff: &Staff, days: i64, now: Instant) -> Result<Self, NotMade> {
        let zone = TimeZone::get(ZONE).map_err(NotMade::of)?;
        let today = Timestamp::from_microsecond(now).map_err(NotMade::of)?.to_zoned(zone);
        let now = today.start_of_day().map_err(NotMade::of)?.timestamp().as_microsecond();
        let of = |level: &str| staff.values().find(|member| member.level == level).cloned().ok_or_else(|| NotMade::of(level));
        let agents = staff.iter().filter(|(_, member)| company.desk.contains(&&*member.level)).map(|(name, member)| (*name, member.clone())).collect();
        let mut history = Self {
            company,
            known: Charters::default(),
            chance: Chance::new(SEED),
            now,
            agents,
            lead: of(company.lead)?,
            manager: of(company.manager)?,
            troubles: Vec::new(),
            customers: BTreeMap::new(),
            waiting: BinaryHeap::new(),
            counter: 0,
        };
        history.plan(days)?;
        Ok(history)
    }

    /// Lives on until then; what follows from it, follows when the transaction ends.
    pub(super) async fn live(&mut self, tx: &mut Tx, until: Instant) -> Result<(), NotMade> {
        while self.waiting.peek().is_some_and(|Reverse((at, ..))| *at < until) {
            if let Some(Reverse((at, _, step))) = self.waiting.pop() {
                self.step(tx, step, at).await?;
            }
        }
        Ok(())
    }
}

/// What was mailed and read then is neither mailed nor read now.
pub(super) async fn over(tx: &mut Tx, staff: &Staff, now: Instant) -> Result<(), NotMade> {
    jobs::call_off_all(tx, news::MAIL_JOB).await?;
    for member in staff.values() {
        news::see_all(tx, member.id.0, now).await?;
    }
    Ok(())
}

impl History {
    fn later(&mut self, at: Instant, step: Step) {
        // What would happen from now on does not; what waits for an answer has one by then.
        if at < self.now {
            self.counter += 1;
            self.waiting.push(Reverse((at, self.counter, step)));
        }
    }

    /// Who comes when, with what.
    fn plan(&mut self, days: i64) -> Result<(), NotMade> {
        let (life, zone) = (&self.company.life, TimeZone::get(ZONE).map_err(NotMade::of)?);
        let today = Timestamp::from_microsecond(self.now).map_err(NotMade::of)?.to_zoned(zone.clone()).date();
        if days > LOOSENED {
            self.later(self.now - LOOSENED * DAY, Step::Loosen);
        }
        let strike = (0..7).map(|more| STRIKE - more).find(|ago| today.checked_sub(ago.days()).is_ok_and(|date| date.weekday() == Weekday::Monday));
        for ago in (2..=days).rev() {
            let date = today.checked_sub(ago.days()).map_err(NotMade::of)?;
            let since = strike.map_or(-1, |strike| strike - ago);
            let is_strike = (0..5).contains(&since);
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
            let usual = life.visits.get(weekday).copied().unwrap_or(0);
            let (more, fewer) = life.strike;
            let many = usual + self.chance.between(-2, 3).min(usual) + if is_strike { more - fewer * since } else { 0 };
            for place in 0..many.max(0) {
                let minute = self.chance.between(8 * 60, 18 * 60);
                let hour = i8::try_from(minute / 60).unwrap_or(8);
                let opened = date.at(hour, i8::try_from(minute % 60).unwrap_or(0), 0, 0).to_zoned(zone.clone()).map_err(NotMade::of)?;
                let on_duty = life.shifts.as_ref().and_then(|shifts| self.on_duty(shifts, date.weekday(), hour));
                let mut trouble = self.trouble(is_strike && place >= usual, ago, on_duty);
                if since == 0 && place == usual {
                    trouble.customer = WAITED;
                }
                self.troubles.push(trouble);
                let at = opened.timestamp().as_microsecond() + self.chance.between(0, 59_000_000);
                self.later(at, Step::Open(self.troubles.len() - 1));
            }
        }
        for month in 1..=days / 30 {
            for agent in 0..self.agents.len() {
                let mut date = today.checked_sub((month * 30).days()).map_err(NotMade::of)?;
                while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                    date = date.tomorrow().map_err(NotMade::of)?;
                }
                let hour = 10 + i8::try_from(agent).unwrap_or(0);
                let at = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).map_err(NotMade::of)?.timestamp().as_microsecond();
                self.later(at, Step::Talk(agent));
            }
        }
        Ok(())
    }

    /// Who has the desk to themselves.
    fn on_duty(&self, shifts: &Shifts, weekday: Weekday, hour: i8) -> Option<usize> {
        let name = match weekday {
            Weekday::Saturday => shifts.saturday,
            _ if hour < 13 => shifts.morning,
            _ => shifts.afternoon,
        };
        self.agents.iter().position(|(agent, _)| *agent == name)
    }

    fn trouble(&mut self, is_strike: bool, ago: i64, on_duty: Option<usize>) -> Trouble {
        let life = &self.company.life;
        let roll = if is_strike { 1 } else { self.chance.between(1, 100) };
        let (issue, titles, _) = life.troubles.iter().find(|(_, _, up_to)| roll <= *up_to).copied().unwrap_or(("late_parcel", &["Late"], 0));
        let asks_everybody = issue == "cheaper_elsewhere" && ago % 11 == 0;
        let many = i64::try_from(self.agents.len()).unwrap_or(1);
        let agent = if asks_everybody { ago / 11 % many } else { self.chance.between(0, many - 1) };
        let (customers, regulars) = life.customers;
        // Some come again and again.
        let customer = if asks_everybody {
            0
        } else if self.chance.percent(35) {
            self.chance.between(1, regulars)
        } else {
            self.chance.between(regulars + 1, customers)
        };
        let total = self.chance.between(life.total.start / 100, life.total.end / 100) * 100;
        Trouble {
            issue,
            title: if is_strike { "Stuck since the strike" } else { self.chance.of(titles).unwrap_or_default() },
            customer: usize::try_from(customer).unwrap_or(0),
            agent: on_duty.or_else(|| usize::try_from(agent).ok()).unwrap_or(0),
            total: total + if self.chance.percent(30) { life.total.end * 5 / 6 } else { 0 } + self.chance.of(&[0, 50, 90, 95]).unwrap_or(0),
            days_late: if is_strike { self.chance.between(5, 11) } else { self.chance.of(&[1, 2, 2, 3, 4, 4, 5, 6, 8]).unwrap_or(4) },
            is_strike,
            contains: self.chance.of(life.goods).unwrap_or_default(),
            number: 0,
        }
    }

    async fn step(&mut self, tx: &mut Tx, step: Step, at: Instant) -> Result<(), NotMade> {
        match step {
            Step::Loosen => self.loosen(tx, at).await,
            Step::Open(which) => self.open(tx, which, at).await,
            Step::Decide(which) => self.decide(tx, which, at).await,
            Step::Look(escalation) => self.look(tx, escalation, at).await,
            Step::Answer(which, escalation) => self.answer(tx, which, escalation, at).await,
            Step::GiveApproved(which, grant) => {
                match grants::give_approved(tx, &self.known, grant, &self.agent(which)?.actor(), at).await {
                    Ok(_) => self.given(which, grant, at),
                    Err(GrantError::OtherCharter) => self.solved(which, at),
                    Err(why) => return Err(why.into()),
                }
                Ok(())
            }
            Step::Send(grant) => {
                grants::send_due(tx, grant, at).await?;
                jobs::call_off(tx, grants::SEND_JOB, &grant.to_string()).await?;
                Ok(())
            }
            Step::Settle(grant) => {
                let shop = Actor::Source("shop".to_owned());
                Ok(grants::settle(tx, grant, Settled::Fulfilled, None, &shop, at).await?)
            }
            Step::Keep(promise) => promises::keep(tx, promise, &self.lead.asker().actor(), at).await.map_err(NotMade::of),
            Step::Rate(which, escalation) => {
                let rating = self.chance.of(&[Rating::Helpful, Rating::Helpful, Rating::Helpful, Rating::Partly, Rating::Not]).unwrap_or(Rating::Partly);
                escalations::rate(tx, escalation, rating, &self.agent(which)?.actor(), at).await.map_err(NotMade::of)
            }
            Step::Solve(which) => self.move_on(tx, which, Move::Solve, at).await,
            Step::Close(which) => self.move_on(tx, which, Move::Close, at).await,
            Step::Talk(agent) => self.talk(tx, agent, at).await,
        }
    }

    fn found(&self, which: usize) -> Result<&Trouble, NotMade> {
        self.troubles.get(which).ok_or_else(|| NotMade::of(which))
    }

    fn agent(&self, which: usize) -> Result<Asker, NotMade> {
        let place = self.found(which)?.agent;
        self.agents.get(place).map(|(_, member)| member.asker()).ok_or_else(|| NotMade::of(place))
    }

    async fn loosen(&mut self, tx: &mut Tx, at: Instant) -> Result<(), NotMade> {
        let by = self.manager.asker().actor();
        charters::publish(tx, self.company.charter, None, "Late parcels: a fifth instead of a sixth, after a month of asking", &by, at).await?;
        Ok(())
    }

    async fn open(&mut self, tx: &mut Tx, which: usize, at: Instant) -> Result<(), NotMade> {
        let shop = Actor::Source("shop".to_owned());
        let (name, member) = {
            let place = self.found(which)?.agent;
            self.agents.get(place).cloned().ok_or_else(|| NotMade::of(place))?
        };
        let trouble = self.found(which)?;
        let (index, issue, title, days_late) = (trouble.customer, trouble.issue, trouble.title, trouble.days_late);
        let total = format!("{}.{:02}", trouble.total / 100, trouble.total % 100);
        let (order, contains) = (format!("W-{}", 30_000 + which), trouble.contains);
        let carrier = if trouble.is_strike || which.is_multiple_of(3) { "Snelpakket" } else { "Postbode" };
        let is_lost = issue == "lost_parcel";
        let silence = if which.is_multiple_of(4) { "4d" } else { "9d" };
        let customer = match self.customers.get(&index) {
            Some(id) => *id,
            None => {
                let made = self.customer(tx, index, &shop, at).await?;
                self.customers.insert(index, made);
                made
            }
        };
        let order = OrderStory {
            number: &order,
            total: &total,
            placed_days: 12,
            days_late: (!is_lost).then_some(if issue == "late_parcel" { days_late } else { 0 }),
            silent_for: is_lost.then_some(silence),
            carrier,
            contains,
        };
        let order = company::keep_order(tx, &order, customer, &shop, at).await?;
        let channel = self.chance.of(&["mail", "chat", "phone", "chat"]).unwrap_or("mail");
        let story = CaseStory { title, issue, channel, hours: 0, owner: name, ..QUIET };
        let number = company::open(tx, &story, order, customer, Some(member.place()), at).await?;
        if let Some(trouble) = self.troubles.get_mut(which) {
            trouble.number = number;
        }
        let soon = self.chance.between(4, 90) * MINUTE;
        self.later(at + soon, Step::Decide(which));
        Ok(())
    }

    async fn customer(&mut self, tx: &mut Tx, index: usize, shop: &Actor, at: Instant) -> Result<SubjectId, NotMade> {
        // The one who asks everybody, and the first whom the strike keeps waiting, have names of their own.
        let (first, last) = match index {
            0 => ("Viktor", "Brandt"),
            WAITED => ("Saskia", "Vermeer"),
            _ => (around(&FIRST_NAMES, index), around(&LAST_NAMES, index / 7)),
        };
        let (number, name) = (format!("C-{}", 3_000 + index), format!("{first} {last}"));
        let email = format!("{}.{}{index}@example.com", first.to_lowercase(), last.to_lowercase());
        let tier = if !self.company.life.has_tiers {
            ""
        } else if index % 40 == 7 {
            "key"
        } else if index % 5 == 2 {
            "plus"
        } else {
            "standard"
        };
        let since = format!("20{}-{:02}-{:02}", 18 + index % 8, 1 + index % 12, 1 + index % 28);
        let contact = if index.is_multiple_of(3) { "by phone" } else { "by e-mail" };
        let story = CustomerStory { number: &number, name: &name, email: &email, contact, tier, since: &since, orders: &[] };
        company::customer(tx, &story, shop, at, at).await
    }

    /// The agent gives what is theirs, asks for the rest, or says no.
    async fn decide(&mut self, tx: &mut Tx, which: usize, at: Instant) -> Result<(), NotMade> {
        let (asker, trouble) = (self.agent(which)?, self.found(which)?);
        let (number, issue, total, days_late, place, is_regular) =
            (trouble.number, trouble.issue, trouble.total, trouble.days_late, trouble.agent, trouble.customer == 0);
        let has_labels = self.company.life.has_labels;
        self.find_out(tx, which, &asker, at).await?;
        let is_new = self.agents.get(place).is_some_and(|(name, _)| *name == NEW) && at < self.now - BLOSSOMED * DAY;
        let item = match issue {
            "late_parcel" if days_late > 3 => {
                let share = if is_new {
                    self.chance.of(&[35, 40, 30]).unwrap_or(35)
                } else {
                    self.chance.of(&[10, 12, 15, 15, 18, 20, 20, 25, 28, 32, 35, 40, 45, 60]).unwrap_or(15)
                };
                item("refund", "late", Some(total * share / 10_000 * 100), "It was late by days, and they had counted on it.")
            }
            "late_parcel" => item("voucher", "late", Some(self.chance.of(&[500, 500, 1_000]).unwrap_or(500)), ""),
            "damaged_parcel" if self.chance.percent(60) => item("replacement", "damaged", None, ""),
            "damaged_parcel" => item("refund", "damaged", Some((total / 2).min(9_000) / 100 * 100), ""),
            "lost_parcel" if self.chance.percent(40) => item("replacement", "lost", None, ""),
            "lost_parcel" => item("refund", "lost", Some(total), ""),
            "wrong_item" if has_labels => item("return_label", "wrong_item", None, ""),
            "wrong_item" => item("replacement", "wrong_item", None, ""),
            "cheaper_elsewhere" if is_regular => item("voucher", "goodwill", Some(6_000), ""),
            "cheaper_elsewhere" => item("refund", "price_match", Some(500), ""),
            _ if has_labels => item("return_label", "return", None, "It was a present, and the holidays were in between."),
            _ => item("refund", "return", Some(total), ""),
        };
        self.give(tx, which, number, item, &asker, at).await
    }

    /// What the agent looks up or asks first.
    async fn find_out(&mut self, tx: &mut Tx, which: usize, asker: &Asker, at: Instant) -> Result<(), NotMade> {
        let trouble = self.found(which)?;
        let facts: Vec<(&str, Json)> = match trouble.issue {
            "damaged_parcel" => vec![("case.photo_seen", json!(!which.is_multiple_of(9)))],
            "wrong_item" if !self.company.life.has_labels => vec![("case.photo_seen", json!(true))],
            "cheaper_elsewhere" if trouble.customer != 0 => vec![("case.paid_price", json!("29.00")), ("case.rival_price", json!("24.00"))],
            _ => return Ok(()),
        };
        let case = cases::by_number(tx, trouble.number).await?.ok_or_else(|| NotMade::of(which))?;
        let declared = Declared { is_personal: false, takes_systems: false, fresh: None };
        for (name, value) in facts {
            cases::state_fact(tx, &case, name, &value, &declared, asker, at).await?;
        }
        Ok(())
    }

    async fn give(&mut self, tx: &mut Tx, which: usize, number: i64, item: Item, asker: &Asker, at: Instant) -> Result<(), NotMade> {
        let offer = Offer { case: number, items: vec![item.clone()], beyond_no: true };
        if let Offered::Given { grants, .. } = grants::give(tx, &self.known, &offer, asker, at).await? {
            for one in grants {
                self.given(which, one.grant, at);
            }
            return Ok(());
        }
        let due = at + self.chance.between(3, 7) * HOUR;
        let promise = self.chance.percent(45).then_some(NewPromise { who: promises::Who::Group, due, how: How::Phone });
        let is_urgent = self.chance.percent(12);
        let ask =
            Ask { case: number, meanwhile: Vec::new(), items: vec![item.clone()], cause: Cause::BeyondLimit, is_urgent, want: None, promise, beyond_no: true };
        match escalations::raise(tx, &self.known, &ask, asker, at).await {
            Ok(raised) => {
                let row = escalations::by_id(tx, raised.escalation).await?.ok_or_else(|| NotMade::of(which))?;
                let after = self.chance.of(self.company.life.answered).unwrap_or(12) * MINUTE;
                // Whoever would be late looks at the clock, three times of four: nine of ten are answered in time.
                let in_time = row.due_at.map(|due| due - at - after % (9 * MINUTE) - MINUTE).filter(|_| which % 4 != 1);
                let after = in_time.map_or(after, |latest| after.min(latest)).max(MINUTE);
                let looked = self.chance.between(1, 60) * after / 100;
                self.later(at + looked, Step::Look(raised.escalation));
                self.later(at + after, Step::Answer(which, raised.escalation));
                if let Some(promise) = raised.promise {
                    let late = if self.chance.percent(8) { 9 * HOUR } else { HOUR };
                    self.later(at + late, Step::Keep(promise));
                }
                Ok(())
            }
            Err(EscalationError::NotRaised { .. }) => {
                grants::refuse(tx, &self.known, number, &item, asker, at).await?;
                self.solved(which, at);
                Ok(())
            }
            Err(why) => Err(NotMade::of(why)),
        }
    }

    async fn look(&self, tx: &mut Tx, escalation: EscalationId, at: Instant) -> Result<(), NotMade> {
        let row = escalations::by_id(tx, escalation).await?.ok_or_else(|| NotMade::of(escalation))?;
        escalations::look(tx, escalation, &self.answers(&row.group).actor(), at).await.map(drop).map_err(NotMade::of)
    }

    /// Who answers for a group.
    fn answers(&self, group: &str) -> Asker {
        if group == "managers" { &self.manager } else { &self.lead }.asker()
    }

    async fn answer(&mut self, tx: &mut Tx, which: usize, escalation: EscalationId, at: Instant) -> Result<(), NotMade> {
        let row = escalations::by_id(tx, escalation).await?.ok_or_else(|| NotMade::of(escalation))?;
        let by = self.answers(&row.group);
        let items = escalations::items(tx, escalation).await?;
        let less: Vec<Option<String>> = items.iter().map(|item| item.units.map(|units| amount(units * 7 / 10 / 100 * 100))).collect();
        let roll = self.chance.between(1, 100);
        let verdict = match roll {
            1..=58 => Verdict::Give,
            59..=84 if less.iter().all(|one| one.as_deref().is_some_and(|text| text != "0.00")) => Verdict::Less(less),
            59..=84 => Verdict::Give,
            _ => Verdict::No,
        };
        let words = match &verdict {
            Verdict::Give => ["They have waited long enough.", "You are right, this went wrong twice.", "A good customer, and our mistake."],
            Verdict::Less(_) => [
                "Half the way is fair here: part of it came in time.",
                "This is what we gave for the same trouble last week.",
                "A little less, and a call from us.",
            ],
            Verdict::No => [
                "The tracking says it came in time; send me the photo and I look again.",
                "A voucher does more for them here, and that is yours to give.",
                "We did what we had said.",
            ],
        };
        let words = self.chance.of(&words).unwrap_or_default();
        let answered = self.say(tx, escalation, (verdict, words), &by, at).await?;
        let rated = at + self.chance_minutes(20, 300);
        self.later(rated, Step::Rate(which, escalation));
        match answered {
            (Answer::Given | Answer::Less, approvals) => {
                for grant in approvals {
                    let soon = self.chance_minutes(2, 40);
                    self.later(at + soon, Step::GiveApproved(which, grant));
                }
            }
            _ => self.solved(which, at),
        }
        Ok(())
    }

    /// Answers; what is not theirs to give either is a no, and an exception stands for itself.
    async fn say(
        &mut self,
        tx: &mut Tx,
        id: EscalationId,
        (verdict, words): (Verdict, &str),
        by: &Asker,
        at: Instant,
    ) -> Result<escalations::Answered, NotMade> {
        let until = at + 3 * DAY;
        for verdict in [verdict, Verdict::No] {
            let rule = (verdict == Verdict::No && self.chance.percent(30)).then(|| "late-voucher".to_owned());
            let feedback = Feedback { words: words.to_owned(), rule, until, kept: Keeping::Should(Standing::OneOff) };
            match escalations::answer(tx, &self.known, id, (&verdict, &feedback), by, at).await {
                Ok(answered) => return Ok(answered),
                Err(EscalationError::Db(e)) => return Err(e.into()),
                Err(_) => {}
            }
        }
        Err(NotMade::of("an answer"))
    }

    fn chance_minutes(&mut self, low: i64, high: i64) -> i64 {
        self.chance.between(low, high) * MINUTE
    }

    fn given(&mut self, which: usize, grant: GrantId, at: Instant) {
        self.later(at + MINUTE, Step::Send(grant));
        let settled = self.chance.between(30, 1_500) * MINUTE;
        self.later(at + settled, Step::Settle(grant));
        self.solved(which, at);
    }

    fn solved(&mut self, which: usize, at: Instant) {
        let solved = at + self.chance_minutes(3, 60);
        self.later(solved, Step::Solve(which));
        self.later(solved + 5 * DAY, Step::Close(which));
    }

    async fn move_on(&mut self, tx: &mut Tx, which: usize, by: Move, at: Instant) -> Result<(), NotMade> {
        let (number, asker) = (self.found(which)?.number, self.agent(which)?);
        let case = cases::by_number(tx, number).await?.ok_or_else(|| NotMade::of(number))?;
        let actor = if by == Move::Close { Actor::System } else { asker.actor() };
        cases::move_on(tx, &case, by, &actor, at).await?;
        Ok(())
    }

    /// The monthly talk with the lead, over what has gathered.
    async fn talk(&mut self, tx: &mut Tx, agent: usize, at: Instant) -> Result<(), NotMade> {
        let Some((name, member)) = self.agents.get(agent).cloned() else { return Ok(()) };
        let points = debriefs::open(tx, member.id, PointId(Id::from_bytes([0; 16])), 20).await?;
        let points: Vec<PointId> = points.iter().map(|point| point.id).collect();
        if points.is_empty() {
            return Ok(());
        }
        let usual = self.chance.of(&["Say the reason as you would to the customer.", "Nothing to change: well done.", "Ask earlier when it is a birthday."]);
        let agreed = match name {
            NEW => BLOSSOMS.get(month_of(self.now, at)).copied(),
            _ => usual,
        };
        debriefs::hold_talk(tx, member.id, &points, agreed, self.lead.id, at).await.map(drop).map_err(NotMade::of)
    }
}

/// How many whole months of thirty days ago.
fn month_of(now: Instant, at: Instant) -> usize {
    usize::try_from((now - at) / (30 * DAY)).unwrap_or(0)
}

/// One of some, beginning again after the last.
pub(super) fn around(some: &[&'static str], place: usize) -> &'static str {
    some.get(place % some.len().max(1)).copied().unwrap_or_default()
}

fn amount(units: i64) -> String {
    format!("{}.{:02}", units / 100, units % 100)
}

fn item(remedy: &str, reason: &str, units: Option<i64>, why: &str) -> Item {
    Item { remedy: remedy.to_owned(), reason: Some(reason.to_owned()), amount: units.map(amount), why: (!why.is_empty()).then(|| why.to_owned()) }
}

/// The charter that so many days begin with.
pub(super) fn first_charter(company: &Company, days: i64) -> Result<String, NotMade> {
    if days <= LOOSENED {
        return Ok(company.charter.to_owned());
    }
    rule::with_limit(company.charter, TIGHT).ok_or_else(|| NotMade::of("the rule for late parcels"))
}

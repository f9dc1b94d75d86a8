//! The ten guardrails for the remedy asked for, as one would write them by hand for this one charter: plain conditions and integers, one pass over the
//! history, buffers used again. It returns what the engine returns when all facts are known.

use crate::situation::{DAY, MONTH_BEGAN, NOW, Situation};

/// The ten guardrails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the guardrails")]
pub enum Rule {
    Customer,
    Hold,
    Late,
    Lead,
    Machine,
    Month,
    New,
    Paid,
    Photo,
    Tier,
}

impl Rule {
    /// Its id in the charter.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Customer => "refund-customer",
            Self::Hold => "refund-hold",
            Self::Late => "refund-late",
            Self::Lead => "refund-lead",
            Self::Machine => "refund-machine",
            Self::Month => "refund-month",
            Self::New => "refund-new",
            Self::Paid => "refund-paid",
            Self::Photo => "refund-photo",
            Self::Tier => "refund-tier",
        }
    }

    fn allows(self) -> bool {
        matches!(self, Self::Late | Self::Tier | Self::Photo | Self::Lead)
    }

    fn binds_everybody(self) -> bool {
        matches!(self, Self::Hold | Self::Paid)
    }
}

const ASKER: u8 = 1;
const LEADS: u8 = 2;
const MANAGERS: u8 = 4;
const AGENT_LEVEL: u8 = 8;
const LEAD_LEVEL: u8 = 16;
const MANAGER_LEVEL: u8 = 32;
const EVERYBODY: u8 = 63;

const LEAST: i64 = 1;
const MOST: i64 = 9_000_000_000_000_000;
const MINUTE: i64 = 60_000_000;

/// A tier of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the charter")]
pub enum Tier {
    Standard,
    Plus,
    Key,
}

/// How a case came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the charter")]
pub enum Channel {
    Mail,
    Chat,
    Phone,
}

/// What is asked, read and checked.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the charter's facts")]
pub struct Asked {
    pub now: i64,
    pub month_began: i64,
    pub level: u8,
    pub ai: bool,
    pub amount: i64,
    pub tier: Tier,
    pub on_hold: bool,
    pub complaints: i64,
    pub since: i64,
    pub total: i64,
    pub days_late: i64,
    pub placed: i64,
    pub carrier: Box<str>,
    pub items: i64,
    pub photo_seen: bool,
    pub severity: i64,
    pub channel: Channel,
    pub history: Vec<Given>,
}

/// What was given before.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the request")]
pub struct Given {
    pub at: i64,
    pub refund: bool,
    pub late: bool,
    pub amount: i64,
    pub worth: i64,
    pub same_case: bool,
    pub same_order: bool,
    pub same_customer: bool,
}

/// Amounts from one to another, both in it; none if the first is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "two ends")]
pub struct Extent {
    pub from: i64,
    pub to: i64,
}

impl Extent {
    const NONE: Self = Self { from: i64::MAX, to: i64::MIN };

    fn has(self, amount: i64) -> bool {
        self.from <= amount && amount <= self.to
    }
}

/// What one guardrail says for every amount.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which.
    pub rule: Rule,
    /// Whom it serves or binds, a bit each.
    pub who: u8,
    /// Where it covers, or is hit.
    pub holds: Extent,
    /// Where it covers for those who say why.
    pub wide: Extent,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the reference")]
pub enum Outcome {
    #[default]
    Forbidden,
    Allowed,
    AllowedSayWhy,
    Escalate,
    Exception,
}

impl Outcome {
    /// As in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Allowed => "allowed",
            Self::AllowedSayWhy => "allowed_say_why",
            Self::Escalate => "escalate",
            Self::Exception => "exception",
        }
    }
}

/// Who serves it instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct To {
    /// The group.
    pub group: &'static str,
    /// The place of its level.
    pub level: u8,
    /// When it is due.
    pub due: i64,
    /// The most it certainly could give.
    pub up_to: Option<i64>,
}

/// The answer; a buffer that can be used again.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What comes of it.
    pub outcome: Outcome,
    /// The guardrails that matter.
    pub rules: Vec<Rule>,
    /// Who serves it instead.
    pub to: Option<To>,
    /// By which guardrails they may.
    pub to_rules: Vec<Rule>,
    /// The largest amount that would be allowed now.
    pub free_up_to: Option<i64>,
    /// The same for one who says why.
    pub say_why_up_to: Option<i64>,
    /// What each guardrail says.
    pub seen: Vec<Seen>,
}

impl Asked {
    /// Reads a situation.
    #[must_use]
    pub fn of(s: &Situation) -> Self {
        let given = |p: &crate::situation::Past| Given {
            at: p.at(),
            refund: p.refund,
            late: p.late,
            amount: p.amount,
            worth: p.amount,
            same_case: p.same_case,
            same_order: p.same_order,
            same_customer: p.same_customer,
        };
        Self {
            now: NOW,
            month_began: MONTH_BEGAN,
            level: u8::try_from(s.level).unwrap_or(0),
            ai: s.ai,
            amount: s.amount,
            tier: [Tier::Standard, Tier::Plus, Tier::Key].get(s.tier).copied().unwrap_or(Tier::Standard),
            on_hold: s.on_hold,
            complaints: s.complaints,
            since: s.since,
            total: s.total,
            days_late: s.days_late,
            placed: s.placed,
            carrier: crate::situation::CARRIERS.get(s.carrier).copied().unwrap_or_default().into(),
            items: s.items,
            photo_seen: s.photo_seen,
            severity: s.severity,
            channel: [Channel::Mail, Channel::Chat, Channel::Phone].get(s.channel).copied().unwrap_or(Channel::Mail),
            history: s.history.iter().map(given).collect(),
        }
    }
}

/// What the history comes to.
#[derive(Default)]
pub(crate) struct Sums {
    pub(crate) had_case: i64,
    pub(crate) had_order: i64,
    pub(crate) paid_order: i64,
    pub(crate) customer_90d: i64,
    pub(crate) customer_month: i64,
}

pub(crate) fn sums(asked: &Asked) -> Sums {
    let mut sums = Sums::default();
    let since = asked.now - 90 * DAY;
    for given in asked.history.iter().filter(|g| g.refund) {
        if given.late {
            sums.had_case += if given.same_case { given.amount } else { 0 };
            sums.had_order += if given.same_order { given.amount } else { 0 };
            sums.customer_90d += if given.same_customer && given.at > since { given.worth } else { 0 };
        }
        sums.paid_order += if given.same_order { given.worth } else { 0 };
        sums.customer_month += i64::from(given.same_customer && given.at >= asked.month_began);
    }
    sums
}

/// Decides one request into a buffer.
pub fn decide_into(asked: &Asked, answer: &mut Answer) {
    answer.seen.clear();
    answer.rules.clear();
    answer.to_rules.clear();
    answer.to = None;
    let sums = sums(asked);
    // In the order of their ids, as they are named.
    cap_customer(asked, &sums, &mut answer.seen);
    closing(&mut answer.seen, Rule::Hold, EVERYBODY, if asked.on_hold { LEAST } else { i64::MAX });
    allow_late(asked, &sums, &mut answer.seen);
    allow_lead(asked, &sums, &mut answer.seen);
    forbid_machine(asked, &sums, &mut answer.seen);
    cap_month(asked, &sums, &mut answer.seen);
    forbid_new(asked, &sums, &mut answer.seen);
    let room = asked.total - sums.paid_order;
    closing(&mut answer.seen, Rule::Paid, EVERYBODY, if asked.items > 0 { room + 1 } else { i64::MAX });
    allow_photo(asked, &sums, &mut answer.seen);
    allow_tier(asked, &sums, &mut answer.seen);
    answer.free_up_to = largest(&answer.seen, ASKER, false);
    answer.say_why_up_to = largest(&answer.seen, ASKER, true);
    verdict(asked, answer);
}

fn closing(seen: &mut Vec<Seen>, rule: Rule, who: u8, from: i64) {
    let holds = Extent { from: from.max(LEAST), to: MOST };
    seen.push(Seen { rule, who, holds, wide: holds });
}

fn up_to(limit: i64, when: bool) -> Extent {
    if when { Extent { from: LEAST, to: limit.min(MOST) } } else { Extent::NONE }
}

fn percent(part: i64, of: i64) -> i64 {
    (part * of).div_euclid(100)
}

fn allow_late(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    let when = asked.days_late > 3 && &*asked.carrier != "pigeon";
    let holds = up_to(percent(20, asked.total) - sums.had_order, when);
    let wide = up_to(percent(30, asked.total) - sums.had_order, when);
    seen.push(Seen { rule: Rule::Late, who: EVERYBODY, holds, wide });
}

fn allow_lead(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    let when = asked.days_late > 0 || asked.severity >= 3;
    let holds = up_to(percent(50, asked.total) - sums.had_order, when);
    let asker = if asked.level >= 1 { ASKER } else { 0 };
    seen.push(Seen { rule: Rule::Lead, who: asker | LEADS | MANAGERS | LEAD_LEVEL | MANAGER_LEVEL, holds, wide: holds });
}

fn allow_photo(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    let when = asked.photo_seen && asked.severity >= 2;
    let wide = up_to(asked.total.min(3_000) - sums.had_case, when);
    seen.push(Seen { rule: Rule::Photo, who: EVERYBODY, holds: Extent::NONE, wide });
}

fn allow_tier(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    let when = asked.days_late > 1 && asked.items <= 10;
    let limit = match asked.tier {
        Tier::Standard => 500,
        Tier::Plus => 1_500,
        Tier::Key => 4_000,
    };
    let holds = up_to(limit - sums.had_order, when);
    seen.push(Seen { rule: Rule::Tier, who: EVERYBODY, holds, wide: holds });
}

fn forbid_machine(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    // Of a level nothing is known but its place on the ladder: it might be a machine.
    let who = if asked.ai { ASKER } else { 0 } | AGENT_LEVEL | LEAD_LEVEL | MANAGER_LEVEL;
    closing(seen, Rule::Machine, who, 2_001 - sums.had_case);
}

fn forbid_new(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    const FIRST_OF_OCTOBER: i64 = 20_727;
    let when = asked.since > FIRST_OF_OCTOBER && asked.complaints >= 3;
    let who = if asked.level < 1 { ASKER } else { 0 } | AGENT_LEVEL;
    closing(seen, Rule::New, who, if when { 5_001 - sums.had_case } else { i64::MAX });
}

fn cap_customer(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    const FIRST_OF_JANUARY: i64 = 20_454;
    let most = match asked.tier {
        Tier::Standard => 5_000,
        Tier::Plus => 10_000,
        Tier::Key => 30_000,
    };
    let who = if asked.level < 1 { ASKER } else { 0 } | AGENT_LEVEL;
    let from = if asked.placed >= FIRST_OF_JANUARY { most - sums.customer_90d + 1 } else { i64::MAX };
    closing(seen, Rule::Customer, who, from);
}

fn cap_month(asked: &Asked, sums: &Sums, seen: &mut Vec<Seen>) {
    let hit = asked.channel != Channel::Mail && sums.customer_month + 1 > 3;
    let who = if asked.level < 2 { ASKER } else { 0 } | LEADS | AGENT_LEVEL | LEAD_LEVEL;
    closing(seen, Rule::Month, who, if hit { LEAST } else { i64::MAX });
}

/// The largest amount that one of these could certainly give.
fn largest(seen: &[Seen], decider: u8, wide: bool) -> Option<i64> {
    let (mut top, mut most) = (MOST, i64::MIN);
    for one in seen.iter().filter(|s| s.who & decider != 0) {
        if one.rule.allows() {
            most = most.max(if wide { one.wide.to } else { one.holds.to });
        } else if one.holds.from <= MOST {
            top = top.min(one.holds.from - 1);
        }
    }
    let found = top.min(most);
    (found >= LEAST).then_some(found)
}

fn verdict(asked: &Asked, answer: &mut Answer) {
    let amount = asked.amount;
    let (mut blocked, mut free, mut wide, mut forbidden) = (0, 0, 0, false);
    for one in &answer.seen {
        let holds = one.holds.has(amount);
        if one.rule.allows() {
            free |= if holds { one.who } else { 0 };
            wide |= if one.wide.has(amount) { one.who } else { 0 };
        } else if holds {
            blocked |= one.who;
            forbidden |= one.rule.binds_everybody();
        }
    }
    let (yes, may) = (free & !blocked, wide & !blocked);
    let named = |matters: &dyn Fn(&Seen) -> bool, into: &mut Vec<Rule>| into.extend(answer.seen.iter().filter(|s| matters(s)).map(|s| s.rule));
    let hits_asker = |s: &Seen| !s.rule.allows() && s.who & ASKER != 0 && s.holds.has(amount);
    if forbidden {
        answer.outcome = Outcome::Forbidden;
        named(&|s| s.rule.binds_everybody() && s.holds.has(amount), &mut answer.rules);
    } else if yes & ASKER != 0 {
        answer.outcome = Outcome::Allowed;
        named(&|s| s.rule.allows() && s.who & ASKER != 0 && s.holds.has(amount), &mut answer.rules);
    } else if may & ASKER != 0 {
        answer.outcome = Outcome::AllowedSayWhy;
        named(&|s| s.rule.allows() && s.who & ASKER != 0 && s.wide.has(amount), &mut answer.rules);
    } else if (may | yes) & !ASKER != 0 {
        answer.outcome = Outcome::Escalate;
        named(&hits_asker, &mut answer.rules);
        // Whatever serves a level serves the managers.
        let group = if (may | yes) & LEADS != 0 { LEADS } else { MANAGERS };
        let freely = yes & group != 0;
        named(&|s| s.rule.allows() && s.who & group != 0 && if freely { s.holds.has(amount) } else { s.wide.has(amount) }, &mut answer.to_rules);
        answer.to = Some(to(asked, group, largest(&answer.seen, group, true)));
    } else {
        answer.outcome = Outcome::Exception;
        named(&hits_asker, &mut answer.rules);
        answer.to = (blocked & MANAGERS == 0).then(|| to(asked, MANAGERS, None));
    }
}

fn to(asked: &Asked, group: u8, up_to: Option<i64>) -> To {
    if group == LEADS {
        To { group: "leads", level: 1, due: asked.now + 30 * MINUTE, up_to }
    } else {
        To { group: "managers", level: 2, due: asked.now + 240 * MINUTE, up_to }
    }
}

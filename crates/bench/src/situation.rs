//! Situations: what every contender is told, each in its own form.

use serde_json::{Value, json};

/// When everything is asked: 2026-11-21T10:00:00Z, in microseconds.
pub const NOW: i64 = 1_795_255_200_000_000;
/// When that month began in Amsterdam.
pub const MONTH_BEGAN: i64 = 1_793_487_600_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400_000_000;

/// The tiers of a customer.
pub const TIERS: [&str; 3] = ["standard", "plus", "key"];
/// The ways a case comes in.
pub const CHANNELS: [&str; 3] = ["mail", "chat", "phone"];
/// Those who carry parcels.
pub const CARRIERS: [&str; 3] = ["swift", "pigeon", "snail"];
const LEVELS: [&str; 3] = ["agent", "lead", "manager"];

/// One situation, all facts known. Money in minor units, dates in days since 1970.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the charter's facts")]
pub struct Situation {
    pub level: usize,
    pub ai: bool,
    pub amount: i64,
    pub tier: usize,
    pub on_hold: bool,
    pub complaints: i64,
    pub since: i64,
    pub total: i64,
    pub days_late: i64,
    pub placed: i64,
    pub carrier: usize,
    pub items: i64,
    pub photo_seen: bool,
    pub severity: i64,
    pub channel: usize,
    pub history: Vec<Past>,
}

/// What was given before.
#[derive(Clone, Debug)]
pub struct Past {
    /// How many hours ago.
    pub hours: i64,
    /// Whether it was the remedy asked for, or another.
    pub refund: bool,
    /// Whether it was for being late, or goodwill.
    pub late: bool,
    /// In minor units.
    pub amount: i64,
    /// Whether it was in this case.
    pub same_case: bool,
    /// Whether it was for this order.
    pub same_order: bool,
    /// Whether it was for this customer.
    pub same_customer: bool,
}

/// The same numbers on every machine.
struct Dice(u64);

impl Dice {
    /// At least `low`, less than `high`.
    fn roll(&mut self, low: i64, high: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wide = i64::try_from(self.0 >> 33).unwrap_or(0);
        low + wide % (high - low)
    }

    fn one_in(&mut self, n: i64) -> bool {
        self.roll(0, n) == 0
    }

    fn pick(&mut self, n: i64) -> usize {
        usize::try_from(self.roll(0, n)).unwrap_or(0)
    }
}

/// That many situations, the same each time.
#[must_use]
pub fn situations(number: usize) -> Vec<Situation> {
    let mut dice = Dice(2_026);
    (0..number).map(|_| situation(&mut dice)).collect()
}

fn situation(dice: &mut Dice) -> Situation {
    let history = (0..dice.roll(3, 8)).map(|_| past(dice)).collect();
    Situation {
        level: if dice.one_in(4) { 1 } else { 0 },
        ai: dice.one_in(5),
        amount: dice.roll(100, 8_000),
        tier: dice.pick(3),
        on_hold: dice.one_in(20),
        complaints: dice.roll(0, 5),
        since: dice.roll(18_000, 20_778),
        total: dice.roll(1_000, 30_000),
        days_late: dice.roll(0, 12),
        placed: dice.roll(20_400, 20_778),
        carrier: dice.pick(3),
        items: dice.roll(0, 14),
        photo_seen: dice.one_in(2),
        severity: dice.roll(0, 6),
        channel: dice.pick(3),
        history,
    }
}

fn past(dice: &mut Dice) -> Past {
    let same_case = dice.one_in(4);
    let same_order = same_case || dice.one_in(3);
    Past {
        hours: dice.roll(1, 24 * 150),
        refund: !dice.one_in(3),
        late: !dice.one_in(3),
        amount: dice.roll(100, 3_000),
        same_case,
        same_order,
        same_customer: same_order || !dice.one_in(3),
    }
}

impl Situation {
    /// The request as JSON, for `decide`.
    #[must_use]
    pub fn request(&self, remedy: &str) -> Value {
        let mut request = self.options_request();
        let asked = json!({ "remedy": remedy, "amount": euros(self.amount) });
        if let (Value::Object(request), Value::Object(asked)) = (&mut request, asked) {
            request.extend(asked);
        }
        request
    }

    /// The request as JSON, for `options`.
    #[must_use]
    pub fn options_request(&self) -> Value {
        json!({
            "at": instant(NOW),
            "asker": { "level": LEVELS.get(self.level), "staff": { "kind": if self.ai { "ai" } else { "person" } } },
            "subjects": { "case": "K-9", "customer": "C-118", "order": "O-7" },
            "facts": {
                "customer.tier": TIERS.get(self.tier), "customer.on_hold": self.on_hold, "customer.complaints": self.complaints,
                "customer.since": date(self.since),
                "order.total": euros(self.total), "order.days_late": self.days_late, "order.placed": date(self.placed),
                "order.carrier": CARRIERS.get(self.carrier), "order.items": self.items,
                "case.photo_seen": { "value": self.photo_seen, "by": "person", "at": instant(NOW) },
                "case.severity": self.severity, "case.channel": CHANNELS.get(self.channel),
            },
            "reason": "late",
            "ledger": self.history.iter().map(Past::entry).collect::<Vec<_>>(),
        })
    }
}

impl Past {
    /// When it was given.
    #[must_use]
    pub fn at(&self) -> i64 {
        NOW - self.hours * (DAY / 24)
    }

    fn entry(&self) -> Value {
        let or_other = |same: bool, id: &str| if same { id.to_owned() } else { format!("{id}-other") };
        json!({
            "at": instant(self.at()),
            "remedy": if self.refund { "refund" } else { "gesture-001" },
            "reason": if self.late { "late" } else { "goodwill" },
            "amount": euros(self.amount),
            "keys": {
                "case": or_other(self.same_case, "K-9"), "order": or_other(self.same_order, "O-7"),
                "customer": or_other(self.same_customer, "C-118"),
            },
            "state": "fulfilled",
        })
    }
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn instant(at: i64) -> String {
    charter::time::instant_to_text(at)
}

fn date(day: i64) -> String {
    charter::time::day_to_text(day)
}

//! A company with three years behind it, written row by row past the commands: as many cases as are wanted, in little time.
//!
//! Whatever a page shows of one customer, case or person is alike, however many there are: a customer has four cases, a case one grant, and the people of the
//! first teams have their hands full; the last week was as busy. So what a page costs can be compared.

mod debriefs;
mod history;
mod people;
mod sink;

use std::fmt::Write as _;

use platform::db::{Location, Value};
use sha2::{Digest, Sha256};

use history::History;
use sink::Sink;

/// An error of whichever engine.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// How far back the first case lies.
const BEHIND: i64 = 3 * 365 * DAY;
/// How many of the latest cases came at the same pace, however many there are in all: one each twenty minutes, for the last week and a day.
const LATEST: i64 = 600;
const PACE: i64 = HOUR / 3;
/// How many cases are written at once.
const CHUNK: i64 = 5_000;

/// How many people there are: the first twenty are in a team each, the next twenty lead one each.
pub const STAFF: i64 = 500;
const TEAMS: i64 = 20;

/// The company that is written.
#[derive(Clone, Copy, Debug)]
pub struct Years<'a> {
    /// How many cases; there is a customer to four of them, an order and about a grant to each.
    pub cases: i64,
    /// When the last case was opened, in microseconds since 1970.
    pub now: i64,
    /// How many of the latest are open.
    pub open: i64,
    /// The charter in force: that of the made-up shop, whose facts these are.
    pub charter: &'a str,
}

impl Years<'_> {
    /// Writes it into a database that has the schema and nothing else.
    ///
    /// # Errors
    /// What the database says.
    pub async fn write(&self, location: &Location) -> Result<(), String> {
        self.written(location).await.map_err(|e| e.to_string())
    }

    /// Lets the engine look at what was written, as it does by itself in time: called when all else is written too.
    ///
    /// # Errors
    /// What the database says.
    pub async fn looked_at(location: &Location) -> Result<(), String> {
        sink::looked_at(location).await.map_err(|e| e.to_string())
    }

    async fn written(&self, location: &Location) -> Result<(), Failed> {
        let mut sink = Sink::open(location).await?;
        people::write(&mut sink, self);
        sink.flush().await?;
        let mut history = History::new(*self);
        for case in 0..self.cases {
            history.case(&mut sink, case);
            if case % CHUNK == CHUNK - 1 {
                sink.flush().await?;
            }
        }
        sink.close().await
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> i64 {
        (self.cases / 4).max(1)
    }
}

/// What opens the door for the person of this number: as the value of a cookie, and behind `leeway_` as a token.
#[must_use]
pub fn secret(person: i64) -> String {
    hex(&Sha256::digest(format!("person {person}")))
}

/// Who works on the case of this number, counted from 0: the number of the person.
#[must_use]
pub fn owner(years: &Years<'_>, case: i64) -> i64 {
    let place = history::place(years, case).1;
    // The first person has a full list of each state, and so has the first team.
    if place < 400 && place % 2 == 0 { 0 } else { case * 7 % STAFF }
}

/// The id of the customer of this number.
#[must_use]
pub fn customer(years: &Years<'_>, number: i64) -> String {
    text(&id(Kind::Customer, years.opened(number), number))
}

/// The id of the team of this number.
#[must_use]
pub fn team(years: &Years<'_>, number: i64) -> String {
    text(&id(Kind::Team, years.began(), number))
}

/// The id of the person of this number.
#[must_use]
pub fn person(years: &Years<'_>, number: i64) -> String {
    text(&id(Kind::Staff, years.began(), number))
}

/// The id of the latest talk that the first person had with their lead, if they had any.
#[must_use]
pub fn talk(years: &Years<'_>) -> Option<String> {
    debriefs::latest(years).map(|case| text(&debriefs::talk(years, case)))
}

/// The id of the webhook of this number; there are three.
#[must_use]
pub fn webhook(years: &Years<'_>, number: i64) -> String {
    text(&id(Kind::Webhook, years.began(), number))
}

/// The id of the grant in the case of this number, if there is one.
#[must_use]
pub fn grant(years: &Years<'_>, case: i64) -> String {
    text(&id(Kind::Grant, history::given_at(years, case), case))
}

/// The id of what was passed up in the case of this number, and of what the customer was promised then, if something was given in it.
#[must_use]
pub fn passed_up(years: &Years<'_>, case: i64) -> (String, String) {
    let at = history::given_at(years, case);
    (text(&id(Kind::Escalation, at, case)), text(&id(Kind::Promise, at, case)))
}

impl Years<'_> {
    fn began(&self) -> i64 {
        self.now - BEHIND - DAY
    }

    fn opened(&self, case: i64) -> i64 {
        let place = self.cases - 1 - case;
        let before = (place - LATEST).max(0);
        self.now - HOUR - PACE * (place - before) - (BEHIND - PACE * LATEST) / self.cases.max(1) * before
    }
}

/// What an id is of. No two of them have the same.
#[derive(Clone, Copy)]
enum Kind {
    Case,
    Customer,
    Decision,
    Escalation,
    Grant,
    Job,
    Link,
    News,
    Note,
    Offer,
    Offering,
    Order,
    Promise,
    Session,
    Staff,
    Team,
    Token,
    Membership,
    Webhook,
    Talk,
    Point,
    Remark,
}

/// Sixteen bytes that sort by time, as those of the program do.
fn id(kind: Kind, at: i64, number: i64) -> Vec<u8> {
    let milliseconds = (at / 1_000).to_be_bytes();
    let number = number.to_be_bytes();
    let mut id = Vec::with_capacity(16);
    id.extend_from_slice(milliseconds.get(2..).unwrap_or_default());
    id.extend_from_slice(&[0x70, kind as u8, 0x80, 0]);
    id.extend_from_slice(number.get(2..).unwrap_or_default());
    id
}

fn text(id: &[u8]) -> String {
    let hex = hex(id);
    let part = |from: usize, upto: usize| hex.get(from..upto).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is kept of a secret.
fn digest(secret: &str) -> Value {
    let mut sum = Sha256::new();
    sum.update(b"secret\0");
    sum.update(secret.as_bytes());
    Value::Bytes(sum.finalize().to_vec())
}

/// The values of a row.
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::years::Put::value($value)),*] };
}
use row;

/// What can stand in a row.
trait Put {
    fn value(self) -> Value;
}

impl Put for Value {
    fn value(self) -> Value {
        self
    }
}

impl Put for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}

impl Put for &str {
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Put for String {
    fn value(self) -> Value {
        Value::Text(self)
    }
}

impl Put for &[u8] {
    fn value(self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

impl Put for Vec<u8> {
    fn value(self) -> Value {
        Value::Bytes(self)
    }
}

impl<T: Put> Put for Option<T> {
    fn value(self) -> Value {
        self.map_or(Value::Null, Put::value)
    }
}

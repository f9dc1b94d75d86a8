//! What happened in three years: cases with their timelines, what was decided and given in them, and what is left of that.

use platform::actor::Actor;
use platform::db::Value;
use platform::events::{self, Recorded};
use platform::id::Id;

use super::{DAY, HOUR, Kind, Sink, TEAMS, Years, debriefs, digest, id, owner, row, text};

const MINUTE: i64 = HOUR / 60;
/// How long a grant can be taken back.
const UNDO: i64 = 20_000_000;
const FIRST_NAMES: [&str; 4] = ["Anna", "Bram", "Carla", "Dirk"];
const CARRIERS: [&str; 5] = ["Postbode", "Snelpakket", "Fietskoerier", "Pakketpunt", "Nachtbus"];
const CHANNELS: [&str; 3] = ["email", "chat", "phone"];

pub(super) struct History<'a> {
    years: Years<'a>,
    /// How many steps the ledger has.
    steps: i64,
}

/// One case while it is written.
pub(super) struct Case {
    pub(super) number: i64,
    pub(super) id: Vec<u8>,
    opened: i64,
    customer: Vec<u8>,
    pub(super) owner: Vec<u8>,
    team: Vec<u8>,
    pub(super) state: &'static str,
    /// How many of the same state are later.
    pub(super) place: i64,
    /// The digest of its last event, and how many there are.
    last: (i64, Vec<u8>),
}

/// A grant while it is written.
struct Grant {
    id: Vec<u8>,
    decision: Vec<u8>,
    at: i64,
    giver: String,
    is_goodwill: bool,
    state: &'static str,
}

impl<'a> History<'a> {
    pub(super) fn new(years: Years<'a>) -> Self {
        Self { years, steps: 0 }
    }

    /// Everything about the case of this number, counted from 0.
    pub(super) fn case(&mut self, sink: &mut Sink, number: i64) {
        if number < self.years.customers() {
            self.customer(sink, number);
        }
        let mut case = self.begun(number);
        self.order(sink, &case);
        self.opened(sink, &mut case);
        if case.state != "open" || case.place % 4 != 2 {
            self.given(sink, &mut case);
            self.passed_up(sink, &case);
        }
        for (state, by, hours) in [("waiting", "wait", 3), ("solved", "solve", 5), ("closed", "close", 6)] {
            let is_so = match case.state {
                "closed" => state != "waiting",
                now => now == state,
            };
            if is_so {
                let data = format!(r#"{{"what":"case_moved","case":"{}","by":"{by}","state":"{state}","owner":null}}"#, text(&case.id));
                event(sink, &mut case, "case_moved", data, hours * HOUR);
            }
        }
        self.around(sink, &case);
        debriefs::write(sink, &self.years, &case);
    }

    fn customer(&self, sink: &mut Sink, number: i64) {
        let at = self.years.opened(number);
        let (customer, reference) = (id(Kind::Customer, at, number), format!("C-{number:07}"));
        sink.put("subjects", "id, kind, ref, customer, made_at", row![customer.clone(), "customer", reference, None::<&str>, at]);
        let first = pick(&FIRST_NAMES, number);
        let (name, email) = (format!("{first} {number:07}"), format!("{}-{number}@mail.example", first.to_lowercase()));
        let who = row![customer.clone(), name.clone(), name.to_lowercase(), email.clone(), email, "en", at];
        sink.put("customers", "id, name, name_key, email, email_key, locale, changed_at", who);
        for word in [first.to_lowercase(), format!("{number:07}")] {
            sink.put("customer_words", "word, customer", row![word, customer.clone()]);
        }
        let tier = if number % 50 == 0 { r#""key""# } else { r#""standard""# };
        fact(sink, &customer, "customer.tier", tier, at);
        fact(sink, &customer, "customer.since", r#""2023-05-01""#, at);
    }

    fn begun(&self, number: i64) -> Case {
        let years = &self.years;
        let (state, place) = place(years, number);
        let owner = owner(years, number);
        let (opened, customer) = (years.opened(number), number % years.customers());
        Case {
            number,
            id: id(Kind::Case, opened, number),
            opened,
            customer: id(Kind::Customer, years.opened(customer), customer),
            owner: id(Kind::Staff, years.began(), owner),
            team: id(Kind::Team, years.began(), owner % TEAMS),
            state,
            place,
            last: (0, Vec::new()),
        }
    }

    fn order(&self, sink: &mut Sink, case: &Case) {
        let at = case.opened;
        let order = id(Kind::Order, at, case.number);
        sink.put("subjects", "id, kind, ref, customer, made_at", row![order.clone(), "order", reference(case), case.customer.clone(), at - 9 * DAY]);
        let carrier = format!(r#""{}""#, carrier(case));
        for (name, value) in [("order.total", r#""200.00""#), ("order.shipping", r#""4.95""#), ("order.days_late", "5"), ("order.carrier", carrier.as_str())] {
            fact(sink, &order, name, value, at);
        }
        sink.put("case_subjects", "case_id, kind, subject", row![case.id.clone(), "order", order]);
    }

    fn opened(&self, sink: &mut Sink, case: &mut Case) {
        let (channel, issue) = (pick(&CHANNELS, case.number), "late_parcel");
        let title = format!("Parcel of order {} came late", case.number);
        sink.put(
            "cases",
            "id, title, channel, issue, customer, owner, team, state, opened_at, state_at, source, ref",
            row![
                case.id.clone(),
                title,
                channel,
                issue,
                case.customer.clone(),
                case.owner.clone(),
                case.team.clone(),
                case.state,
                case.opened,
                case.opened,
                "shop",
                format!("T-{}", case.number)
            ],
        );
        let named = text(&case.id);
        event(sink, case, "case_opened", format!(r#"{{"what":"case_opened","case":"{named}","channel":"{channel}","issue":"{issue}"}}"#), 0);
        let data = format!(r#"{{"what":"case_assigned","case":"{named}","owner":"{}"}}"#, text(&case.owner));
        event(sink, case, "case_assigned", data, 0);
        let note = id(Kind::Note, case.opened, case.number);
        sink.put("texts", "id, salt, text, kept_at", row![note.clone(), note.clone(), "They would like to hear from us by tonight.", case.opened]);
        let data = format!(r#"{{"what":"case_noted","case":"{named}","note":{{"text":"{}","digest":""}}}}"#, text(&note));
        event(sink, case, "case_noted", data, MINUTE);
    }

    /// One remedy: every second one for the delay, the others to make up for it.
    fn given(&mut self, sink: &mut Sink, case: &mut Case) {
        let at = given_at(&self.years, case.number);
        let grant = Grant {
            id: id(Kind::Grant, at, case.number),
            decision: id(Kind::Decision, at, case.number),
            at,
            giver: format!("staff:{}", text(&case.owner)),
            is_goodwill: case.number % 2 == 0,
            state: match (case.state, case.place % 8) {
                ("open", 1) => "unclear",
                ("open", 3) => "failed",
                ("open", _) => "sent",
                _ => "fulfilled",
            },
        };
        self.decided(sink, case, &grant);
        let (remedy, reason, units) = grant.what();
        sink.put(
            "grants",
            "id, offer, case_id, customer, giver, remedy, reason, measure, unit, units, worth, decision, at, send_at, state, state_at",
            row![
                grant.id.clone(),
                id(Kind::Offer, at, case.number),
                case.id.clone(),
                case.customer.clone(),
                grant.giver.clone(),
                remedy,
                reason,
                "money",
                "EUR",
                units,
                units,
                grant.decision.clone(),
                at,
                at + UNDO,
                grant.state,
                at + MINUTE
            ],
        );
        self.counted(sink, case, &grant);
        let data = format!(
            r#"{{"what":"grant_made","case":"{}","grant":"{}","remedy":"{remedy}","reason":"{reason}","units":{units},"said_why":false}}"#,
            text(&case.id),
            text(&grant.id)
        );
        event(sink, case, "grant_made", data, 2 * MINUTE);
        for (place, state) in ["granted", "sent", grant.state].into_iter().take(if grant.state == "sent" { 2 } else { 3 }).enumerate() {
            self.steps += 1;
            sink.put("grant_steps", "grant_id, state, at, actor", row![grant.id.clone(), state, at, "system"]);
            if place > 0 {
                let data = format!(r#"{{"what":"grant_moved","case":"{}","grant":"{}","state":"{state}"}}"#, text(&case.id), text(&grant.id));
                event(sink, case, "grant_moved", data, 3 * MINUTE);
            }
        }
    }

    fn decided(&self, sink: &mut Sink, case: &Case, grant: &Grant) {
        let (remedy, reason, units) = grant.what();
        let request = format!(
            r#"{{"at":"2026-01-01T10:00:00Z","asker":{{"level":"agent","staff":{{"kind":"person"}}}},"subjects":{{"case":"{}","customer":"C-{:07}","order":"{}"}},"facts":{{"customer.tier":{{"value":"standard","by":"system"}},"order.total":{{"value":"200.00","by":"system"}},"order.days_late":{{"value":5,"by":"system"}}}},"issue":"late_parcel","remedy":"{remedy}","reason":"{reason}","amount":"{units}"}}"#,
            case.number + 1,
            case.number % self.years.customers(),
            reference(case),
        );
        let row = row![grant.decision.clone(), case.id.clone(), grant.at, grant.giver.clone(), 1, request, self.steps, "allowed", case.id.repeat(2)];
        sink.put("decisions", "id, case_id, at, actor, charter, request, upto, outcome, answer", row);
    }

    /// What it counts under.
    fn counted(&self, sink: &mut Sink, case: &Case, grant: &Grant) {
        let customer = format!("C-{:07}", case.number % self.years.customers());
        let keys = [
            ("", String::new()),
            ("case", (case.number + 1).to_string()),
            ("customer", customer),
            ("order", reference(case)),
            ("order.carrier", carrier(case).to_owned()),
        ];
        let (remedy, reason, units) = grant.what();
        for (name, key) in keys {
            let facts = (name.is_empty() || name.contains('.')).then(|| format!(r#"{{"order.carrier":"{}"}}"#, carrier(case)));
            let row = row![name, key, grant.at, grant.id.clone(), self.steps + 1, remedy, reason, units, units, facts];
            sink.put("grant_keys", "name, key, at, grant_id, since, remedy, reason, units, worth, facts", row);
        }
    }

    /// Something was asked of the leads on duty; they have answered, but for the latest.
    fn passed_up(&self, sink: &mut Sink, case: &Case) {
        let at = given_at(&self.years, case.number);
        let escalation = id(Kind::Escalation, at, case.number);
        let (raiser, is_open) = (format!("staff:{}", text(&case.owner)), case.state == "open");
        let words = (!is_open).then(|| id(Kind::Note, case.opened, case.number));
        let answered = |word: &'static str| (!is_open).then_some(word);
        sink.put(
            "escalations",
            "id, case_id, raiser, cause, is_urgent, raised_to, group_id, raised_at, due_at, passed_on, state, state_at, answer, answered_by, words, could_have",
            row![
                escalation.clone(),
                case.id.clone(),
                raiser.clone(),
                "beyond_limit",
                0,
                "duty-leads",
                "duty-leads",
                at,
                at + HOUR,
                0,
                if is_open { "open" } else { "answered" },
                at,
                answered("no"),
                answered("system"),
                words,
                (!is_open).then_some(0)
            ],
        );
        let item = row![escalation.clone(), 0, "refund", "late", "money", "EUR", 9_000, id(Kind::Decision, at, case.number)];
        sink.put("escalation_items", "escalation, place, remedy, reason, measure, unit, units, decision", item);
        let promise = id(Kind::Promise, at, case.number);
        let made = row![promise, case.id.clone(), escalation, "duty-leads", "email", raiser, at, at + HOUR, at + HOUR, 0];
        sink.put("promises", "id, case_id, escalation, group_id, how, made_by, made_at, first_due_at, due_at, renewed", made);
    }

    /// What comes with cases, and goes again: keys of requests, jobs, news.
    fn around(&self, sink: &mut Sink, case: &Case) {
        let at = case.opened;
        if self.years.now - at < 7 * DAY {
            let about = format!("case:{}", text(&case.id));
            let key = row!["source:shop", text(&case.id), case.id.repeat(2), 201, r#"{"number":1}"#, about, at];
            sink.put("idempotency_keys", "actor, key, fingerprint, status, answer, about, made_at", key);
            let job = row![id(Kind::Job, at, case.number), "mail", text(&case.id), "{}", self.years.now + 365 * DAY, 0, at];
            sink.put("jobs", "id, kind, key, payload, run_at, tries, made_at", job);
        }
        if case.number % 4 == 0 {
            let webhook = id(Kind::Webhook, self.years.began(), case.number % 3);
            let sent = row![webhook, format!("message-{}", case.number), text(&case.id), "case_opened", "{}", "delivered", 1, 200, at, at];
            sink.put("webhook_deliveries", "webhook, message, key, event, body, state, tries, status, made_at, tried_at", sent);
        }
        if case.number % 10 == 5 {
            let former = id(Kind::Customer, self.years.opened(case.number / 5), case.number / 5);
            sink.put("former_customers", "customer, number, case_id", row![former, case.number + 1, case.id.clone()]);
        }
        if case.number % 10 == 7 {
            let opens = digest(&format!("link {}", case.number));
            let link = row![id(Kind::Link, at, case.number), opens, "reset", case.owner.clone(), at, at + DAY, (case.number % 20 == 7).then_some(at + HOUR)];
            sink.put("links", "id, digest, kind, staff, made_at, expires_at, used_at", link);
        }
        // The first person has three to hear of; the others have heard.
        let is_first = case.number < 3;
        if is_first || case.number % 50 == 0 {
            let staff = if is_first { id(Kind::Staff, self.years.began(), 0) } else { case.owner.clone() };
            let news = row![id(Kind::News, at, case.number), staff, "grant_corrected", case.number + 1, at, (!is_first).then_some(at + DAY)];
            sink.put("news", "id, staff, kind, case_number, at, seen_at", news);
        }
        if case.number % 20 == 0 {
            let decision = id(Kind::Decision, given_at(&self.years, case.number), case.number);
            let no =
                row![id(Kind::Note, at, case.number), case.id.clone(), case.customer.clone(), "late_parcel", "system", "replacement", "lost", decision, at];
            sink.put("refusals", "id, case_id, customer, issue, staff, remedy, reason, decision, at", no);
        }
    }
}

/// Where the case of this number stands, and how many that stand there are later.
pub(super) fn place(years: &Years<'_>, number: i64) -> (&'static str, i64) {
    let mut place = years.cases - 1 - number;
    for (state, many) in [("open", years.open), ("waiting", 150), ("solved", 150)] {
        if place < many {
            return (state, place);
        }
        place -= many;
    }
    ("closed", place)
}

/// When something is given in the case of this number.
pub(super) fn given_at(years: &Years<'_>, number: i64) -> i64 {
    years.opened(number) + 2 * MINUTE
}

impl Grant {
    /// Remedy, reason, units.
    fn what(&self) -> (&'static str, &'static str, i64) {
        if self.is_goodwill { ("voucher", "goodwill", 500) } else { ("refund", "late", 1_500) }
    }
}

fn reference(case: &Case) -> String {
    format!("O-{:07}", case.number)
}

fn carrier(case: &Case) -> &'static str {
    pick(&CARRIERS, case.number)
}

fn pick(of: &[&'static str], number: i64) -> &'static str {
    usize::try_from(number).ok().and_then(|n| of.get(n % of.len().max(1)).copied()).unwrap_or_default()
}

fn fact(sink: &mut Sink, subject: &[u8], name: &str, value: &str, at: i64) {
    sink.put("facts", "subject, name, value, standing, actor, at", row![subject, name, value, "system", "source:shop", at]);
}

/// An event of a case, chained to the one before it.
fn event(sink: &mut Sink, case: &mut Case, kind: &str, data: String, after: i64) {
    let mut owner = [0; 16];
    owner.iter_mut().zip(&case.owner).for_each(|(to, from)| *to = *from);
    let mut event = Recorded {
        subject: format!("case:{}", text(&case.id)),
        number: case.last.0 + 1,
        at: case.opened + after,
        actor: Actor::Staff(Id::from_bytes(owner)),
        kind: kind.to_owned(),
        data,
        digest: Vec::new(),
    };
    event.digest = events::digest(&case.last.1, &event);
    case.last = (event.number, event.digest.clone());
    let Recorded { subject, number, at, actor, kind, data, digest } = event;
    sink.put("events", "subject, number, at, actor, kind, data, digest", row![subject, number, at, actor.to_string(), kind, data, Value::Bytes(digest)]);
}

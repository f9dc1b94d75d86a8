use std::collections::HashMap;

use access::people::{self, StaffId};
use charter::Charter;
use jiff::Timestamp;
use platform::actor::{Actor, Subject};
use platform::db::{DbError, Tx};
use platform::events::{self, Recorded};
use platform::texts::{self, TextId};
use serde_json::Value as Json;
use ui::components::{Chip, Entry, Timeline, Tone};
use ui::format::Formats;

use super::super::model::CaseId;
use super::given::{chip_of, state_words};
use crate::escalations;
use crate::grants::{GrantRow, Usable};
use crate::options::{amount, group_title, in_words, issue_title, of_amount, sentence_case, spoken};

/// How many events of a case are shown.
const SHOWN: i64 = 50;

/// Everything that names people: all on a page are asked for at once, and each only once.
pub(crate) struct People(HashMap<Actor, String>);

impl People {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Asks for the names of all that are not known yet.
    pub(crate) async fn meet(&mut self, tx: &mut Tx, actors: impl IntoIterator<Item = &Actor>) -> Result<(), DbError> {
        let mut strangers: Vec<StaffId> = actors.into_iter().filter(|a| !self.0.contains_key(a)).filter_map(|a| a.staff().map(StaffId)).collect();
        strangers.sort_unstable();
        strangers.dedup();
        let names = people::names(tx, &strangers).await?;
        self.0.extend(names.into_iter().map(|(id, name)| (Actor::Staff(id.0), name)));
        Ok(())
    }

    /// What somebody is called, once met.
    pub(crate) fn name(&self, actor: &Actor) -> String {
        match actor {
            Actor::Staff(_) => self.0.get(actor).cloned().unwrap_or_else(|| "Somebody".to_owned()),
            Actor::Source(name) => sentence_case(&spoken(name)),
            Actor::System => "Leeway".to_owned(),
        }
    }
}

/// Who reads a timeline, under which charter, when.
pub(crate) struct Reader<'a> {
    pub(crate) charter: Option<&'a Charter>,
    pub(crate) formats: &'a Formats,
    pub(crate) now: Timestamp,
    /// The latest grants of the case, and which of its approvals can be given: what was given is told with where it stands now.
    pub(crate) given: (&'a [GrantRow], &'a Usable),
}

/// What happened in a case, oldest first.
pub(crate) async fn timeline(tx: &mut Tx, case: CaseId, people: &mut People, reader: &Reader<'_>) -> Result<Timeline, DbError> {
    let mut recorded = events::of(tx, &Subject::new("case", &case), i64::MAX, SHOWN).await?;
    recorded.reverse();
    let recorded: Vec<(Recorded, Json)> =
        recorded.into_iter().map(|event| (serde_json::from_str(&event.data).unwrap_or_default(), event)).map(|(data, event)| (event, data)).collect();
    let owners: Vec<Actor> = recorded.iter().filter_map(|(_, data)| owner(data)).collect();
    people.meet(tx, recorded.iter().map(|(event, _)| &event.actor).chain(&owners)).await?;
    let notes = texts::read_all(tx, &recorded.iter().filter_map(|(_, data)| note(data)).collect::<Vec<_>>()).await?;
    Ok(Timeline { entries: recorded.iter().map(|(event, data)| entry(event, data, &notes, people, reader)).collect() })
}

fn note(data: &Json) -> Option<TextId> {
    data.pointer("/note/text").and_then(Json::as_str).and_then(|id| id.parse().ok())
}

fn owner(data: &Json) -> Option<Actor> {
    data.get("owner").and_then(Json::as_str).and_then(|id| id.parse().ok()).map(Actor::Staff)
}

fn entry(event: &Recorded, data: &Json, notes: &HashMap<TextId, String>, people: &People, reader: &Reader<'_>) -> Entry {
    let moment = Timestamp::from_microsecond(event.at).unwrap_or(reader.now);
    let (when, at) = (reader.formats.moment(moment, reader.now), moment.to_string());
    let who = people.name(&event.actor);
    if event.kind == "case_noted" {
        let text = note(data).and_then(|id| notes.get(&id)).map_or("This note was erased.", String::as_str).lines().map(str::to_owned).collect();
        return Entry::Message { from: who, when, at, text, is_ours: true, is_internal: true };
    }
    let owner = owner(data).map(|owner| people.name(&owner));
    let (text, chip) = sentence(event, data, &who, owner.as_deref(), reader);
    match note(data).map(|id| notes.get(&id).map_or("These words were erased.", String::as_str)) {
        None => Entry::Event { text, when, at, chip },
        Some(words) => {
            let text = std::iter::once(text).chain(words.lines().map(str::to_owned)).collect();
            Entry::Message { from: who, when, at, text, is_ours: true, is_internal: true }
        }
    }
}

fn sentence(event: &Recorded, data: &Json, who: &str, owner: Option<&str>, reader: &Reader<'_>) -> (String, Option<Chip>) {
    let charter = reader.charter;
    let word = |key: &str| data.get(key).and_then(Json::as_str).unwrap_or_default();
    let given = || {
        let amount = charter.map_or_else(String::new, |c| amount(c, word("remedy"), data.get("units").and_then(Json::as_i64)));
        of_amount(charter, word("remedy"), &amount)
    };
    match event.kind.as_str() {
        "case_opened" => (format!("Opened by {who}, came by {}", word("channel")), None),
        "case_assigned" => (
            owner.map_or_else(
                || format!("{who} put it back"),
                |owner| if owner == who { format!("{who} took it") } else { format!("{who} gave it to {owner}") },
            ),
            None,
        ),
        "case_moved" => (format!("{who}: {}", moved(word("by"))), None),
        "case_answered" => (format!("{who} gave the first answer"), None),
        "case_linked" => (format!("{who} noted which {} it is about", spoken(word("kind"))), None),
        "case_unlinked" => (format!("{who} noted that it is not about that {}", spoken(word("kind"))), None),
        "issue_chosen" => (issue(data.get("issue").and_then(Json::as_str), who, charter), None),
        "offering_chosen" if word("offering").is_empty() => (format!("{who} noted that no promise of ours is meant"), None),
        "offering_chosen" => (format!("{who} noted which promise of ours is meant"), None),
        "fact_stated" => {
            let fact = sentence_case(&spoken(&word("fact").replace('.', ": ")));
            let verb = if data.get("confirmed").and_then(Json::as_bool).unwrap_or(false) { "confirmed" } else { "stated" };
            let value = in_words(charter, word("fact"), word("value"), reader.formats, reader.now);
            (format!("{who} {verb} {fact} = {value}"), None)
        }
        "grant_made" => (format!("{who} gave: {}", given()), Some(stands(word("grant"), reader).unwrap_or_else(|| Chip::new(Tone::Positive, "given")))),
        "grant_approved" => {
            (format!("{who} approved: {}", given()), Some(stands(word("grant"), reader).unwrap_or_else(|| Chip::new(Tone::Positive, "approved"))))
        }
        "approval_ended" if word("how") == "lapsed" => ("What was approved was not given in time".to_owned(), Some(Chip::new(Tone::Plain, "lapsed"))),
        "approval_ended" if word("how") == "outdated" => {
            ("What was approved ended with the charter it was approved under".to_owned(), Some(Chip::new(Tone::Plain, "not valid any more")))
        }
        "approval_ended" => (format!("{who} took back what was approved"), Some(Chip::new(Tone::Plain, "taken back"))),
        "grant_corrected" => (format!("{who} corrected an error: {}", spoken(word("cause"))), Some(Chip::new(Tone::Caution, "corrected"))),
        "grant_moved" => (format!("{who}: {}", state_words(word("state"))), None),
        "no_exceeded" => (format!("{who} gave more where somebody had said no"), Some(Chip::new(Tone::Caution, "beyond a no"))),
        "request_refused" => (format!("{who} told the customer no: {}", given()), Some(Chip::new(Tone::Stop, "no"))),
        kind if kind.starts_with("escalation_") || kind.starts_with("promise_") || kind == "feedback_rated" => passed_up(kind, data, who, reader),
        other => (format!("{who}: {}", spoken(other)), None),
    }
}

/// Where a grant or an approval stands now; nothing of one that is none of the latest.
fn stands(id: &str, reader: &Reader<'_>) -> Option<Chip> {
    let (given, usable) = reader.given;
    let row = given.iter().find(|row| id.parse() == Ok(row.id.0))?;
    let chip = chip_of(row, usable);
    Some(Chip { label: chip.label.to_lowercase(), ..chip })
}

/// What happened to what was passed up, and to what the customer was promised.
fn passed_up(kind: &str, data: &Json, who: &str, reader: &Reader<'_>) -> (String, Option<Chip>) {
    let word = |key: &str| data.get(key).and_then(Json::as_str).unwrap_or_default();
    let group = || reader.charter.map_or_else(|| spoken(word("group")), |charter| group_title(charter, word("group")));
    let due = || data.get("due").and_then(Json::as_i64).and_then(|at| Timestamp::from_microsecond(at).ok());
    let by = || due().map_or_else(String::new, |at| format!(", by {}", reader.formats.deadline(at, reader.now)));
    let ask = |label: &str| Some(Chip::new(Tone::Ask, label));
    match kind {
        "escalation_raised" => (format!("{who} asked {}{}", group(), by()), ask("asked")),
        "escalation_looked_at" => (format!("{who} was the first of the group to read what was asked"), None),
        "escalation_taken" => (format!("{who} works on the answer"), None),
        "escalation_asked_back" => (format!("{who} asks back"), ask("asks back")),
        "escalation_replied_to" => (format!("{who} answers; {} decide{}", group(), by()), None),
        "escalation_reminded" if data.get("is_overdue").and_then(Json::as_bool).unwrap_or(false) => {
            ("No answer in time; it stays with the group for now".to_owned(), Some(Chip::new(Tone::Stop, "overdue")))
        }
        "escalation_reminded" => ("Whoever is there was reminded of it".to_owned(), None),
        "escalation_passed_on" => {
            let why = if escalations::was_due(data) { "No answer in time" } else { "Nobody was there" };
            (format!("{why}: passed on to {}{}", group(), by()), Some(Chip::new(Tone::Caution, "passed on")))
        }
        "escalation_withdrawn" => (format!("{who}: the customer has given up what was asked"), None),
        "escalation_answered" => {
            let (text, tone) = match word("answer") {
                "given" => ("gives all that was asked for", Tone::Positive),
                "less" => ("gives some of it", Tone::Positive),
                "no" => ("says no", Tone::Stop),
                _ => ("says what would have come of it", Tone::Plain),
            };
            (format!("{who} {text}"), Some(Chip::new(tone, "answered")))
        }
        "feedback_rated" => (format!("{who} rated the feedback: {}", spoken(word("rating"))), None),
        "promise_made" => (format!("{who} promised the customer an answer by {}{}", way(word("how")), by()), None),
        "promise_renewed" => (format!("{who} told the customer a later time{}", by()), Some(Chip::new(Tone::Caution, "later"))),
        "promise_kept" if data.get("is_late").and_then(Json::as_bool).unwrap_or(false) => {
            (format!("{who} contacted the customer, later than promised"), Some(Chip::new(Tone::Caution, "late")))
        }
        "promise_kept" => (format!("{who} contacted the customer, as promised"), Some(Chip::new(Tone::Positive, "kept"))),
        _ => (format!("{who} gave up what was promised"), Some(Chip::new(Tone::Stop, "broken"))),
    }
}

/// How a customer is contacted, after *by*.
pub(crate) fn way(how: &str) -> &'static str {
    match how {
        "phone" => "phone",
        "email" => "e-mail",
        "chat" => "chat",
        "letter" => "letter",
        _ => "a visit",
    }
}

fn issue(id: Option<&str>, who: &str, charter: Option<&Charter>) -> String {
    let Some(id) = id else { return format!("{who}: the kind of trouble is not known") };
    format!("{who}: the kind of trouble is “{}”", issue_title(charter, id))
}

fn moved(by: &str) -> &'static str {
    match by {
        "wait" => "waiting for somebody",
        "resume" => "goes on",
        "solve" => "solved",
        "reopen" => "reopened",
        "close" => "closed",
        _ => "moved",
    }
}

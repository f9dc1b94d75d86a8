use std::collections::HashMap;

use access::people::{self, StaffId};
use charter::Charter;
use jiff::Timestamp;
use platform::actor::{Actor, Subject};
use platform::db::{DbError, Tx};
use platform::events::{self, Recorded};
use platform::texts;
use serde_json::Value as Json;
use ui::components::{Chip, Entry, Timeline, Tone};
use ui::format::Formats;

use super::super::model::CaseId;
use crate::options::{amount, sentence_case, spoken, title};

/// How many events of a case are shown.
const SHOWN: i64 = 50;

/// Everything that names people: each is asked for once.
pub(crate) struct People(HashMap<Actor, String>);

impl People {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(crate) async fn name(&mut self, tx: &mut Tx, actor: &Actor) -> Result<String, DbError> {
        if let Some(known) = self.0.get(actor) {
            return Ok(known.clone());
        }
        let name = match actor {
            Actor::Staff(id) => people::find(tx, StaffId(*id)).await?.map_or_else(|| "Somebody".to_owned(), |s| s.name),
            Actor::Source(name) => sentence_case(&spoken(name)),
            Actor::System => "Leeway".to_owned(),
        };
        self.0.insert(actor.clone(), name.clone());
        Ok(name)
    }
}

/// What happened in a case, oldest first.
pub(super) async fn timeline(
    tx: &mut Tx,
    case: CaseId,
    charter: Option<&Charter>,
    people: &mut People,
    formats: &Formats,
    now: Timestamp,
) -> Result<Timeline, DbError> {
    let mut recorded = events::of(tx, &Subject::new("case", &case), i64::MAX, SHOWN).await?;
    recorded.reverse();
    let mut entries = Vec::with_capacity(recorded.len());
    for event in &recorded {
        let who = people.name(tx, &event.actor).await?;
        entries.push(entry(tx, event, &who, charter, people, formats, now).await?);
    }
    Ok(Timeline { entries })
}

async fn entry(
    tx: &mut Tx,
    event: &Recorded,
    who: &str,
    charter: Option<&Charter>,
    people: &mut People,
    formats: &Formats,
    now: Timestamp,
) -> Result<Entry, DbError> {
    let moment = Timestamp::from_microsecond(event.at).unwrap_or(now);
    let (when, at) = (formats.moment(moment, now), moment.to_string());
    let data: Json = serde_json::from_str(&event.data).unwrap_or_default();
    if event.kind == "case_noted" {
        let text = match data.pointer("/note/text").and_then(Json::as_str).and_then(|id| id.parse().ok()) {
            Some(id) => texts::read(tx, id).await?,
            None => None,
        };
        let text = text.unwrap_or_else(|| "This note was erased.".to_owned()).lines().map(str::to_owned).collect();
        return Ok(Entry::Message { from: who.to_owned(), when, at, text, is_ours: true, is_internal: true });
    }
    let owner = match data.get("owner").and_then(Json::as_str).and_then(|id| id.parse().ok()) {
        Some(id) => Some(people.name(tx, &Actor::Staff(id)).await?),
        None => None,
    };
    let (text, chip) = sentence(event, &data, who, owner.as_deref(), charter);
    Ok(Entry::Event { text, when, at, chip })
}

fn sentence(event: &Recorded, data: &Json, who: &str, owner: Option<&str>, charter: Option<&Charter>) -> (String, Option<Chip>) {
    let word = |key: &str| data.get(key).and_then(Json::as_str).unwrap_or_default();
    let given = || {
        let what = charter.map_or_else(|| spoken(word("remedy")), |c| title(c, word("remedy")));
        let amount = charter.map_or_else(String::new, |c| amount(c, word("remedy"), data.get("units").and_then(Json::as_i64)));
        if amount.is_empty() { what } else { format!("{what} of {amount}") }
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
            (format!("{who} {verb} {fact} = {}", shown(word("value"))), None)
        }
        "grant_made" => (format!("{who} gave: {}", given()), Some(Chip::new(Tone::Positive, "given"))),
        "grant_corrected" => (format!("{who} corrected an error: {}", spoken(word("cause"))), Some(Chip::new(Tone::Caution, "corrected"))),
        "grant_moved" => (format!("{who}: {}", standing(word("state"))), None),
        "no_exceeded" => (format!("{who} gave more where somebody had said no"), Some(Chip::new(Tone::Caution, "beyond a no"))),
        "request_refused" => (format!("{who} said no to: {}", given()), Some(Chip::new(Tone::Stop, "no"))),
        other => (format!("{who}: {}", spoken(other)), None),
    }
}

fn issue(id: Option<&str>, who: &str, charter: Option<&Charter>) -> String {
    let Some(id) = id else { return format!("{who}: the kind of trouble is not known") };
    let title =
        charter.and_then(|c| c.issues.iter().find(|issue| *issue.id == *id)).map_or_else(|| sentence_case(&spoken(id)), |issue| issue.title.to_string());
    format!("{who}: the kind of trouble is “{title}”")
}

/// The value of a fact, without the quotes of a text.
pub(crate) fn shown(value: &str) -> String {
    match serde_json::from_str::<Json>(value) {
        Ok(Json::String(text)) => text,
        Ok(Json::Bool(true)) => "yes".to_owned(),
        Ok(Json::Bool(false)) => "no".to_owned(),
        Ok(Json::Array(list)) => list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join(", "),
        _ if value.is_empty() => "(not shown)".to_owned(),
        _ => value.to_owned(),
    }
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

fn standing(state: &str) -> &'static str {
    match state {
        "withdrawn" => "taken back before it was sent",
        "sent" => "sent to be paid, shipped or booked",
        "fulfilled" => "the customer has it",
        "failed" => "it failed and has to be settled",
        "unclear" => "unclear whether it was done; has to be settled",
        _ => "moved on",
    }
}

//! What a group hears in its chat. Whoever reads there is not known: it says what is asked, in which case, by whom and until when, and nothing of the customer, of
//! what is known, or of what somebody wrote.

use charter::Charter;
use charter::time::Instant;
use jiff::Timestamp;
use platform::db::{Column, DbError, Tx, Value};
use platform::events::Recorded;
use platform::jobs::{self, NewJob};
use serde::{Deserialize, Serialize};
use ui::format::{Formats, Locale};

use super::model::{EscalationId, EscalationRow, ItemRow, State, words};
use super::store;
use crate::cases::{self, People};
use crate::charters::{self, Charters};
use crate::groups::{self, Chat, Message};

/// The job that tells a group something in its chat.
pub const CHAT_JOB: &str = "group_chat";
/// How many of the things that are asked for are named.
const NAMED: usize = 5;
/// How many characters of a name are told: a message has room for it all then.
const CHARS: usize = 100;

words! {
    /// What a group is told.
    Told, "what a group is told" {
        /// It is asked for a decision.
        Raised = "raised",
        /// What it asked is answered: it is its turn again.
        RepliedTo = "replied_to",
        /// Others did not answer in time.
        PassedOn = "passed_on",
        /// Of others nobody was there.
        HandedOn = "handed_on",
        /// It still waits.
        Reminded = "reminded",
        /// It waits longer than it should, and nobody is above who is there.
        Overdue = "overdue",
    }
}

impl Told {
    fn headline(self) -> &'static str {
        match self {
            Self::Raised => "A decision is asked for",
            Self::RepliedTo => "What was asked is answered, and the decision waits again",
            Self::PassedOn => "A decision was not made in time, and was passed on to this group",
            Self::HandedOn => "Nobody was there for a decision, and it was passed on to this group",
            Self::Reminded => "A decision still waits",
            Self::Overdue => "A decision is overdue",
        }
    }
}

/// What a job of [`CHAT_JOB`] holds. The address of the chat is read when it is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToChat {
    /// The group, by its id in the charter.
    pub group: String,
    escalation: EscalationId,
    told: Told,
    /// The event it tells of, as webhooks have it: `case:0199…#3`.
    message: String,
}

/// The group it is with hears of it in its chat, if it has one.
pub(super) async fn tell(tx: &mut Tx, row: &EscalationRow, told: Told, event: &Recorded) -> Result<(), DbError> {
    if groups::chat(tx, &row.group).await?.is_none() {
        return Ok(());
    }
    let key = format!("{}#{}", event.subject, event.number);
    let wanted = ToChat { group: row.group.clone(), escalation: row.id, told, message: key.clone() };
    let payload = serde_json::to_string(&wanted).map_err(|e| DbError::Defect(format!("a job is not JSON: {e}")))?;
    jobs::enqueue(tx, &NewJob { kind: CHAT_JOB, key: &key, payload: &payload, run_at: event.at }, event.at).await.map(drop)
}

/// What is to be said, and where; nothing when the chat was taken away meanwhile, or it is not the turn of the group any more. `origin` is where people reach
/// this installation.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn to_chat(tx: &mut Tx, known: &Charters, wanted: &ToChat, origin: &str) -> Result<Option<(Chat, Message)>, DbError> {
    let (Some(row), Some(in_force)) = (store::by_id(tx, wanted.escalation).await?, charters::in_force(tx, known).await?) else { return Ok(None) };
    if row.state != State::Open || row.group != wanted.group {
        return Ok(None);
    }
    let (Some(chat), Some(case)) = (groups::chat(tx, &row.group).await?, cases::by_id(tx, row.case).await?) else { return Ok(None) };
    let items = store::items(tx, row.id).await?;
    let mut people = People::new();
    people.meet(tx, [&row.raiser]).await?;
    let mut lines = vec![format!("{}, in case {}.", asked(&in_force.charter, &items), case.number), format!("Asked by {}.", short(people.name(&row.raiser)))];
    lines.push(match row.due_at {
        Some(due) => format!("Answer by {}.", until(tx, &in_force.charter, &row.group, due).await?),
        None => "Nobody of this group is known to be there.".to_owned(),
    });
    let headline = if row.is_urgent { format!("Urgent: {}", lower(wanted.told.headline())) } else { wanted.told.headline().to_owned() };
    let link = ("Open it".to_owned(), format!("{origin}/escalations/{}", row.id));
    Ok(Some((chat, Message { id: wanted.message.clone(), headline, lines, link })))
}

/// What is asked for: `Refund of €60.00 and Voucher of €10.00`.
fn asked(charter: &Charter, items: &[ItemRow]) -> String {
    let mut said: Vec<String> = items.iter().take(NAMED).map(|item| short(item.in_words(Some(charter)))).collect();
    if let Some(more @ 1..) = items.len().checked_sub(NAMED) {
        said.push(format!("{more} more"));
    }
    said.join(", ")
}

/// Until when, where the group is.
async fn until(tx: &mut Tx, charter: &Charter, group: &str, due: Instant) -> Result<String, DbError> {
    let calendars = charters::calendars(tx).await?;
    let known = charter.groups.iter().find(|known| *known.id == *group);
    let time_zone = known.map_or_else(|| charter.zone.clone(), |group| groups::zone(charter, &calendars, group));
    let at = Timestamp::from_microsecond(due).unwrap_or(Timestamp::MAX);
    let day = at.to_zoned(time_zone.clone()).date();
    let zone = time_zone.iana_name().unwrap_or("UTC").to_owned();
    let formats = Formats { locale: Locale::En, time_zone };
    Ok(format!("{} {} ({zone})", formats.date(day), formats.time(at)))
}

fn short(text: String) -> String {
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

//! The chat on the page of a group: whoever leads the team that serves it enters its address, tries it, and takes it away.

use access::{Caller, Permission};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use platform::http::{Form, Problem, Route};
use platform::limits::URL_CHARS;
use platform::outbound::Outbound;
use ui::components::{Choice, Field, Notice, Select, Tone};
use ui::format::Formats;

use super::super::changing::{known, led};
use super::super::chat::{self, Address, Chat, ChatKind, Message};
use super::changes::{again, to};
use super::show::{Sent, choice, field, filled};
use crate::charters;
use crate::groups::model::stamp;
use crate::options::{group_title, sentence_case};
use crate::state::Desk;

/// What the chats of groups stand on. Cloned, it is the same.
#[derive(Clone)]
pub struct Chats {
    /// The desk.
    pub desk: Desk,
    /// Posts messages, and says which addresses may be called.
    pub outbound: Outbound,
    /// Where people reach this installation.
    pub origin: String,
}

/// Every route of the chats of groups.
#[must_use]
pub fn chat_routes(chats: &Chats) -> Vec<Route<Permission>> {
    vec![
        Route::post("/groups/{group}/chat", Permission::Lead, enter, chats).taking(&["address", "kind"]),
        Route::post("/groups/{group}/chat/test", Permission::Lead, test, chats),
        Route::post("/groups/{group}/chat/removal", Permission::Lead, remove, chats),
    ]
}

/// What stands on the page, for whoever leads the team.
pub(super) struct ChatPart {
    /// Which kind, where, and since when.
    pub(super) there: Option<(&'static str, String, String)>,
    pub(super) is_open: bool,
    pub(super) address: Field,
    pub(super) kind: Select,
}

pub(super) fn chat_part(form: &Form, chat: Option<&Chat>, formats: &Formats) -> ChatPart {
    let day = |zone: &TimeZone, chat: &Chat| formats.date(stamp(chat.set_at).to_zoned(zone.clone()).date());
    let typed = form.typed("kind");
    let mut kinds = vec![Choice::new("", "What the address says")];
    kinds.extend(ChatKind::ALL.iter().map(|kind| choice(kind.word(), kind.title(), Some(typed))));
    ChatPart {
        there: chat.map(|chat| (chat.kind.title(), chat.address.shown(), day(&formats.time_zone, chat))),
        is_open: form.entries().next().is_some(),
        address: Field {
            hint: "Of an incoming webhook of Slack, or a workflow of Teams. Whoever knows it can write there, so it is not shown again.".to_owned(),
            prefix: "chat-".to_owned(),
            ..field(form, "address", "Address")
        },
        kind: Select {
            name: "kind".to_owned(),
            prefix: "chat-".to_owned(),
            label: "Which chat".to_owned(),
            choices: kinds,
            error: form.error("kind"),
            ..Select::default()
        },
    }
}

/// Says where the group hears of what it is asked.
async fn enter(State(chats): State<Chats>, caller: Caller, Path(group): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let read = read(&chats.outbound, &mut form);
    let Some((kind, address)) = read.filter(|_| form.is_fine()) else { return again(&chats.desk, &caller, &group, Sent::Chat, &form).await };
    let (at, actor, this, of) = (chats.desk.clock.now(), caller.actor(), chats.desk.clone(), group.clone());
    chats
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                known(tx, &this.charters, &of).await?;
                led(tx, &caller, &of).await?;
                Ok(chat::set_chat(tx, &of, kind, &address, &actor, at).await?)
            })
        })
        .await?;
    Ok(to(&group, "chat"))
}

fn read(outbound: &Outbound, form: &mut Form) -> Option<(ChatKind, Address)> {
    let url = form.parsed("address", |text| match text.chars().count() {
        0 => Err("Enter the address that the chat gave you.".to_owned()),
        length if length > URL_CHARS => Err(format!("An address has at most {URL_CHARS} characters; these are {length}.")),
        _ => outbound.address(text).map_err(|e| format!("{e}.")),
    });
    let host = url.as_ref().and_then(|url| url.host_str()).and_then(ChatKind::of_host);
    let chosen = form.parsed("kind", |word| match word {
        "" => Ok(None),
        word => ChatKind::with_word(word).map(Some).ok_or_else(|| "Choose one of them.".to_owned()),
    });
    let kind = chosen?.or(host);
    if url.is_some() && kind.is_none() {
        form.wrong("kind", "The address does not say which chat it is: choose the one whose messages it takes.");
    }
    Some((kind?, Address::of(url?.to_string())))
}

/// Posts a test at once, so that whoever tries it sees what came of it.
async fn test(State(chats): State<Chats>, caller: Caller, Path(group): Path<String>) -> Result<Response, Problem> {
    let (charters, this, of, who) = (chats.desk.charters.clone(), chats.desk.clone(), group.clone(), caller.clone());
    let found = chats.desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            known(tx, &this.charters, &of).await?;
            led(tx, &who, &of).await?;
            let in_force = charters::in_force(tx, &charters).await?;
            let title = in_force.map(|in_force| group_title(&in_force.charter, &of)).unwrap_or_default();
            Ok((chat::chat(tx, &of).await?.ok_or_else(Problem::not_found)?, title))
        })
    });
    let (there, title) = found.await?;
    let message = Message {
        id: format!("test:{group}#{}", chats.desk.clock.now()),
        headline: "A test from Leeway".to_owned(),
        lines: vec![format!("Here {title} will hear of what they are asked.")],
        link: ("Who is there".to_owned(), format!("{}/groups/{group}", chats.origin)),
    };
    match chat::post(&chats.outbound, &there, &message).await {
        Ok(()) => Ok(to(&group, "tried")),
        Err(e) => {
            let (title, more) = e.why.split_once(": ").unwrap_or((&e.why, ""));
            let text = format!("See whether the address still holds, or enter another one. {}", sentence_case(more));
            let notice = Notice { text, ..Notice::new(Tone::Stop, sentence_case(title)) };
            Ok(filled(&chats.desk, &caller, &group, None, Some(notice)).await?.into_response())
        }
    }
}

/// The group hears of nothing in a chat any more.
async fn remove(State(chats): State<Chats>, caller: Caller, Path(group): Path<String>) -> Result<Response, Problem> {
    let (at, actor, this, of) = (chats.desk.clock.now(), caller.actor(), chats.desk.clone(), group.clone());
    chats
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                known(tx, &this.charters, &of).await?;
                led(tx, &caller, &of).await?;
                Ok(chat::remove_chat(tx, &of, &actor, at).await?)
            })
        })
        .await?;
    Ok(to(&group, "quiet"))
}

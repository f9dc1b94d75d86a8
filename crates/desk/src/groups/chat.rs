//! The chat of a group: it hears there of what it is asked, in the shapes that Slack and Teams take. The address is a secret: whoever knows it can write there.

use std::fmt;

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Column, DbError, FromRow, Row, Tx, Value};
use platform::events;
use platform::jobs::runner::NotDone;
use platform::outbound::{Outbound, OutboundError};
use platform::{params, statements};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::hearing::touch;
use super::model::GroupEvent;
use super::store::hold;
use crate::escalations::words;

statements! {
    SET = "INSERT INTO group_chats (group_id, kind, url, set_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (group_id) DO UPDATE SET kind = ?2, url = ?3, set_at = ?4";
    REMOVE = "DELETE FROM group_chats WHERE group_id = ?1";
    OF_GROUP = "SELECT kind, url, set_at FROM group_chats WHERE group_id = ?1";
}

words! {
    /// What a message looks like.
    ChatKind, "a kind of chat" {
        /// As Slack takes it, and what understands the same.
        Slack = "slack",
        /// As Teams takes it, from a workflow.
        Teams = "teams",
    }
}

impl ChatKind {
    /// As people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
        }
    }

    /// What listens on this host, where that is known.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        let ends = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
        let slack = ["slack.com", "slack-gov.com"].into_iter().any(ends);
        let teams = ["logic.azure.com", "api.powerplatform.com", "webhook.office.com"].into_iter().any(ends);
        slack.then_some(Self::Slack).or_else(|| teams.then_some(Self::Teams))
    }

    /// The body of a message.
    #[must_use]
    pub fn body(self, message: &Message) -> String {
        match self {
            Self::Slack => slack(message),
            Self::Teams => teams(message),
        }
        .to_string()
    }
}

/// An address that is a secret. It is shown as its host and its last characters, nowhere as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

/// How many characters of an address are shown, where it has many more.
const SHOWN: usize = 4;

impl Address {
    /// One that may be called, as [`Outbound::address`] has it.
    #[must_use]
    pub fn of(url: String) -> Self {
        Self(url)
    }

    /// Its host and its last characters: enough to tell one from another.
    #[must_use]
    pub fn shown(&self) -> String {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let (host, secret) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let count = secret.chars().count();
        let last: String = secret.chars().skip(count.saturating_sub(SHOWN)).collect();
        if count > 4 * SHOWN { format!("{host}/…{last}") } else { format!("{host}/…") }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Column for Address {
    fn to_value(&self) -> Value {
        Value::from(self.0.as_str())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        String::from_value(value).map(Self)
    }
}

/// Where a group hears of what it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// What its messages look like.
    pub kind: ChatKind,
    /// Where they go.
    pub address: Address,
    /// Since when.
    pub set_at: Instant,
}

impl FromRow for Chat {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { kind: row.take()?, address: row.take()?, set_at: row.take()? })
    }
}

/// What is said in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What makes it this one and no other, the same at every try.
    pub id: String,
    /// What it is about.
    pub headline: String,
    /// What else there is to know.
    pub lines: Vec<String>,
    /// Where it leads, and the whole address of that.
    pub link: (String, String),
}

/// As Slack has it: `text` for notifications and for what shows no blocks.
fn slack(message: &Message) -> Json {
    // Three signs mean something there; names of people and things are nothing but text.
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let section = |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } });
    let lines: Vec<String> = std::iter::once(&message.headline).chain(&message.lines).map(|line| plain(line)).collect();
    let link = format!("<{}|{}>", message.link.1, plain(&message.link.0));
    let blocks: Vec<Json> = lines.iter().cloned().chain([link.clone()]).map(section).collect();
    json!({ "text": format!("{}\n{link}", lines.join("\n")), "blocks": blocks })
}

/// As a workflow of Teams takes it: a message with a card. Runs of text are shown as they are, whatever stands in them.
fn teams(message: &Message) -> Json {
    let run = |text: &str, weight: &str| json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text, "weight": weight }] });
    let body: Vec<Json> = std::iter::once(run(&message.headline, "Bolder")).chain(message.lines.iter().map(|line| run(line, "Default"))).collect();
    let (title, url) = &message.link;
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": message.headline,
        "body": body,
        "actions": [{ "type": "Action.OpenUrl", "title": title, "url": url }],
    });
    let attachment = json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card });
    json!({ "type": "message", "attachments": [attachment] })
}

/// Why a message was not taken. Nothing of the address stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// In a sentence without a full stop.
    pub why: String,
    /// Whether it may be taken when it is sent again.
    pub may_succeed: bool,
}

impl From<NotTaken> for NotDone {
    fn from(e: NotTaken) -> Self {
        if e.may_succeed { Self::Again(e.why) } else { Self::Never(e.why) }
    }
}

/// Posts a message. Chats take no notice of the header that says which it is; what stands before one can tell by it a message that comes again.
///
/// # Errors
/// [`NotTaken`].
pub async fn post(outbound: &Outbound, chat: &Chat, message: &Message) -> Result<(), NotTaken> {
    let headers = [("content-type", "application/json".to_owned()), ("idempotency-key", message.id.clone())];
    let (why, may_succeed) = match outbound.post(&chat.address.0, &headers, chat.kind.body(message)).await {
        Ok(200..300) => return Ok(()),
        Ok(status @ (404 | 410)) => (format!("the chat answered {status}: nobody listens at its address any more"), false),
        Ok(status) => (format!("the chat answered {status}"), true),
        // What is refused is told with the address.
        Err(OutboundError::Refused(_)) => ("the address of the chat may not be called".to_owned(), false),
        Err(OutboundError::Failed(why)) => (format!("the chat could not be reached: {why}"), true),
    };
    Err(NotTaken { why, may_succeed })
}

/// The chat of a group, if it has one.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn chat(tx: &mut Tx, group: &str) -> Result<Option<Chat>, DbError> {
    tx.optional(&OF_GROUP, params![group]).await
}

/// Says where a group hears of what it is asked from now on.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn set_chat(tx: &mut Tx, group: &str, kind: ChatKind, address: &Address, by: &Actor, at: Instant) -> Result<(), DbError> {
    hold(tx, group).await?;
    tx.execute(&SET, params![group, &kind, address, at]).await?;
    touch(tx);
    events::append(tx, &GroupEvent::GroupChatSet { group: group.to_owned(), kind }, by, at).await
}

/// A group hears of nothing in a chat any more; nothing is done if it did not.
///
/// # Errors
/// [`DbError`] when it cannot be changed.
pub async fn remove_chat(tx: &mut Tx, group: &str, by: &Actor, at: Instant) -> Result<(), DbError> {
    hold(tx, group).await?;
    if tx.execute(&REMOVE, params![group]).await? == 1 {
        touch(tx);
        events::append(tx, &GroupEvent::GroupChatRemoved { group: group.to_owned() }, by, at).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_is_told_from_the_host() {
        let cases = [
            ("hooks.slack.com", Some(ChatKind::Slack)),
            ("prod-12.westeurope.logic.azure.com", Some(ChatKind::Teams)),
            ("default1.api.powerplatform.com", Some(ChatKind::Teams)),
            ("shop.webhook.office.com", Some(ChatKind::Teams)),
            ("notslack.com", None),
            ("slack.com.example", None),
            ("chat.shop.example", None),
        ];
        for (host, kind) in cases {
            assert_eq!(ChatKind::of_host(host), kind, "{host}");
        }
    }

    #[test]
    fn an_address_is_shown_by_its_ends() {
        let shown = |url: &str| Address::of(url.to_owned()).shown();
        assert_eq!(shown("https://hooks.slack.com/services/T0/B0/abcdefghij"), "hooks.slack.com/…ghij");
        assert_eq!(shown("https://chat.example:8443/short"), "chat.example:8443/…");
        assert_eq!(format!("{:?}", Address::of("https://chat.example/secret".to_owned())), "Address(…)");
    }

    #[test]
    fn what_somebody_is_called_is_nothing_but_text() {
        let message = Message {
            id: "case:1#1".to_owned(),
            headline: "A".to_owned(),
            lines: vec!["Asked by <!channel> & [x](http://a.example).".to_owned()],
            link: ("Open it".to_owned(), "https://leeway.example/escalations/1".to_owned()),
        };
        let slack: Json = serde_json::from_str(&ChatKind::Slack.body(&message)).unwrap_or_default();
        let text = "A\nAsked by &lt;!channel&gt; &amp; [x](http://a.example).\n<https://leeway.example/escalations/1|Open it>";
        assert_eq!(slack.pointer("/text").and_then(Json::as_str), Some(text));
        let teams: Json = serde_json::from_str(&ChatKind::Teams.body(&message)).unwrap_or_default();
        let run = "/attachments/0/content/body/1/inlines/0/text";
        assert_eq!(teams.pointer(run).and_then(Json::as_str), message.lines.first().map(String::as_str));
    }
}

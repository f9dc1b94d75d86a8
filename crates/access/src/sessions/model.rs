//! A sign-in on one device.

use charter::time::Instant;
use platform::actor::Subject;
use platform::db::{Contended, DbError, FromRow, Row};
use platform::events::Event;
use platform::http::Problem;
use platform::ids;
use serde::Serialize;

use crate::limits;
use crate::people::StaffId;

ids! {
    /// A sign-in on one device.
    SessionId
}

/// A sign-in on one device, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// `Firefox on Linux`, as far as the browser tells.
    pub device: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, give or take a minute.
    pub seen_at: Instant,
}

impl FromRow for Session {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, device: row.take()?, created_at: row.take()?, seen_at: row.take()? })
    }
}

/// What happened to a sign-in.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named by what happened; the fields by what they hold")]
pub enum SessionEvent {
    SignedIn { staff: StaffId, session: SessionId },
    SessionEnded { staff: StaffId, session: SessionId },
    OtherSessionsEnded { staff: StaffId, ended: u64 },
}

impl Event for SessionEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SessionEnded { .. } => "session_ended",
            Self::OtherSessionsEnded { .. } => "other_sessions_ended",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::SignedIn { staff, .. } | Self::SessionEnded { staff, .. } | Self::OtherSessionsEnded { staff, .. } => Subject::new("staff", staff),
        }
    }
}

/// Why a sign-in was not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// The database said so.
    Db(DbError),
    /// It has ended, or it is somebody else's.
    Unknown,
}

impl From<DbError> for SessionError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for SessionError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<SessionError> for Problem {
    fn from(e: SessionError) -> Self {
        match e {
            SessionError::Db(e) => e.into(),
            SessionError::Unknown => Self::not_found(),
        }
    }
}

/// What a browser says about itself, in words: `Firefox on Linux`. Only words of this table are kept, never what was sent.
#[must_use]
pub fn device(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let known = |table: &[(&str, &'static str)]| table.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name);
    let text = match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "An unknown device".to_owned(),
    };
    text.chars().take(limits::DEVICE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn devices_in_words() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1", "Safari on iPhone"),
            ("curl/8.5", "curl"),
            ("<script>", "An unknown device"),
        ];
        for (sent, words) in cases {
            assert_eq!(super::device(sent), words);
        }
    }
}

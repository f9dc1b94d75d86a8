//! What was said and what happened, oldest first.

use askama::Template;

use super::{Chip, prints_itself};

/// A list of messages and events.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/timeline.html")]
pub struct Timeline {
    /// Oldest first.
    pub entries: Vec<Entry>,
}

/// One thing that was said or happened.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Somebody wrote.
    Message {
        /// Who.
        from: String,
        /// When, in words.
        when: String,
        /// When, for machines: RFC 3339.
        at: String,
        /// Paragraphs.
        text: Vec<String>,
        /// Whether it is one of us.
        is_ours: bool,
        /// Whether the customer does not see it.
        is_internal: bool,
    },
    /// Something happened.
    Event {
        /// In a sentence.
        text: String,
        /// When, in words.
        when: String,
        /// When, for machines: RFC 3339.
        at: String,
        /// What came of it.
        chip: Option<Chip>,
    },
}

prints_itself!(Timeline);

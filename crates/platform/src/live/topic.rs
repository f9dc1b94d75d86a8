use std::fmt;
use std::sync::Arc;

use crate::limits;

/// What somebody can look at: one thing, written `case:ID`, or a place that many look at, written as its name: `inbox`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// One thing of a kind.
    #[must_use]
    pub fn new(kind: &str, id: &impl fmt::Display) -> Self {
        Self(format!("{kind}:{id}").into())
    }

    /// A place, by its name.
    #[must_use]
    pub fn place(name: &str) -> Self {
        Self(name.into())
    }

    /// Anything: nobody knows what was announced meanwhile.
    #[must_use]
    pub fn any() -> Self {
        Self::place("*")
    }

    /// A topic as somebody may ask for it.
    #[must_use]
    pub fn asked(text: &str) -> Option<Self> {
        let is_name = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'));
        let (kind, id) = text.split_once(':').map_or((text, None), |(kind, id)| (kind, Some(id)));
        (text.len() <= limits::TOPIC_CHARS && is_name(kind) && id.is_none_or(is_name)).then(|| Self::place(text))
    }

    /// The kind, or the name of the place.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(kind, _)| kind)
    }

    /// Which one; empty for a place.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The subject of an event.
impl From<String> for Topic {
    fn from(subject: String) -> Self {
        Self(subject.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_asked_for() {
        for (text, kind, id) in [("case:01-a", "case", "01-a"), ("inbox", "inbox", ""), ("group:duty.leads_2", "group", "duty.leads_2")] {
            let topic = Topic::asked(text).unwrap();
            assert_eq!((topic.kind(), topic.id(), topic.to_string().as_str()), (kind, id, text));
        }
        for text in ["", ":", "case:", ":1", "case:1:2", "*", "a b", "case:\n", &"a".repeat(limits::TOPIC_CHARS + 1)] {
            assert_eq!(Topic::asked(text), None, "{text:?}");
        }
        assert!(Topic::asked(&"a".repeat(limits::TOPIC_CHARS)).is_some());
    }
}

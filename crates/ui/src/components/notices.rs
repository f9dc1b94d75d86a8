//! What a page says about itself: states, news, the way on, and what went wrong.

use askama::Template;

use super::prints_itself;
use crate::Icon;
use crate::share::Share;

/// What something means. Colour goes with it, and never alone: a chip has its word, a notice its sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Says what it says.
    #[default]
    Plain,
    /// Good, done, within what is mine.
    Positive,
    /// Wants a look.
    Caution,
    /// Does not go on.
    Stop,
    /// With somebody else.
    Ask,
}

/// A word about a state.
#[derive(Clone, Debug, Template)]
#[template(path = "components/chip.html")]
pub struct Chip {
    /// What it means.
    pub tone: Tone,
    /// The word.
    pub label: String,
    /// A sign before the word, for states that must be seen from afar.
    pub icon: Option<Icon>,
}

/// News about the page, or about what was just done.
#[derive(Clone, Debug, Template)]
#[template(path = "components/notice.html")]
pub struct Notice {
    /// What it means.
    pub tone: Tone,
    /// In few words.
    pub title: String,
    /// In a sentence; may be empty.
    pub text: String,
    /// What is to be copied: a link to hand over, say. At most one notice of a page has it.
    pub copies: String,
    /// A way on: what it says, where it leads.
    pub link: Option<(String, String)>,
    /// A way on that changes something.
    pub sends: Option<Sends>,
}

/// A button that changes something.
#[derive(Clone, Debug)]
pub struct Sends {
    /// What it says.
    pub label: String,
    /// Where it posts.
    pub action: String,
    /// The shell's.
    pub csrf: String,
}

/// Nothing there yet: says what will be, and how it comes.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/empty.html")]
pub struct Empty {
    /// What is not there.
    pub title: String,
    /// How it comes to be.
    pub text: String,
    /// The next step: what it says, where it leads.
    pub action: Option<(String, String)>,
}

/// Done, and for a few seconds not sent yet.
#[derive(Clone, Debug, Template)]
#[template(path = "components/undo.html")]
pub struct Undo {
    /// What was done: `Refund of €15.00 given`.
    pub title: String,
    /// Seconds left.
    pub seconds: u32,
    /// Seconds there were.
    pub seconds_all: u32,
    /// Where the form is posted.
    pub action: String,
    /// The token of the form.
    pub csrf: String,
    /// What is said when the time is over: `Sent to Marta Lind`.
    pub after: String,
}

/// How far something has come.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/progress.html")]
pub struct Progress {
    /// What is going on.
    pub label: String,
    /// How much is done.
    pub done: i64,
    /// How much there is; without it, it is going on and nobody knows how long.
    pub whole: Option<i64>,
    /// As it is read: `4 of 6`.
    pub figure: String,
    /// A mark on the way, of the same whole: a goal.
    pub mark: Option<i64>,
    /// What else there is to say.
    pub detail: String,
}

/// What went wrong, for a page of its own (`components/problem.html` in `bare.html`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/problem.html")]
pub struct Problem {
    /// Status of the answer.
    pub status: u16,
    /// What happened.
    pub title: String,
    /// What it means, and what was kept.
    pub text: String,
    /// What to do now: what it says, where it leads. The first is the main one.
    pub ways: Vec<(String, String)>,
    /// What to name when asking for help.
    pub reference: Option<String>,
}

prints_itself!(Chip, Notice, Empty, Undo, Progress, Problem);

impl Tone {
    /// Part of class names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Positive => "positive",
            Self::Caution => "caution",
            Self::Stop => "stop",
            Self::Ask => "ask",
        }
    }

    /// The sign that goes with it.
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::Plain => Icon::Info,
            Self::Positive => Icon::Check,
            Self::Caution => Icon::Caution,
            Self::Stop => Icon::Stop,
            Self::Ask => Icon::Clock,
        }
    }

    /// Screen readers say at once what stops, and the rest when there is a pause.
    fn role(self) -> &'static str {
        if self == Self::Stop { "alert" } else { "status" }
    }
}

impl Chip {
    /// A chip without a sign.
    #[must_use]
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self { tone, label: label.into(), icon: None }
    }

    /// With the sign of its tone.
    #[must_use]
    pub fn signed(self) -> Self {
        Self { icon: Some(self.tone.icon()), ..self }
    }
}

impl Notice {
    /// A notice in few words.
    #[must_use]
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: String::new(), copies: String::new(), link: None, sends: None }
    }
}

impl Undo {
    /// Seconds there are after a grant.
    pub const SECONDS: u32 = 20;
}

impl Progress {
    fn share(&self) -> Option<Share> {
        self.whole.map(|whole| Share::of(self.done, whole))
    }

    fn mark_share(&self) -> Option<Share> {
        self.mark.zip(self.whole).map(|(mark, whole)| Share::of(mark, whole))
    }
}

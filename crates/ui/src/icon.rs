//! The few small drawings: 16 units square, one line weight, in the colour of the text around them.

use std::fmt;

/// A drawing that goes with a word, and says nothing alone: it is hidden from screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named by what it shows")]
pub enum Icon {
    Search,
    Check,
    Caution,
    Stop,
    Info,
    Question,
    Clock,
    Menu,
    Close,
    Plus,
    Minus,
    Earlier,
    Later,
    Down,
    Undo,
    Lock,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Search => "M11.5 11.5 14.5 14.5M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Z",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Caution => "M8 2 14.5 13.5H1.5ZM8 6.5v3M8 11.6v.1",
            Self::Stop => "M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
            Self::Info => "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 7.4v3.6M8 4.9V5",
            Self::Question => "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM6.2 6.4a1.8 1.8 0 1 1 2.7 1.5c-.6.4-.9.7-.9 1.4M8 11.2v.1",
            Self::Clock => "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 4.6V8l2.4 1.6",
            Self::Menu => "M2 4.5h12M2 8h12M2 11.5h12",
            Self::Close => "M3.5 3.5l9 9M12.5 3.5l-9 9",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Minus => "M3 8h10",
            Self::Earlier => "M10 3 5 8l5 5",
            Self::Later => "M6 3l5 5-5 5",
            Self::Down => "M4 6.2 8 10.2 12 6.2",
            Self::Undo => "M5.5 2.5 2.5 5.5l3 3M2.5 5.5H9a4.2 4.2 0 0 1 0 8.4H5.5",
            Self::Lock => "M3.5 7.2h9v6.6h-9ZM5.3 7.2V5a2.7 2.7 0 0 1 5.4 0v2.2",
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<svg class=\"icon\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\"><path d=\"{}\"/></svg>", self.path())
    }
}

impl askama::filters::HtmlSafe for Icon {}

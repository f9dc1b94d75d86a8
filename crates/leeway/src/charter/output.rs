//! Where answers go: text for people, JSON for programs.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use charter::diagnostics::is_invisible;
use serde::Serialize;

/// Standard output.
pub(super) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    /// Whether programs read it.
    pub(super) json: bool,
    /// Whether it may be coloured.
    pub(super) colour: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        let out = io::stdout().lock();
        let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
        Self { out: BufWriter::with_capacity(1 << 16, out), json, colour }
    }

    /// Writes a line for people.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", plain(text))
    }

    /// Writes text as it is, to be kept in a file.
    pub(super) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes text that has been made for the terminal, colours included.
    pub(super) fn styled(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes one JSON value over several lines.
    pub(super) fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// Writes one JSON value as a line.
    pub(super) fn value_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        writeln!(self.out)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Text as one line without anything that could steer a terminal, hide, or turn around what it says: a charter's own words must not look like ours.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            _ if is_invisible(c) => shown.extend(c.escape_default()),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// `1 error`, `2 errors`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

//! Findings for people, with the lines they are about; and as data, with line and column.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use charter::Loaded;
use charter::diagnostics::{Code, Finding, Severity, line_and_column};
use serde::Serialize;

use super::input::{CharterFile, shown};
use super::output::{Output, counted, plain};

/// A finding as programs get it.
#[derive(Serialize)]
pub(super) struct FindingJson<'f> {
    code: Code,
    severity: Severity,
    line: usize,
    column: usize,
    span: Bytes,
    message: &'f str,
    expected: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'f str>,
}

/// A place in a file, in bytes.
#[derive(Serialize)]
struct Bytes {
    start: usize,
    end: usize,
}

impl<'f> FindingJson<'f> {
    pub(super) fn list(text: &str, findings: &'f [Finding]) -> Vec<Self> {
        let json = |f: &'f Finding| {
            let (line, column) = line_and_column(text, f.span.start);
            let span = Bytes { start: f.span.start, end: f.span.end };
            Self { code: f.code, severity: f.severity, line, column, span, message: &f.message, expected: &f.expected, help: f.help.as_deref() }
        };
        findings.iter().map(json).collect()
    }
}

/// What was found in some charters.
#[derive(Serialize)]
pub(super) struct Report<'r> {
    pub(super) files: Vec<FileReport<'r>>,
}

/// What was found in one charter.
#[derive(Serialize)]
pub(super) struct FileReport<'r> {
    file: String,
    #[serde(flatten)]
    counts: Counts,
    findings: Vec<FindingJson<'r>>,
    left_out: usize,
}

impl<'r> FileReport<'r> {
    pub(super) fn of(file: &CharterFile, loaded: &'r Loaded) -> Self {
        let findings = FindingJson::list(&file.text, &loaded.findings);
        Self { file: shown(&file.path), counts: Counts::of(&loaded.findings), findings, left_out: loaded.left_out }
    }
}

/// How many findings there are of each weight.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
}

impl Counts {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let of = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Self { errors: of(Severity::Error), warnings: of(Severity::Warning), notes: of(Severity::Note) }
    }

    /// `2 errors, 1 warning in shop.toml`, or `shop.toml: fine`.
    pub(super) fn summary(self, path: &Path, left_out: usize) -> String {
        let all = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let there: Vec<String> = all.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what)).collect();
        let more = if left_out > 0 { format!(", and {left_out} more") } else { String::new() };
        if there.is_empty() { format!("{}: fine", shown(path)) } else { format!("{}{more} in {}", there.join(", "), shown(path)) }
    }
}

/// Writes findings to standard output.
pub(super) fn to_output(out: &mut Output, path: &Path, text: &str, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let rendered = rendered(path, text, finding, out.colour);
        out.styled(&rendered)?;
        out.line("")?;
    }
    Ok(())
}

/// Writes findings to standard error, where the answer they stand in for does not belong.
pub(super) fn to_stderr(path: &Path, text: &str, findings: &[&Finding]) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let colour = err.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    for finding in findings {
        writeln!(err, "{}\n", rendered(path, text, finding, colour))?;
    }
    writeln!(err, "{} in {}", counted(findings.len(), "error"), shown(path))
}

fn rendered(path: &Path, text: &str, finding: &Finding, colour: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let place = Place::of(text, finding);
    let label = if finding.expected.is_empty() { None } else { Some(format!("expected {}", finding.expected)) };
    let mark = AnnotationKind::Primary.span(place.from..place.to).label(label);
    let snippet = Snippet::source(place.line.as_str()).line_start(place.number).path(shown(path)).annotation(mark);
    let title = level.primary_title(finding.message.as_str()).id(finding.code.name());
    let mut group: Group<'_> = title.element(snippet);
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The line a finding begins in, and what is marked there. Only that line is shown: a table can be longer than a screen.
struct Place {
    line: String,
    number: usize,
    from: usize,
    to: usize,
}

impl Place {
    fn of(text: &str, finding: &Finding) -> Self {
        let at = floor(text, finding.span.start);
        let begins = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let rest = text.get(begins..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let from = (at - begins).min(line.len());
        let to = (floor(text, finding.span.end).max(at) - begins).min(line.len());
        let shown_up_to = |byte| plain(line.get(..byte).unwrap_or(line)).len();
        Self { line: plain(line).into_owned(), number: line_and_column(text, at).0, from: shown_up_to(from), to: shown_up_to(to) }
    }
}

/// The last boundary between characters at or before a byte.
fn floor(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

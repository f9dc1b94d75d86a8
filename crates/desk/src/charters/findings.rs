//! What is wrong or odd in a charter that somebody wants to publish, with its line and the words there.

use charter::diagnostics::{Finding, Severity, line_and_column};
use serde::Serialize;
use utoipa::ToSchema;

/// A finding with its place in the text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingDocument {
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// Its kind: `unknown-fact`.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What belongs there.
    pub expected: String,
    /// What to do.
    pub help: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line as it stands there.
    pub snippet: String,
}

/// Characters of a line that are shown.
const SNIPPET_CHARS: usize = 200;

/// Findings with their places.
pub(super) fn placed(text: &str, findings: &[Finding]) -> Vec<FindingDocument> {
    findings.iter().map(|finding| one(text, finding)).collect()
}

fn one(text: &str, finding: &Finding) -> FindingDocument {
    let (line, column) = line_and_column(text, finding.span.start);
    let snippet = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    FindingDocument {
        severity: finding.severity.to_string(),
        code: finding.code.name(),
        message: finding.message.clone(),
        expected: finding.expected.clone(),
        help: finding.help.clone(),
        line,
        column,
        snippet: snippet.chars().take(SNIPPET_CHARS).map(|c| if charter::diagnostics::is_invisible(c) { ' ' } else { c }).collect(),
    }
}

/// Whether any weighs so much.
pub(super) fn has(findings: &[Finding], severity: Severity) -> bool {
    findings.iter().any(|f| f.severity == severity)
}

//! What is legal but odd: the findings that need no proof over all requests.

use super::Sources;
use super::guardrails::Compiled;
use crate::diagnostics::Findings;
use crate::document::Document;

pub(super) fn look(_document: &Document, _compiled: &Compiled<'_>, _sources: &Sources<'_>, _findings: &mut Findings) {}

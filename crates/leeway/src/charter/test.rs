//! `test`: scenarios, run against the charters beside them.

use std::fs;
use std::path::{Path, PathBuf};

use charter::diagnostics::{Code, Finding, Severity, line_and_column};
use charter::document::At;
use charter::explain::Answer;
use charter::scenarios::{self, Difference};
use charter::{Charter, limits};
use clap::Args;
use serde::Serialize;

use super::input::{self, CharterFile, Inside, holds_scenarios, shown};
use super::output::{Output, counted};
use super::render::{self, Counts, FindingJson};
use super::{Ended, Failure};

/// Run scenarios
#[derive(Args)]
pub(super) struct Test {
    /// Scenario files, or folders with `*.scenarios.toml`
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    inside: Inside,
}

/// What came of one file.
#[derive(Serialize)]
struct FileReport {
    file: String,
    passed: usize,
    failed: usize,
    cases: Vec<CaseReport>,
    /// Why its cases could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<Broken>,
}

#[derive(Serialize)]
struct CaseReport {
    name: String,
    line: usize,
    passed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    answer: Answer,
    /// Subjects that the charter does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undeclared: Vec<String>,
}

/// A scenario file or a charter with errors.
struct Broken {
    path: PathBuf,
    text: String,
    findings: Vec<Finding>,
}

impl Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'b> {
            file: String,
            findings: Vec<FindingJson<'b>>,
        }
        Shown { file: shown(&self.path), findings: FindingJson::list(&self.text, &self.findings) }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Report {
    files: Vec<FileReport>,
    passed: usize,
    failed: usize,
    broken: usize,
}

impl Test {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        let mut files = Vec::new();
        let paths = scenario_files(&self.paths)?;
        input::one_standard_input(paths.iter().flat_map(|path| self.inside.with(path)))?;
        for path in paths {
            let report = self.file(&path)?;
            if !out.json {
                tell(&report, out)?;
                out.flush()?;
            }
            files.push(report);
        }
        let (passed, failed) = files.iter().fold((0, 0), |(p, f), file| (p + file.passed, f + file.failed));
        let broken = files.iter().filter(|file| file.broken.is_some()).count();
        if out.json {
            out.value(&Report { files, passed, failed, broken })?;
        } else {
            let unrun = if broken > 0 { format!(", {} could not be run", counted(broken, "file")) } else { String::new() };
            out.line("")?;
            out.line(&format!("{passed} passed, {failed} failed{unrun}"))?;
        }
        Ok(Ended::fine_if(failed == 0 && broken == 0))
    }

    fn file(&self, path: &Path) -> Result<FileReport, Failure> {
        let text = input::text(path, limits::CHARTER_BYTES, "CHARTER_BYTES")?;
        let scenarios = match scenarios::read(&text) {
            Ok(scenarios) => scenarios,
            Err(findings) => return Ok(FileReport::broken(path, Broken { path: path.to_owned(), text, findings })),
        };
        let file = match CharterFile::read(&path.with_file_name(&scenarios.charter.value), &self.inside) {
            Ok(file) => file,
            Err(Failure::Input(message)) => {
                let findings = vec![no_charter(&scenarios.charter, message)];
                return Ok(FileReport::broken(path, Broken { path: path.to_owned(), text, findings }));
            }
            Err(other) => return Err(other),
        };
        let loaded = file.load(None);
        let Some(charter) = loaded.charter else {
            let findings = loaded.findings.into_iter().filter(|f| f.severity == Severity::Error).collect();
            return Ok(FileReport::broken(path, Broken { path: file.path, text: file.text, findings }));
        };
        let cases: Vec<_> = scenarios.cases.iter().map(|case| CaseReport::of(&charter, case, &text)).collect();
        let passed = cases.iter().filter(|case| case.passed).count();
        Ok(FileReport { file: shown(path), passed, failed: cases.len() - passed, cases, broken: None })
    }
}

/// That the charter of a scenario file cannot be read, said where the file names it.
fn no_charter(named: &At<String>, message: String) -> Finding {
    let code = Code::UnknownName;
    Finding { code, severity: code.severity(), message, span: named.span.clone(), expected: "a charter beside this file".to_owned(), help: None }
}

impl FileReport {
    fn broken(path: &Path, broken: Broken) -> Self {
        Self { file: shown(path), passed: 0, failed: 0, cases: Vec::new(), broken: Some(broken) }
    }
}

impl CaseReport {
    fn of(charter: &Charter, case: &scenarios::Case, text: &str) -> Self {
        let outcome = scenarios::run(charter, case);
        Self {
            name: case.name.clone(),
            line: line_and_column(text, case.span.start).0,
            passed: outcome.passed,
            differences: outcome.differences,
            answer: outcome.answer,
            undeclared: outcome.undeclared,
        }
    }
}

fn tell(file: &FileReport, out: &mut Output) -> Result<(), Failure> {
    if let Some(broken) = &file.broken {
        render::to_output(out, &broken.path, &broken.text, &broken.findings)?;
        out.line(&format!("{}: could not be run: {}", file.file, Counts::of(&broken.findings).summary(&broken.path, 0)))?;
        return Ok(());
    }
    let failed = if file.failed > 0 { format!(", {} failed", file.failed) } else { String::new() };
    out.line(&format!("{}: {} passed{failed}", file.file, file.passed))?;
    for case in &file.cases {
        if !case.passed {
            out.line(&format!("  FAILED {} (line {})", case.name, case.line))?;
            for difference in &case.differences {
                out.line(&format!("    {}: expected {}, found {}", difference.what, difference.expected, difference.found))?;
            }
            out.line(&format!("    {}", case.answer.sentence))?;
        }
        let meant = |name: &String| case.answer.perhaps_meant.get(name).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        let ignored = case.undeclared.iter().chain(&case.answer.ignored).map(|name| format!("{name}{}", meant(name)));
        let ignored: Vec<String> = ignored.collect();
        if !ignored.is_empty() {
            out.line(&format!("  note: {} (line {}): not in the charter, ignored: {}", case.name, case.line, ignored.join(", ")))?;
        }
    }
    Ok(())
}

/// The files named, and those in the folders named, sorted.
fn scenario_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        if path.is_dir() {
            walk(path, &mut files)?
        } else {
            files.push(path.clone())
        }
        if files.len() == before {
            return Err(Failure::Input(format!("no `*.scenarios.toml` in {}", shown(path))));
        }
    }
    Ok(files)
}

/// Links to folders are not followed: they could lead round in a circle.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::Input(format!("cannot read {}: {error}", shown(folder)));
    let mut entries = fs::read_dir(folder).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type().map_err(cannot)?.is_dir() {
            walk(&path, files)?;
        } else if holds_scenarios(&path) {
            files.push(path);
        }
    }
    Ok(())
}

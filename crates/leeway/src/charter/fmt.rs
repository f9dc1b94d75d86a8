//! `fmt`: charters in the one layout.

use std::fs;
use std::path::{Path, PathBuf};

use charter::diagnostics::Finding;
use charter::{format, limits};
use clap::Args;
use serde::Serialize;

use super::input::{self, holds_scenarios, shown};
use super::output::Output;
use super::render::{self, Counts, FindingJson};
use super::{Ended, Failure};

/// Lay out charters in the one way
#[derive(Args)]
pub(super) struct Fmt {
    /// Charters
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing; say which files would change
    #[arg(long)]
    check: bool,
}

/// A file, before and after.
struct Formatted<'f> {
    path: &'f Path,
    text: String,
    result: Result<String, Vec<Finding>>,
}

#[derive(Serialize)]
struct Report<'r> {
    files: Vec<FileReport<'r>>,
}

#[derive(Serialize)]
struct FileReport<'r> {
    file: String,
    changed: bool,
    findings: Vec<FindingJson<'r>>,
}

impl Formatted<'_> {
    fn read(path: &Path) -> Result<Formatted<'_>, Failure> {
        let text = input::text(path, limits::CHARTER_BYTES, "CHARTER_BYTES")?;
        let result = format::format(&text);
        Ok(Formatted { path, text, result })
    }

    fn changed(&self) -> bool {
        self.result.as_ref().is_ok_and(|after| *after != self.text)
    }

    fn findings(&self) -> &[Finding] {
        self.result.as_ref().err().map_or(&[], Vec::as_slice)
    }
}

impl Fmt {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        let files: Vec<_> = self.files.iter().filter(|path| !holds_scenarios(path)).collect();
        let mut formatted = Vec::new();
        for path in files {
            let file = Formatted::read(path)?;
            if let (Ok(after), false, true) = (&file.result, self.check, file.changed()) {
                fs::write(path, after).map_err(|error| Failure::Input(format!("cannot write {}: {error}", shown(path))))?;
            }
            formatted.push(file);
        }
        if out.json {
            let report = |f| -> FileReport<'_> {
                let f: &Formatted<'_> = f;
                FileReport { file: shown(f.path), changed: f.changed(), findings: FindingJson::list(&f.text, f.findings()) }
            };
            out.value(&Report { files: formatted.iter().map(report).collect() })?;
        } else {
            formatted.iter().try_for_each(|file| self.tell(file, out))?;
        }
        let fine = |file: &Formatted<'_>| file.result.is_ok() && !(self.check && file.changed());
        Ok(Ended::fine_if(formatted.iter().all(fine)))
    }

    fn tell(&self, file: &Formatted<'_>, out: &mut Output) -> Result<(), Failure> {
        render::to_output(out, file.path, &file.text, file.findings())?;
        if file.result.is_err() {
            out.line(&Counts::of(file.findings()).summary(file.path, 0))?;
        } else if file.changed() {
            out.line(&format!("{}: {}", shown(file.path), if self.check { "would change" } else { "changed" }))?;
        }
        Ok(())
    }
}

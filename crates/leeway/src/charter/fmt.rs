//! `fmt`: charters in the one layout.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

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
    /// What standard input is to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'r str>,
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
        let files: Vec<&Path> = self.files.iter().map(PathBuf::as_path).filter(|path| !holds_scenarios(path)).collect();
        if files.len() > 1 && files.iter().any(|path| is_standard_input(path)) {
            return Err(Failure::Input("`-` must stand alone: the charter laid out goes to standard output".to_owned()));
        }
        // Everything is read before anything is written, so that a file that cannot be read leaves the others as they were.
        let formatted = files.into_iter().map(Formatted::read).collect::<Result<Vec<_>, _>>()?;
        if !self.check {
            write(&formatted)?;
        }
        if out.json {
            out.value(&Report { files: formatted.iter().map(|file| self.report(file)).collect() })?;
        } else {
            formatted.iter().try_for_each(|file| self.tell(file, out))?;
        }
        let fine = |file: &Formatted<'_>| file.result.is_ok() && !(self.check && file.changed());
        Ok(Ended::fine_if(formatted.iter().all(fine)))
    }

    fn report<'r>(&self, file: &'r Formatted<'_>) -> FileReport<'r> {
        let text = file.result.as_deref().ok().filter(|_| !self.check && is_standard_input(file.path));
        FileReport { file: shown(file.path), changed: file.changed(), findings: FindingJson::list(&file.text, file.findings()), text }
    }

    fn tell(&self, file: &Formatted<'_>, out: &mut Output) -> Result<(), Failure> {
        if !self.check && is_standard_input(file.path) {
            return match &file.result {
                Ok(after) => Ok(out.raw(after)?),
                // Standard output is the charter, so what is wrong with it goes elsewhere.
                Err(findings) => Ok(render::to_stderr(file.path, &file.text, &findings.iter().collect::<Vec<_>>())?),
            };
        }
        render::to_output(out, file.path, &file.text, file.findings())?;
        if file.result.is_err() {
            out.line(&Counts::of(file.findings()).summary(file.path, 0))?;
        } else if file.changed() {
            out.line(&format!("{}: {}", shown(file.path), if self.check { "would change" } else { "changed" }))?;
        }
        Ok(())
    }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes what changed: all of it beside the files first, then each in the place of its file, so that no file is ever half written.
fn write(files: &[Formatted<'_>]) -> Result<(), Failure> {
    let mut written = Vec::new();
    for file in files.iter().filter(|file| file.changed() && !is_standard_input(file.path)) {
        if let Ok(after) = &file.result {
            written.push(Beside::write(file.path, after, written.len()).map_err(|error| cannot_write(file.path, &error))?);
        }
    }
    written.iter().try_for_each(Beside::replace)
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Input(format!("cannot write {}: {error}", shown(path)))
}

/// A new file that is to take the place of another; it is gone if it does not.
struct Beside {
    temporary: PathBuf,
    place: PathBuf,
}

impl Beside {
    fn write(path: &Path, text: &str, number: usize) -> io::Result<Self> {
        // A link stays a link: what it leads to is replaced.
        let place = fs::canonicalize(path)?;
        let permissions = fs::metadata(&place)?.permissions();
        if permissions.readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        let mut name = OsString::from(".");
        name.push(place.file_name().unwrap_or_default());
        name.push(format!(".{}-{number}.tmp", process::id()));
        let temporary = place.with_file_name(name);
        let mut file = File::create_new(&temporary)?;
        let beside = Self { temporary, place };
        file.set_permissions(permissions)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(beside)
    }

    fn replace(&self) -> Result<(), Failure> {
        fs::rename(&self.temporary, &self.place).map_err(|error| cannot_write(&self.place, &error))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // After it has taken its place there is nothing to remove.
        drop(fs::remove_file(&self.temporary));
    }
}

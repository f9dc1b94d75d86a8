//! `check`: everything that is wrong or odd in charters.

use std::path::PathBuf;

use charter::Loaded;
use charter::time::{Day, instant, local_day};
use clap::Args;
use jiff::Timestamp;

use super::input::{self, CharterFile, Inside, holds_scenarios};
use super::output::Output;
use super::render::{self, Counts, FileReport, Report};
use super::{Ended, Failure};

/// Say everything that is wrong or odd in charters
#[derive(Args)]
pub(super) struct Check {
    /// Charters
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    inside: Inside,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        let files: Vec<_> = self.files.iter().filter(|path| !holds_scenarios(path)).collect();
        if files.is_empty() {
            return Err(Failure::Input("nothing to check: scenario files are run by `leeway charter test`".to_owned()));
        }
        input::one_standard_input(files.iter().flat_map(|path| self.inside.with(path)))?;
        let mut checked = Vec::new();
        for path in files {
            let file = CharterFile::read(path, &self.inside)?;
            let loaded = load_today(&file);
            checked.push((file, loaded));
        }
        if out.json {
            let files = checked.iter().map(|(file, loaded)| FileReport::of(file, loaded));
            out.value(&Report { files: files.collect() })?;
        } else {
            for (file, loaded) in &checked {
                render::to_output(out, &file.path, &file.text, &loaded.findings)?;
                out.line(&Counts::of(&loaded.findings).summary(&file.path, loaded.left_out))?;
            }
        }
        let all = checked.iter().map(|(_, loaded)| Counts::of(&loaded.findings));
        let fine = |counts: Counts| counts.errors == 0 && !(self.strict && counts.warnings > 0);
        Ok(Ended::fine_if(all.into_iter().all(fine)))
    }
}

/// Loads a charter with the day it is in its own time zone, which only loading tells.
fn load_today(file: &CharterFile) -> Loaded {
    let loaded = file.load(None);
    let today = loaded.charter.as_ref().and_then(|charter| today(&charter.zone));
    if today.is_some() { file.load(today) } else { loaded }
}

#[expect(clippy::disallowed_methods, reason = "whether a rule has ended depends on the day; the command line is where the clock is read")]
fn today(zone: &jiff::tz::TimeZone) -> Option<Day> {
    local_day(instant(Timestamp::now())?, zone)
}

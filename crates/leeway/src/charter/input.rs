//! Files: read whole up to a limit, never further.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use charter::diagnostics::{Finding, Severity};
use charter::{Charter, Loaded, Sources, limits, stands_inside};
use clap::Args;

use super::Failure;
use super::output::{self, Output};
use super::render::{self, FileReport, Report};

/// Where the outer charter is.
#[derive(Args)]
pub(super) struct Inside {
    /// The charter that FILE stands inside [default: NAME.toml beside it]
    #[arg(id = "inside", long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Inside {
    /// The files that are read for one charter: it, and the one named here.
    pub(super) fn with<'p>(&'p self, path: &'p Path) -> impl Iterator<Item = &'p Path> {
        std::iter::once(path).chain(self.file.as_deref())
    }
}

/// Refuses to read standard input for several files: the first would leave nothing for the others.
pub(super) fn one_standard_input<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<(), Failure> {
    if paths.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Failure::Input("standard input can be read only once: `-` may stand for one file".to_owned()));
    }
    Ok(())
}

/// A charter file, with the one it stands inside.
pub(super) struct CharterFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
    outer: Option<String>,
}

impl CharterFile {
    pub(super) fn read(path: &Path, inside: &Inside) -> Result<Self, Failure> {
        let text = text(path, limits::CHARTER_BYTES, "CHARTER_BYTES")?;
        let outer = match (stands_inside(&text), &inside.file) {
            (None, _) => None,
            (Some(_), Some(file)) => Some(self::text(file, limits::CHARTER_BYTES, "CHARTER_BYTES")?),
            (Some(name), None) => beside(path, &name)?,
        };
        Ok(Self { path: path.to_owned(), text, outer })
    }

    /// The text of the charter it stands inside.
    pub(super) fn outer(&self) -> Option<&str> {
        self.outer.as_deref()
    }

    /// Loads it. The rules that have ended are found if it is told a day.
    pub(super) fn load(&self, today: Option<charter::time::Day>) -> Loaded {
        charter::load(&Sources { text: &self.text, outer: self.outer.as_deref(), today })
    }

    /// Loads it to be asked. Its errors go to standard error, or, if programs read the answers, with everything else found to standard output.
    pub(super) fn load_to_ask(&self, out: &mut Output, lines: bool) -> Result<Option<Charter>, Failure> {
        let loaded = self.load(None);
        if loaded.charter.is_none() && out.json {
            let report = Report { files: vec![FileReport::of(self, &loaded)] };
            if lines { out.value_line(&report)? } else { out.value(&report)? }
        } else if loaded.charter.is_none() {
            let errors: Vec<&Finding> = loaded.findings.iter().filter(|f| f.severity == Severity::Error).collect();
            render::to_stderr(&self.path, &self.text, &errors)?;
        }
        Ok(loaded.charter)
    }
}

/// The charter of this name beside a file, if there is one. A name that leads elsewhere is no name.
fn beside(path: &Path, name: &str) -> Result<Option<String>, Failure> {
    let is_id = name.len() <= limits::ID_BYTES && name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_id || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-') {
        return Ok(None);
    }
    let outer = path.with_file_name(format!("{name}.toml"));
    match File::open(&outer) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => text(&outer, limits::CHARTER_BYTES, "CHARTER_BYTES").map(Some),
    }
}

/// The text of a file, or of standard input for `-`.
pub(super) fn text(path: &Path, most: usize, limit: &str) -> Result<String, Failure> {
    let shown = shown(path);
    let cannot = |error: io::Error| Failure::Input(format!("cannot read {shown}: {error}"));
    let mut bytes = Vec::new();
    // One byte more than may be there tells a file that is too large from one that is just large enough.
    let beyond = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    source(path).map_err(cannot)?.take(beyond).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() > most {
        return Err(Failure::Input(format!("{shown} is too large: at most {most} bytes (limit {limit})")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Input(format!("{shown} is not UTF-8: look at byte {at}"))
    })
}

/// A file, or standard input for `-`.
pub(super) fn source(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(Box::new(file))
}

/// How a path is shown to people.
pub(super) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { output::plain(&path.display().to_string()).into_owned() }
}

/// Whether a file holds scenarios rather than a charter.
pub(super) fn holds_scenarios(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".scenarios.toml"))
}

//! `leeway import …`: a file of customers, orders or cases into the database. What the map can say is in `docs/import.md`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use connect::import::{self, Bad, Done, Kind, Map};
use indicatif::{ProgressBar, ProgressStyle};
use platform::clock::Clock;

use crate::command::{Ended, Failure, open, say};
use crate::settings::Given;

/// Bring in customers, orders or cases from a file
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// What the rows are
    what: What,
    /// The file: .csv, .tsv, or JSON lines (.jsonl, .ndjson)
    file: PathBuf,
    /// What its columns are
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    /// Where rows that make no sense are told [default: standard error]
    #[arg(long, value_name = "FILE")]
    bad: Option<PathBuf>,
    /// Pass over rows up to this line: an import that broke off says which
    #[arg(long, value_name = "LINE", default_value_t = 0)]
    after: u64,
    #[command(flatten)]
    given: Given<false>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Customers,
    Orders,
    Cases,
}

impl Import {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let shown = self.map.display();
        let text = fs::read_to_string(&self.map).map_err(|e| Failure::new(format!("cannot read {shown}: {e}")))?;
        let map = Map::read(&text).map_err(|e| Failure::new(format!("{shown}: {e}")))?;
        let of = match self.what {
            What::Customers => Kind::Customers,
            What::Orders => Kind::Orders,
            What::Cases => Kind::Cases,
        };
        let db = open(&self.given.settings()?.database, true).await?;
        let clock = Clock::machine();
        let began = clock.now();
        let bar = bar(&self.file);
        let mut bad_rows = BadRows::open(self.bad.as_deref(), &bar)?;
        let import = import::Import { of, file: &self.file, map: &map, after: self.after, at: began };
        let done = import::run(&db, &import, &mut |bad| bad_rows.tell(bad), &mut |p| bar.set_position(p.bytes)).await;
        bar.finish_and_clear();
        bad_rows.close()?;
        let done = done?;
        say(summary(of, &done, clock.now() - began))?;
        Ok(if done.bad == 0 { Ended::Fine } else { Ended::WithFindings })
    }
}

/// A bar on a terminal, and nothing elsewhere.
fn bar(file: &Path) -> ProgressBar {
    let bytes = fs::metadata(file).map_or(0, |about| about.len());
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {eta} to go") {
        bar.set_style(style);
    }
    bar
}

fn summary(of: Kind, done: &Done, micros: i64) -> String {
    let rows = i64::try_from(done.rows).unwrap_or(i64::MAX);
    let rate = rows.saturating_mul(1_000_000) / micros.max(1);
    let left_out = if done.not_wanted == 0 { String::new() } else { format!(", {} not wanted", done.not_wanted) };
    let Done { added, changed, unchanged, bad, .. } = done;
    format!("{}: {rows} rows: {added} added, {changed} changed, {unchanged} as they were{left_out}, {bad} bad ({rate} rows/s)", of.word())
}

/// Where bad rows are told.
struct BadRows<'b> {
    file: Option<BufWriter<File>>,
    bar: &'b ProgressBar,
    failed: Option<io::Error>,
}

impl<'b> BadRows<'b> {
    fn open(path: Option<&Path>, bar: &'b ProgressBar) -> Result<Self, Failure> {
        let file = path.map(|path| File::create(path).map_err(|e| Failure::new(format!("cannot write {}: {e}", path.display())))).transpose()?;
        Ok(Self { file: file.map(BufWriter::new), bar, failed: None })
    }

    fn tell(&mut self, bad: &Bad) {
        let line = crate::charter::plain(&bad.to_string()).into_owned();
        let told = match &mut self.file {
            Some(file) => writeln!(file, "{line}"),
            None => self.bar.suspend(|| writeln!(io::stderr(), "{line}")),
        };
        self.failed = self.failed.take().or(told.err());
    }

    fn close(mut self) -> Result<(), Failure> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        self.failed.map_or(flushed, Err).map_err(|e| Failure::new(format!("bad rows cannot be told: {e}")))
    }
}

//! `leeway import …`: a file of customers, orders or cases into the database. What the map can say is in `docs/import.md`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use connect::import::{self, Bad, Done, Import, Kind, Map};
use indicatif::{ProgressBar, ProgressStyle};
use platform::clock::Clock;
use platform::db::{Db, Location, schema};

/// What the command takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What the rows are
    what: What,
    /// The file: .csv, .tsv, or JSON lines (.jsonl, .ndjson)
    file: PathBuf,
    /// What its columns are
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    /// An SQLite file, or postgres://…
    #[arg(long, value_name = "DATABASE", default_value = "leeway.db")]
    database: String,
    /// Where rows that make no sense are told [default: standard error]
    #[arg(long, value_name = "FILE")]
    bad: Option<PathBuf>,
    /// Pass over rows up to this line: an import that broke off says which
    #[arg(long, value_name = "LINE", default_value_t = 0)]
    after: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Customers,
    Orders,
    Cases,
}

/// Runs the command: 0 if all rows make sense, 1 if some do not, 2 if it could not be done.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match imported(arguments) {
        Ok(done) if done.bad == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(message) => {
            // If the terminal is gone, there is nobody to tell.
            drop(writeln!(io::stderr(), "leeway: {message}"));
            ExitCode::from(2)
        }
    }
}

fn imported(arguments: &Arguments) -> Result<Done, String> {
    let shown = arguments.map.display();
    let text = fs::read_to_string(&arguments.map).map_err(|e| format!("cannot read {shown}: {e}"))?;
    let map = Map::read(&text).map_err(|e| format!("{shown}: {e}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| format!("cannot begin: {e}"))?;
    let clock = Clock::machine();
    let began = clock.now();
    let of = match arguments.what {
        What::Customers => Kind::Customers,
        What::Orders => Kind::Orders,
        What::Cases => Kind::Cases,
    };
    let bar = bar(&arguments.file);
    let mut bad_rows = BadRows::open(arguments.bad.as_deref(), &bar)?;
    let done = runtime.block_on(async {
        let Ok(location) = arguments.database.parse::<Location>();
        let cannot = |e| format!("cannot open {location}: {e}");
        let db = Db::open(&location, &[]).map_err(cannot)?;
        db.migrate(&schema().map_err(cannot)?).await.map_err(cannot)?;
        let import = Import { of, file: &arguments.file, map: &map, after: arguments.after, at: began };
        import::run(&db, &import, &mut |bad| bad_rows.tell(bad), &mut |p| bar.set_position(p.bytes)).await.map_err(|e| e.to_string())
    });
    bar.finish_and_clear();
    bad_rows.close()?;
    let done = done?;
    // Whoever does not read it has lost nothing.
    drop(writeln!(io::stdout(), "{}", summary(of, &done, clock.now() - began)));
    Ok(done)
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
    fn open(path: Option<&Path>, bar: &'b ProgressBar) -> Result<Self, String> {
        let file = path.map(|path| File::create(path).map_err(|e| format!("cannot write {}: {e}", path.display()))).transpose()?;
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

    fn close(mut self) -> Result<(), String> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        self.failed.map_or(flushed, Err).map_err(|e| format!("bad rows cannot be told: {e}"))
    }
}

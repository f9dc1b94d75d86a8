//! How soon a change stands on somebody else's open page: from when it is sent to when the page that listens has asked again and has it.
//!
//! `cargo bench -p leeway --bench live` runs it on SQLite, on PostgreSQL and over two servers on one PostgreSQL database (where Debian's is installed; a server of
//! its own, as in the bench `load`). `STREAMS` says how many pages are open (500), `RATE` how many changes there are in a second (20), `TIME` for how many
//! seconds (20). Each change is in another case, by another person than the one who looks.

#[path = "../load/cluster.rs"]
mod cluster;
#[path = "../../tests/scale/company.rs"]
mod company;
#[path = "../load/figures.rs"]
mod figures;
mod pages;
#[path = "../load/server.rs"]
mod server;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use platform::clock::Clock;
use platform::db::Location;
use testkit::years::{self, Years};

use cluster::Cluster;
use company::company;
use figures::{Figures, Timed, cpu, now, number};
use pages::{Open, changed};
use server::Server;

/// An error that ends it.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

const CASES: i64 = 5_000;
/// Many of the latest cases are one person's.
const ALIKE: i64 = 400;
/// The goal, of ninety-nine in a hundred.
const GOAL: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failed> {
    let engine = std::env::var("ENGINE").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (mut figures, now) = (Figures::default(), Clock::machine().now());
    if engine != "postgres" {
        let folder = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
        let location = Location::File(folder.path().join("leeway.db"));
        let years = runtime.block_on(company(&location, (CASES, CASES / 2), now))?;
        figures.rows.push(runtime.block_on(on("SQLite", &location, years, 1))?);
    }
    if engine != "sqlite" {
        match Cluster::start()? {
            Some(cluster) => {
                let location = Location::Postgres(cluster.url.clone());
                let years = runtime.block_on(company(&location, (CASES, CASES / 2), now))?;
                figures.rows.push(runtime.block_on(on("PostgreSQL", &location, years, 1))?);
                figures.rows.push(runtime.block_on(on("PostgreSQL, changed on another server", &location, years, 2))?);
            }
            None => eprintln!("not run on PostgreSQL: it is not installed"),
        }
    }
    println!("{}", figures.table("From a change to the open page of another", CASES));
    println!("goal: p99 at most {} ms", GOAL.as_millis());
    Ok(())
}

/// Pages are open on the last of so many servers, and changes are made on the first.
async fn on(name: &str, location: &Location, years: Years<'static>, servers: usize) -> Result<Timed, Failed> {
    let (streams, rate, time) = (number("STREAMS", 500), number("RATE", 20), number("TIME", 20));
    let running = (0..servers).map(|_| Server::start(location)).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (running.first(), running.last()) else { return Err("no server".into()) };
    let mut open = Vec::new();
    for place in 0..streams {
        let case = case(years, place)?;
        open.push(Open::begin(&last.address, case, years::owner(&years, case)).await?);
    }
    eprintln!("{name}: {} pages are open", open.len());
    let (began, before) = (now(), (cpu(std::process::id()), cpu(last.id())));
    let mut timed = Timed::new(format!("{name}: {streams} open, {rate} changes a second"));
    let mut changing = Vec::new();
    for turn in 0..rate * time {
        tokio::time::sleep_until((began + Duration::from_micros(turn * 1_000_000 / rate)).into()).await;
        let place = turn * 7 % streams;
        let Some(page) = open.get(usize::try_from(place)?).cloned() else { continue };
        let (address, case) = (first.address.clone(), case(years, place)?);
        changing.push(tokio::spawn(async move { changed(page, &address, case, &format!("{servers}-{turn}")).await }));
    }
    for one in changing {
        match one.await?? {
            Some(took) => timed.took.push(took),
            None => timed.others += 1,
        }
    }
    timed.over = began.elapsed();
    timed.cpu = (cpu(std::process::id()) - before.0, cpu(last.id()) - before.1);
    running.into_iter().try_for_each(Server::stop)?;
    Ok(timed)
}

/// The case of this place: all are open, and of another person each.
fn case(years: Years<'static>, place: u64) -> Result<i64, Failed> {
    Ok(years.cases - 1 - ALIKE - i64::try_from(place)?)
}

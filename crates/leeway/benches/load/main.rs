//! What the program carries: grants through HTTP beside the same rows written without it, and how long pages take at a steady rate.
//!
//! `cargo bench -p leeway --bench load` runs it on SQLite and, where Debian's PostgreSQL is installed, on a server of its own: both in a temporary folder
//! beside `target`, answering on this machine only, and stopped and taken away at the end. It takes some minutes and prints one table for each.
//! `ENGINE=sqlite` or `ENGINE=postgres` runs one, `CASES` says how many cases there are (20,000), `TIME` for how many seconds each row is measured (10; at
//! most 15, because 20 seconds after it was given a grant is sent, which would be measured too).

mod baseline;
mod client;
mod cluster;
#[path = "../../tests/scale/company.rs"]
mod company;
mod figures;
mod server;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use platform::clock::Clock;
use platform::db::{Db, Location, schema};
use platform::id::Id;
use testkit::years::{self, Years};

use baseline::Rows;
use client::Client;
use cluster::Cluster;
use company::company;
use figures::{Figures, Timed, cpu, now, number};
use server::Server;

/// An error that ends it.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

const CLIENTS: u64 = 64;
/// How long the server is warmed up, unmeasured, and the longest time of a row.
const WARM: Duration = Duration::from_secs(2);
const TIME_MOST: u64 = 15;
/// The goal: through HTTP so many hundredths of what is written without it, at least: a third.
const PERCENT_LEAST: u128 = 33;
/// Pages and options asked for in a second, and for how long.
const RATE: u64 = 200;
const ASKED: Duration = Duration::from_secs(20);

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
    // Beside the program, because a folder for temporary files may lie in memory.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if engine != "postgres" {
        let folder = tempfile::tempdir_in(target)?;
        runtime.block_on(on("SQLite", &Location::File(folder.path().join("leeway.db"))))?;
    }
    if engine != "sqlite" {
        match Cluster::start()? {
            Some(cluster) => runtime.block_on(on("PostgreSQL", &Location::Postgres(cluster.url.clone())))?,
            None => eprintln!("not run on PostgreSQL: it is not installed"),
        }
    }
    Ok(())
}

async fn on(engine: &str, location: &Location) -> Result<(), Failed> {
    let (cases, time) = (i64::try_from(number("CASES", 20_000))?, Duration::from_secs(number("TIME", 10).min(TIME_MOST)));
    eprintln!("{engine}: writing {cases} cases");
    let years = company(location, (cases, cases / 2), Clock::machine().now()).await?;
    let mut figures = Figures::default();
    // First, while there is nothing that waits to be sent.
    eprintln!("{engine}: pages and options, {RATE} a second");
    let server = Server::start(location)?;
    asked(&server, years, WARM).await?;
    let asked = asked(&server, years, ASKED).await?;
    server.stop()?;
    let db = Arc::new(Db::open(location, leeway::wiring::WIRES)?);
    let before = db.inventory(&schema()?).await?;
    eprintln!("{engine}: grants through HTTP, {CLIENTS} clients");
    let server = Server::start(location)?;
    let warmed = granted(&server, years, WARM).await?.took.len();
    figures.rows.push(granted(&server, years, time).await?);
    server.stop()?;
    let grants = figures.rows.iter().map(|row| row.took.len()).sum::<usize>() + warmed;
    let rows = Rows::latest(&db).await?;
    rows.are_those_of(i64::try_from(grants)?, &before, &db.inventory(&schema()?).await?)?;
    eprintln!("{engine}: the same rows without it");
    baseline::written(&db, &rows, CLIENTS, WARM).await?;
    figures.rows.push(baseline::written(&db, &rows, CLIENTS, time).await?);
    figures.rows.push(baseline::written(&db, &rows.without_sums(), CLIENTS, time).await?);
    figures.rows.extend(asked);
    println!("{}", figures.table(engine, cases));
    if let [http, baseline, ..] = figures.rows.as_slice() {
        let percent = http.rate() * 100 / baseline.rate().max(1);
        println!("through HTTP {percent} % of the baseline (goal: at least {PERCENT_LEAST} %)");
    }
    Ok(())
}

/// Clients that keep their connection and give one remedy after the other, each in a case of its own, for as long as is said.
async fn granted(server: &Server, years: Years<'static>, time: Duration) -> Result<Timed, Failed> {
    static GIVEN: AtomicU64 = AtomicU64::new(0);
    let (began, before) = (now(), (cpu(std::process::id()), cpu(server.id())));
    let mut giving = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = Client::open(&server.address).await?;
        giving.push(tokio::spawn(async move {
            let (mut took, mut others) = (Vec::new(), 0_u64);
            while began.elapsed() < time {
                let place = GIVEN.fetch_add(1, Ordering::Relaxed);
                let case = years.cases - 1 - i64::try_from(place)? % years.open;
                let sent = now();
                let status = client.give(case + 1, years::owner(&years, case), &Id::new(Clock::machine().now()).to_string()).await?;
                if status == 201 { took.push(sent.elapsed()) } else { others += 1 }
            }
            Ok::<_, Failed>((took, others))
        }));
    }
    let mut timed = Timed::new(format!("grants through HTTP, {CLIENTS} clients"));
    for one in giving {
        let (took, others) = one.await??;
        timed.took.extend(took);
        timed.others += others;
    }
    timed.over = began.elapsed();
    timed.cpu = (cpu(std::process::id()) - before.0, cpu(server.id()) - before.1);
    Ok(timed)
}

/// Case pages and options in turn, each sent when it is due whether or not the others were answered.
async fn asked(server: &Server, years: Years<'static>, time: Duration) -> Result<[Timed; 2], Failed> {
    let (began, before) = (now(), (cpu(std::process::id()), cpu(server.id())));
    let idle = Arc::new(tokio::sync::Mutex::new(Vec::<Client>::new()));
    let mut asking = Vec::new();
    for turn in 0..RATE * time.as_secs() {
        let due = Duration::from_micros(turn * 1_000_000 / RATE);
        tokio::time::sleep_until((began + due).into()).await;
        let (idle, address) = (Arc::clone(&idle), server.address.clone());
        asking.push(tokio::spawn(async move {
            let client = idle.lock().await.pop();
            let mut client = match client {
                Some(client) => client,
                None => Client::open(&address).await?,
            };
            let case = years.cases - 1 - i64::try_from(turn * 7)? % years.open;
            let person = years::owner(&years, case);
            let status = match turn % 2 {
                0 => client.page(&format!("/cases/{}", case + 1), person).await?,
                _ => client.document(&format!("/api/v1/cases/{}/options", case + 1), person).await?,
            };
            idle.lock().await.push(client);
            Ok::<_, Failed>((turn % 2, status, began.elapsed().saturating_sub(due)))
        }));
    }
    let mut of = [Timed::new(format!("case pages, {} a second", RATE / 2)), Timed::new(format!("options, {} a second", RATE / 2))];
    for one in asking {
        let (which, status, took) = one.await??;
        if let Some(timed) = of.get_mut(usize::try_from(which)?) {
            if status == 200 { timed.took.push(took) } else { timed.others += 1 }
        }
    }
    for timed in &mut of {
        timed.over = began.elapsed();
        timed.cpu = (cpu(std::process::id()) - before.0, cpu(server.id()) - before.1);
    }
    Ok(of)
}

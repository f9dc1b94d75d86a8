//! The laws of the charter, each on at least 100,000 generated cases to which it applies.
//!
//! `CASES=1000000 cargo test --release -p oracle --test laws -- --nocapture` asks for a million.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at once")]

mod change;
mod law;
mod subject;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use law::{Holds, LAWS};
use oracle::generate::{self, Random};
use subject::Subject;

const REQUESTS: usize = 12;

fn wanted() -> u64 {
    std::env::var("CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

/// Seeds are taken until every law has been applied often enough; a law that is hard to apply to is a mistake of the generator.
#[test]
fn every_law_holds() {
    let counts: Vec<AtomicU64> = LAWS.iter().map(|_| AtomicU64::new(0)).collect();
    let seeds = AtomicU64::new(1_000_000);
    let most = 1_000_000 + wanted();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let broken = AtomicBool::new(false);
    let work = || {
        while !broken.load(Ordering::Relaxed) && counts.iter().any(|count| count.load(Ordering::Relaxed) < wanted()) {
            let seed = seeds.fetch_add(1, Ordering::Relaxed);
            assert!(seed < most, "some law applies too rarely: {counts:?}");
            sweep(seed, &counts).inspect_err(|_| broken.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    };
    let found: Result<(), String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap())
    });
    if let Err(broken) = found {
        panic!("{broken}");
    }
    println!("seeds 1000000..{}", seeds.load(Ordering::Relaxed));
    for (law, count) in LAWS.iter().zip(&counts) {
        println!("law {}: {} cases", law.name, count.load(Ordering::Relaxed));
    }
}

fn sweep(seed: u64, counts: &[AtomicU64]) -> Result<(), String> {
    let case = generate::case(seed, REQUESTS);
    let Some(subject) = Subject::new(&case) else { return Ok(()) };
    let mut random = Random::new(seed);
    for (law, count) in LAWS.iter().zip(counts) {
        if count.load(Ordering::Relaxed) >= wanted() {
            continue;
        }
        let applied = match law.holds {
            Holds::Many(holds) => holds(&subject, &case.requests, &mut random),
            Holds::One(holds) => case.requests.iter().try_fold(0, |times, request| {
                let more = holds(&subject, request, &mut random);
                more.map(|more| times + more).map_err(|broken| format!("{broken}\n{request:#}"))
            }),
        };
        let times = applied.map_err(|broken| format!("law {}, seed {seed}: {broken}\n{}", law.name, subject.texts()))?;
        count.fetch_add(times, Ordering::Relaxed);
    }
    Ok(())
}

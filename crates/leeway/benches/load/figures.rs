//! What was measured, and the table of it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One row: how long each took, and over which time.
pub(crate) struct Timed {
    pub(crate) name: String,
    pub(crate) took: Vec<Duration>,
    pub(crate) over: Duration,
    /// How many were answered in another way.
    pub(crate) others: u64,
    /// Milliseconds of a processor: the client's and the server's.
    pub(crate) cpu: (u64, u64),
}

impl Timed {
    pub(crate) fn new(name: String) -> Self {
        Self { name, took: Vec::new(), over: Duration::ZERO, others: 0, cpu: (0, 0) }
    }

    /// So many in a second.
    pub(crate) fn rate(&self) -> u128 {
        self.took.len() as u128 * 1_000 / self.over.as_millis().max(1)
    }

    /// In hundredths of a millisecond, the time that so many in a hundred did not exceed.
    fn within(&self, percent: usize) -> String {
        let mut took = self.took.clone();
        took.sort_unstable();
        let found = took.get((took.len() * percent / 100).min(took.len().saturating_sub(1)));
        found.map_or_else(|| "–".to_owned(), |took| format!("{}.{} ms", took.as_millis(), took.as_micros() / 100 % 10))
    }
}

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) rows: Vec<Timed>,
}

impl Figures {
    pub(crate) fn table(&self, engine: &str, cases: i64) -> String {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        let mut text = format!("\n{engine}, {cases} cases, load of the machine at the end {load}\n\n");
        text.push_str("| | a second | p50 | p99 | refused | processor: client, server |\n|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let share = |of: u64| u128::from(of) * 100 / row.over.as_millis().max(1);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} %, {} % |",
                row.name,
                row.rate(),
                row.within(50),
                row.within(99),
                row.others,
                share(row.cpu.0),
                share(row.cpu.1)
            );
        }
        text
    }
}

/// Milliseconds of a processor that a program has had.
pub(crate) fn cpu(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // Behind its name, which may hold blanks: fields 14 and 15 are ticks of a hundredth of a second.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

/// A watch.
#[expect(clippy::disallowed_methods, reason = "how long something takes is what is measured")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A number that was set for this run, or the usual one.
pub(crate) fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

//! Measuring in turns: a batch of each contender, then again, so that a machine that slows down slows down all of them. What counts are medians, and
//! medians of the ratios within a round. Time is that of the processor, so that what else runs on the machine takes nothing from it.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "times and their ratios are not money")]

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long one batch should take.
const BATCH: Duration = Duration::from_micros(1_500);

/// One of those that are measured.
pub struct Contender<'a> {
    /// What it is called in the table.
    pub name: String,
    /// How many things one run does.
    things: usize,
    /// It is measured in every so manyth round.
    every: usize,
    run: Box<dyn FnMut() + 'a>,
    /// Runs in a batch.
    runs: usize,
    /// By round, nanoseconds for each thing.
    samples: Vec<Option<f64>>,
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).field("runs", &self.runs).finish_non_exhaustive()
    }
}

impl<'a> Contender<'a> {
    /// One whose run does so many things.
    pub fn new(name: impl Into<String>, things: usize, run: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), things, every: 1, run: Box::new(run), runs: 1, samples: Vec::new() }
    }

    /// Measured only in every so manyth round.
    #[must_use]
    pub fn every(mut self, every: usize) -> Self {
        self.every = every;
        self
    }

    /// Runs it that often, unmeasured.
    pub fn run(&mut self, runs: usize) {
        (0..runs).for_each(|_| (self.run)());
    }

    fn batch(&mut self) -> Duration {
        let began = processor_time();
        for _ in 0..self.runs {
            (self.run)();
        }
        processor_time().saturating_sub(began)
    }

    /// As many runs as make a batch long enough; warms up on the way.
    fn calibrate(&mut self) {
        while self.batch() < BATCH && self.runs < 1 << 24 {
            self.runs *= 2;
        }
    }

    /// The median, in nanoseconds for each thing.
    #[must_use]
    pub fn median(&self) -> f64 {
        quantile(self.samples.iter().flatten().copied().collect(), 50)
    }

    /// Half the distance between the quartiles, in hundredths of the median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        let all: Vec<f64> = self.samples.iter().flatten().copied().collect();
        (quantile(all.clone(), 75) - quantile(all, 25)) / 2.0 / self.median() * 100.0
    }

    /// How many times as long as another, in the rounds in which both were measured.
    #[must_use]
    pub fn times(&self, other: &Self) -> f64 {
        let both = self.samples.iter().zip(&other.samples).filter_map(|(a, b)| Some((*a)? / (*b)?));
        quantile(both.collect(), 50)
    }
}

/// Measures all of them in turns.
pub fn measure(contenders: &mut [Contender<'_>], rounds: usize) {
    contenders.iter_mut().for_each(Contender::calibrate);
    for round in 0..rounds {
        for one in contenders.iter_mut() {
            let sample = round.is_multiple_of(one.every).then(|| {
                let took = one.batch();
                took.as_nanos() as f64 / (one.runs * one.things) as f64
            });
            one.samples.push(sample);
        }
    }
}

fn quantile(mut values: Vec<f64>, hundredths: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = values.len().saturating_sub(1) * hundredths / 100;
    values.get(place).copied().unwrap_or(f64::NAN)
}

/// A time as a person reads it.
#[must_use]
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 10_000.0 => format!("{n:.0} ns"),
        n if n < 10_000_000.0 => format!("{:.1} µs", n / 1e3),
        n => format!("{:.0} ms", n / 1e6),
    }
}

/// What this thread has had of the processor.
fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0))
}

//! What is counted while the program runs, in the text format that Prometheus reads. One small table; nothing in it names a person.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

macro_rules! metrics {
    ($($variant:ident = $name:literal $labels:literal $about:literal;)+) => {
        /// Something that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $(#[doc = $about] $variant),+ }

        /// Name, labels and meaning of each counter, in the order of [`Metric`].
        const COUNTERS: &[(&str, &str, &str)] = &[$(($name, $labels, $about)),+];
    };
}

metrics! {
    Answered1xx = "leeway_requests_total" "{status=\"1xx\"}" "Requests answered.";
    Answered2xx = "leeway_requests_total" "{status=\"2xx\"}" "Requests answered.";
    Answered3xx = "leeway_requests_total" "{status=\"3xx\"}" "Requests answered.";
    Answered4xx = "leeway_requests_total" "{status=\"4xx\"}" "Requests answered.";
    Answered5xx = "leeway_requests_total" "{status=\"5xx\"}" "Requests answered.";
    JobsDone = "leeway_jobs_total" "{result=\"done\"}" "Jobs that were tried.";
    JobsFailed = "leeway_jobs_total" "{result=\"failed\"}" "Jobs that were tried.";
    LiveTold = "leeway_live_told_total" "" "Announcements told to open pages.";
    LiveAsked = "leeway_live_asked_total" "" "Pages that asked again for themselves.";
}

/// Upper ends of the times that answers are sorted into, in milliseconds.
const BUCKETS_MS: [u64; 9] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];

/// The counters of a running program.
#[derive(Debug, Default)]
pub struct Metrics {
    counters: [AtomicU64; COUNTERS.len()],
    times: [AtomicU64; BUCKETS_MS.len()],
    micros: AtomicU64,
    timed: AtomicU64,
}

impl Metrics {
    /// Counts one.
    pub fn count(&self, metric: Metric) {
        if let Some(counter) = self.counters.get(metric as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts an answer with this HTTP status, and how long it took.
    pub fn answered(&self, status: u16, took: Duration) {
        self.count(match status {
            ..200 => Metric::Answered1xx,
            200..300 => Metric::Answered2xx,
            300..400 => Metric::Answered3xx,
            400..500 => Metric::Answered4xx,
            _ => Metric::Answered5xx,
        });
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bucket, end) in self.times.iter().zip(BUCKETS_MS) {
            if micros <= end * 1_000 {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
        self.timed.fetch_add(1, Ordering::Relaxed);
    }

    /// All of it as text, with gauges that are measured now: name, meaning, value.
    #[must_use]
    pub fn text(&self, gauges: &[(&str, &str, i64)]) -> String {
        let mut out = String::new();
        let mut before = "";
        for (counter, (name, labels, about)) in self.counters.iter().zip(COUNTERS) {
            if *name != before {
                line(&mut out, format_args!("# HELP {name} {about}\n# TYPE {name} counter"));
                before = name;
            }
            line(&mut out, format_args!("{name}{labels} {}", counter.load(Ordering::Relaxed)));
        }
        self.times(&mut out);
        for (name, about, value) in gauges {
            line(&mut out, format_args!("# HELP {name} {about}\n# TYPE {name} gauge\n{name} {value}"));
        }
        out
    }

    fn times(&self, out: &mut String) {
        const NAME: &str = "leeway_request_seconds";
        line(out, format_args!("# HELP {NAME} How long answers took.\n# TYPE {NAME} histogram"));
        for (bucket, end) in self.times.iter().zip(BUCKETS_MS) {
            line(out, format_args!("{NAME}_bucket{{le=\"{}.{:03}\"}} {}", end / 1_000, end % 1_000, bucket.load(Ordering::Relaxed)));
        }
        let (micros, timed) = (self.micros.load(Ordering::Relaxed), self.timed.load(Ordering::Relaxed));
        line(out, format_args!("{NAME}_bucket{{le=\"+Inf\"}} {timed}"));
        line(out, format_args!("{NAME}_sum {}.{:06}\n{NAME}_count {timed}", micros / 1_000_000, micros % 1_000_000));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    out.write_fmt(text).and_then(|()| out.write_char('\n')).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::default();
        metrics.count(Metric::JobsDone);
        metrics.answered(200, Duration::from_millis(2));
        metrics.answered(503, Duration::from_secs(20));
        let text = metrics.text(&[("leeway_jobs", "Jobs there are.", 3)]);
        let lines = [
            "leeway_requests_total{status=\"2xx\"} 1",
            "leeway_requests_total{status=\"5xx\"} 1",
            "leeway_jobs_total{result=\"done\"} 1",
            "leeway_request_seconds_bucket{le=\"0.001\"} 0",
            "leeway_request_seconds_bucket{le=\"0.003\"} 1",
            "leeway_request_seconds_bucket{le=\"+Inf\"} 2",
            "leeway_request_seconds_sum 20.002000",
            "leeway_jobs 3",
        ];
        for expected in lines {
            assert!(text.lines().any(|l| l == expected), "{expected} in\n{text}");
        }
        assert_eq!(text.matches("# TYPE leeway_requests_total counter").count(), 1);
    }
}

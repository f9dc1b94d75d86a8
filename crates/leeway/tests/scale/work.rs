//! What a request costs the database: steps of SQLite's machine.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Each statement that was run: how often, and in how many steps.
pub(crate) type Statements = BTreeMap<String, (u64, u64)>;

static SEEN: Mutex<Statements> = Mutex::new(BTreeMap::new());

struct Counting;

#[derive(Default)]
struct Told {
    statement: String,
    steps: u64,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            value.clone_into(&mut self.statement);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "steps" {
            self.steps = value.unsigned_abs();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "platform::db" {
            return;
        }
        let mut told = Told::default();
        event.record(&mut told);
        let mut seen = SEEN.lock().unwrap();
        let (runs, steps) = seen.entry(told.statement).or_default();
        *runs += 1;
        *steps += told.steps;
    }
}

/// Counts from now on.
pub(crate) fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counting)).unwrap());
    SEEN.lock().unwrap().clear();
}

/// What was counted.
pub(crate) fn seen() -> Statements {
    std::mem::take(&mut SEEN.lock().unwrap())
}

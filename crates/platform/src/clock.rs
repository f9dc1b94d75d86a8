//! The clock is an argument. This is where it is made; nothing else reads one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use charter::time::Instant;

/// What time it is: of the machine, or of a test.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Machine,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn machine() -> Self {
        Self(Kind::Machine)
    }

    /// A clock that stands until it is moved.
    #[must_use]
    pub fn standing_at(at: Instant) -> Self {
        Self(Kind::Set(Arc::new(AtomicI64::new(at))))
    }

    /// Now, in microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Kind::Machine => machine(),
            Kind::Set(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a clock that stands; does nothing to the machine's.
    pub fn forward(&self, micros: i64) {
        if let Kind::Set(at) = &self.0 {
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

/// An instant is a clock that stands there.
impl From<Instant> for Clock {
    fn from(at: Instant) -> Self {
        Self::standing_at(at)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock of the machine")]
fn machine() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|d| i64::try_from(d.as_micros()).ok()).unwrap_or(0)
}

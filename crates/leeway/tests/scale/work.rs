//! What a request costs the database: steps of SQLite's machine, shared buffers of PostgreSQL.

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

/// Reads what all connections together have read of the tables, once they have said so.
pub(crate) struct Buffers {
    client: tokio_postgres::Client,
    /// Connections that were there before, and read nothing meanwhile.
    others: Vec<i32>,
}

impl Buffers {
    pub(crate) async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        // Nothing else is to read these tables meanwhile.
        let quiet = "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT relid FROM pg_stat_user_tables LOOP \
                     EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', t); END LOOP; END $$";
        client.batch_execute(quiet).await.unwrap();
        client.batch_execute("SET stats_fetch_consistency = none").await.unwrap();
        let others = client.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()", &[]).await.unwrap();
        let others = others.iter().map(|row| row.get(0)).collect();
        Self { client, others }
    }

    /// How many pages of each table and its indexes were read so far, from memory or from disk. A connection says what it read when it ends.
    pub(crate) async fn read(&self) -> BTreeMap<String, i64> {
        let others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL ($1)";
        while self.client.query_one(others, &[&self.others]).await.unwrap().get::<_, i64>(0) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        let read = "SELECT relname::text, (COALESCE(heap_blks_read, 0) + COALESCE(heap_blks_hit, 0) + COALESCE(idx_blks_read, 0) + COALESCE(idx_blks_hit, 0))::bigint \
                    FROM pg_statio_user_tables";
        self.client.query(read, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

//! What a request costs the database: steps of SQLite's machine, shared buffers of PostgreSQL.
//!
//! SQLite's steps are told by `platform::db` itself. Of PostgreSQL its own `auto_explain` tells, to the connection that asked: what the plan of each statement
//! read when it was carried out, keys of other tables and what triggers do included. What planning reads of the catalogue is not in it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, Once};

use serde_json::Value as Json;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Each statement that was run: how often, and in how many steps or buffers.
pub(crate) type Statements = BTreeMap<String, (u64, u64)>;

static SEEN: Mutex<Statements> = Mutex::new(BTreeMap::new());

fn add(statement: String, units: u64) {
    let mut seen = SEEN.lock().unwrap();
    let (runs, sum) = seen.entry(statement).or_default();
    *runs += 1;
    *sum += units;
}

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
        if event.metadata().target() == "platform::db" {
            let mut told = Told::default();
            event.record(&mut told);
            add(told.statement, told.steps);
        }
    }
}

/// What PostgreSQL tells a connection comes here.
struct Plans;

impl log::Log for Plans {
    fn enabled(&self, about: &log::Metadata<'_>) -> bool {
        about.target() == "tokio_postgres::connection"
    }

    fn log(&self, record: &log::Record<'_>) {
        static NAMES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| leeway::statements().into_iter().map(|s| (s.postgres(), s.name)).collect());
        let told = record.args().to_string();
        let Some((_, plan)) = told.split_once(" plan:\n").filter(|_| self.enabled(record.metadata())) else { return };
        let plan: Json = serde_json::from_str(plan).unwrap_or_else(|e| panic!("{e}: {plan}"));
        let text = plan["Query Text"].as_str().unwrap();
        let buffers = ["Shared Hit Blocks", "Shared Read Blocks"].map(|of| plan["Plan"][of].as_u64().unwrap());
        add(NAMES.get(text).map_or(text, |name| *name).to_owned(), buffers.iter().sum());
    }

    fn flush(&self) {}
}

/// Counts from now on.
pub(crate) fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counting)).unwrap();
        log::set_logger(&Plans).unwrap();
        log::set_max_level(log::LevelFilter::Info);
    });
    SEEN.lock().unwrap().clear();
}

/// What was counted.
pub(crate) fn seen() -> Statements {
    std::mem::take(&mut SEEN.lock().unwrap())
}

/// How PostgreSQL looks for rows.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// As it thinks best.
    Own,
    /// Row by row through indexes, even of a table of a few pages.
    Indexes,
}

/// Every connection to this database opened from now on is told what its statements read.
pub(crate) async fn tell(url: &str, way: Way) {
    let by_indexes = match way {
        Way::Own => "",
        Way::Indexes => "enable_seqscan = off, enable_bitmapscan = off, enable_hashjoin = off, enable_mergejoin = off",
    };
    let settings = "session_preload_libraries = auto_explain, auto_explain.log_min_duration = 0, auto_explain.log_analyze = on, auto_explain.log_buffers = on, \
                    auto_explain.log_timing = off, auto_explain.log_nested_statements = on, auto_explain.log_format = json, auto_explain.log_level = notice";
    let settings = settings.split(", ").chain(by_indexes.split(", ")).filter(|setting| !setting.is_empty());
    let name = parts(url).1;
    let all: String = settings.map(|setting| format!("ALTER DATABASE {name} SET {setting};")).collect();
    on_server(url, &format!("ALTER DATABASE {name} RESET ALL; {all}")).await;
}

/// Takes the database away, which may be large.
pub(crate) async fn remove(url: &str) {
    let (server, name) = parts(url);
    on_server(&format!("{server}/postgres"), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// The address of the server, and the name of the database.
fn parts(url: &str) -> (&str, &str) {
    url.split('?').next().unwrap().rsplit_once('/').unwrap()
}

async fn on_server(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let talking = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    talking.await.unwrap().unwrap();
}

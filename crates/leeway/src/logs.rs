//! Where the log goes: standard error, a line for each event. It names routes, kinds and ids, and nothing personal.

use tracing_subscriber::EnvFilter;

use crate::command::Failure;

/// Begins to log.
pub(crate) fn begin(filter: &str, is_json: bool) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|e| Failure::new(format!("`log`: `{filter}` is not a filter: {e}")))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if is_json { log.json().flatten_event(true).try_init() } else { log.with_ansi(false).try_init() };
    begun.map_err(|e| Failure::new(format!("the log cannot begin: {e}")))
}

//! The settings of an installation in the process of a test.

use leeway::settings::Settings;
use platform::db::Location;

/// On this database, and with nothing that can be left out.
pub(crate) fn settings(database: &Location) -> Settings {
    Settings {
        database: database.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        origin: None,
        is_behind_proxy: false,
        log: String::new(),
        is_log_json: false,
        mail: None,
        are_webhooks_private: false,
        embed_origins: Vec::new(),
        is_development: false,
    }
}

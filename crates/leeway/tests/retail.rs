//! A written policy of a real kind, as a charter: every writing action of the retail tasks is asked of it, and requests that
//! the policy prohibits are made up in their hundreds. The data is found by `LEEWAY_DATA` (its folder `tau-retail`).

#[cfg(test)]
#[path = "retail/engine.rs"]
mod engine;
#[cfg(test)]
#[path = "retail/permitted.rs"]
mod permitted;
#[cfg(test)]
#[path = "retail/prohibited.rs"]
mod prohibited;
#[cfg(test)]
#[path = "retail/shop.rs"]
mod shop;
#[cfg(test)]
#[path = "retail/tasks.rs"]
mod tasks;

#[cfg(test)]
mod data {
    use std::{env, path::PathBuf};

    /// Where the data is. Without it there is nothing to run, which only a person's own machine may say.
    pub(crate) fn folder() -> Option<PathBuf> {
        let Some(data) = env::var_os("LEEWAY_DATA") else {
            assert!(env::var_os("CI").is_none(), "CI is set, but LEEWAY_DATA is not");
            println!("not run: no data");
            return None;
        };
        let folder = PathBuf::from(data).join("tau-retail");
        assert!(folder.is_dir(), "LEEWAY_DATA has no folder `{}`", folder.display());
        Some(folder)
    }
}

//! Pages of the documentation that show what the program prints: compared, or with `UPDATE_DOCS=1` written anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// How the pages are written anew; every failure says it.
const RENEW: &str = "UPDATE_DOCS=1 cargo test -p leeway --test docs --test tutorial";

/// A page as it stands, and as it should.
pub(crate) struct Page {
    path: PathBuf,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        let text = fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    /// Compares the page with what it should be, or writes that.
    pub(crate) fn settle(&self, expected: &str) {
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&self.path, expected).unwrap();
            return;
        }
        for (place, (is, should)) in self.text.lines().zip(expected.lines()).enumerate() {
            assert_eq!(is, should, "{}:{}: run `{RENEW}`", self.path.display(), place + 1);
        }
        assert_eq!(self.text.lines().count(), expected.lines().count(), "{}: run `{RENEW}`", self.path.display());
    }
}

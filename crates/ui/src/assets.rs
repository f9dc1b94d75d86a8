//! Styles, scripts and fonts, all part of the program. Each has its own address with a part of its checksum in it, so that a browser may keep
//! it for good and still gets a new one at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// Where the server has to answer with [`get`].
pub const PREFIX: &str = "/assets/";

/// A file to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its content.
    pub bytes: &'static [u8],
    /// For the header `Content-Type`.
    pub content_type: &'static str,
    /// For the header `ETag`, without quotes.
    pub checksum: &'static str,
    /// Whether the address asked for names this very content.
    pub is_current: bool,
}

impl Asset {
    /// For the header `Cache-Control`. A page of an earlier version may still ask by an earlier address: it gets what there is, but not to keep.
    #[must_use]
    pub fn cache_control(&self) -> &'static str {
        if self.is_current { "public, max-age=31536000, immutable" } else { "no-cache" }
    }
}

/// The address of a file: `/assets/<checksum>/<name>`. The names are `app.css`, and the paths below the folder `assets`.
#[must_use]
pub fn url(name: &str) -> String {
    match ALL.get(name) {
        Some(stored) => format!("{PREFIX}{}/{name}", stored.checksum),
        None => format!("{PREFIX}-/{name}"),
    }
}

/// The file at an address, with or without [`PREFIX`] before it.
#[must_use]
pub fn get(path: &str) -> Option<Asset> {
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    let (checksum, name) = path.split_once('/')?;
    let stored = ALL.get(name)?;
    Some(stored.asset(stored.checksum == checksum))
}

/// All names, for those who copy them.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.keys().map(String::as_str)
}

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// The style of a component stands beside its template; of what is found there, only the styles are used.
#[derive(RustEmbed)]
#[folder = "templates/components/"]
struct ComponentStyles;

struct Stored {
    bytes: Vec<u8>,
    checksum: String,
    content_type: &'static str,
}

impl Stored {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let mut checksum = String::new();
        for byte in Sha256::digest(&bytes).iter().take(8) {
            // Writing to a string cannot fail.
            let _ = write!(checksum, "{byte:02x}");
        }
        Self { checksum, content_type: content_type(name), bytes }
    }

    fn asset(&'static self, is_current: bool) -> Asset {
        Asset { bytes: &self.bytes, content_type: self.content_type, checksum: &self.checksum, is_current }
    }
}

static ALL: LazyLock<BTreeMap<String, Stored>> = LazyLock::new(|| {
    let mut all = BTreeMap::new();
    for name in Files::iter().filter(|name| !name.starts_with("css/") && !name.ends_with(".md")) {
        if let Some(file) = Files::get(&name) {
            all.insert(name.to_string(), Stored::new(&name, file.data.into_owned()));
        }
    }
    let style = style(&all);
    all.insert("app.css".to_owned(), Stored::new("app.css", style.into_bytes()));
    all
});

/// One style sheet from its files. The order of layers stands in the first; within a layer no rule rests on the order of files.
fn style(all: &BTreeMap<String, Stored>) -> String {
    let mut text = String::new();
    let mut names: Vec<_> = Files::iter().filter(|name| name.starts_with("css/")).collect();
    names.sort_by_key(|name| (name != "css/layers.css", name.clone()));
    for file in names.iter().filter_map(|name| Files::get(name)) {
        text.push_str(&String::from_utf8_lossy(&file.data));
    }
    let mut names: Vec<_> = ComponentStyles::iter().filter(|name| name.ends_with(".css")).collect();
    names.sort();
    for file in names.iter().filter_map(|name| ComponentStyles::get(name)) {
        text.push_str(&String::from_utf8_lossy(&file.data));
    }
    for (name, stored) in all {
        text = text.replace(&format!("url(\"{name}\")"), &format!("url(\"{PREFIX}{}/{name}\")", stored.checksum));
    }
    text
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_its_file() {
        for name in names() {
            let asset = get(&url(name)).unwrap();
            assert!(asset.is_current && !asset.bytes.is_empty(), "{name}");
            assert!(asset.cache_control().contains("immutable"), "{name}");
        }
        assert!(names().any(|name| name == "app.css"));
    }

    #[test]
    fn an_earlier_address_still_leads_there_but_is_not_kept() {
        let asset = get("/assets/0000/app.css").unwrap();
        assert!(!asset.is_current);
        assert_eq!(asset.cache_control(), "no-cache");
        assert_eq!(get("/assets/0000/none.css"), None);
        assert_eq!(get("app.css"), None);
    }

    #[test]
    fn the_style_asks_for_nothing_that_is_not_there() {
        let asset = get(&url("app.css")).unwrap();
        let text = std::str::from_utf8(asset.bytes).unwrap();
        let asked: Vec<&str> = text.split("url(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(asked.len() >= 2, "{asked:?}");
        for address in asked {
            assert!(get(address).is_some_and(|asset| asset.is_current), "{address}");
        }
        assert!(!text.contains("@import"));
    }

    #[test]
    fn vendored_files_are_what_their_list_says() {
        let list = include_str!("../assets/vendor/README.md");
        let mut seen = 0;
        for name in names().filter(|name| name.starts_with("vendor/") && (name.ends_with(".js") || name.ends_with(".woff2"))) {
            let checksum: String = Sha256::digest(get(&url(name)).unwrap().bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let line = list.lines().find(|line| line.contains(&name["vendor/".len()..])).unwrap_or_else(|| panic!("{name} is not listed"));
            assert!(line.contains(&checksum), "{name}: {checksum}");
            seen += 1;
        }
        assert_eq!(seen, 3);
    }

    #[test]
    fn our_own_scripts_are_small_and_run_under_the_policy() {
        let mut bytes = 0;
        for name in names().filter(|name| name.starts_with("js/")) {
            let text = std::str::from_utf8(get(&url(name)).unwrap().bytes).unwrap();
            bytes += text.len();
            for word in ["eval(", "new Function", "setAttribute('style'", "innerHTML"] {
                assert!(!text.contains(word), "{name}: {word}");
            }
        }
        assert!(bytes < 16 * 1024, "{bytes} bytes");
    }
}

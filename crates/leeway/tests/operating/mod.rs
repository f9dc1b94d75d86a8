//! The files that a machine is set up with, compared with the program and with each other.

use std::collections::BTreeSet;
use std::process::Command;

use leeway::settings::SETTINGS;
use platform::limits::{BODY_BYTES, LIVE_STREAMS, REQUEST_SECONDS};

use crate::pages::Page;

const FILES: &[&str] = &["Caddyfile", "Containerfile", "leeway-backup.service", "leeway-backup.timer", "leeway.service", "leeway.toml"];

fn file(name: &str) -> String {
    assert!(FILES.contains(&name), "{name}");
    Page::read(&format!("docs/operating/files/{name}")).text
}

/// What stands behind a word, up to the next blank, in the one line that has it.
fn behind<'t>(text: &'t str, word: &str) -> &'t str {
    let found: Vec<&str> = text.lines().filter_map(|line| line.split_once(word)).filter_map(|(_, rest)| rest.split_whitespace().next()).collect();
    assert_eq!(found.len(), 1, "`{word}` stands once: {found:?}");
    found[0]
}

fn number(text: &str) -> i64 {
    text.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn port(address: &str) -> i64 {
    number(address.rsplit(':').next().unwrap())
}

/// What the file sets, and what it shows how to set.
fn settings() -> toml::Table {
    let text = file("leeway.toml");
    let shown = text.lines().map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line));
    shown.collect::<Vec<_>>().join("\n").parse().unwrap()
}

#[test]
fn what_is_set_is_a_setting() {
    let (keys, variables): (BTreeSet<String>, BTreeSet<String>) = SETTINGS.iter().map(|s| (s.key(), s.variable())).unzip();
    let set = settings();
    assert!(["database", "listen", "origin", "behind_proxy", "smtp", "mail_from"].iter().all(|key| set.contains_key(*key)), "{set:?}");
    assert_eq!(set.keys().filter(|key| !keys.contains(*key)).collect::<Vec<_>>(), Vec::<&String>::new());
    let mut seen = 0;
    for name in FILES {
        for rest in file(name).split("LEEWAY_").skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
            let variable = format!("LEEWAY_{}", &rest[..end]);
            assert!(variables.contains(&variable), "{name}: {variable}");
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn addresses_and_names_agree() {
    let (set, caddy, container) = (settings(), file("Caddyfile"), file("Containerfile"));
    let listen = set["listen"].as_str().unwrap();
    assert_eq!(behind(&caddy, "reverse_proxy "), listen);
    assert_eq!(port(behind(&container, "EXPOSE ")), port(behind(&container, "LEEWAY_LISTEN=")));
    assert_eq!(port(behind(&container, "LEEWAY_LISTEN=")), port(listen));
    let host = set["origin"].as_str().unwrap().strip_prefix("https://").unwrap();
    assert!(caddy.lines().any(|line| line == format!("{host} {{")), "{host} is no site of the Caddyfile");
    assert_eq!(set["behind_proxy"], toml::Value::Boolean(true));
}

#[test]
fn data_are_where_the_service_may_write() {
    let (unit, backup, container) = (file("leeway.service"), file("leeway-backup.service"), file("Containerfile"));
    let folder = format!("/var/lib/{}", behind(&unit, "StateDirectory="));
    let set = settings();
    assert!(set["database"].as_str().unwrap().starts_with(&format!("{folder}/")), "{folder}");
    assert_eq!(behind(&unit, "WorkingDirectory="), folder);
    assert_eq!(behind(&backup, "ReadWritePaths="), folder);
    assert!(behind(&container, "LEEWAY_DATABASE=").starts_with(&format!("{}/", behind(&container, "VOLUME "))));
}

#[test]
fn bounds_leave_the_program_its_own() {
    let (unit, caddy) = (file("leeway.service"), file("Caddyfile"));
    assert!(number(behind(&unit, "TimeoutStopSec=")) > i64::try_from(REQUEST_SECONDS).unwrap());
    assert!(number(behind(&caddy, "read_body ")) >= i64::try_from(REQUEST_SECONDS).unwrap());
    assert!(number(behind(&unit, "LimitNOFILE=")) >= 2 * i64::try_from(LIVE_STREAMS).unwrap());
    assert_eq!(behind(&caddy, "max_size "), format!("{}MiB", BODY_BYTES / 1024 / 1024));
    assert_eq!(behind(&caddy, "flush_interval "), "-1");
}

#[test]
fn commands_that_are_run_are_commands() {
    let (unit, backup, container) = (file("leeway.service"), file("leeway-backup.service"), file("Containerfile"));
    let health = container.split("[\"/leeway\", \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let commands = [behind(&unit, "ExecStart=/usr/local/bin/leeway "), behind(&backup, "exec /usr/local/bin/leeway "), health];
    assert_eq!(commands, ["serve", "backup", "health"]);
    for command in commands {
        let ran = Command::new(env!("CARGO_BIN_EXE_leeway")).args([command, "--help"]).output().unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
    }
}

#[test]
fn a_container_is_built_with_all_that_is_read_for_it() {
    let (container, script) = (file("Containerfile"), Page::read("dist").text);
    let of_project = container.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|rest| !rest.starts_with("--"));
    let copied: Vec<&str> = of_project.flat_map(str::split_whitespace).collect();
    let manifest: toml::Table = Page::read("Cargo.toml").text.parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap().iter().map(|member| member.as_str().unwrap().trim_end_matches("/*"));
    let shipped = script.lines().filter_map(|line| line.strip_prefix("cp -r ")?.split_whitespace().next());
    let read = shipped.chain(members);
    let mut seen = 0;
    for path in read {
        assert!(copied.iter().any(|copied| path == *copied || path.starts_with(&format!("{copied}/"))), "{path} is not copied: {copied:?}");
        seen += 1;
    }
    assert!(seen > 1, "{seen}");
}

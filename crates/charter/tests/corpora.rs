//! Every input that the fuzzing keeps, through the same checks, without the fuzzer.

#[path = "../../../fuzz/checks/asking.rs"]
mod asking;
#[path = "../../../fuzz/checks/charter_file.rs"]
mod charter_file;
#[path = "../../../fuzz/checks/decision.rs"]
mod decision;
#[path = "../../../fuzz/checks/expression.rs"]
mod expression;
#[path = "../../../fuzz/checks/generated.rs"]
mod generated;
#[path = "../../../fuzz/checks/loading.rs"]
mod loading;
#[path = "../../../fuzz/checks/request.rs"]
mod request;
#[path = "../../../fuzz/checks/zones.rs"]
mod zones;

use std::path::Path;

/// Runs the check on each file of a corpus, whose name is printed with what fails.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        println!("{}", file.display());
        check(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn charter_files() {
    replay("charter_file", |data| charter_file::check(&String::from_utf8_lossy(data)));
}

#[test]
fn expressions() {
    replay("expression", |data| expression::check(&String::from_utf8_lossy(data)));
}

#[test]
fn requests() {
    replay("request", |data| request::check(&String::from_utf8_lossy(data)));
}

#[test]
fn generated_cases() {
    replay("generated", generated::check);
}

//! The engine and the oracle agree on generated charters and requests.
//!
//! `CASES=10000000 cargo test --release -p oracle --test agreement -- --nocapture` compares ten million.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at once")]

use std::sync::atomic::{AtomicU64, Ordering};

use charter::diagnostics::{Finding, Severity};
use charter::{Charter, Sources, decide_json, load};
use oracle::{Oracle, generate};
use serde_json::{Map, Value};

/// Requests generated for one charter.
const REQUESTS: usize = 20;

/// Seeds about which the two did not agree once.
const FOUND: [u64; 4] = [1_021_456, 1_027_388, 1_078_555, 2_121_843];

/// What both answer.
const COMPARED: &[&str] = &["outcome", "rules", "clear", "any_of", "to", "free_up_to", "say_why_up_to", "caps", "assumed", "ignored"];

fn cases() -> u64 {
    std::env::var("CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

fn first_seed() -> u64 {
    std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

#[test]
fn what_was_mended_stays_mended() {
    FOUND.into_iter().for_each(check);
}

#[test]
fn both_engines_say_the_same() {
    let seeds = first_seed()..first_seed() + cases().div_ceil(REQUESTS as u64);
    println!("seeds {seeds:?}, {REQUESTS} requests each");
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return;
                }
                check(seed);
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in running {
            thread.join().expect("a disagreement is printed above");
        }
    });
}

fn check(seed: u64) {
    let case = generate::case(seed, REQUESTS);
    let Some(engine) = loaded(&case.charter, case.outer.as_deref(), seed) else { return };
    let oracle = Oracle::new(&case.charter, case.outer.as_deref()).unwrap_or_else(|e| panic!("seed {seed}: oracle: {e}\n{}", case.charter));
    for (i, request) in case.requests.iter().enumerate() {
        let ours = compared(&serde_json::to_value(decide_json(&engine, request)).expect("an answer is JSON"));
        let theirs = compared(&oracle.decide(request));
        assert!(
            ours == theirs,
            "seed {seed}, request {i}\n{}\n{}\n{request:#}\nengine: {ours:#}\noracle: {theirs:#}\n{}",
            case.charter,
            case.outer.as_deref().unwrap_or(""),
            differing(&ours, &theirs)
        );
    }
}

/// The charter; nothing for the few in which a definition brings a fact of a subject beside `exists` of it.
fn loaded(text: &str, outer: Option<&str>, seed: u64) -> Option<Charter> {
    let loaded = load(&Sources { text, outer, today: None });
    let known = |f: &Finding| f.severity < Severity::Error || f.message.ends_with("asks whether a subject is there and reads its facts");
    assert!(loaded.findings.iter().all(known), "seed {seed}: {:#?}\n{text}\n{}", loaded.findings, outer.unwrap_or(""));
    loaded.charter
}

/// The part of an answer that both give.
fn compared(answer: &Value) -> Value {
    let mut kept = Map::new();
    for key in COMPARED {
        if let Some(value) = answer.get(key) {
            kept.insert((*key).to_owned(), value.clone());
        }
    }
    if let Some(Value::Array(caps)) = kept.get_mut("caps") {
        for cap in caps {
            cap.as_object_mut().expect("a cap is an object").remove("lacking");
        }
    }
    if let Some(Value::Array(ignored)) = kept.get_mut("ignored") {
        // The oracle passes over subjects and keys of history that a charter does not have.
        ignored.retain(|name| !name.as_str().is_some_and(|n| n.starts_with("subjects.") || n.starts_with("ledger[")));
        if ignored.is_empty() {
            kept.remove("ignored");
        }
    }
    if kept.get("outcome") == Some(&Value::from("invalid")) {
        kept.retain(|key, _| key == "outcome");
    }
    Value::Object(kept)
}

fn differing(a: &Value, b: &Value) -> String {
    let keys = COMPARED.iter().filter(|key| a.get(key) != b.get(key));
    keys.map(|key| format!("{key}: engine {} oracle {}", a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null))).collect::<Vec<_>>().join("\n")
}

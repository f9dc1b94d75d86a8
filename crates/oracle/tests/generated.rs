//! The generator makes charters that read and requests that meet every outcome.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at once")]

use oracle::{Oracle, generate};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every outcome must be met by at least one in a hundred requests.
#[test]
fn every_outcome_is_met() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for seed in 0..250 {
        let case = generate::case(seed, 8);
        let oracle = Oracle::new(&case.charter, case.outer.as_deref()).unwrap();
        for request in &case.requests {
            let answer = oracle.decide(request);
            *counts.entry(answer["outcome"].as_str().unwrap().to_owned()).or_default() += 1;
            total += 1;
        }
    }
    println!("{counts:?} of {total}");
    let outcomes = ["invalid", "forbidden", "allowed", "allowed_say_why", "needs_facts", "escalate", "exception"];
    for outcome in outcomes {
        assert!(counts.get(outcome).is_some_and(|count| count * 100 >= total), "{outcome}: {counts:?}");
    }
}

/// Between two neighbouring amounts of interest, an answer is that at the lower one.
#[test]
fn nothing_changes_between_amounts_of_interest() {
    for seed in 1000..1060 {
        let case = generate::case(seed, 3);
        let oracle = Oracle::new(&case.charter, case.outer.as_deref()).unwrap();
        for request in &case.requests {
            for pair in oracle.interesting_amounts(request).windows(2) {
                if pair[1] - pair[0] > 1 {
                    let low = plain(oracle.options_at(request, pair[0]));
                    for between in [pair[0] + 1, i128::midpoint(pair[0], pair[1]), pair[1] - 1] {
                        let middle = plain(oracle.options_at(request, between));
                        assert_eq!(low, middle, "{seed}: {} {between} {}\n{request}", pair[0], pair[1]);
                    }
                }
            }
        }
    }
}

/// The parts of an answer that make a zone.
fn plain(mut answer: Value) -> Value {
    for entry in answer["any_of"].as_array_mut().into_iter().flatten() {
        drop(entry.as_object_mut().unwrap().remove("unlocks"));
    }
    answer
}

/// The same seed makes the same case.
#[test]
fn a_seed_makes_one_case() {
    let (one, two) = (generate::case(7, 3), generate::case(7, 3));
    assert_eq!(one.charter, two.charter);
    assert_eq!(one.outer, two.outer);
    assert_eq!(one.requests, two.requests);
}

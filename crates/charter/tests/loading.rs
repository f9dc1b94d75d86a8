//! How long the largest charters take to load and check. To see the figure: `cargo test --release -p charter --test loading -- --nocapture`.

mod large;

use std::time::{Duration, Instant};

use charter::{Sources, load};

const GOAL: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });

#[test]
#[expect(clippy::disallowed_methods, reason = "a bound on time is what is tested")]
fn five_thousand_guardrails_are_checked_within_the_goal() {
    let text = large::charter_of(5_000);
    let begin = Instant::now();
    let loaded = load(&Sources { text: &text, outer: None, today: None });
    let taken = begin.elapsed();
    let codes: std::collections::BTreeSet<_> = loaded.findings.iter().map(|f| f.code.name()).collect();
    println!("{} KiB, 5,000 guardrails: {taken:?}; {} findings ({codes:?}) and {} more", text.len() >> 10, loaded.findings.len(), loaded.left_out);
    assert_eq!(loaded.charter.map(|c| c.rules.len()), Some(5_000), "{:#?}", loaded.findings.first());
    assert!(taken < GOAL, "{taken:?}");
}

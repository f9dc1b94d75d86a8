//! Prints the case of a seed with its answers.
fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let case = oracle::generate::case(seed, 4);
    println!("{}\n----\n{}", case.charter, case.outer.as_deref().unwrap_or("-"));
    if let Ok(oracle) = oracle::Oracle::new(&case.charter, case.outer.as_deref()) {
        for request in &case.requests {
            println!("{request}\n => {}\n{:?}", oracle.decide(request), oracle.interesting_amounts(request));
            if let Some(problem) = oracle.problem(request) {
                println!("{problem}");
            }
        }
    }
}

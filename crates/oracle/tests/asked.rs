//! The last part of law 7: where no fact is read twice, each fact that is asked for can change the answer.
//!
//! Small charters in which every fact is read once; for each fact asked for, every filling of the others is tried until two answers differ.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at once")]

use charter::{Charter, Sources, decide_json, load};
use oracle::generate::Random;
use serde_json::{Value, json};

const CHARTERS: u64 = 6_000;
const LEVELS: [&str; 3] = ["agent", "senior", "lead"];
/// Every number is compared with 3 or 7, or is a limit from 0 to 10.
const NUMBERS: [i64; 5] = [0, 3, 5, 7, 10];

/// Hands out facts, each once.
struct Facts {
    yes_no: usize,
    number: usize,
}

impl Facts {
    fn yes_no(&mut self) -> String {
        self.yes_no += 1;
        format!("case.b{}", self.yes_no - 1)
    }

    fn number(&mut self) -> String {
        self.number += 1;
        format!("case.n{}", self.number - 1)
    }
}

fn condition(random: &mut Random, facts: &mut Facts, depth: usize) -> String {
    match random.below(if depth == 0 { 2 } else { 5 }) {
        0 => facts.yes_no(),
        1 => format!("{} {} {}", facts.number(), random.pick(&["<", "<=", ">", ">="]), random.pick(&[3, 7])),
        2 => format!("!({})", condition(random, facts, depth - 1)),
        3 => format!("({} && {})", condition(random, facts, depth - 1), condition(random, facts, depth - 1)),
        _ => format!("({} || {})", condition(random, facts, depth - 1), condition(random, facts, depth - 1)),
    }
}

fn limit(random: &mut Random, facts: &mut Facts) -> String {
    match random.below(4) {
        0 => format!("min({}, {})", facts.number(), random.pick(&[3, 7])),
        1 => format!("max({}, 3)", facts.number()),
        _ => random.pick(&["3", "5", "9"]).to_string(),
    }
}

fn rules(random: &mut Random, facts: &mut Facts) -> String {
    let mut text = String::new();
    for place in 0..1 + random.below(2) {
        let (level, up_to) = (random.pick(&LEVELS), limit(random, facts));
        text += &format!("[[allow]]\nid = \"allow-{place}\"\nremedies = [\"months\"]\nlevel = \"{level}\"\nup_to = '{up_to}'\n");
        if random.chance(60) {
            text += &format!("when = '{}'\n", condition(random, facts, 1));
        }
        if random.chance(25) {
            text += "say_why = true\n";
        }
    }
    for place in 0..random.below(3) {
        let when = if random.chance(30) { format!("amount > {}", facts.number()) } else { condition(random, facts, 1) };
        text += &format!("[[forbid]]\nid = \"forbid-{place}\"\nwhen = '{when}'\n");
        if random.chance(40) {
            text += &format!("below = \"{}\"\n", random.pick(&LEVELS[1..]));
        }
    }
    text
}

fn charter(random: &mut Random) -> Charter {
    let mut facts = Facts { yes_no: 0, number: 0 };
    let rules = rules(random, &mut facts);
    let mut text = "leeway = 1\nname = \"Once\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\", \"senior\", \"lead\"]\n[facts.case]\n".to_owned();
    (0..facts.yes_no).for_each(|n| text += &format!("b{n} = \"yes_no\"\n"));
    (0..facts.number).for_each(|n| text += &format!("n{n} = {{ type = \"number\", min = 0, max = 10 }}\n"));
    text += &format!("[[remedy]]\nid = \"months\"\ntitle = \"Months\"\nmeasure = {{ count = \"months\" }}\n{rules}");
    let loaded = load(&Sources { text: &text, ..Sources::default() });
    loaded.charter.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.findings))
}

fn values(fact: &str) -> Vec<Value> {
    if fact.starts_with("case.b") { vec![json!(true), json!(false)] } else { NUMBERS.map(|n| json!(n)).to_vec() }
}

/// The answer: the outcome, and whether it hangs on saying why.
fn answer(charter: &Charter, request: &Value) -> (String, Vec<String>) {
    let answer = decide_json(charter, request);
    (answer.outcome.name().to_owned(), answer.asks.into_iter().map(|ask| ask.fact).collect())
}

/// Whether some filling of the other facts makes the outcome differ by this one.
fn can_change(charter: &Charter, request: &Value, fact: &str, others: &[String]) -> bool {
    let choices: Vec<Vec<Value>> = others.iter().map(|f| values(f)).collect();
    let combinations: usize = choices.iter().map(Vec::len).product();
    (0..combinations).any(|mut number| {
        let mut filled = request.clone();
        for (other, choice) in others.iter().zip(&choices) {
            filled["facts"][other] = choice[number % choice.len()].clone();
            number /= choice.len();
        }
        let mut outcomes = values(fact).into_iter().map(|value| {
            filled["facts"][fact] = value;
            answer(charter, &filled).0
        });
        let first = outcomes.next().unwrap();
        outcomes.any(|outcome| outcome != first)
    })
}

#[test]
fn each_fact_asked_for_can_change_the_answer() {
    let (mut asked_for, mut several) = (0, 0);
    for seed in 0..CHARTERS {
        let mut random = Random::new(seed);
        let charter = charter(&mut random);
        let mut request = json!({
            "at": "2026-11-21T10:00:00Z", "asker": { "level": random.pick(&LEVELS) }, "subjects": { "case": "K-1" }, "facts": {},
            "remedy": "months", "amount": 1 + random.below(10),
        });
        for fact in &charter.facts {
            if random.chance(40) {
                request["facts"][&*fact.name] = random.pick(&values(&fact.name)).clone();
            }
        }
        let asked = answer(&charter, &request).1;
        several += u64::from(asked.len() > 1);
        // Facts that are not asked for stay unknown: what is asked decides by itself.
        for fact in &asked {
            let others: Vec<String> = asked.iter().filter(|f| *f != fact).cloned().collect();
            assert!(
                can_change(&charter, &request, fact, &others),
                "seed {seed}: `{fact}` changes nothing\n{request:#}\n{:#}",
                json!(decide_json(&charter, &request))
            );
            asked_for += 1;
        }
    }
    println!("{asked_for} facts asked for, {several} requests asked for several");
    assert!(asked_for > 2_000 && several > 500, "{asked_for}, {several}");
}

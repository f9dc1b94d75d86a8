//! What a decision costs: `cargo bench -p bench`. With `-- --assert` it fails if a goal is missed; with `-- --only NAME` it just runs those whose name
//! contains that, for a profiler.
#![expect(clippy::expect_used, clippy::panic, clippy::float_arithmetic, reason = "a benchmark may stop, and times are not money")]

use std::hint::black_box;
use std::process::ExitCode;

use bench::by_hand::{self, Answer, Asked};
use bench::cedar::{Cedar, Question};
use bench::charter_text::{GUARDRAILS_EACH, charter_text, remedy};
use bench::compared;
use bench::interpreted::{Interpreted, context};
use bench::measure::{Contender, measure, time};
use bench::situation::{Situation, situations};
use charter::decide::{Decision, Options, Work, decide_into};
use charter::{Charter, Purpose, Request, Sources, load, options, options_into};

/// Situations in one run: enough that no branch is always the same.
const MIX: usize = 64;
/// Situations in which all contenders must come to the same.
const CHECKED: usize = 5_000;
const ROUNDS: usize = 201;
const RUNS_TO_PROFILE: usize = 200;

const FEW: usize = 20;
const MANY: usize = 500;

fn main() -> ExitCode {
    let (few, many) = (loaded(&charter_text(FEW)), loaded(&charter_text(MANY)));
    let mix = situations(MIX);
    let (sliced, whole, interpreted) = (Cedar::new(1), Cedar::new(FEW), Interpreted::default());
    let mut contenders = deciders(&few, &many, &mix);
    contenders.extend(others(&sliced, &whole, &interpreted, &mix));
    contenders.extend(around(&few, &mix));
    if let Some(name) = std::env::args().skip_while(|a| a != "--only").nth(1) {
        contenders.iter_mut().filter(|c| c.name.contains(&name)).for_each(|c| c.run(RUNS_TO_PROFILE));
        return ExitCode::SUCCESS;
    }
    check(&few, &many, &[&sliced, &whole], &interpreted);
    measure(&mut contenders, ROUNDS);
    report(&contenders);
    let missed = goals(&contenders);
    if missed > 0 && std::env::args().any(|a| a == "--assert") { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn loaded(text: &str) -> Charter {
    let loaded = load(&Sources { text, outer: None, today: None });
    loaded.charter.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn read(charter: &Charter, mix: &[Situation]) -> Vec<Request> {
    mix.iter().map(|s| Request::from_value(charter, &s.request("refund"), Purpose::Decide).expect("this is a request")).collect()
}

fn check(few: &Charter, many: &Charter, cedars: &[&Cedar], interpreted: &Interpreted) {
    for charter in [few, many] {
        assert!(charter.rules.len() == charter.remedies.len() * GUARDRAILS_EACH);
    }
    let all = situations(CHECKED);
    let outcomes = compared::with_by_hand(few, &all);
    let again = compared::with_by_hand(many, all.get(..MIX).unwrap_or(&all));
    compared::with_others(cedars, interpreted, all.get(..500).unwrap_or(&all));
    println!("The contenders agree on {CHECKED} situations: {outcomes:?};\nof those the measured {MIX} are {again:?}.\n");
}

/// By hand, the engine with few and with many guardrails, and its options.
fn deciders<'a>(few: &'a Charter, many: &'a Charter, mix: &[Situation]) -> Vec<Contender<'a>> {
    let asked: Vec<Asked> = mix.iter().map(Asked::of).collect();
    let mut answer = Answer::default();
    let by_hand = Contender::new("by hand", MIX, move || {
        for one in &asked {
            by_hand::decide_into(black_box(one), &mut answer);
            black_box(&answer);
        }
    });
    let engine = |charter: &'a Charter| {
        let requests = read(charter, mix);
        let mut decision = Decision::default();
        Contender::new(format!("decide, {} guardrails", charter.rules.len()), MIX, move || {
            for request in &requests {
                decide_into(charter, black_box(request), &mut decision);
                black_box(&decision);
            }
        })
    };
    let wide: Vec<Request> = mix.iter().map(|s| Request::from_value(few, &s.options_request(), Purpose::Options).expect("this is a request")).collect();
    let (once, mut work, mut buffer) = (wide.clone(), Work::default(), Options::default());
    let again = Contender::new(format!("options, {FEW} remedies, one buffer"), MIX, move || {
        for request in &wide {
            options_into(few, black_box(request), &mut work, &mut buffer);
            black_box(&buffer);
        }
    });
    let anew = Contender::new(format!("options, {FEW} remedies, a new buffer each"), MIX, move || {
        for request in &once {
            black_box(options(few, black_box(request)));
        }
    });
    vec![by_hand, engine(few), engine(many), each_remedy(few, mix), again, anew]
}

/// One remedy after the other: what `options` replaces.
fn each_remedy<'a>(few: &'a Charter, mix: &[Situation]) -> Contender<'a> {
    let of = |s: &Situation| (0..FEW).map(|n| Request::from_value(few, &s.request(&remedy(n)), Purpose::Decide).expect("this is a request")).collect();
    let requests: Vec<Vec<Request>> = mix.iter().map(of).collect();
    let mut decision = Decision::default();
    Contender::new(format!("decide, each of {FEW} remedies in turn"), MIX, move || {
        for request in requests.iter().flatten() {
            decide_into(few, black_box(request), &mut decision);
            black_box(&decision);
        }
    })
}

/// Cedar and the interpreter.
fn others<'a>(sliced: &'a Cedar, whole: &'a Cedar, interpreted: &'a Interpreted, mix: &[Situation]) -> Vec<Contender<'a>> {
    let cedar = |name: &str, cedar: &'a Cedar, every: usize| {
        let questions: Vec<Question> = mix.iter().map(Question::of).collect();
        let mut next = 0;
        let one = Contender::new(name, 1, move || {
            next = (next + 1) % questions.len();
            black_box(questions.get(next).map(|q| cedar.decide(black_box(q))));
        });
        one.every(every)
    };
    let contexts: Vec<_> = mix.iter().map(context).collect();
    let cel = Contender::new("cel's interpreter, the ten", MIX, move || {
        for one in &contexts {
            black_box(interpreted.decide(black_box(one)));
        }
    });
    vec![cel, cedar("Cedar, the ten (sliced by action)", sliced, 1), cedar("Cedar, all 200", whole, 1)]
}

/// What happens before and after a decision.
fn around<'a>(few: &'a Charter, mix: &[Situation]) -> Vec<Contender<'a>> {
    let requests: Vec<_> = mix.iter().map(|s| s.request("refund")).collect();
    let texts: Vec<_> = requests.iter().map(ToString::to_string).collect();
    let reading = Contender::new("a request from JSON values", MIX, move || {
        for request in &requests {
            black_box(Request::from_value(few, black_box(request), Purpose::Decide).expect("this is a request"));
        }
    });
    let parsing = Contender::new("a request from JSON text", MIX, move || {
        for text in &texts {
            black_box(Request::from_json(few, black_box(text), Purpose::Decide).expect("this is a request"));
        }
    });
    let decided: Vec<_> = read(few, mix).into_iter().map(|r| (charter::decide(few, &r), r)).collect();
    let answering = Contender::new("the answer with sentences, as JSON text", MIX, move || {
        for (decision, request) in &decided {
            let answer = charter::explain::answer(few, request, black_box(decision));
            black_box(serde_json::to_string(&answer).expect("an answer is JSON"));
        }
    });
    let text = charter_text(MANY);
    let loading = Contender::new("loading 5,000 guardrails", 1, move || {
        black_box(load(&Sources { text: black_box(&text), outer: None, today: None }));
    });
    vec![reading, parsing, answering, loading.every(20)]
}

fn report(contenders: &[Contender<'_>]) {
    println!("{:<42} {:>10} {:>8} {:>12}", "", "median", "spread", "by hand = 1");
    for one in contenders {
        let beside = contenders.first().map_or(f64::NAN, |hand| one.times(hand));
        println!("{:<42} {:>10} {:>7.1}% {beside:>12.1}", one.name, time(one.median()), one.spread());
    }
    println!();
}

/// Prints the goals and returns how many were missed.
fn goals(contenders: &[Contender<'_>]) -> usize {
    let [by_hand, few, many, each, options, ..] = contenders else { panic!("some are missing") };
    let loading = contenders.last().map_or(f64::NAN, Contender::median);
    let goals = [
        ("a decision, at most 5 times by hand", few.times(by_hand), 5.0),
        ("5,000 guardrails, at most 1.2 times 200", many.times(few), 1.2),
        ("options of 20 remedies, at most those 20 decisions", options.times(each), 1.0),
        ("loading 5,000 guardrails, less than 1 s", loading / 1e9, 1.0),
    ];
    for (what, found, goal) in goals {
        println!("{what:<52} {found:>6.2}  {}", if found <= goal { "met" } else { "MISSED" });
    }
    goals.iter().filter(|(_, found, goal)| found > goal).count()
}

//! Generated charters, and their generated requests with something changed: bytes are choices, so that most inputs make sense.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use charter::decide::Outcome;
use charter::{Charter, Sources, decide_json, load};
use oracle::{Oracle, generate};
use serde_json::{Value as Json, json};

use super::{decision, zones};

/// Generated requests of one charter.
const REQUESTS: usize = 4;
/// Charters kept: one is generated in milliseconds, and most inputs change only the request.
const KEPT: usize = 256;

type Case = Option<(Charter, Oracle, Vec<Json>)>;

/// The first two bytes choose a charter, the next one a request, each three after that change one value of it.
/// The engine keeps to what every answer keeps to. Where it finds a request valid, the second engine does too and says the same; the other way
/// round it is not asked, because it reads only the parts of a request that it needs.
pub(crate) fn check(data: &[u8]) {
    let [one, two, which, changes @ ..] = data else { return };
    let case = case(u16::from_be_bytes([*one, *two]));
    let Some((charter, oracle, requests)) = &*case else { return };
    let Some(mut request) = requests.get(usize::from(*which) % REQUESTS).cloned() else { return };
    for change in changes.chunks_exact(3).take(24) {
        let [place, what, more] = change else { return };
        alter(&mut request, usize::from(*place), *what, *more);
    }
    decision::check(charter, &request.to_string());
    zones::options_of(charter, &request);
    let ours = decide_json(charter, &request);
    if ours.outcome == Outcome::Invalid {
        return;
    }
    let theirs = oracle.decide(&request);
    let ours = json!({ "outcome": ours.outcome, "rules": ours.rules, "free_up_to": ours.free_up_to, "say_why_up_to": ours.say_why_up_to });
    let same = |key: &str| ours.get(key).filter(|v| !v.is_null() && **v != json!([])) == theirs.get(key).filter(|v| **v != json!([]));
    let agree = ["outcome", "rules", "free_up_to", "say_why_up_to"].into_iter().all(same);
    assert!(agree, "the engines differ\n{request:#}\nengine: {ours:#}\noracle: {theirs:#}\n{:?}", oracle.problem(&request));
}

fn case(seed: u16) -> Rc<Case> {
    thread_local! {
        static CASES: RefCell<HashMap<u16, Rc<Case>>> = RefCell::default();
    }
    CASES.with_borrow_mut(|cases| {
        if cases.len() >= KEPT {
            cases.clear();
        }
        Rc::clone(cases.entry(seed).or_insert_with(|| Rc::new(generated(seed))))
    })
}

/// Nothing for the few seeds whose charter is refused: a definition can bring a fact of a subject beside `exists` of it.
fn generated(seed: u16) -> Case {
    let case = generate::case(seed.into(), REQUESTS);
    let charter = load(&Sources { text: &case.charter, outer: case.outer.as_deref(), today: None }).charter?;
    let oracle = Oracle::new(&case.charter, case.outer.as_deref());
    Some((charter, oracle.unwrap_or_else(|problem| panic!("{problem}")), case.requests))
}

/// Values at the edges of what a request can say.
fn edges() -> [Json; 32] {
    [
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("0"),
        json!("-1"),
        json!("0.01"),
        json!("0.000001"),
        json!(1),
        json!("1"),
        json!(2),
        json!("999999999.999999"),
        json!("1000000000"),
        json!("90000000000000"),
        json!("9000000000000000"),
        json!(-5),
        json!("2026-03-29"),
        json!("2024-02-29"),
        json!("0001-01-01"),
        json!("9999-12-31"),
        json!("2026-03-29T01:30:00Z"),
        json!("2026-10-25T00:59:59.999999Z"),
        json!("0001-01-02T00:00:00Z"),
        json!("9999-12-30T00:00:00Z"),
        json!("36h"),
        json!("-36525d"),
        json!("36525d"),
        json!([]),
        json!(["a", "a"]),
        json!({}),
        json!({ "value": true, "by": "person" }),
        json!("withdrawn"),
    ]
}

/// Changes the value at a place: to an edge, to what stands at another place, or to nothing; or says it twice.
fn alter(request: &mut Json, place: usize, what: u8, more: u8) {
    let mut paths = Vec::new();
    paths_of(request, String::new(), &mut paths);
    let at = |place: usize| paths.get(place % paths.len().max(1)).cloned().unwrap_or_default();
    let (path, other) = (at(place), at(more.into()));
    let copied = request.pointer(&other).cloned().unwrap_or_default();
    let Some((above, key)) = path.rsplit_once('/') else { return };
    match what % 4 {
        0 => drop(request.pointer_mut(&path).map(|value| *value = edges().into_iter().nth(usize::from(more) % 32).unwrap_or_default())),
        1 => drop(request.pointer_mut(&path).map(|value| *value = copied)),
        2 => drop(request.pointer_mut(above).and_then(Json::as_object_mut).and_then(|map| map.remove(key))),
        _ => drop(request.pointer_mut(above).and_then(Json::as_array_mut).map(|list| list.push(copied))),
    }
}

/// A pointer to every value but the request itself.
fn paths_of(json: &Json, path: String, paths: &mut Vec<String>) {
    let below: Vec<(String, &Json)> = match json {
        Json::Object(map) => map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect(),
        Json::Array(list) => list.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    if !path.is_empty() {
        paths.push(path.clone());
    }
    below.into_iter().for_each(|(key, value)| paths_of(value, format!("{path}/{key}"), paths));
}

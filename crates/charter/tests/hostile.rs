//! Texts that were written to hurt: each ends in an error that names the limit or the problem, in little time and memory.
//!
//! Each case runs in a child process, so that a stack overflow or an endless loop is a failure with a name. A text that is not UTF-8 cannot be given at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use charter::{Charter, Purpose, Request, Sources, load};

const BASE: &str = include_str!("findings/base.toml");
const VARIABLE: &str = "LEEWAY_HOSTILE_CASE";
const SECONDS: u64 = if cfg!(debug_assertions) { 10 } else { 2 };
const KIBIBYTES: u64 = 256 * 1024;
const MANY: usize = 100_000;

/// What is read, and words that what is found must have.
enum Case {
    Charter(String, &'static [&'static str]),
    Request(String, &'static [&'static str]),
    /// A request that is read from a value, not a text.
    Value(serde_json::Value, &'static [&'static str]),
    /// A charter without errors, with few findings.
    Fine(String),
}

type Make = fn() -> Case;

const CASES: &[(&str, Make)] = &[
    ("arrays 100,000 deep", || Case::Charter(format!("levels = {}{}", "[".repeat(MANY), "]".repeat(MANY)), &["NESTING"])),
    ("arrays that do not end", || Case::Charter(format!("levels = {}", "[".repeat(MANY)), &["NESTING"])),
    ("arrays over many lines", || Case::Charter(format!("levels = {}", "[ # ]\n".repeat(MANY)), &["NESTING"])),
    ("inline tables 100,000 deep", || Case::Charter(format!("define = {}1{}", "{ a = ".repeat(MANY), "}".repeat(MANY)), &["NESTING"])),
    ("a dotted key of 100,000 parts", || Case::Charter(format!("a{} = 1", ".a".repeat(MANY)), &["NESTING"])),
    ("a quoted dotted key of 100,000 parts", || Case::Charter(format!("'a'{} = 1", " . \"a\"".repeat(MANY)), &["NESTING"])),
    ("a header of 100,000 parts", || Case::Charter(format!("[a{}]", ".a".repeat(MANY)), &["NESTING"])),
    ("dotted keys in inline tables", || {
        let key = ["a"; 31].join(".");
        Case::Charter(format!("{}1{}", format!("{key} = {{ ").repeat(30), "}".repeat(30)), &["`a` is not a key"])
    }),
    ("brackets in texts and comments are no nesting", || {
        let brackets = "[{(".repeat(500);
        let text = format!("# {brackets}\n{}", BASE.replace("Beyond twenty", &format!("{brackets} \\\" ... Beyond")));
        Case::Fine(
            text.replace("\"Kindness has", &format!("\"\"\"\"{brackets}\n'''{brackets}...... \\\"\"\"\\\" \nKindness has"))
                .replace("an end.\"", "an end.\"\"\""),
        )
    }),
    ("parentheses 2,000 deep", || when(format!("{}true{}", "(".repeat(2_000), ")".repeat(2_000)), &["NESTING"])),
    ("parentheses 100,000 deep", || when(format!("{}true{}", "(".repeat(MANY), ")".repeat(MANY)), &["EXPRESSION_BYTES"])),
    ("lists 2,000 deep", || when(format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)), &["NESTING"])),
    ("tables 1,000 deep", || when("{1:".repeat(1_000), &["NESTING"])),
    ("calls 900 deep", || when("min(".repeat(900), &["NESTING"])),
    ("4,000 times not", || when(format!("{}true", "!".repeat(4_000)), &["NESTING"])),
    ("4,000 times minus", || when(format!("{}1 > 0", "-".repeat(4_000)), &["NESTING"])),
    ("conditions 400 deep to the right", || when(format!("{}true", "true ? true : ".repeat(280)), &["NESTING"])),
    ("points without end", || when(format!("order{}", ".a".repeat(2_000)), &["NESTING"])),
    ("indexes without end", || when(format!("order{}", "[1]".repeat(1_300)), &["NESTING"])),
    ("a sum of 2,000", || when(format!("1{} > 0", "+1".repeat(2_000)), &["EXPRESSION_DEPTH"])),
    ("a row of 800 conditions", || when(format!("true{}", "||true".repeat(600)), &["EXPRESSION_DEPTH"])),
    ("a list of 1,500", || when(format!("1 in [{}]", "1,".repeat(1_500)), &["LITERAL_ENTRIES"])),
    ("100,000 rules", || Case::Charter(many(MANY, |i| format!("[[cap]]\nid='c{i}'\ncount=1\n")), &["GUARDRAILS"])),
    ("100,000 empty rules", || Case::Charter("[[allow]]\n".repeat(MANY), &["`id` is missing"])),
    ("100,000 rules with a word too many", || Case::Charter(many(MANY, |_| "[[cap]]\nbelwo=''\n".to_owned()), &["did you mean `below`"])),
    ("a larger file than is read", || Case::Charter("#\n".repeat(3 << 20), &["CHARTER_BYTES"])),
    ("500,000 keys", || Case::Charter(many(350_000, |i| format!("k{i}=1\n")), &["`k0` is not a key"])),
    ("one key 300,000 times", || Case::Charter("name=''\n".repeat(300_000), &["duplicate"])),
    ("a file of quotes", || Case::Charter("\"".repeat(1 << 20), &["TOML"])),
    ("a file of equals signs", || Case::Charter("=\n".repeat(1 << 20), &["TOML"])),
    ("a text that does not end", || Case::Charter(format!("name = \"\"\"{}", "a\n".repeat(1 << 20)), &["TOML"])),
    ("a file of backslashes", || Case::Charter(format!("name = \"{}", "\\".repeat(1 << 20)), &["TOML"])),
    ("10,000 definitions in a chain", || Case::Charter(chain(10_000), &["DEFINITIONS"])),
    ("500 definitions in a chain", || Case::Charter(chain(499), &["EXPRESSION_DEPTH"])),
    ("500 definitions in a chain, last first", || Case::Charter(backwards(499), &["EXPRESSION_DEPTH"])),
    ("definitions that double", || Case::Charter(doubling(), &["EXPRESSION_PARTS"])),
    ("definitions in a circle", || Case::Charter(define(&many(400, |i| format!("d{i} = 'd{} > 1'\n", (i + 1) % 400))), &["uses itself"])),
    ("texts of a mebibyte", || {
        let long = "x".repeat(1 << 20);
        Case::Charter(format!("name = '{long}'\nlevels = ['{long}']\n[[allow]]\nid = '{long}'\n"), &["EXPRESSION_BYTES"])
    }),
    ("ids of 4,000 bytes", || Case::Charter(base("id = \"leads\"", &format!("id = \"{}\"", "x".repeat(4_000))), &["ID_BYTES"])),
    ("a fact with a name of a mebibyte", || {
        Case::Charter(base("total = \"money\"", &format!("total = \"money\"\n{} = 'money'", "x".repeat(1 << 20))), &["ID_BYTES"])
    }),
    ("a key of a mebibyte", || Case::Charter(format!("{} = 1", "x".repeat(1 << 20)), &["is not a key"])),
    ("10,000 misspelt facts among 1,000", || Case::Charter(misspelt(), &["did you mean"])),
    ("10,000 misspelt remedies among 500", || {
        let remedies = many(500, |i| format!("[[remedy]]\nid='remedy_{i}'\ntitle=''\n"));
        let rules = many(9_000, |i| format!("[[allow]]\nid='a{i}'\nlevel='agent'\nremedies=['remedy-{}','remody_{i}']\n", i % 500));
        Case::Charter(format!("{HEAD}{remedies}{rules}"), &["did you mean `remedy_"])
    }),
    ("too many of each", || Case::Charter(too_many(), &["LEVELS", "REASONS", "CHOICES", "FACTS", "REMEDIES", "ISSUES", "GROUPS", "KEYS"])),
    ("1,001 rules of one remedy", || {
        let rules = many(1_001, |i| format!("[[forbid]]\nid='f{i}'\nremedies=['card']\n"));
        Case::Charter(format!("{BASE}{rules}"), &["GUARDRAILS_PER_REMEDY"])
    }),
    ("900 rules of 500 remedies", || Case::Fine(crowded("up_to='50'"))),
    ("900 rules of 500 remedies with long limits", || Case::Fine(crowded(&format!("up_to='1{}'", " + 1".repeat(100))))),
    ("numbers that are none", || Case::Charter(base("min = 0", "min = nan, max = inf, assume = -inf"), &["is not a number"])),
    ("limits that are none", || Case::Charter(base("up_to = { refund = \"25\", months = 1 }", "up_to = { refund = inf, months = nan }"), &["`inf`", "`nan`"])),
    ("1e400", || Case::Charter(base("up_to = { refund = \"25\", months = 1 }", "up_to = { refund = 1e400, months = 1e-400 }"), &["`1e400`"])),
    ("a version beyond all", || Case::Charter(base("leeway = 1", "leeway = 99999999999999999999999"), &["a whole number"])),
    ("hexadecimal", || Case::Charter(base("months = 1 }", "months = 0xFFFFFFFFFFFFFFFFFFFF }"), &["a number"])),
    ("amounts beyond all", || {
        Case::Charter(
            base("refund = \"25\", months = 1", "refund = \"90000000000000.01\", months = 1000000001"),
            &["beyond the largest money", "beyond the largest number"],
        )
    }),
    ("amounts at the edge", || Case::Fine(base("refund = \"25\", months = 1", "refund = \"90000000000000.00\", months = 1000000000"))),
    ("amounts near the end of 64 bits", || {
        Case::Charter(base("refund = \"25\", months = 1", "refund = \"92233720368547758.08\", months = 9223372036854775808"), &["beyond the largest"])
    }),
    ("a number of 4,000 digits", || Case::Charter(base("months = 1 }", &format!("months = {} }}", "9".repeat(4_000))), &["number"])),
    ("arithmetic at the edge", || Case::Fine(base("up_to = 'order.total'", "up_to = 'percent(1000000000, order.total) * 1000000000 + order.total'"))),
    ("a span without end", || Case::Charter(base("\"90d\"", "\"99999999999999999999d\""), &["is not a window"])),
    ("ids that are there twice", || {
        let twice = "[[remedy]]\nid='card'\ntitle=''\n[[issue]]\nid='late_parcel'\n[[cap]]\nid='late'\ncount=1\n[[group]]\nid='leads'\nlevel='lead'\n";
        Case::Charter(format!("{BASE}{twice}"), &["`card` is the id", "`late_parcel` is the id", "`late` is the id", "`leads` is the id"])
    }),
    ("marks that hide and turn", || {
        let evil = "a\\u0007\\u202E\\u200Bb\\u0000";
        let text = BASE.replacen("id = \"leads\"", &format!("id = \"{evil}\""), 1).replacen("suggests = [\"late\"]", &format!("suggests = [\"{evil}\"]"), 1);
        Case::Charter(
            text.replacen("\"EUR\"", "\"\u{202e}RUE\"", 1),
            &["`a\\u{7}\\u{202e}\\u{200b}b\\u{0}` is not a declared", "`\\u{202e}RUE` is not a currency"],
        )
    }),
    ("JSON 100,000 deep", || Case::Request(format!("{}{}", "[".repeat(MANY), "]".repeat(MANY)), &["recursion limit"])),
    ("a request 100 deep", || request("facts", &format!("{{\"order.total\": {}{}}}", "[".repeat(100), "]".repeat(100)), &["facts.order.total"])),
    ("a larger request than is read", || Case::Request(" ".repeat(2 << 20), &["REQUEST_BYTES"])),
    ("100,000 facts in a text", || request("facts", &format!("{{{}\"z\":1}}", many(MANY, |i| format!("\"order.f{i}\":1,"))), &["REQUEST_BYTES"])),
    ("100,000 facts", || value("facts", (0..MANY).map(|i| (format!("order.f{i}"), 1.into())).collect::<serde_json::Map<_, _>>().into(), &["GIVEN_FACTS"])),
    ("100,000 ledger entries", || value("ledger", vec![entry(); MANY].into(), &["LEDGER_ENTRIES"])),
    ("100,000 subjects", || value("subjects", (0..MANY).map(|i| (format!("s{i}"), "x".into())).collect::<serde_json::Map<_, _>>().into(), &["subjects.case"])),
    ("100,000 openings", || value("openings", serde_json::json!({ "leads": vec![["2026-11-21T09:00:00Z", "2026-11-21T17:00:00Z"]; MANY] }), &["OPENINGS"])),
    ("a text of a mebibyte in a fact", || value("facts", serde_json::json!({ "customer.tier": "x".repeat(1 << 20) }), &["facts.customer.tier"])),
    ("not a number", || request("amount", "NaN", &["not JSON"])),
    ("an amount of 1e400", || request("amount", "1e400", &["amount"])),
    ("an amount of 1e999999999999", || request("amount", "1e999999999999", &["amount"])),
    ("an amount of 100,000 digits", || request("amount", &"9".repeat(MANY), &["amount"])),
    ("an amount beyond 64 bits", || request("amount", "\"92233720368547758.08\"", &["amount"])),
    ("an amount below 64 bits", || request("amount", "\"-92233720368547758.09\"", &["amount"])),
    ("a number by its secret name", || request("amount", "{\"$serde_json::private::Number\": \"[[[[\"}", &[""])),
    ("a time beyond all", || request("at", "\"99999-01-01T00:00:00Z\"", &["at"])),
];

const HEAD: &str = "leeway = 1\nname = ''\ncurrency = 'EUR'\ntimezone = 'UTC'\nlevels = ['agent']\n";

fn base(from: &str, to: &str) -> String {
    assert_eq!(BASE.matches(from).count(), 1, "{from}");
    BASE.replacen(from, to, 1)
}

fn when(when: String, expected: &'static [&'static str]) -> Case {
    Case::Charter(base("when = 'very_late'", &format!("when = '''{when}'''")), expected)
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, i| {
        text.push_str(&one(i));
        text
    })
}

fn define(definitions: &str) -> String {
    base("[define]", &format!("[define]\n{definitions}"))
}

fn chain(length: usize) -> String {
    define(&format!("d0 = 'order.total'\n{}", many(length - 1, |i| format!("d{} = 'd{i} + order.total'\n", i + 1))))
}

fn backwards(length: usize) -> String {
    define(&format!("{}d{} = 'order.total'\n", many(length - 1, |i| format!("d{i} = 'd{} + order.total'\n", i + 1)), length - 1))
}

fn doubling() -> String {
    define(&format!("d0 = 'order.total'\n{}", many(60, |i| format!("d{} = 'd{i} + d{i}'\n", i + 1))))
}

fn misspelt() -> String {
    let facts = many(1_000, |i| format!("number_of_things_{i} = 'number'\n"));
    let rules = many(9_000, |i| format!("[[forbid]]\nid='f{i}'\nwhen='order.numbr_of_things_{i} > 1'\n"));
    format!("{HEAD}[facts.order]\n{facts}[[remedy]]\nid='card'\ntitle=''\n{rules}")
}

/// Every allow names every remedy, and every cap but one reason.
fn crowded(limit: &str) -> String {
    let all = many(500, |i| format!("'m{i}',"));
    let mut text = format!("{HEAD}reasons = [{}]\n", many(500, |i| format!("'r{i}',")));
    text.push_str(&many(500, |i| format!("[[remedy]]\nid='m{i}'\ntitle=''\nmeasure='money'\n")));
    text.push_str(&many(400, |i| format!("[[allow]]\nid='a{i}'\nlevel='agent'\nfrom='{}-01-01'\nremedies=[{all}]\n{limit}\n", 1000 + i)));
    text.push_str(&many(499, |i| format!("[[cap]]\nid='c{i}'\nreasons=['r{i}']\ncount=5\n")));
    text
}

fn too_many() -> String {
    let names = |what: &str, count: usize| many(count, |i| format!("'{what}{i}',"));
    let mut text = format!("leeway = 1\nname = ''\ncurrency = 'EUR'\ntimezone = 'UTC'\nlevels = [{}]\nreasons = [{}]\n", names("l", 17), names("r", 501));
    let _ = writeln!(text, "[facts.case]\nmany = {{ choice = [{}] }}", names("c", 501));
    text.push_str(&many(1_001, |i| format!("f{i} = 'text'\n")));
    text.push_str(&many(100, |i| format!("[facts.s{i}]\na = 'text'\n")));
    text.push_str(&many(501, |i| format!("[[remedy]]\nid='m{i}'\ntitle=''\n[[issue]]\nid='i{i}'\n")));
    text.push_str(&many(100, |i| format!("[[group]]\nid='g{i}'\nlevel='l1'\n")));
    text.push_str("[[forbid]]\nid='f'\n");
    text
}

fn asked() -> serde_json::Value {
    serde_json::json!({
        "at": "2026-11-21T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K", "customer": "C", "order": "O" },
        "remedy": "refund", "reason": "late", "amount": "10"
    })
}

fn entry() -> serde_json::Value {
    serde_json::json!({ "at": "2026-11-01T12:00:00Z", "remedy": "refund", "reason": "late", "amount": "1", "keys": { "case": "K" } })
}

fn value(key: &str, value: serde_json::Value, expected: &'static [&'static str]) -> Case {
    let mut request = asked();
    request.as_object_mut().unwrap().insert(key.to_owned(), value);
    Case::Value(request, expected)
}

fn request(key: &str, written: &str, expected: &'static [&'static str]) -> Case {
    let mut request = asked();
    request.as_object_mut().unwrap().remove(key);
    let rest = request.to_string();
    Case::Request(format!("{{\"{key}\": {written}, {}", rest.trim_start_matches('{')), expected)
}

fn loaded() -> Charter {
    load(&Sources { text: BASE, outer: None, today: None }).charter.unwrap()
}

/// What was found, for each a line.
fn run(case: Case) -> (String, &'static [&'static str]) {
    let read = |result: Result<Request, Vec<charter::request::Problem>>| match result {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.iter().take(500).map(|p| format!("{}: {}; {}\n", p.at, p.message, p.expected)).collect(),
    };
    match case {
        Case::Request(text, expected) => (read(Request::from_json(&loaded(), &text, Purpose::Decide)), expected),
        Case::Value(value, expected) => (read(Request::from_value(&loaded(), &value, Purpose::Decide)), expected),
        Case::Charter(text, expected) => {
            let loaded = load(&Sources { text: &text, outer: None, today: None });
            assert!(loaded.charter.is_none(), "a charter came of it: {:#?}", loaded.findings);
            (loaded.findings.iter().map(|f| format!("{}; {}; {:?}\n", f.message, f.expected, f.help)).collect(), expected)
        }
        Case::Fine(text) => {
            let loaded = load(&Sources { text: &text, outer: None, today: None });
            assert!(loaded.charter.is_some(), "{:#?}", loaded.findings);
            (String::new(), &[])
        }
    }
}

/// The most memory this process ever held, in KiB; nothing where the system does not say.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn one_case_in_a_process_of_its_own() {
    let Ok(name) = std::env::var(VARIABLE) else { return };
    let (_, make) = CASES.iter().find(|(n, _)| *n == name).unwrap();
    let (found, expected) = run(make());
    for word in expected {
        assert!(found.contains(word), "`{word}` is not in what was found:\n{}", found.chars().take(2_000).collect::<String>());
    }
    let hidden = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    assert_eq!(found.chars().find(hidden), None, "messages show what is hidden");
    if let Some(most) = most_memory() {
        assert!(most <= KIBIBYTES, "it took {most} KiB");
    }
}

#[test]
fn every_case_ends_in_an_error_within_its_limits() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let failures: Vec<String> = CASES.iter().filter_map(|(name, _)| in_a_child(name).err().map(|why| format!("== {name}: {why}"))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn in_a_child(name: &str) -> Result<(), String> {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "one_case_in_a_process_of_its_own", "--nocapture"]).env(VARIABLE, name).env("RUST_BACKTRACE", "0");
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (child, in_time) = wait(child);
    let output = child.wait_with_output().unwrap();
    if !in_time {
        return Err(format!("not done after {SECONDS} s"));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{}: {said}", output.status)) }
}

/// Waits until it ends, or ends it when its time is over.
#[expect(clippy::disallowed_methods, reason = "a bound on time is what is tested")]
fn wait(mut child: Child) -> (Child, bool) {
    let begin = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(SECONDS) {
            let _ = child.kill();
            return (child, false);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    (child, true)
}

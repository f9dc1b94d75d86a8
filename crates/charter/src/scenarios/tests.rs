use serde_json::json;

use super::{read, run};
use crate::{Charter, Sources, load};

const CHARTER: &str = r#"
leeway = 1
name = "Corner shop"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead"]
reasons = ["late"]
[facts.order]
total = "money"
days_late = "number"
[facts.staff]
kind = { choice = ["person", "ai"] }
[[remedy]]
id = "refund"
title = "Refund"
measure = "money"
[[allow]]
id = "late"
remedies = ["refund"]
level = "agent"
when = 'order.days_late > 3'
up_to = 'percent(20, order.total)'
[[cap]]
id = "never-over-paid"
remedies = ["refund"]
per = "order"
amount = 'order.total'
[[group]]
id = "leads"
level = "lead"
within = "30m"
exceptions = true
"#;

const GIVEN: &str = r#"
charter = "shop.toml"
[given]
at = 2026-11-23T10:00:00+01:00
level = "agent"
staff = { kind = "person" }
subjects = { case = "K-1", order = "O-1" }
facts = { order = { total = 75.50, days_late = 5 } }
"#;

fn charter() -> Charter {
    let loaded = load(&Sources { text: CHARTER, outer: None, today: None });
    loaded.charter.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

/// The names of the cases with what differs in each.
fn results(rest: &str) -> Vec<(String, Vec<String>)> {
    let scenarios = read(&format!("{GIVEN}{rest}")).unwrap();
    let one = |case| run(&charter(), case).differences.into_iter().map(|d| format!("{}: {} / {}", d.what, d.expected, d.found)).collect();
    scenarios.cases.iter().map(|case| (case.name.clone(), one(case))).collect()
}

fn case(lines: &str) -> Vec<String> {
    let result = results(&format!("[[case]]\nname = \"it\"\nremedy = \"refund\"\nreason = \"late\"\n{lines}\n"));
    result.into_iter().next().unwrap().1
}

#[test]
fn expectations_are_held_against_the_answer() {
    let none: &[&str] = &[];
    let cases: [(&str, &[&str]); 19] = [
        ("amount = 15\nexpect = 'allowed'", none),
        ("amount = 15\nexpect = { outcome = 'allowed', rules = ['late'], free_up_to = 15.1, say_why_up_to = '15.10', to = 'none' }", none),
        ("amount = 15\nexpect = { rules = [] }", &["rules: none / late"]),
        ("amount = 15\nexpect = { free_up_to = 'unlimited', outcome = 'forbidden' }", &["outcome: forbidden / allowed", "free_up_to: unlimited / 15.10"]),
        ("amount = 15\nexpect = { left = { never-over-paid = '75.5', other = 1 } }", &["left.other: 1 / not a cap of the charter"]),
        ("amount = 15\nexpect = { left = { never-over-payed = 'none' } }", &["left.never-over-payed: none / not a cap of the charter"]),
        ("amount = 15\nexpect = { left = { late = 'none' } }", &["left.late: none / not a cap of the charter"]),
        ("amount = 15\nexpect = { rules = ['lat'] }", &["rules: lat / not in the charter; did you mean `late`?", "rules: lat / late"]),
        ("amount = 15\nexpect = { asks = ['order.totl'] }", &["asks: order.totl / not in the charter; did you mean `order.total`?", "asks: order.totl / none"]),
        ("amount = 16\nexpect = { to = 'leds' }", &["to: leds / not in the charter; did you mean `leads`?", "to: leds / leads"]),
        ("amount = 16\nexpect = { outcome = 'exception', to = 'leads', due = 2026-11-23T09:30:00Z }", none),
        ("amount = 16\nexpect = { due = '2026-11-23T10:30:00Z' }", &["due: 2026-11-23T10:30:00Z / 2026-11-23T09:30:00Z"]),
        ("amount = 15\nfacts = { order = { total = 'unknown' } }\nexpect = { outcome = 'needs_facts', asks = ['order.total'] }", none),
        ("amount = 15\nfacts = { order = { days_late = { value = 3 } } }\nexpect = { outcome = 'exception', asks = [] }", none),
        ("amount = 15\nfacts.order.days_late = 'unknown'\nexpect = { asks = [] }", &["asks: none / order.days_late"]),
        ("amount = 15\nsubjects = { order = false }\nexpect = 'exception'", none),
        ("amount = 15\nat = 'yesterday'\nexpect = 'invalid'", none),
        ("amount = 15\nlevel = 'lead'\nstaff = { kind = 'ai' }\nexpect = 'allowed'", none),
        (
            "amount = 5\nledger = [{ at = '2026-11-20T12:00:00Z', remedy = 'refund', reason = 'late', amount = 14, keys = { case = 'K-1', order = 'O-1' } }]
             expect = { outcome = 'exception', free_up_to = 1.10, left = { never-over-paid = 61.5 } }",
            none,
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(case(lines), expected, "{lines}");
    }
}

#[test]
fn a_table_is_a_case_a_row() {
    let table = r#"
[[table]]
columns = ["name", "level", "staff.kind", "subjects.order", "order.days_late", "remedy", "reason", "amount", "outcome", "left.never-over-paid", "rules"]
rows = [
  ["a fifth", "", "", "", "", "refund", "late", "15.10", "allowed", "75.50", ["late"]],
  ["no order", "lead", "ai", false, "", "refund", "late", "15.10", "exception", "none", []],
  ["in time", "", "", "O-2", 3, "refund", "late", "15.10", "allowed", "", ""],
]
"#;
    let expected = [("a fifth", vec![]), ("no order", vec![]), ("in time", vec!["outcome: allowed / exception".to_owned()])];
    assert_eq!(results(table), expected.map(|(name, differences)| (name.to_owned(), differences)));
}

#[test]
fn subjects_that_the_charter_does_not_have_are_told() {
    let text = format!(
        "{GIVEN}[[case]]\nname = 'it'\nremedy = 'refund'\nreason = 'late'\namount = 1\nexpect = 'allowed'\nsubjects = {{ ordr = 'x', case = 'K-2' }}\n"
    );
    let outcome = run(&charter(), read(&text).unwrap().cases.first().unwrap());
    assert_eq!((outcome.passed, outcome.undeclared), (true, vec!["ordr".to_owned()]));
}

#[test]
fn a_request_is_what_the_file_gives_and_the_case_says() {
    let text = format!("{GIVEN}[[case]]\nname = 'it'\nexpect = 'invalid'\nsubjects.order = false\nissue = 'x'\nfacts.case.seen = true\ngroup = 'leads'\n");
    let request = read(&text).unwrap().cases.first().unwrap().request();
    let expected = json!({
        "at": "2026-11-23T10:00:00+01:00", "asker": { "level": "agent", "group": "leads", "staff": { "kind": "person" } },
        "subjects": { "case": "K-1", "order": null }, "facts": { "case.seen": true }, "openings": {}, "issue": "x",
    });
    assert_eq!(request, expected);
}

#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let cases: [(&str, &[(&str, &str)]); 8] = [
        ("chartr = 'x.toml'", &[("", "`charter` is missing"), ("chartr", "did you mean `charter`?")]),
        ("charter = '../x.toml'", &[("'../x.toml'", "the name of a file beside this one")]),
        ("charter = 'a.toml'\n[given]\nlevle = 'x'\nstaff = 1", &[("levle", "did you mean `level`?"), ("1", "a table")]),
        ("charter = 'a.toml'\n[[case]]\nname = 'x'\nexpect = 'alowed'", &[("'alowed'", "did you mean `allowed`?")]),
        (
            "charter = 'a.toml'\n[[case]]\nname = 'x'\nexpect = { free_upto = 1, due = 'x' }",
            &[("{ free_upto = 1, due = 'x' }", "nothing is expected"), ("free_upto", "did you mean `free_up_to`?"), ("'x'", "an instant")],
        ),
        ("charter = 'a.toml'\n[[case]]\nname = 'x'\nsubjects.order = true\nexpect = 'allowed'", &[("true", "or `false` if there is none")]),
        (
            "charter = 'a.toml'\n[[table]]\ncolumns = ['nam', 'outcome']\nrows = [['x'], ['x', '']]",
            &[("'nam'", "did you mean `name`?"), ("['x']", "1 values"), ("['x', '']", "nothing is expected in this row")],
        ),
        ("charter = ", &[("", "")]),
    ];
    for (text, expected) in cases {
        let findings = read(text).unwrap_err();
        assert_eq!(findings.len(), expected.len(), "{text}: {findings:#?}");
        for (finding, (place, words)) in findings.iter().zip(expected) {
            assert_eq!(text.get(finding.span.clone()), Some(*place), "{text}: {finding:?}");
            let said = format!("{} {} {}", finding.message, finding.expected, finding.help.as_deref().unwrap_or_default());
            assert!(said.contains(words), "{text}: {said}, not {words}");
        }
    }
}

#[test]
fn a_file_nested_too_deeply_is_refused_before_it_is_parsed() {
    let findings = read(&format!("charter = 'a.toml'\nx = {}", "[".repeat(100_000))).unwrap_err();
    let codes: Vec<_> = findings.iter().map(|f| f.code.name()).collect();
    assert_eq!(codes, ["too-large"]);
}

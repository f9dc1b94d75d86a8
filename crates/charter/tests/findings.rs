//! Every kind of finding has a charter that has it, and a twin that has not.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;

use charter::diagnostics::{Code, Finding, Severity, line_and_column};
use charter::{Loaded, Sources, load};
use serde::Deserialize;

const BASE: &str = include_str!("findings/base.toml");
const INNER: &str = include_str!("findings/inner.toml");
const PLAIN: &str = include_str!("findings/plain.toml");
const PAIRS: &str = include_str!("findings/pairs.toml");

#[derive(Deserialize)]
struct Pairs {
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    code: String,
    file: Option<String>,
    r#in: Option<String>,
    bad: String,
    good: Option<String>,
    at: String,
    help: Option<String>,
    #[serde(default)]
    also: Vec<String>,
}

impl Pair {
    fn all() -> Vec<Self> {
        toml::from_str::<Pairs>(PAIRS).unwrap().pair
    }

    fn with(&self, change: Option<&str>) -> String {
        let file = match self.file.as_deref() {
            None => BASE,
            Some("inner.toml") => INNER,
            Some("plain.toml") => PLAIN,
            Some(other) => panic!("{}: no file {other}", self.code),
        };
        match (&self.r#in, change) {
            (_, None) => file.to_owned(),
            (None, Some(change)) => format!("{file}\n{change}"),
            (Some(place), Some(change)) => {
                let place = place.trim();
                assert_eq!(file.matches(place).count(), 1, "{}: `{place}` must stand in the file once", self.code);
                file.replacen(place, change.trim(), 1)
            }
        }
    }
}

fn check(text: &str) -> Loaded {
    let today = charter::time::day("2026-11-21".parse().unwrap());
    let outer = charter::stands_inside(text).filter(|name| name == "base").map(|_| BASE);
    load(&Sources { text, outer, today })
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|f| f.code.name()).collect()
}

#[test]
fn the_charters_to_change_have_no_findings() {
    for text in [BASE, INNER, PLAIN] {
        let loaded = check(text);
        assert_eq!(loaded.findings, [], "{text}");
        assert!(loaded.charter.is_some());
    }
}

#[test]
fn every_code_has_a_pair() {
    let paired: BTreeSet<String> = Pair::all().into_iter().map(|p| p.code).collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|c| c.name().to_owned()).collect();
    assert_eq!(codes, paired);
}

#[test]
fn each_pair_differs_in_its_finding() {
    let mut wrong = Vec::new();
    for pair in Pair::all() {
        let text = pair.with(Some(&pair.bad));
        let bad = check(&text);
        let (found, others): (Vec<_>, Vec<_>) = bad.findings.iter().partition(|f| f.code.name() == pair.code);
        if let [finding] = found.as_slice() {
            wrong.extend(mismatch(&pair, finding, &text));
        } else {
            wrong.push(format!("{}: found {} times, with {others:#?}", pair.code, found.len()));
        }
        let expected_too = |f: &&&Finding| pair.also.iter().any(|a| a == f.code.name());
        if others.iter().any(|f| !expected_too(&f)) {
            wrong.push(format!("{}: besides it there is {others:#?}", pair.code));
        }
        let is_error = found.iter().any(|f| f.severity == Severity::Error);
        if bad.charter.is_some() == is_error {
            wrong.push(format!("{}: a charter is loaded if there is no error", pair.code));
        }
        let good = check(&pair.with(pair.good.as_deref()));
        if good.findings.iter().any(|f| !pair.also.iter().any(|a| a == f.code.name())) {
            wrong.push(format!("{}: the twin has {:#?}", pair.code, good.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn mismatch(pair: &Pair, finding: &Finding, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let at = text.get(finding.span.clone()).unwrap_or("(no place in the file)");
    if at.trim() != pair.at.trim() {
        wrong.push(format!("{}: stands at `{at}`, not at `{}`", pair.code, pair.at));
    }
    match (&finding.help, &pair.help) {
        (Some(help), Some(part)) if help.contains(part.as_str()) => {}
        (_, None) => {}
        (help, part) => wrong.push(format!("{}: the help is {help:?}, not {part:?}", pair.code)),
    }
    if finding.message.is_empty() || finding.expected.is_empty() {
        wrong.push(format!("{}: a finding says what is there and what belongs there", pair.code));
    }
    wrong
}

#[test]
fn only_the_charters_own_rules_are_looked_at() {
    let outer = BASE.replacen("because = \"Kindness has an end.\"", "until = \"2020-01-01\"", 1);
    let today = charter::time::day("2026-11-21".parse().unwrap());
    let found = |text, outer, today| names(&load(&Sources { text, outer, today }).findings).join(" ");
    assert_eq!(found(&outer, None, today), "repeats no-because rule-ended");
    assert_eq!(found(&outer, None, None), "repeats no-because", "without a day nothing has ended");
    assert_eq!(found(INNER, Some(&outer), today), "");
}

#[test]
fn several_errors_are_reported_at_once() {
    let changes = [
        ("\"EUR\"", "\"EURO\""),
        ("Europe/Amsterdam", "Europe/Nowhere"),
        ("stretch = ", "strech = "),
        ("suggests = [\"late\"]", "suggests = [\"latte\"]"),
        ("id = \"leads\"", "id = \"Leads\""),
        ("'order.days_late > 3'", "'order.day_late > 3'"),
        ("within = \"90d\"", "within = \"90 days\""),
        ("'very_late'", "'very_late &'"),
    ];
    let text = changes.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replacen(from, to, 1)
    });
    let loaded = check(&text);
    let found: BTreeSet<&str> = names(&loaded.findings).into_iter().collect();
    let expected = ["unknown-currency", "unknown-timezone", "unknown-key", "unknown-reason", "bad-id", "unknown-fact", "bad-literal", "syntax"];
    assert_eq!(found, expected.into_iter().collect(), "{:#?}", loaded.findings);
    assert!(loaded.findings.is_sorted_by_key(|f| f.span.start), "in the order of the file");
}

#[test]
fn places_are_found_in_every_kind_of_string() {
    let found = |when: &str| {
        let text = BASE.replacen("'order.days_late > 3'", when, 1);
        let loaded = check(&text);
        let finding = loaded.findings.iter().find(|f| f.code == Code::UnknownFact).unwrap_or_else(|| panic!("{when}: {:#?}", loaded.findings));
        let (line, column) = line_and_column(&text, finding.span.start);
        (text[finding.span.clone()].to_owned(), line, column)
    };
    let line = BASE.lines().position(|l| l.contains("'order.days_late > 3'")).unwrap() + 1;
    let plain = "order.day_late".to_owned();
    let cases = [
        ("'order.day_late > 3'", (plain.clone(), line, 9)),
        ("'1 > 2 || order.day_late > 3'", (plain.clone(), line, 18)),
        ("\"order.day_late > 3\"", (plain.clone(), line, 9)),
        // An escape before it moves it by what the escape is longer than what it stands for.
        (r#""customer.tier == \"plus\" && order.day_late > 3""#, (plain.clone(), line, 38)),
        (r#""order.day\u005flate > 3""#, (r"order.day\u005flate".to_owned(), line, 9)),
        ("'''order.day_late > 3'''", (plain.clone(), line, 11)),
        ("'''\n  customer.tier == \"plus\"\n  && order.day_late > 3'''", (plain.clone(), line + 2, 6)),
        ("\"\"\"\n  customer.tier == \"plus\"\n  && order.day_late > 3\"\"\"", (plain.clone(), line + 2, 6)),
        ("\"\"\"customer.tier == \\\"plus\\\" \\\n     && order.day_late > 3\"\"\"", (plain.clone(), line + 1, 9)),
        ("'customer.tier == \"plus\" && \"größer\" != \"é\" && order.day_late > 3'", (plain, line, 55)),
    ];
    for (when, place) in cases {
        assert_eq!(found(when), place, "{when}");
    }
}

#[test]
fn a_misspelt_fact_names_the_nearest() {
    for (written, near) in [("order.totl", "order.total"), ("costumer.tier", "customer.tier"), ("order.dayslate", "order.days_late")] {
        let loaded = check(&BASE.replacen("when = 'very_late'", &format!("when = '{written} == {written}'"), 1));
        let finding = loaded.findings.first().unwrap();
        assert_eq!(finding.help, Some(format!("did you mean `{near}`?")), "{written}");
        let shown = written.split_once('.').map_or(written, |(subject, _)| if finding.code == Code::UnknownSubject { subject } else { written });
        assert!(finding.message.contains(&format!("`{shown}`")), "{}", finding.message);
    }
    let loaded = check(&BASE.replacen("when = 'very_late'", "when = 'weather.humidity > 3'", 1));
    assert_eq!(loaded.findings.first().unwrap().help, None, "what is far from all is not guessed");
}

#[test]
fn many_findings_do_not_push_out_an_error() {
    let many: String = (0..300).map(|i| format!("[[forbid]]\nid = \"f{i}\"\n")).collect();
    let loaded = check(&format!("{BASE}{many}"));
    assert_eq!((loaded.findings.len(), loaded.left_out), (200, 100));
    let olds = (0..300).map(|_| "\"refund\"").collect::<Vec<_>>().join(", ");
    let text = BASE.replacen("was = [\"old_card\"]", &format!("was = [{olds}]"), 1).replacen("'very_late'", "'very'", 1);
    let loaded = check(&text);
    assert!(loaded.charter.is_none());
    assert!(names(&loaded.findings).contains(&"unknown-name"));
}

//! How rules combine, exhaustively: every multiset of up to eight abstract rules (allow, stretch, forbid, cap; each true, false, unknown or a fault)
//! against the definition of a verdict, written out here once more.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at once")]

use charter::decide::Outcome;
use charter::{Charter, Purpose, Request, Sources, decide, load};
use serde_json::{Value, json};

const SLOTS: usize = 8;
const KINDS: [&str; 4] = ["allow", "stretch", "forbid", "cap"];
const STATES: [&str; 4] = ["true", "false", "unknown", "fault"];

/// One charter in which each request switches eight slots to the rules it wants.
fn charter() -> Charter {
    let mut text =
        "leeway = 1\nname = \"Slots\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\"]\n[facts.case]\nunknown = \"yes_no\"\n[facts.request]\n"
            .to_owned();
    for slot in 0..SLOTS {
        text += &format!(
            "kind_{slot} = {{ choice = [\"allow\", \"stretch\", \"forbid\", \"cap\", \"none\"] }}\nstate_{slot} = {{ choice = [\"true\", \"false\", \"unknown\", \"fault\"] }}\n"
        );
    }
    text += "[[remedy]]\nid = \"call\"\ntitle = \"Call\"\n";
    for slot in 0..SLOTS {
        let when = |kind: &str| {
            let state = "{\"true\": true, \"false\": false, \"unknown\": case.unknown, \"fault\": 1000000000 * 1000000000 > 0}";
            format!("when = 'request.kind_{slot} == \"{kind}\" && {state}[request.state_{slot}]'\n")
        };
        text += &format!("[[allow]]\nid = \"allow-{slot}\"\nremedies = [\"call\"]\nlevel = \"agent\"\n{}", when("allow"));
        text += &format!("[[allow]]\nid = \"stretch-{slot}\"\nremedies = [\"call\"]\nlevel = \"agent\"\nsay_why = true\n{}", when("stretch"));
        text += &format!("[[forbid]]\nid = \"forbid-{slot}\"\n{}", when("forbid"));
        text += &format!("[[cap]]\nid = \"cap-{slot}\"\ncount = 0\n{}", when("cap"));
    }
    load(&Sources { text: &text, ..Sources::default() }).charter.expect("a charter without errors")
}

/// The definition: an allow reads a fault as false, a forbid or cap as true.
fn expected(rules: &[usize]) -> Outcome {
    let has = |kinds: &[usize], states: &[usize]| rules.iter().any(|r| kinds.contains(&(r / 4)) && states.contains(&(r % 4)));
    let (allow, stretch, closing) = (&[0][..], &[0, 1][..], &[2, 3][..]);
    let (yes, unknown, yes_or_fault) = (&[0][..], &[2][..], &[0, 3][..]);
    let blocked = has(closing, yes_or_fault);
    let perhaps_blocked = has(closing, unknown);
    if blocked {
        Outcome::Forbidden
    } else if !perhaps_blocked && has(allow, yes) {
        Outcome::Allowed
    } else if !perhaps_blocked && has(stretch, yes) {
        Outcome::AllowedSayWhy
    } else if has(stretch, yes) || has(stretch, unknown) || perhaps_blocked {
        // With `stretch` false the verdict is no, but a rule that binds everybody is unknown.
        Outcome::NeedsFacts
    } else {
        Outcome::Exception
    }
}

struct Sweep {
    charter: Charter,
    request: Value,
    seen: u64,
}

impl Sweep {
    /// All multisets that go on from these rules with rules not before the last one.
    fn go_on(&mut self, rules: &mut Vec<usize>) {
        self.check(rules);
        if rules.len() == SLOTS {
            return;
        }
        for rule in rules.last().copied().unwrap_or(0)..KINDS.len() * STATES.len() {
            self.switch(rules.len(), KINDS[rule / 4], STATES[rule % 4]);
            rules.push(rule);
            self.go_on(rules);
            rules.pop();
        }
        self.switch(rules.len(), "none", "false");
    }

    fn switch(&mut self, slot: usize, kind: &str, state: &str) {
        self.request["facts"][format!("request.kind_{slot}")] = kind.into();
        self.request["facts"][format!("request.state_{slot}")] = state.into();
    }

    fn check(&mut self, rules: &[usize]) {
        let request = Request::from_value(&self.charter, &self.request, Purpose::Decide).expect("a request that makes sense");
        let found = decide(&self.charter, &request).core.outcome;
        let named: Vec<_> = rules.iter().map(|r| (KINDS[r / 4], STATES[r % 4])).collect();
        assert_eq!(found, expected(rules), "{named:?}");
        self.seen += 1;
    }
}

#[test]
fn every_multiset_of_eight_rules_combines_as_defined() {
    let mut request = json!({ "at": "2026-11-21T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1" }, "facts": {}, "remedy": "call" });
    for slot in 0..SLOTS {
        request["facts"][format!("request.kind_{slot}")] = "none".into();
        request["facts"][format!("request.state_{slot}")] = "false".into();
    }
    let mut sweep = Sweep { charter: charter(), request, seen: 0 };
    sweep.go_on(&mut Vec::new());
    assert_eq!(sweep.seen, 735_471, "24 choose 8");
}

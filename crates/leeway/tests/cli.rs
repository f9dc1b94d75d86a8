//! The command line, as a table: what is typed, what is read, how it ends and what it says.

#[cfg(test)]
mod program;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    use charter::limits;
    use serde_json::{Value, json};

    use crate::program::{Ran, leeway, root};

    const SMALL: &str = "leeway = 1\nname = \"Small\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\"]\n";
    const REMEDY: &str = "[[remedy]]\nid = \"card\"\ntitle = \"Card\"\n[[allow]]\nid = \"card\"\nremedies = [\"card\"]\nlevel = \"agent\"\n";

    /// A request to the shop for a refund because it is late, a little beyond what is free.
    fn request(amount: &str) -> Value {
        let text = fs::read_to_string(root().join("charters/shop-late-parcel.json")).unwrap();
        let mut request: Value = serde_json::from_str(&text).unwrap();
        for (key, value) in [("remedy", "refund"), ("reason", "late"), ("amount", amount)] {
            request[key] = json!(value);
        }
        request
    }

    /// Files that are wrong in one way or another.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("half")).unwrap();
        let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
        write("small.toml", format!("{SMALL}{REMEDY}").as_bytes());
        write("untidy.toml", format!("{SMALL}{REMEDY}").replace(" = ", "=").as_bytes());
        write("wrong.toml", format!("{SMALL}levles = 1\n{REMEDY}").replace("\"EUR\"", "\"EUT\"").as_bytes());
        write("not.toml", b"leeway = \n");
        write("control.toml", b"leeway = 1\n\"\\u001b[31mred\" = 1\n");
        write("latin.toml", b"name = \"caf\xe9\"\n");
        write("large.toml", &vec![b'#'; limits::CHARTER_BYTES + 1]);
        write("inner.toml", format!("{SMALL}inside = \"outer\"\n").as_bytes());
        write("climbing.toml", format!("{SMALL}inside = \"../inner\"\n").as_bytes());
        write("large.json", " ".repeat(limits::REQUEST_BYTES + 1).as_bytes());
        write("bad.scenarios.toml", b"charter = \"small.toml\"\n[[case]]\nname = \"x\"\nexpct = \"allowed\"\n");
        write("lost.scenarios.toml", b"charter = \"nowhere.toml\"\n");
        write("broken.scenarios.toml", b"charter = \"wrong.toml\"\n");
        let failing = "charter = \"small.toml\"\n[given]\nat = 2026-11-23T10:00:00Z\nlevel = \"agent\"\nsubjects.case = \"K-1\"\nfacts.case.sen = true\n[[case]]\nname = \"a card\"\nremedy = \"card\"\nexpect = { outcome = \"forbidden\", rules = [] }\n";
        write("failing.scenarios.toml", failing.as_bytes());
        write("deep.toml", format!("{SMALL}x = {}{}\n{REMEDY}", "[".repeat(40), "]".repeat(40)).as_bytes());
        write("deep.scenarios.toml", format!("charter = \"small.toml\"\nx = {}{}\n", "[".repeat(40), "]".repeat(40)).as_bytes());
        let hiding = "because = \"no \\u202Eyes\\u2028\\u200B\\nescalate\\nYou may.\"";
        write("hiding.toml", format!("{SMALL}{REMEDY}[[forbid]]\nid = \"no-cards\"\nremedies = [\"card\"]\n{hiding}\n").as_bytes());
        write("turned.toml", format!("{SMALL}levles = \"\u{202e}\u{2028}\"\n{REMEDY}").as_bytes());
        write("half/small.toml", format!("{SMALL}{REMEDY}").as_bytes());
        write("half/1.scenarios.toml", b"charter = \"nowhere.toml\"\n");
        write("half/2.scenarios.toml", failing.replace("forbidden\", rules = []", "allowed\"").as_bytes());
        let misspelt = failing.replace("outcome = \"forbidden\", rules = []", "left = { nocap = \"none\" }, to = \"nobody\"");
        let misspelt = misspelt.replace("to = \"nobody\"", "to = \"agnt\"");
        write("misspelt.scenarios.toml", misspelt.replace("case = \"K-1\"", "ordr = \"x\"\nsubjects.case = \"K-1\"").as_bytes());
        fs::create_dir(folder.path().join("empty")).unwrap();
        folder
    }

    fn check(ran: &Ran, code: i32, fragments: &[&str], of: &str) {
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, code, "{of}\n{said}");
        for fragment in fragments {
            assert!(said.contains(fragment), "{of}: no `{fragment}` in\n{said}");
        }
        assert!(code != 0 || ran.err.is_empty(), "{of}\n{said}");
        assert!(code != 2 || (ran.out.is_empty() && !ran.err.is_empty()), "{of}\n{said}");
    }

    #[test]
    fn each_command_ends_as_documented() {
        let folder = folder();
        let asked = request("15.01").to_string();
        let options = fs::read_to_string(root().join("charters/shop-late-parcel.json")).unwrap();
        let card = json!({ "at": "2026-11-23T10:00:00Z", "asker": { "level": "agent" }, "subjects": { "case": "K-1" }, "remedy": "card" }).to_string();
        let cases: &[(&str, &str, i32, &[&str])] = &[
            // check
            ("check charters/shop.toml", "", 0, &["charters/shop.toml: fine\n"]),
            ("check charters/shop.toml charters/shop.scenarios.toml", "", 0, &["charters/shop.toml: fine\n"]),
            ("check charters/inside/team.toml --inside charters/inside/organisation.toml", "", 0, &["fine"]),
            ("check charters/inside/team.toml --inside charters/hotel.toml", "", 1, &["error[", "charters/inside/team.toml:"]),
            ("check TMP/wrong.toml", "", 1, &["error[unknown-currency]: `EUT`", "wrong.toml:3:12\n", "did you mean `levels`?", "2 errors in "]),
            ("check TMP/not.toml", "", 1, &["error[toml]", " errors in "]),
            ("check TMP/control.toml", "", 1, &["`\\u{1b}[31mred` is not a key"]),
            ("check TMP/inner.toml", "", 1, &["unknown-outer", "outer.toml"]),
            ("check TMP/climbing.toml", "", 1, &["unknown-outer"]),
            ("check TMP/latin.toml", "", 2, &["is not UTF-8: look at byte 11"]),
            ("check TMP/large.toml", "", 2, &["is too large: at most 4194304 bytes (limit CHARTER_BYTES)"]),
            ("check TMP/nowhere.toml", "", 2, &["cannot read "]),
            ("check TMP", "", 2, &["cannot read "]),
            ("check TMP/deep.toml", "", 1, &["error[too-large]"]),
            ("check TMP/turned.toml", "", 1, &["levles = \"\\u{202e}\\u{2028}\""]),
            ("check TMP/nowhere.scenarios.toml", "", 2, &["nothing to check: scenario files are run by `leeway charter test`"]),
            ("check - -", "", 2, &["standard input can be read only once"]),
            ("check", "", 2, &["Usage: leeway charter check"]),
            ("chekc x", "", 2, &["'check'"]),
            // test
            ("test charters/shop.scenarios.toml", "", 0, &["charters/shop.scenarios.toml: ", " passed, 0 failed\n"]),
            (
                "test TMP/failing.scenarios.toml",
                "",
                1,
                &[
                    ": 0 passed, 1 failed\n",
                    "FAILED a card (line 7)",
                    "outcome: expected forbidden, found allowed",
                    "Card: you can do this now.",
                    "ignored: case.sen",
                    "0 passed, 1 failed",
                ],
            ),
            ("test TMP/bad.scenarios.toml", "", 1, &["did you mean `expect`?", "1 file could not be run"]),
            ("test TMP/broken.scenarios.toml", "", 1, &["unknown-currency", "could not be run"]),
            ("test TMP/deep.scenarios.toml", "", 1, &["error[too-large]", "limit NESTING", "could not be run"]),
            ("test TMP/lost.scenarios.toml", "", 1, &["lost.scenarios.toml:1:11", "cannot read ", "nowhere.toml", "1 file could not be run"]),
            ("test TMP/half", "", 1, &["nowhere.toml", "2.scenarios.toml: 1 passed", "\n1 passed, 0 failed, 1 file could not be run"]),
            (
                "test TMP/misspelt.scenarios.toml",
                "",
                1,
                &[
                    "left.nocap: expected none, found not a cap of the charter",
                    "to: expected agnt, found not in the charter; did you mean `agent`?",
                    "ignored: ordr, case.sen",
                ],
            ),
            ("test TMP/nowhere.scenarios.toml", "", 2, &["cannot read "]),
            ("test - -", "", 2, &["standard input can be read only once"]),
            ("test TMP/empty", "", 2, &["no `*.scenarios.toml` in "]),
            // decide, explain, options
            (
                "decide charters/shop.toml --request -",
                &asked,
                0,
                &["allowed_say_why\nYou can give €15.01 now if you say why.", "rules: late-delivery", "assumed: customer.on_hold"],
            ),
            (
                "explain charters/shop.toml --request -",
                &asked,
                0,
                &["condition  order.days_late > 3", "saw        order.days_late = 5", "limit      15.00 EUR", "total      15.01 EUR", "left       75.00 EUR"],
            ),
            ("decide charters/shop.toml --request -", "{}", 1, &["invalid\n", "at: `at` is missing; expected an instant"]),
            ("options charters/shop.toml --request -", &asked, 0, &["Refund, late\n  Up to €15.00: "]),
            (
                "options charters/shop.toml --request -",
                &options,
                0,
                &["Refund, late\n  Up to €15.00: ", "Free months of Plus, goodwill (only if asked)\n", "Return label, wrong item\n"],
            ),
            ("decide TMP/wrong.toml --request -", &asked, 1, &["unknown-currency", "2 errors in "]),
            ("decide charters/shop.toml --request -", "not", 2, &["standard input is not JSON: "]),
            ("decide charters/shop.toml --request TMP/large.json", "", 2, &["limit REQUEST_BYTES"]),
            ("decide charters/shop.toml", "", 2, &["--request"]),
            ("decide charters/shop.toml --lines --request TMP/nowhere", "", 2, &["cannot read "]),
            ("decide - --request -", &asked, 2, &["standard input can be read only once: `-` may stand for one file"]),
            ("options charters/shop.toml --inside - --request -", &asked, 2, &["standard input can be read only once"]),
            ("explain TMP/hiding.toml --request -", &card, 0, &["because    no \\u{202e}yes\\u{2028}\\u{200b} escalate You may.\n"]),
            // fmt, schema
            ("fmt --check TMP/deep.toml", "", 1, &["error[too-large]"]),
            ("fmt TMP/untidy.toml TMP/nowhere.toml", "", 2, &["cannot read "]),
            ("fmt - --check", "leeway=1", 1, &["standard input: would change"]),
            ("fmt - --check", "leeway = 1\n", 0, &[]),
            ("fmt -", "leeway=1", 0, &["leeway = 1\n"]),
            ("fmt -", "leeway = \n", 1, &["error[toml]"]),
            ("fmt - TMP/untidy.toml", "", 2, &["`-` must stand alone"]),
            ("fmt --check TMP/untidy.toml TMP/small.toml", "", 1, &["untidy.toml: would change", "small.toml: would change"]),
            ("fmt TMP/untidy.toml TMP/small.toml TMP/bad.scenarios.toml", "", 0, &["untidy.toml: changed"]),
            ("fmt TMP/untidy.toml", "", 0, &[]),
            ("fmt TMP/not.toml", "", 1, &["error[toml]"]),
            ("schema", "", 0, &["\"title\": \"Leeway charter\""]),
        ];
        for (line, stdin, code, fragments) in cases {
            let arguments: Vec<String> = line.split(' ').map(|a| a.replace("TMP", folder.path().to_str().unwrap())).collect();
            check(&leeway(&arguments, stdin), *code, fragments, line);
        }
        let [untidy, small] = ["untidy.toml", "small.toml"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
        assert_eq!(untidy, small);
        let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| name.ends_with(".tmp")).count(), 0);
        assert!(!root().join("-").exists());
    }

    #[test]
    fn fmt_writes_all_or_nothing_and_leaves_links_alone() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let before = fs::read_to_string(at("untidy.toml")).unwrap();
        assert_eq!(leeway(&["fmt", &at("untidy.toml"), &at("nowhere.toml")], "").code, 2);
        assert_eq!(fs::read_to_string(at("untidy.toml")).unwrap(), before);
        std::os::unix::fs::symlink(at("untidy.toml"), at("link.toml")).unwrap();
        assert_eq!(leeway(&["fmt", &at("link.toml")], "").code, 0);
        assert!(fs::symlink_metadata(at("link.toml")).unwrap().is_symlink());
        assert_ne!(fs::read_to_string(at("untidy.toml")).unwrap(), before);
        let ran = leeway(&["fmt", "-"], &before);
        assert_eq!((ran.out, ran.err), (fs::read_to_string(at("untidy.toml")).unwrap(), String::new()));
    }

    #[test]
    fn what_no_rule_can_look_at_is_named() {
        let named = fs::read_to_string(root().join("charters/shop-late-parcel.json")).unwrap();
        let mut request: Value = serde_json::from_str(&named).unwrap();
        request["subjects"]["order"] = Value::Null;
        request["facts"].as_object_mut().unwrap().retain(|fact, _| !fact.starts_with("order."));
        let absent = |request: &str| {
            let ran = leeway(&["options", "charters/shop.toml", "--json", "--request", "-"], request);
            let answer: Value = serde_json::from_str(&ran.out).unwrap();
            answer["options"].as_array().unwrap().iter().find(|o| o["remedy"] == "refund" && o["reason"] == "late").unwrap()["absent"].clone()
        };
        assert_eq!(absent(&named), Value::Null);
        assert_eq!(absent(&request.to_string()), json!(["order"]));
        let told = leeway(&["options", "charters/shop.toml", "--request", "-"], &request.to_string()).out;
        assert!(told.contains("  Some of its rules go by the order, and none is named."), "{told}");
    }

    #[test]
    fn what_the_issue_suggests_comes_first() {
        let options = fs::read_to_string(root().join("charters/shop-late-parcel.json")).unwrap();
        let ran = leeway(&["options", "charters/shop.toml", "--request", "-"], &options);
        let headings: Vec<_> = ran.out.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).take(7).collect();
        let expected = ["Refund, late", "Voucher, late", "Shipping fee waived, late", "Refund, goodwill", "Voucher, goodwill"];
        assert_eq!(headings.get(..5), Some(&expected[..]), "{headings:?}");
    }

    /// Whether a value has each of these keys; `a.b` is `b` in the first of the list `a`, or in the object `a`.
    fn has_keys(value: &Value, keys: &[&str]) {
        for key in keys {
            let mut at = value;
            for part in key.split('.') {
                at = at.get(0).unwrap_or(at);
                at = at.get(part).unwrap_or_else(|| panic!("no `{key}` in {value:#}"));
            }
        }
    }

    #[test]
    fn json_has_the_documented_keys() {
        let folder = folder();
        let asked = request("15.01").to_string();
        let options = fs::read_to_string(root().join("charters/shop-late-parcel.json")).unwrap();
        let finding = ["code", "severity", "line", "column", "span.start", "span.end", "message", "expected"].map(|key| format!("files.findings.{key}"));
        let finding: Vec<&str> = finding.iter().map(String::as_str).collect();
        let cases: &[(&str, &str, i32, &[&str])] = &[
            ("check charters/shop.toml", "", 0, &["files.file", "files.errors", "files.warnings", "files.notes", "files.left_out", "files.findings"]),
            ("check TMP/wrong.toml", "", 1, &finding),
            (
                "test charters",
                "",
                0,
                &[
                    "passed",
                    "failed",
                    "broken",
                    "files.file",
                    "files.passed",
                    "files.failed",
                    "files.cases.name",
                    "files.cases.line",
                    "files.cases.passed",
                    "files.cases.answer.outcome",
                ],
            ),
            ("test TMP/failing.scenarios.toml", "", 1, &["files.cases.differences.what", "files.cases.differences.expected", "files.cases.differences.found"]),
            ("test TMP/bad.scenarios.toml", "", 1, &["files.broken.file", "files.broken.findings.code"]),
            (
                "decide charters/shop.toml --request -",
                &asked,
                0,
                &[
                    "outcome",
                    "sentence",
                    "rules",
                    "free_up_to.amount",
                    "say_why_up_to.currency",
                    "caps.rule",
                    "caps.of",
                    "caps.used",
                    "caps.left",
                    "assumed",
                    "why.rule",
                    "why.says",
                    "why.asker",
                    "why.saw",
                    "why.limit",
                    "charters.name",
                    "charters.version",
                ],
            ),
            ("explain charters/shop.toml --request -", &asked, 0, &["outcome", "why.condition", "why.stretch", "why.total"]),
            ("decide charters/shop.toml --request -", "{}", 1, &["problems.at", "problems.message", "problems.expected"]),
            (
                "options charters/shop.toml --request -",
                &options,
                0,
                &["charters", "options.remedy", "options.title", "options.sentences", "options.caps", "options.zones.outcome", "options.zones.rules"],
            ),
            ("decide TMP/wrong.toml --request -", &asked, 1, &finding),
            ("options TMP/wrong.toml --request -", &options, 1, &finding),
            ("explain TMP/wrong.toml --lines --request -", &asked, 1, &["files.file", "files.errors", "files.warnings", "files.notes", "files.left_out"]),
            ("test TMP/lost.scenarios.toml", "", 1, &["broken", "files.broken.file", "files.broken.findings.line"]),
            ("test TMP/misspelt.scenarios.toml", "", 1, &["files.cases.undeclared"]),
            ("fmt --check TMP/untidy.toml", "", 1, &["files.file", "files.changed", "files.findings"]),
            ("fmt -", "leeway=1", 0, &["files.changed", "files.text"]),
            ("schema", "", 0, &["properties.leeway", "properties.allow"]),
        ];
        for (line, stdin, code, keys) in cases {
            let arguments: Vec<String> = format!("{line} --json").split(' ').map(|a| a.replace("TMP", folder.path().to_str().unwrap())).collect();
            let ran = leeway(&arguments, stdin);
            assert_eq!((ran.code, ran.err.as_str()), (*code, ""), "{line}\n{}", ran.out);
            has_keys(&serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{line}: {error}")), keys);
        }
    }

    #[test]
    fn json_lines_are_answered_in_order_whatever_stands_in_them() {
        let amounts = ["15.00", "15.01", "22.51"];
        let mut lines: Vec<String> = amounts.iter().map(|amount| request(amount).to_string()).collect();
        lines.insert(1, "not JSON".to_owned());
        lines.insert(2, String::new());
        lines.insert(3, format!("{}{{}}", " ".repeat(limits::REQUEST_BYTES)));
        let ran = leeway(&["decide", "charters/shop.toml", "--lines", "--request", "-"], &lines.join("\n"));
        assert_eq!((ran.code, ran.err.as_str()), (1, ""));
        let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let outcomes: Vec<&str> = answers.iter().map(|a| a["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["allowed", "invalid", "invalid", "allowed_say_why", "escalate"]);
        assert!(answers[2]["problems"][0]["expected"].as_str().unwrap().contains("REQUEST_BYTES"), "{}", answers[2]);
        let alone = leeway(&["decide", "charters/shop.toml", "--json", "--request", "-"], &lines[0]);
        assert_eq!(answers[0], serde_json::from_str::<Value>(&alone.out).unwrap(), "one at a time says the same");
    }

    #[test]
    fn an_answer_does_not_wait_for_the_next_request() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leeway"));
        command.args(["charter", "decide", "charters/shop.toml", "--lines", "--request", "-"]).current_dir(root());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        for _ in 0..2 {
            writeln!(stdin, "{}", request("15.00")).unwrap();
            let mut answer = String::new();
            stdout.read_line(&mut answer).unwrap();
            assert!(answer.starts_with("{\"outcome\":\"allowed\""), "{answer}");
        }
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }

    #[test]
    fn a_broken_pipe_ends_quietly() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leeway"));
        command.args(["charter", "decide", "charters/shop.toml", "--lines", "--request", "-"]).current_dir(root());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        // It may end before all is written.
        drop(writeln!(stdin, "{}", request("15.00")));
        drop(stdin);
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
    }
}

//! A charter as large as a big organisation would write it.

#![expect(clippy::indexing_slicing, reason = "a place modulo the length is inside")]

use std::fmt::Write as _;

const REMEDIES: usize = 200;
const REASONS: usize = 40;
const SUBJECTS: [&str; 8] = ["account", "booking", "contract", "customer", "device", "order", "shipment", "visit"];
const FACTS_EACH: usize = 12;

/// A charter with so many guardrails: half of them allows, a quarter forbids, a quarter caps. Its conditions and limits are as long as people write them.
pub(crate) fn charter_of(guardrails: usize) -> String {
    let mut text = String::from(
        "leeway = 1\nname = \"Large\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Amsterdam\"\nlevels = [\"agent\", \"senior\", \"lead\", \"manager\"]\n",
    );
    let reasons: Vec<_> = (0..REASONS).map(|i| format!("\"reason_{i}\"")).collect();
    let _ = writeln!(text, "reasons = [{}]", reasons.join(", "));
    for subject in SUBJECTS {
        let _ = writeln!(text, "\n[facts.{subject}]\ntier = {{ choice = [\"standard\", \"plus\", \"key\"] }}\nregion = \"text\"\nsince = \"date\"");
        for fact in 0..FACTS_EACH {
            let _ = writeln!(
                text,
                "total_{fact} = \"money\"\ncount_{fact} = {{ type = \"number\", min = 0 }}\nseen_{fact} = {{ type = \"yes_no\", ask = \"Was it seen?\" }}"
            );
        }
    }
    text.push_str("\n[facts.staff]\nkind = { choice = [\"person\", \"ai\"] }\nyears = \"number\"\n\n[define]\n");
    for (i, subject) in SUBJECTS.iter().enumerate() {
        let _ = writeln!(text, "known_{i} = 'days_between({subject}.since, now) >= 365 && {subject}.seen_{i}'");
    }
    for i in 0..REMEDIES {
        let _ = writeln!(
            text,
            "\n[[remedy]]\nid = \"remedy_{i}\"\ntitle = \"Remedy {i}\"\nmeasure = \"money\"\nreasons = [{}, {}, {}]",
            reason(i),
            reason(i + 1),
            reason(i + 2)
        );
    }
    (0..guardrails).for_each(|i| guardrail(&mut text, i));
    text.push_str("\n[[group]]\nid = \"leads\"\nlevel = \"lead\"\nstaff = { kind = \"person\" }\nwithin = \"30m\"\n");
    text
}

fn reason(i: usize) -> String {
    format!("\"reason_{}\"", i % REASONS)
}

fn guardrail(text: &mut String, i: usize) {
    let subject = SUBJECTS[i % SUBJECTS.len()];
    let (fact, other, level) = (i % FACTS_EACH, (i / 3) % FACTS_EACH, ["agent", "senior", "lead"][i % 3]);
    let remedies = format!("\"remedy_{}\", \"remedy_{}\"", i / 4 % REMEDIES, (i / 4 + 1) % REMEDIES);
    let reasons = reason(i / 4 % REMEDIES + 1);
    let when = format!("{subject}.count_{fact} > {} && ({subject}.tier == \"key\" || known_{} || {subject}.total_{other} < {})", i % 9, i % 8, 20 + i % 700);
    let _ = match i % 4 {
        0 | 1 => writeln!(
            text,
            "\n[[allow]]\nid = \"allow-{i}\"\nremedies = [{remedies}]\nreasons = [{reasons}]\nlevel = \"{level}\"\nwhen = '{when}'\nper = \"{subject}\"\n\
             up_to = 'min(percent({}, {subject}.total_{fact}), {})'\nstretch = 'min(percent({}, {subject}.total_{fact}), {})'\nbecause = \"It is rule {i}.\"",
            5 + i % 30,
            20 + i,
            10 + i % 30,
            40 + i
        ),
        2 => writeln!(
            text,
            "\n[[forbid]]\nid = \"forbid-{i}\"\nremedies = [{remedies}]\nbelow = \"manager\"\nwho = 'staff.kind == \"ai\" || staff.years < {}'\nwhen = '({when}) && amount > money(\"{i}\")'",
            1 + i % 5
        ),
        _ => writeln!(
            text,
            "\n[[cap]]\nid = \"cap-{i}\"\nremedies = [{remedies}]\nper = [\"{subject}\", \"{subject}.region\"]\nwithin = \"90d\"\nwhen = '{when}'\n\
             amount = '{{\"standard\": {}, \"plus\": 100, \"key\": 300}}[{subject}.tier]'\nbecause = \"Enough is enough.\"",
            50 + i % 40
        ),
    };
}

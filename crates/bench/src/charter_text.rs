//! The charter that is measured, as text.

use std::fmt::Write;

/// Guardrails for each remedy.
pub const GUARDRAILS_EACH: usize = 10;

const HEAD: &str = r#"leeway = 1
name = "Measured"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead", "manager"]
reasons = ["late", "goodwill"]

[facts.customer]
tier = { choice = ["standard", "plus", "key"] }
on_hold = { type = "yes_no", assume = false }
complaints = { type = "number", min = 0 }
since = "date"
[facts.order]
total = "money"
days_late = { type = "number", min = 0 }
placed = "date"
carrier = "text"
items = { type = "number", min = 0 }
[facts.case]
photo_seen = { type = "yes_no", confirm = "person" }
severity = { type = "number", min = 0, max = 5 }
channel = { choice = ["mail", "chat", "phone"] }
[facts.staff]
kind = { choice = ["person", "ai"] }

[[group]]
id = "leads"
level = "lead"
staff = { kind = "person" }
within = "30m"
[[group]]
id = "managers"
level = "manager"
staff = { kind = "person" }
priority = 10
within = "4h"
exceptions = true
"#;

/// The id of a remedy by its number; the first is the one that is asked for.
#[must_use]
pub fn remedy(number: usize) -> String {
    if number == 0 { "refund".to_owned() } else { format!("gesture-{number:03}") }
}

/// A charter of that many remedies, with ten guardrails each: four allows, three forbids and three caps.
#[must_use]
pub fn charter_text(remedies: usize) -> String {
    let mut text = HEAD.to_owned();
    for number in 0..remedies {
        let id = remedy(number);
        let _ = writeln!(text, "\n[[remedy]]\nid = \"{id}\"\ntitle = \"Remedy {number}\"\nmeasure = \"money\"\nreasons = [\"late\"]");
        // The others differ a little, as they would.
        let more = number % 3;
        allows(&mut text, &id, more);
        forbids(&mut text, &id, more);
        caps(&mut text, &id, more);
    }
    text
}

fn allows(text: &mut String, id: &str, more: usize) {
    let _ = write!(
        text,
        r#"
[[allow]]
id = "{id}-late"
remedies = ["{id}"]
reasons = ["late"]
level = "agent"
when = 'order.days_late > {late} && order.carrier != "pigeon"'
per = "order"
up_to = 'percent({least}, order.total)'
stretch = 'percent({most}, order.total)'
because = "Late is our fault."
[[allow]]
id = "{id}-tier"
remedies = ["{id}"]
reasons = ["late"]
level = "agent"
when = 'order.days_late > 1 && order.items <= 10'
per = "order"
up_to = '{{"standard": 5, "plus": 15, "key": 40}}[customer.tier]'
[[allow]]
id = "{id}-photo"
remedies = ["{id}"]
reasons = ["late"]
level = "agent"
when = 'case.photo_seen && case.severity >= 2'
up_to = 'min(order.total, 30)'
say_why = true
[[allow]]
id = "{id}-lead"
remedies = ["{id}"]
reasons = ["late"]
level = "lead"
when = 'order.days_late > 0 || case.severity >= 3'
per = "order"
up_to = 'percent(50, order.total)'
"#,
        late = 3 + more,
        least = 20 + more,
        most = 30 + more,
    );
}

fn forbids(text: &mut String, id: &str, more: usize) {
    let _ = write!(
        text,
        r#"
[[forbid]]
id = "{id}-hold"
remedies = ["{id}"]
when = 'customer.on_hold'
because = "Risk is looking into this account."
[[forbid]]
id = "{id}-machine"
remedies = ["{id}"]
who = 'staff.kind == "ai"'
when = 'amount > money("{machine}")'
[[forbid]]
id = "{id}-new"
remedies = ["{id}"]
reasons = ["late"]
when = 'customer.since > date("2026-10-01") && customer.complaints >= 3 && amount > 50'
below = "lead"
"#,
        machine = 20 + more,
    );
}

fn caps(text: &mut String, id: &str, more: usize) {
    let _ = write!(
        text,
        r#"
[[cap]]
id = "{id}-paid"
remedies = ["{id}"]
when = 'order.items > 0'
per = "order"
amount = 'order.total'
[[cap]]
id = "{id}-customer"
remedies = ["{id}"]
reasons = ["late"]
when = 'order.placed >= date("2026-01-01")'
per = "customer"
within = "90d"
amount = '{{"standard": 50, "plus": 100, "key": 300}}[customer.tier]'
below = "lead"
[[cap]]
id = "{id}-month"
remedies = ["{id}"]
when = 'case.channel in ["chat", "phone"]'
per = "customer"
within = "month"
count = {count}
below = "manager"
"#,
        count = 3 + more,
    );
}

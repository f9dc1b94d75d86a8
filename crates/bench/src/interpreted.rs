//! The conditions and limits of the same ten guardrails, compiled beforehand and evaluated by the interpreter of the `cel` crate. What was used is handed
//! in; combining them is left out.
#![expect(clippy::expect_used, reason = "a contender that cannot be built is a defect of this crate")]

use std::collections::HashMap;

use cel::{Context, Program, Value};

use crate::by_hand::{Asked, sums};
use crate::situation::{CHANNELS, Situation, TIERS};

const ALLOWS: [&str; 4] = [
    r#"order.days_late > 3 && order.carrier != "pigeon" && used.had_order + amount <= order.total * 30 / 100"#,
    r#"order.days_late > 1 && order.items <= 10 && used.had_order + amount <= {"standard": 500, "plus": 1500, "key": 4000}[customer.tier]"#,
    "case.photo_seen && case.severity >= 2 && used.had_case + amount <= order.total && used.had_case + amount <= 3000",
    "staff.level >= 1 && (order.days_late > 0 || case.severity >= 3) && used.had_order + amount <= order.total * 50 / 100",
];

const CLOSINGS: [&str; 6] = [
    "customer.on_hold",
    r#"staff.kind == "ai" && used.had_case + amount > 2000"#,
    "staff.level < 1 && customer.since > 20727 && customer.complaints >= 3 && used.had_case + amount > 5000",
    "order.items > 0 && used.paid_order + amount > order.total",
    r#"staff.level < 1 && order.placed >= 20454 && used.customer_90d + amount > {"standard": 5000, "plus": 10000, "key": 30000}[customer.tier]"#,
    r#"staff.level < 2 && case.channel in ["chat", "phone"] && used.customer_month + 1 > 3"#,
];

/// The ten programs.
#[derive(Debug)]
pub struct Interpreted {
    allows: Vec<Program>,
    closings: Vec<Program>,
}

impl Default for Interpreted {
    fn default() -> Self {
        let compile = |text: &&str| Program::compile(text).expect("this is CEL");
        Self { allows: ALLOWS.iter().map(compile).collect(), closings: CLOSINGS.iter().map(compile).collect() }
    }
}

impl Interpreted {
    /// Whether an allow covers and nothing closes; all ten are evaluated.
    #[must_use]
    pub fn decide(&self, context: &Context<'_, '_>) -> bool {
        let holding = |list: &[Program]| list.iter().filter(|p| p.execute(context) == Ok(Value::Bool(true))).count();
        let (allows, closings) = (holding(&self.allows), holding(&self.closings));
        allows > 0 && closings == 0
    }

    /// Programs that do not come to a truth.
    #[must_use]
    pub fn faults(&self, context: &Context<'_, '_>) -> usize {
        self.allows.iter().chain(&self.closings).filter(|p| !matches!(p.execute(context), Ok(Value::Bool(_)))).count()
    }
}

/// What a situation tells the programs.
#[must_use]
pub fn context(situation: &Situation) -> Context<'static, 'static> {
    let asked = Asked::of(situation);
    let sums = sums(&asked);
    let mut context = Context::default();
    let mut subject = |name: &str, facts: Vec<(&str, Value)>| {
        let facts: HashMap<String, Value> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        context.add_variable_from_value(name, facts);
    };
    let text = |text: &str| Value::from(text);
    subject(
        "customer",
        vec![
            ("tier", text(TIERS.get(situation.tier).copied().unwrap_or_default())),
            ("on_hold", asked.on_hold.into()),
            ("complaints", asked.complaints.into()),
            ("since", asked.since.into()),
        ],
    );
    subject(
        "order",
        vec![
            ("total", asked.total.into()),
            ("days_late", asked.days_late.into()),
            ("placed", asked.placed.into()),
            ("carrier", text(&asked.carrier)),
            ("items", asked.items.into()),
        ],
    );
    let channel = CHANNELS.get(situation.channel).copied().unwrap_or_default();
    subject("case", vec![("photo_seen", asked.photo_seen.into()), ("severity", asked.severity.into()), ("channel", text(channel))]);
    subject("staff", vec![("level", i64::from(asked.level).into()), ("kind", text(if asked.ai { "ai" } else { "person" }))]);
    subject(
        "used",
        vec![
            ("had_case", sums.had_case.into()),
            ("had_order", sums.had_order.into()),
            ("paid_order", sums.paid_order.into()),
            ("customer_90d", sums.customer_90d.into()),
            ("customer_month", sums.customer_month.into()),
        ],
    );
    context.add_variable_from_value("amount", asked.amount);
    context
}

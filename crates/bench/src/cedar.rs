//! The same guardrails as Cedar policies, as well as they can be said there: what was used is handed in, and the answer is yes or no with the policies that
//! determined it. There are no limits, no stretch, no group and no missing facts.
#![expect(clippy::expect_used, reason = "a contender that cannot be built is a defect of this crate")]

use std::fmt::Write;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use serde_json::json;

use crate::by_hand::{Asked, sums};
use crate::charter_text::remedy;
use crate::situation::{CHANNELS, Situation, TIERS};

/// Policies and everything else that stays the same.
#[derive(Debug)]
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
}

/// One question, built beforehand.
#[derive(Debug)]
pub struct Question {
    request: Request,
    entities: Entities,
}

impl Cedar {
    /// The policies of the first so many remedies; with one, only those of the remedy asked for.
    #[must_use]
    pub fn new(remedies: usize) -> Self {
        let mut text = String::new();
        for number in 0..remedies {
            policies(&mut text, &remedy(number), number % 3);
        }
        Self { authorizer: Authorizer::new(), policies: text.parse().expect("these are policies") }
    }

    /// Whether it is allowed, with the number of policies that determined it.
    #[must_use]
    pub fn decide(&self, question: &Question) -> (bool, usize) {
        let response = self.authorizer.is_authorized(&question.request, &self.policies, &question.entities);
        (response.decision() == Decision::Allow, response.diagnostics().reason().count())
    }

    /// Policies that could not be evaluated.
    #[must_use]
    pub fn faults(&self, question: &Question) -> usize {
        let response = self.authorizer.is_authorized(&question.request, &self.policies, &question.entities);
        response.diagnostics().errors().count()
    }
}

impl Question {
    /// What a situation asks.
    #[must_use]
    pub fn of(situation: &Situation) -> Self {
        let asked = Asked::of(situation);
        let sums = sums(&asked);
        let context = json!({
            "amount": asked.amount,
            "tier": TIERS.get(situation.tier), "on_hold": asked.on_hold, "complaints": asked.complaints, "since": asked.since,
            "total": asked.total, "days_late": asked.days_late, "placed": asked.placed, "carrier": asked.carrier, "items": asked.items,
            "photo_seen": asked.photo_seen, "severity": asked.severity, "channel": CHANNELS.get(situation.channel),
            "had_case": sums.had_case, "had_order": sums.had_order, "paid_order": sums.paid_order,
            "customer_90d": sums.customer_90d, "customer_month": sums.customer_month,
        });
        let uid = |text: &str| text.parse::<EntityUid>().expect("this is an entity");
        let context = Context::from_json_value(context, None).expect("this is a context");
        let (asker, case) = (uid(r#"Staff::"asker""#), uid(r#"Case::"K-9""#));
        let request = Request::new(asker, uid(r#"Action::"refund""#), case, context, None).expect("this is a request");
        let entities = json!([
            { "uid": { "type": "Staff", "id": "asker" }, "attrs": { "level": asked.level, "kind": if asked.ai { "ai" } else { "person" } }, "parents": [] },
            { "uid": { "type": "Case", "id": "K-9" }, "attrs": {}, "parents": [] },
        ]);
        Self { request, entities: Entities::from_json_value(entities, None).expect("these are entities") }
    }
}

fn policies(text: &mut String, id: &str, more: usize) {
    let head = format!("(principal, action == Action::\"{id}\", resource)");
    let tier = |standard: i64, plus: i64, key: i64| {
        format!("(if context.tier == \"standard\" then {standard} else if context.tier == \"plus\" then {plus} else {key})")
    };
    let permits = [
        format!(
            "context.days_late > {} && context.carrier != \"pigeon\" && (context.had_order + context.amount) * 100 <= context.total * {}",
            3 + more,
            30 + more
        ),
        format!("context.days_late > 1 && context.items <= 10 && context.had_order + context.amount <= {}", tier(500, 1_500, 4_000)),
        "context.photo_seen && context.severity >= 2 && context.had_case + context.amount <= context.total && context.had_case + context.amount <= 3000"
            .to_owned(),
        "principal.level >= 1 && (context.days_late > 0 || context.severity >= 3) && (context.had_order + context.amount) * 100 <= context.total * 50"
            .to_owned(),
    ];
    let forbids = [
        "context.on_hold".to_owned(),
        format!("principal.kind == \"ai\" && context.had_case + context.amount > {}", (20 + more) * 100),
        "principal.level < 1 && context.since > 20727 && context.complaints >= 3 && context.had_case + context.amount > 5000".to_owned(),
        "context.items > 0 && context.paid_order + context.amount > context.total".to_owned(),
        format!("principal.level < 1 && context.placed >= 20454 && context.customer_90d + context.amount > {}", tier(5_000, 10_000, 30_000)),
        format!("principal.level < 2 && [\"chat\", \"phone\"].contains(context.channel) && context.customer_month + 1 > {}", 3 + more),
    ];
    for when in permits {
        let _ = writeln!(text, "permit{head} when {{ {when} }};");
    }
    for when in forbids {
        let _ = writeln!(text, "forbid{head} when {{ {when} }};");
    }
}

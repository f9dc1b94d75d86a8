//! The tasks: conversations in which an agent that keeps to the policy writes to the shop's records.

use crate::{
    data, engine,
    shop::{Address, Ask, Shop},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// The tool that writes, the remedy it is, and how often the tasks call it.
const TOOLS: [(&str, &str, usize); 7] = [
    ("cancel_pending_order", "cancel_order", 25),
    ("modify_pending_order_address", "modify_address", 24),
    ("modify_pending_order_payment", "modify_payment", 1),
    ("modify_pending_order_items", "modify_items", 39),
    ("return_delivered_order_items", "return_items", 41),
    ("exchange_delivered_order_items", "exchange_items", 35),
    ("modify_user_address", "modify_user_address", 11),
];

/// The two actions that the policy does not permit: task, remedy, outcome, rules.
///
/// Task 64 exchanges items of an order that is still pending (and then modifies them, which is right).
/// Task 105 lets a gift card that holds 17.00 pay a difference of 21.10.
const REFUSED: [(&str, &str, &str, &str); 2] =
    [("64", "exchange_items", "forbidden", "only-delivered"), ("105", "exchange_items", "forbidden", "gift-card-below-difference")];

#[derive(Deserialize)]
struct Task {
    id: String,
    user_scenario: Value,
    evaluation_criteria: Criteria,
}

#[derive(Deserialize)]
struct Criteria {
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Action {
    name: String,
    arguments: Value,
}

#[derive(Deserialize)]
struct Arguments {
    order_id: Option<String>,
    user_id: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    item_ids: Vec<String>,
    #[serde(default)]
    new_item_ids: Vec<String>,
    payment_method_id: Option<String>,
}

struct Asked {
    task: String,
    remedy: &'static str,
    outcome: String,
    rules: String,
}

#[test]
fn every_action_of_the_tasks_is_allowed_but_two() {
    let Some(folder) = data::folder() else { return };
    let asked = ask_all(&folder);

    let mut by_remedy = BTreeMap::new();
    for one in &asked {
        *by_remedy.entry(one.remedy).or_insert(0) += 1;
    }
    assert_eq!(by_remedy, TOOLS.iter().map(|(_, remedy, times)| (*remedy, *times)).collect());
    let (allowed, refused): (Vec<_>, Vec<_>) = asked.iter().partition(|one| one.outcome == "allowed");
    let refused: Vec<_> = refused.iter().map(|one| (one.task.as_str(), one.remedy, one.outcome.as_str(), one.rules.as_str())).collect();
    println!("retail: {} asked, {} allowed, {} refused", asked.len(), allowed.len(), refused.len());
    assert_eq!(refused, REFUSED);
    assert_eq!((asked.len(), allowed.len()), (176, 174));
}

/// Each task starts from the shop as it was. What is allowed is done before the next is asked; what is refused is not,
/// because the policy has the agent deny it and go on: that is how task 64 comes to modify the order it could not exchange.
fn ask_all(folder: &Path) -> Vec<Asked> {
    let text = std::fs::read_to_string(folder.join("tasks.json")).expect("tasks.json is there");
    let tasks: Vec<Task> = serde_json::from_str(&text).expect("tasks.json is understood");
    let charter = engine::load();
    let opened = Shop::open(folder);
    let mut asked = Vec::new();
    for task in &tasks {
        let mut shop = opened.clone();
        for ask in asks(&shop, task) {
            let answer = engine::decide(&charter, &shop.request(&ask));
            let (outcome, rules) = (engine::outcome(&answer), engine::rules(&answer));
            if outcome == "allowed" {
                shop.apply(&ask);
            }
            asked.push(Asked { task: task.id.clone(), remedy: ask.remedy, outcome, rules });
        }
    }
    asked
}

/// The writing actions as requests. The tasks do not all record how the agent found the customer, but what the customer says
/// about themselves always identifies one: that is whom the conversation is held to, not the owner of what it asks for.
fn asks(shop: &Shop, task: &Task) -> Vec<Ask> {
    let tool = |action: &Action| TOOLS.iter().find(|(name, ..)| *name == action.name).map(|(_, remedy, _)| *remedy);
    let writes: Vec<_> = task.evaluation_criteria.actions.iter().filter_map(|action| Some((tool(action)?, &action.arguments))).collect();
    if writes.is_empty() {
        return Vec::new();
    }
    let (customer, located_by) = shop.locate(&task.user_scenario["instructions"].to_string());
    let ask = |(remedy, arguments): (&'static str, &Value)| {
        let given = Arguments::deserialize(arguments).expect("the arguments of a tool");
        Ask {
            located_by,
            profile: given.user_id.unwrap_or_else(|| customer.clone()),
            order: given.order_id,
            reason: given.reason.map(|reason| reason.replace(' ', "_")),
            items: given.item_ids,
            new_items: given.new_item_ids,
            method: given.payment_method_id,
            address: Address::deserialize(arguments).ok(),
            ..Ask::new(remedy, &format!("task-{}", task.id), &customer)
        }
    };
    writes.into_iter().map(ask).collect()
}

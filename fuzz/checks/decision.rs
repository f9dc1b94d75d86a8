//! What the answer to any request must keep to.

use charter::{Charter, Purpose, Request, decide, decide_json, options};
use serde_json::Value as Json;

use super::zones::{plain, zones_hold};

/// A request as JSON text: read, decided twice alike, and foretold by its options.
pub(crate) fn check(charter: &Charter, text: &str) {
    let json = serde_json::from_str::<Json>(text).ok();
    let asked = match Request::from_json(charter, text, Purpose::Decide) {
        Ok(asked) => asked,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a problem");
            // A text can have more that is wrong: a key that stands there twice.
            return json.iter().for_each(|json| assert!(problems.ends_with(&decide_json(charter, json).problems), "{problems:?}"));
        }
    };
    let decision = decide(charter, &asked);
    assert_eq!(decision, decide(charter, &asked), "the same request, another answer");
    let mut json = json.unwrap_or_default();
    let answer = decide_json(charter, &json);
    assert_eq!((answer.outcome, answer.problems.len()), (decision.core.outcome, 0), "the answer says otherwise");
    assert!(serde_json::to_string(&answer).is_ok(), "an answer that is not JSON");
    drop(json.as_object_mut().and_then(|json| json.remove("amount")));
    let Ok(wide) = Request::from_value(charter, &json, Purpose::Options) else { panic!("it can be decided but has no options") };
    let options = options(charter, &wide);
    let [one] = options.list.as_slice() else { panic!("{} options for one remedy and reason", options.list.len()) };
    let zone = one.zones.iter().find(|zone| zone.extent.has(asked.amount.unwrap_or(zone.extent.from)));
    assert_eq!(zone.map(|zone| plain(&zone.core)), Some(plain(&decision.core)), "the zone at the amount says otherwise");
    zones_hold(charter, &wide, &options);
}

//! What the options of any request must keep to.

use charter::decide::{Core, Options};
use charter::money::Measure;
use charter::{Charter, Purpose, Request, decide, options, options_json};
use serde_json::Value as Json;

/// Of one request, so many zones are decided at both ends: enough for every kind of edge, few enough to stay quick.
const ZONES: usize = 24;

/// A request for options, as JSON: if it makes sense, its options and every decision they foretell.
pub(crate) fn options_of(charter: &Charter, json: &Json) {
    let answer = options_json(charter, json);
    assert!(serde_json::to_string(&answer).is_ok(), "options that are not JSON");
    match Request::from_value(charter, json, Purpose::Options) {
        Ok(request) => {
            assert!(answer.problems.is_empty(), "one reading has problems, the other has none: {:?}", answer.problems);
            zones_hold(charter, &request, &options(charter, &request));
        }
        Err(problems) => assert!(!problems.is_empty() && answer.problems == problems, "problems differ: {problems:?} and {:?}", answer.problems),
    }
}

/// The zones of each remedy run from the least amount to the end without gaps, and what they say is what is decided at their ends.
pub(crate) fn zones_hold(charter: &Charter, request: &Request, options: &Options) {
    for one in &options.list {
        let Some(remedy) = charter.remedies.get(one.remedy) else { panic!("options for no remedy") };
        let act = remedy.measure == Measure::Act;
        let mut next = Some(remedy.minimum);
        for (i, zone) in one.zones.iter().enumerate() {
            assert!(Some(zone.extent.from) == next && !zone.extent.is_empty(), "a gap: {:?} after {next:?} of {}", zone.extent, remedy.id);
            next = zone.extent.to.checked_add(1);
            assert!(i == 0 || one.zones.get(i - 1).is_some_and(|before| before.core != zone.core), "two zones of {} that say the same", remedy.id);
            for amount in [zone.extent.from, zone.extent.to].into_iter().filter(|_| i < ZONES) {
                let mut asked = request.clone();
                (asked.remedy, asked.reason, asked.amount) = (Some(one.remedy), one.reason, (!act).then_some(amount));
                let decision = decide(charter, &asked);
                assert_eq!(plain(&decision.core), plain(&zone.core), "{} at {amount}", remedy.id);
                assert!(act || (decision.free_up_to, decision.say_why_up_to) == (one.free_up_to, one.say_why_up_to), "{}: other ends at {amount}", remedy.id);
            }
        }
        assert_eq!(next, remedy.measure.most().checked_add(1), "the zones of {} end before the amounts do", remedy.id);
        assert!(!act || one.zones.len() == 1, "an act with zones");
    }
}

/// What a zone has of a decision: all but how much an allow might cover.
pub(crate) fn plain(core: &Core) -> Core {
    let mut core = core.clone();
    core.any_of.iter_mut().for_each(|need| need.unlocks = None);
    core
}

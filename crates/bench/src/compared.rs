//! All contenders come to the same: without that, comparing their times would mean nothing.
#![expect(clippy::panic, clippy::expect_used, reason = "a disagreement ends the benchmark")]

use charter::decide::{Decision, Extent, decide_into};
use charter::{Charter, Purpose, Request};

use crate::by_hand::{self, Answer, Asked};
use crate::cedar::{Cedar, Question};
use crate::interpreted::{Interpreted, context};
use crate::situation::Situation;

/// The ends of an interval that is not empty.
type Ends = Option<(i64, i64)>;

/// What the engine and the hand-written rules say, written the same way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    outcome: &'static str,
    rules: Vec<String>,
    group: Option<String>,
    level: Option<usize>,
    due: Option<i64>,
    group_rules: Vec<String>,
    amounts: [Option<i64>; 3],
    /// By guardrail, where it holds and where it does for those who say why.
    seen: Vec<(String, [Ends; 2])>,
}

/// Checks that the engine and the hand-written rules say the same of every situation, and returns how often each outcome occurred.
///
/// # Panics
/// If they do not.
#[must_use]
pub fn with_by_hand(charter: &Charter, situations: &[Situation]) -> Vec<(&'static str, usize)> {
    let (mut decision, mut answer) = (Decision::default(), Answer::default());
    let mut outcomes: Vec<(&'static str, usize)> = Vec::new();
    for situation in situations {
        let request = Request::from_value(charter, &situation.request("refund"), Purpose::Decide).expect("this is a request");
        decide_into(charter, &request, &mut decision);
        by_hand::decide_into(&Asked::of(situation), &mut answer);
        let (engine, hand) = (of_engine(charter, &decision), of_hand(&answer));
        assert!(engine == hand, "{situation:#?}\nengine {engine:#?}\nby hand {hand:#?}");
        match outcomes.iter_mut().find(|(name, _)| *name == engine.outcome) {
            Some((_, count)) => *count += 1,
            None => outcomes.push((engine.outcome, 1)),
        }
    }
    outcomes
}

/// Checks that Cedar and the interpreter allow what the hand-written rules allow.
///
/// # Panics
/// If they do not.
pub fn with_others(cedars: &[&Cedar], interpreted: &Interpreted, situations: &[Situation]) {
    let mut answer = Answer::default();
    for situation in situations {
        by_hand::decide_into(&Asked::of(situation), &mut answer);
        let allowed = matches!(answer.outcome, by_hand::Outcome::Allowed | by_hand::Outcome::AllowedSayWhy);
        let (question, context) = (Question::of(situation), context(situation));
        for cedar in cedars {
            assert!(cedar.faults(&question) == 0, "{situation:#?}");
            assert!(cedar.decide(&question).0 == allowed, "Cedar says otherwise: {situation:#?}");
        }
        assert!(interpreted.faults(&context) == 0, "{situation:#?}");
        assert!(interpreted.decide(&context) == allowed, "cel says otherwise: {situation:#?}");
    }
}

fn of_engine(charter: &Charter, decision: &Decision) -> Said {
    let id = |place: &u32| charter.rules.get(*place as usize).map_or_else(|| panic!("no rule {place}"), |r| r.id.to_string());
    let ends = |extent: Extent| (!extent.is_empty()).then_some((extent.from, extent.to));
    let to = decision.core.to.as_ref();
    for seen in &decision.seen {
        assert!(ends(seen.sure) == ends(seen.maybe) && ends(seen.wide_sure) == ends(seen.wide_maybe), "all facts are known");
    }
    Said {
        outcome: decision.core.outcome.name(),
        rules: decision.core.rules.iter().map(id).collect(),
        group: to.and_then(|t| charter.groups.get(t.group?)).map(|g| g.id.to_string()),
        level: to.map(|t| t.level),
        due: to.and_then(|t| t.due),
        group_rules: decision.core.by.iter().map(id).collect(),
        amounts: [decision.free_up_to, decision.say_why_up_to, to.and_then(|t| t.up_to)],
        seen: decision.seen.iter().map(|s| (id(&s.rule), [ends(s.sure), ends(s.wide_sure)])).collect(),
    }
}

fn of_hand(answer: &Answer) -> Said {
    let ids = |rules: &[by_hand::Rule]| rules.iter().map(|r| r.id().to_owned()).collect();
    let ends = |extent: by_hand::Extent| (extent.from <= extent.to).then_some((extent.from, extent.to));
    Said {
        outcome: answer.outcome.name(),
        rules: ids(&answer.rules),
        group: answer.to.map(|t| t.group.to_owned()),
        level: answer.to.map(|t| usize::from(t.level)),
        due: answer.to.map(|t| t.due),
        group_rules: ids(&answer.to_rules),
        amounts: [answer.free_up_to, answer.say_why_up_to, answer.to.and_then(|t| t.up_to)],
        seen: answer.seen.iter().map(|s| (s.rule.id().to_owned(), [ends(s.holds), ends(s.wide)])).collect(),
    }
}

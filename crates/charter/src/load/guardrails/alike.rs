//! Which guardrails concern a remedy, and which of them say the same: those of one kind with the same conditions and limits, for remedies of one kind.
//! `options` looks at each of these once, as long as as much was given before: what is seen of them differs in nothing but their place.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::expr::{Bool, Num};
use crate::model::{Closing, Concern, Cover, Guard, Most, Remedy, Rule};
use crate::money::Measure;

/// Numbers for what is met, the same for the same.
struct Numbers<T>(HashMap<T, u32>);

impl<T: Hash + Eq> Numbers<T> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn of(&mut self, met: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(met).or_insert(next)
    }
}

/// All that a guardrail says, but for what allows cover, and for what was given before.
#[derive(PartialEq, Eq, Hash)]
enum Says<'r> {
    Allow { when: &'r Bool, say_why: bool, second: bool },
    Forbid(&'r Guard),
    Cap { when: &'r Bool, most: &'r Most },
}

type Kind<'r> = (&'r Measure, i64, Option<&'r Num>);

/// For each remedy the guardrails that concern it, and how many different ones there are.
pub(super) fn concerning(rules: &[Rule], remedies: &[Remedy]) -> (Vec<Vec<Concern>>, usize) {
    let (mut says, mut covers, mut kinds, mut all) = (Numbers::new(), Numbers::new(), Numbers::<Kind<'_>>::new(), Numbers::new());
    let kinds: Vec<u32> = remedies.iter().map(|r| kinds.of((&r.measure, r.minimum, r.worth.as_ref()))).collect();
    let mut concerning = vec![Vec::new(); remedies.len()];
    for (place, rule) in (0..).zip(rules) {
        let said = says.of((rule.layer, rule.level, rule.who.as_ref(), says_of(rule)));
        let mut concerns = |remedy: usize, cover: Option<u32>| {
            if let (Some(list), Some(kind)) = (concerning.get_mut(remedy), kinds.get(remedy)) {
                list.push(Concern { rule: place, alike: all.of((said, cover, *kind)) });
            }
        };
        match (&rule.kind, &rule.remedies) {
            (Closing::Allow(allow), _) => {
                let mut before: Option<(&Cover, u32)> = None;
                for (remedy, cover) in &allow.covers {
                    let number = before.filter(|(before, _)| is_one(before, cover)).map_or_else(|| covers.of(cover), |(_, number)| number);
                    before = Some((cover, number));
                    concerns(*remedy, Some(number));
                }
            }
            (_, Some(named)) => named.iter().for_each(|remedy| concerns(*remedy, None)),
            (_, None) => (0..remedies.len()).for_each(|remedy| concerns(remedy, None)),
        }
    }
    (concerning, all.0.len())
}

fn says_of(rule: &Rule) -> Says<'_> {
    match &rule.kind {
        Closing::Allow(allow) => Says::Allow { when: &allow.when, say_why: allow.say_why, second: allow.second },
        Closing::Forbid(guard) => Says::Forbid(guard),
        Closing::Cap(cap) => Says::Cap { when: &cap.when, most: &cap.most },
    }
}

/// Whether they are the same limits, written once for several remedies.
fn is_one(a: &Cover, b: &Cover) -> bool {
    match (a, b) {
        (Cover::UpTo { limit: a, stretch: a_stretch }, Cover::UpTo { limit: b, stretch: b_stretch }) => {
            let same = a_stretch.as_ref().zip(b_stretch.as_ref()).map(|(a, b)| Arc::ptr_eq(a, b));
            Arc::ptr_eq(a, b) && same.unwrap_or(a_stretch.is_none() && b_stretch.is_none())
        }
        (Cover::Exactly(a), Cover::Exactly(b)) => Arc::ptr_eq(a, b),
        (Cover::Any, Cover::Any) => true,
        _ => false,
    }
}

//! `min` and `max` beside a comparison are taken apart, so that only the operands that matter are asked for.

use super::{Bool, Definition, Num, Typed};

/// A limit, its outermost `min` and `max` taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    One(Num),
    Least(Vec<Bound>),
    Most(Vec<Bound>),
}

impl Bound {
    pub(crate) fn of(num: Num, definitions: &[Definition]) -> Self {
        match through(num, definitions) {
            Num::Least(list) => Self::Least(list.into_iter().map(|n| Self::of(n, definitions)).collect()),
            Num::Most(list) => Self::Most(list.into_iter().map(|n| Self::of(n, definitions)).collect()),
            one => Self::One(one),
        }
    }
}

/// A definition that stands for `min` or `max` is read as if written out.
fn through(num: Num, definitions: &[Definition]) -> Num {
    if let Num::Define(place) = num
        && let Some(Definition { body: Typed::Count(_, body), .. }) = definitions.get(place)
    {
        let inner = through(body.clone(), definitions);
        if matches!(inner, Num::Least(_) | Num::Most(_)) {
            return inner;
        }
    }
    num
}

/// How many comparisons taking these apart would give.
pub(crate) fn comparisons(less: &Num, more: &Num, definitions: &[Definition]) -> usize {
    leaves(less, definitions).saturating_mul(leaves(more, definitions))
}

fn leaves(num: &Num, definitions: &[Definition]) -> usize {
    match num {
        Num::Least(list) | Num::Most(list) => list.iter().fold(0, |sum: usize, part| sum.saturating_add(leaves(part, definitions))),
        Num::Define(place) => match definitions.get(*place).map(|d| &d.body) {
            Some(Typed::Count(_, body)) => leaves(body, definitions),
            _ => 1,
        },
        _ => 1,
    }
}

/// `less < more`, or `less <= more` if `or_equal`; the left side is taken apart first.
pub(crate) fn compare(less: Num, more: Num, or_equal: bool, definitions: &[Definition]) -> Bool {
    let each = |list: Vec<Num>, f: &dyn Fn(Num) -> Bool| list.into_iter().map(f).collect();
    match through(less, definitions) {
        Num::Least(list) => Bool::Any(each(list, &|n| compare(n, more.clone(), or_equal, definitions))),
        Num::Most(list) => Bool::All(each(list, &|n| compare(n, more.clone(), or_equal, definitions))),
        less => match through(more, definitions) {
            Num::Least(list) => Bool::All(each(list, &|n| compare(less.clone(), n, or_equal, definitions))),
            Num::Most(list) => Bool::Any(each(list, &|n| compare(less.clone(), n, or_equal, definitions))),
            more if or_equal => Bool::AtMost(Box::new((less, more))),
            more => Bool::Less(Box::new((less, more))),
        },
    }
}

//! Evaluation where all that is read is known, which it nearly always is: plain values, in registers. Nothing means only that it was not found this way.

use super::{Bool, ChoiceExpr, Env, Num, Pick, TextExpr, Typed};
use crate::decimal::ONE;
use crate::facts::Value;

impl<'a> Env<'a> {
    /// A yes_no that has one value and cannot be a fault.
    pub(super) fn known_truth(&self, expr: &'a Bool) -> Option<bool> {
        match expr {
            Bool::Const(truth) => Some(*truth),
            Bool::Fact(place) => truth_of(self.facts.get(*place)),
            Bool::Staff(place) => truth_of(self.staff.get(*place)),
            Bool::Exists(subject) => Some(self.present >> subject & 1 == 1),
            Bool::Not(inner) => self.known_not(inner),
            Bool::All(list) => self.known_all(list),
            Bool::Any(list) => self.known_any(list),
            Bool::Less(sides) => self.known_beside(sides, |a, b| a < b),
            Bool::AtMost(sides) => self.known_beside(sides, |a, b| a <= b),
            Bool::Equal(sides) => self.known_beside(sides, |a, b| a == b),
            Bool::SameChoice(sides) => Some(self.known_choice(&sides.0)? == self.known_choice(&sides.1)?),
            Bool::SameText(sides) => self.known_same_text(sides),
            Bool::Among(of, places) => Some(places.get(self.known_choice(of)?).copied().unwrap_or(false)),
            _ => None,
        }
    }

    #[inline(never)]
    fn known_not(&self, inner: &'a Bool) -> Option<bool> {
        Some(!self.known_truth(inner)?)
    }

    #[inline(never)]
    fn known_all(&self, list: &'a [Bool]) -> Option<bool> {
        for part in list {
            if !self.known_truth(part)? {
                return Some(false);
            }
        }
        Some(true)
    }

    #[inline(never)]
    fn known_any(&self, list: &'a [Bool]) -> Option<bool> {
        for part in list {
            if self.known_truth(part)? {
                return Some(true);
            }
        }
        Some(false)
    }

    #[inline(never)]
    fn known_beside(&self, sides: &'a (Num, Num), holds: impl Fn(i64, i64) -> bool) -> Option<bool> {
        Some(holds(self.known_number(&sides.0)?, self.known_number(&sides.1)?))
    }

    #[inline(never)]
    fn known_same_text(&self, sides: &'a (TextExpr, TextExpr)) -> Option<bool> {
        Some(self.known_text(&sides.0)? == self.known_text(&sides.1)?)
    }

    /// A counted value that is a point and cannot be a fault: most stand there or are given.
    #[inline]
    pub(super) fn known_number(&self, expr: &'a Num) -> Option<i64> {
        match expr {
            Num::Const(value) => Some(*value),
            Num::Fact(place) => count_of(self.facts.get(*place)),
            _ => self.known_result(expr),
        }
    }

    fn known_result(&self, expr: &'a Num) -> Option<i64> {
        match expr {
            Num::Staff(place) => count_of(self.staff.get(*place)),
            Num::Now => self.now.is_decided().then_some(self.now.low),
            Num::Amount => self.amount.is_decided().then_some(self.amount.low),
            Num::Granted(meter) => self.granted.get(*meter).filter(|g| g.is_decided()).map(|g| g.low),
            Num::Define(place) => match self.body(*place) {
                Some(Typed::Count(_, body)) => self.known_number(body),
                _ => None,
            },
            Num::Add(sides, bounds) => self.known_sum(sides, *bounds, i64::checked_add),
            Num::Subtract(sides, bounds) => self.known_sum(sides, *bounds, i64::checked_sub),
            Num::Multiply(sides) => self.known_product::<ONE>(sides),
            Num::Percent(sides) => self.known_product::<{ ONE * 100 }>(sides),
            Num::Least(list) => self.known_extreme(list, i64::min),
            Num::Most(list) => self.known_extreme(list, i64::max),
            Num::Pick(pick) => self.known_pick(pick),
            _ => None,
        }
    }

    /// What overflows is a fault, and not found here.
    #[inline(never)]
    fn known_sum(&self, sides: &'a (Num, Num), (least, most): (i64, i64), sum: fn(i64, i64) -> Option<i64>) -> Option<i64> {
        let sum = sum(self.known_number(&sides.0)?, self.known_number(&sides.1)?);
        sum.filter(|v| (least..=most).contains(v))
    }

    #[inline(never)]
    fn known_product<const SCALE: i64>(&self, sides: &'a (Num, Num)) -> Option<i64> {
        let product = self.known_number(&sides.0)?.checked_mul(self.known_number(&sides.1)?)?;
        Some(product.div_euclid(SCALE))
    }

    #[inline(never)]
    fn known_extreme(&self, list: &'a [Num], pick: fn(i64, i64) -> i64) -> Option<i64> {
        let (first, rest) = list.split_first()?;
        rest.iter().try_fold(self.known_number(first)?, |so_far, part| Some(pick(so_far, self.known_number(part)?)))
    }

    #[inline(never)]
    fn known_pick(&self, pick: &'a Pick<Num>) -> Option<i64> {
        let part = match pick {
            Pick::Choose(condition, yes, no) => {
                if self.known_truth(condition)? {
                    yes
                } else {
                    no
                }
            }
            Pick::Table(table) => table.entries.get(*table.place.get(self.known_choice(&table.key)?)?)?,
        };
        self.known_number(part)
    }

    /// The value of a choice, where finding it takes no list of what is possible.
    pub(super) fn known_choice(&self, expr: &'a ChoiceExpr) -> Option<usize> {
        let known = |value: Option<&Value>| if let Some(Value::Choice(place)) = value { Some(*place) } else { None };
        match expr {
            ChoiceExpr::Const(place) => Some(*place),
            ChoiceExpr::Fact(place, _) => known(self.facts.get(*place)),
            ChoiceExpr::Staff(place, _) => known(self.staff.get(*place)),
            ChoiceExpr::Define(_) | ChoiceExpr::Pick(_) => None,
        }
    }

    /// The same of a text.
    pub(super) fn known_text(&self, expr: &'a TextExpr) -> Option<&'a str> {
        let known = |value: Option<&'a Value>| if let Some(Value::Text(text)) = value { Some(&**text) } else { None };
        match expr {
            TextExpr::Const(text) => Some(text),
            TextExpr::Fact(place) => known(self.facts.get(*place)),
            TextExpr::Staff(place) => known(self.staff.get(*place)),
            TextExpr::Id(subject) => self.ids.get(*subject)?.as_deref(),
            TextExpr::Define(_) | TextExpr::Pick(_) => None,
        }
    }
}

fn truth_of(value: Option<&Value>) -> Option<bool> {
    if let Some(Value::Truth(truth)) = value { Some(*truth) } else { None }
}

fn count_of(value: Option<&Value>) -> Option<i64> {
    if let Some(Value::Count(count)) = value { Some(*count) } else { None }
}

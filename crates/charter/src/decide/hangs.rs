//! What an undecided guardrail asks for at one amount.

use super::see::Matter;
use crate::expr::{Bound, Range, Truth, hangs_of_number, hangs_of_truth};
use crate::model::{Closing, Cover, Guard, KeyOf, Most, Rule, Scope};
use crate::request::Had;

impl<'a> Matter<'a> {
    /// The facts, in order, that an undecided forbid or cap, or the covers of an undecided allow, hang on.
    pub(super) fn hangs(&self, rule: &'a Rule, amount: i64) -> Vec<usize> {
        let mut out = Vec::new();
        match &rule.kind {
            Closing::Forbid(guard) => {
                self.hangs_of_guard(guard, self.with_amount(self.case_total(), amount), &mut out);
            }
            Closing::Cap(cap) => {
                hangs_of_truth(&self.env, &cap.when, &mut out);
                let (Most::Amount(bound) | Most::Count(bound)) = &cap.most;
                let by_worth = matches!(cap.most, Most::Amount(_));
                let used = self.used(rule, cap);
                self.hangs_of_cap(bound, by_worth, used, cap.scope, amount, &mut out);
            }
            Closing::Allow(allow) => {
                let cover = allow.covers.iter().find(|(r, _)| *r == self.place).map(|(_, c)| c);
                let total = self.with_amount(self.total_of(allow.scope), amount);
                let when = self.env.truth(&allow.when);
                match cover {
                    Some(Cover::UpTo { limit, stretch }) => {
                        let narrow = self.at_most(total, limit);
                        if !allow.say_why || stretch.is_none() {
                            self.hangs_of_cover(&allow.when, when.and(narrow), limit, None, (total, allow.scope), &mut out);
                        }
                        if let Some(stretch) = stretch {
                            let wide = narrow.or(self.at_most(total, stretch));
                            self.hangs_of_cover(&allow.when, when.and(wide), limit, Some(stretch), (total, allow.scope), &mut out);
                        }
                    }
                    Some(Cover::Exactly(exact)) => {
                        let equal = total.equals(self.env.number(exact));
                        hangs_of_truth(&self.env, &allow.when, &mut out);
                        if !equal.is_decided() {
                            self.hangs_of_scope(total.is_point(), allow.scope, &mut out);
                            hangs_of_number(&self.env, exact, &mut out);
                        }
                    }
                    Some(Cover::Any) | None => hangs_of_truth(&self.env, &allow.when, &mut out),
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn hangs_of_cover(
        &self,
        when: &'a crate::expr::Bool,
        cover: Truth,
        limit: &'a Bound,
        stretch: Option<&'a Bound>,
        of: (Range, Scope),
        out: &mut Vec<usize>,
    ) {
        if cover.for_allow().is_decided() {
            return;
        }
        hangs_of_truth(&self.env, when, out);
        let narrow = self.at_most(of.0, limit);
        match stretch {
            None => self.hangs_of_limit(limit, of, out),
            // `total <= limit || total <= stretch`: its undecided parts, if it is undecided itself.
            Some(stretch) if !narrow.or(self.at_most(of.0, stretch)).is_decided() => {
                self.hangs_of_limit(limit, of, out);
                self.hangs_of_limit(stretch, of, out);
            }
            Some(_) => {}
        }
    }

    /// The total of a scope with this amount, in the units of expressions.
    fn with_amount(&self, prior: Had, amount: i64) -> Range {
        let with = |end: i64| end.saturating_add(amount).saturating_mul(self.scale);
        Range { low: with(prior.low), high: with(prior.high), fault: false }
    }

    fn at_most(&self, total: Range, bound: &'a Bound) -> Truth {
        match bound {
            Bound::One(num) => total.at_most(self.env.number(num)),
            Bound::Least(list) => list.iter().fold(Truth::TRUE, |all, b| all.and(self.at_most(total, b))),
            Bound::Most(list) => list.iter().fold(Truth::FALSE, |any, b| any.or(self.at_most(total, b))),
        }
    }

    fn hangs_of_limit(&self, bound: &'a Bound, of: (Range, Scope), out: &mut Vec<usize>) {
        if self.at_most(of.0, bound).is_decided() {
            return;
        }
        match bound {
            Bound::One(num) => {
                self.hangs_of_scope(of.0.is_point(), of.1, out);
                hangs_of_number(&self.env, num, out);
            }
            Bound::Least(list) | Bound::Most(list) => list.iter().for_each(|b| self.hangs_of_limit(b, of, out)),
        }
    }

    /// The unknown facts among the keys of a scope, if they leave the total open.
    fn hangs_of_scope(&self, is_known: bool, scope: Scope, out: &mut Vec<usize>) {
        if is_known {
            return;
        }
        let unknown = scope.keys & self.request.unknown_keys;
        for (_, key) in self.charter.keys.iter().enumerate().filter(|(i, _)| unknown >> i & 1 == 1) {
            if let KeyOf::Fact(fact) = key.of {
                out.push(fact);
            }
        }
    }

    fn guard_truth(&self, guard: &'a Guard, total: Range) -> Truth {
        match guard {
            Guard::Plain(truth) => self.env.truth(truth),
            Guard::Above { bound, or_equal } => {
                let bound = self.env.number(bound);
                if *or_equal { bound.at_most(total) } else { bound.less_than(total) }
            }
            Guard::All(list) => list.iter().fold(Truth::TRUE, |all, g| all.and(self.guard_truth(g, total))),
            Guard::Any(list) => list.iter().fold(Truth::FALSE, |any, g| any.or(self.guard_truth(g, total))),
        }
    }

    fn hangs_of_guard(&self, guard: &'a Guard, total: Range, out: &mut Vec<usize>) {
        if self.guard_truth(guard, total).is_decided() {
            return;
        }
        match guard {
            Guard::Plain(truth) => hangs_of_truth(&self.env, truth, out),
            Guard::Above { bound, .. } => hangs_of_number(&self.env, bound, out),
            Guard::All(list) | Guard::Any(list) => list.iter().for_each(|g| self.hangs_of_guard(g, total, out)),
        }
    }

    /// `used + worth > bound`, or `grants + 1 > bound`.
    fn over(&self, bound: &'a Bound, by_worth: bool, used: Had, amount: i64) -> Truth {
        match bound {
            Bound::One(num) if by_worth => {
                let worth = self.worth_of(amount);
                let with = |used: i64, worth: i64| used.saturating_add(worth);
                let sum =
                    if worth.is_empty() { worth } else { Range { low: with(used.low, worth.low), high: with(used.high, worth.high), fault: worth.fault } };
                self.env.number(num).less_than(sum)
            }
            Bound::One(num) => self.one_more(self.env.number(num), used),
            Bound::Least(list) => list.iter().fold(Truth::FALSE, |any, b| any.or(self.over(b, by_worth, used, amount))),
            Bound::Most(list) => list.iter().fold(Truth::TRUE, |all, b| all.and(self.over(b, by_worth, used, amount))),
        }
    }

    fn worth_of(&self, amount: i64) -> Range {
        match &self.remedy.worth {
            Some(worth) => self.worth(worth, amount),
            None => Range::point(amount),
        }
    }

    fn hangs_of_cap(&self, bound: &'a Bound, by_worth: bool, used: Had, scope: Scope, amount: i64, out: &mut Vec<usize>) {
        if self.over(bound, by_worth, used, amount).is_decided() {
            return;
        }
        match bound {
            Bound::One(num) => {
                self.hangs_of_scope(used.is_point(), scope, out);
                if let Some(worth) = self.remedy.worth.as_ref().filter(|_| by_worth) {
                    // Of any amount: by rounding alone, the facts that one amount hangs on would come and go as it grows.
                    let of = |amount: i64| amount.saturating_mul(self.scale);
                    let env = crate::expr::Env { amount: Range { low: of(self.amounts.from), high: of(self.amounts.to), fault: false }, ..self.env };
                    hangs_of_number(&env, worth, out);
                }
                hangs_of_number(&self.env, num, out);
            }
            Bound::Least(list) | Bound::Most(list) => list.iter().for_each(|b| self.hangs_of_cap(b, by_worth, used, scope, amount, out)),
        }
    }
}

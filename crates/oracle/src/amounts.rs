//! The amounts at which something could change, found by trying.

use crate::decide::{Decider, Desk};
use crate::eval::Scene;
use crate::model::{Cover, Guard, Limit, Measure, Rule, Tree};
use crate::values::Truth;
use cel::common::ast::Expr;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl<'a> Desk<'a> {
    /// The amounts near anything that could matter, within the range of amounts; none for an act.
    pub(crate) fn interesting(&self) -> &[i128] {
        self.amounts.get_or_init(|| self.find_interesting())
    }

    fn find_interesting(&self) -> Vec<i128> {
        if self.remedy.measure == Measure::Act {
            return Vec::new();
        }
        let (least, most) = (self.remedy.minimum, self.remedy.measure.most());
        let mut out = BTreeSet::from([least, most]);
        for rule in &self.rules {
            for turn in self.turns(rule) {
                out.extend([turn - 2, turn - 1, turn, turn + 1]);
            }
        }
        for rule in &self.rules {
            let known: Vec<i128> = out.iter().copied().filter(|amount| (least..=most).contains(amount)).collect();
            let asks = Once::new(|amount| self.asks(rule, amount));
            for pair in known.windows(2) {
                let same = |amount: i128| asks.at(amount) == asks.at(pair[0]);
                out.extend(turn(pair[0], pair[1], same).into_iter().flat_map(|turn| [turn - 1, turn]));
            }
        }
        out.into_iter().filter(|amount| least <= *amount && *amount <= most).collect()
    }

    /// Where any comparison of a rule with the amount changes what it can be.
    fn turns(&self, rule: &'a Rule) -> Vec<i128> {
        let (least, most) = (self.remedy.minimum, self.remedy.measure.most());
        let mut out = self.exact(rule);
        let flags: [fn(Truth) -> bool; 3] = [|truth| truth.yes, |truth| truth.no, |truth| truth.fault];
        let leaves = Once::new(|amount| self.leaves(rule, amount));
        for leaf in 0..leaves.at(least).len() {
            for flag in flags {
                let at = |amount: i128| leaves.at(amount).get(leaf).copied().is_some_and(flag);
                out.extend(turn(least, most, at));
            }
        }
        out
    }

    /// What each comparison of a rule with an amount can be.
    fn leaves(&self, rule: &'a Rule, amount: i128) -> Vec<Truth> {
        let mut out = Vec::new();
        match &rule.guard {
            Guard::Allow(allow) => self.covers(rule, allow, true, Some(amount)).leaves(&mut out),
            Guard::Cap(_) => self.hit(rule, Some(amount)).leaves(&mut out),
            Guard::Forbid => {
                if let Some(when) = &rule.when {
                    self.bounds(rule).leaves(when, amount, self, &mut out);
                }
            }
        }
        out
    }

    /// What a rule asks for at an amount.
    fn asks(&self, rule: &'a Rule, amount: i128) -> BTreeSet<String> {
        match &rule.guard {
            Guard::Allow(allow) => self.covers(rule, allow, true, Some(amount)).hangs(),
            Guard::Forbid | Guard::Cap(_) => self.hit(rule, Some(amount)).hangs(),
        }
    }

    fn bounds(&self, rule: &'a Rule) -> Bounds<'a> {
        Bounds { rule }
    }

    /// The amounts that bring the total to an end of an `exactly`.
    fn exact(&self, rule: &'a Rule) -> Vec<i128> {
        let Guard::Allow(allow) = &rule.guard else {
            return Vec::new();
        };
        let Cover::Exactly(limit) = &allow.cover else {
            return Vec::new();
        };
        let tree = match limit {
            Limit::All(tree) => Some(tree),
            Limit::Each(trees) => trees.get(&self.ask.remedy),
        };
        let Some(tree) = tree else { return Vec::new() };
        let nobody = BTreeMap::new();
        let scene = Scene { book: self.book, ask: self.ask, home: rule.home, staff: &nobody, amount: None };
        let money = self.remedy.measure == Measure::Money;
        let limit = exact_ends(tree, money, scene);
        let had = scene.keys(&rule.per).map(|keys| scene.had(&keys)).unwrap_or_default();
        let unit = self.remedy.measure.unit();
        limit.into_iter().map(|end| end.div_euclid(unit) - had).collect()
    }

    /// The largest amount at which something holds: none, one, or `Err` when there is no end.
    pub(crate) fn largest(&self, holds: impl Fn(i128) -> bool) -> Result<Option<i128>, NoEnd> {
        let amounts = self.interesting().iter().copied();
        let most = self.remedy.measure.most();
        match amounts.rev().find(|amount| holds(*amount)) {
            Some(amount) if amount == most => Err(NoEnd),
            found => Ok(found),
        }
    }

    /// The largest amount a decider may surely give, saying why when `soft`.
    pub(crate) fn may_give(&self, decider: &Decider, soft: bool) -> Result<Option<i128>, NoEnd> {
        use crate::decide::Verdict;
        self.largest(|amount| match self.verdict(decider, Some(amount)) {
            Verdict::Yes => true,
            Verdict::SayWhy => soft,
            Verdict::No | Verdict::Open => false,
        })
    }
}

/// It holds at the end of the range of amounts.
pub(crate) struct NoEnd;

fn exact_ends<'b>(tree: &'b Tree, money: bool, scene: Scene<'b>) -> Vec<i128> {
    scene.eval(tree, money).span().ends.map(|(least, greatest)| vec![least, greatest]).unwrap_or_default()
}

/// The first amount at which a monotone predicate differs from the start.
fn turn(least: i128, most: i128, at: impl Fn(i128) -> bool) -> Option<i128> {
    let start = at(least);
    if at(most) == start {
        return None;
    }
    let (mut same, mut differs) = (least, most);
    while differs - same > 1 {
        let middle = (same + differs) / 2;
        if at(middle) == start { same = middle } else { differs = middle }
    }
    Some(differs)
}

/// What was found at an amount, so that it is found once.
struct Once<T, F: Fn(i128) -> T> {
    find: F,
    found: RefCell<BTreeMap<i128, Rc<T>>>,
}

impl<T, F: Fn(i128) -> T> Once<T, F> {
    fn new(find: F) -> Self {
        Self { find, found: RefCell::default() }
    }

    fn at(&self, amount: i128) -> Rc<T> {
        Rc::clone(self.found.borrow_mut().entry(amount).or_insert_with(|| Rc::new((self.find)(amount))))
    }
}

/// The comparisons with `amount` in a forbid.
struct Bounds<'a> {
    rule: &'a Rule,
}

impl<'a> Bounds<'a> {
    fn leaves(&self, tree: &'a Tree, amount: i128, desk: &Desk<'a>, out: &mut Vec<Truth>) {
        let scene = desk.hit(self.rule, Some(amount)).scene();
        let Expr::Call(call) = &scene.through(tree).expr else {
            return;
        };
        match call.func_name.as_str() {
            "_&&_" | "_||_" => call.args.iter().for_each(|tree| self.leaves(tree, amount, desk, out)),
            "_<_" | "_<=_" | "_>_" | "_>=_" if call.args.iter().any(is_amount) => {
                let ordered = scene.order(&call.func_name, &call.args);
                ordered.apart.leaves(&scene, ordered.money, out);
            }
            _ => {}
        }
    }
}

fn is_amount(tree: &Tree) -> bool {
    matches!(&tree.expr, Expr::Ident(name) if name == "amount")
}

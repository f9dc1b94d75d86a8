//! Who is bound, who is served, and the verdict.

use crate::calendar;
use crate::eval::{Apart, Ordered, Scene, Side};
use crate::ledger::Entry;
use crate::model::{Allow, Book, Cap, Cover, Full, Group, Guard, Limit, Measure, Remedy, Rule, Tree};
use crate::request::Ask;
use crate::values::{ENDLESS, MILLION, Span, Truth, Value};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The one who asks, a group, or a level.
#[derive(Clone, Debug)]
pub(crate) struct Decider {
    pub(crate) level: usize,
    pub(crate) staff: BTreeMap<String, Value>,
    pub(crate) group: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    No,
    Yes,
    SayWhy,
    Open,
}

impl Verdict {
    pub(crate) fn gives(self) -> bool {
        matches!(self, Verdict::Yes | Verdict::SayWhy)
    }
}

/// The condition of a rule at an amount.
pub(crate) struct Condition<'a> {
    scene: Scene<'a>,
    when: Option<&'a Tree>,
    limit: Option<Ordered<'a>>,
}

impl<'a> Condition<'a> {
    pub(crate) fn scene(&self) -> Scene<'a> {
        self.scene
    }

    pub(crate) fn truth(&self) -> Truth {
        let when = self.when.map_or(Truth::known(true), |tree| self.scene.truth(tree));
        let limit = self.limit.as_ref().map_or(Truth::known(true), |limit| limit.truth(&self.scene));
        when.and(limit)
    }

    pub(crate) fn hangs(&self) -> BTreeSet<String> {
        if self.truth().decided() {
            return BTreeSet::new();
        }
        let mut out = BTreeSet::new();
        if let Some(when) = self.when {
            out.extend(self.scene.hangs(when, false));
        }
        if let Some(limit) = &self.limit {
            out.extend(limit.apart.hangs(&self.scene, limit.money));
        }
        out
    }

    /// What each comparison of the limit can be.
    pub(crate) fn leaves(&self, out: &mut Vec<Truth>) {
        if let Some(limit) = &self.limit {
            limit.apart.leaves(&self.scene, limit.money, out);
        }
    }
}

/// A request before a book.
pub(crate) struct Desk<'a> {
    pub(crate) book: &'a Book,
    pub(crate) ask: &'a Ask,
    pub(crate) remedy: &'a Remedy,
    /// The rules that concern the remedy and reason and apply.
    pub(crate) rules: Vec<&'a Rule>,
    nobody: &'a BTreeMap<String, Value>,
    /// The amounts of interest, once they are found.
    pub(crate) amounts: OnceCell<Vec<i128>>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(book: &'a Book, ask: &'a Ask, nobody: &'a BTreeMap<String, Value>) -> Self {
        let Some(remedy) = book.common.remedy(&ask.remedy) else {
            crate::broken("a request that was read names a remedy");
        };
        let mut desk = Desk { book, ask, remedy, rules: Vec::new(), nobody, amounts: OnceCell::new() };
        desk.rules = book.rules.iter().filter(|rule| desk.concerns(rule) && desk.applies(rule)).collect();
        desk
    }

    fn concerns(&self, rule: &Rule) -> bool {
        let remedies = rule.remedies.as_ref().is_none_or(|list| list.contains(&self.ask.remedy));
        let reason = self.ask.reason.as_ref();
        remedies && rule.reasons.as_ref().is_none_or(|list| reason.is_some_and(|reason| list.contains(reason)))
    }

    fn applies(&self, rule: &'a Rule) -> bool {
        let today = calendar::local(&self.book.common.zone, self.ask.now).0;
        let in_dates = rule.from.is_none_or(|from| from <= today) && rule.until.is_none_or(|until| today <= until);
        in_dates && self.reads(rule).iter().all(|name| self.is_there(name))
    }

    /// Whether the subject of a fact, or a subject, is there.
    fn is_there(&self, name: &str) -> bool {
        let subject = name.split('.').next().unwrap_or_default();
        self.ask.subjects.get(subject).is_none_or(Option::is_some)
    }

    /// Whether everything an expression reads is there.
    fn all_there(&self, home: usize, tree: &'a Tree) -> bool {
        let mut reads = BTreeSet::new();
        self.scene(home, self.nobody, None).reads(tree, &mut reads);
        reads.iter().all(|name| self.is_there(name))
    }

    /// Everything the text of a rule reads.
    pub(crate) fn reads(&self, rule: &'a Rule) -> BTreeSet<String> {
        let scene = self.scene(rule.home, self.nobody, None);
        let mut out: BTreeSet<String> = rule.per.iter().cloned().collect();
        for tree in rule.when.iter().chain(rule.who.iter()).chain(quantities(rule)) {
            scene.reads(tree, &mut out);
        }
        if let Guard::Cap(Cap { full: Full::Amount(_), .. }) = &rule.guard
            && let Some(worth) = &self.remedy.worth
        {
            self.scene(self.book.common.home, self.nobody, None).reads(worth, &mut out);
        }
        out
    }

    fn scene(&self, home: usize, staff: &'a BTreeMap<String, Value>, amount: Option<Span>) -> Scene<'a> {
        Scene { book: self.book, ask: self.ask, home, staff, amount }
    }

    fn who(&self, rule: &'a Rule, decider: &Decider) -> Truth {
        let Some(who) = &rule.who else {
            return Truth::known(true);
        };
        let scene = Scene { book: self.book, ask: self.ask, home: rule.home, staff: &decider.staff, amount: None };
        scene.truth(who)
    }

    /// Whether a forbid or a cap binds a decider.
    pub(crate) fn binds(&self, rule: &'a Rule, decider: &Decider) -> bool {
        let closes = !matches!(rule.guard, Guard::Allow(_));
        let under = rule.below.is_none_or(|below| decider.level < below);
        closes && under && !self.who(rule, decider).surely_not()
    }

    pub(crate) fn binds_everybody(rule: &Rule) -> bool {
        !matches!(rule.guard, Guard::Allow(_)) && rule.below.is_none() && rule.who.is_none()
    }

    pub(crate) fn serves(&self, rule: &'a Rule, decider: &Decider) -> bool {
        let Guard::Allow(allow) = &rule.guard else {
            return false;
        };
        let level = allow.level <= decider.level && (decider.group || !allow.second);
        level && self.who(rule, decider).surely()
    }

    /// An amount in the unit of expressions.
    fn in_expressions(&self, amount: Option<i128>) -> i128 {
        amount.unwrap_or_default() * self.remedy.measure.unit()
    }

    /// What a scope has had of the remedy for the reason, with an amount on top.
    fn total(&self, rule: &Rule, amount: Option<i128>) -> Side<'a> {
        let scene = self.scene(rule.home, self.nobody, None);
        let unit = self.remedy.measure.unit();
        let asked = self.in_expressions(amount);
        match scene.keys(&rule.per) {
            Ok(keys) => Side::Found(Span::point(scene.had(&keys) * unit + asked), BTreeSet::new()),
            Err(unknown) => Side::Found(Span::from(asked, ENDLESS), unknown),
        }
    }

    /// Whether a forbid or a cap is hit.
    pub(crate) fn hit(&self, rule: &'a Rule, amount: Option<i128>) -> Condition<'a> {
        let scene = self.scene(rule.home, self.nobody, None);
        match &rule.guard {
            Guard::Cap(cap) => {
                let limit = Some(self.full(rule, cap, amount));
                Condition { scene, when: rule.when.as_ref(), limit }
            }
            _ => {
                let case = scene.keys(&["case".to_owned()]).unwrap_or_default();
                let total = scene.had(&case) * self.remedy.measure.unit() + self.in_expressions(amount);
                let scene = Scene { amount: Some(Span::point(total)), ..scene };
                Condition { scene, when: rule.when.as_ref(), limit: None }
            }
        }
    }

    fn full(&self, rule: &'a Rule, cap: &'a Cap, amount: Option<i128>) -> Ordered<'a> {
        let used = self.used(rule, cap);
        let keys = self.scene(rule.home, self.nobody, None).keys(&rule.per);
        let mut facts = keys.err().unwrap_or_default();
        match &cap.full {
            Full::Amount(most) => {
                let (worth, hangs) = self.worth(amount);
                facts.extend(hangs);
                let side = Side::Found(used.plus(worth), facts);
                Ordered { money: true, apart: self.apart(rule, side, "_>_", most) }
            }
            Full::Count(most) => {
                let side = Side::Found(used.plus(Span::point(1)).scaled(MILLION), facts);
                Ordered { money: false, apart: self.apart(rule, side, "_>_", most) }
            }
        }
    }

    fn apart(&self, rule: &'a Rule, left: Side<'a>, op: &'a str, right: &'a Tree) -> Apart<'a> {
        self.scene(rule.home, self.nobody, None).apart(left, op, Side::Tree(right))
    }

    /// What one grant of an amount weighs, and the facts that it hangs on for some amount.
    fn worth(&self, amount: Option<i128>) -> (Span, BTreeSet<String>) {
        let Some(worth) = &self.remedy.worth else {
            return (Span::point(amount.unwrap_or_default()), BTreeSet::new());
        };
        let of = |asked: Span| self.scene(self.book.common.home, self.nobody, amount.map(|_| asked));
        let any = Span::from(self.in_expressions(Some(self.remedy.minimum)), self.in_expressions(Some(self.remedy.measure.most())));
        (of(Span::point(self.in_expressions(amount))).eval(worth, true).span(), of(any).hangs(worth, true))
    }

    /// The entries that count in a cap, or none when its keys are unknown.
    pub(crate) fn counted(&self, rule: &Rule, cap: &Cap) -> Option<Vec<&'a Entry>> {
        let scene = self.scene(rule.home, self.nobody, None);
        let keys = scene.keys(&rule.per).ok()?;
        let counts = |entry: &&Entry| matches!(cap.full, Full::Count(_)) || entry.worth.is_some();
        Some(scene.in_cap(rule, cap.within, &keys).into_iter().filter(counts).collect())
    }

    /// What a cap has used: an amount, or a number of grants.
    pub(crate) fn used(&self, rule: &Rule, cap: &Cap) -> Span {
        let Some(entries) = self.counted(rule, cap) else {
            return Span::from(0, ENDLESS);
        };
        Span::point(match cap.full {
            Full::Amount(_) => entries.iter().filter_map(|entry| entry.worth).sum(),
            Full::Count(_) => entries.iter().map(|entry| entry.times).sum(),
        })
    }

    /// What a cap allows at most.
    pub(crate) fn most(&self, rule: &'a Rule, cap: &'a Cap) -> Span {
        let scene = self.scene(rule.home, self.nobody, None);
        match &cap.full {
            Full::Amount(tree) => scene.eval(tree, true).span(),
            Full::Count(tree) => scene.eval(tree, false).span(),
        }
    }

    /// What the `when` of a rule is, apart from `amount`.
    pub(crate) fn when(&self, rule: &'a Rule) -> Truth {
        let scene = self.scene(rule.home, self.nobody, None);
        rule.when.as_ref().map_or(Truth::known(true), |tree| scene.truth(tree))
    }

    /// Whether the `when` of a group is surely true.
    pub(crate) fn open_to(&self, group: &'a Group) -> bool {
        let scene = self.scene(group.home, self.nobody, None);
        group.when.as_ref().is_none_or(|tree| self.all_there(group.home, tree) && scene.truth(tree).surely())
    }

    /// Whether an allow covers an amount, with its stretch when `wide`.
    pub(crate) fn covers(&self, rule: &'a Rule, allow: &'a Allow, wide: bool, amount: Option<i128>) -> Condition<'a> {
        let scene = self.scene(rule.home, self.nobody, None);
        let total = self.total(rule, amount);
        let (limit, op) = match &allow.cover {
            Cover::Any => (None, "_<=_"),
            Cover::UpTo(limit) => (self.limit(limit), "_<=_"),
            Cover::Exactly(limit) => (self.limit(limit), "_==_"),
        };
        let stretch = allow.stretch.as_ref().filter(|_| wide).and_then(|limit| self.limit(limit));
        let money = self.remedy.measure == Measure::Money;
        let limit = limit.map(|limit| {
            let plain = self.apart(rule, total.clone(), op, limit);
            let apart = match stretch {
                Some(stretch) => Apart::Any(vec![plain, self.apart(rule, total, op, stretch)]),
                None => plain,
            };
            Ordered { money, apart }
        });
        Condition { scene, when: rule.when.as_ref(), limit }
    }

    fn limit(&self, limit: &'a Limit) -> Option<&'a Tree> {
        if self.remedy.measure == Measure::Act {
            return None;
        }
        match limit {
            Limit::All(tree) => Some(tree),
            Limit::Each(trees) => trees.get(&self.ask.remedy),
        }
    }

    /// Every allow that serves a decider.
    pub(crate) fn allows(&self, decider: &Decider) -> Vec<(&'a Rule, &'a Allow)> {
        let serving = self.rules.iter().copied().filter(|rule| self.serves(rule, decider));
        serving.filter_map(|rule| if let Guard::Allow(allow) = &rule.guard { Some((rule, allow)) } else { None }).collect()
    }

    /// Every forbid and cap that binds a decider.
    pub(crate) fn closers(&self, decider: &Decider) -> Vec<&'a Rule> {
        self.rules.iter().copied().filter(|rule| self.binds(rule, decider)).collect()
    }

    /// Whether anything that binds a decider is hit.
    pub(crate) fn closed(&self, decider: &Decider, amount: Option<i128>) -> Truth {
        let hits = self.closers(decider).into_iter().map(|rule| self.hit(rule, amount).truth().for_closing());
        hits.fold(Truth::known(false), Truth::or)
    }

    /// Whether some allow of a charter covers: with stretches and those that say why when `wide`.
    pub(crate) fn opened(&self, decider: &Decider, home: usize, wide: bool, amount: Option<i128>) -> Truth {
        let allows = self.allows(decider).into_iter();
        let mine = allows.filter(|(rule, allow)| rule.home == home && (wide || !allow.say_why));
        let covers = mine.map(|(rule, allow)| self.covers(rule, allow, wide, amount).truth().for_allow());
        covers.fold(Truth::known(false), Truth::or)
    }

    /// How many charters there are.
    pub(crate) fn homes(&self) -> std::ops::Range<usize> {
        0..self.book.defines.len()
    }

    pub(crate) fn verdict(&self, decider: &Decider, amount: Option<i128>) -> Verdict {
        let closed = self.closed(decider, amount);
        let opened = |wide: bool| {
            let each = self.homes().map(|home| self.opened(decider, home, wide, amount));
            each.fold(Truth::known(true), Truth::and)
        };
        let (hard, soft) = (opened(false), opened(true));
        if closed.surely() || soft.surely_not() {
            Verdict::No
        } else if closed.surely_not() && hard.surely() {
            Verdict::Yes
        } else if closed.surely_not() && soft.surely() {
            Verdict::SayWhy
        } else {
            Verdict::Open
        }
    }
}

/// The limits of an allow and the measure of a cap.
fn quantities(rule: &Rule) -> Vec<&Tree> {
    fn of(limit: &Limit) -> Vec<&Tree> {
        match limit {
            Limit::All(tree) => vec![tree],
            Limit::Each(trees) => trees.values().collect(),
        }
    }
    match &rule.guard {
        Guard::Forbid => Vec::new(),
        Guard::Cap(Cap { full: Full::Amount(tree) | Full::Count(tree), .. }) => vec![tree],
        Guard::Allow(allow) => {
            let mut out = match &allow.cover {
                Cover::Any => Vec::new(),
                Cover::UpTo(limit) | Cover::Exactly(limit) => of(limit),
            };
            out.extend(allow.stretch.iter().flat_map(of));
            out
        }
    }
}

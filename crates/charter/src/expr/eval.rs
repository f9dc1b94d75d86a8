//! Evaluation: total, without allocation where everything is known and counted.

use jiff::tz::TimeZone;

use super::values::{Join, Possible};
use super::{Bool, ChoiceExpr, Definition, ListExpr, Num, Pick, Range, TextExpr, Truth, Typed};
use crate::decimal::ONE;
use crate::facts::{Fact, Value};
use crate::limits::{LIST_ENTRIES, NUMBER_MAX};
use crate::time::{CalendarUnit, DAY_RANGE, INSTANT_RANGE, Instant, date, day_begins, local_day};

/// Everything an expression may look at.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub(crate) declared: &'a [Fact],
    pub(crate) declared_staff: &'a [Fact],
    pub(crate) definitions: &'a [Definition],
    pub(crate) zone: &'a TimeZone,
    /// By fact.
    pub(crate) facts: &'a [Value],
    /// By staff fact; one that is not there is unknown.
    pub(crate) staff: &'a [Value],
    /// The ids of the subjects that are there; none where nothing is known.
    pub(crate) ids: &'a [Option<Box<str>>],
    /// The subjects that are there, a bit each; all of them where nothing is known.
    pub(crate) present: u64,
    pub(crate) now: Range,
    pub(crate) amount: Range,
    /// How often something was given, in millionths, by meter.
    pub(crate) granted: &'a [Range],
    /// The facts among the keys of each meter.
    pub(crate) meter_facts: &'a [Vec<usize>],
}

impl<'a> Env<'a> {
    /// A yes_no.
    #[inline]
    pub(crate) fn truth(&self, expr: &'a Bool) -> Truth {
        self.known_truth(expr).map_or_else(|| self.possible_truth(expr), Truth::of)
    }

    /// A counted value.
    #[inline]
    pub(crate) fn number(&self, expr: &'a Num) -> Range {
        self.known_number(expr).map_or_else(|| self.possible_number(expr), Range::point)
    }

    fn possible_truth(&self, expr: &'a Bool) -> Truth {
        match expr {
            Bool::Const(truth) => Truth::of(*truth),
            Bool::Fact(place) => truth_of(self.facts.get(*place)),
            Bool::Staff(place) => truth_of(self.staff.get(*place)),
            Bool::Exists(subject) => Truth::of(self.present >> subject & 1 == 1),
            Bool::Define(place) => match self.body(*place) {
                Some(Typed::YesNo(body)) => self.possible_truth(body),
                _ => Truth::FAULT,
            },
            Bool::Not(inner) => self.possible_truth(inner).not(),
            Bool::All(list) => self.all(list),
            Bool::Any(list) => self.any(list),
            Bool::Less(sides) => self.possible_number(&sides.0).less_than(self.possible_number(&sides.1)),
            Bool::AtMost(sides) => self.possible_number(&sides.0).at_most(self.possible_number(&sides.1)),
            Bool::Equal(sides) => self.possible_number(&sides.0).equals(self.possible_number(&sides.1)),
            Bool::Same(sides) => same(self.possible_truth(&sides.0), self.possible_truth(&sides.1)),
            Bool::SameChoice(sides) => match (self.known_choice(&sides.0), self.known_choice(&sides.1)) {
                (Some(a), Some(b)) => Truth::of(a == b),
                _ => self.choice(&sides.0).equals(&self.choice(&sides.1)),
            },
            Bool::SameText(sides) => match (self.known_text(&sides.0), self.known_text(&sides.1)) {
                (Some(a), Some(b)) => Truth::of(a == b),
                _ => self.text(&sides.0).equals(&self.text(&sides.1)),
            },
            Bool::SameList(sides) => known_lists(self.list(&sides.0), self.list(&sides.1), |a, b| a == b),
            Bool::Among(of, places) => self.among(of, places),
            Bool::InList(sides) => self.in_list(&sides.0, &sides.1),
            Bool::Subset(sides) => match self.list(&sides.0) {
                Some([]) => Truth::TRUE,
                part => known_lists(part, self.list(&sides.1), is_subset),
            },
            Bool::Pick(pick) => self.pick(pick, |e, part| e.possible_truth(part)),
        }
    }

    fn all(&self, list: &'a [Bool]) -> Truth {
        let mut result = Truth::TRUE;
        for part in list {
            // Nearly always one of two, which need no combining.
            match self.possible_truth(part) {
                Truth::TRUE => {}
                Truth::FALSE => return Truth::FALSE,
                truth => result = result.and(truth),
            }
        }
        result
    }

    fn any(&self, list: &'a [Bool]) -> Truth {
        let mut result = Truth::FALSE;
        for part in list {
            match self.possible_truth(part) {
                Truth::FALSE => {}
                Truth::TRUE => return Truth::TRUE,
                truth => result = result.or(truth),
            }
        }
        result
    }

    fn among(&self, of: &'a ChoiceExpr, places: &[bool]) -> Truth {
        let listed = |place: &usize| places.get(*place).copied().unwrap_or(false);
        match self.known_choice(of) {
            Some(place) => Truth::of(listed(&place)),
            None => self.choice(of).among(listed),
        }
    }

    fn in_list(&self, text: &'a TextExpr, list: &'a ListExpr) -> Truth {
        let list = self.list(list);
        if let (Some(text), Some(entries)) = (self.known_text(text), list) {
            return Truth::of(entries.iter().any(|e| **e == *text));
        }
        let text = self.text(text);
        match list {
            Some([]) => text.among(|_| false).and(Truth::FALSE),
            Some(entries) => text.among(|t| entries.iter().any(|e| **e == **t)),
            None if text.values.as_ref().is_some_and(Vec::is_empty) => Truth::FAULT,
            None => Truth::possible(true, true, text.fault),
        }
    }

    fn possible_number(&self, expr: &'a Num) -> Range {
        match expr {
            Num::Const(value) => Range::point(*value),
            Num::Fact(place) => range_of(self.facts.get(*place), self.declared.get(*place)),
            Num::Staff(place) => range_of(self.staff.get(*place), self.declared_staff.get(*place)),
            Num::Now => self.now,
            Num::Amount => self.amount,
            Num::Define(place) => match self.body(*place) {
                Some(Typed::Count(_, body)) => self.possible_number(body),
                _ => Range::FAULT,
            },
            Num::Add(sides, bounds) => self.sum(&sides.0, &sides.1, *bounds),
            Num::Subtract(sides, bounds) => self.difference(&sides.0, &sides.1, *bounds),
            Num::Multiply(sides) => self.product::<ONE>(&sides.0, &sides.1),
            Num::Percent(sides) => self.product::<{ ONE * 100 }>(&sides.0, &sides.1),
            Num::Negate(inner) => {
                let a = self.possible_number(inner);
                ends(a, a, |a, _| (-i128::from(a.high), -i128::from(a.low)), WHOLE)
            }
            Num::Least(list) => self.extreme(list, i64::min),
            Num::Most(list) => self.extreme(list, i64::max),
            Num::Shift { base, by, unit, instant, back } => self.shift(base, by, *unit, *instant, *back),
            Num::DaysBetween(sides) => self.days_between(sides),
            Num::Size(list) => match self.list(list) {
                Some(entries) => Range::point(i64::try_from(entries.len()).unwrap_or(i64::MAX / ONE) * ONE),
                None => Range::between((0, i64::try_from(LIST_ENTRIES).unwrap_or(0) * ONE)),
            },
            Num::Alike(sides) => self.alike(&sides.0, &sides.1),
            Num::Granted(meter) => self.granted.get(*meter).copied().unwrap_or(Range::between((0, NUMBER_MAX))),
            Num::Pick(pick) => self.pick(pick, |e, part| e.possible_number(part)),
        }
    }

    fn alike(&self, a: &'a ListExpr, b: &'a ListExpr) -> Range {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / ONE) * ONE;
        match (self.list(a), self.list(b)) {
            (Some(a), Some(b)) => Range::point(number(a.iter().zip(b).filter(|(a, b)| a == b).count())),
            (Some(known), None) | (None, Some(known)) => Range::between((0, number(known.len().min(LIST_ENTRIES)))),
            (None, None) => Range::between((0, number(LIST_ENTRIES))),
        }
    }

    fn sum(&self, a: &'a Num, b: &'a Num, bounds: (i64, i64)) -> Range {
        let sum = |a: Range, b: Range| (i128::from(a.low) + i128::from(b.low), i128::from(a.high) + i128::from(b.high));
        ends(self.possible_number(a), self.possible_number(b), sum, bounds)
    }

    fn difference(&self, a: &'a Num, b: &'a Num, bounds: (i64, i64)) -> Range {
        let difference = |a: Range, b: Range| (i128::from(a.low) - i128::from(b.high), i128::from(a.high) - i128::from(b.low));
        ends(self.possible_number(a), self.possible_number(b), difference, bounds)
    }

    fn product<const SCALE: i64>(&self, a: &'a Num, b: &'a Num) -> Range {
        let (a, b) = (self.possible_number(a), self.possible_number(b));
        // Most products are of two points, and of these most fit; dividing 128 bits four times takes longer than the rest of a guardrail.
        if let Some(product) = a.low.checked_mul(b.low).filter(|_| a.is_point() && b.is_point()) {
            return Range { fault: a.fault || b.fault, ..Range::point(product.div_euclid(SCALE)) };
        }
        let scale = i128::from(SCALE);
        let product = |a: Range, b: Range| {
            let at = |x: i64, y: i64| (i128::from(x) * i128::from(y)).div_euclid(scale);
            let corners = [at(a.low, b.low), at(a.low, b.high), at(a.high, b.low), at(a.high, b.high)];
            (corners.into_iter().min().unwrap_or(0), corners.into_iter().max().unwrap_or(0))
        };
        ends(a, b, product, WHOLE)
    }

    fn extreme(&self, list: &'a [Num], pick: fn(i64, i64) -> i64) -> Range {
        let mut ranges = list.iter().map(|n| self.possible_number(n));
        let first = ranges.next().unwrap_or(Range::FAULT);
        ranges.fold(first, |a, b| {
            if a.is_empty() || b.is_empty() {
                return Range::FAULT;
            }
            Range { low: pick(a.low, b.low), high: pick(a.high, b.high), fault: a.fault || b.fault }
        })
    }

    fn shift(&self, base: &'a Num, by: &'a Num, unit: CalendarUnit, instant: bool, back: bool) -> Range {
        let (base, by) = (self.possible_number(base), self.possible_number(by));
        if base.is_empty() || by.is_empty() {
            return Range::FAULT;
        }
        let bounds = if instant { INSTANT_RANGE } else { DAY_RANGE };
        let whole = |n: i64| if back { -n.div_euclid(ONE) } else { n.div_euclid(ONE) };
        let (first, last) = if back { (whole(by.high), whole(by.low)) } else { (whole(by.low), whole(by.high)) };
        let moved = |from: i64, n: i64| {
            let to = if instant { unit.add_to_instant(from, n, self.zone) } else { unit.add_to_day(from, n) };
            to.map(i128::from)
        };
        // An end that overflows stops on the side to which it was moved.
        let beyond = |n: i64| if n < 0 { i128::from(bounds.0) - 1 } else { i128::from(bounds.1) + 1 };
        let end = |from: i64, n: i64| Some(moved(from, n).unwrap_or_else(|| beyond(n)));
        let fault = base.fault || by.fault;
        if instant && !base.is_point() {
            return self.shift_days(base, (first, last), unit, fault, beyond);
        }
        Range::computed(end(base.low, first), end(base.high, last), bounds, base.is_point() && by.is_point(), fault)
    }

    /// Month ends and clock changes can turn the order of times around, but not that of days: a time that is an interval is moved by whole local days,
    /// with a day to spare for days that a zone leaves out.
    fn shift_days(&self, base: Range, (first, last): (i64, i64), unit: CalendarUnit, fault: bool, beyond: impl Fn(i64) -> i128) -> Range {
        // The beginning of the day it is moved to, or the end of one some days later.
        let moved = |at: Instant, n: i64, days: i64| {
            let Some(day) = local_day(at, self.zone).and_then(|day| unit.add_to_day(day, n)) else { return beyond(n) };
            let begins = day.checked_add(days).and_then(|day| day_begins(date(day)?, self.zone));
            // The first and last days there are begin and end outside of all instants.
            begins.map_or_else(|| beyond(day), |begins| i128::from(begins) - i128::from(days > 0))
        };
        let (low, high) = (moved(base.low, first, 0), moved(base.high, last, 2));
        Range::computed(Some(low), Some(high), INSTANT_RANGE, false, fault)
    }

    fn days_between(&self, sides: &'a [(Num, bool); 2]) -> Range {
        let [from, to] = sides;
        let (from, to) = (self.days(from), self.days(to));
        let days = |a: Range, b: Range| {
            let scale = i128::from(ONE);
            ((i128::from(b.low) - i128::from(a.high)) * scale, (i128::from(b.high) - i128::from(a.low)) * scale)
        };
        ends(from, to, days, WHOLE)
    }

    fn days(&self, (expr, is_instant): &'a (Num, bool)) -> Range {
        let range = self.possible_number(expr);
        if !is_instant || range.is_empty() {
            return range;
        }
        // Where a clock goes back over midnight, the later instant can have the earlier date.
        let ends = [range.low, range.high].map(|at| local_day(at, self.zone).map(i128::from));
        let least = ends.iter().min().copied().flatten();
        let greatest = ends.iter().max().copied().flatten();
        Range::computed(least, greatest, DAY_RANGE, range.is_point(), range.fault)
    }

    pub(crate) fn choice(&self, expr: &'a ChoiceExpr) -> Possible<usize> {
        let known = |value: Option<&Value>, size: usize| match value {
            Some(Value::Choice(place)) => Possible::one(*place),
            _ => Possible { values: Some((0..size).collect()), fault: false },
        };
        match expr {
            ChoiceExpr::Const(place) => Possible::one(*place),
            ChoiceExpr::Fact(place, size) => known(self.facts.get(*place), *size),
            ChoiceExpr::Staff(place, size) => known(self.staff.get(*place), *size),
            ChoiceExpr::Define(place) => match self.body(*place) {
                Some(Typed::Choice(_, body)) => self.choice(body),
                _ => Possible::fault(),
            },
            ChoiceExpr::Pick(pick) => self.pick(pick, |e, part| e.choice(part)),
        }
    }

    pub(crate) fn text(&self, expr: &'a TextExpr) -> Possible<&'a str> {
        let known = |value: Option<&'a Value>| match value {
            Some(Value::Text(text)) => Possible::one(&**text),
            _ => Possible::any(),
        };
        match expr {
            TextExpr::Const(text) => Possible::one(text),
            TextExpr::Fact(place) => known(self.facts.get(*place)),
            TextExpr::Staff(place) => known(self.staff.get(*place)),
            TextExpr::Id(subject) => match self.ids.get(*subject) {
                Some(Some(id)) => Possible::one(&**id),
                _ => Possible::any(),
            },
            TextExpr::Define(place) => match self.body(*place) {
                Some(Typed::Text(body)) => self.text(body),
                _ => Possible::fault(),
            },
            TextExpr::Pick(pick) => self.pick(pick, |e, part| e.text(part)),
        }
    }

    /// The entries of a list, if it is known.
    pub(crate) fn list(&self, expr: &'a ListExpr) -> Option<&'a [Box<str>]> {
        let known = |value: Option<&'a Value>| match value {
            Some(Value::List(entries)) => Some(&**entries),
            _ => None,
        };
        match expr {
            ListExpr::Const(entries) => Some(entries),
            ListExpr::Fact(place) => known(self.facts.get(*place)),
            ListExpr::Staff(place) => known(self.staff.get(*place)),
            ListExpr::Define(place) => match self.body(*place) {
                Some(Typed::List(body)) => self.list(body),
                _ => None,
            },
        }
    }

    fn pick<T, V: Join>(&self, pick: &'a Pick<T>, value: impl Fn(&Self, &'a T) -> V) -> V {
        match pick {
            Pick::Choose(condition, yes, no) => {
                let condition = self.possible_truth(condition);
                let mut result = if condition.can_be_fault() { V::fault() } else { V::nothing() };
                if condition.can_be_true() {
                    result = result.join(value(self, yes));
                }
                if condition.can_be_false() {
                    result = result.join(value(self, no));
                }
                result
            }
            Pick::Table(table) => {
                let known = self.known_choice(&table.key).and_then(|p| table.entries.get(*table.place.get(p)?));
                if let Some(entry) = known {
                    return value(self, entry);
                }
                let key = self.choice(&table.key);
                let begin = if key.fault { V::fault() } else { V::nothing() };
                let entries = table.possible(&key.values.unwrap_or_default());
                entries.into_iter().fold(begin, |result, entry| result.join(value(self, entry)))
            }
        }
    }

    pub(super) fn body(&self, place: usize) -> Option<&'a Typed> {
        self.definitions.get(place).map(|d| &d.body)
    }
}

/// The bounds of numbers, money and durations.
const WHOLE: (i64, i64) = (i64::MIN, i64::MAX);

fn ends(a: Range, b: Range, low_high: impl Fn(Range, Range) -> (i128, i128), bounds: (i64, i64)) -> Range {
    if a.is_empty() || b.is_empty() {
        return Range::FAULT;
    }
    let (low, high) = low_high(a, b);
    Range::computed(Some(low), Some(high), bounds, a.is_point() && b.is_point(), a.fault || b.fault)
}

fn truth_of(value: Option<&Value>) -> Truth {
    match value {
        Some(Value::Truth(truth)) => Truth::of(*truth),
        _ => Truth::UNKNOWN,
    }
}

fn range_of(value: Option<&Value>, fact: Option<&Fact>) -> Range {
    match (value, fact) {
        (Some(Value::Count(count)), _) => Range::point(*count),
        (_, Some(fact)) => Range::between(fact.range),
        _ => Range::FAULT,
    }
}

fn same(a: Truth, b: Truth) -> Truth {
    let both = a.and(b);
    let neither = a.not().and(b.not());
    let fault = a.can_be_fault() || b.can_be_fault();
    let different = (a.can_be_true() && b.can_be_false()) || (a.can_be_false() && b.can_be_true());
    Truth::possible(both.can_be_true() || neither.can_be_true(), different, fault)
}

/// Whether the second has every entry of the first, as often.
fn is_subset(part: &[Box<str>], whole: &[Box<str>]) -> bool {
    let times = |list: &[Box<str>], entry: &str| list.iter().filter(|e| ***e == *entry).count();
    part.iter().all(|entry| times(part, entry) <= times(whole, entry))
}

fn known_lists(a: Option<&[Box<str>]>, b: Option<&[Box<str>]>, holds: impl Fn(&[Box<str>], &[Box<str>]) -> bool) -> Truth {
    match (a, b) {
        (Some(a), Some(b)) => Truth::of(holds(a, b)),
        _ => Truth::UNKNOWN,
    }
}
